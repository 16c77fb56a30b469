"""The gate: a line for each objective, an exit code for each sort of failure, and words for a file that is wrong."""

import pytest
from click.testing import CliRunner
from lxml import etree
from msgspec.structs import replace

from loadtests.__main__ import main
from loadtests.gate import Check, Exit, checks, exit_code, junit, markdown, read_slo
from loadtests.measures import Measures, Sample
from loadtests.morning import Assumptions
from loadtests.options import BadOption, Options, checked, schedule, slice_s
from loadtests.report import html
from loadtests.results import Lost, Results
from mockserver.playbook.reading import Mistake

ARRIVALS = 1_000


def measured(**outcomes: int) -> Measures:
    """Arrivals of 20 ms each, answered rightly but for those that are named."""
    measures, number = Measures(), 0
    kinds = [outcome for outcome, count in outcomes.items() for _ in range(count)]
    for outcome in [*kinds, *["answered"] * (ARRIVALS - len(kinds))]:
        number += 1
        if outcome == "dropped":
            measures.drop(number / 100)
            continue
        reason = "" if outcome == "answered" else "expected 1, found 2"
        measures.record(
            Sample("search", "clinic", "ordinary", number / 100, number / 100, number / 100 + 0.02, outcome, reason)
        )
    return measures


def results(measures: Measures, **changes: object) -> Results:
    found = Results(
        options=Options(minutes=1 / 6, rate_per_s=100),
        assumptions=Assumptions(),
        host="http://127.0.0.1:1",
        began=1_764_547_200.0,
        driven_s=10.0,
        is_early=False,
        can_tap=False,
        slice_s=1,
        offered=[100] * 10,
        measures=measures.plain(),
        members=[[0, ["local"]]],
        lost=Lost(arrivals=ARRIVALS - measures.told),
        curve=[1.0] * 1440,
        stretch=(32_400.0, 32_410.0),
        machine={"python": "3"},
    )
    return replace(found, **changes)


def slo(tmp_path, text):
    path = tmp_path / "slo.toml"
    path.write_text(text, encoding="utf-8")
    return read_slo(path)


def judged(tmp_path, text, measures, **changes) -> tuple[list[Check], Exit]:
    found = results(measures, **changes)
    lines = checks(slo(tmp_path, text), found, measures)
    return lines, exit_code(lines, found, measures)


@pytest.mark.parametrize(
    ("text", "outcomes", "code"),
    [
        ("[paths.search]\np99_ms = 25", {}, Exit.PASSED),
        ("[paths.search]\np99_ms = 15", {}, Exit.SLO_BROKEN),
        ("[paths.search]\np50_ms = 15", {}, Exit.SLO_BROKEN),
        ("[paths.search]\nerror_percent = 1.0", {"failed": 10}, Exit.PASSED),
        ("[paths.search]\nerror_percent = 1.0", {"failed": 11}, Exit.SLO_BROKEN),
        ("[paths.search]\nerror_percent = 0.0", {"planned": 500}, Exit.PASSED),
        ("[paths.search]\nerror_percent = 0.0", {"wrong": 1}, Exit.SLO_BROKEN),
        ("[run]\nmost_wrong_answers = 0", {"wrong": 1}, Exit.SLO_BROKEN),
        ("[patterns.ordinary]\nerror_percent = 0.0", {"wrong": 1}, Exit.SLO_BROKEN),
        ("[kinds.clinic]\nleast_requests = 1001", {}, Exit.SLO_BROKEN),
        ("[run]\nleast_requests = 1001", {}, Exit.SLO_BROKEN),
        ("[run]\nleast_achieved_percent = 99.5", {"failed": 5}, Exit.PASSED),
        ("[run]\nleast_achieved_percent = 99.5", {"failed": 6}, Exit.SLO_BROKEN),
        ("[run]\nleast_achieved_percent = 99.5", {"dropped": 6}, Exit.SLO_BROKEN),
        ("[run]\nmost_dropped_percent = 0.0", {"dropped": 1}, Exit.SLO_BROKEN),
        ("[run]\nmost_dropped_percent = 0.1", {"dropped": 1}, Exit.PASSED),
        ("[paths.tap]\np99_ms = 1", {}, Exit.PASSED),
        ("[paths.tap]\nleast_requests = 1", {}, Exit.SLO_BROKEN),
    ],
)
def test_an_objective_decides(tmp_path, text, outcomes, code):
    assert judged(tmp_path, text, measured(**outcomes))[1] is code


def test_what_was_not_measured_is_skipped_and_said(tmp_path):
    lines, _ = judged(tmp_path, "[paths.tap]\np99_ms = 1", measured())
    assert [line.line for line in lines] == ["SKIP  経路 tap / path tap: 0 件 / no requests (p99_ms 1)"]


def test_an_overloaded_generator_counts_before_a_broken_objective(tmp_path):
    measures = measured(failed=500)
    measures.cpu_percent["local"] = [20.0, *[97.0] * 30]
    text = "[run]\nmost_generator_cpu_percent = 85\n[paths.search]\nerror_percent = 0.0"
    lines, code = judged(tmp_path, text, measures)
    assert code is Exit.GENERATOR_OVERLOADED
    told = "FAIL  負荷生成側の CPU / generator CPU, % of a core: 97 (85 以下 / at most 85)"
    assert told in [line.line for line in lines]


def test_lost_arrivals_are_the_generators_fault(tmp_path):
    lost = Lost(arrivals=40)
    assert judged(tmp_path, "[run]\nmost_lost_arrivals = 0", measured(), lost=lost)[1] is Exit.GENERATOR_OVERLOADED


def test_a_run_of_nothing_does_not_pass(tmp_path):
    nothing = Measures()
    assert judged(tmp_path, "", nothing)[1] is Exit.NOTHING_RAN


def test_a_run_that_was_cut_short_does_not_pass(tmp_path):
    assert judged(tmp_path, "", measured(), is_early=True)[1] is Exit.INTERRUPTED


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ("[paths.serch]\np99_ms = 1", "paths.serch", "search"),
        ("[paths.search]\np99ms = 1", "paths.search.p99ms", "did you mean p99_ms"),
        ("[pattern.ordinary]\np99_ms = 1", "pattern", "did you mean patterns"),
        ("[patterns.job-change-gpa]\np99_ms = 1", "patterns.job-change-gpa", "job-change-gap"),
        ("[run]\nleast_achieved_percent = 101", "run.least_achieved_percent", "100"),
        ("[paths.search]\np99_ms = 'fast'", "paths.search.p99_ms", "number"),
    ],
)
def test_an_unknown_name_is_refused_with_its_place(tmp_path, text, path, words):
    mistake = slo(tmp_path, text)
    assert isinstance(mistake, Mistake)
    assert mistake.path == path
    assert words in mistake.english
    assert mistake.place.line in (1, 2)


@pytest.mark.parametrize("option", ["--slo", "--assumptions"])
def test_a_file_that_is_not_utf_8_is_told_of_with_its_place(tmp_path, option):
    path = tmp_path / "objectives.toml"
    path.write_bytes("[run]\n# 朝".encode("shift_jis"))
    done = CliRunner().invoke(main, [option, str(path)])
    assert done.exit_code == Exit.BAD_CONFIGURATION
    assert f"{path}:2:3: UTF-8 ではありません" in done.output
    assert "expected UTF-8" in done.output


def test_the_summaries_say_the_same(tmp_path):
    lines, code = judged(
        tmp_path, "[paths.search]\np99_ms = 15\nerror_percent = 0.0\n[paths.tap]\np50_ms = 1", measured()
    )
    suite = etree.fromstring(junit(lines, code))
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("4", "1", "1")
    assert suite.find("testcase/failure").get("message").startswith("経路 search 応答時間 / path search p99, ms: 20")
    assert "| FAIL | 経路 search 応答時間 / path search p99, ms | 20" in markdown(lines, code)
    assert "SLO_BROKEN (1)" in markdown(lines, code)


def test_the_report_is_one_file_with_every_picture(tmp_path):
    measures = measured(failed=3, dropped=2, wrong=1)
    lines, code = judged(tmp_path, "[paths.search]\np99_ms = 15", measures)
    page = html(results(measures), measures, lines, code)
    assert page.count("<svg") == 8
    assert "SLO_BROKEN" in page
    for words in ("医科診療所 / clinic", "取りこぼし", "expected 1, found 2"):
        assert words in page
    assert "src=" not in page
    assert 'href="http' not in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"minutes": 0.0}, "--minutes"),
        ({"minutes": -1.0}, "--minutes"),
        ({"country": -0.1}, "--country"),
        ({"rate_per_s": -5.0}, "--rate-per-s"),
        ({"connections": 0}, "--connections"),
        ({"troubled_percent": 101.0}, "--troubled-percent"),
        ({"begin": "nine"}, "--from"),
        ({"begin": "23:50", "minutes": 60.0}, "midnight"),
        ({"login": "[]"}, "--login"),
        ({"country": float("nan")}, "--country"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_by_name(changes, words):
    with pytest.raises(BadOption, match=words) as refused:
        checked(Options(**changes))
    assert " / " in str(refused.value)


def test_long_runs_have_wider_slices():
    assert slice_s(Options(minutes=10)) == 1
    assert slice_s(Options(minutes=180)) == 18
    assert schedule(Options(country=0.01, minutes=10), Assumptions()).count > 100

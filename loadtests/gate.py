"""The gate: what a run must keep (slo.toml), a line PASS or FAIL for each, and an exit code that says which sort of failure.

Expected refusals (該当資格なし) and planned faults are no errors; a wrong answer is one.
"""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from lxml import etree
from msgspec import Meta, Struct
from msgspec.structs import asdict

from loadtests.measures import PERCENTILES, Measures, Tally
from loadtests.people import ORDINARY
from loadtests.results import Results
from mockserver.playbook.document import Place
from mockserver.playbook.reading import Document, Mistake, read_toml
from mockserver.playbook.shaping import shape
from mockserver.scenarios.casting import BY_ID

Milliseconds = Annotated[float, Meta(gt=0)]
Percent = Annotated[float, Meta(ge=0, le=100)]
Count = Annotated[int, Meta(ge=0)]
PathName = Literal["search", "tap", "again", "login"]
KindName = Literal["hospital", "clinic", "dental", "pharmacy"]
PatternName = Literal[(ORDINARY, *sorted(BY_ID))]  # type: ignore[valid-type]

Shaped = TypeVar("Shaped", bound=Struct)


class Exit(IntEnum):
    """Exit codes of `python -m loadtests`."""

    PASSED = 0
    SLO_BROKEN = 1
    BAD_CONFIGURATION = 2
    GENERATOR_OVERLOADED = 3
    NOTHING_RAN = 4
    TARGET_MISSING = 5
    INTERRUPTED = 6


class RunObjectives(Struct, frozen=True, forbid_unknown_fields=True):
    """Of the run as a whole."""

    least_requests: Count | None = None
    least_achieved_percent: Percent | None = None
    most_wrong_answers: Count | None = None
    most_dropped_percent: Percent | None = None
    most_lost_arrivals: Count | None = None
    most_generator_cpu_percent: Annotated[float, Meta(gt=0)] | None = None
    most_generator_delay_p99_ms: Milliseconds | None = None


class Objectives(Struct, frozen=True, forbid_unknown_fields=True):
    """Of a path, a kind of institution or a pattern."""

    p50_ms: Milliseconds | None = None
    p90_ms: Milliseconds | None = None
    p95_ms: Milliseconds | None = None
    p99_ms: Milliseconds | None = None
    p99_9_ms: Milliseconds | None = None
    error_percent: Percent | None = None
    least_requests: Count | None = None


class Slo(Struct, frozen=True, forbid_unknown_fields=True):
    """A file of objectives."""

    run: RunObjectives = RunObjectives()
    paths: dict[PathName, Objectives] = {}
    kinds: dict[KindName, Objectives] = {}
    patterns: dict[PatternName, Objectives] = {}


class Check(Struct, frozen=True):
    """An objective and what was found. `state`: SKIP where there was nothing to measure. `name` in English, for machines."""

    name: str
    japanese: str
    state: Literal["PASS", "FAIL", "SKIP"]
    found: str
    expected: str
    is_about_generator: bool = False

    @property
    def line(self) -> str:
        """As it is printed."""
        return f"{self.state}  {self.title}: {self.found} ({self.expected})"

    @property
    def title(self) -> str:
        """The objective in both languages."""
        return f"{self.japanese} / {self.name}"


def read_slo(path: Path) -> Slo | Mistake:
    """The objectives of a file, or what is wrong with it and where."""
    return read_shaped(path, Slo)


def read_shaped(path: Path, kind: type[Shaped]) -> Shaped | Mistake:
    """A TOML file as a struct, or what is wrong with it and where."""
    data = path.read_bytes()
    try:
        document = read_toml(data.decode())
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        found = f"0x{data[error.start]:02X}"
        return Mistake(
            Place(line, column),
            "",
            f"UTF-8 ではありません（{found}）。UTF-8 で保存してください",
            f"found the byte {found}, expected UTF-8",
        )
    return shape(document, (), document.value, kind) if isinstance(document, Document) else document


def checks(slo: Slo, results: Results, measures: Measures) -> list[Check]:
    """Every objective against what was measured."""
    found = list(_of_run(slo.run, results, measures))
    sorts = (("path", "経路", slo.paths), ("kind", "機関", slo.kinds), ("pattern", "パターン", slo.patterns))
    for dimension, japanese, objectives in sorts:
        for name, wanted in objectives.items():
            tally = measures.tallies.get((dimension, name), Tally())
            found += _of_tally(f"{dimension} {name}", f"{japanese} {name}", wanted, tally)
    return found


def exit_code(found: Iterable[Check], results: Results, measures: Measures) -> Exit:
    """What the run comes to; what an overloaded generator measured is worth nothing, so that counts first."""
    if not measures.told:
        return Exit.NOTHING_RAN
    if results.is_early:
        return Exit.INTERRUPTED
    failed = [check for check in found if check.state == "FAIL"]
    if any(check.is_about_generator for check in failed):
        return Exit.GENERATOR_OVERLOADED
    return Exit.SLO_BROKEN if failed else Exit.PASSED


def _of_run(slo: RunObjectives, results: Results, measures: Measures) -> Iterator[Check]:
    offered, arrived = sum(results.offered), measures.named("kind").values()
    outcomes = {one: sum(tally.outcomes[one] for tally in arrived) for one in ("answered", "wrong", "planned")}
    achieved = 100 * sum(outcomes.values()) / offered if offered else 0.0
    dropped = 100 * measures.counts["dropped"] / offered if offered else 0.0
    yield from _least("requests", "件数", measures.told, slo.least_requests)
    yield from _least("achieved of offered, %", "予定に対する応答の割合", achieved, slo.least_achieved_percent)
    yield from _most("wrong answers", "誤答", outcomes["wrong"], slo.most_wrong_answers)
    yield from _most("dropped, %", "取りこぼし", dropped, slo.most_dropped_percent)
    lost = results.lost.arrivals
    yield from _most("lost arrivals", "喪失", lost, slo.most_lost_arrivals, is_about_generator=True)
    cpu = max((_p95(percents) for percents in measures.cpu_percent.values()), default=0.0)
    most_cpu, most_delay_ms = slo.most_generator_cpu_percent, slo.most_generator_delay_p99_ms
    yield from _most("generator CPU, % of a core", "負荷生成側の CPU", cpu, most_cpu, is_about_generator=True)
    delay_ms = measures.delay.get_value_at_percentile(99) / 1000
    yield from _most("generator delay p99, ms", "負荷生成側の遅れ", delay_ms, most_delay_ms, is_about_generator=True)


def _of_tally(name: str, japanese: str, slo: Objectives, tally: Tally) -> Iterator[Check]:
    wanted = {field: value for field, value in asdict(slo).items() if value is not None}
    if not tally.requests and not slo.least_requests:
        objectives = ", ".join(f"{field} {value:g}" for field, value in wanted.items())
        yield Check(name, japanese, "SKIP", "0 件 / no requests", objectives)
        return
    yield from _least(f"{name} requests", f"{japanese} 件数", tally.requests, slo.least_requests)
    for percentile, at in PERCENTILES.items():
        most_ms = wanted.get(f"{percentile}_ms")
        yield from _most(f"{name} {percentile}, ms", f"{japanese} 応答時間", tally.latency_ms(at), most_ms)
    yield from _most(f"{name} errors, %", f"{japanese} エラー率", tally.error_percent, slo.error_percent)


def _least(name: str, japanese: str, found: float, least: float | None) -> Iterator[Check]:
    if least is not None:
        state: Literal["PASS", "FAIL"] = "PASS" if found >= least else "FAIL"
        bound = _number(least)
        yield Check(name, japanese, state, _number(found), f"{bound} 以上 / at least {bound}")


def _most(
    name: str, japanese: str, found: float, most: float | None, *, is_about_generator: bool = False
) -> Iterator[Check]:
    if most is not None:
        state: Literal["PASS", "FAIL"] = "PASS" if found <= most else "FAIL"
        bound = _number(most)
        expected = f"{bound} 以下 / at most {bound}"
        yield Check(name, japanese, state, _number(found), expected, is_about_generator)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or value >= 1000 else f"{value:.4g}"


def _p95(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)] if ordered else 0.0


def markdown(found: Iterable[Check], code: Exit) -> str:
    """A summary for a pull request or a job's page."""
    rows = "\n".join(f"| {c.state} | {c.title} | {c.found} | {c.expected} |" for c in found)
    head = "| | 目標 / objective | 結果 / found | 基準 / expected |\n|---|---|---|---|"
    return f"# 負荷試験 / Load test: {code.name} ({code.value})\n\n{head}\n{rows}\n"


def junit(found: Iterable[Check], code: Exit) -> bytes:
    """The same for a CI server: a test case for each objective, and one for the run."""
    suite = etree.Element("testsuite", name="loadtests")
    cases = list(found)
    run = etree.SubElement(suite, "testcase", classname="loadtests", name="run")
    if code in (Exit.NOTHING_RAN, Exit.INTERRUPTED):
        etree.SubElement(run, "failure", message=code.name)
    for check in cases:
        case = etree.SubElement(suite, "testcase", classname="loadtests.slo", name=check.name)
        if check.state == "FAIL":
            etree.SubElement(case, "failure", message=f"{check.title}: {check.found} ({check.expected})")
        if check.state == "SKIP":
            etree.SubElement(case, "skipped", message=check.found)
    suite.set("tests", str(len(cases) + 1))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    return bytes(etree.tostring(suite, xml_declaration=True, encoding="utf-8", pretty_print=True))

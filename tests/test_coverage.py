"""Which patterns were met, and how the product went on after them, told as stories."""

import itertools

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html

from mockserver.coverage import CoverageRow, CoverageView, Meetings, report
from mockserver.coverage.pages import junit, page
from mockserver.exchange import Exchange
from mockserver.faulting import Faulting, NewFault
from mockserver.scenarios.casting import BY_CODE, PATTERNS
from mockserver.settings import Settings
from mockserver.tapping import NewTap, lay_down
from mockserver.wire.json_codec import encode
from tests.support import CLINIC, NOW, Desk

OTHER_CLINIC = "1311111111"
VALID, LOST, NO_MATCH, OLD, NEW = (BY_CODE[code] for code in ("01", "02", "04", "20", "21"))
PAIR = OLD.plays.pattern_id()


def whole(exchange: Exchange) -> CoverageView:
    """The coverage of all clinics."""
    total, *others = exchange.coverage.parts(exchange.journals)
    for other in others:
        total.add(other)
    return report(total, None, NOW, exchange.journals.is_kept)


def own(desk: Desk) -> CoverageView:
    """The coverage of a clinic."""
    exchange = desk.exchange
    total = exchange.coverage.clinic(exchange.journals, desk.clinic)
    return report(total, desk.clinic, NOW, exchange.journals.is_kept)


def row(view: CoverageView, key: str) -> CoverageRow:
    (found,) = (row for row in view.patterns if row.id == key)
    return found


def fault(view: CoverageView, key: str) -> CoverageRow:
    (found,) = (row for row in view.faults if row.id == key)
    return found


def met(view: CoverageView) -> dict[str, int]:
    """The patterns that were met, and how often."""
    return {row.id: row.counts.times for row in view.patterns if row.is_met}


def fail(desk: Desk, name: str, **whom: object) -> None:
    Faulting(desk.exchange).add(desk.clinic, NewFault(fault=name, **whom), NOW)


@pytest.mark.parametrize(
    ("asked", "pattern", "people", "again", "other", "gave_up"),
    [
        ([LOST], "lost", 1, {}, {}, 1),
        ([LOST, LOST], "lost", 1, {"2": 1}, {}, 0),
        ([LOST, LOST, LOST], "lost", 1, {"2": 1}, {}, 0),
        ([LOST, VALID], "lost", 1, {}, {}, 1),
        ([OLD, NEW], PAIR, 1, {}, {"1": 1}, 0),
        ([OLD, OLD, NEW], PAIR, 1, {"3": 1}, {"1": 1}, 0),
        ([NEW, OLD, NEW], PAIR, 1, {"1": 1}, {"3": 1}, 0),
        ([OLD, LOST, NEW, LOST], "lost", 1, {"2": 1}, {}, 0),
        ([NO_MATCH, NO_MATCH], "no-match", 1, {"4": 1}, {}, 0),
    ],
)
def test_how_it_went_on_is_told_by_what_was_asked_next(asked, pattern, people, again, other, gave_up):
    desk = Desk()
    desk.go_to(60)
    for ready in asked:
        desk.ask(desk.ready(ready))
    counts = row(own(desk), pattern).counts
    assert counts.times == sum(ready.plays.pattern_id() == pattern for ready in asked)
    assert counts.people == people
    assert (counts.asked_again.said, counts.other_number.said) == (again, other)
    assert (counts.asked_again.people, counts.other_number.people) == (len(again), len(other))
    assert counts.gave_up == gave_up


def test_what_is_not_met_is_in_the_report_in_the_order_of_the_catalogue():
    desk = Desk()
    desk.ask(desk.ready(VALID))
    view = own(desk)
    assert [row.id for row in view.patterns] == [pattern.pattern_id() for pattern in PATTERNS]
    assert (met(view), view.met) == ({"valid": 1}, 1)
    assert row(view, "lost") == CoverageRow("lost", "history", "無効（資格喪失）", "lost", False, Meetings())


def test_asked_again_until_there_is_an_answer():
    desk = Desk()
    waiting = desk.ready(next(ready for ready in BY_CODE.values() if ready.plays.pattern_id() == "still-processing"))
    assert desk.validity(waiting) == "1"
    counts = row(own(desk), "still-processing").counts
    assert counts.said.keys() == {"processing", "1"}
    assert counts.asked_again.said == {"1": 1}


def test_a_card_on_the_reader_is_a_way_of_meeting():
    desk = Desk()
    lay_down(desk.exchange, CLINIC, NewTap(code=LOST.code), NOW)
    desk.ask(desk.ready(LOST))
    counts = row(own(desk), "lost").counts
    assert counts.ways == {"card": 1, "http": 1}
    assert (counts.people, counts.asked_again.said) == (1, {"2": 1})


def test_an_answer_lost_to_a_fault_is_no_meeting():
    desk = Desk()
    fail(desk, "outage", first=1)
    desk.ask(desk.ready(LOST))
    lost, outage = row(own(desk), "lost"), fault(own(desk), "outage")
    assert (lost.is_met, lost.counts.times, lost.counts.hidden) == (False, 1, 1)
    assert (outage.is_met, outage.counts.people, outage.counts.gave_up) == (True, 1, 1)
    desk.ask(desk.ready(LOST))
    lost, outage = row(own(desk), "lost"), fault(own(desk), "outage")
    assert (lost.is_met, lost.counts.gave_up) == (True, 1)
    assert outage.counts.asked_again.said == {"2": 1}


def test_an_answer_that_was_only_late_is_a_meeting():
    desk = Desk()
    fail(desk, "slow", parameters={"ms": 5})
    desk.ask(desk.ready(LOST))
    assert row(own(desk), "lost").is_met
    assert fault(own(desk), "slow").counts.times == 1


def test_a_fault_of_the_login_is_about_nobody():
    desk = Desk()
    fail(desk, "outage", path="login")
    desk.exchange.login(b'{"clinic": "%s"}' % CLINIC.encode(), NOW)
    outage = fault(own(desk), "outage").counts
    assert (outage.times, outage.ways, outage.people) == (1, {"login": 1}, 0)


def test_a_reset_clears_the_clinics_own_report_but_not_that_of_all():
    desk = Desk()
    desk.ask(desk.ready(LOST))
    desk.ask(desk.ready(LOST))
    before = whole(desk.exchange)
    desk.exchange.reset(CLINIC)
    assert met(own(desk)) == {}
    assert whole(desk.exchange) == before
    desk.ask(desk.ready(LOST))
    assert met(whole(desk.exchange)) == {"lost": 3}


def test_the_same_number_in_two_clinics_is_two_people():
    desk = Desk()
    other = Desk(OTHER_CLINIC, desk.exchange)
    desk.ask(desk.ready(LOST))
    other.ask(other.ready(LOST))
    counts = row(whole(desk.exchange), "lost").counts
    assert (counts.people, counts.gave_up) == (2, 2)
    assert met(own(desk)) == met(own(other)) == {"lost": 1}


def test_started_anew_only_what_comes_counts_for_all_and_a_clinics_own_stays():
    desk = Desk()
    gone = Desk(OTHER_CLINIC, desk.exchange)
    for one in (desk, gone):
        one.ask(one.ready(LOST))
    desk.exchange.reset(OTHER_CLINIC)
    desk.exchange.coverage.start_anew(desk.exchange.journals)
    assert met(whole(desk.exchange)) == {}
    assert whole(desk.exchange).dropped == 0
    desk.ask(desk.ready(VALID))
    assert met(whole(desk.exchange)) == {"valid": 1}
    assert met(own(desk)) == {"lost": 1, "valid": 1}
    desk.exchange.reset(CLINIC)
    assert met(whole(desk.exchange)) == {"valid": 1}


def test_what_the_journal_dropped_still_counts_as_met_and_is_told():
    desk = Desk(journal_entries=3)
    desk.ask(desk.ready(LOST))
    for _ in range(4):
        desk.ask(desk.ready(VALID))
    view = own(desk)
    assert met(view) == {"lost": 1, "valid": 4}
    assert (row(view, "lost").counts.people, view.entries, view.dropped) == (0, 3, 2)
    assert "2" in view.remarks[0].japanese
    assert "2 entries" in view.remarks[0].english


def test_a_clinic_that_gave_way_to_others_still_counts_as_having_met():
    exchange = Exchange(Settings(require_token=False, journal_entries_total=6), NOW)
    for number, ready in enumerate((LOST, VALID, VALID)):
        desk = Desk(f"13{number:08d}", exchange)
        for _ in range(3):
            desk.ask(desk.ready(ready))
    view = whole(exchange)
    assert met(view) == {"lost": 3, "valid": 6}
    assert (view.clinics, view.dropped) == (3, 3)
    back = Desk("1300000000", exchange)
    assert (met(own(back)), own(back).dropped) == ({}, 3)
    back.ask(back.ready(LOST))
    assert (met(own(back)), own(back).dropped) == ({"lost": 1}, 3)
    assert met(whole(exchange)) == {"lost": 4, "valid": 6}
    assert whole(exchange).entries + whole(exchange).dropped == 10


def test_without_a_journal_the_report_says_so():
    desk = Desk(journal_entries=0)
    desk.ask(desk.ready(VALID))
    view = own(desk)
    assert view.met == 0
    assert "--journal-entries 0" in view.remarks[0].english


@settings(derandomize=True, max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([LOST, OLD, NEW, VALID]), st.booleans()), max_size=12))
def test_resets_at_any_time_lose_no_meeting_and_everybody_went_on_or_gave_up(steps):
    desk = Desk()
    for ready, is_reset in steps:
        desk.ask(desk.ready(ready))
        if is_reset:
            desk.exchange.reset(CLINIC)
    view = whole(desk.exchange)
    assert sum(met(view).values()) == len(steps)
    for one in view.patterns:
        counts = one.counts
        went_on = counts.people - counts.gave_up
        both = counts.asked_again.people, counts.other_number.people
        assert max(both) <= went_on <= sum(both)


def test_nobodys_number_or_birth_date_is_in_any_form():
    desk = Desk()
    request = desk.ready(LOST)
    desk.ask(request)
    view, search = own(desk), request.XmlMsg.MessageBody.QualificationConfirmSearchInfo
    for written, identity in itertools.product(
        (msgspec.json.encode(view), page(view), junit(view)),
        (search.InsuredIdentificationNumber, search.Birthdate, search.InsurerNumber),
    ):
        assert identity.encode() not in written


def test_the_page_has_every_pattern_and_how_it_went_on():
    desk = Desk()
    desk.ask(desk.ready(LOST))
    desk.ask(desk.ready(LOST))
    root = html.fromstring(page(own(desk)))
    lines = {line.findtext(".//code"): " ".join(line.itertext()) for line in root.iterfind(".//tbody/tr")}
    for pattern in PATTERNS:
        assert pattern.about.title_ja in lines[pattern.pattern_id()]
        assert pattern.about.title_en in lines[pattern.pattern_id()]
    assert "✓ 2" in lines["lost"]
    assert "asked again: 1 → 2 無効 lost: 1" in lines["lost"]
    assert "✓" not in lines["valid"]
    assert not root.findall(".//script")
    assert not root.findall(".//link")


def test_junit_has_a_passed_case_for_what_was_met_and_a_skipped_one_for_the_rest():
    desk = Desk()
    fail(desk, "outage", first=1)
    for ready in (LOST, VALID):
        desk.ask(desk.ready(ready))
    suite = etree.fromstring(junit(own(desk))).find("testsuite")
    assert (suite.get("tests"), suite.get("skipped"), suite.get("failures")) == (
        str(len(PATTERNS)),
        str(len(PATTERNS) - 1),
        "0",
    )
    cases = {case.get("name").partition(":")[0]: case for case in suite.iterfind("testcase")}
    assert len(cases) == len(PATTERNS)
    assert "gave up: 1" in cases["valid"].findtext("system-out")
    assert "lost to a fault" in cases["lost"].find("skipped").get("message")
    assert "not met" in cases["renewed"].find("skipped").get("message")
    assert suite.find("properties/property[@name='fault.outage']").get("value") == "1"


def test_a_wrong_birth_date_is_another_person():
    desk = Desk()
    request = desk.ready(LOST)
    desk.ask(request)
    born = request.XmlMsg.MessageBody.QualificationConfirmSearchInfo.Birthdate
    desk.exchange.search(encode(request).replace(born.encode(), b"19000101"), None, NOW)
    counts = row(own(desk), "lost").counts
    assert (counts.people, counts.gave_up) == (2, 2)

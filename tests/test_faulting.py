"""Fault rules as a tester sets them: whom they hit, timelines on the clinic's clock, and what cannot be set."""

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.clock import JST
from mockserver.denial import Denial
from mockserver.faulting import Faulting, NewFault, NewStep, NewTimeline
from mockserver.faults import FAULTS, Slow
from mockserver.faults.spans import Span
from mockserver.scenarios.casting import BY_CODE
from mockserver.views import ClockChange, Identity, NewClinic
from mockserver.wire.json_codec import encode
from tests.support import CLINIC, NOW, Desk

VALID, LOST = BY_CODE["01"], BY_CODE["02"]
OTHER = "1311111111"


def faulting(desk: Desk) -> Faulting:
    return Faulting(desk.exchange)


def fates(desk: Desk, times: int, ready=VALID) -> list[str | None]:
    """What is decided for so many look-ups."""
    replies = [desk.ask(desk.ready(ready)) for _ in range(times)]
    return [str(reply.decision) if reply.decision else None for reply in replies]


def statuses(desk: Desk, times: int, ready=VALID) -> list[int]:
    return [desk.ask(desk.ready(ready)).status for _ in range(times)]


@pytest.mark.parametrize(
    ("rule", "hit"),
    [
        ({}, [503] * 4),
        ({"first": 2}, [503, 503, 200, 200]),
        ({"nth": (2, 4)}, [200, 503, 200, 503]),
        ({"path": "search"}, [503] * 4),
        ({"path": "files"}, [200] * 4),
        ({"path": "login"}, [200] * 4),
        ({"pattern": "valid", "first": 1}, [503, 200, 200, 200]),
        ({"pattern": "lost"}, [200] * 4),
        ({"since": "08:00", "until": "09:30"}, [503] * 4),
        ({"since": "09:30"}, [200] * 4),
        ({"since": "23:00", "until": "09:30"}, [503] * 4),
    ],
)
def test_a_rule_hits_whom_it_is_about(rule, hit):
    desk = Desk()
    faulting(desk).add(CLINIC, NewFault(fault="outage", **rule), NOW)
    assert statuses(desk, 4) == hit


def test_a_rule_about_a_person_follows_them_to_their_other_number():
    desk = Desk()
    old, new = BY_CODE["20"], BY_CODE["21"]
    card = desk.ready(old).XmlMsg.MessageBody.QualificationConfirmSearchInfo
    person = {
        "insurer_number": card.InsurerNumber,
        "number": card.InsuredIdentificationNumber,
        "birthdate": datetime.strptime(card.Birthdate, "%Y%m%d").replace(tzinfo=JST).date(),
        "symbol": card.InsuredCardSymbol,
    }
    from_dict = NewFault(fault="outage", person=Identity(**person))
    faulting(desk).add(CLINIC, from_dict, NOW)
    assert statuses(desk, 1, old) == statuses(desk, 1, new) == [503]
    assert statuses(desk, 1, VALID) == [200]


def test_a_clinics_rules_are_its_own_and_those_for_all_hit_everybody():
    desk = Desk()
    other = Desk(OTHER, desk.exchange)
    faulting(desk).add(CLINIC, NewFault(fault="outage"), NOW)
    assert (statuses(desk, 1), statuses(other, 1)) == ([503], [200])
    faulting(desk).add(None, NewFault(fault="maintenance", first=1), NOW)
    assert statuses(other, 2) == [503, 200]


def test_the_same_run_twice_meets_the_same_and_another_clinic_something_else():
    def run(clinic: str) -> list[str | None]:
        desk = Desk(clinic)
        faulting(desk).add(clinic, NewFault(fault="slow", parameters={"min_ms": 0, "max_ms": 999}), NOW)
        faulting(desk).add(clinic, NewFault(fault="outage", share_percent=30), NOW)
        return fates(desk, 40)

    assert run(CLINIC) == run(CLINIC) != run(OTHER)


def test_clinics_of_one_name_meet_the_same_whatever_their_code():
    def run() -> list[str | None]:
        first = desk.control.new_clinic(NewClinic(name="test_a"), NOW)
        named = Desk(first.code, desk.exchange)
        faulting(named).add(first.code, NewFault(fault="outage", share_percent=50), NOW)
        return [told and told.split(" rule")[0] for told in fates(named, 30)]

    desk = Desk()
    assert run() == run()


@settings(max_examples=25, derandomize=True, deadline=None)
@given(st.floats(1, 99))
def test_a_share_is_about_that_share(share):
    desk = Desk()
    faulting(desk).add(CLINIC, NewFault(fault="outage", share_percent=share), NOW)
    hit = statuses(desk, 300).count(503)
    assert abs(hit - 3 * share) < 35


@settings(max_examples=50, derandomize=True, deadline=None)
@given(st.integers(1, 5_000), st.integers(0, 50_000))
def test_a_log_normal_latency_has_the_median_and_p99_it_was_given(median, more):
    slow = Slow(median_ms=median, p99_ms=min(median + more, 600_000))
    assert slow.delay_ms(0.5, timedelta()) == median
    assert abs(slow.delay_ms(0.99, timedelta()) - slow.p99_ms) <= 1


def test_a_timeline_goes_from_slow_to_down_to_a_backlog_and_is_well_again():
    desk = Desk()
    steps = (
        NewStep(at="08:55", fault="slow", parameters={"ms": 700}),
        NewStep(at="09:00", fault="outage", parameters={"retry_after_s": 600}),
        NewStep(at="09:10", fault="backlog", parameters={"worst_ms": 1000, "clears_after_s": 600}),
        NewStep(at="09:20"),
    )
    faulting(desk).add_timeline(CLINIC, NewTimeline(steps=steps), NOW)
    seen = []
    for minute in (50, 57, 60, 69, 70, 75, 80):
        moment = datetime(2026, 11, 23, 8, tzinfo=JST) + timedelta(minutes=minute)
        desk.control.change_clock(CLINIC, ClockChange(now=moment), NOW)
        reply = desk.ask(desk.ready(VALID))
        seen.append((reply.status, reply.decision.delay_ms if reply.decision else 0))
    assert seen == [(200, 0), (200, 700), (503, 0), (503, 0), (200, 1000), (200, 500), (200, 0)]


def test_an_outage_is_told_in_the_envelope_with_its_decision_and_patience():
    desk = Desk()
    faulting(desk).add(CLINIC, NewFault(fault="outage", parameters={"retry_after_s": 30}), NOW)
    reply = desk.ask(desk.ready(VALID))
    header = json.loads(reply.body)["XmlMsg"]["MessageHeader"]
    assert (header["SegmentOfResult"], header["ErrorCode"]) == ("9", "MOCK-E6001")
    assert header["MedicalInstitutionCode"] == CLINIC
    assert dict(reply.headers) == {"X-Mock-Decision": "outage rule=1 match=1", "Retry-After": "30"}


def test_a_login_that_names_the_clinic_meets_its_faults():
    desk = Desk()
    faulting(desk).add(CLINIC, NewFault(fault="outage", path="login"), NOW)
    assert desk.exchange.login(encode({"user": "a", "code": CLINIC}), NOW).status == 503
    assert desk.exchange.login(encode({"user": "a"}), NOW).status == 200


def test_rules_are_listed_with_their_matches_taken_back_and_gone_after_a_reset():
    desk = Desk()
    control = faulting(desk)
    first = control.add(CLINIC, NewFault(fault="outage", first=1), NOW)
    timeline = control.add_timeline(CLINIC, NewTimeline(steps=(NewStep(at="20:00", fault="timeout"),)), NOW)
    statuses(desk, 3)
    assert [(rule.id, rule.matches) for rule in control.faults(CLINIC, NOW).faults] == [(first.id, 3), ("2.1", 0)]
    control.remove(CLINIC, timeline.faults[0].timeline, NOW)
    assert len(control.faults(CLINIC, NOW).faults) == 1
    control.clear(CLINIC, NOW)
    assert control.faults(CLINIC, NOW).faults == []
    control.add(CLINIC, NewFault(fault="outage"), NOW)
    desk.exchange.reset(CLINIC)
    assert statuses(desk, 1) == [200]


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ({"fault": "slwo"}, '"slow"?'),
        ({"fault": "slow"}, "exactly one of ms"),
        ({"fault": "slow", "parameters": {"ms": 1, "min_ms": 1}}, "exactly one of ms"),
        ({"fault": "slow", "parameters": {"min_ms": 9, "max_ms": 1}}, "9 ms is more than 1 ms"),
        ({"fault": "slow", "parameters": {"ms": "9"}}, "ms: found string"),
        ({"fault": "timeout", "parameters": {"percent": 5}}, "percent"),
        ({"fault": "outage", "pattern": "vaild"}, '"valid"?'),
        ({"fault": "outage", "since": "9"}, "since"),
        ({"fault": "outage", "since": "09:00", "until": "09:00"}, "after since"),
        ({"fault": "outage", "since": "09:00", "until": "2026-11-23T10:00:00+09:00"}, "both"),
        ({"fault": "outage", "until": "2026-11-23T10:00:00"}, "until"),
        ({"fault": "outage", "person": 999_999_999}, "expected 0 to"),
    ],
)
def test_a_rule_that_cannot_be_is_denied(new, told):
    with pytest.raises(Denial) as denied:
        faulting(Desk()).add(CLINIC, NewFault(**new), NOW)
    assert told in denied.value.english
    assert denied.value.japanese != denied.value.english


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([("09:00", "outage"), ("08:59", None)], "steps[1].at: the timeline runs backwards"),
        ([("09:00", "outage"), ("2026-11-23T10:00:00+09:00", None)], "steps[1].at"),
        ([("09:00", "outage"), ("ten", None)], "steps[1].at"),
        ([("09:00", "outrage")], 'steps[0]: no fault "outrage" ("outage"?)'),
    ],
)
def test_a_timeline_that_cannot_be_is_denied_at_its_step(steps, told):
    new = NewTimeline(steps=tuple(NewStep(at=at, fault=fault) for at, fault in steps))
    with pytest.raises(Denial) as denied:
        faulting(Desk()).add_timeline(CLINIC, new, NOW)
    assert told in denied.value.english


def test_a_clinic_holds_so_many_rules_and_no_more():
    desk = Desk(max_faults=2)
    for _ in range(2):
        faulting(desk).add(CLINIC, NewFault(fault="timeout"), NOW)
    with pytest.raises(Denial, match="at most 2"):
        faulting(desk).add(CLINIC, NewFault(fault="timeout"), NOW)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.times(), st.times(), st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1)))  # noqa: DTZ001
def test_two_spans_that_share_their_ends_cover_the_day_exactly_once(since, until, naive):
    moment = naive.replace(tzinfo=JST)
    if since != until:
        assert Span(since, until).holds(moment) != Span(until, since).holds(moment)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.fault_id())
def test_everything_is_written_about_a_fault(fault):
    assert fault.title.japanese
    assert fault.title.english
    assert all(f"`{field}`" in fault.__doc__ for field in fault.__struct_fields__)

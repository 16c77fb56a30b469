"""一括照会 of a period: who has tickets, who consented to 訪問診療 or オンライン診療. wire.md 2.9."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from msgspec import UNSET

from mockserver.clinics import Visit
from mockserver.eligibility.calendar import ONE_DAY, midnight, months_after
from mockserver.eligibility.chips import Consent
from mockserver.eligibility.records import Record, Validity, known_at
from mockserver.linkage.bulk import refuse_result, result, still_processing, unit_of
from mockserver.linkage.caller import Caller
from mockserver.linkage.receptions import find, is_ready, receive, refuse_receipt
from mockserver.register import card_holder
from mockserver.scenarios.casting import cast_ready
from mockserver.scenarios.medical_assistance import MedicalAssistance
from mockserver.scenarios.scenario import Scenario
from mockserver.scenarios.valid import Valid
from mockserver.wire.batches import BulkResult, BulkUnit, CollectRequest, PeriodInfo, PeriodRequest, Receipt
from mockserver.wire.qualification import BY_CARD, Asker, digits_of_day, digits_of_moment, qualification
from mockserver.wire.question import A_DAY, parse_day
from mockserver.wire.refusals import Problem, Refusal, wrong_member

TICKETS, HOME_VISITS, ONLINE = "OQSmutic", "OQSmuhvq", "OQSmuonq"
CARE = {HOME_VISITS: "2", ONLINE: "3"}  # MedicalTreatmentFlag, OQSCD028
_OPENS = timedelta(hours=9)


def receive_period(caller: Caller, family: str, request: PeriodRequest) -> Receipt:
    """01req of one of the three families."""
    info = request.XmlMsg.MessageBody.QualificationConfirmSearchInfo
    asked = _month(info) if family == TICKETS else _wrong_flag(family, info) or _days(family, info)
    if isinstance(asked, Refusal):
        return refuse_receipt(caller, request.XmlMsg.MessageHeader, asked)
    return receive(caller, family, request, 1)


def collect_period(caller: Caller, family: str, request: CollectRequest) -> BulkResult:
    """02req of one of the three families."""
    reception = find(caller, family, request)
    if isinstance(reception, Refusal):
        return refuse_result(caller, request, reception)
    if not is_ready(caller, reception):
        return still_processing(caller, request, reception)
    assert isinstance(reception.request, PeriodRequest)
    info = reception.request.XmlMsg.MessageBody.QualificationConfirmSearchInfo
    units = _tickets(caller, info) if family == TICKETS else _consented(caller, family, info)
    return result(caller, request, reception, units)


def _tickets(caller: Caller, info: PeriodInfo) -> Iterator[BulkUnit]:
    """Who has a ticket for this clinic in a month."""
    first = _month(info)
    assert not isinstance(first, Refusal)
    last = months_after(first, 1) - ONE_DAY
    for story in _stories(caller, MedicalAssistance):
        for record in known_at(story, caller.moment):
            day = max(first, record.valid_from)
            if day <= last and record.is_true_on(day) and _has_ticket_here(record):
                yield _unit(caller, record, day, caller.moment, frozenset())


def _has_ticket_here(record: Record) -> bool:
    assistance = record.cover.assistance
    return assistance is not None and any(ticket.is_for_asker for ticket in assistance.tickets)


def _consented(caller: Caller, family: str, info: PeriodInfo) -> Iterator[BulkUnit]:
    """Who consented to a kind of care in a span of days."""
    days = _days(family, info)
    assert not isinstance(days, Refusal)
    latest = {card_holder(visit.record): visit for visit in _visits(caller, CARE[family])}
    for visit in latest.values():
        day = visit.moment.date()
        if days[0] <= day <= days[1] and visit.record.is_true_on(day):
            yield _unit(caller, visit.record, day, visit.moment, visit.consents)


def _visits(caller: Caller, care: str) -> Iterator[Visit]:
    """Taps for a kind of care, and the ready people of `valid`, who came on the first morning of the stories."""
    for story in _stories(caller, Valid):
        yield Visit(story[0], min(midnight(caller.start) + _OPENS, caller.moment), care, frozenset(Consent))
    sandbox = caller.sandbox
    yield from (visit for visit in (sandbox.visits.values() if sandbox else ()) if visit.care == care)


def _stories(caller: Caller, pattern: type[Scenario]) -> Iterator[tuple[Record, ...]]:
    """What the register gets to know of the ready people of a pattern, and of those who were given it by the clinic."""
    sandbox = caller.sandbox
    assigned = [a for a in (sandbox.assignments.values() if sandbox else ()) if isinstance(a.scenario, pattern)]
    replaced = set(sandbox.assignments) if sandbox else set()
    for ready in pattern.people:
        if f"ready-{ready.code}" not in replaced:
            yield ready.plays.story(cast_ready(ready, caller.start, caller.exchange.repertoire)).register
    yield from (assignment.story.register for assignment in assigned)


def _unit(caller: Caller, record: Record, day: date, moment: datetime, consents: frozenset[Consent]) -> BulkUnit:
    references = sandbox.references if (sandbox := caller.sandbox) else None
    asker = Asker(day, caller.code, digits_of_moment(moment), consents, BY_CARD, references)
    return unit_of((qualification(record, asker, caller.manner),), Validity.VALID.value)


def _month(info: PeriodInfo) -> date | Refusal:
    """The first day of the month asked for."""
    found = "" if info.MedicalTreatmentMonth is UNSET else info.MedicalTreatmentMonth
    month = ("診療年月 yyyyMM ", "a month yyyyMM")
    return parse_day(f"{found}01") or wrong_member(Problem.PERIOD, "MedicalTreatmentMonth", found, *month)


def _days(family: str, info: PeriodInfo) -> tuple[date, date] | Refusal:
    """First and last day asked for; オンライン診療 may ask by the day of the examination instead."""
    has_examination = {info.ExaminationDateFrom, info.ExaminationDateTo} - {UNSET, ""}
    by_examination = family == ONLINE and has_examination
    prefix = "ExaminationDate" if by_examination else "ConsentDate"
    first, last = _day(info, f"{prefix}From"), _day(info, f"{prefix}To")
    if isinstance(first, Refusal) or isinstance(last, Refusal):
        return first if isinstance(first, Refusal) else last  # type: ignore[return-value]
    if first > last:
        expected = ("開始日以後の日付", "a day not before the first one")
        return wrong_member(Problem.PERIOD, f"{prefix}To", digits_of_day(last), *expected)
    return first, last


def _day(info: PeriodInfo, member: str) -> date | Refusal:
    found = getattr(info, member)
    text = "" if found is UNSET else found
    return parse_day(text) or wrong_member(Problem.PERIOD, member, text, *A_DAY)


def _wrong_flag(family: str, info: PeriodInfo) -> Refusal | None:
    found, expected = info.MedicalTreatmentFlag, CARE[family]
    if found in (UNSET, "", expected):
        return None
    return wrong_member(Problem.PERIOD, "MedicalTreatmentFlag", str(found), f"{expected} ", expected)

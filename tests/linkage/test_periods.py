"""一括照会 of a period: who has a ticket for the clinic in a month, who consented to 訪問診療 or オンライン診療 on its days."""

from datetime import timedelta

import pytest
from msgspec import UNSET

from mockserver.control import Control
from mockserver.eligibility.chips import Consent
from mockserver.scenarios.casting import BY_CODE, cast_ready
from mockserver.scenarios.valid import Valid
from mockserver.views import Identity, NewAssignment
from mockserver.wire.message import Qualification
from tests.linkage.support import (
    BULK_TIME,
    HOME_VISITS,
    IDENTIFIER,
    ONLINE,
    OTHER_CLINIC,
    TICKETS,
    Terminal,
    period,
    ready_card,
)
from tests.support import CLINIC, NOW, TODAY

YANO, ARAI = "矢野　忠", "荒井　実"  # the ready people with a ticket here, 62 and 64
VISITORS = tuple(f"{ready.name.family_name}　{ready.name.given_name}" for ready in Valid.people)
CONSENTED = (HOME_VISITS, ONLINE)
FLAGS = {HOME_VISITS: "2", ONLINE: "3"}
CARE_OF_TAP = {HOME_VISITS: "home-visit", ONLINE: "online"}


def results(terminal: Terminal, family: str, **asked: str) -> tuple[Qualification, ...]:
    """The people of a batch of a period."""
    message = terminal.batch(family, period(terminal.clinic, **asked))
    units = message.MessageBody.BulkConfirmUnit or ()
    assert message.MessageHeader.SegmentOfResult == "1"
    assert int(message.MessageHeader.NumberOfProcessingResult) == len(units)
    assert all((unit.ProcessingResultStatus, unit.QualificationValidity) == ("1", "1") for unit in units)
    return tuple(result for unit in units for result in unit.ResultOfQualificationConfirmation)


def names(terminal: Terminal, family: str, **asked: str) -> tuple[str, ...]:
    return tuple(result.Name for result in results(terminal, family, **asked))


def with_tickets(terminal: Terminal, month: str = "202611") -> tuple[str, ...]:
    return names(terminal, TICKETS, MedicalTreatmentMonth=month)


def visitors(terminal: Terminal, family: str, first: str = "20261123", last: str = "20261123") -> tuple[str, ...]:
    return names(terminal, family, ConsentDateFrom=first, ConsentDateTo=last, MedicalTreatmentFlag=FLAGS[family])


def give(terminal: Terminal, pattern: str, person: int | Identity, start=None, **parameters: object) -> str:
    """Assign a pattern; the patient's name."""
    new = NewAssignment(pattern, person, parameters, start)
    return Control(terminal.exchange).assign(terminal.clinic, new, NOW).name


def identity(code: str) -> Identity:
    cast = cast_ready(BY_CODE[code], TODAY, Terminal().exchange.repertoire)
    card = cast.card
    return Identity(card.insurer.number, card.number, cast.person.birthdate, card.symbol, card.branch)


def refusal(family: str, **asked: str) -> tuple[str, str, str]:
    """Code of the refusal, and what it says in Japanese and English."""
    message = Terminal().told(f"{family}01", period(**asked))
    assert (message.MessageBody.ReceptionNumber, message.MessageBody.ProcessingResultStatus) == (UNSET, "2")
    assert message.MessageHeader.SegmentOfResult == "9"
    return (message.MessageHeader.ErrorCode, *message.MessageHeader.ErrorMessage.split(" / "))


# --- 医療券・調剤券 ---


@pytest.mark.parametrize(
    ("month", "expected"), [("202611", (YANO, ARAI)), ("202608", (YANO, ARAI)), ("202607", ()), ("000101", ())]
)
def test_who_has_a_ticket_for_this_clinic_in_a_month_comes_back(month, expected):
    assert with_tickets(Terminal(), month) == expected


def test_a_ticket_is_that_of_the_month_and_of_the_clinic():
    for month, first, last in (("202611", "20261101", "20261130"), ("202608", "20260825", "20260831")):
        for result in results(Terminal(), TICKETS, MedicalTreatmentMonth=month):
            assert (result.InsuredCardClassification, result.InsurerNumber[:2]) == ("A1", "12")
            (item,) = result.PublicExpenseResultList
            ticket = item.MedicalTicketInfo
            assert (ticket.MedicalTreatmentMonth, ticket.DesignatedMedicalInstitutionCode) == (month, CLINIC)
            assert ticket.DesignatedMedicalInstitutionFlag == "0"
            assert (ticket.MedicalTicketValidDate, ticket.MedicalTicketExpirationDate) == (first, last)


@pytest.mark.parametrize(("ticket", "comes"), [("medical", 1), ("dispensing", 1), ("elsewhere", 0), ("none", 0)])
def test_an_assigned_person_comes_back_if_the_ticket_is_for_here(ticket, comes):
    terminal = Terminal()
    name = give(terminal, "medical-assistance", 5, ticket=ticket)
    assert with_tickets(terminal).count(name) == comes


def test_a_ticket_that_is_not_yet_registered_comes_back_once_it_is():
    terminal = Terminal()
    terminal.go_to(0)
    name = give(terminal, "medical-assistance", 5, TODAY + timedelta(days=10), granted_days_ago=0)
    assert name not in with_tickets(terminal, "202612")
    terminal.go_to(10)
    assert name in with_tickets(terminal, "202612")


def test_a_ready_person_who_was_given_another_pattern_has_no_ticket():
    terminal = Terminal()
    give(terminal, "withheld", identity("62"))
    assert with_tickets(terminal) == (ARAI,)


def test_assigned_people_come_back_to_their_own_clinic_until_a_reset():
    here = Terminal()
    there = Terminal(OTHER_CLINIC, here.exchange)
    name = give(here, "medical-assistance", 5)
    assert with_tickets(here) == (YANO, ARAI, name)
    assert with_tickets(there) == (YANO, ARAI)
    here.reset()
    assert with_tickets(here) == (YANO, ARAI)


@pytest.mark.parametrize(
    "month", ["", "2026", "202613", "202600", "2026-11", "20261101", "２０２６１１", "令和8年", UNSET]
)
def test_a_month_that_is_none_is_refused(month):
    asked = {} if month is UNSET else {"MedicalTreatmentMonth": month}
    code, japanese, english = refusal(TICKETS, **asked)
    assert code == "MOCK-E4103"
    assert "診療年月 yyyyMM" in japanese
    assert english.startswith("MedicalTreatmentMonth: found ")


# --- 訪問診療, オンライン診療 ---


@pytest.mark.parametrize("family", CONSENTED)
def test_the_valid_ready_people_came_on_the_first_day_of_the_stories(family):
    for first, last, expected in (
        ("20261123", "20261123", VISITORS),
        ("20261101", "20261130", VISITORS),
        ("20261122", "20261122", ()),
        ("20261124", "20271231", ()),
    ):
        assert visitors(Terminal(), family, first, last) == expected


@pytest.mark.parametrize("family", CONSENTED)
def test_a_visitor_comes_with_the_consents_of_the_visit(family):
    first = results(Terminal(), family, ConsentDateFrom="20261123", ConsentDateTo="20261123")[0]
    assert (first.PharmacistsInfoConsFlg, first.PharmacistsInfoConsTime) == ("1", "20261123090000")
    assert first.PharmacistsInfoAvailableTime == "20261124090000"


@pytest.mark.parametrize("family", CONSENTED)
@pytest.mark.parametrize("care", ["outpatient", "home-visit", "online"])
def test_a_tap_for_the_care_asked_about_comes_back(family, care):
    terminal = Terminal()
    terminal.tap(person=5, care=care, consents=(Consent.DRUGS,))
    name = terminal.country.resident(5).person.name
    told = results(terminal, family, ConsentDateFrom="20261123", ConsentDateTo="20261123")
    mine = [result for result in told if result.Name == name]
    assert len(mine) == (care == CARE_OF_TAP[family])
    for result in mine:
        assert (result.PharmacistsInfoConsFlg, result.PharmacistsInfoConsTime) == ("1", "20261123090000")
        assert (result.SpecificHealthCheckupsInfoConsFlg, result.DiagnosisInfoConsFlg) == ("0", "0")


@pytest.mark.parametrize("family", CONSENTED)
def test_a_tap_counts_on_the_day_of_the_clinics_clock(family):
    terminal = Terminal()
    terminal.go_to(3)
    terminal.tap(person=5, care=CARE_OF_TAP[family])
    name = terminal.country.resident(5).person.name
    for day, comes in (("20261125", False), ("20261126", True), ("20261127", False)):
        assert (name in visitors(terminal, family, day, day)) == comes


def test_the_last_tap_of_a_person_counts():
    terminal = Terminal()
    name = terminal.country.resident(5).person.name
    terminal.tap(person=5, care="home-visit")
    terminal.tap(person=5, care="home-visit")
    assert visitors(terminal, HOME_VISITS).count(name) == 1
    terminal.tap(person=5, care="online")
    assert name not in visitors(terminal, HOME_VISITS)
    assert name in visitors(terminal, ONLINE)


@pytest.mark.parametrize("family", CONSENTED)
def test_taps_come_back_to_their_own_clinic_until_a_reset(family):
    here = Terminal()
    there = Terminal(OTHER_CLINIC, here.exchange)
    here.tap(person=5, care=CARE_OF_TAP[family])
    name = here.country.resident(5).person.name
    assert visitors(here, family) == (*VISITORS, name)
    assert visitors(there, family) == VISITORS
    here.reset()
    assert visitors(here, family) == VISITORS


@pytest.mark.parametrize("pattern", ["lost", "certificate-expired", "card-not-registered"])
def test_who_is_not_insured_or_was_refused_at_the_reader_did_not_come(pattern):
    terminal = Terminal()
    terminal.tap(pattern=pattern, care="home-visit")
    assert visitors(terminal, HOME_VISITS) == VISITORS


@pytest.mark.parametrize("family", CONSENTED)
def test_who_was_given_valid_came_too_and_a_ready_person_with_another_pattern_did_not(family):
    terminal = Terminal()
    name = give(terminal, "valid", 5)
    give(terminal, "lost", identity(Valid.people[0].code))
    assert visitors(terminal, family) == (*VISITORS[1:], name)


@pytest.mark.parametrize("family", CONSENTED)
def test_a_ready_person_who_also_taps_comes_back_once(family):
    terminal = Terminal()
    terminal.tap(pattern="valid", care=CARE_OF_TAP[family])
    assert visitors(terminal, family).count(VISITORS[0]) == 1


def test_nobody_consented_in_the_future():
    terminal = Terminal()
    terminal.set_clock(NOW - timedelta(hours=1))
    told = results(terminal, HOME_VISITS, ConsentDateFrom="20261123", ConsentDateTo="20261123")
    assert all(result.PharmacistsInfoConsTime <= "20261123080000" for result in told)


def test_a_number_of_the_clinic_stands_beside_the_person():
    terminal = Terminal()
    terminal.register("K-1", ready_card("01"))
    terminal.register("K-62", ready_card("62"))
    asked = {HOME_VISITS: {"ConsentDateFrom": "20261123", "ConsentDateTo": "20261123"}}
    for family, members, name in (
        (HOME_VISITS, asked[HOME_VISITS], "K-1"),
        (TICKETS, {"MedicalTreatmentMonth": "202611"}, "K-62"),
    ):
        first = terminal.batch(family, period(**members)).MessageBody.BulkConfirmUnit[0]
        assert first.ReferenceNumber == (name,)
        assert first.ResultOfQualificationConfirmation[0].ReferenceNumber is UNSET


@pytest.mark.parametrize("family", [TICKETS, *CONSENTED])
def test_a_period_is_processed_for_a_while_like_any_batch(family):
    terminal = Terminal()
    asked = period(ConsentDateFrom="20261123", ConsentDateTo="20261123", MedicalTreatmentMonth="202611")
    number = terminal.receive(family, asked)
    message = terminal.collect(family, number)
    assert (message.MessageHeader.SegmentOfResult, message.MessageBody.BulkConfirmUnit) == ("2", UNSET)
    terminal.now += BULK_TIME
    header = terminal.collect(family, number).MessageHeader
    assert (header.SegmentOfResult, header.ReceptionNumber, header.ArbitraryFileIdentifier) == ("1", number, IDENTIFIER)


# --- what may be asked ---


def test_online_care_is_asked_for_by_consent_or_by_examination():
    for prefix in ("ConsentDate", "ExaminationDate"):
        asked = {f"{prefix}From": "20261101", f"{prefix}To": "20261130", "MedicalTreatmentFlag": "3"}
        assert names(Terminal(), ONLINE, **asked) == VISITORS


@pytest.mark.parametrize("family", CONSENTED)
@pytest.mark.parametrize(
    ("first", "last", "wrong"),
    [
        (UNSET, "20261130", "From"),
        ("20261101", UNSET, "To"),
        (UNSET, UNSET, "From"),
        ("", "20261130", "From"),
        ("20261131", "20261130", "From"),
        ("20261101", "202611", "To"),
        ("2026-11-01", "20261130", "From"),
        ("２０２６１１０１", "20261130", "From"),
        ("20261124", "20261123", "To"),
    ],
)
def test_days_that_are_none_or_the_wrong_way_round_are_refused(family, first, last, wrong):
    code, japanese, english = refusal(family, ConsentDateFrom=first, ConsentDateTo=last)
    assert code == "MOCK-E4103"
    assert f"ConsentDate{wrong}" in japanese
    assert english.startswith(f"ConsentDate{wrong}: found ")


def test_home_visits_are_not_asked_for_by_examination():
    code, _, english = refusal(HOME_VISITS, ExaminationDateFrom="20261101", ExaminationDateTo="20261130")
    assert (code, english.split(":")[0]) == ("MOCK-E4103", "ConsentDateFrom")


@pytest.mark.parametrize("family", CONSENTED)
@pytest.mark.parametrize("flag", ["0", "1", "2", "3", "4", "２"])
def test_the_flag_of_another_care_is_refused(family, flag):
    asked = {"ConsentDateFrom": "20261123", "ConsentDateTo": "20261123", "MedicalTreatmentFlag": flag}
    if flag == FLAGS[family]:
        assert names(Terminal(), family, **asked) == VISITORS
        return
    code, japanese, english = refusal(family, **asked)
    assert code == "MOCK-E4103"
    assert "MedicalTreatmentFlag" in japanese
    assert english == f'MedicalTreatmentFlag: found "{flag}", expected {FLAGS[family]}'


@pytest.mark.parametrize("family", CONSENTED)
def test_the_flag_may_be_left_out(family):
    assert names(Terminal(), family, ConsentDateFrom="20261123", ConsentDateTo="20261123") == VISITORS


@pytest.mark.parametrize(
    ("family", "empty"),
    [
        (HOME_VISITS, ("MedicalTreatmentFlag",)),
        (ONLINE, ("MedicalTreatmentFlag",)),
        (ONLINE, ("ExaminationDateFrom", "ExaminationDateTo")),
    ],
)
def test_an_empty_element_is_as_if_it_were_absent(family, empty):
    asked = {"ConsentDateFrom": "20261123", "ConsentDateTo": "20261123", **dict.fromkeys(empty, "")}
    message = Terminal().told(f"{family}01", period(**asked))
    assert message.MessageHeader.ErrorMessage is UNSET


def test_a_missing_first_day_of_examination_is_the_one_that_is_named():
    assert refusal(ONLINE, ExaminationDateTo="20261130")[2].startswith("ExaminationDateFrom: ")

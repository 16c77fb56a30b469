"""薬剤情報等 and 特定健診情報 by file: whose, of which period, and whether the clinic may see them."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from mockserver.eligibility.chips import Consent, Proof
from mockserver.eligibility.records import Card
from mockserver.scenarios.casting import BY_CODE
from mockserver.views import ClockChange
from mockserver.wire.files import FileForm
from tests.linkage.support import (
    CHECKUPS,
    DRUGS,
    IDENTIFIER,
    OTHER_CLINIC,
    Terminal,
    checkups,
    drugs,
    family_of,
    ready_card,
)
from tests.support import CLINIC, NOW, TODAY

ELDERLY = ready_card("62")  # takes something every month
ADULT = ready_card("01")
FAMILIES = ((DRUGS, drugs), (CHECKUPS, checkups))
FIVE_YEARS_AGO = date(2021, 11, 23)
DAYS = st.dates(FIVE_YEARS_AGO, TODAY)


def ask_for_drugs(terminal: Terminal, card: Card = ELDERLY, first: str = "", last: str = "", category: str = "3"):
    message = terminal.told(DRUGS, drugs(card, terminal.clinic, StartDate=first, EndDate=last, FileCategory=category))
    assert message.MessageHeader.ResultCode == "1", message.MessageHeader.MessageContents
    return message.MessageBody


def given_in(body) -> list[tuple[str, str, str]]:
    """What was given: source, day, name of the drug or of what was done."""
    told = []
    for month in body.MeTrMonthInf or ():
        for day in (item.DiDateInf for item in month.DiDateInfs):
            assert day.DiDate[:6] == month.MeTrMonth
            told += [("claim", day.DiDate, item.DrugInf.DrugN) for item in day.DrugInfs or ()]
            told += [("claim", day.DiDate, item.MeTrInf.SinInfN) for item in day.MeTrInfs or ()]
    for month in (item.CzDiMonthInf for item in body.CzDiInf or ()):
        for day in (item.CzDiDateInf for item in month.CzDiDateInfs):
            assert day.CzDiDate[:6] == month.CzDiMonth
            told += [("dispensing", day.CzDiDate, item.CzDrugInf.CzDrugN) for item in day.CzDrugInfs]
    return sorted(told)


def without_source(told: list[tuple[str, str, str]]) -> list[tuple[str, str]]:
    return sorted((day, name) for _, day, name in told)


def digits(day: date) -> str:
    return day.strftime("%Y%m%d")


def is_told(terminal: Terminal, family: str) -> bool:
    """Whether the clinic may see; who may not is told why in both languages and nothing of the patient."""
    message = terminal.told(family, dict(FAMILIES)[family](ADULT, terminal.clinic))
    header = message.MessageHeader
    subject = header.QuaInf if family == DRUGS else header.QualificationsInfo
    if header.ResultCode == "1":
        assert subject.Name == "佐藤　健一"
        return True
    assert header.ResultCode == "2"
    assert "閲覧同意" in header.MessageContents
    assert "has not consented" in header.MessageContents
    assert subject is UNSET
    assert all(
        value is UNSET for value in (getattr(message.MessageBody, n) for n in message.MessageBody.__struct_fields__)
    )
    return False


# --- whose ---


@pytest.mark.parametrize(("family", "request_for"), FAMILIES)
def test_the_answer_is_addressed_to_the_clinic_and_the_request(family, request_for):
    header = Terminal().told(family, request_for(ADULT)).MessageHeader
    assert (header.MedicalInstitutionCode, header.ArbitraryFileIdentifier) == (CLINIC, IDENTIFIER)
    assert (header.ResultCode, header.MessageContents) == ("1", UNSET)
    assert (header.ProcessExecutionTime, header.CharacterCodeIdentifier) == ("20261123090000", "0")


@pytest.mark.parametrize("code", ["01", "13", "11", "62"])
def test_the_patient_is_the_one_of_the_look_up(code):
    terminal = Terminal()
    found = terminal.result(terminal.ready(BY_CODE[code]))
    expected = tuple(found[member] for member in ("Name", "NameKana", "Birthdate", "Sex1"))
    card = ready_card(code)
    person = terminal.told(DRUGS, drugs(card)).MessageHeader.QuaInf
    assert (person.Name, person.KanaName, person.Birth, person.AdmGendCode) == expected
    person = terminal.told(CHECKUPS, checkups(card)).MessageHeader.QualificationsInfo
    assert (person.Name, person.KanasName, person.Birthday, person.AdministrativeGenderCode) == expected


def test_the_same_person_has_the_same_past_at_every_clinic_and_under_both_numbers():
    asked = [Terminal(), Terminal(), Terminal(OTHER_CLINIC)]
    first, again, elsewhere = (given_in(ask_for_drugs(terminal)) for terminal in asked)
    assert first == again == elsewhere
    for old, new in (("03", "06"), ("33", "34")):
        bodies = [
            Terminal().told(family, make(ready_card(code))).MessageBody
            for code in (old, new)
            for family, make in FAMILIES
        ]
        assert bodies[:2] == bodies[2:]


@pytest.mark.parametrize(("family", "request_for"), FAMILIES)
@pytest.mark.parametrize("branch", [UNSET, "", "00"])
def test_a_family_under_one_number_needs_the_branch(family, request_for, branch):
    terminal = Terminal()
    members = family_of(terminal.country)
    card = members[0].card_on(TODAY)
    header = terminal.told(family, request_for(card, branch=branch)).MessageHeader
    assert header.ResultCode == "2"
    assert "枝番" in header.MessageContents
    assert "give the branch" in header.MessageContents
    for member in members:
        header = terminal.told(family, request_for(member.card_on(TODAY))).MessageHeader
        subject = header.QuaInf if family == DRUGS else header.QualificationsInfo
        assert subject.Name == terminal.exchange.repertoire.show(member.person.name)


@pytest.mark.parametrize(("family", "request_for"), FAMILIES)
@pytest.mark.parametrize("code", ["04", "05"])
def test_nobody_or_two_people_under_a_number_are_refused(family, request_for, code):
    header = Terminal().told(family, request_for(ready_card(code))).MessageHeader
    assert header.ResultCode == "2"
    assert f'"{ready_card(code).number}"' in header.MessageContents


@pytest.mark.parametrize(("family", "request_for"), FAMILIES)
def test_who_is_found_by_a_look_up_is_found_for_care(family, request_for):
    assert Terminal().told(family, request_for(ready_card("47"))).MessageHeader.ResultCode == "1"


def test_a_number_that_nobody_has_is_not_said_to_lack_a_branch():
    header = Terminal().told(DRUGS, drugs(ready_card("04"))).MessageHeader
    assert "資格がありません" in header.MessageContents
    assert "枝番も指定" not in header.MessageContents


@pytest.mark.parametrize("encoding", ["utf-8", "shift_jis"])
def test_a_name_outside_the_repertoire_is_shown_as_in_a_look_up(encoding):
    terminal = Terminal(form=FileForm(encoding))
    name = terminal.told(DRUGS, drugs(ready_card("11"))).MessageHeader.QuaInf.Name
    assert "●" in name


# --- 薬剤情報等 ---


def test_without_days_three_years_up_to_today_are_told():
    told = [day for _, day, _ in given_in(ask_for_drugs(Terminal()))]
    assert "20231123" <= min(told) <= "20240123"
    assert "20261023" <= max(told) <= "20261123"


@settings(max_examples=40, deadline=None, derandomize=True)
@given(days=st.tuples(DAYS, DAYS).map(sorted))
def test_only_what_was_given_in_the_period_is_told(days):
    told = [day for _, day, _ in given_in(ask_for_drugs(Terminal(), ELDERLY, *map(digits, days)))]
    assert all(digits(days[0]) <= day <= digits(days[1]) for day in told)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(days=st.tuples(DAYS, DAYS, DAYS).map(sorted))
def test_two_periods_in_a_row_tell_what_the_whole_period_tells(days):
    def told(first: date, last: date) -> list[tuple[str, str, str]]:
        return given_in(ask_for_drugs(Terminal(), ELDERLY, digits(first), digits(last), "1"))

    first, middle, last = days
    rest = told(middle + timedelta(1), last) if middle < last else []
    assert without_source(told(first, middle) + rest) == without_source(told(first, last))


def test_months_are_whole_months():
    by_month = ask_for_drugs(Terminal(), ELDERLY, "202604", "202606")
    assert by_month == ask_for_drugs(Terminal(), ELDERLY, "20260401", "20260630")
    assert given_in(by_month)


def test_nothing_is_told_of_the_future():
    assert ask_for_drugs(Terminal(), ELDERLY, "20260101", "99991231") == ask_for_drugs(Terminal(), ELDERLY, "20260101")


def test_what_is_told_follows_the_clinics_clock():
    terminal = Terminal()
    terminal.go_to(0)
    terminal.go_to(365)
    assert max(day for _, day, _ in given_in(ask_for_drugs(terminal))) > "20271001"


def test_this_month_is_known_from_dispensing_results_and_the_others_from_claims():
    told = given_in(ask_for_drugs(Terminal(), ELDERLY, "20260101"))
    assert {day[:6] for source, day, _ in told if source == "dispensing"} == {"202611"}
    assert max(day for source, day, _ in told if source == "claim") < "20261101"


def test_a_month_long_past_comes_from_claims_wherever_the_period_ends():
    for month in range(1, 11):
        told = given_in(ask_for_drugs(Terminal(), ELDERLY, "20260101", f"2026{month:02d}"))
        assert {source for source, _, _ in told} == {"claim"}


def test_what_is_older_than_five_years_is_not_told():
    assert given_in(ask_for_drugs(Terminal(), ELDERLY, "20100101", "20201231")) == []


@pytest.mark.parametrize("category", ["1", "2"])
def test_the_drugs_alone_come_without_what_was_done(category):
    whole, alone = (ask_for_drugs(Terminal(), category=category) for category in ("3", category))
    done = [
        day.MeTrInfs
        for body in (whole, alone)
        for m in body.MeTrMonthInf
        for day in (i.DiDateInf for i in m.DiDateInfs)
    ]
    assert any(items is not UNSET for items in done)
    assert all(i.DiDateInf.MeTrInfs is UNSET for month in alone.MeTrMonthInf for i in month.DiDateInfs)
    assert set(given_in(alone)) < set(given_in(whole))


@pytest.mark.parametrize("member", ["StartDate", "EndDate"])
@pytest.mark.parametrize("text", ["20260230", "202613", "2026", "2026-01-01", "２０２６０１０１", "昨日"])
def test_a_day_that_is_none_is_refused(member, text):
    header = Terminal().told(DRUGS, drugs(ELDERLY, **{member: text})).MessageHeader
    assert header.ResultCode == "2"
    assert f"{member} の値" in header.MessageContents
    assert f"{member}: found " in header.MessageContents


@pytest.mark.parametrize(
    ("first", "last"), [("00010101", "00010102"), ("000101", "000101"), ("99991231", "99991231"), ("999912", "999912")]
)
def test_days_at_the_ends_of_the_calendar_are_answered_with_nothing(first, last):
    assert given_in(ask_for_drugs(Terminal(), ELDERLY, first, last)) == []


def test_days_the_wrong_way_round_are_refused():
    header = Terminal().told(DRUGS, drugs(ELDERLY, StartDate="20261101", EndDate="20260101")).MessageHeader
    assert header.ResultCode == "2"
    assert 'StartDate: found "20261101"' in header.MessageContents


def test_a_first_day_to_come_is_not_blamed_on_an_end_that_was_not_given():
    header = Terminal().told(DRUGS, drugs(ELDERLY, StartDate="20261201")).MessageHeader
    assert "EndDate" not in (header.MessageContents or "")


# --- 特定健診情報 ---


def test_checkups_are_one_a_year_newest_first_and_not_of_the_future():
    told = Terminal().told(CHECKUPS, checkups(ADULT)).MessageBody.SpecificHealthCheckupInfo
    days = [checkup.EffectiveTime for checkup in told]
    assert days == sorted(days, reverse=True)
    assert len({day[:4] for day in days}) == len(days) == 5
    assert "20211123" < days[-1] <= days[0] <= "20261123"
    assert all(checkup.HealthCheckupResultAndQuestionInfos for checkup in told)


@pytest.mark.parametrize("code", ["03", "43"])
def test_who_is_too_young_or_too_old_has_no_checkups(code):
    message = Terminal().told(CHECKUPS, checkups(ready_card(code)))
    assert message.MessageHeader.ResultCode == "1"
    assert message.MessageBody.SpecificHealthCheckupInfo is UNSET


# --- the consent ---

EVERYTHING = tuple(Consent)


@pytest.mark.parametrize("family", [DRUGS, CHECKUPS])
@pytest.mark.parametrize(
    ("rule", "untapped", "consented", "refused", "over"),
    [
        ("after-tap", True, True, False, False),
        ("always", False, True, False, False),
        ("never", True, True, True, True),
    ],
)
def test_a_consent_is_needed_as_the_setting_says(family, rule, untapped, consented, refused, over):
    def told(terminal: Terminal, *taps: tuple[Consent, ...], hours: int = 0) -> bool:
        for consents in taps:
            terminal.tap(pattern="valid", consents=consents)
        terminal.control.change_clock(CLINIC, ClockChange(advance_seconds=3_600 * hours), NOW)
        return is_told(terminal, family)

    assert told(Terminal(consent_check=rule)) == untapped
    assert told(Terminal(consent_check=rule), EVERYTHING) == consented
    assert told(Terminal(consent_check=rule), ()) == refused
    assert told(Terminal(consent_check=rule), EVERYTHING, hours=25) == over
    assert told(Terminal(consent_check=rule), EVERYTHING, ()) == refused
    assert told(Terminal(consent_check=rule), EVERYTHING, EVERYTHING, hours=20) == consented


def test_each_kind_of_information_has_its_own_consent():
    for consent, told in (
        (Consent.DRUGS, (True, False)),
        (Consent.CHECKUPS, (False, True)),
        (Consent.LIMIT, (False, False)),
    ):
        terminal = Terminal()
        terminal.tap(pattern="valid", consents=(consent,))
        assert (is_told(terminal, DRUGS), is_told(terminal, CHECKUPS)) == told


@pytest.mark.parametrize("family", [DRUGS, CHECKUPS])
def test_a_consent_ends_after_24_hours_of_the_clinics_clock(family):
    terminal = Terminal()
    terminal.set_clock(NOW)
    terminal.tap(pattern="valid")
    for seconds, told in ((0, True), (86_399, True), (86_400, True), (86_401, False), (30 * 86_400, False)):
        terminal.set_clock(NOW + timedelta(seconds=seconds))
        assert is_told(terminal, family) == told
    terminal.tap(pattern="valid")
    assert is_told(terminal, family)


def test_the_consent_lasts_as_long_as_the_reader_said():
    terminal = Terminal(consent_check="always")
    tapped = terminal.tap(pattern="valid")
    (item,) = tapped.face.message(terminal.exchange.manner).XmlMsg.MessageBody.ResultList
    until = item.ResultOfQualificationConfirmation.PharmacistsInfoAvailableTime
    end = datetime.strptime(f"{until}+0900", "%Y%m%d%H%M%S%z")
    for step, told in ((0, True), (1, False)):
        terminal.set_clock(end + timedelta(seconds=step))
        assert is_told(terminal, DRUGS) == told


def test_a_consent_holds_in_its_own_clinic_until_a_reset():
    here = Terminal(consent_check="always")
    there = Terminal(OTHER_CLINIC, here.exchange)
    here.tap(pattern="valid")
    assert (is_told(here, DRUGS), is_told(there, DRUGS)) == (True, False)
    here.reset()
    assert not is_told(here, DRUGS)


OLD_AND_NEW = ["03", "06"]


@pytest.mark.parametrize(("consents", "told"), [(EVERYTHING, "1"), ((), "2")])
@pytest.mark.parametrize("code", OLD_AND_NEW)
def test_a_consent_is_the_persons_whichever_number_is_asked_with(consents, told, code):
    for rule in ("always", "after-tap"):
        terminal = Terminal(consent_check=rule)
        terminal.tap(code="03", consents=consents)
        assert terminal.told(DRUGS, drugs(ready_card(code))).MessageHeader.ResultCode == told


def test_a_refused_card_consents_to_nothing():
    terminal = Terminal(consent_check="always")
    terminal.tap(pattern="valid", by=Proof.PIN, pin="wrong")
    assert not is_told(terminal, DRUGS)

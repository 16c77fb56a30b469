"""A card on the reader: whose, how proved, with which consents, and what lands in `face`. patterns.md 2 and 3."""

import json
import re
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mockserver.denial import Denial
from mockserver.eligibility.calendar import JST, ONE_DAY, age_on, midnight
from mockserver.eligibility.records import Income, InsurerKind
from mockserver.eligibility.residents import Resident
from mockserver.exchange import Exchange
from mockserver.linkage.taps import Tapped, Tray
from mockserver.scenarios.casting import BY_CODE, PATTERNS, cast_ready
from mockserver.settings import Settings
from mockserver.tapping import NewTap, TapView, lay_down, view
from mockserver.views import ClinicChange, Identity, NewAssignment
from mockserver.wire.files import FileForm
from mockserver.wire.message import SearchRequest
from mockserver.wire.xml_codec import write
from tests.support import CLINIC, NOW, TODAY, Desk

OTHER_CLINIC = "2719900249"
SOMEBODY = 1  # a seat of the population
FACE_NAME = re.compile(r"OQSsiquc01res_face_([0-9]{10})([0-9a-f]{20})_([0-9]{14})\.xml")
IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{8}NjMC[A-Za-z0-9_-]{3}=")
NOT_BY_NUMBER = re.compile(r".*(ConsFlg|ConsTime|AvailableTime)|SpecificDiseasesCertificateList")
laws = settings(max_examples=30, deadline=None, derandomize=True)


class Reader(Desk):
    """A desk with a card reader."""

    def lay(self, **how: Any) -> tuple[str, NewTap, Tapped]:
        """Lay down a card: the pattern, what was asked for, what came of it."""
        new = msgspec.convert(how, NewTap)
        pattern, tapped = lay_down(self.exchange, self.clinic, new, NOW)
        return pattern, new, tapped

    def tap(self, **how: Any) -> TapView:
        """What came of a tap, in plain words."""
        pattern, new, tapped = self.lay(**how)
        return view(self.exchange, pattern, new, tapped, is_filed=tapped.refusal is None)

    def outcome(self, **how: Any) -> str:
        """What came of a tap, in a word."""
        return self.tap(**how).outcome

    def give(self, pattern: str, person: Any = SOMEBODY, start: date | None = None, **parameters: Any) -> None:
        """Give a person a pattern."""
        self.control.assign(self.clinic, NewAssignment(pattern, person, parameters, start), NOW)

    def reset(self) -> None:
        """Forget everything about the clinic."""
        self.exchange.clinics.reset(self.clinic)


def said(tapped: TapView) -> dict[str, Any]:
    """The body of the message in the face file."""
    return json.loads(msgspec.json.encode(tapped.answer))["XmlMsg"]["MessageBody"]


def results(tapped: TapView) -> list[dict[str, Any]]:
    """The results in the face file."""
    return [item["ResultOfQualificationConfirmation"] for item in said(tapped).get("ResultList", [])]


def only(tapped: TapView) -> dict[str, Any]:
    """The one result in the face file."""
    (result,) = results(tapped)
    return result


def identity_of(code: str, **changes: Any) -> dict[str, Any]:
    """The identity of a ready person by number."""
    ready = BY_CODE[code]
    cast = cast_ready(ready, TODAY, Desk().exchange.repertoire)
    card = cast.next_card if ready.is_next else cast.card
    who = Identity(card.insurer.number, card.number, cast.person.birthdate, card.symbol, card.branch)
    return msgspec.to_builtins(replace(who, **changes))


def identity_of_resident(resident: Resident, **changes: Any) -> dict[str, Any]:
    """The identity of a person of the population by number."""
    card = resident.card_on(TODAY)
    who = Identity(card.insurer.number, card.number, resident.person.birthdate, card.symbol, card.branch)
    return msgspec.to_builtins(replace(who, **changes))


# Every pattern through a card

# pattern -> outcome, 資格有効性 (None: the card is refused) of its first ready person on the first day
PATTERNS_BY_CARD = {
    "valid": ("accepted", "1"),
    "lost": ("accepted", "2"),
    "renewed": ("accepted", "1"),  # the card knows no old number
    "no-match": ("accepted", "4"),
    "multiple-match": ("accepted", "1"),  # one card is one person
    "job-change-gap": ("accepted", "2"),
    "job-change-stale": ("accepted", "1"),
    "retroactive-loss": ("accepted", "1"),
    "dependant-missing": ("accepted", "4"),
    "annual-renewal": ("accepted", "1"),
    "old-card": ("accepted", "1"),
    "not-yet-linked": ("accepted", "4"),
    "turns-70": ("accepted", "1"),
    "turns-75": ("accepted", "1"),
    "subsidy-linked": ("accepted", "1"),
    "specific-disease": ("accepted", "1"),
    "medical-assistance": ("accepted", "1"),
    "garbled-name": ("accepted", "1"),
    "garbled-address": ("accepted", "1"),
    "name-mismatch": ("accepted", "1"),
    "address-mismatch": ("accepted", "1"),
    "wrong-copay": ("accepted", "1"),
    "wrong-limit-certificate": ("accepted", "1"),
    "other-persons-data": ("accepted", "1"),
    "withheld": ("accepted", "1"),
    "subsidy-not-linked": ("accepted", "1"),
    "certificate-expiring": ("certificate-expiring", "1"),
    "certificate-grace": ("certificate-grace", "1"),
    "certificate-expired": ("certificate-expired", None),
    "card-not-registered": ("card-not-registered", None),
    "pin-wrong": ("pin-wrong", None),
    "pin-locked": ("pin-locked", None),
    "face-mismatch": ("face-mismatch", None),
    "reader-fault": ("reader-fault", None),
    "still-processing": ("accepted", "1"),  # a reader's result comes when it is done
    "late-file": ("accepted", "1"),
    "half-written-file": ("accepted", "1"),
    "error-file": ("accepted", "1"),
    "swapped-file": ("accepted", "1"),
    "repeated-file": ("accepted", "1"),
    "scripted": ("accepted", "4"),
}


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.pattern_id())
def test_every_pattern_is_met_through_a_card(pattern):
    tapped = Reader().tap(pattern=pattern.pattern_id())

    outcome, validity = PATTERNS_BY_CARD[pattern.pattern_id()]
    assert (tapped.pattern, tapped.outcome, tapped.accepted) == (pattern.pattern_id(), outcome, validity is not None)
    assert said(tapped).get("QualificationValidity") == validity
    assert bool(results(tapped)) is (validity not in (None, "4"))


# code of a further ready person -> outcome, 資格有効性
VARIANTS_BY_CARD = {
    "06": ("accepted", "1"),
    "07": ("accepted", "1"),
    "08": ("accepted", "2"),
    "22": ("accepted", "4"),
    "30": ("accepted", "2"),
    "33": ("accepted", "1"),
    "50": ("card-barred", None),
    "51": ("accepted", "1"),
    "52": ("accepted", "1"),
    "63": ("accepted", "6"),
    "64": ("accepted", "1"),
    "65": ("accepted", "1"),
    "79": ("reader-fault", None),
    "80": ("reader-fault", None),
}


@pytest.mark.parametrize("code", VARIANTS_BY_CARD)
def test_further_ready_people_are_met_through_a_card(code):
    tapped = Reader().tap(code=code)

    assert (tapped.outcome, said(tapped).get("QualificationValidity")) == VARIANTS_BY_CARD[code]


# code -> days after the start of the story: 資格有効性, insurer on that day
COURSES = {
    "03": {0: ("1", "06139919")},
    "20": {0: ("2", "01139914"), 9: ("2", "01139914"), 10: ("1", "06139919")},
    "22": {0: ("4", None), 9: ("4", None), 10: ("1", "06139919")},
    "24": {0: ("1", "01139914"), 9: ("1", "01139914"), 10: ("1", "06139919"), 30: ("1", "06139919")},
    "26": {0: ("1", "01139914"), 6: ("1", "01139914"), 7: ("2", "01139914")},
    "27": {0: ("4", None), 13: ("4", None), 14: ("1", "01139914")},
    "28": {0: ("1", "  139915"), 250: ("1", "  139915"), 251: ("1", "  139915")},
    "33": {0: ("1", "06139919")},
    "35": {0: ("4", None), 200: ("4", None)},
    "37": {0: ("1", "  139915"), 6: ("1", "  139915"), 7: ("1", "39139910"), 400: ("1", "39139910")},
}


@pytest.mark.parametrize("code", COURSES)
def test_a_card_follows_its_story_day_by_day(code):
    reader, course = Reader(), {}

    for day in COURSES[code]:
        reader.go_to(day)
        tapped = reader.tap(code=code)
        insurers = [result["InsurerNumber"] for result in results(tapped)]
        course[day] = (said(tapped)["QualificationValidity"], *(insurers or [None]))

    assert course == COURSES[code]


PAIRS = sorted(code for code, ready in BY_CODE.items() if ready.pair and not ready.is_next)


@pytest.mark.parametrize("day", [0, 7, 10, 30])
@pytest.mark.parametrize("code", PAIRS)
def test_both_numbers_of_a_person_lead_to_the_same_card(code, day):
    reader = Reader()
    reader.go_to(day)

    assert said(reader.tap(code=code)) == said(reader.tap(code=BY_CODE[code].pair))


# code -> what the number says where a card finds more
FOUND_BY_CARD_ONLY = {"03": "3", "05": "5", "07": "5", "21": "4", "25": "4", "33": "3", "38": "4"}
SAME_BY_NUMBER = [
    code
    for code, ready in sorted(BY_CODE.items())
    if code not in FOUND_BY_CARD_ONLY
    and code != "32"  # in doubt
    and VARIANTS_BY_CARD.get(code, PATTERNS_BY_CARD[ready.plays.pattern_id()])[1] is not None
]


@pytest.mark.parametrize("code", SAME_BY_NUMBER)
def test_a_card_shows_what_its_number_shows_and_consents_beside_it(code):
    reader = Reader()
    by_card, by_number = said(reader.tap(code=code)), reader.body(reader.ready(BY_CODE[code]))

    def plain(body: dict[str, Any]) -> list[dict[str, Any]]:
        shown = (item["ResultOfQualificationConfirmation"] for item in body.get("ResultList", []))
        return [{name: value for name, value in one.items() if not NOT_BY_NUMBER.fullmatch(name)} for one in shown]

    assert by_card["QualificationValidity"] == by_number["QualificationValidity"]
    assert plain(by_card) == plain(by_number)


@pytest.mark.parametrize("code", FOUND_BY_CARD_ONLY)
def test_a_card_finds_whom_the_number_does_not(code):
    reader = Reader()

    assert reader.validity(reader.ready(BY_CODE[code])) == FOUND_BY_CARD_ONLY[code]
    assert len(results(reader.tap(code=code))) == 1


def test_each_twin_has_a_card():
    twins = [Reader().tap(person=identity_of("07", branch=branch)) for branch in ("01", "02")]

    names = [only(twin)["Name"] for twin in twins]
    assert [said(twin)["QualificationValidity"] for twin in twins] == ["1", "1"]
    assert names[0] != names[1]
    assert names[0].split("　")[0] == names[1].split("　")[0]


def test_a_card_with_somebody_elses_data_shows_that_person_whole():
    result = only(Reader().tap(pattern="other-persons-data"))

    assert (result["Name"], result["Birthdate"], result["InsurerNumber"]) == ("長谷川　京子", "19700225", "06139919")
    assert "藤原　七夏" not in str(result)
    assert "1000047" not in str(result)


def test_a_withheld_address_is_withheld_from_a_card_too():
    assert not {"Address", "PostNumber"} & set(only(Reader().tap(pattern="withheld")))


def test_a_barred_card_is_refused_however_the_holder_is_proved():
    taps = [Reader().tap(code="50", by=by) for by in ("face", "pin", "visual")]

    assert [tapped.outcome for tapped in taps] == ["card-barred"] * 3
    assert all("自己情報提供不可" in tapped.message_ja for tapped in taps)


@pytest.mark.parametrize(("code", "reader_code"), [("78", "001"), ("79", "002"), ("80", "006")])
@pytest.mark.parametrize("by", ["face", "pin", "visual"])
def test_a_reader_fault_names_the_readers_code(code, reader_code, by):
    tapped = Reader().tap(code=code, by=by)

    assert (tapped.outcome, tapped.accepted) == ("reader-fault", False)
    assert tapped.message_ja.startswith(f"【{reader_code}】")
    assert tapped.message_en.startswith(f"[{reader_code}]")


def test_an_expired_certificate_is_the_readers_006():
    assert Reader().tap(pattern="certificate-expired").message_ja.startswith("【006】")


REFUSED = [pattern for pattern, (_, validity) in PATTERNS_BY_CARD.items() if validity is None]


@pytest.mark.parametrize("pattern", REFUSED)
def test_a_refused_card_is_told_as_an_error_without_a_result(pattern):
    tapped = Reader().tap(pattern=pattern)
    header = tapped.answer.XmlMsg.MessageHeader

    assert (header.SegmentOfResult, header.ErrorCode, header.ReferenceClassification) == ("9", tapped.code, "1")
    assert header.ErrorMessage == f"{tapped.message_ja} / {tapped.message_en}"
    assert said(tapped) == {"ProcessingResultStatus": "2"}
    assert tapped.code.startswith("MOCK-E5")


def test_each_reason_of_a_refusal_has_its_own_code():
    reader = Reader()
    reasons = ["card-not-registered", "pin-wrong", "pin-locked", "face-mismatch", "reader-fault"]

    assert len({reader.tap(pattern=reason).code for reason in reasons}) == len(reasons)


@pytest.mark.parametrize("pattern", ["certificate-expiring", "certificate-grace"])
def test_a_certificate_near_its_end_is_told_beside_a_normal_result(pattern):
    tapped = Reader().tap(pattern=pattern)
    body = said(tapped)

    assert tapped.answer.XmlMsg.MessageHeader.SegmentOfResult == body["ProcessingResultStatus"] == "1"
    assert (body["ProcessingResultCode"], body["ProcessingResultMessage"]) == (tapped.code, tapped.message_ja)
    assert ("3か月前" in tapped.message_ja) is (pattern == "certificate-expiring")
    assert len(results(tapped)) == 1


def test_nothing_is_told_beside_the_result_of_a_sound_card():
    tapped = Reader().tap(pattern="valid")

    assert (tapped.code, tapped.message_ja, tapped.message_en) == (None, None, None)
    assert not {"ProcessingResultCode", "ProcessingResultMessage"} & set(said(tapped))


# The certificate and the clinic's clock

# last day of the certificate: first day with a message, last day of grace
CERTIFICATES = {
    date(2026, 11, 23): (date(2026, 8, 23), date(2027, 2, 23)),
    date(2026, 12, 31): (date(2026, 9, 30), date(2027, 3, 31)),
    date(2026, 5, 31): (date(2026, 2, 28), date(2026, 8, 31)),
    date(2024, 5, 31): (date(2024, 2, 29), date(2024, 8, 31)),
    date(2024, 2, 29): (date(2023, 11, 29), date(2024, 5, 29)),
    date(2026, 11, 30): (date(2026, 8, 30), date(2027, 2, 28)),
    date(2027, 11, 30): (date(2027, 8, 30), date(2028, 2, 29)),
}


@pytest.mark.parametrize("end", CERTIFICATES, ids=str)
def test_a_certificate_follows_the_clinics_clock_to_the_second(end):
    warned, grace = CERTIFICATES[end]
    reader = Reader()
    reader.give("certificate-expiring", start=end, ends_in_days=0)
    turns = [(warned, "certificate-expiring"), (end + ONE_DAY, "certificate-grace"), (grace + ONE_DAY, "refused")]

    last = "accepted"
    for day, outcome in turns:
        for moment, expected in ((midnight(day) - timedelta(seconds=1), last), (midnight(day), outcome)):
            reader.set_clock(moment)
            found = reader.outcome(person=SOMEBODY)
            assert found == ("certificate-expired" if expected == "refused" else expected), moment
        last = outcome


@pytest.mark.parametrize("days", range(-93, 94, 31))
def test_one_certificate_is_met_by_three_patterns(days):
    taps = []
    for pattern, parameter, sign in (
        ("certificate-expiring", "ends_in_days", 1),
        ("certificate-grace", "ended_days_ago", -1),
        ("certificate-expired", "ended_days_ago", -1),
    ):
        if days * sign >= 0:
            reader = Reader()
            reader.give(pattern, **{parameter: days * sign})
            taps.append(reader.outcome(person=SOMEBODY))

    assert len(set(taps)) == 1


def test_a_ready_persons_certificate_ends_while_the_clinic_goes_on():
    reader, outcomes = Reader(), []

    for day in (0, 60, 61, 150, 151):
        reader.go_to(day)
        outcomes.append(reader.outcome(pattern="certificate-expiring"))

    assert outcomes == [
        "certificate-expiring",
        "certificate-expiring",
        "certificate-grace",
        "certificate-grace",  # 2027-04-22, three months after 2027-01-22
        "certificate-expired",
    ]


# PIN and face

TYPED = st.lists(st.sampled_from(["right", "wrong", "face", "visual"]), max_size=9)


def typed(reader: Reader, how: str, **who: Any) -> TapView:
    """A tap with a PIN that is right or wrong, or proved in another way."""
    return reader.tap(by="pin", pin=how, **who) if how in ("right", "wrong") else reader.tap(by=how, **who)


@given(TYPED)
@laws
def test_a_pin_is_locked_by_three_wrong_entries_whatever_lies_between(entries):
    reader, wrong = Reader(), 0

    for entry in entries:
        was_locked = wrong == 3
        wrong += entry == "wrong" and not was_locked
        tapped = typed(reader, entry, code="01")

        expected = "accepted"
        if entry in ("right", "wrong") and (was_locked or (wrong == 3 and entry == "wrong")):
            expected = "pin-locked"
        elif entry == "wrong":
            expected = "pin-wrong"
        assert (tapped.outcome, tapped.pin_tries_left) == (expected, 3 - wrong)


def lock(reader: Reader, **who: Any) -> None:
    """Enter a wrong PIN three times."""
    assert [typed(reader, "wrong", **who).outcome for _ in range(3)] == ["pin-wrong", "pin-wrong", "pin-locked"]


def test_a_locked_pin_is_locked_for_that_card_and_clinic_only():
    reader = Reader()
    lock(reader, code="01")

    elsewhere = Reader(OTHER_CLINIC, reader.exchange)
    assert typed(reader, "right", code="01").outcome == "pin-locked"
    assert typed(reader, "right", code="51").outcome == "accepted"
    assert typed(elsewhere, "right", code="01").outcome == "accepted"
    assert typed(elsewhere, "wrong", code="01").pin_tries_left == 2


def test_a_locked_pin_is_locked_however_the_person_is_named():
    reader = Reader()
    lock(reader, person=SOMEBODY)

    person = identity_of_resident(reader.country.resident(SOMEBODY))
    assert typed(reader, "right", person=person).outcome == "pin-locked"


@pytest.mark.parametrize("code", ["01", "75"])
def test_a_reset_unlocks(code):
    reader = Reader()
    lock(reader, code=code)

    reader.reset()

    tapped = typed(reader, "wrong", code=code)
    assert (tapped.outcome, tapped.pin_tries_left) == ("pin-wrong", 2)


def test_an_advancing_clock_does_not_unlock():
    reader = Reader()
    reader.go_to(0)
    lock(reader, code="01")

    reader.go_to(365)

    assert typed(reader, "right", code="01").outcome == "pin-locked"


def test_a_twins_pin_is_locked_for_that_twin_only():
    reader = Reader()
    lock(reader, person=identity_of("07", branch="01"))

    assert typed(reader, "right", person=identity_of("07", branch="02")).outcome == "accepted"


@pytest.mark.parametrize("code", PAIRS)
def test_a_locked_pin_is_locked_under_both_numbers_of_its_holder(code):
    reader = Reader()
    lock(reader, code=code)

    assert typed(reader, "right", code=BY_CODE[code].pair).outcome == "pin-locked"


@pytest.mark.parametrize("other", ["02", "45", "51"])
def test_a_locked_pin_is_not_that_of_another_rule_number(other):
    reader, person = Reader(), {"insurer_number": "01139906", "birthdate": "1980-01-01"}
    lock(reader, person={**person, "number": "1000001"})

    assert typed(reader, "right", person={**person, "number": f"10000{other}"}).outcome == "accepted"


def test_both_rule_numbers_of_a_person_are_one_card():
    reader = Reader()
    lock(reader, person={"insurer_number": "01139906", "number": "1000003", "birthdate": "1980-01-01"})

    person = {"insurer_number": "06139901", "number": "1000006", "birthdate": "1980-01-01"}
    assert typed(reader, "right", person=person).outcome == "pin-locked"


def test_a_pin_nobody_knows_locks_however_it_is_typed():
    reader = Reader()
    taps = [reader.tap(pattern="pin-wrong") for _ in range(4)]

    assert [(tapped.outcome, tapped.pin_tries_left) for tapped in taps] == [
        ("pin-wrong", 2),
        ("pin-wrong", 1),
        ("pin-locked", 0),
        ("pin-locked", 0),
    ]
    assert {tapped.by.value for tapped in taps} == {"pin"}


def test_a_pin_locked_before_stays_so_after_a_reset():
    reader = Reader()
    first = reader.tap(pattern="pin-locked")
    reader.reset()
    second = reader.tap(pattern="pin-locked", by="pin", pin="right")

    assert [(tapped.outcome, tapped.pin_tries_left) for tapped in (first, second)] == [("pin-locked", 0)] * 2


@pytest.mark.parametrize("pattern", ["pin-wrong", "pin-locked"])
@pytest.mark.parametrize("by", ["face", "visual"])
def test_a_face_and_the_staffs_eyes_need_no_pin(pattern, by):
    tapped = Reader().tap(pattern=pattern, by=by)

    assert (tapped.outcome, said(tapped)["QualificationValidity"]) == ("accepted", "1")


def test_a_face_that_is_not_recognised_is_helped_by_another_proof():
    reader = Reader()

    outcomes = {by: reader.outcome(pattern="face-mismatch", by=by) for by in ("face", "pin", "visual")}

    assert outcomes == {"face": "face-mismatch", "pin": "accepted", "visual": "accepted"}


def test_a_card_the_reader_cannot_read_takes_no_pin():
    reader = Reader()
    taps = [typed(reader, "wrong", pattern="reader-fault") for _ in range(4)]

    assert {(tapped.outcome, tapped.pin_tries_left) for tapped in taps} == {("reader-fault", 3)}


# Consents

MEMBERS = {
    "limit": "LimitApplicationCertificateRelated",
    "diseases": "SpecificDiseasesCertificateRelated",
    "checkups": "SpecificHealthCheckupsInfo",
    "drugs": "PharmacistsInfo",
    "diagnoses": "DiagnosisInfo",
    "operations": "OperationInfo",
}
ENDING = ("checkups", "drugs", "diagnoses", "operations")  # after 24 hours; the two certificates last the visit
SUBSETS = [chosen for size in range(len(MEMBERS) + 1) for chosen in combinations(MEMBERS, size)]


def consents_of(result: dict[str, Any]) -> dict[str, str]:
    """The members of a result about consents."""
    return {n: v for n, v in result.items() if n.endswith(("ConsFlg", "ConsTime", "AvailableTime"))}


def told(chosen: tuple[str, ...], given_at: str, until: str) -> dict[str, str]:
    """What is told about consents to some things."""
    flags = {f"{member}ConsFlg": "1" if name in chosen else "0" for name, member in MEMBERS.items()}
    times = {f"{MEMBERS[name]}ConsTime": given_at for name in chosen}
    return flags | times | {f"{MEMBERS[name]}AvailableTime": until for name in chosen if name in ENDING}


@pytest.mark.parametrize("code", ["01", "52", "62"])
def test_each_consent_is_told_by_flag_moment_and_end(code):
    reader = Reader()

    for chosen in SUBSETS:
        result = only(reader.tap(code=code, consents=chosen))
        assert consents_of(result) == told(chosen, "20261123090000", "20261124090000")


def test_everything_is_consented_to_unless_said_otherwise():
    tapped = Reader().tap(code="01")

    assert consents_of(only(tapped)) == told(tuple(MEMBERS), "20261123090000", "20261124090000")
    assert {consent.value for consent in tapped.consents} == set(MEMBERS)


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        (datetime(2024, 2, 28, 23, 59, 59, tzinfo=JST), "20240229235959"),
        (datetime(2024, 2, 29, 0, 0, 0, tzinfo=JST), "20240301000000"),
        (datetime(2026, 12, 31, 12, 30, 0, tzinfo=JST), "20270101123000"),
    ],
)
def test_consents_end_after_24_hours_of_the_clinics_clock(moment, until):
    reader = Reader()
    reader.set_clock(moment)

    tapped = reader.tap(code="01", consents=["drugs"])

    assert only(tapped)["PharmacistsInfoConsTime"] == moment.strftime("%Y%m%d%H%M%S")
    assert only(tapped)["PharmacistsInfoAvailableTime"] == until == tapped.consents_until.strftime("%Y%m%d%H%M%S")


@pytest.mark.parametrize("consent", MEMBERS)
def test_certificates_come_with_their_own_consent_only(consent):
    result = only(Reader().tap(pattern="specific-disease", consents=[consent]))

    assert ("LimitApplicationCertificateRelatedInfo" in result) is (consent == "limit")
    assert ("SpecificDiseasesCertificateList" in result) is (consent == "diseases")


def test_a_certificate_nobody_has_does_not_come_with_a_consent():
    assert "SpecificDiseasesCertificateList" not in only(Reader().tap(code="01", consents=["diseases"]))


# The record's other parts


def disease(result: dict[str, Any]) -> dict[str, str]:
    """The one 特定疾病療養受療証 of a result."""
    (item,) = result["SpecificDiseasesCertificateList"]
    return item["SpecificDiseasesCertificateInfo"]


def somebody(reader: Reader, ages: range, income: Income, *, from_70: bool = False) -> int:
    """The seat of the first person under 75 of some age and income who is insured."""
    for index in range(60_000):
        resident = reader.country.resident(index)
        means = resident.cover.means
        is_fitting = (means.elderly if from_70 else means.working) is income
        if is_fitting and age_on(resident.person.birthdate, TODAY) in ages and resident.enrolled_on < TODAY:
            return index
    raise LookupError(income)


SELF_PAY = {  # category, ages, income: yen a month
    "dialysis-top": ("1", range(40, 60), Income.TOP, 20_000),
    "dialysis-upper": ("1", range(40, 60), Income.UPPER, 20_000),
    "dialysis-active": ("1", range(40, 60), Income.ACTIVE, 10_000),
    "dialysis-low": ("1", range(40, 60), Income.LOW_2, 10_000),
    "dialysis-upper-from-70": ("1", range(71, 75), Income.UPPER, 10_000),
    "haemophilia-upper": ("2", range(40, 60), Income.UPPER, 10_000),
    "hiv-top": ("3", range(40, 60), Income.TOP, 10_000),
}


@pytest.mark.parametrize("case", SELF_PAY)
def test_what_is_paid_for_a_specific_disease_hangs_on_disease_income_and_age(case):
    category, ages, income, yen = SELF_PAY[case]
    reader = Reader()
    seat = somebody(reader, ages, income, from_70=ages.start >= 70)
    reader.give("specific-disease", seat, category=category)

    info = disease(only(reader.tap(person=seat)))

    assert (info["SpecificDiseasesDiseaseCategory"], info["SpecificDiseasesSelfPay"]) == (category, str(yen))


def test_what_is_paid_for_dialysis_falls_at_70():
    reader = Reader()
    seat = somebody(reader, range(69, 70), Income.UPPER)
    reader.give("specific-disease", seat)
    paid = []

    for day in (0, 400):
        reader.go_to(day)
        paid.append(disease(only(reader.tap(person=seat)))["SpecificDiseasesSelfPay"])

    assert paid == ["20000", "10000"]


def test_the_self_pay_of_a_specific_disease_can_be_chosen():
    reader = Reader()
    reader.give("specific-disease", self_pay_yen=0)

    assert disease(only(reader.tap(person=SOMEBODY)))["SpecificDiseasesSelfPay"] == "0"


def tickets(result: dict[str, Any]) -> list[dict[str, str]]:
    """医療券・調剤券 of a result."""
    return [item["MedicalTicketInfo"] for item in result.get("PublicExpenseResultList", [])]


# code: 券別, whether it names the clinic that asks
TICKETS = {"62": [("01", True)], "63": [], "64": [("02", True)], "65": [("01", False)]}


@pytest.mark.parametrize("code", TICKETS)
def test_medical_assistance_alone_is_one_result_with_its_tickets(code):
    result = only(Reader().tap(code=code))

    found = [(t["TicketType"], t["DesignatedMedicalInstitutionCode"] == CLINIC) for t in tickets(result)]
    flags = [t["DesignatedMedicalInstitutionFlag"] for t in tickets(result)]
    assert (result["InsuredCardClassification"], found) == ("A1", TICKETS[code])
    assert flags == ["0" if is_ours else "1" for _, is_ours in found]


def insured_by(reader: Reader, kind: InsurerKind) -> int:
    """The seat of the first person insured by a kind of insurer."""
    found = (index for index in range(60_000) if reader.country.resident(index).card_on(TODAY).insurer.kind is kind)
    return next(found)


@pytest.mark.parametrize("kind", [InsurerKind.ASSOCIATION, InsurerKind.SOCIETY, InsurerKind.MUTUAL_AID])
def test_medical_assistance_beside_insurance_at_work_is_two_results(kind):
    reader = Reader()
    seat = insured_by(reader, kind)
    reader.give("medical-assistance", seat)

    tapped = reader.tap(person=seat)
    by_class = {result["InsuredCardClassification"]: result for result in results(tapped)}

    assert said(tapped)["QualificationValidity"] == "1"
    assert (len(results(tapped)), set(by_class)) == (2, {"01", "A1"})
    assert by_class["01"]["InsurerNumber"] == reader.country.resident(seat).card_on(TODAY).insurer.number
    (ticket,) = tickets(by_class["A1"])
    assert (ticket["SingleOrCombinedUse"], ticket["StatusOfSocialInsurance"]) == ("02", "01")
    assert by_class["01"]["Name"] == by_class["A1"]["Name"]


@pytest.mark.parametrize("kind", [InsurerKind.NATIONAL, InsurerKind.ELDERLY])
def test_medical_assistance_takes_the_place_of_insurance_by_residence(kind):
    reader = Reader()
    seat = insured_by(reader, kind)
    reader.give("medical-assistance", seat)

    (ticket,) = tickets(only(reader.tap(person=seat)))

    assert (ticket["SingleOrCombinedUse"], ticket["StatusOfSocialInsurance"]) == ("01", "02")


@pytest.mark.parametrize("kind", [InsurerKind.ASSOCIATION, InsurerKind.NATIONAL])
def test_medical_assistance_without_a_ticket_is_6(kind):
    reader = Reader()
    seat = insured_by(reader, kind)
    reader.give("medical-assistance", seat, ticket="none")

    assert said(reader.tap(person=seat))["QualificationValidity"] == "6"


@pytest.mark.parametrize(("setting", "is_shown"), [("shown", True), ("hidden", False)])
def test_a_linked_subsidy_is_shown_unless_hidden(setting, is_shown):
    result = only(Reader(subsidies=setting).tap(pattern="subsidy-linked"))

    lengths = {name: len(result[name]) for name in ("PublicExpenseNumber", "BeneficiaryNumber") if name in result}
    assert lengths == ({"PublicExpenseNumber": 8, "BeneficiaryNumber": 7} if is_shown else {})


def test_a_subsidy_that_is_not_linked_is_not_shown():
    assert not {"PublicExpenseNumber", "BeneficiaryNumber"} & set(only(Reader().tap(pattern="subsidy-not-linked")))


# The file


def test_a_face_file_has_the_real_form_of_name():
    reader = Reader()
    reader.set_clock(datetime(2026, 9, 29, 16, 1, 12, tzinfo=JST))

    match = FACE_NAME.fullmatch(reader.tap(code="01").face_file)

    assert match
    assert (match[1], match[3]) == (CLINIC, "20260929160112")


@pytest.mark.parametrize("who", [{"code": "01"}, {"code": "04"}, {"random": True}, {"code": "71"}, {"code": "78"}])
def test_a_face_file_has_the_header_of_a_card(who):
    header = Reader().tap(**who).answer.XmlMsg.MessageHeader

    assert (header.ReferenceClassification, header.MedicalInstitutionCode) == ("1", CLINIC)
    assert (header.ProcessExecutionTime, header.QualificationConfirmationDate) == ("20261123090000", "20261123")
    assert len(header.ArbitraryFileIdentifier) == 16
    assert IDENTIFIER.fullmatch(header.ArbitraryFileIdentifier)


@pytest.mark.parametrize("who", [{"code": "01"}, {"code": "04"}, {"code": "47"}, {"code": "78"}])
def test_a_face_file_does_not_say_what_was_searched_for(who):
    reader = Reader()
    tapped = reader.lay(**who)[2]
    message = tapped.face.message(reader.exchange.manner)

    assert "QualificationConfirmSearchInfo" not in msgspec.to_builtins(message)["XmlMsg"]["MessageBody"]
    assert b"QualificationConfirmSearchInfo" not in write(message, FileForm())


def test_names_and_identifiers_are_never_given_twice():
    readers = [Reader()]
    readers.append(Reader(OTHER_CLINIC, readers[0].exchange))
    taps = []

    for _ in range(4):
        taps += [reader.tap(code="01") for _ in range(100) for reader in readers]
        readers[0].reset()

    assert len({tapped.face_file for tapped in taps}) == len(taps)
    assert len({tapped.answer.XmlMsg.MessageHeader.ArbitraryFileIdentifier for tapped in taps}) == len(taps)


def test_the_same_taps_at_a_mock_opened_at_the_same_moment_are_the_same():
    ours, theirs = ([reader.tap(random=True) for _ in range(5)] for reader in (Reader(), Reader()))

    assert ours == theirs


def test_a_mock_opened_at_another_moment_gives_other_names():
    later = Exchange(Settings(require_token=False), NOW + timedelta(seconds=1))

    assert Reader().tap(code="01").face_file != Reader(exchange=later).tap(code="01").face_file


@pytest.mark.parametrize(("prescription", "code"), [("electronic", "1"), ("paper", "2"), (None, None)])
def test_the_form_of_prescription_is_told_where_it_was_chosen(prescription, code):
    body = said(Reader().tap(code="01", prescription=prescription))

    assert body.get("PrescriptionIssueSelect") == code
    assert "PrescriptionIssueSelect" not in body["ResultList"][0]["ResultOfQualificationConfirmation"]


def test_a_face_does_not_change_while_it_waits():
    reader = Reader()
    face = reader.lay(code="01")[2].face
    before = face.message(reader.exchange.manner)

    card = cast_ready(BY_CODE["01"], TODAY, reader.exchange.repertoire).card
    reader.exchange.clinics.open(CLINIC, NOW).references[card.insurer.key, card.number, None] = "12345"

    assert face.message(reader.exchange.manner) == before


# Whose card


def test_random_taps_come_in_the_same_order_after_a_reset():
    reader = Reader()
    first = [results(reader.tap(random=True)) for _ in range(6)]
    reader.reset()

    assert [results(reader.tap(random=True)) for _ in range(6)] == first


def test_random_taps_go_to_many_people_whom_the_backend_knows():
    reader = Reader()
    taps = [reader.tap(random=True) for _ in range(60)]
    people = [only(tapped) for tapped in taps if results(tapped)]

    assert {tapped.outcome for tapped in taps} == {"accepted"}
    assert {tapped.pattern for tapped in taps} == {"ordinary"}
    assert len(people) > 50
    assert len({(one["InsurerNumber"], one["InsuredIdentificationNumber"]) for one in people}) == len(people)
    for one in people:
        assert reader.result(asked_again(one))["Name"] == one["Name"]


def asked_again(result: dict[str, Any]) -> SearchRequest:
    """The request by number for whom a card showed."""
    names = ("InsuredCardSymbol", "InsuredIdentificationNumber", "InsuredBranchNumber", "Birthdate")
    search = {name: result[name] for name in names if name in result}
    search |= {"InsurerNumber": result["InsurerNumber"], "LimitApplicationCertificateRelatedConsFlg": "1"}
    header = {"QualificationConfirmationDate": "20261123", "MedicalInstitutionCode": CLINIC}
    body = {"MessageHeader": header, "MessageBody": {"QualificationConfirmSearchInfo": search}}
    return msgspec.convert({"XmlMsg": body}, SearchRequest)


def test_other_clinics_see_other_random_people():
    names = [[only(r.tap(random=True))["Name"] for _ in range(4)] for r in (Reader(), Reader(OTHER_CLINIC))]

    assert names[0] != names[1]


SEATS = st.integers(0, 123_999_999)


@given(SEATS)
@laws
def test_a_seat_is_the_person_of_that_number(seat):
    reader = Reader()
    person = reader.country.resident(seat).person

    for who in (seat, identity_of_resident(reader.country.resident(seat))):
        tapped = reader.tap(person=who)
        found = [(result["NameKana"], result["Birthdate"]) for result in results(tapped)]
        assert (tapped.pattern, found or None) in (
            ("ordinary", [(person.kana, person.birthdate.strftime("%Y%m%d"))]),
            ("ordinary", None),  # too young for an insurance of their own
        )


def test_a_clinic_with_its_own_country_taps_its_own_people():
    reader = Reader()
    before = only(reader.tap(person=SOMEBODY))["Name"]

    reader.control.change_clinic(CLINIC, ClinicChange(seed=2), NOW)

    assert only(reader.tap(person=SOMEBODY))["Name"] != before


@pytest.mark.parametrize("written", [{}, {"insurer_number": "1139914"}, {"number": "１００００１１"}, {"branch": "1"}])
def test_a_ready_person_is_named_by_number(written):
    tapped = Reader().tap(person=identity_of("11", **written))

    assert (tapped.pattern, only(tapped)["NameKana"]) == ("garbled-name", "ﾀｶﾊｼ ｶｽﾞﾔ")


@pytest.mark.parametrize(
    ("digits", "outcome"), [("01", "accepted"), ("74", "card-not-registered"), ("75", "pin-wrong")]
)
def test_a_rule_number_is_a_card_too(digits, outcome):
    person = {"insurer_number": "01139906", "number": f"76543{digits}", "birthdate": "1980-01-01"}

    tapped = Reader().tap(person=person)

    assert (tapped.pattern, tapped.outcome) == (BY_CODE[digits].plays.pattern_id(), outcome)
    assert [result["Birthdate"] for result in results(tapped)] == (["19800101"] if outcome == "accepted" else [])


@pytest.mark.parametrize("pattern", ["lost", "garbled-name", "card-not-registered", "certificate-expiring", "no-match"])
def test_a_person_with_a_pattern_brings_it_to_the_reader(pattern):
    reader = Reader()
    reader.give(pattern)

    person = identity_of_resident(reader.country.resident(SOMEBODY))
    taps = [reader.tap(person=who) for who in (SOMEBODY, person)]

    outcome, validity = PATTERNS_BY_CARD[pattern]
    for tapped in taps:
        assert (tapped.pattern, tapped.outcome) == (pattern, outcome)
        assert said(tapped).get("QualificationValidity") == validity


def test_a_pattern_of_a_person_is_not_brought_to_another_clinic_nor_by_the_family():
    reader = Reader()
    reader.give("card-not-registered", 0)

    assert reader.outcome(person=0) == "card-not-registered"
    assert Reader(OTHER_CLINIC, reader.exchange).outcome(person=0) == "accepted"
    assert {reader.outcome(person=seat) for seat in range(1, 10)} == {"accepted"}


def test_a_ready_person_may_be_given_another_pattern():
    reader = Reader()
    reader.give("face-mismatch", Identity("01139914", "1000001", date(1981, 4, 12)))

    tapped = reader.tap(pattern="valid")

    assert (tapped.pattern, tapped.outcome) == ("face-mismatch", "face-mismatch")


NOBODY = {
    "unknown-insurer": {"insurer_number": "99999999", "number": "1", "birthdate": "1980-01-01"},
    "unused-ready-number": identity_of("01", number="1000099"),
    "unused-rule-number": {"insurer_number": "01139906", "number": "7654399", "birthdate": "1980-01-01"},
    "birthdate-of-nobody": identity_of_resident(Desk().country.resident(SOMEBODY), birthdate=date(1901, 1, 1)),
}


@pytest.mark.parametrize("case", NOBODY)
def test_nobody_has_a_card_under_a_number_of_nobodys(case):
    reader = Reader()

    with pytest.raises(Denial) as denied:
        reader.tap(person=NOBODY[case])

    assert denied.value.status == 404
    assert len(reader.exchange.clinics) == 0


@pytest.mark.parametrize("code", ["01", "04", "27", "35", "74"])
def test_a_ready_persons_number_with_another_birthdate_is_nobodys(code):
    with pytest.raises(Denial):
        Reader().tap(person=identity_of(code, birthdate=date(1901, 1, 1)))


@pytest.mark.parametrize("seat", [-1, 124_000_000])
def test_a_seat_outside_the_country_is_told(seat):
    with pytest.raises(Denial, match=r"expected 0 to 123999999"):
        Reader().tap(person=seat)


# The tray


def faces(*codes: str) -> list[Any]:
    """Results of readers at some clinics."""
    reader = Reader()
    return [replace(reader.lay(code="01")[2].face, clinic_code=code) for code in codes]


def test_a_tray_numbers_what_is_put_on_it():
    tray = Tray()
    for face in faces(CLINIC, OTHER_CLINIC, CLINIC):
        tray.put(face)

    assert [face.serial for face in tray.after(0, "")] == [1, 2, 3]
    assert [face.serial for face in tray.after(1, "")] == [2, 3]
    assert [face.serial for face in tray.after(0, CLINIC)] == [1, 3]
    assert [face.serial for face in tray.after(1, OTHER_CLINIC)] == [2]
    assert (tray.after(3, ""), tray.last) == ([], 3)


def test_a_tray_holds_the_last_thousand():
    tray, (face,) = Tray(), faces(CLINIC)
    for _ in range(1_003):
        tray.put(face)

    held = tray.after(0, "")

    assert (len(held), held[0].serial, held[-1].serial, tray.last) == (1_000, 4, 1_003, 1_003)


def test_a_tray_forgets_a_clinic_and_goes_on_counting():
    tray = Tray()
    for face in faces(CLINIC, OTHER_CLINIC, CLINIC):
        tray.put(face)

    tray.forget(CLINIC)
    tray.put(*faces(CLINIC))

    assert [(face.serial, face.clinic_code) for face in tray.after(0, "")] == [(2, OTHER_CLINIC), (4, CLINIC)]


def test_a_tray_that_forgot_a_clinic_still_holds_the_last_thousand():
    tray, (face,) = Tray(), faces(CLINIC)
    tray.forget(OTHER_CLINIC)
    for _ in range(1_001):
        tray.put(face)

    assert len(tray.after(0, "")) == 1_000

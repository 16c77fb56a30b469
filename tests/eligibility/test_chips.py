"""The card on the reader: when its certificate counts, how the holder is proved, and what the register tells a holder."""

from datetime import date, datetime
from itertools import groupby, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.eligibility.benefits import Assistance, Ticket
from mockserver.eligibility.calendar import JST, ONE_DAY, midnight, months_after
from mockserver.eligibility.chips import PIN_TRIES, Chip, Outcome, Proof, prove
from mockserver.eligibility.records import (
    Answer,
    Card,
    Cover,
    Income,
    Insurer,
    InsurerKind,
    LossReason,
    Means,
    Person,
    Record,
    Relation,
    Validity,
    look_up_holder,
)

TODAY = date(2026, 11, 23)
DAYS = st.dates(date(1950, 1, 1), date(2199, 12, 31))
ENDS = st.dates(date(2020, 1, 1), date(2032, 12, 31))
laws = settings(max_examples=60, deadline=None, derandomize=True)


# Months


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 23), 0, date(2026, 11, 23)),
        (date(2026, 11, 23), 3, date(2027, 2, 23)),
        (date(2026, 11, 23), -3, date(2026, 8, 23)),
        (date(2026, 2, 23), -3, date(2025, 11, 23)),
        (date(2026, 9, 30), 3, date(2026, 12, 30)),
        (date(2026, 10, 1), 3, date(2027, 1, 1)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 5, 31), -3, date(2026, 2, 28)),
        (date(2024, 5, 31), -3, date(2024, 2, 29)),
        (date(2024, 2, 29), 3, date(2024, 5, 29)),
        (date(2024, 2, 29), -3, date(2023, 11, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2000, 2, 29), -1200, date(1900, 2, 28)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 1, 31), -1, date(2025, 12, 31)),
        (date(9999, 12, 1), 1, date.max),
        (date(9999, 11, 30), 1, date(9999, 12, 30)),
        (date(1, 1, 31), -1, date.min),
        (date(1, 2, 28), -1, date(1, 1, 28)),
    ],
)
def test_the_same_day_some_months_away(day, months, expected):
    assert months_after(day, months) == expected


@given(DAYS, st.integers(-600, 600))
@laws
def test_months_away_is_the_same_day_or_the_last_of_its_month(day, months):
    found = months_after(day, months)

    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == day.day or (found.day < day.day and (found + ONE_DAY).day == 1)


@given(DAYS, DAYS, st.integers(-600, 600))
@laws
def test_months_away_keeps_the_order_of_days(one, other, months):
    first, last = sorted((one, other))

    assert months_after(first, months) <= months_after(last, months)


# The certificate

# last day of the certificate: first day with a message, last day of grace
CERTIFICATES = {
    "plain": (date(2026, 11, 23), date(2026, 8, 23), date(2027, 2, 23)),
    "turn-of-year": (date(2026, 12, 31), date(2026, 9, 30), date(2027, 3, 31)),
    "first-of-month": (date(2026, 3, 1), date(2025, 12, 1), date(2026, 6, 1)),
    "warned-from-28-february": (date(2026, 5, 31), date(2026, 2, 28), date(2026, 8, 31)),
    "warned-from-29-february": (date(2024, 5, 31), date(2024, 2, 29), date(2024, 8, 31)),
    "ends-28-february": (date(2026, 2, 28), date(2025, 11, 28), date(2026, 5, 28)),
    "ends-29-february": (date(2024, 2, 29), date(2023, 11, 29), date(2024, 5, 29)),
    "grace-to-28-february": (date(2026, 11, 30), date(2026, 8, 30), date(2027, 2, 28)),
    "grace-to-29-february": (date(2027, 11, 30), date(2027, 8, 30), date(2028, 2, 29)),
}


def walk(end, proof):
    """Each outcome of a certificate, with the first day it comes on, from 200 days before its last day to 200 after."""
    chip = Chip(certificate_ends_on=end)
    days = [end + step * ONE_DAY for step in range(-200, 201)]
    outcomes = groupby(days, lambda day: prove(chip, proof, day, PIN_TRIES, is_pin_right=True))
    return [(outcome, next(iter(those))) for outcome, those in outcomes]


@pytest.mark.parametrize("proof", Proof)
@pytest.mark.parametrize("case", CERTIFICATES)
def test_a_certificate_day_by_day(case, proof):
    end, warned, grace = CERTIFICATES[case]

    assert walk(end, proof) == [
        (Outcome.ACCEPTED, end - 200 * ONE_DAY),
        (Outcome.EXPIRING, warned),
        (Outcome.GRACE, end + ONE_DAY),
        (Outcome.EXPIRED, grace + ONE_DAY),
    ]


@given(ENDS, ENDS, ENDS)
@laws
def test_a_certificate_never_gets_better(end, one, other):
    chip = Chip(certificate_ends_on=end)
    course = [Outcome.ACCEPTED, Outcome.EXPIRING, Outcome.GRACE, Outcome.EXPIRED]

    first, last = (prove(chip, Proof.FACE, day, PIN_TRIES, is_pin_right=True) for day in sorted((one, other)))

    assert course.index(first) <= course.index(last)


@pytest.mark.parametrize("day", [date.min, TODAY, date.max])
def test_a_certificate_renewed_in_time_is_never_a_trouble(day):
    assert prove(Chip(), Proof.FACE, day, PIN_TRIES, is_pin_right=True) is Outcome.ACCEPTED


@pytest.mark.parametrize("end", [date.min, date.max])
def test_a_certificate_at_the_edge_of_the_calendar_is_no_accident(end):
    outcome = prove(Chip(certificate_ends_on=end), Proof.FACE, TODAY, PIN_TRIES, is_pin_right=True)

    assert outcome is (Outcome.EXPIRED if end == date.min else Outcome.ACCEPTED)


# The proof

PINS = {  # entries left before this one, is it right: outcome
    (3, True): Outcome.ACCEPTED,
    (1, True): Outcome.ACCEPTED,
    (3, False): Outcome.PIN_WRONG,
    (2, False): Outcome.PIN_WRONG,
    (1, False): Outcome.PIN_LOCKED,
    (0, False): Outcome.PIN_LOCKED,
    (0, True): Outcome.PIN_LOCKED,
}


@pytest.mark.parametrize(("tries", "is_right"), PINS)
def test_a_pin_is_locked_by_the_third_wrong_entry(tries, is_right):
    assert prove(Chip(), Proof.PIN, TODAY, tries, is_right) is PINS[tries, is_right]


def test_a_pin_nobody_knows_is_never_right():
    chip = Chip(is_pin_known=False)

    assert [prove(chip, Proof.PIN, TODAY, tries, is_pin_right=True) for tries in (3, 2, 1)] == [
        Outcome.PIN_WRONG,
        Outcome.PIN_WRONG,
        Outcome.PIN_LOCKED,
    ]


def test_a_pin_locked_before_takes_no_entry():
    assert prove(Chip(is_locked=True), Proof.PIN, TODAY, 3, is_pin_right=True) is Outcome.PIN_LOCKED


CHIPS = st.builds(
    Chip,
    certificate_ends_on=st.none() | ENDS,
    is_registered=st.booleans(),
    is_barred=st.booleans(),
    is_face_alike=st.booleans(),
    is_pin_known=st.booleans(),
    is_locked=st.booleans(),
    reader_code=st.sampled_from((None, None, None, "001", "002", "006")),
)


@given(CHIPS, ENDS)
@laws
def test_the_pin_does_not_matter_to_a_face_or_to_the_staffs_eyes(chip, day):
    for proof in (Proof.FACE, Proof.VISUAL):
        outcomes = {prove(chip, proof, day, tries, right) for tries, right in product(range(4), (True, False))}

        assert len(outcomes) == 1
        assert not outcomes & {Outcome.PIN_WRONG, Outcome.PIN_LOCKED}


@given(CHIPS, ENDS)
@laws
def test_a_face_does_not_matter_to_another_proof(chip, day):
    for proof in (Proof.PIN, Proof.VISUAL):
        assert prove(chip, proof, day, PIN_TRIES, is_pin_right=True) is not Outcome.FACE_MISMATCH


@given(CHIPS, ENDS, st.sampled_from(Proof))
@laws
def test_a_card_that_may_not_be_used_is_never_accepted(chip, day, proof):
    outcome = prove(chip, proof, day, PIN_TRIES, is_pin_right=True)

    if chip.reader_code or chip.is_barred or not chip.is_registered:
        assert not outcome.is_accepted
    assert (outcome is Outcome.READER_FAULT) is bool(chip.reader_code)


def test_only_a_sound_an_expiring_and_a_card_in_grace_are_accepted():
    assert [o for o in Outcome if o.is_accepted] == [Outcome.ACCEPTED, Outcome.EXPIRING, Outcome.GRACE]


# What the register tells a holder

COVER = Cover(Relation.SELF, Means(Income.ACTIVE, Income.GENERAL_1))
TICKET = Ticket("01", "02")
HOLDER = "1"
CARDS = {
    name: Card(Insurer.numbered(body, name, kind), None, "1000001", None)
    for name, body, kind in (
        ("協会", "0113001", InsurerKind.ASSOCIATION),
        ("組合", "0613809", InsurerKind.SOCIETY),
        ("区", "13815", InsurerKind.NATIONAL),
        ("福祉", "1213001", InsurerKind.ASSISTANCE),
    )
}
PERSON = Person("診療", "太郎", "ｼﾝﾘｮｳ", "ﾀﾛｳ", "1", date(1980, 1, 2), "東京都", "100-0001")
OLD = {"period": "old", "since": date(2020, 4, 1)}
CHANGE = date(2026, 11, 1)
ENDED = {**OLD, "known": CHANGE, "lost_on": CHANGE}
NEW = {"period": "new", "since": CHANGE}


def record(name, *, period, since, known=None, lost_on=None, holder=HOLDER, cover=COVER):
    """A registration, by the name of its insurer."""
    reason = LossReason.OTHER_INSURANCE if lost_on else None
    return Record(holder, period, CARDS[name], PERSON, cover, since, midnight(known or since), lost_on, reason)


def assisted(*tickets):
    """A registration of 医療扶助."""
    cover = Cover(Relation.SELF, COVER.means, assistance=Assistance(tickets, "担当"))
    return record("福祉", period="assistance", since=CHANGE, cover=cover)


def asked(*records, day=TODAY, holder=HOLDER):
    """Validity, and the insurers of the results."""
    answer = look_up_holder(records, holder, day, midnight(day))
    return answer.validity.code, {shown.card.insurer.name for shown in answer.records}


BEFORE = CHANGE - ONE_DAY
LOST = [record("協会", **OLD), record("協会", **ENDED)]
CHANGED = [*LOST, record("組合", **NEW)]
HOLDERS = {  # records, day: validity, insurers shown
    "insured": ([record("協会", **OLD)], TODAY, "1", {"協会"}),
    "nothing-registered": ([], TODAY, "4", set()),
    "not-registered-yet": ([record("協会", **{**OLD, "known": TODAY + ONE_DAY})], TODAY, "4", set()),
    "begins-tomorrow": ([record("協会", period="a", since=TODAY + ONE_DAY, known=CHANGE)], TODAY, "4", set()),
    "lost": (LOST, TODAY, "2", {"協会"}),
    "the-day-before-the-loss": (LOST, BEFORE, "1", {"協会"}),
    "changed": (CHANGED, TODAY, "1", {"組合"}),
    "the-day-of-the-change": (CHANGED, CHANGE, "1", {"組合"}),
    "the-day-before": (CHANGED, BEFORE, "1", {"協会"}),
    "both-go-on": ([record("協会", **OLD), record("組合", **NEW)], TODAY, "1", {"組合"}),
    "lost-twice": (
        [record("協会", **ENDED), record("組合", **NEW, lost_on=date(2026, 11, 20))],
        TODAY,
        "2",
        {"組合"},
    ),
    "annulled": (
        [record("協会", **OLD), record("協会", **{**OLD, "known": CHANGE, "lost_on": OLD["since"]})],
        TODAY,
        "4",
        set(),
    ),
    "assistance": ([assisted(TICKET)], TODAY, "1", {"福祉"}),
    "assistance-without-a-ticket": ([assisted()], TODAY, "6", {"福祉"}),
    "assistance-beside-work": ([record("協会", **OLD), assisted(TICKET)], TODAY, "1", {"協会", "福祉"}),
    "assistance-beside-a-lost-insurance": ([record("区", **ENDED), assisted(TICKET)], TODAY, "1", {"福祉"}),
    "insured-before-the-assistance": ([record("協会", **OLD), assisted(TICKET)], BEFORE, "1", {"協会"}),
}


@pytest.mark.parametrize("case", HOLDERS)
def test_a_holder_is_found_whatever_the_number(case):
    records, day, validity, insurers = HOLDERS[case]

    assert asked(*records, day=day) == (validity, insurers)


@pytest.mark.parametrize("case", HOLDERS)
def test_the_order_of_records_does_not_matter_to_a_holder(case):
    records, day, validity, insurers = HOLDERS[case]

    assert asked(*reversed(records), day=day) == (validity, insurers)


@pytest.mark.parametrize("case", HOLDERS)
def test_other_holders_under_the_same_number_do_not_matter(case):
    records, day, validity, insurers = HOLDERS[case]
    theirs = [record(name, **OLD, holder="2") for name in CARDS]

    assert asked(*theirs, *records, day=day) == (validity, insurers)
    assert asked(*records, day=day, holder="3") == ("4", set())


def test_an_insurance_shows_from_the_moment_it_is_registered():
    late = record("協会", **{**OLD, "known": CHANGE})
    last = datetime(2026, 10, 31, 23, 59, 59, tzinfo=JST)

    assert look_up_holder([late], HOLDER, TODAY, last) == Answer(Validity.NO_MATCH)
    assert look_up_holder([late], HOLDER, TODAY, midnight(CHANGE)) == Answer(Validity.VALID, (late,))

"""The laws of the one look-up over records that know two times."""

from datetime import date, datetime, timedelta
from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mockserver.eligibility.calendar import JST
from mockserver.eligibility.numbering import insurer_key
from mockserver.eligibility.records import (
    Card,
    Cover,
    Income,
    Inquiry,
    Insurer,
    InsurerKind,
    Means,
    Person,
    Record,
    Relation,
    Rules,
    Validity,
    known_at,
    look_up,
)

DEFAULT = Rules()
EVERY_RULE = [Rules(*choice) for choice in product(("old", "new", "both"), ("none", "all"), ("no-match", "lost"))]
FIRST_DAY = date(2025, 3, 28)
FIRST_MOMENT = datetime(2025, 3, 27, tzinfo=JST)
ASSOCIATION = Insurer.numbered("0113001", "協会", InsurerKind.ASSOCIATION)
NATIONAL = Insurer.numbered("13815", "区", InsurerKind.NATIONAL)
CARDS = (
    Card(ASSOCIATION, "12345678", "1000001", "01"),
    Card(ASSOCIATION, "12345678", "1000001", "02"),
    Card(NATIONAL, None, "2000002", None),
)
BIRTHDATES = (date(1980, 1, 2), date(2010, 5, 6))
COVER = Cover(Relation.SELF, Means(Income.ACTIVE, Income.GENERAL_1))


def person(birthdate):
    return Person("診療", "太郎", "ｼﾝﾘｮｳ", "ﾀﾛｳ", "1", birthdate, "東京都", "100-0001")


def record(card, *, holder="1", period="a", valid_from, lost_on=None, registered_at, birthdate=BIRTHDATES[0]):
    return Record(holder, period, card, person(birthdate), COVER, valid_from, registered_at, lost_on)


def inquiry(card, day, birthdate=BIRTHDATES[0], **changes):
    asked = Inquiry(card.insurer.key, card.symbol, card.number, card.branch, birthdate, day)
    return replace(asked, **changes)


def day_after(days):
    return FIRST_DAY + timedelta(days=days)


def moment_after(days):
    return FIRST_MOMENT + timedelta(days=days)


POSSIBLE = [
    record(
        card,
        holder=holder,
        period=period,
        valid_from=day_after(start),
        lost_on=lost and day_after(lost),
        registered_at=moment_after(registered),
    )
    for card, holder, period, start, lost, registered in product(
        (CARDS[0], *CARDS, CARDS[2]), "112", "abc", range(2), (None, 1, 2), range(8)
    )
]
RECORDS = st.sampled_from(POSSIBLE)
HISTORIES = st.lists(RECORDS, min_size=1, max_size=6).map(tuple)
ORDERED_HISTORIES = st.lists(RECORDS, min_size=2, max_size=6, unique_by=lambda r: r.registered_at).map(tuple)
INQUIRIES = st.sampled_from(
    [
        inquiry(card, day_after(days), birthdate, branch=branch)
        for card in (CARDS[0], *CARDS)
        for days in (0, 1, 2, 2, 3)
        for birthdate in (BIRTHDATES[0],) * 9 + BIRTHDATES[1:]
        for branch in (None, card.branch)
    ]
)
MOMENTS = st.sampled_from([moment_after(days) for days in (2, 4, 5, 6, 7, 8)])
RULES = st.sampled_from(EVERY_RULE)
laws = settings(max_examples=200, deadline=None)


@given(HISTORIES, INQUIRIES, MOMENTS, RULES)
@laws
def test_every_look_up_ends_in_one_of_five_validities(records, asked, moment, rules):
    answer = look_up(records, asked, moment, rules)
    assert answer.validity in Validity
    assert set(answer.records) <= set(records)


@given(HISTORIES, INQUIRIES, MOMENTS, RULES)
@laws
def test_what_was_not_registered_yet_never_shows(records, asked, moment, rules):
    registered = tuple(r for r in records if r.registered_at <= moment)
    assert look_up(records, asked, moment, rules) == look_up(registered, asked, moment, rules)


@given(HISTORIES, RECORDS, INQUIRIES, MOMENTS, RULES, st.integers(1, 100))
@laws
def test_a_later_registration_does_not_change_the_past(records, added, asked, moment, rules, later):
    added = replace(added, registered_at=moment + timedelta(minutes=later))
    assert look_up((*records, added), asked, moment, rules) == look_up(records, asked, moment, rules)


@given(HISTORIES, INQUIRIES, MOMENTS, RULES)
@laws
def test_the_shorter_way_leads_to_the_same_answer(records, asked, moment, rules):
    """It is for the only record that is named: a second one, not known yet, closes it."""
    unknown = tuple(replace(r, registered_at=moment + timedelta(minutes=1)) for r in records if r.is_asked_by(asked))
    assert look_up((*records, *unknown), asked, moment, rules) == look_up(records, asked, moment, rules)


@given(HISTORIES, INQUIRIES, MOMENTS, RULES)
@laws
def test_valid_is_one_record_that_is_true_on_the_day_and_asked_for(records, asked, moment, rules):
    answer = look_up(records, asked, moment, rules)
    if answer.validity is Validity.VALID:
        (shown,) = answer.records
        assert shown.is_true_on(asked.day)
        assert shown.is_asked_by(asked)


@given(HISTORIES, INQUIRIES, MOMENTS, RULES)
@laws
def test_no_match_shows_nothing_and_means_that_nobody_is_insured_by_it(records, asked, moment, rules):
    answer = look_up(records, asked, moment, rules)
    if answer.validity is Validity.NO_MATCH:
        assert answer.records == ()
        assert not [r for r in known_at(records, moment) if r.is_asked_by(asked) and r.is_true_on(asked.day)]


@given(HISTORIES, INQUIRIES, MOMENTS)
@laws
def test_renewed_means_that_the_holder_is_insured_elsewhere(records, asked, moment):
    answer = look_up(records, asked, moment, Rules(renewed_shows="both"))
    if answer.validity is Validity.RENEWED:
        old, new = answer.records
        assert old.is_asked_by(asked)
        assert not old.is_true_on(asked.day)
        assert new.is_true_on(asked.day)
        assert new.holder == old.holder


@given(HISTORIES, INQUIRIES, MOMENTS)
@laws
def test_lost_means_that_the_holder_is_insured_nowhere(records, asked, moment):
    answer = look_up(records, asked, moment, DEFAULT)
    if answer.validity is Validity.LOST:
        (old,) = answer.records
        insured = {r.holder for r in known_at(records, moment) if r.is_true_on(asked.day)}
        assert old.is_asked_by(asked)
        assert old.holder not in insured


@given(HISTORIES, INQUIRIES, MOMENTS)
@laws
def test_multiple_means_several_holders(records, asked, moment):
    answer = look_up(records, asked, moment, Rules(multiple_shows="all"))
    if answer.validity is Validity.MULTIPLE:
        assert len({shown.holder for shown in answer.records}) > 1
        assert all(shown.is_asked_by(asked) for shown in answer.records)


@given(ORDERED_HISTORIES, INQUIRIES, MOMENTS, RULES, st.randoms(use_true_random=False))
@laws
def test_the_order_of_records_does_not_matter(records, asked, moment, rules, random):
    shuffled = tuple(random.sample(records, len(records)))
    assert look_up(shuffled, asked, moment, rules) == look_up(records, asked, moment, rules)


@given(HISTORIES, INQUIRIES, MOMENTS, RULES)
@laws
def test_annulled_records_never_show(records, asked, moment, rules):
    answer = look_up(records, asked, moment, rules)
    assert not [shown for shown in answer.records if shown.is_annulled]


@given(HISTORIES, INQUIRIES, MOMENTS, RULES, st.sampled_from("12"), st.sampled_from("abc"))
@laws
def test_annulling_a_period_undoes_it(records, asked, moment, rules, holder, period):
    without = tuple(r for r in records if (r.holder, r.period) != (holder, period))
    annulment = record(
        CARDS[0],
        holder=holder,
        period=period,
        valid_from=FIRST_DAY,
        lost_on=FIRST_DAY,
        registered_at=moment,
    )
    undone = look_up((*records, annulment), asked, moment, rules)
    assert undone == look_up(without, asked, moment, rules)


MARCH, APRIL = FIRST_DAY, date(2025, 4, 1)
NOW = datetime(2025, 4, 5, tzinfo=JST)
OLD = record(CARDS[0], period="a", valid_from=MARCH, lost_on=APRIL, registered_at=FIRST_MOMENT)
NEW = record(CARDS[2], period="b", valid_from=APRIL, registered_at=FIRST_MOMENT + timedelta(1))
TWIN = record(CARDS[0], holder="2", valid_from=MARCH, registered_at=FIRST_MOMENT + timedelta(2))
THIRD = record(CARDS[1], period="c", valid_from=APRIL, registered_at=FIRST_MOMENT + timedelta(3))
STILL_HELD = replace(OLD, lost_on=None, registered_at=FIRST_MOMENT - timedelta(1))
LONG_LOST = replace(OLD, period="d", valid_from=date(2025, 3, 1), registered_at=FIRST_MOMENT + timedelta(4))
STRANGER = replace(NEW, holder="2")
VALID, LOST, RENEWED = Validity.VALID, Validity.LOST, Validity.RENEWED
NO_MATCH, MULTIPLE = Validity.NO_MATCH, Validity.MULTIPLE


@pytest.mark.parametrize(
    ("records", "day", "validity", "shown"),
    [
        ((), APRIL, NO_MATCH, ()),
        ((OLD,), date(2025, 3, 27), NO_MATCH, ()),
        ((OLD,), MARCH, VALID, (OLD,)),
        ((OLD,), date(2025, 3, 31), VALID, (OLD,)),
        ((OLD,), APRIL, LOST, (OLD,)),
        ((OLD, NEW), date(2025, 3, 31), VALID, (OLD,)),
        ((OLD, NEW), APRIL, RENEWED, (OLD,)),
        ((OLD, TWIN), MARCH, MULTIPLE, ()),
        ((OLD, TWIN), APRIL, VALID, (TWIN,)),
        ((OLD, STRANGER), APRIL, LOST, (OLD,)),
        ((OLD, LONG_LOST), APRIL, LOST, (OLD,)),
        ((OLD, LONG_LOST), MARCH, VALID, (OLD,)),
        ((LONG_LOST,), MARCH, VALID, (LONG_LOST,)),
        ((STILL_HELD,), APRIL, VALID, (STILL_HELD,)),
        ((STILL_HELD, OLD), APRIL, LOST, (OLD,)),
        ((OLD, STILL_HELD), APRIL, LOST, (OLD,)),
    ],
)
def test_look_up(records, day, validity, shown):
    answer = look_up(records, inquiry(CARDS[0], day), NOW, DEFAULT)
    assert (answer.validity, answer.records) == (validity, shown)


@pytest.mark.parametrize(
    ("rules", "records", "day", "validity", "shown"),
    [
        (Rules(renewed_shows="old"), (OLD, NEW), APRIL, RENEWED, (OLD,)),
        (Rules(renewed_shows="new"), (OLD, NEW), APRIL, RENEWED, (NEW,)),
        (Rules(renewed_shows="both"), (OLD, NEW), APRIL, RENEWED, (OLD, NEW)),
        (Rules(multiple_shows="none"), (OLD, TWIN), MARCH, MULTIPLE, ()),
        (Rules(multiple_shows="all"), (OLD, TWIN), MARCH, MULTIPLE, (OLD, TWIN)),
        (Rules(before_start="no-match"), (OLD,), date(2025, 3, 27), NO_MATCH, ()),
        (Rules(before_start="lost"), (OLD,), date(2025, 3, 27), LOST, (OLD,)),
    ],
)
def test_rules_decide_what_public_sources_leave_open(rules, records, day, validity, shown):
    answer = look_up(records, inquiry(CARDS[0], day), NOW, rules)
    assert (answer.validity, answer.records) == (validity, shown)


@pytest.mark.parametrize("records", [(OLD, NEW, THIRD), (OLD, NEW, TWIN), (OLD, TWIN)])
@pytest.mark.parametrize("rules", [DEFAULT, Rules(renewed_shows="new"), Rules("both", "all")])
def test_a_history_tells_the_same_in_any_order(records, rules):
    for day in (MARCH, APRIL):
        asked = inquiry(CARDS[0], day)
        expected = look_up(records, asked, NOW, rules)
        assert all(look_up(order, asked, NOW, rules) == expected for order in permutations(records))


@pytest.mark.parametrize(
    ("hours", "validity"), [(-1, NO_MATCH), (0, VALID), (47, VALID), (48, LOST), (95, LOST), (96, NO_MATCH)]
)
def test_a_registration_counts_from_its_own_moment_until_the_next(hours, validity):
    first = record(CARDS[0], valid_from=MARCH, registered_at=NOW)
    lost = replace(first, lost_on=APRIL, registered_at=NOW + timedelta(hours=48))
    annulled = replace(first, lost_on=MARCH, registered_at=NOW + timedelta(hours=96))
    answer = look_up((first, lost, annulled), inquiry(CARDS[0], APRIL), NOW + timedelta(hours=hours), DEFAULT)
    assert answer.validity is validity


@pytest.mark.parametrize("written", ["138156", "00138156", "  138156"])
def test_an_insurer_number_is_found_with_any_padding(written):
    assert NATIONAL.number == "138156"
    assert NEW.is_asked_by(inquiry(CARDS[2], APRIL, insurer_key=insurer_key(written)))


@pytest.mark.parametrize(
    ("symbol", "number", "branch", "asked", "found"),
    [
        ("12-34", "567", "01", {"branch": "01"}, True),
        ("12-34", "567", "01", {"branch": None}, True),
        ("12-34", "567", None, {"branch": "01"}, True),
        ("12-34", "567", "01", {"branch": "02"}, False),
        ("12-34", "567", "01", {"symbol": "１２－３４"}, True),
        ("12-34", "567", "01", {"symbol": "12‐34 "}, True),
        ("札国０１", "567", "01", {"symbol": "札国01"}, True),
        ("12-34", "567", "01", {"symbol": "12-35"}, False),
        ("12-34", "567", "01", {"symbol": None}, False),
        (None, "567", "01", {"symbol": None}, True),
        (None, "567", "01", {"symbol": ""}, True),
        (None, "567", "01", {"symbol": "12"}, False),
        ("12-34", "567", "01", {"number": "５６７"}, True),
        ("12-34", "567", "01", {"number": "568"}, False),
        ("12-34", "567", "01", {"insurer_key": ASSOCIATION.key}, False),
        ("12-34", "567", "01", {"birthdate": BIRTHDATES[1]}, False),
    ],
)
def test_which_inquiries_lead_to_a_record(symbol, number, branch, asked, found):
    card = Card(NATIONAL, symbol, number, branch)
    held = record(card, valid_from=MARCH, registered_at=FIRST_MOMENT)
    assert held.is_asked_by(inquiry(card, MARCH, **asked)) is found


def test_a_number_that_leads_to_somebody_elses_data():
    mistaken = replace(OLD, found_by=(CARDS[2], BIRTHDATES[1]))
    assert mistaken.is_asked_by(inquiry(CARDS[2], MARCH, BIRTHDATES[1]))
    assert not mistaken.is_asked_by(inquiry(CARDS[0], MARCH))


@pytest.mark.parametrize(
    ("day", "nearest"),
    [
        (date(2025, 3, 1), MARCH),
        (MARCH, MARCH),
        (date(2025, 3, 30), date(2025, 3, 30)),
        (APRIL, date(2025, 3, 31)),
        (date(2026, 1, 1), date(2025, 3, 31)),
    ],
)
def test_the_nearest_day_on_which_a_record_was_true(day, nearest):
    assert OLD.nearest_true_day(day) == nearest

"""The country: people found again by their cards, plausible at any time, and the same on every machine."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.eligibility.calendar import age_on, birthday, midnight
from mockserver.eligibility.numbering import has_valid_check_digit
from mockserver.eligibility.population import MOST_PEOPLE, Country, life
from mockserver.eligibility.records import Inquiry, InsurerKind, Relation, Rules, Validity, look_up
from mockserver.eligibility.tables import municipalities, prefecture_names
from mockserver.eligibility.text import Repertoire
from tests.golden_population import GOLDEN, describe, sample

ROOT = Path(__file__).parents[2]
COUNTRY = Country(1)
BLOCK = 124
SAMPLED_BLOCKS = [n * 20_011 for n in range(49)]
OCTOBER = date(2025, 10, 1)
LAST_DAY = date(2060, 12, 31)
INDEXES = st.integers(0, MOST_PEOPLE - 1)
DAYS = st.dates(date(2000, 1, 1), LAST_DAY)
# Millions of people of volume.md, of 124
MILLIONS = {
    InsurerKind.ASSOCIATION: 39,
    InsurerKind.SOCIETY: 28,
    InsurerKind.MUTUAL_AID: 10,
    InsurerKind.NATIONAL: 26,
    InsurerKind.ELDERLY: 20,
}
properties = settings(max_examples=150, deadline=None)


@cache
def people():
    """About 6,000 people: whole blocks from all over the country."""
    return [COUNTRY.resident(block * BLOCK + slot) for block in SAMPLED_BLOCKS for slot in range(BLOCK)]


@cache
def households():
    """The sampled people by the card number their household shares, in the order of their seats."""
    groups = {}
    for resident in people():
        groups.setdefault((resident.card.insurer.key, resident.card.number), []).append(resident)
    return list(groups.values())


def inquiry(resident, card, day, branch=None):
    return Inquiry(card.insurer.key, card.symbol, card.number, branch, resident.person.birthdate, day)


def all_cards(resident):
    return {resident.card, resident.national_card, resident.elderly_card}


def assert_found_again(country, index):
    resident = country.resident(index)
    assert resident.index == index
    for card in all_cards(resident):
        found = country.residents(inquiry(resident, card, OCTOBER))
        assert describe(resident) in [describe(other) for other in found]


def test_the_sampled_people_are_those_of_the_golden_file():
    assert sample() == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_the_same_people_come_out_whatever_the_hash_seed():
    program = "import json; from tests.golden_population import sample; print(json.dumps(sample()))"
    environment = {**os.environ, "PYTHONHASHSEED": "random"}
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, check=True)
    assert json.loads(done.stdout) == sample()


@given(INDEXES)
@properties
def test_everybody_is_found_again_by_every_card(index):
    assert_found_again(COUNTRY, index)


@pytest.mark.parametrize("index", [0, 123, 124, MOST_PEOPLE - 1])
def test_the_first_and_last_people_are_found_again(index):
    assert_found_again(COUNTRY, index)


@given(INDEXES)
@properties
def test_nobody_is_found_by_a_birth_date_of_somebody_else(index):
    resident = COUNTRY.resident(index)
    asked = inquiry(resident, resident.elderly_card, OCTOBER)
    assert [other.index for other in COUNTRY.residents(asked)] == [index]
    wrong = Inquiry(asked.insurer_key, None, asked.number, None, asked.birthdate + timedelta(1), OCTOBER)
    assert COUNTRY.residents(wrong) == []


@pytest.mark.parametrize("number", ["", "0", "12", "ABC", "99999999999", "９９９", "-5", "1.5"])
def test_an_odd_number_finds_nobody(number):
    resident = COUNTRY.resident(0)
    asked = Inquiry(resident.card.insurer.key, None, number, None, resident.person.birthdate, OCTOBER)
    assert COUNTRY.residents(asked) == []


def test_an_unknown_insurer_finds_nobody():
    assert COUNTRY.residents(Inquiry("99999999", None, "1", None, OCTOBER, OCTOBER)) == []


@given(INDEXES, DAYS)
@properties
def test_ages_fit_the_insurer_on_any_day(index, day):
    resident = COUNTRY.resident(index)
    is_elderly = resident.card_on(day).insurer.kind is InsurerKind.ELDERLY
    assert is_elderly == (age_on(resident.person.birthdate, day) >= 75)


def test_workers_are_grown_up_when_they_are_enrolled():
    workers = [r for r in people() if r.card.insurer.kind.is_employees and r.cover.relation is Relation.SELF]
    assert [r.index for r in workers if age_on(r.person.birthdate, r.enrolled_on) < 18] == []
    assert len(workers) > 1_000


def test_everybody_is_born_before_being_insured_and_insured_before_turning_75():
    wrong = [r.index for r in people() if not r.person.birthdate <= r.enrolled_on < r.left_on <= r.turns_75_on]
    assert wrong == []


def validities(resident, day):
    records = life(resident, day)
    return {
        card: look_up(records, inquiry(resident, card, day, card.branch), midnight(day), Rules()).validity
        for card in all_cards(resident)
    }


@given(INDEXES, st.integers(0, 10_000))
@properties
def test_exactly_one_card_is_valid_on_any_day_since_enrolment(index, percentage):
    resident = COUNTRY.resident(index)
    day = resident.enrolled_on + (LAST_DAY - resident.enrolled_on) * percentage / 10_000
    told = validities(resident, day)
    assert [card for card in told if told[card] is Validity.VALID] == [resident.card_on(day)]


@given(INDEXES, st.integers(-1, 1))
@properties
def test_the_card_changes_on_the_day_itself(index, days):
    resident = COUNTRY.resident(index)
    for change in (resident.left_on, resident.turns_75_on):
        day = change + timedelta(days)
        told = validities(resident, day)
        assert [card for card in told if told[card] is Validity.VALID] == [resident.card_on(day)]


@given(INDEXES)
@properties
def test_nobody_is_insured_the_day_before_enrolment(index):
    resident = COUNTRY.resident(index)
    day = resident.enrolled_on - timedelta(1)
    assert set(validities(resident, day).values()) == {Validity.NO_MATCH}


@given(INDEXES, DAYS, DAYS)
@properties
def test_a_life_known_later_tells_the_same_of_a_day_already_past(index, one, other):
    day, later = sorted((one, other))
    resident = COUNTRY.resident(index)
    asked = inquiry(resident, resident.card_on(day), day, resident.card_on(day).branch)
    then = look_up(life(resident, day), asked, midnight(day), Rules())
    now = look_up(life(resident, later), asked, midnight(later), Rules())
    assert then.validity is now.validity
    assert [r.card for r in then.records] == [r.card for r in now.records]


@pytest.mark.parametrize(
    ("kind", "laws"),
    [
        (InsurerKind.ASSOCIATION, {"01"}),
        (InsurerKind.SOCIETY, {"06"}),
        (InsurerKind.MUTUAL_AID, {"31", "32", "33", "34"}),
        (InsurerKind.ELDERLY, {"39"}),
    ],
)
def test_insurer_numbers_begin_with_their_law(kind, laws):
    numbers = {card.insurer.number for r in people() for card in all_cards(r) if card.insurer.kind is kind}
    assert {number[:2] for number in numbers} == laws
    assert {len(number) for number in numbers} == {8}


def test_insurer_numbers_have_valid_check_digits_and_the_prefecture_of_the_address():
    for resident in people():
        for card in all_cards(resident):
            number = card.insurer.number
            assert has_valid_check_digit(number)
            prefecture = prefecture_names()[int(number[-6:-4]) - 1]
            assert resident.person.address.startswith(prefecture)


def test_lengths_fit_the_wire():
    for resident in people():
        for card in all_cards(resident):
            assert len(card.symbol or "") <= 20
            assert len(card.number) <= 20
            assert card.branch is None or len(card.branch) == 2


def test_no_two_people_share_a_card():
    cards = Counter((card.insurer.key, card.number, card.branch) for r in people() for card in all_cards(r))
    assert cards.most_common(1)[0][1] == 1


@pytest.mark.parametrize("kind", MILLIONS)
def test_the_kinds_keep_the_proportions_of_the_whole_country(kind):
    share = sum(r.card_on(OCTOBER).insurer.kind is kind for r in people()) / len(people())
    assert share == pytest.approx(MILLIONS[kind] / 124, abs=0.015)


def test_the_share_of_names_that_come_back_with_a_black_circle():
    repertoire = Repertoire("shift_jis_2004")
    share = sum("●" in repertoire.show(r.person.name) for r in people()) / len(people())
    assert 0.034 <= share <= 0.054


def test_a_household_shares_its_name_and_address_and_counts_its_branches():
    for members in households():
        assert len({(m.person.family_name, m.person.family_kana, m.person.address) for m in members}) == 1
        assert [m.card.branch for m in members] == ["01", "02", "03", "04"][: len(members)]
    assert max(len(members) for members in households()) > 2


def test_a_household_has_one_head_whose_name_stands_on_the_cards_of_the_others():
    for head, *others in households():
        assert head.cover.relation is Relation.SELF
        assert {m.cover.relation for m in others} <= {Relation.FAMILY}
        assert {m.cover.insured_name for m in others} <= {head.person.name}


def test_nobody_keeps_an_employees_card_after_the_worker_turned_75():
    for worker, *dependants in households():
        if worker.card.insurer.kind.is_employees:
            assert all(m.left_on <= min(m.turns_75_on, worker.turns_75_on) for m in (worker, *dependants))
        else:
            assert all(m.left_on == m.turns_75_on for m in (worker, *dependants))


def test_a_child_leaves_the_workers_card_at_23():
    children = [child for members in households() if members[0].card.insurer.kind.is_employees for child in members[2:]]
    assert children
    for child in children:
        grown_up = birthday(child.person.birthdate, 23)
        assert child.card_on(grown_up) == child.national_card
        assert child.left_on == grown_up


def test_most_people_are_insured_on_any_day_of_their_lives():
    for year in (2015, 2020, 2045):
        day = date(year, 6, 15)
        born = [r for r in people() if r.person.birthdate < day]
        insured = [r for r in born if r.enrolled_on <= day]
        assert len(insured) > 0.8 * len(born)


def test_children_are_younger_than_both_parents():
    for members in households():
        for child in members[2:]:
            assert all(p.person.birthdate.year + 15 < child.person.birthdate.year for p in members[:2])


def test_post_code_and_address_belong_together():
    towns = {(town.address, town.post_number) for place in municipalities() for town in place.towns}
    by_post_number = {}
    for address, post_number in towns:
        by_post_number.setdefault(post_number, []).append(address)
    for resident in people():
        person = resident.person
        assert person.address.startswith(tuple(by_post_number[person.post_number]))


@pytest.mark.parametrize(("wanted", "people_there"), [(1, 124), (124, 124), (1_000, 1_116)])
def test_countries_of_any_size(wanted, people_there):
    country = Country(1, wanted)
    assert country.people == people_there
    for index in range(0, people_there, 7):
        assert_found_again(country, index)


@pytest.mark.parametrize("index", [-1, 124])
def test_there_is_nobody_outside_the_country(index):
    with pytest.raises(IndexError):
        Country(1, 124).resident(index)


@given(st.integers(0, 1_000), st.integers(0, 1_000), st.integers(0, 1_115))
@settings(max_examples=50, deadline=None)
def test_the_seed_alone_decides_who_lives_there(seed, other_seed, index):
    person = describe(Country(seed, 1_000).resident(index))
    assert describe(Country(seed, 1_000).resident(index)) == person
    if seed != other_seed:
        assert describe(Country(other_seed, 1_000).resident(index)) != person

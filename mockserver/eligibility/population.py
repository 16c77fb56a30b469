"""Everybody: 124 million people computed from a seed, none of them stored.

A person is a seat: block, slot. One keyed hash per household (blake2b, 64 bytes) yields every trait of its members, so
the same seed gives the same country on every machine and Python version. Birth dates are fixed; who is insured where
follows from the day: the household's own insurer, 国保 for the dependants of a worker who turned 75, 後期高齢 from the
own 75th birthday. Cards and seats lead to each other by arithmetic (insurers.py).
"""

import struct
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from typing import Literal, NamedTuple

from msgspec import Struct

from mockserver.eligibility.calendar import birthday, midnight
from mockserver.eligibility.households import HOUSEHOLD_OF_SLOT, PEOPLE_PER_BLOCK, PLANS, Plan, years
from mockserver.eligibility.insurers import Area, Directory, Enrolment, base_enrolment
from mockserver.eligibility.records import (
    Card,
    Cover,
    Income,
    Inquiry,
    InsurerKind,
    LossReason,
    Means,
    Person,
    Record,
    Relation,
)
from mockserver.eligibility.tables import Name, given_names, rare_given_names, surnames

EPOCH = date(2025, 10, 1)  # the day on which the proportions of volume.md hold
MOST_PEOPLE = 124_000_000
_EPOCH_ORDINAL = EPOCH.toordinal()
_SCALE = 65536  # a trait is a number below this
_DIGITS = "０１２３４５６７８９"
_WIDE = tuple("".join(_DIGITS[int(c)] for c in str(n)) for n in range(1000))
_BUILDINGS = tuple("パレス ハイツ コーポ アーバン クレスト パーク シティ シャルム コート".split())  # Faker's table
_TRAITS = struct.Struct("<32H")
# 4.4 % of the names hold a character shown as ● (wire.md section 6): 4.0 % by the family, 0.42 % of the rest by the given name
_RARE_SURNAME = round(0.040 * _SCALE)
_RARE_GIVEN_NAME = round(0.0042 * _SCALE)


_BRANCHES = ("01", "02", "03", "04")
_EIGHTEEN, _SIXTY, _NEARLY_75 = years(18) + 1, years(60), years(75) - 2
_LONGEST_ENROLLED = years(15)
_SPOUSE, _SPOUSE_OF_ELDERLY = (years(20), years(74.9)), (years(75.05), years(104))  # youngest, eldest
_SPOUSE_YOUNGER, _SPOUSE_SPAN = years(6), years(9)
_CHILD_AFTER, _CHILD_SPAN = (years(26), years(28.5)), years(6)  # a child's birth after the head's
_TODDLER, _GROWN = years(3), years(22)


def _means() -> tuple[Means, ...]:
    """64 equally likely pairs of income classes. The shares are assumptions (see assumptions.py)."""
    working = (
        [Income.TOP] * 3 + [Income.UPPER] * 8 + [Income.ACTIVE] * 26 + [Income.GENERAL_1] * 20 + [Income.LOW_2] * 7
    )
    elderly = (
        [Income.TOP, Income.UPPER] + [Income.ACTIVE] * 3 + [Income.GENERAL_2] * 13
        + [Income.GENERAL_1] * 28 + [Income.LOW_2] * 11 + [Income.LOW_1] * 7
    )  # fmt: skip
    return tuple(Means(*pair) for pair in zip(working, elderly, strict=True))


MEANS = _means()


class Household(NamedTuple):
    """A household of a block: its plan, where it lives, its own insurer, its 32 traits, its head's age in days."""

    block: int
    ordinal: int
    plan: Plan
    area: Area
    enrolment: Enrolment
    traits: tuple[int, ...]
    head_age_days: int

    def birthdate(self, seat: int) -> date:
        """The birth date of seat 0 the head, 1 the spouse, then children."""
        return date.fromordinal(_EPOCH_ORDINAL - self._age_days(seat))

    def _age_days(self, seat: int) -> int:
        head = self.head_age_days
        if seat == 0:
            return head
        draw = self.traits[12 + 5 * seat]
        if seat == 1:
            lowest, highest = _SPOUSE_OF_ELDERLY if self.plan.kind is InsurerKind.ELDERLY else _SPOUSE
            return min(max(head + draw * _SPOUSE_SPAN // _SCALE - _SPOUSE_YOUNGER, lowest), highest)
        child = head - _CHILD_AFTER[seat - 2] - draw * _CHILD_SPAN // _SCALE
        return min(max(child, draw * _TODDLER // _SCALE), _GROWN - draw // 100)


class Resident(Struct, frozen=True):
    """A person of the population with what a story may need: the household and the seat in it, person, card, cover."""

    household: Household
    seat: int
    person: Person
    card: Card
    cover: Cover

    @property
    def index(self) -> int:
        """The seat number, 0 to `Country.people` - 1."""
        return self.household.block * PEOPLE_PER_BLOCK + self.household.plan.first_slot + self.seat

    @property
    def enrolled_on(self) -> date:
        """Since when the person is with the household's insurer: not before the head was 18, nor before birth.

        Up to 15 years before the epoch; who was 75 by then, since the head was 60.
        """
        household = self.household
        head_born = _EPOCH_ORDINAL - household.head_age_days
        if household.plan.kind is InsurerKind.ELDERLY:
            chosen = head_born + _SIXTY
        else:
            chosen = _EPOCH_ORDINAL - 30 - household.traits[1] * _LONGEST_ENROLLED // _SCALE
        return date.fromordinal(max(chosen, head_born + _EIGHTEEN, self.person.birthdate.toordinal()))

    @property
    def turns_75_on(self) -> date:
        """The day from which 後期高齢 insures the person."""
        return birthday(self.person.birthdate, 75)

    @property
    def left_on(self) -> date:
        """The day the own card ends: the 75th birthday, for a dependant that of the worker if it comes earlier."""
        if self.seat and self.household.enrolment.insurer.kind.is_employees:
            return min(self.turns_75_on, birthday(self.household.birthdate(0), 75))
        return self.turns_75_on

    @property
    def national_card(self) -> Card:
        """The 国保 card of the municipality: a dependant's after `left_on`."""
        household, national = self.household, self.household.area.national
        number = national.number(household.block, household.ordinal)
        return Card(national.insurer, _symbol(national, number), number, self.card.branch)

    @property
    def elderly_card(self) -> Card:
        """The 後期高齢 card: from the 75th birthday on."""
        elderly, household = self.household.area.elderly, self.household
        number = elderly.number(household.block, household.plan.first_slot + self.seat)
        return Card(elderly.insurer, None, number, None)

    def card_on(self, day: date) -> Card:
        """The card that counts on a day."""
        if day >= self.turns_75_on:
            return self.elderly_card
        return self.national_card if day >= self.left_on else self.card


class Country:
    """A country of people. `people` is rounded up to whole blocks of 124."""

    def __init__(self, seed: int, people: int = MOST_PEOPLE) -> None:
        self.seed = seed
        self.blocks = -(-people // PEOPLE_PER_BLOCK)
        self.people = self.blocks * PEOPLE_PER_BLOCK
        self._key = blake2b(str(seed).encode(), digest_size=32).digest()
        self.directory = _directory(self.blocks)

    def resident(self, index: int) -> Resident:
        """The person of a seat number, 0 to `people` - 1. IndexError outside."""
        if not 0 <= index < self.people:
            raise IndexError(index)
        block, slot = divmod(index, PEOPLE_PER_BLOCK)
        household = self._household(block, HOUSEHOLD_OF_SLOT[slot])
        seat = slot - household.plan.first_slot
        return _resident(household, seat, household.birthdate(seat))

    def residents(self, inquiry: Inquiry) -> list[Resident]:
        """Who may be meant by an inquiry: all of the household (後期高齢: the one) whose number and birth date fit."""
        enrolment = self.directory.by_key.get(inquiry.insurer_key)
        place = enrolment and enrolment.place(inquiry.number)
        if not enrolment or not place:
            return []
        block, order = place
        if enrolment.ordinals:
            household = self._household(block, enrolment.ordinals[order])
            seats = range(household.plan.size)
        else:
            household = self._household(block, HOUSEHOLD_OF_SLOT[order])
            seats = range(order - household.plan.first_slot, order - household.plan.first_slot + 1)
        asked = inquiry.birthdate
        return [_resident(household, seat, asked) for seat in seats if household.birthdate(seat) == asked]

    def _household(self, block: int, ordinal: int) -> Household:
        place = block * len(PLANS) + ordinal
        traits = _TRAITS.unpack(blake2b(place.to_bytes(8, "little"), key=self._key, digest_size=64).digest())
        area = self.directory.area_of(block)
        plan, draw = PLANS[ordinal], traits[0]
        head_age_days = plan.youngest_days + (draw * draw // _SCALE if plan.skew else draw) * plan.span_days // _SCALE
        return Household(block, ordinal, plan, area, base_enrolment(area, block, ordinal), traits, head_age_days)


@lru_cache(maxsize=8)
def _directory(blocks: int) -> Directory:
    return Directory(blocks)


def life(resident: Resident, moment_day: date) -> tuple[Record, ...]:
    """An ordinary life as records, as known on a day: what is registered later cannot show, what was replaced neither."""
    enrolled_on = resident.enrolled_on
    own = Record(
        str(resident.index),
        "own",
        resident.card,
        resident.person,
        resident.cover,
        enrolled_on,
        midnight(enrolled_on),
    )
    if _is_long_before_75(resident, moment_day):
        return (own,)
    left_on, turns_75_on = resident.left_on, resident.turns_75_on
    if moment_day < left_on:
        return (own,)
    records = [_closed(own, left_on)]
    if left_on < turns_75_on:
        national = _next(own, "national", resident.national_card, left_on)
        records.append(national if moment_day < turns_75_on else _closed(national, turns_75_on))
    if moment_day >= turns_75_on:
        records.append(_next(own, "elderly", resident.elderly_card, turns_75_on))
    return tuple(records)


def _is_long_before_75(resident: Resident, day: date) -> bool:
    """Whether neither the person nor the household's head can be 75 yet; spares most people the exact days."""
    years_since_birth = day.year - resident.person.birthdate.year
    return years_since_birth < 75 and resident.household.head_age_days + day.toordinal() - _EPOCH_ORDINAL < _NEARLY_75


def _closed(record: Record, day: date) -> Record:
    holder, period, card, person, cover = (
        record.holder,
        record.period,
        record.card,
        record.person,
        record.cover,
    )
    reason = LossReason.OTHER_INSURANCE
    return Record(holder, period, card, person, cover, record.valid_from, midnight(day), day, reason)


def _next(own: Record, period: str, card: Card, day: date) -> Record:
    is_elderly = card.insurer.kind is InsurerKind.ELDERLY
    cover = Cover(Relation.SELF, own.cover.means) if is_elderly else own.cover
    return Record(own.holder, period, card, own.person, cover, day, midnight(day))


def _resident(household: Household, seat: int, birthdate: date) -> Resident:
    enrolment = household.enrolment
    number = enrolment.number(household.block, household.ordinal - enrolment.ordinals.start)
    means = MEANS[household.traits[7] % 64]
    return Resident(
        household,
        seat,
        _person(household, seat, birthdate),
        Card(enrolment.insurer, _symbol(enrolment, number), number, _BRANCHES[seat]),
        Cover(Relation.FAMILY, means, _head_name(household)) if seat else Cover(Relation.SELF, means),
    )


def _symbol(enrolment: Enrolment, number: str) -> str | None:
    """記号: 協会けんぽ and 共済 8 digits of the office, 健保組合 3 digits; 国保 none, `12-34` or full width by municipality."""
    insurer = enrolment.insurer
    office = int(number) % 9973
    if insurer.kind is InsurerKind.SOCIETY:
        return f"{office % 899 + 100}"
    if insurer.kind is not InsurerKind.NATIONAL:
        return f"{office * 7919 % 89_999_999 + 10_000_000}"
    style = int(insurer.number[2:5]) % 3
    if style == 0:
        return None
    return f"{office % 89 + 10}-{office % 97:02d}" if style == 1 else f"{insurer.name[0]}国{_WIDE[office % 100]}"


def _sex(household: Household, seat: int) -> Literal["1", "2"]:
    head_is_male = household.traits[12] % 10 < 6
    if seat < 2:
        return "1" if head_is_male == (seat == 0) else "2"
    return "1" if household.traits[12 + 5 * seat] % 2 else "2"


def _surname(household: Household) -> Name:
    traits = household.traits
    pool = surnames("rare_surnames") if traits[3] < _RARE_SURNAME else surnames()
    return pool[(traits[2] * traits[2] // _SCALE) * len(pool) // _SCALE]  # squared: the frequent ones stand first


def _given_name(household: Household, seat: int, sex: Literal["1", "2"], birth_year: int) -> Name:
    draw, rare = household.traits[13 + 5 * seat : 15 + 5 * seat]
    if rare < _RARE_GIVEN_NAME and household.traits[3] >= _RARE_SURNAME:
        pool = rare_given_names()[sex]
    else:
        pool = given_names()[sex, 1 if birth_year < 1955 else 2 if birth_year < 1990 else 3]
    return pool[draw * len(pool) // _SCALE]


def _person(household: Household, seat: int, birthdate: date) -> Person:
    sex = _sex(household, seat)
    family, given = _surname(household), _given_name(household, seat, sex, birthdate.year)
    address, post_number = _address(household)
    return Person(family.kanji, given.kanji, family.kana, given.kana, sex, birthdate, address, post_number)


def _head_name(household: Household) -> str:
    given = _given_name(household, 0, _sex(household, 0), household.birthdate(0).year)
    return f"{_surname(household).kanji}\u3000{given.kanji}"


def _address(household: Household) -> tuple[str, str]:
    traits = household.traits
    towns = household.area.municipality.towns
    town = towns[traits[4] * len(towns) // _SCALE]
    block, house, building = traits[5] % 40 + 1, traits[6] % 25 + 1, traits[8]
    if town.has_chome:
        street = f"{_WIDE[traits[5] % 5 + 1]}丁目{_WIDE[block]}番{_WIDE[house]}号"
    else:
        street = f"{_WIDE[block * 20 + house]}番地{_WIDE[house]}"
    flat = f"　{_BUILDINGS[building % len(_BUILDINGS)]}{_WIDE[traits[9] % 800 + 101]}号室" if building < 20000 else ""
    return f"{town.address}{street}{flat}", town.post_number

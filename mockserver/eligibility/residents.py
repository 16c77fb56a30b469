"""A household's people, computed from its traits: births, names, addresses, cards, income.

Every trait is a number of 16 bits out of the household's hash (population.py); which trait means what is fixed, since
another order is another country.
"""

from datetime import date
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from mockserver.eligibility.calendar import birthday, later
from mockserver.eligibility.households import PEOPLE_PER_BLOCK, Plan, years
from mockserver.eligibility.insurers import Area, Enrolment
from mockserver.eligibility.records import ELDERLY, NATIONAL, SOCIETY, Card, Cover, Income, Means, Person, Relation
from mockserver.eligibility.tables import Name, given_names, rare_given_names, surnames

EPOCH = date(2025, 10, 1)  # the day on which the proportions of volume.md hold
EPOCH_ORDINAL = EPOCH.toordinal()
_day = date.fromordinal
SCALE = 65536  # a trait is a number below this
_DIGITS = "０１２３４５６７８９"
_WIDE = tuple("".join(_DIGITS[int(c)] for c in str(n)) for n in range(1000))
_BUILDINGS = tuple("パレス ハイツ コーポ アーバン クレスト パーク シティ シャルム コート".split())  # Faker's table
# 4.4 % of the names hold a character shown as ● (wire.md section 6): 4.0 % by the family, 0.42 % of the rest by the given name
_RARE_SURNAME = round(0.040 * SCALE)
_RARE_GIVEN_NAME = round(0.0042 * SCALE)


_BRANCHES = ("01", "02", "03", "04")
_EIGHTEEN, _FIVE_YEARS = years(18) + 1, years(5)
GROWN_UP = 23  # years of age at which a child leaves a worker's card
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
_OWN_COVERS = tuple(Cover(Relation.SELF, means) for means in MEANS)
_FAMILY = Relation.FAMILY


def _within(lowest: int, number: int, highest: int) -> int:
    """The number, or the bound it is beyond, the upper one first (`min` and `max` take longer)."""
    if number > highest or lowest > highest:
        return highest
    return number if number > lowest else lowest  # noqa: FURB136


class Household(Struct, frozen=True, gc=False):
    """A household of a block: its plan, where it lives, its own insurer, its traits, its head's age in days."""

    block: int
    ordinal: int
    plan: Plan
    area: Area
    enrolment: Enrolment
    traits: tuple[int, ...]
    head_age_days: int

    def birthdate(self, seat: int) -> date:
        """The birth date of seat 0 the head, 1 the spouse, then children."""
        return _day(EPOCH_ORDINAL - self.age_days(seat))

    def age_days(self, seat: int) -> int:
        """The age of a seat's person on the epoch, in days."""
        head = self.head_age_days
        if seat == 0:
            return head
        draw = self.traits[12 + 5 * seat]
        if seat == 1:
            lowest, highest = _SPOUSE_OF_ELDERLY if self.plan.kind is ELDERLY else _SPOUSE
            return _within(lowest, head + draw * _SPOUSE_SPAN // SCALE - _SPOUSE_YOUNGER, highest)
        child = head - _CHILD_AFTER[seat - 2] - draw * _CHILD_SPAN // SCALE
        return _within(draw * _TODDLER // SCALE, child, _GROWN - draw // 100)


class Resident(Struct, frozen=True, gc=False):
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
        """Since when the person is with the household's insurer: the head began between 18 and 23; not before birth."""
        household = self.household
        began = EPOCH_ORDINAL - household.head_age_days + _EIGHTEEN + household.traits[1] * _FIVE_YEARS // SCALE
        return later(_day(began), self.person.birthdate)

    @property
    def turns_75_on(self) -> date:
        """The day from which 後期高齢 insures the person."""
        return birthday(self.person.birthdate, 75)

    @property
    def left_on(self) -> date:
        """The day the own card ends: the 75th birthday; under a worker's card also that of the worker, and a child's 23rd."""
        if not self.seat or not self.household.enrolment.insurer.kind.is_employees:
            return self.turns_75_on
        days = [self.turns_75_on, birthday(self.household.birthdate(0), 75)]
        return min(days if self.seat == 1 else [*days, birthday(self.person.birthdate, GROWN_UP)])

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


def resident_of(household: Household, seat: int, birthdate: date) -> Resident:
    """Who sits on a seat of a household; the birth date is that of the seat, which callers know already."""
    enrolment = household.enrolment
    number = enrolment.number(household.block, household.ordinal - enrolment.ordinals.start)
    draw = household.traits[7] % len(MEANS)
    return Resident(
        household,
        seat,
        _person(household, seat, birthdate),
        Card(enrolment.insurer, _symbol(enrolment, number), number, _BRANCHES[seat]),
        Cover(_FAMILY, MEANS[draw], _head_name(household)) if seat else _OWN_COVERS[draw],
    )


def _symbol(enrolment: Enrolment, number: str) -> str | None:
    """記号: 協会けんぽ and 共済 8 digits of the office, 健保組合 3 digits; 国保 none, `12-34` or full width by municipality."""
    insurer = enrolment.insurer
    office = int(number) % 9973
    if insurer.kind is SOCIETY:
        return str(office % 899 + 100)
    if insurer.kind is not NATIONAL:
        return str(office * 7919 % 89_999_999 + 10_000_000)
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
    return pool[(traits[2] * traits[2] // SCALE) * len(pool) // SCALE]  # squared: the frequent ones stand first


def _given_name(household: Household, seat: int, sex: Literal["1", "2"], birth_year: int) -> Name:
    traits, first = household.traits, 13 + 5 * seat
    if traits[first + 1] < _RARE_GIVEN_NAME and traits[3] >= _RARE_SURNAME:
        pool = rare_given_names()[sex]
    else:
        pool = given_names()[sex, _generation(birth_year)]
    return pool[traits[first] * len(pool) // SCALE]


def _generation(birth_year: int) -> int:
    return 1 if birth_year < 1955 else 2 if birth_year < 1990 else 3


def given_name_at(person: Person, birthdate: date, draw: int) -> Person:
    """The same person with another birth date, and a given name that fits it."""
    pool = given_names()[person.sex, _generation(birthdate.year)]
    given = pool[draw % len(pool)]
    return replace(person, birthdate=birthdate, given_name=given.kanji, given_kana=given.kana)


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
    town = towns[traits[4] * len(towns) // SCALE]
    block, house, building = traits[5] % 40 + 1, traits[6] % 25 + 1, traits[8]
    if town.has_chome:
        street = f"{_WIDE[traits[5] % 5 + 1]}丁目{_WIDE[block]}番{_WIDE[house]}号"
    else:
        street = f"{_WIDE[block * 20 + house]}番地{_WIDE[house]}"
    flat = f"　{_BUILDINGS[building % len(_BUILDINGS)]}{_WIDE[traits[9] % 800 + 101]}号室" if building < 20000 else ""
    return f"{town.address}{street}{flat}", town.post_number

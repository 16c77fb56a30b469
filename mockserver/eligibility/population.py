"""Everybody: 124 million people computed from a seed, none of them stored.

A person is a seat: block, slot. One keyed hash per household (blake2b, 64 bytes) yields every trait of its members, so
the same seed gives the same country on every machine and Python version. Birth dates are fixed; who is insured where
follows from the day: the household's own insurer, 国保 for the dependants of a worker who turned 75 and for grown-up
children, 後期高齢 from the own 75th birthday. Cards and seats lead to each other by arithmetic (insurers.py).
"""

import struct
from datetime import date
from functools import lru_cache
from hashlib import blake2b

from mockserver.eligibility.calendar import birthday, midnight
from mockserver.eligibility.households import HOUSEHOLD_OF_SLOT, PEOPLE_PER_BLOCK, PLANS, years
from mockserver.eligibility.insurers import Directory, base_enrolment
from mockserver.eligibility.records import Card, Cover, Inquiry, LossReason, Record, Relation
from mockserver.eligibility.residents import EPOCH_ORDINAL, GROWN_UP, SCALE, Household, Resident, resident_of

MOST_PEOPLE = 124_000_000
_NEARLY_75 = years(75) - 2
# By the size of a household: its own ten, then five of each member.
_TRAITS = tuple(struct.Struct(f"<{10 + 5 * size}H") for size in range(5))


class Country:
    """A country of people. `people` is rounded up to whole blocks of 124."""

    def __init__(self, seed: int, people: int = MOST_PEOPLE) -> None:
        self.seed = seed
        self.blocks = -(-people // PEOPLE_PER_BLOCK)
        self.people = self.blocks * PEOPLE_PER_BLOCK
        key = blake2b(str(seed).encode(), digest_size=32).digest()
        self._keyed = blake2b(key=key, digest_size=64)
        self.directory = _directory(self.blocks)

    def resident(self, index: int) -> Resident:
        """The person of a seat number, 0 to `people` - 1. IndexError outside."""
        if not 0 <= index < self.people:
            raise IndexError(index)
        block, slot = divmod(index, PEOPLE_PER_BLOCK)
        household = self._household(block, HOUSEHOLD_OF_SLOT[slot])
        seat = slot - household.plan.first_slot
        return resident_of(household, seat, household.birthdate(seat))

    def residents(self, inquiry: Inquiry) -> list[Resident]:
        """Who may be meant by an inquiry: all of the household (後期高齢: the one) whose number and birth date fit."""
        seats = self._seats(inquiry.insurer_key, inquiry.number)
        if seats is None:
            return []
        household, asked = seats[0], inquiry.birthdate
        asked_days = EPOCH_ORDINAL - asked.toordinal()
        meant = []
        for seat in seats[1]:
            if household.age_days(seat) == asked_days:
                meant.append(resident_of(household, seat, asked))  # noqa: PERF401 (a comprehension is one more call)
        return meant

    def members(self, insurer_key: str, number: str) -> list[Resident]:
        """Everybody under a number, whatever the birth date."""
        seats = self._seats(insurer_key, number)
        if seats is None:
            return []
        return [resident_of(seats[0], seat, seats[0].birthdate(seat)) for seat in seats[1]]

    def _seats(self, insurer_key: str, number: str) -> tuple[Household, range] | None:
        """The household a number leads to, and the seats in it that have the number."""
        enrolment = self.directory.by_key.get(insurer_key)
        place = enrolment and enrolment.place(number)
        if not enrolment or not place:
            return None
        block, order = place
        if enrolment.ordinals:
            household = self._household(block, enrolment.ordinals[order])
            return household, range(household.plan.size)
        household = self._household(block, HOUSEHOLD_OF_SLOT[order])
        seat = order - household.plan.first_slot
        return household, range(seat, seat + 1)

    def _household(self, block: int, ordinal: int) -> Household:
        place = block * len(PLANS) + ordinal
        keyed = self._keyed.copy()
        keyed.update(place.to_bytes(8, "little"))
        area, plan = self.directory.area_of(block), PLANS[ordinal]
        traits = _TRAITS[plan.size].unpack_from(keyed.digest())
        draw = traits[0]
        head_age_days = plan.youngest_days + (draw * draw // SCALE if plan.skew else draw) * plan.span_days // SCALE
        return Household(block, ordinal, plan, area, base_enrolment(area, block, ordinal), traits, head_age_days)


@lru_cache(maxsize=8)
def _directory(blocks: int) -> Directory:
    return Directory(blocks)


def life(resident: Resident, moment_day: date) -> tuple[Record, ...]:
    """An ordinary life as records, as known on a day: what is registered later cannot show, what was replaced neither."""
    enrolled_on = resident.enrolled_on
    card, person, cover = resident.card, resident.person, resident.cover
    own = Record(str(resident.index), "own", card, person, cover, enrolled_on, midnight(enrolled_on))
    if _is_long_before_change(resident, moment_day):
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


def _is_long_before_change(resident: Resident, day: date) -> bool:
    """Whether the own card surely counts still; spares most people the exact days."""
    age = day.year - resident.person.birthdate.year
    if age >= (75 if resident.seat < 2 else GROWN_UP):
        return False
    return resident.household.head_age_days + day.toordinal() - EPOCH_ORDINAL < _NEARLY_75


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
    is_grown_up = birthday(own.person.birthdate, 18) <= day
    cover = Cover(Relation.SELF, own.cover.means) if is_grown_up else own.cover
    return Record(own.holder, period, card, own.person, cover, day, midnight(day))

"""Who plays: casts made from a ready person, from the numbers of a rule, or from a person of the population."""

from datetime import date, timedelta
from hashlib import blake2b
from typing import get_args

from msgspec.structs import replace

from mockserver.eligibility.calendar import birthday
from mockserver.eligibility.copay import is_preschool
from mockserver.eligibility.population import Country
from mockserver.eligibility.records import Card, Cover, Inquiry, InsurerKind, Person, Relation
from mockserver.eligibility.residents import MEANS, Resident
from mockserver.eligibility.text import Repertoire
from mockserver.scenarios import Pattern
from mockserver.scenarios.reserved import (
    BY_READY,
    BY_RULE,
    READY_INSURERS,
    READY_STEMS,
    RULE_INSURERS,
    another_kind,
    ready_card,
)
from mockserver.scenarios.scenario import Cast, Named, Ready, Scenario, Turning

PATTERNS: tuple[type[Scenario], ...] = get_args(Pattern)
BY_ID = {pattern.pattern_id(): pattern for pattern in PATTERNS}
READY_PEOPLE = tuple(ready for pattern in PATTERNS for ready in pattern.people)
BY_CODE = {ready.code: ready for ready in reversed(READY_PEOPLE) if not ready.is_worker}
_YEARS_INSURED = 3
_ONE_YEAR = timedelta(days=365)
_CASTING_CALLS = 200
_ORDINARY = MEANS[40]
_STREET = "東京都千代田区平河町２丁目３番４号"
_POST_NUMBER = "102-0093"

STRANGER = Person(
    "長谷川",
    "京子",
    "ﾊｾｶﾞﾜ",
    "ｷｮｳｺ",
    "2",
    date(1969, 2, 25),
    "大阪府大阪市北区中之島５丁目６番７号",
    "530-0005",
)
WORKER = Person("清水", "一郎", "ｼﾐｽﾞ", "ｲﾁﾛｳ", "1", date(1990, 2, 3), _STREET, _POST_NUMBER)
_STRANGER_CARD = ready_card(InsurerKind.SOCIETY, "99", None, "01")


def birthdate_of(ready: Ready, start: date) -> date:
    """The birth date of a ready person in a story that begins on `start`."""
    return ready.born.birthdate(start) if isinstance(ready.born, Turning) else ready.born


def ready_of(inquiry: Inquiry) -> Ready | None:
    """The ready person whose number an inquiry gives, if any."""
    is_reserved = inquiry.insurer_key in BY_READY and inquiry.number[:-2] in READY_STEMS
    return BY_CODE.get(inquiry.number[-2:]) if is_reserved else None


def cast_ready(ready: Ready, start: date, repertoire: Repertoire) -> Cast:
    """The cast around a ready person: fixed numbers, days relative to the start."""
    named = _person(ready.name, birthdate_of(ready, start))
    own = ready_card(ready.insurer, ready.code, ready.symbol, ready.branch or "01")
    partner = BY_CODE[ready.pair] if ready.pair else None
    kind = partner.insurer if partner else another_kind(ready.insurer)
    other = ready_card(kind, ready.pair or "98", None, "01")
    elderly = other if kind is InsurerKind.ELDERLY else ready_card(InsurerKind.ELDERLY, ready.pair or "98", None, None)
    if ready.is_next:
        return _cast(named, other, own, own, start, repertoire)
    return _cast(named, own, other, elderly, start, repertoire)


def cast_by_rule(inquiry: Inquiry, start: date, country: Country, repertoire: Repertoire) -> tuple[Ready, Cast] | None:
    """The cast of a rule number: any symbol, branch and birth date; None where the last two digits are not in use."""
    insurer, number = BY_RULE[inquiry.insurer_key], inquiry.number
    ready = BY_CODE.get(number[-2:])
    if ready is None:
        return None
    own = Card(insurer, inquiry.symbol, number, inquiry.branch or "01")
    pair = number[:-2] + (ready.pair or "98")
    other = Card(RULE_INSURERS[another_kind(insurer.kind)], inquiry.symbol, pair, "01")
    stem = f"{number[:-2]} {inquiry.birthdate}"
    first = int.from_bytes(blake2b(stem.encode(), digest_size=8).digest(), "little")
    cast = None
    for call in range(_CASTING_CALLS):
        person = replace(country.resident((first + call) % country.people).person, birthdate=inquiry.birthdate)
        cards = (
            (other, own, own)
            if ready.is_next
            else (own, other, replace(other, insurer=RULE_INSURERS[InsurerKind.ELDERLY]))
        )
        cast = _cast(person, *cards, start, repertoire)
        if ready.plays.misfit(cast) is None:
            return ready, cast
    return (ready, cast) if cast else None


def cast_resident(resident: Resident, start: date, country: Country, repertoire: Repertoire) -> Cast:
    """The cast around a person of the population; the next number is free in the population."""
    card = resident.card_on(start)
    free_number = str(9_000_000_000 + resident.index)
    other = _stranger_to(resident, country)
    return Cast(
        person=resident.person,
        card=card,
        cover=resident.cover,
        since=_insured_since(resident, card, start),
        start=start,
        next_card=Card(READY_INSURERS[another_kind(card.insurer.kind)], "9001", free_number, "01"),
        elderly_card=resident.elderly_card,
        worker=WORKER,
        stranger=other.person,
        stranger_card=other.card,
        repertoire=repertoire,
    )


def _stranger_to(resident: Resident, country: Country) -> Resident:
    """Somebody from the other end of the country with another family name, birth date and post number."""
    own = resident.person
    for step in range(_CASTING_CALLS):
        other = country.resident((resident.index + country.people // 2 + step) % country.people)
        theirs = other.person
        if (
            theirs.family_name != own.family_name
            and theirs.birthdate != own.birthdate
            and theirs.post_number != own.post_number
        ):
            break
    return other


def _insured_since(resident: Resident, card: Card, start: date) -> date:
    """Since when a resident has a card; where the clock is set before that, for a year already."""
    if card is resident.card:
        return max(min(resident.enrolled_on, start - _ONE_YEAR), resident.person.birthdate)
    return resident.turns_75_on if card is resident.elderly_card else resident.left_on


def _cast(person: Person, card: Card, next_card: Card, elderly_card: Card, start: date, repertoire: Repertoire) -> Cast:
    is_child = is_preschool(person.birthdate, start) and card.insurer.kind is not InsurerKind.ELDERLY
    cover = (
        Cover(Relation.FAMILY, _ORDINARY, f"{person.family_name}\u3000一郎")
        if is_child
        else Cover(Relation.SELF, _ORDINARY)
    )
    return Cast(
        person=person,
        card=card,
        cover=cover,
        since=max(birthday(start, -_YEARS_INSURED), person.birthdate),
        start=start,
        next_card=next_card,
        elderly_card=elderly_card,
        worker=WORKER,
        stranger=STRANGER,
        stranger_card=_STRANGER_CARD,
        repertoire=repertoire,
    )


def _person(name: Named, birthdate: date) -> Person:
    family, given, family_kana, given_kana = name.family_name, name.given_name, name.family_kana, name.given_kana
    return Person(family, given, family_kana, given_kana, name.sex, birthdate, _STREET, _POST_NUMBER)

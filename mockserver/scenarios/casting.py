"""Who plays: casts made from a ready person, from the numbers of a rule, or from a person of the population."""

from datetime import date, timedelta
from hashlib import blake2b
from typing import get_args

from msgspec.structs import replace

from mockserver.eligibility.benefits import Assistance, Ticket
from mockserver.eligibility.calendar import age_on, birthday
from mockserver.eligibility.population import Country, life
from mockserver.eligibility.records import Card, Cover, Inquiry, InsurerKind, Person, Relation
from mockserver.eligibility.residents import MEANS, Resident, given_name_at
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
from mockserver.scenarios.scenario import NO_WORKER, Aged, Cast, Named, Ready, Scenario

PATTERNS: tuple[type[Scenario], ...] = get_args(Pattern)
BY_ID = {pattern.pattern_id(): pattern for pattern in PATTERNS}
READY_PEOPLE = tuple(ready for pattern in PATTERNS for ready in pattern.people)
BY_CODE = {ready.code: ready for ready in reversed(READY_PEOPLE) if not ready.is_worker}
_FAR_AHEAD = date(9000, 1, 1)
_YEARS_INSURED = 3
_ONE_YEAR = timedelta(days=365)
_GROWN_UP = 18
_WITHOUT_BRANCH = frozenset({InsurerKind.ELDERLY, InsurerKind.ASSISTANCE})  # each person has a number of their own
_CASTING_CALLS = 200
_ORDINARY = MEANS[40]
USUAL_ASSISTANCE = Assistance((Ticket("01", "02"),), "模擬　担当")
_STREET = "東京都千代田区平河町２丁目３番４号"
_POST_NUMBER = "102-0093"
_NO_PAIR = "98"  # the code of another number where a ready person has none of their own

_STRANGER = Named("長谷川", "京子", "ﾊｾｶﾞﾜ", "ｷｮｳｺ", "2")
_STRANGER_BORN = Aged(56, 2, 25)
_STRANGER_HOME = ("大阪府大阪市北区中之島５丁目６番７号", "530-0005")
_STRANGER_CARD = ready_card(InsurerKind.SOCIETY, "99", None, "01")
_WORKER = Named("清水", "一郎", "ｼﾐｽﾞ", "ｲﾁﾛｳ", "1")
_WORKER_BORN = Aged(35, 2, 3)


def ready_of(inquiry: Inquiry) -> Ready | None:
    """The ready person whose number an inquiry gives, if any."""
    is_reserved = inquiry.insurer_key in BY_READY and inquiry.number[:-2] in READY_STEMS
    return BY_CODE.get(inquiry.number[-2:]) if is_reserved else None


def person_of(insurer_key: str, number: str, birthdate: date, holder: str) -> str:
    """Whose card it is, told by one of its numbers and its holder: the same for both numbers of a pair."""
    stem, ready = number[:-2], BY_CODE.get(number[-2:])
    is_ready = insurer_key in BY_READY and stem in READY_STEMS
    if ready is None or not (is_ready or insurer_key in BY_RULE):
        return holder
    code = min(ready.code, ready.pair or ready.code)
    return f"{holder} {code}" if is_ready else f"{holder} {stem} {code} {birthdate}"


def cast_ready(ready: Ready, start: date, repertoire: Repertoire) -> Cast:
    """The cast around a ready person: fixed numbers, days relative to the start."""
    person = _person(ready.name, ready.born.birthdate(start), _STREET, _POST_NUMBER)
    own = ready_card(ready.insurer, ready.code, ready.symbol, ready.branch or "01")
    partner = BY_CODE[ready.pair] if ready.pair else None
    kind = partner.insurer if partner else another_kind(ready.insurer)
    code = ready.pair or _NO_PAIR
    other = ready_card(kind, code, None, "01")
    elderly = other if kind is InsurerKind.ELDERLY else ready_card(InsurerKind.ELDERLY, code, None, None)
    cards = (other, own, own) if ready.is_next else (own, other, elderly)
    return _cast(person, *cards, ready_card(InsurerKind.ASSISTANCE, ready.code, None, None), start, repertoire)


def cast_by_rule(inquiry: Inquiry, start: date, country: Country, repertoire: Repertoire) -> tuple[Ready, Cast] | None:
    """The cast of a rule number: any symbol, branch and birth date; None where the last two digits are not in use.

    The name is drawn by the digits before the code and the birth date, so both numbers of a pair are one person's; it
    is drawn again until the pattern can be seen on it.
    """
    insurer, number = BY_RULE[inquiry.insurer_key], inquiry.number
    ready = BY_CODE.get(number[-2:])
    if ready is None:
        return None
    branch = None if insurer.kind in _WITHOUT_BRANCH else inquiry.branch or "01"
    own = Card(insurer, inquiry.symbol, number, branch)
    other_insurer = RULE_INSURERS[another_kind(insurer.kind)]
    other = Card(other_insurer, inquiry.symbol, number[:-2] + (ready.pair or _NO_PAIR), "01")
    elderly = replace(other, insurer=RULE_INSURERS[InsurerKind.ELDERLY])
    cards = (other, own, own) if ready.is_next else (own, other, elderly)
    assistance = Card(RULE_INSURERS[InsurerKind.ASSISTANCE], inquiry.symbol, number, None)
    drawn = blake2b(f"{number[:-2]} {inquiry.birthdate}".encode(), digest_size=8).digest()
    first = int.from_bytes(drawn, "little")
    for call in range(_CASTING_CALLS):
        person = country.resident((first + call) % country.people).person
        cast = _cast(given_name_at(person, inquiry.birthdate, first + call), *cards, assistance, start, repertoire)
        if ready.plays.misfit(cast) is None:
            break
    return ready, cast


def cast_resident(resident: Resident, start: date, country: Country, repertoire: Repertoire) -> Cast:
    """The cast around a person of the population; the next number is free in the population."""
    card = resident.card_on(start)
    other = _stranger_to(resident, country)
    next_kind = another_kind(card.insurer.kind)
    next_branch = None if next_kind is InsurerKind.ELDERLY else "01"
    free_number = str(9_000_000_000 + resident.index)
    ordinary = life(resident, _FAR_AHEAD)
    own = next(record for record in ordinary if record.card == card)
    head = country.resident(resident.index - resident.seat) if resident.seat else None
    stranger_card = other.card_on(start)
    theirs = next(record for record in life(other, _FAR_AHEAD) if record.card == stranger_card)
    return Cast(
        person=resident.person,
        card=card,
        cover=own.cover,
        since=own.valid_from if own.valid_from < start else max(start - _ONE_YEAR, resident.person.birthdate),
        start=start,
        next_card=Card(READY_INSURERS[next_kind], None if next_branch is None else "9001", free_number, next_branch),
        elderly_card=resident.elderly_card,
        assistance_card=Card(READY_INSURERS[InsurerKind.ASSISTANCE], None, free_number, None),
        worker=head.person if head else _worker(start),
        worker_holder=str(head.index) if head and own.cover.relation is Relation.FAMILY else NO_WORKER,
        stranger=other.person,
        stranger_card=stranger_card,
        stranger_cover=theirs.cover,
        stranger_since=theirs.valid_from,
        repertoire=repertoire,
        ends_on=own.lost_on,
        elsewhere=tuple(record for record in ordinary if record.card != card),
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


def _cast(
    person: Person,
    card: Card,
    next_card: Card,
    elderly_card: Card,
    assistance_card: Card,
    start: date,
    repertoire: Repertoire,
) -> Cast:
    is_child = age_on(person.birthdate, start) < _GROWN_UP and card.insurer.kind not in _WITHOUT_BRANCH
    cover = Cover(Relation.FAMILY, _ORDINARY, _worker(start).name) if is_child else Cover(Relation.SELF, _ORDINARY)
    if card.insurer.kind is InsurerKind.ASSISTANCE:
        cover = replace(cover, assistance=USUAL_ASSISTANCE)
    return around(
        person,
        cards=(card, next_card),
        elderly_card=elderly_card,
        assistance_card=assistance_card,
        cover=cover,
        since=max(birthday(start, -_YEARS_INSURED), person.birthdate),
        start=start,
        repertoire=repertoire,
    )


def around(
    person: Person,
    *,
    cards: tuple[Card, Card],
    elderly_card: Card,
    assistance_card: Card,
    cover: Cover,
    since: date,
    start: date,
    repertoire: Repertoire,
) -> Cast:
    """The cast around a person outside the population: `cards` are the own one and the next; worker and stranger are fixed."""
    return Cast(
        person=person,
        card=cards[0],
        cover=cover,
        since=since,
        start=start,
        next_card=cards[1],
        elderly_card=elderly_card,
        assistance_card=assistance_card,
        worker=_worker(start),
        stranger=_person(_STRANGER, _STRANGER_BORN.birthdate(start), *_STRANGER_HOME),
        stranger_card=_STRANGER_CARD,
        stranger_cover=Cover(Relation.SELF, _ORDINARY),
        stranger_since=birthday(start, -_YEARS_INSURED),
        repertoire=repertoire,
    )


def _worker(start: date) -> Person:
    return _person(_WORKER, _WORKER_BORN.birthdate(start), _STREET, _POST_NUMBER)


def _person(name: Named, birthdate: date, address: str, post_number: str) -> Person:
    family, given, family_kana, given_kana = name.family_name, name.given_name, name.family_kana, name.given_kana
    return Person(family, given, family_kana, given_kana, name.sex, birthdate, address, post_number)

"""Who comes to the desk: people who exist, found by arithmetic in the mock's own population, and what must be answered.

A seat number is a person, so the people are as wide as the country without a data file. A small share has trouble: these
bear numbers of the rule (scenarios/reserved.py), any number of which exists. From the same facts follows the right answer.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from msgspec import Struct

from loadtests.arrivals import Arrival
from loadtests.morning import KINDS, Assumptions, Kind
from mockserver.catalogue import request_for
from mockserver.eligibility.calendar import midnight
from mockserver.eligibility.chips import PIN_TRIES, Proof, prove
from mockserver.eligibility.numbering import institution_code
from mockserver.eligibility.population import MOST_PEOPLE, Country
from mockserver.eligibility.records import Card, Inquiry, Rules, look_up, look_up_holder
from mockserver.eligibility.residents import Resident
from mockserver.eligibility.text import Repertoire
from mockserver.scenarios.casting import PATTERNS, cast_by_rule
from mockserver.scenarios.reserved import RULE_INSURERS
from mockserver.scenarios.scenario import CLEAR, Ready
from mockserver.wire.message import SearchRequest

ORDINARY = "ordinary"
VALID = "1"
SURVEY = {
    "資格情報が無効": 3_740,
    "該当の被保険者番号がない": 1_142,
    "名前や住所の不一致": 1_965,
    "●（くろまる）で出る": 6_344,
    "カードリーダーの接続不良・認証エラー": 4_280,
    "限度額認定に誤り等があった": 436,
    "負担割合の齟齬": 762,
    "他人の情報が紐づけられていた": 175,
    "マイナ保険証の有効期限が切れていた": 3_023,
}
"""Institutions that met a trouble (保団連, 2025-05-08). Shares of institutions over four months, not of look-ups: they serve
as relative weights inside the troubled look-ups only."""

_SCORE_TABLE = {Kind.HOSPITAL: 1, Kind.CLINIC: 1, Kind.DENTAL: 3, Kind.PHARMACY: 4}
_INSTITUTIONS = {Kind.HOSPITAL: 8_000, Kind.CLINIC: 105_000, Kind.DENTAL: 66_000, Kind.PHARMACY: 62_000}  # rounded
_PREFECTURES = 47
_STEMS = 90_000_000
_AGES_OF_STORY_DAYS = (0, 1, 7, 30, 90)
_REPERTOIRE = Repertoire("shift_jis_2004")


class Expected(NamedTuple):
    """The right answer: 資格有効性 by number, and what comes of the card; None where it hangs on what is not known."""

    by_number: str | None
    by_card: str | None
    card_validity: str | None = None


class Visitor(NamedTuple):
    """Somebody at the desk: of which pattern, the card, the clinic, whether the card is used, the right answer."""

    pattern: str
    card: Card
    birthdate: date
    branch: str | None
    clinic_code: str
    is_by_card: bool
    expected: Expected

    def request(self, today: date) -> SearchRequest:
        """The request that asks for them by number."""
        return request_for(self.card, self.birthdate, today, self.clinic_code, self.branch)

    def tap(self) -> dict[str, object]:
        """The body that lays their card on the mock's reader."""
        person = {
            "insurer_number": self.card.insurer.number,
            "number": self.card.number,
            "birthdate": self.birthdate.isoformat(),
            "symbol": self.card.symbol,
            "branch": self.branch,
        }
        return {"person": person, "by": "face"}


class Trouble(Struct, frozen=True):
    """A variant of a pattern as troubled visitors bring it, and its right answer."""

    ready: Ready
    pattern: str
    expected: Expected


class People:
    """The visitors of a country on a day. `is_new`: the server opened today, so its stories begin today."""

    def __init__(
        self,
        today: date,
        assumptions: Assumptions,
        *,
        seed: int = 1,
        people: int = MOST_PEOPLE,
        troubled_percent: float = 2.0,
        is_new: bool = True,
    ) -> None:
        self._country = Country(seed, people)
        self._today = today
        self._by_card = {kind: assumptions.card_percent(kind) / 100 for kind in KINDS}
        self._troubled = troubled_percent / 100
        self._troubles, self._until = _troubles(today, self._country, is_new) if troubled_percent else ((), ())

    def visitor(self, arrival: Arrival) -> Visitor:
        """Who an arrival is."""
        clinic_code = _clinic_code(arrival)
        is_by_card = arrival.way_draw < self._by_card[arrival.kind]
        if arrival.trouble_draw < self._troubled:
            return self._troubled_visitor(arrival, clinic_code, is_by_card)
        resident = self._insured(int(arrival.person_draw * self._country.people))
        card = resident.card_on(self._today)
        return Visitor(ORDINARY, card, resident.person.birthdate, card.branch, clinic_code, is_by_card, _VALID)

    def _insured(self, seat: int) -> Resident:
        """Who sits there, or on the next seat whose owner is insured by now: some are not yet born."""
        resident = self._country.resident(seat)
        while resident.enrolled_on > self._today:
            seat = (seat + 1) % self._country.people
            resident = self._country.resident(seat)
        return resident

    def _troubled_visitor(self, arrival: Arrival, clinic_code: str, is_by_card: bool) -> Visitor:
        draw = arrival.trouble_draw / self._troubled
        place = next((n for n, until in enumerate(self._until) if draw < until), len(self._until) - 1)
        trouble = self._troubles[place]
        card, birthdate, branch = _rule_card(trouble.ready, int(arrival.person_draw * _STEMS), self._today)
        return Visitor(trouble.pattern, card, birthdate, branch, clinic_code, is_by_card, trouble.expected)


_VALID = Expected(VALID, "accepted", VALID)


def _clinic_code(arrival: Arrival) -> str:
    """An institution of the kind, by the digits of the draw that the person leaves unused."""
    number = int(arrival.person_draw * (1 << 50)) % _INSTITUTIONS[arrival.kind]
    return institution_code(1 + number % _PREFECTURES, _SCORE_TABLE[arrival.kind], number // _PREFECTURES)


def _rule_card(ready: Ready, stem: int, today: date) -> tuple[Card, date, str | None]:
    """A number of the rule that plays a variant."""
    insurer = RULE_INSURERS[ready.insurer]
    digits = 6 if insurer.kind.value == "elderly" else 5
    number = f"{stem % 10**digits:0{digits}d}{ready.code}"
    branch = None if insurer.kind.value == "elderly" else ready.branch
    symbol = None if insurer.kind.value == "elderly" else "1001"
    return Card(insurer, symbol, number, branch), ready.born.birthdate(today), branch


def _troubles(today: date, country: Country, is_new: bool) -> tuple[tuple[Trouble, ...], tuple[float, ...]]:
    """The troubles of the survey and the upper ends of their shares: a row's weight is split over its variants."""
    rows: dict[str, list[Trouble]] = {}
    for pattern in PATTERNS:
        row = pattern.about.survey_row
        for ready in pattern.people:
            if row in SURVEY and not ready.is_worker and ready.insurer.value != "assistance":
                trouble = Trouble(ready, pattern.pattern_id(), _expected(ready, today, country, is_new))
                rows.setdefault(row, []).append(trouble)
    weights = [SURVEY[row] / len(troubles) for row, troubles in rows.items() for _ in troubles]
    total = sum(weights)
    return tuple(t for troubles in rows.values() for t in troubles), tuple(w / total for w in accumulate(weights))


def _expected(ready: Ready, today: date, country: Country, is_new: bool) -> Expected:
    """What must be answered, whatever the age of the story where the server may have been open for long."""
    ages = (0,) if is_new else _AGES_OF_STORY_DAYS
    answers = [_answered(ready, today, today - timedelta(days=age), country) for age in ages]
    return Expected(*(_common(parts) for parts in zip(*answers, strict=True)))


def _common(values: Iterable[str | None]) -> str | None:
    different = set(values)
    return different.pop() if len(different) == 1 else None


def _answered(ready: Ready, today: date, start: date, country: Country) -> Expected:
    """What the backend says in a story that began on a day. Only a birth date of that day fits the variant."""
    card, birthdate, branch = _rule_card(ready, 12_345, today)
    inquiry = Inquiry(card.insurer.key, card.symbol, card.number, branch, birthdate, today)
    chosen = cast_by_rule(inquiry, start, country, _REPERTOIRE)
    if chosen is None:
        return Expected(None, None)
    scenario, cast = chosen[0].plays, chosen[1]
    story = scenario.story(cast)
    if story.acts or story.way != CLEAR:
        return Expected(None, None)
    now: datetime = midnight(today + timedelta(days=1)) - timedelta(seconds=1)
    outcome = prove(story.chip, Proof.FACE, today, PIN_TRIES, is_pin_right=True)
    said = look_up(story.register, inquiry, now, Rules()).validity.code
    held = look_up_holder(story.register, "patient", today, now).validity.code
    return Expected(said, outcome.value, held if outcome.is_accepted else "")

"""A tester lays down somebody's card: whose, and what came of it. In plain words, without a transport."""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct

from mockserver.choosing import pattern_of
from mockserver.clinics import Sandbox
from mockserver.denial import Denial
from mockserver.eligibility.chips import Consent, Proof
from mockserver.eligibility.population import Country
from mockserver.eligibility.records import Card, Inquiry
from mockserver.exchange import Exchange
from mockserver.journal import Entry
from mockserver.linkage.taps import Gesture, Tapped, tap
from mockserver.scenarios.casting import BY_CODE, cast_ready
from mockserver.views import Identity
from mockserver.whom import inquiry_of, resident_at
from mockserver.wire.answer import own_code
from mockserver.wire.message import SearchResponse
from mockserver.wire.qualification import CONSENT_LASTS

_NOBODY = Denial(
    404,
    "その番号と生年月日の人はいません。`mockserver patients` の番号を使ってください",
    "nobody has this number and birth date; take one from `mockserver patients`",
)
_CARE = {"outpatient": "1", "home-visit": "2", "online": "3"}  # OQSCD028
_PRESCRIPTIONS = {"electronic": "1", "paper": "2"}  # OQSCD017
_STRIDE = 40_503_653  # a prime, so that random taps go all over the country


class NewTap(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whose card (one of `pattern`: its first ready person; `code`: the one of two digits; `person`; `random`), and how.

    `person` is a seat number of the population or an identity by number. `by`: face, pin or visual (目視); if not given what
    the pattern is about, else the face. `pin` may be wrong on purpose (and is then what is used). `consents`: all if not given.
    """

    pattern: str | None = None
    code: Annotated[str, Meta(pattern="^[0-9]{2}$")] | None = None
    person: int | Identity | None = None
    random: bool = False
    by: Proof | None = None
    pin: Literal["right", "wrong"] = "right"
    consents: tuple[Consent, ...] = tuple(Consent)
    care: Literal["outpatient", "home-visit", "online"] = "outpatient"
    prescription: Literal["electronic", "paper"] | None = None


class TapView(Struct, frozen=True):
    """What came of a tap: the outcome, a code and message where it is refused or there is something to tell.

    `face_file`: the name it gets in `face`, if it does. `consents_until`: the end of those for 健診, 薬剤, 診療, 手術.
    `answer`: the message in that file, as JSON. `pin_tries_left`: before the PIN is locked. `has_terminal`: whether a
    terminal that takes this clinic's results was there lately.
    """

    outcome: str
    accepted: bool
    pattern: str
    by: Proof
    moment: datetime
    consents: tuple[Consent, ...]
    consents_until: datetime | None
    pin_tries_left: int
    code: str | None
    message_ja: str | None
    message_en: str | None
    face_file: str | None
    has_terminal: bool
    answer: SearchResponse


def lay_down(exchange: Exchange, code: str, new: NewTap, now: datetime) -> tuple[str, Tapped]:
    """Lay down a card at a clinic: the pattern that was met, and what came of it. Denial where nobody is meant."""
    sandbox = exchange.clinics.find(code, now)
    moment = exchange.moment(code, now)
    start = exchange.story_start(sandbox, moment)
    inquiry = _whose(exchange, code, sandbox, new, start, moment)
    situation = exchange.register.situation(inquiry, sandbox, start, moment)
    found = exchange.register.found(inquiry, situation)
    is_about_pin = new.pin == "wrong" or not found.chip.is_pin_known or found.chip.is_locked
    gesture = Gesture(
        new.by or (Proof.PIN if is_about_pin else Proof.FACE),
        new.pin == "right",
        frozenset(new.consents),
        _CARE[new.care],
        _PRESCRIPTIONS[new.prescription] if new.prescription else UNSET,
    )
    tapped = tap(exchange, code, inquiry, found, gesture, now)
    if tapped is None:
        raise _NOBODY
    if found.counts_look_ups:
        exchange.count_inquiry(code, inquiry, now)
    refusal = tapped.refusal
    said = own_code(refusal.problem, exchange.manner) if refusal else tapped.face.validity
    exchange.keeping.enter(
        code,
        Entry(
            serial=0,
            via="card",
            at=now,
            moment=moment,
            said=said,
            status=200,
            pattern=found.pattern,
            inquiry=inquiry,
            situation=situation,
            reason=(refusal.japanese, refusal.english) if refusal else None,
            note=tapped.outcome.value,
        ),
    )
    return found.pattern, tapped


def _whose(
    exchange: Exchange, code: str, sandbox: Sandbox | None, new: NewTap, start: date, moment: datetime
) -> Inquiry:
    """An inquiry that names whose card it is."""
    if (new.pattern is not None) + (new.code is not None) + (new.person is not None) + new.random != 1:
        raise Denial(
            400,
            "pattern、code、person、random のどれか1つを指定してください",
            "expected exactly one of pattern, code, person, random",
        )
    today = moment.date()
    if isinstance(new.person, Identity):
        return inquiry_of(new.person, today)
    if new.pattern is not None or new.code is not None:
        return _ready(exchange, new, start, today)
    country = exchange.register.country_of(sandbox)
    seat = new.person if new.person is not None else _random_seat(sandbox, code, country)
    resident = resident_at(country, seat)
    return _named(resident.card_on(today), resident.person.birthdate, today)


def _ready(exchange: Exchange, new: NewTap, start: date, today: date) -> Inquiry:
    """The first ready person of a pattern, or the one of a code."""
    ready = BY_CODE.get(new.code or "") if new.pattern is None else pattern_of(new.pattern).people[0]
    if ready is None:
        known = ", ".join(sorted(BY_CODE))
        raise Denial(404, f"code {new.code} の患者はいません（{known}）", f"nobody has code {new.code}; known: {known}")
    cast = cast_ready(ready, start, exchange.repertoire)
    return _named(cast.next_card if ready.is_next else cast.card, cast.person.birthdate, today)


def _named(card: Card, birthdate: date, today: date) -> Inquiry:
    return Inquiry(card.insurer.key, card.symbol, card.number, card.branch, birthdate, today)


def _random_seat(sandbox: Sandbox | None, code: str, country: Country) -> int:
    """Anybody, and the same people in the same order after each reset."""
    count = sandbox.counted("tap") if sandbox else 0
    return (int(code) + count * _STRIDE) % country.people


def is_posted(exchange: Exchange, tapped: Tapped) -> bool:
    """Whether a reader's result goes to the terminals: one of an accepted card, others by `--refused-taps`."""
    return tapped.refusal is None or exchange.settings.refused_taps == "file"


def view(
    exchange: Exchange, pattern: str, new: NewTap, tapped: Tapped, *, is_filed: bool, has_terminal: bool = False
) -> TapView:
    """A tap in plain words."""
    face, refusal, manner = tapped.face, tapped.refusal, exchange.manner
    told = refusal or face.notice
    return TapView(
        outcome=tapped.outcome.value,
        accepted=tapped.outcome.is_accepted,
        pattern=pattern,
        by=face.proof,
        moment=face.moment,
        consents=new.consents,
        consents_until=face.moment + CONSENT_LASTS if new.consents else None,
        pin_tries_left=tapped.tries_left,
        code=own_code(told.problem, manner) if told else None,
        message_ja=told.japanese if told else None,
        message_en=told.english if told else None,
        face_file=face.name if is_filed else None,
        has_terminal=has_terminal,
        answer=face.message(manner),
    )

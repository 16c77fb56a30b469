"""Who may have been meant where nobody was found: the nearest person, and in what the question differs from their card.

Computed when somebody asks why; everything hangs on the inquiry, its situation and who plays for all clinics, so it is
the same as long as the scenario files are.
"""

from collections.abc import Iterator
from datetime import date
from typing import Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from mockserver.clinics import Assignment
from mockserver.eligibility.population import life
from mockserver.eligibility.records import Card, Inquiry, Record
from mockserver.eligibility.text import same_text
from mockserver.register import ORDINARY, Found, Register, Situation
from mockserver.scenarios.reserved import BY_READY, BY_RULE

Field = Literal["insurer_number", "symbol", "number", "branch", "birthdate"]
_LIKELY: tuple[Field, ...] = ("number", "birthdate", "branch", "symbol", "insurer_number")  # the likeliest slip first
_WHO: frozenset[Field] = frozenset({"insurer_number", "number", "birthdate"})  # of these only one may differ
_MOST_FIELDS = 2
_SHOWN_CHARACTERS = 3
_LONGEST_NUMBER = 20  # a longer one is no slip of the finger
_DIGITS = "0123456789"


class Difference(Struct, frozen=True):
    """A field in which a question and a card differ, and how, in words."""

    field: Field
    asked: str
    found: str
    japanese: str
    english: str


class Nearest(Struct, frozen=True):
    """The nearest person: the pattern they play, and what would have to be asked otherwise."""

    pattern: str
    differs: list[Difference]


class Named(NamedTuple):
    """A card as it would have to be asked for, and the pattern of its holder."""

    pattern: str
    card: Card
    birthdate: date


class _Ranked(NamedTuple):
    fields: list[Field]
    digits: int
    named: Named

    @property
    def rank(self) -> tuple[int, int, int, date, str, str]:
        """Few fields, few digits, the likeliest slip; then anything that does not hang on an order of records."""
        card = self.named.card
        likely = sum(_LIKELY.index(field) for field in self.fields)
        return len(self.fields), self.digits, likely, self.named.birthdate, card.number, card.branch or ""


def nearest(register: Register, inquiry: Inquiry, situation: Situation, masked: bool = True) -> Nearest | None:
    """The person whose card differs least from an inquiry, in two fields at most; None also where nothing differs."""
    ranked = [_ranked(named, inquiry) for named in _candidates(register, inquiry, situation)]
    if not all(one.fields for one in ranked):
        return None  # the number is somebody's as it was asked for: it is the story that says no
    near = [one for one in ranked if _is_near(one.fields)]
    if not near:
        return None
    best = min(near, key=lambda one: one.rank)
    return Nearest(best.named.pattern, [_difference(field, best.named, inquiry, masked) for field in best.fields])


def differing(card: Card, birthdate: date, inquiry: Inquiry) -> list[Field]:
    """The fields in which an inquiry differs from a card; a branch that one of both leaves open does not."""
    is_same: dict[Field, bool] = {
        "insurer_number": card.insurer.key == inquiry.insurer_key,
        "symbol": same_text(inquiry.symbol or "", card.symbol or ""),
        "number": same_text(inquiry.number, card.number),
        "branch": inquiry.branch is None or card.branch is None or inquiry.branch == card.branch,
        "birthdate": birthdate == inquiry.birthdate,
    }
    return [field for field, same in is_same.items() if not same]


def asked_by(record: Record) -> tuple[Card, date]:
    """The card and birth date under which a record is found."""
    return record.found_by or (record.card, record.person.birthdate)


def under_number(register: Register, inquiry: Inquiry, situation: Situation) -> list[tuple[str, Record]]:
    """The records the register gets to know under a number, whatever the birth date, with their patterns."""
    told = [(a.scenario.pattern_id(), record) for a in situation.assigned for record in a.story.register]
    told += _others_under_number(register, inquiry, situation)
    return [(pattern, record) for pattern, record in told if _has_number(asked_by(record)[0], inquiry)]


def mask(text: str) -> str:
    """A number with all but its last three characters hidden."""
    hidden = max(len(text) - _SHOWN_CHARACTERS, 0)
    return "*" * hidden + text[hidden:]


def mask_day(day: date) -> str:
    """A birth date of which only the year is told."""
    return f"{day.year:04d}-**-**"


def _has_number(card: Card, inquiry: Inquiry) -> bool:
    return card.insurer.key == inquiry.insurer_key and same_text(card.number, inquiry.number)


def _others_under_number(register: Register, inquiry: Inquiry, situation: Situation) -> list[tuple[str, Record]]:
    playing = {assignment.holder for assignment in situation.assigned}
    key = inquiry.insurer_key
    if key in BY_READY or key in BY_RULE:
        found = register.found(inquiry, replace(situation, assigned=()))
        return [(found.pattern, record) for record in found.records]
    day = situation.moment.date()
    members = situation.country.members(key, inquiry.number)
    return [(ORDINARY, record) for one in members if str(one.index) not in playing for record in life(one, day)]


def _candidates(register: Register, inquiry: Inquiry, situation: Situation) -> Iterator[Named]:
    """Everybody who may be meant: those under the number, those under one like it, and ready people of any insurer."""
    for assignment in situation.assigned:
        yield from _playing(assignment, inquiry)
    for pattern, record in under_number(register, inquiry, situation):
        yield from _named(pattern, (record,), inquiry)
    yield from _standing(register, inquiry, situation)
    alone = replace(situation, assigned=())
    for meant in _meant(inquiry):
        found = register.found(meant, alone)
        yield from _named(found.pattern, _everything(found), meant)


def _standing(register: Register, inquiry: Inquiry, situation: Situation) -> Iterator[Named]:
    """Those who play for all clinics, people of a tester's own among them, under the number or one like it."""
    like = {inquiry.number, *_like(inquiry.number)}
    for key, number in register.standing.by_number:
        if number in like:
            for one in register.standing.assignments((key, number), situation.start, situation.country):
                yield from _playing(one, replace(inquiry, number=number))


def _meant(inquiry: Inquiry) -> Iterator[Inquiry]:
    """What the inquiry may have been meant to be. By rule every number is somebody's, so none is near."""
    yield inquiry
    if inquiry.insurer_key not in BY_READY:
        yield replace(inquiry, insurer_key=next(iter(BY_READY)))  # leads to a ready person of whatever insurer
    if inquiry.insurer_key not in BY_RULE:
        for number in _like(inquiry.number):
            yield replace(inquiry, number=number)


def _everything(found: Found) -> tuple[Record, ...]:
    own = (found.own,) if found.own else ()
    return found.records + found.reality + own


def _playing(assignment: Assignment, meant: Inquiry) -> Iterator[Named]:
    records = (assignment.own, *assignment.story.register, *assignment.story.reality)
    yield from _named(assignment.scenario.pattern_id(), records, meant)


def _named(pattern: str, records: tuple[Record, ...], meant: Inquiry) -> Iterator[Named]:
    """The cards that have the number that may be meant."""
    for record in records:
        card, birthdate = asked_by(record)
        if same_text(card.number, meant.number):
            yield Named(pattern, card, birthdate)


def _like(number: str) -> list[str]:
    """The numbers from which one slip of the finger makes this one, each once."""
    if len(number) > _LONGEST_NUMBER:
        return []
    cuts = [(number[:place], number[place:]) for place in range(len(number) + 1)]
    like = [head + digit + tail[1:] for head, tail in cuts if tail for digit in _DIGITS]
    like += [head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1]
    like += [head + tail[1:] for head, tail in cuts if tail]
    like += [head + digit + tail for head, tail in cuts for digit in _DIGITS]
    return [one for one in dict.fromkeys(like) if one != number]


def _is_near(fields: list[Field]) -> bool:
    return len(fields) <= _MOST_FIELDS and len(_WHO.intersection(fields)) <= 1


def _ranked(named: Named, inquiry: Inquiry) -> _Ranked:
    fields = differing(named.card, named.birthdate, inquiry)
    digits = sum(_distance(_asked(field, inquiry), _found(field, named)) for field in fields)
    return _Ranked(fields, digits, named)


def _distance(asked: str, found: str) -> int:
    """How many characters differ; of texts of unlike length, those between what both begin and end with."""
    if len(asked) == len(found):
        return sum(one != other for one, other in zip(asked, found, strict=True))
    short, long = sorted((asked, found), key=len)
    head = next((n for n, one in enumerate(short) if one != long[n]), len(short))
    rest = short[head:]
    tail = next((n for n in range(len(rest)) if rest[-1 - n] != long[-1 - n]), len(rest))
    return len(long) - head - tail


def _asked(field: Field, inquiry: Inquiry) -> str:
    values: dict[Field, str] = {
        "insurer_number": padded(inquiry.insurer_key),
        "symbol": inquiry.symbol or "",
        "number": inquiry.number,
        "branch": inquiry.branch or "",
        "birthdate": inquiry.birthdate.isoformat(),
    }
    return values[field]


def _found(field: Field, named: Named) -> str:
    card = named.card
    return _asked(
        field,
        Inquiry(card.insurer.key, card.symbol, card.number, card.branch, named.birthdate, named.birthdate),
    )


def padded(insurer_key: str) -> str:
    """An insurer number as it is written: 8 digits, 国保 6."""
    return insurer_key.zfill(6 if len(insurer_key) <= 6 else 8)


def _difference(field: Field, named: Named, inquiry: Inquiry, masked: bool) -> Difference:
    asked, found = _asked(field, inquiry), _found(field, named)
    japanese, english = _words(field, asked, found)
    return Difference(field, _shown(field, asked, masked), _shown(field, found, masked), japanese, english)


def _shown(field: Field, text: str, masked: bool) -> str:
    """The text as it may be told; an insurer's number is nobody's secret."""
    if not masked or field == "insurer_number":
        return text
    return mask_day(date.fromisoformat(text)) if field == "birthdate" else mask(text)


def _words(field: Field, asked: str, found: str) -> tuple[str, str]:
    if field == "number":
        return _words_of_number(asked, found)
    if field == "symbol" and not asked:
        return "記号がありません", "the symbol is missing"
    if field == "symbol" and not found:
        return "記号は要りません", "there should be no symbol"
    return _WORDS[field]


_WORDS: dict[Field, tuple[str, str]] = {
    "insurer_number": ("保険者番号が違います", "another insurer number"),
    "symbol": ("記号が違います", "another symbol"),
    "branch": ("枝番が違います", "another branch number"),
    "birthdate": ("生年月日が違います", "another birth date"),
}


def _words_of_number(asked: str, found: str) -> tuple[str, str]:
    if len(asked) < len(found):
        return "番号が1桁足りません", "one digit of the number is missing"
    if len(asked) > len(found):
        return "番号が1桁多くなっています", "the number has one digit too many"
    places = [n for n, (one, other) in enumerate(zip(asked, found, strict=True), start=1) if one != other]
    if len(places) > 1:
        first, second = places[0], places[-1]
        return (
            f"番号の {first} 桁目と {second} 桁目が入れ替わっています",
            f"two digits of the number are swapped: digits {first} and {second}",
        )
    if places[0] == len(asked):
        return "番号の最後の桁が違います", "the number differs in the last digit"
    return f"番号の {places[0]} 桁目が違います", f"the number differs in digit {places[0]}"

"""A document: the values of a scenario file, where each stands in the text, and what is wrong with it."""

import re
from typing import Any, NamedTuple

from msgspec import Struct, field

from mockserver.eligibility.numbering import mask_individual_numbers
from mockserver.wire.refusals import quote

MOST_NODES = 200_000
DEEPEST = 50

Path = tuple[str | int, ...]

_SIMPLE_NAME = re.compile(r"[\w-]{1,40}")


class Place(NamedTuple):
    """Where something stands in a text, counted from 1."""

    line: int
    column: int


START = Place(1, 1)


class Mistake(Struct, frozen=True):
    """What is wrong with a file, where, and why in both languages. `path` is "" for the file as a whole."""

    place: Place
    path: str
    japanese: str
    english: str


class Spot(Struct):
    """Where a key or an item stands, and the spots of what it holds."""

    place: Place
    below: dict[str | int, "Spot"] = field(default_factory=dict)


class Document(Struct, frozen=True):
    """The values of a file and their places."""

    value: dict[str, Any]
    spot: Spot

    def has(self, path: Path) -> bool:
        """Whether there is a key or item at a path."""
        spot: Spot | None = self.spot
        for step in path:
            spot = spot.below.get(step) if spot else None
        return spot is not None

    def place(self, path: Path) -> Place:
        """Where the key or item of a path stands; where it does not exist, its nearest ancestor that does."""
        spot = self.spot
        for step in path:
            if step not in spot.below:
                break
            spot = spot.below[step]
        return spot.place


def spell(path: Path) -> str:
    """A path as people write it: `people[0].birthdate`."""
    steps = (f"[{step}]" if isinstance(step, int) else _spell_name(step) for step in path)
    return mask_individual_numbers("".join(steps).removeprefix("."))


def _spell_name(name: str) -> str:
    return f".{name}" if _SIMPLE_NAME.fullmatch(name) else f"[{quote(name)}]"


class Wrong(Exception):
    """Carries a mistake out of the depth of a text."""

    def __init__(self, place: Place, path: Path, japanese: str, english: str) -> None:
        super().__init__(english)
        self.mistake = Mistake(place, spell(path), japanese, english)


def place_at(text: str, index: int) -> Place:
    return Place(text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))


def too_deep(place: Place, path: Path) -> Wrong:
    return Wrong(
        place,
        path,
        f"入れ子が深すぎます。{DEEPEST} 段までにしてください",
        f"the nesting is too deep, expected {DEEPEST} levels at most",
    )


def too_many(place: Place, path: Path) -> Wrong:
    return Wrong(
        place,
        path,
        f"値が多すぎます。参照を展開した後で {MOST_NODES} 個までにしてください",
        f"too many values, expected {MOST_NODES} at most with aliases expanded",
    )


class Trouble(NamedTuple):
    """Words of a parser, and ours for them."""

    fragment: str
    japanese: str
    english: str


def explain(problem: str, format_name: str, troubles: tuple[Trouble, ...]) -> tuple[str, str]:
    for trouble in troubles:
        if trouble.fragment in problem:
            return trouble.japanese, trouble.english
    safe = mask_individual_numbers(problem)
    return f"{format_name} として読めません（{safe}）", f"the text is not valid {format_name} ({safe})"

"""Who arrives when: one schedule for all generators, and which of them takes which arrival. Pure arithmetic.

Arrival i has its intended time whatever happens to the arrivals before it: the inverse of the curve's integral at i. All
draws come from hash(seed, i), so every generator knows the whole schedule and takes its own part of it: with n of them the
k-th takes each n-th arrival, and the offered rate is split exactly. When one comes or goes, the master says from which
arrival on how it is split anew.
"""

from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from itertools import count
from typing import Literal, NamedTuple

from loadtests.morning import Curve, Kind

Spacing = Literal["constant", "poisson"]
_BLOCK = 1_000  # arrivals that are thrown evenly into their stretch together
_FULL = 1 << 32


class Arrival(NamedTuple):
    """An arrival: its number, its intended time in seconds after the start, and draws from 0 to 1 that decide the rest."""

    number: int
    at_s: float
    kind: Kind
    way_draw: float
    person_draw: float
    trouble_draw: float


class Schedule:
    """The arrivals of a stretch of a curve: from, until in seconds since midnight."""

    def __init__(self, curve: Curve, from_s: float, until_s: float, seed: int, spacing: Spacing) -> None:
        self._curve = curve
        self._from_s = from_s
        self._before = curve.until(from_s)
        self._spacing = spacing
        self._key = blake2b(str(seed).encode(), digest_size=32).digest()
        self.duration_s = until_s - from_s
        self.count = int(curve.until(until_s) - self._before)
        self._thrown = lru_cache(maxsize=4)(self._throw)

    def at_s(self, number: int) -> float:
        """The intended time of an arrival, in seconds after the start."""
        place = number + 0.5
        if self._spacing == "poisson":
            block, order = divmod(number, _BLOCK)
            place = block * _BLOCK + self._thrown(block)[order]
        return self._curve.when(self._before + place) - self._from_s

    def first_after(self, at_s: float) -> int:
        """The first arrival due at a time or later."""
        return bisect_left(range(self.count), at_s, key=self.at_s)

    def arrival(self, number: int) -> Arrival:
        """An arrival with all that its number decides."""
        at_s, draws = self.at_s(number), self._draws(number)
        return Arrival(number, at_s, self._curve.kind_at(at_s + self._from_s, draws[0]), *draws[1:])

    def offered(self, from_s: float, until_s: float) -> int:
        """How many arrivals are due from one time after the start until another."""
        return self.first_after(until_s) - self.first_after(from_s)

    def _draws(self, number: int) -> tuple[float, float, float, float]:
        drawn = blake2b(number.to_bytes(8, "little"), key=self._key, digest_size=20).digest()
        whole = int.from_bytes(drawn[12:], "little") / (1 << 64)  # a person needs more than 32 bits
        parts = (int.from_bytes(drawn[at : at + 4], "little") / _FULL for at in (0, 4, 8))
        kind, way, trouble = parts
        return kind, way, whole, trouble

    def _throw(self, block: int) -> list[float]:
        """Places of the arrivals of a block: thrown evenly and sorted, as those of a Poisson process are."""
        size = min(_BLOCK, self.count - block * _BLOCK)
        drawn = (blake2b(b"%d %d" % (block, n), key=self._key, digest_size=8).digest() for n in range(size))
        return sorted(int.from_bytes(one, "little") / (1 << 64) * size for one in drawn)


class Turn(NamedTuple):
    """From an arrival on these generators share the arrivals, in this order."""

    from_number: int
    members: tuple[str, ...]


def add_turn(turns: tuple[Turn, ...], new: Turn) -> tuple[Turn, ...]:
    """The turns with another one; what was to begin later than it is void."""
    return (*(turn for turn in turns if turn.from_number < new.from_number), new)


def owner(turns: tuple[Turn, ...], number: int) -> str | None:
    """Whose arrival it is; None before the first turn or where nobody is there."""
    current = next((turn for turn in reversed(turns) if turn.from_number <= number), None)
    if current is None or not current.members:
        return None
    return current.members[number % len(current.members)]


def next_own(turns: tuple[Turn, ...], member: str, after: int, end: int) -> int | None:
    """The next arrival of a generator after a number, before an end."""
    for place, turn in enumerate(turns):
        until = turns[place + 1].from_number if place + 1 < len(turns) else end
        first = max(turn.from_number, after + 1)
        if first >= until or member not in turn.members:
            continue
        size = len(turn.members)
        number = first + (turn.members.index(member) - first) % size
        if number < min(until, end):
            return number
    return None


def own(turns: tuple[Turn, ...], member: str, end: int) -> Iterator[int]:
    """All arrivals of a generator, as long as the turns stay as they are."""
    number = -1
    for _ in count():
        following = next_own(turns, member, number, end)
        if following is None:
            return
        yield (number := following)

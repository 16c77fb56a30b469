"""What servers share: for each clinic a log of what happened to it, and notices of what was set up."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from msgspec import Struct

ALL = "all"  # the log of what is set up for all clinics; a clinic's is named by its code
ABSENT = 0


class Unreachable(Exception):
    """The log does not answer, or not in time. What was asked may have been done all the same."""


class Kept(Struct, frozen=True, array_like=True, gc=False):
    """An event as it is kept; `serial` is the number of the notice that told of it, 0 where none did."""

    serial: int
    event: bytes


class Written(Struct, frozen=True, tag=True):
    """Events were written; `serial` as above."""

    serial: int


class Page(Struct, frozen=True, tag=True):
    """A log from a position on. `base`: the first position that is kept; `end`: that after the last (0: there is no log).

    Whoever asks from before the base, or from after the end (what they know was lost), is told from the base on. What is
    too large for one page is asked for again, until the end.
    """

    base: int
    end: int
    events: list[Kept]


class Full(Struct, frozen=True, tag=True):
    """A log has as many events as it may."""


class Notice(Struct, frozen=True, array_like=True):
    """That something was set up. `epoch` tells one life of the log from another; `is_awaited`: somebody waits until all know."""

    epoch: str
    serial: int
    name: str
    is_awaited: bool


class Standing(Struct, frozen=True):
    """How things stand when a server joins: notices after `serial` will reach it; `touched` are the clinics with a log."""

    epoch: str
    serial: int
    touched: list[str]


class Limits(Struct, frozen=True, kw_only=True):
    """What bounds a log: events of one clinic and their bytes, clinics, how long an unused one is kept, a page.

    A server that was silent for `server_lives_ms` does not count.
    """

    most_events: int
    most_logs: int
    idle_s: int
    server_lives_ms: int = 3_000
    most_bytes: int = 64 * 1024 * 1024
    page_bytes: int = 4 * 1024 * 1024


class Log(Protocol):
    """A server's hand on what is shared. Everything raises Unreachable."""

    async def join(self) -> Standing:
        """Begin to get notices, anew if need be."""

    def notices(self) -> AsyncIterator[Notice]:
        """The notices since the last `join`, until the log cannot be reached."""

    async def append(
        self, name: str, position: int, events: Sequence[bytes], *, is_told: bool = False, cuts: bool = False
    ) -> Written | Page | Full:
        """Write events at a position; what is there already, if they do not fit there. `cuts`: what was before is not kept.

        Events that are not told of are written to a log that is there only.
        """

    async def read(self, name: str, position: int) -> Page:
        """What is there from a position on."""

    async def touched(self) -> list[str]:
        """The clinics that have a log."""

    async def take_in(self, serial: int) -> None:
        """Tell that this server lives, and has taken in the notices up to a serial."""

    async def settled(self, serial: int, within_ms: int) -> bool:
        """Wait until every server that lives has taken in a notice; whether all did."""

    async def count(self, what: str) -> int:
        """The next number of something, for whichever server."""

    async def agree(self, facts: dict[str, str]) -> dict[str, str]:
        """Lay facts down where nobody did before; those that stand."""

    async def close(self) -> None:
        """Leave: nobody need wait for this server."""

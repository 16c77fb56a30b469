"""The log in one process: for servers within it, and what `--workers` share through their parent."""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import islice

from mockserver.sharing.log import ABSENT, ALL, Full, Kept, Limits, Log, Notice, Page, Standing, Written

_FULL_LOGS = 10  # so many full logs fill the memory that all may take


class _Events:
    """The events of one clinic from a base on."""

    def __init__(self, used_s: float) -> None:
        self.base = 0
        self.kept: list[Kept] = []
        self.bytes = 0
        self.used_s = used_s

    @property
    def end(self) -> int:
        return self.base + len(self.kept)


class _Seat:
    """A server at the book: the notices it has not fetched, the last it took in, and when it was last heard of."""

    def __init__(self, serial: int, heard_s: float) -> None:
        self.notices: asyncio.Queue[Notice | None] = asyncio.Queue()
        self.serial = serial
        self.heard_s = heard_s


class Book:
    """What all handles share. `clock_s`: seconds of a clock that never goes back."""

    def __init__(self, limits: Limits, clock_s: Callable[[], float], epoch: str = "memory") -> None:
        self._limits = limits
        self._clock_s = clock_s
        self._epoch = epoch
        self._serial = 0
        self._in_all = 0  # events
        self._bytes = 0
        self._logs: OrderedDict[str, _Events] = OrderedDict()
        self._seats: dict[str, _Seat] = {}
        self._counts: dict[str, int] = {}
        self._facts: dict[str, str] = {}
        self._taken_in = asyncio.Event()

    def lose(self) -> None:
        """Forget everything, as a log does whose place was emptied; servers come back by themselves."""
        self._logs.clear()
        self._in_all = self._bytes = 0
        self._serial, self._epoch = 0, f"{self._epoch}+"
        for server in list(self._seats):
            self.unseat(server)

    def seat(self, server: str) -> Standing:
        """Take a server in."""
        self.unseat(server)
        self._seats[server] = _Seat(self._serial, self._clock_s())
        return Standing(self._epoch, self._serial, self.touched())

    def touched(self) -> list[str]:
        """As Log says."""
        self._forget_idle()
        return [name for name in self._logs if name != ALL]

    def unseat(self, server: str) -> None:
        """Let a server go."""
        seat = self._seats.pop(server, None)
        if seat:
            seat.notices.put_nowait(None)

    async def notice(self, server: str) -> Notice | None:
        """The next notice of a server; None when it is no longer there."""
        seat = self._seats.get(server)
        return await seat.notices.get() if seat else None

    def append(
        self, name: str, position: int, events: Sequence[bytes], is_told: bool, cuts: bool
    ) -> Written | Page | Full:
        """As Log says."""
        self._forget_idle()
        log = self._logs.get(name)
        end = log.end if log else ABSENT
        if position != end or (log is None and not is_told):
            return self.read(name, position)
        size = sum(map(len, events))
        if log and not cuts and self._is_full(log, len(events), size):
            return Full()
        log = log or self._begun(name)
        if cuts:
            self._count(log, -len(log.kept), -log.bytes)
            log.base, log.kept = position, []
        serial = self._tell(name, position == 0 or name == ALL) if is_told else 0
        log.kept += [Kept(serial, event) for event in events]
        self._count(log, len(events), size)
        self._use(name, log)
        self._make_room(name)
        return Written(serial)

    def read(self, name: str, position: int) -> Page:
        """As Log says."""
        self._forget_idle()
        log = self._logs.get(name)
        if log is None:
            return Page(0, ABSENT, [])
        self._use(name, log)
        start = position - log.base if log.base <= position <= log.end else 0
        return Page(log.base, log.end, self._page(log.kept, start))

    def take_in(self, server: str, serial: int) -> None:
        """As Log says."""
        seat = self._seats.get(server)
        if seat:
            seat.serial, seat.heard_s = serial, self._clock_s()
            self._taken_in.set()
            self._taken_in = asyncio.Event()

    async def settled(self, serial: int, within_ms: int) -> bool:
        """As Log says. A server may also fall silent, which nobody tells: so it is looked every so often."""
        until_s = self._clock_s() + within_ms / 1000
        while self._is_behind(serial):
            left_s = until_s - self._clock_s()
            if left_s <= 0:
                return False
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._taken_in.wait(), min(left_s, self._limits.server_lives_ms / 4_000))
        return True

    def count(self, what: str) -> int:
        """As Log says."""
        self._counts[what] = self._counts.get(what, 0) + 1
        return self._counts[what]

    def agree(self, facts: dict[str, str]) -> dict[str, str]:
        """As Log says."""
        return {name: self._facts.setdefault(name, fact) for name, fact in facts.items()}

    def _begun(self, name: str) -> _Events:
        while len(self._logs) > self._limits.most_logs and (eldest := self._eldest()):
            self._forget(eldest)
        log = self._logs[name] = _Events(self._clock_s())
        return log

    def _use(self, name: str, log: _Events) -> None:
        log.used_s = self._clock_s()
        self._logs.move_to_end(name)

    def _forget_idle(self) -> None:
        since_s = self._clock_s() - self._limits.idle_s
        while (eldest := self._eldest()) and self._logs[eldest].used_s < since_s:
            self._forget(eldest)

    def _forget(self, name: str) -> None:
        log = self._logs.pop(name)
        self._count(log, -len(log.kept), -log.bytes)

    def _count(self, log: _Events, events: int, size: int) -> None:
        self._in_all += events
        self._bytes += size
        log.bytes += size

    def _is_full(self, log: _Events, more: int, size: int) -> bool:
        return len(log.kept) + more > self._limits.most_events or log.bytes + size > self._limits.most_bytes

    def _make_room(self, name: str) -> None:
        """Have the clinics used last before all others give way where all together have more than they may."""
        most, size = self._limits.most_events * _FULL_LOGS, self._limits.most_bytes * _FULL_LOGS
        while (self._in_all > most or self._bytes > size) and (eldest := self._eldest()) not in (None, name):
            self._forget(str(eldest))

    def _page(self, kept: list[Kept], start: int) -> list[Kept]:
        """As many as go into a page, but one at least."""
        found: list[Kept] = []
        left = self._limits.page_bytes
        for one in islice(kept, start, None):
            left -= len(one.event)
            if found and left < 0:
                break
            found.append(one)
        return found

    def _eldest(self) -> str | None:
        """The clinic used last before all others: the order is that of the last use."""
        return next((name for name in islice(self._logs, 2) if name != ALL), None)

    def _tell(self, name: str, is_awaited: bool) -> int:
        self._serial += 1
        for seat in self._seats.values():
            seat.notices.put_nowait(Notice(self._epoch, self._serial, name, is_awaited))
        return self._serial

    def _is_behind(self, serial: int) -> bool:
        since_s = self._clock_s() - self._limits.server_lives_ms / 1000
        return any(seat.serial < serial and seat.heard_s >= since_s for seat in self._seats.values())


class MemoryLog(Log):
    """A server's hand on a book in the same process."""

    def __init__(self, book: Book, server: str) -> None:
        self._book = book
        self._server = server

    async def join(self) -> Standing:
        """As the protocol says."""
        return self._book.seat(self._server)

    async def notices(self) -> AsyncIterator[Notice]:
        """As the protocol says."""
        while notice := await self._book.notice(self._server):
            yield notice

    async def append(
        self, name: str, position: int, events: Sequence[bytes], *, is_told: bool = False, cuts: bool = False
    ) -> Written | Page | Full:
        """As the protocol says."""
        return self._book.append(name, position, events, is_told, cuts)

    async def read(self, name: str, position: int) -> Page:
        """As the protocol says."""
        return self._book.read(name, position)

    async def touched(self) -> list[str]:
        """As the protocol says."""
        return self._book.touched()

    async def take_in(self, serial: int) -> None:
        """As the protocol says."""
        self._book.take_in(self._server, serial)

    async def settled(self, serial: int, within_ms: int) -> bool:
        """As the protocol says."""
        return await self._book.settled(serial, within_ms)

    async def count(self, what: str) -> int:
        """As the protocol says."""
        return self._book.count(what)

    async def agree(self, facts: dict[str, str]) -> dict[str, str]:
        """As the protocol says."""
        return self._book.agree(facts)

    async def close(self) -> None:
        """As the protocol says."""
        self._book.unseat(self._server)

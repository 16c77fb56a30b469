"""Brings a clinic forward: what happened to it elsewhere is applied, then what is to happen is written and happens."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from mockserver.sharing.denying import denied_as_full, denied_as_lost, deny_individual_number
from mockserver.sharing.events import BATCH, CLEAR_FAULTS, Core, Kind, read_event, write_event
from mockserver.sharing.lines import Deed, Line, Taken, raiser
from mockserver.sharing.log import ABSENT, ALL, Full, Kept, Log, Page, Unreachable, Written
from mockserver.sharing.replaying import Replaying

_LOG = logging.getLogger("mockserver.sharing")
_BEFORE_ALL = -1  # a position that is in no log
_TURN_S = 0.002  # events are replayed for so long before others get their turn
_TRIES = 3  # to know all that happened to a clinic that is set up anew meanwhile
_SETTLED_WITHIN_MS = 3_000


class Bringing:
    """Each clinic in a line of its own, and one for all of them.

    `touched`: the clinics that are shared, with the notice that told of it; `filed`: those that are set up by files.
    `lose` is called when the log cannot be reached; `is_lost` is for whoever finds it again.
    """

    def __init__(self, core: Core, log: Log) -> None:
        self.touched: dict[str, int] = {}
        self.filed: list[str] = []
        self.lines: dict[str, Line] = {}
        self.log = log
        self.is_lost = True  # until joined
        self.lose: Callable[[Unreachable], None] = lambda _: None
        self.replaying = Replaying(core)
        self._core = core

    async def queued(
        self,
        name: str,
        kind: Kind[Any] | None,
        payload: Any,
        now: datetime,
        unless: Callable[[Line], bool] | None = None,
    ) -> Any:
        """Let something happen to a clinic when it is its turn; what comes of it."""
        deed = Deed(kind, payload, now, asyncio.get_running_loop().create_future(), unless)
        if self.is_lost:
            return self._do_without(name, deed)
        if kind and kind.is_told and kind is not BATCH:  # a file was looked through before
            deny_individual_number(payload)
            if not (kind.cuts or name == ALL or name in self.touched or name in self.filed):
                self.replaying.rehearse(name, kind, payload, now)
        line = self.lines.setdefault(name, Line())
        line.waiting.append(deed)
        if line.work is None:
            line.work = asyncio.get_running_loop().create_task(self._work(name, line))
        try:
            return await deed.done
        finally:
            if deed.awaits:
                await self._wait_until_known(deed.awaits)

    async def catch_up(self, name: str) -> None:
        """Know all that happened to a clinic; nothing is to happen, so no moment counts."""
        await self.queued(name, None, None, self._core.exchange.opened_at)

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while works := [line.work for line in self.lines.values() if line.work]:
            await asyncio.gather(*works, return_exceptions=True)

    async def _work(self, name: str, line: Line) -> None:
        try:
            while line.waiting:
                deeds = line.next_ones()
                try:
                    await self._write(name, line, deeds)
                except Unreachable as error:
                    self.lose(error)
                    self._settle_without(name, deeds)
                except Exception as error:
                    _LOG.exception("%s could not be brought forward", name)
                    line.is_stale = True
                    for deed in deeds:
                        deed.settle(raiser(error))
        finally:
            line.work = None

    async def _write(self, name: str, line: Line, deeds: list[Deed]) -> None:
        """Write what is to happen behind all that happened, and let it happen."""
        if self.is_lost:
            self._settle_without(name, deeds)
            return
        events = [deed for deed in deeds if deed.kind]
        if not events or events[0].is_off(line):
            await self.read(name, line)
        if not events:
            self._settle_without(name, deeds)
            return
        while not events[0].is_off(line):
            written = self._written(events)
            if not written:
                self._settle_without(name, [deed for deed in deeds if not deed.kind])
                return
            found = await self._append(name, line, events[0], [*written.values()])
            if isinstance(found, Written):
                self._happen(name, line, [d for d in deeds if not d.kind or d in written], written, found.serial)
                return
            if isinstance(found, Full) or (found.end == ABSENT and not events[0].is_told):
                self._settle_unwritten(name, deeds)
                return
        events[0].settle(raiser(Taken()))

    async def _append(self, name: str, line: Line, first: Deed, written: list[bytes]) -> Written | Page | Full:
        """Write events; what was there already, applied, or why they cannot be written."""
        position, told = self._asked(line), self.touched.get(name, 0)
        is_told, cuts = first.is_told, first.kind is not None and first.kind.cuts
        found = await self.log.append(name, position, written, is_told=is_told, cuts=cuts)
        if isinstance(found, Full) and name == ALL and first.kind is CLEAR_FAULTS:  # there is no reset for all
            found = await self.log.append(name, position, written, is_told=is_told, cuts=True)
            if isinstance(found, Written):
                self.replaying.begin(ALL, position)
        if isinstance(found, Page):
            await self._take(name, line, found, position, told)
        return found

    def _written(self, deeds: list[Deed]) -> dict[Deed, bytes]:
        """The events as bytes; one that cannot be written does not keep the others from it."""
        written = {}
        for deed in deeds:
            try:
                if deed.kind:
                    written[deed] = write_event(deed.kind, deed.payload, deed.now, self.replaying.rules_at)
            except (TypeError, ValueError) as error:
                deed.settle(raiser(error))
        return written

    def _happen(self, name: str, line: Line, deeds: list[Deed], written: dict[Deed, bytes], serial: int) -> None:
        is_first = line.position == 0
        if is_first:
            self.replaying.begin(name)
        if serial and name != ALL:
            self.touched[name] = serial
        for deed in deeds:
            deed.awaits = serial if is_first or name == ALL else 0
            deed.settle(partial(self._applied, name, Kept(serial, written[deed])) if deed.kind else lambda: None)
            line.position += deed.kind is not None
        line.serial = max(line.serial, serial)

    def _applied(self, name: str, kept: Kept) -> Any:
        return self.replaying.apply(name, kept, read_event(kept.event), is_replay=False)

    async def _wait_until_known(self, serial: int) -> None:
        try:
            is_known = await self.log.settled(serial, _SETTLED_WITHIN_MS)
        except Unreachable as error:  # it is written all the same
            self.lose(error)
            return
        if not is_known:
            _LOG.warning("応答しないサーバーがあります / not every server has taken in notice %d", serial)

    async def read(self, name: str, line: Line) -> None:
        """Apply all that happened elsewhere."""
        for _ in range(_TRIES):
            while True:
                position, told = self._asked(line), self.touched.get(name, 0)
                page = await self.log.read(name, position)
                await self._take(name, line, page, position, told)
                if line.is_stale or line.position >= page.end:
                    break
            if not line.is_stale:
                return

    async def _take(self, name: str, line: Line, page: Page, position: int, told: int) -> None:
        """Apply what happened elsewhere; from the base on, if what was known here does not lead to it.

        `position` was asked from. `told`: the last notice of the clinic before that: a later one tells that it is set up
        anew. An event at a base, but for the first of all, cuts: it is the same from there.
        """
        if line.is_stale:  # meanwhile
            return
        is_cut = position == page.base > 0 and bool(page.events)
        if is_cut or (not (position > 0 and page.base <= position <= page.end) and (position or page.end)):
            self.replaying.begin(name, page.base)
            line.position = page.base
        since_s = time.perf_counter()
        for kept in page.events:
            if name != ALL and read_event(kept.event).rules_at > self.replaying.rules_at:
                await self.catch_up(ALL)
            self.replaying.replay(name, kept)
            line.position += 1
            line.serial = max(line.serial, kept.serial)
            if time.perf_counter() - since_s > _TURN_S:
                await asyncio.sleep(0)
                since_s = time.perf_counter()
        if page.end == ABSENT and self.touched.get(name, 0) == told:
            self.touched.pop(name, None)

    def _asked(self, line: Line) -> int:
        """The position to ask from; what makes the line stale from here on, does so anew."""
        position, line.is_stale = _BEFORE_ALL if line.is_stale else line.position, False
        return position

    def _do_without(self, name: str, deed: Deed) -> Any:
        """What can be done while the log is lost: answer with what is known, but set nothing up."""
        if deed.is_told:
            raise denied_as_lost()
        return self._do_unwritten(name, deed)

    def _do_unwritten(self, name: str, deed: Deed) -> Any:
        return deed.kind.act(self._core, name, deed.payload, deed.now) if deed.kind else None

    def _settle_without(self, name: str, deeds: list[Deed]) -> None:
        for deed in deeds:
            deed.settle(partial(self._do_without, name, deed))

    def _settle_unwritten(self, name: str, deeds: list[Deed]) -> None:
        """Look-ups of a clinic whose log ended, or is full; nothing more can be set up in a full one."""
        for deed in deeds:
            deed.settle(raiser(denied_as_full(name)) if deed.is_told else partial(self._do_unwritten, name, deed))

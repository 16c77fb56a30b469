"""A server among others: before anything happens to a clinic, it applies what happened to it elsewhere."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from mockserver.control import test_clinics
from mockserver.denial import Denial
from mockserver.linkage.outcome import Outcome
from mockserver.sharing.deeds import Deeds
from mockserver.sharing.denying import denied_as_full, denied_as_lost, deny_individual_number
from mockserver.sharing.events import (
    BATCH,
    BEGIN,
    CLEAR_FAULTS,
    FILE,
    NOTHING,
    RESET,
    Core,
    FileTaken,
    Kind,
    Payload,
    read_event,
    write_event,
)
from mockserver.sharing.faces import FacesInOrder
from mockserver.sharing.lines import Deed, Line, Taken, raiser
from mockserver.sharing.log import ABSENT, ALL, Full, Kept, Log, Notice, Page, Unreachable, Written
from mockserver.sharing.replaying import Replaying
from mockserver.views import ClinicView, Forgotten, NewClinic

_LOG = logging.getLogger("mockserver.sharing")
_BEFORE_ALL = -1  # a position that is in no log
_TURN_S = 0.002  # events are replayed for so long before others get their turn
_TRIES = 3  # to know all that happened to a clinic that is set up anew meanwhile
_SETTLED_WITHIN_MS = 3_000


class Shared(Deeds):
    """Shares clinics through a log. `lose` is called when the log cannot be reached; `is_lost` is for whoever finds it again."""

    def __init__(self, core: Core, log: Log) -> None:
        self.touched: dict[str, int] = {}
        self.log = log
        self.is_lost = True  # until joined
        self.filed: list[str] = []  # clinics that are set up by files
        self.lose: Callable[[Unreachable], None] = lambda _: None
        self._core = core
        self._replaying = Replaying(core)
        self._lines: dict[str, Line] = {}
        self.faces = FacesInOrder(core, self._replaying)
        self._tell, core.exchange.clinics.tell = core.exchange.clinics.tell, self._forgot

    @property
    def problem(self) -> str:
        """As the protocol says."""
        return (
            "共有の状態 (--state) に接続できません / the shared state (--state) cannot be reached"
            if self.is_lost
            else ""
        )

    async def do(self, kind: Kind[Payload], code: str | None, payload: Payload, now: datetime) -> Any:
        """As the protocol says."""
        return await self._queued(code or ALL, kind, payload, now)

    async def begin_clinic(self, new: NewClinic, now: datetime) -> ClinicView:
        """As the protocol says: free is a code where this can be written as the first event."""
        try:
            number = 0 if new.name or self.is_lost else await self.log.count("clinic")
        except Unreachable as error:
            self.lose(error)
            raise denied_as_lost() from None
        for code in test_clinics(new, number):
            try:
                view: ClinicView = await self._queued(code, BEGIN, new, now, partial(self._is_used, code))
            except Taken:
                continue
            return view
        raise LookupError("no clinic is free")

    async def share_filed(self) -> None:
        """Begin the logs of the clinics that are set up by files, which every server reads, where they have not begun."""
        for code in self.filed:
            with contextlib.suppress(Taken, Denial):
                opened_at = self._core.exchange.opened_at
                await self._queued(code, RESET, NOTHING, opened_at, lambda line: line.position > 0)

    async def take(self, file: FileTaken, now: datetime) -> Outcome:
        """As the protocol says: batches are remembered, so that they are told of; a single inquiry is a look-up."""
        from mockserver.sharing.filing import shared_file  # late: they import the reader of XML
        from mockserver.terminal.aside import take_aside

        whose = await asyncio.to_thread(shared_file, file)
        if whose is None or (whose[1] is FILE and whose[0] not in self.touched):
            return await take_aside(self._core.linkage(), file.name, file.data, file.form, now)
        outcome: Outcome = await self.do(whose[1], whose[0], file, now)
        return outcome

    async def catch_up(self, code: str, now: datetime) -> None:
        """As the protocol says; as far as can be while the log is lost."""
        if code in self.touched and not self.is_lost:
            await self._queued(code, None, None, now)
            self._core.exchange.clinics.use(code, now)

    async def stop(self) -> None:
        """As the protocol says."""
        await self.idle()
        await self.log.close()

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while works := [line.work for line in self._lines.values() if line.work]:
            await asyncio.gather(*works, return_exceptions=True)

    async def start_anew(self, touched: list[str], serial: int) -> None:
        """Know nothing of what happened, but which clinics there are to know of."""
        for code in self.touched.keys() - set(touched):
            self._replaying.begin(code)
            self._lines.pop(code, None)
        self.touched = dict.fromkeys(touched, serial)
        for line in self._lines.values():
            line.is_stale = line.position != 0
        everything = self._lines.setdefault(ALL, Line())
        everything.is_stale = True
        await self._read(ALL, everything)

    async def take_notice(self, notice: Notice) -> None:
        """Know that a clinic is set up, so that from now on its log is asked; take up what is for all."""
        if notice.name != ALL:
            self.touched[notice.name] = notice.serial
            line = self._lines.get(notice.name)
            if notice.is_awaited and line and line.serial < notice.serial:
                line.is_stale = True  # a log began: what is known here is from one that ended
        else:
            await self._queued(ALL, None, None, self._core.exchange.opened_at)

    async def prune(self) -> None:
        """Let go of clinics whose log ended without anybody asking for them since."""
        before, kept = dict(self.touched), set(await self.log.touched())
        for code, serial in before.items():
            line = self._lines.get(code)
            is_busy = line is not None and line.work is not None
            if code not in kept and self.touched.get(code) == serial and not is_busy:
                del self.touched[code]
                self._lines.pop(code, None)
                self._replaying.begin(code)

    async def catch_up_known(self) -> None:
        """Take up what happened to the clinics that were known here before the log was lost."""
        for name in [name for name in self._lines if name in self.touched]:
            await self._queued(name, None, None, self._core.exchange.opened_at)

    async def follow(self, notice: Notice) -> None:
        """Take up what a notice told of, without being asked for it, and let terminals have what came of it."""
        line = self._lines.get(notice.name)
        if notice.name != ALL and (line is None or line.serial < notice.serial) and notice.name in self.touched:
            await self._queued(notice.name, None, None, self._core.exchange.opened_at)
        self.faces.release(notice.serial)

    def _forgot(self, code: str, forgotten: Forgotten) -> None:
        """The sandbox of a clinic gave way to others: a shared one can be had again from its log."""
        if code not in self.touched:
            self._tell(code, forgotten)
        elif line := self._lines.get(code):
            line.is_stale = True
            if line.work is None:
                del self._lines[code]

    def _is_used(self, code: str, line: Line) -> bool:
        del line
        return self._core.exchange.clinics.is_used(code)

    async def _queued(
        self,
        name: str,
        kind: Kind[Any] | None,
        payload: Any,
        now: datetime,
        unless: Callable[[Line], bool] | None = None,
    ) -> Any:
        deed = Deed(kind, payload, now, asyncio.get_running_loop().create_future(), unless)
        if self.is_lost:
            return self._do_without(name, deed)
        if kind and kind.is_told and kind is not BATCH:  # a file was looked through before
            deny_individual_number(payload)
            if not (kind.cuts or name == ALL or name in self.touched or name in self.filed):
                self._replaying.rehearse(name, kind, payload, now)
        line = self._lines.setdefault(name, Line())
        line.waiting.append(deed)
        if line.work is None:
            line.work = asyncio.get_running_loop().create_task(self._work(name, line))
        try:
            return await deed.done
        finally:
            if deed.awaits:
                await self._wait_until_known(deed.awaits)

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
            await self._read(name, line)
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
                self._replaying.begin(ALL, position)
        if isinstance(found, Page):
            await self._take(name, line, found, position, told)
        return found

    def _written(self, deeds: list[Deed]) -> dict[Deed, bytes]:
        """The events as bytes; one that cannot be written does not keep the others from it."""
        written = {}
        for deed in deeds:
            try:
                if deed.kind:
                    written[deed] = write_event(deed.kind, deed.payload, deed.now, self._replaying.rules_at)
            except (TypeError, ValueError) as error:
                deed.settle(raiser(error))
        return written

    def _happen(self, name: str, line: Line, deeds: list[Deed], written: dict[Deed, bytes], serial: int) -> None:
        is_first = line.position == 0
        if is_first:
            self._replaying.begin(name)
        if serial and name != ALL:
            self.touched[name] = serial
        for deed in deeds:
            deed.awaits = serial if is_first or name == ALL else 0
            deed.settle(partial(self._applied, name, Kept(serial, written[deed])) if deed.kind else lambda: None)
            line.position += deed.kind is not None
        line.serial = max(line.serial, serial)

    def _applied(self, name: str, kept: Kept) -> Any:
        return self._replaying.apply(name, kept, read_event(kept.event), is_replay=False)

    async def _wait_until_known(self, serial: int) -> None:
        try:
            is_known = await self.log.settled(serial, _SETTLED_WITHIN_MS)
        except Unreachable as error:  # it is written all the same
            self.lose(error)
            return
        if not is_known:
            _LOG.warning("応答しないサーバーがあります / not every server has taken in notice %d", serial)

    async def _read(self, name: str, line: Line) -> None:
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
            self._replaying.begin(name, page.base)
            line.position = page.base
        since_s = time.perf_counter()
        for kept in page.events:
            if name != ALL and read_event(kept.event).rules_at > self._replaying.rules_at:
                await self._queued(ALL, None, None, self._core.exchange.opened_at)
            self._replaying.replay(name, kept)
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

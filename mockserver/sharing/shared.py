"""A server among others: before anything happens to a clinic, it applies what happened to it elsewhere."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from mockserver.control import test_clinics
from mockserver.denial import Denial
from mockserver.linkage.outcome import Outcome
from mockserver.sharing.deeds import Deeds
from mockserver.sharing.events import (
    BEGIN,
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
_TURN = 50  # events replayed before others get their turn
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

        whose = shared_file(file)
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
        await self._take(ALL, everything, await self.log.read(ALL, _BEFORE_ALL), 0)

    async def take_notice(self, notice: Notice) -> None:
        """Know that a clinic is set up, so that from now on its log is asked; take up what is for all."""
        if notice.name != ALL:
            self.touched[notice.name] = notice.serial
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
            told = self.touched.get(name, 0)
            await self._take(name, line, await self.log.read(name, self._position(line)), told)
        if not events:
            self._settle_without(name, deeds)
            return
        first = events[0]
        while not first.is_off(line):
            written = [write_event(d.kind, d.payload, d.now, self._replaying.rules_at) for d in events if d.kind]
            cuts = first.kind is not None and first.kind.cuts
            position, told = self._position(line), self.touched.get(name, 0)
            found = await self.log.append(name, position, written, is_told=first.is_told, cuts=cuts)
            if isinstance(found, Page):
                await self._take(name, line, found, told)
            if isinstance(found, Written):
                self._happen(name, line, deeds, written, found.serial)
                return
            if isinstance(found, Full) or (found.end == ABSENT and not first.is_told):
                self._settle_unwritten(name, deeds)
                return
        first.settle(raiser(Taken()))

    def _happen(self, name: str, line: Line, deeds: list[Deed], written: list[bytes], serial: int) -> None:
        is_first = line.position == 0
        if is_first:
            self._replaying.begin(name)
        if serial and name != ALL:
            self.touched[name] = serial
        left = iter(written)
        for deed in deeds:
            deed.awaits = serial if is_first or name == ALL else 0
            deed.settle(partial(self._applied, name, Kept(serial, next(left))) if deed.kind else lambda: None)
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

    async def _take(self, name: str, line: Line, page: Page, told: int) -> None:
        """Apply what happened elsewhere; from the base on, if what is known here does not lead to it.

        `told`: the last notice of the clinic before it was asked for: a later one tells that it is set up anew.
        """
        position = self._position(line)
        if not (position > 0 and page.base <= position <= page.end) and (position or page.end):
            self._replaying.begin(name)
            line.position = page.base
        line.is_stale = False
        for number, kept in enumerate(page.events, start=1):
            if name != ALL and read_event(kept.event).rules_at > self._replaying.rules_at:
                await self._queued(ALL, None, None, self._core.exchange.opened_at)
            self._replaying.replay(name, kept)
            line.position += 1
            line.serial = max(line.serial, kept.serial)
            if number % _TURN == 0:
                await asyncio.sleep(0)
        if page.end == ABSENT and self.touched.get(name, 0) == told:
            self.touched.pop(name, None)

    def _position(self, line: Line) -> int:
        return _BEFORE_ALL if line.is_stale else line.position

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
            deed.settle(raiser(_FULL) if deed.is_told else partial(self._do_unwritten, name, deed))


_FULL = Denial(
    409,
    "この医療機関の記録が一杯です（--state-most-events）。リセットしてください",
    "the log of this clinic is full (--state-most-events): reset it",
)


def denied_as_lost() -> Denial:
    """Nothing can be set up while the log cannot be reached."""
    return Denial(
        503,
        "共有の状態 (--state) に接続できないため、今は設定を変更できません。照会には応答します",
        "the shared state (--state) cannot be reached, so nothing can be set up now; look-ups are answered",
    )

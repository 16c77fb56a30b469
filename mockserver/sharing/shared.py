"""A server among others: before anything happens to a clinic, it applies what happened to it elsewhere."""

import asyncio
import contextlib
from datetime import datetime
from functools import partial
from typing import Any

from mockserver.control import test_clinics
from mockserver.denial import Denial
from mockserver.linkage.outcome import Outcome
from mockserver.sharing.bringing import Bringing
from mockserver.sharing.deeds import Deeds
from mockserver.sharing.denying import denied_as_lost
from mockserver.sharing.events import BEGIN, FILE, NOTHING, RESET, Core, FileTaken, Kind, Payload
from mockserver.sharing.faces import FacesInOrder
from mockserver.sharing.lines import Line, Taken
from mockserver.sharing.log import ALL, Log, Notice, Unreachable
from mockserver.views import ClinicView, Forgotten, NewClinic


class Shared(Deeds):
    """Shares clinics through a log."""

    def __init__(self, core: Core, log: Log) -> None:
        self.bringing = Bringing(core, log)
        self.touched = self.bringing.touched
        self._core = core
        self.faces = FacesInOrder(core, self.bringing.replaying)
        self._tell, core.exchange.clinics.tell = core.exchange.clinics.tell, self._forgot

    @property
    def problem(self) -> str:
        """As the protocol says."""
        return (
            "共有の状態 (--state) に接続できません / the shared state (--state) cannot be reached"
            if self.bringing.is_lost
            else ""
        )

    async def do(self, kind: Kind[Payload], code: str | None, payload: Payload, now: datetime) -> Any:
        """As the protocol says."""
        return await self.bringing.queued(code or ALL, kind, payload, now)

    async def begin_clinic(self, new: NewClinic, now: datetime) -> ClinicView:
        """As the protocol says: free is a code where this can be written as the first event."""
        try:
            number = 0 if new.name or self.bringing.is_lost else await self.bringing.log.count("clinic")
        except Unreachable as error:
            self.bringing.lose(error)
            raise denied_as_lost() from None
        for code in test_clinics(new, number):
            try:
                view: ClinicView = await self.bringing.queued(code, BEGIN, new, now, partial(self._is_used, code))
            except Taken:
                continue
            return view
        raise LookupError("no clinic is free")

    async def share_filed(self) -> None:
        """Begin the logs of the clinics that are set up by files, which every server reads, where they have not begun."""
        for code in self.bringing.filed:
            with contextlib.suppress(Taken, Denial):
                opened_at = self._core.exchange.opened_at
                await self.bringing.queued(code, RESET, NOTHING, opened_at, lambda line: line.position > 0)

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
        if code in self.touched and not self.bringing.is_lost:
            await self.bringing.catch_up(code)
            self._core.exchange.clinics.use(code, now)

    async def stop(self) -> None:
        """As the protocol says."""
        await self.bringing.idle()
        await self.bringing.log.close()

    async def start_anew(self, touched: list[str], serial: int) -> None:
        """Know nothing of what happened, but which clinics there are to know of."""
        for code in self.touched.keys() - set(touched):
            self.bringing.replaying.begin(code)
            self.bringing.lines.pop(code, None)
        self.touched.clear()
        self.touched.update(dict.fromkeys(touched, serial))
        for line in self.bringing.lines.values():
            line.is_stale = line.position != 0
        everything = self.bringing.lines.setdefault(ALL, Line())
        everything.is_stale = True
        await self.bringing.read(ALL, everything)

    async def take_notice(self, notice: Notice) -> None:
        """Know that a clinic is set up, so that from now on its log is asked; take up what is for all."""
        if notice.name != ALL:
            self.touched[notice.name] = notice.serial
            line = self.bringing.lines.get(notice.name)
            if notice.is_awaited and line and line.serial < notice.serial:
                line.is_stale = True  # a log began: what is known here is from one that ended
        else:
            await self.bringing.catch_up(ALL)

    async def prune(self) -> None:
        """Let go of clinics whose log ended without anybody asking for them since."""
        before, kept = dict(self.touched), set(await self.bringing.log.touched())
        for code, serial in before.items():
            line = self.bringing.lines.get(code)
            is_busy = line is not None and line.work is not None
            if code not in kept and self.touched.get(code) == serial and not is_busy:
                del self.touched[code]
                self.bringing.lines.pop(code, None)
                self.bringing.replaying.begin(code)

    async def catch_up_known(self) -> None:
        """Take up what happened to the clinics that were known here before the log was lost."""
        for name in [name for name in self.bringing.lines if name in self.touched]:
            await self.bringing.catch_up(name)

    async def follow(self, notice: Notice) -> None:
        """Take up what a notice told of, without being asked for it, and let terminals have what came of it."""
        line = self.bringing.lines.get(notice.name)
        if notice.name != ALL and (line is None or line.serial < notice.serial) and notice.name in self.touched:
            await self.bringing.catch_up(notice.name)
        self.faces.release(notice.serial)

    def _forgot(self, code: str, forgotten: Forgotten) -> None:
        """The sandbox of a clinic gave way to others: a shared one can be had again from its log."""
        if code not in self.touched:
            self._tell(code, forgotten)
        elif line := self.bringing.lines.get(code):
            line.is_stale = True
            if line.work is None:
                del self.bringing.lines[code]

    def _is_used(self, code: str, line: Line) -> bool:
        del line
        return self._core.exchange.clinics.is_used(code)

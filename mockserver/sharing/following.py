"""Keeps a server in touch with the log: notices, signs of life, and the way back when the log could not be reached."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from mockserver.sharing.log import Log, Notice, Unreachable
from mockserver.sharing.shared import Shared

_LOG = logging.getLogger("mockserver.sharing")
_SIGN_OF_LIFE_S = 1.0
_RETRY_S = 0.1
_MOST_TOUCHED = 10_000  # then it is asked which of them still have a log


class Following:
    """Runs beside the server. `agree` lays down again what the log may have lost; a text tells why that cannot be."""

    def __init__(self, shared: Shared, log: Log, agree: Callable[[dict[str, str]], str], facts: dict[str, str]) -> None:
        self.shared = shared
        self._log = log
        self._disagreement = agree
        self._facts = facts
        self._epoch = ""
        self._serial = 0
        self._known_to = 0  # the last notice when it was joined again
        self._most_touched = _MOST_TOUCHED
        self._told = ""
        self._notices: asyncio.Queue[Notice] = asyncio.Queue()
        self._parts: list[asyncio.Task[None]] = []
        self._running: asyncio.Task[None] | None = None
        shared.bringing.lose = self._lose

    async def begin(self) -> None:
        """Join, then go on by oneself. Unreachable where the log cannot be reached at all."""
        await self._join()
        self._running = asyncio.create_task(self._run())
        await self.shared.share_filed()

    async def end(self) -> None:
        """Leave."""
        tasks = [task for task in (self._running, *self._parts) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(Unreachable):
            await self.shared.stop()

    async def _run(self) -> None:
        while True:
            self._parts = [asyncio.create_task(part()) for part in (self._listen, self._follow, self._show_life)]
            await asyncio.wait(self._parts, return_when=asyncio.FIRST_COMPLETED)
            await self._end_parts()
            await self._find_again()

    async def _end_parts(self) -> None:
        for task in self._parts:
            task.cancel()
        for outcome in await asyncio.gather(*self._parts, return_exceptions=True):
            if isinstance(outcome, Unreachable):
                self._lose(outcome)
            elif isinstance(outcome, Exception):
                _LOG.error("the log is no longer followed", exc_info=outcome)
        self._lose(Unreachable("the log is no longer followed"))

    async def _find_again(self) -> None:
        while True:
            await asyncio.sleep(_RETRY_S)
            await self.shared.bringing.idle()
            try:
                await self._join()
            except Unreachable as error:
                self._tell(str(error))
            else:
                self._tell("")
                return

    async def _join(self) -> None:
        standing = await self._log.join()
        wrong = self._disagreement(await self._log.agree(self._facts))
        if wrong:
            raise Unreachable(wrong)
        shared, is_same = self.shared, standing.epoch == self._epoch
        if not is_same:
            shared.faces.begin(standing.epoch, standing.serial)
        await shared.start_anew(standing.touched, standing.serial)
        self._epoch, self._serial, self._notices = standing.epoch, standing.serial, asyncio.Queue()
        self._known_to = standing.serial if is_same else 0
        await self._log.take_in(self._serial)
        shared.bringing.is_lost = False

    async def _listen(self) -> None:
        async for notice in self._log.notices():
            if notice.epoch == self._epoch and notice.serial <= self._serial:
                continue
            if notice.epoch != self._epoch or notice.serial != self._serial + 1:
                raise Unreachable("notices were lost")
            self._serial = notice.serial
            await self.shared.take_notice(notice)
            if notice.is_awaited:
                await self._log.take_in(self._serial)
            self._notices.put_nowait(notice)
        raise Unreachable("notices come no more")

    async def _follow(self) -> None:
        """Beside listening, as it may take a while to know again what was known."""
        if self._known_to:
            await self.shared.catch_up_known()
            self.shared.faces.release(self._known_to)
        await self.shared.share_filed()
        while True:
            await self.shared.follow(await self._notices.get())

    async def _show_life(self) -> None:
        while True:
            await asyncio.sleep(_SIGN_OF_LIFE_S)
            await self._log.take_in(self._serial)
            if len(self.shared.touched) > self._most_touched:
                await self.shared.prune()
                self._most_touched = max(_MOST_TOUCHED, 2 * len(self.shared.touched))

    def _lose(self, error: Unreachable) -> None:
        if self.shared.bringing.is_lost:
            return
        self.shared.bringing.is_lost = True
        self._tell(str(error))
        for task in self._parts:
            task.cancel()

    def _tell(self, problem: str) -> None:
        if problem and not self._told:
            _LOG.warning("共有の状態に接続できません / the shared state cannot be reached: %s", problem)
        if self._told and not problem:
            _LOG.info("共有の状態に再び接続しました / the shared state can be reached again")
        self._told = problem

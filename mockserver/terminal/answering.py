"""Claimed requests: asked of the mock, delivered, forgotten; none is forgotten before it was answered."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Coroutine
from typing import Any

from mockserver.linkage.outcome import Outcome, error_outcome
from mockserver.settings import TerminalSettings
from mockserver.terminal.delivery import Delivery, tell_unwritten
from mockserver.terminal.folders import Claim, Folders
from mockserver.terminal.reach import OWN_CODE_PREFIX, Reach, Unreachable
from mockserver.wire.files import label
from mockserver.wire.refusals import Refusal, file_too_large

_LOG = logging.getLogger("mockserver.terminal")
_MOST_DELIVERIES = 10_000


class Answering:
    """Answers claims, in any order and as often as needed."""

    def __init__(self, settings: TerminalSettings, folders: Folders, reach: Reach) -> None:
        self._settings = settings
        self._folders = folders
        self._reach = reach
        self._delivery = Delivery(folders, settings)
        self._unanswered: list[Claim] = []
        self._unread: list[Claim] = []
        self._unfinished: list[tuple[Claim, Outcome]] = []
        self._deliveries: set[asyncio.Task[None]] = set()
        self._is_lost = False

    @property
    def is_waiting(self) -> bool:
        """Whether there are claims the mock could not be asked about."""
        return bool(self._unanswered)

    def keep(self, claim: Claim) -> None:
        """Leave a claim to the next `again`."""
        self._unanswered.append(claim)

    def stop(self) -> None:
        """End the pauses of deliveries."""
        self._delivery.stop()

    async def end(self) -> None:
        """Wait for the deliveries under way."""
        await asyncio.gather(*self._deliveries, return_exceptions=True)

    async def answer(self, claim: Claim, data: bytes | None) -> None:
        """Have a claimed request answered, and deliver; it stays claimed while the mock cannot be reached."""
        if data is None:
            await self.deliver(claim, self.error(claim.name, file_too_large(self._settings.max_file_bytes)))
            return
        try:
            outcome = await self._reach.take(claim.name, data)
        except Unreachable as error:
            self.tell_lost(error)
            self._unanswered.append(claim)
        else:
            self.tell_found()
            await self.deliver(claim, outcome)

    async def again(self) -> None:
        """Do once more what could not be done: forget what was answered, ask for what was not."""
        self._finish_again()
        waiting, self._unanswered, unread = self._unanswered + self._unread, [], []
        while waiting and not self._unanswered:
            claim = waiting.pop(0)
            try:
                is_large = os.lstat(claim.path).st_size > self._settings.max_file_bytes
                data = None if is_large else self._folders.read(claim.path)
            except FileNotFoundError:
                continue
            except OSError as error:
                _LOG.error("%s を読めません（%s） / cannot be read", label(claim.name), error.strerror)
                unread.append(claim)
            else:
                await self.answer(claim, data)
        self._unanswered += waiting
        self._unread = unread

    async def deliver(self, claim: Claim | None, outcome: Outcome) -> None:
        """Let the answer appear, at once if that needs no pause; then the request is forgotten."""
        file = outcome.file
        _LOG.info("%s → %s", outcome.told, label(file.name))
        try:
            is_there = self._delivery.at_once(file)
        except OSError as error:
            tell_unwritten(file, error)
            is_there = False
        if is_there:
            self._finish(claim, outcome)
            return
        while len(self._deliveries) >= _MOST_DELIVERIES:
            await asyncio.wait(self._deliveries, return_when=asyncio.FIRST_COMPLETED)
        self._start(self._deliver_in_time(claim, outcome))

    async def _deliver_in_time(self, claim: Claim | None, outcome: Outcome) -> None:
        with contextlib.suppress(OSError):  # told already; the claim stays for the next start
            await self._delivery.in_time(outcome.file)
            self._finish(claim, outcome)

    def _finish(self, claim: Claim | None, outcome: Outcome) -> None:
        """Forget a request that was answered, or give it back; where that fails it is tried again at the next look."""
        if claim is None:
            return
        try:
            if outcome.returns_request:
                self._folders.give_back(claim)
            else:
                self._folders.release(claim)
        except FileNotFoundError:
            pass
        except OSError:  # somebody (a virus scanner, say) holds it
            self._unfinished.append((claim, outcome))

    def _finish_again(self) -> None:
        unfinished, self._unfinished = self._unfinished, []
        for claim, outcome in unfinished:
            self._finish(claim, outcome)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)

    def error(self, name: str, refusal: Refusal) -> Outcome:
        """The `.err` of a file that the terminal itself refuses."""
        return error_outcome(name, refusal, OWN_CODE_PREFIX, self._settings.encoding)

    def tell_lost(self, error: Unreachable) -> None:
        """Log, once, that there is no mock."""
        if not self._is_lost:
            self._is_lost = True
            _LOG.error("モックに接続できません。待ちます / no mock, waiting: %s", error)

    def tell_found(self) -> None:
        """The mock answers; log it if it had not."""
        if self._is_lost:
            self._is_lost = False
            _LOG.info("モックに接続しました / the mock answers again")

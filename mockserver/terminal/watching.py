"""The terminal at work: takes what lies in `req`, has it answered, delivers; fetches readers' results; tidies."""

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any, NamedTuple

import watchfiles

from mockserver.linkage.outcome import Outcome, error_outcome
from mockserver.settings import Settings, TerminalSettings
from mockserver.terminal.delivery import Delivery
from mockserver.terminal.folders import Claim, Folders
from mockserver.terminal.reach import Reach, Unreachable
from mockserver.wire.files import is_request, label
from mockserver.wire.refusals import Problem, Refusal

_LOG = logging.getLogger("mockserver.terminal")
_LAST_ELEMENT = b"</XmlMsg>"
_FILES_A_TURN = 16  # between two chances for whatever else the process does
_MOST_DELIVERIES = 10_000
_TIDY_EVERY_S = 30
_RETRY_MS = 1_000
_LINK = Refusal(
    Problem.LINK,
    "リンクはたどりません。ファイルそのものを置いてください",
    "links are not followed: put the file itself",
)
_ERROR_CODE_PREFIX = Settings().error_code_prefix


class Seen(NamedTuple):
    """A request that is not complete: size and time of its last change, and since when it is so."""

    size: int
    changed_ns: int
    since_s: float


class Terminal:
    """Watches the folders of `settings` for as long as `run` runs."""

    def __init__(self, settings: TerminalSettings, reach: Reach) -> None:
        self._settings = settings
        self._reach = reach
        self._folders = Folders(Path(settings.folder))
        self._delivery = Delivery(self._folders, settings)
        self._stopping = asyncio.Event()
        self._incomplete: dict[str, Seen] = {}
        self._ignored: set[str] = set()
        self._unanswered: list[Claim] = []
        self._deliveries: set[asyncio.Task[None]] = set()
        self._tidied_s = 0.0
        self._trouble = ""

    def prepare(self) -> None:
        """Make the folders, and take up what a stopped terminal had taken. OSError."""
        self._folders.make()
        self._unanswered = list(self._folders.claimed())

    def stop(self) -> None:
        """End `run` soon; deliveries under way are finished without their pauses."""
        self._stopping.set()
        self._delivery.stop()

    async def run(self) -> None:
        """Work until stopped."""
        faces = asyncio.create_task(self._fetch_faces())
        try:
            async for _ in self._wakings():
                await self._look()
        finally:
            self.stop()
            faces.cancel()
            await asyncio.gather(faces, *self._deliveries, return_exceptions=True)

    async def _wakings(self) -> AsyncIterator[None]:
        """A moment to look at `req`: after a change, and every `poll_ms` in any case (events do not cross all mounts)."""
        yield None
        while not self._stopping.is_set():
            if self._settings.events and not self._trouble:
                async for _ in self._changes():
                    yield None
            else:
                await self._delivery.pause(self._settings.poll_ms)
                yield None

    async def _changes(self) -> AsyncIterator[None]:
        """As long as the system tells of changes; ends where it cannot."""
        changes = watchfiles.awatch(
            self._folders.req,
            debounce=50,
            step=5,
            rust_timeout=self._settings.poll_ms,
            yield_on_timeout=True,
            stop_event=self._stopping,
            recursive=False,
            watch_filter=None,
        )
        try:
            async for _ in changes:
                yield None
                if self._trouble:
                    return
        except (OSError, RuntimeError) as error:
            self._tell_trouble(error)

    async def _look(self) -> None:
        """Look once at everything; a folder that cannot be reached is told of once, and looked for again."""
        try:
            if self._trouble and self._folders.root.is_dir():
                self._folders.make()
            await self._take_again()
            for number, entry in enumerate(waiting := self._folders.waiting()):
                await self._consider(entry)
                if number % _FILES_A_TURN == 0:
                    await asyncio.sleep(0)
            names = {entry.name for entry in waiting}
            self._incomplete = {name: seen for name, seen in self._incomplete.items() if name in names}
            self._ignored &= names
            self._tidy()
        except OSError as error:
            self._tell_trouble(error)
        else:
            if self._trouble:
                self._trouble = ""
                _LOG.warning("フォルダー %s に戻りました / the folder is back", self._settings.folder)

    async def _consider(self, entry: os.DirEntry[str]) -> None:
        """Take a request, or leave it until it is whole. What is no request is left alone and told of once."""
        name = entry.name
        try:
            if entry.is_symlink() and is_request(name):
                await self._refuse_link(name)
            elif not (is_request(name) and entry.is_file(follow_symlinks=False)):
                self._ignore(name)
            else:
                await self._take(name, entry.path)
        except FileNotFoundError:
            pass  # its writer, or another terminal, was quicker
        except PermissionError as error:
            if not self._is_settled(name, 0, 0):
                return
            self._ignore(name, f"{error.strerror}")

    async def _take(self, name: str, path: str) -> None:
        status = os.lstat(path)
        is_large = status.st_size > self._settings.max_file_bytes
        data = b"" if is_large else self._folders.read(path)
        is_whole = data.endswith(_LAST_ELEMENT) or data.rstrip().endswith(_LAST_ELEMENT)
        if not is_whole and not self._is_settled(name, status.st_size, status.st_mtime_ns):
            return
        self._incomplete.pop(name, None)
        claim = self._folders.claim(name)
        if not is_large and os.lstat(claim.path).st_mtime_ns != status.st_mtime_ns:
            data = self._folders.read(claim.path)
        await self._answer(claim, None if is_large else data)

    async def _answer(self, claim: Claim, data: bytes | None) -> None:
        """Have a claimed request answered, and deliver; it stays claimed while the mock cannot be reached."""
        try:
            outcome = (
                self._error(claim.name, _too_large(self._settings)) if data is None else await self._ask(claim, data)
            )
        except Unreachable as error:
            if not self._unanswered:
                _LOG.error("モックに接続できません。待ちます / no mock, waiting: %s", error)
            self._unanswered.append(claim)
        else:
            await self._deliver(claim, outcome)

    async def _ask(self, claim: Claim, data: bytes) -> Outcome:
        return await self._reach.take(claim.name, data)

    async def _take_again(self) -> None:
        """Ask once more for what the mock could not be asked for, and for what was left by a stopped terminal."""
        waiting, self._unanswered = self._unanswered, []
        for number, claim in enumerate(waiting):
            if self._unanswered:  # still no mock
                self._unanswered += waiting[number:]
                return
            await self._answer(claim, self._folders.read(claim.path))

    async def _deliver(self, claim: Claim | None, outcome: Outcome) -> None:
        """Let the answer appear, at once if that needs no pause; then the request is forgotten."""
        file = outcome.file
        _LOG.info("%s → %s", outcome.told, label(file.name))
        try:
            if self._delivery.at_once(file):
                self._finish(claim, outcome)
                return
        except OSError as error:
            _LOG.error("%s を書けません（%s）。やり直します / cannot be written, trying again", label(file.name), error)
        while len(self._deliveries) >= _MOST_DELIVERIES:
            await asyncio.wait(self._deliveries, return_when=asyncio.FIRST_COMPLETED)
        self._start(self._deliver_in_time(claim, outcome))

    async def _deliver_in_time(self, claim: Claim | None, outcome: Outcome) -> None:
        with contextlib.suppress(OSError):  # told already; the claim stays for the next start
            await self._delivery.in_time(outcome.file)
            self._finish(claim, outcome)

    def _finish(self, claim: Claim | None, outcome: Outcome) -> None:
        if claim is None:
            return
        if outcome.returns_request:
            self._folders.give_back(claim)
        else:
            self._folders.release(claim)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)

    async def _refuse_link(self, name: str) -> None:
        """Take the link away, not what it leads to, and say so."""
        self._folders.remove_link(name)
        await self._deliver(None, self._error(name, _LINK))

    def _error(self, name: str, refusal: Refusal) -> Outcome:
        return error_outcome(name, refusal, _ERROR_CODE_PREFIX, self._settings.encoding)

    def _is_settled(self, name: str, size: int, changed_ns: int) -> bool:
        """Whether a file has been as it is for `settle_ms`."""
        now_s = asyncio.get_running_loop().time()
        seen = self._incomplete.get(name)
        if seen is None or (seen.size, seen.changed_ns) != (size, changed_ns):
            seen = self._incomplete[name] = Seen(size, changed_ns, now_s)
        return (now_s - seen.since_s) * 1000 >= self._settings.settle_ms

    def _ignore(self, name: str, why: str = "XML のファイルではありません / not an XML file") -> None:
        if name not in self._ignored:
            self._ignored.add(name)
            _LOG.warning("req の %s には触れません（%s） / left alone", label(name), why)

    def _tidy(self) -> None:
        """Remove answers nobody has read for `response_file_stay_min`."""
        stay_s, now_s = self._settings.response_file_stay_min * 60, time.time()
        if not stay_s or now_s - self._tidied_s < _TIDY_EVERY_S:
            return
        self._tidied_s = now_s
        for name in self._folders.tidy(now_s - stay_s):
            _LOG.warning("読まれない応答 %s を片付けました / an unread answer was removed", label(name))

    def _tell_trouble(self, error: Exception) -> None:
        if str(error) != self._trouble:
            self._trouble = str(error)
            _LOG.error(
                "フォルダー %s を使えません（%s）。待ちます / the folder cannot be used, waiting",
                self._settings.folder,
                error,
            )

    async def _fetch_faces(self) -> None:
        """Put what readers give into `face`, from now on."""
        cursor, is_lost = "", False
        while True:
            try:
                faces = await self._reach.faces(cursor)
            except Unreachable as error:
                if not is_lost:
                    _LOG.error("モックに接続できません。待ちます / no mock, waiting: %s", error)
                is_lost = True
                await asyncio.sleep(_RETRY_MS / 1000)
                continue
            cursor, is_lost = faces.cursor, False
            for file in faces.files:
                await self._deliver(None, Outcome(file, "card"))


def _too_large(settings: TerminalSettings) -> Refusal:
    most = settings.max_file_bytes
    return Refusal(
        Problem.TOO_LARGE, f"要求ファイルは {most} バイトまでです", f"a request file may have {most} bytes at most"
    )

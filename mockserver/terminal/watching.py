"""The terminal at work: takes what lies in `req`, has it answered, delivers; fetches readers' results; tidies."""

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, NamedTuple

from mockserver.linkage.outcome import Outcome, error_outcome
from mockserver.settings import TerminalSettings
from mockserver.terminal.delivery import Delivery, tell_unwritten
from mockserver.terminal.folders import Claim, Folders
from mockserver.terminal.reach import OWN_CODE_PREFIX, Reach, Unreachable
from mockserver.terminal.waking import Waking
from mockserver.wire.files import is_request, label
from mockserver.wire.refusals import Problem, Refusal

_LOG = logging.getLogger("mockserver.terminal")
_LAST_ELEMENT = b"</XmlMsg>"
_FILES_A_TURN = 16  # between two chances for whatever else the process does
_MOST_DELIVERIES = 10_000
_TIDY_EVERY_S = 30
_RETRY_MS = 1_000
_ALL_THERE_ARE = "-"  # the cursor of no mock: one that comes up later has nothing that is older than this terminal
_LINK = Refusal(
    Problem.LINK,
    "リンクはたどりません。ファイルそのものを置いてください",
    "links are not followed: put the file itself",
)


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
        self._waking = Waking(self._folders.req, settings.poll_ms, self._stopping, has_events=settings.events)
        self._incomplete: dict[str, Seen] = {}
        self._failing: dict[str, float] = {}
        self._ignored: set[str] = set()
        self._unanswered: list[Claim] = []
        self._unread: list[Claim] = []
        self._unfinished: list[tuple[Claim, Outcome]] = []
        self._deliveries: set[asyncio.Task[None]] = set()
        self._is_lost = False
        self._tidied_s = 0.0
        self._trouble = ""

    def prepare(self) -> None:
        """Make the folders, keep other terminals away, and take up what a stopped one had taken. OSError."""
        self._folders.make()
        self._folders.lock()
        self._unanswered = list(self._folders.claimed())

    def release(self) -> None:
        """Let another terminal have the folders; for one that was prepared and never runs."""
        self._folders.unlock()

    def stop(self) -> None:
        """End `run` soon; deliveries under way are finished without their pauses."""
        self._stopping.set()
        self._delivery.stop()

    async def run(self) -> None:
        """Work until stopped."""
        faces = asyncio.create_task(self._fetch_faces())
        try:
            async for _ in self._waking.moments():
                await self._look()
        finally:
            self.stop()
            faces.cancel()
            await asyncio.gather(faces, *self._deliveries, return_exceptions=True)
            self._folders.unlock()

    async def _look(self) -> None:
        """Look once at everything; a folder that cannot be reached is told of once, and looked for again."""
        try:
            if self._folders.root.is_dir():  # a client may have cleaned up; a share that is gone is not made anew
                self._folders.make()
            waiting = self._folders.waiting()
        except OSError as error:
            self._tell_trouble(error)
            return
        if self._trouble:
            self._trouble = ""
            self._waking.regain()
            _LOG.warning("フォルダー %s に戻りました / the folder is back", self._settings.folder)
        self._finish_again()
        await self._take_again()
        for number, entry in enumerate(waiting):
            if self._stopping.is_set() or self._unanswered:
                break  # what lies in req may lie there until the next start, or until there is a mock
            await self._consider(entry)
            if number % _FILES_A_TURN == 0:
                await asyncio.sleep(0)
        names = {entry.name for entry in waiting}
        self._incomplete = {name: seen for name, seen in self._incomplete.items() if name in names}
        self._failing = {name: since for name, since in self._failing.items() if name in names}
        self._ignored &= names
        self._tidy()

    async def _consider(self, entry: os.DirEntry[str]) -> None:
        """Take a request, or leave it until it is whole. What is no request is left alone and told of once.

        A single file never keeps the others waiting, whatever is wrong with it.
        """
        name = entry.name
        try:
            if entry.is_symlink() and is_request(name):
                await self._refuse_link(name)
            elif not (is_request(name) and entry.is_file(follow_symlinks=False)):
                self._ignore(name, "XML のファイルではありません / not an XML file")
            else:
                await self._take(name, entry.path)
        except FileNotFoundError:
            pass  # its writer was quicker
        except OSError as error:
            if self._has_failed_long(name):
                await self._refuse_unreadable(name, error)
        except Exception:
            _LOG.exception("%s の処理に失敗しました / failed on it", label(name))
            self._ignored.add(name)

    async def _take(self, name: str, path: str) -> None:
        if name in self._ignored:
            return
        status = os.lstat(path)
        is_large = status.st_size > self._settings.max_file_bytes
        data = b"" if is_large else self._folders.read(path)
        is_whole = data.endswith(_LAST_ELEMENT) or data.rstrip().endswith(_LAST_ELEMENT)
        if not is_whole and not self._is_settled(name, status.st_size, status.st_mtime_ns):
            return
        self._incomplete.pop(name, None)
        claim = self._folders.claim(name)
        if os.lstat(claim.path).st_mtime_ns != status.st_mtime_ns:  # written anew between the two
            self._unanswered.append(claim)
        else:
            await self._answer(claim, None if is_large else data)

    async def _answer(self, claim: Claim, data: bytes | None) -> None:
        """Have a claimed request answered, and deliver; it stays claimed while the mock cannot be reached."""
        if data is None:
            await self._deliver(claim, self._error(claim.name, _too_large(self._settings)))
            return
        try:
            outcome = await self._reach.take(claim.name, data)
        except Unreachable as error:
            self._tell_lost(error)
            self._unanswered.append(claim)
        else:
            self._is_lost = False
            await self._deliver(claim, outcome)

    async def _take_again(self) -> None:
        """Ask once more for what the mock could not be asked for, and for what was left by a stopped terminal."""
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
                await self._answer(claim, data)
        self._unanswered += waiting
        self._unread = unread

    async def _deliver(self, claim: Claim | None, outcome: Outcome) -> None:
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

    async def _refuse_link(self, name: str) -> None:
        """Take the link away, not what it leads to, and say so."""
        self._folders.remove_link(name)
        await self._deliver(None, self._error(name, _LINK))

    async def _refuse_unreadable(self, name: str, error: OSError) -> None:
        """Say why a file cannot be taken; it stays where it is if it cannot be moved either."""
        self._ignore(name, str(error.strerror))
        refusal = Refusal(
            Problem.UNREADABLE,
            f"要求ファイルを読めません（{error.strerror}）",
            f"the request file cannot be read ({error.strerror})",
        )
        await self._deliver(None, self._error(name, refusal))

    def _error(self, name: str, refusal: Refusal) -> Outcome:
        return error_outcome(name, refusal, OWN_CODE_PREFIX, self._settings.encoding)

    def _is_settled(self, name: str, size: int, changed_ns: int) -> bool:
        """Whether a file has been as it is for `settle_ms`."""
        now_s = asyncio.get_running_loop().time()
        seen = self._incomplete.get(name)
        if seen is None or (seen.size, seen.changed_ns) != (size, changed_ns):
            seen = self._incomplete[name] = Seen(size, changed_ns, now_s)
        return (now_s - seen.since_s) * 1000 >= self._settings.settle_ms

    def _has_failed_long(self, name: str) -> bool:
        """Whether a file could not be taken for `settle_ms`: until then it may be its writer who holds it."""
        now_s = asyncio.get_running_loop().time()
        return (now_s - self._failing.setdefault(name, now_s)) * 1000 >= self._settings.settle_ms

    def _tell_lost(self, error: Unreachable) -> None:
        if not self._is_lost:
            self._is_lost = True
            _LOG.error("モックに接続できません。待ちます / no mock, waiting: %s", error)

    def _ignore(self, name: str, why: str) -> None:
        if name not in self._ignored:
            self._ignored.add(name)
            _LOG.warning("req の %s には触れません（%s） / left alone", label(name), why)

    def _tidy(self) -> None:
        """Remove answers nobody has read for `response_file_stay_min`."""
        stay_s, now_s = self._settings.response_file_stay_min * 60, time.time()
        if not stay_s or now_s - self._tidied_s < _TIDY_EVERY_S:
            return
        self._tidied_s = now_s
        with contextlib.suppress(OSError):  # a client was quicker; the next time does the rest
            for name in self._folders.tidy(now_s - stay_s):
                _LOG.warning("読まれない応答 %s を片付けました / an unread answer was removed", label(name))

    def _tell_trouble(self, error: OSError) -> None:
        self._waking.lose()
        if str(error) != self._trouble:
            self._trouble = str(error)
            _LOG.error(
                "フォルダー %s を使えません（%s）。待ちます / the folder cannot be used, waiting",
                self._settings.folder,
                f"{Path(error.filename or '').name}: {error.strerror}",
            )

    async def _fetch_faces(self) -> None:
        """Put what readers give into `face`, from now on."""
        cursor = ""
        while True:
            try:
                faces = await self._reach.faces(cursor)
                cursor, self._is_lost = faces.cursor, False
                for file in faces.files:
                    await self._deliver(None, Outcome(file, "card"))
            except Unreachable as error:
                self._tell_lost(error)
                cursor = cursor or _ALL_THERE_ARE
                await asyncio.sleep(_RETRY_MS / 1000)
            except Exception:
                _LOG.exception("face への書き込みに失敗しました / a result of a reader was lost")
                await asyncio.sleep(_RETRY_MS / 1000)


def _too_large(settings: TerminalSettings) -> Refusal:
    most = settings.max_file_bytes
    return Refusal(
        Problem.TOO_LARGE, f"要求ファイルは {most} バイトまでです", f"a request file may have {most} bytes at most"
    )

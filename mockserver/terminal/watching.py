"""The terminal at work: takes what lies in `req` and is whole; fetches readers' results; tidies."""

import asyncio
import contextlib
import logging
import os
import time
from pathlib import Path
from typing import NamedTuple

from mockserver.linkage.outcome import Outcome
from mockserver.settings import TerminalSettings
from mockserver.terminal.answering import Answering
from mockserver.terminal.folders import Folders
from mockserver.terminal.reach import Reach, Unreachable
from mockserver.terminal.waking import Waking
from mockserver.wire.files import is_request, label
from mockserver.wire.refusals import Problem, Refusal

_LOG = logging.getLogger("mockserver.terminal")
_LAST_ELEMENT = b"</XmlMsg>"
_FILES_A_TURN = 16  # between two chances for whatever else the process does
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
        self._answering = Answering(settings, self._folders, reach)
        self._stopping = asyncio.Event()
        self._waking = Waking(self._folders.req, settings.poll_ms, self._stopping, has_events=settings.events)
        self._incomplete: dict[str, Seen] = {}
        self._failing: dict[str, float] = {}
        self._ignored: set[str] = set()
        self._tidied_s = 0.0
        self._trouble = ""
        self._is_asking = asyncio.Event()

    def prepare(self) -> None:
        """Make the folders, keep other terminals away, and take up what a stopped one had taken. OSError."""
        self._folders.make()
        self._folders.lock()
        for claim in self._folders.claimed():
            self._answering.keep(claim)

    def release(self) -> None:
        """Let another terminal have the folders; for one that was prepared and never runs."""
        self._folders.unlock()

    def stop(self) -> None:
        """End `run` soon; deliveries under way are finished without their pauses."""
        self._stopping.set()
        self._answering.stop()

    async def has_begun(self) -> None:
        """Wait until cards laid down from now on are not missed; not for a mock that cannot be reached."""
        await self._is_asking.wait()

    async def run(self) -> None:
        """Work until stopped."""
        faces = asyncio.create_task(self._fetch_faces())
        try:
            async for _ in self._waking.moments():
                await self._look()
        finally:
            self.stop()
            faces.cancel()
            await asyncio.gather(faces, self._answering.end(), return_exceptions=True)
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
        await self._answering.again()
        for number, entry in enumerate(waiting):
            if self._stopping.is_set() or self._answering.is_waiting:
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
            self._answering.keep(claim)
        else:
            await self._answering.answer(claim, None if is_large else data)

    async def _refuse_link(self, name: str) -> None:
        """Take the link away, not what it leads to, and say so."""
        self._folders.remove_link(name)
        await self._answering.deliver(None, self._answering.error(name, _LINK))

    async def _refuse_unreadable(self, name: str, error: OSError) -> None:
        """Say why a file cannot be taken; it stays where it is if it cannot be moved either."""
        self._ignore(name, str(error.strerror))
        refusal = Refusal(
            Problem.UNREADABLE,
            f"要求ファイルを読めません（{error.strerror}）",
            f"the request file cannot be read ({error.strerror})",
        )
        await self._answering.deliver(None, self._answering.error(name, refusal))

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
                cursor = faces.cursor
                self._answering.tell_found()
                self._is_asking.set()
                for file in faces.files:
                    await self._answering.deliver(None, Outcome(file, "card"))
            except Unreachable as error:
                self._answering.tell_lost(error)
                cursor = cursor or _ALL_THERE_ARE
                self._is_asking.set()
                await asyncio.sleep(_RETRY_MS / 1000)
            except Exception:
                _LOG.exception("face への書き込みに失敗しました / a result of a reader was lost")
                await asyncio.sleep(_RETRY_MS / 1000)

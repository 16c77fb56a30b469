"""How an answer file appears: whole or in two steps, late, by halves, twice. The two manners are those of wire.md 2.1."""

import asyncio
import contextlib
import logging
from weakref import WeakValueDictionary

from mockserver.linkage.outcome import AnswerFile
from mockserver.scenarios.scenario import CLEAR
from mockserver.settings import TerminalSettings
from mockserver.terminal.folders import Folders
from mockserver.wire.files import label

_LOG = logging.getLogger("mockserver.terminal")
_FIRST_RETRY_MS, _LAST_RETRY_MS = 200, 5_000


class Delivery:
    """Puts files into folders. Pauses end at once when the terminal stops, so that nothing is left half done."""

    def __init__(self, folders: Folders, settings: TerminalSettings) -> None:
        self._folders = folders
        self._is_atomic = settings.delivery == "atomic"
        self._answer_pause_ms = settings.answer_pause_ms
        self._write_pause_ms = settings.write_pause_ms
        self._stopping = asyncio.Event()
        self._writing = WeakValueDictionary[str, asyncio.Lock]()

    def stop(self) -> None:
        """End all pauses, and do not begin new ones."""
        self._stopping.set()

    def at_once(self, file: AnswerFile) -> bool:
        """Let a file appear if that takes no pause. OSError."""
        writing = self._writing.get(f"{file.folder}/{file.name}")
        is_written = writing is not None and writing.locked()
        if not self._is_atomic or self._answer_pause_ms or file.way != CLEAR or is_written:
            return False
        self._folders.put(file.folder, file.name, file.body)
        return True

    async def in_time(self, file: AnswerFile) -> None:
        """Let a file appear with its pauses; tries again where the folder cannot be written. OSError when stopped."""
        way = file.way
        await self.pause(self._answer_pause_ms + way.late_ms)
        await self._insist(file)
        if way.again_after_ms:
            await self.pause(way.again_after_ms)
            await self._insist(file)

    async def pause(self, milliseconds: int) -> None:
        """Wait, unless the terminal stops."""
        if milliseconds:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), milliseconds / 1000)

    async def _insist(self, file: AnswerFile) -> None:
        """Write a file, again and again if need be: a full disk or a lost share may come back. One at a time of a name."""
        wait_ms = _FIRST_RETRY_MS
        writing = self._writing.setdefault(f"{file.folder}/{file.name}", asyncio.Lock())
        while True:
            try:
                async with writing:
                    return await self._write(file)
            except OSError as error:
                tell_unwritten(file, error)
                if self._stopping.is_set():
                    raise
            await self.pause(wait_ms)
            wait_ms = min(wait_ms * 2, _LAST_RETRY_MS)

    async def _write(self, file: AnswerFile) -> None:
        folder, name, body = file.folder, file.name, file.body
        half = len(body) // 2 if file.way.rest_after_ms else len(body)
        if self._is_atomic:
            self._folders.put(folder, name, body[:half])
        else:
            self._folders.create(folder, name)
            await self.pause(self._write_pause_ms)
            self._write_on(file, 0, half)
        if half < len(body):
            await self.pause(file.way.rest_after_ms)
            self._write_on(file, half, len(body))

    def _write_on(self, file: AnswerFile, begin: int, end: int) -> None:
        """Write the next part of a file; if a client has taken the begun one away, all of it anew."""
        try:
            self._folders.append(file.folder, file.name, file.body[begin:end])
        except FileNotFoundError:
            self._folders.put(file.folder, file.name, file.body[:end])


def tell_unwritten(file: AnswerFile, error: OSError) -> None:
    """Log that an answer cannot be written yet. The error's own text holds paths, so only its reason is told."""
    _LOG.error(
        "%s を書けません（%s）。やり直します / cannot be written, trying again", label(file.name), error.strerror
    )

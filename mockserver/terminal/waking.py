"""When to look at a folder: after every change the system tells of, and every so often in any case."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import watchfiles

_LOG = logging.getLogger("mockserver.terminal")
_GATHERED_MS, _STEP_MS = 50, 5


class Waking:
    """Moments to look at a folder, until `stopping`. Events do not cross all mounts, so there is always the poll, too."""

    def __init__(self, folder: Path, poll_ms: int, stopping: asyncio.Event, *, has_events: bool) -> None:
        self._folder = folder
        self._poll_ms = poll_ms
        self._stopping = stopping
        self._has_events = has_events
        self._is_lost = False

    def lose(self) -> None:
        """The folder cannot be reached: an event watch on it is worth nothing."""
        self._is_lost = True

    def regain(self) -> None:
        """The folder is back: watch it anew."""
        self._is_lost = False

    async def moments(self) -> AsyncIterator[None]:
        """The moments."""
        yield None
        while not self._stopping.is_set():
            if self._has_events and not self._is_lost:
                async for _ in self._changes():
                    yield None
            else:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), self._poll_ms / 1000)
                yield None

    async def _changes(self) -> AsyncIterator[None]:
        """As long as the system tells of changes."""
        changes = watchfiles.awatch(
            self._folder,
            debounce=_GATHERED_MS,
            step=_STEP_MS,
            rust_timeout=self._poll_ms,
            yield_on_timeout=True,
            stop_event=self._stopping,
            recursive=False,
            watch_filter=None,
        )
        try:
            async for _ in changes:
                yield None
                if self._is_lost:
                    return
        except FileNotFoundError:
            self._is_lost = True  # the next look tells of it
        except Exception as error:  # a name that is not UTF-8, no watches left: its own kinds of errors, in groups
            self._has_events = False
            cause = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
            _LOG.warning(
                "変更の通知を使えません（%s）。%s ミリ秒ごとに見ます / no events, polling", cause, self._poll_ms
            )

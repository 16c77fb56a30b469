"""A log in one process, for others on the same machine: requests and answers over a Unix socket.

Each message is msgpack after its length in four bytes. A request is [number, method, arguments]; an answer is
[number, result], a notice [0, notice].
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from mockserver.sharing.log import Full, Log, Notice, Page, Standing, Unreachable, Written
from mockserver.sharing.memory import Book, MemoryLog

_TIMEOUT_S = 5.0  # the parent is near: where it does not answer, something is broken
_LENGTH, _LARGEST = 4, 256 * 1024 * 1024
_METHODS: dict[str, Any] = {
    "join": Standing,
    "append": Written | Page | Full,
    "read": Page,
    "touched": list[str],
    "take_in": None,
    "settled": bool,
    "count": int,
    "agree": dict[str, str],
    "close": None,
}
_encode = msgspec.msgpack.encode
_Request = tuple[int, str, list[Any], dict[str, Any]]


async def _receive(reader: asyncio.StreamReader) -> bytes:
    size = int.from_bytes(await reader.readexactly(_LENGTH), "big")
    if size > _LARGEST:
        raise ConnectionError(f"a message of {size} bytes")
    return await reader.readexactly(size)


def _framed(message: Any) -> bytes:
    data = _encode(message)
    return len(data).to_bytes(_LENGTH, "big") + data


class Hub:
    """Serves a book on a Unix socket. A server whose connection ends is gone."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._server: asyncio.Server | None = None
        self._joined = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, path: str) -> None:
        """Listen."""
        self._server = await asyncio.start_unix_server(self._serve, path)

    async def close(self) -> None:
        """Listen no more, and hang up."""
        if self._server:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._joined += 1
        log = MemoryLog(self._book, str(self._joined))
        try:
            while True:
                number, method, arguments, named = msgspec.msgpack.decode(await _receive(reader), type=_Request)
                if method == "settled":  # takes as long as others take
                    self._begin(self._answer(writer, log, number, method, arguments, named))
                    continue
                await self._answer(writer, log, number, method, arguments, named)
                if method == "join":
                    self._begin(self._pass_on(writer, log))
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            await log.close()
            writer.close()

    def _begin(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @staticmethod
    async def _answer(
        writer: asyncio.StreamWriter, log: Log, number: int, method: str, arguments: list[Any], named: dict[str, Any]
    ) -> None:
        if method in _METHODS:
            result = await getattr(log, method)(*arguments, **named)
            writer.write(_framed((number, result)))

    @staticmethod
    async def _pass_on(writer: asyncio.StreamWriter, log: Log) -> None:
        async for notice in log.notices():
            writer.write(_framed((0, notice)))


class HubLog(Log):
    """A server's hand on the log of a hub."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._number = 0
        self._notices: asyncio.Queue[Notice | None] = asyncio.Queue()

    async def join(self) -> Standing:
        """As the protocol says."""
        self._notices = asyncio.Queue()
        standing: Standing = await self._ask("join")
        return standing

    async def notices(self) -> AsyncIterator[Notice]:
        """As the protocol says."""
        while notice := await self._notices.get():
            yield notice

    async def append(
        self, name: str, position: int, events: Sequence[bytes], *, is_told: bool = False, cuts: bool = False
    ) -> Written | Page | Full:
        """As the protocol says."""
        found: Written | Page | Full = await self._ask("append", name, position, events, is_told=is_told, cuts=cuts)
        return found

    async def read(self, name: str, position: int) -> Page:
        """As the protocol says."""
        page: Page = await self._ask("read", name, position)
        return page

    async def touched(self) -> list[str]:
        """As the protocol says."""
        return list(await self._ask("touched"))

    async def take_in(self, serial: int) -> None:
        """As the protocol says."""
        await self._ask("take_in", serial)

    async def settled(self, serial: int, within_ms: int) -> bool:
        """As the protocol says."""
        return bool(await self._ask("settled", serial, within_ms))

    async def count(self, what: str) -> int:
        """As the protocol says."""
        return int(await self._ask("count", what))

    async def agree(self, facts: dict[str, str]) -> dict[str, str]:
        """As the protocol says."""
        return dict(await self._ask("agree", facts))

    async def close(self) -> None:
        """As the protocol says."""
        if self._reading:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _ask(self, method: str, *arguments: Any, **named: Any) -> Any:
        await self._connect()
        assert self._writer
        self._number += 1
        number = self._number
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._writer.write(_framed((number, method, arguments, named)))
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                answer = await future
        except TimeoutError:
            raise Unreachable("the parent process does not answer") from None
        finally:
            self._waiting.pop(number, None)
        return msgspec.msgpack.decode(answer, type=_METHODS[method])

    async def _connect(self) -> None:
        if self._reading and not self._reading.done():
            return
        try:
            reader, self._writer = await asyncio.open_unix_connection(self._path, limit=_LARGEST)
        except OSError as error:
            raise Unreachable(f"the parent process is gone ({error.strerror})") from None
        self._reading = asyncio.create_task(self._read_all(reader, self._writer))

    async def _read_all(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError):
            try:
                while True:
                    self._take(await _receive(reader))
            finally:
                writer.close()
                self._notices.put_nowait(None)
                for future in self._waiting.values():
                    if not future.done():
                        future.set_exception(Unreachable("the parent process is gone"))

    def _take(self, data: bytes) -> None:
        number, rest = msgspec.msgpack.decode(data, type=tuple[int, msgspec.Raw])
        if number == 0:
            self._notices.put_nowait(msgspec.msgpack.decode(rest, type=Notice))
            return
        future = self._waiting.get(number)
        if future and not future.done():
            future.set_result(bytes(rest))

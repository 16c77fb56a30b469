"""`--workers`: processes that listen on one port and share clinics through their parent, which sees to it that they live."""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mockserver.settings import Settings, TerminalSettings, WrongSetting
from mockserver.sharing.hub import Hub
from mockserver.sharing.memory import Book
from mockserver.sharing.opening import limits_of

_LOG = logging.getLogger("mockserver.workers")
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 10.0
_ENDS_WITHIN_S = 10.0  # beyond what it may take to answer what is in flight
_LIVED_WELL_S = 10.0  # who lived so long did not die of its start


class Orders(Struct, frozen=True):
    """What a worker is told on its standard input, whose end is the parent's; no `hub` where a state is set."""

    settings: Settings
    hub: str


class Ready(Struct, frozen=True):
    """What a worker tells when it listens: the words for whoever started the mock."""

    greeting: str


class WorkerFailed(Exception):
    """A worker could not be started; it has told why."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def check(terminal_settings: TerminalSettings) -> None:
    """WrongSetting where there cannot be workers."""
    if terminal_settings.folder:
        raise WrongSetting(
            "--workers: --folder と一緒には使えません。`mockserver terminal` を別に起動してください / "
            "--workers: not with --folder, which one process may watch only: start `mockserver terminal` beside it"
        )
    if not hasattr(socket, "SO_REUSEPORT") or not hasattr(socket, "AF_UNIX"):
        raise WrongSetting(
            "--workers: この OS では使えません（SO_REUSEPORT がありません） / --workers: this system has no SO_REUSEPORT"
        )


class Workers:
    """The parent. `greet` is given the first worker's words; OSError for an address that cannot be had.

    A worker that hangs does not keep it from ending for longer than `ends_within_s`.
    """

    def __init__(self, settings: Settings, greet: Callable[[str], None], ends_within_s: float = _ENDS_WITHIN_S) -> None:
        self._settings = settings
        self._greet = greet
        self._ends_within_s = ends_within_s
        self._killing: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._living: dict[int, asyncio.subprocess.Process] = {}

    def stop(self) -> None:
        """Have every worker answer what is in flight, and end."""
        self._stopping.set()
        for process in self._living.values():
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        self._killing = self._killing or asyncio.get_running_loop().create_task(self._kill_the_hanging())

    async def _kill_the_hanging(self) -> None:
        await asyncio.sleep(self._ends_within_s)
        for number, process in self._living.items():
            with contextlib.suppress(ProcessLookupError):
                process.kill()
                _LOG.error("ワーカー %d が応答しないため強制終了します / worker %d hangs and is killed", number, number)

    async def run(self) -> None:
        """Serve until stopped. WorkerFailed where the first worker cannot begin."""
        with _reserved(self._settings.host, self._settings.port) as port, tempfile.TemporaryDirectory() as folder:
            settings, hub = replace(self._settings, port=port), None
            path = "" if settings.state else str(Path(folder) / "hub")
            if path:
                hub = Hub(Book(limits_of(settings), time.monotonic))
                await hub.open(path)
            try:
                await self._serve(Orders(settings, path))
            finally:
                if self._killing:
                    self._killing.cancel()
                if hub:
                    await hub.close()

    async def _serve(self, orders: Orders) -> None:
        first, ready = await self._begun(0, orders)
        if ready is None:
            code = await first.wait()
            if self._stopping.is_set():
                return
            raise WorkerFailed(code)
        others = range(1, self._settings.workers)
        begun = await asyncio.gather(*(self._begun(number, orders) for number in others))
        self._greet(ready.greeting)
        processes = [first, *(process for process, _ in begun)]
        await asyncio.gather(*(self._see_to(number, process, orders) for number, process in enumerate(processes)))

    async def _begun(self, number: int, orders: Orders) -> tuple[asyncio.subprocess.Process, Ready | None]:
        """A worker that listens, or that has ended."""
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-m", "mockserver", "worker")
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
        self._living[number] = process
        if self._stopping.is_set():
            process.terminate()
        assert process.stdin
        assert process.stdout
        process.stdin.write(msgspec.json.encode(orders) + b"\n")
        line = await process.stdout.readline()
        return process, msgspec.json.decode(line, type=Ready) if line else None

    async def _see_to(self, number: int, process: asyncio.subprocess.Process, orders: Orders) -> None:
        """Have a worker start anew whenever it dies, later and later if it dies at once."""
        pause_s = _FIRST_PAUSE_S
        while True:
            since_s = time.monotonic()
            code = await process.wait()
            if self._stopping.is_set():
                return
            pause_s = _FIRST_PAUSE_S if time.monotonic() - since_s > _LIVED_WELL_S else pause_s
            told = "ワーカー %d が終了しました（%s）。再起動します / worker %d ended (%s) and is started anew"
            _LOG.error(told, number, code, number, code)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause_s)
                return
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
            process, _ = await self._begun(number, orders)


@contextlib.contextmanager
def _reserved(host: str, port: int) -> Iterator[int]:
    """A port nobody else has, which the workers may listen on."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind, protocol) as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind(address)
        yield reserved.getsockname()[1]


async def until_parent_ends() -> None:
    """End when standard input does: without its parent a worker has no log."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    await reader.read()

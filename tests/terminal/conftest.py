"""A terminal's folders as a レセコン sees them: real files, the real watcher, a running mock, its clock in the test's hand."""

import asyncio
import os
import sys
import threading
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeVar
from xml.sax.saxutils import escape

import aiohttp
import pytest
from lxml import etree

from mockserver.serving.app import Mock, start, terminal_of
from mockserver.settings import Settings, TerminalSettings
from mockserver.terminal.reach import Elsewhere

JST = timezone(timedelta(hours=9))
NOW = datetime(2026, 11, 23, 9, tzinfo=JST)
CLINIC, OTHER_CLINIC = "1311234566", "1311111111"
PYTHON_CODEC = {"utf-8": "utf-8", "shift_jis": "cp932"}
DECLARED = {"utf-8": "UTF-8", "shift_jis": "Shift_JIS"}
QUICK = {"settle_ms": 30, "poll_ms": 20, "write_pause_ms": 20}
NEVER = 600_000
OLD = 2 * 86_400  # seconds; answers stay a day
Found = TypeVar("Found")


PATIENCE_S = 10  # how long a condition is waited for


async def until(condition: Callable[[], Found]) -> Found:
    """What a condition gives once it gives something."""
    async with asyncio.timeout(PATIENCE_S):
        while not (found := condition()):  # noqa: ASYNC110 - what is waited for is on a disk
            await asyncio.sleep(0.005)
    return found


def as_xml(tree: dict[str, Any], encoding: str = "utf-8") -> bytes:
    """A message as a file, one element a line."""
    head = f'<?xml version="1.0" encoding="{DECLARED[encoding]}" standalone="no"?>\n'
    return (head + _elements(tree)).encode(PYTHON_CODEC[encoding])


def _elements(tree: dict[str, Any]) -> str:
    text = ""
    for name, value in tree.items():
        for item in value if isinstance(value, list) else [value]:
            inner = f"\n{_elements(item)}" if isinstance(item, dict) else escape(item)
            text += f"<{name}>{inner}</{name}>\n"
    return text


def message(body: dict[str, Any], clinic: str = CLINIC, **header: str) -> dict[str, Any]:
    """A request of any family."""
    return {"XmlMsg": {"MessageHeader": {**header, "MedicalInstitutionCode": clinic}, "MessageBody": body}}


def person(number: str = "1000001", **members: str) -> dict[str, str]:
    """Whom to ask for: with this number, by the rule, somebody whose insurance is valid."""
    return {
        "InsurerNumber": "01139906",
        "InsuredCardSymbol": "記号１",
        "InsuredIdentificationNumber": number,
        "Birthdate": "19800101",
        "LimitApplicationCertificateRelatedConsFlg": "1",
        **members,
    }


def inquiry(*people: dict[str, str], identifier: str = "受付-1") -> dict[str, Any]:
    """資格確認照会, single or (with more people) bulk."""
    search = {"QualificationConfirmSearchInfo": list(people) or [person()]}
    return message(search, QualificationConfirmationDate="20261123", ArbitraryFileIdentifier=identifier)


INQUIRY = as_xml(inquiry())


def named(serial: int = 1, family: str = "OQSsiquc01") -> str:
    """The name of a request file."""
    return f"{family}req_20261123{serial:04d}.xml"


@dataclass
class Answer:
    """An answer file that was read."""

    raw: bytes

    def __post_init__(self) -> None:
        self.root = etree.fromstring(self.raw)

    def text(self, element: str) -> str | None:
        return self.root.findtext(f".//{element}")

    def texts(self, element: str) -> list[str | None]:
        return [found.text for found in self.root.iter(element)]

    @property
    def is_valid(self) -> bool:
        """有効, one result, with a name."""
        return self.text("QualificationValidity") == "1" and len(self.texts("Name")) == 1


def is_whole(raw: bytes) -> bool:
    return raw.endswith(b"</XmlMsg>\n")


class Client:
    """A レセコン that knows nothing but the folder: drops requests, reads answers and removes them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.req, self.res, self.face = root / "req", root / "res", root / "face"
        self._desk = root.with_name(f"{root.name}-desk")

    def drop(self, name: str | bytes = named(), body: bytes = INQUIRY) -> None:
        """Let a whole request appear."""
        self._desk.mkdir(exist_ok=True)
        self.req.mkdir(parents=True, exist_ok=True)
        draft = self._desk / "draft"
        draft.write_bytes(body)
        draft.rename(self.req / os.fsdecode(name))

    def answer_path(self, name: str) -> Path:
        return self.res / name.replace("req", "res")

    async def answer(self, name: str = named()) -> Answer:
        """The answer to a request, once it is whole."""
        path = self.answer_path(name)
        raw = await until(lambda: _read_if(path, is_whole))
        path.unlink()
        return Answer(raw)

    async def ask(self, name: str = named(), body: bytes = INQUIRY) -> Answer:
        """Drop a request and wait for its answer."""
        self.drop(name, body)
        return await self.answer(name)

    async def error(self, name: str, encoding: str = "utf-8") -> str:
        """What an `.err` file says."""
        path = self.res / f"{name.rpartition('.')[0]}.err"
        raw = await until(lambda: _read_if(path, lambda raw: raw.endswith(b"\r\n")))
        path.unlink()
        return raw.decode(PYTHON_CODEC[encoding])

    async def returned(self, name: str) -> bytes:
        """The request that came back beside its `.err`."""
        path = self.res / name
        await until(path.exists)
        raw = path.read_bytes()
        path.unlink()
        return raw

    async def result_of_card(self) -> Answer:
        """The next result of a card reader."""
        path = await until(lambda: next(self.face.glob("OQSsiquc01res_face_*.xml"), None))
        raw = await until(lambda: _read_if(path, is_whole))
        path.unlink()
        return Answer(raw)

    async def taken(self, name: str = named()) -> None:
        """Wait until a request is no longer in `req`."""
        await until(lambda: not (self.req / name).exists())

    def unfinished(self) -> list[str]:
        """What was taken and not answered yet, and answers not yet in place."""
        return [path.name for path in (self.root / ".oqs-mock").iterdir() if path.name[0].isdigit()]

    async def looked_at_again(self, serial: int = 9000) -> None:
        """Wait until another request was answered: the terminal has looked at everything since."""
        await self.ask(named(serial))


def _read_if(path: Path, is_good: Callable[[bytes], bool]) -> bytes | None:
    with suppress(FileNotFoundError):
        raw = path.read_bytes()
        return raw if is_good(raw) else None
    return None


@contextmanager
def watched(path: Path) -> Iterator[list[bytes]]:
    """Every state in which a busy reader sees a file, in order."""
    seen: list[bytes] = []
    is_over = threading.Event()

    def look() -> None:
        while not is_over.wait(0.001):
            raw = _read_if(path, lambda _: True)
            if raw is not None and (not seen or seen[-1] != raw):
                seen.append(raw)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        is_over.set()
        thread.join()


@contextmanager
def lost(folder: Path, instead: str = "nothing") -> Iterator[None]:
    """A folder is gone for a while, or a file is in its place. Root may write anywhere, so this stands for read-only."""
    away = folder.with_name(f"{folder.name}-away")
    folder.rename(away)
    if instead == "a file":
        folder.touch()
    try:
        yield
    finally:
        if instead == "a file":
            folder.unlink()
        away.rename(folder)


async def seen_whole(seen: list[bytes]) -> None:
    """Wait until a watched file was seen whole."""
    await until(lambda: seen and is_whole(seen[-1]))


@dataclass
class Running:
    """A running mock, its folder if it has one, and its admin paths."""

    settings: Settings
    terminal_settings: TerminalSettings
    moment: datetime = NOW
    mock: Mock = field(init=False)
    session: aiohttp.ClientSession = field(init=False)

    @property
    def client(self) -> Client:
        return Client(Path(self.terminal_settings.folder))

    async def admin(self, path: str, body: Any, clinic: str = CLINIC) -> dict[str, Any]:
        """A call of a clinic's admin path that succeeds."""
        headers = {"Authorization": f"Bearer {self.mock.admin_token}"}
        async with self.session.post(f"/admin/clinics/{clinic}{path}", json=body, headers=headers) as response:
            told = await response.json()
            assert response.status < 300, told
            return told

    async def tap(self, clinic: str = CLINIC, **tap: Any) -> dict[str, Any]:
        """Lay down a card."""
        return await self.admin("/taps", tap or {"pattern": "valid"}, clinic)

    async def assign(self, pattern: str, **parameters: Any) -> bytes:
        """Give somebody a pattern; the request that asks for them."""
        told = await self.admin("/assignments", {"pattern": pattern, "person": 7, "parameters": parameters})
        asked = told["requests"][0]
        asked["XmlMsg"]["MessageHeader"]["ArbitraryFileIdentifier"] = "受付-1"
        return as_xml(asked)


StartMock = Callable[..., Awaitable[Running]]


@pytest.fixture
async def start_mock(tmp_path: Path) -> AsyncIterator[StartMock]:
    """Starts mocks with settings of one's own; `folder=""` for one without a folder."""
    async with AsyncExitStack() as stack:

        async def begin(*, moment: datetime = NOW, folder: Path | str | None = None, **flags: Any) -> Running:
            own = {name: flags.pop(name) for name in tuple(flags) if name in TerminalSettings.__struct_fields__}
            root = str(tmp_path / "OQS") if folder is None else str(folder)
            terminal_settings = TerminalSettings(**{**QUICK, "folder": root, **own})
            running = Running(Settings(**{"port": 0, **flags}), terminal_settings, moment)
            running.mock = await start(running.settings, lambda: running.moment, terminal_settings)
            stack.push_async_callback(_stop_once(running.mock))
            running.session = await stack.enter_async_context(aiohttp.ClientSession(running.mock.url))
            return running

        yield begin


def _stop_once(mock: Mock) -> Callable[[], Awaitable[None]]:
    """Stops a mock unless the test has; `mock.stop` becomes that."""
    stop, is_stopped = mock.stop, False

    async def once() -> None:
        nonlocal is_stopped
        if not is_stopped:
            is_stopped = True
            await stop()

    mock.stop = once  # type: ignore[method-assign]
    return once


StartTerminal = Callable[..., Awaitable[Client]]


@pytest.fixture
async def start_terminal(tmp_path: Path) -> AsyncIterator[StartTerminal]:
    """Starts terminals of a mock that runs elsewhere; one that breaks fails the test."""
    async with AsyncExitStack() as stack:

        async def begin(url: str, *, admin_token: str = "", folder: str = "OQS-elsewhere", **flags: Any) -> Client:
            settings = TerminalSettings(**{**QUICK, "folder": str(tmp_path / folder), **flags})
            reach = await stack.enter_async_context(Elsewhere(url, admin_token, settings))
            terminal = terminal_of(settings, reach)
            working = asyncio.create_task(terminal.run())

            async def stop() -> None:
                terminal.stop()
                await asyncio.wait([working])
                working.result()

            stack.push_async_callback(stop)
            return Client(tmp_path / folder)

        yield begin


class Process:
    """A `mockserver` command that runs: what it prints first, and all it has said on standard error."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.first_line = ""
        self.log = ""
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for line in self.process.stderr:
            self.log += line.decode()

    async def begun(self) -> None:
        self.first_line = (await self.process.stdout.readline()).decode()
        assert self.first_line, self.log

    async def end(self) -> int:
        """Stop it as Ctrl-C or a service manager does; its exit status."""
        if self.process.returncode is None:
            self.process.terminate()
        await self.process.stdout.read()
        await self._reading
        return await self.process.wait()


_ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}


async def _begin(*words: str) -> asyncio.subprocess.Process:
    command, environment = [sys.executable, "-m", "mockserver", *words], {**_ENVIRONMENT, "PYTHONIOENCODING": "utf-8"}
    return await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, env=environment)


async def run(*words: str) -> tuple[int, str]:
    """Run the command to its end, which is near: its exit status, and all it said."""
    process = await _begin(*words)
    try:
        async with asyncio.timeout(10):
            told = await process.communicate()
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    return process.returncode, b"".join(told).decode()


StartProcess = Callable[..., Awaitable[Process]]


@pytest.fixture
async def start_process() -> AsyncIterator[StartProcess]:
    """Starts the `mockserver` command."""
    async with AsyncExitStack() as stack:

        async def begin(*words: str) -> Process:
            process = Process(await _begin(*words))
            stack.push_async_callback(process.end)
            await process.begun()
            return process

        yield begin


@pytest.fixture(autouse=True)
def _log_everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "mockserver")

"""A graceful stop: a mock of its own process gets SIGTERM while many connections ask it without a pause."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp
import pytest

from tests.serving.conftest import CLINIC, OTHER_CLINIC, http, question

PATIENCE_S = 10
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
SLOW_MS = 300
CONNECTIONS = 15  # of each way
WAYS = {
    "short way": (CLINIC, {}),
    "aiohttp's way": (CLINIC, {"X_Other": "1"}),
    "short way, late": (OTHER_CLINIC, {}),
    "aiohttp's way, late": (OTHER_CLINIC, {"X_Other": "1"}),
}


@dataclass
class Load:
    """What became of the requests: `lost` were sent whole before the signal, `cut` are answers that broke off."""

    port: int
    is_stopping: bool = False
    answered: int = 0
    answered_late: int = 0
    lost: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    waiting: int = 0

    async def ask_on(self, way: str, per_connection: int) -> None:
        """Ask until the mock hangs up; after so many questions over another connection."""
        while not self.is_stopping:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except ConnectionRefusedError:
                return
            with suppress(ConnectionError):
                for _ in range(per_connection):
                    if not await self._ask(way, reader, writer):
                        break
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _ask(self, way: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Ask once; whether the connection stays."""
        clinic, headers = WAYS[way]
        writer.write(http(question(MedicalInstitutionCode=clinic), **headers))
        must_be_answered = not self.is_stopping and writer.transport.get_write_buffer_size() == 0
        self.waiting += 1
        got = await _read(reader)
        self.waiting -= 1
        if got is None:
            self.lost += [way] if must_be_answered else []
            return False
        if not got:
            self.cut.append(way)
            return False
        self.answered += 1
        self.answered_late += self.is_stopping and must_be_answered
        return b"Connection: close" not in got


async def _read(reader: asyncio.StreamReader) -> bytes | None:
    """The head of a whole answer, empty for one that breaks off, None where there is none."""
    head = b""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.partition(b"Content-Length: ")[2].split(b"\r\n")[0])
        body = await reader.readexactly(length)
    except asyncio.IncompleteReadError as error:
        return b"" if head or error.partial else None
    except ConnectionError:
        return b"" if head else None
    assert head.startswith(b"HTTP/1.1 200 ")
    assert json.loads(body)["XmlMsg"]["MessageBody"]["QualificationValidity"] == "1"
    return head


@pytest.mark.parametrize("per_connection", [1_000_000, 3], ids=["over one connection", "over new connections"])
async def test_every_request_sent_before_the_signal_is_answered_whole(per_connection):
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--json", "--no-require-token"]
    process = await asyncio.create_subprocess_exec(*command, env=ENVIRONMENT, stdout=PIPE, stderr=PIPE)
    try:
        url = json.loads(await process.stdout.readline())["url"]
        load = Load(int(url.rpartition(":")[2]))
        async with asyncio.timeout(PATIENCE_S):
            await be_late(url, OTHER_CLINIC)
            asking = [asyncio.create_task(load.ask_on(way, per_connection)) for way in WAYS for _ in range(CONNECTIONS)]
            while load.answered < 500 or load.waiting < 2 * CONNECTIONS:  # noqa: ASYNC110 - until it is well under load
                await asyncio.sleep(0.001)
            process.send_signal(signal.SIGTERM)
            load.is_stopping = True
            await asyncio.gather(*asking)
            _, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (load.lost, load.cut) == ([], [])
    assert load.answered_late >= CONNECTIONS  # there were some in flight
    assert (process.returncode, errors) == (0, b"")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", load.port)


async def be_late(url: str, clinic: str) -> None:
    """Have a clinic answered late."""
    fault = {"fault": "slow", "parameters": {"ms": SLOW_MS}}
    path = f"/admin/clinics/{clinic}/faults"
    async with aiohttp.ClientSession(url) as session, session.post(path, json=fault) as response:
        assert response.status == 201, await response.text()

"""A running mock to talk to: on a free port, in the test's own loop, its clock in the test's hand."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import aiohttp
import pytest

from mockserver.serving.app import Mock, start
from mockserver.settings import Settings

JST = timezone(timedelta(hours=9))
NOW = datetime(2026, 11, 23, 9, tzinfo=JST)
LOGIN = "/oqs-api-pro/MSA12020/ILI12020SV01/auth"
SEARCH = "/oqs-api-pro/MSA01030/ILI01030SV01/search"
CLINIC, OTHER_CLINIC = "1311234566", "1311111111"
INDIVIDUAL_NUMBER = "123456789018"  # an example with a valid check digit
HEADER_MEMBERS = ("QualificationConfirmationDate", "MedicalInstitutionCode", "ArbitraryFileIdentifier")
REQUIRED_OF_HEADER = (
    "ProcessExecutionTime",
    "QualificationConfirmationDate",
    "MedicalInstitutionCode",
    "ReferenceClassification",
    "SegmentOfResult",
    "CharacterCodeIdentifier",
)
DROP = object()
_GOOD = {
    "XmlMsg": {
        "MessageHeader": {"QualificationConfirmationDate": "20261123", "MedicalInstitutionCode": CLINIC},
        "MessageBody": {
            "QualificationConfirmSearchInfo": {
                "InsurerNumber": "01139906",
                "InsuredIdentificationNumber": "1000001",
                "Birthdate": "19800101",
                "LimitApplicationCertificateRelatedConsFlg": "1",
            }
        },
    }
}


def question(**members: Any) -> dict[str, Any]:
    """A search that is answered 有効, with some members changed, added or (DROP) left out."""
    asked = deepcopy(_GOOD)
    message = asked["XmlMsg"]
    for name, value in members.items():
        is_header = name in HEADER_MEMBERS
        part = message["MessageHeader"] if is_header else message["MessageBody"]["QualificationConfirmSearchInfo"]
        part[name] = value
        if value is DROP:
            del part[name]
    return asked


def as_bytes(body: Any) -> bytes:
    """A body as it travels."""
    return body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()


def http(body: Any, path: str = SEARCH, *, start_line: str = "", length: int | None = None, **headers: str) -> bytes:
    """A request as bytes. Header names are given with `_` for `-`."""
    raw = as_bytes(body)
    named = {"Host": "mock", "Content-Type": "application/json;charset=UTF-8"}
    named["Content-Length"] = str(len(raw) if length is None else length)
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [start_line or f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


@dataclass
class Reply:
    """An answer of the mock."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def header(self) -> dict[str, str]:
        """MessageHeader of a search answer."""
        return self.json["XmlMsg"]["MessageHeader"]

    @property
    def message_body(self) -> dict[str, Any]:
        """MessageBody of a search answer."""
        return self.json["XmlMsg"]["MessageBody"]

    @property
    def validity(self) -> str | None:
        return self.message_body.get("QualificationValidity")

    @property
    def results(self) -> list[dict[str, Any]]:
        return [item["ResultOfQualificationConfirmation"] for item in self.message_body.get("ResultList", [])]

    @property
    def pattern(self) -> str | None:
        return self.headers.get("X-Mock-Pattern")

    @property
    def problem(self) -> str:
        """Why something was refused, wherever it is told."""
        told = self.json
        if "error" in told:
            return f"{told['error']['message_ja']} / {told['error']['message_en']}"
        if "XmlMsg" not in told:
            return told["msg"]
        return self.header.get("ErrorMessage") or self.message_body.get("ProcessingResultMessage", "")

    @property
    def code(self) -> str | None:
        """The code of the refusal."""
        if "XmlMsg" not in self.json:
            return self.json["status"]
        return self.header.get("ErrorCode") or self.message_body.get("ProcessingResultCode")


def checked(reply: Reply) -> Reply:
    """What holds of every answer there is: it says whose it is, and it is no accident."""
    assert reply.status < 500, reply.body.decode()
    assert b"Traceback" not in reply.body
    assert reply.headers.get("X-Mock-Response") == "true"
    return reply


@dataclass
class Running:
    """A running mock. `moment` is what its real clock says; move it at will."""

    settings: Settings
    moment: datetime = NOW
    token: str = ""
    mock: Mock = field(init=False)
    session: aiohttp.ClientSession = field(init=False)

    @property
    def url(self) -> str:
        return self.mock.url.replace("0.0.0.0", "127.0.0.1")

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> Reply:
        """Any call; a body goes as JSON unless `headers` say otherwise."""
        headers = {} if body is None else {"Content-Type": "application/json;charset=UTF-8"}
        headers |= options.pop("headers", {})
        data = None if body is None else as_bytes(body)
        async with self.session.request(method, path, data=data, headers=headers, **options) as response:
            return checked(Reply(response.status, dict(response.headers), await response.read()))

    async def login(self, **fields: Any) -> Reply:
        """Log in; the token is kept for the look-ups that follow."""
        reply = await self.call("POST", LOGIN, fields)
        self.token = reply.json.get("result", {}).get("idToken", self.token)
        return reply

    async def search(self, body: Any = None, headers: dict[str, str] | None = None, **members: Any) -> Reply:
        """Look up: a body as it is, or the good one with some members changed."""
        if body is None:
            body = question(**members)
        return await self.call("POST", SEARCH, body, headers={"Authorization": self.token, **(headers or {})})

    async def admin(self, method: str, path: str = "", body: Any = None, clinic: str = CLINIC, **options: Any) -> Reply:
        """A call of a clinic's admin path."""
        return await self.call(method, f"/admin/clinics/{clinic}{path}", body, **options)

    async def raw(self, *segments: bytes, answers: int = 1, patience_s: float = 5) -> list[Reply]:
        """Send pieces of bytes, each by itself, over one connection; read so many answers."""
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        async with asyncio.timeout(patience_s):
            reader, writer = await asyncio.open_connection(host, int(port))
            try:
                for segment in segments:
                    writer.write(segment)
                    await writer.drain()
                    for _ in range(10):  # turns of the loop, in which the mock reads the piece
                        await asyncio.sleep(0)
                return [checked(await _read(reader)) for _ in range(answers)]
            finally:
                writer.close()
                await writer.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Reply:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    status = int(head[0].split()[1])
    if status == 100:
        return await _read(reader)
    headers = dict(line.split(": ", 1) for line in head[1:] if line)
    return Reply(status, headers, await reader.readexactly(int(headers["Content-Length"])))


StartMock = Callable[..., Awaitable[Running]]


@pytest.fixture
async def start_mock() -> AsyncIterator[StartMock]:
    """Starts mocks with settings of one's own, logged in where any login is welcome."""
    async with AsyncExitStack() as stack:

        async def begin(**settings: Any) -> Running:
            running = Running(Settings(**{"port": 0, **settings}))
            running.mock = await start(running.settings, lambda: running.moment)
            stack.push_async_callback(running.mock.stop)
            running.session = await stack.enter_async_context(aiohttp.ClientSession(running.url))
            if not running.settings.credentials:
                await running.login()
            return running

        yield begin


@pytest.fixture
async def mock(start_mock: StartMock) -> Running:
    """A mock as it comes."""
    return await start_mock()

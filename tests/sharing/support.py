"""Servers without sockets that share clinics over one log, and one alone to compare them with."""

import asyncio
import json
import time
from datetime import datetime, timedelta
from typing import Any

import msgspec

from mockserver.denial import Denial
from mockserver.exchange import Exchange
from mockserver.journal import NO_TRACE
from mockserver.linkage.taking import Linkage
from mockserver.linkage.taps import Face, Tapped, Tray
from mockserver.recalling import JournalQuery, Recalling
from mockserver.settings import Settings
from mockserver.sharing.deeds import Alone, Deeds, asked_of, touched_clinic
from mockserver.sharing.events import SEARCH, Core
from mockserver.sharing.following import Following
from mockserver.sharing.log import Limits, Log
from mockserver.sharing.memory import Book, MemoryLog
from mockserver.sharing.shared import Shared
from tests.support import NOW

LIMITS = Limits(most_events=100_000, most_logs=1_000, idle_s=86_400)
CLINICS = ("1311234566", "1311111111")
PATIENCE_S = 10


def book(clock_s=time.monotonic, **limits: int) -> Book:
    return Book(msgspec.structs.replace(LIMITS, **limits), clock_s)


def body(clinic: str, number: str = "1000001", **members: str) -> bytes:
    """A search by number."""
    search = {"InsurerNumber": "01139906", "InsuredIdentificationNumber": number, "Birthdate": "19800101"}
    search["LimitApplicationCertificateRelatedConsFlg"] = "1"
    header = {"QualificationConfirmationDate": "20261123", "MedicalInstitutionCode": clinic}
    message = {"MessageHeader": header, "MessageBody": {"QualificationConfirmSearchInfo": search | members}}
    return json.dumps({"XmlMsg": message}).encode()


class Server:
    """A mock without a transport. Without a log it is alone."""

    def __init__(self, log: Log | None = None, opened_at: datetime = NOW, **settings: Any) -> None:
        self.exchange = Exchange(Settings(require_token=False, **settings), opened_at)
        self.tray = Tray()
        linkage = Linkage(self.exchange)
        self.core = Core(self.exchange, lambda: linkage, self.post, self.tray.forget, lambda *_: None)
        self.now = NOW
        self.deeds: Deeds = Shared(self.core, log) if log else Alone(self.core)
        self.following = Following(self.deeds, log, lambda _: "", {}) if log else None
        self.recalling = Recalling(self.exchange)

    def post(self, face: Face) -> None:
        self.tray.put(face)

    async def __aenter__(self) -> "Server":
        if self.following:
            await self.following.begin()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.following:
            await self.following.end()

    async def do(self, kind: Any, code: str | None, payload: Any) -> Any:
        """What came of it, in plain words; a denial too."""
        try:
            result = await self.deeds.do(kind, code, payload, self.now)
        except Denial as denial:
            return denial.status, denial.english
        return plain(result)

    async def search(self, asked: bytes) -> Any:
        """What is answered, and which faults hit."""
        code = touched_clinic(self.deeds, asked)
        if code:
            reply = await self.deeds.do(SEARCH, code, asked_of(asked, None, NO_TRACE), self.now)
        else:
            reply = self.exchange.search(asked, None, self.now)
        return reply.status, reply.body, str(reply.decision)

    async def state(self, code: str) -> Any:
        """All that can be seen of a clinic."""
        await self.deeds.catch_up(code, self.now)
        return (
            plain(self.core.control.clinic(code, self.now)),
            plain(self.core.faulting.faults(code, self.now)),
            plain(self.core.faulting.faults(None, self.now)),
            plain(self.recalling.journal(code, JournalQuery(limit=1_000))),
            plain(self.recalling.counts(code)),
        )


def plain(found: Any) -> Any:
    """Something to compare. Of a tap without its file's name and identifier: those count taps of all clinics."""
    if isinstance(found, tuple) and isinstance(found[1], Tapped):
        pattern, tapped = found
        message = tapped.face.message(Exchange(Settings(), NOW).manner).XmlMsg
        return pattern, tapped.outcome, tapped.refusal, tapped.tries_left, message.MessageBody
    return msgspec.json.encode(found)


def later(server: Server, seconds: float) -> None:
    """The real clock goes on."""
    server.now += timedelta(seconds=seconds)


async def until(condition, patience_s: float = PATIENCE_S) -> None:
    """Wait for something that others bring about."""
    async with asyncio.timeout(patience_s):
        while not condition():  # noqa: ASYNC110 - a test's own condition
            await asyncio.sleep(0.001)


def memory(shelf: Book, name: str) -> MemoryLog:
    return MemoryLog(shelf, name)

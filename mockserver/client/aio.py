"""The client of a running mock for asyncio."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from datetime import date, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self, TypeVar, Unpack

import aiohttp

from mockserver.client import calls
from mockserver.client.calls import Call, Chosen, Gesture, Person, Step, Wanted, Whom
from mockserver.client.forgetting import Watch
from mockserver.client.mistakes import Unreachable, address
from mockserver.client.streaming import Entries
from mockserver.coverage import CoverageView, Format
from mockserver.faulting import FaultsView, FaultView
from mockserver.faults import Fault
from mockserver.faults.rules import Path as FaultPath
from mockserver.recalling import EntryView, Expected
from mockserver.scenarios.scenario import Scenario
from mockserver.tapping import TapView
from mockserver.views import FORGOTTEN_HEADER, AssignmentView, ClinicView, ClockView, Identity, TruthView
from mockserver.views import PatientView as Patient
from mockserver.wire.message import SearchRequest

T = TypeVar("T")
_PATIENCE_S = 30.0


class Mock:
    """A running mock. `timeout_s`: how long an answer may take."""

    def __init__(self, url: str, admin_token: str = "", timeout_s: float = _PATIENCE_S) -> None:
        self.url = address(url)
        self.admin_token = admin_token
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None
        self._watch = Watch()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Let the connections go."""
        if self._session:
            await self._session.close()

    async def send(self, call: Call[T]) -> T:
        """What comes of a call. Unreachable, Refused, or Forgotten."""
        status, body, forgotten = await self._exchange(call)
        self._watch.look(call, forgotten)
        return call.outcome(status, body)

    async def _exchange(self, call: Call[T]) -> tuple[int, bytes, str]:
        headers, address = call.headers(self.admin_token), f"{self.url}{call.target}"
        try:
            async with self._opened().request(call.method, address, data=call.body, headers=headers) as answer:
                return answer.status, await answer.read(), answer.headers.get(FORGOTTEN_HEADER, "")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unreachable(self.url, error) from None

    async def stream(
        self, call: Call[None], take: Callable[[bytes], T | None], wait_s: float
    ) -> AsyncGenerator[T, None]:
        """What `take` makes of the lines of an answer. TimeoutError where it makes nothing for so long."""
        headers, address = call.headers(self.admin_token), f"{self.url}{call.target}"
        patience = aiohttp.ClientTimeout(total=None, connect=self._timeout.total, sock_read=_PATIENCE_S)
        try:
            async with self._opened().request(call.method, address, headers=headers, timeout=patience) as answer:
                if answer.status != HTTPStatus.OK:
                    call.outcome(answer.status, await answer.read())
                while (found := await _next(answer.content, take, wait_s)) is not None:
                    yield found
        except (aiohttp.ClientError, ConnectionError, ValueError) as error:
            raise Unreachable(self.url, error) from None

    def _opened(self) -> aiohttp.ClientSession:
        """The session, which can be made only where a loop runs."""
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(ssl=False)  # a mock's certificate is its own
            self._session = aiohttp.ClientSession(timeout=self._timeout, connector=connector)
        return self._session

    def clinic(self, code: str) -> "Clinic":
        """A clinic by its code."""
        return Clinic(self, code)

    async def new_clinic(self, name: str = "", seed: int | None = None) -> "Clinic":
        """A clinic nobody uses; the same name gets the same code as long as it is free."""
        made = await self.send(calls.new_clinic(name, seed))
        self._watch.begin(made.code)
        return self.clinic(made.code)

    async def login(self) -> str:
        """A token."""
        return await self.send(calls.login())

    async def look_up(self, request: SearchRequest, token: str | None = None) -> dict[str, Any]:
        """The answer of the real search path, whatever its status; logs in if there is no token."""
        return await self.send(calls.look_up(request, await self.login() if token is None else token))

    async def coverage(self) -> CoverageView:
        """Which patterns of the catalogue were met in all clinics, also in those that are gone, and how it went on."""
        return await self.send(calls.coverage(None))

    async def coverage_file(self, form: Format) -> bytes:
        """The same as a file: `html`, `json` or `junit`."""
        return await self.send(calls.coverage_file(None, form))

    async def new_coverage(self) -> None:
        """Count from here on."""
        await self.send(calls.new_coverage())


async def _next(lines: aiohttp.StreamReader, take: Callable[[bytes], T | None], wait_s: float) -> T | None:
    """What the next lines make, None at the end."""
    try:
        async with asyncio.timeout(wait_s):
            while True:
                line = await lines.readline()
                found = take(line)
                if found is not None or not line:
                    return found
    except aiohttp.ClientError:  # also one that is a TimeoutError: the mock is silent, without a heartbeat
        raise
    except TimeoutError:
        raise calls.nothing_came(wait_s) from None


class Clock:
    """The clock of a clinic."""

    def __init__(self, mock: Mock, code: str) -> None:
        self._mock = mock
        self._code = code

    async def set(self, moment: datetime | str, *, running: bool = False) -> ClockView:
        """Freeze it at a moment with its offset, or let it run from there."""
        return await self._mock.send(calls.set_clock(self._code, moment, running))

    async def advance(self, days: int = 0, seconds: int = 0) -> ClockView:
        """Move it on."""
        return await self._mock.send(calls.advance(self._code, days, seconds))

    async def real(self) -> ClockView:
        """Give the real time back."""
        return await self._mock.send(calls.real_clock(self._code))


class Journal:
    """What a clinic did."""

    def __init__(self, mock: Mock, code: str) -> None:
        self._mock = mock
        self._code = code

    async def entries(self, after: int = 0, limit: int = 100, *, masked: bool = True) -> list[EntryView]:
        """Entries after a serial, the eldest first."""
        return (await self._mock.send(calls.journal(self._code, after, limit, masked))).entries

    def follow(
        self, after: int = 0, timeout_s: float = _PATIENCE_S, *, masked: bool = True, **chosen: Unpack[Chosen]
    ) -> AsyncGenerator[EntryView, None]:
        """Entries after a serial, then those to come, as they are written; TimeoutError where none comes for so long.

        A gap in the serials: entries gave way before they were read.
        """
        call = calls.journal_stream(self._code, "events", after, masked, **chosen)
        return self._mock.stream(call, Entries().take, timeout_s)

    async def export(self, path: Path | str, after: int = 0, *, masked: bool = True, **chosen: Unpack[Chosen]) -> int:
        """Write all entries to a file, a JSON object a line; how many."""
        call, written = calls.journal_stream(self._code, "jsonl", after, masked, **chosen), 0
        with Path(path).open("wb") as file:  # noqa: ASYNC230 - a local file, a line at a time
            async for line in self._mock.stream(call, calls.whole_line, _PATIENCE_S):
                written += bool(file.write(line))
        return written

    async def asked_for(self, patient: Person, **wanted: Unpack[Wanted]) -> Expected:
        """AssertionError in both languages where a person was not asked for as wanted (at least once)."""
        return await self._mock.send(calls.asked_for(self._code, patient, **wanted))


class Clinic:
    """A clinic of the mock: its people, clock, faults and journal. It is reset when its context ends."""

    def __init__(self, mock: Mock, code: str) -> None:
        self.mock = mock
        self.code = code
        self.clock = Clock(mock, code)
        self.journal = Journal(mock, code)
        self._token = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def state(self) -> ClinicView:
        """What the clinic has set up."""
        return await self.mock.send(calls.clinic(self.code))

    async def patients(self, count: int = 1, fits: Scenario | None = None) -> list[Patient]:
        """People of the clinic's country, other ones at each call, whom a pattern fits."""
        return (await self.mock.send(calls.people(self.code, count, fits))).people

    async def patient(self, fits: Scenario | None = None) -> Patient:
        """Somebody nobody asked for yet, whom a pattern fits."""
        return (await self.patients(1, fits))[0]

    async def assign(self, patient: Person, scenario: Scenario, start: date | None = None) -> AssignmentView:
        """Give a person a pattern; the story begins today if not said otherwise."""
        return await self.mock.send(calls.assign(self.code, patient, scenario, start))

    async def tap(self, patient: Person, **gesture: Unpack[Gesture]) -> TapView:
        """Lay a person's card on the reader."""
        return await self.mock.send(calls.tap(self.code, patient, **gesture))

    async def fails(self, fault: Fault, **whom: Unpack[Whom]) -> FaultView:
        """Let a fault happen, to everything or to whom it is said."""
        return await self.mock.send(calls.fails(self.code, fault, **whom))

    async def timeline(self, steps: Iterable[Step], path: FaultPath | None = None) -> FaultsView:
        """Let faults happen one after another on the clinic's clock; None: all is well again."""
        return await self.mock.send(calls.timeline(self.code, steps, path))

    async def faults(self) -> FaultsView:
        """The fault rules there are."""
        return await self.mock.send(calls.faults(self.code))

    async def recovers(self, fault_id: str = "") -> None:
        """Take a fault rule or timeline away; without an id all of them."""
        await self.mock.send(calls.recovers(self.code, fault_id))

    async def coverage(self) -> CoverageView:
        """Which patterns of the catalogue the clinic met, and how it went on after them."""
        return await self.mock.send(calls.coverage(self.code))

    async def coverage_file(self, form: Format) -> bytes:
        """The same as a file: `html`, `json` or `junit`."""
        return await self.mock.send(calls.coverage_file(self.code, form))

    async def truth(self, patient: Patient | Identity, day: date | None = None) -> TruthView:
        """What is really so, beside what the backend says."""
        return await self.mock.send(calls.truth(self.code, patient, day))

    async def ask(self, asked: Patient | SearchRequest) -> dict[str, Any]:
        """Ask the real search path as this clinic does on its today; logs in once."""
        today = (await self.state()).clock.now.date()
        self._token = self._token or await self.mock.login()
        return await self.mock.look_up(calls.asked_by(asked, self.code, today), self._token)

    async def reset(self) -> None:
        """Forget everything that was set up."""
        await self.mock.send(calls.reset(self.code))

    async def close(self) -> None:
        """The clinic is gone."""
        await self.reset()

"""The client of a running mock for any test framework: every call waits for its answer."""

import socket
import ssl
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from datetime import date, datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any, Self, TypeVar, Unpack
from urllib.parse import urlsplit

from mockserver.client import calls
from mockserver.client.calls import Call, Chosen, Gesture, Person, Step, Wanted, Whom
from mockserver.client.folder import Folder
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
_SHORTEST_S = 0.001  # a timeout of none would be another thing


class Mock:
    """A running mock. `timeout_s`: how long an answer may take."""

    def __init__(self, url: str, admin_token: str = "", timeout_s: float = _PATIENCE_S) -> None:
        self.url = address(url)
        self.admin_token = admin_token
        self._timeout_s = timeout_s
        self._watch = Watch()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is held open between calls."""

    def send(self, call: Call[T]) -> T:
        """What comes of a call. Unreachable, Refused, or Forgotten."""
        status, body, forgotten = self._exchange(call)
        self._watch.look(call, forgotten)
        return call.outcome(status, body)

    def _exchange(self, call: Call[T]) -> tuple[int, bytes, str]:
        try:
            with closing(self._connection()) as connection:
                connection.request(call.method, call.target, call.body, call.headers(self.admin_token))
                answer = connection.getresponse()
                return answer.status, answer.read(), answer.getheader(FORGOTTEN_HEADER, "")
        except (OSError, ValueError, HTTPException) as error:
            raise Unreachable(self.url, error) from None

    def stream(self, call: Call[None], take: Callable[[bytes], T | None], wait_s: float) -> Generator[T, None, None]:
        """What `take` makes of the lines of an answer. TimeoutError where it makes nothing for so long."""
        with closing(self._connection()) as connection:
            try:
                connection.request(call.method, call.target, call.body, call.headers(self.admin_token))
                line = connection.sock
                answer = connection.getresponse()
                if answer.status != HTTPStatus.OK:
                    call.outcome(answer.status, answer.read())
            except (OSError, ValueError, HTTPException) as error:
                raise Unreachable(self.url, error) from None
            while (found := self._next(answer, line, take, wait_s)) is not None:
                yield found

    def _next(
        self, answer: HTTPResponse, line: socket.socket, take: Callable[[bytes], T | None], wait_s: float
    ) -> T | None:
        """What the next lines make, None at the end."""
        ends_at = time.monotonic() + wait_s
        try:
            while True:
                line.settimeout(max(ends_at - time.monotonic(), _SHORTEST_S))
                read = answer.readline()
                found = take(read)
                if found is not None or not read:
                    return found
        except TimeoutError:
            raise calls.nothing_came(wait_s) from None
        except (OSError, ValueError, HTTPException) as error:
            raise Unreachable(self.url, error) from None

    def _connection(self) -> HTTPConnection:
        parts = urlsplit(self.url)
        if parts.scheme == "https":
            unchecked = ssl._create_unverified_context()  # noqa: S323, SLF001 - a mock's certificate is its own
            return HTTPSConnection(parts.netloc, timeout=self._timeout_s, context=unchecked)
        return HTTPConnection(parts.netloc, timeout=self._timeout_s)

    def clinic(self, code: str) -> "Clinic":
        """A clinic by its code."""
        return Clinic(self, code)

    def new_clinic(self, name: str = "", seed: int | None = None) -> "Clinic":
        """A clinic nobody uses; the same name gets the same code as long as it is free."""
        made = self.send(calls.new_clinic(name, seed))
        self._watch.begin(made.code)
        return self.clinic(made.code)

    def login(self) -> str:
        """A token."""
        return self.send(calls.login())

    def look_up(self, request: SearchRequest, token: str | None = None) -> dict[str, Any]:
        """The answer of the real search path, whatever its status; logs in if there is no token."""
        return self.send(calls.look_up(request, self.login() if token is None else token))

    def coverage(self) -> CoverageView:
        """Which patterns of the catalogue were met in all clinics, also in those that are gone, and how it went on."""
        return self.send(calls.coverage(None))

    def coverage_file(self, form: Format) -> bytes:
        """The same as a file: `html`, `json` or `junit`."""
        return self.send(calls.coverage_file(None, form))

    def new_coverage(self) -> None:
        """Count from here on."""
        self.send(calls.new_coverage())


class Clock:
    """The clock of a clinic."""

    def __init__(self, mock: Mock, code: str) -> None:
        self._mock = mock
        self._code = code

    def set(self, moment: datetime | str, *, running: bool = False) -> ClockView:
        """Freeze it at a moment with its offset, or let it run from there."""
        return self._mock.send(calls.set_clock(self._code, moment, running))

    def advance(self, days: int = 0, seconds: int = 0) -> ClockView:
        """Move it on."""
        return self._mock.send(calls.advance(self._code, days, seconds))

    def real(self) -> ClockView:
        """Give the real time back."""
        return self._mock.send(calls.real_clock(self._code))


class Journal:
    """What a clinic did."""

    def __init__(self, mock: Mock, code: str) -> None:
        self._mock = mock
        self._code = code

    def entries(self, after: int = 0, limit: int = 100, *, masked: bool = True) -> list[EntryView]:
        """Entries after a serial, the eldest first."""
        return (self._mock.send(calls.journal(self._code, after, limit, masked))).entries

    def follow(
        self, after: int = 0, timeout_s: float = _PATIENCE_S, *, masked: bool = True, **chosen: Unpack[Chosen]
    ) -> Generator[EntryView, None, None]:
        """Entries after a serial, then those to come, as they are written; TimeoutError where none comes for so long.

        A gap in the serials: entries gave way before they were read.
        """
        call = calls.journal_stream(self._code, "events", after, masked, **chosen)
        return self._mock.stream(call, Entries().take, timeout_s)

    def export(self, path: Path | str, after: int = 0, *, masked: bool = True, **chosen: Unpack[Chosen]) -> int:
        """Write all entries to a file, a JSON object a line; how many."""
        call = calls.journal_stream(self._code, "jsonl", after, masked, **chosen)
        with Path(path).open("wb") as file:
            return sum(bool(file.write(line)) for line in self._mock.stream(call, calls.whole_line, _PATIENCE_S))

    def asked_for(self, patient: Person, **wanted: Unpack[Wanted]) -> Expected:
        """AssertionError in both languages where a person was not asked for as wanted (at least once)."""
        return self._mock.send(calls.asked_for(self._code, patient, **wanted))


class BareClinic:
    """A clinic of the mock: its people, clock, faults and journal. It is reset when its context ends."""

    def __init__(self, mock: Mock, code: str) -> None:
        self.mock = mock
        self.code = code
        self.clock = Clock(mock, code)
        self.journal = Journal(mock, code)
        self._token = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def state(self) -> ClinicView:
        """What the clinic has set up."""
        return self.mock.send(calls.clinic(self.code))

    def patients(self, count: int = 1, fits: Scenario | None = None) -> list[Patient]:
        """People of the clinic's country, other ones at each call, whom a pattern fits."""
        return (self.mock.send(calls.people(self.code, count, fits))).people

    def patient(self, fits: Scenario | None = None) -> Patient:
        """Somebody nobody asked for yet, whom a pattern fits."""
        return (self.patients(1, fits))[0]

    def assign(self, patient: Person, scenario: Scenario, start: date | None = None) -> AssignmentView:
        """Give a person a pattern; the story begins today if not said otherwise."""
        return self.mock.send(calls.assign(self.code, patient, scenario, start))

    def tap(self, patient: Person, **gesture: Unpack[Gesture]) -> TapView:
        """Lay a person's card on the reader."""
        return self.mock.send(calls.tap(self.code, patient, **gesture))

    def fails(self, fault: Fault, **whom: Unpack[Whom]) -> FaultView:
        """Let a fault happen, to everything or to whom it is said."""
        return self.mock.send(calls.fails(self.code, fault, **whom))

    def timeline(self, steps: Iterable[Step], path: FaultPath | None = None) -> FaultsView:
        """Let faults happen one after another on the clinic's clock; None: all is well again."""
        return self.mock.send(calls.timeline(self.code, steps, path))

    def faults(self) -> FaultsView:
        """The fault rules there are."""
        return self.mock.send(calls.faults(self.code))

    def recovers(self, fault_id: str = "") -> None:
        """Take a fault rule or timeline away; without an id all of them."""
        self.mock.send(calls.recovers(self.code, fault_id))

    def coverage(self) -> CoverageView:
        """Which patterns of the catalogue the clinic met, and how it went on after them."""
        return self.mock.send(calls.coverage(self.code))

    def coverage_file(self, form: Format) -> bytes:
        """The same as a file: `html`, `json` or `junit`."""
        return self.mock.send(calls.coverage_file(self.code, form))

    def truth(self, patient: Patient | Identity, day: date | None = None) -> TruthView:
        """What is really so, beside what the backend says."""
        return self.mock.send(calls.truth(self.code, patient, day))

    def ask(self, asked: Patient | SearchRequest) -> dict[str, Any]:
        """Ask the real search path as this clinic does on its today; logs in once."""
        today = (self.state()).clock.now.date()
        self._token = self._token or self.mock.login()
        return self.mock.look_up(calls.asked_by(asked, self.code, today), self._token)

    def reset(self) -> None:
        """Forget everything that was set up."""
        self.mock.send(calls.reset(self.code))

    def close(self) -> None:
        """The clinic is gone."""
        self.reset()


class Clinic(BareClinic):
    """A clinic that may have a terminal with folders."""

    def folder(self, path: Path | str) -> Folder:
        """A terminal's req, res and face, served until it is closed."""
        return Folder.start(path, self.mock.url, self.code, self.mock.admin_token)

"""Everything that changes what a clinic is answered, as events: a name, what comes with it, and what it calls.

The core is deterministic and is told `now`, so whoever applies the same events in the same order has the same clinic.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec
from msgspec import Raw, Struct

from mockserver.control import Control
from mockserver.exchange import Exchange
from mockserver.faulting import Faulting, NewFault, NewTimeline
from mockserver.journal import NO_TRACE, Trace
from mockserver.linkage.outcome import Outcome
from mockserver.linkage.taps import Face, Tapped
from mockserver.replies import Reply
from mockserver.tapping import NewTap, is_posted, lay_down
from mockserver.views import ClinicChange, ClockChange, NewAssignment, NewClinic, PeopleQuery
from mockserver.wire.files import FileForm

if TYPE_CHECKING:
    from mockserver.linkage.taking import Linkage

Payload = TypeVar("Payload")


class Nothing(Struct, frozen=True):
    """What comes with an event whose name says all."""


NOTHING = Nothing()


class Asked(Struct, frozen=True):
    """A search as it came."""

    body: bytes
    authorization: str | None
    trace: Trace = NO_TRACE


class LoggedIn(Struct, frozen=True):
    """An accepted login that named a clinic, without what it was made with. `owner`: whose the tokens are, "" anybody's."""

    owner: str
    trace: Trace = NO_TRACE


class FileTaken(Struct, frozen=True):
    """A request file of a terminal."""

    name: str
    data: bytes
    form: FileForm


class Core:
    """What events act upon. `post` puts a reader's result where terminals take it, `again` sets up what files say.

    `begin_faces` begins to number those results anew.
    """

    def __init__(
        self,
        exchange: Exchange,
        linkage: "Callable[[], Linkage]",
        post: Callable[[Face], None],
        forget_faces: Callable[[str], None],
        again: Callable[[str, datetime], None],
        begin_faces: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.exchange = exchange
        self.control = Control(exchange)
        self.faulting = Faulting(exchange)
        self.linkage = linkage
        self.post = post
        self.forget_faces = forget_faces
        self._again = again
        self.begin_faces = begin_faces

    def reset(self, code: str, now: datetime) -> None:
        """Forget everything of a clinic but what files say."""
        self.forget_faces(code)
        self.begin(code, now)

    def begin(self, code: str, now: datetime) -> None:
        """Know of a clinic only what files say; what its readers gave still waits for terminals."""
        self.exchange.reset(code)
        self._again(code, now)

    def tap(self, code: str, new: NewTap, now: datetime) -> tuple[str, Tapped]:
        """Lay down a card; its result goes to every terminal of the clinic."""
        pattern, tapped = lay_down(self.exchange, code, new, now)
        if is_posted(self.exchange, tapped):
            self.post(tapped.face)
        return pattern, tapped

    def log_in(self, code: str, login: LoggedIn, now: datetime) -> Reply:
        """Answer a login that was read."""
        return self.exchange.answer_login(login.owner, code, now, login.trace)

    def take(self, file: FileTaken, now: datetime) -> Outcome:
        """What comes of a request file."""
        from mockserver.terminal.aside import take_safely  # late: it imports the reader of XML

        return take_safely(self.linkage(), file.name, file.data, file.form, now)


class Kind(Generic[Payload]):
    """A kind of event. `is_told`: it sets something up, so that every server must know; `cuts`: nothing before it counts."""

    def __init__(
        self,
        name: str,
        payload: type[Payload],
        act: Callable[[Core, Any, Payload, datetime], Any],
        *,
        is_told: bool = True,
        cuts: bool = False,
    ) -> None:
        self.name = name
        self.act = act
        self.is_told = is_told
        self.cuts = cuts
        self.read = msgspec.json.Decoder(payload).decode


CHANGE_CLINIC = Kind(
    "change_clinic", ClinicChange, lambda core, code, new, now: core.control.change_clinic(code, new, now)
)
CHANGE_CLOCK = Kind("change_clock", ClockChange, lambda core, code, new, now: core.control.change_clock(code, new, now))
ASSIGN = Kind("assign", NewAssignment, lambda core, code, new, now: core.control.give(code, new, now))
UNASSIGN = Kind("unassign", int, lambda core, code, number, now: core.control.unassign(code, number, now))
PEOPLE = Kind("people", PeopleQuery, lambda core, code, query, now: core.control.people(code, query, now))
BEGIN = Kind("begin", NewClinic, lambda core, code, new, now: core.control.begin_clinic(code, new, now), cuts=True)
RESET = Kind("reset", Nothing, lambda core, code, _, now: core.reset(code, now), cuts=True)
ADD_FAULT = Kind("add_fault", NewFault, lambda core, code, new, now: core.faulting.add(code, new, now))
ADD_TIMELINE = Kind(
    "add_timeline", NewTimeline, lambda core, code, new, now: core.faulting.add_timeline(code, new, now)
)
REMOVE_FAULT = Kind("remove_fault", str, lambda core, code, rule, now: core.faulting.remove(code, rule, now))
CLEAR_FAULTS = Kind("clear_faults", Nothing, lambda core, code, _, now: core.faulting.clear(code, now))
TAP = Kind("tap", NewTap, lambda core, code, new, now: core.tap(code, new, now))
BATCH = Kind("batch", FileTaken, lambda core, _, file, now: core.take(file, now))
FILE = Kind("file", FileTaken, lambda core, _, file, now: core.take(file, now), is_told=False)
LOGIN = Kind("login", LoggedIn, lambda core, code, login, now: core.log_in(code, login, now), is_told=False)
SEARCH = Kind(
    "search",
    Asked,
    lambda core, _, asked, now: core.exchange.search(asked.body, asked.authorization, now, asked.trace),
    is_told=False,
)
KINDS: dict[str, Kind[Any]] = {
    kind.name: kind
    for kind in (
        CHANGE_CLINIC, CHANGE_CLOCK, ASSIGN, UNASSIGN, PEOPLE, BEGIN, RESET, ADD_FAULT, ADD_TIMELINE, REMOVE_FAULT,
        CLEAR_FAULTS, TAP, BATCH, FILE, LOGIN, SEARCH,
    )
}  # fmt: skip


class Event(Struct, frozen=True, array_like=True):
    """An event as it is written: when (a real moment), and how many events for all clinics there were then."""

    kind: str
    at: datetime
    rules_at: int
    payload: Raw


_decoder = msgspec.json.Decoder(Event)
_encode = msgspec.json.Encoder().encode


def write_event(kind: Kind[Payload], payload: Payload, now: datetime, rules_at: int) -> bytes:
    """An event as bytes."""
    return _encode(Event(kind.name, now, rules_at, Raw(_encode(payload))))


def read_event(data: bytes) -> Event:
    """An event of bytes."""
    return _decoder.decode(data)

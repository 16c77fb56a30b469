"""A clinic is a sandbox: its clock, its stories, its seed. Bounded in number, forgotten when idle, cleared by reset."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Literal

from msgspec import Struct

from mockserver.clock import ClinicClock
from mockserver.eligibility.chips import Consent
from mockserver.eligibility.records import Card, Record
from mockserver.faults.rules import Rule
from mockserver.scenarios.scenario import Scenario, Story


class Assignment(Struct, frozen=True):
    """A pattern given to a person of a clinic: who (holder), what, since when, and the story that follows.

    `own` is the ordinary record of the person, by which an inquiry is known to be about them; `asked` are the numbers
    the pattern is about, each with the birth date that goes with it.
    """

    id: int
    holder: str
    scenario: Scenario
    start: date
    own: Record
    story: Story
    asked: tuple[tuple[Card, date], ...]


_MOST_COUNTED = 1_000  # people whose inquiries, PINs or visits are remembered; the eldest are forgotten
OFTEN = 1_000_000
_MOST_RECEPTIONS = 100
_MOST_FORGOTTEN = 10_000  # clinics of which it is known that they were forgotten
Ground = Literal["idle", "room"]


class TooMany(Exception):
    """A clinic is full: it has as many assignments as it may."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most


class Reception(Struct, frozen=True):
    """A batch that was received (受付): its number, family (`OQSmuquc`), request, and from when its result is there.

    `size` counts its people; `ready_at` is a real moment; `done` is what came of it already, if that was at once.
    """

    number: str
    family: str
    request: Struct
    size: int
    ready_at: datetime
    done: tuple[Struct, ...] = ()


class Visit(Struct, frozen=True):
    """A tap that was accepted: whose card, at which moment of the clinic, for which care, and what was consented to."""

    record: Record
    moment: datetime
    care: str
    consents: frozenset[Consent]


class Forgotten(Struct, frozen=True, gc=False):
    """That a clinic's set-up was forgotten unasked: when, when it was last used (real moments), and why.

    `idle`: nobody used it for long; `room`: there were too many clinics, and it was idle longest.
    """

    at: datetime
    last_used_at: datetime
    reason: Ground


class Sandbox:
    """What one clinic has set up. A clinic nobody set up has none."""

    def __init__(self, most_assignments: int, used_at: datetime) -> None:
        self.used_at = used_at
        self.clock = ClinicClock()
        self.story_start: date | None = None
        self.seed: int | None = None
        self.assignments: dict[str, Assignment] = {}
        self.by_number: dict[tuple[str, str], list[Assignment]] = {}
        self.references: dict[tuple[str, str, str | None], str] = {}
        self.receptions: OrderedDict[str, Reception] = OrderedDict()
        self.collected: set[str] = set()
        self.visits: OrderedDict[str, Visit] = OrderedDict()
        self._wrong_pins: dict[str, int] = {}
        self._inquiries: dict[tuple[str, str], int] = {}
        self._counted = dict[str, int]()
        self._most_assignments = most_assignments
        self.name = ""
        self.is_kept = False  # of a scenario file: neither idle nor in the way of others
        self.rules: list[Rule] = []
        self.matches: dict[str, int] = {}

    def next_id(self) -> int:
        """A number for the next assignment."""
        return self.count("assignment")

    def count(self, what: str) -> int:
        """A number for the next of something: assignments, receptions, taps."""
        self._counted[what] = self._counted.get(what, 0) + 1
        return self._counted[what]

    def counted(self, what: str) -> int:
        """How many there were of something."""
        return self._counted.get(what, 0)

    def receive(self, reception: Reception) -> None:
        """Keep a batch, so that its result can be collected, more than once; the eldest give way to later ones."""
        self.receptions[reception.number] = reception
        while len(self.receptions) > _MOST_RECEPTIONS:
            eldest, _ = self.receptions.popitem(last=False)
            self.collected.discard(eldest)

    def forget_collected(self) -> None:
        """Let go of the batches whose result was collected."""
        for number in self.collected:
            self.receptions.pop(number, None)
        self.collected.clear()

    def forget_people(self) -> None:
        """Let go of everything that hangs on people, as they are no longer the same."""
        for holder in tuple(self.assignments):
            self.unassign(holder)
        for held in (self.references, self.receptions, self.collected, self.visits, self._wrong_pins, self._inquiries):
            held.clear()

    def visit(self, who: str, visit: Visit) -> None:
        """Remember an accepted tap, the last one of each person."""
        self.visits.pop(who, None)
        self.visits[who] = visit
        if len(self.visits) > _MOST_COUNTED:
            self.visits.popitem(last=False)

    def wrong_pins(self, who: str) -> int:
        """How often a wrong PIN was entered for a card here."""
        return self._wrong_pins.get(who, 0)

    def enter_wrong_pin(self, who: str) -> None:
        """Count a wrong PIN; a right one does not take it back, a reset does."""
        if who not in self._wrong_pins and len(self._wrong_pins) >= _MOST_COUNTED:
            del self._wrong_pins[next(iter(self._wrong_pins))]
        self._wrong_pins[who] = self._wrong_pins.get(who, 0) + 1

    def count_inquiry(self, who: tuple[str, str]) -> int:
        """How often a number was asked for while that counts, this time included; often, for one number too many."""
        if who not in self._inquiries and len(self._inquiries) >= _MOST_COUNTED:
            return OFTEN
        self._inquiries[who] = self._inquiries.get(who, 0) + 1
        return self._inquiries[who]

    def inquiries(self, who: tuple[str, str]) -> int:
        """How often a number was asked for while that counted."""
        return self._inquiries.get(who, 0)

    def assign(self, assignment: Assignment) -> None:
        """Give a person a pattern, in place of an earlier one. TooMany when the clinic is full."""
        if assignment.holder not in self.assignments and len(self.assignments) >= self._most_assignments:
            raise TooMany(self._most_assignments)
        self.unassign(assignment.holder)
        self.assignments[assignment.holder] = assignment
        for key in _numbers(assignment):
            self.by_number.setdefault(key, []).append(assignment)

    def unassign(self, holder: str) -> None:
        """Take a person's pattern away, if there is one."""
        held = self.assignments.pop(holder, None)
        if held is None:
            return
        for key in _numbers(held):
            self.by_number[key].remove(held)
            if not self.by_number[key]:
                del self.by_number[key]


def _numbers(assignment: Assignment) -> set[tuple[str, str]]:
    story = assignment.story
    cards = {card for card, _ in assignment.asked} | {record.card for record in story.register + story.reality}
    return {(card.insurer.key, card.number) for card in cards}


class Clinics:
    """The sandboxes by 医療機関コード: at most `most`, idle ones forgotten after `idle`; `forgettings` are counted."""

    def __init__(self, most: int, idle: timedelta, most_assignments: int) -> None:
        self._most = most
        self._idle = idle
        self._most_assignments = most_assignments
        self._sandboxes: OrderedDict[str, Sandbox] = OrderedDict()
        self._forgotten: OrderedDict[str, Forgotten] = OrderedDict()
        self._last = 0
        self.forgettings: dict[Ground, int] = {"idle": 0, "room": 0}
        self.tell: Callable[[str, Forgotten], None] = lambda *_: None

    def next_number(self) -> int:
        """A number for the next clinic without a name."""
        self._last += 1
        return self._last

    def is_used(self, code: str) -> bool:
        """Whether a clinic has something set up."""
        return code in self._sandboxes

    def __len__(self) -> int:
        return len(self._sandboxes)

    def find(self, code: str, now: datetime) -> Sandbox | None:
        """The sandbox of a clinic, or None if nobody set it up (or it was idle too long)."""
        sandbox = self._sandboxes.get(code)
        if sandbox is None:
            return None
        if self._is_idle(sandbox, now):
            self._forget(code, "idle", now)
            return None
        sandbox.used_at = now
        try:
            self._sandboxes.move_to_end(code)
        except KeyError:  # reset at the same time: batches are answered in a thread
            return None
        return sandbox

    def open(self, code: str, now: datetime) -> Sandbox:
        """The sandbox of a clinic, made if needed; the one idle longest gives way when there are too many."""
        sandbox = self.find(code, now)
        if sandbox is None:
            self._make_room(now)
            sandbox = self._sandboxes[code] = Sandbox(self._most_assignments, now)
        return sandbox

    def assignments(self) -> int:
        """How many people have a pattern, in all clinics."""
        return sum(len(sandbox.assignments) for sandbox in self._sandboxes.values())

    def people_received(self) -> int:
        """How many people wait in batches, in all clinics."""
        return sum(r.size for sandbox in list(self._sandboxes.values()) for r in list(sandbox.receptions.values()))

    def forget_collected(self) -> None:
        """Let go of every batch whose result was collected."""
        for sandbox in list(self._sandboxes.values()):
            sandbox.forget_collected()

    def reference_numbers(self) -> int:
        """How many 照会番号 are registered, in all clinics."""
        return sum(len(sandbox.references) for sandbox in list(self._sandboxes.values()))

    def _make_room(self, now: datetime) -> None:
        """Forget the idle, and the one idle longest if there is still no room. The order is that of the last use."""
        while found := next((one for one in self._sandboxes.items() if not one[1].is_kept), None):
            code, eldest = found
            is_idle = self._is_idle(eldest, now)
            if len(self._sandboxes) < self._most and not is_idle:
                return
            self._forget(code, "idle" if is_idle else "room", now)

    def _is_idle(self, sandbox: Sandbox, now: datetime) -> bool:
        return now - sandbox.used_at > self._idle and not sandbox.is_kept

    def _forget(self, code: str, reason: Ground, now: datetime) -> None:
        """Forget a clinic unasked, and remember that; the eldest of what is remembered gives way."""
        sandbox = self._sandboxes.pop(code, None)
        if sandbox is None:  # reset at the same time, as above
            return
        forgotten = self._forgotten[code] = Forgotten(now, sandbox.used_at, reason)
        self._forgotten.move_to_end(code)
        if len(self._forgotten) > _MOST_FORGOTTEN:
            self._forgotten.popitem(last=False)
        self.forgettings[reason] += 1
        self.tell(code, forgotten)

    def use(self, code: str, now: datetime) -> None:
        """Count a clinic as used, however long ago that was before."""
        sandbox = self._sandboxes.get(code)
        if sandbox is not None:
            sandbox.used_at = now

    def forgotten(self, code: str) -> Forgotten | None:
        """That a clinic was forgotten unasked, if it was since its last reset."""
        return self._forgotten.get(code)

    def reset(self, code: str) -> None:
        """Forget everything a clinic set up, as it wishes; no forgetting is known of it any more."""
        self._sandboxes.pop(code, None)
        self._forgotten.pop(code, None)

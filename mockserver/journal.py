"""The journal of each clinic: what was asked, what was answered, and all that is needed to say why, bounded.

An entry keeps what the answer hung on rather than a text: written in a microsecond on the look-up path, explained when
somebody reads it (explaining.py).
"""

import re
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from msgspec import Struct

from mockserver.eligibility.numbering import mask_individual_numbers
from mockserver.eligibility.records import Inquiry
from mockserver.faults.rules import Decision
from mockserver.register import Situation

Via = Literal["http", "login", "file", "card"]
_MOST_GIVEN_UP = 10_000  # clinics of which it is known that their journal gave way
_MOST_PATTERNS = 200  # ids of a catalogue, counted for each clinic
PROCESSING = "processing"  # instead of a validity: 処理中
NO_ANSWER_YET_US = -1


class Trace(Struct, frozen=True, gc=False):
    """What a request is called by who sent it: X-Request-Id and traceparent, empty where not given."""

    request_id: str = ""
    traceparent: str = ""


NO_TRACE = Trace()
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")  # W3C Trace Context
_LONGEST_REQUEST_ID = 200


def read_trace(request_id: str, traceparent: str) -> Trace:
    """What can be told back of the two headers: a traceparent of the right form, an id of plain characters."""
    is_plain = request_id.isascii() and request_id.isprintable()
    told = mask_individual_numbers(request_id[:_LONGEST_REQUEST_ID]) if is_plain else ""
    parent = traceparent if _TRACEPARENT.fullmatch(traceparent) else ""
    return Trace(told, parent) if told or parent else NO_TRACE


class Entry(Struct, kw_only=True, gc=False):
    """One thing that happened: `at` is the real moment, that of the clinic's clock is in the situation's `moment`.

    `said` is a validity of OQSCD006, `processing`, or the mock's own code of a refusal; `reason` that refusal's words.
    `inquiry` and `situation` are missing where the request could not be read. `took_us` counts from the request to the
    whole answer, delays included, and is set when the answer was sent; look-ups that were answered together have one.
    """

    serial: int
    via: Via
    at: datetime
    moment: datetime
    said: str
    status: int
    pattern: str
    inquiry: Inquiry | None = None
    situation: Situation | None = None
    decision: Decision | None = None
    reason: tuple[str, str] | None = None
    note: str = ""
    trace: Trace = NO_TRACE
    took_us: int = NO_ANSWER_YET_US


class Mark(Struct, frozen=True):
    """A point in a journal: the serial of the last entry before it, and the counts by pattern there."""

    serial: int = 0
    patterns: dict[str, int] = {}


class Journal:
    """What a clinic did lately, the newest last; how often it met which pattern; how often fault rules matched."""

    def __init__(self, most: int, last: int = 0) -> None:
        self.entries: deque[Entry] = deque(maxlen=most)
        self.patterns: dict[str, int] = {}
        self.matches: dict[str, int] = {}
        self.last = self.begins_after = last
        self.mark = Mark(last)

    @property
    def dropped(self) -> int:
        """How many entries had to give way."""
        return self.last - len(self.entries)

    def following(self, serial: int, most: int) -> list[Entry]:
        """The entries after a serial, at most so many."""
        start = max(serial - self.dropped, 0)
        return [self.entries[at] for at in range(start, min(start + most, len(self.entries)))]

    def add(self, entry: Entry) -> None:
        """Write an entry; the eldest gives way."""
        self.last = entry.serial
        self.entries.append(entry)
        pattern, patterns = entry.pattern, self.patterns
        if pattern in patterns:
            patterns[pattern] += 1
        elif len(patterns) < _MOST_PATTERNS:
            patterns[pattern] = 1

    def set_mark(self) -> None:
        """Mark where the journal stands now."""
        self.mark = Mark(self.last, dict(self.patterns))


Parting = Callable[[Journal, bool], None]


class Journals:
    """The journals by 医療機関コード: at most `most_clinics`, `most` entries each, `most_in_all` together.

    `part` is told of each journal that is given up, and whether there is time for it: not where room is made for a look-up.
    """

    def __init__(self, most_clinics: int, most: int, most_in_all: int, part: Parting) -> None:
        self._most_clinics = most_clinics
        self._most = most
        self.is_kept = most > 0  # whether entries are kept at all
        self._most_in_all = most_in_all
        self._part = part
        self._in_all = 0
        self._journals: OrderedDict[str, Journal] = OrderedDict()
        self._given_up: OrderedDict[str, int] = OrderedDict()  # the last serial: those of a clinic go on
        self._listeners: dict[str, list[Callable[[], None]]] = {}

    def __len__(self) -> int:
        return len(self._journals)

    def find(self, code: str) -> Journal | None:
        """The journal of a clinic, if it did anything."""
        return self._journals.get(code)

    def given_up(self, code: str) -> int:
        """How many entries a clinic had whose journal gave way whole and was not begun anew."""
        return self._given_up.get(code, 0)

    def of(self, code: str) -> Journal:
        """The journal of a clinic; that of the clinic idle longest gives way when there are too many."""
        journal = self._journals.get(code)
        if journal is None:
            while len(self._journals) >= self._most_clinics:
                self._forget_eldest()
            journal = self._journals[code] = Journal(self._most, self._given_up.pop(code, 0))
        self._journals.move_to_end(code)
        return journal

    def add(self, code: str, entry: Entry) -> None:
        """Write an entry; its serial is set."""
        journal = self.of(code)
        entry.serial = journal.last + 1
        if len(journal.entries) < self._most:
            self._in_all += 1
        journal.add(entry)
        while self._in_all > self._most_in_all and len(self._journals) > 1:
            self._forget_eldest()
        if self._listeners:
            for tell in self._listeners.get(code, ()):
                tell()

    def listen(self, code: str, tell: Callable[[], None]) -> None:
        """Have `tell` called after each entry of a clinic."""
        self._listeners.setdefault(code, []).append(tell)

    def unlisten(self, code: str, tell: Callable[[], None]) -> None:
        """Take a listener away."""
        self._listeners[code].remove(tell)
        if not self._listeners[code]:
            del self._listeners[code]

    def codes(self) -> list[str]:
        """The clinics that did something."""
        return list(self._journals)

    def all(self) -> list[Journal]:
        """Every journal there is."""
        return list(self._journals.values())

    def forget(self, code: str) -> None:
        """Throw a clinic's journal away."""
        self._given_up.pop(code, None)
        self._give_up(code, has_time=True)

    def _forget_eldest(self) -> None:
        code, journal = next(iter(self._journals.items()))
        self._given_up[code] = journal.last
        if len(self._given_up) > _MOST_GIVEN_UP:
            self._given_up.popitem(last=False)
        self._give_up(code, has_time=False)

    def _give_up(self, code: str, has_time: bool) -> None:
        journal = self._journals.pop(code, None)
        if journal is not None:
            self._in_all -= len(journal.entries)
            self._part(journal, has_time)

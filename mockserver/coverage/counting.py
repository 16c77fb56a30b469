"""Counting a journal, and keeping what the journals that are gone had counted."""

from collections.abc import Callable, Iterator
from datetime import date

from mockserver.coverage.counts import Meetings, Total, add
from mockserver.eligibility.records import Inquiry
from mockserver.journal import Entry, Journal, Journals, Mark
from mockserver.register import Register
from mockserver.scenarios.casting import BY_ID

_Meets = Callable[[Entry], tuple[str, ...]]
_FROM_THE_START = Mark()


class Coverage:
    """Counts for all clinics, and keeps what those that are gone had counted: a row for each pattern and fault."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._gone = Total()

    def part(self, journal: Journal, is_whole: bool) -> None:
        """A journal is given up: by a reset it is counted whole, in a hurry for room only how often what was met."""
        self._gone.add(
            count(self._register, journal, journal.mark) if is_whole else _survivors(journal, journal.mark, 0)
        )

    def parts(self, journals: Journals) -> Iterator[Total]:
        """What those that are gone counted, then each journal: one at a time, as somebody may wait in between."""
        there, gone = journals.all(), Total()
        gone.add(self._gone)
        yield gone
        for journal in there:
            yield count(self._register, journal, journal.mark)

    def clinic(self, journals: Journals, code: str) -> Total:
        """One clinic alone, since its reset."""
        journal = journals.find(code)
        if journal is None:
            return Total(dropped=journals.given_up(code))
        return count(self._register, journal, _FROM_THE_START)

    def start_anew(self, journals: Journals) -> None:
        """Count from here on; the journals themselves stay as they are."""
        self._gone = Total()
        for journal in journals.all():
            journal.set_mark()


def count(register: Register, journal: Journal, mark: Mark) -> Total:
    """What a journal tells after a mark."""
    entries = [entry for entry in list(journal.entries) if entry.serial > mark.serial]
    total = _survivors(journal, mark, len(entries))
    for entry in entries:
        if _is_hidden(entry) and entry.pattern in total.patterns:
            total.patterns[entry.pattern].hidden += 1
    people = _by_person(register, entries)
    _follow(total.patterns, _patterns_met, entries, people)
    _follow(total.faults, _faults_met, entries, people)
    for counts in total.faults.values():
        counts.times = sum(counts.ways.values())
    return total


def _survivors(journal: Journal, mark: Mark, kept: int) -> Total:
    """What is known without the entries."""
    since = {key: times - mark.patterns.get(key, 0) for key, times in journal.patterns.items() if key in BY_ID}
    written = journal.last - mark.serial
    patterns = {key: Meetings(times=times) for key, times in since.items() if times}
    return Total(clinics=int(written > 0), entries=kept, dropped=written - kept, patterns=patterns)


def _is_hidden(entry: Entry) -> bool:
    return entry.decision is not None and entry.decision.fault is not None


def _patterns_met(entry: Entry) -> tuple[str, ...]:
    return (entry.pattern,) if entry.pattern in BY_ID and not _is_hidden(entry) else ()


def _faults_met(entry: Entry) -> tuple[str, ...]:
    """The delays, and the one fault that acted."""
    decision = entry.decision
    if decision is None:
        return ()
    acting = [hit.fault for hit in decision.hits if hit.fault.is_delay or hit.fault is decision.fault]
    return tuple(dict.fromkeys(fault.fault_id() for fault in acting))


def _by_person(register: Register, entries: list[Entry]) -> list[list[Entry]]:
    """The look-ups about each person, in order; none where nothing was met, which spares asking the register."""
    if not any(_patterns_met(entry) or _faults_met(entry) for entry in entries):
        return []
    asked = [(_asked(entry.inquiry), entry) for entry in entries if entry.inquiry is not None]
    names: dict[tuple[str, str, date], str | None] = {}
    for key, entry in asked:
        if names.get(key) is None:
            names[key] = _whose(register, entry)
    people: dict[object, list[Entry]] = {}
    for key, entry in asked:
        people.setdefault(names[key] or key, []).append(entry)
    return list(people.values())


def _asked(inquiry: Inquiry) -> tuple[str, str, date]:
    return inquiry.insurer_key, inquiry.number, inquiry.birthdate


def _whose(register: Register, entry: Entry) -> str | None:
    if entry.inquiry is None or entry.situation is None:
        return None
    return register.whose(entry.inquiry, register.found(entry.inquiry, entry.situation))


def _follow(counted: dict[str, Meetings], meets: _Meets, entries: list[Entry], people: list[list[Entry]]) -> None:
    """Count by which ways something was met, what was said, and how it went on with each person."""
    for entry in entries:
        for key in meets(entry):
            counts = counted.setdefault(key, Meetings())
            add(counts.ways, {entry.via: 1})
            add(counts.said, {entry.said: 1})
    for asked in people:
        for key, first in _firsts(meets, asked).items():
            _go_on(counted[key], asked[first], asked[first + 1 :])


def _firsts(meets: _Meets, asked: list[Entry]) -> dict[str, int]:
    """Where in the look-ups about a person each thing was met first."""
    firsts: dict[str, int] = {}
    for index, entry in enumerate(asked):
        for key in meets(entry):
            firsts.setdefault(key, index)
    return firsts


def _go_on(counts: Meetings, first: Entry, later: list[Entry]) -> None:
    counts.people += 1
    counts.gave_up += not later
    again = [entry for entry in later if _number(entry) == _number(first)]
    other = [entry for entry in later if _number(entry) != _number(first)]
    for after, entries in ((counts.asked_again, again), (counts.other_number, other)):
        if entries:
            after.people += 1
            add(after.said, {entries[-1].said: 1})


def _number(entry: Entry) -> tuple[str, str] | None:
    return (entry.inquiry.insurer_key, entry.inquiry.number) if entry.inquiry else None

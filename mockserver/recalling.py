"""What a clinic did, in plain words: its journal, counts by pattern, and whether what was expected happened."""

from datetime import date, datetime, timedelta
from difflib import SequenceMatcher
from typing import Annotated

from msgspec import Meta, Struct

from mockserver.denial import Denial
from mockserver.exchange import Exchange
from mockserver.explaining import Why, why
from mockserver.faults.rules import Target
from mockserver.faults.spans import Span, read_point
from mockserver.journal import NO_ANSWER_YET_US, Entry, Journal, Via
from mockserver.nearest import mask, mask_day, padded
from mockserver.views import Identity
from mockserver.whom import target_of

_MOST_TOLD = 5
MOST_ENTRIES = 1_000
Times = Annotated[int, Meta(ge=0, le=1_000_000)]


class AskedView(Struct, frozen=True):
    """Whom an entry is about, masked unless wanted otherwise: all but the end of numbers, all but the year of birth."""

    insurer_number: str
    symbol: str | None
    number: str
    branch: str | None
    birthdate: str
    day: date


class EntryView(Struct, frozen=True):
    """An entry: `at` is the real moment, `moment` that of the clinic's clock; `said` a validity of OQSCD006, `processing`,
    or the mock's own code of a refusal; `took_ms` with all delays, none until the answer was sent.
    """

    serial: int
    at: datetime
    moment: datetime
    via: Via
    said: str
    pattern: str
    status: int
    fault: str | None
    took_ms: float | None
    asked: AskedView | None
    note: str
    request_id: str
    traceparent: str
    why: Why


class JournalView(Struct, frozen=True):
    """Entries of a clinic, the eldest first; `last` is the newest serial there is, `dropped` how many gave way."""

    last: int
    dropped: int
    entries: list[EntryView]


class CountsView(Struct, frozen=True):
    """How often each pattern was met since the last reset."""

    patterns: dict[str, int]


class JournalQuery(Struct, frozen=True, kw_only=True):
    """Which entries: after a serial, only of a pattern, way or outcome, at most `limit`; masked or as they are."""

    after: Annotated[int, Meta(ge=0)] = 0
    limit: Annotated[int, Meta(ge=1, le=MOST_ENTRIES)] = 100
    pattern: str | None = None
    via: Via | None = None
    said: str | None = None
    masked: bool = True


class Expectation(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A person was asked for: `times` exactly, `at_least`, `at_most`; with none of them at least once.

    Counted are look-ups from `since` to `until` of the clinic's clock (`09:00`, or a moment with its offset), `via` a way
    if given. `within_s`: the real time from the first of them to the last is no longer.
    """

    person: int | str | Identity
    times: Times | None = None
    at_least: Times | None = None
    at_most: Times | None = None
    since: str | None = None
    until: str | None = None
    within_s: Annotated[float, Meta(ge=0)] | None = None
    via: Via | None = None

    def __post_init__(self) -> None:
        if self.times is not None and (self.at_least is not None or self.at_most is not None):
            raise ValueError(
                "times と at_least・at_most は一緒に指定できません / expected times, or at_least and at_most, not both"
            )


class Expected(Struct, frozen=True):
    """Whether an expectation is met, how many look-ups counted, and in words; if not, what was asked instead."""

    is_met: bool
    found: int
    message_ja: str
    message_en: str


class Recalling:
    """Reads the journals of an exchange. Every `now` is the real moment."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def journal(self, code: str, query: JournalQuery) -> JournalView:
        """Some entries of a clinic."""
        journal = self._exchange.journals.find(code)
        if journal is None:
            given_up = self._exchange.journals.given_up(code)
            return JournalView(given_up, given_up, [])
        chosen = [entry for entry in journal.entries if is_wanted(entry, query)][: query.limit]
        return JournalView(journal.last, journal.dropped, [self.view(entry, query.masked) for entry in chosen])

    def counts(self, code: str) -> CountsView:
        """How often each pattern was met."""
        journal = self._exchange.journals.find(code)
        return CountsView(dict(journal.patterns) if journal else {})

    def view(self, entry: Entry, masked: bool) -> EntryView:
        """An entry in plain words, with why."""
        return EntryView(
            serial=entry.serial,
            at=entry.at,
            moment=entry.moment,
            via=entry.via,
            said=entry.said,
            pattern=entry.pattern,
            status=entry.status,
            fault=str(entry.decision) if entry.decision else None,
            took_ms=None if entry.took_us == NO_ANSWER_YET_US else entry.took_us / 1000,
            asked=_asked(entry, masked),
            note=entry.note,
            request_id=entry.trace.request_id,
            traceparent=entry.trace.traceparent,
            why=why(self._exchange.register, entry, masked),
        )

    def expect(self, code: str, expectation: Expectation, now: datetime) -> Expected:
        """Whether a clinic asked for a person as expected. Denial where nobody or no time is meant."""
        target = target_of(self._exchange, code, expectation.person, now)
        span = _span(expectation)
        journal = self._exchange.journals.find(code) or Journal(0, self._exchange.journals.given_up(code))
        asked = [entry for entry in journal.entries if entry.inquiry is not None]
        counted = [
            entry
            for entry in asked
            if span.holds(entry.moment) and expectation.via in (None, entry.via) and self._is_about(entry, target)
        ]
        problem = _problem(expectation, counted)
        if problem is None:
            return Expected(True, len(counted), "期待どおりです", "as expected")
        instead = self._instead(target, [entry for entry in asked if entry not in counted])
        told = [problem, instead, *([_dropped(journal.dropped)] if journal.dropped else [])]
        japanese, english = zip(*told, strict=True)
        return Expected(False, len(counted), "。".join(japanese), "; ".join(english))

    def _is_about(self, entry: Entry, target: Target) -> bool:
        assert entry.inquiry
        assert entry.situation
        found = self._exchange.register.found(entry.inquiry, entry.situation)
        return self._exchange.fates.is_about(target, entry.inquiry, found)

    def _instead(self, target: Target, others: list[Entry]) -> tuple[str, str]:
        """What was asked instead, the nearest first."""
        if not others:
            return "ほかの照会もありません", "nothing else was asked"
        nearest = sorted(others, key=lambda entry: -_likeness(entry, target))[:_MOST_TOLD]
        told = ", ".join(_told(entry) for entry in nearest)
        return f"代わりにあった照会（近い順）: {told}", f"asked instead, nearest first: {told}"


def is_wanted(entry: Entry, query: JournalQuery) -> bool:
    """Whether an entry is one of those asked for."""
    return (
        entry.serial > query.after
        and query.pattern in (None, entry.pattern)
        and query.via in (None, entry.via)
        and query.said in (None, entry.said)
    )


def _asked(entry: Entry, masked: bool) -> AskedView | None:
    inquiry = entry.inquiry
    if inquiry is None:
        return None
    hide, born = (mask, mask_day(inquiry.birthdate)) if masked else (str, inquiry.birthdate.isoformat())
    symbol = None if inquiry.symbol is None else hide(inquiry.symbol)
    return AskedView(padded(inquiry.insurer_key), symbol, hide(inquiry.number), inquiry.branch, born, inquiry.day)


def _span(expectation: Expectation) -> Span:
    since, until = expectation.since, expectation.until
    try:
        return Span((since and read_point(since)) or None, (until and read_point(until)) or None)
    except ValueError as error:
        japanese, _, english = str(error).partition(" / ")
        raise Denial(422, japanese, english) from None


def _problem(expectation: Expectation, counted: list[Entry]) -> tuple[str, str] | None:
    """What is not as expected, in both languages."""
    found, times = len(counted), expectation.times
    least, most = expectation.at_least, expectation.at_most
    if times is None and least is None and most is None:
        least = 1
    if times is not None and found != times:
        return f"照会は{times}回のはずが{found}回でした", f"expected {times} look-ups, found {found}"
    if least is not None and found < least:
        return f"照会は{least}回以上のはずが{found}回でした", f"expected at least {least} look-ups, found {found}"
    if most is not None and found > most:
        return f"照会は{most}回以下のはずが{found}回でした", f"expected at most {most} look-ups, found {found}"
    lasted = counted[-1].at - counted[0].at if counted else timedelta()
    within_s = expectation.within_s
    if within_s is not None and lasted > timedelta(seconds=within_s):
        took_s = lasted.total_seconds()
        return (
            f"照会は{within_s:g}秒以内のはずが{took_s:.3f}秒かかりました",
            f"expected the look-ups within {within_s:g} s, they took {took_s:.3f} s",
        )
    return None


def _dropped(dropped: int) -> tuple[str, str]:
    return (
        f"ただし古い記録{dropped}件は上限のため残っていません（--journal-entries、--journal-entries-total）",
        f"but the {dropped} eldest entries had to give way (--journal-entries, --journal-entries-total)",
    )


def _likeness(entry: Entry, target: Target) -> float:
    """How like a look-up is to the one expected: number, birth date and insurer count."""
    inquiry = entry.inquiry
    assert inquiry
    same = (inquiry.birthdate == target.birthdate) + (inquiry.insurer_key == target.insurer_key)
    return same + SequenceMatcher(None, inquiry.number, target.number, autojunk=False).ratio()


def _told(entry: Entry) -> str:
    asked = _asked(entry, masked=True)
    assert asked
    return f"#{entry.serial} {asked.insurer_number} {asked.number} {asked.birthdate} → {entry.said} ({entry.pattern})"

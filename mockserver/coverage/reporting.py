"""The report: every pattern and fault of the catalogue with what was counted."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from msgspec import Struct

from mockserver.coverage.counts import Meetings, Total
from mockserver.faults import FAULTS
from mockserver.scenarios.casting import PATTERNS

Format = Literal["json", "html", "junit"]


class CoverageRow(Struct, frozen=True):
    """A pattern or fault of the catalogue, and whether and how it was met."""

    id: str
    kind: str
    title_ja: str
    title_en: str
    is_met: bool
    counts: Meetings


class Remark(Struct, frozen=True):
    """What is to be known about the report, in both languages."""

    japanese: str
    english: str


class CoverageView(Struct, frozen=True):
    """The coverage of a clinic, or (`clinic` null) of all that there are and were, since it was last started anew."""

    clinic: str | None
    at: datetime
    clinics: int
    entries: int
    dropped: int
    met: int
    remarks: list[Remark]
    patterns: list[CoverageRow]
    faults: list[CoverageRow]


def report(total: Total, clinic: str | None, at: datetime, is_journal_kept: bool = True) -> CoverageView:
    """Every pattern and fault of the catalogue in reading order, with its counts."""
    patterns = [
        _row(p.pattern_id(), p.about.kind.value, p.about.title_ja, p.about.title_en, total.patterns) for p in PATTERNS
    ]
    faults = [_row(f.fault_id(), "fault", f.title.japanese, f.title.english, total.faults) for f in FAULTS]
    return CoverageView(
        clinic=clinic,
        at=at,
        clinics=total.clinics,
        entries=total.entries,
        dropped=total.dropped,
        met=sum(row.is_met for row in patterns),
        remarks=list(_remarks(total, is_journal_kept)),
        patterns=patterns,
        faults=faults,
    )


def _row(key: str, kind: str, japanese: str, english: str, counted: dict[str, Meetings]) -> CoverageRow:
    counts = counted.get(key) or Meetings()
    return CoverageRow(key, kind, japanese, english, counts.times > counts.hidden, counts)


def _remarks(total: Total, is_journal_kept: bool) -> Iterator[Remark]:
    if not is_journal_kept:
        yield Remark(
            "記録を残さない設定（--journal-entries 0）なので、何も数えていません",
            "no journal is kept (--journal-entries 0), so nothing is counted",
        )
    if total.dropped:
        yield Remark(
            f"記録 {total.dropped} 件は上限を超えて消えました。その後の経過（場合によっては発生の回数も）には入っていません",
            f"{total.dropped} entries are no longer in the journal: they are missing in how it went on, "
            "and where a whole journal gave way, in how often the clinic met what",
        )

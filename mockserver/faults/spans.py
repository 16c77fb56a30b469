"""Spans of a clinic's clock: every day from one time to another, or once from one moment to another."""

from datetime import datetime, time, timedelta

from msgspec import Struct

from mockserver.eligibility.calendar import JST

_ONE_DAY = timedelta(days=1)
Point = time | datetime


def read_point(text: str) -> Point:
    """A time of day (`09:00`, `09:00:30`) or a moment with its offset. ValueError, in both languages, for anything else."""
    try:
        point: Point = datetime.fromisoformat(text) if "T" in text else time.fromisoformat(text)
    except ValueError:
        raise _wrong(text) from None
    if isinstance(point, time):
        if point.tzinfo is not None or not text[:2].isdecimal():
            raise _wrong(text)
        return point
    if point.tzinfo is None:
        raise _wrong(text)
    return point.astimezone(JST)


def _wrong(text: str) -> ValueError:
    shown = text[:40]
    return ValueError(
        f"「{shown}」は時刻として読めません。09:00 または 2025-12-01T09:00:00+09:00 の形で指定してください / "
        f'found "{shown}", expected a time as 09:00 or a moment as 2025-12-01T09:00:00+09:00'
    )


class Span(Struct, frozen=True):
    """From `since` (inclusive; none: always) to `until` (exclusive; none: for ever). Times of day hold every day."""

    since: Point | None = None
    until: Point | None = None

    def __post_init__(self) -> None:
        if self.since is None or self.until is None:
            return
        if isinstance(self.since, time) != isinstance(self.until, time):
            raise ValueError(
                "since と until は、両方とも時刻か、両方とも日時にしてください / "
                "since and until: expected both times of day or both moments"
            )
        if self.since == self.until or (isinstance(self.until, datetime) and self.until < self.since):  # type: ignore[operator]
            raise ValueError(
                f"until（{self.until}）は since（{self.since}）より後にしてください / "
                f"until: found {self.until}, expected it after since ({self.since})"
            )

    def holds(self, moment: datetime) -> bool:
        """Whether a moment of the clinic's clock lies within."""
        began = self.since is None or _is_at_or_after(moment, self.since)
        lasts = self.until is None or not _is_at_or_after(moment, self.until)
        if isinstance(self.since, time) and isinstance(self.until, time) and self.until < self.since:
            return began or lasts  # over midnight
        return began and lasts

    def age(self, moment: datetime) -> timedelta:
        """How long the span has lasted; nothing for one that always was."""
        if self.since is None:
            return timedelta()
        if isinstance(self.since, datetime):
            return moment - self.since
        began = datetime.combine(moment.date(), self.since, moment.tzinfo)
        return moment - began if began <= moment else moment - began + _ONE_DAY


def _is_at_or_after(moment: datetime, point: Point) -> bool:
    return moment >= point if isinstance(point, datetime) else moment.time() >= point

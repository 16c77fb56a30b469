"""The only place that asks the time, and the clock of a clinic as a value: real, shifted or frozen."""

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec import Struct

from mockserver.eligibility.calendar import JST

Now = Callable[[], datetime]
EARLIEST = datetime(1950, 1, 1, tzinfo=JST)
LATEST = datetime(2200, 1, 1, tzinfo=JST)


def real_now() -> datetime:
    """The real moment, Japanese time."""
    return datetime.now(JST)


class ClinicClock(Struct, frozen=True):
    """A clinic's clock told by the real one: `frozen_at` a moment, or `shift` away from it."""

    frozen_at: datetime | None = None
    shift: timedelta = timedelta()

    def moment(self, now: datetime) -> datetime:
        """The clinic's moment when the real clock says `now`."""
        return self.frozen_at or now + self.shift

    def freeze(self, moment: datetime) -> "ClinicClock":
        """Stand still at a moment. ValueError out of range."""
        return ClinicClock(frozen_at=_checked(moment))

    def travel(self, moment: datetime, now: datetime) -> "ClinicClock":
        """Go on running from a moment. ValueError out of range."""
        return ClinicClock(shift=_checked(moment) - now)

    def advance(self, step: timedelta, now: datetime) -> "ClinicClock":
        """Move on by a step; a frozen clock stays frozen, a running one goes on running. ValueError out of range."""
        moment = self.moment(now)
        if not EARLIEST - moment <= step <= LATEST - moment:
            raise ValueError(step)
        if self.frozen_at:
            return ClinicClock(frozen_at=moment + step)
        return ClinicClock(shift=self.shift + step)


def _checked(moment: datetime) -> datetime:
    if not EARLIEST <= moment <= LATEST:
        raise ValueError(moment)
    return moment.astimezone(JST)

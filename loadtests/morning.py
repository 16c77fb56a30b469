"""The day of a whole country as arrivals per second, by kind of institution. Pure arithmetic: no clock, no I/O.

Monthly volumes are facts (厚生労働省, 社会保障審議会医療保険部会, 2025-11-13, for 2025-10). Everything else about the
shape of a day is an assumption and a field of `Assumptions`. The curve is constant within steps of ten seconds, so its
integral is linear in between and can be inverted exactly.
"""

from bisect import bisect_right
from collections.abc import Sequence
from enum import Enum
from itertools import accumulate, pairwise
from typing import Annotated, Literal

from msgspec import Meta, Struct

STEP_S = 10
DAY_S = 86_400
STEPS = DAY_S // STEP_S
HOUR_S = 3_600
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
Share = Annotated[float, Meta(ge=0, le=100)]
Factor = Annotated[float, Meta(gt=0, le=100)]
Count = Annotated[int, Meta(ge=0, le=10_000_000_000)]
Points = Sequence[tuple[float, float]]

# Height over the hour of the day at a clinic: the rush of the morning, and the rest of the day with its second hump.
_RUSH: Points = ((8.0, 0), (8.5, 0.2), (8.75, 0.9), (9.0, 1), (9.5, 0.9), (10.0, 0.35), (11.0, 0))
_REST: Points = ((8.5, 0), (9.5, 0.9), (12, 0.8), (13, 0.45), (14.5, 0.4), (15.5, 0.8), (17.5, 0.8), (19, 0))


class ImpossibleCurve(ValueError):
    """Assumptions that no day can fulfil; the message is in both languages."""


class Kind(Enum):
    """Kind of institution (医療機関等の種別)."""

    HOSPITAL = "hospital"
    CLINIC = "clinic"
    DENTAL = "dental"
    PHARMACY = "pharmacy"

    __hash__ = object.__hash__  # felt on the way of each arrival

    @property
    def japanese(self) -> str:
        """Its name."""
        return _JAPANESE[self]


_JAPANESE = {Kind.HOSPITAL: "病院", Kind.CLINIC: "医科診療所", Kind.DENTAL: "歯科", Kind.PHARMACY: "薬局"}
KINDS = tuple(Kind)


class Assumptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a day is made of. Look-ups per month and card shares are facts of 2025-10; the rest is assumed."""

    hospital_look_ups_per_month: Count = 23_340_000
    clinic_look_ups_per_month: Count = 115_720_000
    dental_look_ups_per_month: Count = 24_010_000
    pharmacy_look_ups_per_month: Count = 111_510_000
    hospital_card_percent: Share = 57.00
    clinic_card_percent: Share = 36.17
    dental_card_percent: Share = 50.1  # derived: what is left of the total
    pharmacy_card_percent: Share = 31.22
    weekdays_per_month: Annotated[float, Meta(gt=0, le=31)] = 22
    saturdays_per_month: Annotated[float, Meta(ge=0, le=5)] = 4
    saturday_factor: Factor = 0.5
    monday_factor: Factor = 1.3  # and the first working day after a holiday
    month_start_factor: Factor = 1.15  # the first look-up of each patient in a month
    opens_h: Annotated[float, Meta(ge=0, le=24)] = 8.0
    peak_hour_from_h: Annotated[float, Meta(ge=0, le=23)] = 9.0
    peak_hour_percent: Share = 18.0
    worst_minute_from_h: Annotated[float, Meta(ge=0, le=24)] = 9.0  # the doors open: who waited is received at once
    worst_minute_factor: Factor = 1.5  # over the average minute of the peak hour
    pharmacy_later_minutes: Annotated[float, Meta(ge=-600, le=600)] = 30
    hospital_earlier_minutes: Annotated[float, Meta(ge=-600, le=600)] = 30
    repeats_per_failure: Annotated[int, Meta(ge=0, le=10)] = 3
    repeat_after_least_s: Annotated[int, Meta(ge=0, le=3_600)] = 30
    repeat_after_most_s: Annotated[int, Meta(ge=0, le=3_600)] = 120

    def look_ups_per_month(self, kind: Kind) -> int:
        """Look-ups of a kind of institution in the month."""
        return int(getattr(self, f"{kind.value}_look_ups_per_month"))

    def card_percent(self, kind: Kind) -> float:
        """How many of them are made with the card."""
        return float(getattr(self, f"{kind.value}_card_percent"))

    @property
    def days_per_month(self) -> float:
        """Ordinary days in the month, a Saturday counted by its factor."""
        return self.weekdays_per_month + self.saturdays_per_month * self.saturday_factor


class Day(Struct, frozen=True, kw_only=True):
    """Which day: `country` is the share of the country (1.0: all), an outage of so many minutes (0: none) from an hour."""

    weekday: Weekday = "monday"
    is_month_start: bool = False
    country: float = 1.0
    outage_from_h: float = 9.0
    outage_minutes: float = 0.0


class Curve:
    """Arrivals per second over a day (or flat), in steps of ten seconds, by kind. Times are seconds since midnight."""

    def __init__(self, rates: dict[Kind, list[float]]) -> None:
        self._rates = rates
        self.total_rates = [sum(step) for step in zip(*rates.values(), strict=True)]
        self._until = [0.0, *accumulate(rate * STEP_S for rate in self.total_rates)]

    @classmethod
    def flat(cls, rate_per_s: float, assumptions: Assumptions) -> "Curve":
        """The same rate all day, split over the kinds as in the month."""
        shares = _shares(assumptions)
        return cls({kind: [rate_per_s * shares[kind]] * STEPS for kind in KINDS})

    def rate(self, at_s: float, kind: Kind | None = None) -> float:
        """Arrivals per second at a time, of a kind or of all."""
        step = min(int(at_s // STEP_S), STEPS - 1)
        return self._rates[kind][step] if kind else self.total_rates[step]

    def until(self, at_s: float) -> float:
        """Arrivals expected from midnight until a time."""
        step = min(int(at_s // STEP_S), STEPS - 1)
        return self._until[step] + self.total_rates[step] * (at_s - step * STEP_S)

    def when(self, arrivals: float) -> float:
        """The time until which so many arrivals are expected: the inverse of `until`."""
        step = min(bisect_right(self._until, arrivals) - 1, STEPS - 1)
        rate = self.total_rates[step]
        return step * STEP_S + ((arrivals - self._until[step]) / rate if rate else 0.0)

    def kind_at(self, at_s: float, draw: float) -> Kind:
        """The kind of an arrival at a time, by a draw from 0 to 1."""
        left = draw * self.rate(at_s)
        for kind in KINDS:
            left -= self.rate(at_s, kind)
            if left < 0:
                return kind
        return KINDS[-1]


def look_ups_per_day(assumptions: Assumptions, day: Day) -> float:
    """Look-ups of the day, all kinds, without any storm."""
    month = sum(assumptions.look_ups_per_month(kind) for kind in KINDS)
    factor = {"monday": assumptions.monday_factor, "saturday": assumptions.saturday_factor}.get(day.weekday, 1.0)
    factor *= assumptions.month_start_factor if day.is_month_start else 1.0
    return month / assumptions.days_per_month * factor * day.country


def curve_of(assumptions: Assumptions, day: Day) -> Curve:
    """The curve of a day. ImpossibleCurve where the assumptions contradict each other."""
    total = look_ups_per_day(assumptions, day)
    if total <= 0:
        raise ImpossibleCurve("1日の照会数が 0 です（件数と倍率を確認してください） / the day has no look-ups at all")
    if assumptions.repeat_after_most_s < assumptions.repeat_after_least_s:
        raise ImpossibleCurve(
            f"repeat_after_most_s {assumptions.repeat_after_most_s} は repeat_after_least_s "
            f"{assumptions.repeat_after_least_s} 以上にしてください / repeat_after_most_s must not be below repeat_after_least_s"
        )
    shapes = _mixed(assumptions)
    factors = _worst_minute(assumptions, [sum(step) for step in zip(*shapes.values(), strict=True)])
    rates = {k: [total * h * f / STEP_S for h, f in zip(s, factors, strict=True)] for k, s in shapes.items()}
    if day.outage_minutes:
        rates = {kind: _with_storm(rate, assumptions, day) for kind, rate in rates.items()}
    return Curve(rates)


def _shares(assumptions: Assumptions) -> dict[Kind, float]:
    month = sum(assumptions.look_ups_per_month(kind) for kind in KINDS)
    return {kind: assumptions.look_ups_per_month(kind) / month for kind in KINDS}


def _mixed(assumptions: Assumptions) -> dict[Kind, list[float]]:
    """The share of the day's look-ups in each step, by kind; rush and rest mixed so that the peak hour has its share."""
    later_h = {
        Kind.HOSPITAL: -assumptions.hospital_earlier_minutes / 60,
        Kind.PHARMACY: assumptions.pharmacy_later_minutes / 60,
    }
    shares, opens_h = _shares(assumptions), assumptions.opens_h
    rush = {kind: _shape(_RUSH, later_h.get(kind, 0), opens_h, shares[kind]) for kind in KINDS}
    rest = {kind: _shape(_REST, later_h.get(kind, 0), opens_h, shares[kind]) for kind in KINDS}
    hour = _steps(assumptions.peak_hour_from_h, HOUR_S)
    in_rush, in_rest = (sum(sum(shape[hour]) for shape in shapes.values()) for shapes in (rush, rest))
    wanted = assumptions.peak_hour_percent / 100
    low, high = sorted((in_rush, in_rest))
    if not low <= wanted <= high or low == high:
        raise ImpossibleCurve(
            f"peak_hour_percent {assumptions.peak_hour_percent} はこの形の1日では実現できません"
            f"（{low:.1%} ～ {high:.1%}） / peak_hour_percent: found {assumptions.peak_hour_percent}, "
            f"a day of this shape has {low * 100:.1f} to {high * 100:.1f}"
        )
    mix = (wanted - in_rest) / (in_rush - in_rest)
    return {kind: [mix * a + (1 - mix) * b for a, b in zip(rush[kind], rest[kind], strict=True)] for kind in KINDS}


def _shape(points: Points, later_h: float, opens_h: float, total: float) -> list[float]:
    """Heights in each step, scaled so that they add up to a total."""
    middles = ((step + 0.5) * STEP_S / HOUR_S for step in range(STEPS))
    heights = [_height(points, h - later_h) if h >= opens_h else 0.0 for h in middles]
    area = sum(heights)
    if not area:
        raise ImpossibleCurve(f"opens_h {opens_h} が遅すぎます / opens_h: found {opens_h}, nobody would come")
    return [height * total / area for height in heights]


def _height(points: Points, at_h: float) -> float:
    for (left_h, left), (right_h, right) in pairwise(points):
        if left_h <= at_h < right_h:
            return left + (right - left) * (at_h - left_h) / (right_h - left_h)
    return 0.0


def _steps(from_h: float, length_s: int) -> slice:
    first = round(from_h * HOUR_S / STEP_S)
    return slice(first, first + length_s // STEP_S)


def _worst_minute(assumptions: Assumptions, heights: list[float]) -> list[float]:
    """Factors that raise one minute of the peak hour and lower the others, so that the hour keeps its total."""
    hour, minute = _steps(assumptions.peak_hour_from_h, HOUR_S), _steps(assumptions.worst_minute_from_h, 60)
    if not hour.start <= minute.start <= hour.stop - 6:
        raise ImpossibleCurve(
            f"worst_minute_from_h {assumptions.worst_minute_from_h} はピークの1時間の中にありません / "
            f"worst_minute_from_h: found {assumptions.worst_minute_from_h}, expected a minute of the peak hour"
        )
    of_hour, of_minute = sum(heights[hour]), sum(heights[minute])
    wanted = assumptions.worst_minute_factor * of_hour / 60
    if wanted >= of_hour or not of_minute:
        raise ImpossibleCurve(
            f"worst_minute_factor {assumptions.worst_minute_factor} が大きすぎます / "
            f"worst_minute_factor: found {assumptions.worst_minute_factor}, the hour has 60 minutes only"
        )
    factors = [1.0] * STEPS
    factors[hour] = [(of_hour - wanted) / (of_hour - of_minute)] * len(factors[hour])
    factors[minute] = [wanted / of_minute] * len(factors[minute])
    return factors


def _with_storm(rates: list[float], assumptions: Assumptions, day: Day) -> list[float]:
    """The desks ask again: each look-up of the outage comes back so many times, so many seconds apart."""
    first = round(day.outage_from_h * HOUR_S / STEP_S)
    last = min(first + round(day.outage_minutes * 60 / STEP_S), STEPS)
    wave = [rate if first <= step < last else 0.0 for step, rate in enumerate(rates)]
    stormy = list(rates)
    for _ in range(assumptions.repeats_per_failure):
        wave = _spread(wave, assumptions.repeat_after_least_s, assumptions.repeat_after_most_s)
        stormy = [a + b for a, b in zip(stormy, wave, strict=True)]
    return stormy


def _spread(wave: list[float], least_s: int, most_s: int) -> list[float]:
    """A wave that comes again after a time drawn evenly between two."""
    delays = range(round(least_s / STEP_S), max(round(most_s / STEP_S), round(least_s / STEP_S) + 1))
    sums = [0.0, *accumulate(wave)]

    def come(step: int) -> float:
        return sums[max(step - delays.start + 1, 0)] - sums[max(step - delays.stop + 1, 0)]

    return [come(step) / len(delays) for step in range(STEPS)]

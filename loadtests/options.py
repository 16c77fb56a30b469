"""What can be chosen for a run: one list, from which the flags of `python -m loadtests` and of Locust follow."""

from datetime import time
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

from loadtests.arrivals import Schedule, Spacing
from loadtests.morning import DAY_S, HOUR_S, Assumptions, Curve, Day, ImpossibleCurve, Weekday, curve_of
from mockserver.eligibility.population import MOST_PEOPLE

MOST_SLICES = 600


class BadOption(ValueError):
    """An option that makes no sense; the message is in both languages."""


class Options(Struct, frozen=True, kw_only=True):
    """A run. `--card-way` is also OQS_CARD_WAY, and so on."""

    country: Annotated[float, Meta(description="Share of the country: 1.0 is all of it.")] = 1.0
    minutes: Annotated[float, Meta(description="How long to drive, in minutes.")] = 1.0
    begin: Annotated[str, Meta(description="Time of day at which the driven stretch begins (--from).")] = "09:00"
    weekday: Annotated[Weekday, Meta(description="Day of the week; monday is also the first day after a holiday.")] = (
        "monday"
    )
    month_start: Annotated[bool, Meta(description="A day in the first week of a month.")] = False
    outage_from: Annotated[str, Meta(description="When an outage begins whose storm is to be driven.")] = "08:50"
    outage_minutes: Annotated[float, Meta(description="How long that outage lasts; 0: there is none.")] = 0.0
    rate_per_s: Annotated[float, Meta(description="A flat rate in place of the curve; 0: the curve.")] = 0.0
    spacing: Annotated[Spacing, Meta(description="Arrivals evenly spaced, or as of a Poisson process.")] = "poisson"
    seed: Annotated[int, Meta(description="Seed of the schedule: the same seed is the same run.")] = 1
    troubled_percent: Annotated[float, Meta(description="Look-ups with a trouble of the survey.")] = 2.0
    card_way: Annotated[
        Literal["auto", "tap", "number"],
        Meta(
            description="Visitors with a card lay it on the mock's reader, or are asked for by number (other targets)."
        ),
    ] = "auto"
    population_seed: Annotated[int, Meta(description="Seed of the target's country.")] = 1
    people: Annotated[int, Meta(description="How many people live in the target's country.")] = MOST_PEOPLE
    connections: Annotated[int, Meta(description="Most connections of a generator.")] = 128
    timeout_s: Annotated[float, Meta(description="Seconds a desk waits for an answer.")] = 10.0
    patience_s: Annotated[
        float, Meta(description="Seconds an arrival waits for a free connection before it is dropped.")
    ] = 10.0
    late_ms: Annotated[float, Meta(description="From how many milliseconds on a start counts as late.")] = 10.0
    login: Annotated[str, Meta(description="Body of the login, JSON.")] = "{}"
    insecure: Annotated[bool, Meta(description="Do not check the target's certificate.")] = False


_HIGHEST = {
    "minutes": 1_440.0,
    "rate_per_s": 1e6,
    "troubled_percent": 100.0,
    "connections": 10_000,
    "people": MOST_PEOPLE,
}
_ABOVE_ZERO = ("minutes", "connections", "timeout_s", "patience_s", "people", "country")
_NOT_NEGATIVE = ("rate_per_s", "troubled_percent", "late_ms", "outage_minutes")


def flag(name: str) -> str:
    """The flag of an option."""
    return "--from" if name == "begin" else f"--{name.replace('_', '-')}"


def fields() -> list[tuple[str, Any, Any, str]]:
    """Name, type, default and description of every option."""
    found = []
    for one in msgspec.structs.fields(Options):
        kind, meta = get_args(one.type)
        found.append((one.name, kind, one.default, meta.description))
    return found


def choices(kind: Any) -> tuple[str, ...]:
    """The values of an option that is one of a few."""
    return get_args(kind) if get_origin(kind) is Literal else ()


def checked(options: Options) -> Options:
    """The same options. BadOption where one is out of range."""
    for name in _ABOVE_ZERO:
        if not getattr(options, name) > 0:
            raise _out_of_range(options, name, "0 より大きい値", "a value above 0")
    for name in _NOT_NEGATIVE:
        if not getattr(options, name) >= 0:
            raise _out_of_range(options, name, "0 以上の値", "0 or more")
    for name, highest in _HIGHEST.items():
        if not getattr(options, name) <= highest:
            raise _out_of_range(options, name, f"{highest:g} 以下の値", f"{highest:g} at most")
    _json_object(options)
    stretch(options)
    return options


def _out_of_range(options: Options, name: str, japanese: str, english: str) -> BadOption:
    found = getattr(options, name)
    return BadOption(
        f"{flag(name)} の値 {found} が正しくありません。{japanese}にしてください / found {found}, expected {english}"
    )


def _json_object(options: Options) -> None:
    try:
        msgspec.json.decode(options.login, type=dict[str, Any])
    except msgspec.MsgspecError:
        raise BadOption("--login は JSON のオブジェクトにしてください / --login: expected a JSON object") from None


def stretch(options: Options) -> tuple[float, float]:
    """The driven stretch in seconds since midnight."""
    begin_s = _seconds(options.begin, "begin")
    until_s = begin_s + options.minutes * 60
    if until_s > DAY_S:
        raise BadOption(
            f"--from {options.begin} から {options.minutes:g} 分では日付を越えます / "
            f"{options.minutes:g} minutes from {options.begin} go past midnight"
        )
    return begin_s, until_s


def _seconds(text: str, name: str) -> float:
    try:
        at = time.fromisoformat(text)
    except ValueError:
        raise BadOption(
            f"{flag(name)} の値 {text} は HH:MM の時刻ではありません / found {text}, expected a time HH:MM"
        ) from None
    return at.hour * HOUR_S + at.minute * 60 + at.second


def curve(options: Options, assumptions: Assumptions) -> Curve:
    """The curve that is driven. ImpossibleCurve or BadOption where there is none."""
    if options.rate_per_s:
        return Curve.flat(options.rate_per_s, assumptions)
    outage_from_h = _seconds(options.outage_from, "outage_from") / HOUR_S
    return curve_of(
        assumptions,
        Day(
            weekday=options.weekday,
            is_month_start=options.month_start,
            country=options.country,
            outage_from_h=outage_from_h,
            outage_minutes=options.outage_minutes,
        ),
    )


def schedule(options: Options, assumptions: Assumptions) -> Schedule:
    """The arrivals of the driven stretch. ImpossibleCurve where there are none."""
    made = Schedule(curve(options, assumptions), *stretch(options), options.seed, options.spacing)
    if not made.count:
        raise ImpossibleCurve(
            f"{options.begin} から {options.minutes:g} 分の間に来院はありません / "
            f"nobody comes in the {options.minutes:g} minutes from {options.begin}"
        )
    return made


def slice_s(options: Options) -> int:
    """How many seconds a slice of the report has."""
    return max(1, -(-int(options.minutes * 60) // MOST_SLICES))

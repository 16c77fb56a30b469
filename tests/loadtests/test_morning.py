"""The day of the country: what volume figures say comes out of the curve."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from loadtests.morning import (
    DAY_S,
    HOUR_S,
    KINDS,
    Assumptions,
    Curve,
    Day,
    ImpossibleCurve,
    Kind,
    curve_of,
    look_ups_per_day,
)

ASSUMED = Assumptions()
NINE = 9 * HOUR_S
MONDAY = curve_of(ASSUMED, Day())
TUESDAY = curve_of(ASSUMED, Day(weekday="tuesday"))


def between(curve: Curve, from_h: float, until_h: float) -> float:
    return curve.until(until_h * HOUR_S) - curve.until(from_h * HOUR_S)


def test_the_peak_of_a_monday_is_1100_a_second():
    assert (MONDAY.until(NINE + 60) - MONDAY.until(NINE)) / 60 == pytest.approx(1_115, rel=0.01)


def test_the_first_week_of_a_month_peaks_at_1300_a_second():
    curve = curve_of(ASSUMED, Day(is_month_start=True))
    assert (curve.until(NINE + 60) - curve.until(NINE)) / 60 == pytest.approx(1_300, rel=0.02)


@pytest.mark.parametrize(
    ("day", "total"),
    [
        (Day(weekday="tuesday"), 11.44e6),
        (Day(), 11.44e6 * 1.3),
        (Day(weekday="saturday"), 11.44e6 / 2),
        (Day(weekday="friday", country=0.01), 11.44e4),
        (Day(is_month_start=True), 11.44e6 * 1.3 * 1.15),
    ],
)
def test_the_day_has_its_look_ups(day, total):
    assert curve_of(ASSUMED, day).until(DAY_S) == pytest.approx(look_ups_per_day(ASSUMED, day))
    assert look_ups_per_day(ASSUMED, day) == pytest.approx(total, rel=0.001)


def test_the_peak_hour_has_18_percent_of_the_day():
    assert between(TUESDAY, 9, 10) / TUESDAY.until(DAY_S) == pytest.approx(0.18)
    assert max(range(24), key=lambda hour: between(TUESDAY, hour, hour + 1)) == 9


def test_nobody_comes_before_eight_and_a_lower_hump_follows_in_the_afternoon():
    assert MONDAY.until(8 * HOUR_S) == 0
    assert between(MONDAY, 16, 17) > between(MONDAY, 14, 15)
    assert between(MONDAY, 16, 17) < between(MONDAY, 9, 10)


def test_pharmacies_follow_clinics_and_hospitals_are_first():
    def peak(kind: Kind) -> float:
        outside_the_minute = [at for at in range(0, DAY_S, 60) if not NINE <= at < NINE + 60]
        return max(outside_the_minute, key=lambda at: MONDAY.rate(at, kind))

    assert peak(Kind.PHARMACY) - peak(Kind.CLINIC) == pytest.approx(1_800, abs=600)
    assert peak(Kind.HOSPITAL) < peak(Kind.CLINIC)


def test_kinds_have_their_share_of_the_day():
    month = sum(ASSUMED.look_ups_per_month(kind) for kind in KINDS)
    for kind in KINDS:
        of_kind = sum(MONDAY.rate(at, kind) * 10 for at in range(0, DAY_S, 10))
        assert of_kind / MONDAY.until(DAY_S) == pytest.approx(ASSUMED.look_ups_per_month(kind) / month, rel=0.01)


@given(st.floats(0, 0.9999))
@settings(derandomize=True, max_examples=50)
def test_when_is_the_inverse_of_until(share):
    arrivals = share * MONDAY.until(DAY_S)
    assert MONDAY.until(MONDAY.when(arrivals)) == pytest.approx(arrivals, abs=1e-3)


def test_a_storm_brings_each_failed_look_up_back_three_times():
    stormy = curve_of(ASSUMED, Day(outage_from_h=8 + 50 / 60, outage_minutes=10))
    failed = between(MONDAY, 8 + 50 / 60, 9)
    assert stormy.until(DAY_S) - MONDAY.until(DAY_S) == pytest.approx(3 * failed, rel=1e-6)
    assert max(stormy.total_rates) > 1.5 * max(MONDAY.total_rates)
    assert stormy.until(9 * HOUR_S + 6 * 60 + 60) - stormy.until(9 * HOUR_S) > between(MONDAY, 9, 9 + 7 / 60)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"peak_hour_percent": 90.0}, "peak_hour_percent"),
        ({"worst_minute_factor": 80.0}, "worst_minute_factor"),
        ({"worst_minute_from_h": 11.0}, "worst_minute_from_h"),
        ({"opens_h": 20.0}, "opens_h"),
        ({"repeat_after_least_s": 300}, "repeat_after_least_s"),
        ({f"{kind.value}_look_ups_per_month": 0 for kind in KINDS}, "no look-ups"),
    ],
)
def test_an_impossible_curve_is_refused_by_name(changes, name):
    with pytest.raises(ImpossibleCurve, match=name) as refused:
        curve_of(replace(ASSUMED, **changes), Day())
    assert " / " in str(refused.value)

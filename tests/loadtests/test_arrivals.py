"""The schedule: the same for everybody, whole whoever shares it, and as wide as the curve."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests.arrivals import Schedule, Turn, add_turn, next_own, own, owner
from loadtests.morning import Assumptions, Curve, Day, Kind, curve_of

ASSUMED = Assumptions()


def flat(rate_per_s: float, seconds: float, spacing: str, seed: int = 1) -> Schedule:
    return Schedule(Curve.flat(rate_per_s, ASSUMED), 32_400, 32_400 + seconds, seed, spacing)


@pytest.mark.parametrize("spacing", ["constant", "poisson"])
@pytest.mark.parametrize("rate_per_s", [0.5, 3.0, 1_100.0])
def test_arrivals_come_in_order_and_in_time(spacing, rate_per_s):
    schedule = flat(rate_per_s, 20, spacing)
    times = [schedule.at_s(number) for number in range(schedule.count)]
    assert schedule.count == rate_per_s * 20
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] < 20


def test_constant_arrivals_are_evenly_apart():
    schedule = flat(100, 5, "constant")
    gaps = [schedule.at_s(n + 1) - schedule.at_s(n) for n in range(schedule.count - 1)]
    assert gaps == pytest.approx([0.01] * len(gaps), abs=1e-6)


def test_poisson_arrivals_bunch_as_chance_does():
    schedule = flat(100, 200, "poisson")
    per_second = Counter(int(schedule.at_s(number)) for number in range(schedule.count))
    mean = schedule.count / 200
    variance = sum((per_second[second] - mean) ** 2 for second in range(200)) / 200
    assert variance / mean == pytest.approx(1, abs=0.3)


def test_the_same_seed_is_the_same_morning_and_another_is_not():
    one, same, other = (flat(50, 10, "poisson", seed) for seed in (1, 1, 2))
    assert [one.arrival(n) for n in range(500)] == [same.arrival(n) for n in range(500)]
    assert one.arrival(3) != other.arrival(3)


def test_kinds_and_draws_are_spread_as_the_curve_says():
    schedule = Schedule(curve_of(ASSUMED, Day()), 32_400, 32_410, 1, "poisson")
    arrivals = [schedule.arrival(number) for number in range(schedule.count)]
    clinics = sum(arrival.kind is Kind.CLINIC for arrival in arrivals) / len(arrivals)
    curve = curve_of(ASSUMED, Day())
    assert clinics == pytest.approx(curve.rate(32_400, Kind.CLINIC) / curve.rate(32_400), abs=0.02)
    assert sum(arrival.person_draw for arrival in arrivals) / len(arrivals) == pytest.approx(0.5, abs=0.02)


def test_the_offered_arrivals_of_all_seconds_are_all_arrivals():
    schedule = flat(33, 12, "poisson")
    assert sum(schedule.offered(second, second + 1) for second in range(12)) == schedule.count


members = st.lists(st.sampled_from("abcde"), unique=True, max_size=5).map(tuple)


@given(st.lists(st.tuples(st.integers(0, 200), members), max_size=5), members)
@settings(derandomize=True, max_examples=100)
def test_every_arrival_has_one_owner_whoever_comes_and_goes(later, first):
    turns = (Turn(0, first),)
    for from_number, now in sorted(later):
        turns = add_turn(turns, Turn(from_number, now))
    taken = Counter(number for one in "abcde" for number in own(turns, one, 200))
    for number in range(200):
        assert taken[number] == (0 if owner(turns, number) is None else 1)


def test_the_rate_is_split_exactly():
    turns = (Turn(0, ("a", "b", "c")),)
    counts = [len(list(own(turns, one, 3_000))) for one in "abc"]
    assert counts == [1_000, 1_000, 1_000]


def test_who_is_not_there_has_nothing_to_do():
    assert next_own((Turn(0, ("a",)),), "b", -1, 100) is None

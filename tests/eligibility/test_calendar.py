"""Birthdays, school, certificates and insurance years as Japanese law counts them."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.eligibility.calendar import (
    JST,
    ONE_DAY,
    age_on,
    birthday,
    elderly_certificate_start,
    insurance_year,
    midnight,
    school_start,
)

BIRTHDATES = st.dates(date(1900, 1, 1), date(2060, 12, 31))
DAYS = st.dates(date(1950, 1, 1), date(2150, 12, 31))


@pytest.mark.parametrize(
    ("birthdate", "years", "expected"),
    [
        (date(1950, 5, 17), 75, date(2025, 5, 17)),
        (date(1950, 5, 17), 0, date(1950, 5, 17)),
        (date(1952, 2, 29), 70, date(2022, 3, 1)),
        (date(1952, 2, 29), 72, date(2024, 2, 29)),
        (date(1952, 2, 29), 75, date(2027, 3, 1)),
        (date(1940, 2, 29), 160, date(2100, 3, 1)),
        (date(1950, 12, 31), 75, date(2025, 12, 31)),
        (date(1950, 1, 1), 75, date(2025, 1, 1)),
    ],
)
def test_birthday(birthdate, years, expected):
    assert birthday(birthdate, years) == expected


@pytest.mark.parametrize(
    ("birthdate", "day", "age"),
    [
        (date(1950, 5, 17), date(2025, 5, 16), 74),
        (date(1950, 5, 17), date(2025, 5, 17), 75),
        (date(1950, 5, 17), date(1950, 5, 17), 0),
        (date(1950, 5, 17), date(1950, 5, 16), -1),
        (date(1952, 2, 29), date(2027, 2, 28), 74),
        (date(1952, 2, 29), date(2027, 3, 1), 75),
        (date(1952, 2, 29), date(2024, 2, 28), 71),
        (date(1952, 2, 29), date(2024, 2, 29), 72),
    ],
)
def test_age(birthdate, day, age):
    assert age_on(birthdate, day) == age


@given(BIRTHDATES, DAYS, st.integers(0, 2000))
@settings(max_examples=100, deadline=None)
def test_age_never_decreases(birthdate, day, later):
    assert age_on(birthdate, day) <= age_on(birthdate, day + timedelta(days=later))


@given(BIRTHDATES, st.integers(0, 110))
@settings(max_examples=100, deadline=None)
def test_a_birthday_is_the_first_day_of_an_age(birthdate, years):
    day = birthday(birthdate, years)
    assert age_on(birthdate, day) == years
    assert age_on(birthdate, day - ONE_DAY) == years - 1


@pytest.mark.parametrize(
    ("birthdate", "starts"),
    [
        (date(2019, 4, 1), date(2025, 4, 1)),
        (date(2019, 4, 2), date(2026, 4, 1)),
        (date(2019, 3, 31), date(2025, 4, 1)),
        (date(2019, 1, 1), date(2025, 4, 1)),
        (date(2019, 12, 31), date(2026, 4, 1)),
        (date(2020, 2, 29), date(2026, 4, 1)),
    ],
)
def test_school_starts(birthdate, starts):
    assert school_start(birthdate) == starts


@given(BIRTHDATES)
@settings(max_examples=100, deadline=None)
def test_school_starts_on_the_first_april_after_six_full_years(birthdate):
    starts = school_start(birthdate)
    assert (starts.month, starts.day) == (4, 1)
    assert age_on(birthdate, starts + ONE_DAY) == 6 or age_on(birthdate, starts) == 6
    assert age_on(birthdate, starts.replace(year=starts.year - 1)) < 6


@pytest.mark.parametrize(
    ("birthdate", "starts"),
    [
        (date(1955, 6, 15), date(2025, 7, 1)),
        (date(1955, 6, 1), date(2025, 6, 1)),
        (date(1955, 6, 2), date(2025, 7, 1)),
        (date(1955, 6, 30), date(2025, 7, 1)),
        (date(1955, 12, 15), date(2026, 1, 1)),
        (date(1955, 12, 1), date(2025, 12, 1)),
        (date(1955, 12, 31), date(2026, 1, 1)),
        (date(1955, 1, 31), date(2025, 2, 1)),
        (date(1956, 2, 29), date(2026, 3, 1)),
        (date(1955, 11, 30), date(2025, 12, 1)),
    ],
)
def test_elderly_certificate_starts(birthdate, starts):
    assert elderly_certificate_start(birthdate) == starts


@given(BIRTHDATES)
@settings(max_examples=100, deadline=None)
def test_an_elderly_certificate_starts_on_a_first_within_a_month_of_turning_70(birthdate):
    starts = elderly_certificate_start(birthdate)
    assert starts.day == 1
    assert timedelta() <= starts - birthday(birthdate, 70) <= timedelta(days=30)


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2025, 8, 1), date(2025, 8, 1), date(2026, 7, 31)),
        (date(2025, 7, 31), date(2024, 8, 1), date(2025, 7, 31)),
        (date(2025, 12, 31), date(2025, 8, 1), date(2026, 7, 31)),
        (date(2026, 1, 1), date(2025, 8, 1), date(2026, 7, 31)),
        (date(2024, 2, 29), date(2023, 8, 1), date(2024, 7, 31)),
    ],
)
def test_insurance_year(day, first, last):
    assert insurance_year(day) == (first, last)


@given(DAYS)
@settings(max_examples=100, deadline=None)
def test_insurance_years_hold_their_days_and_follow_each_other(day):
    first, last = insurance_year(day)
    assert first <= day <= last
    assert insurance_year(first) == insurance_year(last) == (first, last)
    assert insurance_year(last + ONE_DAY)[0] == last + ONE_DAY


@given(DAYS)
@settings(max_examples=50, deadline=None)
def test_a_day_begins_at_midnight_in_japan(day):
    assert midnight(day).astimezone(JST).date() == day
    assert (midnight(day) - timedelta(microseconds=1)).astimezone(JST).date() == day - ONE_DAY
    assert midnight(day) == datetime.fromisoformat(f"{day.isoformat()}T00:00:00+09:00")

"""Copay ratios, 高齢受給者証 and 限度額 bands (wire.md 3 and 7)."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mockserver.eligibility.calendar import (
    JST,
    ONE_DAY,
    age_on,
    birthday,
    elderly_certificate_start,
    insurance_year,
    school_start,
)
from mockserver.eligibility.copay import elderly_certificate, is_preschool, ratio_percent
from mockserver.eligibility.limits import BANDS, band_on, limit_certificate
from mockserver.eligibility.records import (
    Card,
    Cover,
    Income,
    Insurer,
    InsurerKind,
    Means,
    Person,
    Record,
    Relation,
)

ELDERLY = InsurerKind.ELDERLY
YOUNGER_KINDS = [kind for kind in InsurerKind if kind not in (ELDERLY, InsurerKind.ASSISTANCE)]
ACTIVE_INCOMES = [Income.TOP, Income.UPPER, Income.ACTIVE]
OTHER_INCOMES = [income for income in Income if income not in ACTIVE_INCOMES]
ACTIVE_BANDS = ("B01", "B02", "B03")
TODAY = date(2025, 10, 1)
BEFORE_SECOND_BAND, SECOND_BAND = date(2022, 9, 30), date(2022, 10, 1)
INSURERS = {
    kind: Insurer.numbered(body, kind.value, kind)
    for kind, body in zip(InsurerKind, ["0113001", "0613001", "3113001", "13815", "3913101", "1213001"], strict=True)
}


def record(kind, birthdate, income=Income.GENERAL_1, working=None, **cover):
    person = Person("診療", "太郎", "ｼﾝﾘｮｳ", "ﾀﾛｳ", "1", birthdate, "東京都", "100-0001")
    return Record(
        "1",
        "own",
        Card(INSURERS[kind], "12345678", "1000001", "01"),
        person,
        Cover(Relation.SELF, Means(working or income, income), **cover),
        date(2010, 4, 1),
        datetime(2010, 4, 1, tzinfo=JST),
    )


def born(age, day=TODAY):
    """Somebody who is in the middle of a year of age on a day."""
    return date(day.year - age, day.month, day.day) - timedelta(days=180)


@pytest.mark.parametrize(
    ("income", "before", "since"),
    [
        (Income.TOP, 30, 30),
        (Income.UPPER, 30, 30),
        (Income.ACTIVE, 30, 30),
        (Income.GENERAL_2, 10, 20),
        (Income.GENERAL_1, 10, 10),
        (Income.LOW_2, 10, 10),
        (Income.LOW_1, 10, 10),
    ],
)
@pytest.mark.parametrize("age", [66, 76, 90])
def test_ratio_of_the_elderlys_insurance(age, income, before, since):
    of_elderly = record(ELDERLY, born(age, BEFORE_SECOND_BAND), income)
    assert ratio_percent(of_elderly, BEFORE_SECOND_BAND) == before
    assert ratio_percent(of_elderly, SECOND_BAND) == since


@pytest.mark.parametrize("kind", YOUNGER_KINDS)
@pytest.mark.parametrize(
    ("age", "incomes", "percent"),
    [
        (0, Income, 20),
        (5, Income, 20),
        (7, Income, 30),
        (20, Income, 30),
        (69, Income, 30),
        (71, ACTIVE_INCOMES, 30),
        (71, OTHER_INCOMES, 20),
        (74, ACTIVE_INCOMES, 30),
        (74, OTHER_INCOMES, 20),
    ],
)
@pytest.mark.parametrize("day", [BEFORE_SECOND_BAND, SECOND_BAND, TODAY])
def test_ratio_of_everybody_else(kind, age, incomes, percent, day):
    ratios = {ratio_percent(record(kind, born(age, day), income), day) for income in incomes}
    assert ratios == {percent}


@pytest.mark.parametrize(
    ("birthdate", "day", "percent"),
    [
        (date(1955, 6, 15), date(2025, 6, 14), 30),
        (date(1955, 6, 15), date(2025, 6, 15), 30),
        (date(1955, 6, 15), date(2025, 6, 30), 30),
        (date(1955, 6, 15), date(2025, 7, 1), 20),
        (date(1955, 6, 1), date(2025, 5, 31), 30),
        (date(1955, 6, 1), date(2025, 6, 1), 20),
        (date(1950, 6, 15), date(2025, 6, 14), 20),
        (date(2019, 4, 1), date(2025, 3, 31), 20),
        (date(2019, 4, 1), date(2025, 4, 1), 30),
        (date(2019, 4, 2), date(2026, 3, 31), 20),
        (date(2019, 4, 2), date(2026, 4, 1), 30),
    ],
)
def test_the_first_and_last_days_of_a_ratio(birthdate, day, percent):
    assert ratio_percent(record(InsurerKind.ASSOCIATION, birthdate), day) == percent


@pytest.mark.parametrize(
    ("working", "elderly", "percent"),
    [(Income.TOP, Income.GENERAL_1, 20), (Income.LOW_1, Income.ACTIVE, 30)],
)
def test_from_70_on_the_other_income_class_counts(working, elderly, percent):
    of_71 = record(InsurerKind.NATIONAL, born(71), elderly, working)
    assert ratio_percent(of_71, TODAY) == percent


@pytest.mark.parametrize("kind", InsurerKind)
@pytest.mark.parametrize("age", [3, 40, 72, 80])
def test_a_registered_ratio_counts_whatever_the_rules_say(kind, age):
    assert ratio_percent(record(kind, born(age), ratio_percent=10), TODAY) == 10


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.integers(0, 10_000))
@settings(max_examples=100, deadline=None)
def test_a_child_is_preschool_until_school_starts(birthdate, days):
    day = birthdate + timedelta(days=days)
    assert is_preschool(birthdate, day) == (day < school_start(birthdate))


@pytest.mark.parametrize(
    ("birthdate", "day", "period"),
    [
        (date(1955, 6, 15), date(2025, 6, 30), None),
        (date(1955, 6, 15), date(2025, 7, 1), (date(2025, 7, 1), date(2025, 7, 31))),
        (date(1955, 6, 15), date(2025, 8, 1), (date(2025, 8, 1), date(2026, 7, 31))),
        (date(1955, 6, 1), date(2025, 6, 1), (date(2025, 6, 1), date(2025, 7, 31))),
        (date(1955, 12, 15), date(2026, 1, 1), (date(2026, 1, 1), date(2026, 7, 31))),
        (date(1950, 10, 15), date(2025, 9, 1), (date(2025, 8, 1), date(2025, 10, 14))),
        (date(1950, 10, 15), date(2025, 10, 14), (date(2025, 8, 1), date(2025, 10, 14))),
        (date(1950, 10, 15), date(2025, 10, 15), None),
        (date(1952, 2, 29), date(2027, 2, 28), (date(2026, 8, 1), date(2027, 2, 28))),
        (date(1952, 2, 29), date(2027, 3, 1), None),
        (date(1985, 6, 15), date(2025, 7, 1), None),
    ],
)
@pytest.mark.parametrize("kind", YOUNGER_KINDS)
def test_periods_of_an_elderly_certificate(kind, birthdate, day, period):
    certificate = elderly_certificate(record(kind, birthdate), day)
    assert (certificate and (certificate.valid_from, certificate.valid_to)) == period


@given(
    st.sampled_from(InsurerKind),
    st.dates(date(1930, 1, 1), date(1970, 12, 31)),
    st.integers(-60, 2_000),
    st.sampled_from(Income),
)
@settings(max_examples=200, deadline=None)
def test_an_elderly_certificate_is_held_from_70_to_74_and_tells_the_ratio(kind, birthdate, days, income):
    day = elderly_certificate_start(birthdate) + timedelta(days=days)
    held = record(kind, birthdate, income)
    certificate = elderly_certificate(held, day)
    assert bool(certificate) == (kind is not ELDERLY and days >= 0 and day < birthday(birthdate, 75))
    if certificate:
        assert certificate.issued_on < certificate.valid_from <= day <= certificate.valid_to
        assert certificate.valid_to < birthday(birthdate, 75)
        assert certificate.ratio_percent == ratio_percent(held, day)
        assert 70 <= age_on(birthdate, day) < 75


def test_a_registered_start_of_an_elderly_certificate_counts():
    of_70 = record(InsurerKind.NATIONAL, date(1955, 6, 15), elderly_certificate_from=date(2025, 6, 15))
    assert elderly_certificate(of_70, date(2025, 6, 14)) is None
    assert elderly_certificate(of_70, date(2025, 6, 15)).valid_from == date(2025, 6, 15)


@pytest.mark.parametrize(
    ("income", "under_70", "from_70", "elderly_before", "elderly_since"),
    [
        (Income.TOP, "A01", "B01", "B01", "B01"),
        (Income.UPPER, "A02", "B02", "B02", "B02"),
        (Income.ACTIVE, "A03", "B03", "B03", "B03"),
        (Income.GENERAL_2, "A04", "B04", "B04", "B09"),
        (Income.GENERAL_1, "A04", "B04", "B04", "B10"),
        (Income.LOW_2, "A05", "B05", "B05", "B05"),
        (Income.LOW_1, "A05", "B06", "B06", "B06"),
    ],
)
def test_limit_bands(income, under_70, from_70, elderly_before, elderly_since):
    for kind in YOUNGER_KINDS:
        assert band_on(record(kind, born(69), income), TODAY) == under_70
        assert band_on(record(kind, born(6), income), TODAY) == under_70
        assert band_on(record(kind, born(72), income), TODAY) == from_70
    of_elderly = record(ELDERLY, born(76, BEFORE_SECOND_BAND), income)
    assert band_on(of_elderly, BEFORE_SECOND_BAND) == elderly_before
    assert band_on(of_elderly, SECOND_BAND) == elderly_since


@pytest.mark.parametrize(
    ("day", "band"), [(date(2025, 6, 14), "A02"), (date(2025, 7, 1), "B05"), (date(2030, 6, 14), "B05")]
)
def test_the_band_changes_with_70(day, band):
    held = record(InsurerKind.NATIONAL, date(1955, 6, 15), Income.LOW_2, working=Income.UPPER)
    assert band_on(held, day) == band


@given(st.sampled_from(YOUNGER_KINDS), st.integers(0, 74), st.sampled_from(Income), st.sampled_from(Income))
@settings(max_examples=100, deadline=None)
def test_bands_under_70_are_a_and_those_from_70_on_fit_the_ratio(kind, age, working, elderly):
    held = record(kind, born(age), elderly, working)
    band = band_on(held, TODAY)
    assert band in BANDS
    assert band.startswith("A" if age < 70 else "B")
    if age >= 70:
        assert (band in ACTIVE_BANDS) == (ratio_percent(held, TODAY) == 30)


@given(st.integers(75, 105), st.sampled_from(Income), st.dates(date(2015, 1, 1), date(2035, 1, 1)))
@settings(max_examples=100, deadline=None)
def test_bands_of_the_elderlys_insurance_fit_the_ratio(age, income, day):
    held = record(ELDERLY, date(day.year - age - 1, 1, 1), income)
    band = band_on(held, day)
    percent = 30 if band in ACTIVE_BANDS else 20 if band == "B09" else 10
    assert band in BANDS
    assert ratio_percent(held, day) == percent


@pytest.mark.parametrize(
    ("income", "classification"),
    [(Income.TOP, "01"), (Income.GENERAL_1, "01"), (Income.LOW_2, "02"), (Income.LOW_1, "02")],
)
@pytest.mark.parametrize(("kind", "age"), [(InsurerKind.NATIONAL, 40), (InsurerKind.SOCIETY, 72), (ELDERLY, 80)])
def test_low_incomes_hold_a_certificate_with_reduced_meals(kind, age, income, classification):
    assert limit_certificate(record(kind, born(age), income), TODAY).classification == classification


@given(st.dates(date(2010, 4, 1), date(2040, 12, 31)))
@settings(max_examples=100, deadline=None)
def test_a_limit_certificate_lasts_until_the_end_of_july_but_not_from_before_the_insurance(day):
    certificate = limit_certificate(record(InsurerKind.NATIONAL, date(1980, 1, 1)), day)
    assert certificate.valid_from == max(insurance_year(day)[0], date(2010, 4, 1))
    assert certificate.valid_from <= day <= certificate.valid_to
    assert (certificate.valid_to + ONE_DAY).strftime("%m%d") == "0801"


@pytest.mark.parametrize(("band", "classification"), [("A06", "02"), ("B08", "02"), ("A01", "01")])
def test_a_registered_band_and_period_count(band, classification):
    period = (date(2025, 9, 1), date(2025, 12, 31))
    held = record(InsurerKind.NATIONAL, born(40))
    held = replace(held, cover=replace(held.cover, limit_band=band, limit_period=period))
    certificate = limit_certificate(held, TODAY)
    assert (certificate.classification, certificate.band) == (classification, band)
    assert (certificate.valid_from, certificate.valid_to) == period

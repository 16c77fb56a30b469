"""What was given to people and found in check-ups is made up, but always the same, and fits the person (wire.md 2.10)."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mockserver.eligibility import care
from mockserver.eligibility.calendar import age_on, months_after
from mockserver.eligibility.care import checkups, drugs_only
from mockserver.eligibility.numbering import is_institution_code
from mockserver.eligibility.records import Person

TODAY = date(2026, 11, 23)
KEYS = [f"person {number}" for number in range(120)]
RANGES = {
    "身長": (145, 180),
    "体重": (35, 100),
    "ＢＭＩ": (18, 30),
    "腹囲（実測）": (70, 105),
    "収縮期血圧（１回目）": (100, 160),
    "拡張期血圧（１回目）": (60, 100),
    "空腹時中性脂肪（トリグリセリド）": (40, 300),
    "ＨＤＬコレステロール": (40, 90),
    "ＬＤＬコレステロール": (70, 180),
    "ＡＳＴ（ＧＯＴ）": (10, 60),
    "ＡＬＴ（ＧＰＴ）": (5, 60),
    "γ－ＧＴ（γ－ＧＴＰ）": (10, 80),
    "空腹時血糖": (70, 150),
    "ＨｂＡ１ｃ（ＮＧＳＰ値）": (4.8, 8),
}

ages = st.integers(0, 105)
days = st.dates(date(2022, 1, 1), TODAY)
keys = st.text(max_size=12)


def drug_months(person, key, first, last):
    """As seen on the last day asked about."""
    return care.drug_months(person, key, first, last, last)


def born(birthdate, sex="1"):
    return Person("診療", "太郎", "ｼﾝﾘｮｳ", "ﾀﾛｳ", sex, birthdate, "東京都", "100-0001")


def aged(age, sex="1"):
    return born(date(2026 - age, 1, 1), sex)


def given_to(age, keys=KEYS, months=24):
    """All months of people of an age, each with whom it is of."""
    person = aged(age)
    return [
        (key, month)
        for key in keys
        for month in drug_months(person, key, months_after(TODAY, 1 - months).replace(day=1), TODAY)
    ]


def drugs_of(months):
    return [drug for _, month in months for day in month.days for drug in day.drugs]


def content(months):
    return [replace(month, is_from_claims=True) for month in months]


def test_content_is_what_it_always_was():
    """Another content under the same key would be another country: this is not to change by accident."""
    months = drug_months(aged(70), "3", date(2026, 1, 1), date(2026, 2, 28))
    assert [
        (month.month.month, month.dispenser.name, [day.dispensed_on.day for day in month.days]) for month in months
    ] == [
        (1, "模擬薬局", [10]),
        (2, "架空駅前診療所", [7]),
        (2, "模擬薬局", [7]),
        (2, "模擬総合病院", [15]),
    ]
    values = "174.9 65.7 21.5 78.8 136 77 162 73 87 33 11 17 127 6.6 1 1 1 1 2"
    assert [item.value for item in checkups(aged(70), "3", TODAY)[0].items] == values.split()


@given(ages, keys, days, days)
@settings(max_examples=60)
def test_same_key_same_content(age, key, first, last):
    assert drug_months(aged(age), key, first, last) == drug_months(aged(age), key, first, last)
    assert checkups(aged(age), key, last) == checkups(aged(age), key, last)


def test_people_differ():
    assert len({str(drug_months(aged(80), key, date(2026, 1, 1), TODAY)) for key in KEYS}) > len(KEYS) * 0.8
    assert len({checkups(aged(60), key, TODAY)[0].items for key in KEYS}) == len(KEYS)


@given(ages, keys, days, days)
@settings(max_examples=150)
def test_a_month_is_the_same_whatever_is_asked(age, key, first, last):
    whole = drug_months(aged(age), key, date(2022, 1, 1), TODAY)
    cut = [
        replace(month, days=inside)
        for month in whole
        if (inside := tuple(day for day in month.days if first <= day.dispensed_on <= last))
    ]
    assert content(drug_months(aged(age), key, first, last)) == content(cut)


@given(ages, keys, days)
@settings(max_examples=150)
def test_days_are_in_order_and_in_their_month(age, key, last):
    months = drug_months(aged(age), key, date(2022, 1, 1), last)
    assert [month.month for month in months] == sorted(month.month for month in months)
    for month in months:
        dispensed = [day.dispensed_on for day in month.days]
        assert dispensed == sorted(set(dispensed))
        assert {day.replace(day=1) for day in dispensed} == {month.month}
        assert all(timedelta(0) <= day.dispensed_on - day.prescribed_on <= timedelta(1) for day in month.days)
        assert all(day.drugs or day.treatments for day in month.days)


def test_one_claim_of_an_institution_for_a_prescriber_in_a_month():
    for age in (5, 12, 40, 85):
        claims = [(key, month.month, month.dispenser, month.prescriber) for key, month in given_to(age)]
        assert len(claims) == len(set(claims))


def test_only_the_last_month_is_known_from_dispensing():
    for _, month in given_to(80):
        assert month.is_from_claims == (month.month < date(2026, 11, 1))
    assert not all(month.is_from_claims for _, month in given_to(80))


@pytest.mark.parametrize("last", [date.min, date(1, 3, 1), date(2, 1, 1), date.max])
@pytest.mark.parametrize("first", [date.min, date.max])
def test_no_period_is_too_far_or_too_long(first, last):
    person = born(date.min)
    months = drug_months(person, "1", first, last)
    assert all(month.month >= months_after(last, -60).replace(day=1) for month in months)
    assert checkups(person, "1", last) == ()


def test_nothing_before_birth_and_nothing_where_the_period_ends_before_it_begins():
    child = born(date(2025, 6, 17))
    for key in KEYS:
        assert all(
            day.dispensed_on >= child.birthdate
            for month in drug_months(child, key, date(2022, 1, 1), TODAY)
            for day in month.days
        )
    assert drug_months(aged(80), "1", TODAY, date(2026, 1, 1)) == ()


def test_children_get_childrens_drugs():
    drugs = drugs_of(given_to(5))
    assert drugs
    assert {drug.unit for drug in drugs} == {"ｇ"}
    assert not {drug.name for drug in drugs} & {drug.name for drug in drugs_of(given_to(80))}


def test_the_elderly_take_several_drugs_and_some_people_none():
    several = [month for _, month in given_to(80) if any(len(day.drugs) > 1 for day in month.days)]
    assert len(several) > 0.3 * len(given_to(80))
    months_of_adults = {(key, month.month) for key, month in given_to(30)}
    assert 0 < len(months_of_adults) < 0.3 * len(KEYS) * 24


def test_there_are_treatments_and_stays_now_and_then():
    months = [month for _, month in given_to(80)]
    done = {treatment.name for month in months for day in month.days for treatment in day.treatments}
    assert {"在宅自己注射指導管理料", "ＨｂＡ１ｃ"} <= done
    stays = [month for month in months if month.is_inpatient]
    assert 0 < len(stays) < 0.05 * len(months)
    assert not any(month.is_inpatient for _, month in given_to(30))


def test_drugs_only_leaves_out_treatments_and_what_is_then_empty():
    months = tuple(month for _, month in given_to(80))
    left = drugs_only(months)
    assert 0 < len(left) < len(months)
    assert all(day.drugs and not day.treatments for month in left for day in month.days)
    assert [d for m in left for day in m.days for d in day.drugs] == drugs_of([(None, month) for month in months])


def test_codes_and_quantities_look_right():
    for age in (3, 30, 80):
        for _, month in given_to(age):
            assert is_institution_code(month.dispenser.code)
            assert month.dispenser.code[2] == ("4" if month.prescriber else "1")
            assert month.prescriber is None or is_institution_code(month.prescriber.code)
        for drug in drugs_of(given_to(age)):
            assert len(drug.code) == 12
            assert drug.code.isascii()
            assert 0 < float(drug.quantity) < 20
            assert 1 <= drug.times <= 31


@given(st.dates(date(1930, 1, 1), date(2020, 1, 1)), keys, days)
@settings(max_examples=150)
def test_checkups_are_one_a_year_from_40_to_74(birthdate, key, day):
    found = [checkup.examined_on for checkup in checkups(born(birthdate), key, day)]
    assert found == sorted(found, reverse=True)
    assert all(40 <= age_on(birthdate, examined) <= 74 for examined in found)
    assert all(months_after(day, -60) < examined <= day for examined in found)
    assert len({examined.year for examined in found}) == len(found)
    if 46 <= age_on(birthdate, day) <= 74:
        assert 4 <= len(found) <= 6


@given(st.integers(46, 74), keys, st.sampled_from("12"))
@settings(max_examples=150)
def test_results_are_plausible(age, key, sex):
    for checkup in checkups(aged(age, sex), key, TODAY):
        items = {item.name: item for item in checkup.items}
        assert len({item.code for item in checkup.items}) == len(checkup.items) == 19
        assert all(len(item.code) == 17 for item in checkup.items)
        measured = {name: float(item.value) for name, item in items.items() if item.kind == "PQ"}
        assert measured.keys() == RANGES.keys()
        assert all(low <= measured[name] <= high for name, (low, high) in RANGES.items())
        assert measured["ＢＭＩ"] == pytest.approx(measured["体重"] / (measured["身長"] / 100) ** 2, abs=0.06)
        assert all((item.unit is None) != (item.oid is None) for item in checkup.items)


def test_height_stays():
    heights = [
        item.value for checkup in checkups(aged(60), "1", TODAY) for item in checkup.items if item.name == "身長"
    ]
    assert len(heights) > 3
    assert len(set(heights)) == 1


def test_who_takes_something_for_the_blood_pressure_says_so():
    said = {
        key: next(item.shown for item in checkups(aged(60), key, TODAY)[0].items if item.name == "服薬１（血圧）")
        for key in KEYS
    }
    takes = {key for key, month in given_to(60) if "アムロジピン錠５ｍｇ" in {d.name for d in drugs_of([(key, month)])}}
    assert takes == {key for key, answer in said.items() if answer == "はい"}
    assert 0 < len(takes) < len(KEYS)

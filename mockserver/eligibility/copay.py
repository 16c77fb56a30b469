"""Who pays how much: the copay ratio (負担割合) and the 高齢受給者証. Source: wire.md section 7."""

from datetime import date, timedelta

from msgspec import Struct

from mockserver.eligibility.benefits import Disease
from mockserver.eligibility.calendar import (
    ONE_DAY,
    birthday,
    elderly_certificate_start,
    insurance_year,
    school_start,
)
from mockserver.eligibility.records import ELDERLY, Income, InsurerKind, Record

ACTIVE_INCOMES = frozenset({Income.TOP, Income.UPPER, Income.ACTIVE})
_DIALYSIS, _USUAL_YEN, _UPPER_YEN = "1", 10_000, 20_000
SECOND_BAND_FROM = date(2022, 10, 1)  # the 2割 of 後期高齢 began on this day


class ElderlyCertificate(Struct, frozen=True):
    """高齢受給者証: first and last day, ratio in percent (20 or 30)."""

    issued_on: date
    valid_from: date
    valid_to: date
    ratio_percent: int


def income_on(record: Record, day: date) -> Income:
    """The income class that counts on a day: another one from 70 on, and under 後期高齢 at any age."""
    means = record.cover.means
    is_elderly = record.card.insurer.kind is ELDERLY or is_from_70(record.person.birthdate, day)
    return means.elderly if is_elderly else means.working


def is_from_70(birthdate: date, day: date) -> bool:
    """Whether the rules for people from 70 on hold: from the day the 高齢受給者証 begins."""
    return day.year - birthdate.year >= 70 and elderly_certificate_start(birthdate) <= day


def is_preschool(birthdate: date, day: date) -> bool:
    """Whether a child is before compulsory school on a day (未就学)."""
    return day.year - birthdate.year < 8 and day < school_start(birthdate)


def elderly_ratio_percent(income: Income, day: date) -> int:
    """Ratio under 後期高齢: 10, 20 or 30."""
    if income in ACTIVE_INCOMES:
        return 30
    return 20 if income is Income.GENERAL_2 and day >= SECOND_BAND_FROM else 10


def ratio_percent(record: Record, day: date) -> int:
    """What the person pays on a day, in percent, by the rules or by what the story registered."""
    if record.cover.ratio_percent is not None:
        return record.cover.ratio_percent
    right = _right_percent(record, day)
    return other_percent(record.card.insurer.kind, right) if record.cover.has_wrong_ratio else right


def other_percent(kind: InsurerKind, percent: int) -> int:
    """The ratio of a neighbouring band, in percent."""
    if kind is ELDERLY:
        return {10: 20, 20: 10, 30: 20}[percent]
    return 20 if percent == 30 else 30


def _right_percent(record: Record, day: date) -> int:
    birthdate = record.person.birthdate
    if record.card.insurer.kind is InsurerKind.ASSISTANCE:
        return 0
    income = income_on(record, day)
    if record.card.insurer.kind is ELDERLY:
        return elderly_ratio_percent(income, day)
    if is_preschool(birthdate, day):
        return 20
    start = record.cover.elderly_certificate_from or elderly_certificate_start(birthdate)
    return 20 if start <= day and income not in ACTIVE_INCOMES else 30


def disease_self_pay_yen(disease: Disease, record: Record, day: date) -> int:
    """What is paid a month with a 特定疾病療養受療証, in yen: more for dialysis with a high income before 70."""
    if disease.self_pay_yen is not None:
        return disease.self_pay_yen
    is_younger = record.card.insurer.kind is not ELDERLY and not is_from_70(record.person.birthdate, day)
    is_upper = record.cover.means.working in (Income.TOP, Income.UPPER)
    return _UPPER_YEN if disease.category == _DIALYSIS and is_younger and is_upper else _USUAL_YEN


def elderly_certificate(record: Record, day: date) -> ElderlyCertificate | None:
    """The 高齢受給者証 in force on a day: from 70 to the 75th birthday outside 後期高齢, else None.

    A wrong ratio is told by a certificate whatever the age, as there is no other place for it.
    """
    birthdate, cover = record.person.birthdate, record.cover
    is_told = cover.has_wrong_ratio or cover.ratio_percent is not None
    if record.card.insurer.kind is ELDERLY:
        return None
    if day.year - birthdate.year < 70 and not is_told and cover.elderly_certificate_from is None:
        return None
    start = cover.elderly_certificate_from or elderly_certificate_start(birthdate)
    end = birthday(birthdate, 75) - ONE_DAY
    year_start, year_end = insurance_year(day)
    percent = ratio_percent(record, day)
    if start <= day <= end:
        return _certificate(max(start, year_start), min(end, year_end), percent)
    is_begun = cover.elderly_certificate_from is not None and start <= day
    return _certificate(year_start, year_end, percent) if is_told or is_begun else None


def _certificate(start: date, end: date, percent: int) -> ElderlyCertificate:
    return ElderlyCertificate(start - timedelta(days=14), start, end, percent)

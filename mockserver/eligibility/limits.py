"""限度額適用認定証: which band a person is in. Sources: wire.md section 3, tables 011 and 012."""

from datetime import date
from typing import Literal, get_args

from msgspec import Struct

from mockserver.eligibility.calendar import ONE_DAY, birthday, elderly_certificate_start, insurance_year, later
from mockserver.eligibility.copay import SECOND_BAND_FROM, income_on, is_from_70
from mockserver.eligibility.records import ELDERLY, Income, Record

_UNDER_70 = {
    Income.TOP: "A01",
    Income.UPPER: "A02",
    Income.ACTIVE: "A03",
    Income.GENERAL_2: "A04",
    Income.GENERAL_1: "A04",
    Income.LOW_2: "A05",
    Income.LOW_1: "A05",
}
_FROM_70 = {
    Income.TOP: "B01",
    Income.UPPER: "B02",
    Income.ACTIVE: "B03",
    Income.GENERAL_2: "B04",
    Income.GENERAL_1: "B04",
    Income.LOW_2: "B05",
    Income.LOW_1: "B06",
}
_ELDERLY_GENERAL = {Income.GENERAL_2: "B09", Income.GENERAL_1: "B10"}
_REDUCED_MEALS = frozenset({"A05", "A06", "B05", "B06", "B07", "B08"})

Band = Literal[
    "A01", "A02", "A03", "A04", "A05", "A06",
    "B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B09", "B10",
]  # fmt: skip
BANDS: tuple[str, ...] = get_args(Band)


class LimitCertificate(Struct, frozen=True):
    """限度額適用認定証: classification (OQSCD011), band (OQSCD012), period; it is issued on its first day."""

    classification: str
    band: str
    valid_from: date
    valid_to: date


def band_on(record: Record, day: date) -> str:
    """The band of OQSCD012 by age, insurer and income on a day."""
    is_elderly = record.card.insurer.kind is ELDERLY
    if not is_elderly and not is_from_70(record.person.birthdate, day):
        return _UNDER_70[record.cover.means.working]
    income = income_on(record, day)
    if is_elderly and income in _ELDERLY_GENERAL and day >= SECOND_BAND_FROM:
        return _ELDERLY_GENERAL[income]
    return _FROM_70[income]


def limit_certificate(record: Record, day: date) -> LimitCertificate:
    """The certificate as registered. Low-income bands come with the reduced meal charge (02), the others as 01."""
    band = record.cover.limit_band or band_on(record, day)
    start, end = record.cover.limit_period or _period(record, day)
    return LimitCertificate("02" if band in _REDUCED_MEALS else "01", band, start, end)


def _period(record: Record, day: date) -> tuple[date, date]:
    """The insurance year of a day, cut where the band or the insurer changes with age."""
    start, end = insurance_year(day)
    start = later(start, record.valid_from)
    birthdate = record.person.birthdate
    if record.card.insurer.kind is ELDERLY or day.year - birthdate.year < 68:
        return start, end
    from_70 = elderly_certificate_start(birthdate)
    if day < from_70:
        return start, min(end, from_70 - ONE_DAY)
    return max(start, from_70), min(end, birthday(birthdate, 75) - ONE_DAY)

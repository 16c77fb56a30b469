"""限度額適用認定証: which band a person is in. Sources: wire.md section 3, tables 011 and 012."""

from datetime import date

from msgspec import Struct

from mockserver.eligibility.calendar import insurance_year
from mockserver.eligibility.copay import SECOND_BAND_FROM, income_on, is_from_70
from mockserver.eligibility.records import Income, InsurerKind, Record

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

BANDS = ("A01", "A02", "A03", "A04", "A05", "A06", *(f"B{n:02d}" for n in range(1, 11)))


class LimitCertificate(Struct, frozen=True):
    """限度額適用認定証: classification (OQSCD011), band (OQSCD012), period."""

    classification: str
    band: str
    issued_on: date
    valid_from: date
    valid_to: date


def band_on(record: Record, day: date) -> str:
    """The band of OQSCD012 by age, insurer and income on a day."""
    is_elderly = record.card.insurer.kind is InsurerKind.ELDERLY
    if not is_elderly and not is_from_70(record.person.birthdate, day):
        return _UNDER_70[record.cover.means.working]
    income = income_on(record, day)
    if is_elderly and income in _ELDERLY_GENERAL and day >= SECOND_BAND_FROM:
        return _ELDERLY_GENERAL[income]
    return _FROM_70[income]


def limit_certificate(record: Record, day: date) -> LimitCertificate:
    """The certificate as registered. Low-income bands come with the reduced meal charge (02), the others as 01."""
    band = record.cover.limit_band or band_on(record, day)
    start, end = record.cover.limit_period or insurance_year(day)
    start = max(start, record.valid_from)
    return LimitCertificate("02" if band in _REDUCED_MEALS else "01", band, start, start, end)

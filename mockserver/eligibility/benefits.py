"""What a record may hold beside the insurance: 特定疾病, 公費 and 医療扶助. Sources: wire.md 2.6, tables 013 and 018-026."""

from datetime import date
from typing import Literal

from msgspec import Struct


class Disease(Struct, frozen=True):
    """特定疾病療養受療証: category (OQSCD013), first day, what the person pays a month in yen (None: by age and income)."""

    category: Literal["1", "2", "3"]
    valid_from: date
    self_pay_yen: int | None = None


class Subsidy(Struct, frozen=True):
    """A linked subsidy (公費): its name, 公費負担者番号 (8 digits) and 受給者番号 (7 digits)."""

    name: str
    payer_number: str
    beneficiary_number: str


class Ticket(Struct, frozen=True):
    """医療券 (01) or 調剤券 (02) of the month asked about; `is_for_asker`: it names the clinic that asks."""

    kind: Literal["01", "02"]
    treatment: str  # 診療別, OQSCD019
    is_for_asker: bool = True
    self_pay_yen: int = 0


class Assistance(Struct, frozen=True):
    """医療扶助: the tickets issued for the month, none if the office has not registered one; and who is in charge.

    `is_combined`: the person is also insured at work (併用).
    """

    tickets: tuple[Ticket, ...]
    officer: str
    is_combined: bool = False

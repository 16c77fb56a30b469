"""The マイナンバーカード on the reader: what it brings, and whether the holder is proved. Source: patterns.md sections 2, 3."""

from datetime import date
from enum import Enum
from typing import Literal

from msgspec import Struct

from mockserver.eligibility.calendar import months_after

WARNED_MONTHS = GRACE_MONTHS = 3  # before and after the end of the certificate
PIN_TRIES = 3
ReaderCode = Literal["001", "002", "006"]


class Proof(Enum):
    """How the holder is proved (本人確認): by face (顔認証), PIN (暗証番号) or by the staff's eyes (目視)."""

    FACE = "face"
    PIN = "pin"
    VISUAL = "visual"


class Consent(Enum):
    """What the patient lets the clinic see (提供・閲覧の同意); good for a day, the two certificates as long as the visit."""

    LIMIT = "limit"  # 限度額
    DISEASES = "diseases"  # 特定疾病
    CHECKUPS = "checkups"  # 健診
    DRUGS = "drugs"  # 薬剤
    DIAGNOSES = "diagnoses"  # 診療
    OPERATIONS = "operations"  # 手術

    __hash__ = object.__hash__  # as in records.py: felt on the look-up path

    @property
    def japanese(self) -> str:
        """Its name at the desk."""
        return _CONSENTS_JAPANESE[self]


_CONSENTS_JAPANESE = {
    Consent.LIMIT: "限度額",
    Consent.DISEASES: "特定疾病",
    Consent.CHECKUPS: "特定健診情報",
    Consent.DRUGS: "薬剤情報",
    Consent.DIAGNOSES: "診療情報",
    Consent.OPERATIONS: "手術情報",
}


class Outcome(Enum):
    """What comes of a card on the reader."""

    ACCEPTED = "accepted"
    EXPIRING = "certificate-expiring"
    GRACE = "certificate-grace"
    EXPIRED = "certificate-expired"
    NOT_REGISTERED = "card-not-registered"
    PIN_WRONG = "pin-wrong"
    PIN_LOCKED = "pin-locked"
    FACE_MISMATCH = "face-mismatch"
    READER_FAULT = "reader-fault"
    BARRED = "card-barred"

    @property
    def is_accepted(self) -> bool:
        """Whether the look-up goes on."""
        return self in (Outcome.ACCEPTED, Outcome.EXPIRING, Outcome.GRACE)


class Chip(Struct, frozen=True, kw_only=True):
    """What a card brings: the last day of its 利用者証明用電子証明書 (None: renewed in time), and what is wrong with it.

    `is_barred`: 自己情報提供不可, the card may not be used as 健康保険証.
    """

    certificate_ends_on: date | None = None
    is_registered: bool = True
    is_barred: bool = False
    is_face_alike: bool = True
    is_pin_known: bool = True
    is_locked: bool = False
    reader_code: ReaderCode | None = None


def prove(chip: Chip, proof: Proof, day: date, tries_left: int, is_pin_right: bool) -> Outcome:
    """What comes of a tap on a day. `tries_left` counts before this one: at 0 the PIN is locked."""
    if chip.reader_code:
        return Outcome.READER_FAULT
    if proof is Proof.FACE and not chip.is_face_alike:
        return Outcome.FACE_MISMATCH
    if proof is Proof.PIN:
        if chip.is_locked or tries_left <= 0:
            return Outcome.PIN_LOCKED
        if not (is_pin_right and chip.is_pin_known):
            return Outcome.PIN_WRONG if tries_left > 1 else Outcome.PIN_LOCKED
    return _by_certificate(chip, day)


def _by_certificate(chip: Chip, day: date) -> Outcome:
    end = chip.certificate_ends_on
    if end and day > months_after(end, GRACE_MONTHS):
        return Outcome.EXPIRED
    if not chip.is_registered:
        return Outcome.NOT_REGISTERED
    if chip.is_barred:
        return Outcome.BARRED
    if end and day > end:
        return Outcome.GRACE
    return Outcome.EXPIRING if end and day >= months_after(end, -WARNED_MONTHS) else Outcome.ACCEPTED

"""One record as a result (資格確認結果): what holds on the day asked about. Formats: wire.md 2.6 and 7."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from mockserver.eligibility import copay
from mockserver.eligibility.benefits import Assistance, Disease, Ticket
from mockserver.eligibility.calendar import JST, ONE_DAY, birthday, insurance_year, later, months_after
from mockserver.eligibility.chips import Consent
from mockserver.eligibility.limits import limit_certificate
from mockserver.eligibility.numbering import institution_code
from mockserver.eligibility.records import ELDERLY, NATIONAL, Card, Record
from mockserver.wire.message import (
    DiseaseInfo,
    DiseaseItem,
    ElderlyCertificateInfo,
    LimitCertificateInfo,
    Qualification,
    TicketInfo,
    TicketItem,
)

Padding = Literal["spaces", "zeros", "none"]
References = Mapping[tuple[str, str, str | None], str]  # insurer key, number, branch: 照会番号
CONSENT_LASTS = timedelta(hours=24)  # AvailableTime of the real sample
_ELSEWHERE = institution_code(13, 1, 654321)
# A look-up writes four days or five: from tables that takes a third of the time.
_YEARS = {year: str(year) for year in range(1850, 2151)}  # others are rare
_MONTHS = tuple(tuple(f"{month:02d}{day:02d}" for day in range(32)) for month in range(13))
_CONSENT_MEMBERS = {
    Consent.LIMIT: "LimitApplicationCertificateRelated",
    Consent.DISEASES: "SpecificDiseasesCertificateRelated",
    Consent.CHECKUPS: "SpecificHealthCheckupsInfo",
    Consent.DRUGS: "PharmacistsInfo",
    Consent.DIAGNOSES: "DiagnosisInfo",
    Consent.OPERATIONS: "OperationInfo",
}
_LIMIT_CONSENT = Consent.LIMIT
_LAST_THE_VISIT = (Consent.LIMIT, Consent.DISEASES)
BY_NUMBER_ONLY = (Consent.LIMIT,)
BY_CARD = tuple(Consent)


class Manner(Struct, frozen=True):
    """How answers are written where the sources leave it open (see assumptions.py)."""

    insurer_padding: Padding
    error_code_prefix: str
    show: Callable[[str], str]  # what the register can hold of a name: ● for the rest
    shows_subsidies: bool
    character_code: str = "0"  # OQSCD005: 0 UTF-8, 1 Shift_JIS


class Asker(Struct, frozen=True, gc=False):
    """What a result hangs on besides the record: day asked about, who asks, when (14 digits), with which consents.

    `asked_for` are the consents that are told of at all; `references` the 照会番号 the clinic has registered, if any.
    """

    day: date
    clinic_code: str
    executed: str
    consents: frozenset[Consent]
    asked_for: tuple[Consent, ...] = BY_NUMBER_ONLY
    references: References | None = None


def digits_of_day(day: date) -> str:
    """YYYYMMDD."""
    return (_YEARS.get(day.year) or f"{day.year:04d}") + _MONTHS[day.month][day.day]


@lru_cache(maxsize=1_024)
def digits_of_moment(moment: datetime) -> str:
    """YYYYMMDDHHmmss, Japanese time. Kept, as look-ups answered together have one moment."""
    return f"{digits_of_day(moment.date())}{moment.hour:02d}{moment.minute:02d}{moment.second:02d}"


def qualification(record: Record, asker: Asker, manner: Manner) -> Qualification:
    """One record as the result of a question."""
    card, person, cover = record.card, record.person, record.cover
    if cover.assistance is not None:
        return _of_assistance(record, cover.assistance, asker, manner)
    day = record.nearest_true_day(asker.day)
    kind, hidden, show = card.insurer.kind, cover.hidden, manner.show
    valid_from, valid_to = cover.card_period or _card_period(record, day)
    valid_digits = digits_of_day(valid_from)
    is_elderly = kind is ELDERLY
    has_limit = _LIMIT_CONSENT in asker.consents
    result = Qualification(  # by position, as by name it takes four times as long: a tenth of a look-up
        "01",  # InsuredCardClassification
        _padded(card.insurer.number, manner.insurer_padding),  # InsurerNumber
        card.symbol or UNSET,  # InsuredCardSymbol
        card.number,  # InsuredIdentificationNumber
        card.branch or UNSET,  # InsuredBranchNumber
        cover.relation.code,  # PersonalFamilyClassification
        show(cover.insured_name) if cover.insured_name else UNSET,  # InsuredName
        show(person.name),  # Name
        UNSET,  # NameOfOther
        person.kana,  # NameKana
        UNSET,  # NameOfOtherKana
        person.sex,  # Sex1
        UNSET,  # Sex2
        digits_of_day(person.birthdate),  # Birthdate
        UNSET if "address" in hidden else show(person.address),  # Address
        UNSET if "post_number" in hidden else person.post_number,  # PostNumber
        digits_of_day(record.acquired_on or record.valid_from),  # QualificationDate
        digits_of_day(record.lost_on) if record.lost_on and record.loss_reason else UNSET,  # DisqualificationDate
        valid_digits,  # InsuredCertificateIssuanceDate
        valid_digits,  # InsuredCardValidDate
        digits_of_day(valid_to) if valid_to else UNSET,  # InsuredCardExpirationDate
        f"{copay.ratio_percent(record, day):03d}" if is_elderly else UNSET,  # InsuredPartialContributionRatio
        "1" if copay.is_preschool(person.birthdate, day) else UNSET,  # PreschoolClassification
        record.loss_reason.value if record.loss_reason else UNSET,  # ReasonOfLoss
        card.insurer.name,  # InsurerName
        _elderly_certificate(record, day),  # ElderlyRecipientCertificateInfo
        "1" if has_limit else "0",  # LimitApplicationCertificateRelatedConsFlg
        asker.executed if has_limit else UNSET,  # LimitApplicationCertificateRelatedConsTime
        _limit(record, day) if has_limit else UNSET,  # LimitApplicationCertificateRelatedInfo
    )
    rarer = _rarer_members(record, day, asker, manner)
    return replace(result, **rarer) if rarer else result


def _rarer_members(record: Record, day: date, asker: Asker, manner: Manner) -> dict[str, Any]:
    """What few results have besides: 特定疾病, 公費, 照会番号, the consents given by card."""
    members: dict[str, Any] = {}
    cover = record.cover
    if cover.diseases:
        members["SpecificDiseasesCertificateList"] = _diseases(record, day, asker)
    if cover.subsidies and manner.shows_subsidies:
        members["PublicExpenseNumber"] = cover.subsidies[0].payer_number
        members["BeneficiaryNumber"] = cover.subsidies[0].beneficiary_number
    if asker.references:
        members["ReferenceNumber"] = reference_number(record.card, asker.references)
    if asker.asked_for is not BY_NUMBER_ONLY:
        members |= consent_members(asker.consents, asker.asked_for, asker.executed)
    return members


def reference_number(card: Card, references: References | None) -> str | UnsetType:
    """The 照会番号 of a card; one registered without a branch is that of everybody under the number."""
    if not references:
        return UNSET
    key, number = card.insurer.key, card.number
    return references.get((key, number, card.branch)) or references.get((key, number, None)) or UNSET


@lru_cache(maxsize=1_024)
def consent_members(consents: frozenset[Consent], asked_for: tuple[Consent, ...], given: str) -> Mapping[str, Any]:
    """Flag, moment and end of each consent asked for, given at a moment (14 digits)."""
    ends = digits_of_moment(datetime.strptime(given, "%Y%m%d%H%M%S").replace(tzinfo=JST) + CONSENT_LASTS)
    members: dict[str, str] = {}
    for consent in asked_for:
        prefix = _CONSENT_MEMBERS[consent]
        members[f"{prefix}ConsFlg"] = "1" if consent in consents else "0"
        if consent in consents:
            members[f"{prefix}ConsTime"] = given
            if consent not in _LAST_THE_VISIT:
                members[f"{prefix}AvailableTime"] = ends
    return members


def _padded(number: str, padding: Padding) -> str:
    if padding == "none":
        return number
    return number.rjust(8) if padding == "spaces" else number.zfill(8)


def _card_period(record: Record, day: date) -> tuple[date, date | None]:
    """A card's own period: 国保 (to the 75th birthday) and 後期高齢 renew on 1 August each year, the others run on."""
    if record.card.insurer.kind.is_employees:
        return record.valid_from, None
    start, end = insurance_year(day)
    if record.card.insurer.kind is NATIONAL and day.year - record.person.birthdate.year >= 73:
        end = min(end, birthday(record.person.birthdate, 75) - ONE_DAY)
    return later(start, record.valid_from), end


def _elderly_certificate(record: Record, day: date) -> ElderlyCertificateInfo | UnsetType:
    certificate = copay.elderly_certificate(record, day)
    if certificate is None:
        return UNSET
    return ElderlyCertificateInfo(
        ElderlyRecipientCertificateDate=digits_of_day(certificate.issued_on),
        ElderlyRecipientValidStartDate=digits_of_day(certificate.valid_from),
        ElderlyRecipientValidEndDate=digits_of_day(certificate.valid_to),
        ElderlyRecipientContributionRatio=f"{certificate.ratio_percent:03d}",
    )


def _limit(record: Record, day: date) -> LimitCertificateInfo:
    certificate = limit_certificate(record, day)
    return _limit_info(certificate.classification, certificate.band, certificate.valid_from, certificate.valid_to)


@lru_cache(maxsize=4_096)
def _limit_info(classification: str, band: str, valid_from: date, valid_to: date) -> LimitCertificateInfo:
    """Kept, as most certificates are those of a band and a year."""
    begins = digits_of_day(valid_from)
    return LimitCertificateInfo(
        LimitApplicationCertificateClassification=classification,
        LimitApplicationCertificateClassificationFlag=band,
        LimitApplicationCertificateDate=begins,
        LimitApplicationCertificateValidStartDate=begins,
        LimitApplicationCertificateValidEndDate=digits_of_day(valid_to),
    )


def _diseases(record: Record, day: date, asker: Asker) -> tuple[DiseaseItem, ...] | UnsetType:
    if Consent.DISEASES not in asker.consents:
        return UNSET
    return tuple(DiseaseItem(SpecificDiseasesCertificateInfo=_disease(d, record, day)) for d in record.cover.diseases)


def _disease(disease: Disease, record: Record, day: date) -> DiseaseInfo:
    begins = digits_of_day(disease.valid_from)
    return DiseaseInfo(
        SpecificDiseasesDiseaseCategory=disease.category,
        SpecificDiseasesCertificateDate=begins,
        SpecificDiseasesValidStartDate=begins,
        SpecificDiseasesSelfPay=str(copay.disease_self_pay_yen(disease, record, day)),
    )


def _of_assistance(record: Record, assistance: Assistance, asker: Asker, manner: Manner) -> Qualification:
    """医療扶助: who, which office, and the tickets of the month asked about."""
    card, person, hidden = record.card, record.person, record.cover.hidden
    day = record.nearest_true_day(asker.day)
    tickets = tuple(
        TicketItem(MedicalTicketInfo=_ticket(t, record, assistance, asker, day)) for t in assistance.tickets
    )
    return Qualification(
        InsuredCardClassification="A1",
        InsurerNumber=_padded(card.insurer.number, manner.insurer_padding),
        InsuredIdentificationNumber=card.number,
        Name=manner.show(person.name),
        NameKana=person.kana,
        Sex1=person.sex,
        Birthdate=digits_of_day(person.birthdate),
        Address=UNSET if "address" in hidden else manner.show(person.address),
        PostNumber=UNSET if "post_number" in hidden else person.post_number,
        QualificationDate=digits_of_day(record.valid_from),
        DisqualificationDate=digits_of_day(record.lost_on) if record.lost_on else UNSET,
        InsurerName=card.insurer.name,
        PublicExpenseResultList=tickets or UNSET,
        ReferenceNumber=reference_number(card, asker.references),
        **consent_members(asker.consents, asker.asked_for, asker.executed),
    )


def _ticket(ticket: Ticket, record: Record, assistance: Assistance, asker: Asker, day: date) -> TicketInfo:
    first = day.replace(day=1)
    is_dispensing = ticket.kind == "02"
    institution = asker.clinic_code if ticket.is_for_asker else _ELSEWHERE
    return TicketInfo(
        TicketType=ticket.kind,
        MedicalTicketValidDate=digits_of_day(max(first, record.valid_from)),
        MedicalTicketExpirationDate=digits_of_day(months_after(first, 1) - ONE_DAY),
        IssueNumber=f"{digits_of_day(first)[:6]}{record.card.number[-4:]}",
        MedicalTreatmentMonth=digits_of_day(first)[:6],
        DesignatedMedicalInstitutionCode=institution,
        DesignatedMedicalInstitutionFlag="0" if ticket.is_for_asker else "1",
        DesignatedMedicalInstitutionName="模擬薬局" if is_dispensing else "模擬診療所",
        PrescriptionIssuerMedicalInstitutionCode=_ELSEWHERE if is_dispensing else UNSET,
        PrescriptionIssuerMedicalInstitutionName="模擬診療所" if is_dispensing else UNSET,
        InjuryName1="高血圧症",
        MedicalTreatmentType=ticket.treatment,
        SelfPayAmount=str(ticket.self_pay_yen),
        DistrictContactName=assistance.officer,
        HandlingContactName=assistance.officer,
        SingleOrCombinedUse="02" if assistance.is_combined else "01",
        StatusOfSocialInsurance="01" if assistance.is_combined else "02",
        StatusOfInfecton="02",
        StatusOfElderlyMedicalCare="02",
        StatusOfPrefecturalExpenses="02",
    )

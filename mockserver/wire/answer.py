"""Our words to theirs: an answer as the real system's message. Formats: wire.md 1.3, 2.6 and 7."""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from mockserver.eligibility import copay
from mockserver.eligibility.calendar import ONE_DAY, birthday, insurance_year
from mockserver.eligibility.limits import limit_certificate
from mockserver.eligibility.records import Answer, InsurerKind, Record
from mockserver.wire.message import (
    ElderlyCertificateInfo,
    LimitCertificateInfo,
    Qualification,
    ResponseBody,
    ResponseHeader,
    ResponseMessage,
    ResultItem,
    SearchResponse,
)
from mockserver.wire.question import Question
from mockserver.wire.refusals import Refusal

BY_NUMBER = "2"  # ReferenceClassification (OQSCD002)
NO_CLINIC = "0000000000"  # a required header member needs a value where the request named no clinic

Padding = Literal["spaces", "zeros", "none"]


class Manner(Struct, frozen=True):
    """How answers are written where the sources leave it open (see assumptions.py)."""

    insurer_padding: Padding
    error_code_prefix: str
    show: Callable[[str], str]  # what the register can hold of a name: ● for the rest


def digits_of_day(day: date) -> str:
    """YYYYMMDD."""
    return day.isoformat().replace("-", "")


def digits_of_moment(moment: datetime) -> str:
    """YYYYMMDDHHmmss, Japanese time."""
    return _digits(moment.isoformat()[:19])


@lru_cache(maxsize=1_024)
def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def answer_message(question: Question, answer: Answer, moment: datetime, manner: Manner) -> SearchResponse:
    """An answer to a question that could be asked: one of the five validities."""
    executed = digits_of_moment(moment)
    header = ResponseHeader(
        ProcessExecutionTime=executed,
        QualificationConfirmationDate=digits_of_day(question.inquiry.day),
        MedicalInstitutionCode=question.clinic_code,
        ArbitraryFileIdentifier=question.file_identifier,
        ReferenceClassification=BY_NUMBER,
        SegmentOfResult="1",
        CharacterCodeIdentifier="0",
    )
    items = tuple(
        ResultItem(ResultOfQualificationConfirmation=qualification(r, question, executed, manner))
        for r in answer.records
    )
    body = ResponseBody(
        QualificationConfirmSearchInfo=question.search,
        ProcessingResultStatus="1",
        QualificationValidity=answer.validity.value,
        ResultList=items or UNSET,
    )
    return SearchResponse(XmlMsg=ResponseMessage(MessageHeader=header, MessageBody=body))


def refusal_message(
    refusal: Refusal,
    moment: datetime,
    manner: Manner,
    day: str | None = None,
    clinic_code: str | None = None,
    file_identifier: str | UnsetType = UNSET,
) -> SearchResponse:
    """A refusal: SegmentOfResult 9 in the header, or ProcessingResultStatus 2 where it is about the person's members."""
    about_person = refusal.problem.is_about_person
    code = f"{manner.error_code_prefix}{refusal.problem.number}"
    header = ResponseHeader(
        ProcessExecutionTime=digits_of_moment(moment),
        QualificationConfirmationDate=day or digits_of_day(moment.date()),
        MedicalInstitutionCode=clinic_code or NO_CLINIC,
        ArbitraryFileIdentifier=file_identifier,
        ReferenceClassification=BY_NUMBER,
        SegmentOfResult="1" if about_person else "9",
        ErrorCode=UNSET if about_person else code,
        ErrorMessage=UNSET if about_person else refusal.message,
        CharacterCodeIdentifier="0",
    )
    body = ResponseBody(
        ProcessingResultStatus="2",
        ProcessingResultCode=code if about_person else UNSET,
        ProcessingResultMessage=refusal.message if about_person else UNSET,
    )
    return SearchResponse(XmlMsg=ResponseMessage(MessageHeader=header, MessageBody=body))


def qualification(record: Record, question: Question, executed: str, manner: Manner) -> Qualification:
    """One record as the result of a question: what holds on the day asked about."""
    card, person, cover = record.card, record.person, record.cover
    day = record.nearest_true_day(question.inquiry.day)
    kind, hidden, show = card.insurer.kind, cover.hidden, manner.show
    valid_from, valid_to = cover.card_period or _card_period(record, day)
    valid_digits = digits_of_day(valid_from)
    is_elderly = kind is InsurerKind.ELDERLY
    return Qualification(
        InsuredCardClassification="01",
        InsurerNumber=_padded(card.insurer.number, manner.insurer_padding),
        InsuredCardSymbol=card.symbol or UNSET,
        InsuredIdentificationNumber=card.number,
        InsuredBranchNumber=card.branch or UNSET,
        PersonalFamilyClassification=cover.relation.value,
        InsuredName=show(cover.insured_name) if cover.insured_name else UNSET,
        Name=show(person.name),
        NameKana=person.kana,
        Sex1=person.sex,
        Birthdate=digits_of_day(person.birthdate),
        Address=UNSET if "address" in hidden else show(person.address),
        PostNumber=UNSET if "post_number" in hidden else person.post_number,
        QualificationDate=digits_of_day(record.acquired_on or record.valid_from),
        DisqualificationDate=digits_of_day(record.lost_on) if record.lost_on and record.loss_reason else UNSET,
        InsuredCertificateIssuanceDate=valid_digits,
        InsuredCardValidDate=valid_digits,
        InsuredCardExpirationDate=digits_of_day(valid_to) if valid_to else UNSET,
        InsuredPartialContributionRatio=f"{copay.ratio_percent(record, day):03d}" if is_elderly else UNSET,
        PreschoolClassification="1" if copay.is_preschool(person.birthdate, day) else UNSET,
        ReasonOfLoss=record.loss_reason.value if record.loss_reason else UNSET,
        InsurerName=card.insurer.name,
        ElderlyRecipientCertificateInfo=_elderly_certificate(record, day),
        LimitApplicationCertificateRelatedConsFlg="1" if question.limit_consent else "0",
        LimitApplicationCertificateRelatedConsTime=executed if question.limit_consent else UNSET,
        LimitApplicationCertificateRelatedInfo=_limit(record, day) if question.limit_consent else UNSET,
    )


def _padded(number: str, padding: Padding) -> str:
    if padding == "none":
        return number
    return number.rjust(8) if padding == "spaces" else number.zfill(8)


def _card_period(record: Record, day: date) -> tuple[date, date | None]:
    """A card's own period: 国保 (to the 75th birthday) and 後期高齢 renew on 1 August each year, the others run on."""
    if record.card.insurer.kind.is_employees:
        return record.valid_from, None
    start, end = insurance_year(day)
    if record.card.insurer.kind is InsurerKind.NATIONAL and day.year - record.person.birthdate.year >= 73:
        end = min(end, birthday(record.person.birthdate, 75) - ONE_DAY)
    return max(start, record.valid_from), end


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
    begins = digits_of_day(certificate.valid_from)
    return LimitCertificateInfo(
        LimitApplicationCertificateClassification=certificate.classification,
        LimitApplicationCertificateClassificationFlag=certificate.band,
        LimitApplicationCertificateDate=begins,
        LimitApplicationCertificateValidStartDate=begins,
        LimitApplicationCertificateValidEndDate=digits_of_day(certificate.valid_to),
    )

"""Our words to theirs: an answer as the real system's message. Formats: wire.md 1.3, 1.4 and 2.6."""

from datetime import date, datetime

from msgspec import UNSET, Struct, UnsetType

from mockserver.eligibility.records import Answer
from mockserver.wire.message import (
    ResponseBody,
    ResponseHeader,
    ResponseMessage,
    ResultItem,
    SearchInfo,
    SearchResponse,
)
from mockserver.wire.qualification import Asker, Manner, digits_of_day, digits_of_moment, qualification
from mockserver.wire.refusals import Problem, Refusal

BY_CARD, BY_NUMBER = "1", "2"  # ReferenceClassification (OQSCD002)
DONE, PROCESSING, FAILED = "1", "2", "9"  # SegmentOfResult (OQSCD003)
NO_CLINIC = "0000000000"  # a required header member needs a value where the request named no clinic


class Addressed(Struct, frozen=True, kw_only=True, gc=False):
    """To whom and about what a message goes: the members of a header that come from the request."""

    clinic_code: str = ""
    day: str = ""  # YYYYMMDD
    file_identifier: str | UnsetType = UNSET
    reference: str = BY_NUMBER


class Notice(Struct, frozen=True):
    """What is told beside a normal answer, in Japanese; the mock's own number, and the same in English for testers."""

    problem: Problem
    japanese: str
    english: str


def answer_message(
    answer: Answer,
    asker: Asker,
    manner: Manner,
    addressed: Addressed,
    search: SearchInfo | UnsetType = UNSET,
    notice: Notice | None = None,
    prescription: str | UnsetType = UNSET,
) -> SearchResponse:
    """An answer to a question that could be asked: one of the validities. `prescription` is of OQSCD017."""
    items: tuple[ResultItem, ...] = ()
    for record in answer.records:
        items = (*items, ResultItem(ResultOfQualificationConfirmation=qualification(record, asker, manner)))
    body = ResponseBody(
        QualificationConfirmSearchInfo=search,
        PrescriptionIssueSelect=prescription,
        ProcessingResultStatus="1",
        ProcessingResultCode=own_code(notice.problem, manner) if notice else UNSET,
        ProcessingResultMessage=notice.japanese if notice else UNSET,
        QualificationValidity=answer.validity.code,
        ResultList=items or UNSET,
    )
    return _message(_header(addressed, asker.executed, asker.day, manner, DONE), body)


def processing_message(moment: datetime, manner: Manner, addressed: Addressed) -> SearchResponse:
    """処理中: nothing is known yet. A strict client wants the status all the same."""
    return _message(_stamped(addressed, moment, manner, PROCESSING), ResponseBody(ProcessingResultStatus="1"))


def refusal_message(refusal: Refusal, moment: datetime, manner: Manner, addressed: Addressed) -> SearchResponse:
    """A refusal: SegmentOfResult 9 in the header, or ProcessingResultStatus 2 where it is about the person's members."""
    code = own_code(refusal.problem, manner)
    if not refusal.problem.is_about_person:
        header = _stamped(addressed, moment, manner, FAILED, code, refusal.message)
        return _message(header, ResponseBody(ProcessingResultStatus="2"))
    body = ResponseBody(ProcessingResultStatus="2", ProcessingResultCode=code, ProcessingResultMessage=refusal.message)
    return _message(_stamped(addressed, moment, manner, DONE), body)


def own_code(problem: Problem, manner: Manner) -> str:
    """The mock's own code of a problem, behind the prefix that says so."""
    return f"{manner.error_code_prefix}{problem.number}"


def _header(
    addressed: Addressed,
    executed: str,
    day: date,
    manner: Manner,
    segment: str,
    code: str | UnsetType = UNSET,
    message: str | UnsetType = UNSET,
) -> ResponseHeader:
    return ResponseHeader(
        ProcessExecutionTime=executed,
        QualificationConfirmationDate=addressed.day or digits_of_day(day),
        MedicalInstitutionCode=addressed.clinic_code or NO_CLINIC,
        ArbitraryFileIdentifier=addressed.file_identifier,
        ReferenceClassification=addressed.reference,
        SegmentOfResult=segment,
        ErrorCode=code,
        ErrorMessage=message,
        CharacterCodeIdentifier=manner.character_code,
    )


def _stamped(
    addressed: Addressed,
    moment: datetime,
    manner: Manner,
    segment: str,
    code: str | UnsetType = UNSET,
    message: str | UnsetType = UNSET,
) -> ResponseHeader:
    return _header(addressed, digits_of_moment(moment), moment.date(), manner, segment, code, message)


def _message(header: ResponseHeader, body: ResponseBody) -> SearchResponse:
    return SearchResponse(XmlMsg=ResponseMessage(MessageHeader=header, MessageBody=body))

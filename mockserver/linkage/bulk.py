"""一括照会: many people at once (OQSmuquc), and what its sisters share with it. wire.md 2.7."""

from collections.abc import Iterable

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from mockserver.clinics import Reception
from mockserver.linkage.caller import Caller
from mockserver.linkage.receptions import collected, find, header_of, is_ready, receive, refuse_receipt, result_header
from mockserver.wire.answer import DONE, FAILED, PROCESSING
from mockserver.wire.batches import (
    BatchAnswerHeader,
    BatchHeader,
    BulkRequest,
    BulkResult,
    BulkResultBody,
    BulkResultMessage,
    BulkUnit,
    CollectRequest,
    Receipt,
)
from mockserver.wire.message import Qualification, RequestBody, RequestHeader, RequestMessage, SearchInfo, SearchRequest
from mockserver.wire.question import A_DAY, parse_day
from mockserver.wire.refusals import Problem, Refusal, wrong_member

FAMILY = "OQSmuquc"


def receive_people(caller: Caller, request: BulkRequest) -> Receipt:
    """OQSmuquc01req: take in the people."""
    header = request.XmlMsg.MessageHeader
    found = header.QualificationConfirmationDate
    if found is UNSET or not parse_day(found):
        refusal = wrong_member(
            Problem.CONFIRMATION_DATE, "QualificationConfirmationDate", "" if found is UNSET else found, *A_DAY
        )
        return refuse_receipt(caller, header, refusal)
    return receive(caller, FAMILY, request, len(request.XmlMsg.MessageBody.QualificationConfirmSearchInfo))


def collect_people(caller: Caller, request: CollectRequest) -> BulkResult:
    """OQSmuquc02req: the people's results, once the backend says 処理中 about none of them."""
    reception = find(caller, FAMILY, request)
    if isinstance(reception, Refusal):
        return refuse_result(caller, request, reception)
    assert isinstance(reception.request, BulkRequest)
    message = reception.request.XmlMsg
    if not is_ready(caller, reception):
        return still_processing(caller, request, reception)
    units = [_person(caller, message.MessageHeader, s) for s in message.MessageBody.QualificationConfirmSearchInfo]
    done = [unit for unit in units if unit]
    return (
        result(caller, request, reception, done)
        if len(done) == len(units)
        else still_processing(caller, request, reception)
    )


def result(caller: Caller, request: CollectRequest, reception: Reception, units: Iterable[BulkUnit]) -> BulkResult:
    """A 02res with its people counted."""
    everybody = tuple(units)
    wrong = sum(unit.ProcessingResultStatus != "1" for unit in everybody)
    header = result_header(
        caller,
        request,
        DONE,
        collected(caller, reception),
        NumberOfProcessingResult=str(len(everybody)),
        NumberOfNormalProcessing=str(len(everybody) - wrong),
        NumberOfError=str(wrong),
    )
    return _result(header, everybody)


def still_processing(caller: Caller, request: CollectRequest, reception: Reception) -> BulkResult:
    """A 02res that says 処理中."""
    return _result(result_header(caller, request, PROCESSING, header_of(reception)))


def refuse_result(caller: Caller, request: CollectRequest, refusal: Refusal) -> BulkResult:
    """A 02res that says why there is no result."""
    return _result(result_header(caller, request, FAILED, refusal=refusal))


def _result(header: BatchAnswerHeader, units: tuple[BulkUnit, ...] = ()) -> BulkResult:
    body = BulkResultBody(BulkConfirmUnit=units or UNSET)
    return BulkResult(XmlMsg=BulkResultMessage(MessageHeader=header, MessageBody=body))


def unit_of(results: tuple[Qualification, ...], validity: str | UnsetType) -> BulkUnit:
    """A person as a unit: the 照会番号 stands beside the results, and each says whether the 限度額 changed."""
    references = tuple(r.ReferenceNumber for r in results if r.ReferenceNumber is not UNSET)
    return BulkUnit(
        ProcessingResultStatus="1",
        QualificationValidity=validity,
        ResultOfQualificationConfirmation=tuple(map(_in_bulk, results)) or UNSET,
        ReferenceNumber=references or UNSET,
    )


def _in_bulk(result: Qualification) -> Qualification:
    has_limit = result.LimitApplicationCertificateRelatedInfo is not UNSET
    return replace(result, ReferenceNumber=UNSET, LimitApplicationCertificateChanged="0" if has_limit else UNSET)


def _person(caller: Caller, received: BatchHeader, search: SearchInfo) -> BulkUnit | None:
    """One person, asked for like a single one; None while the backend says 処理中."""
    day = received.QualificationConfirmationDate
    assert day is not UNSET
    header = RequestHeader(QualificationConfirmationDate=day, MedicalInstitutionCode=caller.code)
    asked = RequestMessage(MessageHeader=header, MessageBody=RequestBody(QualificationConfirmSearchInfo=search))
    told = caller.exchange.look_up(SearchRequest(XmlMsg=asked), caller.now, caller.manner).message.XmlMsg
    if told.MessageHeader.SegmentOfResult == PROCESSING:
        return None
    body = told.MessageBody
    items = () if body.ResultList is UNSET else body.ResultList
    unit = unit_of(tuple(item.ResultOfQualificationConfirmation for item in items), body.QualificationValidity)
    is_refused = told.MessageHeader.SegmentOfResult == FAILED
    return replace(
        unit,
        QualificationConfirmSearchInfo=search,
        ProcessingResultStatus=body.ProcessingResultStatus,
        ProcessingResultCode=told.MessageHeader.ErrorCode if is_refused else body.ProcessingResultCode,
        ProcessingResultMessage=told.MessageHeader.ErrorMessage if is_refused else body.ProcessingResultMessage,
    )

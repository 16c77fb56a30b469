"""照会番号登録: the clinic's own number for a card, which comes back in its answers from then on. wire.md 2.8."""

from typing import cast

from msgspec import UNSET

from mockserver.eligibility.numbering import insurer_key
from mockserver.eligibility.records import Record, plain_branch
from mockserver.eligibility.text import plain
from mockserver.linkage.caller import Caller
from mockserver.linkage.receptions import collected, find, header_of, is_ready, receive, result_header
from mockserver.register import CardNumber
from mockserver.wire.answer import DONE, FAILED, PROCESSING, own_code
from mockserver.wire.batches import (
    BatchAnswerHeader,
    BulkRegistered,
    BulkRegisteredBody,
    BulkRegisteredMessage,
    BulkRegistrationRequest,
    CollectRequest,
    Receipt,
    ReferenceInfo,
    Registered,
    RegisteredBody,
    RegisteredMessage,
    RegistrationRequest,
)
from mockserver.wire.question import CONTROL
from mockserver.wire.refusals import Problem, Refusal, quote, wrong_member

FAMILY = "OQSmuimm"
_LONGEST = 50  # wire.md 5.4


def register(caller: Caller, request: RegistrationRequest) -> Registered:
    """OQSsiimm01req: one number."""
    header = caller.header(request.XmlMsg.MessageHeader, DONE)
    body = _registered(caller, request.XmlMsg.MessageBody.ReferenceNumberRegistrationInfo)
    return Registered(XmlMsg=RegisteredMessage(MessageHeader=header, MessageBody=body))


def receive_numbers(caller: Caller, request: BulkRegistrationRequest) -> Receipt:
    """OQSmuimm01req: many numbers. They count at once; what came of each is told later."""
    numbers = request.XmlMsg.MessageBody.ReferenceNumberRegistrationInfo
    return receive(caller, FAMILY, request, len(numbers), lambda: tuple(_registered(caller, info) for info in numbers))


def collect_numbers(caller: Caller, request: CollectRequest) -> BulkRegistered:
    """OQSmuimm02req: what came of each."""
    reception = find(caller, FAMILY, request)
    if isinstance(reception, Refusal):
        return refuse_numbers(caller, request, reception)
    if not is_ready(caller, reception):
        return _result(result_header(caller, request, PROCESSING, header_of(reception)))
    header = result_header(caller, request, DONE, collected(caller, reception))
    return _result(header, cast(tuple[RegisteredBody, ...], reception.done))


def refuse_numbers(caller: Caller, request: CollectRequest, refusal: Refusal) -> BulkRegistered:
    """A 02res that says why there is no result."""
    return _result(result_header(caller, request, FAILED, refusal=refusal))


def refuse_registration(caller: Caller, request: RegistrationRequest, refusal: Refusal) -> Registered:
    """A registration that failed before its person was looked at."""
    header = caller.header(request.XmlMsg.MessageHeader, FAILED, refusal)
    body = RegisteredBody(ProcessingResultStatus="2")
    return Registered(XmlMsg=RegisteredMessage(MessageHeader=header, MessageBody=body))


def people_named(caller: Caller, info: CardNumber) -> list[Record]:
    """Whose card has this number, as known at the clinic's moment."""
    return caller.exchange.register.named(info, caller.sandbox, caller.start, caller.moment)


def card_number(insurer: str, symbol: object, number: str, branch: object) -> CardNumber:
    """A card's number as written, in any width and padding; a symbol or branch that is absent may be any."""
    return CardNumber(
        insurer_key(plain(insurer)),
        None if symbol is UNSET else str(symbol),
        plain(number),
        plain_branch("" if branch is UNSET else str(branch)),
    )


def unknown_number(number: str) -> Refusal:
    """Nobody has a card with this number."""
    return Refusal(
        Problem.NUMBER_UNKNOWN,
        f"番号 {quote(number)} の資格がありません。保険者番号・記号・番号・枝番を確かめてください",
        f"nobody is insured under number {quote(number)} of this insurer, symbol and branch",
    )


def _result(header: BatchAnswerHeader, units: tuple[RegisteredBody, ...] = ()) -> BulkRegistered:
    body = BulkRegisteredBody(BulkRegistrationUnit=units or UNSET)
    return BulkRegistered(XmlMsg=BulkRegisteredMessage(MessageHeader=header, MessageBody=body))


def _registered(caller: Caller, info: ReferenceInfo) -> RegisteredBody:
    refusal = _wrong_number(info) or _register(caller, info)
    return RegisteredBody(
        ReferenceNumberRegistrationInfo=info,
        ProcessingResultStatus="2" if refusal else "1",
        ProcessingResultCode=own_code(refusal.problem, caller.manner) if refusal else UNSET,
        ProcessingResultMessage=refusal.message if refusal else UNSET,
    )


def _register(caller: Caller, info: ReferenceInfo) -> Refusal | None:
    """Keep a number for the card; one without a branch is that of everybody under the number."""
    asked = card_number(
        info.InsurerNumber, info.InsuredCardSymbol, info.InsuredIdentificationNumber, info.InsuredBranchNumber
    )
    named = people_named(caller, asked)
    if not named:
        return unknown_number(info.InsuredIdentificationNumber)
    branches = {record.card.branch for record in named}
    branch = branches.pop() if len(branches) == 1 else asked.branch
    card, references = named[0].card, caller.open().references
    key = (card.insurer.key, card.number, branch)
    most = caller.exchange.settings.max_references
    if key not in references and caller.exchange.clinics.reference_numbers() >= most:
        return Refusal(Problem.TOO_MANY, f"照会番号は全体で{most}件までです", f"at most {most} numbers in all clinics")
    references[key] = info.ReferenceNumber
    return None


def _wrong_number(info: ReferenceInfo) -> Refusal | None:
    found = info.ReferenceNumber
    if CONTROL.search(found):
        expected = ("制御文字を含まない文字列", "text without control characters")
        return wrong_member(Problem.REFERENCE_NUMBER, "ReferenceNumber", found, *expected)
    if not found.strip() or len(found) > _LONGEST:
        expected = (f"1文字以上{_LONGEST}文字以内", f"1 to {_LONGEST} characters")
        return wrong_member(Problem.REFERENCE_NUMBER, "ReferenceNumber", found, *expected)
    return None

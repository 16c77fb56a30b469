"""What all batches have in common: the receipt with its number (受付番号), and finding the batch again. wire.md 2.7-2.9."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from msgspec import UNSET, Struct
from msgspec.structs import replace

from mockserver.clinics import Reception
from mockserver.eligibility.numbering import holds_individual_number
from mockserver.linkage.caller import Caller
from mockserver.wire.answer import FAILED
from mockserver.wire.batches import BatchAnswerHeader, BatchHeader, CollectRequest, Receipt, ReceiptBody, ReceiptMessage
from mockserver.wire.refusals import Problem, Refusal, quote


def receive(
    caller: Caller, family: str, request: Any, size: int, act: Callable[[], tuple[Struct, ...]] = tuple
) -> Receipt:
    """Take in a batch of `size` people and tell its number. `act` does at once what need not wait, once there is room."""
    header: BatchHeader = request.XmlMsg.MessageHeader
    if not _has_room(caller, size):
        most = caller.exchange.settings.max_bulk_people
        refusal = Refusal(
            Problem.TOO_MANY,
            f"受付中の一括処理は全医療機関で{most}人までです。リセットするか --max-bulk-people を増やしてください",
            f"at most {most} people in the batches of all clinics: reset, or raise --max-bulk-people",
        )
        return refuse_receipt(caller, header, refusal)
    sandbox = caller.open()
    number = f"{caller.executed}{sandbox.count('reception') % 1_000_000:06d}"
    ready_at = caller.now + timedelta(milliseconds=caller.exchange.settings.bulk_ms)
    sandbox.receive(Reception(number, family, request, size, ready_at, act()))
    body = ReceiptBody(ReceptionNumber=number, ReceptionDateTime=caller.executed)
    return Receipt(XmlMsg=ReceiptMessage(MessageHeader=caller.header(header), MessageBody=body))


def _has_room(caller: Caller, size: int) -> bool:
    """Whether so many more people may wait; batches that were collected give way."""
    clinics, most = caller.exchange.clinics, caller.exchange.settings.max_bulk_people
    if clinics.people_received() + size > most:
        clinics.forget_collected()
    return clinics.people_received() + size <= most


def refuse_receipt(caller: Caller, header: BatchHeader, refusal: Refusal) -> Receipt:
    """A receipt without a number, which says why."""
    body = ReceiptBody(ProcessingResultStatus="2")
    return Receipt(XmlMsg=ReceiptMessage(MessageHeader=caller.header(header, FAILED, refusal), MessageBody=body))


def find(caller: Caller, family: str, request: CollectRequest) -> Reception | Refusal:
    """The batch a 02req asks for, or that there is none."""
    number = request.XmlMsg.MessageBody.ReceptionNumber
    sandbox = caller.sandbox
    reception = sandbox.receptions.get(number) if sandbox else None
    if reception is None or reception.family != family:
        return Refusal(
            Problem.RECEPTION_UNKNOWN,
            f"受付番号 {quote(number)} は、この医療機関の {family} では受け付けていません",
            f"ReceptionNumber {quote(number)}: this clinic has no such reception of {family}",
        )
    return reception


def is_ready(caller: Caller, reception: Reception) -> bool:
    """Whether a batch is no longer 処理中."""
    return caller.now >= reception.ready_at


def collected(caller: Caller, reception: Reception) -> BatchHeader:
    """The header of a batch whose result is about to be told; from now on it gives way where room is needed."""
    caller.open().collected.add(reception.number)
    return header_of(reception)


def header_of(reception: Reception) -> BatchHeader:
    """The header with which a batch came."""
    header: BatchHeader = reception.request.XmlMsg.MessageHeader  # type: ignore[attr-defined]
    return header


def result_header(
    caller: Caller,
    request: CollectRequest,
    segment: str,
    received: BatchHeader | None = None,
    refusal: Refusal | None = None,
    **counts: str,
) -> BatchAnswerHeader:
    """The header of a 02res; the file identifier is that of the 02req, or of the 01req where it has none."""
    asked = request.XmlMsg.MessageHeader
    day = received.QualificationConfirmationDate if received else UNSET
    if received and asked.ArbitraryFileIdentifier is UNSET:
        asked = replace(asked, ArbitraryFileIdentifier=received.ArbitraryFileIdentifier)
    number = request.XmlMsg.MessageBody.ReceptionNumber
    told = UNSET if holds_individual_number(number) else number
    return caller.header(asked, segment, refusal, ReceptionNumber=told, QualificationConfirmationDate=day, **counts)

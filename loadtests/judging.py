"""What came of a request: the right answer, a wrong one, a failure, or a fault that was planned on the mock."""

from typing import NamedTuple

import msgspec
from msgspec import Struct

from loadtests.measures import Outcome
from loadtests.people import Expected

PROCESSING, FAILED = "2", "9"  # SegmentOfResult (OQSCD003)
PROCESSING_AGAIN_AFTER_S = 1.0
_LONGEST_REASON = 60


class Reply(NamedTuple):
    """A reply, or why there is none; when asking began and ended, in seconds after the start of the run.

    `is_planned`: the mock says that a fault rule met the request.
    """

    status: int
    body: bytes
    is_planned: bool
    started_s: float
    ended_s: float
    error: str = ""


class Verdict(NamedTuple):
    """An outcome, why, and whether the desk asks again: after so many seconds, or as it does after a fault."""

    outcome: Outcome
    reason: str = ""
    is_fault: bool = False
    again_after_s: float | None = None


class _Header(Struct, frozen=True):
    SegmentOfResult: str = ""
    ErrorCode: str = ""


class _Body(Struct, frozen=True):
    ProcessingResultStatus: str = ""
    ProcessingResultCode: str = ""
    QualificationValidity: str = ""


class _Message(Struct, frozen=True):
    MessageHeader: _Header = _Header()
    MessageBody: _Body = _Body()


class _Answer(Struct, frozen=True):
    XmlMsg: _Message


class _Tapped(Struct, frozen=True):
    outcome: str
    answer: _Answer


_ANSWER = msgspec.json.Decoder(_Answer)
_TAPPED = msgspec.json.Decoder(_Tapped)
_RIGHT = Verdict("answered")


def look_up_verdict(reply: Reply, expected: Expected) -> Verdict:
    """What came of a look-up by number."""
    trouble = _trouble(reply)
    if trouble:
        return trouble
    try:
        message = _ANSWER.decode(reply.body).XmlMsg
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _fault(reply, "malformed answer")
    segment, body = message.MessageHeader.SegmentOfResult, message.MessageBody
    if segment == PROCESSING:
        return Verdict("planned", "処理中 processing", again_after_s=PROCESSING_AGAIN_AFTER_S)
    if segment == FAILED:
        return _fault(reply, f"異常終了 {message.MessageHeader.ErrorCode}")
    if body.ProcessingResultStatus == "2":
        return _wrong(reply, expected.by_number, body.ProcessingResultCode or "refused")
    if expected.by_number in (None, body.QualificationValidity):
        return _RIGHT
    return _wrong(reply, expected.by_number, body.QualificationValidity)


def tap_verdict(reply: Reply, expected: Expected) -> Verdict:
    """What came of a card on the reader."""
    trouble = _trouble(reply)
    if trouble:
        return trouble
    try:
        tapped = _TAPPED.decode(reply.body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _fault(reply, "malformed answer")
    found = tapped.outcome, tapped.answer.XmlMsg.MessageBody.QualificationValidity
    if expected.by_card not in (None, found[0]):
        return _wrong(reply, expected.by_card, found[0])
    if expected.card_validity not in (None, found[1]):
        return _wrong(reply, expected.card_validity, found[1])
    return _RIGHT


def login_verdict(reply: Reply) -> Verdict:
    """What came of a login."""
    return _trouble(reply) or _RIGHT


def _trouble(reply: Reply) -> Verdict | None:
    """What is wrong before the body is looked at."""
    if reply.error:
        return _fault(reply, reply.error)
    return None if reply.status in (200, 201) else _fault(reply, f"HTTP {reply.status}")


def _fault(reply: Reply, reason: str) -> Verdict:
    outcome: Outcome = "planned" if reply.is_planned else "failed"
    return Verdict(outcome, reason[:_LONGEST_REASON], is_fault=True)


def _wrong(reply: Reply, expected: str | None, found: str) -> Verdict:
    if reply.is_planned:
        return Verdict("planned", "planned fault")
    return Verdict("wrong", f"expected {expected or '-'}, found {found or '-'}"[:_LONGEST_REASON])

"""What goes back over HTTP, and what the faults make of it before it is sent."""

from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from mockserver.faults import (
    AnyFault,
    Backlog,
    ConnectionReset,
    Maintenance,
    MalformedAnswer,
    Outage,
    Slow,
    SlowDrip,
    StillProcessing,
    Timeout,
    TruncatedAnswer,
    WrongContentType,
)
from mockserver.faults.rules import Decision
from mockserver.journal import NO_TRACE, Entry, Trace, Via

_WITHOUT_BODY = (204, 205, 304)  # a client would take a body for the next answer
_HTML = "text/html; charset=UTF-8"
_PAGE = b"<html><head><title>503 Service Unavailable</title></head><body><h1>503 Service Unavailable</h1></body></html>"


class Reply(Struct):
    """What goes back: HTTP status, JSON body, and the pattern that was met. `hangs_up`: the rest of the input is junk.

    `decision`: what is to happen to it on its way. `content_type` and `headers` only where they are not the usual ones.
    """

    status: int
    body: bytes
    pattern: str | None = None
    hangs_up: bool = False
    via: Via = "http"
    entry: Entry | None = None
    decision: Decision | None = None
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    def closing(self) -> "Reply":
        """The same, as the last one of its connection."""
        return replace(self, hangs_up=True)


def dressed(reply: Reply, decision: Decision | None, trace: Trace, outage_status: int) -> Reply:
    """A reply with the decision and the trace told in its headers, and garbled as the fault that acts wants it."""
    told = [("X-Mock-Decision", str(decision))] if decision else []
    named = [("X-Request-Id", trace.request_id), ("traceparent", trace.traceparent)] if trace is not NO_TRACE else []
    headers = (*told, *((name, text) for name, text in named if text))
    reply = replace(reply, decision=decision, headers=headers)
    return _garbled(reply, decision.fault, outage_status) if decision and decision.fault else reply


def _garbled(reply: Reply, fault: AnyFault, outage_status: int) -> Reply:
    match fault:
        case Outage() | Maintenance():
            return _out_of_order(reply, fault, outage_status)
        case MalformedAnswer():
            return _malformed(reply, fault)
        case WrongContentType():
            return replace(reply, content_type=fault.content_type)
        case Slow() | Backlog() | Timeout() | ConnectionReset() | TruncatedAnswer() | SlowDrip() | StillProcessing():
            return reply  # the message says it already, or the transport does it
        case _:
            assert_never(fault)


def _out_of_order(reply: Reply, fault: Outage | Maintenance, outage_status: int) -> Reply:
    wait = () if fault.retry_after_s is None else (("Retry-After", str(fault.retry_after_s)),)
    reply = replace(reply, status=fault.http_status or outage_status, headers=(*reply.headers, *wait))
    if reply.status in _WITHOUT_BODY:
        return replace(reply, body=b"")
    if fault.body == "envelope":
        return reply
    return replace(reply, body=_PAGE if fault.body == "html" else b"", content_type=_HTML)


def _malformed(reply: Reply, fault: MalformedAnswer) -> Reply:
    match fault.how:
        case "cut-json":
            return replace(reply, body=reply.body[: len(reply.body) * 2 // 3])
        case "html":
            return replace(reply, body=_PAGE, content_type=_HTML)
        case "empty":
            return replace(reply, body=b"")
        case "shift_jis":
            return replace(reply, body=reply.body.decode().encode("cp932", errors="replace"))
        case _:
            assert_never(fault.how)

"""Acting out on a connection what a decision says: late, never, in drops, cut, or reset. A delay holds no worker."""

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import assert_never

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

_HEAD_END = b"\r\n\r\n"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, for no time
_UNTIL_READ_S = 0.05  # so that a client has read the first half when the reset comes


class Pauses:
    """Pauses that all end early when the server stops: what is in flight is answered then."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()
        self.are_over = False

    async def wait(self, seconds: float) -> None:
        """Wait so long, or until the server stops."""
        if self.are_over or seconds <= 0:
            return
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        timer = loop.call_later(seconds, _end, future)
        self._waiting.add(future)
        try:
            await future
        finally:
            timer.cancel()
            self._waiting.discard(future)

    def end(self) -> None:
        """End those there are, and all later ones at once."""
        self.are_over = True
        for future in tuple(self._waiting):
            _end(future)


def _end(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


async def act(
    decision: Decision, answer: Callable[[], bytes], transport: asyncio.WriteTransport, pauses: Pauses
) -> bool:
    """Send an answer as decided; False where the connection is done for. `answer` writes its head when it is due."""
    await pauses.wait(decision.delay_ms / 1000)
    if transport.is_closing():
        return False
    return await _send(decision.fault, answer(), transport, pauses)


async def _send(fault: AnyFault | None, answer: bytes, transport: asyncio.WriteTransport, pauses: Pauses) -> bool:
    match fault:
        case Timeout():
            await pauses.wait(fault.hold_s)
            transport.close()
            return False
        case ConnectionReset():
            if fault.when == "midway":
                transport.write(answer[: len(answer) // 2])
                await pauses.wait(_UNTIL_READ_S)
            _reset(transport)
            return False
        case TruncatedAnswer():
            head, _, body = answer.partition(_HEAD_END)
            transport.write(head + _HEAD_END + body[: len(body) * fault.percent // 100])
            transport.close()
            return False
        case SlowDrip():
            await _drip(fault, answer, transport, pauses)
            return not transport.is_closing()
        case (
            None
            | Slow()
            | Backlog()
            | Outage()
            | Maintenance()
            | MalformedAnswer()
            | StillProcessing()
            | WrongContentType()
        ):
            transport.write(answer)
            return True
        case _:
            assert_never(fault)


async def _drip(fault: SlowDrip, answer: bytes, transport: asyncio.WriteTransport, pauses: Pauses) -> None:
    for start in range(0, len(answer), fault.drop_bytes):
        if transport.is_closing():
            return
        if start:
            await pauses.wait(fault.pause_ms / 1000)
        transport.write(answer[start : start + fault.drop_bytes])


def _reset(transport: asyncio.WriteTransport) -> None:
    """A reset (RST) rather than an orderly end (FIN)."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()

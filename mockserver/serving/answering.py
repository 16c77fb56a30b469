"""A response written as one buffer, head and body together, which aiohttp's own writes in many steps.

It has what aiohttp's protocol asks of a response (`prepare`, `write_eof`, `keep_alive`) and nothing else, so it goes
where a `StreamResponse` goes; what it saves is in docs/benchmarks.md.
"""

import asyncio
import time
from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache
from http.client import responses
from typing import cast

from aiohttp import web

from mockserver.replies import Reply
from mockserver.serving.acting import Pauses, act

JSON_TYPE = "application/json;charset=UTF-8"
MOCK_HEADERS = {"X-Mock-Response": "true"}
_Headers = tuple[tuple[str, str], ...]
Sent = Callable[[Reply, float], None]


def one_buffer(reply: Reply, keep_alive: bool) -> bytes:
    """Head and body of an answer of HTTP/1.1."""
    if reply.headers or reply.content_type:
        lines = _lines(reply.status, reply.pattern, keep_alive, int(time.time()), reply.content_type, reply.headers)
    else:
        lines = _usual_lines(reply.status, reply.pattern, keep_alive, int(time.time()))
    return b"%b%d\r\n\r\n%b" % (lines, len(reply.body), reply.body)


class OneBuffer:
    """The answer to a request of HTTP/1.1. `hangs_up` closes the connection after it."""

    def __init__(self, reply: Reply, keep_alive: bool, pauses: Pauses, sent: Sent) -> None:
        self.keep_alive = keep_alive and not reply.hangs_up
        self._reply = reply
        self._pauses = pauses
        self._sent = sent
        self._since_s = time.perf_counter()

    async def prepare(self, request: web.BaseRequest) -> None:
        """Write everything; aiohttp calls this first."""
        decision, is_whole = self._reply.decision, True
        if decision is None:
            await request.writer.write(self._written())
        elif request.transport is not None:
            transport = cast(asyncio.WriteTransport, request.transport)
            is_whole = await act(decision, self._written, transport, self._pauses)
            self.keep_alive = self.keep_alive and is_whole
        if is_whole:
            self._sent(self._reply, time.perf_counter() - self._since_s)

    async def write_eof(self) -> None:
        """Nothing is left to write."""

    def _written(self) -> bytes:
        self.keep_alive = self.keep_alive and not self._pauses.are_over
        return one_buffer(self._reply, self.keep_alive)


def _lines(
    status: int, pattern: str | None, keep_alive: bool, second: int, content_type: str = "", headers: _Headers = ()
) -> bytes:
    """The head up to the length of the body."""
    named = [*MOCK_HEADERS.items(), ("Date", formatdate(second, usegmt=True)), *headers]
    if pattern:
        named.append(("X-Mock-Pattern", pattern))
    if not keep_alive:
        named.append(("Connection", "close"))
    first = [f"HTTP/1.1 {status} {responses.get(status, '')}", f"Content-Type: {content_type or JSON_TYPE}"]
    return ("\r\n".join([*first, *(f"{name}: {text}" for name, text in named)]) + "\r\nContent-Length: ").encode()


@lru_cache(maxsize=256)
def _usual_lines(status: int, pattern: str | None, keep_alive: bool, second: int) -> bytes:
    """The same for all answers of a kind within one second."""
    return _lines(status, pattern, keep_alive, second)


def answer(request: web.BaseRequest, reply: Reply, pauses: Pauses, sent: Sent) -> web.StreamResponse:
    """The response that carries a reply; an old HTTP version or HEAD gets aiohttp's own where no fault acts."""
    is_usual = request.version == (1, 1) and request.method != "HEAD"
    if is_usual or (reply.decision and request.method != "HEAD"):
        keep_alive = is_usual and request.keep_alive
        return cast(web.StreamResponse, OneBuffer(reply, keep_alive, pauses, sent))
    headers = {**MOCK_HEADERS, **dict(reply.headers), **({"X-Mock-Pattern": reply.pattern} if reply.pattern else {})}
    response = web.Response(body=reply.body, status=reply.status, headers=headers)
    response.headers["Content-Type"] = reply.content_type or JSON_TYPE
    if reply.hangs_up:
        response.force_close()
    sent(reply, 0.0)
    return response

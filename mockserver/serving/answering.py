"""A response written as one buffer, head and body together, which aiohttp's own writes in many steps.

It has what aiohttp's protocol asks of a response (`prepare`, `write_eof`, `keep_alive`) and nothing else, so it goes
where a `StreamResponse` goes; what it saves is in docs/benchmarks.md.
"""

import time
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import cast

from aiohttp import web

from mockserver.exchange import Reply

JSON_TYPE = "application/json;charset=UTF-8"
MOCK_HEADERS = {"X-Mock-Response": "true"}


def one_buffer(reply: Reply, keep_alive: bool) -> bytes:
    """Head and body of an answer of HTTP/1.1."""
    head = _head(reply.status, reply.pattern, keep_alive, int(time.time()))
    return b"%b%d\r\n\r\n%b" % (head, len(reply.body), reply.body)


class OneBuffer:
    """The answer to a request of HTTP/1.1. `hangs_up` closes the connection after it."""

    def __init__(self, reply: Reply, keep_alive: bool) -> None:
        self.keep_alive = keep_alive and not reply.hangs_up
        self._buffer = one_buffer(reply, self.keep_alive)

    async def prepare(self, request: web.BaseRequest) -> None:
        """Write everything; aiohttp calls this first."""
        await request.writer.write(self._buffer)

    async def write_eof(self) -> None:
        """Nothing is left to write."""


@lru_cache(maxsize=256)
def _head(status: int, pattern: str | None, keep_alive: bool, second: int) -> bytes:
    """The head up to the length of the body; the same for all answers of a kind within one second."""
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        f"Content-Type: {JSON_TYPE}",
        *(f"{name}: {value}" for name, value in MOCK_HEADERS.items()),
        f"Date: {formatdate(second, usegmt=True)}",
    ]
    if pattern:
        lines.append(f"X-Mock-Pattern: {pattern}")
    if not keep_alive:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\nContent-Length: ").encode()


def answer(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    """The response that carries a reply; an old HTTP version or HEAD gets aiohttp's own."""
    if request.version == (1, 1) and request.method != "HEAD":
        return cast(web.StreamResponse, OneBuffer(reply, request.keep_alive))
    headers = {**MOCK_HEADERS, **({"X-Mock-Pattern": reply.pattern} if reply.pattern else {})}
    response = web.Response(body=reply.body, status=reply.status, headers=headers)
    response.headers["Content-Type"] = JSON_TYPE
    if reply.hangs_up:
        response.force_close()
    return response

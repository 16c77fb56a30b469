"""The short way of a look-up: a whole plain POST in one piece, answered at once without aiohttp's request machinery.

A connection starts here. The first piece of input that is anything else (another path, a head with members not listed,
a body in several pieces, two requests at once, a client that does not read) hands the connection to aiohttp for good,
with that piece as its first input. So aiohttp stays the authority on HTTP; what is saved is in docs/benchmarks.md.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from mockserver.journal import Trace, read_trace
from mockserver.wire.paths import SEARCH_PATH

_REQUEST_LINE = f"POST {SEARCH_PATH} HTTP/1.1".encode()
_HEAD_END = b"\r\n\r\n"
_CONTENT_TYPES = frozenset({b"application/json", b"application/json;charset=utf-8", b"application/json; charset=utf-8"})
_HARMLESS = frozenset({b"host", b"accept", b"accept-encoding", b"accept-language", b"user-agent"})


_MEMBER = re.compile(rb"[A-Za-z0-9-]+:[\t -~]*")  # name and value in plain characters


class Head(NamedTuple):
    """What a plain head says: the length of the body in bytes, the Authorization header, if any, and the trace."""

    content_length: int
    authorization: str | None
    trace: Trace


@lru_cache(maxsize=1_024)
def read_head(head: bytes) -> Head | None:
    """Read the head of a plain POST to the search path; None for any other. Clients repeat theirs, so it is kept."""
    first, *lines = head.split(b"\r\n")
    headers = {name.lower(): value.strip(b" \t") for name, _, value in (line.partition(b":") for line in lines)}
    length = headers.pop(b"content-length", b"")
    authorization = headers.pop(b"authorization", None)
    traced = headers.pop(b"x-request-id", b""), headers.pop(b"traceparent", b"")
    is_json = headers.pop(b"content-type", b"").lower() in _CONTENT_TYPES
    stays = headers.pop(b"connection", b"keep-alive").lower() == b"keep-alive"
    if not all(_MEMBER.fullmatch(line) for line in lines):
        return None
    is_plain = first == _REQUEST_LINE and len(lines) == len({line.partition(b":")[0].lower() for line in lines})
    if not (is_plain and is_json and stays and headers.keys() <= _HARMLESS):
        return None
    if not (length.isdigit() and len(length) < 10):
        return None
    trace = read_trace(traced[0].decode(), traced[1].decode())
    return Head(int(length), authorization.decode() if authorization is not None else None, trace)


def plain_search(data: bytes) -> tuple[bytes, Head] | None:
    """Body and head of a piece of input that is exactly one plain search, or None."""
    end = data.find(_HEAD_END)
    if end < 0:
        return None
    head = read_head(data[:end])
    body = data[end + 4 :]
    return (body, head) if head and len(body) == head.content_length else None

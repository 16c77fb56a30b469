"""Reading the body of a request, and saying why it cannot be read."""

import asyncio

from aiohttp import web

from mockserver.settings import Settings
from mockserver.wire.refusals import Problem, Refusal, file_too_large, quote


async def read_body(request: web.Request, settings: Settings) -> bytes | Refusal:
    """The whole body, or why it is not there. ConnectionError where the client is gone."""
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        return _encoded(encoding)
    try:
        if request.content.is_eof():  # all there already, as small bodies are
            body = request.content.read_nowait()
            return too_large(settings) if len(body) > settings.max_body_bytes else body
        async with asyncio.timeout(settings.body_timeout_ms / 1000):
            return await request.read()
    except web.HTTPRequestEntityTooLarge:
        return too_large(settings)
    except TimeoutError:
        return _incomplete(request, settings.body_timeout_ms)


async def read_file(request: web.Request, most: int, settings: Settings) -> bytes | Refusal:
    """The bytes of a request file, which may be far larger than other bodies; none of its pieces may keep waiting."""
    data = bytearray()
    while not request.content.at_eof():
        try:
            async with asyncio.timeout(settings.body_timeout_ms / 1000):
                data += await request.content.readany()
        except TimeoutError:
            return _incomplete(request, settings.body_timeout_ms)
        if len(data) > most:
            return file_too_large(most)
    return bytes(data)


def too_large(settings: Settings) -> Refusal:
    """A body over the limit."""
    most = settings.max_body_bytes
    return Refusal(Problem.TOO_LARGE, f"本文は {most} バイトまでです", f"the body may have {most} bytes at most")


def _encoded(found: str) -> Refusal:
    return Refusal(
        Problem.CONTENT_TYPE,
        f"Content-Encoding の値 {quote(found)} には対応していません。圧縮せずに送ってください",
        f"Content-Encoding: found {quote(found)}, expected a body that is not compressed",
    )


def _incomplete(request: web.Request, waited_ms: int) -> Refusal:
    length = request.headers.get("Content-Length", "?")
    return Refusal(
        Problem.INCOMPLETE,
        f"本文が途中で止まりました（Content-Length は {length}、{waited_ms} ミリ秒待ちました）。Content-Length が大きすぎませんか",
        f"the body stopped before its end (Content-Length {length}, waited {waited_ms} ms): is Content-Length too large?",
    )

"""Failures that are not the exchange's, as JSON a person can use in either language."""

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from mockserver.denial import Denial
from mockserver.eligibility.numbering import mask_individual_numbers
from mockserver.serving.answering import JSON_TYPE, MOCK_HEADERS
from mockserver.serving.operations import Failure, Mistake


def response(status: int, body: bytes) -> web.Response:
    """An answer of the mock: JSON, or nothing."""
    headers = {**MOCK_HEADERS, **({"Content-Type": JSON_TYPE} if body else {})}
    return web.Response(body=body, status=status, headers=headers)


def failure(denial: Denial) -> web.Response:
    """Why something was not done; no 個人番号 is ever told back."""
    japanese, english = mask_individual_numbers(denial.japanese), mask_individual_numbers(denial.english)
    return response(denial.status, msgspec.json.encode(Failure(Mistake(japanese, english))))


@web.middleware
async def in_json(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """What aiohttp itself refuses, told like everything else."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return failure(Denial(error.status, f"受け付けられません（{error.reason}）", f"refused: {error.reason}"))


async def expect(request: web.Request) -> web.StreamResponse | None:
    """Answer an `Expect` header: only 100-continue can be met."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return None
    return failure(Denial(417, "Expect には 100-continue だけを使えます", "Expect: only 100-continue can be met"))

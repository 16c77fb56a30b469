"""What the admin paths read of a request: the clinic's code, a body, a query, or a denial that says what is wrong."""

from typing import TypeVar

import msgspec
from aiohttp import web

from mockserver.denial import Denial, refused
from mockserver.eligibility.numbering import holds_individual_number
from mockserver.serving.bodies import read_body
from mockserver.settings import Settings
from mockserver.wire.json_codec import decode, wrong_shape
from mockserver.wire.question import is_clinic_code
from mockserver.wire.refusals import INDIVIDUAL_NUMBER, Problem, Refusal, quote, wrong_member

Body = TypeVar("Body")


def code_of(request: web.Request) -> str:
    """The 医療機関コード of the path."""
    code = request.match_info["code"]
    if not is_clinic_code(code):
        raise wrong_code(code)
    return code


def wrong_code(code: str) -> Denial:
    """A clinic code that cannot be one."""
    return Denial(
        400,
        f"医療機関コード {quote(code)} が正しくありません。10桁の数字を指定してください",
        f"clinic code: found {quote(code)}, expected ten digits",
    )


def query_of(request: web.Request, struct: type[Body]) -> Body:
    """The members of the query."""
    members = dict(request.query)
    if any(map(holds_individual_number, members.values())):
        raise refused(INDIVIDUAL_NUMBER)
    try:
        return msgspec.convert(members, struct, strict=False)
    except msgspec.ValidationError as error:
        refusal = wrong_shape(error)
        raise Denial(400, f"クエリー: {refusal.japanese}", f"query: {refusal.english}") from None


async def body_of(request: web.Request, struct: type[Body], settings: Settings) -> Body:
    """The body as a struct."""
    if request.content_type != "application/json":  # also keeps web pages of other origins out: CORS is closed
        found, expected = request.headers.get("Content-Type", ""), "application/json"
        raise refused(wrong_member(Problem.CONTENT_TYPE, "Content-Type", found, f"{expected} ", expected))
    raw = await read_body(request, settings)
    body = raw if isinstance(raw, Refusal) else decode(raw, msgspec.json.Decoder(struct))
    if isinstance(body, Refusal):
        raise refused(body)
    if holds_individual_number(msgspec.json.encode(body).decode()):  # written anew, so no escape hides one
        raise refused(INDIVIDUAL_NUMBER)
    return body

"""The real paths over HTTP: reads the body, hands it to the exchange, answers."""

import asyncio

from aiohttp import web

from mockserver.clock import Now
from mockserver.exchange import Exchange, Reply
from mockserver.serving.answering import answer
from mockserver.settings import Settings
from mockserver.wire.refusals import Problem, Refusal, quote

LOGIN_PATH = "/oqs-api-pro/MSA12020/ILI12020SV01/auth"
SEARCH_PATH = "/oqs-api-pro/MSA01030/ILI01030SV01/search"
_JSON_TYPES = frozenset({"", "application/json", "application/json;charset=utf-8", "application/json;charset=UTF-8"})


class Backend:
    """Handlers of login and search."""

    def __init__(self, exchange: Exchange, now: Now) -> None:
        self._exchange = exchange
        self._now = now

    def routes(self) -> list[web.RouteDef]:
        """The two real paths, for every method, so that a wrong one is told in the envelope."""
        return [web.route("*", LOGIN_PATH, self.login), web.route("*", SEARCH_PATH, self.search)]

    async def search(self, request: web.Request) -> web.StreamResponse:
        """資格確認照会."""
        body = await self._body(request)
        now = self._now()
        if isinstance(body, Refusal):
            return self._refused(request, self._exchange.refuse(body, now))
        return answer(request, self._exchange.search(body, request.headers.get("Authorization"), now))

    async def login(self, request: web.Request) -> web.StreamResponse:
        """ログイン."""
        body = await self._body(request)
        if isinstance(body, Refusal):
            return self._refused(request, self._exchange.refuse_login(body))
        return answer(request, self._exchange.login(body, self._now()))

    async def _body(self, request: web.Request) -> bytes | Refusal:
        """The body of a request, or why there is none to read."""
        refusal = _not_json_post(request)
        if refusal:
            return refusal
        settings = self._exchange.settings
        try:
            if request.content.is_eof():  # all there already, as small bodies are
                body = request.content.read_nowait()
                if len(body) > settings.max_body_bytes:
                    return too_large(settings)
                return body
            async with asyncio.timeout(settings.body_timeout_ms / 1000):
                return await request.read()
        except web.HTTPRequestEntityTooLarge:
            return too_large(settings)
        except TimeoutError:
            return _incomplete(request, settings.body_timeout_ms)

    def _refused(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        """A refusal told before the body was read: what follows on the connection is not a request."""
        return answer(request, reply if request.content.is_eof() else reply.closing())


def _not_json_post(request: web.Request) -> Refusal | None:
    if request.method != "POST":
        return Refusal(
            Problem.METHOD,
            f"{quote(request.method)} では呼べません。POST を使ってください",
            f"found method {quote(request.method)}, expected POST",
        )
    content_type = request.headers.get("Content-Type", "")
    if content_type not in _JSON_TYPES and content_type.lower().replace(" ", "").replace('"', "") not in _JSON_TYPES:
        return Refusal(
            Problem.CONTENT_TYPE,
            f"Content-Type の値 {quote(content_type)} が正しくありません。application/json;charset=UTF-8 を指定してください",
            f"Content-Type: found {quote(content_type)}, expected application/json;charset=UTF-8",
        )
    return None


def _incomplete(request: web.Request, waited_ms: int) -> Refusal:
    length = request.headers.get("Content-Length", "?")
    return Refusal(
        Problem.INCOMPLETE,
        f"本文が途中で止まりました（Content-Length は {length}、{waited_ms} ミリ秒待ちました）。Content-Length が大きすぎませんか",
        f"the body stopped before its end (Content-Length {length}, waited {waited_ms} ms): is Content-Length too large?",
    )


def too_large(settings: Settings) -> Refusal:
    """A body over the limit."""
    most = settings.max_body_bytes
    return Refusal(Problem.TOO_LARGE, f"本文は {most} バイトまでです", f"the body may have {most} bytes at most")

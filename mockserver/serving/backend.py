"""The real paths over HTTP: reads the body, hands it to the exchange, answers."""

from aiohttp import web

from mockserver.clock import Now
from mockserver.exchange import Exchange
from mockserver.journal import Trace, read_trace
from mockserver.replies import Reply
from mockserver.serving.acting import Pauses
from mockserver.serving.answering import answer
from mockserver.serving.bodies import read_body
from mockserver.serving.failing import expect
from mockserver.sharing.deeds import Deeds, asked_of, touched_clinic
from mockserver.sharing.events import LOGIN, SEARCH, LoggedIn
from mockserver.wire.paths import LOGIN_PATH, SEARCH_PATH
from mockserver.wire.refusals import Problem, Refusal, quote, wrong_member

_JSON_TYPES = frozenset({"", "application/json", "application/json;charset=utf-8", "application/json;charset=UTF-8"})


class Backend:
    """Handlers of login and search."""

    def __init__(self, exchange: Exchange, deeds: Deeds, now: Now, pauses: Pauses) -> None:
        self._exchange = exchange
        self._deeds = deeds
        self._now = now
        self._pauses = pauses

    def routes(self) -> list[web.RouteDef]:
        """The two real paths, for every method, so that a wrong one is told in the envelope."""
        return [
            web.route("*", LOGIN_PATH, self.login, expect_handler=expect),
            web.route("*", SEARCH_PATH, self.search, expect_handler=expect),
        ]

    async def search(self, request: web.Request) -> web.StreamResponse:
        """資格確認照会."""
        body, trace = await self._body(request), _trace(request)
        now = self._now()
        if isinstance(body, Refusal):
            return self._refused(request, self._exchange.refuse(body, now, trace=trace))
        authorization = request.headers.get("Authorization")
        code = touched_clinic(self._deeds, body)
        if code:
            asked = asked_of(body, authorization, trace)
            return self._answer(request, await self._deeds.do(SEARCH, code, asked, now))
        return self._answer(request, self._exchange.search(body, authorization, now, trace))

    async def login(self, request: web.Request) -> web.StreamResponse:
        """ログイン."""
        body, trace = await self._body(request), _trace(request)
        now = self._now()
        if isinstance(body, Refusal):
            return self._refused(request, self._exchange.refuse_login(body, now, trace))
        read = self._exchange.read_login(body)
        if isinstance(read, Refusal):
            return self._answer(request, self._exchange.refuse_login(read, now, trace))
        owner, code = read
        if self._deeds.touched and code in self._deeds.touched:
            return self._answer(request, await self._deeds.do(LOGIN, code, LoggedIn(owner, trace), now))
        return self._answer(request, self._exchange.answer_login(owner, code, now, trace))

    async def _body(self, request: web.Request) -> bytes | Refusal:
        """The body of a request, or why there is none to read."""
        return _not_json_post(request) or await read_body(request, self._exchange.settings)

    def _refused(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        """A refusal told before the body was read: what follows on the connection is not a request."""
        return self._answer(request, reply if request.content.is_eof() else reply.closing())

    def _answer(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        return answer(request, reply, self._pauses, self._exchange.keeping.sent)


def _trace(request: web.Request) -> Trace:
    headers = request.headers
    return read_trace(headers.get("X-Request-Id", ""), headers.get("traceparent", ""))


def _not_json_post(request: web.Request) -> Refusal | None:
    if request.method != "POST":
        return Refusal(
            Problem.METHOD,
            f"{quote(request.method)} は使えません。POST で送信してください",
            f"found method {quote(request.method)}, expected POST",
        )
    content_type = request.headers.get("Content-Type", "")
    if content_type not in _JSON_TYPES and content_type.lower().replace(" ", "").replace('"', "") not in _JSON_TYPES:
        expected = "application/json;charset=UTF-8"
        return wrong_member(Problem.CONTENT_TYPE, "Content-Type", content_type, f"{expected} ", expected)
    return None

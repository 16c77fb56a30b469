"""The aiohttp server, with one thing changed: what cannot be answered otherwise gets an answer a person can use."""

import asyncio
import logging
from collections.abc import Mapping

from aiohttp import web

from mockserver.clock import Now
from mockserver.exchange import Exchange
from mockserver.serving.answering import answer
from mockserver.serving.backend import Handler
from mockserver.wire.refusals import Problem, Refusal

_LOG = logging.getLogger("mockserver")
_NOT_HTTP = Refusal(
    Problem.NOT_HTTP,
    "HTTP の要求として読めません。Content-Length が文字数で計算されていて本文より小さいと、残りのバイトが次の要求とみなされます"
    "（UTF-8 のバイト数が必要です）",
    "this is not an HTTP request. A Content-Length that counts characters instead of UTF-8 bytes is too small: "
    "what is left of the body is then taken for the next request",
)
_INTERNAL = Refusal(
    Problem.INTERNAL,
    "モックの内部で誤りが起きました。ログを添えて報告してください",
    "the mock itself failed; please report it with its log",
)


class Protocol(web.RequestHandler):
    """A connection. Input that is not HTTP, and a failure of the mock, are answered in the envelope, without traceback."""

    def __init__(self, manager: web.Server, exchange: Exchange, now: Now) -> None:
        super().__init__(manager, loop=asyncio.get_running_loop(), access_log=None)  # type: ignore[arg-type]
        self._exchange = exchange
        self._now = now

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What aiohttp sends when it cannot read a request, or when a handler failed."""
        del message
        if request.writer.output_size > 0:
            raise ConnectionError("an answer was begun already")
        is_ours = status >= 500
        if is_ours:
            _LOG.error("a request failed", exc_info=exc)
        reply = self._exchange.refuse(_INTERNAL if is_ours else _NOT_HTTP, self._now())
        return answer(request, reply.closing())


async def listen(
    app: web.Application, exchange: Exchange, now: Now, host: str, port: int, shortcuts: Mapping[str, Handler]
) -> "Listening":
    """Start to listen; port 0 takes a free one. OSError where the address cannot be had."""
    runner = web.AppRunner(app, handle_signals=False, access_log=None)
    await runner.setup()
    manager = runner.server
    assert manager is not None
    _shorten(manager, shortcuts)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Protocol(manager, exchange, now), host, port, backlog=1024)
    return Listening(runner, server)


def _shorten(manager: web.Server, shortcuts: Mapping[str, Handler]) -> None:
    """Let some paths go round the router, which costs a tenth of a look-up; they stay routed for other spellings."""
    routed = manager.request_handler

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        handler = shortcuts.get(request.raw_path, routed)
        return await handler(request)

    manager.request_handler = handle


class Listening:
    """A server that listens."""

    def __init__(self, runner: web.AppRunner, server: asyncio.Server) -> None:
        self._runner = runner
        self._server = server
        self.port: int = server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Take no more connections, answer what is in flight, close."""
        self._server.close()
        await self._runner.cleanup()

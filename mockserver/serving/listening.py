"""The aiohttp server, with one thing changed: what cannot be answered otherwise gets an answer a person can use."""

import asyncio
import logging
import ssl
from datetime import datetime

from aiohttp import web

from mockserver.clock import Now
from mockserver.exchange import Exchange, Reply
from mockserver.serving.answering import answer, one_buffer
from mockserver.serving.bodies import too_large
from mockserver.serving.shortcut import plain_search
from mockserver.wire.refusals import INTERNAL, Problem, Refusal

_LOG = logging.getLogger("mockserver")
_NOT_HTTP = Refusal(
    Problem.NOT_HTTP,
    "HTTP の要求として読めません。Content-Length が文字数で計算されていて本文より小さいと、残りのバイトが次の要求とみなされます"
    "（UTF-8 のバイト数が必要です）",
    "this is not an HTTP request. A Content-Length that counts characters instead of UTF-8 bytes is too small: "
    "what is left of the body is then taken for the next request",
)


class LookUps:
    """The plain look-ups that came in during one turn of the event loop, answered one after the other.

    Answering each right where it is read would be simpler, but the processor then runs cold between system calls:
    together they take half the time (docs/benchmarks.md).
    """

    def __init__(self, exchange: Exchange, now: Now) -> None:
        self.exchange = exchange
        self.now = now
        self._waiting: list[tuple[Protocol, bytes, str | None]] = []
        self._loop = asyncio.get_running_loop()

    def add(self, connection: "Protocol", body: bytes, authorization: str | None) -> None:
        """Take in a look-up; it is answered before the loop looks for new input."""
        if not self._waiting:
            self._loop.call_soon(self.answer_all)
        self._waiting.append((connection, body, authorization))

    def answer_all(self) -> None:
        """Answer what waits."""
        waiting, self._waiting = self._waiting, []
        now = self.now()
        replies = [self._search(body, authorization, now) for _, body, authorization in waiting]
        for (connection, _, _), reply in zip(waiting, replies, strict=True):
            connection.send(reply)

    def _search(self, body: bytes, authorization: str | None, now: datetime) -> Reply:
        if len(body) > self.exchange.settings.max_body_bytes:
            return self.exchange.refuse(too_large(self.exchange.settings), now)
        try:
            return self.exchange.search(body, authorization, now)
        except Exception:
            _LOG.exception("a look-up failed")
            return self.exchange.refuse(INTERNAL, now)


class Protocol(web.RequestHandler):
    """A connection: the short way for plain look-ups, aiohttp's for everything else.

    Input that is not HTTP, and a failure of the mock, are answered in the envelope, without traceback.
    """

    __slots__ = ("_is_asking", "_is_short", "_look_ups")

    def __init__(self, manager: web.Server, look_ups: LookUps) -> None:
        super().__init__(manager, loop=asyncio.get_running_loop(), access_log=None, auto_decompress=False)  # type: ignore[arg-type]
        self._look_ups = look_ups
        self._is_short = True
        self._is_asking = False

    def data_received(self, data: bytes) -> None:
        """Take in a plain look-up, or leave the connection to aiohttp from here on."""
        if self._is_asking:
            self._look_ups.answer_all()
        search = plain_search(data) if self._is_short else None
        if search is None:
            self._is_short = False
            super().data_received(data)
        else:
            self._is_asking = True
            self._look_ups.add(self, *search)

    def send(self, reply: Reply) -> None:
        """Answer a plain look-up."""
        self._is_asking = False
        if self.transport is not None:
            self.transport.write(one_buffer(reply, keep_alive=not reply.hangs_up))
            if reply.hangs_up:
                self.force_close()

    def pause_writing(self) -> None:
        """The client does not read: from here on aiohttp waits for it."""
        self._is_short = False
        super().pause_writing()

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
        if is_ours and not isinstance(exc, ConnectionError):  # a client that is gone is no failure
            _LOG.error("a request failed", exc_info=exc)
        look_ups = self._look_ups
        reply = look_ups.exchange.refuse(INTERNAL if is_ours else _NOT_HTTP, look_ups.now())
        return answer(request, reply.closing())


async def listen(
    app: web.Application, exchange: Exchange, now: Now, host: str, port: int, tls: ssl.SSLContext | None
) -> "Listening":
    """Start to listen; port 0 takes a free one. OSError where the address cannot be had."""
    runner = web.AppRunner(app, handle_signals=False, access_log=None)
    await runner.setup()
    manager = runner.server
    assert manager is not None
    loop = asyncio.get_running_loop()
    look_ups = LookUps(exchange, now)
    server = await loop.create_server(lambda: Protocol(manager, look_ups), host, port, backlog=1024, ssl=tls)
    return Listening(runner, server)


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

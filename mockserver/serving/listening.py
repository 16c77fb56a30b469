"""The aiohttp server, with one thing changed: what cannot be answered otherwise gets an answer a person can use."""

import asyncio
import logging
import selectors
import ssl
import time
from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import partial
from typing import Any, cast

from aiohttp import web

from mockserver.clock import Now
from mockserver.eligibility.numbering import mask_individual_numbers
from mockserver.exchange import Exchange
from mockserver.journal import read_trace
from mockserver.logs import caused_by
from mockserver.replies import Reply
from mockserver.serving.acting import Pauses, act
from mockserver.serving.answering import answer, one_buffer
from mockserver.serving.bodies import too_large
from mockserver.serving.shortcut import Head, plain_search
from mockserver.sharing.deeds import Deeds, asked_of, touched_clinic
from mockserver.sharing.events import SEARCH
from mockserver.wire.refusals import INTERNAL, Problem, Refusal

_LOG = logging.getLogger("mockserver")
_BACKLOG = 1_024  # connections made that the loop did not take yet
_LAST_ROUND_S = 0.05  # requests on their way when the server stopped to listen are still answered,
_LAST_TURNS = 2  # and read, also where the processor was away for all of that time
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

    def __init__(self, exchange: Exchange, deeds: Deeds, now: Now, pauses: Pauses) -> None:
        self.exchange = exchange
        self.deeds = deeds
        self.now = now
        self.pauses = pauses
        self.acting: set[asyncio.Task[None]] = set()
        self.is_stopping = False
        self._waiting: list[tuple[Protocol, bytes, Head]] = []
        self._loop = asyncio.get_running_loop()

    def add(self, connection: "Protocol", body: bytes, head: Head) -> None:
        """Take in a look-up; it is answered before the loop looks for new input, unless its clinic is shared."""
        if self.deeds.touched and (code := touched_clinic(self.deeds, body)):
            connection.ask(code, body, head)
            return
        if not self._waiting:
            self._loop.call_soon(self.answer_all)
        self._waiting.append((connection, body, head))

    def answer_all(self) -> None:
        """Answer what waits."""
        waiting, self._waiting = self._waiting, []
        now, since_s = self.now(), time.perf_counter()
        replies = [self._search(body, head, now) for _, body, head in waiting]
        sent = []
        for (connection, _, _), reply in zip(waiting, replies, strict=True):
            if reply.decision is None:
                connection.send(reply)
                sent.append(reply)
            else:
                connection.act(reply, since_s)
        if sent:
            self.exchange.keeping.sent_together(sent, time.perf_counter() - since_s, "http")

    async def stop(self) -> None:
        """Answer what waits and what is delayed; from here on every answer is the last of its connection."""
        self.is_stopping = True
        self.answer_all()
        self.pauses.end()
        while self.acting:
            await asyncio.gather(*self.acting, return_exceptions=True)

    async def search_shared(self, code: str, body: bytes, head: Head) -> Reply:
        """The look-up of a clinic that other servers know of, too."""
        now = self.now()
        if len(body) > self.exchange.settings.max_body_bytes:
            return self.exchange.refuse(too_large(self.exchange.settings), now, trace=head.trace)
        try:
            asked = asked_of(body, head.authorization, head.trace)
            reply: Reply = await self.deeds.do(SEARCH, code, asked, now)
        except Exception:
            with caused_by(head.trace.request_id):
                _LOG.exception("a look-up failed")
            return self.exchange.refuse(INTERNAL, now, trace=head.trace)
        return reply

    def _search(self, body: bytes, head: Head, now: datetime) -> Reply:
        if len(body) > self.exchange.settings.max_body_bytes:
            return self.exchange.refuse(too_large(self.exchange.settings), now, trace=head.trace)
        try:
            return self.exchange.search(body, head.authorization, now, head.trace)
        except Exception:
            with caused_by(head.trace.request_id):
                _LOG.exception("a look-up failed")
            return self.exchange.refuse(INTERNAL, now, trace=head.trace)


class Protocol(web.RequestHandler):
    """A connection: the short way for plain look-ups, aiohttp's for everything else.

    Input that is not HTTP, and a failure of the mock, are answered in the envelope, without traceback.
    """

    __slots__ = ("_acting", "_early", "_is_asking", "_is_short", "_look_ups", "when_lost")

    def __init__(self, manager: web.Server, look_ups: LookUps) -> None:
        super().__init__(manager, loop=asyncio.get_running_loop(), access_log=None, auto_decompress=False)  # type: ignore[arg-type]
        self._look_ups = look_ups
        self._is_short = True
        self._is_asking = False
        self._acting: asyncio.Task[None] | None = None
        self._early = bytearray()
        self.when_lost: Callable[[], None] | None = None  # called when the client is gone

    def data_received(self, data: bytes) -> None:
        """Take in a plain look-up, or leave the connection to aiohttp from here on."""
        if self._is_asking:
            self._look_ups.answer_all()
        if self._acting is not None:
            self._wait_with(data)
            return
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
            stays = self._stays(reply)
            self.transport.write(one_buffer(reply, stays))
            if not stays:
                self.force_close()

    def act(self, reply: Reply, since_s: float) -> None:
        """Answer a plain look-up as its decision says; what comes meanwhile waits."""
        self._is_asking = False
        self._start(self._act(reply, since_s))

    def ask(self, code: str, body: bytes, head: Head) -> None:
        """Answer a plain look-up when its reply is known; what comes meanwhile waits."""
        self._is_asking = False
        self._start(self._ask(code, body, head))

    def _start(self, acting: Coroutine[Any, Any, None]) -> None:
        self._acting = asyncio.get_running_loop().create_task(acting)
        self._look_ups.acting.add(self._acting)
        self._acting.add_done_callback(self._look_ups.acting.discard)

    async def _ask(self, code: str, body: bytes, head: Head) -> None:
        since_s = time.perf_counter()
        reply = await self._look_ups.search_shared(code, body, head)
        if reply.decision is not None:
            await self._act(reply, since_s)
            return
        self.send(reply)
        self._look_ups.exchange.keeping.sent(reply, time.perf_counter() - since_s)
        self._acting = None
        self._go_on()

    async def _act(self, reply: Reply, since_s: float) -> None:
        try:
            await self._send_as_decided(reply, since_s)
        except Exception:
            with caused_by(reply.entry.trace.request_id if reply.entry else ""):
                _LOG.exception("an answer could not be sent")
            self.force_close()
        self._acting = None
        self._go_on()

    async def _send_as_decided(self, reply: Reply, since_s: float) -> None:
        transport, decision = self.transport, reply.decision
        if transport is None or decision is None:
            return
        written, pauses = partial(self._written, reply), self._look_ups.pauses
        if await act(decision, written, cast(asyncio.WriteTransport, transport), pauses):
            self._look_ups.exchange.keeping.sent(reply, time.perf_counter() - since_s)
            if not self._stays(reply):
                self.force_close()

    def _written(self, reply: Reply) -> bytes:
        return one_buffer(reply, self._stays(reply))

    def _stays(self, reply: Reply) -> bool:
        return not (reply.hangs_up or self._look_ups.is_stopping)

    def _wait_with(self, data: bytes) -> None:
        """Keep what comes before an answer was sent; a client that sends much ahead has to wait."""
        self._early += data
        if len(self._early) > self._look_ups.exchange.settings.max_body_bytes and self.transport is not None:
            cast(asyncio.ReadTransport, self.transport).pause_reading()

    def _go_on(self) -> None:
        if self._early and self.transport is not None and not self.transport.is_closing():
            early, self._early = bytes(self._early), bytearray()
            cast(asyncio.ReadTransport, self.transport).resume_reading()
            self.data_received(early)

    def connection_lost(self, exc: BaseException | None) -> None:
        """The client is gone: nothing is to be answered any more."""
        if self._acting is not None:
            self._acting.cancel()
        if self.when_lost is not None:
            self.when_lost()
        super().connection_lost(exc)

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
        is_ours = status >= 500
        if is_ours and not isinstance(exc, ConnectionError):  # a client that is gone is no failure
            with caused_by(request_id_of(request)):
                _LOG.error("%s %s failed", request.method, mask_individual_numbers(request.path), exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer was begun already")
        look_ups = self._look_ups
        reply = look_ups.exchange.refuse(INTERNAL if is_ours else _NOT_HTTP, look_ups.now())
        return answer(request, reply.closing(), look_ups.pauses, look_ups.exchange.keeping.sent)


def request_id_of(request: web.BaseRequest) -> str:
    """The X-Request-Id of a request, as far as it can be told."""
    return read_trace(request.headers.get("X-Request-Id", ""), "").request_id


async def listen(
    app: web.Application,
    look_ups: LookUps,
    host: str,
    port: int,
    tls: ssl.SSLContext | None,
    *,
    is_shared: bool = False,
) -> "Listening":
    """Start to listen; port 0 takes a free one. OSError where the address cannot be had. `is_shared`: others may, too."""
    runner = web.AppRunner(app, handle_signals=False, access_log=None)
    await runner.setup()
    manager = runner.server
    assert manager is not None
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Protocol(manager, look_ups), host, port, backlog=_BACKLOG, ssl=tls, reuse_port=is_shared or None
    )
    return Listening(runner, server, look_ups)


class Listening:
    """A server that listens."""

    def __init__(self, runner: web.AppRunner, server: asyncio.Server, look_ups: LookUps) -> None:
        self._runner = runner
        self._server = server
        self._look_ups = look_ups
        self.port: int = server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Take no more connections, answer what is in flight, close."""
        await self._take_all()
        self._server.close()
        await self._look_ups.stop()
        await _turns()
        if self._runner.server is not None and self._runner.server.connections:
            await asyncio.sleep(_LAST_ROUND_S)
            await _turns()
            await self._look_ups.stop()
        await self._runner.cleanup()

    async def _take_all(self) -> None:
        """Let the loop take what connections were made already: closing the socket would reset them."""
        with selectors.DefaultSelector() as selector:
            for listener in self._server.sockets:
                selector.register(listener, selectors.EVENT_READ)
            for _ in range(_BACKLOG):
                if not selector.select(0):
                    return
                await asyncio.sleep(0)


async def _turns() -> None:
    """Let the loop read what has come."""
    for _ in range(_LAST_TURNS):
        await asyncio.sleep(0)

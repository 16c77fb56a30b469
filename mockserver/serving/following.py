"""The journal as it grows: all entries as JSON Lines, or server-sent events that go on while entries are written.

Nothing is buffered for a reader: it takes from the journal by serial, as fast as it reads, and is told how many entries
gave way before it came to them.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, cast, get_args

import msgspec
from aiohttp import web
from msgspec.structs import replace

from mockserver.denial import Denial
from mockserver.exchange import Exchange
from mockserver.journal import Journal
from mockserver.recalling import EntryView, JournalQuery, Recalling, is_wanted
from mockserver.serving.answering import MOCK_HEADERS
from mockserver.serving.listening import Protocol
from mockserver.wire.refusals import quote

Format = Literal["json", "jsonl", "events"]
HEARTBEAT_S = 15.0
_LINES_TYPE, _EVENTS_TYPE = "application/x-ndjson", "text/event-stream"
_HEARTBEAT = b":\n\n"  # a comment
_AT_ONCE = 200  # entries looked at between two writes,
_TURN_S = 0.002  # and no longer than this, so that look-ups need not wait
_LONGEST_SERIAL = 15  # digits
_encoder = msgspec.json.Encoder()


def format_of(request: web.Request) -> Format:
    """The form of the journal that is wanted: what `format` says, else what Accept does."""
    if named := request.query.get("format"):
        if named not in get_args(Format):
            raise Denial(
                400,
                f"format の値 {quote(named)} は使えません。json, jsonl, events のいずれかを指定してください",
                f"format: found {quote(named)}, expected json, jsonl or events",
            )
        return cast(Format, named)
    accepted = request.headers.get("Accept", "")
    if _EVENTS_TYPE in accepted:
        return "events"
    return "jsonl" if _LINES_TYPE in accepted else "json"


class Reader:
    """Where in a journal somebody reads. `most`: how many entries are wanted, `end`: the last serial; None: all."""

    def __init__(self, recalling: Recalling, query: JournalQuery, most: int | None) -> None:
        self.journal: Journal | None = None
        self._recalling = recalling
        self._query = replace(query, after=0)
        self._at = query.after
        self._left = most
        self.end: int | None = None

    @property
    def is_done(self) -> bool:
        """Whether as many were read as are wanted."""
        return self._left == 0 or (self.end is not None and self._at >= self.end)

    @property
    def has_more(self) -> bool:
        """Whether there are entries that were not looked at."""
        return self.journal is not None and self._at < self.journal.last and not self.is_done

    def turn_to(self, journal: Journal | None) -> int | None:
        """Read this journal. Another one than before begins anew: how many of the old were not read; None: the same."""
        old, self.journal = self.journal, journal
        if old is journal or (journal is not None and self._goes_on(old, journal)):
            return None
        unread = old.last - self._at if old is not None else 0
        self._at = 0
        return unread

    def _goes_on(self, old: Journal | None, journal: Journal) -> bool:
        """Whether the serials are those of before: nothing was read yet, or the old journal gave way and was begun again."""
        if old is None:
            return self._at <= journal.last
        return 0 < old.last <= journal.begins_after

    def pass_over(self) -> int:
        """How many entries gave way before they were looked at."""
        gone = max(self.journal.dropped - self._at, 0) if self.journal is not None else 0
        self._at += gone
        return gone

    def read(self) -> list[EntryView]:
        """The next wanted entries, of as many as can be looked at in a turn."""
        views: list[EntryView] = []
        ends_at = time.perf_counter() + _TURN_S
        for entry in self.journal.following(self._at, _AT_ONCE) if self.journal is not None else ():
            if self.is_done or time.perf_counter() > ends_at:
                break
            self._at = entry.serial
            if is_wanted(entry, self._query):
                views.append(self._recalling.view(entry, self._query.masked))
                self._left = None if self._left is None else self._left - 1
        return views


class Follower:
    """A connection that follows a journal: it sleeps until there is something to tell."""

    def __init__(self, request: web.Request, response: web.StreamResponse) -> None:
        self._response = response
        self._changed = asyncio.Event()
        self.wake = self._changed.set
        self._transport = request.transport
        self._protocol = cast(Protocol, request.protocol)
        self._protocol.when_lost = self.wake
        self._is_writing = False

    @property
    def is_gone(self) -> bool:
        """Whether the client left."""
        return self._transport is None or self._transport.is_closing()

    async def send(self, told: bytes) -> None:
        """Send something; a client that does not read has it wait here."""
        self._is_writing = True
        try:
            await self._response.write(told)
        finally:
            self._is_writing = False

    async def wait(self) -> None:
        """Wait for an entry, or for the end; tell the client meanwhile that the connection lives."""
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                await self._changed.wait()
        except TimeoutError:
            await self.send(_HEARTBEAT)
        self._changed.clear()

    def stop(self) -> None:
        """End now: a client that does not read is cut off."""
        self.wake()
        if self._is_writing and self._transport is not None:
            self._transport.abort()

    def leave(self) -> None:
        """The connection follows no more."""
        self._protocol.when_lost = None


class Following:
    """Sends journals piece by piece."""

    def __init__(self, exchange: Exchange, recalling: Recalling) -> None:
        self._journals = exchange.journals
        self._recalling = recalling
        self._followers: set[Follower] = set()
        self._is_stopping = False

    def stop(self) -> None:
        """End what would not end by itself."""
        self._is_stopping = True
        for follower in self._followers:
            follower.stop()

    async def lines(self, request: web.Request, code: str, query: JournalQuery) -> web.StreamResponse:
        """The entries there are now, one a line."""
        reader = Reader(self._recalling, query, _most(request, query))
        reader.journal = journal = self._journals.find(code)
        reader.end = journal.last if journal is not None else 0
        response = await _begun(request, _LINES_TYPE)
        while reader.has_more:
            reader.pass_over()
            await response.write(_encoder.encode_lines(reader.read()))
            await asyncio.sleep(0)
        return response

    async def events(self, request: web.Request, code: str, query: JournalQuery) -> web.StreamResponse:
        """The entries there are and those to come, until the client leaves, has enough, or the server stops."""
        if not self._journals.is_kept:
            raise Denial(
                409, "ジャーナルは記録されません（--journal-entries 0）", "no journal is kept (--journal-entries 0)"
            )
        reader = Reader(self._recalling, replace(query, after=_after(request, query)), _most(request, query))
        response = await _begun(request, _EVENTS_TYPE)
        with self._listening(code, Follower(request, response)) as follower:
            try:
                await follower.send(_HEARTBEAT)  # so that the client sees the head
                await self._tell(code, reader, follower)
            except ConnectionError:
                pass  # the client is gone
        return response

    async def _tell(self, code: str, reader: Reader, follower: Follower) -> None:
        while not (self._is_stopping or follower.is_gone or reader.is_done):
            told = b"".join(self._news(reader, self._journals.find(code)))
            if told:
                await follower.send(told)
            if reader.has_more:
                await asyncio.sleep(0)
            elif not reader.is_done:
                await follower.wait()

    @staticmethod
    def _news(reader: Reader, journal: Journal | None) -> Iterator[bytes]:
        unread = reader.turn_to(journal)
        gone = (unread or 0) + reader.pass_over()
        if unread is not None:
            yield b"event: reset\nid: 0\ndata: {}\n\n"
        if gone:
            yield b'event: dropped\ndata: {"entries":%d}\n\n' % gone
        for view in reader.read():
            yield b"id: %d\ndata: %b\n\n" % (view.serial, _encoder.encode(view))

    @contextmanager
    def _listening(self, code: str, follower: Follower) -> Iterator[Follower]:
        self._journals.listen(code, follower.wake)
        self._followers.add(follower)
        try:
            yield follower
        finally:
            self._followers.discard(follower)
            self._journals.unlisten(code, follower.wake)
            follower.leave()


async def _begun(request: web.Request, content_type: str) -> web.StreamResponse:
    headers = {**MOCK_HEADERS, "Content-Type": f"{content_type}; charset=utf-8", "Cache-Control": "no-store"}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    return response


def _most(request: web.Request, query: JournalQuery) -> int | None:
    """`limit`, which a page has also where it was not asked for."""
    return query.limit if "limit" in request.query else None


def _after(request: web.Request, query: JournalQuery) -> int:
    """The serial after which to begin: of the last event a client that comes again has seen, else `after`."""
    last = request.headers.get("Last-Event-ID", "")
    if not last:
        return query.after
    if not (last.isascii() and last.isdigit() and len(last) <= _LONGEST_SERIAL):
        raise Denial(
            400,
            f"Last-Event-ID の値 {quote(last)} は番号でなければなりません",
            f"Last-Event-ID: found {quote(last)}, expected the serial of an entry",
        )
    return int(last)

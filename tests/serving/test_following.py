"""The journal as JSON Lines, and as server-sent events while it grows."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest

from mockserver.client import Mock as WaitingMock
from mockserver.client import Refused, Unreachable, aio
from mockserver.exchange import Exchange
from mockserver.journal import Entry, Journal
from mockserver.recalling import JournalQuery, Recalling
from mockserver.serving import following
from mockserver.serving.following import Reader
from mockserver.settings import Settings
from tests.serving.conftest import CLINIC, NOW, OTHER_CLINIC, Running, StartMock, as_bytes, question

PATIENCE_S = 5
JOURNAL = f"/admin/clinics/{CLINIC}/journal"
NO_MATCH = {"InsuredIdentificationNumber": "1000004"}


def look_up(mock: Running, times: int = 1, clinic: str = CLINIC, **members: str) -> None:
    """Look-ups without HTTP, which is quicker."""
    body = as_bytes(question(MedicalInstitutionCode=clinic, **members))
    for _ in range(times):
        mock.mock.exchange.search(body, mock.token, NOW)


async def become(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():  # noqa: ASYNC110 - what is waited for is the server's
            await asyncio.sleep(0.002)


class Events:
    """A stream of server-sent events that is read."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def raw(self) -> str:
        """What comes next, up to an empty line; empty at the end."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                return (await self.response.content.readuntil(b"\n\n")).decode()
            except asyncio.IncompleteReadError:
                return ""

    async def next(self) -> dict[str, str]:
        """The members of the next event; heartbeats are passed over, none at the end."""
        while (raw := await self.raw()).startswith(":"):
            pass
        return dict(line.split(": ", 1) for line in raw.splitlines() if line)

    async def entry(self) -> dict:
        """The next entry."""
        event = await self.next()
        assert "event" not in event, event
        entry = json.loads(event["data"])
        assert event["id"] == str(entry["serial"])
        return entry


@asynccontextmanager
async def follow(mock: Running, query: str = "", clinic: str = CLINIC, **headers: str) -> AsyncIterator[Events]:
    """Follow a journal."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    async with mock.session.get(f"/admin/clinics/{clinic}/journal?format=events{query}", headers=named) as response:
        assert response.status == 200, await response.text()
        yield Events(response)


def lines_of(body: bytes) -> list[dict]:
    """JSON Lines read."""
    assert body.endswith(b"\n") or not body
    return [json.loads(line) for line in body.splitlines()]


# JSON Lines


@pytest.mark.parametrize(
    ("asked", "accept", "content_type"),
    [
        ("", "*/*", "application/json;charset=UTF-8"),
        ("?format=json", "text/event-stream", "application/json;charset=UTF-8"),
        ("", "application/x-ndjson", "application/x-ndjson; charset=utf-8"),
        ("?format=jsonl", "*/*", "application/x-ndjson; charset=utf-8"),
        ("", "text/event-stream", "text/event-stream; charset=utf-8"),
        ("?format=events", "application/json", "text/event-stream; charset=utf-8"),
    ],
)
async def test_the_form_is_chosen_by_the_query_or_else_by_accept(mock, asked, accept, content_type):
    async with mock.session.get(f"{JOURNAL}{asked}", headers={"Accept": accept}) as response:
        assert response.headers["Content-Type"] == content_type
        assert response.headers["X-Mock-Response"] == "true"


async def test_lines_are_all_entries_however_many(start_mock: StartMock):
    mock = await start_mock(journal_entries=3_000)
    look_up(mock, 2_500)
    entries = lines_of((await mock.call("GET", f"{JOURNAL}?format=jsonl")).body)
    assert [entry["serial"] for entry in entries] == list(range(1, 2_501))
    page = (await mock.admin("GET", "/journal?limit=2")).json["entries"]
    assert entries[:2] == page


@pytest.mark.parametrize(
    ("query", "serials"),
    [
        ("after=3", [4, 5, 6]),
        ("limit=2", [1, 2]),
        ("said=4", [4, 5, 6]),
        ("said=1&after=1&limit=1", [2]),
        ("via=file", []),
        ("after=99", []),
    ],
)
async def test_lines_are_those_that_fit(mock, query, serials):
    look_up(mock, 3)
    look_up(mock, 3, **NO_MATCH)
    entries = lines_of((await mock.call("GET", f"{JOURNAL}?format=jsonl&{query}")).body)
    assert [entry["serial"] for entry in entries] == serials


async def test_lines_end_though_entries_go_on_to_be_written(start_mock: StartMock):
    mock = await start_mock(journal_entries=500)
    look_up(mock, 500)

    async def write_on() -> None:
        while True:
            look_up(mock, 20)
            await asyncio.sleep(0)

    writing = asyncio.create_task(write_on())
    async with asyncio.timeout(PATIENCE_S):
        entries = lines_of((await mock.call("GET", f"{JOURNAL}?format=jsonl")).body)
    writing.cancel()
    serials = [entry["serial"] for entry in entries]
    assert serials == sorted(set(serials))


async def test_numbers_are_masked_unless_wanted(mock):
    look_up(mock)
    for query, is_shown in [("", False), ("&masked=true", False), ("&masked=false", True)]:
        body = (await mock.call("GET", f"{JOURNAL}?format=jsonl{query}")).body
        assert (b"1000001" in body) == is_shown


# Refusals


@pytest.mark.parametrize(
    ("query", "headers", "words"),
    [
        ("?format=xml", {}, ["format", "xml", "json", "jsonl", "events"]),
        ("?format=jsonl&limit=0", {}, ["limit"]),
        ("?format=events&after=-1", {}, ["after"]),
        ("?format=events", {"Last-Event-ID": "x9"}, ["Last-Event-ID", "x9"]),
        ("?format=events", {"Last-Event-ID": "9" * 40}, ["Last-Event-ID"]),
    ],
)
async def test_what_cannot_be_meant_is_refused_in_both_languages(mock, query, headers, words):
    reply = await mock.call("GET", f"{JOURNAL}{query}", headers=headers)
    assert reply.status == 400
    for told in reply.json["error"].values():
        assert all(word in told for word in words), told
    assert not reply.json["error"]["message_ja"].isascii()


async def test_a_journal_that_is_not_kept_cannot_be_followed(start_mock: StartMock):
    mock = await start_mock(journal_entries=0)
    reply = await mock.call("GET", f"{JOURNAL}?format=events")
    assert (reply.status, "journal" in reply.problem) == (409, True)
    assert lines_of((await mock.call("GET", f"{JOURNAL}?format=jsonl")).body) == []


# Events


async def test_events_are_the_entries_there_are_and_then_each_new_one(mock):
    look_up(mock, 3)
    async with follow(mock, "&after=1") as events:
        assert [(await events.entry())["serial"] for _ in range(2)] == [2, 3]
        look_up(mock)
        assert (await events.entry())["serial"] == 4
        look_up(mock, clinic=OTHER_CLINIC)
        await mock.search()
        entry = await events.entry()
        assert entry["serial"] == 5
        page = (await mock.admin("GET", "/journal?after=4")).json["entries"]
        assert [{**entry, "took_ms": None}] == [{**told, "took_ms": None} for told in page]


async def test_a_journal_can_be_followed_before_it_begins(mock):
    async with follow(mock) as events:
        look_up(mock)
        assert (await events.entry())["serial"] == 1


async def test_only_what_fits_is_told(mock):
    async with follow(mock, "&said=4&limit=2") as events:
        look_up(mock, 2)
        look_up(mock, **NO_MATCH)
        assert (await events.entry())["serial"] == 3
        look_up(mock, 300)
        look_up(mock, **NO_MATCH)
        assert (await events.entry())["serial"] == 304
        assert await events.next() == {}  # two were wanted


async def test_who_comes_again_goes_on_after_the_last_event(mock):
    look_up(mock, 5)
    async with follow(mock, "&after=1", Last_Event_ID="4") as events:
        assert (await events.entry())["serial"] == 5


async def test_a_heartbeat_tells_that_the_connection_lives(mock, monkeypatch):
    monkeypatch.setattr(following, "HEARTBEAT_S", 0.01)
    async with follow(mock) as events:
        assert [await events.raw() for _ in range(3)] == [":\n\n"] * 3
        look_up(mock)
        assert (await events.entry())["serial"] == 1


async def test_what_gave_way_is_told_by_its_number(start_mock: StartMock):
    mock = await start_mock(journal_entries=5)
    look_up(mock, 20)
    async with follow(mock) as events:
        assert await events.next() == {"event": "dropped", "data": '{"entries":15}'}
        assert (await events.entry())["serial"] == 16


async def test_a_reset_begins_the_serials_anew(mock):
    look_up(mock, 2)
    async with follow(mock) as events:
        assert [(await events.entry())["serial"] for _ in range(2)] == [1, 2]
        await mock.admin("DELETE")
        look_up(mock, 3)
        assert await events.next() == {"event": "reset", "id": "0", "data": "{}"}
        assert [(await events.entry())["serial"] for _ in range(3)] == [1, 2, 3]
    async with follow(mock, Last_Event_ID="300") as events:  # that of an earlier life
        assert (await events.next())["event"] == "reset"
        assert (await events.entry())["serial"] == 1


async def test_a_slow_reader_is_not_waited_for_and_learns_what_it_missed(start_mock: StartMock):
    mock = await start_mock(journal_entries=200)
    host, _, port = mock.url.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=4_096)
    writer.write(f"GET {JOURNAL}?format=events HTTP/1.0\r\n\r\n".encode())
    await reader.readuntil(b":\n\n")
    written = 0
    for _ in range(20):
        look_up(mock, 200)
        written += 200
        await asyncio.sleep(0)
    seen, gone = 0, 0
    async with asyncio.timeout(PATIENCE_S):
        while seen + gone < written:
            line = (await reader.readuntil(b"\n")).decode()
            seen += line.startswith("id: ")
            gone += json.loads(line[6:])["entries"] if line.startswith('data: {"entries"') else 0
    assert seen + gone == written
    assert gone
    writer.close()
    await writer.wait_closed()


async def test_a_client_that_leaves_is_forgotten(mock):
    before = len(asyncio.all_tasks())
    async with follow(mock) as events:
        look_up(mock)
        await events.entry()
        assert len(asyncio.all_tasks()) > before
        events.response.close()
    await become(lambda: len(asyncio.all_tasks()) <= before)
    look_up(mock)


async def test_streams_end_when_the_server_stops(mock):
    async with follow(mock) as events:
        look_up(mock)
        await events.entry()
        stopping = asyncio.create_task(mock.mock.stop())
        assert await events.next() == {}  # a whole answer: the last chunk came
        async with asyncio.timeout(PATIENCE_S):
            await stopping


async def test_a_client_that_does_not_read_holds_no_stop_up(start_mock: StartMock):
    mock = await start_mock(journal_entries=10_000)
    look_up(mock, 6_000)  # more than sockets hold
    host, _, port = mock.url.removeprefix("http://").rpartition(":")
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    line.connect((host, int(port)))
    reader, writer = await asyncio.open_connection(sock=line, limit=4_096)
    writer.write(f"GET {JOURNAL}?format=events HTTP/1.1\r\nHost: mock\r\n\r\n".encode())
    await reader.readuntil(b":\n\n")
    for _ in range(3_000):  # turns of the loop, in which the mock writes until nothing goes out any more
        await asyncio.sleep(0)
    async with asyncio.timeout(PATIENCE_S):
        await mock.mock.stop()
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


# The client


async def test_the_client_for_asyncio_follows(mock):
    async with aio.Mock(mock.url) as client:
        journal = client.clinic(CLINIC).journal
        look_up(mock)
        entries = journal.follow(timeout_s=PATIENCE_S)
        assert (await anext(entries)).serial == 1
        look_up(mock, 2, **NO_MATCH)
        assert [(await anext(entries)).said for _ in range(2)] == ["4", "4"]
        await entries.aclose()
        with pytest.raises(TimeoutError, match=r"記録.*journal"):
            [entry async for entry in journal.follow(timeout_s=0.05, said="4")]
        with pytest.raises(Refused, match="after"):
            await anext(journal.follow(after=-1))


async def test_the_client_that_waits_follows(mock):
    def steps() -> list:
        journal = WaitingMock(mock.url).clinic(CLINIC).journal
        entries = journal.follow(timeout_s=PATIENCE_S)
        told = [next(entries).serial]
        loop.call_soon_threadsafe(look_up, mock)
        told.append(next(entries).serial)
        entries.close()
        with pytest.raises(TimeoutError, match=r"記録.*journal"):
            list(journal.follow(after=1, timeout_s=0.05))
        with pytest.raises(Refused, match="after"):
            next(journal.follow(after=-1))
        with pytest.raises(Unreachable):
            next(WaitingMock("http://127.0.0.1:9").clinic(CLINIC).journal.follow())
        return told

    loop = asyncio.get_running_loop()
    look_up(mock)
    assert await asyncio.to_thread(steps) == [1, 2]


async def test_the_clients_iteration_ends_with_the_server(mock):
    async with aio.Mock(mock.url) as client:
        entries = client.clinic(CLINIC).journal.follow(timeout_s=PATIENCE_S)
        look_up(mock)
        assert (await anext(entries)).serial == 1
        stopping = asyncio.create_task(mock.mock.stop())
        assert [entry async for entry in entries] == []
        await stopping


async def test_the_clients_export_to_a_file(start_mock: StartMock, tmp_path):
    mock = await start_mock(journal_entries=2_000)
    look_up(mock, 1_500)
    look_up(mock, 2, **NO_MATCH)
    async with aio.Mock(mock.url) as client:
        assert await client.clinic(CLINIC).journal.export(tmp_path / "all.jsonl") == 1_502
    waiting = WaitingMock(mock.url).clinic(CLINIC).journal
    assert await asyncio.to_thread(waiting.export, tmp_path / "some.jsonl", said="4") == 2
    every, some = (lines_of((tmp_path / name).read_bytes()) for name in ("all.jsonl", "some.jsonl"))
    assert [entry["serial"] for entry in every] == list(range(1, 1_503))
    assert some == every[-2:]


def test_a_journal_that_gave_way_and_was_begun_again_is_read_on():
    exchange = Exchange(Settings(journal_entries=10), NOW)
    reader = Reader(Recalling(exchange), JournalQuery(), None)
    old = Journal(10)
    for serial in (1, 2, 3):
        old.add(an_entry(serial))
    assert reader.turn_to(old) is None
    assert [view.serial for view in reader.read()] == [1, 2, 3]
    again = Journal(10, last=5)
    again.add(an_entry(6))

    assert reader.turn_to(again) is None
    assert reader.pass_over() == 2
    assert [view.serial for view in reader.read()] == [6]


def an_entry(serial: int) -> Entry:
    return Entry(serial=serial, via="http", at=NOW, moment=NOW, said="1", status=200, pattern="valid")

"""Each fault as a real client feels it on a real socket, on both ways of a look-up: the short one and aiohttp's."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import uvloop

from mockserver.faults import (
    AnyFault,
    Backlog,
    ConnectionReset,
    Maintenance,
    MalformedAnswer,
    Outage,
    Slow,
    SlowDrip,
    StillProcessing,
    Timeout,
    TruncatedAnswer,
    WrongContentType,
)
from mockserver.faults.rules import Rule
from mockserver.serving.app import start
from mockserver.serving.shortcut import plain_search
from mockserver.settings import Settings
from tests.serving.conftest import CLINIC, LOGIN, NOW, OTHER_CLINIC, SEARCH, Reply, Running, http, question

SHORT, LONG, PIECES = "short way", "aiohttp's way", "aiohttp's way in pieces"
BOTH = pytest.mark.parametrize("way", [SHORT, LONG])
ALL = pytest.mark.parametrize("way", [SHORT, LONG, PIECES])
A_WHILE_S = 0.2
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def rule(mock: Running, fault: AnyFault, clinic: str = CLINIC, number: str = "1", **whom: Any) -> None:
    """Put a rule for a clinic."""
    mock.mock.exchange.clinics.open(clinic, NOW).rules.append(Rule(id=number, fault=fault, **whom))


def request(mock: Running, way: str, **headers: str) -> bytes:
    """A look-up as bytes that take a way."""
    extra = {} if way == SHORT else {"X_Extra": "1"}
    return http(question(), Authorization=mock.token, **extra, **headers)


@dataclass
class Line:
    """A connection to a mock."""

    mock: Running
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, way: str, **headers: str) -> None:
        """Send a look-up."""
        raw = request(self.mock, way, **headers)
        cut = len(raw) - 20 if way == PIECES else len(raw)
        await self.send(raw[:cut])
        if raw[cut:]:
            await self.send(raw[cut:])

    async def send(self, raw: bytes) -> None:
        """Send bytes, and let the mock read them."""
        self.writer.write(raw)
        await self.writer.drain()
        for _ in range(10):
            await asyncio.sleep(0)

    async def head(self) -> tuple[int, dict[str, str]]:
        """Read the head of an answer."""
        first, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        return int(first.split()[1]), dict(line.split(": ", 1) for line in lines if line)

    async def answer(self) -> Reply:
        """Read an answer."""
        status, headers = await self.head()
        return Reply(status, headers, await self.reader.readexactly(int(headers["Content-Length"])))

    async def answered(self, way: str, **headers: str) -> Reply:
        """Ask and be answered."""
        await self.ask(way, **headers)
        return await self.answer()


@asynccontextmanager
async def dialled(mock: Running) -> AsyncIterator[Line]:
    """A connection, closed at the end; nothing on it may take longer than a few seconds."""
    host, _, port = mock.url.removeprefix("http://").rpartition(":")
    async with asyncio.timeout(3):
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            yield Line(mock, reader, writer)
        finally:
            writer.transport.abort()


@pytest.fixture
async def line(mock: Running) -> AsyncIterator[Line]:
    """A connection to the mock as it comes."""
    async with dialled(mock) as connected:
        yield connected


async def asked(mock: Running, clinic: str = CLINIC) -> tuple[int, bool]:
    """The HTTP status for a clinic with aiohttp's client, and whether a decision is told."""
    headers = {"Authorization": mock.token, "Content-Type": "application/json"}
    body = question(MedicalInstitutionCode=clinic)
    async with mock.session.post(SEARCH, data=json.dumps(body), headers=headers) as response:
        return response.status, "X-Mock-Decision" in response.headers


async def hits(mock: Running, clinic: str, times: int) -> list[bool]:
    """Which of so many look-ups of a clinic meet a fault."""
    return [(await asked(mock, clinic))[1] for _ in range(times)]


def test_the_two_ways_are_what_they_say():
    mock = Running(Settings(), token="token")
    assert plain_search(request(mock, SHORT))
    assert plain_search(request(mock, SHORT, X_Request_Id="1", traceparent=TRACEPARENT))
    assert not plain_search(request(mock, LONG))


@BOTH
async def test_without_a_rule_nothing_happens(line, way):
    answer = await line.answered(way)
    assert answer.validity == "1"
    assert "X-Mock-Decision" not in answer.headers


@ALL
async def test_a_slow_answer_comes_no_earlier_than_it_should_and_is_whole(mock, line, way):
    rule(mock, Slow(ms=80), first=1)
    since = asyncio.get_running_loop().time()
    answer = await line.answered(way)
    assert asyncio.get_running_loop().time() - since >= 0.08
    assert answer.validity == "1"
    assert answer.headers["X-Mock-Decision"] == "slow delay_ms=80 rule=1 match=1"
    assert (await line.answered(way)).validity == "1"


@BOTH
async def test_delays_add_up_and_the_fault_behind_them_acts(mock, line, way):
    rule(mock, Slow(ms=40))
    rule(mock, Backlog(worst_ms=40), number="2")
    rule(mock, Outage(), number="3")
    since = asyncio.get_running_loop().time()
    answer = await line.answered(way)
    assert asyncio.get_running_loop().time() - since >= 0.08
    assert answer.status == 503
    assert answer.headers["X-Mock-Decision"].split("; ")[-1] == "outage rule=3 match=1"


@BOTH
async def test_a_timeout_never_answers_and_holds_nobody_else_up(mock, line, way):
    rule(mock, Timeout(), first=1)
    await line.ask(way)
    async with dialled(mock) as other:
        assert (await other.answered(way)).validity == "1"
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(A_WHILE_S):
            await line.reader.read(1)
    await mock.mock.stop()
    assert await line.reader.read() == b""


async def test_aiohttps_client_runs_into_its_own_timeout(mock):
    rule(mock, Timeout())
    headers = {"Authorization": mock.token}
    with pytest.raises(TimeoutError):
        await mock.session.post(SEARCH, json=question(), headers=headers, timeout=aiohttp.ClientTimeout(A_WHILE_S))


@BOTH
async def test_a_reset_before_the_answer(mock, line, way):
    rule(mock, ConnectionReset(), first=1)
    await line.ask(way)
    with pytest.raises(ConnectionResetError):
        await line.reader.read(1)
    async with dialled(mock) as again:
        assert (await again.answered(way)).validity == "1"


@BOTH
async def test_a_reset_midway(mock, line, way):
    rule(mock, ConnectionReset(when="midway"))
    await line.ask(way)
    assert (await line.reader.read(8)) == b"HTTP/1.1"
    with pytest.raises(ConnectionResetError):
        await line.reader.read()


async def test_aiohttps_client_feels_a_reset(mock):
    rule(mock, ConnectionReset())
    headers = {"Authorization": mock.token}
    with pytest.raises(aiohttp.ClientConnectionError):
        await mock.session.post(SEARCH, json=question(), headers=headers)


@BOTH
def test_a_reset_under_uvloop(way):
    async def felt() -> None:
        running = Running(Settings(port=0, require_token=False))
        running.mock = await start(running.settings, lambda: NOW)
        try:
            rule(running, ConnectionReset())
            async with dialled(running) as line:
                await line.ask(way)
                with pytest.raises(ConnectionResetError):
                    await line.reader.read(1)
        finally:
            await running.mock.stop()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(felt())


@pytest.mark.parametrize(("way", "percent"), [(SHORT, 50), (LONG, 50), (LONG, 0)])
async def test_a_truncated_answer_ends_before_its_length(mock, line, way, percent):
    rule(mock, TruncatedAnswer(percent=percent))
    await line.ask(way)
    status, headers = await line.head()
    body = await line.reader.read()
    length = int(headers["Content-Length"])
    assert status == 200
    assert len(body) == length * percent // 100 < length


@BOTH
async def test_a_slow_drip_comes_in_many_reads_and_is_whole(mock, line, way):
    rule(mock, SlowDrip(drop_bytes=512, pause_ms=5), first=1)
    await line.ask(way)
    drops = [await line.reader.read(65_536)]
    head, _, begun = drops[0].partition(b"\r\n\r\n")
    length = int(head.rpartition(b"Content-Length: ")[2])
    while len(begun) < length:
        drops.append(await line.reader.read(65_536))
        begun += drops[-1]
    assert len(drops) >= 3
    assert json.loads(begun)["XmlMsg"]
    assert (await line.answered(way)).validity == "1"


@BOTH
async def test_an_outage_is_503_in_the_envelope(mock, line, way):
    rule(mock, Outage(retry_after_s=7), first=1)
    answer = await line.answered(way)
    assert answer.status == 503
    assert answer.header["SegmentOfResult"] == "9"
    assert answer.header["MedicalInstitutionCode"] == CLINIC
    assert answer.headers["Retry-After"] == "7"
    assert "outage" in answer.problem
    assert (await line.answered(way)).validity == "1"


@BOTH
async def test_a_maintenance_says_when_to_come_again(mock, line, way):
    rule(mock, Maintenance())
    answer = await line.answered(way)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "3600")
    assert answer.header["SegmentOfResult"] == "9"
    assert "maintenance" in answer.problem


async def test_an_outage_may_be_the_page_of_a_proxy_under_another_status(mock, line):
    rule(mock, Outage(http_status=502, body="html"))
    answer = await line.answered(SHORT)
    assert answer.status == 502
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.body.startswith(b"<html>")


async def test_the_status_of_outages_can_be_set(start_mock):
    mock = await start_mock(outage_status=500)
    rule(mock, Outage(body="empty"))
    async with dialled(mock) as line:
        answer = await line.answered(SHORT)
    assert (answer.status, answer.body) == (500, b"")


@BOTH
async def test_a_malformed_answer_is_whole_but_not_what_it_should_be(mock, line, way):
    for number, how in enumerate(("cut-json", "html", "empty", "shift_jis"), start=1):
        rule(mock, MalformedAnswer(how=how), number=how, nth=(number,))
    cut, page, empty, other = [await line.answered(way) for _ in range(4)]
    assert {answer.status for answer in (cut, page, empty, other)} == {200}
    with pytest.raises(json.JSONDecodeError):
        json.loads(cut.body.decode("utf-8", errors="ignore"))
    assert cut.body.startswith(b'{"XmlMsg"')
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.body.startswith(b"<html>")
    assert empty.body == b""
    with pytest.raises(UnicodeDecodeError):
        other.body.decode("utf-8")
    assert json.loads(other.body.decode("cp932"))["XmlMsg"]
    assert (await line.answered(way)).validity == "1"


@BOTH
async def test_an_answer_that_is_still_being_processed(mock, line, way):
    rule(mock, StillProcessing(), first=1)
    answer = await line.answered(way)
    assert (answer.status, answer.header["SegmentOfResult"], answer.validity) == (200, "2", None)
    assert (await line.answered(way)).validity == "1"


@BOTH
async def test_a_wrong_content_type(mock, line, way):
    rule(mock, WrongContentType(content_type="text/plain"))
    answer = await line.answered(way)
    assert answer.headers["Content-Type"] == "text/plain"
    assert answer.validity == "1"


async def test_the_first_ones_are_hit_and_then_all_is_well(mock):
    rule(mock, Outage(), first=2)
    assert [await asked(mock) for _ in range(4)] == [(503, True), (503, True), (200, False), (200, False)]


async def test_the_nth_ones_are_hit(mock):
    rule(mock, Outage(), nth=(2, 4))
    assert await hits(mock, CLINIC, 5) == [False, True, False, True, False]


async def test_a_rule_of_a_clinic_leaves_others_alone(mock):
    rule(mock, Outage())
    assert await asked(mock, OTHER_CLINIC) == (200, False)


async def test_a_share_is_the_same_for_a_name_and_another_for_another_name(mock):
    names = {"1311234501": "甲", "1311234502": "甲", "1311234503": "乙"}
    for clinic, name in names.items():
        rule(mock, Outage(), clinic, share_percent=50)
        mock.mock.exchange.clinics.open(clinic, NOW).name = name
    first, same, other = [await hits(mock, clinic, 30) for clinic in names]
    assert first == same != other
    assert 5 < sum(first) < 25


async def test_a_share_is_the_same_in_the_same_mock_started_again_and_another_with_another_seed(start_mock):
    drawn = []
    for seed in (1, 1, 2):
        mock = await start_mock(seed=seed)
        rule(mock, Outage(), share_percent=50)
        drawn.append(await hits(mock, CLINIC, 30))
    assert drawn[0] == drawn[1] != drawn[2]


@BOTH
async def test_what_a_request_is_called_is_told_back(mock, line, way):
    names = {"X_Request_Id": "req-1", "traceparent": TRACEPARENT}
    rule(mock, Slow(ms=1), nth=(2,))
    for _ in range(2):
        answer = await line.answered(way, **names)
        assert answer.headers["X-Request-Id"] == "req-1"
        assert answer.headers["traceparent"] == TRACEPARENT
    assert "X-Request-Id" not in (await line.answered(way)).headers


@BOTH
async def test_a_second_request_before_the_delayed_answer_is_answered_after_it(mock, line, way):
    rule(mock, Slow(ms=60), first=1)
    await line.ask(way, X_Request_Id="first")
    await line.ask(way, X_Request_Id="second")
    answers = [await line.answer(), await line.answer()]
    assert [answer.headers["X-Request-Id"] for answer in answers] == ["first", "second"]
    assert ["X-Mock-Decision" in answer.headers for answer in answers] == [True, False]


@BOTH
async def test_many_requests_before_a_delayed_answer_are_answered_in_order(mock, line, way):
    rule(mock, Slow(ms=20), nth=(1, 3))
    names = [str(number) for number in range(6)]
    await line.send(b"".join(request(mock, way, X_Request_Id=name) for name in names[:1]))
    await line.send(b"".join(request(mock, way, X_Request_Id=name) for name in names[1:]))
    assert [(await line.answer()).headers["X-Request-Id"] for _ in names] == names


async def test_a_request_on_aiohttps_way_waits_for_a_delayed_answer_of_the_short_one(mock, line):
    rule(mock, Slow(ms=40), first=1)
    await line.ask(SHORT, X_Request_Id="short")
    await line.ask(PIECES, X_Request_Id="pieces")
    assert [(await line.answer()).headers["X-Request-Id"] for _ in range(2)] == ["short", "pieces"]


async def test_more_than_can_wait_before_a_delayed_answer_is_answered_all_the_same(start_mock):
    mock = await start_mock(max_body_bytes=1024)
    rule(mock, Slow(ms=40), first=1)
    async with dialled(mock) as line:
        for number in range(8):
            await line.ask(SHORT, X_Request_Id=str(number))
        assert [(await line.answer()).headers["X-Request-Id"] for _ in range(8)] == [str(n) for n in range(8)]


@BOTH
@pytest.mark.parametrize("fault", [Slow(ms=30), SlowDrip(drop_bytes=16, pause_ms=1)], ids=type)
async def test_a_client_that_hangs_up_meanwhile_does_no_harm(mock, way, fault, caplog):
    rule(mock, fault, first=1)
    async with dialled(mock) as gone:
        await gone.ask(way)
    rule(mock, Slow(ms=60), number="2", first=1)  # longer than what the one that is gone would have waited for
    async with dialled(mock) as line:
        assert (await line.answered(way)).validity == "1"
    assert not caplog.records


@BOTH
async def test_a_delayed_answer_is_not_lost_when_the_mock_stops(mock, line, way):
    rule(mock, Slow(ms=60_000))
    await line.ask(way)
    stopping = asyncio.create_task(mock.mock.stop())
    assert (await line.answer()).validity == "1"
    assert await line.reader.read() == b""
    await stopping


@BOTH
async def test_a_dripping_answer_is_not_lost_when_the_mock_stops(mock, line, way):
    rule(mock, SlowDrip(drop_bytes=400, pause_ms=60_000))
    await line.ask(way)
    stopping = asyncio.create_task(mock.mock.stop())
    assert (await line.answer()).validity == "1"
    await stopping


@pytest.mark.parametrize(
    "way",
    [
        SHORT,
        LONG,
    ],
)
async def test_a_last_answer_says_that_it_is_the_last(mock, line, way):
    rule(mock, Slow(ms=60_000))
    await line.ask(way)
    stopping = asyncio.create_task(mock.mock.stop())
    assert (await line.answer()).headers.get("Connection") == "close"
    await stopping


@BOTH
async def test_a_refusal_is_met_by_faults_as_well(mock, line, way):
    mock.token = "wrong"
    rule(mock, Outage(), first=1)
    assert (await line.answered(way)).status == 503
    assert (await line.answered(way)).status == 401


@BOTH
async def test_still_processing_in_place_of_a_refusal_is_no_error_to_http(mock, line, way):
    mock.token = "wrong"
    rule(mock, StillProcessing())
    answer = await line.answered(way)
    assert answer.header["SegmentOfResult"] == "2"
    assert answer.status == 200


@BOTH
async def test_a_body_that_is_cut_short_ends_the_connection_in_an_outage_too(mock, line, way):
    mock.mock.exchange.fates.rules.append(Rule(id="1", fault=Outage()))
    extra = {} if way == SHORT else {"X_Extra": "1"}
    raw = http(question(), length=100, Authorization=mock.token, **extra)
    await line.send(raw[: raw.index(b"\r\n\r\n") + 104])
    answer = await line.answer()
    assert answer.status == 503
    assert answer.headers.get("Connection") == "close"


@BOTH
async def test_an_outage_without_a_body_by_its_status_leaves_the_connection_in_step(mock, line, way):
    rule(mock, Outage(http_status=204), first=1)
    await line.ask(way)
    status, _ = await line.head()
    assert status == 204
    assert (await line.answered(way)).validity == "1"


@BOTH
async def test_what_was_never_answered_counts_as_no_answer_in_the_times(mock, line, way):
    rule(mock, ConnectionReset())
    before = dict(mock.mock.exchange.tally.seconds)
    await line.ask(way)
    with pytest.raises(ConnectionResetError):
        await line.reader.read(1)
    assert "http" not in before
    assert "http" not in mock.mock.exchange.tally.seconds


async def test_a_login_meets_the_rules_of_its_path_and_searches_do_not(mock):
    mock.mock.exchange.fates.rules.append(Rule(id="1", fault=Outage(retry_after_s=3), path="login", first=1))
    assert await asked(mock) == (200, False)
    async with mock.session.post(LOGIN, json={}) as response:
        told = await response.json()
    assert (response.status, response.headers["Retry-After"]) == (503, "3")
    assert response.headers["X-Mock-Decision"] == "outage rule=1 match=1"
    assert "result" not in told
    assert (await mock.login()).json["status"] == "OK"


async def test_a_login_comes_late_and_a_login_is_reset(mock):
    rules = mock.mock.exchange.fates.rules
    rules.append(Rule(id="1", fault=Slow(ms=80), path="login", first=1))
    rules.append(Rule(id="2", fault=ConnectionReset(), path="login", nth=(2,)))
    since = asyncio.get_running_loop().time()
    assert (await mock.login()).json["status"] == "OK"
    assert asyncio.get_running_loop().time() - since >= 0.08
    with pytest.raises(aiohttp.ClientConnectionError):
        await mock.session.post(LOGIN, json={})

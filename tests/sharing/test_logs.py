"""The places a log can be in, one after the other by the same table: what is promised of Log holds of each."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from mockserver.sharing.hub import Hub, HubLog
from mockserver.sharing.log import ALL, Full, Kept, Limits, Log, Page, Written
from mockserver.sharing.memory import Book, MemoryLog
from tests.sharing.valkeys import Valkey, needs_valkey

LIMITS = Limits(most_events=5, most_logs=100, idle_s=3_600, most_bytes=1_000, page_bytes=400)
CODE = "1311234566"
Open = Callable[[], Log]


@pytest.fixture(scope="module")
def valkey():
    server = Valkey()
    yield server
    server.kill()


@pytest.fixture(params=["memory", "hub", pytest.param("valkey", marks=needs_valkey)])
async def another(request: pytest.FixtureRequest, tmp_path) -> AsyncIterator[Open]:
    """Opens hands on one empty log."""
    async with AsyncExitStack() as stack:
        if request.param == "memory":
            shelf, count = Book(LIMITS, time.monotonic), iter(range(100))
            make: Open = lambda: MemoryLog(shelf, str(next(count)))  # noqa: E731
        elif request.param == "hub":
            hub, path = Hub(Book(LIMITS, time.monotonic)), str(tmp_path / "hub")
            await hub.open(path)
            stack.push_async_callback(hub.close)
            make = lambda: HubLog(path)  # noqa: E731
        else:
            from mockserver.sharing.valkey import ValkeyLog

            url = request.getfixturevalue("valkey").url
            request.getfixturevalue("valkey").say(b"FLUSHALL")
            make = lambda: ValkeyLog(url, LIMITS, 5_000)  # noqa: E731

        def open_one() -> Log:
            log = make()
            stack.push_async_callback(log.close)
            return log

        yield open_one


async def test_an_event_is_written_where_it_fits_only(another: Open):
    a, b = another(), another()
    assert await a.append(CODE, 0, [b"one"], is_told=True) == Written(1)
    assert await b.append(CODE, 0, [b"two"], is_told=True) == Page(0, 1, [Kept(1, b"one")])
    assert await b.append(CODE, 1, [b"two", b"three"]) == Written(0)
    assert await a.read(CODE, 1) == Page(0, 3, [Kept(0, b"two"), Kept(0, b"three")])
    assert await a.read(CODE, 3) == Page(0, 3, [])


@pytest.mark.parametrize("position", [-1, 7])
async def test_who_stands_nowhere_is_told_all(another: Open, position):
    log = another()
    await log.append(CODE, 0, [b"one"], is_told=True)
    assert await log.append(CODE, position, [b"x"], is_told=True) == Page(0, 1, [Kept(1, b"one")])
    assert await log.read(CODE, position) == Page(0, 1, [Kept(1, b"one")])


async def test_a_look_up_alone_begins_no_log(another: Open):
    log = another()
    assert await log.append(CODE, 0, [b"look-up"]) == Page(0, 0, [])
    assert await log.read(CODE, 0) == Page(0, 0, [])


async def test_a_cut_keeps_positions(another: Open):
    log = another()
    await log.append(CODE, 0, [b"one"], is_told=True)
    await log.append(CODE, 1, [b"reset"], is_told=True, cuts=True)
    assert await log.read(CODE, 0) == Page(1, 2, [Kept(2, b"reset")])
    assert await log.append(CODE, 2, [b"three"], is_told=True) == Written(3)


async def test_a_full_log_takes_a_reset_only(another: Open):
    log = another()
    await log.append(CODE, 0, [b"x"] * 5, is_told=True)
    assert await log.append(CODE, 5, [b"x"]) == Full()
    assert await log.append(CODE, 5, [b"reset"], is_told=True, cuts=True) == Written(2)


async def test_a_log_is_full_by_its_bytes_too_until_it_is_cut(another: Open):
    log = another()
    assert await log.append(CODE, 0, [b"x" * 900], is_told=True) == Written(1)
    assert await log.append(CODE, 1, [b"x" * 101]) == Full()
    assert await log.append(CODE, 1, [b"x" * 99]) == Written(0)
    assert await log.append(CODE, 2, [b"reset"], is_told=True, cuts=True) == Written(2)
    assert await log.append(CODE, 3, [b"x" * 900]) == Written(0)


async def test_a_page_holds_so_many_bytes_but_one_event_at_least(another: Open):
    log = another()
    kept = [b"a" * 150, b"b" * 150, b"c" * 450, b"d"]
    await log.append(CODE, 0, kept, is_told=True)
    found: list[bytes] = []
    while (page := await log.read(CODE, len(found))).end > len(found):
        found += [one.event for one in page.events]
        assert len(page.events) <= 2
    assert found == kept


async def test_notices_come_to_all_in_one_order(another: Open):
    a, b = another(), another()
    standing = [await log.join() for log in (a, b)]
    for number, name in enumerate((CODE, ALL, CODE)):
        await (a, b)[number % 2].append(name, (0, 0, 1)[number], [b"x"], is_told=True)
    for log, before in zip((a, b), standing, strict=True):
        found = []
        async for notice in log.notices():
            found.append((notice.epoch, notice.serial, notice.name, notice.is_awaited))
            if len(found) == 3:
                break
        assert found == [(before.epoch, 1, CODE, True), (before.epoch, 2, ALL, True), (before.epoch, 3, CODE, False)]


async def test_a_server_that_joins_is_told_which_clinics_are_touched(another: Open):
    a, b = another(), another()
    await a.append(CODE, 0, [b"x"], is_told=True)
    await a.append(ALL, 0, [b"x"], is_told=True)
    standing = await b.join()
    assert (standing.serial, standing.touched) == (2, [CODE])
    assert await a.touched() == [CODE]


async def test_who_sets_up_waits_for_every_server_that_lives(another: Open):
    a, b = another(), another()
    for log in (a, b):
        await log.join()
    await a.append(CODE, 0, [b"x"], is_told=True)
    await a.take_in(1)
    assert not await a.settled(1, 30)
    waiting = asyncio.create_task(a.settled(1, 5_000))
    await b.take_in(1)
    assert await waiting


async def test_who_left_is_not_waited_for(another: Open):
    a, b = another(), another()
    for log in (a, b):
        await log.join()
    await a.append(CODE, 0, [b"x"], is_told=True)
    await a.take_in(1)
    await b.close()
    assert await a.settled(1, 5_000)


async def test_the_first_lays_down_the_facts(another: Open):
    a, b = another(), another()
    assert await a.agree({"opened_at": "today", "secret": "a"}) == {"opened_at": "today", "secret": "a"}
    assert await b.agree({"opened_at": "tomorrow", "other": "b"}) == {"opened_at": "today", "other": "b"}
    assert [await log.count("clinic") for log in (a, b, a)] == [1, 2, 3]

"""What is bounded stays consistent: full and idle logs, clinics that give way, a log that lost what it held."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from mockserver.faulting import NewFault
from mockserver.journal import NO_TRACE
from mockserver.sharing import events
from mockserver.sharing.deeds import asked_of
from mockserver.sharing.events import NOTHING, SEARCH, Asked
from mockserver.sharing.log import Unreachable
from mockserver.tapping import NewTap
from mockserver.views import ClinicChange, ClockChange
from tests.sharing.support import CLINICS, NOW, Server, body, book, later, memory, until

CODE = CLINICS[0]
FROZEN = ClockChange(now=NOW + timedelta(days=40))


async def pair(stack: AsyncExitStack, shelf, **settings) -> list[Server]:
    return [await stack.enter_async_context(Server(memory(shelf, name), **settings)) for name in "ab"]


async def test_a_full_clinic_can_be_reset_only_and_its_look_ups_are_answered():
    async with AsyncExitStack() as stack:
        a, b = await pair(stack, book(most_events=3))
        for _ in range(3):
            await a.do(events.CHANGE_CLOCK, CODE, FROZEN)
        assert (await b.do(events.CHANGE_CLOCK, CODE, FROZEN))[0] == 409
        assert (await b.search(body(CODE)))[0] == 200
        assert await a.do(events.RESET, CODE, NOTHING) == b"null"
        await b.do(events.CHANGE_CLOCK, CODE, FROZEN)
        assert await a.state(CODE) == await b.state(CODE)


async def test_a_clinic_nobody_used_for_long_is_forgotten_by_all():
    seconds = [0.0]
    async with AsyncExitStack() as stack:
        a, b = await pair(stack, book(lambda: seconds[0], idle_s=100))
        before = await a.search(body(CODE))
        for server in (a, b):
            await server.do(events.ADD_FAULT, CODE, NewFault(fault="outage"))
            assert (await server.search(body(CODE)))[0] == 503
        seconds[0] = 99
        assert (await a.search(body(CODE)))[0] == 503
        seconds[0] = 198
        assert (await b.search(body(CODE)))[0] == 503
        seconds[0] = 299
        for server in (a, b):
            assert await server.search(body(CODE)) == before
            assert CODE not in server.deeds.touched
        await b.do(events.CHANGE_CLOCK, CODE, FROZEN)
        assert await a.state(CODE) == await b.state(CODE)


async def test_a_log_begun_anew_is_not_mistaken_for_the_one_that_ended():
    """However many events the new one has: as many as a server applied of the old one, or more."""
    for count in (1, 2, 3):
        seconds = [0.0]
        async with AsyncExitStack() as stack:
            a, b = await pair(stack, book(lambda: seconds[0], idle_s=100))  # noqa: B023 - used within the round
            for _ in range(2):
                await a.do(events.ADD_FAULT, CODE, NewFault(fault="outage"))
            assert (await b.search(body(CODE)))[0] == 503
            seconds[0] = 300
            for _ in range(count):
                await b.do(events.CHANGE_CLOCK, CODE, FROZEN)
            assert (await a.search(body(CODE)))[0] == 200
            assert await a.state(CODE) == await b.state(CODE)


async def test_clinics_without_a_log_are_let_go_of():
    seconds = [0.0]
    async with AsyncExitStack() as stack:
        a, b = await pair(stack, book(lambda: seconds[0], idle_s=100))
        await a.do(events.CHANGE_CLOCK, CODE, FROZEN)
        await until(lambda: b.exchange.clinics.is_used(CODE))
        seconds[0] = 60
        await a.do(events.CHANGE_CLOCK, CLINICS[1], FROZEN)
        await until(lambda: b.exchange.clinics.is_used(CLINICS[1]))
        seconds[0] = 120
        for server in (a, b):
            await server.deeds.prune()
            assert list(server.deeds.touched) == [CLINICS[1]]
            assert not server.exchange.clinics.is_used(CODE)
        assert await a.state(CLINICS[1]) == await b.state(CLINICS[1])


async def test_a_server_that_was_not_asked_for_long_keeps_what_others_use():
    """Its own clock would have forgotten the clinic."""
    async with AsyncExitStack() as stack:
        a, b = await pair(stack, book(), clinic_idle_s=100)
        await a.do(events.CHANGE_CLOCK, CODE, FROZEN)
        await b.state(CODE)
        for _ in range(5):
            later(a, 60)
            await a.search(body(CODE))
        b.now = a.now
        assert await b.state(CODE) == await a.state(CODE)
        assert b.exchange.clinics.find(CODE, b.now)


async def test_clinics_that_give_way_here_are_known_again_when_they_are_asked_for():
    codes = [f"13112345{number}6" for number in range(8)]
    async with AsyncExitStack() as stack:
        a, b = await pair(stack, book(), max_clinics=3)
        for number, code in enumerate(codes):
            clock = ClockChange(now=NOW + timedelta(days=number))
            await (a, b)[number % 2].do(events.CHANGE_CLOCK, code, clock)
        for server in (a, b):
            for number, code in enumerate(codes):
                view = server.core.control
                await server.deeds.catch_up(code, NOW)
                assert view.clinic(code, NOW).clock.now == NOW + timedelta(days=number)


@pytest.mark.parametrize("loses", [True, False], ids=["with all it held", "and comes back"])
async def test_a_log_that_is_gone_stops_set_ups_but_no_look_up(loses):
    async with AsyncExitStack() as stack:
        shelf = book()
        a, b = await pair(stack, shelf)
        await a.do(events.CHANGE_CLOCK, CODE, FROZEN)
        frozen = await b.search(body(CODE))
        gone = _break(b.deeds.bringing.log)
        assert await b.search(body(CODE)) == frozen
        assert (await b.do(events.RESET, CODE, NOTHING))[0] == 503
        assert b.deeds.problem
        assert await b.search(body(CLINICS[1]))
        await a.do(events.CHANGE_CLOCK, CODE, ClockChange(real=True))
        if loses:
            shelf.lose()
        gone.clear()
        await until(lambda: not b.deeds.problem)
        await until(lambda: not a.deeds.problem)
        assert await a.state(CODE) == await b.state(CODE)
        await b.do(events.CHANGE_CLINIC, CODE, ClinicChange(7))
        assert await a.state(CODE) == await b.state(CODE)


def _break(log) -> list[str]:
    """Let a server's hand on the log fail as long as the list is not empty."""
    gone = ["gone"]
    for name in ("append", "read", "join", "take_in", "agree"):
        real = getattr(log, name)

        async def broken(*arguments, _real=real, **named):
            if gone:
                raise Unreachable("gone")
            return await _real(*arguments, **named)

        setattr(log, name, broken)
    return gone


async def test_many_clinics_at_the_same_time_do_not_wait_for_one_another():
    codes = [f"99112345{number:02d}" for number in range(50)]
    async with AsyncExitStack() as stack:
        a, b = await pair(stack, book())
        await asyncio.gather(*((a, b)[n % 2].do(events.CHANGE_CLOCK, code, FROZEN) for n, code in enumerate(codes)))
        for code in codes:
            assert await a.state(code) == await b.state(code)


async def test_a_refused_call_leaves_an_untouched_clinic_as_it_was():
    shelf = book()
    async with AsyncExitStack() as stack:
        a, b = await pair(stack, shelf)
        await a.search(body(CODE))
        before = await a.state(CODE)
        for kind, payload in ((events.REMOVE_FAULT, "7"), (events.ADD_FAULT, NewFault(fault="nonsense"))):
            assert (await a.do(kind, CODE, payload))[0] in (400, 404)
        assert await a.state(CODE) == before
        assert not shelf.touched()
        await a.do(events.TAP, CODE, NewTap(random=True))
        await until(lambda: len(b.tray.after(0, CODE)) == 1)
        assert len(a.tray.after(0, CODE)) == 1


async def test_what_is_set_up_for_all_can_be_cleared_when_its_log_is_full():
    shelf = book(most_events=3)
    async with AsyncExitStack() as stack:
        a, b = await pair(stack, shelf)
        for _ in range(3):
            await a.do(events.ADD_FAULT, None, NewFault(fault="outage"))
        refused = await b.do(events.ADD_FAULT, None, NewFault(fault="outage"))
        assert (refused[0], "DELETE /admin/faults" in refused[1]) == (409, True)
        await b.do(events.CLEAR_FAULTS, None, NOTHING)
        late = await stack.enter_async_context(Server(memory(shelf, "late")))
        for server in (a, b, late):
            assert (await server.search(body(CODE)))[0] == 200
        await a.do(events.ADD_FAULT, None, NewFault(fault="outage", nth=(2,)))
        await a.do(events.CHANGE_CLOCK, CODE, FROZEN)
        assert [(await server.search(body(CODE)))[0] for server in (a, b)] == [200, 503]
        assert await a.state(CODE) == await b.state(CODE) == await late.state(CODE)


async def test_full_clinics_give_way_to_those_that_are_set_up_now():
    codes = [f"13112345{number:02d}" for number in range(12)]
    async with AsyncExitStack() as stack:
        a, b = await pair(stack, book(most_events=3))
        for code in codes:
            for _ in range(3):
                assert isinstance(await a.do(events.CHANGE_CLOCK, code, FROZEN), bytes)
        assert isinstance(await b.do(events.ADD_FAULT, None, NewFault(fault="outage", nth=(9,))), bytes)
        assert await a.state(codes[-1]) == await b.state(codes[-1])
        for server in (a, b):
            assert (await server.search(body(codes[0])))[0] == 200
        assert await a.state(codes[0]) == await b.state(codes[0])


async def test_a_log_larger_than_a_page_is_read_to_its_end():
    async with AsyncExitStack() as stack:
        shelf = book(page_bytes=300)
        a = await stack.enter_async_context(Server(memory(shelf, "a")))
        for days in range(10):
            await a.do(events.CHANGE_CLOCK, CODE, ClockChange(now=NOW + timedelta(days=days)))
            await a.do(events.ADD_FAULT, None, NewFault(fault="outage", nth=(99,)))
        assert len(shelf.read(CODE, 0).events) < 10
        b = await stack.enter_async_context(Server(memory(shelf, "b")))
        await b.do(events.CHANGE_CLINIC, CODE, ClinicChange(7))
        assert await a.state(CODE) == await b.state(CODE)


async def test_what_readers_gave_still_waits_after_the_log_was_lost():
    async with AsyncExitStack() as stack:
        shelf = book()
        a, b = await pair(stack, shelf)
        await a.do(events.TAP, CODE, NewTap(random=True))
        await a.do(events.RESET, CODE, NOTHING)
        await a.do(events.TAP, CODE, NewTap(random=True))
        await until(lambda: [face.serial for face in b.tray.after(0, CODE)] == [3])
        shelf.unseat("b")
        await until(lambda: b.deeds.problem)
        await until(lambda: not b.deeds.problem)
        assert await a.state(CODE) == await b.state(CODE)
        assert [face.serial for face in b.tray.after(0, CODE)] == [3]
        await a.do(events.RESET, CODE, NOTHING)
        await b.state(CODE)
        assert not b.tray.after(0, CODE)


async def test_a_server_that_takes_long_to_know_again_what_it_knew_hears_what_is_new_at_once():
    async with AsyncExitStack() as stack:
        shelf = book()
        a, b = await pair(stack, shelf)
        await a.do(events.CHANGE_CLOCK, CODE, FROZEN)
        await b.state(CODE)
        may_go_on, known = asyncio.Event(), b.deeds.catch_up_known

        async def slow() -> None:
            await may_go_on.wait()
            await known()

        b.deeds.catch_up_known = slow
        shelf.unseat("b")
        await until(lambda: b.deeds.problem)
        await until(lambda: not b.deeds.problem)
        await a.do(events.ADD_FAULT, CLINICS[1], NewFault(fault="outage"))
        assert (await b.search(body(CLINICS[1])))[0] == 503
        may_go_on.set()
        assert await a.state(CODE) == await b.state(CODE)


async def test_a_look_up_that_cannot_be_written_down_fails_alone():
    async with AsyncExitStack() as stack:
        a, _ = await pair(stack, book())
        await a.do(events.CHANGE_CLOCK, CODE, FROZEN)
        asked = [asked_of(body(CODE), authorization, NO_TRACE) for authorization in (None, "Bearer \udcff", None)]
        replies = await asyncio.gather(*(a.deeds.do(SEARCH, CODE, one, NOW) for one in asked))
        assert [reply.status for reply in replies] == [200] * 3
        bad = Asked(body(CODE), "Bearer \udcff")
        told = await asyncio.gather(
            *(a.deeds.do(SEARCH, CODE, one, NOW) for one in (asked[0], bad, asked[2])), return_exceptions=True
        )
        assert [getattr(one, "status", type(one)) for one in told] == [200, UnicodeEncodeError, 200]

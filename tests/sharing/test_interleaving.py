"""Whatever happens at whichever server: the answers are those of one server alone."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.faulting import NewFault, NewStep, NewTimeline
from mockserver.scenarios.casting import BY_ID, cast_ready
from mockserver.sharing import events
from mockserver.sharing.events import NOTHING
from mockserver.sharing.log import ALL
from mockserver.tapping import NewTap
from mockserver.views import ClinicChange, ClockChange, Identity, NewAssignment, NewClinic, PeopleQuery
from mockserver.wire.json_codec import encode
from tests.sharing.support import CLINICS, NOW, Server, body, book, later, memory, plain, until
from tests.support import TODAY, Desk


def ready(pattern: str) -> bytes:
    """The search for the first ready person of a pattern."""
    desk = Desk(CLINICS[0])
    return encode(desk.ready(BY_ID[pattern].people[0]))


def fault(fault_id: str = "slow", **members: Any) -> tuple[Any, Any]:
    return events.ADD_FAULT, NewFault(fault=fault_id, **members)


WHO = cast_ready(BY_ID["valid"].people[0], TODAY, Desk().exchange.repertoire)
PERSON = Identity(WHO.card.insurer.number, WHO.card.number, WHO.person.birthdate)
SET_UP = (
    fault("outage", first=2),
    fault("outage", nth=(2, 4)),
    fault("slow", share_percent=50.0),
    fault("still-processing", pattern="valid", first=1),
    fault("timeout", person=PERSON),
    fault("no such fault"),
    (events.ADD_TIMELINE, NewTimeline(steps=(NewStep(at="09:00", fault="outage"), NewStep(at="09:01", fault=None)))),
    (events.REMOVE_FAULT, "1"),
    (events.CLEAR_FAULTS, NOTHING),
    (events.CHANGE_CLOCK, ClockChange(now=NOW + timedelta(days=40))),
    (events.CHANGE_CLOCK, ClockChange(now=NOW, running=True)),
    (events.CHANGE_CLOCK, ClockChange(advance_days=3, advance_seconds=5)),
    (events.CHANGE_CLOCK, ClockChange(real=True)),
    (events.ASSIGN, NewAssignment("renewed", 5)),
    (events.ASSIGN, NewAssignment("lost", 7, start=TODAY)),
    (events.ASSIGN, NewAssignment("scripted", 9, {})),
    (events.UNASSIGN, 1),
    (events.CHANGE_CLINIC, ClinicChange(2)),
    (events.PEOPLE, PeopleQuery(count=2)),
    (events.TAP, NewTap(random=True)),
    (events.TAP, NewTap(pattern="valid", pin="wrong")),
    (events.RESET, NOTHING),
)
FOR_ALL = (
    fault("outage", first=1),
    fault("slow", nth=(1, 3)),
    fault("maintenance", pattern="valid", nth=(2,)),
    (events.REMOVE_FAULT, "all-1"),
    (events.CLEAR_FAULTS, NOTHING),
)
SEARCHES = tuple(
    [body(CLINICS[0], number) for number in ("1000001", "1000004", "1000011", "nobody")]
    + [ready(pattern) for pattern in ("valid", "still-processing", "renewed", "lost")]
    + [body(CLINICS[0], "123456789018"), b'{"XmlMsg": {"MessageHeader": {"MedicalInstitutionCode": "1311234566"']
)


def at(clinic: str, asked: bytes) -> bytes:
    return asked.replace(CLINICS[0].encode(), clinic.encode())


STEP = st.one_of(
    st.tuples(st.just("set_up"), st.sampled_from(CLINICS), st.sampled_from(SET_UP)),
    st.tuples(st.just("search"), st.sampled_from(CLINICS), st.sampled_from(SEARCHES)),
    st.tuples(st.just("search"), st.sampled_from(CLINICS), st.sampled_from(SEARCHES)),
    st.tuples(st.just("set_up"), st.none(), st.sampled_from(FOR_ALL)),
    st.tuples(st.just("wait"), st.none(), st.sampled_from((0.5, 61.0))),
)
STEPS = st.lists(st.tuples(st.integers(0, 2), STEP), max_size=30)


async def take(server: Server, step: tuple[str, Any, Any]) -> Any:
    """What a step answers."""
    what, clinic, payload = step
    if what == "search":
        return await server.search(at(clinic, payload))
    if what == "set_up":
        kind, with_what = payload
        return await server.do(kind, clinic, with_what)
    later(server, payload)
    return None


async def walk(servers: list[Server], steps: list[tuple[int, Any]]) -> list[Any]:
    """What the steps answer, each at its server; the clock is that of all."""
    answers = []
    for clinic in CLINICS:
        await servers[0].do(events.CHANGE_CLINIC, clinic, ClinicChange(None))
    for number, step in steps:
        server = servers[number % len(servers)]
        answers.append(await take(server, step))
        for other in servers:
            other.now = server.now
    return answers + [[await server.state(clinic) for clinic in CLINICS] for server in servers]


@settings(max_examples=150, derandomize=True, deadline=None)
@given(STEPS)
def test_several_servers_answer_as_one(steps):
    async def main() -> None:
        shelf = book()
        async with AsyncExitStack() as stack:
            servers = [await stack.enter_async_context(Server(memory(shelf, name))) for name in "abc"]
            shared = await walk(servers, steps)
        alone = await walk([Server()], steps)
        last = len(steps)
        assert shared[:last] == alone[:last]
        assert shared[last:] == [alone[-1]] * len(servers)

    asyncio.run(main())


@settings(max_examples=40, derandomize=True, deadline=None)
@given(STEPS, st.integers(0, 29))
def test_a_server_that_comes_later_knows_all_that_happened(steps, joins_at):
    async def main() -> None:
        shelf = book(page_bytes=500)
        async with AsyncExitStack() as stack:
            servers = [await stack.enter_async_context(Server(memory(shelf, name))) for name in "ab"]
            await walk(servers, steps[:joins_at])
            late = await stack.enter_async_context(Server(memory(shelf, "late")))
            late.now = servers[0].now
            await walk([*servers, late], steps[joins_at:])
            states = [[await server.state(clinic) for clinic in CLINICS] for server in (*servers, late)]
        assert states[1:] == states[:1] * 2

    asyncio.run(main())


@settings(max_examples=40, derandomize=True, deadline=None)
@given(STEPS)
def test_steps_at_the_same_time_leave_all_servers_alike(steps):
    async def main() -> None:
        shelf = book()
        async with AsyncExitStack() as stack:
            servers = [await stack.enter_async_context(Server(memory(shelf, name))) for name in "abc"]
            await walk(servers, [])
            steps_at = [(servers[n], step) for n, step in steps if step[0] != "wait"]
            await asyncio.gather(*(take(server, step) for server, step in steps_at))
            states = [[await server.state(clinic) for clinic in CLINICS] for server in servers]
            kept = {name: shelf.read(name, 0).events for name in (ALL, *CLINICS)}
        assert states[1:] == states[:1] * 2
        assert states[0] == await replayed(kept)

    asyncio.run(main())


async def replayed(kept: dict[str, Any]) -> Any:
    """What a server that never shared anything makes of the logs, clinic by clinic."""
    shelf = book()
    for name, found in kept.items():
        for number, one in enumerate(found):
            shelf.append(name, number, [one.event], True, False)
    async with Server(memory(shelf, "alone")) as server:
        return [await server.state(clinic) for clinic in CLINICS]


@pytest.mark.parametrize("name", ["", "reception"])
async def test_new_clinics_are_nobody_elses_whichever_server_is_asked(name):
    shelf = book()
    async with Server(memory(shelf, "a")) as a, Server(memory(shelf, "b")) as b:
        asked = [server.deeds.begin_clinic(NewClinic(name), NOW) for server in (a, b, a, b)]
        codes = [view.code for view in await asyncio.gather(*asked)]
        assert len(set(codes)) == 4
        await b.do(events.RESET, codes[0], NOTHING)
        again = await a.deeds.begin_clinic(NewClinic(name), NOW)
        assert (again.code == codes[0]) == bool(name)
        assert plain(await a.state(again.code)) == plain(await b.state(again.code))


async def test_an_untouched_clinic_never_asks_the_log():
    shelf = book()
    async with Server(memory(shelf, "a")) as a:
        before = await a.search(body(CLINICS[0]))
        shelf.append = shelf.read = None  # type: ignore[method-assign,assignment]
        assert await a.search(body(CLINICS[0])) == before


async def test_faces_come_in_the_same_order_at_every_server():
    shelf = book()
    async with Server(memory(shelf, "a")) as a, Server(memory(shelf, "b")) as b:
        for number in range(6):
            await (a, b)[number % 2].do(events.TAP, CLINICS[number % 3 % 2], NewTap(random=True))
        await until(lambda: len(a.tray.after(0, "")) + len(b.tray.after(0, "")) == 12)
        assert [f.name for f in a.tray.after(0, "")] == [f.name for f in b.tray.after(0, "")]
        assert [f.serial for f in a.tray.after(0, "")] == [f.serial for f in b.tray.after(0, "")]

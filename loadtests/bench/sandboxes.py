"""Many sandboxes on one server, and journals that are full: what they weigh."""

import asyncio
import itertools
from collections.abc import Iterator

import uvloop

from loadtests.bench.generator import ask_all, requests
from loadtests.bench.processes import COUNTRY, MOCK, SECRET, resident_mb, server
from mockserver.catalogue import EXAMPLE_CLINIC
from mockserver.client.aio import Clinic, Mock
from mockserver.clock import real_now
from mockserver.eligibility.numbering import institution_code
from mockserver.faults import StillProcessing
from mockserver.scenarios.job_change_gap import JobChangeGap
from mockserver.tokens import Tokens
from mockserver.wire.json_codec import encode

SANDBOXES, LOOK_UPS_EACH, MOST_MB = 10_000, 20, 500
LOOK_UPS = (10_000, 300_000, 1_000_000)  # those in the middle fill all journals
CLINICS = (10, 1_000)
_WORKERS = 32
_CONNECTIONS = 64


def many() -> None:
    """Clinics with a clock, a pattern, a fault rule and a journal each, set up over HTTP."""
    with server(MOCK) as (port, pid):
        before = resident_mb(pid)
        own = uvloop.run(_set_up(f"http://127.0.0.1:{port}"))
        set_up = resident_mb(pid)
        uvloop.run(ask_all(port, _by_clinics(own), SANDBOXES * LOOK_UPS_EACH, _CONNECTIONS))
        after = resident_mb(pid)
        kept = uvloop.run(_kept(f"http://127.0.0.1:{port}", list(own)))
    print(f"\n## {SANDBOXES:,} sandboxes: clock, pattern, fault rule and {LOOK_UPS_EACH} look-ups each\n")
    print(
        "| MB at start | set up | after the look-ups | KB a sandbox | of which look-ups | of 500 MB | entries found |"
    )
    print("|---|---|---|---|---|---|---|")
    each, asked = ((mb * 1024 / SANDBOXES) for mb in (after - before, after - set_up))
    print(
        f"| {before:.1f} | {set_up:.1f} | {after:.1f} | {each:.1f} | {asked:.1f} | {after / MOST_MB:.2f} | {kept:,} |",
        flush=True,
    )


def journalled() -> None:
    """Resident memory while journals fill up and go on."""
    print(f"\n## Resident memory over {LOOK_UPS[-1]:,} journalled look-ups\n")
    first, full, last = (f"after {count:,}" for count in LOOK_UPS)
    print(f"| clinics | MB at start | {first} | {full} | {last} | {last} to {first} | {last} to {full} |")
    print("|---|---|---|---|---|---|---|")
    for clinics in CLINICS:
        written = [
            request.replace(EXAMPLE_CLINIC.encode(), institution_code(99, 1, n % clinics).encode())
            for n, request in enumerate(_requests())
        ]
        with server(MOCK) as (port, pid):
            sizes = [resident_mb(pid)]
            for asked, count in itertools.pairwise((0, *LOOK_UPS)):
                uvloop.run(ask_all(port, itertools.cycle(written), count - asked, _CONNECTIONS))
                sizes.append(resident_mb(pid))
        told = " | ".join(f"{size:.1f}" for size in sizes)
        print(f"| {clinics:,} | {told} | {sizes[-1] / sizes[1]:.2f} | {sizes[-1] / sizes[2]:.2f} |", flush=True)


def _requests() -> list[bytes]:
    return requests(7, COUNTRY, Tokens(SECRET, 86_400).issue(real_now().timestamp()))


async def _set_up(url: str) -> dict[str, bytes]:
    """Set the clinics up; by code the look-up of the person who was given a pattern."""
    turns, own = iter(range(SANDBOXES)), dict[str, bytes]()
    async with Mock(url) as mock:

        async def work() -> None:
            for _ in turns:
                clinic = await mock.new_clinic()
                own[clinic.code] = await _made(clinic)

        await asyncio.gather(*(work() for _ in range(_WORKERS)))
    return own


async def _made(clinic: Clinic) -> bytes:
    pattern = JobChangeGap(old_insurer_days=3)
    await clinic.clock.set(f"{real_now().date()}T09:00:00+09:00", running=True)
    assignment = await clinic.assign(await clinic.patient(fits=pattern), pattern)
    await clinic.fails(StillProcessing(), first=1)
    return encode(assignment.requests[0])


async def _kept(url: str, codes: list[str]) -> int:
    """How many entries the journals of some clinics hold, reckoned up to all of them."""
    some = codes[::100]
    async with Mock(url) as mock:
        found = [len(await mock.clinic(code).journal.entries()) for code in some]
    return sum(found) * len(codes) // len(some)


def _by_clinics(own: dict[str, bytes]) -> Iterator[bytes]:
    """Look-ups of every clinic in turn: first the one of its own person, then anybody's."""
    anybody = _requests()
    head = anybody[0].partition(b"\r\n\r\n")[0].rpartition(b": ")[0]
    for body in own.values():
        yield head + b": " + str(len(body)).encode() + b"\r\n\r\n" + body
    for request in itertools.cycle(anybody):
        for code in own:
            yield request.replace(EXAMPLE_CLINIC.encode(), code.encode())

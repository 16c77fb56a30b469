"""The mock beside general mock servers that do the same match: insurer, number and birthdate of 1,000 people.

What can be switched off at a peer (journal, log, compression) is off; the mock's journal and metrics are on. Peers that
can run the user's own function are measured with one that looks up a table, too: their fastest way.
"""

import contextlib
import http.client
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from loadtests.bench.generator import requests
from loadtests.bench.peer_stubs import Peer, Person, available, free_port
from loadtests.bench.processes import (
    CONNECTIONS,
    MOCK,
    SECRET,
    TOWN,
    generator,
    on_server_core,
    rate,
    ratios,
    resident_mb,
    rotated,
)
from mockserver.tokens import Tokens
from mockserver.wire.paths import SEARCH_PATH

FOLDER = Path("~/.cache/mockserver-bench/peers").expanduser()
STARTS = 5
_OURS = "mock"
_CHECKED = 50
_DEADLINE_S = 60
_LOOKS_EVERY_S = 0.005


@dataclass(frozen=True)
class Serving:
    """A server that knows everybody."""

    port: int
    pid: int
    first_answer_s: float


def beside(runs: int, seconds: float, folder: Path) -> None:
    """Look-ups a second, start-up and memory of each."""
    people = _people()
    with tempfile.TemporaryDirectory() as scratch:
        peers, missing = available(folder, Path(scratch), people)
        ours = Peer(_OURS, lambda port: [*MOCK, "--people", str(TOWN), "--port", str(port)])
        found = _measured([ours, *peers], people, runs, seconds)
    print(f"\n## Beside peers: {TOWN:,} people, {runs} interleaved runs of {seconds:g} s, {CONNECTIONS} connections\n")
    print("Memory is that after the runs; a start ends with the first right answer about the last of the people.\n")
    print(
        "| server | look-ups/s (median) | the mock is so many times as fast (median, min to max) | start, ms (median) "
        "| resident memory, MB |\n|---|---|---|---|---|"
    )
    for name, (rates, starts_s, mb) in found.items():
        ratio = ratios(found[_OURS][0], rates)
        print(
            f"| {name} | {statistics.median(rates):,.0f} | {ratio} | {statistics.median(starts_s) * 1000:,.0f} | {mb:,.0f} |"
        )
    for name, why in missing.items():
        print(f"| {name} | not installed ({why}): skipped | – | – | – |")


def _measured(
    servers: list[Peer], people: list[Person], runs: int, seconds: float
) -> dict[str, tuple[list[float], list[float], float]]:
    """By name: rates, seconds from start to first answer, MB."""
    rates: dict[str, list[float]] = {peer.name: [] for peer in servers}
    starts_s: dict[str, list[float]] = {peer.name: [] for peer in servers}
    for _ in range(STARTS):
        for peer in servers:
            with _serving(peer, people) as one:
                starts_s[peer.name].append(one.first_answer_s)
    with contextlib.ExitStack() as stack:
        asking = stack.enter_context(generator(TOWN, TOWN))
        all_of_them = {peer.name: stack.enter_context(_serving(peer, people)) for peer in servers}
        for name, one in all_of_them.items():
            _check(name, one.port, people)
            rate(asking, one.port, seconds)  # nobody is measured cold
        turns = list(all_of_them.items())
        for run in range(runs):
            for name, one in rotated(turns, run):
                rates[name].append(rate(asking, one.port, seconds))
        return {name: (rates[name], starts_s[name], resident_mb(one.pid)) for name, one in turns}


@contextlib.contextmanager
def _serving(peer: Peer, people: list[Person]) -> Iterator[Serving]:
    """A server on its core, from its first right answer on."""
    port = free_port()
    begun = time.perf_counter()
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(on_server_core(peer.command(port)), stdout=quiet, stderr=quiet)
    try:
        while not _is_right(port, people[-1]):
            if process.poll() is not None or time.perf_counter() - begun > _DEADLINE_S:
                raise SystemExit(f"{peer.name} does not answer")
            time.sleep(_LOOKS_EVERY_S)
        yield Serving(port, process.pid, time.perf_counter() - begun)
    finally:
        process.terminate()
        process.wait()


def _check(name: str, port: int, people: list[Person]) -> None:
    """Everybody gets the own answer, else a rate says nothing."""
    for person in people[:: len(people) // _CHECKED]:
        if not _is_right(port, person):
            raise SystemExit(f"{name} gave a wrong answer")


def _is_right(port: int, person: Person) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
        head, _, body = person.request.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")[1:]
        connection.request("POST", SEARCH_PATH, body, dict(line.split(": ", 1) for line in lines))
        answer = connection.getresponse()
        return answer.status == http.client.OK and person.number.encode() in answer.read()
    return False


def _people() -> list[Person]:
    """The first people of the town, each with a request about them."""
    token = Tokens(SECRET, 86_400).issue(time.time())
    written = set(requests(7, TOWN, token, TOWN))
    people = {person.key: person for person in map(Person.asked_about, sorted(written))}
    assert len(people) == TOWN
    return list(people.values())

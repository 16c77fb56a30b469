"""`mockserver serve --workers` as real processes."""

import asyncio
import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver.serving.workers import Workers
from mockserver.settings import Settings
from tests.serving.conftest import CLINIC, SEARCH, question
from tests.sharing.valkeys import Valkey, needs_valkey
from tests.test_cli import Served, assert_clear_failure, run

PATIENCE_S = 20
pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="workers are found in /proc")
TWO = ("--workers", "2", "--port", "0", "--json", "--no-require-token")


def call(url: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """A call over a connection of its own, which goes to whichever worker the system chooses."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE_S)
    try:
        data = None if body is None else json.dumps(body)
        connection.request(method, path, data, {"Content-Type": "application/json"} if body is not None else {})
        response = connection.getresponse()
        read = response.read()
        return response.status, json.loads(read) if read[:1] in (b"{", b"[") else read.decode()
    finally:
        connection.close()


def workers_of(served: Served) -> list[int]:
    pid = served.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def until(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


@pytest.fixture
def two() -> Iterator[Served]:
    served = Served([sys.executable, "-m", "mockserver", "serve", *TWO], {})
    yield served
    if served.process.stdout and not served.process.stdout.closed:
        served.stop()


def searches(url: str, count: int) -> list[int]:
    return [call(url, "POST", SEARCH, question())[0] for _ in range(count)]


def served_by(url: str) -> set[str]:
    """What each worker that answers has counted: they count for themselves."""
    return {re.sub(r"#.*\n", "", call(url, "GET", "/metrics")[1]) for _ in range(24)}


def test_what_is_set_up_at_one_worker_holds_at_both(two: Served):
    for round_ in range(3):
        assert call(two.url, "POST", f"/admin/clinics/{CLINIC}/faults", {"fault": "outage", "first": 9})[0] == 201
        assert sorted(searches(two.url, 30)) == [200] * 21 + [503] * 9
        assert len(call(two.url, "GET", f"/admin/clinics/{CLINIC}/journal")[1]["entries"]) == 30
        assert call(two.url, "DELETE", f"/admin/clinics/{CLINIC}")[0] == 204, round_
    assert len(served_by(two.url)) > 1


def test_a_worker_that_dies_comes_back_and_knows_all(two: Served):
    call(two.url, "PUT", f"/admin/clinics/{CLINIC}/clock", {"now": "2027-05-01T09:00:00+09:00"})
    before = until(lambda: (found := workers_of(two)) and len(found) == 2 and found)
    os.kill(before[0], signal.SIGKILL)
    until(lambda: len(after := workers_of(two)) == 2 and before[0] not in after)
    for _ in range(20):
        status, answer = until(lambda: _tried(two.url))
        assert status == 200
        assert answer["XmlMsg"]["MessageHeader"]["ProcessExecutionTime"].startswith("20270501")
    code, _, errors = two.stop()
    assert code == 0
    assert "started anew" in errors


def _tried(url: str) -> tuple[int, Any] | None:
    try:
        return call(url, "POST", SEARCH, question())
    except OSError:  # the connection of a worker that was dying
        return None


def test_what_is_in_flight_is_answered_at_the_end(two: Served):
    slow = {"fault": "slow", "parameters": {"median_ms": 60_000, "p99_ms": 60_001}}
    assert call(two.url, "POST", f"/admin/clinics/{CLINIC}/faults", slow)[0] == 201
    statuses: list[int] = []
    asking = [threading.Thread(target=lambda: statuses.extend(searches(two.url, 1))) for _ in range(8)]
    for thread in asking:
        thread.start()
    until(lambda: len(call(two.url, "GET", f"/admin/clinics/{CLINIC}/journal")[1]["entries"]) == 8)
    children = workers_of(two)
    assert two.stop()[0] == 0
    for thread in asking:
        thread.join(PATIENCE_S)
    assert statuses == [200] * 8
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]


def workers_here() -> list[int]:
    """The workers of this very process."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [int(pid) for pid in children if Path(f"/proc/{pid}/cmdline").read_bytes().endswith(b"mockserver\0worker\0")]


async def test_a_worker_that_hangs_is_ended_all_the_same():
    greeted = asyncio.Event()
    workers = Workers(Settings(port=0, workers=2), lambda _: greeted.set(), ends_within_s=0.2)
    running = asyncio.create_task(workers.run())
    async with asyncio.timeout(PATIENCE_S):
        await greeted.wait()
        hanging = workers_here()[-1]
        os.kill(hanging, signal.SIGSTOP)
        workers.stop()
        await running
    assert hanging not in workers_here()


def test_workers_end_with_their_parent(two: Served):
    children = until(lambda: (found := workers_of(two)) and len(found) == 2 and found)
    two.process.kill()
    two.process.communicate(timeout=PATIENCE_S)
    until(lambda: not [pid for pid in children if Path(f"/proc/{pid}").exists()])


@needs_valkey
def test_workers_may_share_with_other_servers_too():
    valkey = Valkey()
    running = []
    try:
        for _ in range(2):
            command = [sys.executable, "-m", "mockserver", "serve", *TWO, "--state", valkey.url]
            running.append(Served([*command, "--state-timeout-ms", "5000"], {}))
        path = f"/admin/clinics/{CLINIC}/faults"
        assert call(running[0].url, "POST", path, {"fault": "outage", "first": 5})[0] == 201
        statuses = [status for one in (running[1], running[0]) for status in searches(one.url, 6)]
        assert statuses == [503] * 5 + [200] * 7
        assert [one.stop()[0] for one in running] == [0, 0]
    finally:
        for one in running:
            one.process.kill()
        valkey.kill()


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--folder", "linkage"), ("--workers", "--folder")),
        (("--repertoire", "no-such"), ("--repertoire",)),
        (("--host", "192.0.2.1"), ("192.0.2.1",)),
    ],
)
def test_workers_that_cannot_be_are_refused_once(flags, words):
    done = run("serve", *TWO, *flags)
    assert_clear_failure(done, *words)

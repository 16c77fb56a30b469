"""Whole runs as processes: honest in a stall, whole again when a worker dies, and an exit code for each sort of end.

Locust is never imported here: it would patch this process.
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from loadtests.honesty import OpenLoop
from loadtests.results import Results, read

ROOT = Path(__file__).parent.parent.parent
LOADTESTS = [sys.executable, "-m", "loadtests"]
PLAIN = ["--card-way", "number", "--troubled-percent", "0", "--spacing", "constant"]
ANSWERS = re.compile(rb'oqs_answers_total\{via="http",pattern="ordinary"[^}]*\} (\d+)')
DEADLINE_S = 40


@contextmanager
def process(command: list[str]) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as one:
        try:
            yield one
        finally:
            if one.poll() is None:
                one.send_signal(signal.SIGCONT)
                one.terminate()


@pytest.fixture
def mock() -> Iterator[tuple[str, int]]:
    """A mock's address and process id."""
    with process([sys.executable, "-m", "mockserver", "serve", "--port", "0", "--json", "--people", "12400"]) as one:
        yield json.loads(one.stdout.readline())["url"], one.pid


def drive(url: str, out: Path, *options: str) -> list[str]:
    return [*LOADTESTS, "--host", url, "--out", str(out), "--people", "12400", *PLAIN, *options]


def look_ups(url: str) -> int:
    """How many the mock has answered."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
        return sum(map(int, ANSWERS.findall(answer.read())))


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def finished(one: "subprocess.Popen[str]") -> str:
    printed, errors = one.communicate(timeout=DEADLINE_S)
    return printed + errors


# Honest in a stall


def test_a_stall_of_three_seconds_is_told_as_an_independent_client_tells_it(mock, tmp_path):
    url, pid = mock
    client = OpenLoop(url, 200, 6, people=12_400)

    async def both() -> str:
        await client.connect(800)
        with process(drive(url, tmp_path, "--rate-per-s", "200", "--minutes", "0.15")) as run:
            await asyncio.to_thread(wait_for, lambda: look_ups(url) > 20)
            asking = asyncio.create_task(client.run())
            await asyncio.sleep(1)
            os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(3)
            os.kill(pid, signal.SIGCONT)
            await asking
            return await asyncio.to_thread(finished, run)

    asyncio.run(both())
    results = read(tmp_path / "measures.json")
    measures = results.measured()
    ours_s = measures.tally("path", "search").latency_ms(99) / 1000
    assert ours_s == pytest.approx(client.p(99) / 1000, rel=0.1)
    assert ours_s > 2.5
    assert measures.told == sum(results.offered) == 1_800
    assert (measures.counts["dropped"], results.lost.arrivals) == (0, 0)
    assert measures.counts["late_for_a_connection"] > 300


# A worker dies


def told_in(results: Results, second: int) -> int:
    counts = results.measured().slices[second].counts
    return sum(counts[one] for one in ("answered", "wrong", "failed", "planned", "dropped"))


def test_when_a_worker_dies_the_rate_is_whole_again_and_the_lost_are_told(mock, tmp_path):
    url, _ = mock
    port = str(free_port())
    options = ("--master", "--expect-workers", "2", "--master-port", port, "--rate-per-s", "200", "--minutes", "0.17")
    worker = [*LOADTESTS, "--worker", "--master-port", port]
    with process(drive(url, tmp_path, *options)) as master, process(worker), process(worker) as dying:
        wait_for(lambda: look_ups(url) > 100)
        dying.kill()
        printed = finished(master)
    results = read(tmp_path / "measures.json")
    first, last = results.members[0], results.members[-1]
    assert (len(first[1]), len(last[1])) == (2, 1)
    whole_from_s = last[0] // 200 + 1
    assert whole_from_s < 10
    for second in range(whole_from_s, 10):
        assert told_in(results, second) == results.offered[second] == 200
    missing = sum(results.offered[second] - told_in(results, second) for second in range(len(results.offered)))
    assert results.lost.arrivals == missing > 0
    assert master.returncode == 3
    assert f"{missing:,} lost" in printed
    assert "FAIL  喪失 / lost arrivals" in printed


def free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


# Exit codes


def test_runs_end_with_the_code_of_what_happened(mock, tmp_path):
    url, _ = mock
    objectives = {
        0: "[run]\nleast_requests = 90\nmost_wrong_answers = 0\n[paths.search]\nerror_percent = 0",
        1: "[paths.search]\np50_ms = 0.001",
        3: "[run]\nmost_generator_cpu_percent = 0.001\n[paths.search]\np50_ms = 0.001",
    }
    runs = {}
    for code, text in objectives.items():
        (tmp_path / f"{code}.toml").write_text(text)
        options = ("--slo", str(tmp_path / f"{code}.toml"), "--rate-per-s", "50", "--minutes", "0.04")
        runs[code] = subprocess.Popen(
            drive(url, tmp_path / str(code), *options),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    for code, run in runs.items():
        printed = finished(run)
        assert run.returncode == code, printed
        for name in ("report.html", "gate.md", "gate.xml", "locust.html", "locust.json", "locust_stats.csv"):
            assert (tmp_path / str(code) / name).stat().st_size, name


class Mute(BaseHTTPRequestHandler):
    """A server that is there and never answers a look-up."""

    def do_GET(self):
        self.send_error(404)

    def do_POST(self):
        self.server.silence.wait()

    def log_message(self, *_):
        pass


def test_who_finds_no_connection_is_dropped_and_counted(tmp_path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mute)
    server.silence, server.daemon_threads = threading.Event(), True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    limits = ("--connections", "4", "--timeout-s", "0.6", "--patience-s", "0.3")
    url = f"http://127.0.0.1:{server.server_port}"
    with process(drive(url, tmp_path, "--rate-per-s", "100", "--minutes", "0.03", *limits)) as run:
        printed = finished(run)
    server.silence.set()
    server.shutdown()
    server.server_close()
    results = read(tmp_path / "measures.json")
    measures = results.measured()
    outcomes = measures.tally("path", "search").outcomes
    assert run.returncode == 1, printed
    assert set(outcomes) == {"failed"}
    assert outcomes["failed"] + measures.counts["dropped"] == sum(results.offered) == 180
    assert measures.counts["dropped"] > 100
    assert "FAIL  取りこぼし / dropped, %" in printed


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--host", "http://127.0.0.1:9"], 5, "does not answer"),
        (["--host", "http://8.8.8.8"], 2, "--i-own-this-target"),
        (["--host", "nonsense"], 2, "expected http"),
        (["--country", "1.5"], 2, "--allow-more-than-the-country"),
        (["--country", "-1"], 2, "--country"),
        (["--from", "03:00"], 2, "nobody comes"),
        (["--slo", "bad.toml"], 2, "bad.toml:1:8: paths.serch の値"),
        (["--master", "--worker"], 2, "expected one of --master, --worker"),
        (["--worker", "--web"], 2, "expected one of --worker, --web"),
        (["--slo", "missing.toml"], 2, "no file"),
        (["--assumptions", "curve.toml"], 2, "peak_hour_percent"),
    ],
)
def test_bad_input_ends_with_clear_words_and_its_code(tmp_path, options, code, words):
    (tmp_path / "bad.toml").write_text("[paths.serch]\np99_ms = 1")
    (tmp_path / "curve.toml").write_text("peak_hour_percent = 90")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [*LOADTESTS, "--out", str(tmp_path / "out"), *options]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=DEADLINE_S)
    assert (done.returncode, words in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr

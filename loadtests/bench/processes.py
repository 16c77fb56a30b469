"""Servers and generators of the bench: each on its core, ended by the bench."""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from mockserver.tokens import Tokens

T = TypeVar("T")
SECRET = "bench"
CONNECTIONS = 64
COUNTRY, TOWN = 124_000_000, 1_000
ANSWER_BYTES = 1_560  # the mean length of an answer with 限度額
MOCK = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--json", "--token-secret", SECRET]
BARE = [sys.executable, "-m", "loadtests.bench.bare", str(ANSWER_BYTES)]
SERVER_CORE, _GENERATOR_CORE = "0", "1"
BOTH_CORES = "0,1"


def on_server_core(command: list[str]) -> list[str]:
    """The command of a server, kept on its core."""
    return ["taskset", "-c", SERVER_CORE, *command]


def on_generator_core(command: list[str]) -> list[str]:
    """The command of what loads a server, kept on the other core."""
    return ["taskset", "-c", _GENERATOR_CORE, *command]


@contextlib.contextmanager
def server(command: list[str], cores: str = SERVER_CORE) -> Iterator[tuple[int, int]]:
    """A running server: port and process id."""
    kept = ["taskset", "-c", cores, *command]
    process = subprocess.Popen(kept, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        yield int(json.loads(process.stdout.readline())["url"].rsplit(":", 1)[1]), process.pid
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def generator(people: int, first: int | None = None, cores: str = _GENERATOR_CORE) -> Iterator["subprocess.Popen[str]"]:
    """A generator for a country of so many people (or for its first so many)."""
    token = Tokens(SECRET, 86_400).issue(time.time())
    command = [sys.executable, "-m", "loadtests.bench.generator", str(people), token, *([str(first)] if first else [])]
    kept = ["taskset", "-c", cores, *command]
    process = subprocess.Popen(kept, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
    finally:
        process.terminate()
        process.wait()


def rate(
    asking: "subprocess.Popen[str]", port: int, seconds: float, connections: int = CONNECTIONS, over_s: float = 0
) -> float:
    """Answers per second of the server on a port."""
    begin(asking, port, seconds, connections, over_s)
    return rate_of(asking)


def rotated(turns: Sequence[T], run: int) -> Iterator[T]:
    """The turns of a run: another one is first each time."""
    first = run % len(turns)
    yield from turns[first:]
    yield from turns[:first]


def begin(
    asking: "subprocess.Popen[str]", port: int, seconds: float, connections: int = CONNECTIONS, over_s: float = 0
) -> None:
    """Have a generator ask; its connections begin over a while."""
    assert asking.stdin is not None
    asking.stdin.write(f"{port} {seconds} {connections} {over_s}\n")
    asking.stdin.flush()


def rate_of(asking: "subprocess.Popen[str]") -> float:
    """What a generator that was begun has measured."""
    assert asking.stdout is not None
    measured = float(asking.stdout.readline() or 0)
    if not measured:
        raise SystemExit("the server answered nothing")
    return measured


def ratios(rates: list[float], others: list[float]) -> str:
    """Run by run."""
    quotients = [a / b for a, b in zip(rates, others, strict=True)]
    return f"{statistics.median(quotients):.2f} ({min(quotients):.2f} to {max(quotients):.2f})"


def cpu_s(pid: int) -> float:
    """Processor seconds that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """VmRSS of a process."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) / 1024

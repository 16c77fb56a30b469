"""Run the bench and print its tables (Markdown). Server on core 0, generator on core 1; medians of interleaved runs."""

import argparse
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.metadata import version

from loadtests.bench import folders, sandboxes
from loadtests.bench.processes import MOCK, SECRET, on_generator_core, ratios, server
from mockserver.tokens import Tokens
from mockserver.wire.paths import SEARCH_PATH

CONNECTIONS = 64
MANY_CONNECTIONS, DELAY_MS = 200, 50
QUIET = [*MOCK, "--journal-entries", "0", "--no-metrics"]
COUNTRY, TOWN = 124_000_000, 1_000
ANSWER_BYTES = 1_560  # the mean length of an answer with 限度額
BARE = [sys.executable, "-m", "loadtests.bench.bare", str(ANSWER_BYTES)]


@contextlib.contextmanager
def generator(people: int) -> Iterator["subprocess.Popen[str]"]:
    """A generator for a country of so many people."""
    token = Tokens(SECRET, 86_400).issue(time.time())
    command = on_generator_core([sys.executable, "-m", "loadtests.bench.generator", str(people), token])
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
    finally:
        process.terminate()
        process.wait()


def rate(asking: "subprocess.Popen[str]", port: int, seconds: float, connections: int = CONNECTIONS) -> float:
    """Answers per second of the server on a port."""
    assert asking.stdin is not None
    assert asking.stdout is not None
    asking.stdin.write(f"{port} {seconds} {connections}\n")
    asking.stdin.flush()
    measured = float(asking.stdout.readline())
    if not measured:
        raise SystemExit("the server answered nothing")
    return measured


def throughput(runs: int, seconds: float) -> None:
    """The search path beside the bare application, a country beside a town, and without journal and metrics."""
    rows: dict[str, list[float]] = {
        "bare aiohttp + uvloop": [],
        "mock, 124 million people": [],
        "mock, 1,000 people": [],
        "mock, 124 million people, no journal, no metrics": [],
    }
    bare, country, town, quiet = rows
    with (
        server(BARE) as (bare_port, _),
        server(MOCK) as (country_port, _),
        server([*MOCK, "--people", str(TOWN)]) as (town_port, _),
        server(QUIET) as (quiet_port, _),
        generator(COUNTRY) as to_country,
        generator(TOWN) as to_town,
    ):
        turns = [
            (bare, to_country, bare_port),
            (country, to_country, country_port),
            (quiet, to_country, quiet_port),
            (town, to_town, town_port),
        ]
        for run in range(runs):
            first = run % len(turns)
            for name, asking, port in (*turns[first:], *turns[:first]):  # nobody is always first
                rows[name].append(rate(asking, port, seconds))
    print(f"\n## Throughput: {runs} interleaved runs of {seconds:g} s, 64 keep-alive connections\n")
    print("| server | look-ups/s (median) | ratio (median, min to max) |\n|---|---|---|")
    for name, rates in rows.items():
        print(f"| {name} | {statistics.median(rates):,.0f} | {ratios(rates, rows[bare])} |")
    print(f"\n124 million people against 1,000: {ratios(rows[country], rows[town])}")
    print(f"\njournal and metrics against none: {ratios(rows[country], rows[quiet])}")


def delays(runs: int, seconds: float) -> None:
    """A delay holds no worker: what so many connections get of the most that the delay allows."""
    most = MANY_CONNECTIONS * 1000 / DELAY_MS
    rule = json.dumps({"fault": "slow", "parameters": {"ms": DELAY_MS}}).encode()
    with server(MOCK) as (port, _), generator(COUNTRY) as asking:
        url = f"http://127.0.0.1:{port}/admin/faults"
        urllib.request.urlopen(urllib.request.Request(url, rule, {"Content-Type": "application/json"})).close()
        rates = [rate(asking, port, seconds, MANY_CONNECTIONS) for _ in range(runs)]
    print(f"\n## A delay of {DELAY_MS} ms on {MANY_CONNECTIONS} connections: {runs} runs of {seconds:g} s\n")
    print("| | look-ups/s |\n|---|---|")
    print(f"| arithmetic: connections by delay | {most:,.0f} |")
    print(f"| mock (median) | {statistics.median(rates):,.0f} |")
    print(f"\nof the arithmetic: {ratios(rates, [most] * runs)}")


def start_up(runs: int) -> None:
    """From the start of the process to the first answer."""
    times: dict[str, list[float]] = {"bare": [], "mock": []}
    for _ in range(runs):
        for name, command in (("bare", BARE), ("mock", MOCK)):
            times[name].append(first_answer_s(command))
    print(f"\n## Start to first answer: {runs} interleaved starts\n")
    print("| server | ms (median) | ratio |\n|---|---|---|")
    for name, seconds in times.items():
        print(f"| {name} | {statistics.median(seconds) * 1000:,.0f} | {ratios(seconds, times['bare'])} |")


def first_answer_s(command: list[str]) -> float:
    """Seconds until a server, started anew, has answered a search."""
    begun = time.perf_counter()
    with server(command) as (port, _):
        url = f"http://127.0.0.1:{port}{SEARCH_PATH}"
        request = urllib.request.Request(url, b"{}", {"Content-Type": "application/json"})
        with contextlib.suppress(urllib.error.HTTPError):  # a refusal is an answer
            urllib.request.urlopen(request).read()
        return time.perf_counter() - begun


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--only", choices=("throughput", "delays", "start", "memory", "sandboxes", "folders"))
    chosen = parser.parse_args()
    packages = ", ".join(f"{name} {version(name)}" for name in ("aiohttp", "uvloop", "msgspec", "lxml", "watchfiles"))
    print(f"Python {platform.python_version()} ({platform.python_compiler()}), {packages}, {os.cpu_count()} cores")
    if chosen.only in (None, "throughput"):
        throughput(chosen.runs, chosen.seconds)
    if chosen.only in (None, "delays"):
        delays(5, chosen.seconds)
    if chosen.only in (None, "start"):
        start_up(chosen.runs)
    if chosen.only in (None, "memory"):
        sandboxes.journalled()
    if chosen.only in (None, "sandboxes"):
        sandboxes.many()
    if chosen.only in (None, "folders"):
        folders.codecs(chosen.runs)
        folders.at_once(5)
        folders.memory()


main()

"""Run the bench and print its tables (Markdown). Server on core 0, generator on core 1; medians of interleaved runs."""

import argparse
import contextlib
import json
import os
import platform
import statistics
import time
import urllib.request
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from loadtests import honesty
from loadtests.bench import folders, instructions, latency, peers, sandboxes, workers
from loadtests.bench.processes import BARE, COUNTRY, MOCK, TOWN, generator, rate, ratios, rotated, server
from mockserver.wire.paths import SEARCH_PATH

MANY_CONNECTIONS, DELAY_MS = 200, 50
QUIET = [*MOCK, "--journal-entries", "0", "--no-metrics"]


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
            for name, asking, port in rotated(turns, run):
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
        rates = [rate(asking, port, seconds, MANY_CONNECTIONS, DELAY_MS / 1000) for _ in range(runs)]
    print(f"\n## A delay of {DELAY_MS} ms on {MANY_CONNECTIONS} connections: {runs} runs of {seconds:g} s\n")
    print("The connections begin one by one over a delay: begun at once they stay in step and wait for each other.\n")
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


def _of_folders(chosen: argparse.Namespace) -> None:
    folders.codecs(chosen.runs)
    folders.at_once(5)
    folders.memory()


TABLES: dict[str, Callable[[argparse.Namespace], None]] = {
    "throughput": lambda chosen: throughput(chosen.runs, chosen.seconds),
    "instructions": lambda _: instructions.of_a_request(),
    "delays": lambda chosen: delays(5, chosen.seconds),
    "latency": lambda chosen: latency.steady(chosen.runs, chosen.seconds),
    "workers": lambda chosen: workers.two(chosen.runs, chosen.seconds),
    "peers": lambda chosen: peers.beside(min(chosen.runs, 5), chosen.seconds, chosen.peers),
    "honesty": lambda chosen: honesty.table(min(chosen.runs, 3), 1_000, chosen.seconds * 5),
    "start": lambda chosen: start_up(chosen.runs),
    "memory": lambda _: sandboxes.journalled(),
    "sandboxes": lambda _: sandboxes.many(),
    "folders": _of_folders,
}


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--only", choices=TABLES)
    parser.add_argument("--peers", type=Path, default=peers.FOLDER, help="where the peers are installed")
    chosen = parser.parse_args()
    packages = ", ".join(f"{name} {version(name)}" for name in ("aiohttp", "uvloop", "msgspec", "lxml", "watchfiles"))
    print(f"Python {platform.python_version()} ({platform.python_compiler()}), {packages}, {os.cpu_count()} cores")
    for name, tables in TABLES.items():
        if chosen.only in (None, name):
            tables(chosen)


main()

"""Latency at a steady rate, of the mock beside the bare application."""

import json
import statistics
import subprocess
import sys
import time

from loadtests.bench.processes import BARE, COUNTRY, MOCK, SECRET, on_generator_core, ratios, server
from mockserver.tokens import Tokens

RATE_PER_S = 1_100  # the whole country's peak
PERCENTILES = ("50", "99", "99.9")


def steady(runs: int, seconds: float) -> None:
    """Percentiles of both as an open-loop client sees them, from the intended start."""
    found: dict[str, list[list[float]]] = {"bare aiohttp + uvloop": [], "mock, 124 million people": []}
    bare = next(iter(found))
    with server(BARE) as (bare_port, _), server(MOCK) as (port, _):
        turns = list(zip(found.values(), (bare_port, port), strict=True))
        for run in range(runs):
            for rows, at in turns if run % 2 else turns[::-1]:
                rows.append(_measured(at, seconds))
    print(f"\n## Latency at {RATE_PER_S:,}/s offered: {runs} interleaved runs of {seconds:g} s\n")
    print("Each request has its moment, and its latency counts from there.\n")
    print("| server | p50, ms (median) | p99, ms | p99.9, ms | ratio of p50 | of p99 | of p99.9 |")
    print("|---|---|---|---|---|---|---|")
    yardstick = list(zip(*found[bare], strict=True))
    for name, rows in found.items():
        columns = list(zip(*rows, strict=True))
        told = [f"{statistics.median(column):.2f}" for column in columns]
        told += [ratios(list(mine), list(other)) for mine, other in zip(columns, yardstick, strict=True)]
        print(f"| {name} | {' | '.join(told)} |", flush=True)


def _measured(port: int, seconds: float) -> list[float]:
    """Percentiles in milliseconds, from a client of its own."""
    token = Tokens(SECRET, 86_400).issue(time.time())
    client = [sys.executable, "-m", "loadtests.bench.steady", str(port), str(RATE_PER_S), str(seconds)]
    command = on_generator_core([*client, str(COUNTRY), token, *PERCENTILES])
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    percentiles: list[float] = json.loads(done.stdout)
    return percentiles

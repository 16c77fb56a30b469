"""Servers and helpers of the bench: each on its core, ended by the bench."""

import contextlib
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SECRET = "bench"
MOCK = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--json", "--token-secret", SECRET]
_SERVER_CORE, _GENERATOR_CORE = 0, 1


def on_server_core(command: list[str]) -> list[str]:
    """The command of a server, kept on its core."""
    return ["taskset", "-c", str(_SERVER_CORE), *command]


def on_generator_core(command: list[str]) -> list[str]:
    """The command of what loads a server, kept on the other core."""
    return ["taskset", "-c", str(_GENERATOR_CORE), *command]


@contextlib.contextmanager
def server(command: list[str]) -> Iterator[tuple[int, int]]:
    """A running server: port and process id."""
    process = subprocess.Popen(on_server_core(command), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        yield int(json.loads(process.stdout.readline())["url"].rsplit(":", 1)[1]), process.pid
    finally:
        process.terminate()
        process.wait()


def ratios(rates: list[float], others: list[float]) -> str:
    """Run by run."""
    quotients = [a / b for a, b in zip(rates, others, strict=True)]
    return f"{statistics.median(quotients):.2f} ({min(quotients):.2f} to {max(quotients):.2f})"


def resident_mb(pid: int) -> float:
    """VmRSS of a process."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) / 1024

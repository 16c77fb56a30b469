"""`python -m loadtests.honesty`: what our generator measures at a quiet 1,000/s, beside an independent open-loop client."""

import asyncio
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import click

from loadtests.bench.processes import MOCK, on_generator_core, ratios, server
from loadtests.results import read
from mockserver.catalogue import EXAMPLE_CLINIC, request_for
from mockserver.clock import real_now
from mockserver.eligibility.population import Country
from mockserver.wire.json_codec import encode
from mockserver.wire.paths import LOGIN_PATH, SEARCH_PATH

_LENGTH = re.compile(rb"Content-Length: (\d+)", re.IGNORECASE)
_CONNECTIONS = 128


class OpenLoop:
    """An independent client: each arrival has its time and a connection of its own, whatever became of the others."""

    def __init__(self, url: str, rate_per_s: int, seconds: float, people: int = 124_000_000) -> None:
        self._port = int(url.rsplit(":", 1)[1])
        self._times = [number / rate_per_s for number in range(int(rate_per_s * seconds))]
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.latencies_s: list[float] = []
        self._requests = [_request(url, people, number) for number in range(0, 1_000, 7)]

    async def connect(self, connections: int) -> None:
        """Open connections; more are opened where they do not suffice."""
        opening = [self._another() for _ in range(connections)]
        self._free = list(await asyncio.gather(*opening))

    async def run(self) -> None:
        """Ask everybody."""
        begun = time.perf_counter()
        asked = []
        for number, at in enumerate(self._times):
            await asyncio.sleep(max(begun + at - time.perf_counter(), 0))
            asked.append(asyncio.create_task(self._ask(number, begun + at)))
        await asyncio.gather(*asked)
        for _, writer in self._free:
            writer.close()

    def p(self, percent: float) -> float:
        """A percentile of the latencies, in milliseconds."""
        return sorted(self.latencies_s)[int(len(self.latencies_s) * percent / 100)] * 1000

    async def _another(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self._port)

    async def _ask(self, number: int, intended: float) -> None:
        reader, writer = self._free.pop() if self._free else await self._another()
        writer.write(self._requests[number % len(self._requests)])
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        await reader.readexactly(int(length[1]) if length else 0)
        self.latencies_s.append(time.perf_counter() - intended)
        self._free.append((reader, writer))


_tokens: dict[str, str] = {}


def _request(url: str, people: int, number: int) -> bytes:
    """A look-up of somebody of the country, ready to send."""
    country, today = Country(1, people), real_now().date()
    resident = country.resident(number * 86_413 % country.people)
    card = resident.card_on(today)
    body = encode(request_for(card, resident.person.birthdate, today, EXAMPLE_CLINIC, card.branch))
    head = (
        f"POST {SEARCH_PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: {_token(url)}\r\n"
    )
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _token(url: str) -> str:
    if url not in _tokens:
        login = urllib.request.Request(url + LOGIN_PATH, b"{}", {"Content-Type": "application/json"})  # noqa: S310
        with urllib.request.urlopen(login, timeout=10) as answer:  # noqa: S310  loopback
            _tokens[url] = json.load(answer)["result"]["idToken"]
    return _tokens[url]


def _ours(url: str, rate_per_s: int, seconds: float) -> tuple[float, float]:
    """p50 and p99 in milliseconds, as the load test tells them."""
    plain = ["--card-way", "number", "--troubled-percent", "0", "--spacing", "constant"]
    rate = ["--rate-per-s", str(rate_per_s), "--minutes", str(seconds / 60)]
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "loadtests", "--host", url, "--out", out, *rate, *plain]
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
        results = read(Path(out, "measures.json"))
    assert results
    tally = results.measured().tally("path", "search")
    return tally.latency_ms(50), tally.latency_ms(99)


def _theirs(url: str, rate_per_s: int, seconds: float) -> tuple[float, float]:
    """The same of the independent client, in a process of its own on the generator's core."""
    command = [sys.executable, "-m", "loadtests.honesty", "--client", url, "--rate", str(rate_per_s)]
    done = subprocess.run(  # noqa: S603
        on_generator_core([*command, "--seconds", str(seconds)]), check=True, stdout=subprocess.PIPE, text=True
    )
    p50, p99 = json.loads(done.stdout)
    return p50, p99


async def _alone(client: OpenLoop) -> None:
    await client.connect(_CONNECTIONS)
    await client.run()


@click.command()
@click.option("--runs", default=3, show_default=True)
@click.option("--rate", default=1_000, show_default=True)
@click.option("--seconds", default=15.0, show_default=True)
@click.option("--client", default="", hidden=True, help="Be the independent client of a server.")
def main(runs: int, rate: int, seconds: float, client: str) -> None:
    """Print the table: interleaved runs, server on core 0, generator on core 1."""
    if client:
        one = OpenLoop(client, rate, seconds)
        asyncio.run(_alone(one))
        click.echo(json.dumps([one.p(50), one.p(99)]))
    else:
        table(runs, rate, seconds)


def table(runs: int, rate: int, seconds: float) -> None:
    """Both at a rate, in turns."""
    with server(MOCK) as (port, _):
        url = f"http://127.0.0.1:{port}"
        pairs = [(_ours(url, rate, seconds), _theirs(url, rate, seconds)) for _ in range(runs)]
    click.echo(f"\n## Latency at {rate:,}/s as told: {runs} interleaved runs of {seconds:g} s\n")
    click.echo("| | ours, ms (median) | independent client, ms (median) | ratio |\n|---|---|---|---|")
    for name, place in (("p50", 0), ("p99", 1)):
        ours, theirs = ([pair[who][place] for pair in pairs] for who in (0, 1))
        click.echo(
            f"| {name} | {statistics.median(ours):.2f} | {statistics.median(theirs):.2f} | {ratios(ours, theirs)} |"
        )


if __name__ == "__main__":
    main()

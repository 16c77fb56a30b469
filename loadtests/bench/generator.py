"""A generator that is faster than what it measures: keep-alive connections, each asks again when answered.

Bodies are drawn at random over the whole country and written beforehand, so that the generator's core only sends.
"""

import asyncio
import random
import sys
import time
from collections.abc import Iterator
from itertools import cycle, islice
from typing import cast

import uvloop

from mockserver.catalogue import EXAMPLE_CLINIC, request_for
from mockserver.clock import real_now
from mockserver.eligibility.population import Country
from mockserver.wire.json_codec import encode
from mockserver.wire.paths import SEARCH_PATH

_PEOPLE = 30_000
_LENGTH = b"\r\nContent-Length: "


def requests(seed: int, people: int, token: str) -> list[bytes]:
    """Look-ups of people drawn at random from a country, ready to send."""
    country, draw, today = Country(1, people), random.Random(seed), real_now().date()
    head = (
        f"POST {SEARCH_PATH} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json;charset=UTF-8\r\n"
        f"Accept: application/json\r\nAuthorization: {token}\r\nContent-Length: "
    )
    written = []
    for _ in range(_PEOPLE):
        resident = country.resident(draw.randrange(country.people))
        card = resident.card_on(today)
        body = encode(request_for(card, resident.person.birthdate, today, EXAMPLE_CLINIC, card.branch))
        written.append(f"{head}{len(body)}\r\n\r\n".encode() + body)
    return written


class Desk(asyncio.Protocol):
    """A connection that asks, waits for the whole answer, and asks again."""

    def __init__(self, ask: "Asking") -> None:
        self._asking = ask
        self._missing = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first time."""
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def _ask(self) -> None:
        request = self._asking.next()
        if request is not None:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Count an answer when it is whole."""
        if self._missing:
            self._missing -= len(data)
        else:
            if not data.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"not an answer: {data[:200]!r}")
            end = data.index(b"\r\n\r\n") + 4
            start = data.index(_LENGTH) + len(_LENGTH)
            self._missing = end + int(data[start : data.index(b"\r\n", start)]) - len(data)
        if not self._missing:
            self._asking.count()
            self._ask()


class Asking:
    """What is asked next, and how much was answered."""

    def __init__(self, written: Iterator[bytes], most: int | None = None) -> None:
        self._written = islice(written, most)
        self._most = most
        self.answered = 0
        self.is_done = asyncio.Event()

    def next(self) -> bytes | None:
        """The next request, if there is one."""
        return next(self._written, None)

    def count(self) -> None:
        """An answer came whole."""
        self.answered += 1
        if self.answered == self._most:
            self.is_done.set()


async def ask_all(port: int, written: Iterator[bytes], count: int, connections: int) -> None:
    """Ask so many times."""
    asking = Asking(written, count)
    transports = await _connect(port, asking, connections)
    await asking.is_done.wait()
    for transport in transports:
        transport.abort()


async def _connect(port: int, asking: Asking, connections: int) -> list[asyncio.Transport]:
    loop = asyncio.get_running_loop()
    return [(await loop.create_connection(lambda: Desk(asking), "127.0.0.1", port))[0] for _ in range(connections)]


async def rate(port: int, written: list[bytes], warm_s: float, seconds: float, connections: int) -> float:
    """Answers per second of a server on loopback."""
    asking = Asking(cycle(written))
    transports = await _connect(port, asking, connections)
    await asyncio.sleep(warm_s)
    answered, begun = asking.answered, time.perf_counter()
    await asyncio.sleep(seconds)
    measured = (asking.answered - answered) / (time.perf_counter() - begun)
    for transport in transports:
        transport.abort()
    return measured


def main() -> None:
    """`generator PEOPLE TOKEN`: for each line `PORT SECONDS CONNECTIONS` on standard input print a rate."""
    written = requests(7, int(sys.argv[1]), sys.argv[2])
    print("ready", flush=True)
    for line in sys.stdin:
        port, seconds, connections = line.split()
        print(uvloop.run(rate(int(port), written, 0.5, float(seconds), int(connections))), flush=True)


if __name__ == "__main__":
    main()

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

WARM_S = 0.5
_PEOPLE = 30_000
_LENGTH = b"\r\nContent-Length: "
_RIGHT = (b"HTTP/1.1 200", b"HTTP/1.0 200")


def requests(seed: int, people: int, token: str, first: int | None = None) -> list[bytes]:
    """Look-ups of people drawn at random from a country (or of its first so many), ready to send."""
    country, draw, today = Country(1, people), random.Random(seed), real_now().date()
    head = (
        f"POST {SEARCH_PATH} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json;charset=UTF-8\r\n"
        f"Accept: application/json\r\nAuthorization: {token}\r\nContent-Length: "
    )
    written = []
    for _ in range(_PEOPLE):
        resident = country.resident(draw.randrange(first or country.people))
        card = resident.card_on(today)
        body = encode(request_for(card, resident.person.birthdate, today, EXAMPLE_CLINIC, card.branch))
        written.append(f"{head}{len(body)}\r\n\r\n".encode() + body)
    return written


def missing_of(begun: bytes) -> int:
    """How many bytes of an answer are still to come after its first piece, which holds the head."""
    start = begun.index(_LENGTH) + len(_LENGTH)
    return begun.index(b"\r\n\r\n") + 4 + int(begun[start : begun.index(b"\r\n", start)]) - len(begun)


class Desk(asyncio.Protocol):
    """A connection that asks, waits for the whole answer, and asks again."""

    def __init__(self, ask: "Asking") -> None:
        self._asking = ask
        self._missing = 0
        self._stays = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first time."""
        self._transport = cast(asyncio.Transport, transport)
        self._asking.transports.add(self._transport)
        self._missing = 0
        self._ask()

    def connection_lost(self, _: Exception | None) -> None:
        """Connect again where a connection carries one answer only."""
        self._asking.transports.discard(self._transport)
        if not self._asking.is_done.is_set():
            self._asking.connect(self)

    def _ask(self) -> None:
        request = self._asking.next()
        if request is not None:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Count an answer when it is whole."""
        if self._missing:
            self._missing -= len(data)
        else:
            self._stays = data.startswith(b"HTTP/1.1")
            if not data.startswith(_RIGHT):
                raise SystemExit(f"not an answer: {data[:200]!r}")
            self._missing = missing_of(data)
        if not self._missing:
            self._asking.count()
            if self._stays:
                self._ask()
            else:  # by who has the whole answer: some servers wait for that
                self._transport.close()


class Asking:
    """What is asked next, and how much was answered."""

    def __init__(self, port: int, written: Iterator[bytes], most: int | None = None) -> None:
        self._written = islice(written, most)
        self._most = most
        self.answered = 0
        self.is_done = asyncio.Event()
        self.transports: set[asyncio.Transport] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        self._port = port

    def next(self) -> bytes | None:
        """The next request, if there is one."""
        return next(self._written, None)

    def count(self) -> None:
        """An answer came whole."""
        self.answered += 1
        if self.answered == self._most:
            self.is_done.set()

    def connect(self, desk: Desk) -> None:
        """Connect a desk again."""
        task = asyncio.ensure_future(self._connect(desk))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def open(self, connections: int, over_s: float = 0) -> None:
        """Connect desks, one after another over a while."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for number in range(connections):
            if (early_s := begun + over_s * number / connections - loop.time()) > 0:
                await asyncio.sleep(early_s)
            await self._connect(Desk(self))

    def end(self) -> None:
        """Ask no more."""
        self.is_done.set()
        for transport in list(self.transports):
            transport.abort()

    async def _connect(self, desk: Desk) -> None:
        await asyncio.get_running_loop().create_connection(lambda: desk, "127.0.0.1", self._port)


async def ask_all(port: int, written: Iterator[bytes], count: int, connections: int) -> None:
    """Ask so many times."""
    asking = Asking(port, written, count)
    await asking.open(connections)
    await asking.is_done.wait()
    asking.end()


async def rate(port: int, written: list[bytes], seconds: float, connections: int, connect_over_s: float) -> float:
    """Answers per second of a server on loopback."""
    asking = Asking(port, cycle(written))
    await asking.open(connections, connect_over_s)
    await asyncio.sleep(WARM_S)
    answered, begun = asking.answered, time.perf_counter()
    await asyncio.sleep(seconds)
    measured = (asking.answered - answered) / (time.perf_counter() - begun)
    asking.end()
    return measured


def main() -> None:
    """`generator PEOPLE TOKEN [FIRST]`: for each line `PORT SECONDS CONNECTIONS OVER_S` on standard input print a rate."""
    written = requests(7, int(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:]))
    print("ready", flush=True)
    for line in sys.stdin:
        port, seconds, connections, over_s = line.split()
        print(uvloop.run(rate(int(port), written, float(seconds), int(connections), float(over_s))), flush=True)


if __name__ == "__main__":
    main()

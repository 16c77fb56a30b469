"""An open-loop client: every request has its moment, whatever became of the others, and latency counts from there.

It spins on its core instead of sleeping, for timers of a millisecond would be most of what it measures.
"""

import asyncio
import gc
import json
import sys
import time
from collections import deque
from typing import cast

import uvloop

from loadtests.bench.generator import missing_of, requests

_CONNECTIONS = 64
_WARM_S = 1.0
_DEADLINE_S = 10


class Line(asyncio.Protocol):
    """A connection that carries one request at a time."""

    def __init__(self, client: "Client") -> None:
        self._client = client
        self._missing = 0
        self._intended = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be free."""
        self.transport = cast(asyncio.Transport, transport)
        self._client.free.append(self)

    def ask(self, request: bytes, intended: float) -> None:
        """Send a request that was due at a moment."""
        self._intended = intended
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Take the time when an answer is whole."""
        if self._missing:
            self._missing -= len(data)
        else:
            if not data.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"not an answer: {data[:200]!r}")
            self._missing = missing_of(data)
        if not self._missing:
            self._client.answered(self, time.perf_counter() - self._intended)


class Client:
    """Asks at a steady rate."""

    def __init__(self, port: int, written: list[bytes]) -> None:
        self._port = port
        self._written = written
        self._waiting = deque[tuple[bytes, float]]()
        self.free: list[Line] = []
        self.latencies_s: list[float] = []

    async def run(self, rate_per_s: int, seconds: float) -> None:
        """Ask for so long; a second before that is not counted."""
        loop = asyncio.get_running_loop()
        lines = [await loop.create_connection(lambda: Line(self), "127.0.0.1", self._port) for _ in range(_CONNECTIONS)]
        await self._offer(rate_per_s, _WARM_S)
        self.latencies_s.clear()
        await self._offer(rate_per_s, seconds)
        for transport, _ in lines:
            transport.abort()

    def answered(self, line: Line, latency_s: float) -> None:
        """Keep a latency; who waits for a connection has this one."""
        self.latencies_s.append(latency_s)
        if self._waiting:
            line.ask(*self._waiting.popleft())
        else:
            self.free.append(line)

    async def _offer(self, rate_per_s: int, seconds: float) -> None:
        count = int(rate_per_s * seconds)
        begun = time.perf_counter()
        for number in range(count):
            due = begun + number / rate_per_s
            while time.perf_counter() < due:  # noqa: ASYNC110  spins, as told above
                await asyncio.sleep(0)
            self._ask(self._written[number % len(self._written)], due)
        async with asyncio.timeout(_DEADLINE_S):
            while len(self.latencies_s) < count:  # noqa: ASYNC110
                await asyncio.sleep(0)

    def _ask(self, request: bytes, due: float) -> None:
        if self.free:
            self.free.pop().ask(request, due)
        else:
            self._waiting.append((request, due))


def main() -> None:
    """`steady PORT RATE SECONDS PEOPLE TOKEN PERCENTILE…`: print those percentiles in milliseconds, as JSON."""
    port, rate_per_s, seconds, people, token, *percentiles = sys.argv[1:]
    client = Client(int(port), requests(7, int(people), token))
    gc.disable()  # a pause of the client is not the server's
    uvloop.run(client.run(int(rate_per_s), float(seconds)))
    ordered = sorted(client.latencies_s)
    print(json.dumps([ordered[int(len(ordered) * float(percent) / 100)] * 1000 for percent in percentiles]))


if __name__ == "__main__":
    main()

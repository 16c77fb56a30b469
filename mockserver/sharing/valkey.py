"""The log in Valkey or Redis: one round trip for each append that nobody interferes with."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Sequence
from time import monotonic
from typing import Any, TypeVar, cast

from valkey.asyncio import Valkey
from valkey.asyncio.client import PubSub
from valkey.exceptions import ValkeyError

from mockserver.sharing import scripts
from mockserver.sharing.log import ALL, Full, Kept, Limits, Log, Notice, Page, Standing, Unreachable, Written

_PREFIX = "{oqs}:"  # one slot of a cluster
_LOOK_FIRST_S, _LOOK_LAST_S = 0.001, 0.02
Answer = TypeVar("Answer")


def _key(name: str) -> str:
    return f"{_PREFIX}{name}"


_TOUCHED, _SERIAL, _EPOCH, _FACTS = map(_key, ("touched", "serial", "epoch", "facts"))
_SERVERS, _TAKEN_IN, _COUNTS, _CHANNEL = map(_key, ("servers", "taken-in", "counts", "notices"))


class ValkeyLog(Log):
    """A server's hand on a log in Valkey. ValueError for a URL that cannot be one."""

    def __init__(self, url: str, limits: Limits, timeout_ms: int) -> None:
        timeout_s = timeout_ms / 1000
        self._client = Valkey.from_url(url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s)
        self._listener = Valkey.from_url(
            url, socket_timeout=None, socket_connect_timeout=timeout_s, socket_keepalive=True
        )
        self._timeout_s = timeout_s
        self._limits = limits
        self._idle_ms = limits.idle_s * 1000
        self._server = uuid.uuid4().hex
        self._notices: PubSub | None = None
        register = self._client.register_script
        self._read, self._append = register(scripts.READ), register(scripts.APPEND)
        self._join, self._take_in = register(scripts.JOIN), register(scripts.TAKE_IN)
        self._touched = register(scripts.TOUCHED)
        self._is_behind, self._agree = register(scripts.IS_BEHIND), register(scripts.AGREE)

    async def join(self) -> Standing:
        """As the protocol says: first listen, then look, so that no notice falls in between."""
        await self._leave()
        self._notices = self._listener.pubsub()
        await self._asked(self._notices.subscribe(_CHANNEL))
        await self._asked(self._notices.get_message(timeout=self._timeout_s))
        keys = [_TOUCHED, _SERIAL, _EPOCH, _SERVERS, _TAKEN_IN]
        found = await self._asked(self._join(keys=keys, args=[self._server, uuid.uuid4().hex, self._idle_ms]))
        epoch, serial, touched = found
        return Standing(epoch.decode(), serial, [code.decode() for code in touched])

    async def notices(self) -> AsyncIterator[Notice]:
        """As the protocol says."""
        assert self._notices
        try:
            async for message in self._notices.listen():
                if message["type"] != "message":  # subscribed anew by itself: what came in between is lost
                    raise Unreachable("the connection for notices was lost")
                epoch, serial, awaited, name = message["data"].decode().split(" ")
                yield Notice(epoch, int(serial), name, awaited == "1")
        except (ValkeyError, OSError) as error:
            raise _unreachable(error) from None

    async def append(
        self, name: str, position: int, events: Sequence[bytes], *, is_told: bool = False, cuts: bool = False
    ) -> Written | Page | Full:
        """As the protocol says."""
        keys = [_key(f"log:{name}"), _key(f"base:{name}"), _TOUCHED, _SERIAL, _EPOCH, _key(f"bytes:{name}")]
        limits = self._limits
        flags = [int(is_told), int(cuts), int(name == ALL), limits.most_events, _CHANNEL]
        flags += [limits.most_bytes, limits.page_bytes]
        found = await self._asked(self._append(keys=keys, args=[name, self._idle_ms, position, *flags, *events]))
        if found[0] == b"full":
            return Full()
        return Written(found[1]) if found[0] == b"written" else _page(found)

    async def read(self, name: str, position: int) -> Page:
        """As the protocol says."""
        keys = [_key(f"log:{name}"), _key(f"base:{name}"), _TOUCHED, _key(f"bytes:{name}")]
        arguments = [name, self._idle_ms, position, self._limits.page_bytes]
        return _page(await self._asked(self._read(keys=keys, args=arguments)))

    async def touched(self) -> list[str]:
        """As the protocol says."""
        return [code.decode() for code in await self._asked(self._touched(keys=[_TOUCHED], args=[self._idle_ms]))]

    async def take_in(self, serial: int) -> None:
        """As the protocol says; what belongs to all clinics lives on with it."""
        common = [_SERIAL, _EPOCH, _FACTS, _COUNTS, _TOUCHED, _key(f"log:{ALL}"), _key(f"base:{ALL}")]
        common.append(_key(f"bytes:{ALL}"))
        arguments = [self._server, serial, self._limits.server_lives_ms, self._idle_ms]
        await self._asked(self._take_in(keys=[_SERVERS, _TAKEN_IN, *common], args=arguments))

    async def settled(self, serial: int, within_ms: int) -> bool:
        """As the protocol says: looks again and again, at longer and longer intervals."""
        until_s, pause_s = monotonic() + within_ms / 1000, _LOOK_FIRST_S
        arguments = [serial, self._limits.server_lives_ms]
        while await self._asked(self._is_behind(keys=[_SERVERS, _TAKEN_IN], args=arguments)):
            if monotonic() >= until_s:
                return False
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LOOK_LAST_S)
        return True

    async def count(self, what: str) -> int:
        """As the protocol says."""
        return cast(int, await self._asked(self._client.hincrby(_COUNTS, what, 1)))

    async def agree(self, facts: dict[str, str]) -> dict[str, str]:
        """As the protocol says."""
        pairs = [text for pair in facts.items() for text in pair]
        found = await self._asked(self._agree(keys=[_FACTS], args=[self._idle_ms, *pairs]))
        return {name: fact.decode() for name, fact in zip(facts, found, strict=True)}

    async def close(self) -> None:
        """As the protocol says."""
        with contextlib.suppress(Unreachable):
            await self._asked(self._client.zrem(_SERVERS, self._server))
        await self._leave()
        await self._client.aclose()
        await self._listener.aclose()

    async def _leave(self) -> None:
        if self._notices is not None:
            with contextlib.suppress(ValkeyError, OSError):
                await self._notices.aclose()  # type: ignore[no-untyped-call]
            self._notices = None

    async def _asked(self, asking: Awaitable[Answer]) -> Any:
        try:
            return await asking
        except (ValkeyError, OSError) as error:
            raise _unreachable(error) from None


def _page(found: list[Any]) -> Page:
    _, base, end, kept = found
    pairs = (one.partition(b" ") for one in kept)
    return Page(base, end, [Kept(int(serial), event) for serial, _, event in pairs])


def _unreachable(error: Exception) -> Unreachable:
    return Unreachable(str(error) or type(error).__name__)

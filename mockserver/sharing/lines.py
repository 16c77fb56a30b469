"""What is to happen to one clinic, in a line: one after the other, look-ups that wait together at once."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any

from msgspec import Struct

from mockserver.sharing.events import Kind

_MOST_AT_ONCE = 100  # events written together


class Taken(Exception):
    """What was to happen to a clinic unless it is in use did not: it is."""


class Deed(Struct, eq=False):
    """Something that is to happen to a clinic; without a kind only what happened is asked for.

    `unless`: whether it is not to happen after all, asked once what happened is known. `awaits`: the notice that every
    server must have taken in before anybody is told.
    """

    kind: Kind[Any] | None
    payload: Any
    now: datetime
    done: "asyncio.Future[Any]"
    unless: "Callable[[Line], bool] | None" = None
    awaits: int = 0

    @property
    def is_told(self) -> bool:
        """Whether it sets something up."""
        return self.kind is not None and self.kind.is_told

    def is_off(self, line: "Line") -> bool:
        """Whether it is not to happen, as things stand."""
        return self.unless is not None and self.unless(line)

    def settle(self, act: Callable[[], Any]) -> None:
        """Tell whoever waits what came of it."""
        try:
            result = act()
        except Exception as error:
            if not self.done.done():
                self.done.set_exception(error)
        else:
            if not self.done.done():
                self.done.set_result(result)


class Line:
    """What happens to one clinic, one after the other. `position`: how many events of its log were applied."""

    def __init__(self) -> None:
        self.position = 0
        self.serial = 0
        self.is_stale = False
        self.waiting: deque[Deed] = deque()
        self.work: asyncio.Task[None] | None = None

    def next_ones(self) -> list[Deed]:
        """Those that are written together: look-ups that follow one another, or one that sets something up."""
        ones = [self.waiting.popleft()]
        while not ones[0].is_told and self.waiting and not self.waiting[0].is_told and len(ones) < _MOST_AT_ONCE:
            ones.append(self.waiting.popleft())
        return ones


def raiser(error: Exception) -> Callable[[], Any]:
    """What raises an error when it is called."""

    def fail() -> Any:
        raise error

    return fail

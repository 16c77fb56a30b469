"""What a fault decided for a request file does to its answer: the nearest thing a folder has."""

from typing import assert_never

from msgspec.structs import replace

from mockserver.faults import (
    Backlog,
    ConnectionReset,
    Maintenance,
    MalformedAnswer,
    Outage,
    Slow,
    SlowDrip,
    StillProcessing,
    Timeout,
    TruncatedAnswer,
    WrongContentType,
)
from mockserver.faults.fault import LONGEST_DELAY_MS
from mockserver.faults.rules import Decision
from mockserver.scenarios.scenario import Way


def hindered(way: Way, decision: Decision | None) -> Way:
    """The way of an answer with a decision on top.

    A timeout is a file that comes after `hold_s`, a truncated answer one whose second half does; what is broken on a
    connection is an `.err` file. An outage and 処理中 are in the message already.
    """
    if decision is None:
        return way
    way = replace(way, late_ms=way.late_ms + decision.delay_ms)
    fault = decision.fault
    match fault:
        case Timeout():
            return replace(way, late_ms=min(fault.hold_s * 1000, LONGEST_DELAY_MS))
        case TruncatedAnswer():
            return replace(way, rest_after_ms=LONGEST_DELAY_MS)
        case SlowDrip():
            return replace(way, rest_after_ms=fault.pause_ms)
        case ConnectionReset() | MalformedAnswer() | WrongContentType():
            return replace(way, is_error=True)
        case None | Slow() | Backlog() | Outage() | Maintenance() | StillProcessing():
            return way
        case _:
            assert_never(fault)

"""Faults as values: what can go wrong on the way, and whom it hits. This is the list, in reading order."""

from typing import get_args

from mockserver.faults.fault import Fault
from mockserver.faults.kinds import (
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

AnyFault = (
    Slow
    | Backlog
    | Timeout
    | Outage
    | Maintenance
    | ConnectionReset
    | TruncatedAnswer
    | MalformedAnswer
    | SlowDrip
    | StillProcessing
    | WrongContentType
)
FAULTS: tuple[type[Fault], ...] = get_args(AnyFault)
FAULT_BY_ID = {fault.fault_id(): fault for fault in FAULTS}
__all__ = [
    "FAULTS",
    "FAULT_BY_ID",
    "AnyFault",
    "Backlog",
    "ConnectionReset",
    "Fault",
    "Maintenance",
    "MalformedAnswer",
    "Outage",
    "Slow",
    "SlowDrip",
    "StillProcessing",
    "Timeout",
    "TruncatedAnswer",
    "WrongContentType",
]

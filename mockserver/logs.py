"""What the mock says on standard error: lines for people, or a JSON object each; never a 個人番号."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from mockserver.eligibility.numbering import mask_individual_numbers

Format = Literal["text", "json"]
Level = Literal["debug", "info", "warning", "error"]
_TEXT = "%(asctime)s %(levelname)s %(message)s"
_TEXT_TIME = "%Y-%m-%dT%H:%M:%S%z"
_DATED_FILE = re.compile(
    r"(re[qs]_20\d\d(?:0[1-9]|1[0-2])[0-3]\d{5}(?!\d))"
)  # twelve digits too: day and number of a file
_request_id: ContextVar[str] = ContextVar("request_id", default="")


@contextmanager
def caused_by(request_id: str) -> Iterator[None]:
    """What is logged meanwhile is told with the X-Request-Id of the request that caused it; empty: it has none."""
    before = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(before)


class Line(Struct, omit_defaults=True):
    """A line of the log; `time` is RFC 3339, `exception` the traceback of a failure of the mock."""

    time: str
    level: str
    logger: str
    message: str
    request_id: str = ""
    exception: str = ""


class JsonFormatter(logging.Formatter):
    """A JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        line = Line(
            time=datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds"),
            level=record.levelname.lower(),
            logger=record.name,
            message=record.getMessage(),
            request_id=_request_id.get(),
            exception=self.formatException(record.exc_info) if record.exc_info else "",
        )
        return _masked(msgspec.json.encode(line).decode())


class TextFormatter(logging.Formatter):
    """A line for people, and the traceback of a failure below it."""

    def __init__(self) -> None:
        super().__init__(_TEXT, _TEXT_TIME)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - named by logging
        """The first line of a record."""
        request_id = _request_id.get()
        return super().formatMessage(record) + (f" [{request_id}]" if request_id else "")

    def format(self, record: logging.LogRecord) -> str:
        """All lines of a record."""
        return _masked(super().format(record))


def _masked(text: str) -> str:
    """A text without a 個人番号; the names of files of the linkage folder stay whole."""
    parts = _DATED_FILE.split(text)
    return "".join(part if n % 2 else mask_individual_numbers(part) for n, part in enumerate(parts))


def begin(form: Format, level: Level) -> None:
    """Log to standard error from here on; of libraries only what is at least a warning."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    least = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(handlers=[handler], level=max(least, logging.WARNING))
    logging.getLogger("mockserver").setLevel(least)

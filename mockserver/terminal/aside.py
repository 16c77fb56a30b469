"""Request files answered without keeping the process from its other work, and whatever happens."""

import asyncio
import logging
from datetime import datetime

from mockserver.linkage.outcome import Outcome
from mockserver.linkage.taking import Linkage
from mockserver.wire.files import FileForm, label
from mockserver.wire.refusals import INTERNAL

_LOG = logging.getLogger("mockserver.terminal")
_LARGE_BYTES, _COLLECTS = 100_000, "02req_"


def take_safely(linkage: Linkage, name: str, data: bytes, form: FileForm, now: datetime) -> Outcome:
    """What comes of a request file; a failure of the mock itself is an `.err`, and a traceback in its own log."""
    try:
        return linkage.take(name, data, form, now)
    except Exception:
        _LOG.exception("a request file failed: %s", label(name))
        return linkage.fail(name, INTERNAL, form)


async def take_aside(linkage: Linkage, name: str, data: bytes, form: FileForm, now: datetime) -> Outcome:
    """The same without keeping the process from its other work: batches, which may hold thousands, go to a thread."""
    if len(data) < _LARGE_BYTES and _COLLECTS not in name:
        return take_safely(linkage, name, data, form, now)
    return await asyncio.to_thread(take_safely, linkage, name, data, form, now)

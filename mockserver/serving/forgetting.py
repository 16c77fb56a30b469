"""The owner of a clinic is told when its set-up had to be forgotten: in the log, and in every answer of its admin paths."""

import logging
from datetime import datetime, timedelta

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from mockserver.exchange import Exchange
from mockserver.views import FORGOTTEN_HEADER, Forgotten, forgotten_header, forgotten_in_words

_LOG = logging.getLogger("mockserver")
_PAUSE = timedelta(seconds=1)


class ForgettingLog:
    """A line for each forgetting, but one a second at most: the next line says how many had none."""

    def __init__(self) -> None:
        self._last: datetime | None = None
        self._untold = 0

    def tell(self, code: str, forgotten: Forgotten) -> None:
        """Tell of a forgetting, now or with a later one."""
        if self._last is not None and self._last <= forgotten.at < self._last + _PAUSE:
            self._untold += 1
            return
        japanese, english = forgotten_in_words(forgotten)
        others = f"（ほか{self._untold}件 / and {self._untold} others before）" if self._untold else ""
        _LOG.warning("%s: %s / %s%s", code, japanese, english, others)
        self._last, self._untold = forgotten.at, 0


def telling_forgotten(exchange: Exchange) -> Middleware:
    """Adds the header to the answers of a clinic's admin paths; that to its reset is the last to have it."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        code = request.match_info.get("code")
        if code is None:
            return await handler(request)
        before = exchange.clinics.forgotten(code)
        answer = await handler(request)
        forgotten = exchange.clinics.forgotten(code) or before
        if forgotten is not None and not answer.prepared and answer.status != web.HTTPUnauthorized.status_code:
            answer.headers[FORGOTTEN_HEADER] = forgotten_header(forgotten)
        return answer

    return middleware

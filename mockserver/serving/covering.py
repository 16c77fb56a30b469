"""The coverage report over HTTP: JSON, a page, or JUnit XML."""

import asyncio
from collections.abc import Callable
from typing import Any, get_args

from aiohttp import web
from msgspec import Struct

from mockserver.clock import Now
from mockserver.coverage import CoverageView, Format, Total, report
from mockserver.coverage.pages import junit, page
from mockserver.denial import refused
from mockserver.exchange import Exchange
from mockserver.serving.answering import MOCK_HEADERS
from mockserver.serving.reading import query_of
from mockserver.wire.refusals import Problem, wrong_member

_FORMS: tuple[Format, ...] = get_args(Format)
_WRITTEN: dict[Format, tuple[str, Callable[[CoverageView], bytes]]] = {
    "html": ("text/html; charset=utf-8", page),
    "junit": ("application/xml; charset=utf-8", junit),
}


class _Wanted(Struct, frozen=True):
    format: str = "json"


def form_of(request: web.Request) -> Format:
    """The form of the report that is wanted."""
    found = query_of(request, _Wanted).format
    for form in _FORMS:
        if form == found:
            return form
    known = ", ".join(_FORMS)
    raise refused(wrong_member(Problem.SHAPE, "format", found, f"{known} のどれか", f"one of {known}"))


class Covering:
    """Makes reports. A code of None stands for all clinics."""

    def __init__(self, exchange: Exchange, now: Now) -> None:
        self._exchange = exchange
        self._now = now

    async def answer(self, code: str | None, form: Format) -> Any:
        """The report in the form that is wanted."""
        made = report(await self._total(code), code, self._now(), self._exchange.journals.is_kept)
        if form == "json":
            return made
        content_type, write = _WRITTEN[form]
        return web.Response(body=write(made), headers={**MOCK_HEADERS, "Content-Type": content_type})

    def start_anew(self) -> None:
        """Count from here on."""
        self._exchange.coverage.start_anew(self._exchange.journals)

    async def _total(self, code: str | None) -> Total:
        """One clinic at once; all of them one by one, so that look-ups are answered in between."""
        coverage, journals = self._exchange.coverage, self._exchange.journals
        if code is not None:
            return coverage.clinic(journals, code)
        total = Total()
        for part in coverage.parts(journals):
            total.add(part)
            await asyncio.sleep(0)
        return total

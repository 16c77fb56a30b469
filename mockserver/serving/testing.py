"""The admin paths of a tester's hand: faults, timelines, the journal, expectations, and clinics to test with."""

from typing import Any

from aiohttp import web

from mockserver.choosing import deny_unknown_pattern
from mockserver.clock import Now
from mockserver.exchange import Exchange
from mockserver.faulting import Faulting, NewFault, NewTimeline, kinds
from mockserver.recalling import Expectation, JournalQuery, Recalling
from mockserver.serving.covering import Covering, form_of
from mockserver.serving.following import Following, format_of
from mockserver.serving.reading import body_of, code_of, query_of
from mockserver.sharing.deeds import Deeds, kept_up
from mockserver.sharing.events import ADD_FAULT, ADD_TIMELINE, CLEAR_FAULTS, NOTHING, PEOPLE, REMOVE_FAULT
from mockserver.views import NewClinic, PeopleQuery


class Testing:
    """Handlers of the paths; their names are those of the written-out operations. A path without a code is about all."""

    def __init__(self, exchange: Exchange, deeds: Deeds, now: Now) -> None:
        self._exchange = exchange
        self._deeds = deeds
        self._now = now
        self._faulting = Faulting(exchange)
        self._recalling = Recalling(exchange)
        self._covering = Covering(exchange, now)
        self.following = Following(exchange, self._recalling)

    async def new_clinic(self, request: web.Request) -> Any:
        """A clinic nobody uses."""
        new = await body_of(request, NewClinic, self._exchange.settings)
        return await self._deeds.begin_clinic(new, self._now())

    async def people(self, request: web.Request) -> Any:
        """People to test with."""
        return await self._deeds.do(PEOPLE, code_of(request), query_of(request, PeopleQuery), self._now())

    def fault_kinds(self, request: web.Request) -> Any:
        """The catalogue of faults."""
        del request
        return kinds()

    async def faults(self, request: web.Request) -> Any:
        """The rules there are."""
        code, now = _code_or_all(request), self._now()
        if code:
            await self._deeds.catch_up(code, now)
        return self._faulting.faults(code, now)

    async def add_fault(self, request: web.Request) -> Any:
        """Let a fault happen."""
        new = await body_of(request, NewFault, self._exchange.settings)
        return await self._deeds.do(ADD_FAULT, _code_or_all(request), new, self._now())

    async def add_timeline(self, request: web.Request) -> Any:
        """Faults one after another."""
        new = await body_of(request, NewTimeline, self._exchange.settings)
        return await self._deeds.do(ADD_TIMELINE, _code_or_all(request), new, self._now())

    async def remove_fault(self, request: web.Request) -> None:
        """Take a rule or timeline away."""
        await self._deeds.do(REMOVE_FAULT, _code_or_all(request), request.match_info["id"], self._now())

    async def clear_faults(self, request: web.Request) -> None:
        """Take all rules away."""
        await self._deeds.do(CLEAR_FAULTS, _code_or_all(request), NOTHING, self._now())

    async def journal(self, request: web.Request) -> Any:
        """What a clinic did, and why it was answered so."""
        code, query = code_of(request), query_of(request, JournalQuery)
        deny_unknown_pattern(query.pattern)
        await self._deeds.catch_up(code, self._now())
        match format_of(request):
            case "json":
                return self._recalling.journal(code, query)
            case "jsonl":
                return await self.following.lines(request, code, query)
            case "events":
                async with kept_up(self._deeds, code, self._now):
                    return await self.following.events(request, code, query)

    async def counts(self, request: web.Request) -> Any:
        """How often each pattern was met."""
        await self._deeds.catch_up(code_of(request), self._now())
        return self._recalling.counts(code_of(request))

    async def expect(self, request: web.Request) -> Any:
        """Whether a person was asked for as expected."""
        expectation = await body_of(request, Expectation, self._exchange.settings)
        code, now = code_of(request), self._now()
        await self._deeds.catch_up(code, now)
        return self._recalling.expect(code, expectation, now)

    async def coverage(self, request: web.Request) -> Any:
        """Which patterns were met, and how it went on."""
        code, form = _code_or_all(request), form_of(request)
        if code:
            await self._deeds.catch_up(code, self._now())
        return await self._covering.answer(code, form)

    def new_coverage(self, request: web.Request) -> None:
        """Count from here on."""
        del request
        self._covering.start_anew()


def _code_or_all(request: web.Request) -> str | None:
    return code_of(request) if "code" in request.match_info else None

"""The admin paths of a tester's hand: faults, timelines, the journal, expectations, and clinics to test with."""

from typing import Any

from aiohttp import web

from mockserver.clock import Now
from mockserver.control import Control
from mockserver.exchange import Exchange
from mockserver.faulting import Faulting, NewFault, NewTimeline, kinds
from mockserver.recalling import Expectation, JournalQuery, Recalling
from mockserver.serving.covering import Covering, form_of
from mockserver.serving.following import Following, format_of
from mockserver.serving.reading import body_of, code_of, query_of
from mockserver.views import NewClinic, PeopleQuery


class Testing:
    """Handlers of the paths; their names are those of the written-out operations. A path without a code is about all."""

    def __init__(self, exchange: Exchange, now: Now) -> None:
        self._exchange = exchange
        self._now = now
        self._control = Control(exchange)
        self._faulting = Faulting(exchange)
        self._recalling = Recalling(exchange)
        self._covering = Covering(exchange, now)
        self.following = Following(exchange, self._recalling)

    async def new_clinic(self, request: web.Request) -> Any:
        """A clinic nobody uses."""
        new = await body_of(request, NewClinic, self._exchange.settings)
        return self._control.new_clinic(new, self._now())

    def people(self, request: web.Request) -> Any:
        """People to test with."""
        return self._control.people(code_of(request), query_of(request, PeopleQuery), self._now())

    def fault_kinds(self, request: web.Request) -> Any:
        """The catalogue of faults."""
        del request
        return kinds()

    def faults(self, request: web.Request) -> Any:
        """The rules there are."""
        return self._faulting.faults(_code_or_all(request), self._now())

    async def add_fault(self, request: web.Request) -> Any:
        """Let a fault happen."""
        new = await body_of(request, NewFault, self._exchange.settings)
        return self._faulting.add(_code_or_all(request), new, self._now())

    async def add_timeline(self, request: web.Request) -> Any:
        """Faults one after another."""
        new = await body_of(request, NewTimeline, self._exchange.settings)
        return self._faulting.add_timeline(_code_or_all(request), new, self._now())

    def remove_fault(self, request: web.Request) -> None:
        """Take a rule or timeline away."""
        self._faulting.remove(_code_or_all(request), request.match_info["id"], self._now())

    def clear_faults(self, request: web.Request) -> None:
        """Take all rules away."""
        self._faulting.clear(_code_or_all(request), self._now())

    async def journal(self, request: web.Request) -> Any:
        """What a clinic did, and why it was answered so."""
        code, query = code_of(request), query_of(request, JournalQuery)
        match format_of(request):
            case "json":
                return self._recalling.journal(code, query)
            case "jsonl":
                return await self.following.lines(request, code, query)
            case "events":
                return await self.following.events(request, code, query)

    def counts(self, request: web.Request) -> Any:
        """How often each pattern was met."""
        return self._recalling.counts(code_of(request))

    async def expect(self, request: web.Request) -> Any:
        """Whether a person was asked for as expected."""
        expectation = await body_of(request, Expectation, self._exchange.settings)
        return self._recalling.expect(code_of(request), expectation, self._now())

    async def coverage(self, request: web.Request) -> Any:
        """Which patterns were met, and how it went on."""
        return await self._covering.answer(_code_or_all(request), form_of(request))

    def new_coverage(self, request: web.Request) -> None:
        """Count from here on."""
        del request
        self._covering.start_anew()


def _code_or_all(request: web.Request) -> str | None:
    return code_of(request) if "code" in request.match_info else None

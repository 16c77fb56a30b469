"""The admin paths of a tester's hand: faults, timelines, the journal, expectations, and clinics to test with."""

from typing import Any

from aiohttp import web

from mockserver.clock import Now
from mockserver.control import Control
from mockserver.exchange import Exchange
from mockserver.faulting import Faulting, NewFault, NewTimeline, kinds
from mockserver.recalling import Expectation, JournalQuery, Recalling
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

    def journal(self, request: web.Request) -> Any:
        """What a clinic did, and why it was answered so."""
        return self._recalling.journal(code_of(request), query_of(request, JournalQuery))

    def counts(self, request: web.Request) -> Any:
        """How often each pattern was met."""
        return self._recalling.counts(code_of(request))

    async def expect(self, request: web.Request) -> Any:
        """Whether a person was asked for as expected."""
        expectation = await body_of(request, Expectation, self._exchange.settings)
        return self._recalling.expect(code_of(request), expectation, self._now())


def _code_or_all(request: web.Request) -> str | None:
    return code_of(request) if "code" in request.match_info else None

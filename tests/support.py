"""A mock without a transport, at a fixed moment, and ways to ask it."""

import json
from datetime import date, datetime, timedelta

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from mockserver.catalogue import EXAMPLE_CLINIC, ready_request, request_for
from mockserver.clock import JST
from mockserver.control import Control
from mockserver.eligibility.records import Card, InsurerKind
from mockserver.eligibility.residents import Resident
from mockserver.exchange import Exchange, Reply
from mockserver.scenarios.casting import BY_CODE, cast_ready, cast_resident
from mockserver.scenarios.reserved import RULE_INSURERS
from mockserver.scenarios.scenario import Ready, Scenario
from mockserver.settings import Settings
from mockserver.views import ClockChange, NewAssignment, TruthQuery, TruthView
from mockserver.wire.json_codec import encode
from mockserver.wire.message import SearchRequest

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=JST)
TODAY = NOW.date()
CLINIC = EXAMPLE_CLINIC
WAYS = ("ready", "by_rule", "assigned")


def parameters_of(scenario: Scenario) -> dict:
    """A scenario's parameters as the admin path takes them."""
    fields = msgspec.to_builtins(scenario)
    return {name: value for name, value in fields.items() if name != "pattern"}


class Desk:
    """A clinic's desk at a mock: asks, moves its clock, gives patterns."""

    def __init__(self, clinic: str = CLINIC, exchange: Exchange | None = None, **settings: object) -> None:
        self.exchange = exchange or Exchange(Settings(require_token=False, **settings), NOW)
        self.control = Control(self.exchange)
        self.clinic = clinic
        self.country = self.exchange.register.country_of(None)
        self.days = 0

    def ask(self, request: SearchRequest) -> Reply:
        """The reply to a request."""
        return self.exchange.search(encode(request), None, NOW)

    def body(self, request: SearchRequest, day: str | None = None, branch: str | None = None) -> dict:
        """The body of the answer to a request, if wanted about another day or with another branch."""
        asked = json.loads(encode(request))
        if day:
            asked["XmlMsg"]["MessageHeader"]["QualificationConfirmationDate"] = day
        if branch:
            asked["XmlMsg"]["MessageBody"]["QualificationConfirmSearchInfo"]["InsuredBranchNumber"] = branch
        for _ in range(5):  # 処理中: a client asks again
            message = json.loads(self.exchange.search(json.dumps(asked).encode(), None, NOW).body)["XmlMsg"]
            if message["MessageHeader"]["SegmentOfResult"] != "2":
                break
        return message["MessageBody"]

    def validity(self, request: SearchRequest, **changes: str) -> str:
        """資格有効性 of the answer to a request."""
        return self.body(request, **changes)["QualificationValidity"]

    def result(self, request: SearchRequest, **changes: str) -> dict:
        """The one result of the answer to a request."""
        (item,) = self.body(request, **changes)["ResultList"]
        return item["ResultOfQualificationConfirmation"]

    def about_today(self, request: SearchRequest) -> SearchRequest:
        """The same request about the clinic's today."""
        header = replace(request.XmlMsg.MessageHeader, QualificationConfirmationDate=self.today.strftime("%Y%m%d"))
        return SearchRequest(XmlMsg=replace(request.XmlMsg, MessageHeader=header))

    def go_to(self, days: int) -> None:
        """Stand so many days after the start of the stories."""
        if not self.days:
            self.control.change_clock(self.clinic, ClockChange(now=NOW), NOW)
        self.control.change_clock(self.clinic, ClockChange(advance_days=days - self.days), NOW)
        self.days = days

    @property
    def today(self):
        """The clinic's today."""
        return TODAY + timedelta(days=self.days)

    def ready(self, ready: Ready) -> SearchRequest:
        """The request for a ready person, about the clinic's today."""
        cast = cast_ready(ready, TODAY, self.exchange.repertoire)
        return ready_request(ready, cast, self.today, self.clinic)

    def assigned(self, ready: Ready) -> SearchRequest:
        """The request for a person of the population who was given the pattern, about the clinic's today."""
        resident = self.fitting(ready)
        new = NewAssignment(ready.plays.pattern_id(), resident.index, parameters_of(ready.plays), TODAY)
        self.control.assign(self.clinic, new, NOW)
        cast = cast_resident(resident, TODAY, self.country, self.exchange.repertoire)
        if ready.is_worker:
            return request_for(cast.card, cast.worker.birthdate, self.today, self.clinic)
        card = cast.assistance_card if ready.insurer is InsurerKind.ASSISTANCE else cast.card
        if ready.is_next:
            card = cast.elderly_card if ready.insurer is InsurerKind.ELDERLY else cast.next_card
        return request_for(card, resident.person.birthdate, self.today, self.clinic, ready.branch and card.branch)

    def fitting(self, ready: Ready) -> Resident:
        """The first person of the country under the same kind of insurer (医療扶助: 国保) whom the pattern fits."""
        wanted = BY_CODE[ready.pair].insurer if ready.is_next else ready.insurer
        if wanted is InsurerKind.ASSISTANCE:
            wanted = InsurerKind.NATIONAL
        for index in range(5_000):
            resident = self.country.resident(index)
            cast = cast_resident(resident, TODAY, self.country, self.exchange.repertoire)
            if cast.card.insurer.kind is wanted and ready.plays.misfit(cast) is None:
                return resident
        raise LookupError(ready)

    def set_clock(self, moment: datetime) -> None:
        """Freeze the clinic's clock; the first time its stories begin there."""
        self.control.change_clock(self.clinic, ClockChange(now=moment), NOW)

    def truth(self, request: SearchRequest, day: date | None = None) -> TruthView:
        """What is really so for whom a request asks."""
        search = request.XmlMsg.MessageBody.QualificationConfirmSearchInfo
        birthdate = date.fromisoformat(search.Birthdate)
        symbol, branch = (
            None if text is UNSET else text for text in (search.InsuredCardSymbol, search.InsuredBranchNumber)
        )
        asked = TruthQuery(search.InsurerNumber, search.InsuredIdentificationNumber, birthdate, symbol, branch, day)
        return self.control.truth(self.clinic, asked, NOW)

    def by_rule(self, ready: Ready, symbol: str | None = "記号１") -> SearchRequest:
        """The request for a rule number of the same kind of insurer, about the clinic's today."""
        cast = cast_ready(ready, TODAY, self.exchange.repertoire)
        card = Card(RULE_INSURERS[ready.insurer], symbol, f"76543{ready.code}", None)
        birthdate = cast.worker.birthdate if ready.is_worker else ready.born.birthdate(TODAY)
        return request_for(card, birthdate, self.today, self.clinic, None)

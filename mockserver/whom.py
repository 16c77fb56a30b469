"""Who is meant: a seat number of the population, an identity by number, or the id of a person of the scenario files."""

from datetime import date, datetime

from mockserver.denial import Denial
from mockserver.eligibility.population import Country
from mockserver.eligibility.records import Card, Inquiry
from mockserver.eligibility.residents import Resident
from mockserver.exchange import Exchange
from mockserver.faults.rules import Target
from mockserver.scenarios.own import OwnPerson
from mockserver.views import Identity
from mockserver.wire.refusals import quote, suggestion


def target_of(exchange: Exchange, code: str | None, person: int | str | Identity, now: datetime) -> Target:
    """A person a rule or an expectation is about: a seat number of a clinic's country, an identity, an own person's id."""
    sandbox = exchange.clinics.find(code, now) if code else None
    moment = sandbox.clock.moment(now) if sandbox else now
    if isinstance(person, int):
        resident = resident_at(exchange.register.country_of(sandbox), person)
        inquiry = _inquiry_by(resident.card_on(moment.date()), resident.person.birthdate, moment.date())
    elif isinstance(person, str):
        own = own_person(exchange, person)
        inquiry = _inquiry_by(own.card, own.person.birthdate, moment.date())
    else:
        inquiry = inquiry_of(person, moment.date())
    found = exchange.register.find(inquiry, sandbox, exchange.story_start(sandbox, moment), moment)
    whose = exchange.register.whose(inquiry, found)
    return Target(whose, inquiry.insurer_key, inquiry.number, inquiry.birthdate)


def own_person(exchange: Exchange, name: str) -> OwnPerson:
    """A person of the scenario files by id. Denial where there is none."""
    people = exchange.register.standing.people
    if name.isdecimal():  # no id is digits alone
        raise Denial(
            400,
            f"person の値 {quote(name)} が正しくありません。座席番号は引用符なしの整数で指定してください",
            f"person: found the text {quote(name)}, expected a seat number (an integer, without quotes)",
        )
    if name not in people:
        hint = suggestion(name, people)
        raise Denial(
            404,
            f"シナリオファイルに {quote(name)} という人はいません{hint}",
            f"person: the scenario files have nobody called {quote(name)}{hint}",
        )
    return people[name]


def _inquiry_by(card: Card, birthdate: date, day: date) -> Inquiry:
    return Inquiry(card.insurer.key, card.symbol, card.number, card.branch, birthdate, day)


def resident_at(country: Country, seat: int) -> Resident:
    """The person of a seat number. Denial where the country has no such seat."""
    try:
        return country.resident(seat)
    except IndexError:
        last = country.people - 1
        raise Denial(
            404,
            f"person は 0 から {last} までです（{seat} が指定されました）",
            f"person: found {seat}, expected 0 to {last}",
        ) from None


def inquiry_of(identity: Identity, day: date) -> Inquiry:
    """An identity by number as an inquiry about a day."""
    who = identity
    return Inquiry.by_number(who.insurer_number, who.symbol, who.number, who.branch, who.birthdate, day)

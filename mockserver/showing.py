"""Tables for a person at a terminal, JSON for programs: the catalogue and people to ask for."""

from datetime import date, datetime

import msgspec
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from mockserver.catalogue import EXAMPLE_CLINIC, CatalogueView, catalogue, request_for, rule_insurer_numbers, rule_table
from mockserver.clock import real_now
from mockserver.eligibility.population import Country
from mockserver.eligibility.text import Repertoire
from mockserver.scenarios.casting import BY_ID
from mockserver.settings import Settings
from mockserver.wire.message import SearchRequest

_STRIDE = 75_467_897  # a prime that does not divide the country, so no seat comes twice


class Listed(msgspec.Struct, frozen=True):
    """Somebody to ask for: seat number (None: a ready person), name, what is special, the request to send."""

    person: int | None
    name: str
    variant: str
    request: SearchRequest


def catalogue_json(opened: datetime | None) -> str:
    """The catalogue as the admin path of a mock gives it that was started on a day (None: today)."""
    return msgspec.json.encode(_catalogue(opened)).decode()


def catalogue_table() -> None:
    """The table of digits, on a page."""
    numbers = "  ".join(rule_insurer_numbers().values())
    title, caption = "被保険者番号の下2桁とパターン / last two digits and patterns", f"保険者番号: {numbers}"
    table = _table(("下2桁", "パターン"), ("", "例"))
    table.title, table.caption = title, caption
    for row in rule_table():
        table.add_row(row.code, row.pattern, row.title_ja, row.variant)
    Console().print(table)


def ready_people(pattern: str | None, opened: datetime | None) -> list[Listed]:
    """The ready people, of one pattern or of all. LookupError for a pattern there is not."""
    if pattern is not None and pattern not in BY_ID:
        raise LookupError(f"パターン {pattern} はありません / no pattern {pattern}; known: {', '.join(BY_ID)}")
    return [
        Listed(None, person.name, f"{view.id} {person.variant}", person.request)
        for view in _catalogue(opened).patterns
        if pattern in (None, view.id)
        for person in view.people
    ]


def residents(seed: int, count: int) -> list[Listed]:
    """Some people of the country, the same for the same seed, spread over all of it."""
    country, today = Country(seed), real_now().date()
    return [_resident(country, (seed + n * _STRIDE) % country.people, today) for n in range(count)]


def people_json(people: list[Listed]) -> str:
    """One JSON array."""
    return msgspec.json.encode(people).decode()


def people_table(people: list[Listed]) -> None:
    """A table with the numbers one types at the desk."""
    table = _table(("person",), ("氏名", ""), ("保険者番号", "記号", "番号", "枝番", "生年月日"))
    for listed in people:
        search = listed.request.XmlMsg.MessageBody.QualificationConfirmSearchInfo
        texts = (
            search.InsurerNumber,
            search.InsuredCardSymbol,
            search.InsuredIdentificationNumber,
            search.InsuredBranchNumber,
            search.Birthdate,
        )
        seat = "" if listed.person is None else str(listed.person)
        table.add_row(seat, listed.name, listed.variant, *("" if t is msgspec.UNSET else str(t) for t in texts))
    Console().print(table)


def _table(*headings: tuple[str, ...]) -> Table:
    """A table in which every second group of columns may be folded; numbers and ids never are."""
    table = Table(box=SIMPLE, pad_edge=False)
    for order, group in enumerate(headings):
        for heading in group:
            table.add_column(heading, no_wrap=order % 2 == 0, overflow="fold")
    return table


def _resident(country: Country, index: int, today: date) -> Listed:
    resident = country.resident(index)
    card, person = resident.card_on(today), resident.person
    request = request_for(card, person.birthdate, today, EXAMPLE_CLINIC, card.branch)
    return Listed(index, person.name, card.insurer.name, request)


def _catalogue(opened: datetime | None) -> CatalogueView:
    today = real_now().date()
    start = opened.date() if opened else today
    return catalogue(start, today, EXAMPLE_CLINIC, Repertoire(Settings().repertoire))

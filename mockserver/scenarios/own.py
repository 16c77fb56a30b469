"""A person of a tester's own: who is neither of the population nor ready, but written down in a scenario file."""

from datetime import date, timedelta
from hashlib import blake2b

from msgspec import Struct

from mockserver.eligibility.records import Card, Cover, InsurerKind, Person
from mockserver.eligibility.text import Repertoire
from mockserver.scenarios.casting import around
from mockserver.scenarios.reserved import READY_INSURERS, another_kind
from mockserver.scenarios.scenario import Cast

_FREE_NUMBERS = 8_000_000_000  # of ten digits: nobody of the population has such a number
_HOW_MANY = 1_000_000_000
_ONE_YEAR = timedelta(days=365)


class OwnPerson(Struct, frozen=True):
    """A person with their card. `since`: when the insurance began, a year before the story if not given; `next_card`: the
    number after a change of job.
    """

    id: str
    person: Person
    card: Card
    cover: Cover
    since: date | None = None
    next_card: Card | None = None

    @property
    def holder(self) -> str:
        """How records name the person."""
        return f"own-{self.id}"


def cast_own(own: OwnPerson, start: date, repertoire: Repertoire) -> Cast:
    """The cast around a person of one's own; numbers they may get, where not given, follow from the id."""
    drawn = int.from_bytes(blake2b(own.id.encode(), digest_size=8).digest(), "little")
    free_number = str(_FREE_NUMBERS + drawn % _HOW_MANY)
    return around(
        own.person,
        cards=(own.card, own.next_card or _next_card(own.card, free_number)),
        elderly_card=Card(READY_INSURERS[InsurerKind.ELDERLY], None, free_number, None),
        assistance_card=Card(READY_INSURERS[InsurerKind.ASSISTANCE], None, free_number, None),
        cover=own.cover,
        since=own.since or max(start - _ONE_YEAR, own.person.birthdate),
        start=start,
        repertoire=repertoire,
    )


def _next_card(card: Card, number: str) -> Card:
    kind = another_kind(card.insurer.kind)
    is_elderly = kind is InsurerKind.ELDERLY
    return Card(READY_INSURERS[kind], None if is_elderly else "9001", number, None if is_elderly else "01")

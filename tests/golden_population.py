"""Some people of Country(1), described in full; run as a module, it rewrites golden/population.json."""

import json
from pathlib import Path

import msgspec

from mockserver.eligibility.population import Country
from mockserver.eligibility.records import Card
from mockserver.eligibility.residents import Resident

GOLDEN = Path(__file__).parent / "golden" / "population.json"
SEED = 1
PEOPLE = 24
STRIDE = 5_166_671  # no multiple of 124, so that every kind of household turns up


def sample() -> list[dict]:
    """The sampled people, as they are computed now."""
    country = Country(SEED)
    return [describe(country.resident(n * STRIDE)) for n in range(PEOPLE)]


def describe(resident: Resident) -> dict:
    """Everything a user can see of a resident, as JSON holds it."""
    told = {
        "index": resident.index,
        "person": resident.person,
        "cover": resident.cover,
        "card": _card(resident.card),
        "national_card": _card(resident.national_card),
        "elderly_card": _card(resident.elderly_card),
        "enrolled_on": resident.enrolled_on,
        "left_on": resident.left_on,
        "turns_75_on": resident.turns_75_on,
    }
    return msgspec.json.decode(msgspec.json.encode(told))


def _card(card: Card) -> dict:
    insurer = card.insurer
    return {
        "insurer": [insurer.number, insurer.name, insurer.kind, insurer.key],
        "symbol": card.symbol,
        "number": card.number,
        "branch": card.branch,
    }


def write() -> None:
    """Rewrite the golden file."""
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(json.dumps(sample(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()

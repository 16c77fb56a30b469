"""Texts of scenario files to values with places, or to a mistake that says where and why, in both languages."""

import tomllib

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.playbook.document import Document, Mistake, spell
from mockserver.playbook.reading import MOST_CHARACTERS, read_toml, read_yaml

READERS = [read_yaml, read_toml]
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
PEOPLE = """\
# who is there
people:
  - name: 山田　太郎
    birthdate: 1950-01-02
  - name: 花子
    insurance: {number: "01139906", since: 10:30}
base: &base
  pattern: valid
clinic:
  <<: *base
  seed: 7
"""
TABLES = """\
title = "x"  # [not.a.table]
text = \"\"\"
[neither]
key = 1 \"\"\"\"
numbers = [
  1, # one
  [2.5, 'b]'],
]

[clinic]
"of day".start = 1979-05-27 07:32:00
rule = { days = [1, 2], deep.er = true }
[[people]]
name = "a"
[[people]]
name = "b"
  [people.home]
  code = "1"
[[people.cards]]
pin = 1
[later.inner]
[later]
"""


def mistake(read, text):
    found = read(text)
    assert isinstance(found, Mistake), found
    return found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 01139906", {"a": "01139906"}),
        ("a: 10:30", {"a": "10:30"}),
        ("a: [no, 1, 0x1f, 1.5, 1950-01-02, =]", {"a": ["no", "1", "0x1f", "1.5", "1950-01-02", "="]}),
        ("a: [~, null, Null, '', 'null']\nb:", {"a": [None, None, None, "", "null"], "b": None}),
        ("a: !!str null", {"a": "null"}),
        ("1: x\nnull: y", {"1": "x", "null": "y"}),
        ("a: &x {b: c}\nd: *x", {"a": {"b": "c"}, "d": {"b": "c"}}),
        ("a: &x {b: 1, c: 1}\nd: {c: 2, <<: *x}", {"a": {"b": "1", "c": "1"}, "d": {"b": "1", "c": "2"}}),
        ("a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc:\n  <<: [*x, *y]\n  '<<': 3", {"p": "1", "q": "2", "<<": "3"}),
        ("&k a: 1\nb: *k", {"a": "1", "b": "a"}),
        ("\ufeffa: 1\r\nb: 全角　空白\r\n", {"a": "1", "b": "全角　空白"}),
        ("", {}),
        ("# nothing\n", {}),
        ("---\n...\n", {}),
    ],
)
def test_yaml_keeps_text_as_it_is(text, value):
    found = read_yaml(text)
    assert isinstance(found, Document)
    assert found.value == value or found.value["c"] == value


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), (1, 1)),
        (("people",), (2, 1)),
        (("people", 0), (3, 5)),
        (("people", 0, "birthdate"), (4, 5)),
        (("people", 1, "insurance", "since"), (6, 37)),
        (("people", 1, "birthdate"), (5, 5)),
        (("people", 1, "insurance", "since", "deeper", 3), (6, 37)),
        (("clinic", "pattern"), (8, 3)),
        (("clinic", "seed"), (11, 3)),
        (("nowhere",), (1, 1)),
    ],
)
def test_yaml_places(path, place):
    assert read_yaml(PEOPLE).place(path) == place


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("title",), (1, 1)),
        (("text",), (2, 1)),
        (("numbers", 0), (6, 3)),
        (("numbers", 1), (7, 3)),
        (("numbers", 1, 1), (7, 9)),
        (("clinic", "of day", "start"), (11, 10)),
        (("clinic", "rule", "days", 1), (12, 21)),
        (("clinic", "rule", "deep", "er"), (12, 30)),
        (("clinic", "missing"), (10, 2)),
        (("people",), (13, 3)),
        (("people", 1), (15, 3)),
        (("people", 1, "name"), (16, 1)),
        (("people", 1, "home", "code"), (18, 3)),
        (("people", 1, "cards", 0, "pin"), (20, 1)),
        (("later",), (22, 2)),
        (("later", "inner"), (21, 8)),
    ],
)
def test_toml_places(path, place):
    document = read_toml(TABLES)
    assert document.value == tomllib.loads(TABLES)
    assert document.place(path) == place


@pytest.mark.parametrize(
    ("text", "place", "path", "japanese", "english"),
    [
        ("a:\n\tb: 1", (2, 1), "", "タブ", "found a tab, expected spaces"),
        ("a: b\n \tc: d", (2, 2), "", "半角の空白", "found a tab"),
        ("a: 1\na: 2", (2, 1), "a", 'キー "a" が2回', 'the key "a" stands here a second time'),
        ("x: [{b: 1, b: 2}]", (1, 12), "x[0].b", "2回", "second time"),
        ("a: &x {}\nb: {<<: *x, <<: *x}", (2, 13), 'b["<<"]', "2回", "second time"),
        ("- a", (1, 1), "", "リスト", "a list"),
        ("\nhello", (2, 1), "", '"hello"', "expected lines"),
        ("名前：太郎", (1, 1), "", "全角の「：」", "full-width colon"),
        ("a: 1\nb：2\nc: 3", (2, 1), "", "全角の「：」", "full-width colon"),
        ("a: 1\nb\nc: 3", (2, 1), "", "「キー: 値」", 'expected "key: value"'),
        ("a: 1\n---\nb: 2", (2, 1), "", "複数の文書", "a second document"),
        ("a: !!python/object:os.system x", (1, 4), "a", "タグ", "python/object"),
        ("!!omap {a: 1}", (1, 1), "", "タグ", "the tag"),
        ("!x a: 1", (1, 1), "", "タグ", "the tag"),
        ("a: !n!x b", (1, 4), "", "YAML として読めません", "not valid YAML"),
        ("a: *x", (1, 4), "a", '参照 "x"', "no finished anchor"),
        ("a: &x [*x]", (1, 8), "a[0]", '参照 "x"', "no finished anchor"),
        ("a: &x [b]\nc: {<<: *x}", (2, 5), 'c["<<"]', "マッピング", "an alias of a mapping"),
        ("? [a]\n: b", (1, 3), "", "キーは文字列", "a key is not text"),
        ("a: {{ b }}", (1, 5), "a", "引用符", "needs quotes"),
        ("a: &x [b]\n*x : c", (2, 1), "", "キーは文字列", "a key is not text"),
        ("a: b\n  c: d", (2, 4), "", "「:」は置けません", 'a ":" is not allowed here'),
        ("a:\n  b: 1\n c: 2", (3, 2), "", "字下げ", "indentation"),
        ("a: 'x", (1, 6), "", "引用符が閉じ", "never closed"),
        ("a: [1", (1, 6), "", "括弧が閉じ", "a bracket is never closed"),
        ("a: @x", (1, 4), "", "引用符で囲んで", "put the value in quotes"),
        ('a: "\\UFFFFFFFF"', (1, 7), "", "YAML として読めません", "not valid YAML"),
        ('a: "\\ud800"', (1, 4), "a", "サロゲート", "surrogate"),
        ("%YAML 1." + "9" * 5000, (1, 9), "", "YAML として読めません", "not valid YAML"),
        ("a: 1\nb: \x00", (2, 4), "", "U+0000", "U+0000"),
        ("a: \ud800", (1, 4), "", "U+D800", "U+D800"),
        ("#" * (MOST_CHARACTERS + 1), (1, 1), "", "大きすぎ", "1000001 characters, expected 1000000"),
        ("x: " + "[" * 1000, (1, 53), "x" + "[0]" * 49, "入れ子が深すぎ", "50 levels"),
        ("a: &a " + "[" * 30 + "]" * 30 + "\nb: " + "[" * 30 + "*a", (2, 34), "b" + "[0]" * 30, "深すぎ", "50 levels"),
        (BOMB, (6, 15), "a5[1]", "多すぎ", "200000 at most with aliases"),
    ],
)
def test_yaml_mistakes(text, place, path, japanese, english):
    found = mistake(read_yaml, text)
    assert (found.place, found.path) == (place, path)
    assert japanese in found.japanese
    assert english in found.english


@pytest.mark.parametrize(
    ("text", "place", "japanese", "english"),
    [
        ("a = 01139906", (1, 6), "引用符で囲んで", "cannot begin with 0; put it in quotes"),
        ("a = 1\n\na = 2\nb = 3", (3, 6), "2回", "second time"),
        ("[a]\n[a]", (2, 3), "同じ表が2回", "the same table"),
        ("a = {b = 1, b = 2}", (1, 18), "2回", "second time"),
        ("a = x\n", (1, 5), "文字列は引用符", "text needs quotes"),
        ("a = 1\nb =", (2, 4), "文字列は引用符", "text needs quotes"),
        ("a = [1,\n", (2, 1), "括弧は閉じて", "brackets must be closed"),
        ('a = "x', (1, 7), "引用符が閉じ", "never closed"),
        ('a = """x\n', (2, 1), "引用符が閉じ", "never closed"),
        ("a: 1", (1, 2), "「キー = 値」", 'expected "key = value"'),
        ("a = 'x' y", (1, 9), "TOML として読めません", "not valid TOML"),
        ("a = 1\x00", (1, 6), "U+0000", "U+0000"),
        ("a = " + "9" * 5000, (1, 5), "長すぎる値", "too long for a number"),
        ("a = " + "[" * 5000, (1, 55), "入れ子が深すぎ", "50 levels"),
        ("a." * 100_000 + "b = 1", (1, 102), "入れ子が深すぎ", "50 levels"),
        ("[" + "a." * 30 + "b]\n" + "c." * 30 + "d = 1", (2, 39), "入れ子が深すぎ", "50 levels"),
        ("a = [" + "1," * 200_000 + "]", (1, 400_004), "多すぎ", "200000 at most"),
        ("#" * (MOST_CHARACTERS + 1), (1, 1), "大きすぎ", "1000001 characters"),
    ],
)
def test_toml_mistakes(text, place, japanese, english):
    found = mistake(read_toml, text)
    assert (found.place, found.path) == (place, "")
    assert japanese in found.japanese
    assert english in found.english


def test_a_full_width_space_within_a_name_is_no_cause():
    assert "全角" not in mistake(read_yaml, "name: 山田　太郎\n x: 1").japanese
    assert "全角" in mistake(read_yaml, "a:\n  b: 1\n　c:　2\n").japanese


def test_toml_survives_windows_and_an_empty_file():
    assert read_toml("\ufeffa = 1\r\nb = '2'\r\n").place(("b",)) == (2, 1)
    assert read_toml("").value == {}


def test_too_many_items_of_a_list():
    assert "200000" in mistake(read_yaml, "a: &a [" + "x," * 5000 + "]\nb: [" + "*a," * 100 + "]").english


def test_chained_merges_do_not_nest():
    chain = "".join(f"b{n}: &b{n} {{<<: *b{n - 1}}}\n" for n in range(1, 60))
    assert read_yaml("b0: &b0 {a: 1}\n" + chain).value["b59"] == {"a": "1"}


@pytest.mark.parametrize("text", ["a: 1\n123456789018: {x: 1, x: 2}", "a: *123456789018", "a: !123456789018 b"])
def test_what_may_be_an_individual_number_is_not_told_back(text):
    assert "123456789018" not in str(mistake(read_yaml, text))


@pytest.mark.parametrize(
    ("path", "text"),
    [((), ""), (("a", 0, "b-c"), "a[0].b-c"), (("名前", "x.y"), '名前["x.y"]'), ((0,), "[0]")],
)
def test_spell(path, text):
    assert spell(path) == text


SPACED = st.sampled_from([" ", "  ", "\n  ", ": ", "- ", "\na: ", "\na = ", "\n[a]\n"])
BITS = SPACED | st.sampled_from(
    "a b : - ? , [ ] { } & * &a *a << <<:*a ! !!str !!int | > ' \" # % @ ` \\ \\u \n \r\n \t = . [[ ]] ''' \"\"\" 01 1.5 "
    "nan 9:30 null ~ --- ... %YAML \ufeff \u3000 ： \x00 \x85 \u2028 \ud800 あ 1979-05-27 true \\x0".split(" ")
)
TEXTS = st.lists(BITS, max_size=25).map("".join) | st.text(max_size=60)


@settings(max_examples=250, derandomize=True, deadline=None, database=None)
@given(TEXTS)
def test_every_text_gives_a_document_or_a_mistake(text):
    for read in READERS:
        found = read(text)
        assert isinstance(found, Document | Mistake)
        if isinstance(found, Mistake):
            assert found.japanese
            assert 1 <= found.place.line <= len(text.splitlines()) + 1


NAMES = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=6)
TREES = st.recursive(
    NAMES | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(st.dictionaries(NAMES, TREES, max_size=4))
def test_what_pyyaml_writes_is_read_back_with_every_place(value):
    document = read_yaml(yaml.safe_dump(value, allow_unicode=True))
    assert document.value == value
    assert_mirrors(document.value, document.spot)


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(TEXTS)
def test_every_value_of_toml_has_its_place(text):
    found = read_toml(text)
    if isinstance(found, Document):
        assert_mirrors(found.value, found.spot)


def test_the_places_of_a_long_toml_mirror_its_values():
    document = read_toml(TABLES)
    assert_mirrors(document.value, document.spot)


def assert_mirrors(value, spot):
    steps = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    assert set(steps) == set(spot.below)
    for step in steps:
        assert_mirrors(value[step], spot.below[step])

"""How names come back: ●, half-width kana, small kana, variant forms (wire.md 6)."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.eligibility.population import Country
from mockserver.eligibility.tables import given_names, rare_given_names, surnames
from mockserver.eligibility.text import (
    Repertoire,
    half_width,
    outside,
    outside_place,
    raise_small_kana,
    same_text,
    unvary,
    vary,
)

CODECS = ("shift_jis_2004", "cp932", "shift_jis")
COUNTRY = Country(1)
USUAL_NAMES = [*surnames(), *(name for names in given_names().values() for name in names)]
RARE_NAMES = [*surnames("rare_surnames"), *(name for names in rare_given_names().values() for name in names)]
SELECTOR = "\U000e0101"
KATAKANA = (
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンァィゥェォッャュョ"
    "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポヴー"
)


@pytest.mark.parametrize(
    ("name", "shift_jis_2004", "cp932", "shift_jis"),
    [
        ("髙橋", "●橋", "髙橋", "●橋"),
        ("德川", "德川", "德川", "●川"),
        ("山﨑", "山﨑", "山﨑", "山●"),
        ("髙﨑　德子", "●﨑　德子", "髙﨑　德子", "●●　●子"),
        ("𠮷田", "●田", "●田", "●田"),
        ("高橋　徳子", "高橋　徳子", "高橋　徳子", "高橋　徳子"),
        ("", "", "", ""),
    ],
)
def test_a_character_outside_the_repertoire_comes_back_as_black_circle(name, shift_jis_2004, cp932, shift_jis):
    shown = tuple(Repertoire(codec).show(name) for codec in CODECS)
    assert shown == (shift_jis_2004, cp932, shift_jis)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (f"葛{SELECTOR}城", "●城"),
        (f"渡邉{SELECTOR}　一郎", "渡●　一郎"),
        ("辻\ufe00", "●"),
        (f"𠮷{SELECTOR}田", "●田"),
        (f"辻{SELECTOR}葛{SELECTOR}", "●●"),
    ],
)
def test_a_kanji_with_a_variation_selector_is_one_black_circle(codec, name, shown):
    assert Repertoire(codec).show(name) == shown


def test_usual_names_come_back_as_they_are():
    repertoire = Repertoire("shift_jis_2004")
    assert [name.kanji for name in USUAL_NAMES if repertoire.show(name.kanji) != name.kanji] == []


def test_rare_names_do_not_come_back_as_they_are():
    repertoire = Repertoire("shift_jis_2004")
    assert [name.kanji for name in RARE_NAMES if repertoire.show(name.kanji).count("●") != 1] == []


def test_an_unknown_codec_is_told_at_once():
    with pytest.raises(LookupError):
        Repertoire("klingon")


@pytest.mark.parametrize(
    ("katakana", "half"),
    [
        ("サトウ", "ｻﾄｳ"),
        ("ガギグ", "ｶﾞｷﾞｸﾞ"),
        ("パピプ", "ﾊﾟﾋﾟﾌﾟ"),
        ("ヴァン", "ｳﾞｧﾝ"),
        ("ユーキ", "ﾕｰｷ"),
        ("シンリョウ　タロウ", "ｼﾝﾘｮｳ ﾀﾛｳ"),
        ("ヲ・ッ", "ｦ･ｯ"),
        ("ABC 1", "ABC 1"),
        ("", ""),
    ],
)
def test_half_width(katakana, half):
    assert half_width(katakana) == half


@given(st.text(KATAKANA, max_size=12))
@settings(max_examples=100, deadline=None)
def test_half_width_kana_read_the_same(katakana):
    half = half_width(katakana)
    assert unicodedata.normalize("NFKC", half) == katakana
    assert all("\uff61" <= character <= "\uff9f" for character in half)


@given(st.sampled_from([*USUAL_NAMES, *RARE_NAMES]))
@settings(max_examples=100, deadline=None)
def test_readings_of_names_are_half_width(name):
    assert name.kana
    assert all("\uff61" <= character <= "\uff9f" for character in name.kana)


@pytest.mark.parametrize(
    ("kana", "raised"),
    [
        ("ショウ", "シヨウ"),
        ("ｼｮｳ", "ｼﾖｳ"),
        ("ハットリ", "ハツトリ"),
        ("ﾊｯﾄﾘ", "ﾊﾂﾄﾘ"),
        ("ァィゥェォャュヮ", "アイウエオヤユワ"),
        ("ｧｨｩｪｫｬｭ", "ｱｲｳｴｵﾔﾕ"),
        ("サトウ", "サトウ"),
    ],
)
def test_raise_small_kana(kana, raised):
    assert raise_small_kana(kana) == raised


@pytest.mark.parametrize(
    ("name", "varied"),
    [
        ("高橋", "髙橋"),
        ("渡辺", "渡邊"),
        ("山崎", "山﨑"),
        ("斎藤", "齋藤"),
        ("吉田", "𠮷田"),
        ("徳川", "德川"),
        ("佐藤", "佐藤"),
        ("", ""),
    ],
)
def test_vary_and_back(name, varied):
    assert vary(name) == varied
    assert unvary(varied) == name


def test_unvary_replaces_every_variant_form():
    assert unvary("髙﨑　德太郎") == "高崎　徳太郎"


@given(st.sampled_from(USUAL_NAMES))
@settings(max_examples=100, deadline=None)
def test_vary_changes_one_character_at_most_and_the_usual_form_stays(name):
    varied = vary(name.kanji)
    assert sum(a != b for a, b in zip(name.kanji, varied, strict=True)) <= 1
    assert unvary(varied) == unvary(name.kanji)


@given(st.sampled_from(USUAL_NAMES), st.sampled_from(CODECS))
@settings(max_examples=150, deadline=None)
def test_a_usual_name_gets_exactly_one_black_circle(name, codec):
    assert has_one_black_circle(name.kanji, Repertoire(codec))


def test_a_rare_name_has_exactly_one_black_circle():
    repertoire = Repertoire("shift_jis_2004")
    wrong = [name.kanji for name in RARE_NAMES if not has_one_black_circle(name.kanji, repertoire)]
    assert wrong == []


def has_one_black_circle(name, repertoire):
    shown = repertoire.show(outside(name, repertoire))
    return shown.count("●") == 1 and shown.isprintable()


@given(st.integers(0, COUNTRY.people - 1))
@settings(max_examples=150, deadline=None)
def test_an_address_gets_one_black_circle_before_its_first_number(index):
    address = COUNTRY.resident(index).person.address
    shown = Repertoire("shift_jis_2004").show(outside_place(address))
    place = shown.index("●")
    assert shown == address[:place] + "●" + address[place + 1 :]
    assert not any(character.isdigit() for character in shown[:place])


@pytest.mark.parametrize(
    ("written", "registered", "same"),
    [
        ("12-34", "12-34", True),
        ("１２－３４", "12-34", True),
        ("12‐34", "12-34", True),
        ("12−34", "12-34", True),
        ("12ー34", "12-34", True),
        ("12―34", "12-34", True),
        (" 12 - 34 ", "12-34", True),
        ("札国01", "札国０１", True),
        ("札国\u3000０１", "札国01", True),
        ("ｱｲ1", "アイ１", True),
        ("abc", "ａｂｃ", True),
        ("1234", "12-34", False),
        ("12-34", "12-35", False),
        ("", "12", False),
        ("", "", True),
        ("札国01", "函国01", False),
    ],
)
def test_same_text(written, registered, same):
    assert same_text(written, registered) is same
    assert same_text(registered, written) is same


@given(st.text("0123456789-ABCxyz ", max_size=12))
@settings(max_examples=100, deadline=None)
def test_full_width_typing_is_the_same_text(text):
    wide = "".join("\u3000" if c == " " else chr(ord(c) + 0xFEE0) for c in text)
    assert same_text(wide, text)

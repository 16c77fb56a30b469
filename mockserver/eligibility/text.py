"""How names look: what the register cannot hold (●), half-width kana, raised small kana, variant forms of kanji."""

import codecs
import re
import unicodedata

BLACK_CIRCLE = "●"  # U+25CF, wire.md section 6

# The usual form of a kanji and the form some families' registers hold. Order matters: the first form is preferred.
VARIANT_FORMS = {
    "高": "髙", "吉": "𠮷", "柳": "栁", "崎": "﨑", "浜": "濵", "徳": "德", "瀬": "瀨", "橋": "槗",
    "斎": "齋", "斉": "齊", "辺": "邊", "沢": "澤", "広": "廣", "国": "國", "桜": "櫻", "竜": "龍", "真": "眞",
    "恵": "惠", "浅": "淺", "増": "增", "緑": "綠", "清": "淸", "静": "靜", "栄": "榮",
    "島": "嶋", "富": "冨", "峰": "峯", "曽": "曾", "条": "條", "関": "關", "滝": "瀧", "児": "兒", "万": "萬",
}  # fmt: skip
USUAL_FORMS = {variant: usual for usual, variant in VARIANT_FORMS.items()}

_SELECTORS = (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
_SPACE, _HYPHEN = re.compile(r"\s"), re.compile(r"[‐-―−ー]")
_SELECTED = "\0"  # stands for a variation selector until it is shown together with its kanji
_WITH_SELECTOR = re.compile(f".?{_SELECTED}+")
_PLACE_KANJI = re.compile(r"[一-鿿々](?=[^一-鿿々]*[０-９])")
_LEGACY_SELECTOR = "\U000e0100"
_SMALL_KANA = str.maketrans("ァィゥェォッャュョヮｧｨｩｪｫｯｬｭｮ", "アイウエオツヤユヨワｱｲｳｴｵﾂﾔﾕﾖ")
# Every full-width katakana (and its marks) by its half-width form, read backwards from Unicode's own tables.
_HALF_WIDTH = {
    unicodedata.normalize("NFKC", half + mark): half + mark
    for half in map(chr, range(0xFF66, 0xFF9E))
    for mark in ("ﾟ", "ﾞ", "")
} | {"ー": "ｰ", "・": "･", "　": " "}


class Repertoire(dict[int, str]):
    """The characters a register can hold, by the name of a Python codec; the others are shown as ●.

    `shift_jis_2004` fits the two public samples (髙 becomes ●, 德 passes): wire.md section 6. The mapping from a
    character's code to what is shown is that of `str.translate`, and remembers each character it has met.
    """

    def __init__(self, codec: str) -> None:
        super().__init__(dict.fromkeys(_SELECTORS, _SELECTED))
        self.codec = codec
        self._encode = codecs.getencoder(codec)  # an unknown codec is told at start, as LookupError

    def __missing__(self, code: int) -> str:
        character = chr(code)
        try:
            character.encode(self.codec)
            shown = character
        except UnicodeEncodeError:
            shown = BLACK_CIRCLE
        self[code] = shown
        return shown

    def show(self, text: str) -> str:
        """The text as the backend returns it. A kanji with a variation selector counts as one character."""
        try:
            self._encode(text)
        except UnicodeEncodeError:
            shown = text.translate(self)
        else:
            return text  # most names: nothing to replace, and no selector
        return _WITH_SELECTOR.sub(BLACK_CIRCLE, shown) if _SELECTED in shown else shown


def half_width(katakana: str) -> str:
    """Katakana as the wire writes it: half width, voiced marks apart, U+3000 as a plain space."""
    return "".join(_HALF_WIDTH.get(character, character) for character in katakana)


def raise_small_kana(kana: str) -> str:
    """ショウ → シヨウ, as older systems register readings."""
    return kana.translate(_SMALL_KANA)


def vary(name: str) -> str:
    """The name with the first character that has one replaced by its variant form; unchanged if none has."""
    for position, character in enumerate(name):
        if character in VARIANT_FORMS:
            return name[:position] + VARIANT_FORMS[character] + name[position + 1 :]
    return name


def unvary(name: str) -> str:
    """The name with every variant form written in its usual form, as insurers advise: 髙橋 → 高橋."""
    return "".join(USUAL_FORMS.get(character, character) for character in name)


def outside(name: str, repertoire: Repertoire) -> str:
    """The name as a family's register might hold it: with one character that `repertoire` cannot show.

    One that has such a character already stays. A variant form is used where one lies outside, otherwise the first
    character gets a variation selector.
    """
    if BLACK_CIRCLE in repertoire.show(name):
        return name
    for position, character in enumerate(name):
        variant = VARIANT_FORMS.get(character, character)
        if repertoire.show(variant) == BLACK_CIRCLE:
            return name[:position] + variant + name[position + 1 :]
    return name[:1] + _LEGACY_SELECTOR + name[1:]


def outside_place(address: str) -> str:
    """The address with the kanji before its first number in a form that no legacy character set can show."""
    return _PLACE_KANJI.sub(lambda match: match[0] + _LEGACY_SELECTOR, address, count=1)


def same_text(written: str, registered: str) -> bool:
    """Whether two symbols or numbers are the same but for width, hyphens and spaces (記号 are typed in many ways)."""
    return written == registered or plain(written) == plain(registered)


def plain(text: str) -> str:
    """A symbol or number without spaces, in half width, with plain hyphens."""
    if text.isascii():
        return text.replace(" ", "")
    return _SPACE.sub("", _HYPHEN.sub("-", unicodedata.normalize("NFKC", text)))

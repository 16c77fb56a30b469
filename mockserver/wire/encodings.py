"""Bytes of a file to text and back: UTF-8 and Shift_JIS, as declared. Facts: wire.md 2.3.

What is called Shift_JIS is Windows' form of it (cp932), as the products that write it run there.
"""

import codecs
import re
from typing import Literal

from mockserver.eligibility.text import BLACK_CIRCLE
from mockserver.wire.refusals import Problem, Refusal, quote

Encoding = Literal["utf-8", "shift_jis"]
CHARACTER_CODES: dict[Encoding, str] = {"utf-8": "0", "shift_jis": "1"}  # OQSCD005
DECLARED: dict[Encoding, str] = {"utf-8": "UTF-8", "shift_jis": "Shift_JIS"}
_PYTHON = {"utf-8": "utf-8", "shift_jis": "cp932"}
_NAMES = {
    **dict.fromkeys(("utf-8", "utf8"), "utf-8"),
    **dict.fromkeys(
        ("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j", "cp932", "ms932", "ms_kanji", "csshiftjis"), "cp932"
    ),
}
_LONG_UTF_8 = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}")  # kana and kanji; shorter ones occur in real Shift_JIS
_DECLARATION = re.compile(r"^\s*<\?xml\b([^>]*?)\?>")
_ENCODING = re.compile(r"""\bencoding\s*=\s*["']([^"']*)["']""")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Signs that Python's cp932 turns into a twin in silence (and — which it refuses): a name gets the twin, an echo must not.
_TWINS = str.maketrans("〜−‖¢£¬—", "～－∥￠￡￢―")
_TWIN = re.compile("[" + "".join(map(chr, _TWINS)) + "]")
_TWINS_ECHOED = {code: f"&#{code};" for code in _TWINS}


def read_text(data: bytes) -> str | Refusal:
    """The text of an XML file without its declaration, or why the encoding cannot be."""
    bom = next(((mark, codec) for mark, codec in _BOMS if data.startswith(mark)), None)
    if bom and bom[1] != "utf-8":
        return _unknown("UTF-16")
    body = data[len(bom[0]) :] if bom else data
    head = _DECLARATION.match(body[:200].decode("latin-1"))
    named = _ENCODING.search(head[1]) if head else None
    declared = named[1].strip() if named else "UTF-8"
    codec = _NAMES.get(declared.lower())
    if codec is None:
        return _unknown(declared)
    if bom and codec != "utf-8":
        return Refusal(
            Problem.ENCODING,
            f"文字コードの宣言は {quote(declared)} ですが、UTF-8 の BOM が付いています",
            f"the declared encoding is {quote(declared)}, but the file begins with a BOM of UTF-8",
        )
    try:
        text = body.decode(codec)
    except UnicodeDecodeError as error:
        return _undecodable(body, declared, codec, error.start)
    if "\0" in text:
        return _unknown("UTF-16, UTF-32")
    if codec == "cp932" and (utf_8 := _LONG_UTF_8.search(body)) and _is_utf_8(body):
        return _undecodable(body, declared, codec, utf_8.start())
    return text[head.end() :] if head else text


def shown_in(text: str, encoding: Encoding) -> str:
    """Text of the register with ● for what an encoding cannot hold."""
    if encoding == "utf-8":
        return text
    if _TWIN.search(text):
        text = text.translate(_TWINS)
    return text if _fits(text) else "".join(c if _fits(c) else BLACK_CIRCLE for c in text)


def write_text(text: str, encoding: Encoding) -> bytes:
    """Text as bytes; what an encoding cannot hold as a character reference, so that an echo stays what it was."""
    if encoding == "shift_jis" and _TWIN.search(text):
        text = text.translate(_TWINS_ECHOED)
    return text.encode(_PYTHON[encoding], errors="xmlcharrefreplace")


def _is_utf_8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _fits(text: str) -> bool:
    try:
        text.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def _unknown(found: str) -> Refusal:
    return Refusal(
        Problem.ENCODING,
        f"文字コード {quote(found)} には対応していません。UTF-8 か Shift_JIS で書いてください",
        f"encoding: found {quote(found)}, expected UTF-8 or Shift_JIS",
    )


def _undecodable(body: bytes, declared: str, codec: str, position: int) -> Refusal:
    """Why bytes are not what they are declared to be; names the other encoding where they are that one."""
    if not body.lstrip().startswith(b"<"):
        return Refusal(Problem.NOT_XML, "XML ではありません", "this is not XML")
    other, name = ("cp932", "Shift_JIS") if codec == "utf-8" else ("utf-8", "UTF-8")
    try:
        body.decode(other)
        hint_ja, hint_en = f"（実際は {name} ではありませんか）", f" (is it {name}?)"
    except UnicodeDecodeError:
        hint_ja = hint_en = ""
    return Refusal(
        Problem.ENCODING,
        f"{position + 1} バイト目が、宣言された文字コード {quote(declared)} ではありません{hint_ja}",
        f"byte {position + 1} is not {quote(declared)}, the declared encoding{hint_en}",
    )

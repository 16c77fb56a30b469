"""Bytes to messages and back, as JSON. The only place that knows msgspec's way of saying what is wrong."""

import json
import re
from typing import TypeVar

import msgspec

from mockserver.eligibility.numbering import mask_individual_numbers
from mockserver.wire.message import Envelope, PartialHeader, SearchRequest
from mockserver.wire.refusals import Problem, Refusal

_NO_DATE = re.compile(r"Invalid RFC3339 encoded date(?!time)(?: - at `\$\.?(?P<path>[^`]*)`)?")
_ENGLISH = {"str": "string", "int": "integer", "bool": "boolean"}
_JAPANESE = {
    "str": "文字列 (string) ",
    "int": "整数 (integer) ",
    "float": "数値 (number) ",
    "bool": "真偽値 (boolean) ",
    "object": "オブジェクト (object) ",
    "array": "配列 (array) ",
}
Body = TypeVar("Body")


_SEARCH = msgspec.json.Decoder(SearchRequest)
_HEADER = msgspec.json.Decoder(Envelope)
_encode = msgspec.json.Encoder().encode
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]+)`(?: - at `\$\.?(?P<path>[^`]*)`)?")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>[^`]+)`(?: - at `\$\.?(?P<path>[^`]*)`)?")
_OWN_WORDS = re.compile(r"(?P<japanese>[^/]*[぀-ヿ][^/]*) / (?P<english>.*?)(?: - at `[^`]*`)?")
_WRONG_TYPE = re.compile(r"Expected `(?P<want>[^`]+)`, got `(?P<found>[^`]+)`(?: - at `\$\.?(?P<path>[^`]*)`)?")


def decode_search(body: bytes) -> SearchRequest | Refusal:
    """Read a search request; a refusal says what is wrong with it."""
    return decode(body, _SEARCH)


def decode(body: bytes, decoder: msgspec.json.Decoder[Body]) -> Body | Refusal:
    """Read a body; a refusal says what is wrong with it."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        return wrong_shape(error)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _not_json(body, error)


def header_of(body: bytes) -> PartialHeader | None:
    """The header of a request that is wrong elsewhere, so that its refusal can name clinic and day."""
    try:
        return _HEADER.decode(body).XmlMsg.MessageHeader
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def encode(message: object) -> bytes:
    """Write an answer; absent members stay absent."""
    return _encode(message)


def _not_json(body: bytes, error: Exception) -> Refusal:
    """Why a body is not JSON; one that ends too early names the likely cause."""
    if not body.strip():
        return Refusal(Problem.NOT_JSON, "本文が空です。JSON を送ってください", "the body is empty, expected JSON")
    if isinstance(error, RecursionError):
        return Refusal(Problem.NOT_JSON, "JSON の入れ子が深すぎます", "the JSON is nested too deeply")
    if body.startswith(b"\xef\xbb\xbf"):
        return Refusal(
            Problem.NOT_JSON,
            "本文の先頭に BOM があります。BOM なしの UTF-8 で送ってください",
            "the body begins with a BOM",
        )
    if isinstance(error, UnicodeDecodeError):
        return Refusal(
            Problem.NOT_JSON,
            "本文が UTF-8 の JSON ではありません（Shift_JIS で送っていませんか）",
            "the body is not JSON in UTF-8 (is it Shift_JIS?)",
        )
    if "truncated" in str(error) and not _is_json(body):
        return _cut_short(body)
    return Refusal(
        Problem.NOT_JSON, f"本文を JSON として読めません（{error}）", f"the body is not valid JSON ({error})"
    )


def _cut_short(body: bytes) -> Refusal:
    size = len(body)
    if body.isascii():
        return Refusal(
            Problem.CUT_SHORT,
            f"JSON が {size} バイトで途切れています（閉じ括弧の不足、または小さすぎる Content-Length）",
            f"the JSON ends after {size} bytes: a bracket is missing, or Content-Length is too small",
        )
    return Refusal(
        Problem.CUT_SHORT,
        f"JSON が {size} バイトで途切れています。Content-Length が文字数で計算されていませんか（UTF-8 のバイト数が必要です）",
        f"the JSON ends after {size} bytes: is Content-Length too small? "
        "It must count UTF-8 bytes, not characters (記号 with full-width text)",
    )


def _is_json(body: bytes) -> bool:
    """Whether a body is JSON all the same: msgspec calls half of a surrogate pair truncated, too."""
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def wrong_shape(error: msgspec.ValidationError) -> Refusal:
    """What is wrong with JSON of another shape: the member, what was found, what was expected."""
    text = str(error)
    if missing := _MISSING.search(text):
        name = _member(missing)
        return Refusal(Problem.SHAPE, f"必須項目 {name} がありません", f"the required member {name} is missing")
    if unknown := _UNKNOWN.search(text):
        name = _member(unknown)
        return Refusal(Problem.SHAPE, f"項目 {name} は定義されていません", f"the member {name} is unknown")
    if wrong := _WRONG_TYPE.search(text):
        name, want, found = wrong["path"] or "(body)", wrong["want"], wrong["found"]
        return Refusal(
            Problem.SHAPE,
            f"{name} は{_JAPANESE.get(want, want)}でなければなりませんが、{_JAPANESE.get(found, found)}です",
            f"{name}: found {_ENGLISH.get(found, found)}, expected {_ENGLISH.get(want, want)}",
        )
    if date := _NO_DATE.search(text):
        name = date["path"] or "(body)"
        return Refusal(
            Problem.SHAPE, f"{name} は YYYY-MM-DD の日付にしてください", f"{name}: expected a date YYYY-MM-DD"
        )
    told = _OWN_WORDS.fullmatch(text)
    if told:
        return Refusal(Problem.SHAPE, told["japanese"], told["english"])
    safe = mask_individual_numbers(text)
    return Refusal(Problem.SHAPE, f"JSON の構造が正しくありません（{safe}）", f"the JSON has another shape: {safe}")


def _member(match: re.Match[str]) -> str:
    return ".".join(part for part in (match["path"], match["field"]) if part)

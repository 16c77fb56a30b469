"""Bytes to messages and back, as JSON. The only place that knows msgspec's way of saying what is wrong."""

import json
import re
from typing import TypeVar

import msgspec

from mockserver.eligibility.numbering import mask_individual_numbers
from mockserver.wire.message import SearchRequest
from mockserver.wire.refusals import Problem, Refusal

Body = TypeVar("Body")

_SEARCH = msgspec.json.Decoder(SearchRequest)
_encode = msgspec.json.Encoder().encode
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]+)`(?: - at `\$\.?(?P<path>[^`]*)`)?")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>[^`]+)`(?: - at `\$\.?(?P<path>[^`]*)`)?")
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


def encode(message: object) -> bytes:
    """Write an answer; absent members stay absent."""
    return _encode(message)


def _not_json(body: bytes, error: Exception) -> Refusal:
    """Why a body is not JSON; one that ends too early names the likely cause."""
    size = len(body)
    if not body.strip():
        return Refusal(Problem.NOT_JSON, "本文が空です。JSON を送ってください", "the body is empty, expected JSON")
    if isinstance(error, RecursionError):
        return Refusal(Problem.NOT_JSON, "JSON の入れ子が深すぎます", "the JSON is nested too deeply")
    if "truncated" in str(error) and not _is_json(body):
        return Refusal(
            Problem.CUT_SHORT,
            f"JSON が {size} バイトで途切れています。Content-Length が文字数で計算されていませんか（UTF-8 のバイト数が必要です）",
            f"the JSON ends after {size} bytes: is Content-Length too small? "
            "It must count UTF-8 bytes, not characters (記号 with full-width text)",
        )
    return Refusal(
        Problem.NOT_JSON, f"本文を JSON として読めません（{error}）", f"the body is not valid JSON ({error})"
    )


def _is_json(body: bytes) -> bool:
    """Whether a body is JSON all the same: msgspec calls half of a surrogate pair truncated, too."""
    try:
        json.loads(body)
    except ValueError:
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
        name, want = wrong["path"] or "(body)", {"str": "string"}.get(wrong["want"], wrong["want"])
        return Refusal(
            Problem.SHAPE,
            f"{name} は {want} でなければなりませんが、{wrong['found']} です",
            f"{name}: found {wrong['found']}, expected {want}",
        )
    safe = mask_individual_numbers(text)
    return Refusal(Problem.SHAPE, f"JSON の構造が正しくありません（{safe}）", f"the JSON has another shape: {safe}")


def _member(match: re.Match[str]) -> str:
    return ".".join(part for part in (match["path"], match["field"]) if part)

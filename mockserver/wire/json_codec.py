"""Bytes to messages and back, as JSON. The only place that knows msgspec's way of saying what is wrong."""

import re

import msgspec

from mockserver.wire.message import SearchRequest, SearchResponse
from mockserver.wire.refusals import Problem, Refusal

_decode_search = msgspec.json.Decoder(SearchRequest).decode
_encode = msgspec.json.Encoder().encode
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]+)`(?: - at `\$\.?(?P<path>[^`]*)`)?")
_WRONG_TYPE = re.compile(r"Expected `(?P<want>[^`]+)`, got `(?P<found>[^`]+)`(?: - at `\$\.?(?P<path>[^`]*)`)?")


def decode_search(body: bytes) -> SearchRequest | Refusal:
    """Read a search request; a refusal says what is wrong with it."""
    try:
        return _decode_search(body)
    except msgspec.ValidationError as error:
        return _wrong_shape(str(error))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return not_json(body, error)


def encode(message: object) -> bytes:
    """Write an answer; absent members stay absent."""
    return _encode(message)


def encode_search(message: SearchResponse) -> bytes:
    """Write an answer of the search path."""
    return _encode(message)


def not_json(body: bytes, error: Exception) -> Refusal:
    """Why a body is not JSON; one that ends too early names the likely cause."""
    size = len(body)
    if not body.strip():
        return Refusal(Problem.NOT_JSON, "本文が空です。JSON を送ってください", "the body is empty, expected JSON")
    if isinstance(error, RecursionError):
        return Refusal(Problem.NOT_JSON, "JSON の入れ子が深すぎます", "the JSON is nested too deeply")
    if "truncated" in str(error):
        return Refusal(
            Problem.CUT_SHORT,
            f"JSON が {size} バイトで途切れています。Content-Length が文字数で計算されていませんか（UTF-8 のバイト数が必要です）",
            f"the JSON ends after {size} bytes: is Content-Length too small? "
            "It must count UTF-8 bytes, not characters (記号 with full-width text)",
        )
    return Refusal(
        Problem.NOT_JSON, f"本文を JSON として読めません（{error}）", f"the body is not valid JSON ({error})"
    )


def _wrong_shape(error: str) -> Refusal:
    if missing := _MISSING.search(error):
        name = ".".join(part for part in (missing["path"], missing["field"]) if part)
        return Refusal(Problem.SHAPE, f"必須項目 {name} がありません", f"the required member {name} is missing")
    if wrong := _WRONG_TYPE.search(error):
        name, want = wrong["path"] or "(body)", {"str": "string"}.get(wrong["want"], wrong["want"])
        return Refusal(
            Problem.SHAPE,
            f"{name} は {want} でなければなりませんが、{wrong['found']} です",
            f"{name}: found {wrong['found']}, expected {want}",
        )
    return Refusal(Problem.SHAPE, f"JSON の形が正しくありません（{error}）", f"the JSON has another shape ({error})")

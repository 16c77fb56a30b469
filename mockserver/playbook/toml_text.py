"""The text of a TOML file to a document: its values by tomllib, which tells no places, and the places by a scan."""

import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from mockserver.playbook.document import (
    DEEPEST,
    MOST_NODES,
    START,
    Document,
    Place,
    Spot,
    Trouble,
    Wrong,
    explain,
    place_at,
    too_deep,
    too_many,
)

_LONGEST_NUMBER = 400
_TOML_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_LEADING_ZERO = re.compile(r"[=,\[]\s*0\d")
_TOML_TROUBLES = (
    Trouble("Cannot overwrite a value", "同じキーが2回書かれています", "the same key stands here a second time"),
    Trouble("Duplicate inline table key", "同じキーが2回書かれています", "the same key stands here a second time"),
    Trouble("Cannot declare", "同じ表が2回書かれています", "the same table is declared a second time"),
    Trouble(
        "Invalid value",
        "値が読めません。文字列は引用符で囲み、括弧は閉じてください",
        "the value is not valid TOML; text needs quotes, brackets must be closed",
    ),
    Trouble("Unterminated string", "引用符が閉じられていません", "a quote is never closed"),
    Trouble("Expected '='", "「キー = 値」の形にしてください", 'expected "key = value"'),
)
# Without possessive repeats of groups, which Python 3.11.2 (Debian 12) gets wrong; each loop is unrolled instead, so that
# no text can be split in two ways.
_TOKEN = re.compile(
    r"""
    (?P<space>(?:[ \t\r]|\#[^\n]*)+)
  | (?P<line>\n)
  | (?P<text>\"{3}[^"\\]*(?:(?:\\.|\"{1,2}(?!"))[^"\\]*)*\"{3,5}
           | '{3}[^']*(?:'{1,2}(?!')[^']*)*'{3,5}
           | "(?!"")[^"\\\n]*(?:\\[^\n][^"\\\n]*)*"
           | '(?!'')[^'\n]*')
  | (?P<bare>[^\s"'\#\[\]{}=,.]+)
  | (?P<mark>[\[\]{}=,.])
    """,
    re.VERBOSE | re.DOTALL,
)


class _Lost(Exception):
    """The scan met something that is not TOML; tomllib says what."""


class _Token(NamedTuple):
    kind: str
    text: str
    place: Place


class _TomlScan:
    """Finds where keys and items stand. It also keeps what tomllib must not see: deep nesting and endless numbers."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._token = next(self._tokens)
        self._root = Spot(START)
        self._table, self._depth = self._root, 1
        self._nodes = 0

    def spots(self) -> Spot:
        """The spots of the text, as far as it is TOML."""
        with suppress(_Lost):
            while self._token.kind != "end":
                self._statement()
        return self._root

    def _statement(self) -> None:
        if self._skip("["):
            self._header()
        elif not self._skip("\n"):
            self._pair(self._table, self._depth)

    def _header(self) -> None:
        is_list = self._skip("[")
        spot, depth = self._root, 1
        for token in self._key():
            spot, depth = self._under(_latest(spot), _name(token), token.place, depth), depth + 1
        if not is_list:
            spot.place = token.place  # `[a]` may come after `[a.b]`
        else:
            spot, depth = self._under(spot, len(spot.below), token.place, depth), depth + 1
        self._table, self._depth = spot, depth
        for _ in range(1 + is_list):
            self._expect("]")

    def _pair(self, spot: Spot, depth: int) -> None:
        for token in self._key():
            spot, depth = self._under(spot, _name(token), token.place, depth), depth + 1
        self._expect("=")
        self._value(spot, depth)

    def _key(self) -> list[_Token]:
        parts = [self._part()]
        while self._skip("."):
            parts.append(self._part())
            if len(parts) > DEEPEST:
                raise too_deep(self._token.place, ())
        return parts

    def _value(self, spot: Spot, depth: int) -> None:
        if self._skip("["):
            self._list(spot, depth)
        elif self._skip("{"):
            self._inline_table(spot, depth)
        else:
            self._scalar()

    def _list(self, spot: Spot, depth: int) -> None:
        while not self._ends("]"):
            item = self._under(spot, len(spot.below), self._token.place, depth)
            self._value(item, depth + 1)

    def _inline_table(self, spot: Spot, depth: int) -> None:
        while not self._ends("}"):
            self._pair(spot, depth)

    def _scalar(self) -> None:
        self._part()
        while self._token.kind in ("text", "bare") or self._token.text == ".":
            self._advance()

    def _under(self, spot: Spot, step: str | int, place: Place, depth: int) -> Spot:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise too_many(place, ())
        if depth > DEEPEST:
            raise too_deep(place, ())
        return spot.below.setdefault(step, Spot(place))

    def _ends(self, bracket: str) -> bool:
        while self._skip("\n") or self._skip(","):
            pass
        return self._skip(bracket)

    def _part(self) -> _Token:
        token = self._token
        if token.kind not in ("text", "bare"):
            raise _Lost
        self._advance()
        return token

    def _expect(self, mark: str) -> None:
        if not self._skip(mark):
            raise _Lost

    def _skip(self, text: str) -> bool:
        if self._token.text != text:
            return False
        self._advance()
        return True

    def _advance(self) -> None:
        token = self._token = next(self._tokens)
        if token.kind == "bare" and len(token.text) > _LONGEST_NUMBER:
            raise Wrong(
                token.place,
                (),
                "長すぎる値です。文字列は引用符で囲んでください",
                "the value is too long for a number; text needs quotes",
            )


def _tokens(text: str) -> Iterator[_Token]:
    """All but space and comments; ends early where nothing fits."""
    at, line, line_start = 0, 1, 0
    while match := _TOKEN.match(text, at):
        kind, word = match.lastgroup or "", match[0]
        if kind != "space":
            yield _Token(kind, word, Place(line, at - line_start + 1))
        at = match.end()
        if "\n" in word:
            line += word.count("\n")
            line_start = text.rfind("\n", 0, at) + 1
    yield _Token("end", "", Place(line, at - line_start + 1))


def _latest(spot: Spot) -> Spot:
    """The table a header goes on with: of a list of tables the last."""
    return spot.below.get(len(spot.below) - 1, spot)


def _name(token: _Token) -> str:
    if token.kind == "bare":
        return token.text
    with suppress(ValueError):
        return str(tomllib.loads(f"name = {token.text}")["name"])
    raise _Lost


def toml_document(text: str) -> Document:
    spot = _TomlScan(text).spots()
    try:
        return Document(tomllib.loads(text), spot)
    except (ValueError, RecursionError) as error:
        raise _toml_syntax(str(error), text) from None


def _toml_syntax(problem: str, text: str) -> Wrong:
    match = _TOML_PLACE.search(problem)
    place = place_at(text, len(text))
    if match and match["line"]:
        place = Place(int(match["line"]), int(match["column"]))
    line = text.split("\n")[place.line - 1]
    japanese, english = explain(_TOML_PLACE.sub("", problem)[:200], "TOML", _TOML_TROUBLES)
    if _LEADING_ZERO.search(line):
        japanese = "0 で始まる番号は数値として書けません。引用符で囲んでください"
        english = "a number cannot begin with 0; put it in quotes"
    return Wrong(place, (), japanese, english)

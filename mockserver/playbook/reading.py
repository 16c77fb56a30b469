"""The text of a scenario file to plain values, and where each of them stands in the text.

Whatever the text, the result is a document or a mistake: nothing is raised, nothing is executed, and nothing grows
beyond the limits below, not even by aliases. PyYAML serves as a tokenizer only, so a plain scalar stays the text it is.
"""

import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import yaml  # type: ignore[import-untyped]
from msgspec import Struct, field

from mockserver.eligibility.numbering import mask_individual_numbers
from mockserver.wire.refusals import quote

MOST_CHARACTERS = 1_000_000
MOST_NODES = 200_000
DEEPEST = 50

Path = tuple[str | int, ...]

_LONGEST_NUMBER = 400
_BOM = "\ufeff"
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SIMPLE_NAME = re.compile(r"[\w-]{1,40}")


class Place(NamedTuple):
    """Where something stands in a text, counted from 1."""

    line: int
    column: int


START = Place(1, 1)


class Mistake(Struct, frozen=True):
    """What is wrong with a file, where, and why in both languages. `path` is "" for the file as a whole."""

    place: Place
    path: str
    japanese: str
    english: str


class Spot(Struct):
    """Where a key or an item stands, and the spots of what it holds."""

    place: Place
    below: dict[str | int, "Spot"] = field(default_factory=dict)


class Document(Struct, frozen=True):
    """The values of a file and their places."""

    value: dict[str, Any]
    spot: Spot

    def place(self, path: Path) -> Place:
        """Where the key or item of a path stands; where it does not exist, its nearest ancestor that does."""
        spot = self.spot
        for step in path:
            if step not in spot.below:
                break
            spot = spot.below[step]
        return spot.place


def spell(path: Path) -> str:
    """A path as people write it: `people[0].birthdate`."""
    steps = (f"[{step}]" if isinstance(step, int) else _spell_name(step) for step in path)
    return mask_individual_numbers("".join(steps).removeprefix("."))


def _spell_name(name: str) -> str:
    return f".{name}" if _SIMPLE_NAME.fullmatch(name) else f"[{quote(name)}]"


class _Wrong(Exception):
    """Carries a mistake out of the depth of a text."""

    def __init__(self, place: Place, path: Path, japanese: str, english: str) -> None:
        super().__init__(english)
        self.mistake = Mistake(place, spell(path), japanese, english)


def read_yaml(text: str) -> Document | Mistake:
    """A YAML text as a document. Every plain scalar stays text, except an empty one, `null` and `~`, which are None."""
    return _read(text, _yaml)


def read_toml(text: str) -> Document | Mistake:
    """A TOML text as a document."""
    return _read(text, _toml)


def _read(text: str, reader: Callable[[str], Document]) -> Document | Mistake:
    try:
        return reader(_checked(text))
    except _Wrong as wrong:
        return wrong.mistake


def _checked(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise _Wrong(
            START,
            (),
            f"ファイルが大きすぎます（{len(text)} 文字）。{MOST_CHARACTERS} 文字までにしてください",
            f"the file has {len(text)} characters, expected {MOST_CHARACTERS} at most",
        )
    text = text.removeprefix(_BOM)
    if bad := _UNPRINTABLE.search(text):
        code = f"U+{ord(bad[0]):04X}"
        raise _Wrong(
            _place_at(text, bad.start()),
            (),
            f"使えない文字 {code} があります。UTF-8 のテキストファイルか確認してください",
            f"found the character {code}, expected text; is this a text file in UTF-8?",
        )
    return text


def _place_at(text: str, index: int) -> Place:
    return Place(text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))


def _too_deep(place: Place, path: Path) -> _Wrong:
    return _Wrong(
        place,
        path,
        f"入れ子が深すぎます。{DEEPEST} 段までにしてください",
        f"the nesting is too deep, expected {DEEPEST} levels at most",
    )


def _too_many(place: Place, path: Path) -> _Wrong:
    return _Wrong(
        place,
        path,
        f"値が多すぎます。参照を展開した後で {MOST_NODES} 個までにしてください",
        f"too many values, expected {MOST_NODES} at most with aliases expanded",
    )


class _Trouble(NamedTuple):
    """Words of a parser, and ours for them."""

    fragment: str
    japanese: str
    english: str


def _explain(problem: str, format_name: str, troubles: tuple[_Trouble, ...]) -> tuple[str, str]:
    for trouble in troubles:
        if trouble.fragment in problem:
            return trouble.japanese, trouble.english
    safe = mask_individual_numbers(problem)
    return f"{format_name} として読めません（{safe}）", f"the text is not valid {format_name} ({safe})"


# YAML

_NULLS = ("", "~", "null", "Null", "NULL")
_TAGS = (None, "!", *(f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map")))
_INDENT_BY_TAB = re.compile(r" *\t")
_FULL_WIDTH = re.compile(r"^[ -]*\u3000|:\u3000|^[^:\"']*：")
_NO_COLON = "could not find expected ':'"
_YAML_TROUBLES = (
    _Trouble(
        "mapping values are not allowed",
        "ここに「:」は置けません。字下げをそろえ、「: 」を含む値は引用符で囲んでください",
        'a ":" is not allowed here; make the indentation even and put a value with ": " in it in quotes',
    ),
    _Trouble(_NO_COLON, "「キー: 値」の形にしてください", 'expected "key: value"'),
    _Trouble(
        "expected <block end>",
        "字下げが上の行とそろっていないか、引用符の後に余分な文字があります",
        "the indentation does not agree with the lines above, or something follows a closing quote",
    ),
    _Trouble("<document start>", "値が終わった後に余分な文字があります", "something follows the end of the value"),
    _Trouble("found unexpected end of stream", "引用符が閉じられていません", "a quote is never closed"),
    _Trouble(
        "expected ',' or",
        "括弧が閉じられていないか、「,」がありません",
        'a bracket is never closed, or a "," is missing',
    ),
    _Trouble(
        "cannot start any token",
        "値の先頭に置けない文字です。値を引用符で囲んでください",
        "a value cannot begin with this character; put the value in quotes",
    ),
)


class _Part(Struct):
    """A value that is read, with its spots, and its size and height with aliases expanded."""

    value: Any
    height: int = 0
    size: int = 1
    below: dict[str | int, Spot] = field(default_factory=dict)

    def grow(self, part: "_Part", levels: int = 1) -> None:
        """Count what it holds, that many levels below."""
        self.size += part.size
        self.height = max(self.height, part.height + levels)


class _Composer:
    """Puts PyYAML's events together."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader
        self._anchors: dict[str, _Part] = {}
        self._nodes = 0

    def document(self) -> _Part:
        """The only document of a text; an empty mapping, if there is none."""
        self._loader.get_event()
        if self._loader.check_event(yaml.StreamEndEvent):
            return _Part({})
        self._loader.get_event()
        whole = self._part(())
        self._loader.get_event()
        event = self._loader.get_event()
        if not isinstance(event, yaml.StreamEndEvent):
            raise _Wrong(
                _place_of(event),
                (),
                "1つのファイルに複数の文書（---）は書けません。ファイルを分けてください",
                "a second document (---) begins here, expected one a file",
            )
        return whole

    def _part(self, path: Path) -> _Part:
        event = self._loader.get_event()
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        part = self._fresh(event, path)
        if event.anchor:
            self._anchors[event.anchor] = part
        return part

    def _alias(self, event: Any, path: Path) -> _Part:
        part = self._anchors.get(event.anchor)
        if part is None:
            name = quote(event.anchor)
            raise _Wrong(
                _place_of(event),
                path,
                f"参照 {name} の元（&）が、これより前にありません",
                f"the alias {name} has no finished anchor (&) before it",
            )
        self._check(part, event, path)
        return part

    def _fresh(self, event: Any, path: Path) -> _Part:
        _check_tag(event, path)
        if isinstance(event, yaml.ScalarEvent):
            part = _Part(_scalar(event, path))
            self._check(part, event, path)
            return part
        is_list = isinstance(event, yaml.SequenceStartEvent)
        part = _Part([] if is_list else {}, height=1)
        self._check(part, event, path)
        if is_list:
            self._fill_list(part, path)
        else:
            self._fill_mapping(part, path)
        self._loader.get_event()
        return part

    def _check(self, part: _Part, event: Any, path: Path) -> None:
        self._nodes += part.size
        if self._nodes > MOST_NODES:
            raise _too_many(_place_of(event), path)
        if len(path) + part.height > DEEPEST:
            raise _too_deep(_place_of(event), path)

    def _fill_list(self, whole: _Part, path: Path) -> None:
        while not self._loader.check_event(yaml.SequenceEndEvent):
            index, place = len(whole.value), _place_of(self._loader.peek_event())
            part = self._part((*path, index))
            whole.grow(part)
            whole.value.append(part.value)
            whole.below[index] = Spot(place, part.below)

    def _fill_mapping(self, whole: _Part, path: Path) -> None:
        merged: _Part | None = None
        while not self._loader.check_event(yaml.MappingEndEvent):
            event = self._loader.get_event()
            key, is_merge = self._key(event, path), _is_plain(event) and event.value == "<<"
            place, inner = _place_of(event), (*path, key)
            if merged is not None if is_merge else key in whole.value:
                raise _twice(place, inner, key)
            part = self._part(inner)
            whole.grow(part, 0 if is_merge else 1)
            if is_merge:
                merged = _mergeable(part, place, inner)
            else:
                whole.value[key], whole.below[key] = part.value, Spot(place, part.below)
        if merged is not None:
            whole.value = merged.value | whole.value
            whole.below = merged.below | whole.below

    def _key(self, event: Any, path: Path) -> str:
        if isinstance(event, yaml.AliasEvent):
            key = self._alias(event, path).value
        elif isinstance(event, yaml.ScalarEvent):
            _check_tag(event, path)
            key = _text(event, path)
            if event.anchor:
                self._anchors[event.anchor] = _Part(key)
        else:
            key = None
        if isinstance(key, str):
            return key
        raise _Wrong(
            _place_of(event),
            path,
            "キーは文字列にしてください（値が波括弧で始まる場合は引用符で囲んでください）",
            "a key is not text, expected text (a value that begins with a brace needs quotes)",
        )


def _yaml(text: str) -> Document:
    loader = yaml.SafeLoader(text)
    try:
        whole = _Composer(loader).document()
    except yaml.MarkedYAMLError as error:
        raise _yaml_syntax(error, text) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        place = Place(loader.line + 1, loader.column + 1)
        raise _Wrong(place, (), *_explain(str(error)[:200], "YAML", ())) from None
    value = {} if whole.value is None else whole.value
    if not isinstance(value, dict):
        raise _no_mapping(value, text)
    return Document(value, Spot(START, whole.below))


def _yaml_syntax(error: Any, text: str) -> _Wrong:
    """A tab is looked for first, since PyYAML's words for it depend on what stands around it."""
    # PyYAML misses a ":" only lines later; the key without one is its context.
    mark = error.context_mark if error.problem == _NO_COLON else error.problem_mark
    line = text.rfind("\n", 0, mark.index) + 1
    indent = _INDENT_BY_TAB.match(text, line)
    tab = indent.end() - 1 if indent else mark.index
    if text[tab : tab + 1] == "\t":
        return _Wrong(
            Place(mark.line + 1, tab - line + 1),
            (),
            "タブがあります。YAML の字下げと区切りには半角の空白を使ってください",
            "found a tab, expected spaces: YAML neither indents nor separates with tabs",
        )
    japanese, english = _explain(error.problem, "YAML", _YAML_TROUBLES)
    before = text[:line].count("\n")
    hint_ja, hint_en = _full_width_hint(text.split("\n")[max(before - 1, 0) : before + 1])
    return _Wrong(Place(mark.line + 1, mark.column + 1), (), japanese + hint_ja, english + hint_en)


def _full_width_hint(lines: list[str]) -> tuple[str, str]:
    if not any(_FULL_WIDTH.search(line) for line in lines):
        return "", ""
    return (
        "。全角の「：」や空白は区切りになりません。半角にしてください",
        "; a full-width colon or space separates nothing, use ASCII ones",
    )


def _no_mapping(value: Any, text: str) -> _Wrong:
    is_list = isinstance(value, list)
    hint_ja, hint_en = ("", "") if is_list else _full_width_hint([value])
    found_ja, found_en = ("リスト", "a list") if is_list else (quote(value), quote(value))
    return _Wrong(
        _place_at(text, len(text) - len(text.lstrip())),
        (),
        f"ファイル全体が {found_ja} です。「キー: 値」の形にしてください{hint_ja}",
        f'the file is {found_en}, expected lines "key: value"{hint_en}',
    )


def _place_of(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


def _is_plain(event: Any) -> bool:
    return isinstance(event, yaml.ScalarEvent) and not event.style and event.tag is None


def _scalar(event: Any, path: Path) -> str | None:
    text = _text(event, path)
    return None if _is_plain(event) and text in _NULLS else text


def _text(event: Any, path: Path) -> str:
    """Text of a scalar. An escape can bring in half of a surrogate pair, which nothing later on can encode."""
    text = str(event.value)
    if _SURROGATE.search(text):
        raise _Wrong(
            _place_of(event),
            path,
            "サロゲートの片方（\\ud800 など）は文字ではありません",
            "found half of a surrogate pair (as \\ud800), expected text",
        )
    return text


def _check_tag(event: Any, path: Path) -> None:
    if event.tag not in _TAGS:
        tag = quote(event.tag)
        raise _Wrong(
            _place_of(event),
            path,
            f"タグ {tag} は使えません。値だけを書いてください",
            f"the tag {tag} is unknown, expected a value without a tag",
        )


def _twice(place: Place, path: Path, key: str) -> _Wrong:
    return _Wrong(
        place,
        path,
        f"キー {quote(key)} が2回書かれています。1つにしてください",
        f"the key {quote(key)} stands here a second time, expected once",
    )


def _mergeable(part: _Part, place: Place, path: Path) -> _Part:
    """What `<<` brings in: a mapping, or several of which the first wins."""
    sources = [(part.value, part.below)]
    if isinstance(part.value, list):
        sources = [(value, part.below[index].below) for index, value in enumerate(part.value)]
    merged = _Part({})
    for value, below in reversed(sources):
        if not isinstance(value, dict):
            raise _Wrong(
                place,
                path,
                "<< の値はマッピング（またはそのリスト）への参照にしてください",
                "<<: expected an alias of a mapping, or a list of such",
            )
        merged.value |= value
        merged.below |= below
    return merged


# TOML

_TOML_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_LEADING_ZERO = re.compile(r"[=,\[]\s*0\d")
_TOML_TROUBLES = (
    _Trouble("Cannot overwrite a value", "同じキーが2回書かれています", "the same key stands here a second time"),
    _Trouble("Duplicate inline table key", "同じキーが2回書かれています", "the same key stands here a second time"),
    _Trouble("Cannot declare", "同じ表が2回書かれています", "the same table is declared a second time"),
    _Trouble(
        "Invalid value",
        "値が読めません。文字列は引用符で囲み、括弧は閉じてください",
        "the value is not valid TOML; text needs quotes, brackets must be closed",
    ),
    _Trouble("Unterminated string", "引用符が閉じられていません", "a quote is never closed"),
    _Trouble("Expected '='", "「キー = 値」の形にしてください", 'expected "key = value"'),
)
_TOKEN = re.compile(
    r"""
    (?P<space>(?:[ \t\r]|\#[^\n]*)++)
  | (?P<line>\n)
  | (?P<text>\"{3}(?:[^"\\]|\\.|\"{1,2}(?!"))*+\"{3,5}
           | '{3}(?:[^']|'{1,2}(?!'))*+'{3,5}
           | "(?!"")(?:[^"\\\n]|\\[^\n])*+"
           | '(?!'')[^'\n]*+')
  | (?P<bare>[^\s"'\#\[\]{}=,.]++)
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
                raise _too_deep(self._token.place, ())
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
            raise _too_many(place, ())
        if depth > DEEPEST:
            raise _too_deep(place, ())
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
            raise _Wrong(
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


def _toml(text: str) -> Document:
    spot = _TomlScan(text).spots()
    try:
        return Document(tomllib.loads(text), spot)
    except (ValueError, RecursionError) as error:
        raise _toml_syntax(str(error), text) from None


def _toml_syntax(problem: str, text: str) -> _Wrong:
    match = _TOML_PLACE.search(problem)
    place = _place_at(text, len(text))
    if match and match["line"]:
        place = Place(int(match["line"]), int(match["column"]))
    line = text.split("\n")[place.line - 1]
    japanese, english = _explain(_TOML_PLACE.sub("", problem)[:200], "TOML", _TOML_TROUBLES)
    if _LEADING_ZERO.search(line):
        japanese = "0 で始まる番号は数値として書けません。引用符で囲んでください"
        english = "a number cannot begin with 0; put it in quotes"
    return _Wrong(place, (), japanese, english)

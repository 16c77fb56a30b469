"""The text of a YAML file to a document.

PyYAML serves as a tokenizer only, so a plain scalar stays the text it is, and nothing grows beyond the limits, not even
by aliases.
"""

import re
from typing import Any

import yaml  # type: ignore[import-untyped]
from msgspec import Struct, field

from mockserver.playbook.document import (
    DEEPEST,
    MOST_NODES,
    START,
    Document,
    Path,
    Place,
    Spot,
    Trouble,
    Wrong,
    explain,
    place_at,
    too_deep,
    too_many,
)
from mockserver.wire.refusals import quote

_SURROGATE = re.compile("[\ud800-\udfff]")
_NULLS = ("", "~", "null", "Null", "NULL")
_TAGS = (None, "!", *(f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map")))
_INDENT_BY_TAB = re.compile(r" *\t")
_FULL_WIDTH = re.compile(r"^[ -]*\u3000|:\u3000|^[^:\"']*：")
_NO_COLON = "could not find expected ':'"
_YAML_TROUBLES = (
    Trouble(
        "mapping values are not allowed",
        "ここに「:」は置けません。字下げをそろえ、「: 」を含む値は引用符で囲んでください",
        'a ":" is not allowed here; make the indentation even and put a value with ": " in it in quotes',
    ),
    Trouble(_NO_COLON, "「キー: 値」の形にしてください", 'expected "key: value"'),
    Trouble(
        "expected <block end>",
        "字下げが上の行とそろっていないか、引用符の後に余分な文字があります",
        "the indentation does not agree with the lines above, or something follows a closing quote",
    ),
    Trouble("<document start>", "値が終わった後に余分な文字があります", "something follows the end of the value"),
    Trouble("found unexpected end of stream", "引用符が閉じられていません", "a quote is never closed"),
    Trouble(
        "expected ',' or",
        "括弧が閉じられていないか、「,」がありません",
        'a bracket is never closed, or a "," is missing',
    ),
    Trouble(
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
            raise Wrong(
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
            raise Wrong(
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
            raise too_many(_place_of(event), path)
        if len(path) + part.height > DEEPEST:
            raise too_deep(_place_of(event), path)

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
        raise Wrong(
            _place_of(event),
            path,
            "キーは文字列にしてください（値が波括弧で始まる場合は引用符で囲んでください）",
            "a key is not text, expected text (a value that begins with a brace needs quotes)",
        )


def yaml_document(text: str) -> Document:
    loader = yaml.SafeLoader(text)
    try:
        whole = _Composer(loader).document()
    except yaml.MarkedYAMLError as error:
        raise _yaml_syntax(error, text) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        place = Place(loader.line + 1, loader.column + 1)
        raise Wrong(place, (), *explain(str(error)[:200], "YAML", ())) from None
    value = {} if whole.value is None else whole.value
    if not isinstance(value, dict):
        raise _no_mapping(value, text)
    return Document(value, Spot(START, whole.below))


def _yaml_syntax(error: Any, text: str) -> Wrong:
    """A tab is looked for first, since PyYAML's words for it depend on what stands around it."""
    # PyYAML misses a ":" only lines later; the key without one is its context.
    mark = error.context_mark if error.problem == _NO_COLON else error.problem_mark
    line = text.rfind("\n", 0, mark.index) + 1
    indent = _INDENT_BY_TAB.match(text, line)
    tab = indent.end() - 1 if indent else mark.index
    if text[tab : tab + 1] == "\t":
        return Wrong(
            Place(mark.line + 1, tab - line + 1),
            (),
            "タブがあります。YAML の字下げと区切りには半角の空白を使ってください",
            "found a tab, expected spaces: YAML neither indents nor separates with tabs",
        )
    japanese, english = explain(error.problem, "YAML", _YAML_TROUBLES)
    before = text[:line].count("\n")
    hint_ja, hint_en = _full_width_hint(text.split("\n")[max(before - 1, 0) : before + 1])
    return Wrong(Place(mark.line + 1, mark.column + 1), (), japanese + hint_ja, english + hint_en)


def _full_width_hint(lines: list[str]) -> tuple[str, str]:
    if not any(_FULL_WIDTH.search(line) for line in lines):
        return "", ""
    return (
        "。全角の「：」や空白は区切りになりません。半角にしてください",
        "; a full-width colon or space separates nothing, use ASCII ones",
    )


def _no_mapping(value: Any, text: str) -> Wrong:
    is_list = isinstance(value, list)
    hint_ja, hint_en = ("", "") if is_list else _full_width_hint([value])
    found_ja, found_en = ("リスト", "a list") if is_list else (quote(value), quote(value))
    return Wrong(
        place_at(text, len(text) - len(text.lstrip())),
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
        raise Wrong(
            _place_of(event),
            path,
            "サロゲートの片方（\\ud800 など）は文字ではありません",
            "found half of a surrogate pair (as \\ud800), expected text",
        )
    return text


def _check_tag(event: Any, path: Path) -> None:
    if event.tag not in _TAGS:
        tag = quote(event.tag)
        raise Wrong(
            _place_of(event),
            path,
            f"タグ {tag} は使えません。値だけを書いてください",
            f"the tag {tag} is unknown, expected a value without a tag",
        )


def _twice(place: Place, path: Path, key: str) -> Wrong:
    return Wrong(
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
            raise Wrong(
                place,
                path,
                "<< の値はマッピング（またはそのリスト）への参照にしてください",
                "<<: expected an alias of a mapping, or a list of such",
            )
        merged.value |= value
        merged.below |= below
    return merged

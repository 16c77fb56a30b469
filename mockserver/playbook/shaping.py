"""A plain value of a document to a struct, and what is wrong with it, told at its place.

msgspec says where and roughly what; what was expected is read from the struct itself, so that bounds and choices can
be told in both languages. Only this module knows msgspec's words about values of a playbook.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Struct
from msgspec import inspect as shapes

from mockserver.eligibility.numbering import mask_individual_numbers
from mockserver.playbook.document import Document, Mistake, Path, spell
from mockserver.wire.refusals import quote

T = TypeVar("T")

_WHERE = re.compile(r"(?P<what>.*?)(?: - at (?P<is_key>`key` in )?`\$(?P<path>[^`]*)`)?", re.DOTALL)
_STEP = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<index>\d+)\]|\[\.\.\.\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<field>.*)`", re.DOTALL)
_OWN_WORDS = re.compile(r"Expected `|Invalid |Integer value |Object ")
_LONGEST_NAME = 100
_ABSENT = object()


class _Words(NamedTuple):
    """The same in both languages."""

    japanese: str
    english: str


class _Fault(NamedTuple):
    """A value that does not fit: where it is, what was expected there, and msgspec's words."""

    document: Document
    path: Path
    value: Any
    kind: Any
    problem: str

    def mistake(self, japanese: str, english: str, below: Path = ()) -> Mistake:
        """What to tell, at this place or at a step below it."""
        path = self.path + below
        return Mistake(self.document.place(path), spell(path), japanese, english)


def shape(document: Document, path: Path, value: Any, kind: type[T]) -> T | Mistake:
    """The value at a path of a document as a struct. Text is taken for numbers, dates and truth where they belong."""
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        return _tell(_locate(_Fault(document, path, value, kind, ""), str(error)))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant."""
    by_look = {_look(one): one for one in known}
    close = get_close_matches(_look(name), by_look, n=1)
    return by_look[close[0]] if close else None


def _look(name: str) -> str:
    """A name without what is easily mistyped: width, case, spaces around, hyphens."""
    return unicodedata.normalize("NFKC", name[:_LONGEST_NAME]).strip().lower().replace("-", "_")


# Where


def _locate(whole: _Fault, error: str) -> _Fault:
    match = _WHERE.fullmatch(error)
    assert match
    fault = whole._replace(problem=match["what"])
    for step in _STEP.finditer(match["path"] or ""):
        fault = _enter(fault, step)
    return _wrong_key(fault) if match["is_key"] else fault


def _enter(fault: _Fault, step: re.Match[str]) -> _Fault:
    if step["name"]:
        name = step["name"]
        return _below(fault, name, _kind_of_field(fault.kind, fault.value, name))
    if step["index"]:
        index = int(step["index"])
        return _below(fault, index, _kind_of_item(fault.kind, index))
    return _wrong_entry(fault)


def _below(fault: _Fault, step: str | int, kind: Any) -> _Fault:
    try:
        value = fault.value[step]
    except (LookupError, TypeError):
        value = _ABSENT
    return fault._replace(path=(*fault.path, step), value=value, kind=kind)


def _wrong_entry(fault: _Fault) -> _Fault:
    """The entry of a dict that msgspec complains about without saying which: the first that does not fit."""
    kind = _argument(fault.kind, dict, 1)
    key = next((key for key, value in _entries(fault) if not _fits(value, kind)), None)
    return fault._replace(kind=kind) if key is None else _below(fault, key, kind)


def _wrong_key(fault: _Fault) -> _Fault:
    kind = _argument(fault.kind, dict, 0)
    key = next((key for key, _ in _entries(fault) if not _fits(key, kind)), "")
    return fault._replace(path=(*fault.path, key), value=key, kind=kind)


def _entries(fault: _Fault) -> Iterable[tuple[str, Any]]:
    return fault.value.items() if isinstance(fault.value, dict) else ()


def _fits(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError:
        return False
    return True


def _members(kind: Any) -> list[Any]:
    """The kinds a value may have: the members of a union, without None."""
    origin = get_origin(kind)
    if origin is Annotated:
        return _members(get_args(kind)[0])
    if origin in (Union, UnionType):
        return [member for part in get_args(kind) for member in _members(part)]
    return [] if kind is NoneType else [kind]


def _structs(kind: Any) -> list[type[Struct]]:
    return [one for one in _members(kind) if isinstance(one, type) and issubclass(one, Struct)]


def _struct_of(kind: Any, value: Any) -> type[Struct] | None:
    """The struct a mapping is meant to be: of a tagged union the one it names."""
    structs = _structs(kind)
    if len(structs) < 2 or not isinstance(value, dict):
        return structs[0] if structs else None
    named = (one for one in structs if value.get(_tag_field(one)) == one.__struct_config__.tag)
    return next(named, None)


def _tag_field(struct: type[Struct]) -> str | None:
    return struct.__struct_config__.tag_field


def _kind_of_field(kind: Any, value: Any, name: str) -> Any:
    tags = tuple(one.__struct_config__.tag for one in _structs(kind) if _tag_field(one) == name)
    if tags:
        return Literal[tags]
    struct = _struct_of(kind, value)
    fields = msgspec.structs.fields(struct) if struct else ()
    return next((one.type for one in fields if one.encode_name == name), Any)


def _kind_of_item(kind: Any, index: int) -> Any:
    for one in _members(kind):
        arguments = get_args(one)
        if get_origin(one) is tuple and Ellipsis not in arguments:
            return arguments[index] if index < len(arguments) else Any
        if arguments and get_origin(one) in (list, tuple, set, frozenset):
            return arguments[0]
    return Any


def _argument(kind: Any, origin: type, index: int) -> Any:
    return next((get_args(one)[index] for one in _members(kind) if get_origin(one) is origin), Any)


# What


def _tell(fault: _Fault) -> Mistake:
    if unknown := _UNKNOWN.fullmatch(fault.problem):
        return _unknown(fault, unknown["field"])
    if missing := _MISSING.fullmatch(fault.problem):
        return _missing(fault, missing["field"])
    if _OWN_WORDS.match(fault.problem):
        return _misfit(fault)
    japanese, _, english = mask_individual_numbers(fault.problem).partition(" / ")
    return fault.mistake(japanese, english or japanese)


def _unknown(fault: _Fault, name: str) -> Mistake:
    struct = _struct_of(fault.kind, fault.value)
    known = [one.encode_name for one in msgspec.structs.fields(struct)] if struct else []
    tag = _tag_field(struct) if struct else None
    hint = _did_you_mean(name, [tag, *known] if tag else known)
    names = ", ".join(known) or "-"
    hint = hint or _Words(f"（使える項目: {names}）", f" (known: {names})")
    return fault.mistake(
        f"項目 {quote(name)} は定義されていません{hint.japanese}",
        f"the field {quote(name)} is unknown{hint.english}",
        (name,),
    )


def _missing(fault: _Fault, name: str) -> Mistake:
    expected = _expected(_kind_of_field(fault.kind, fault.value, name), "")
    return fault.mistake(
        f"必須項目 {name} がありません。{expected.japanese}を指定してください",
        f"the required field {name} is missing, expected {expected.english}",
        (name,),
    )


def _misfit(fault: _Fault) -> Mistake:
    name = spell(fault.path)
    found, expected = _found(fault.value), _expected(fault.kind, fault.problem)
    hint = _hint(fault)
    return fault.mistake(
        f"{name or 'ファイル'} の値{found.japanese}が正しくありません。"
        f"{expected.japanese}を指定してください{hint.japanese}",
        f"{name or 'the file'}: found {found.english}, expected {expected.english}{hint.english}",
    )


def _found(value: Any) -> _Words:
    if isinstance(value, dict):
        return _Words("（マッピング）", "a mapping")
    if isinstance(value, list):
        return _Words("（リスト）", "a list")
    if value is None or value is _ABSENT:
        return _Words("（空）", "nothing")
    quoted = quote(_text(value))
    text = quoted if isinstance(value, str) else quoted[1:-1]
    return _Words(f" {text} ", text)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _hint(fault: _Fault) -> _Words:
    """What to do about it: the nearest of the choices, or quotes around a number that is meant as text."""
    infos, value = _infos(fault.kind), fault.value
    choices = _choices(fault.kind)
    nothing = _Words("", "")
    if isinstance(value, str):
        return _did_you_mean(value, choices) or nothing
    is_plain = value is not _ABSENT and not isinstance(value, dict | list | NoneType)
    takes_text = any(isinstance(info, shapes.StrType) for info in infos) or _text(value) in choices
    return _Words("。引用符で囲んでください", "; put it in quotes") if is_plain and takes_text else nothing


def _did_you_mean(name: str, known: list[str]) -> _Words | None:
    near = nearest(name, known)
    return _Words(f"（{near} ではありませんか）", f" (did you mean {near}?)") if near else None


# Expected


def _infos(kind: Any) -> list[shapes.Type]:
    """What msgspec knows about a kind: the members of a union, without None."""
    return [info for info in _unfold(shapes.type_info(kind)) if not isinstance(info, shapes.NoneType)]


def _unfold(info: shapes.Type) -> list[shapes.Type]:
    if isinstance(info, shapes.Metadata):
        return _unfold(info.type)
    if isinstance(info, shapes.UnionType):
        return [one for part in info.types for one in _unfold(part)]
    return [info]


def _choices(kind: Any) -> list[str]:
    """Members of an enum and of a Literal, in the order they are written; msgspec would sort them."""
    return [_text(choice) for one in _members(kind) for choice in _values(one) if choice is not None]


def _values(kind: Any) -> Iterable[Any]:
    if get_origin(kind) is Literal:
        return get_args(kind)
    is_enum = isinstance(kind, type) and issubclass(kind, Enum)
    return [member.value for member in kind] if is_enum else ()


def _expected(kind: Any, problem: str) -> _Words:
    """What belongs there; msgspec's words, if this module has none."""
    names = ", ".join(_choices(kind))
    choice = _Words(f"{names} のどれか", f"one of {names}") if names else None
    words = list(dict.fromkeys(filter(None, [choice, *map(_describe, _infos(kind))])))
    if not words:
        safe = mask_individual_numbers(problem) or "value"
        return _Words(f"別の値（{safe}）" if problem else "値", f"another value ({safe})" if problem else "a value")
    return _Words("または".join(one.japanese for one in words), " or ".join(one.english for one in words))


def _describe(info: shapes.Type) -> _Words | None:
    if isinstance(info, shapes.TupleType):
        count = len(info.item_types)
        return _Words(f"{count} 件のリスト", f"a list of {count}")
    words = _NAMES.get(type(info))
    return words and _bounded(words, info)


def _bounded(words: _Words, info: shapes.Type) -> _Words:
    bounds = [bound(value) for name, bound in _BOUNDS.items() if (value := getattr(info, name, None)) is not None]
    if not bounds:
        return words
    japanese, english = "、".join(one.japanese for one in bounds), ", ".join(one.english for one in bounds)
    return _Words(f"{words.japanese}（{japanese}）", f"{words.english} ({english})")


_LIST = _Words("リスト", "a list")
_MAPPING = _Words("マッピング", "a mapping")
_NAMES: dict[type[shapes.Type], _Words] = {
    shapes.BoolType: _Words("真偽値（true または false）", "true or false"),
    shapes.IntType: _Words("整数", "an integer"),
    shapes.FloatType: _Words("数値", "a number"),
    shapes.StrType: _Words("文字列", "text"),
    shapes.DateType: _Words("YYYY-MM-DD の日付", "a date YYYY-MM-DD"),
    shapes.TimeType: _Words("HH:MM:SS の時刻", "a time HH:MM:SS"),
    shapes.DateTimeType: _Words("日時（例 2025-12-01T09:00:00+09:00）", "a moment as in 2025-12-01T09:00:00+09:00"),
    shapes.TimeDeltaType: _Words("期間（例 P1DT2H）", "a duration as in P1DT2H"),
    shapes.ListType: _LIST,
    shapes.VarTupleType: _LIST,
    shapes.SetType: _LIST,
    shapes.FrozenSetType: _LIST,
    shapes.DictType: _MAPPING,
    shapes.StructType: _MAPPING,
}
_BOUNDS: dict[str, Callable[[Any], _Words]] = {
    "ge": lambda bound: _Words(f"{bound} 以上", f">= {bound}"),
    "gt": lambda bound: _Words(f"{bound} より大きい", f"> {bound}"),
    "le": lambda bound: _Words(f"{bound} 以下", f"<= {bound}"),
    "lt": lambda bound: _Words(f"{bound} 未満", f"< {bound}"),
    "multiple_of": lambda bound: _Words(f"{bound} の倍数", f"a multiple of {bound}"),
    "min_length": lambda bound: _Words(f"長さ {bound} 以上", f"length >= {bound}"),
    "max_length": lambda bound: _Words(f"長さ {bound} 以下", f"length <= {bound}"),
    "pattern": lambda bound: _FORMS.get(bound) or _Words(f"正規表現 {bound}", f"pattern {bound}"),
}
_FORMS: dict[str, _Words] = {
    r"^[0-9]{10}$": _Words("10桁の数字", "ten digits"),
    r"^[0-9]{2}$": _Words("2桁の数字", "two digits"),
    r"^([0-9]{6}|[0-9]{8})$": _Words("8桁か6桁の数字", "8 or 6 digits"),
    r"^[0-9]{3}-[0-9]{4}$": _Words("123-4567 の形", "as in 123-4567"),
    r"^(?![\s\S]*[\x00-\x1f\x7f-\x9f])": _Words(
        "改行などの制御文字のない文字列", "text without line breaks and other control characters"
    ),
    r"^([01]\d|2[0-3]):[0-5]\d$": _Words("09:00 の形の時刻", "a time as in 09:00"),
    r"^(?![0-9]+$)[^\s/]{1,40}$": _Words(
        "空白や斜線のない40文字までの名前。数字だけは不可",
        "a name of up to 40 characters without spaces or /, not digits alone",
    ),
}

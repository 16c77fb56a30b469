"""The same structs as XML: bytes to messages and back. Layout: wire.md 2.3.

A list whose items have one member is written as one element that holds them (`ResultList`); any other list is its element
repeated (`BulkConfirmUnit`). Reading knows no DTD, no entities but XML's own five, no files and no network.
"""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin
from xml.sax.saxutils import escape

import msgspec
from lxml import etree
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import astuple

from mockserver.eligibility.numbering import mask_individual_numbers
from mockserver.wire.encodings import DECLARED, read_text, write_text
from mockserver.wire.files import FileForm
from mockserver.wire.json_codec import wrong_shape
from mockserver.wire.refusals import Problem, Refusal, quote

_PARSER = etree.XMLParser(
    encoding="utf-8",  # what read_text has decoded; a second declaration counts for nothing
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)
_MOST_TAGS = 1_000_000  # of begin and end: 50,000 people of a bulk look-up
Message = TypeVar("Message", bound=Struct)
_FORBIDDEN = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_SPECIAL = re.compile(r"[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Member(NamedTuple):
    """A member of a struct as an element: its struct (None: text), whether it repeats, the name that repeats inside it."""

    struct: type[Struct] | None
    repeats: bool
    wraps: str | None


@lru_cache(maxsize=256)
def members_of(struct: type[Struct]) -> dict[str, Member]:
    """The members of a struct by name, in the order of the layout."""
    return {field.name: _member(field.type) for field in msgspec.structs.fields(struct)}


def _member(annotation: Any) -> Member:
    kinds = (
        [a for a in get_args(annotation) if a not in (UnsetType, NoneType)] if _is_union(annotation) else [annotation]
    )
    (kind,) = kinds
    if get_origin(kind) is not tuple:
        return Member(None if kind is str else kind, repeats=False, wraps=None)
    item = get_args(kind)[0]
    if item is str:
        return Member(None, repeats=True, wraps=None)
    inner = msgspec.structs.fields(item)
    return Member(item, repeats=True, wraps=inner[0].name if len(inner) == 1 else None)


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, UnionType)


# --- reading ---


def read(data: bytes, struct: type[Message]) -> Message | Refusal:
    """Read a message whose root element is `XmlMsg`; a refusal says what is wrong with it."""
    root = parse(data)
    if isinstance(root, Refusal):
        return root
    if root.tag != "XmlMsg":
        name = quote(str(root.tag))
        return Refusal(
            Problem.NOT_XML,
            f"最上位の要素が {name} です。XmlMsg でなければなりません",
            f"the root element is {name}, expected XmlMsg",
        )
    try:
        return msgspec.convert({"XmlMsg": _value(root, members_of(struct)["XmlMsg"].struct, "XmlMsg")}, struct)
    except _WrongElement as wrong:
        return Refusal(Problem.SHAPE, wrong.japanese, wrong.english)
    except msgspec.ValidationError as error:
        return wrong_shape(error)


def parse(data: bytes) -> etree._Element | Refusal:
    """The root element of a file, or why it is not XML that may be read."""
    text = read_text(data)
    if isinstance(text, Refusal):
        return text
    if not text.strip():
        return Refusal(Problem.NOT_XML, "ファイルが空です", "the file is empty")
    if found := _FORBIDDEN.search(text):
        return Refusal(
            Problem.DTD,
            f"{found[0]} は使えません（DTD と実体は受け付けません）",
            f"{found[0]} is not accepted: no DTD, no entities",
        )
    if text.count("<") > _MOST_TAGS:
        return Refusal(
            Problem.TOO_LARGE, f"要素の数は {_MOST_TAGS // 2} までです", f"at most {_MOST_TAGS // 2} elements"
        )
    try:
        return etree.fromstring(text.lstrip().encode(), _PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        reason = " ".join(mask_individual_numbers(str(error)).split())[:200]
        return Refusal(Problem.NOT_XML, f"XML として読めません（{reason}）", f"not well-formed XML ({reason})")


class _WrongElement(Exception):
    def __init__(self, japanese: str, english: str) -> None:
        super().__init__(english)
        self.japanese = japanese
        self.english = english


def _value(element: etree._Element, struct: type[Struct] | None, path: str) -> Any:
    """An element as text or as its members; those that are unknown are left out, as in JSON."""
    if struct is None:
        return _text(element, path)
    _refuse_text(element, path)
    members = members_of(struct)
    once = Counter(child.tag for child in element)
    found: dict[str, Any] = {}
    for child in element:
        member = members.get(child.tag)
        if member is None:
            continue
        if once[child.tag] > 1 and (not member.repeats or member.wraps):
            count = once[child.tag]
            raise _WrongElement(
                f"{path}.{child.tag} が {count} 回あります。1回だけ書いてください",
                f"{path}.{child.tag}: found {count} times, expected once",
            )
        _put(found, child, member, f"{path}.{child.tag}")
    return found


def _refuse_text(element: etree._Element, path: str) -> None:
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        raise _WrongElement(f"{path} の中に文字があります", f"{path}: found text beside its elements")


def _put(found: dict[str, Any], child: etree._Element, member: Member, path: str) -> None:
    if not member.repeats:
        found[child.tag] = _value(child, member.struct, path)
    elif member.wraps is None:
        found.setdefault(child.tag, []).append(_value(child, member.struct, path))
    else:
        _refuse_text(child, path)
        (inner,) = members_of(_struct(member)).values()
        found[child.tag] = [
            {member.wraps: _value(item, inner.struct, f"{path}.{item.tag}")}
            for item in child
            if item.tag == member.wraps
        ]


def _text(element: etree._Element, path: str) -> str:
    if len(element):
        child = quote(str(element[0].tag))
        raise _WrongElement(f"{path} の中に要素 {child} があります", f"{path}: found an element {child}, expected text")
    return element.text or ""


def _struct(member: Member) -> type[Struct]:
    assert member.struct is not None
    return member.struct


# --- writing ---


class Line(NamedTuple):
    """A member as it is written at some depth: what stands before and after its value."""

    name: str
    head: str
    tail: str
    member: Member


def write(message: Struct, form: FileForm) -> bytes:
    """Write a message: one element a line, absent members absent."""
    parts = [f'<?xml version="1.0" encoding="{DECLARED[form.encoding]}" standalone="no"?>']
    _write_members(message, 0, form.order == "shuffled", parts)
    parts.append("\n")
    return write_text("".join(parts), form.encoding)


@lru_cache(maxsize=1_024)
def _lines(struct: type[Struct], depth: int) -> tuple[Line, ...]:
    indent = "\n" + "\t" * depth
    return tuple(
        Line(name, f"{indent}<{name}>", f"{'' if member.struct is None else indent}</{name}>", member)
        for name, member in members_of(struct).items()
    )


def _write_members(struct: Struct, depth: int, is_shuffled: bool, parts: list[str]) -> None:
    values = zip(_lines(type(struct), depth), astuple(struct), strict=True)
    there = [(line, value) for line, value in values if value is not UNSET]
    for (_, head, tail, member), value in _shuffled(there) if is_shuffled else there:
        if member.struct is None:
            texts = value if member.repeats else (value,)
            parts += [f"{head}{_escaped(text)}{tail}" for text in texts]
            continue
        for items in _elements(member, value):
            parts.append(head)
            for item in items:
                _write_members(item, depth + 1, is_shuffled, parts)
            parts.append(tail)


def _elements(member: Member, value: Any) -> Iterable[tuple[Struct, ...]]:
    """What stands in each element that a member is written as."""
    if member.wraps:
        return (value,)
    return [(item,) for item in value] if member.repeats else ((value,),)


def _escaped(text: str) -> str:
    """Text that a reader gets back unchanged; what XML cannot hold at all is left out."""
    if _SPECIAL.search(text) is None:
        return text
    return _INVISIBLE.sub("", escape(text, {"\r": "&#13;"}))


def _shuffled(there: list[tuple[Line, Any]]) -> list[tuple[Line, Any]]:
    """Members in the order of real face files, which is that of a Java HashMap.

    All five orders known from real files (wire.md 2.3 and 2.8) are those of its buckets: so much of the name's hash as
    the size of the table shows, and members of one bucket in the order of the layout.
    """
    buckets = 16
    while len(there) > buckets * 3 // 4:
        buckets *= 2
    return sorted(there, key=lambda pair: _java_hash(pair[0].name) % buckets)


@lru_cache(maxsize=1_024)
def _java_hash(name: str) -> int:
    """`String.hashCode` as `HashMap` spreads it."""
    code = 0
    for character in name:
        code = (31 * code + ord(character)) & 0xFFFFFFFF
    return code ^ code >> 16

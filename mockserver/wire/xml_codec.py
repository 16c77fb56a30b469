"""The same structs as XML: bytes to messages and back. Layout: wire.md 2.3.

A list whose items have one member is written as one element that holds them (`ResultList`); any other list is its element
repeated (`BulkConfirmUnit`). Reading knows no DTD, no entities but XML's own five, no files and no network.
"""

import re
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
_POSITION = re.compile(r"\[(\d+)\]")
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
    message = members_of(struct)["XmlMsg"].struct
    assert message is not None
    try:
        return msgspec.convert({"XmlMsg": _value(root, message, "XmlMsg")}, struct)
    except _WrongElement as wrong:
        return Refusal(Problem.SHAPE, wrong.japanese, wrong.english)
    except msgspec.ValidationError as error:
        refusal = wrong_shape(error)
        return Refusal(refusal.problem, _from_one(refusal.japanese), _from_one(refusal.english))


def _from_one(text: str) -> str:
    """Positions of repeated elements as XPath counts them."""
    return _POSITION.sub(lambda match: f"[{int(match[1]) + 1}]", text)


def parse(data: bytes) -> etree._Element | Refusal:
    """The root element of a file, or why it is not XML that may be read."""
    text = read_text(data)
    if isinstance(text, Refusal):
        return text
    if not text.strip():
        return Refusal(Problem.NOT_XML, "ファイルが空です", "the file is empty")
    if "<!" in text and (found := _FORBIDDEN.search(text)):
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
        reason = " ".join(mask_individual_numbers(getattr(error, "msg", None) or str(error)).split())[:200]
        return Refusal(Problem.NOT_XML, f"XML として読めません（{reason}）", f"not well-formed XML ({reason})")


class _WrongElement(Exception):
    def __init__(self, japanese: str, english: str) -> None:
        super().__init__(english)
        self.japanese = japanese
        self.english = english


def _value(element: etree._Element, struct: type[Struct], path: str) -> dict[str, Any]:
    """An element as its members; those that are unknown are left out, as in JSON."""
    members, found = members_of(struct), dict[str, Any]()
    beside = [element.text]
    for child in element:
        tag = child.tag
        beside.append(child.tail)
        member = members.get(tag)
        if member is None:
            continue
        if member.repeats and member.wraps is None:
            found.setdefault(tag, []).append(_one(child, member.struct, path))
        elif tag in found:
            raise _twice(element, tag, path)
        elif member.wraps:
            found[tag] = _wrapped(child, member, f"{path}.{tag}")
        else:
            found[tag] = _one(child, member.struct, path)
    _refuse_text(beside, path)
    return found


def _one(child: etree._Element, struct: type[Struct] | None, path: str) -> Any:
    """A child as its members, or as text. `path` is that of its parent."""
    if struct is not None:
        return _value(child, struct, f"{path}.{child.tag}")
    if len(child):
        name, inner = f"{path}.{child.tag}", quote(str(child[0].tag))
        raise _WrongElement(f"{name} の中に要素 {inner} があります", f"{name}: found an element {inner}, expected text")
    return child.text or ""


def _wrapped(child: etree._Element, member: Member, path: str) -> list[dict[str, Any]]:
    """The items of a list that is one element."""
    assert member.struct is not None
    assert member.wraps is not None
    (inner,) = members_of(member.struct).values()
    _refuse_text([child.text, *(item.tail for item in child)], path)
    return [{member.wraps: _one(item, inner.struct, path)} for item in child if item.tag == member.wraps]


def _refuse_text(beside: list[str | None], path: str) -> None:
    for text in beside:
        if text and not text.isspace():
            raise _WrongElement(f"{path} の中に文字があります", f"{path}: found text beside its elements")


def _twice(element: etree._Element, tag: str, path: str) -> _WrongElement:
    count = sum(child.tag == tag for child in element)
    return _WrongElement(
        f"{path}.{tag} が {count} 回あります。1回だけ書いてください",
        f"{path}.{tag}: found {count} times, expected once",
    )


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

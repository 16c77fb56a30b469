"""The files of a folder, taken together: every entry as what it says, or what is wrong with it, file and place."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from msgspec import Struct

from mockserver.playbook.document import START, Document, Mistake, Path, spell
from mockserver.playbook.reading import read_toml, read_yaml
from mockserver.playbook.shaping import shape

T = TypeVar("T")

_MOST_READ = 200  # texts that are kept
READERS = {"yaml": read_yaml, "yml": read_yaml, "toml": read_toml}
_STEP = re.compile(r"\w+", re.ASCII)
_MEMBER = re.compile(r"(\w+(?:\[\d+\]|\.\w+)*): ", re.ASCII)


class Remark(Struct, frozen=True):
    """What is wrong with a file, where (counted from 1), and why in both languages. `path` is "" for the whole file."""

    file: str
    line: int
    column: int
    path: str
    message_ja: str
    message_en: str

    def __str__(self) -> str:
        path = f"{self.path}: " if self.path and self.path not in self.message_ja else ""
        return f"{self.file}:{self.line}:{self.column}: {path}{self.message_ja} / {self.message_en}"


class Origin(NamedTuple):
    """Where an entry stands: the file, its document, the path in it."""

    file: str
    document: Document
    path: Path

    def below(self, *steps: str | int) -> "Origin":
        """The place of something the entry holds."""
        return self._replace(path=(*self.path, *steps))

    def remark(self, japanese: str, english: str) -> Remark:
        """Something that is wrong here."""
        return remark_on(self.file, Mistake(self.document.place(self.path), spell(self.path), japanese, english))

    def denial(self, japanese: str, english: str) -> Remark:
        """A refusal of the admin paths, at the member with whose path it begins, if the entry has that."""
        named = _MEMBER.match(english)
        steps = [int(step) if step.isdecimal() else step for step in _STEP.findall(named[1])] if named else []
        if not named or not self.document.has((*self.path, *steps)):
            return self.remark(japanese, english)
        return self.below(*steps).remark(japanese.removeprefix(named[0]), english.removeprefix(named[0]))

    def __str__(self) -> str:
        line, column = self.document.place(self.path)
        return f"{self.file}:{line}:{column}"


class _Outline(Struct, frozen=True, forbid_unknown_fields=True):
    """A file whose entries are not looked at yet."""

    insurers: list[Any] | None = None
    people: list[Any] | None = None
    patterns: list[Any] | None = None
    assignments: list[Any] | None = None
    faults: list[Any] | None = None
    timelines: list[Any] | None = None
    clinics: list[Any] | None = None


class Gathering:
    """The documents of a folder, and what is wrong with them."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.remarks: list[Remark] = []
        self._documents = [(file, self._document(file, files[file])) for file in sorted(files)]

    def entries(self, section: str, kind: type[T]) -> Iterator[tuple[Origin, T]]:
        """The entries of a section that are what they should be, file by file."""
        for file, document in self._documents:
            values = document.value.get(section) if document else None
            for index, value in enumerate(values or ()):
                origin = Origin(file, document, (section, index))  # type: ignore[arg-type]  # a section has a document
                entry = self.shape(origin, value, kind)
                if entry is not None:
                    yield origin, entry

    def may_have(self, section: str, name: str) -> bool:
        """Whether an id is written in a section, if only of a wrong entry, or may be: in a file that cannot be read.

        Who refers to it is not to blame.
        """
        for _, document in self._documents:
            entries = document.value.get(section) or () if document else ({"id": name},)
            if any(isinstance(entry, dict) and entry.get("id") == name for entry in entries):
                return True
        return False

    def shape(self, origin: Origin, value: Any, kind: type[T]) -> T | None:
        """A value as a struct; None, and a remark, where it is none."""
        shaped = shape(origin.document, origin.path, value, kind)
        if isinstance(shaped, Mistake):
            self.remarks.append(remark_on(origin.file, shaped))
            return None
        return shaped

    def refuse(self, origin: Origin, japanese: str, english: str) -> None:
        """Note something that is wrong at a place."""
        self.remarks.append(origin.remark(japanese, english))

    def _document(self, file: str, data: bytes) -> Document | None:
        read = _read(file.rpartition(".")[2].lower(), data)
        if isinstance(read, Mistake):
            self.remarks.append(remark_on(file, read))
            return None
        outline = shape(read, (), read.value, _Outline)
        if isinstance(outline, Mistake):
            self.remarks.append(remark_on(file, outline))
            return None
        return read


def remark_on(file: str, mistake: Mistake) -> Remark:
    """A mistake of a file."""
    place = mistake.place
    return Remark(file, place.line, place.column, mistake.path, mistake.japanese, mistake.english)


@lru_cache(maxsize=_MOST_READ)
def _read(suffix: str, data: bytes) -> Document | Mistake:
    """The text of a file. Kept, as most files of a folder are the same when one of them changes."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Mistake(
            START._replace(line=line),
            "",
            "UTF-8 ではありません。UTF-8 で保存してください",
            "the file is not in UTF-8; save it in UTF-8",
        )
    return READERS[suffix](text)

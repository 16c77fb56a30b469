"""The entries of a folder as a playbook: every name looked up, every parameter checked against its own pattern or fault."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mockserver.eligibility.numbering import holds_individual_number
from mockserver.eligibility.records import Insurer
from mockserver.faulting import NewFault, NewTimeline
from mockserver.faults import FAULT_BY_ID
from mockserver.playbook.document import Path
from mockserver.playbook.entries import ClinicEntry, PatternEntry
from mockserver.playbook.gathering import Gathering, Origin, Remark
from mockserver.playbook.people import is_new, read_insurers, read_people
from mockserver.playbook.shaping import nearest
from mockserver.scenarios.casting import BY_ID
from mockserver.scenarios.own import OwnPerson
from mockserver.views import ClockChange, NewAssignment
from mockserver.wire.refusals import quote

_MOST_DIGITS = 20  # more than any seat has

Named = TypeVar("Named", bound=Struct)


class ClinicPlan(Struct, frozen=True):
    """What a clinic begins with. `people`: those of one's own it speaks of, so that the plan changes when they do."""

    code: str
    name: str
    seed: int | None
    clock: ClockChange | None
    assignments: tuple[NewAssignment, ...]
    faults: tuple[NewFault, ...]
    timelines: tuple[NewTimeline, ...]
    people: tuple[OwnPerson, ...]


class Playbook(Struct, frozen=True):
    """What a mock begins with. `origins` tell where a part is written: ("clinics", code, "faults", 0)."""

    people: tuple[OwnPerson, ...] = ()
    assignments: tuple[NewAssignment, ...] = ()
    faults: tuple[NewFault, ...] = ()
    timelines: tuple[NewTimeline, ...] = ()
    clinics: dict[str, ClinicPlan] = {}
    origins: dict[Path, Origin] = {}


class Resolved(NamedTuple):
    """A playbook, and what is wrong with it: without remarks it can be played."""

    playbook: Playbook
    remarks: tuple[Remark, ...]


def resolve(files: Mapping[str, bytes], known_insurer: Callable[[str], Insurer | None]) -> Resolved:
    """The files of a folder, by name, as a playbook. `known_insurer` finds an insurer by its key."""
    gathering = Gathering(files)
    resolver = _Resolver(gathering, known_insurer)
    playbook = resolver.playbook()
    return Resolved(playbook, tuple(sorted(gathering.remarks, key=lambda r: (r.file, r.line, r.column))))


class _Resolver:
    def __init__(self, gathering: Gathering, known_insurer: Callable[[str], Insurer | None]) -> None:
        self._gathering = gathering
        self._patterns = self._read_patterns()
        self._people = read_people(gathering, read_insurers(gathering), known_insurer)
        self._origins: dict[Path, Origin] = {(i, "people"): placed.origin for i, placed in self._people.items()}

    def playbook(self) -> Playbook:
        """Everything, as far as it is in order."""
        return Playbook(
            people=tuple(placed.own for placed in self._people.values()),
            assignments=self._for_all("assignments", NewAssignment, self._assignment),
            faults=self._for_all("faults", NewFault, self._fault),
            timelines=self._for_all("timelines", NewTimeline, self._timeline),
            clinics=self._clinics(),
            origins=self._origins,
        )

    def _for_all(
        self, section: str, kind: type[Named], resolve_one: Callable[[Origin, Named], Named | None]
    ) -> tuple[Named, ...]:
        entries = self._gathering.entries(section, kind)
        return self._each((section,), entries, resolve_one)

    def _each(
        self, path: Path, entries: Any, resolve_one: Callable[[Origin, Named], Named | None]
    ) -> tuple[Named, ...]:
        resolved: list[Named] = []
        for origin, entry in entries:
            one = resolve_one(origin, entry)
            if one is not None:
                self._origins[(*path, len(resolved))] = origin
                resolved.append(one)
        return tuple(resolved)

    def _read_patterns(self) -> dict[str, NewAssignment]:
        """Patterns under a name of one's own, as assignments to nobody yet."""
        named: dict[str, NewAssignment] = {}
        first: dict[str, Origin] = {}
        for origin, entry in self._gathering.entries("patterns", PatternEntry):
            if entry.id in BY_ID:
                self._gathering.refuse(
                    origin.below("id"),
                    f"id {entry.id} はカタログのパターンの名前です",
                    f"id: {entry.id} is a pattern of the catalogue",
                )
            elif is_new(self._gathering, first, origin, entry.id):
                parameters = self._parameters(origin, entry.pattern, entry.parameters, BY_ID, "pattern")
                if parameters is not None:
                    named[entry.id] = NewAssignment(entry.pattern, "", parameters)
        return named

    def _clinics(self) -> dict[str, ClinicPlan]:
        plans: dict[str, ClinicPlan] = {}
        first: dict[str, Origin] = {}
        for origin, entry in self._gathering.entries("clinics", ClinicEntry):
            held = first.setdefault(entry.code, origin)
            if held is origin:
                plans[entry.code] = self._clinic(origin, entry)
            else:
                self._gathering.refuse(
                    origin.below("code"),
                    f"医療機関コード {entry.code} は {held} にもあります",
                    f"code: the clinic {entry.code} is at {held} already",
                )
        return plans

    def _clinic(self, origin: Origin, entry: ClinicEntry) -> ClinicPlan:
        if holds_individual_number(entry.name):
            told = "name に12桁の個人番号は書けません", "name: found an individual number of 12 digits, expected a name"
            self._gathering.refuse(origin.below("name"), *told)
        path: Path = ("clinics", entry.code)
        self._origins |= {path: origin, (*path, "clock"): origin.below("clock")}
        assignments = self._each((*path, "assignments"), _below(origin, entry, "assignments"), self._assignment)
        faults = self._each((*path, "faults"), _below(origin, entry, "faults"), self._fault)
        timelines = self._each((*path, "timelines"), _below(origin, entry, "timelines"), self._timeline)
        people = self._spoken_of([one.person for one in assignments] + [one.person for one in faults])
        return ClinicPlan(entry.code, entry.name, entry.seed, entry.clock, assignments, faults, timelines, people)

    def _spoken_of(self, persons: list[Any]) -> tuple[OwnPerson, ...]:
        names = {person for person in persons if isinstance(person, str)}
        return tuple(self._people[name].own for name in sorted(names))

    def _assignment(self, origin: Origin, written: NewAssignment) -> NewAssignment | None:
        new = replace(written, person=_seat_or(written.person))
        if not self._is_somebody(origin, new.person):
            return None
        named = self._patterns.get(new.pattern)
        if named is None and self._gathering.may_have("patterns", new.pattern) and new.pattern not in BY_ID:
            return None
        if named is not None and not new.parameters:
            return replace(new, pattern=named.pattern, parameters=named.parameters)
        if named is not None:
            self._gathering.refuse(
                origin.below("parameters"),
                f"{new.pattern} の parameters は patterns で決まっています",
                f"parameters: those of {new.pattern} are set under patterns",
            )
            return None
        parameters = self._parameters(origin, new.pattern, new.parameters, BY_ID, "pattern", self._patterns)
        return None if parameters is None else replace(new, parameters=parameters)

    def _fault(self, origin: Origin, new: NewFault) -> NewFault | None:
        parameters = self._parameters(origin, new.fault, new.parameters, FAULT_BY_ID, "fault")
        person = _seat_or(new.person)
        is_about_somebody = self._is_somebody(origin, person)
        return (
            replace(new, parameters=parameters, person=person) if parameters is not None and is_about_somebody else None
        )

    def _timeline(self, origin: Origin, new: NewTimeline) -> NewTimeline | None:
        steps = []
        for index, step in enumerate(new.steps):
            place = origin.below("steps", index)
            parameters: dict[str, Any] | None = {}
            if step.fault is not None:
                parameters = self._parameters(place, step.fault, step.parameters, FAULT_BY_ID, "fault")
            if parameters is None:
                return None
            steps.append(replace(step, parameters=parameters))
        return replace(new, steps=tuple(steps))

    def _is_somebody(self, origin: Origin, person: Any) -> bool:
        """Whether a person named by an id is one of the files; seat numbers and identities are looked up when played."""
        if not isinstance(person, str) or person in self._people:
            return True
        if self._gathering.may_have("people", person):
            return False
        near = nearest(person, self._people)
        self._gathering.refuse(
            origin.below("person"),
            f"人 {quote(person)} は people にありません" + (f"（{near} ではありませんか）" if near else ""),
            f"person: there is no {quote(person)} under people" + (f" (did you mean {near}?)" if near else ""),
        )
        return False

    def _parameters(
        self,
        origin: Origin,
        name: str,
        written: dict[str, Any],
        catalogue: Mapping[str, type[Struct]],
        member: str,
        also: Mapping[str, Any] | None = None,
    ) -> dict[str, Any] | None:
        """The parameters of a pattern or fault as it takes them; None, and a remark, where they are not its own."""
        kind = catalogue.get(name)
        if kind is None:
            near = nearest(name, (*catalogue, *(also or ())))
            word = "パターン" if member == "pattern" else "障害"
            self._gathering.refuse(
                origin.below(member),
                f"{word} {quote(name)} はありません" + (f"（{near} ではありませんか）" if near else ""),
                f"{member}: there is no {quote(name)}" + (f" (did you mean {near}?)" if near else ""),
            )
            return None
        shaped = self._gathering.shape(origin.below("parameters"), written, kind)
        if shaped is None:
            return None
        tag = kind.__struct_config__.tag_field
        return {field: value for field, value in msgspec.to_builtins(shaped).items() if field != tag}


def _seat_or(person: Any) -> Any:
    """A seat number, which is text where the file is YAML; no id is digits alone."""
    is_seat = isinstance(person, str) and person.isascii() and person.isdecimal()
    return int(person[:_MOST_DIGITS]) if is_seat else person


def _below(origin: Origin, entry: ClinicEntry, section: str) -> list[tuple[Origin, Any]]:
    return [(origin.below(section, index), one) for index, one in enumerate(getattr(entry, section))]

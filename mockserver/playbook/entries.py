"""What may stand in a scenario file: the entries of its sections, as they are written."""

from datetime import date
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from mockserver.eligibility.records import Income, InsurerKind
from mockserver.faulting import NewFault, NewTimeline
from mockserver.views import ClockChange, NewAssignment

Id = Annotated[
    str,
    Meta(
        pattern=r"^(?![0-9]+$)[^\s/]{1,40}$",
        description="A name of one's own (名前): 1 to 40 characters without spaces, not digits alone.",
    ),
]
_ONE_LINE = r"^(?![\s\S]*[\x00-\x1f\x7f-\x9f])"  # answers carry it, and XML cannot hold control characters
Line = Annotated[str, Meta(min_length=1, max_length=100, pattern=_ONE_LINE)]


class InsurerEntry(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An insurer (保険者) of one's own: 8 digits, 国保 6, with the right check digit at the end."""

    id: Id
    number: Annotated[str, Meta(pattern=r"^([0-9]{6}|[0-9]{8})$")]
    name: Line
    kind: InsurerKind


class CardEntry(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A number somebody is insured under. `insurer`: the id of an insurer of the files, or the number of one there is."""

    insurer: str
    number: Annotated[str, Meta(min_length=1, max_length=20, pattern=_ONE_LINE)]
    symbol: Line | None = None
    branch: Annotated[str, Meta(pattern=r"^[0-9]{2}$")] | None = None


class PersonEntry(CardEntry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A made-up person. `name` and `kana`: family and given name with a space between.

    `head`: the name of the worker whose dependant (家族) the person is; none: insured by their own work or residence.
    `since`: first day of the insurance; `next`: the number after a change of job, drawn if not given.
    """

    id: Id
    name: Line
    kana: Line
    sex: Literal["male", "female"]
    birthdate: date
    address: Line = "東京都千代田区平河町２丁目３番４号"
    post_number: Annotated[str, Meta(pattern=r"^[0-9]{3}-[0-9]{4}$")] = "102-0093"
    income: Income = Income.GENERAL_1
    head: Line | None = None
    since: date | None = None
    next: CardEntry | None = None


class PatternEntry(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A pattern of the catalogue with parameters, under a name of one's own."""

    id: Id
    pattern: str
    parameters: dict[str, Any] = {}


class ClinicEntry(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a clinic begins with, and goes back to when it is reset."""

    code: Annotated[str, Meta(pattern=r"^[0-9]{10}$", description="医療機関コード, ten digits.")]
    name: Annotated[str, Meta(max_length=1_000)] = ""
    seed: int | None = None
    clock: ClockChange | None = None
    assignments: tuple[NewAssignment, ...] = ()
    faults: tuple[NewFault, ...] = ()
    timelines: tuple[NewTimeline, ...] = ()


class ScenarioFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file of a folder of scenarios; what stands in several files is taken together.

    Assignments, faults and timelines outside a clinic are for all clinics.
    """

    insurers: tuple[InsurerEntry, ...] = ()
    people: tuple[PersonEntry, ...] = ()
    patterns: tuple[PatternEntry, ...] = ()
    assignments: tuple[NewAssignment, ...] = ()
    faults: tuple[NewFault, ...] = ()
    timelines: tuple[NewTimeline, ...] = ()
    clinics: tuple[ClinicEntry, ...] = ()

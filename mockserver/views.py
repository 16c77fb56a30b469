"""What goes in and out when a clinic is steered: the bodies of the admin paths, in plain words."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from mockserver.catalogue import EXAMPLE_CLINIC, request_for
from mockserver.clinics import Assignment, Ground
from mockserver.clinics import Forgotten as Forgotten  # told as it is
from mockserver.eligibility.copay import ratio_percent
from mockserver.eligibility.limits import limit_certificate
from mockserver.eligibility.records import Answer, Record, Relation
from mockserver.eligibility.residents import Resident
from mockserver.scenarios.own import OwnPerson
from mockserver.wire.message import SearchRequest

FORGOTTEN_HEADER = "X-Mock-Forgotten"
_GROUNDS: dict[Ground, tuple[str, str]] = {
    "idle": ("長く使われなかったため（--clinic-idle-s）", "it was not used for long (--clinic-idle-s)"),
    "room": (
        "医療機関が多すぎ、最も長く使われていなかったため（--max-clinics）",
        "there were too many clinics and it was idle longest (--max-clinics)",
    ),
}


class Identity(Struct, frozen=True, forbid_unknown_fields=True):
    """A person by number: the insurer number with or without padding, birth date, symbol and branch as on the card."""

    insurer_number: str
    number: str
    birthdate: date
    symbol: str | None = None
    branch: str | None = None


class TruthQuery(Identity, frozen=True, forbid_unknown_fields=True):
    """Whose truth is asked for, and about which day (the clinic's today if not given)."""

    day: date | None = None


class NewAssignment(Struct, frozen=True, forbid_unknown_fields=True):
    """A pattern for a person: a seat number of the population, an identity, or the id of a person of the scenario files.
    `start`: first day of the story.
    """

    pattern: str
    person: int | str | Identity
    parameters: dict[str, Any] = {}
    start: date | None = None


class ClockChange(Struct, frozen=True, forbid_unknown_fields=True):
    """One of: `now` freezes at a moment (`running` true: goes on from it), `advance_…` moves on, `real` gives it back."""

    now: datetime | None = None
    running: bool = False
    advance_days: int | None = None
    advance_seconds: int | None = None
    real: bool = False


class ClinicChange(Struct, frozen=True, forbid_unknown_fields=True):
    """The seed of the clinic's own country; null: that of the server."""

    seed: int | None


class NewClinic(Struct, frozen=True, forbid_unknown_fields=True):
    """A clinic to test with. The same name gets the same code as long as that is free, and the same draws of faults."""

    name: Annotated[str, Meta(max_length=1_000)] = ""
    seed: int | None = None


class PeopleQuery(Struct, frozen=True, kw_only=True):
    """How many people, and the pattern that must fit them; `parameters` as a JSON object, those of a ready person if not
    given.
    """

    count: Annotated[int, Meta(ge=1, le=100)] = 1
    pattern: str | None = None
    parameters: str | None = None


class PatientView(Struct, frozen=True):
    """A person of the population as a test needs them: the seat number, the number as on the card, the exact request."""

    person: int
    name: str
    kana: str
    sex: str
    birthdate: date
    insurer_number: str
    symbol: str | None
    number: str
    branch: str | None
    request: SearchRequest


class PeopleView(Struct, frozen=True):
    """People to test with."""

    people: list[PatientView]


class OwnPersonView(Struct, frozen=True):
    """A person of the scenario files, and the request that asks for them (the clinic code is an example)."""

    id: str
    name: str
    request: SearchRequest


class ScenariosView(Struct, frozen=True):
    """What the scenario files say: their people, the clinics they set up; `problems` of files not taken up."""

    people: list[OwnPersonView]
    clinics: list[str]
    problems: list[str]


class ClockView(Struct, frozen=True):
    """A clinic's clock: its moment, and whether it is `real`, `shifted` or `frozen`."""

    now: datetime
    mode: str
    story_start: date


class AssignmentView(Struct, frozen=True):
    """An assignment: one request for each number of the story, and how the person is called."""

    id: int
    pattern: str
    parameters: dict[str, Any]
    name: str
    start: date
    requests: list[SearchRequest]


class ClinicView(Struct, frozen=True):
    """What a clinic has set up; `forgotten` if it had to be forgotten unasked since its last reset."""

    code: str
    clock: ClockView
    seed: int
    assignments: list[AssignmentView]
    forgotten: Forgotten | None = None


class ResultView(Struct, frozen=True):
    """A record in plain words; ratio in percent, band of OQSCD012, days as dates."""

    name: str
    kana: str
    sex: str
    birthdate: date
    address: str | None
    post_number: str | None
    insurer_number: str
    insurer_name: str
    symbol: str | None
    number: str
    branch: str | None
    relation: str
    valid_from: date
    lost_on: date | None
    loss_reason: str | None
    copay_percent: int
    limit_band: str
    subsidies: tuple[str, ...]


class AnswerView(Struct, frozen=True):
    """An answer in plain words: `valid`, `lost`, `renewed`, `no-match` or `multiple`, its code, its results."""

    validity: str
    code: str
    results: list[ResultView]


class TruthView(Struct, frozen=True):
    """What is really so, beside what the backend says at the clinic's moment."""

    pattern: str
    moment: datetime
    day: date
    truth: AnswerView
    backend: AnswerView


def forgotten_in_words(forgotten: Forgotten) -> tuple[str, str]:
    """What happened to a clinic's set-up, and which setting helps, in both languages."""
    at, used = (moment.isoformat(sep=" ", timespec="seconds") for moment in (forgotten.at, forgotten.last_used_at))
    japanese, english = _GROUNDS[forgotten.reason]
    return (
        f"この医療機関の設定（時計・割り当て・障害）は {at} に忘れられました（最後の利用 {used}、理由: {japanese}）",
        f"the set-up of this clinic (clock, assignments, faults) was forgotten at {at} (last used at {used}; {english})",
    )


def forgotten_header(forgotten: Forgotten) -> str:
    """A forgetting as the header tells it."""
    return "; ".join(f"{name}={told}" for name, told in msgspec.to_builtins(forgotten).items())


def read_forgotten(header: str) -> Forgotten:
    """A forgetting from its header. ValueError where that is something else."""
    return msgspec.convert(dict(part.split("=", 1) for part in header.split("; ")), Forgotten)


def assignment_view(assignment: Assignment, today: date, code: str) -> AssignmentView:
    requests = [request_for(card, birthdate, today, code, card.branch) for card, birthdate in assignment.asked]
    fields = msgspec.to_builtins(assignment.scenario)
    pattern = fields.pop("pattern")
    return AssignmentView(assignment.id, pattern, fields, assignment.own.person.name, assignment.start, requests)


def patient_view(resident: Resident, today: date, code: str) -> PatientView:
    """A person of the population on a day, as a clinic asks for them."""
    person, card = resident.person, resident.card_on(today)
    return PatientView(
        person=resident.index,
        name=person.name,
        kana=person.kana,
        sex=person.sex,
        birthdate=person.birthdate,
        insurer_number=card.insurer.number,
        symbol=card.symbol,
        number=card.number,
        branch=card.branch,
        request=request_for(card, person.birthdate, today, code, card.branch),
    )


def own_person_view(own: OwnPerson, today: date) -> OwnPersonView:
    """A person of the scenario files as a clinic asks for them."""
    request = request_for(own.card, own.person.birthdate, today, EXAMPLE_CLINIC, own.card.branch)
    return OwnPersonView(own.id, own.person.name, request)


def answer_view(answer: Answer, day: date, show: Callable[[str], str]) -> AnswerView:
    name = answer.validity.name.lower().replace("_", "-")
    return AnswerView(name, answer.validity.code, [_result_view(record, day, show) for record in answer.records])


def _result_view(record: Record, day: date, show: Callable[[str], str]) -> ResultView:
    person, card, cover = record.person, record.card, record.cover
    day = record.nearest_true_day(day)
    return ResultView(
        name=show(person.name),
        kana=person.kana,
        sex=person.sex,
        birthdate=person.birthdate,
        address=None if "address" in cover.hidden else show(person.address),
        post_number=None if "post_number" in cover.hidden else person.post_number,
        insurer_number=card.insurer.number,
        insurer_name=card.insurer.name,
        symbol=card.symbol,
        number=card.number,
        branch=card.branch,
        relation="self" if cover.relation is Relation.SELF else "family",
        valid_from=record.acquired_on or record.valid_from,
        lost_on=record.lost_on,
        loss_reason=record.loss_reason.value if record.loss_reason else None,
        copay_percent=ratio_percent(record, day),
        limit_band=limit_certificate(record, day).band,
        subsidies=tuple(subsidy.name for subsidy in cover.subsidies),
    )

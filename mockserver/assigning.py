"""Who is given which pattern: the story set into a person's life, and the assignments that stand for all clinics."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from mockserver.clinics import Assignment
from mockserver.eligibility.population import Country
from mockserver.eligibility.records import LossReason, Record, known_at
from mockserver.scenarios.own import OwnPerson
from mockserver.scenarios.scenario import END_OF_TIME, Cast, Scenario, Story, ends

_MOST_KEPT = 10_000  # assignments that stand for all, by start; told anew when they were thrown away
Number = tuple[str, str]


class Patient(Struct, frozen=True):
    """Somebody who can be given a pattern: an identity, and the cast around them."""

    holder: str
    cast: Cast


class Role(Struct, frozen=True):
    """A pattern somebody plays in every clinic that gave them none. `start`: that of the clinic's stories if not given.

    `patient` makes who it is from the first day of the story and that of the clinic's others; `country` is where they
    live (none: wherever); `numbers` are all under which they may be asked for, whatever the day.
    """

    id: int
    scenario: Scenario
    patient: Callable[[date, date], Patient]
    numbers: frozenset[Number]
    start: date | None = None
    country: Country | None = None


class Standing:
    """What holds for all clinics: people of a tester's own by id, and who plays what. Never changed, only replaced."""

    def __init__(self, people: tuple[OwnPerson, ...] = (), roles: tuple[Role, ...] = ()) -> None:
        self.people = {own.id: own for own in people}
        self.by_number: dict[Number, list[Role]] = {}
        self._by_card: dict[Number, list[OwnPerson]] = {}
        self._insurers = {own.card.insurer.key for own in people}
        self._kept: OrderedDict[tuple[int, date], Assignment] = OrderedDict()
        for role in roles:
            for number in role.numbers:
                self.by_number.setdefault(number, []).append(role)
        for own in people:
            self._by_card.setdefault((own.card.insurer.key, own.card.number), []).append(own)

    def insures(self, insurer_key: str) -> bool:
        """Whether somebody of a tester's own is insured by an insurer."""
        return insurer_key in self._insurers

    def named(self, insurer_key: str, number: str) -> list[OwnPerson]:
        """The people of a tester's own whose card has a number."""
        return self._by_card.get((insurer_key, number), [])

    def assignments(self, number: Number, start: date, country: Country) -> Iterator[Assignment]:
        """The assignments under a number, in a clinic of a country whose stories begin on a day."""
        for role in self.by_number.get(number, ()):
            if role.country in (None, country):
                yield self._assignment(role, start)

    def _assignment(self, role: Role, opened: date) -> Assignment:
        kept = self._kept.get((role.id, opened))
        if kept is None:
            kept = self._kept[role.id, opened] = assigned_role(role, opened)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return kept


NOBODY_ELSE = Standing()


def assigned_role(role: Role, opened: date) -> Assignment:
    """The assignment of a role where stories begin on a day."""
    return assignment_of(role.patient(role.start or opened, opened), role.scenario, role.id)


def numbers_of(assignment: Assignment, cast: Cast) -> frozenset[Number]:
    """Every number under which a story, or another of the same person, may be asked about, whatever the day."""
    story = assignment.story
    told = {record.card for record in (*story.register, *story.reality, *cast.elsewhere)}
    cards = told | {cast.card, cast.next_card, cast.elderly_card, cast.assistance_card}
    cards |= {card for card, _ in assignment.asked}
    return frozenset((card.insurer.key, card.number) for card in cards)


def assignment_of(patient: Patient, scenario: Scenario, number: int) -> Assignment:
    """The assignment that gives a patient a pattern, with all numbers under which the story may be asked."""
    cast = patient.cast
    told = scenario.story(cast)
    story = _lived(told, patient)
    own = cast.record()
    asked = {(cast.card, cast.person.birthdate): None}
    for record in told.register + told.reality:
        asked[record.found_by or (record.card, record.person.birthdate)] = None
    return Assignment(number, patient.holder, scenario, cast.start, own, story, tuple(asked))


def _lived(story: Story, patient: Patient) -> Story:
    """A story, with its acts, set into the patient's life."""
    truth = None if story.truth is None else _lived_on(story.truth, patient)
    acts = tuple(replace(act, story=_lived(act.story, patient)) for act in story.acts)
    return replace(story, register=_lived_on(story.register, patient), truth=truth, acts=acts)


def _lived_on(records: tuple[Record, ...], patient: Patient) -> tuple[Record, ...]:
    """A story set into the patient's life: under the patient's own name, ended by age, with what was before and after."""
    cast = patient.cast
    names = {"patient": patient.holder, cast.worker_holder: cast.worker_holder}
    named = [replace(r, holder=names.get(r.holder, f"{patient.holder}-{r.holder}")) for r in records]
    cards = {record.card for record in named if record.holder == patient.holder}
    open_ended = [r for r in known_at(named, END_OF_TIME) if r.holder == patient.holder and r.lost_on is None]
    ended = [
        ends(record, cast.ends_on, reason=LossReason.OTHER_INSURANCE)
        for record in open_ended
        if cast.ends_on and record.valid_from < cast.ends_on
    ]
    around = (replace(r, period=f"ordinary {r.period}") for r in cast.elsewhere if r.card not in cards)
    return (*named, *ended, *around)

"""A playbook is played: people, patterns and faults that hold for all clinics, and clinics set up as it says.

Taken up whole, in one go: what did not change since the last time stays as it is, with all that happened since.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, NamedTuple

from mockserver.assigning import NOBODY_ELSE, Patient, Role, Standing, assignment_of, numbers_of
from mockserver.choosing import deny_misfit, scenario_of
from mockserver.control import Control
from mockserver.denial import Denial
from mockserver.exchange import Exchange
from mockserver.faulting import Faulting
from mockserver.playbook.document import Path
from mockserver.playbook.gathering import Remark
from mockserver.playbook.resolving import ClinicPlan, Playbook, resolve
from mockserver.scenarios.casting import ready_of
from mockserver.scenarios.valid import Valid
from mockserver.settings import Settings
from mockserver.views import ClinicChange, Identity, NewAssignment
from mockserver.whom import inquiry_of, own_person, resident_at

EMPTY = Playbook()


class Stage:
    """Where the playbook of an exchange is played. Every `now` is the real moment."""

    def __init__(self, exchange: Exchange) -> None:
        self.playbook = EMPTY
        self._exchange = exchange
        self._control = Control(exchange)
        self._faulting = Faulting(exchange)
        self._rules: list[str] = []
        self._remarks: list[Remark] = []

    def take_up(self, playbook: Playbook, now: datetime) -> tuple[Remark, ...]:
        """Play a playbook in place of the last one; what could not be played is told."""
        before, self.playbook, self._remarks = self.playbook, playbook, []
        if (before.people, before.assignments) != (playbook.people, playbook.assignments):
            self._exchange.register.standing = NOBODY_ELSE
            self._exchange.register.standing = Standing(playbook.people)  # among whom the assignments are made
            self._exchange.register.standing = Standing(playbook.people, tuple(self._roles(playbook, now)))
        if _faults_for_all(before) != _faults_for_all(playbook):
            self._set_faults(playbook, now)
        for code in before.clinics.keys() - playbook.clinics.keys():
            self._exchange.reset(code)
        for code, plan in playbook.clinics.items():
            if before.clinics.get(code) != plan:
                self._exchange.reset(code)
                self._set_up(plan, now)
        return tuple(self._remarks)

    def again(self, code: str, now: datetime) -> None:
        """Set a clinic up anew that was reset, if the playbook has one of that code."""
        plan = self.playbook.clinics.get(code)
        if plan:
            self._set_up(plan, now)

    def _set_faults(self, playbook: Playbook, now: datetime) -> None:
        rules = self._exchange.fates.rules
        rules[:] = [rule for rule in rules if rule.id not in self._rules]
        others = {rule.id for rule in rules}
        self._add_faults(None, playbook, (), now)
        self._rules = [rule.id for rule in rules if rule.id not in others]

    def _add_faults(self, code: str | None, plan: Playbook | ClinicPlan, path: Path, now: datetime) -> None:
        for index, fault in enumerate(plan.faults):
            with self._told((*path, "faults", index)):
                self._faulting.add(code, fault, now)
        for index, timeline in enumerate(plan.timelines):
            with self._told((*path, "timelines", index)):
                self._faulting.add_timeline(code, timeline, now)

    def _set_up(self, plan: ClinicPlan, now: datetime) -> None:
        code, path = plan.code, ("clinics", plan.code)
        sandbox = self._exchange.clinics.open(code, now)
        sandbox.name, sandbox.is_kept = plan.name, True
        self._control.change_clinic(code, ClinicChange(plan.seed), now)
        if plan.clock:
            with self._told((*path, "clock")):
                self._control.change_clock(code, plan.clock, now)
        for index, new in enumerate(plan.assignments):
            with self._told((*path, "assignments", index)):
                given = len(sandbox.assignments)
                self._control.assign(code, new, now)
                if len(sandbox.assignments) == given:
                    raise _given_twice()
        self._add_faults(code, plan, path, now)

    def _roles(self, playbook: Playbook, now: datetime) -> Iterator[Role]:
        """Whoever is given a pattern plays that; the others of one's own are simply insured."""
        playing: dict[str, Role] = {}
        for index, new in enumerate(playbook.assignments):
            with self._told(("assignments", index)):
                holder, role = self._role(len(playing), new, now)
                if holder in playing:
                    raise _given_twice()
                playing[holder] = role
        yield from playing.values()
        idle = (own for own in playbook.people if own.holder not in playing)
        for number, own in enumerate(idle, start=len(playing)):
            with self._told((own.id, "people")):
                yield self._role(number, NewAssignment(Valid.pattern_id(), own.id), now)[1]

    def _role(self, number: int, new: NewAssignment, now: datetime) -> tuple[str, Role]:
        """A pattern for all clinics, and whose it is."""
        scenario, opened = scenario_of(new), self._exchange.story_start(None, now)
        whose = self._whose(new, opened)
        patient = whose(new.start or opened, opened)
        deny_misfit(scenario, patient)
        numbers = numbers_of(assignment_of(patient, scenario, number), patient.cast)
        is_of_population = patient.holder.isdecimal()
        country = self._exchange.register.country_of(None) if is_of_population else None
        return patient.holder, Role(number, scenario, whose, numbers, new.start, country)

    def _whose(self, new: NewAssignment, opened: date) -> Callable[[date, date], Patient]:
        """Who is given a pattern, wherever their stories begin; an identity is looked up once."""
        register, person = self._exchange.register, new.person
        if isinstance(person, str):
            named = own_person(self._exchange, person)
            return lambda start, _: register.own_patient(named, start)
        patient = self._control.patient_of(person, None, new.start or opened, opened)
        ready = ready_of(inquiry_of(person, opened)) if isinstance(person, Identity) else None
        if ready and patient.holder == register.ready_patient(ready, opened, opened).holder:
            return lambda start, opened: register.ready_patient(ready, start, opened)
        if patient.holder.isdecimal():
            resident = resident_at(register.country_of(None), int(patient.holder))
            return lambda start, _: register.resident_patient(resident, None, start)
        own = next(own for own in register.standing.people.values() if own.holder == patient.holder)
        return lambda start, _: register.own_patient(own, start)

    @contextmanager
    def _told(self, path: Path) -> Iterator[None]:
        """Where something cannot be played, say so at its place."""
        try:
            yield
        except Denial as denial:
            self._remarks.append(self.playbook.origins[path].denial(denial.japanese, denial.english))


def _faults_for_all(playbook: Playbook) -> tuple[Any, ...]:
    """What the fault rules for all clinics hang on: they hit people by number."""
    whose = {fault.person for fault in playbook.faults if isinstance(fault.person, str)}
    return playbook.faults, playbook.timelines, [own for own in playbook.people if own.id in whose]


def _given_twice() -> Denial:
    return Denial(409, "同じ人に2つのパターンが割り当てられています", "the same person is given two patterns")


class Rehearsal(NamedTuple):
    """A playbook, and all that is wrong with it: without remarks it can be played."""

    playbook: Playbook
    remarks: tuple[Remark, ...]


def rehearse(files: Mapping[str, bytes], settings: Settings, opened_at: datetime) -> Rehearsal:
    """Read the files of a folder and play them once on a mock of their own, which nobody asks."""
    exchange = Exchange(settings, opened_at)
    playbook, remarks = resolve(files, exchange.register.insurer)
    return Rehearsal(playbook, remarks or Stage(exchange).take_up(playbook, opened_at))

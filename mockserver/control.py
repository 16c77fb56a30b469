"""What a tester may do with a clinic: its clock, its stories, its seed, and the truth. No transport in here."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any

import msgspec

from mockserver.assigning import Patient, assignment_of
from mockserver.choosing import converted, deny_misfit, pattern_of, scenario_of
from mockserver.clinics import Sandbox, TooMany
from mockserver.clock import ClinicClock
from mockserver.denial import Denial
from mockserver.eligibility.numbering import institution_code
from mockserver.eligibility.residents import Resident
from mockserver.exchange import Exchange
from mockserver.scenarios.scenario import Scenario
from mockserver.scenarios.valid import Valid
from mockserver.views import (
    AssignmentView,
    ClinicChange,
    ClinicView,
    ClockChange,
    ClockView,
    Identity,
    NewAssignment,
    NewClinic,
    PatientView,
    PeopleQuery,
    PeopleView,
    TruthQuery,
    TruthView,
    answer_view,
    assignment_view,
    forgotten_in_words,
    patient_view,
)
from mockserver.whom import inquiry_of, own_person, resident_at
from mockserver.wire.refusals import quote

_CLINICS = 1_000_000
_MOST_DRAWN = 100_000


class Control:
    """Steers the sandboxes of an exchange. Every `now` is the real moment."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def clinic(self, code: str, now: datetime) -> ClinicView:
        """What a clinic has set up; nothing, if nobody did."""
        sandbox = self._exchange.clinics.find(code, now)
        assignments = sandbox.assignments.values() if sandbox else ()
        today = self._moment(sandbox, now).date()
        seed = self._exchange.register.country_of(sandbox).seed
        views = [assignment_view(assignment, today, code) for assignment in assignments]
        forgotten = self._exchange.clinics.forgotten(code)
        return ClinicView(code, self._clock_view(sandbox, now), seed, views, forgotten)

    def new_clinic(self, new: NewClinic, now: datetime) -> ClinicView:
        """A clinic nobody uses: drawn from its name, or in turn; the next free one where that is in use."""
        clinics = self._exchange.clinics
        number = 0 if new.name else clinics.next_number()
        code = next(code for code in test_clinics(new, number) if not clinics.is_used(code))
        return self.begin_clinic(code, new, now)

    def begin_clinic(self, code: str, new: NewClinic, now: datetime) -> ClinicView:
        """The clinic of a code, for somebody else than whoever had it before."""
        self._exchange.reset(code)
        sandbox = self._exchange.clinics.open(code, now)
        sandbox.name, sandbox.seed = new.name, new.seed
        return self.clinic(code, now)

    def people(self, code: str, query: PeopleQuery, now: datetime) -> PeopleView:
        """People of a clinic's country whom a pattern fits, other ones at each call, the same after each reset."""
        sandbox = self._exchange.clinics.open(code, now)
        today, plays = self._moment(sandbox, now).date(), _plays(query)
        found: list[PatientView] = []
        while len(found) < query.count:
            resident = self._next_person(code, sandbox)
            patient = self._exchange.register.resident_patient(resident, sandbox, today)
            if str(resident.index) not in sandbox.assignments and any(
                one.misfit(patient.cast) is None for one in plays
            ):
                found.append(patient_view(resident, today, code))
        return PeopleView(found)

    def _next_person(self, code: str, sandbox: Sandbox) -> Resident:
        country, turn = self._exchange.register.country_of(sandbox), sandbox.count("person")
        if turn > _MOST_DRAWN:
            raise Denial(409, "該当する人が見つかりません", "nobody was found whom the pattern fits")
        drawn = blake2b(f"{sandbox.name or code} {turn}".encode(), digest_size=8).digest()
        return country.resident(int.from_bytes(drawn, "little") % country.people)

    def change_clinic(self, code: str, change: ClinicChange, now: datetime) -> ClinicView:
        """Give a clinic a country of its own. What hung on people of the former one is dropped."""
        sandbox = self._exchange.clinics.open(code, now)
        if change.seed != sandbox.seed:
            sandbox.forget_people()
        sandbox.seed = change.seed
        return self.clinic(code, now)

    def change_clock(self, code: str, change: ClockChange, now: datetime) -> ClockView:
        """Set a clinic's clock. The first time, its stories are pinned to a first day, so that they can be walked."""
        found = self._exchange.clinics.find(code, now)
        clock = _changed(found.clock if found else ClinicClock(), change, now)
        sandbox = self._exchange.clinics.open(code, now)
        before = self._moment(sandbox, now)
        sandbox.clock = clock
        if change.real:
            sandbox.story_start = None
        elif sandbox.story_start is None:
            after = self._moment(sandbox, now)
            sandbox.story_start = after.date() if change.now else self._exchange.story_start(None, before)
        return self._clock_view(sandbox, now)

    def assign(self, code: str, new: NewAssignment, now: datetime) -> AssignmentView:
        """Give a person a pattern, for one clinic, if there is room in all of them."""
        self.deny_full()
        return self.give(code, new, now)

    def deny_full(self) -> None:
        """Denial where all clinics together have as many assignments as they may."""
        most = self._exchange.settings.max_assignments_total
        if self._exchange.clinics.assignments() >= most:
            raise Denial(409, f"割り当ては全体で{most}件までです", f"at most {most} assignments in all clinics")

    def give(self, code: str, new: NewAssignment, now: datetime) -> AssignmentView:
        """Give a person a pattern, for one clinic. The story begins on `start`, today if not given."""
        scenario = scenario_of(new)
        sandbox = self._exchange.clinics.find(code, now)
        moment = self._moment(sandbox, now)
        today, opened = moment.date(), self._exchange.story_start(sandbox, moment)
        patient = self.patient_of(new.person, sandbox, new.start or today, opened)
        deny_misfit(scenario, patient)
        sandbox = self._exchange.clinics.open(code, now)
        assignment = assignment_of(patient, scenario, sandbox.next_id())
        try:
            sandbox.assign(assignment)
        except TooMany as error:
            most = error.most
            raise Denial(
                409, f"割り当ては1医療機関につき{most}件までです", f"at most {most} assignments a clinic"
            ) from None
        return assignment_view(assignment, today, code)

    def unassign(self, code: str, number: int, now: datetime) -> None:
        """Take an assignment back."""
        sandbox = self._exchange.clinics.find(code, now)
        holders = [a.holder for a in sandbox.assignments.values() if a.id == number] if sandbox else []
        if not sandbox or not holders:
            raise missing(self._exchange, code, f"割り当て {number} はありません", f"there is no assignment {number}")
        sandbox.unassign(holders[0])

    def truth(self, code: str, asked: TruthQuery, now: datetime) -> TruthView:
        """What is really so for a card on a day (today if not given), beside what the backend says now."""
        sandbox = self._exchange.clinics.find(code, now)
        moment = self._moment(sandbox, now)
        inquiry = inquiry_of(asked, asked.day or moment.date())
        register, start = self._exchange.register, self._exchange.story_start(sandbox, moment)
        found = register.find(inquiry, sandbox, start, moment)
        backend = register.said(inquiry, found, moment)
        truth = register.truth(inquiry, sandbox, start)
        show = self._exchange.repertoire.show
        return TruthView(
            found.pattern,
            moment,
            inquiry.day,
            answer_view(truth, inquiry.day, lambda text: text),
            answer_view(backend, inquiry.day, show),
        )

    def patient_of(self, person: int | str | Identity, sandbox: Sandbox | None, start: date, opened: date) -> Patient:
        """Who is meant, with the cast of a story from `start` on where others begin when `opened`. Denial for nobody."""
        register = self._exchange.register
        if isinstance(person, int):
            return register.resident_patient(resident_at(register.country_of(sandbox), person), sandbox, start)
        if isinstance(person, str):
            return register.own_patient(own_person(self._exchange, person), start)
        patient = register.patient(inquiry_of(person, start), sandbox, start, opened)
        if patient is None:
            raise Denial(
                404,
                "その番号と生年月日では該当者を1人に特定できません。`mockserver patients` の番号を使ってください",
                "no single person has this number and birth date; take one from `mockserver patients`",
            )
        return patient

    def _moment(self, sandbox: Sandbox | None, now: datetime) -> datetime:
        return sandbox.clock.moment(now) if sandbox else now

    def _clock_view(self, sandbox: Sandbox | None, now: datetime) -> ClockView:
        moment = self._moment(sandbox, now)
        clock = sandbox.clock if sandbox else ClinicClock()
        mode = "frozen" if clock.frozen_at else "shifted" if clock.shift else "real"
        return ClockView(moment, mode, self._exchange.story_start(sandbox, moment))


def missing(exchange: Exchange, code: str, japanese: str, english: str) -> Denial:
    """That a clinic has no such thing, with the reason where its set-up was forgotten."""
    forgotten = exchange.clinics.forgotten(code)
    if forgotten is None:
        return Denial(404, japanese, english)
    told = forgotten_in_words(forgotten)
    return Denial(404, f"{japanese}。{told[0]}", f"{english}; {told[1]}")


def _changed(clock: ClinicClock, change: ClockChange, now: datetime) -> ClinicClock:
    steps = (change.advance_days, change.advance_seconds)
    ways = (change.now is not None) + change.real + (steps != (None, None))
    if ways != 1:
        raise Denial(
            400,
            "now、advance_days（advance_seconds）、real のどれか1つを指定してください",
            "expected exactly one of now, advance_days (advance_seconds), real",
        )
    if change.real:
        return ClinicClock()
    try:
        if change.now is None:
            return clock.advance(timedelta(days=steps[0] or 0, seconds=steps[1] or 0), now)
        if change.now.tzinfo is None:
            raise Denial(
                400,
                "now には時差を付けてください（例 2025-12-01T09:00:00+09:00）",
                "now: expected an offset, as in 2025-12-01T09:00:00+09:00",
            )
        return clock.travel(change.now, now) if change.running else clock.freeze(change.now)
    except (ValueError, OverflowError):
        raise Denial(400, "時計は1950年から2199年までです", "the clock runs from 1950 to 2199") from None


def test_clinics(new: NewClinic, number: int) -> Iterator[str]:
    """The codes for a clinic in the order in which they are tried; `number` counts those without a name."""
    drawn = blake2b((new.name or f" {number}").encode(), digest_size=8).digest()
    first = int.from_bytes(drawn, "little")
    return (_test_clinic(first + step) for step in range(_CLINICS))


def _test_clinic(number: int) -> str:
    """One of the codes for tests: of a prefecture that does not exist, so that nobody else's is taken."""
    return institution_code(99, 1, number % _CLINICS)


def _plays(query: PeopleQuery) -> list[Scenario]:
    """What people are to fit: a pattern with its parameters, or as one of its ready people plays it."""
    pattern = pattern_of(query.pattern) if query.pattern else Valid
    if query.parameters is None:
        return [ready.plays for ready in pattern.people]
    try:
        parameters = msgspec.json.decode(query.parameters, type=dict[str, Any])
    except msgspec.MsgspecError:
        found = quote(query.parameters)
        raise Denial(
            400,
            f"parameters の値 {found} が正しくありません。JSON のオブジェクトを指定してください",
            f"parameters: found {found}, expected a JSON object",
        ) from None
    return [converted(parameters, pattern)]

"""The register: everybody and who plays what, asked by number at a moment."""

from datetime import date, datetime

from msgspec import Struct

from mockserver.clinics import Assignment, Sandbox
from mockserver.eligibility.population import Country, life
from mockserver.eligibility.records import Answer, Card, Inquiry, Record, Rules, look_up
from mockserver.eligibility.residents import Resident
from mockserver.eligibility.text import Repertoire
from mockserver.scenarios.casting import cast_by_rule, cast_ready, cast_resident, ready_of
from mockserver.scenarios.reserved import BY_READY, BY_RULE
from mockserver.scenarios.scenario import END_OF_TIME, Cast, Scenario, Story

ORDINARY, UNKNOWN = "ordinary", "unknown"  # instead of a pattern's id: a person without one, nobody


class Found(Struct, frozen=True):
    """What the register knows of an inquiry: the pattern, what it was told, and what is really so."""

    pattern: str
    records: tuple[Record, ...]
    reality: tuple[Record, ...]


class Patient(Struct, frozen=True):
    """Somebody who can be given a pattern: an identity, and the cast around them."""

    holder: str
    cast: Cast


class Register:
    """Answers inquiries for a clinic (its sandbox, if it has one) from the whole country."""

    def __init__(self, country: Country, repertoire: Repertoire, rules: Rules) -> None:
        self._country = country
        self._repertoire = repertoire
        self._rules = rules

    def country_of(self, sandbox: Sandbox | None) -> Country:
        """The country of a clinic: the server's, or that of the clinic's own seed."""
        if sandbox is None or sandbox.seed is None:
            return self._country
        return Country(sandbox.seed, self._country.people)

    def answer(self, inquiry: Inquiry, sandbox: Sandbox | None, start: date, moment: datetime) -> tuple[str, Answer]:
        """What the backend says at a moment: the pattern that was met, and the answer."""
        found = self.find(inquiry, sandbox, start, moment)
        return found.pattern, self.said(inquiry, found, moment)

    def said(self, inquiry: Inquiry, found: Found, moment: datetime) -> Answer:
        """What the backend says at a moment from what was found."""
        return look_up(found.records, inquiry, moment, self._rules)

    def truth(self, inquiry: Inquiry, found: Found) -> Answer:
        """What is really so."""
        return look_up(found.reality, inquiry, END_OF_TIME, self._rules)

    def find(self, inquiry: Inquiry, sandbox: Sandbox | None, start: date, moment: datetime) -> Found:
        """Whose records an inquiry leads to."""
        assigned = sandbox.by_number.get((inquiry.insurer_key, inquiry.number), ()) if sandbox else ()
        if assigned:
            return self._assigned(inquiry, sandbox, assigned, start, moment)
        return self._unassigned(inquiry, sandbox, start, moment)

    def patient(self, inquiry: Inquiry, sandbox: Sandbox | None, start: date) -> Patient | None:
        """Who may be given a pattern under a number and birth date: one of the population or a ready person."""
        ready = ready_of(inquiry)
        if ready:
            cast = cast_ready(ready, start, self._repertoire)
            return Patient(f"ready-{ready.code}", cast) if cast.person.birthdate == inquiry.birthdate else None
        country = self.country_of(sandbox)
        residents = [r for r in country.residents(inquiry) if _has_branch(r, inquiry)]
        return self.resident_patient(residents[0], sandbox, start) if len(residents) == 1 else None

    def resident_patient(self, resident: Resident, sandbox: Sandbox | None, start: date) -> Patient:
        """A person of the population as somebody who can be given a pattern."""
        cast = cast_resident(resident, start, self.country_of(sandbox), self._repertoire)
        return Patient(str(resident.index), cast)

    def _assigned(
        self,
        inquiry: Inquiry,
        sandbox: Sandbox | None,
        assigned: list[Assignment],
        start: date,
        moment: datetime,
    ) -> Found:
        """Those with a pattern under this number, and beside them who has none (brothers, sisters, the worker)."""
        playing = [a for a in assigned if a.own.is_asked_by(inquiry) or _tells_of(a.story, inquiry)]
        others = self._unassigned(inquiry, sandbox, start, moment)
        if not playing:
            return others
        replaced = {"patient", *(assignment.holder for assignment in playing)}
        rest = tuple(record for record in others.records if record.holder not in replaced)
        records = tuple(record for a in playing for record in a.story.register)
        reality = tuple(record for a in playing for record in a.story.reality)
        return Found(playing[0].scenario.pattern_id(), records + rest, reality + rest)

    def _unassigned(self, inquiry: Inquiry, sandbox: Sandbox | None, start: date, moment: datetime) -> Found:
        key = inquiry.insurer_key
        if key in BY_READY:
            ready = ready_of(inquiry)
            return _told(ready.plays, cast_ready(ready, start, self._repertoire)) if ready else _NOBODY
        country = self.country_of(sandbox)
        if key in BY_RULE:
            chosen = cast_by_rule(inquiry, start, country, self._repertoire)
            return _told(chosen[0].plays, chosen[1]) if chosen else _NOBODY
        residents = country.residents(inquiry)
        if not residents:
            return _NOBODY
        records = tuple(record for r in residents for record in life(r, moment.date()))
        return Found(ORDINARY, records, records)


_NOBODY = Found(UNKNOWN, (), ())


def assignment_of(patient: Patient, scenario: Scenario, number: int) -> Assignment:
    """The assignment that gives a patient a pattern, with all numbers under which the story may be asked."""
    cast = patient.cast
    story = scenario.story(cast)
    cards: dict[Card, None] = {cast.card: None}
    for record in story.register + story.reality:
        cards[record.found_by[0] if record.found_by else record.card] = None
    return Assignment(number, patient.holder, scenario, cast.start, cast.record(), story, tuple(cards))


def _told(scenario: Scenario, cast: Cast) -> Found:
    story = scenario.story(cast)
    return Found(scenario.pattern_id(), story.register, story.reality)


def _tells_of(story: Story, inquiry: Inquiry) -> bool:
    return any(record.is_asked_by(inquiry) for record in story.register + story.reality)


def _has_branch(resident: Resident, inquiry: Inquiry) -> bool:
    branches = (resident.card.branch, None)
    return inquiry.branch is None or inquiry.branch in branches

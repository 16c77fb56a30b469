"""The register: everybody and who plays what, asked by number at a moment."""

from datetime import date, datetime
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from mockserver.assigning import NOBODY_ELSE, Patient
from mockserver.clinics import OFTEN, Assignment, Sandbox
from mockserver.eligibility.chips import Chip
from mockserver.eligibility.population import Country, life
from mockserver.eligibility.records import (
    Answer,
    Card,
    Inquiry,
    Insurer,
    Record,
    Rules,
    known_at,
    look_up,
    look_up_holder,
)
from mockserver.eligibility.residents import Resident
from mockserver.eligibility.text import Repertoire
from mockserver.scenarios.casting import cast_by_rule, cast_ready, cast_resident, person_of, ready_of
from mockserver.scenarios.own import OwnPerson, cast_own
from mockserver.scenarios.reserved import BY_READY, BY_RULE
from mockserver.scenarios.scenario import CLEAR, END_OF_TIME, SOUND_CHIP, Cast, Ready, Scenario, Story, Way

_ANY_BIRTHDATE = date(1980, 1, 1)  # by rule a number is a person only together with a birth date
ORDINARY, UNKNOWN = "ordinary", "unknown"  # instead of a pattern's id: a person without one, nobody


class CardNumber(NamedTuple):
    """A card without the person: insurer key (no padding), symbol and branch (None: any), number."""

    insurer_key: str
    symbol: str | None
    number: str
    branch: str | None


class Found(Struct, frozen=True, gc=False):
    """What the register knows of an inquiry: the pattern, what it was told, and what is really so.

    `own` is the ordinary record of whose story it is (none: no story), `chip` that person's card, `way` what happens to
    the answer, `counts_look_ups` whether the story goes on with each look-up.
    """

    pattern: str
    records: tuple[Record, ...]
    reality: tuple[Record, ...]
    own: Record | None = None
    chip: Chip = SOUND_CHIP
    way: Way = CLEAR
    counts_look_ups: bool = False


class Held(Struct, frozen=True):
    """A card in somebody's hand: what stays the same when the insurance changes, the chip, what the backend says to it."""

    person: str
    chip: Chip
    answer: Answer


class Situation(Struct, frozen=True, gc=False):
    """All that the answer to an inquiry hangs on: country, start of the stories, moment, assignments, earlier look-ups."""

    country: Country
    start: date
    moment: datetime
    assigned: tuple[Assignment, ...] = ()
    look_ups: int = 0


class Register:
    """Answers inquiries for a clinic (its sandbox, if it has one) from the whole country.

    `standing` are the people and patterns that hold for all clinics; it is replaced as a whole.
    """

    def __init__(self, country: Country, repertoire: Repertoire, rules: Rules) -> None:
        self._country = country
        self._repertoire = repertoire
        self._rules = rules
        self.standing = NOBODY_ELSE
        self._last_plain: Situation | None = None

    def country_of(self, sandbox: Sandbox | None) -> Country:
        """The country of a clinic: the server's, or that of the clinic's own seed."""
        if sandbox is None or sandbox.seed is None:
            return self._country
        return Country(sandbox.seed, self._country.people)

    def insurer(self, key: str) -> Insurer | None:
        """An insurer of the country, of the ready people or of the rule, by its key."""
        enrolment = self._country.directory.by_key.get(key)
        return enrolment.insurer if enrolment else BY_READY.get(key) or BY_RULE.get(key)

    def said(self, inquiry: Inquiry, found: Found, moment: datetime) -> Answer:
        """What the backend says at a moment from what was found."""
        return look_up(found.records, inquiry, moment, self._rules)

    def truth(self, inquiry: Inquiry, sandbox: Sandbox | None, start: date) -> Answer:
        """What is really so, as known at the end of time."""
        assigned = self.assigned(inquiry, sandbox, start)
        at_the_end = Situation(self.country_of(sandbox), start, END_OF_TIME, assigned, OFTEN)
        return look_up(self.found(inquiry, at_the_end).reality, inquiry, END_OF_TIME, self._rules)

    def find(self, inquiry: Inquiry, sandbox: Sandbox | None, start: date, moment: datetime) -> Found:
        """Whose records an inquiry of a clinic leads to."""
        return self.found(inquiry, self.situation(inquiry, sandbox, start, moment))

    def situation(self, inquiry: Inquiry, sandbox: Sandbox | None, start: date, moment: datetime) -> Situation:
        """What the answer to an inquiry of a clinic hangs on."""
        if sandbox is None:
            assigned = self.assigned(inquiry, None, start)
            return Situation(self._country, start, moment, assigned) if assigned else self._plain(start, moment)
        look_ups = sandbox.inquiries((inquiry.insurer_key, inquiry.number))
        return Situation(self.country_of(sandbox), start, moment, self.assigned(inquiry, sandbox, start), look_ups)

    def _plain(self, start: date, moment: datetime) -> Situation:
        """The situation where nobody set anything up: the same for all look-ups that are answered together."""
        held = self._last_plain
        if held is None or held.moment is not moment or held.start != start:
            held = self._last_plain = Situation(self._country, start, moment)
        return held

    def assigned(self, inquiry: Inquiry, sandbox: Sandbox | None, start: date) -> tuple[Assignment, ...]:
        """The assignments of a clinic in whose stories a number plays, and those that stand for all."""
        key = inquiry.insurer_key, inquiry.number
        own = tuple(sandbox.by_number.get(key, ())) if sandbox else ()
        if key not in self.standing.by_number:
            return own
        taken = sandbox.assignments if sandbox else {}
        standing = self.standing.assignments(key, start, self.country_of(sandbox))
        return own + tuple(assignment for assignment in standing if assignment.holder not in taken)

    def found(self, inquiry: Inquiry, situation: Situation) -> Found:
        """Whose records an inquiry leads to: the same for the same situation, whenever it is asked."""
        if situation.assigned:
            return self._assigned(inquiry, situation)
        return self._unassigned(inquiry, situation)

    def whose(self, inquiry: Inquiry, found: Found) -> str | None:
        """Who an inquiry is about, whatever number the insurance has; None where it names nobody."""
        holder = _holder(inquiry, found)
        if holder is None:
            return None
        return person_of(inquiry.insurer_key, inquiry.number, inquiry.birthdate, holder)

    def named(self, card: CardNumber, sandbox: Sandbox | None, start: date, moment: datetime) -> list[Record]:
        """The records known at a moment under a number, whatever the birth date; symbol and branch may be left open."""
        inquiry = Inquiry(card.insurer_key, card.symbol, card.number, card.branch, _ANY_BIRTHDATE, moment.date())
        key, situation = inquiry.insurer_key, self.situation(inquiry, sandbox, start, moment)
        records: list[Record] = []
        for assignment in situation.assigned:
            records += assignment.story.played(moment, situation.look_ups).register
        playing = {holder for a in situation.assigned for holder in (a.holder, *(r.holder for r in a.story.register))}
        if key in BY_READY or key in BY_RULE:
            others = self._unassigned(inquiry, situation).records
        else:
            members = situation.country.members(key, inquiry.number)
            others = tuple(record for member in members for record in life(member, moment.date()))
        records += [record for record in others if record.holder not in playing]
        return [
            record
            for record in known_at(records, moment)
            if _number_of(record).is_named_by(replace(inquiry, symbol=card.symbol or _number_of(record).symbol))
        ]

    def by_card(self, inquiry: Inquiry, found: Found, moment: datetime) -> Held | None:
        """The マイナンバーカード of whom an inquiry names; None where it names nobody. The symbol may be left open."""
        holder = _holder(inquiry, found)
        if holder is None:
            return None
        chip = found.chip if found.own and holder == found.own.holder else SOUND_CHIP
        person = person_of(inquiry.insurer_key, inquiry.number, inquiry.birthdate, holder)
        return Held(person, chip, look_up_holder(found.records, holder, inquiry.day, moment))

    def patient(self, inquiry: Inquiry, sandbox: Sandbox | None, start: date, opened: date) -> Patient | None:
        """Who may be given a pattern under a number and birth date: one of the population or a ready person.

        `start` is the first day of the new story, `opened` that of the clinic's others: ready people's ages hang on it.
        """
        for own in self.standing.named(inquiry.insurer_key, inquiry.number):
            patient = self.own_patient(own, start)
            if _names(inquiry, patient.cast.record()):
                return patient
        ready = ready_of(inquiry)
        if ready:
            patient = self.ready_patient(ready, start, opened)
            return patient if _names(inquiry, patient.cast.record()) else None
        residents = [
            resident
            for resident in self.country_of(sandbox).residents(inquiry)
            if any(_names(inquiry, record) for record in life(resident, END_OF_TIME.date()))
        ]
        return self.resident_patient(residents[0], sandbox, start) if len(residents) == 1 else None

    def resident_patient(self, resident: Resident, sandbox: Sandbox | None, start: date) -> Patient:
        """A person of the population as somebody who can be given a pattern."""
        cast = cast_resident(resident, start, self.country_of(sandbox), self._repertoire)
        return Patient(str(resident.index), cast)

    def ready_patient(self, ready: Ready, start: date, opened: date) -> Patient:
        """A ready person as somebody who can be given a pattern."""
        cast = replace(cast_ready(ready, opened, self._repertoire), start=start)
        if ready.is_next:  # the pattern goes to the number that was named
            cast = replace(cast, card=cast.next_card, next_card=cast.card)
        return Patient(f"ready-{ready.code}", cast)

    def own_patient(self, own: OwnPerson, start: date) -> Patient:
        """A person of a tester's own as somebody who can be given a pattern."""
        return Patient(own.holder, cast_own(own, start, self._repertoire))

    def _assigned(self, inquiry: Inquiry, situation: Situation) -> Found:
        """Those with a pattern under this number, and beside them who has none (brothers, sisters, the worker)."""
        playing = [a for a in situation.assigned if a.own.is_asked_by(inquiry) or _tells_of(a.story, inquiry)]
        others = self._unassigned(inquiry, situation)
        if not playing:
            return others
        replaced = {"patient", "stranger", *(assignment.holder for assignment in playing)}
        rest = tuple(record for record in others.records if record.holder not in replaced)
        stories = [a.story.played(situation.moment, situation.look_ups) for a in playing]
        records = tuple(record for story in stories for record in story.register)
        reality = tuple(record for story in stories for record in story.reality)
        first, told = playing[0], stories[0]
        own = replace(first.own, holder=first.holder)
        return Found(
            first.scenario.pattern_id(),
            records + rest,
            reality + rest,
            own,
            told.chip,
            told.way,
            first.story.counts_look_ups,
        )

    def _unassigned(self, inquiry: Inquiry, situation: Situation) -> Found:
        key, start = inquiry.insurer_key, situation.start
        if key in BY_READY:
            ready = ready_of(inquiry)
            return _told(ready.plays, cast_ready(ready, start, self._repertoire), situation) if ready else _NOBODY
        if key in BY_RULE:
            chosen = cast_by_rule(inquiry, start, situation.country, self._repertoire)
            return _told(chosen[0].plays, chosen[1], situation) if chosen else _NOBODY
        residents = situation.country.residents(inquiry)
        if not residents:
            return _NOBODY
        day = situation.moment.date()
        records = life(residents[0], day)
        if len(residents) > 1:  # twins
            records = tuple(record for resident in residents for record in life(resident, day))
        return Found(ORDINARY, records, records)


_NOBODY = Found(UNKNOWN, (), ())


def card_holder(record: Record) -> str:
    """Whose card it is, whatever number the insurance has."""
    card, birthdate = record.found_by or (record.card, record.person.birthdate)
    return person_of(card.insurer.key, card.number, birthdate, record.holder)


def _number_of(record: Record) -> Card:
    """The card under which a record is found."""
    return record.found_by[0] if record.found_by else record.card


def _holder(inquiry: Inquiry, found: Found) -> str | None:
    """Whom an inquiry names among those found."""
    holder = next((r.holder for r in (*found.records, *found.reality) if _names(inquiry, r)), None)
    own = found.own
    if holder is None and own and own.person.birthdate == inquiry.birthdate:
        return own.holder  # whom the backend does not know
    return holder


def _names(inquiry: Inquiry, record: Record) -> bool:
    """Whether an inquiry names a record; who assigns a pattern need not know the symbol."""
    symbol = inquiry.symbol or record.card.symbol
    return record.is_asked_by(replace(inquiry, symbol=symbol))


def _told(scenario: Scenario, cast: Cast, situation: Situation) -> Found:
    whole = scenario.story(cast)
    story = whole.played(situation.moment, situation.look_ups)
    pattern, counts = scenario.pattern_id(), whole.counts_look_ups
    return Found(pattern, story.register, story.reality, cast.record(), story.chip, story.way, counts)


def _tells_of(story: Story, inquiry: Inquiry) -> bool:
    return any(record.is_asked_by(inquiry) for record in story.register + story.reality)

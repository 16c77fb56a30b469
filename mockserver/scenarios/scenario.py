"""What every pattern is made of: the cast that plays, the story that is told, and what is written about it.

A scenario turns a cast into a story: records with their two times. It never looks at a clock; its days are counted
from `cast.start`, the day on which the story begins.
"""

from datetime import date, datetime, timedelta
from enum import Enum
from typing import Annotated, ClassVar, Literal, NamedTuple

from msgspec import Meta, Struct
from msgspec.structs import replace

from mockserver.eligibility.calendar import ONE_DAY, birthday, midnight
from mockserver.eligibility.chips import Chip
from mockserver.eligibility.records import Card, Cover, InsurerKind, LossReason, Person, Record
from mockserver.eligibility.text import BLACK_CIRCLE, Repertoire, outside

Days = Annotated[int, Meta(ge=0, le=3650)]
Percent = Literal[10, 20, 30]
Milliseconds = Annotated[int, Meta(ge=0, le=600_000)]
_ONE_YEAR = timedelta(days=365)
FIRST_START, LAST_START = date(1950, 1, 1), date(2199, 12, 31)  # as far as a clinic's clock goes
END_OF_TIME = midnight(date(9000, 1, 1))  # as known by then, everything has been registered


class Kind(Enum):
    """Which of three different things is wrong."""

    HISTORY = "history"
    DISTORTION = "distortion"
    FAULT = "fault"


class About(Struct, frozen=True):
    """What is written about a pattern: titles, the row of the 2025 survey (None: none), and what a desk should know.

    `truth` is what is really so, `answer` what the backend says, `advice` what a good client does about it, `contact`
    who is asked for help. Source of all: patterns.md.
    """

    kind: Kind
    title_ja: str
    title_en: str
    survey_row: str | None
    truth: str
    answer: str
    advice: str
    contact: str


class Turning(Struct, frozen=True):
    """A birth date told by the start of the story: turns `years` of age `in_days` days after it."""

    years: int
    in_days: int

    def birthdate(self, start: date) -> date:
        """The birth date of who turns `years` that day."""
        return birthday(start + timedelta(days=self.in_days), -self.years)


class Aged(Struct, frozen=True):
    """A birth date told by the year in which the story starts: so many years before it, on a fixed day."""

    years: int
    month: int
    day: int

    def birthdate(self, start: date) -> date:
        """The birth date of who turns `years` in the year of the start."""
        return date(start.year - self.years, self.month, self.day)


class Misfit(NamedTuple):
    """Why a pattern could not be seen on a patient."""

    japanese: str
    english: str


NO_WORKER = "nobody"  # instead of a holder: the patient is insured by their own work
NO_JOB = Misfit("後期高齢者医療の保険者は転職では変わりません", "a job does not change the insurer of 後期高齢")


class Named(Struct, frozen=True):
    """A made-up name: family and given name, their half-width kana, sex 1 male / 2 female."""

    family_name: str
    given_name: str
    family_kana: str
    given_kana: str
    sex: Literal["1", "2"]


class Ready(Struct, frozen=True, kw_only=True):
    """A way to meet a pattern without set-up: two digits for the rule, and a named person with a fixed number.

    `pair` is the code of the same person's other number; `is_next` says that this code is the number after the change.
    """

    code: str
    variant: str
    plays: "Scenario"
    name: Named
    born: Aged | Turning
    insurer: InsurerKind = InsurerKind.ASSOCIATION
    pair: str | None = None
    is_next: bool = False
    is_worker: bool = False  # asks for the worker of the patient's household
    branch: str | None = "01"
    symbol: str | None = None  # None: the usual one of the kind


class Cast(Struct, frozen=True, kw_only=True):
    """Who plays: the patient with card and cover, the numbers they may get next, a worker and a stranger."""

    person: Person
    card: Card
    cover: Cover
    since: date
    start: date
    next_card: Card
    elderly_card: Card
    assistance_card: Card
    worker: Person
    worker_holder: str = "worker"
    stranger: Person
    stranger_card: Card
    stranger_cover: Cover
    stranger_since: date
    repertoire: Repertoire
    ends_on: date | None = None  # when the card ends by age, and what is there before and after it
    elsewhere: tuple[Record, ...] = ()

    def day(self, days: int) -> date:
        """The day so many days after the start of the story (before it, if negative)."""
        return self.start + timedelta(days=days)

    def past(self, days_ago: int) -> date:
        """The day so many days before the start, but not before the patient is a day old."""
        return max(self.day(-days_ago), self.person.birthdate + ONE_DAY)

    def since_before(self, event: date) -> date:
        """Since when the patient was insured where something happens on a day: a year before it if need be."""
        if self.since < event:
            return self.since
        return max(self.person.birthdate, event - _ONE_YEAR)

    def record(
        self,
        *,
        card: Card | None = None,
        person: Person | None = None,
        cover: Cover | None = None,
        since: date | None = None,
        known: date | None = None,
        period: str = "own",
        holder: str = "patient",
    ) -> Record:
        """The patient's insurance as registered: true from `since`, known from the morning of `known` (same day)."""
        since = since or self.since
        return Record(
            holder=holder,
            period=period,
            card=card or self.card,
            person=person or self.person,
            cover=cover or self.cover,
            valid_from=since,
            registered_at=midnight(known or since),
        )


class Way(Struct, frozen=True, kw_only=True):
    """What goes wrong on the way of an answer; a transport acts out what it can. The defaults are a way without trouble.

    In milliseconds: the answer comes later, the second half of its file later still, the whole file once more. Then:
    an `.err` file comes in its place, 処理中 is said to the first inquiries, another patient's answer comes.
    """

    late_ms: int = 0
    rest_after_ms: int = 0
    again_after_ms: int = 0
    is_error: bool = False
    processing_inquiries: int = 0
    is_swapped: bool = False


CLEAR = Way()
SOUND_CHIP = Chip()


class Act(Struct, frozen=True):
    """A story that is played for so many look-ups, or until a moment; with neither from then on."""

    story: "Story"
    look_ups: int | None = None
    until: datetime | None = None


class Story(Struct, frozen=True):
    """What the register gets to know, and what is really so where that never gets into it.

    `truth` is looked at as known at the end of time, so a story whose register ends up right needs none of its own.
    `chip` is the patient's マイナンバーカード, `way` what happens to an answer about the patient. Where there are `acts`, they
    are played one after another in place of what the register knows in all.
    """

    register: tuple[Record, ...]
    truth: tuple[Record, ...] | None = None
    chip: Chip = SOUND_CHIP
    way: Way = CLEAR
    acts: tuple[Act, ...] = ()

    def played(self, moment: datetime, look_ups: int) -> "Story":
        """The act that is on at a moment after so many look-ups; the story itself where there are no acts."""
        for act in self.acts:
            if act.look_ups is not None and look_ups >= act.look_ups:
                look_ups -= act.look_ups
            elif act.until is None or moment < act.until:
                return act.story
        return self.acts[-1].story if self.acts else self

    @property
    def counts_look_ups(self) -> bool:
        """Whether it matters how often the patient was asked for."""
        return any(act.look_ups is not None for act in self.acts)

    @property
    def reality(self) -> tuple[Record, ...]:
        """The records that tell the truth."""
        return self.register if self.truth is None else self.truth


class Scenario(Struct, frozen=True, kw_only=True, tag_field="pattern", forbid_unknown_fields=True):
    """A pattern with its parameters. Its fields are what the admin API accepts; its docstring documents them."""

    about: ClassVar[About]
    people: ClassVar[tuple[Ready, ...]]

    def story(self, cast: Cast) -> Story:
        """The histories of this pattern for a cast."""
        raise NotImplementedError

    def misfit(self, cast: Cast) -> Misfit | None:
        """Why the pattern could not be seen on this patient, or None where it can."""
        del cast
        return None

    @classmethod
    def pattern_id(cls) -> str:
        """The id of the catalogue, in kebab-case."""
        return str(cls.__struct_config__.tag)


def everything_is_shown(text: str, repertoire: Repertoire) -> Misfit | None:
    """The misfit of the ● patterns: a repertoire that holds every character."""
    if BLACK_CIRCLE in repertoire.show(outside(text, repertoire)):
        return None
    codec = repertoire.codec
    return Misfit(f"文字集合 {codec} はすべての字を表せます", f"the repertoire {codec} shows every character")


def ends(record: Record, on: date, *, known: date | None = None, reason: LossReason | None = None) -> Record:
    """The later registration of a record that says it ended: no longer insured from `on`."""
    moment: datetime = midnight(known or on)
    return replace(record, lost_on=on, loss_reason=reason, registered_at=moment)


def annulled(record: Record, known: date) -> Record:
    """The later registration which says that the period never was."""
    return replace(record, lost_on=record.valid_from, registered_at=midnight(known))

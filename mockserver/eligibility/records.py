"""Records that know two times, and the one look-up over them.

A record is *true* on some days (`valid_from` to the day before `lost_on`) and *known* from some moment (`registered_at`).
A later record of the same `period` replaces the earlier one from its moment on; before it, nothing has changed.
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from typing import Literal

from msgspec import Struct

from mockserver.eligibility.benefits import Assistance, Disease, Subsidy
from mockserver.eligibility.calendar import ONE_DAY, later
from mockserver.eligibility.numbering import insurer_key, with_check_digit
from mockserver.eligibility.text import plain, same_text


class InsurerKind(Enum):
    """Kind of insurer (保険者の種別)."""

    ASSOCIATION = "association"  # 協会けんぽ
    SOCIETY = "society"  # 組合健保
    MUTUAL_AID = "mutual-aid"  # 共済
    NATIONAL = "national"  # 国民健康保険
    ELDERLY = "elderly"  # 後期高齢者医療
    ASSISTANCE = "assistance"  # 医療扶助（生活保護）: no insurer, but asked for in the same way

    __hash__ = object.__hash__  # a member is single; Enum's own hash is Python code, felt on the look-up path

    def __init__(self, name: str) -> None:
        self.is_employees = name not in ("national", "elderly", "assistance")  # 被用者保険: employees, their dependants


# Names of members that are met on the look-up path: an enumeration finds its own by Python code on Python 3.11.
SOCIETY, NATIONAL, ELDERLY = InsurerKind.SOCIETY, InsurerKind.NATIONAL, InsurerKind.ELDERLY


class Income(Enum):
    """Income class (所得区分): decides the ratio from 70 on and the 限度額 band at any age."""

    TOP = "top"  # ア, 現役並みⅢ
    UPPER = "upper"  # イ, 現役並みⅡ
    ACTIVE = "active"  # ウ, 現役並みⅠ
    GENERAL_2 = "general-2"  # エ, 一般Ⅱ
    GENERAL_1 = "general-1"  # エ, 一般Ⅰ
    LOW_2 = "low-2"  # オ, 低所得Ⅱ
    LOW_1 = "low-1"  # オ, 低所得Ⅰ

    __hash__ = object.__hash__  # as above


class Relation(Enum):
    """本人・家族の別; the codes are those of OQSCD009."""

    SELF = "1"
    FAMILY = "2"

    def __init__(self, code: str) -> None:
        self.code = code  # the same as `value`, which is Python code


class LossReason(Enum):
    """資格喪失事由; the values are those of OQSCD008."""

    DEATH = "01"
    PUBLIC_ASSISTANCE = "02"
    OTHER_INSURANCE = "03"
    OTHER = "99"


class Insurer(Struct, frozen=True, gc=False):
    """An insurer (保険者): its number with check digit (8 digits, 国保 6) and its name."""

    number: str
    name: str
    kind: InsurerKind
    key: str  # the number without padding

    @classmethod
    def numbered(cls, body: str, name: str, kind: InsurerKind) -> "Insurer":
        """The insurer whose number is `body` and its check digit."""
        number = with_check_digit(body)
        return cls(number, name, kind, insurer_key(number))


class Card(Struct, frozen=True, gc=False):
    """The number a person is insured under: 保険者番号, 記号, 番号, 枝番."""

    insurer: Insurer
    symbol: str | None
    number: str
    branch: str | None

    def is_named_by(self, inquiry: "Inquiry") -> bool:
        """Whether an inquiry's number, symbol and branch (if given) are those of this card."""
        return (
            inquiry.insurer_key == self.insurer.key
            and (inquiry.number == self.number or same_text(inquiry.number, self.number))
            and (inquiry.symbol == self.symbol or same_text(inquiry.symbol or "", self.symbol or ""))
            and (inquiry.branch is None or self.branch is None or inquiry.branch == self.branch)
        )


class Person(Struct, frozen=True, gc=False):
    """A made-up person. Names in full width, kana in half width, sex 1 male / 2 female, post number `123-4567`."""

    family_name: str
    given_name: str
    family_kana: str
    given_kana: str
    sex: Literal["1", "2"]
    birthdate: date
    address: str
    post_number: str

    @property
    def name(self) -> str:
        """氏名: family and given name, U+3000 between them."""
        return f"{self.family_name}\u3000{self.given_name}"

    @property
    def kana(self) -> str:
        """氏名カナ: half width, an ASCII space between the parts."""
        return f"{self.family_kana} {self.given_kana}"


class Means(Struct, frozen=True, gc=False):
    """Income classes of somebody: while younger than 70, and from 70 on."""

    working: Income
    elderly: Income


class Cover(Struct, frozen=True, gc=False):
    """What an insurer registers about a person besides the identity.

    The last members are set only where a story departs from what follows from age and means: a ratio in percent, or
    the ratio of another band; a 限度額 band of OQSCD012 with its period; a card's own period; the day as of which
    certificates stand that were not renewed; the parts not to be shown (不開示); subsidies (公費); 特定疾病; 医療扶助.
    """

    relation: Relation
    means: Means
    insured_name: str | None = None
    ratio_percent: int | None = None
    has_wrong_ratio: bool = False
    limit_band: str | None = None
    limit_period: tuple[date, date] | None = None
    card_period: tuple[date, date | None] | None = None
    elderly_certificate_from: date | None = None
    as_of: date | None = None
    hidden: frozenset[str] = frozenset()
    subsidies: tuple[Subsidy, ...] = ()
    diseases: tuple[Disease, ...] = ()
    assistance: Assistance | None = None


class Record(Struct, frozen=True, gc=False):
    """One registration of one period of insurance (資格) of one holder.

    `lost_on` is the 資格喪失日, the first day no longer insured. A period that ends before it begins is annulled: it
    was never true. `acquired_on` (資格取得日) is set only where it lies before `valid_from`, `found_by` only where the
    number leads to somebody else's data.
    """

    holder: str
    period: str
    card: Card
    person: Person
    cover: Cover
    valid_from: date
    registered_at: datetime
    lost_on: date | None = None
    loss_reason: LossReason | None = None
    acquired_on: date | None = None
    found_by: tuple[Card, date] | None = None

    @property
    def is_annulled(self) -> bool:
        """Whether the registration says that the period never was."""
        return self.lost_on is not None and self.lost_on <= self.valid_from

    def is_true_on(self, day: date) -> bool:
        """Whether the holder is insured by this record on a day."""
        return self.valid_from <= day and (self.lost_on is None or day < self.lost_on)

    def nearest_true_day(self, day: date) -> date:
        """The day whose certificates count: the day itself, or the nearest on which the record is true and renewed."""
        if self.lost_on is not None and day >= self.lost_on:
            day = self.lost_on - ONE_DAY
        if self.cover.as_of is not None:
            day = min(day, self.cover.as_of)
        return later(day, self.valid_from)

    def is_asked_by(self, inquiry: "Inquiry") -> bool:
        """Whether an inquiry's number, symbol, branch (if given) and birth date lead here."""
        card, birthdate = self.found_by or (self.card, self.person.birthdate)
        return birthdate == inquiry.birthdate and card.is_named_by(inquiry)


class Inquiry(Struct, frozen=True, gc=False):
    """A question by number: insurer key (no padding), symbol, number, branch (None: any), birth date, day asked about."""

    insurer_key: str
    symbol: str | None
    number: str
    branch: str | None
    birthdate: date
    day: date

    @classmethod
    def by_number(
        cls, insurer_number: str, symbol: str | None, number: str, branch: str | None, birthdate: date, day: date
    ) -> "Inquiry":
        """An inquiry from what is typed: padding, width and spaces do not count; branch "00" or empty is none."""
        key, number = insurer_key(plain(insurer_number)), plain(number)
        return cls(key, symbol, number, plain_branch(branch or ""), birthdate, day)


_BRANCHES = {branch: branch for branch in map("{:02d}".format, range(1, 100))}


def plain_branch(typed: str) -> str | None:
    """A branch (枝番) as typed, as two digits; "00" or empty is none: older cards have none."""
    if typed in _BRANCHES:  # as most are
        return _BRANCHES[typed]  # the one text of that branch: journals keep a thousand look-ups of a clinic
    branch = plain(typed)
    branch = branch.zfill(2) if branch.isdecimal() else branch
    return None if branch in ("", "00") else branch


class Validity(Enum):
    """資格有効性; the codes are those of OQSCD006."""

    VALID = "1"
    LOST = "2"
    RENEWED = "3"
    NO_MATCH = "4"
    MULTIPLE = "5"
    UNREGISTERED = "6"  # 有効（未登録）: 医療扶助 without a ticket

    def __init__(self, code: str) -> None:
        self.code = code  # as above


_VALID = Validity.VALID


class Answer(Struct, frozen=True, gc=False):
    """What is said to an inquiry: one of the validities and the records that go with it."""

    validity: Validity
    records: tuple[Record, ...] = ()


class Rules(Struct, frozen=True):
    """What the public sources leave open about the look-up (see assumptions.py)."""

    renewed_shows: Literal["old", "new", "both"] = "old"
    multiple_shows: Literal["none", "all"] = "none"
    before_start: Literal["no-match", "lost"] = "no-match"


NO_MATCH = Answer(Validity.NO_MATCH)


def known_at(records: Sequence[Record], moment: datetime) -> list[Record]:
    """The records in force at a moment: of each period the last one registered by then, without annulled ones."""
    newest: dict[tuple[str, str], Record] = {}
    for record in records:
        if record.registered_at <= moment:
            held = newest.get((record.holder, record.period))
            if held is None or held.registered_at <= record.registered_at:
                newest[record.holder, record.period] = record
    return [record for record in newest.values() if not record.is_annulled]


def look_up(records: Sequence[Record], inquiry: Inquiry, moment: datetime, rules: Rules) -> Answer:
    """Answer an inquiry about a day from what is known at a moment."""
    plain = _plainly_valid(records, inquiry, moment)
    if plain is not None:
        return Answer(_VALID, (plain,))
    known = known_at(records, moment)
    asked = [record for record in known if record.is_asked_by(inquiry)]
    if rules.before_start == "no-match":
        asked = [record for record in asked if record.valid_from <= inquiry.day]
    current = [record for record in asked if record.is_true_on(inquiry.day)]
    found = current or asked
    if not found:
        return NO_MATCH
    last = found[0]
    if len(found) > 1:
        if len({record.holder for record in found}) > 1:
            shown = sorted(found, key=_age_of_record) if rules.multiple_shows == "all" else ()
            return Answer(Validity.MULTIPLE, tuple(shown))
        last = max(found, key=_age_of_record)
    if current:
        return Answer(_validity(last), (last,))
    others = [record for record in known if record.holder == last.holder and record.is_true_on(inquiry.day)]
    if not others:
        return Answer(Validity.LOST, (last,))
    newer = max(others, key=_age_of_record)
    results = {"old": (last,), "new": (newer,), "both": (last, newer)}
    return Answer(Validity.RENEWED, results[rules.renewed_shows])


def look_up_holder(records: Sequence[Record], holder: str, day: date, moment: datetime) -> Answer:
    """Answer about a day for the holder of a マイナンバーカード: whatever number the insurance has, the newest counts.

    Who is under 医療扶助 and insured at work gets both.
    """
    known = [r for r in known_at(records, moment) if r.holder == holder and r.valid_from <= day]
    current = [record for record in known if record.is_true_on(day)]
    if not current:
        return Answer(Validity.LOST, (max(known, key=_age_of_record),)) if known else NO_MATCH
    newest = {r.cover.assistance is not None: r for r in sorted(current, key=_age_of_record)}
    shown = tuple(newest[kind] for kind in sorted(newest))
    return Answer(_validity(shown[-1]), shown)


def _validity(current: Record) -> Validity:
    assistance = current.cover.assistance
    return Validity.UNREGISTERED if assistance and not assistance.tickets else Validity.VALID


def _plainly_valid(records: Sequence[Record], inquiry: Inquiry, moment: datetime) -> Record | None:
    """The only record that an inquiry names, where it holds and nothing replaced it.

    So it is for most people, who are worth a shorter way to the same answer.
    """
    named = None
    for record in records:
        if record.is_asked_by(inquiry):
            if named is not None:
                return None
            named = record
    if named is None or named.cover.assistance is not None:
        return None
    if named.registered_at > moment or not named.is_true_on(inquiry.day):
        return None
    for other in records:
        if other is not named and other.period == named.period and other.holder == named.holder:
            return None
    return named


def _age_of_record(record: Record) -> tuple[date, datetime, str, str]:
    """By age, and where that is the same by name: an answer must not hang on the order of a history."""
    return record.valid_from, record.registered_at, record.holder, record.period

"""Why a look-up was answered as it was: from the number to whose it is, to the records that counted, to the code.

Computed when an entry of the journal is read, from what the entry kept. Nobody's name is in it, and unless asked for no
whole number and no birth date.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from mockserver.clinics import Assignment
from mockserver.eligibility.records import Inquiry, LossReason, Record, Validity, known_at
from mockserver.journal import PROCESSING, Entry
from mockserver.nearest import Field, Nearest, asked_by, differing, mask, mask_day, nearest, under_number
from mockserver.register import Found, Register, Situation
from mockserver.scenarios.casting import BY_CODE, ready_of
from mockserver.scenarios.reserved import BY_READY, BY_RULE


class Step(Struct, frozen=True):
    """A sentence of the explanation, in both languages."""

    japanese: str
    english: str


class Why(Struct, frozen=True):
    """The steps from card to code, and who may have been meant where nobody was found."""

    steps: list[Step]
    nearest: Nearest | None


class _Case(NamedTuple):
    """What is explained: the question, all that the answer hung on, what was found, whether numbers are hidden."""

    register: Register
    inquiry: Inquiry
    situation: Situation
    found: Found
    masked: bool

    def number(self, text: str) -> str:
        """A number as it may be told."""
        return mask(text) if self.masked else text


def why(register: Register, entry: Entry, masked: bool = True) -> Why:
    """Why an entry of the journal says what it says; of what could not be read, the refusal only."""
    inquiry, situation = entry.inquiry, entry.situation
    if inquiry is None or situation is None:
        return Why(list(_end(entry)), None)
    case = _Case(register, inquiry, situation, register.found(inquiry, situation), masked)
    steps = [*_lead(case), *_records(case), *_end(entry)]
    is_unknown = entry.said == Validity.NO_MATCH.value
    return Why(steps, nearest(register, inquiry, situation, masked) if is_unknown else None)


def _lead(case: _Case) -> Iterator[Step]:
    """Where the number leads."""
    playing = [one for one in case.situation.assigned if _is_about(one, case.inquiry)]
    if playing:
        yield from (_lead_to_assignment(one) for one in playing)
    elif case.inquiry.insurer_key in BY_READY:
        yield _lead_to_ready(case)
    elif case.inquiry.insurer_key in BY_RULE:
        yield _lead_by_rule(case)
    else:
        yield _lead_to_seats(case)


def _is_about(assignment: Assignment, inquiry: Inquiry) -> bool:
    story = assignment.story
    return any(record.is_asked_by(inquiry) for record in (assignment.own, *story.register, *story.reality))


def _lead_to_assignment(assignment: Assignment) -> Step:
    number, pattern, start = assignment.id, assignment.scenario.pattern_id(), assignment.start
    return Step(
        f"この医療機関の割り当て {number}（パターン {pattern}、開始 {start}）の番号です",
        f"the number is that of this clinic's assignment {number} (pattern {pattern}, from {start})",
    )


def _lead_to_ready(case: _Case) -> Step:
    ready, number = ready_of(case.inquiry), case.number(case.inquiry.number)
    if ready is None:
        return Step(
            f"番号 {number} は用意された人の番号ではありません",
            f"the number {number} is under the ready insurers, but is no ready person's",
        )
    return Step(
        f"番号 {number} は用意された人 {ready.code}（パターン {case.found.pattern}）の番号です",
        f"the number {number} is that of the ready person {ready.code} (pattern {case.found.pattern})",
    )


def _lead_by_rule(case: _Case) -> Step:
    digits, pattern = case.inquiry.number[-2:], case.found.pattern
    if digits not in BY_CODE:
        return Step(
            f"番号の末尾2桁 {digits} にはパターンがありません",
            f"no pattern belongs to the last two digits {digits} of the number",
        )
    return Step(
        f"番号の末尾2桁 {digits} の規則により、パターン {pattern} です",
        f"by the rule of the last two digits, {digits}, the number plays the pattern {pattern}",
    )


def _lead_to_seats(case: _Case) -> Step:
    key, number, country = case.inquiry.insurer_key, case.number(case.inquiry.number), case.situation.country
    members = country.members(key, case.inquiry.number)
    is_of_country = key in country.directory.by_key
    if not is_of_country and case.register.standing.insures(key):
        return Step(
            f"番号 {number} の人はシナリオファイルにいません", f"nobody in the scenario files has the number {number}"
        )
    if not is_of_country:
        return Step("この保険者番号の保険者はありません", "there is no insurer of this insurer number")
    if not members:
        return Step(f"番号 {number} の人はいません", f"nobody has the number {number}")
    seats = " ".join(str(resident.index) for resident in country.residents(case.inquiry))
    if not seats:
        return Step(
            f"番号 {number} は人口の {len(members)} 人の番号ですが、この生年月日の人はいません",
            f"{len(members)} of the population have the number {number}, but none has this birth date",
        )
    return Step(
        f"番号 {number} とこの生年月日は人口の席 {seats} の人のものです",
        f"the number {number} with this birth date is that of the population's seat {seats}",
    )


def _records(case: _Case) -> Iterator[Step]:
    """The records that counted, those that would have but for something, and those the register never gets."""
    pool = _pool(case)
    if not pool:
        yield Step("この番号で登録された資格はありません", "nothing is registered under this number")
    known = known_at(pool, case.situation.moment)
    for record in sorted(pool, key=lambda record: (not record.is_asked_by(case.inquiry), record.holder)):
        yield _step_of_record(case, record, record in known)
    periods = {(record.holder, record.period) for record in case.found.records}
    for record in dict.fromkeys(case.found.reality):
        if record.is_asked_by(case.inquiry) and (record.holder, record.period) not in periods:
            yield _step_of_unregistered(record)


def _pool(case: _Case) -> list[Record]:
    """The records under the number, and the others of those the inquiry is about; each once, the story's own first."""
    found = case.found.records
    holders = {record.holder for record in found if record.is_asked_by(case.inquiry)}
    own = [record for record in found if record.holder in holders]
    told = {record.holder for record in found}
    under = [r for _, r in under_number(case.register, case.inquiry, case.situation)]
    pool: list[Record] = []
    for record in (*own, *(r for r in under if r.holder not in told or r in found)):
        if record not in pool:
            pool.append(record)
    return pool


def _step_of_record(case: _Case, record: Record, is_known: bool) -> Step:
    """One record with all that is to be said about it."""
    remarks = [*_differences(case, record), *_knowledge(record, case.situation.moment, is_known)]
    remarks += _truth(record, case.inquiry)
    lost = _loss(record)
    insurer, since, registered = record.card.insurer.name, record.valid_from, _minute(record.registered_at)
    return Step(
        f"{insurer}：資格は {since} から{lost.japanese}、登録 {registered}。" + "、".join(r.japanese for r in remarks),
        f"{insurer}: valid from {since}{lost.english}, registered {registered}; "
        + "; ".join(remark.english for remark in remarks),
    )


def _step_of_unregistered(record: Record) -> Step:
    insurer, since = record.card.insurer.name, record.valid_from
    return Step(
        f"{insurer}：実際には {since} からの資格がありますが、登録されていません",
        f"{insurer}: really insured from {since}, but this is not in the register",
    )


def _loss(record: Record) -> Step:
    if record.lost_on is None:
        return Step("", "")
    reason = _LOSS_REASONS[record.loss_reason] if record.loss_reason else _NO_REASON
    return Step(
        f"、喪失 {record.lost_on}（{reason.japanese}）",
        f", lost on {record.lost_on} ({reason.english})",
    )


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _differences(case: _Case, record: Record) -> Iterator[Step]:
    card, birthdate = asked_by(record)
    for field in differing(card, birthdate, case.inquiry):
        japanese, english = _FIELDS[field]
        if field == "birthdate":
            asked, found = case.inquiry.birthdate, birthdate
            of = (mask_day(asked), mask_day(found)) if case.masked else (str(asked), str(found))
            yield Step(f"{japanese}が違います（{of[0]}、登録は {of[1]}）", f"another {english} ({of[0]}, not {of[1]})")
        else:
            yield Step(f"{japanese}が違います", f"another {english}")


def _knowledge(record: Record, moment: datetime, is_known: bool) -> Iterator[Step]:
    """Whether the record was in force as known at the moment, or why not."""
    asked_at = _minute(moment)
    if record.registered_at > moment:
        yield Step(
            f"照会の時点（{asked_at}）より後の登録なので、まだ反映されていません",
            f"registered only later than the moment of the question ({asked_at}): not known yet",
        )
    elif is_known:
        yield Step(f"照会の時点（{asked_at}）で登録済み", f"known at the moment of the question ({asked_at})")
    elif not record.is_annulled:
        yield Step("後の登録に置き換えられました", "replaced by a later registration")
    if record.is_annulled:
        yield Step("取り消しの登録です", "annulled: the period never was")


def _truth(record: Record, inquiry: Inquiry) -> Iterator[Step]:
    """How the record stands on the day asked about."""
    day = inquiry.day
    if record.is_annulled:
        return
    if record.valid_from > day:
        yield Step(f"資格は確認日（{day}）より後に始まります", f"begins after the day asked about ({day})")
    elif record.is_true_on(day):
        yield Step(f"確認日（{day}）に有効", f"in force on the day asked about ({day})")
    else:
        yield Step(f"確認日（{day}）には喪失済み", f"ended by the day asked about ({day})")


def _end(entry: Entry) -> Iterator[Step]:
    """What was said in the end: a refusal or a code, and which faults had to do with it."""
    if entry.reason:
        japanese, english = entry.reason
        yield Step(f"拒否 {entry.said}：{japanese}", f"refused with {entry.said}: {english}")
    elif entry.said in _CODES:
        yield _CODES[entry.said]
    if entry.decision:
        yield Step(f"障害の規則：{entry.decision}", f"fault rules: {entry.decision}")


_CODES = {
    Validity.VALID.value: Step(
        "1 有効：確認日に有効な資格がひとつあります", "1, valid: in force on the day asked about"
    ),
    Validity.LOST.value: Step(
        "2 無効：資格は喪失しており、登録済みの新しい資格もありません",
        "2, no longer valid: the insurance ended, and no newer one is known",
    ),
    Validity.RENEWED.value: Step(
        "3 無効（新しい資格あり）：同じ人の新しい資格が登録済みです",
        "3, no longer valid, but there is a new one: newer insurance of the same person is known",
    ),
    Validity.NO_MATCH.value: Step(
        "4 該当資格なし：照会に合う資格は、この時点では登録されていません",
        "4, no match: nothing known at that moment fits the question",
    ),
    Validity.MULTIPLE.value: Step(
        "5 複数該当：ふたり以上の資格が照会に合います",
        "5, several: insurance of more than one person fits the question",
    ),
    Validity.UNREGISTERED.value: Step(
        "6 有効（未登録）：医療扶助は有効ですが、医療券の登録がありません",
        "6, valid, unregistered: 医療扶助 is in force, but no ticket is registered",
    ),
    PROCESSING: Step("処理中：結果はまだ出ていません", "processing: there was no result yet; ask again"),
}
_LOSS_REASONS = {
    LossReason.DEATH: Step("死亡", "death"),
    LossReason.PUBLIC_ASSISTANCE: Step("生活保護", "public assistance"),
    LossReason.OTHER_INSURANCE: Step("他の保険へ", "other insurance"),
    LossReason.OTHER: Step("その他", "other"),
}
_NO_REASON = Step("事由の登録なし", "no reason registered")
_FIELDS: dict[Field, tuple[str, str]] = {
    "insurer_number": ("保険者番号", "insurer number"),
    "symbol": ("記号", "symbol"),
    "number": ("番号", "number"),
    "branch": ("枝番", "branch number"),
    "birthdate": ("生年月日", "birth date"),
}

from typing import Literal

from msgspec.structs import replace

from mockserver.eligibility.benefits import Assistance, Ticket
from mockserver.eligibility.records import InsurerKind, LossReason, Record
from mockserver.scenarios.scenario import About, Aged, Cast, Days, Kind, Named, Ready, Scenario, Story, ends

_TICKETS = {
    "medical": (Ticket("01", "02"),),
    "dispensing": (Ticket("02", "04"),),
    "elsewhere": (Ticket("01", "02", is_for_asker=False),),
    "none": (),
}


class MedicalAssistance(Scenario, frozen=True, kw_only=True, tag="medical-assistance"):
    """The patient is under 医療扶助 (生活保護), found by 公費負担者番号 and 受給者番号.

    `ticket`: what the welfare office has registered for the month; `medical` 医療券, `dispensing` 調剤券, `elsewhere` one
    for another clinic, `none` nothing yet (6 有効・未登録). `granted_days_ago`: days from the first day to the start; a 国保 or
    後期高齢 insurance ends there, one at work goes on (併用).
    """

    ticket: Literal["medical", "dispensing", "elsewhere", "none"] = "medical"
    granted_days_ago: Days = 90

    about = About(
        kind=Kind.HISTORY,
        title_ja="医療扶助（生活保護）",
        title_en="medical assistance",
        survey_row=None,
        truth="生活保護の医療扶助を受けている。",
        answer="被保険者証区分 A1 と医療券・調剤券の情報で資格有効性 1。券が未登録なら 6（有効・未登録）。",
        advice="券の診療年月・指定医療機関を確かめる。未登録なら福祉事務所に連絡する。",
        contact="福祉事務所",
    )

    def story(self, cast: Cast) -> Story:
        since = cast.past(self.granted_days_ago)
        at_work = cast.card.insurer.kind.is_employees
        assistance = Assistance(_TICKETS[self.ticket], "模擬　担当", is_combined=at_work)
        cover = replace(cast.cover, assistance=assistance)
        granted = cast.record(card=cast.assistance_card, cover=cover, since=since, period="assistance")
        return Story((*self._insured(cast, granted), granted))

    def _insured(self, cast: Cast, granted: Record) -> tuple[Record, ...]:
        """The insurance beside or before the assistance, if there is one."""
        if cast.card.insurer.kind is InsurerKind.ASSISTANCE:
            return ()
        if cast.card.insurer.kind.is_employees:
            return (cast.record(),)
        own = cast.record(since=cast.since_before(granted.valid_from))
        return (own, ends(own, granted.valid_from, reason=LossReason.PUBLIC_ASSISTANCE))


MedicalAssistance.people = (
    Ready(
        code="62",
        variant="医療券",
        plays=MedicalAssistance(),
        name=Named("矢野", "忠", "ﾔﾉ", "ﾀﾀﾞｼ", "1"),
        born=Aged(66, 5, 16),
        insurer=InsurerKind.ASSISTANCE,
        branch=None,
    ),
    Ready(
        code="63",
        variant="券が未登録",
        plays=MedicalAssistance(ticket="none"),
        name=Named("本間", "静江", "ﾎﾝﾏ", "ｼｽﾞｴ", "2"),
        born=Aged(72, 9, 1),
        insurer=InsurerKind.ASSISTANCE,
        branch=None,
    ),
    Ready(
        code="64",
        variant="調剤券",
        plays=MedicalAssistance(ticket="dispensing"),
        name=Named("荒井", "実", "ｱﾗｲ", "ﾐﾉﾙ", "1"),
        born=Aged(54, 2, 6),
        insurer=InsurerKind.ASSISTANCE,
        branch=None,
    ),
    Ready(
        code="65",
        variant="別の医療機関の券",
        plays=MedicalAssistance(ticket="elsewhere"),
        name=Named("大西", "文子", "ｵｵﾆｼ", "ﾌﾐｺ", "2"),
        born=Aged(61, 7, 23),
        insurer=InsurerKind.ASSISTANCE,
        branch=None,
    ),
)

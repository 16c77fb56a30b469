from typing import Annotated, Literal

from msgspec import Meta
from msgspec.structs import replace

from mockserver.eligibility.benefits import Disease
from mockserver.eligibility.records import InsurerKind
from mockserver.scenarios.scenario import About, Aged, Cast, Days, Kind, Named, Ready, Scenario, Story


class SpecificDisease(Scenario, frozen=True, kw_only=True, tag="specific-disease"):
    """The patient has a 特定疾病療養受療証. Seen through a card with the consent for it, by number never.

    `category`: OQSCD013, 1 dialysis, 2 haemophilia, 3 HIV by blood products. `issued_days_ago`: days from its first day
    to the start. `self_pay_yen`: what is paid a month at most; none: by age and income.
    """

    category: Literal["1", "2", "3"] = "1"
    issued_days_ago: Days = 400
    self_pay_yen: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None

    about = About(
        kind=Kind.HISTORY,
        title_ja="特定疾病療養受療証",
        title_en="specific disease certificate",
        survey_row=None,
        truth="特定疾病療養受療証を持っている。",
        answer="資格有効性 1。カードで提供に同意したときだけ、疾病区分と自己負担限度額が付く。",
        advice="疾病区分と自己負担限度額を取り込む。同意がなければ受療証の提示を求める。",
        contact="不要",
    )

    def story(self, cast: Cast) -> Story:
        disease = Disease(self.category, cast.past(self.issued_days_ago), self.self_pay_yen)
        return Story((cast.record(cover=replace(cast.cover, diseases=(disease,))),))


SpecificDisease.people = (
    Ready(
        code="66",
        variant="人工透析",
        plays=SpecificDisease(),
        name=Named("松尾", "隆", "ﾏﾂｵ", "ﾀｶｼ", "1"),
        born=Aged(59, 3, 18),
    ),
    Ready(
        code="67",
        variant="血友病",
        plays=SpecificDisease(category="2"),
        name=Named("小野寺", "翼", "ｵﾉﾃﾞﾗ", "ﾂﾊﾞｻ", "1"),
        born=Aged(22, 11, 29),
        insurer=InsurerKind.NATIONAL,
    ),
)

from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from mockserver.scenarios.reserved import childrens_subsidy
from mockserver.scenarios.scenario import About, Cast, Kind, Named, Ready, Scenario, Story, Turning


class SubsidyNotLinked(Scenario, frozen=True, kw_only=True, tag="subsidy-not-linked"):
    """The municipality pays part of the child's bill, but the answer does not say so.

    `subsidy`: name of the subsidy that exists in truth.
    """

    subsidy: Annotated[str, Meta(min_length=1, max_length=40)] = "子ども医療費助成"

    about = About(
        kind=Kind.DISTORTION,
        title_ja="公費（子ども医療費助成）の未連携",
        title_en="subsidy not linked",
        survey_row=None,
        truth="自治体の医療費助成の対象。自治体が連携に参加していない。",
        answer="資格有効性 1。助成の情報は何もない。",
        advice="受給者証の提示を求める。照会結果に無いことを理由に助成を外さない。",
        contact="市区町村",
    )

    def story(self, cast: Cast) -> Story:
        truth = cast.record(cover=replace(cast.cover, subsidies=(childrens_subsidy(self.subsidy),)))
        return Story((cast.record(),), truth=(truth,))


SubsidyNotLinked.people = (
    Ready(
        code="49",
        variant="未就学児",
        plays=SubsidyNotLinked(),
        name=Named("岡本", "太一", "ｵｶﾓﾄ", "ﾀｲﾁ", "1"),
        born=Turning(5, 120),
        branch="02",
    ),
)

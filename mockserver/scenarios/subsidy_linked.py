from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from mockserver.scenarios.reserved import childrens_subsidy
from mockserver.scenarios.scenario import About, Cast, Kind, Named, Ready, Scenario, Story, Turning


class SubsidyLinked(Scenario, frozen=True, kw_only=True, tag="subsidy-linked"):
    """The municipality pays part of the child's bill, and the answer says so.

    `subsidy`: name of the subsidy. How it looks on the wire is an assumption (`--subsidies`).
    """

    subsidy: Annotated[str, Meta(min_length=1, max_length=40)] = "子ども医療費助成"

    about = About(
        kind=Kind.HISTORY,
        title_ja="公費（子ども医療費助成）あり",
        title_en="subsidy linked",
        survey_row=None,
        truth="自治体の医療費助成の対象で、自治体が連携に参加している。",
        answer="資格有効性 1。公費負担者番号と受給者番号が付く。",
        advice="公費負担者番号・受給者番号を取り込む。",
        contact="不要",
    )

    def story(self, cast: Cast) -> Story:
        return Story((cast.record(cover=replace(cast.cover, subsidies=(childrens_subsidy(self.subsidy),))),))


SubsidyLinked.people = (
    Ready(
        code="68",
        variant="未就学児",
        plays=SubsidyLinked(),
        name=Named("河野", "葵", "ｺｳﾉ", "ｱｵｲ", "2"),
        born=Turning(4, 200),
        branch="02",
    ),
)

from typing import Annotated, Literal

from msgspec import Meta
from msgspec.structs import replace

from mockserver.eligibility.chips import Chip
from mockserver.eligibility.records import InsurerKind
from mockserver.scenarios.scenario import About, Aged, Cast, Kind, Named, Ready, Scenario, Story


class Withheld(Scenario, frozen=True, kw_only=True, tag="withheld"):
    """支援措置 (不開示): parts of the record are not shown.

    `parts`: which parts; how the flag looks on the wire is not public, absent members are the natural reading. `card`:
    whether the マイナンバーカード may be used as 健康保険証 (自己情報提供不可: `refused`).
    """

    parts: Annotated[tuple[Literal["address", "post_number"], ...], Meta(min_length=1)] = (
        "address",
        "post_number",
    )

    card: Literal["usable", "refused"] = "usable"

    about = About(
        kind=Kind.DISTORTION,
        title_ja="不開示（支援措置）",
        title_en="withheld",
        survey_row=None,
        truth="資格は有効。支援措置の対象で、住所などが不開示になっている。",
        answer="資格有効性 1。住所・郵便番号の項目がない。カードの利用も拒まれることがある。",
        advice="空欄で患者情報を上書きしない。理由を本人や家族に尋ねない。",
        contact="保険者（本人から）",
    )

    def story(self, cast: Cast) -> Story:
        shown = cast.record(cover=replace(cast.cover, hidden=frozenset(self.parts)))
        return Story((shown,), truth=(cast.record(),), chip=Chip(is_barred=self.card == "refused"))


Withheld.people = (
    Ready(
        code="48",
        variant="住所と郵便番号",
        plays=Withheld(),
        name=Named("中川", "舞", "ﾅｶｶﾞﾜ", "ﾏｲ", "2"),
        born=Aged(40, 9, 15),
        insurer=InsurerKind.NATIONAL,
    ),
    Ready(
        code="50",
        variant="カードも利用不可",
        plays=Withheld(card="refused"),
        name=Named("原田", "瞳", "ﾊﾗﾀﾞ", "ﾋﾄﾐ", "2"),
        born=Aged(38, 12, 5),
    ),
)

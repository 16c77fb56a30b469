from typing import Annotated, Literal

from msgspec import Meta
from msgspec.structs import replace

from mockserver.eligibility.records import InsurerKind
from mockserver.scenarios.scenario import About, Aged, Cast, Kind, Named, Ready, Scenario, Story


class Withheld(Scenario, frozen=True, kw_only=True, tag="withheld"):
    """支援措置 (不開示): parts of the record are not shown.

    `parts`: which parts; how the flag looks on the wire is not public, absent members are the natural reading.
    """

    parts: Annotated[tuple[Literal["address", "post_number"], ...], Meta(min_length=1)] = (
        "address",
        "post_number",
    )

    about = About(
        kind=Kind.DISTORTION,
        title_ja="不開示（支援措置）",
        title_en="withheld",
        survey_row=None,
        truth="資格は有効。支援措置の対象で、住所などが不開示になっている。",
        answer="資格有効性 1。住所・郵便番号の項目がない。",
        advice="空欄で患者情報を上書きしない。理由を本人や家族に尋ねない。",
        contact="保険者（本人から）",
    )

    def story(self, cast: Cast) -> Story:
        shown = cast.record(cover=replace(cast.cover, hidden=frozenset(self.parts)))
        return Story((shown,), truth=(cast.record(),))


Withheld.people = (
    Ready(
        code="48",
        variant="住所と郵便番号",
        plays=Withheld(),
        name=Named("中川", "舞", "ﾅｶｶﾞﾜ", "ﾏｲ", "2"),
        born=Aged(40, 9, 15),
        insurer=InsurerKind.NATIONAL,
    ),
)

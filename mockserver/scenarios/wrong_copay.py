from msgspec.structs import replace

from mockserver.eligibility.copay import ratio_percent
from mockserver.eligibility.records import InsurerKind
from mockserver.scenarios.scenario import (
    About,
    Aged,
    Cast,
    Kind,
    Misfit,
    Named,
    Percent,
    Ready,
    Scenario,
    Story,
    Turning,
)


class WrongCopay(Scenario, frozen=True, kw_only=True, tag="wrong-copay"):
    """The registered ratio is that of another band.

    `shown_percent`: the ratio the backend tells; none: a neighbour of the right one. It is told as the person's insurer
    tells ratios: 後期高齢 on the card, the others as a 高齢受給者証 (whatever the age, so any person can play).
    """

    shown_percent: Percent | None = None

    about = About(
        kind=Kind.DISTORTION,
        title_ja="負担割合の誤り",
        title_en="wrong copay ratio",
        survey_row="負担割合の齟齬",
        truth="正しい負担割合は別の区分。登録が誤っている。",
        answer="資格有効性 1。一部負担金割合（または高齢受給者証の割合）が実際と違う。",
        advice="前回や提示された証と違うときは保険者に確かめる。医療機関では訂正できない。",
        contact="保険者",
    )

    def misfit(self, cast: Cast) -> Misfit | None:
        if self.shown_percent == ratio_percent(cast.record(), cast.start):
            percent = self.shown_percent
            return Misfit(f"正しい負担割合が {percent} %です", f"{percent} % is the right ratio of this person")
        return None

    def story(self, cast: Cast) -> Story:
        is_another = self.shown_percent is None
        cover = replace(cast.cover, ratio_percent=self.shown_percent, has_wrong_ratio=is_another)
        return Story((cast.record(cover=cover),), truth=(cast.record(),))


WrongCopay.people = (
    Ready(
        code="41",
        variant="国保（70～74歳）",
        plays=WrongCopay(),
        name=Named("青木", "トシ子", "ｱｵｷ", "ﾄｼｺ", "2"),
        born=Turning(73, 40),
        insurer=InsurerKind.NATIONAL,
    ),
    Ready(
        code="42",
        variant="社保（70～74歳）",
        plays=WrongCopay(),
        name=Named("藤井", "英樹", "ﾌｼﾞｲ", "ﾋﾃﾞｷ", "1"),
        born=Turning(72, 80),
        insurer=InsurerKind.SOCIETY,
    ),
    Ready(
        code="43",
        variant="後期高齢者",
        plays=WrongCopay(),
        name=Named("西村", "久子", "ﾆｼﾑﾗ", "ﾋｻｺ", "2"),
        born=Aged(87, 4, 4),
        insurer=InsurerKind.ELDERLY,
    ),
    Ready(
        code="44",
        variant="後期高齢者 3割と出る",
        plays=WrongCopay(shown_percent=30),
        name=Named("福田", "進", "ﾌｸﾀﾞ", "ｽｽﾑ", "1"),
        born=Aged(82, 12, 12),
        insurer=InsurerKind.ELDERLY,
    ),
)

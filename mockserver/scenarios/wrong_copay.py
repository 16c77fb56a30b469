from datetime import date

from msgspec.structs import replace

from mockserver.eligibility.copay import ratio_percent
from mockserver.eligibility.records import InsurerKind
from mockserver.scenarios.scenario import About, Cast, Kind, Named, Percent, Ready, Scenario, Story, Turning


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

    def story(self, cast: Cast) -> Story:
        truth = cast.record()
        shown = self.shown_percent or self._neighbour(ratio_percent(truth, cast.start), cast)
        return Story((cast.record(cover=replace(cast.cover, ratio_percent=shown)),), truth=(truth,))

    def _neighbour(self, right: int, cast: Cast) -> int:
        if cast.card.insurer.kind is InsurerKind.ELDERLY:
            return {10: 20, 20: 10, 30: 20}[right]
        return 20 if right == 30 else 30


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
        born=date(1938, 4, 4),
        insurer=InsurerKind.ELDERLY,
    ),
    Ready(
        code="44",
        variant="後期高齢者 3割と出る",
        plays=WrongCopay(shown_percent=30),
        name=Named("福田", "進", "ﾌｸﾀﾞ", "ｽｽﾑ", "1"),
        born=date(1943, 12, 12),
        insurer=InsurerKind.ELDERLY,
    ),
)

from typing import Literal

from msgspec.structs import replace

from mockserver.eligibility.calendar import ONE_DAY, insurance_year
from mockserver.eligibility.limits import BANDS, Band, band_on
from mockserver.eligibility.records import InsurerKind
from mockserver.scenarios.scenario import About, Aged, Cast, Kind, Misfit, Named, Ready, Scenario, Story


class WrongLimitCertificate(Scenario, frozen=True, kw_only=True, tag="wrong-limit-certificate"):
    """The 限度額適用認定証 is registered with another band, or with a period that is over. Seen with consent only.

    `wrong`: `band` or `dates`. `shown_band`: the band the backend tells (OQSCD012); none: the next one of the age group.
    """

    wrong: Literal["band", "dates"] = "band"
    shown_band: Band | None = None

    about = About(
        kind=Kind.DISTORTION,
        title_ja="限度額認定の誤り",
        title_en="wrong limit certificate",
        survey_row="限度額認定に誤り等があった",
        truth="正しい区分・期間は別。登録が誤っているか、更新されていない。",
        answer="資格有効性 1。限度額適用区分または有効期間が実際と違う。",
        advice="前回の区分と違うとき、期間が切れているときは保険者に確かめる。",
        contact="保険者",
    )

    def misfit(self, cast: Cast) -> Misfit | None:
        if self.shown_band == band_on(cast.record(), cast.start):
            return Misfit(f"正しい区分が {self.shown_band} です", f"{self.shown_band} is the right band of this person")
        return None

    def story(self, cast: Cast) -> Story:
        truth = cast.record()
        if self.wrong == "dates":
            last_year = insurance_year(insurance_year(cast.start)[0] - ONE_DAY)
            cover = replace(cast.cover, limit_period=last_year)
        else:
            cover = replace(cast.cover, limit_band=self.shown_band or _next_band(band_on(truth, cast.start)))
        return Story((cast.record(cover=cover),), truth=(truth,))


def _next_band(right: str) -> str:
    group = [band for band in BANDS if band[0] == right[0]]
    return group[(group.index(right) + 1) % len(group)]


WrongLimitCertificate.people = (
    Ready(
        code="45",
        variant="区分違い",
        plays=WrongLimitCertificate(),
        name=Named("太田", "篤司", "ｵｵﾀ", "ｱﾂｼ", "1"),
        born=Aged(57, 6, 28),
    ),
    Ready(
        code="46",
        variant="期間切れ",
        plays=WrongLimitCertificate(wrong="dates"),
        name=Named("三浦", "節子", "ﾐｳﾗ", "ｾﾂｺ", "2"),
        born=Aged(81, 3, 8),
        insurer=InsurerKind.ELDERLY,
    ),
)

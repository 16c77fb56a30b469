from typing import Literal

from msgspec.structs import replace

from mockserver.eligibility.calendar import ONE_DAY, insurance_year
from mockserver.eligibility.copay import is_from_70
from mockserver.eligibility.records import InsurerKind
from mockserver.scenarios.scenario import (
    About,
    Aged,
    Cast,
    Days,
    Kind,
    Named,
    Percent,
    Ready,
    Scenario,
    Story,
    Turning,
    ends,
)


class AnnualRenewal(Scenario, frozen=True, kw_only=True, tag="annual-renewal"):
    """7-31 → 8-1: cards of 国保 and 後期高齢 end, new ones begin, perhaps with another ratio.

    `renewal`: the `coming` or the `past` 1 August, seen from the start. `late_days`: days until the new card is
    registered; `meanwhile` the backend answers with the `old` card, or 2 (`invalid`). `old_percent`, `new_percent`: the
    ratios (percent); none: as age and income say.
    """

    renewal: Literal["coming", "past"] = "coming"
    late_days: Days = 0
    meanwhile: Literal["old", "invalid"] = "old"
    old_percent: Percent | None = None
    new_percent: Percent | None = None

    about = About(
        kind=Kind.HISTORY,
        title_ja="年次更新（8月1日）",
        title_en="yearly renewal on 1 August",
        survey_row="資格情報が無効",
        truth="資格は続いている。8月1日から新しい証（と負担割合）になる。",
        answer="7月31日までは古い証、8月1日からは新しい証。登録が遅れる間は古い証のまま、または 2。",
        advice="8月の初診では必ず照会し直し、負担割合を取り込む。",
        contact="保険者",
    )

    def story(self, cast: Cast) -> Story:
        this_year, last_day = insurance_year(cast.start)
        renewed = last_day + ONE_DAY if self.renewal == "coming" else this_year
        since, known = cast.since_before(renewed), renewed + self.late_days * ONE_DAY
        before = replace(cast.cover, ratio_percent=self._percent(self.old_percent, cast), as_of=renewed - ONE_DAY)
        after = replace(cast.cover, ratio_percent=self._percent(self.new_percent, cast))
        old = cast.record(since=since, cover=before)
        new = replace(cast.record(since=renewed, known=known, period="renewed", cover=after), acquired_on=since)
        told = ends(old, renewed, known=known if self.meanwhile == "old" else renewed)
        return Story((old, told, new), truth=(ends(old, renewed), new))

    def _percent(self, percent: Percent | None, cast: Cast) -> Percent | None:
        """The ratio, where the patient's insurer tells one: 10 only under 後期高齢, others only from 70 on."""
        if cast.card.insurer.kind is InsurerKind.ELDERLY:
            return percent
        return percent if percent != 10 and is_from_70(cast.person.birthdate, cast.start) else None


AnnualRenewal.people = (
    Ready(
        code="28",
        variant="国保 次の8月1日",
        plays=AnnualRenewal(),
        name=Named("山崎", "充", "ﾔﾏｻﾞｷ", "ﾐﾂﾙ", "1"),
        born=Aged(50, 1, 15),
        insurer=InsurerKind.NATIONAL,
    ),
    Ready(
        code="29",
        variant="後期 前の8月1日 1割から2割",
        plays=AnnualRenewal(renewal="past", old_percent=10, new_percent=20),
        name=Named("森", "くみ子", "ﾓﾘ", "ｸﾐｺ", "2"),
        born=Aged(83, 9, 9),
        insurer=InsurerKind.ELDERLY,
    ),
    Ready(
        code="30",
        variant="高齢受給者 更新の登録なし（2になる）",
        plays=AnnualRenewal(renewal="past", late_days=400, meanwhile="invalid"),
        name=Named("池田", "治", "ｲｹﾀﾞ", "ｵｻﾑ", "1"),
        born=Turning(73, 100),
        insurer=InsurerKind.NATIONAL,
    ),
)

from datetime import date

from msgspec.structs import replace

from mockserver.eligibility.calendar import ONE_DAY, elderly_certificate_start
from mockserver.eligibility.records import InsurerKind
from mockserver.scenarios.scenario import About, Cast, Days, Kind, Misfit, Named, Ready, Scenario, Story, Turning

_NEAR_DAYS = 400
_NEVER = date(9000, 1, 1)


class Turns70(Scenario, frozen=True, kw_only=True, tag="turns-70"):
    """The 高齢受給者証 begins: its ratio appears from the right day on.

    The day is the person's own one if within 400 days of the start, else `in_days` after the start (so any person can
    play). `late_days`: days until the insurer has registered the certificate.
    """

    in_days: Days = 20
    late_days: Days = 0

    about = About(
        kind=Kind.HISTORY,
        title_ja="70歳（高齢受給者証の開始）",
        title_en="turns 70",
        survey_row="負担割合の齟齬",
        truth="70歳の誕生日の翌月（1日生まれは当月）から2割または3割になる。",
        answer="開始日より前は受給者証なし、開始日からは高齢受給者証情報が付く。",
        advice="照会のたびに負担割合を取り込み、開始日前の受診に適用しない。",
        contact="保険者",
    )

    def misfit(self, cast: Cast) -> Misfit | None:
        if cast.card.insurer.kind is InsurerKind.ELDERLY:
            return Misfit("後期高齢者医療には高齢受給者証がありません", "後期高齢 has no 高齢受給者証")
        return None

    def story(self, cast: Cast) -> Story:
        own_day = elderly_certificate_start(cast.person.birthdate)
        is_near = abs((own_day - cast.start).days) <= _NEAR_DAYS
        begins = own_day if is_near else cast.day(self.in_days)
        without = cast.record(cover=replace(cast.cover, elderly_certificate_from=_NEVER))
        cover = replace(cast.cover, elderly_certificate_from=begins)
        known = begins + self.late_days * ONE_DAY
        return Story((without, cast.record(cover=cover, known=known)), truth=(cast.record(cover=cover),))


Turns70.people = (
    Ready(
        code="36",
        variant="来月から受給者証",
        plays=Turns70(),
        name=Named("藤田", "浩", "ﾌｼﾞﾀ", "ﾋﾛｼ", "1"),
        born=Turning(70, 5),
        insurer=InsurerKind.NATIONAL,
    ),
)

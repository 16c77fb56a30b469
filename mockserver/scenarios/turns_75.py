from mockserver.eligibility.calendar import birthday
from mockserver.eligibility.records import Cover, InsurerKind, LossReason, Relation
from mockserver.scenarios.scenario import (
    About,
    Cast,
    Days,
    Kind,
    Misfit,
    Named,
    Ready,
    Scenario,
    Story,
    Turning,
    ends,
)

_NEAR_DAYS = 400


class Turns75(Scenario, frozen=True, kw_only=True, tag="turns-75"):
    """On the 75th birthday the insurer changes to 後期高齢.

    The day is the person's own birthday if within 400 days of the start, else `in_days` after the start (so any person
    can play). `old_late_days`, `new_late_days`: days until the old and the new insurer have registered the change.
    """

    in_days: Days = 7
    old_late_days: Days = 0
    new_late_days: Days = 0

    about = About(
        kind=Kind.HISTORY,
        title_ja="75歳（後期高齢者医療へ）",
        title_en="turns 75",
        survey_row="負担割合の齟齬",
        truth="75歳の誕生日当日から後期高齢者医療の被保険者になる。",
        answer="前日までは旧資格の番号に 1、当日からは旧資格の番号に 3、後期の番号に 1。",
        advice="誕生日以後は後期の番号で照会し、負担割合を取り込む。",
        contact="広域連合（市区町村）",
    )

    def misfit(self, cast: Cast) -> Misfit | None:
        if cast.card.insurer.kind is InsurerKind.ELDERLY:
            return Misfit("すでに後期高齢者医療の被保険者です", "the patient is in 後期高齢 already")
        return None

    def story(self, cast: Cast) -> Story:
        own_day = birthday(cast.person.birthdate, 75)
        turned = own_day if abs((own_day - cast.start).days) <= _NEAR_DAYS else cast.day(self.in_days)
        days = (turned - cast.start).days
        old = cast.record(since=cast.since_before(turned))
        told = ends(old, turned, known=cast.day(days + self.old_late_days), reason=LossReason.OTHER_INSURANCE)
        new = cast.record(
            card=cast.elderly_card,
            cover=Cover(Relation.SELF, cast.cover.means),
            since=turned,
            known=cast.day(days + self.new_late_days),
            period="elderly",
        )
        return Story((old, told, new))


_NAME = Named("岡田", "さゆり", "ｵｶﾀﾞ", "ｻﾕﾘ", "2")
_BORN = Turning(75, 7)
Turns75.people = (
    Ready(
        code="37",
        variant="国保の番号",
        plays=Turns75(),
        name=_NAME,
        born=_BORN,
        insurer=InsurerKind.NATIONAL,
        pair="38",
    ),
    Ready(
        code="38",
        variant="後期の番号",
        plays=Turns75(),
        name=_NAME,
        born=_BORN,
        insurer=InsurerKind.ELDERLY,
        pair="37",
        is_next=True,
    ),
)

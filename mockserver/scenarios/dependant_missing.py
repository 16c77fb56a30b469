from msgspec.structs import replace

from mockserver.eligibility.records import Cover, InsurerKind, Relation
from mockserver.scenarios.scenario import (
    NO_WORKER,
    About,
    Aged,
    Cast,
    Days,
    Kind,
    Misfit,
    Named,
    Ready,
    Scenario,
    Story,
    Turning,
)


class DependantMissing(Scenario, frozen=True, kw_only=True, tag="dependant-missing"):
    """The worker is found, the child is not, until the 扶養認定 is registered.

    `born_into_days_ago`: days before the start from which the child is insured. `registered_after_days`: days from the
    start until it is registered.
    """

    born_into_days_ago: Days = 20
    registered_after_days: Days = 14

    about = About(
        kind=Kind.HISTORY,
        title_ja="家族（扶養）の登録待ち",
        title_en="dependant not yet registered",
        survey_row="該当の被保険者番号がない",
        truth="子は被扶養者になっている。扶養認定の登録が済んでいない。",
        answer="本人は 1、子は登録まで 4、その後 1。",
        advice="本人の資格を確かめ、資格確認書か被保険者資格申立書で受け付けて、後日照会し直す。",
        contact="保険者",
    )

    def misfit(self, cast: Cast) -> Misfit | None:
        if cast.card.insurer.kind is InsurerKind.ELDERLY or cast.worker_holder == NO_WORKER:
            return Misfit("家族（被扶養者）ではありません", "the patient is nobody's dependant")
        return None

    def story(self, cast: Cast) -> Story:
        worker_cover = Cover(Relation.SELF, cast.cover.means)
        if cast.person.birthdate == cast.worker.birthdate:  # by rule any birth date plays; this one is the worker's
            return Story((cast.record(person=cast.worker, cover=worker_cover, holder="worker"),))
        worker_card = replace(cast.card, branch="01" if cast.card.branch != "01" else "02")
        worker = cast.record(card=worker_card, person=cast.worker, cover=worker_cover, holder=cast.worker_holder)
        child = cast.record(
            cover=replace(cast.cover, relation=Relation.FAMILY, insured_name=cast.worker.name),
            since=max(cast.day(-self.born_into_days_ago), cast.person.birthdate),
            known=cast.day(self.registered_after_days),
        )
        return Story((worker, child))


_CHILD = Named("清水", "花子", "ｼﾐｽﾞ", "ﾊﾅｺ", "2")
DependantMissing.people = (
    Ready(
        code="27",
        variant="子（家族）",
        plays=DependantMissing(),
        name=_CHILD,
        born=Turning(1, 335),
        branch="02",
    ),
    Ready(
        code="27",
        variant="被保険者本人",
        plays=DependantMissing(),
        name=Named("清水", "一郎", "ｼﾐｽﾞ", "ｲﾁﾛｳ", "1"),
        born=Aged(35, 2, 3),
        is_worker=True,
    ),
)

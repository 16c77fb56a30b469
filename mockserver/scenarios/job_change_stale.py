from mockserver.eligibility.records import InsurerKind, LossReason
from mockserver.scenarios.scenario import (
    NO_JOB,
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
    ends,
)


class JobChangeStale(Scenario, frozen=True, kw_only=True, tag="job-change-stale"):
    """The old insurer still says valid although the job was left: the dangerous one, claims come back.

    `changed_days_ago`: days between the change and the start. `old_insurer_days`, `new_insurer_days`: days from the
    start until each has registered the change.
    """

    changed_days_ago: Days = 20
    old_insurer_days: Days = 30
    new_insurer_days: Days = 10

    about = About(
        kind=Kind.HISTORY,
        title_ja="転職後も旧資格が有効のまま",
        title_en="left the job, still answered as valid",
        survey_row="資格情報が無効",
        truth="転職して旧資格は喪失している。事業主の届出や保険者の登録が遅れている。",
        answer="旧資格の番号に 1（有効）。新資格の番号は登録まで 4、その後 1。登録が済むと旧資格の番号は 3。",
        advice="受付で勤め先や保険の変更を尋ねる。月末に照会し直し、返戻を防ぐ。",
        contact="旧保険者",
    )

    def misfit(self, cast: Cast) -> Misfit | None:
        return NO_JOB if cast.card.insurer.kind is InsurerKind.ELDERLY else None

    def story(self, cast: Cast) -> Story:
        changed = cast.past(self.changed_days_ago)
        old = cast.record(since=cast.since_before(changed))
        told = ends(old, changed, known=cast.day(self.old_insurer_days), reason=LossReason.OTHER_INSURANCE)
        new = cast.record(card=cast.next_card, since=changed, known=cast.day(self.new_insurer_days), period="next")
        return Story((old, told, new))


_NAME = Named("木村", "亮介", "ｷﾑﾗ", "ﾘｮｳｽｹ", "1")
_BORN = Aged(41, 10, 2)
JobChangeStale.people = (
    Ready(code="24", variant="旧資格の番号", plays=JobChangeStale(), name=_NAME, born=_BORN, pair="25"),
    Ready(
        code="25",
        variant="新資格の番号",
        plays=JobChangeStale(),
        name=_NAME,
        born=_BORN,
        insurer=InsurerKind.SOCIETY,
        pair="24",
        is_next=True,
    ),
)

from typing import Literal

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
    annulled,
    ends,
)


class JobChangeGap(Scenario, frozen=True, kw_only=True, tag="job-change-gap"):
    """A new job on the first day of the story: the old insurer is quick, the new one is not.

    `old_insurer_days`, `new_insurer_days`: days until each has registered the change. `old_answer`: in the gap the old
    number is `lost` (2) or `removed` (4).
    """

    old_insurer_days: Days = 0
    new_insurer_days: Days = 10
    old_answer: Literal["lost", "removed"] = "lost"

    about = About(
        kind=Kind.HISTORY,
        title_ja="転職後の登録待ち（資格の空白）",
        title_en="gap after a job change",
        survey_row="資格情報が無効",
        truth="転職して新しい保険に加入している。登録が追いついていないだけ。",
        answer="旧資格の番号は 2（または 4）、新資格の番号は登録まで 4。登録後は旧資格の番号 3、新資格の番号 1。",
        advice="資格確認書などで確かめ、なければ被保険者資格申立書。後日もう一度照会する。",
        contact="新保険者",
    )

    def misfit(self, cast: Cast) -> Misfit | None:
        return NO_JOB if cast.card.insurer.kind is InsurerKind.ELDERLY else None

    def story(self, cast: Cast) -> Story:
        changed, settled = cast.past(0), cast.day(self.new_insurer_days)
        left = max(changed, cast.day(self.old_insurer_days))
        old = cast.record(since=cast.since_before(changed))
        new = cast.record(card=cast.next_card, since=changed, known=settled, period="next")
        told = ends(old, changed, known=left, reason=LossReason.OTHER_INSURANCE)
        if self.old_answer == "lost":
            return Story((old, told, new))
        late = ends(old, changed, known=max(left, settled), reason=LossReason.OTHER_INSURANCE)
        return Story((old, annulled(old, left), late, new))


_NAME = Named("松本", "裕太", "ﾏﾂﾓﾄ", "ﾕｳﾀ", "1")
_BORN = Aged(32, 9, 21)
_NAME_REMOVED = Named("井上", "桃子", "ｲﾉｳｴ", "ﾓﾓｺ", "2")
_BORN_REMOVED = Aged(29, 1, 30)
JobChangeGap.people = (
    Ready(code="20", variant="旧資格の番号", plays=JobChangeGap(), name=_NAME, born=_BORN, pair="21"),
    Ready(
        code="21",
        variant="新資格の番号",
        plays=JobChangeGap(),
        name=_NAME,
        born=_BORN,
        insurer=InsurerKind.SOCIETY,
        pair="20",
        is_next=True,
    ),
    Ready(
        code="22",
        variant="旧資格の番号（抹消）",
        plays=JobChangeGap(old_answer="removed"),
        name=_NAME_REMOVED,
        born=_BORN_REMOVED,
        pair="23",
    ),
    Ready(
        code="23",
        variant="新資格の番号（抹消）",
        plays=JobChangeGap(old_answer="removed"),
        name=_NAME_REMOVED,
        born=_BORN_REMOVED,
        insurer=InsurerKind.SOCIETY,
        pair="22",
        is_next=True,
    ),
)

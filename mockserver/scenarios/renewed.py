from mockserver.eligibility.records import InsurerKind, LossReason
from mockserver.scenarios.scenario import About, Aged, Cast, Days, Kind, Named, Ready, Scenario, Story, ends


class Renewed(Scenario, frozen=True, kw_only=True, tag="renewed"):
    """The patient changed insurers, both have registered it, and the desk still holds the old number.

    `changed_days_ago`: days between the change and the start.
    """

    changed_days_ago: Days = 30

    about = About(
        kind=Kind.HISTORY,
        title_ja="無効（新しい資格あり）",
        title_en="lost, a newer one exists",
        survey_row="資格情報が無効",
        truth="保険者が変わり、新しい資格も登録済み。",
        answer="旧資格の番号には資格有効性 3、新資格の番号には 1。",
        advice="新しい保険の番号を確認して、もう一度照会する。",
        contact="患者（新資格の番号）",
    )

    def story(self, cast: Cast) -> Story:
        changed = cast.past(self.changed_days_ago)
        old = cast.record(since=cast.since_before(changed))
        new = cast.record(card=cast.next_card, since=changed, period="next")
        return Story((old, ends(old, changed, reason=LossReason.OTHER_INSURANCE), new))


_NAME = Named("小林", "香織", "ｺﾊﾞﾔｼ", "ｶｵﾘ", "2")
_BORN = Aged(35, 5, 25)
Renewed.people = (
    Ready(code="03", variant="旧資格の番号", plays=Renewed(), name=_NAME, born=_BORN, pair="06"),
    Ready(
        code="06",
        variant="新資格の番号",
        plays=Renewed(),
        name=_NAME,
        born=_BORN,
        insurer=InsurerKind.SOCIETY,
        pair="03",
        is_next=True,
    ),
)

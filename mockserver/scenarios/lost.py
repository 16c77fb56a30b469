from mockserver.eligibility.records import InsurerKind, LossReason
from mockserver.scenarios.scenario import About, Aged, Cast, Days, Kind, Named, Ready, Scenario, Story, ends


class Lost(Scenario, frozen=True, kw_only=True, tag="lost"):
    """The insurance was lost and nothing newer is known.

    `lost_days_ago`: days between the loss and the start. `reason`: 資格喪失事由, OQSCD008.
    """

    lost_days_ago: Days = 14
    reason: LossReason = LossReason.OTHER

    about = About(
        kind=Kind.HISTORY,
        title_ja="無効（資格喪失）",
        title_en="lost",
        survey_row="資格情報が無効",
        truth="資格を喪失しており、次の資格はまだない（または届け出ていない）。",
        answer="資格有効性 2（無効）。資格喪失年月日と喪失事由が付く。",
        advice="新しい保険の有無を患者に尋ねる。分からなければ被保険者資格申立書、やむを得なければ10割。",
        contact="保険者",
    )

    def story(self, cast: Cast) -> Story:
        lost_on = cast.past(self.lost_days_ago)
        record = cast.record(since=cast.since_before(lost_on))
        return Story((record, ends(record, lost_on, reason=self.reason)))


Lost.people = (
    Ready(
        code="02",
        variant="退職による喪失",
        plays=Lost(),
        name=Named("高橋", "直人", "ﾀｶﾊｼ", "ﾅｵﾄ", "1"),
        born=Aged(37, 2, 9),
    ),
    Ready(
        code="08",
        variant="生活保護受給開始",
        plays=Lost(lost_days_ago=40, reason=LossReason.PUBLIC_ASSISTANCE),
        name=Named("渡辺", "明美", "ﾜﾀﾅﾍﾞ", "ｱｹﾐ", "2"),
        born=Aged(64, 7, 17),
        insurer=InsurerKind.NATIONAL,
    ),
)

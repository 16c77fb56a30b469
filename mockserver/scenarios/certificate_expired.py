from mockserver.eligibility.chips import Chip
from mockserver.eligibility.records import InsurerKind
from mockserver.scenarios.scenario import About, Aged, Cast, Days, Kind, Named, Ready, Scenario, Story


class CertificateExpired(Scenario, frozen=True, kw_only=True, tag="certificate-expired"):
    """The card's electronic certificate ended more than three months ago: the card is refused.

    `ended_days_ago`: days from its last day to the start.
    """

    ended_days_ago: Days = 120

    about = About(
        kind=Kind.FAULT,
        title_ja="電子証明書の期限切れ（3か月超）",
        title_en="certificate expired",
        survey_row="マイナ保険証の有効期限が切れていた",
        truth="資格は有効。電子証明書の期限が切れて3か月を過ぎた。",
        answer="カードでの照会は拒まれる（リーダーの 006）。番号での照会は資格有効性 1。",
        advice="資格確認書か、番号での照会で受け付ける。市区町村での更新を案内する。",
        contact="市区町村",
    )

    def story(self, cast: Cast) -> Story:
        return Story((cast.record(),), chip=Chip(certificate_ends_on=cast.day(-self.ended_days_ago)))


CertificateExpired.people = (
    Ready(
        code="73",
        variant="120日前に期限切れ",
        plays=CertificateExpired(),
        name=Named("松井", "幸子", "ﾏﾂｲ", "ｻﾁｺ", "2"),
        born=Aged(77, 12, 19),
        insurer=InsurerKind.ELDERLY,
    ),
)

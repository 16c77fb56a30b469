from mockserver.eligibility.chips import Chip
from mockserver.scenarios.scenario import About, Aged, Cast, Days, Kind, Named, Ready, Scenario, Story


class CertificateGrace(Scenario, frozen=True, kw_only=True, tag="certificate-grace"):
    """The card's electronic certificate has ended, at most three months ago: the eligibility is still confirmed.

    `ended_days_ago`: days from its last day to the start.
    """

    ended_days_ago: Days = 30

    about = About(
        kind=Kind.FAULT,
        title_ja="電子証明書の期限切れ（3か月以内）",
        title_en="certificate ended, in grace",
        survey_row="マイナ保険証の有効期限が切れていた",
        truth="資格は有効。電子証明書の期限が切れて3か月以内。",
        answer="カードでの照会はまだ資格有効性 1 で、付加情報が付く。番号での照会には現れない。",
        advice="受付はそのまま進め、早めの更新を案内する。",
        contact="市区町村",
    )

    def story(self, cast: Cast) -> Story:
        return Story((cast.record(),), chip=Chip(certificate_ends_on=cast.day(-self.ended_days_ago)))


CertificateGrace.people = (
    Ready(
        code="72",
        variant="30日前に期限切れ",
        plays=CertificateGrace(),
        name=Named("野口", "浩二", "ﾉｸﾞﾁ", "ｺｳｼﾞ", "1"),
        born=Aged(58, 4, 2),
    ),
)

from mockserver.eligibility.chips import Chip
from mockserver.scenarios.scenario import About, Aged, Cast, Days, Kind, Named, Ready, Scenario, Story


class CertificateExpiring(Scenario, frozen=True, kw_only=True, tag="certificate-expiring"):
    """The card's electronic certificate ends soon: still valid, with a message. Seen when the card is laid on the reader.

    `ends_in_days`: days from the start to its last day; the message is told in the three months before it.
    """

    ends_in_days: Days = 60

    about = About(
        kind=Kind.FAULT,
        title_ja="電子証明書の有効期限が近い",
        title_en="certificate expiring",
        survey_row=None,
        truth="資格は有効。マイナンバーカードの電子証明書が3か月以内に切れる。",
        answer="カードでの照会は資格有効性 1 で、期限が近いという付加情報が付く。番号での照会には現れない。",
        advice="受付はそのまま進め、市区町村での更新を案内する。",
        contact="市区町村",
    )

    def story(self, cast: Cast) -> Story:
        return Story((cast.record(),), chip=Chip(certificate_ends_on=cast.day(self.ends_in_days)))


CertificateExpiring.people = (
    Ready(
        code="71",
        variant="60日後に期限",
        plays=CertificateExpiring(),
        name=Named("岩崎", "由美", "ｲﾜｻｷ", "ﾕﾐ", "2"),
        born=Aged(49, 10, 8),
    ),
)

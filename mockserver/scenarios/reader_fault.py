from mockserver.eligibility.chips import Chip, ReaderCode
from mockserver.eligibility.records import InsurerKind
from mockserver.scenarios.scenario import About, Aged, Cast, Kind, Named, Ready, Scenario, Story


class ReaderFault(Scenario, frozen=True, kw_only=True, tag="reader-fault"):
    """The reader cannot use the card.

    `code`: what the reader shows; 001 the card is not recognised, 002 it is another card, 006 its certificate was revoked.
    """

    code: ReaderCode = "001"

    about = About(
        kind=Kind.FAULT,
        title_ja="カードリーダーのエラー",
        title_en="reader fault",
        survey_row="カードリーダーの接続不良・認証エラー",
        truth="資格は有効。カードを読み取れない、別のカード、または証明書が失効している。",
        answer="カードでの照会はリーダーのエラー 001、002、006 で拒まれる。番号での照会は資格有効性 1。",
        advice="置き直し、カードの種類、証明書の失効の順に確かめる。だめなら資格確認書。",
        contact="医療機関、006 は市区町村",
    )

    def story(self, cast: Cast) -> Story:
        return Story((cast.record(),), chip=Chip(reader_code=self.code))


ReaderFault.people = (
    Ready(
        code="78",
        variant="001 カードの認識不可",
        plays=ReaderFault(),
        name=Named("杉山", "拓也", "ｽｷﾞﾔﾏ", "ﾀｸﾔ", "1"),
        born=Aged(41, 9, 4),
    ),
    Ready(
        code="79",
        variant="002 マイナンバーカード以外",
        plays=ReaderFault(code="002"),
        name=Named("佐野", "里美", "ｻﾉ", "ｻﾄﾐ", "2"),
        born=Aged(55, 5, 24),
        insurer=InsurerKind.NATIONAL,
    ),
    Ready(
        code="80",
        variant="006 証明書の失効",
        plays=ReaderFault(code="006"),
        name=Named("大塚", "茂", "ｵｵﾂｶ", "ｼｹﾞﾙ", "1"),
        born=Aged(80, 11, 11),
        insurer=InsurerKind.ELDERLY,
    ),
)

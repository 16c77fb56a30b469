from mockserver.eligibility.chips import Chip
from mockserver.eligibility.records import InsurerKind
from mockserver.scenarios.scenario import About, Aged, Cast, Kind, Named, Ready, Scenario, Story


class PinWrong(Scenario, frozen=True, kw_only=True, tag="pin-wrong"):
    """The patient does not know the PIN: wrong each time, locked after the third, until the clinic is reset.

    Without parameters. A face or the staff's eyes prove the patient all the same.
    """

    about = About(
        kind=Kind.FAULT,
        title_ja="暗証番号の誤り",
        title_en="wrong PIN",
        survey_row="カードリーダーの接続不良・認証エラー",
        truth="資格は有効。患者が暗証番号を覚えていない。",
        answer="暗証番号での確認は1、2回目が誤り、3回目でロック。顔認証・目視なら資格有効性 1。",
        advice="3回目の前に顔認証か目視に切り替える。ロックの解除は市区町村で。",
        contact="市区町村",
    )

    def story(self, cast: Cast) -> Story:
        return Story((cast.record(),), chip=Chip(is_pin_known=False))


PinWrong.people = (
    Ready(
        code="75",
        variant="覚えていない",
        plays=PinWrong(),
        name=Named("菅原", "和子", "ｽｶﾞﾜﾗ", "ｶｽﾞｺ", "2"),
        born=Aged(69, 8, 21),
        insurer=InsurerKind.NATIONAL,
    ),
)

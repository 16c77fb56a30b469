from mockserver.eligibility.chips import Chip
from mockserver.scenarios.scenario import About, Aged, Cast, Kind, Named, Ready, Scenario, Story


class PinLocked(Scenario, frozen=True, kw_only=True, tag="pin-locked"):
    """The PIN was locked before the patient came. Without parameters. A face or the staff's eyes prove the patient all the same."""

    about = About(
        kind=Kind.FAULT,
        title_ja="暗証番号のロック",
        title_en="PIN locked",
        survey_row="カードリーダーの接続不良・認証エラー",
        truth="資格は有効。暗証番号を3回誤り、カードがロックされている。",
        answer="暗証番号での確認は最初から拒まれる。顔認証・目視なら資格有効性 1。",
        advice="顔認証か目視に切り替える。ロックの解除は市区町村で。",
        contact="市区町村",
    )

    def story(self, cast: Cast) -> Story:
        return Story((cast.record(),), chip=Chip(is_locked=True))


PinLocked.people = (
    Ready(
        code="76",
        variant="来院前から",
        plays=PinLocked(),
        name=Named("久保", "秀樹", "ｸﾎﾞ", "ﾋﾃﾞｷ", "1"),
        born=Aged(62, 1, 30),
    ),
)

from mockserver.eligibility.chips import Chip
from mockserver.scenarios.scenario import About, Aged, Cast, Kind, Named, Ready, Scenario, Story


class CardNotRegistered(Scenario, frozen=True, kw_only=True, tag="card-not-registered"):
    """The card was never registered as 健康保険証, or the registration was cancelled. Without parameters."""

    about = About(
        kind=Kind.FAULT,
        title_ja="利用登録のないカード",
        title_en="card not registered",
        survey_row=None,
        truth="資格は有効。マイナンバーカードを健康保険証として登録していない（または解除した）。",
        answer="カードでの照会は拒まれる。番号での照会は資格有効性 1。",
        advice="リーダーで利用登録をしてもらうか、資格確認書で受け付ける。",
        contact="患者",
    )

    def story(self, cast: Cast) -> Story:
        return Story((cast.record(),), chip=Chip(is_registered=False))


CardNotRegistered.people = (
    Ready(
        code="74",
        variant="未登録",
        plays=CardNotRegistered(),
        name=Named("木下", "大地", "ｷﾉｼﾀ", "ﾀﾞｲﾁ", "1"),
        born=Aged(28, 3, 27),
    ),
)

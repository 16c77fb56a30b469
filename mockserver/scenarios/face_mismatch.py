from mockserver.eligibility.chips import Chip
from mockserver.scenarios.scenario import About, Cast, Kind, Named, Ready, Scenario, Story, Turning


class FaceMismatch(Scenario, frozen=True, kw_only=True, tag="face-mismatch"):
    """The reader does not recognise the face (small children, a mask). Without parameters.

    The PIN or the staff's eyes prove the patient all the same.
    """

    about = About(
        kind=Kind.FAULT,
        title_ja="顔認証の不一致",
        title_en="face mismatch",
        survey_row="カードリーダーの接続不良・認証エラー",
        truth="資格は有効。顔写真と本人の顔が一致しないと判定される（乳幼児、マスクなど）。",
        answer="顔認証では拒まれる。暗証番号・目視なら資格有効性 1。",
        advice="暗証番号か目視に切り替える。",
        contact="医療機関",
    )

    def story(self, cast: Cast) -> Story:
        return Story((cast.record(),), chip=Chip(is_face_alike=False))


FaceMismatch.people = (
    Ready(
        code="77",
        variant="乳児",
        plays=FaceMismatch(),
        name=Named("市川", "湊", "ｲﾁｶﾜ", "ﾐﾅﾄ", "1"),
        born=Turning(2, 90),
        branch="03",
    ),
)

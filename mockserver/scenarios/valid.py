from mockserver.eligibility.records import InsurerKind
from mockserver.scenarios.scenario import About, Aged, Cast, Kind, Named, Ready, Scenario, Story, Turning


class Valid(Scenario, frozen=True, kw_only=True, tag="valid"):
    """A good answer: insured for years, registered in time. Without parameters."""

    about = About(
        kind=Kind.HISTORY,
        title_ja="有効",
        title_en="valid",
        survey_row=None,
        truth="資格は有効で、期日どおりに登録されている。",
        answer="資格有効性 1（有効）と資格情報1件。",
        advice="資格情報を患者情報と照合して取り込む。",
        contact="不要",
    )

    def story(self, cast: Cast) -> Story:
        return Story((cast.record(),))


Valid.people = (
    Ready(
        code="01",
        variant="社保 本人",
        plays=Valid(),
        name=Named("佐藤", "健一", "ｻﾄｳ", "ｹﾝｲﾁ", "1"),
        born=Aged(45, 4, 12),
    ),
    Ready(
        code="51",
        variant="国保",
        plays=Valid(),
        name=Named("鈴木", "陽子", "ｽｽﾞｷ", "ﾖｳｺ", "2"),
        born=Aged(53, 11, 3),
        insurer=InsurerKind.NATIONAL,
    ),
    Ready(
        code="52",
        variant="後期高齢者",
        plays=Valid(),
        name=Named("田中", "千代", "ﾀﾅｶ", "ﾁﾖ", "2"),
        born=Aged(85, 1, 20),
        insurer=InsurerKind.ELDERLY,
    ),
    Ready(
        code="53",
        variant="高齢受給者（70～74歳）",
        plays=Valid(),
        name=Named("伊藤", "稔", "ｲﾄｳ", "ﾐﾉﾙ", "1"),
        born=Turning(72, 30),
        insurer=InsurerKind.NATIONAL,
    ),
    Ready(
        code="54",
        variant="未就学児（家族）",
        plays=Valid(),
        name=Named("山本", "結衣", "ﾔﾏﾓﾄ", "ﾕｲ", "2"),
        born=Turning(3, 60),
        branch="03",
    ),
    Ready(
        code="55",
        variant="記号が全角",
        plays=Valid(),
        name=Named("中村", "拓真", "ﾅｶﾑﾗ", "ﾀｸﾏ", "1"),
        born=Aged(34, 8, 30),
        insurer=InsurerKind.NATIONAL,
        symbol="国１２・３４",
    ),
)

from mockserver.scenarios.scenario import About, Aged, Cast, Kind, Named, Ready, Scenario, Story


class NoMatch(Scenario, frozen=True, kw_only=True, tag="no-match"):
    """Nobody is insured under this number and birth date. Without parameters."""

    about = About(
        kind=Kind.HISTORY,
        title_ja="該当資格なし",
        title_en="no such insurance",
        survey_row="該当の被保険者番号がない",
        truth="その番号・生年月日の資格は存在しない（読み違い、打ち間違い、別人の番号など）。",
        answer="資格有効性 4（該当資格なし）。資格情報はない。",
        advice="保険者番号・記号・番号・生年月日を確かめて、もう一度照会する。",
        contact="患者、次に保険者",
    )

    def story(self, cast: Cast) -> Story:
        del cast
        return Story(())


NoMatch.people = (
    Ready(
        code="04",
        variant="番号違い",
        plays=NoMatch(),
        name=Named("加藤", "翔太", "ｶﾄｳ", "ｼｮｳﾀ", "1"),
        born=Aged(30, 12, 1),
    ),
)

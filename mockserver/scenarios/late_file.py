from mockserver.scenarios.scenario import About, Aged, Cast, Kind, Milliseconds, Named, Ready, Scenario, Story, Way


class LateFile(Scenario, frozen=True, kw_only=True, tag="late-file"):
    """The answer file comes late. Folder only; over HTTP the answer is an ordinary one.

    `late_ms`: milliseconds until it comes.
    """

    late_ms: Milliseconds = 10_000

    about = About(
        kind=Kind.FAULT,
        title_ja="応答ファイルの遅れ",
        title_en="late file",
        survey_row=None,
        truth="資格は有効。回線や端末が遅い。",
        answer="res の応答ファイルが遅れて届く。",
        advice="待ち時間を設け、受付を止めない。同じ照会を重ねて出さない。",
        contact="医療機関、次に保守業者",
    )

    def story(self, cast: Cast) -> Story:
        return Story((cast.record(),), way=Way(late_ms=self.late_ms))


LateFile.people = (
    Ready(
        code="81",
        variant="10秒後",
        plays=LateFile(),
        name=Named("小池", "洋介", "ｺｲｹ", "ﾖｳｽｹ", "1"),
        born=Aged(44, 2, 17),
    ),
)

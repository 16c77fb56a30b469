from mockserver.scenarios.scenario import About, Aged, Cast, Kind, Milliseconds, Named, Ready, Scenario, Story, Way


class HalfWrittenFile(Scenario, frozen=True, kw_only=True, tag="half-written-file"):
    """The first half of the answer file is there, the rest follows. Folder only; over HTTP the answer is an ordinary one.

    `rest_after_ms`: milliseconds until the rest follows.
    """

    rest_after_ms: Milliseconds = 3_000

    about = About(
        kind=Kind.FAULT,
        title_ja="書きかけの応答ファイル",
        title_en="half-written file",
        survey_row=None,
        truth="資格は有効。応答ファイルは書き込みの途中。",
        answer="res に前半だけの XML が現れ、しばらくして全体になる。",
        advice="読み取りに失敗しても捨てず、書き終わるのを待って読み直す。",
        contact="不要",
    )

    def story(self, cast: Cast) -> Story:
        return Story((cast.record(),), way=Way(rest_after_ms=self.rest_after_ms))


HalfWrittenFile.people = (
    Ready(
        code="82",
        variant="3秒後に完成",
        plays=HalfWrittenFile(),
        name=Named("浜田", "美紀", "ﾊﾏﾀﾞ", "ﾐｷ", "2"),
        born=Aged(36, 6, 9),
    ),
)

from mockserver.scenarios.scenario import About, Aged, Cast, Kind, Milliseconds, Named, Ready, Scenario, Story, Way


class RepeatedFile(Scenario, frozen=True, kw_only=True, tag="repeated-file"):
    """The answer file comes twice. Folder only; over HTTP the answer is an ordinary one.

    `again_after_ms`: milliseconds from the first to the second.
    """

    again_after_ms: Milliseconds = 2_000

    about = About(
        kind=Kind.FAULT,
        title_ja="応答ファイルの重複",
        title_en="answer twice",
        survey_row=None,
        truth="資格は有効。同じ応答が二度届く。",
        answer="応答ファイルを読み終えて消しても、同じ名前で同じ内容がもう一度現れる。",
        advice="二重に取り込まない（取り込み済みの識別子を覚えておく）。",
        contact="不要",
    )

    def story(self, cast: Cast) -> Story:
        return Story((cast.record(),), way=Way(again_after_ms=self.again_after_ms))


RepeatedFile.people = (
    Ready(
        code="86",
        variant="2秒後にもう一度",
        plays=RepeatedFile(),
        name=Named("内藤", "光", "ﾅｲﾄｳ", "ﾋｶﾙ", "1"),
        born=Aged(26, 8, 13),
    ),
)

from mockserver.scenarios.scenario import About, Aged, Cast, Kind, Named, Ready, Scenario, Story, Way


class ErrorFile(Scenario, frozen=True, kw_only=True, tag="error-file"):
    """An `.err` file comes in place of the answer. Without parameters. Folder only; over HTTP the answer is an ordinary one."""

    about = About(
        kind=Kind.FAULT,
        title_ja="エラーファイル",
        title_en="error file",
        survey_row=None,
        truth="資格は有効。連携アプリケーションが照会を処理できなかった。",
        answer="res に要求ファイル名の .err と、要求ファイルの写しが置かれる。",
        advice="エラーとして扱い、内容を確かめて照会し直す。",
        contact="医療機関、次に保守業者",
    )

    def story(self, cast: Cast) -> Story:
        return Story((cast.record(),), way=Way(is_error=True))


ErrorFile.people = (
    Ready(
        code="83",
        variant=".err",
        plays=ErrorFile(),
        name=Named("服部", "真一", "ﾊｯﾄﾘ", "ｼﾝｲﾁ", "1"),
        born=Aged(51, 7, 7),
    ),
)

from mockserver.scenarios.scenario import About, Aged, Cast, Kind, Named, Ready, Scenario, Story, Way


class SwappedFile(Scenario, frozen=True, kw_only=True, tag="swapped-file"):
    """Under the name of the answer file lies the answer to another patient's inquiry. Without parameters.

    Folder only; over HTTP the answer is an ordinary one.
    """

    about = About(
        kind=Kind.FAULT,
        title_ja="別の患者の応答ファイル",
        title_en="another patient's answer",
        survey_row=None,
        truth="資格は有効。応答ファイルが別の照会のものと入れ替わっている。",
        answer="ファイル名は正しく、照会条件・任意のファイル識別子・資格情報は別の患者のもの。",
        advice="ファイル名だけで取り込まず、ArbitraryFileIdentifier と照会条件を照合する。",
        contact="保守業者",
    )

    def story(self, cast: Cast) -> Story:
        return Story((cast.record(),), way=Way(is_swapped=True))


SwappedFile.people = (
    Ready(
        code="85",
        variant="入れ替わり",
        plays=SwappedFile(),
        name=Named("高田", "恵子", "ﾀｶﾀﾞ", "ｹｲｺ", "2"),
        born=Aged(47, 1, 15),
    ),
)

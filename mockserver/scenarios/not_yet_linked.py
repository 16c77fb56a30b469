from mockserver.scenarios.scenario import About, Aged, Cast, Days, Kind, Named, Ready, Scenario, Story


class NotYetLinked(Scenario, frozen=True, kw_only=True, tag="not-yet-linked"):
    """The insurer has not registered the person at all.

    `registered_after_days`: days from the start until it does; none: never.
    """

    registered_after_days: Days | None = None

    about = About(
        kind=Kind.HISTORY,
        title_ja="未登録（ひも付け前）",
        title_en="not registered by the insurer",
        survey_row="該当の被保険者番号がない",
        truth="加入している。保険者が資格をまったく登録していない。",
        answer="資格有効性 4（該当資格なし）。マイナンバーカードで照会しても該当なし。",
        advice="資格確認書や資格情報のお知らせで確かめる。なければ被保険者資格申立書。",
        contact="保険者",
    )

    def story(self, cast: Cast) -> Story:
        truth = cast.record()
        if self.registered_after_days is None:
            return Story((), truth=(truth,))
        return Story((cast.record(known=cast.day(self.registered_after_days)),), truth=(truth,))


NotYetLinked.people = (
    Ready(
        code="35",
        variant="登録なし",
        plays=NotYetLinked(),
        name=Named("前田", "あすか", "ﾏｴﾀﾞ", "ｱｽｶ", "2"),
        born=Aged(24, 4, 30),
    ),
)

from msgspec.structs import replace

from mockserver.scenarios.scenario import About, Aged, Cast, Kind, Named, Ready, Scenario, Story


class OtherPersonsData(Scenario, frozen=True, kw_only=True, tag="other-persons-data"):
    """The number leads to somebody else: the whole result is another person's. Without parameters."""

    about = About(
        kind=Kind.DISTORTION,
        title_ja="他人の情報の誤ったひも付け",
        title_en="somebody else's data",
        survey_row="他人の情報が紐づけられていた",
        truth="番号は本人のもの。登録で別人の情報にひも付けられている。",
        answer="資格有効性 1。氏名・生年月日・住所・番号がすべて別人のもの。",
        advice="照会した生年月日と結果の生年月日が違えば取り込まない。表示もせず保険者へ。",
        contact="保険者",
    )

    def story(self, cast: Cast) -> Story:
        theirs = cast.record(
            card=cast.stranger_card, person=cast.stranger, cover=cast.stranger_cover, since=cast.stranger_since
        )
        found = replace(theirs, found_by=(cast.card, cast.person.birthdate))
        return Story((found,), truth=(cast.record(),))


OtherPersonsData.people = (
    Ready(
        code="47",
        variant="結果全体が別人",
        plays=OtherPersonsData(),
        name=Named("藤原", "七夏", "ﾌｼﾞﾜﾗ", "ﾅﾅﾐ", "2"),
        born=Aged(31, 2, 22),
    ),
)

from typing import Literal

from msgspec.structs import replace

from mockserver.eligibility.records import Person
from mockserver.eligibility.text import raise_small_kana, unvary, vary
from mockserver.scenarios.scenario import About, Aged, Cast, Kind, Misfit, Named, Ready, Scenario, Story


class NameMismatch(Scenario, frozen=True, kw_only=True, tag="name-mismatch"):
    """The registered name differs from the real one.

    `how`: `maiden`, still the family name before marriage; `variant`, the usual form of a kanji (高) where the family
    register has a variant (髙); `large-kana`, small kana of the reading raised (ショウ → シヨウ).
    """

    how: Literal["maiden", "variant", "large-kana"] = "maiden"

    about = About(
        kind=Kind.DISTORTION,
        title_ja="氏名の不一致",
        title_en="another name",
        survey_row="名前や住所の不一致",
        truth="本人に間違いない。登録が旧姓、別の字体、または大きいカナのまま。",
        answer="資格有効性 1。氏名または氏名カナが実際と違う。",
        advice="生年月日・性別・番号で本人を確かめ、患者情報を自動で上書きしない。",
        contact="保険者",
    )

    def misfit(self, cast: Cast) -> Misfit | None:
        if self.how == "maiden" and cast.stranger.family_name == cast.person.family_name:
            return Misfit("別の姓が用意できません", f"the other family name is {cast.person.family_name} too")
        if self.how == "variant" and vary(unvary(cast.person.name)) == unvary(cast.person.name):
            name = cast.person.name
            return Misfit(
                f"{name} に異体字のある字がありません", f"the name {name} has no character with a variant form"
            )
        if self.how == "large-kana" and raise_small_kana(cast.person.kana) == cast.person.kana:
            kana = cast.person.kana
            return Misfit(f"{kana} に小さいカナがありません", f"the reading {kana} has no small kana")
        return None

    def story(self, cast: Cast) -> Story:
        real = cast.person
        if self.how == "variant":
            usual, given = unvary(real.family_name), unvary(real.given_name)
            varied = vary(usual)
            real = replace(real, family_name=varied, given_name=given if varied != usual else vary(given))
        return Story((cast.record(person=self._registered(real, cast)),), truth=(cast.record(person=real),))

    def _registered(self, real: Person, cast: Cast) -> Person:
        if self.how == "maiden":
            return replace(real, family_name=cast.stranger.family_name, family_kana=cast.stranger.family_kana)
        if self.how == "variant":
            return replace(real, family_name=unvary(real.family_name), given_name=unvary(real.given_name))
        family, given = raise_small_kana(real.family_kana), raise_small_kana(real.given_kana)
        return replace(real, family_kana=family, given_kana=given)


NameMismatch.people = (
    Ready(
        code="15",
        variant="旧姓",
        plays=NameMismatch(),
        name=Named("近藤", "裕美子", "ｺﾝﾄﾞｳ", "ﾕﾐｺ", "2"),
        born=Aged(33, 3, 27),
    ),
    Ready(
        code="16",
        variant="字体（髙/高）",
        plays=NameMismatch(how="variant"),
        name=Named("高木", "学", "ﾀｶｷﾞ", "ﾏﾅﾌﾞ", "1"),
        born=Aged(48, 1, 9),
    ),
    Ready(
        code="17",
        variant="カナの大小",
        plays=NameMismatch(how="large-kana"),
        name=Named("遠藤", "京助", "ｴﾝﾄﾞｳ", "ｷｮｳｽｹ", "1"),
        born=Aged(27, 11, 11),
    ),
)

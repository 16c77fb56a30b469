from typing import Literal

from msgspec.structs import replace

from mockserver.eligibility.records import InsurerKind
from mockserver.eligibility.text import outside
from mockserver.scenarios.scenario import (
    About,
    Aged,
    Cast,
    Kind,
    Misfit,
    Named,
    Ready,
    Scenario,
    Story,
    everything_is_shown,
)


class GarbledName(Scenario, frozen=True, kw_only=True, tag="garbled-name"):
    """The real name holds a character outside the repertoire; the backend shows ● in its place.

    `part`: which part of the name. The real name is the cast's own, written in a form that cannot be shown.
    """

    part: Literal["family", "given", "both"] = "family"

    about = About(
        kind=Kind.DISTORTION,
        title_ja="氏名に●",
        title_en="● in the name",
        survey_row="●（くろまる）で出る",
        truth="住民票の氏名の字が保険者側の文字集合にない（髙、𠮷、異体字など）。",
        answer="資格有効性 1。表せない文字が ● に置き換わる。",
        advice="● を1文字の欠落として扱い、カナ・生年月日で照合する。レセプトには ● のままでも出せる。",
        contact="不要（保険者の外字対応による）",
    )

    def misfit(self, cast: Cast) -> Misfit | None:
        return everything_is_shown(cast.person.family_name, cast.repertoire)

    def story(self, cast: Cast) -> Story:
        person = cast.person
        family = person.family_name if self.part == "given" else outside(person.family_name, cast.repertoire)
        given = person.given_name if self.part == "family" else outside(person.given_name, cast.repertoire)
        return Story((cast.record(person=replace(person, family_name=family, given_name=given)),))


GarbledName.people = (
    Ready(
        code="11",
        variant="姓",
        plays=GarbledName(),
        name=Named("高橋", "和也", "ﾀｶﾊｼ", "ｶｽﾞﾔ", "1"),
        born=Aged(39, 5, 5),
    ),
    Ready(
        code="12",
        variant="名",
        plays=GarbledName(part="given"),
        name=Named("後藤", "清", "ｺﾞﾄｳ", "ｷﾖｼ", "1"),
        born=Aged(60, 10, 10),
        insurer=InsurerKind.NATIONAL,
    ),
    Ready(
        code="13",
        variant="姓と名",
        plays=GarbledName(part="both"),
        name=Named("吉川", "清美", "ﾖｼｶﾜ", "ｷﾖﾐ", "2"),
        born=Aged(84, 2, 11),
        insurer=InsurerKind.ELDERLY,
    ),
)

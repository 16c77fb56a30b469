from msgspec.structs import replace

from mockserver.eligibility.text import outside_place
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


class GarbledAddress(Scenario, frozen=True, kw_only=True, tag="garbled-address"):
    """The real address holds a character outside the repertoire; the backend shows ● in its place. No parameters."""

    about = About(
        kind=Kind.DISTORTION,
        title_ja="住所に●",
        title_en="● in the address",
        survey_row="●（くろまる）で出る",
        truth="住所の字（異体字の地名など）が保険者側の文字集合にない。",
        answer="資格有効性 1。住所の表せない文字が ● に置き換わる。",
        advice="● を含む住所で患者情報を上書きしない。郵便番号と照らして補う。",
        contact="不要（保険者の外字対応による）",
    )

    def misfit(self, cast: Cast) -> Misfit | None:
        return everything_is_shown(cast.person.address, cast.repertoire)

    def story(self, cast: Cast) -> Story:
        person = replace(cast.person, address=outside_place(cast.person.address))
        return Story((cast.record(person=person),))


GarbledAddress.people = (
    Ready(
        code="14",
        variant="住所",
        plays=GarbledAddress(),
        name=Named("村上", "直子", "ﾑﾗｶﾐ", "ﾅｵｺ", "2"),
        born=Aged(42, 7, 7),
    ),
)

from msgspec.structs import replace

from mockserver.eligibility.records import InsurerKind
from mockserver.scenarios.scenario import About, Aged, Cast, Days, Kind, Named, Ready, Scenario, Story


class AddressMismatch(Scenario, frozen=True, kw_only=True, tag="address-mismatch"):
    """The patient moved, the insurer still has the old address.

    `updated_after_days`: days from the start until the new address is registered; none: never.
    """

    updated_after_days: Days | None = None

    about = About(
        kind=Kind.DISTORTION,
        title_ja="住所の不一致",
        title_en="another address",
        survey_row="名前や住所の不一致",
        truth="転居している。保険者の登録が前の住所のまま。",
        answer="資格有効性 1。住所と郵便番号が実際と違う。",
        advice="本人に住所を確かめ、患者情報を自動で上書きしない。",
        contact="保険者",
    )

    def story(self, cast: Cast) -> Story:
        before = replace(cast.person, address=cast.stranger.address, post_number=cast.stranger.post_number)
        old, truth = cast.record(person=before), cast.record()
        if self.updated_after_days is None:
            return Story((old,), truth=(truth,))
        return Story((old, cast.record(known=cast.day(self.updated_after_days))), truth=(truth,))


AddressMismatch.people = (
    Ready(
        code="18",
        variant="旧住所",
        plays=AddressMismatch(),
        name=Named("坂本", "洋介", "ｻｶﾓﾄ", "ﾖｳｽｹ", "1"),
        born=Aged(36, 8, 18),
        insurer=InsurerKind.NATIONAL,
    ),
)

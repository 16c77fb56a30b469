from typing import Literal

from msgspec.structs import replace

from mockserver.eligibility.records import Person
from mockserver.scenarios.scenario import About, Aged, Cast, Kind, Misfit, Named, Ready, Scenario, Story


class MultipleMatch(Scenario, frozen=True, kw_only=True, tag="multiple-match"):
    """More than one person fits the question.

    `who`: `duplicate`, two people were registered under one number; `twins`, two children of one household with the
    same birth date, told apart as soon as the branch is given.
    """

    who: Literal["duplicate", "twins"] = "duplicate"

    about = About(
        kind=Kind.HISTORY,
        title_ja="複数該当",
        title_en="more than one match",
        survey_row=None,
        truth="同じ番号・生年月日に2人が当てはまる（双子、または二重の登録）。",
        answer="資格有効性 5（複数該当）。資格情報の有無は設定による。",
        advice="枝番を付けて照会し直す。だめなら保険者に確かめる。",
        contact="保険者",
    )

    def misfit(self, cast: Cast) -> Misfit | None:
        if self.who == "twins" and cast.card.branch is None:
            return Misfit(
                "枝番のない証では双子を区別できません", "twins cannot be told apart on a card without a branch"
            )
        return None

    def story(self, cast: Cast) -> Story:
        mine = cast.record()
        other = replace(cast.stranger, birthdate=cast.person.birthdate)
        card = cast.card
        if self.who == "twins":
            other = _as_twin(other, cast.person)
            card = replace(card, branch="03" if card.branch == "02" else "02")
        theirs = cast.record(card=card, person=other, holder="stranger")
        return Story((mine, theirs), truth=(mine, theirs) if self.who == "twins" else (mine,))


def _as_twin(other: Person, person: Person) -> Person:
    return replace(
        other,
        family_name=person.family_name,
        family_kana=person.family_kana,
        address=person.address,
        post_number=person.post_number,
    )


MultipleMatch.people = (
    Ready(
        code="05",
        variant="二重登録",
        plays=MultipleMatch(),
        name=Named("吉田", "修平", "ﾖｼﾀﾞ", "ｼｭｳﾍｲ", "1"),
        born=Aged(46, 3, 14),
    ),
    Ready(
        code="07",
        variant="双子（枝番なしの照会）",
        plays=MultipleMatch(who="twins"),
        name=Named("山田", "春香", "ﾔﾏﾀﾞ", "ﾊﾙｶ", "2"),
        born=Aged(13, 6, 6),
        branch=None,
    ),
)

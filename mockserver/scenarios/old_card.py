from datetime import date
from typing import Literal

from msgspec.structs import replace

from mockserver.eligibility.calendar import ONE_DAY
from mockserver.eligibility.records import InsurerKind
from mockserver.scenarios.scenario import (
    FIRST_START,
    LAST_START,
    About,
    Aged,
    Cast,
    Kind,
    Named,
    Ready,
    Scenario,
    Story,
    ends,
)

LAST_DAY_OF_OLD_CARDS = date(2025, 12, 1)  # patterns.md section 2


class OldCard(Scenario, frozen=True, kw_only=True, tag="old-card"):
    """The number stands on an old 健康保険証 whose own period is over; the eligibility behind it goes on.

    `says`: what the backend answers to that number, which no public source tells: `valid` (1), `invalid` (2) or
    `renewed` (3, with a new number). `card_ends_on`: last day of the card; none: that of all old
    cards, 2025-12-01, or ten days before the start where that is earlier.
    """

    says: Literal["valid", "invalid", "renewed"] = "valid"
    card_ends_on: date | None = None

    about = About(
        kind=Kind.HISTORY,
        title_ja="期限の切れた健康保険証の番号",
        title_en="number of an expired old card",
        survey_row=None,
        truth="保険証の期限は切れたが、資格そのものは続いている。",
        answer="既定では 1（証の有効終了年月日は過去の日付）。パラメーター says で 2 または 3 にできる。",
        advice="番号で照会して資格を確かめる。マイナ保険証か資格確認書の提示を勧める。",
        contact="保険者",
    )

    def __post_init__(self) -> None:
        if self.card_ends_on and not FIRST_START <= self.card_ends_on <= LAST_START:
            raise ValueError(f"card_ends_on: expected a day from {FIRST_START} to {LAST_START}")

    def story(self, cast: Cast) -> Story:
        ended = self.card_ends_on or min(LAST_DAY_OF_OLD_CARDS, cast.day(-10))
        over = max(ended, cast.person.birthdate) + ONE_DAY
        since = cast.since_before(over)
        truth = cast.record(since=since)
        held = replace(truth, cover=replace(cast.cover, card_period=(since, over - ONE_DAY)))
        if self.says == "valid":
            return Story((held,), truth=(truth,))
        if self.says == "invalid":
            return Story((held, ends(held, over)), truth=(truth,))
        new = cast.record(card=cast.next_card, since=over, period="next")
        return Story((held, ends(held, over), replace(new, acquired_on=since)))


_NAME = Named("橋本", "美加子", "ﾊｼﾓﾄ", "ﾐｶｺ", "2")
_BORN = Aged(43, 12, 24)
OldCard.people = (
    Ready(
        code="31",
        variant="有効と答える",
        plays=OldCard(),
        name=Named("阿部", "康弘", "ｱﾍﾞ", "ﾔｽﾋﾛ", "1"),
        born=Aged(55, 8, 8),
    ),
    Ready(
        code="32",
        variant="無効と答える",
        plays=OldCard(says="invalid"),
        name=Named("石川", "里佳", "ｲｼｶﾜ", "ﾘｶ", "2"),
        born=Aged(47, 3, 3),
    ),
    Ready(
        code="33",
        variant="新しい資格ありと答える",
        plays=OldCard(says="renewed"),
        name=_NAME,
        born=_BORN,
        pair="34",
    ),
    Ready(
        code="34",
        variant="新資格の番号",
        plays=OldCard(says="renewed"),
        name=_NAME,
        born=_BORN,
        insurer=InsurerKind.SOCIETY,
        pair="33",
        is_next=True,
    ),
)

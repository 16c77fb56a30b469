from mockserver.eligibility.records import LossReason
from mockserver.scenarios.scenario import About, Aged, Cast, Days, Kind, Named, Ready, Scenario, Story, ends


class RetroactiveLoss(Scenario, frozen=True, kw_only=True, tag="retroactive-loss"):
    """Valid on the day of the visit; asked again later about the same day, lost.

    `lost_days_ago`: days between the loss and the start. `registered_after_days`: days from the start until it is
    registered.
    """

    lost_days_ago: Days = 5
    registered_after_days: Days = 7

    about = About(
        kind=Kind.HISTORY,
        title_ja="遡及した資格喪失",
        title_en="loss registered after the visit",
        survey_row="資格情報が無効",
        truth="受診日には資格を失っていたが、登録は受診の後だった。",
        answer="受診日の照会は 1、後日同じ日について照会すると 2。",
        advice="請求の前に受診日の資格を照会し直す。",
        contact="保険者",
    )

    def story(self, cast: Cast) -> Story:
        lost_on = cast.past(self.lost_days_ago)
        record = cast.record(since=cast.since_before(lost_on))
        known = cast.day(self.registered_after_days)
        return Story((record, ends(record, lost_on, known=known, reason=LossReason.OTHER)))


RetroactiveLoss.people = (
    Ready(
        code="26",
        variant="受診後に喪失登録",
        plays=RetroactiveLoss(),
        name=Named("斎藤", "真綾", "ｻｲﾄｳ", "ﾏｱﾔ", "2"),
        born=Aged(38, 6, 19),
    ),
)

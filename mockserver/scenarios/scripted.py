from datetime import time, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from mockserver.eligibility.calendar import midnight
from mockserver.scenarios.garbled_name import GarbledName
from mockserver.scenarios.lost import Lost
from mockserver.scenarios.multiple_match import MultipleMatch
from mockserver.scenarios.no_match import NoMatch
from mockserver.scenarios.other_persons_data import OtherPersonsData
from mockserver.scenarios.renewed import Renewed
from mockserver.scenarios.scenario import (
    About,
    Act,
    Aged,
    Cast,
    Days,
    Kind,
    Misfit,
    Named,
    Ready,
    Scenario,
    Story,
)
from mockserver.scenarios.valid import Valid
from mockserver.scenarios.withheld import Withheld
from mockserver.scenarios.wrong_copay import WrongCopay


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is played: for so many `look_ups`, or until `until_time` of the day `until_day` days after the start; then the next.

    With neither it is played from then on, so only the last step needs none.
    """

    plays: Valid | Lost | Renewed | NoMatch | MultipleMatch | GarbledName | WrongCopay | OtherPersonsData | Withheld
    look_ups: Annotated[int, Meta(ge=1, le=1000)] | None = None
    until_day: Days | None = None
    until_time: Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "00:00"

    def __post_init__(self) -> None:
        if self.look_ups is not None and self.until_day is not None:
            raise ValueError(
                "look_ups と until_day はどちらか一方だけを指定してください / expected look_ups or until_day, not both"
            )

    def act(self, cast: Cast) -> Act:
        """The step with its story."""
        if self.until_day is None:
            return Act(self.plays.story(cast), self.look_ups)
        ends = time.fromisoformat(self.until_time)
        until = midnight(cast.day(self.until_day)) + timedelta(hours=ends.hour, minutes=ends.minute)
        return Act(self.plays.story(cast), until=until)


class Scripted(Scenario, frozen=True, kw_only=True, tag="scripted"):
    """Answers one after another, as a test wants them: by the number of look-ups in the clinic, or by its clock.

    `steps`: each `plays` another pattern, for so many `look_ups`, or until a day after the start and a time on it; the last
    one goes on. What is really so is what the last step says.
    """

    steps: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=50)] = (
        Step(plays=NoMatch(), look_ups=2),
        Step(plays=Valid()),
    )

    about = About(
        kind=Kind.FAULT,
        title_ja="筋書きどおりの回答",
        title_en="scripted answers",
        survey_row=None,
        truth="筋書きの最後の段階のとおり。",
        answer="照会の回数または時刻に応じて、決めた順に回答が変わる。",
        advice="回答が変わることに備え、前回の結果を使い回さない。",
        contact="不要",
    )

    def misfit(self, cast: Cast) -> Misfit | None:
        return next(filter(None, (step.plays.misfit(cast) for step in self.steps)), None)

    def story(self, cast: Cast) -> Story:
        acts = tuple(step.act(cast) for step in self.steps)
        told = dict.fromkeys(record for act in acts for record in act.story.register)
        return Story(tuple(told), truth=acts[-1].story.reality, acts=acts)


Scripted.people = (
    Ready(
        code="87",
        variant="2回まで該当なし",
        plays=Scripted(),
        name=Named("桑原", "千春", "ｸﾜﾊﾗ", "ﾁﾊﾙ", "2"),
        born=Aged(44, 3, 17),
    ),
)

from typing import Annotated

from msgspec import Meta

from mockserver.scenarios.scenario import About, Aged, Cast, Kind, Named, Ready, Scenario, Story, Way


class StillProcessing(Scenario, frozen=True, kw_only=True, tag="still-processing"):
    """The backend says 処理中 (SegmentOfResult 2) to the first inquiries about this patient, counted for each clinic.

    `inquiries`: how many; a reset counts anew.
    """

    inquiries: Annotated[int, Meta(ge=0, le=1000)] = 2

    about = About(
        kind=Kind.FAULT,
        title_ja="処理中",
        title_en="still processing",
        survey_row=None,
        truth="資格は有効。処理に時間がかかっている。",
        answer="最初の照会には SegmentOfResult 2（処理中）で資格情報がない。その後は通常の回答。",
        advice="資格なしと表示せず、時間をおいて照会し直す。",
        contact="不要",
    )

    def story(self, cast: Cast) -> Story:
        return Story((cast.record(),), way=Way(processing_inquiries=self.inquiries))


StillProcessing.people = (
    Ready(
        code="84",
        variant="2回まで",
        plays=StillProcessing(),
        name=Named("水野", "亜希", "ﾐｽﾞﾉ", "ｱｷ", "2"),
        born=Aged(33, 10, 26),
    ),
)

"""The scripted pattern: one answer after another, by look-ups and by the clinic's clock."""

import msgspec
import pytest

from mockserver.catalogue import parameters
from mockserver.denial import Denial
from mockserver.scenarios.casting import BY_CODE
from mockserver.scenarios.scripted import Scripted
from mockserver.views import NewAssignment
from tests.support import CLINIC, NOW, TODAY, WAYS, Desk

SCRIPTED = BY_CODE["87"]


def assigned(desk: Desk, *steps: dict) -> object:
    """The request for somebody with a script."""
    new = NewAssignment("scripted", 75_467_898, {"steps": list(steps)}, TODAY)
    (request, *_) = desk.control.assign(CLINIC, new, NOW).requests
    return request


def says(pattern: str, **bounds: object) -> dict:
    return {"plays": {"pattern": pattern}, **bounds}


@pytest.mark.parametrize("way", WAYS)
def test_the_answer_changes_with_the_number_of_look_ups(way):
    desk = Desk()
    request = getattr(desk, way)(SCRIPTED)
    assert [desk.validity(request) for _ in range(4)] == ["4", "4", "1", "1"]


def test_each_clinic_counts_for_itself():
    desk = Desk()
    other = Desk("1311111111", desk.exchange)
    mine, theirs = desk.ready(SCRIPTED), other.ready(SCRIPTED)
    assert [desk.validity(mine) for _ in range(3)] == ["4", "4", "1"]
    assert other.validity(theirs) == "4"


def test_a_reset_begins_anew():
    desk = Desk()
    request = desk.ready(SCRIPTED)
    for _ in range(3):
        desk.validity(request)
    desk.exchange.reset(CLINIC)
    assert desk.validity(request) == "4"


def test_steps_follow_the_clinics_clock():
    desk = Desk()
    request = assigned(
        desk,
        says("no-match", until_day=2, until_time="09:00"),
        says("lost", until_day=4),
        says("valid"),
    )
    seen = {}
    for day in (0, 1, 2, 3, 4):
        desk.go_to(day)
        seen[day] = desk.validity(desk.about_today(request))
    assert seen == {0: "4", 1: "4", 2: "2", 3: "2", 4: "1"}


def test_the_truth_is_what_the_last_step_says():
    desk = Desk()
    request = assigned(desk, says("no-match", look_ups=1), says("lost"))
    assert desk.validity(request) == "4"
    assert desk.truth(request).truth.validity == "lost"


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([], "steps"),
        ([says("valid", look_ups=0)], "look_ups"),
        ([says("valid", look_ups=1, until_day=1)], "not both"),
        ([says("valid", until_day=1, until_time="25:00")], "until_time"),
        ([says("job-change-gap")], "job-change-gap"),
        ([{"plays": {"pattern": "lost", "shown_percent": 10}}], "shown_percent"),
    ],
)
def test_a_script_that_cannot_be_is_denied(steps, told):
    with pytest.raises(Denial) as denied:
        Desk().control.assign(CLINIC, NewAssignment("scripted", 5, {"steps": steps}, TODAY), NOW)
    assert denied.value.status == 422
    assert told in denied.value.english


def test_the_catalogue_describes_the_steps_without_loose_ends():

    assert "$ref" not in msgspec.json.encode(parameters(Scripted)).decode()

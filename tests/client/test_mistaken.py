"""The client's commonest slips are told in words, before anything is sent."""

import pytest

from mockserver.client import calls
from mockserver.faults import Outage
from mockserver.scenarios import Lost

CODE = "1311234566"


@pytest.mark.parametrize(
    ("slip", "words"),
    [
        (lambda: calls.assign(CODE, 1, "lost"), "pattern: found 'lost', expected a value such as Lost()"),
        (lambda: calls.assign(CODE, 1, Lost), "pattern に"),
        (lambda: calls.people(CODE, fits="lost"), "fits: found 'lost'"),
        (lambda: calls.fails(CODE, "outage"), "fault: found 'outage', expected a value such as Outage()"),
        (lambda: calls.fails(CODE, Lost()), "fault に"),
        (lambda: calls.assign(CODE, 1, Outage()), "pattern に"),
        (lambda: calls.asked_by("1000001", CODE, None), "patient: found '1000001'"),
    ],
)
def test_a_slip_is_told_in_both_languages(slip, words):
    with pytest.raises(TypeError) as told:
        slip()
    assert words in str(told.value)
    assert " / " in str(told.value)

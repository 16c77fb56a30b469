"""Every pattern, met by ready person, by rule and by assignment: which validity on which day of its story.

A new pattern adds its codes to WALKS, and to test_distortions.py what differs from the truth if anything does.
"""

import pytest

from mockserver.scenarios.casting import PATTERNS, READY_PEOPLE
from mockserver.scenarios.scenario import Ready
from tests.support import WAYS, Desk

# code -> days after the start of the story: 資格有効性 on that day
WALKS = {
    "01": {0: "1"},
    "02": {0: "2"},
    "03": {0: "3"},
    "04": {0: "4", 30: "4"},
    "05": {0: "5"},
    "06": {0: "1"},
    "07": {0: "5"},
    "08": {0: "2"},
    "11": {0: "1"},
    "12": {0: "1"},
    "13": {0: "1"},
    "14": {0: "1"},
    "15": {0: "1"},
    "16": {0: "1"},
    "17": {0: "1"},
    "18": {0: "1"},
    "20": {0: "2", 9: "2", 10: "3", 60: "3"},
    "21": {0: "4", 9: "4", 10: "1", 60: "1"},
    "22": {0: "4", 9: "4", 10: "3"},
    "23": {0: "4", 9: "4", 10: "1"},
    "24": {0: "1", 10: "1", 29: "1", 30: "3"},
    "25": {0: "4", 9: "4", 10: "1"},
    "26": {0: "1", 6: "1", 7: "2"},
    "27": {0: "4", 13: "4", 14: "1"},
    "28": {0: "1", 250: "1", 252: "1"},
    "29": {0: "1"},
    "30": {0: "2"},
    "31": {0: "1"},
    "32": {0: "2"},
    "33": {0: "3"},
    "34": {0: "1"},
    "35": {0: "4", 200: "4"},
    "36": {0: "1", 60: "1"},
    "37": {0: "1", 6: "1", 7: "3"},
    "38": {0: "4", 6: "4", 7: "1"},
    "41": {0: "1"},
    "42": {0: "1"},
    "43": {0: "1"},
    "44": {0: "1"},
    "45": {0: "1"},
    "46": {0: "1"},
    "47": {0: "1"},
    "48": {0: "1"},
    "49": {0: "1"},
    "50": {0: "1"},
    "51": {0: "1"},
    "52": {0: "1"},
    "53": {0: "1"},
    "54": {0: "1"},
    "55": {0: "1"},
    "62": {0: "1", 40: "1"},
    "63": {0: "6"},
    "64": {0: "1"},
    "65": {0: "1"},
    "66": {0: "1"},
    "67": {0: "1"},
    "68": {0: "1"},
    "71": {0: "1"},
    "72": {0: "1"},
    "73": {0: "1"},
    "74": {0: "1"},
    "75": {0: "1"},
    "76": {0: "1"},
    "77": {0: "1"},
    "78": {0: "1"},
    "79": {0: "1"},
    "80": {0: "1"},
    "81": {0: "1"},
    "82": {0: "1"},
    "83": {0: "1"},
    "84": {0: "1"},
    "85": {0: "1"},
    "86": {0: "1"},
    "87": {0: "4"},
}
WORKERS = {"27": {0: "1", 14: "1"}}


def named(ready: Ready) -> str:
    return f"{ready.plays.pattern_id()}-{ready.code}{'-worker' if ready.is_worker else ''}"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("ready", READY_PEOPLE, ids=named)
def test_the_answer_changes_on_the_right_days(ready, way):
    walk = (WORKERS if ready.is_worker else WALKS)[ready.code]
    desk = Desk()
    request = getattr(desk, way)(ready)
    answers = {}
    for day in walk:
        desk.go_to(day)
        answers[day] = desk.validity(desk.about_today(request))
    assert answers == walk


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("ready", READY_PEOPLE, ids=named)
def test_the_reply_names_the_pattern(ready, way):
    desk = Desk()
    assert desk.ask(getattr(desk, way)(ready)).pattern == ready.plays.pattern_id()


def test_codes_are_two_digits_and_each_is_one_persons():
    codes = [ready.code for ready in READY_PEOPLE if not ready.is_worker]
    assert len(set(codes)) == len(codes)
    assert all(len(code) == 2 and code.isdigit() for code in codes)


def test_pairs_point_at_each_other():
    by_code = {ready.code: ready for ready in READY_PEOPLE if not ready.is_worker}
    for ready in by_code.values():
        if ready.pair:
            partner = by_code[ready.pair]
            assert (partner.pair, partner.name, partner.born) == (ready.code, ready.name, ready.born)
            assert partner.is_next != ready.is_next


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda p: p.pattern_id())
def test_everything_is_written_about_a_pattern(pattern):
    about = pattern.about
    assert all((about.title_ja, about.title_en, about.truth, about.answer, about.advice, about.contact))
    assert pattern.__doc__
    assert all(f"`{field}`" in pattern.__doc__ for field in pattern.__struct_fields__)
    assert pattern.people

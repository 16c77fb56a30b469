"""Nobody was found: a person of the scenario files may have been meant, and their pattern is told."""

import pytest

from mockserver.catalogue import request_for
from mockserver.explaining import why
from tests.playbook.support import HANAKO, Play
from tests.support import NOW
from tests.test_explaining import changed, last

LOST = HANAKO + "\nassignments: [{person: hanako, pattern: lost}]\n"
SEAT = "\nassignments: [{person: 5, pattern: renewed}]\n"


def nearest_to(play: Play, masked: bool = True, **members: str):
    """Who is told to be nearest to Hanako's number with other members."""
    desk = play.desk()
    desk.ask(changed(play.request("hanako"), **members))
    assert last(desk).said == "4"
    return why(play.exchange.register, last(desk), masked=masked).nearest


@pytest.mark.parametrize(("text", "pattern"), [(HANAKO, "valid"), (LOST, "lost")])
@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("4567802", "the number differs in the last digit"),
        ("4667801", "the number differs in digit 2"),
        ("4567081", "two digits of the number are swapped: digits 5 and 6"),
        ("456780", "one digit of the number is missing"),
        ("45678011", "the number has one digit too many"),
    ],
)
def test_a_slip_in_the_number_of_a_person_of_the_files_tells_their_pattern(text, pattern, number, said):
    near = nearest_to(Play(a_yaml=text), InsuredIdentificationNumber=number)
    (difference,) = near.differs
    assert (near.pattern, difference.field, difference.english) == (pattern, "number", said)
    assert difference.found == "****801"


def test_another_insurer_or_birth_date_of_a_person_of_the_files_is_told():
    play = Play(a_yaml=LOST)
    for member, value, field in (
        ("InsurerNumber", "01130012", "insurer_number"),
        ("Birthdate", "19880413", "birthdate"),
    ):
        near = nearest_to(play, **{member: value})
        assert (near.pattern, [difference.field for difference in near.differs]) == ("lost", [field])


def test_nobody_is_near_a_number_with_two_other_digits():
    assert nearest_to(Play(a_yaml=LOST), InsuredIdentificationNumber="4567923") is None


def test_somebody_of_the_population_who_plays_for_all_is_told_with_the_pattern():
    play = Play(a_yaml=SEAT)
    desk = play.desk()
    resident = desk.country.resident(5)
    card = resident.card_on(NOW.date())
    request = request_for(card, resident.person.birthdate, NOW.date(), desk.clinic, card.branch)
    born = resident.person.birthdate
    slipped = changed(request, Birthdate=born.replace(year=born.year - 1).strftime("%Y%m%d"))
    desk.ask(slipped)
    assert why(play.exchange.register, last(desk)).nearest.pattern == "renewed"


def test_without_scenario_files_nobody_of_them_is_near():
    play = Play(a_yaml=LOST)
    request = changed(play.request("hanako"), InsuredIdentificationNumber="4567802")
    play.change(a_yaml="people: []")
    desk = play.desk()
    desk.ask(request)
    assert why(play.exchange.register, last(desk)).nearest is None


OWN_INSURER = """
insurers: [{id: midori, number: "06139992", name: みどり健康保険組合, kind: society}]
people:
  - {id: taro, name: 模擬 太郎, kana: モギ タロウ, sex: male, birthdate: 1990-01-02, insurer: midori, number: "4567801"}
"""


def test_an_insurer_of_the_files_is_not_said_to_be_unknown():
    desk = Play(a_yaml=OWN_INSURER).desk()
    desk.ask(changed(Play(a_yaml=OWN_INSURER).request("taro"), InsuredIdentificationNumber="1234567"))
    steps = why(desk.exchange.register, last(desk)).steps
    assert "nobody in the scenario files has the number ****567" in [step.english for step in steps]

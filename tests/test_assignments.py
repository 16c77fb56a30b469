"""A pattern set into a whole life: what an assigned person's numbers say before, beside and after the story."""

from datetime import date
from itertools import pairwise

import pytest

from mockserver.catalogue import request_for
from mockserver.denial import Denial
from mockserver.eligibility.calendar import birthday
from mockserver.eligibility.records import InsurerKind
from mockserver.eligibility.residents import Resident
from mockserver.scenarios.casting import BY_CODE, PATTERNS, cast_ready
from mockserver.views import Identity, NewAssignment
from mockserver.wire.message import SearchRequest
from tests.support import CLINIC, NOW, TODAY, Desk


def first(desk: Desk, wanted) -> Resident:
    """The first person of the country for whom something holds."""
    return next(r for r in map(desk.country.resident, range(20_000)) if wanted(r))


def give(desk: Desk, person: int | Identity, pattern: str, **parameters: object) -> list[SearchRequest]:
    """Assign a pattern; the requests of its numbers."""
    return desk.control.assign(CLINIC, NewAssignment(pattern, person, parameters), NOW).requests


def ask_for(desk: Desk, resident: Resident, card) -> str:
    return desk.validity(request_for(card, resident.person.birthdate, desk.today, CLINIC, card.branch))


def identity(ready, start: date = TODAY) -> Identity:
    """A ready person as the admin path names one."""
    desk = Desk()
    cast = cast_ready(ready, start, desk.exchange.repertoire)
    card = cast.next_card if ready.is_next else cast.card
    return Identity(card.insurer.number, card.number, cast.person.birthdate, card.symbol, card.branch)


def near_75(resident: Resident) -> bool:
    is_national = resident.card.insurer.kind is InsurerKind.NATIONAL
    return is_national and 0 < (resident.turns_75_on - TODAY).days < 3_000


@pytest.mark.parametrize("pattern", ["valid", "wrong-copay", "garbled-name", "withheld"])
def test_an_assigned_person_changes_insurers_at_75_like_everybody(pattern):
    desk = Desk()
    resident = first(desk, near_75)
    give(desk, resident.index, pattern)
    days = (resident.turns_75_on - TODAY).days
    for day, own, elderly in ((days - 1, "1", "4"), (days, "3", "1")):
        desk.go_to(day)
        assert ask_for(desk, resident, resident.card) == own
        assert ask_for(desk, resident, resident.elderly_card) == elderly


def test_the_earlier_number_of_somebody_who_lost_the_insurance_finds_nothing_newer():
    desk = Desk()
    resident = first(desk, lambda r: r.turns_75_on < TODAY)
    assert ask_for(desk, resident, resident.card) == "3"
    give(desk, resident.index, "lost")
    assert ask_for(desk, resident, resident.elderly_card) == "2"
    assert ask_for(desk, resident, resident.card) == "2"


def test_the_household_of_an_assigned_person_goes_on():
    desk = Desk()
    child = first(desk, lambda r: r.seat == 2 and r.card.insurer.kind is InsurerKind.ASSOCIATION and r.left_on > TODAY)
    head = desk.country.resident(child.index - 2)
    give(desk, child.index, "dependant-missing")
    assert ask_for(desk, child, child.card) == "4"
    assert ask_for(desk, head, head.card) == "1"
    desk.go_to(14)
    said = desk.result(request_for(child.card, child.person.birthdate, desk.today, CLINIC, child.card.branch))
    assert (said["PersonalFamilyClassification"], said["InsuredName"]) == ("2", head.person.name)
    assert ask_for(desk, head, head.card) == "1"


def test_two_people_with_the_same_number_and_birth_date_are_still_two():
    desk = Desk()
    people = [desk.country.resident(index) for index in range(47_300, 47_340)]
    pairs = [
        (a, b) for a, b in pairwise(people) if a.household == b.household and a.person.birthdate == b.person.birthdate
    ]
    assert pairs
    for a, b in pairs:
        request = request_for(a.card, a.person.birthdate, TODAY, CLINIC)
        assert desk.validity(request) == "5"
        give(desk, a.index, "valid")
        give(desk, b.index, "garbled-name")
        assert desk.validity(request) == "5"


def test_assigning_to_a_ready_person_replaces_the_old_story():
    desk = Desk()
    give(desk, identity(BY_CODE["05"]), "valid")
    assert desk.validity(desk.ready(BY_CODE["05"])) == "1"


def test_a_pattern_goes_to_the_number_that_was_named():
    desk = Desk()
    give(desk, identity(BY_CODE["06"]), "lost")
    assert desk.validity(desk.ready(BY_CODE["06"])) == "2"
    assert desk.validity(desk.ready(BY_CODE["03"])) == "3"


def test_a_ready_person_whose_age_hangs_on_the_clock_can_be_given_a_pattern_later():
    desk = Desk()
    desk.go_to(40)
    ready = BY_CODE["53"]
    give(desk, identity(ready), "lost")
    assert desk.validity(desk.ready(ready)) == "2"


@pytest.mark.parametrize("days", [0, 14, 400, 2_000, 3_650])
@pytest.mark.parametrize(
    ("pattern", "parameter", "validity"), [("lost", "lost_days_ago", "2"), ("renewed", "changed_days_ago", "3")]
)
def test_an_event_long_ago_has_happened(pattern, parameter, validity, days):
    desk = Desk()
    for index in (3, 30, 45, 100, 120):
        request, *_ = give(desk, index, pattern, **{parameter: days})
        assert desk.validity(request) == validity


@pytest.mark.parametrize("kind", InsurerKind)
@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda p: p.pattern_id())
def test_a_pattern_tells_of_days_after_birth_or_says_why_not(pattern, kind):
    desk = Desk()
    reasons: list[tuple[int, bool, bool]] = []
    fitting = [r for r in map(desk.country.resident, range(250)) if r.card_on(TODAY).insurer.kind is kind]
    for resident in fitting[:12]:
        try:
            request, *_ = give(desk, resident.index, pattern.pattern_id())
        except Denial as denial:
            reasons.append((denial.status, bool(denial.japanese), bool(denial.english)))
            continue
        for item in desk.body(request).get("ResultList", []):
            said = item["ResultOfQualificationConfirmation"]
            assert said["QualificationDate"] >= said["Birthdate"]
            limit = said["LimitApplicationCertificateRelatedInfo"]
            starts, ends = (f"LimitApplicationCertificateValid{end}Date" for end in ("Start", "End"))
            assert limit[starts] <= limit[ends]
    assert set(reasons) <= {(422, True, True)}


def test_the_truth_about_a_day_to_come_knows_the_75th_birthday():
    desk = Desk()
    resident = first(desk, near_75)
    card = resident.card
    request = request_for(card, resident.person.birthdate, resident.turns_75_on, CLINIC, card.branch)
    assert desk.truth(request, resident.turns_75_on).truth.validity == "renewed"


@pytest.mark.parametrize(
    ("person", "pattern", "parameters"),
    [
        (110, "turns-75", {}),
        (110, "turns-70", {}),
        (110, "job-change-gap", {}),
        (3, "dependant-missing", {}),
        (110, "multiple-match", {"who": "twins"}),
    ],
)
def test_a_pattern_that_could_not_be_seen_says_so(person, pattern, parameters):
    with pytest.raises(Denial) as denied:
        give(Desk(), person, pattern, **parameters)
    assert denied.value.status == 422


def test_a_repertoire_that_shows_everything_garbles_nobody():
    desk = Desk(repertoire="utf_8")
    with pytest.raises(Denial):
        give(desk, 3, "garbled-name")


@pytest.mark.parametrize("year", [2015, 2025, 2026, 2045])
@pytest.mark.parametrize("code", BY_CODE)
def test_ready_people_fit_their_pattern_whatever_the_year(code, year):
    start = NOW.replace(year=year)
    desk = Desk()
    desk.set_clock(start)
    ready = BY_CODE[code]
    cast = cast_ready(ready, start.date(), desk.exchange.repertoire)
    assert ready.plays.misfit(cast) is None
    is_elderly = cast.card.insurer.kind is InsurerKind.ELDERLY
    assert is_elderly == (birthday(cast.person.birthdate, 75) <= start.date())

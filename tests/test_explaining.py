"""Why a look-up was answered as it was: the steps from number to code, and who may have been meant."""

from datetime import timedelta
from time import perf_counter

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from mockserver.catalogue import request_for
from mockserver.eligibility.records import Inquiry, InsurerKind
from mockserver.explaining import why
from mockserver.journal import Entry
from mockserver.nearest import nearest
from mockserver.scenarios.casting import BY_CODE, READY_PEOPLE, cast_ready
from mockserver.scenarios.reserved import READY_INSURERS, RULE_INSURERS
from mockserver.scenarios.scenario import Ready
from mockserver.wire.message import SearchRequest
from tests.support import CLINIC, NOW, TODAY, WAYS, Desk

POPULATION = Desk()


def last(desk: Desk) -> Entry:
    """The newest entry of a desk's clinic."""
    return desk.exchange.journals.of(desk.clinic).entries[-1]


def explained(desk: Desk, request: SearchRequest, **how: bool):
    """Why a request is answered as it is."""
    desk.ask(request)
    return why(desk.exchange.register, last(desk), **how)


def english(told) -> str:
    """All steps in English."""
    return "\n".join(step.english for step in told.steps)


def changed(request: SearchRequest, **members: object) -> SearchRequest:
    """A request with other members of the question."""
    search = replace(request.XmlMsg.MessageBody.QualificationConfirmSearchInfo, **members)
    body = replace(request.XmlMsg.MessageBody, QualificationConfirmSearchInfo=search)
    return SearchRequest(XmlMsg=replace(request.XmlMsg, MessageBody=body))


def number_of(request: SearchRequest) -> str:
    """The number a request asks for."""
    return request.XmlMsg.MessageBody.QualificationConfirmSearchInfo.InsuredIdentificationNumber


def test_where_a_number_leads():
    desk = Desk()
    ready = BY_CODE["02"]
    assert "ready person 02 (pattern lost)" in english(explained(desk, desk.ready(ready)))
    assert "last two digits, 02, the number plays the pattern lost" in english(explained(desk, desk.by_rule(ready)))
    assert "assignment 1 (pattern lost, from 2026-11-23)" in english(explained(desk, desk.assigned(ready)))
    resident = desk.country.resident(5)
    request = request_for(resident.card_on(TODAY), resident.person.birthdate, TODAY, CLINIC)
    assert "seat 5" in english(explained(Desk(), request))


@pytest.mark.parametrize(
    ("insurer", "number", "said"),
    [
        (READY_INSURERS[InsurerKind.ASSOCIATION].number, "1000000", "is no ready person's"),
        (RULE_INSURERS[InsurerKind.ASSOCIATION].number, "7654300", "no pattern belongs to the last two digits 00"),
        ("01999995", "1000001", "no insurer of this insurer number"),
        ("01130012", "9999994", "nobody has the number ****994"),
    ],
)
def test_a_number_that_leads_to_nobody(insurer, number, said):
    desk = Desk()
    request = changed(desk.ready(BY_CODE["01"]), InsurerNumber=insurer, InsuredIdentificationNumber=number)
    told = explained(desk, request)
    assert said in english(told)
    assert "4, no match" in english(told)


@pytest.mark.parametrize(
    ("code", "days", "said"),
    [
        ("01", 0, ["known at the moment", "in force on the day", "1, valid"]),
        ("02", 0, ["lost on", "(other)", "ended by the day", "2, no longer valid:"]),
        ("08", 0, ["public assistance", "2, no longer valid:"]),
        (
            "03",
            0,
            [
                "(other insurance)",
                "another insurer number; another symbol; another number; known",
                "3, no longer valid, but",
            ],
        ),
        ("04", 0, ["nothing is registered under this number", "4, no match"]),
        ("35", 0, ["4, no match"]),
        ("05", 0, ["5, several"]),
        ("63", 0, ["6, valid, unregistered"]),
        ("84", 0, ["processing: there was no result yet"]),
        ("21", 0, ["registered only later than the moment of the question (2026-11-23 09:00): not known yet", "4, no"]),
        ("22", 60, ["annulled: the period never was", "replaced by a later registration", "3, no longer valid, but"]),
        ("06", -500, ["begins after the day asked about", "4, no match"]),
    ],
)
def test_why_a_code_was_said(code, days, said):
    desk = Desk()
    if days > 0:
        desk.go_to(days)
    else:
        desk.days = days
    told = english(explained(desk, desk.ready(BY_CODE[code])))
    assert [part for part in said if part not in told] == [], told


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("ready", READY_PEOPLE, ids=lambda ready: f"{ready.code}{ready.is_worker:d}")
def test_everybody_is_explained_without_a_name_or_a_whole_number(ready: Ready, way: str):
    desk = Desk()
    request = getattr(desk, way)(ready)
    told = explained(desk, request)
    text = english(told) + "".join(step.japanese for step in told.steps)
    cast = cast_ready(ready, TODAY, desk.exchange.repertoire)
    assert len(told.steps) >= 2
    assert number_of(request) not in text
    assert cast.person.family_name not in text
    assert told.nearest is None


def test_a_birth_date_is_hidden_but_for_its_year():
    desk = Desk()
    request = changed(desk.ready(BY_CODE["01"]), Birthdate="19800102")
    told = explained(desk, request)
    assert "another birth date (1980-**-**" in english(told)
    (difference,) = told.nearest.differs
    assert (difference.field, difference.asked, difference.english) == ("birthdate", "1980-**-**", "another birth date")
    shown = explained(desk, request, masked=False)
    assert "(1980-01-02, not" in english(shown)
    assert shown.nearest.differs[0].asked == "1980-01-02"
    assert number_of(request) in english(shown)


def test_a_symbol_that_differs_is_said_of_the_record():
    desk = Desk()
    assert "another symbol" in english(explained(desk, changed(desk.ready(BY_CODE["01"]), InsuredCardSymbol="9999")))


def test_a_wrong_birth_date_is_also_said_in_the_population():
    desk = Desk()
    resident = desk.country.resident(5)
    request = request_for(resident.card_on(TODAY), resident.person.birthdate + timedelta(1), TODAY, CLINIC)
    told = explained(desk, request)
    assert "but none has this birth date" in english(told)
    assert "another birth date" in english(told)


def test_a_refusal_is_all_that_is_said():
    desk = Desk()
    desk.ask(changed(desk.ready(BY_CODE["01"]), Birthdate="someday"))
    entry = last(desk)
    told = why(desk.exchange.register, entry) if entry.reason else None
    assert told is not None
    (step,) = told.steps
    assert step.english == f"refused with {entry.said}: {entry.reason[1]}"
    assert told.nearest is None


@pytest.mark.parametrize(
    ("code", "members", "field", "said"),
    [
        ("01", {"InsuredIdentificationNumber": "1000091"}, "number", "the number differs in digit 6"),
        ("01", {"InsuredIdentificationNumber": "1000000"}, "number", "the number differs in the last digit"),
        ("54", {"InsuredIdentificationNumber": "1000045"}, "number", "digits 6 and 7"),
        ("01", {"InsuredIdentificationNumber": "100001"}, "number", "one digit of the number is missing"),
        ("01", {"InsuredIdentificationNumber": "10000011"}, "number", "the number has one digit too many"),
        ("01", {"InsuredCardSymbol": UNSET}, "symbol", "the symbol is missing"),
        ("01", {"InsuredCardSymbol": "77"}, "symbol", "another symbol"),
        ("52", {"InsuredCardSymbol": "77"}, "symbol", "there should be no symbol"),
        ("01", {"InsuredBranchNumber": "09"}, "branch", "another branch number"),
        ("51", {"InsurerNumber": "01139912"}, "insurer_number", "another insurer number"),
    ],
)
def test_the_nearest_person(code, members, field, said):
    desk = Desk()
    told = explained(desk, changed(desk.ready(BY_CODE[code]), **members))
    assert told.nearest is not None, english(told)
    assert told.nearest.pattern == BY_CODE[code].plays.pattern_id()
    assert said in " ".join(d.english for d in told.nearest.differs)
    assert field in [d.field for d in told.nearest.differs]
    assert all(difference.japanese for difference in told.nearest.differs)


def test_nobody_is_near_where_everything_differs():
    desk = Desk()
    request = changed(desk.ready(BY_CODE["01"]), InsuredIdentificationNumber="5550555", Birthdate="19310708")
    assert explained(desk, request).nearest is None


def test_who_was_given_a_pattern_is_near_too():
    desk = Desk()
    told = explained(desk, changed(desk.assigned(BY_CODE["02"]), Birthdate="19310708"))
    assert told.nearest.pattern == "lost"
    assert [d.field for d in told.nearest.differs] == ["birthdate"]


@settings(derandomize=True, max_examples=30, deadline=None)
@given(seat=st.integers(0, POPULATION.country.people - 1), place=st.integers(0, 6), digit=st.sampled_from("0123456789"))
def test_a_mistyped_digit_of_anybody_is_found(seat, place, digit):
    resident = POPULATION.country.resident(seat)
    card = resident.card_on(TODAY)
    wrong = card.number[:place] + digit + card.number[place + 1 :]
    assume(wrong != card.number)
    request = request_for(replace(card, number=wrong), resident.person.birthdate, TODAY, CLINIC)
    told = explained(POPULATION, request)
    assume(last(POPULATION).said == "4")
    assert told.nearest is not None
    assert [difference.field for difference in told.nearest.differs] == ["number"]
    assert told == explained(POPULATION, request)


def test_looking_for_the_nearest_takes_no_time():
    register = POPULATION.exchange.register
    insurers = [*sorted(POPULATION.country.directory.by_key)[::150], READY_INSURERS[InsurerKind.ASSOCIATION].key]
    for key in insurers:
        inquiry = Inquiry(key, "1001", "1000041", None, TODAY, TODAY)
        situation = register.situation(inquiry, None, TODAY, NOW)
        nearest(register, inquiry, situation)
        took = []
        for _ in range(5):
            began = perf_counter()
            nearest(register, inquiry, situation)
            took.append(perf_counter() - began)
        assert min(took) < 0.02, (key, took)

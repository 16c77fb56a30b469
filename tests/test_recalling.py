"""The journal of a clinic, its bounds, and expectations that say what was asked instead."""

import re
from datetime import timedelta

import msgspec
import pytest

from mockserver.denial import Denial
from mockserver.exchange import Exchange
from mockserver.recalling import Expectation, JournalQuery, Recalling
from mockserver.scenarios.casting import BY_CODE
from mockserver.settings import Settings
from mockserver.views import ClinicChange, ClockChange, Identity
from mockserver.wire.json_codec import encode
from mockserver.wire.message import SearchRequest
from tests.support import CLINIC, NOW, Desk

VALID, LOST, NO_MATCH = BY_CODE["01"], BY_CODE["02"], BY_CODE["04"]
OTHER = "1311111111"


def identity(request: SearchRequest) -> Identity:
    search = request.XmlMsg.MessageBody.QualificationConfirmSearchInfo
    members = {
        "insurer_number": search.InsurerNumber,
        "number": search.InsuredIdentificationNumber,
        "birthdate": f"{search.Birthdate[:4]}-{search.Birthdate[4:6]}-{search.Birthdate[6:]}",
        "symbol": search.InsuredCardSymbol,
    }
    return msgspec.convert(members, Identity)


def journal(desk: Desk, **query):
    return Recalling(desk.exchange).journal(desk.clinic, JournalQuery(**query))


def expect(desk: Desk, person, **wanted):
    return Recalling(desk.exchange).expect(desk.clinic, Expectation(person=person, **wanted), NOW)


def test_the_journal_tells_what_was_asked_and_answered_in_order():
    desk = Desk()
    for ready in (VALID, LOST, NO_MATCH):
        desk.ask(desk.ready(ready))
    entries = journal(desk).entries
    assert [(entry.serial, entry.pattern, entry.said, entry.via) for entry in entries] == [
        (1, "valid", "1", "http"),
        (2, "lost", "2", "http"),
        (3, "no-match", "4", "http"),
    ]
    assert all(entry.why.steps for entry in entries)


@pytest.mark.parametrize(
    ("query", "serials"),
    [
        ({"after": 2}, [3, 4]),
        ({"limit": 1}, [1]),
        ({"pattern": "lost"}, [2]),
        ({"said": "4"}, [3]),
        ({"via": "file"}, []),
        ({"pattern": "refused"}, [4]),
    ],
)
def test_the_journal_is_filtered(query, serials):
    desk = Desk()
    for ready in (VALID, LOST, NO_MATCH):
        desk.ask(desk.ready(ready))
    wrong = encode(desk.ready(VALID)).replace(b'"Birthdate":"', b'"Birthdate":"x')
    desk.exchange.search(wrong, None, NOW)
    assert [entry.serial for entry in journal(desk, **query).entries] == serials


def test_numbers_and_birth_dates_are_masked_unless_wanted():
    desk = Desk()
    request = desk.ready(VALID)
    desk.ask(request)
    number = identity(request).number
    hidden, shown = (msgspec.json.encode(journal(desk, masked=masked)).decode() for masked in (True, False))
    assert number not in hidden
    assert number in shown
    assert re.search(r'"birthdate":"\d{4}-\*\*-\*\*"', hidden)


def test_an_individual_number_is_never_kept():
    desk = Desk()
    desk.exchange.search(encode(desk.ready(VALID)).replace(b'"1000001"', b'"123456789018"'), None, NOW)
    desk.exchange.search(b'{"XmlMsg": "123456789018', None, NOW)
    kept = [msgspec.json.encode(journal(Desk(code, desk.exchange), masked=False)) for code in (CLINIC, "0000000000")]
    assert [b"123456789018" in text for text in kept] == [False, False]
    assert all(b"MOCK-E1" in text for text in kept)


def test_each_clinic_has_its_own_journal_and_a_reset_clears_it():
    desk = Desk()
    other = Desk(OTHER, desk.exchange)
    desk.ask(desk.ready(VALID))
    other.ask(other.ready(LOST))
    assert [entry.pattern for entry in journal(desk).entries] == ["valid"]
    assert Recalling(desk.exchange).counts(OTHER).patterns == {"lost": 1}
    desk.exchange.reset(CLINIC)
    assert journal(desk).entries == []
    assert len(journal(other).entries) == 1


def test_the_eldest_entries_give_way_and_are_counted():
    desk = Desk(journal_entries=3)
    for _ in range(5):
        desk.ask(desk.ready(VALID))
    told = journal(desk)
    assert ([entry.serial for entry in told.entries], told.dropped, told.last) == ([3, 4, 5], 2, 5)
    assert Recalling(desk.exchange).counts(CLINIC).patterns == {"valid": 5}


def test_all_journals_together_are_bounded_and_the_clinic_idle_longest_gives_way():
    exchange = Exchange(Settings(require_token=False, journal_entries_total=10), NOW)
    desks = [Desk(f"13{number:08d}", exchange) for number in range(4)]
    for desk in desks:
        for _ in range(4):
            desk.ask(desk.ready(VALID))
    assert [len(journal(desk).entries) for desk in desks] == [0, 0, 4, 4]


def test_without_a_journal_nothing_is_kept_and_look_ups_go_on():
    desk = Desk(journal_entries=0)
    assert desk.validity(desk.ready(VALID)) == "1"
    assert journal(desk).entries == []


def test_why_is_told_as_it_was_then_also_after_the_clinic_changed():
    desk = Desk()
    old = BY_CODE["20"]
    desk.ask(desk.ready(old))
    before = journal(desk).entries[0].why
    desk.control.change_clinic(CLINIC, ClinicChange(seed=9), NOW)
    desk.go_to(30)
    assert journal(desk).entries[0].why == before


@pytest.mark.parametrize(
    ("wanted", "times", "is_met"),
    [
        ({}, 0, False),
        ({}, 1, True),
        ({"times": 1}, 1, True),
        ({"times": 1}, 2, False),
        ({"times": 0}, 0, True),
        ({"at_least": 2}, 1, False),
        ({"at_most": 1}, 2, False),
        ({"at_most": 1}, 0, True),
        ({"since": "09:00"}, 1, True),
        ({"since": "09:01"}, 1, False),
        ({"until": "09:00"}, 1, False),
        ({"via": "file"}, 1, False),
        ({"within_s": 0}, 2, True),
    ],
)
def test_an_expectation_counts_the_look_ups_about_a_person(wanted, times, is_met):
    desk = Desk()
    request = desk.ready(VALID)
    for _ in range(times):
        desk.ask(request)
    desk.ask(desk.ready(LOST))
    assert expect(desk, identity(request), **wanted).is_met is is_met


def test_look_ups_too_far_apart_are_not_as_expected():
    desk = Desk()
    request = desk.ready(VALID)
    desk.ask(request)
    desk.exchange.search(encode(request), None, NOW + timedelta(seconds=11))
    told = expect(desk, identity(request), times=2, within_s=10)
    assert not told.is_met
    assert "11.000 s" in told.message_en


def test_asking_by_the_other_number_is_asking_for_the_same_person():
    desk = Desk()
    old, new = desk.ready(BY_CODE["20"]), desk.ready(BY_CODE["21"])
    desk.ask(new)
    assert expect(desk, identity(old), times=1).is_met


def test_asked_again_after_nine_is_seen_by_the_clinics_clock():
    desk = Desk()
    request = desk.ready(VALID)
    desk.control.change_clock(CLINIC, ClockChange(now=NOW - timedelta(minutes=5)), NOW)
    desk.ask(request)
    assert not expect(desk, identity(request), since="09:00").is_met
    desk.control.change_clock(CLINIC, ClockChange(advance_seconds=600), NOW)
    desk.ask(request)
    assert expect(desk, identity(request), since="09:00").is_met


def test_what_was_asked_instead_is_told_nearest_first():
    desk = Desk()
    wanted = desk.ready(VALID)
    typo = msgspec.convert(msgspec.to_builtins(wanted), SearchRequest)
    raw = encode(typo).replace(identity(wanted).number.encode(), b"1000091")
    desk.ask(desk.ready(BY_CODE["43"]))
    desk.exchange.search(raw, None, NOW)
    told = expect(desk, identity(wanted))
    assert not told.is_met
    assert told.message_en.index("#2") < told.message_en.index("#1")
    assert "代わりにあった照会" in told.message_ja


def test_a_person_or_time_that_cannot_be_is_denied():
    desk = Desk()
    with pytest.raises(Denial, match="expected 0 to"):
        expect(desk, 999_999_999)
    with pytest.raises(Denial, match="expected a time"):
        expect(desk, 5, since="nine")

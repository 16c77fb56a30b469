"""Request files of terminals at whichever server, and what of them and of searches is never kept."""

import re
import threading

import pytest

from mockserver.denial import Denial
from mockserver.faulting import NewFault
from mockserver.journal import NO_TRACE
from mockserver.scenarios.casting import BY_CODE
from mockserver.sharing import events, filing
from mockserver.sharing.deeds import asked_of, clinic_of
from mockserver.sharing.events import SEARCH, FileTaken, read_event
from mockserver.sharing.log import ALL
from mockserver.tapping import NewTap
from mockserver.views import ClockChange, Identity, NewAssignment, NewClinic, PeopleQuery
from mockserver.wire.files import FileForm, read_name
from mockserver.wire.xml_codec import write
from tests.linkage.support import bulk, collect, search_of
from tests.playbook.support import remarks
from tests.sharing.support import CLINICS, NOW, Server, body, book, later, memory
from tests.support import CLINIC, Desk

OTHERS_NUMBER = "987654321018"  # has a valid check digit
DECOY = b'{"Decoy":{"MedicalInstitutionCode":"1311111111"},'


def file(name: str, message) -> FileTaken:
    return FileTaken(name, write(message, FileForm()), FileForm())


def number_in(data: bytes) -> str:
    return data.decode().partition("<ReceptionNumber>")[2].partition("<")[0]


async def test_a_batch_sent_in_at_one_server_is_collected_at_the_other():
    shelf = book()
    people = bulk(search_of(Desk().ready(BY_CODE["01"])))
    async with Server(memory(shelf, "a")) as a, Server(memory(shelf, "b")) as b:
        received = await a.deeds.take(file("OQSmuquc01req_202611230001.xml", people), NOW)
        number = number_in(received.file.body)
        assert number
        for server in (a, b):
            later(server, 3_600)
        collected = await b.deeds.take(file("OQSmuquc02req_202611230002.xml", collect(number)), b.now)
        assert b"<QualificationValidity>1<" in collected.file.body
        assert await a.state(CLINIC) == await b.state(CLINIC)


async def test_a_single_inquiry_by_file_is_a_look_up():
    shelf = book()
    asked = FileTaken("OQSsiquc01req_202611230001.xml", write(Desk().ready(BY_CODE["01"]), FileForm()), FileForm())
    async with Server(memory(shelf, "a")) as a, Server(memory(shelf, "b")) as b:
        await a.deeds.take(asked, NOW)
        assert shelf.touched() == []
        await a.do(events.CHANGE_CLOCK, CLINIC, ClockChange(now=NOW))
        await a.deeds.take(asked, NOW)
        await b.deeds.take(asked, NOW)
        assert b'"last":2' in (await a.state(CLINIC))[3]
        assert await a.state(CLINIC) == await b.state(CLINIC)


@pytest.mark.parametrize(
    "asked",
    [
        body(CLINICS[0], OTHERS_NUMBER),
        body(CLINICS[0], "-".join((OTHERS_NUMBER[:4], OTHERS_NUMBER[4:8], OTHERS_NUMBER[8:]))),
        body(CLINICS[0], "?").replace(b"?", "".join(f"\\u00{ord(digit):x}" for digit in OTHERS_NUMBER).encode()),
        body(CLINICS[0], OTHERS_NUMBER)[:-3],
    ],
    ids=["plain", "separated", "escaped", "cut short"],
)
async def test_nobodys_individual_number_is_kept(asked):
    shelf = book()
    alone = Server()
    async with Server(memory(shelf, "a")) as a, Server(memory(shelf, "b")) as b:
        for server in (a, alone):
            await server.do(events.CHANGE_CLOCK, CLINICS[0], ClockChange(now=NOW))
        answer = await a.search(asked)
        expected = await alone.search(asked)
        assert answer[0] == expected[0]
        assert await a.state(CLINICS[0]) == await b.state(CLINICS[0])
    set_up, searched = (read_event(one.event) for one in shelf.read(CLINICS[0], 0).events)
    kept = SEARCH.read(searched.payload).body
    digits = kept.replace(b"-", b"").replace(b"\\u003", b"")
    assert OTHERS_NUMBER.encode() not in digits
    assert set_up.kind == "change_clock"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (b'{"XmlMsg":{"MessageHeader":{"MedicalInstitutionCode":"1311234566"}}}', "1311234566"),
        (b'{"XmlMsg":{"MessageHeader":{"MedicalInstitutionCode" :\n "1311234566"}}}', "1311234566"),
        (b'{"XmlMsg":{"MessageHeader":{"MedicalInstitution\\u0043ode":"1311234566"}}}', "1311234566"),
        (b'{"XmlMsg":{"MessageHeader":{"MedicalInstitutionCode":"13112345667"}}}', None),
        (b'{"XmlMsg":{"MessageHeader":{"MedicalInstitutionCode":5}}}', None),
        (b'{"XmlMsg":{"MessageHeader":{"MedicalInstitutionCode":"\\u0031311234566"}}}', "1311234566"),
        (DECOY + b'"XmlMsg":{"MessageHeader":{"MedicalInstitutionCode":"1311234566"}}}', "1311234566"),
        (DECOY + b'"XmlMsg":{"MessageHeader":{"MedicalInstitution\\u0043ode":"1311234566"}}}', "1311234566"),
        (b'{"XmlMsg":{}}', None),
        (b"", None),
        (b"\xff", None),
    ],
)
def test_the_clinic_of_a_search_is_found_however_it_is_written(asked, code):
    assert clinic_of(asked) == code


def test_a_search_without_an_individual_number_is_kept_as_it_came():
    asked = body(CLINICS[0])
    assert asked_of(asked, None, NO_TRACE).body is asked


HIDDEN = {
    "plain": OTHERS_NUMBER,
    "reference": f"&#57;{OTHERS_NUMBER[1:]}",
    "comment": f"{OTHERS_NUMBER[:6]}<!-- -->{OTHERS_NUMBER[6:]}",
    "section": f"<![CDATA[{OTHERS_NUMBER[:6]}]]>{OTHERS_NUMBER[6:]}",
    "instruction": f"{OTHERS_NUMBER[:6]}<?x y?>{OTHERS_NUMBER[6:]}",
}


@pytest.mark.parametrize("number", HIDDEN.values(), ids=HIDDEN)
async def test_a_file_with_an_individual_number_is_not_kept_however_it_is_written(number):
    shelf = book()
    plain_file = write(Desk().ready(BY_CODE["01"]), FileForm())
    before, found, after = re.split(rb"(?<=<InsuredIdentificationNumber>)([^<]+)", plain_file, maxsplit=1)
    asked = FileTaken("OQSsiquc01req_202611230001.xml", before + number.encode() + after, FileForm())
    assert found
    async with Server(memory(shelf, "a")) as a:
        await a.do(events.CHANGE_CLOCK, CLINIC, ClockChange(now=NOW))
        await a.deeds.take(asked, NOW)
        assert len(shelf.read(CLINIC, 0).events) == 1
        await a.deeds.take(FileTaken(asked.name, plain_file, FileForm()), NOW)
        assert len(shelf.read(CLINIC, 0).events) == 2


def test_an_individual_number_is_found_wherever_it_stands_in_a_large_file():
    for length in range(0, 40_000, 997):
        text = "<a>" * (length // 3) + f"<b>{OTHERS_NUMBER}</b>" + "<a>" * 10_000
        assert filing.file_holds_individual_number(text.encode())


SOMEBODY = Identity("01139906", OTHERS_NUMBER, NOW.date())


@pytest.mark.parametrize("code", [CLINICS[0], None], ids=["a clinic", "all"])
@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (events.ASSIGN, NewAssignment("valid", SOMEBODY)),
        (events.ASSIGN, NewAssignment("valid", 1, {"x": [OTHERS_NUMBER]})),
        (events.ADD_FAULT, NewFault(fault="outage", person=SOMEBODY)),
        (events.ADD_FAULT, NewFault(fault="outage", parameters={OTHERS_NUMBER: int(OTHERS_NUMBER)})),
        (events.TAP, NewTap(person=SOMEBODY)),
        (events.REMOVE_FAULT, OTHERS_NUMBER),
        (events.PEOPLE, PeopleQuery(parameters='{"x":"\\u0039' + OTHERS_NUMBER[1:] + '"}')),
    ],
)
async def test_an_individual_number_in_an_admin_call_is_refused_and_not_kept(kind, payload, code):
    shelf = book()
    async with Server(memory(shelf, "a")) as a:
        await a.do(events.CHANGE_CLOCK, CLINICS[0], ClockChange(now=NOW))
        told = await a.do(kind, code, payload)
        assert told[0] == 400
        assert "12" in told[1]
        assert OTHERS_NUMBER not in told[1]
        assert len(shelf.read(CLINICS[0], 0).events) == 1
        assert not shelf.read(ALL, 0).events


async def test_an_individual_number_as_a_clinics_name_is_refused_and_not_kept():
    shelf = book()
    async with Server(memory(shelf, "a")) as a:
        with pytest.raises(Denial):
            await a.deeds.begin_clinic(NewClinic(OTHERS_NUMBER), NOW)
    assert not shelf.touched()


def test_an_individual_number_as_a_clinics_name_in_a_scenario_file_is_refused():
    (told,) = remarks(a_yaml=f'clinics: [{{code: "1311234566", name: "{OTHERS_NUMBER}"}}]')
    assert "name: found an individual number of 12 digits" in told
    assert OTHERS_NUMBER not in told


def test_an_individual_number_in_a_header_is_not_kept_but_a_token_is():
    token = f"Bearer ab{OTHERS_NUMBER}cd"
    assert asked_of(body(CLINICS[0]), token, NO_TRACE).authorization == token
    assert OTHERS_NUMBER not in str(asked_of(body(CLINICS[0]), f"Bearer {OTHERS_NUMBER}", NO_TRACE).authorization)


async def test_other_requests_are_answered_while_a_large_batch_is_read_through(monkeypatch):
    """It is read through beside the loop."""
    threads = []
    monkeypatch.setattr(filing, "read_name", lambda name: threads.append(threading.current_thread()) or read_name(name))
    async with Server(memory(book(), "a")) as a:
        people = bulk(search_of(Desk().ready(BY_CODE["01"])))
        await a.deeds.take(file("OQSmuquc01req_202611230001.xml", people), NOW)
    assert threading.main_thread() not in threads
    assert threads

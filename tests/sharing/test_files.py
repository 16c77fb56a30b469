"""Request files of terminals at whichever server, and what of them and of searches is never kept."""

import pytest

from mockserver.journal import NO_TRACE
from mockserver.scenarios.casting import BY_CODE
from mockserver.sharing import events
from mockserver.sharing.deeds import asked_of, clinic_of
from mockserver.sharing.events import SEARCH, FileTaken, read_event
from mockserver.views import ClockChange
from mockserver.wire.files import FileForm
from mockserver.wire.xml_codec import write
from tests.linkage.support import bulk, collect, search_of
from tests.sharing.support import CLINICS, NOW, Server, body, book, later, memory
from tests.support import CLINIC, Desk

OTHERS_NUMBER = "987654321018"  # has a valid check digit


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
        body(CLINICS[0], "X").replace(b"X", "".join(f"\\u00{ord(digit):x}" for digit in OTHERS_NUMBER).encode()),
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

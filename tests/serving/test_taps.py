"""Card taps over real sockets: what comes of them, what terminals elsewhere get, and what is refused."""

import asyncio
from base64 import b64decode
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from mockserver.exchange import Exchange
from mockserver.linkage.taking import Linkage
from mockserver.settings import Settings
from mockserver.tapping import NewTap, lay_down
from mockserver.terminal.mailbox import Faces, Mailbox
from mockserver.wire.files import FileForm
from mockserver.wire.message import SearchResponse
from mockserver.wire.xml_codec import read
from tests.serving.conftest import CLINIC, INDIVIDUAL_NUMBER, NOW, OTHER_CLINIC, Reply, Running, StartMock

FACES = "/admin/faces"
MEMBERS = (
    "outcome accepted pattern by moment consents consents_until pin_tries_left code message_ja message_en face_file "
    "has_terminal answer"
)
PATIENCE_S = 10


async def tap(mock: Running, clinic: str = CLINIC, **how: Any) -> Reply:
    """Lay down a card."""
    return await mock.admin("POST", "/taps", how, clinic)


async def tapped(mock: Running, clinic: str = CLINIC, **how: Any) -> Any:
    """What came of a tap."""
    reply = await tap(mock, clinic, **how)
    assert reply.status == 200, reply.problem
    return reply.json


async def faces(mock: Running, cursor: str = "of another run:0", **query: str) -> tuple[str, list[Any]]:
    """The cursor and the files that wait behind one; all of them, if not given."""
    reply = await mock.call("GET", FACES, params={"cursor": cursor, **query})
    assert reply.status == 200, reply.problem
    return reply.json["cursor"], reply.json["files"]


async def names(mock: Running, **query: str) -> list[str]:
    """The names of all files that wait."""
    return [file["name"] for file in (await faces(mock, **query))[1]]


def message_of(file: Any) -> SearchResponse:
    """The message in a file."""
    message = read(b64decode(file["body"]), SearchResponse)
    assert isinstance(message, SearchResponse)
    return message


def body_of(told: Any) -> Any:
    """The body of the message of a tap."""
    return told["answer"]["XmlMsg"]["MessageBody"]


def result_of(told: Any) -> Any:
    """The one result of a tap."""
    (item,) = body_of(told)["ResultList"]
    return item["ResultOfQualificationConfirmation"]


# What comes of a tap


async def test_tap_is_answered_in_plain_words_and_as_a_message(mock: Running):
    told = await tapped(mock, pattern="valid")

    assert " ".join(told) == MEMBERS
    assert (told["outcome"], told["accepted"], told["pattern"], told["by"]) == ("accepted", True, "valid", "face")
    assert (told["moment"], told["consents_until"]) == ("2026-11-23T09:00:00+09:00", "2026-11-24T09:00:00+09:00")
    assert (told["code"], told["message_ja"], told["message_en"], told["pin_tries_left"]) == (None, None, None, 3)
    assert body_of(told)["QualificationValidity"] == "1"
    assert result_of(told)["Name"] == "佐藤　健一"


async def test_refused_tap_is_no_failure_of_the_call(mock: Running):
    reply = await tap(mock, pattern="card-not-registered")

    told = reply.json
    assert (reply.status, told["outcome"], told["accepted"]) == (200, "card-not-registered", False)
    assert told["code"] == "MOCK-E5003" == told["answer"]["XmlMsg"]["MessageHeader"]["ErrorCode"]
    assert "利用登録" in told["message_ja"]
    assert "not registered" in told["message_en"]


async def test_codes_of_a_tap_bear_the_chosen_prefix(start_mock: StartMock):
    mock = await start_mock(error_code_prefix="X-")

    assert (await tapped(mock, pattern="card-not-registered"))["code"] == "X-5003"
    assert (await tapped(mock, pattern="certificate-grace"))["code"] == "X-5002"


@pytest.mark.parametrize(
    ("moment", "day", "executed"),
    [
        ("2025-12-01T08:59:59+09:00", "20251201", "20251201085959"),
        ("2025-11-30T15:00:00Z", "20251201", "20251201000000"),
        ("2025-11-30T14:59:59Z", "20251130", "20251130235959"),
    ],
)
async def test_tap_happens_on_the_clinics_japanese_day(mock: Running, moment: str, day: str, executed: str):
    await mock.admin("PUT", "/clock", {"now": moment})

    told = await tapped(mock, code="01")

    header = told["answer"]["XmlMsg"]["MessageHeader"]
    assert (header["QualificationConfirmationDate"], header["ProcessExecutionTime"]) == (day, executed)
    assert result_of(told)["PharmacistsInfoConsTime"] == executed
    assert told["face_file"].endswith(f"_{executed}.xml")


async def test_certificate_ends_while_the_real_clock_runs(mock: Running):
    outcomes = []

    for days in (0, 61, 100):
        mock.moment = NOW + timedelta(days=days)
        outcomes.append((await tapped(mock, pattern="certificate-expiring"))["outcome"])

    assert outcomes == ["certificate-expiring", "certificate-grace", "certificate-grace"]


async def test_pin_is_locked_until_the_clinic_is_reset(mock: Running):
    wrong = [await tapped(mock, code="01", by="pin", pin="wrong") for _ in range(3)]
    right = await tapped(mock, code="01", by="pin")
    face = await tapped(mock, code="01", by="face")

    await mock.admin("DELETE")

    assert [told["outcome"] for told in wrong] == ["pin-wrong", "pin-wrong", "pin-locked"]
    assert (right["outcome"], face["outcome"]) == ("pin-locked", "accepted")
    assert (await tapped(mock, code="01", by="pin"))["outcome"] == "accepted"


async def test_random_taps_come_again_after_a_reset(mock: Running):
    first = [await tapped(mock, random=True) for _ in range(3)]
    await mock.admin("DELETE")
    second = [await tapped(mock, random=True) for _ in range(3)]

    assert [body_of(told) for told in second] == [body_of(told) for told in first]
    assert len({told["face_file"] for told in first + second}) == 6


async def test_tap_shows_what_a_person_was_given(mock: Running):
    await mock.admin("POST", "/assignments", {"pattern": "lost", "person": 1})

    told, elsewhere = await tapped(mock, person=1), await tapped(mock, OTHER_CLINIC, person=1)

    assert (told["pattern"], body_of(told)["QualificationValidity"]) == ("lost", "2")
    assert (elsewhere["pattern"], body_of(elsewhere)["QualificationValidity"]) == ("ordinary", "1")


async def test_person_may_be_named_by_number(mock: Running):
    person = {"insurer_number": "1139914", "number": "1000001", "birthdate": "1981-04-12", "symbol": "10010001"}

    assert result_of(await tapped(mock, person=person))["Name"] == "佐藤　健一"


@pytest.mark.parametrize(("prescription", "code"), [("electronic", "1"), ("paper", "2")])
async def test_form_of_prescription_stands_in_the_body(mock: Running, prescription: str, code: str):
    assert body_of(await tapped(mock, code="01", prescription=prescription))["PrescriptionIssueSelect"] == code


async def test_specific_diseases_are_told_by_card(mock: Running):
    (item,) = result_of(await tapped(mock, pattern="specific-disease"))["SpecificDiseasesCertificateList"]

    info = item["SpecificDiseasesCertificateInfo"]
    assert (info["SpecificDiseasesDiseaseCategory"], info["SpecificDiseasesSelfPay"]) == ("1", "10000")


async def test_specific_diseases_are_never_told_by_number(mock: Running):
    members = {"InsurerNumber": "01139914", "InsuredCardSymbol": "10010001", "InsuredIdentificationNumber": "1000066"}
    reply = await mock.search(**members, Birthdate="19670318")

    assert (reply.validity, reply.pattern) == ("1", "specific-disease")
    assert not [name for name in reply.results[0] if name.startswith("SpecificDiseases")]


# What terminals elsewhere get


async def test_accepted_taps_wait_as_files_and_refused_ones_do_not(mock: Running):
    accepted = [await tapped(mock, pattern=pattern) for pattern in ("valid", "no-match", "certificate-grace")]
    refused = [await tapped(mock, pattern=pattern) for pattern in ("pin-wrong", "card-not-registered", "reader-fault")]

    assert [told["face_file"] for told in refused] == [None, None, None]
    assert await names(mock) == [told["face_file"] for told in accepted]


async def test_refused_taps_leave_a_file_where_that_is_set(start_mock: StartMock):
    mock = await start_mock(refused_taps="file")
    told = await tapped(mock, pattern="reader-fault")

    _, (file,) = await faces(mock)

    assert file["name"] == told["face_file"]
    header = message_of(file).XmlMsg.MessageHeader
    assert (header.SegmentOfResult, header.ErrorCode, header.ReferenceClassification) == ("9", told["code"], "1")
    assert "【001】" in header.ErrorMessage


@pytest.mark.parametrize("pattern", ["valid", "no-match", "medical-assistance", "other-persons-data", "turns-70"])
@pytest.mark.parametrize("order", ["layout", "shuffled"])
async def test_file_holds_the_message_that_was_answered(mock: Running, pattern: str, order: str):
    told = await tapped(mock, pattern=pattern)

    _, (file,) = await faces(mock, order=order)

    assert file["folder"] == "face"
    assert message_of(file) == msgspec.convert(told["answer"], SearchResponse)
    assert b"QualificationConfirmSearchInfo" not in b64decode(file["body"])


async def test_terminal_of_a_clinic_gets_that_clinics_taps(mock: Running):
    ours, theirs = await tapped(mock, code="01"), await tapped(mock, OTHER_CLINIC, code="01")

    assert await names(mock) == [ours["face_file"], theirs["face_file"]]
    assert await names(mock, clinic=CLINIC) == [ours["face_file"]]
    assert await names(mock, clinic=OTHER_CLINIC) == [theirs["face_file"]]


async def test_reset_takes_back_what_was_not_taken(mock: Running):
    await tapped(mock, code="01")
    theirs = await tapped(mock, OTHER_CLINIC, code="01")

    await mock.admin("DELETE")

    assert await names(mock) == [theirs["face_file"]]


async def test_taps_of_a_moment_have_names_of_their_own(mock: Running):
    told = await asyncio.gather(*(tapped(mock, code="01") for _ in range(40)))

    assert len({one["face_file"] for one in told}) == 40
    assert sorted(await names(mock)) == sorted(one["face_file"] for one in told)


async def test_cursor_begins_at_what_is_new_and_goes_on(mock: Running):
    await tapped(mock, code="01")
    beginning, before = await faces(mock, "")
    told = [await tapped(mock, code="01") for _ in range(2)]
    cursor, files = await faces(mock, beginning)
    end, rest = await faces(mock, cursor)

    assert (before, rest, end) == ([], [], cursor)
    assert [file["name"] for file in files] == [one["face_file"] for one in told]
    assert (await faces(mock, beginning))[1] == files  # an old cursor: once more


@pytest.mark.parametrize("cursor", ["2020-01-01T00:00:00+09:00:7", "x", ":", "x:y", "0", "１:１"])
async def test_cursor_of_another_run_gets_everything(mock: Running, cursor: str):
    told = await tapped(mock, code="01")

    assert [file["name"] for file in (await faces(mock, cursor))[1]] == [told["face_file"]]


async def test_cursor_with_a_number_beyond_reason_is_no_accident(mock: Running):
    run = (await faces(mock, ""))[0].rpartition(":")[0]

    await faces(mock, f"{run}:{'9' * 5_000}")


@pytest.mark.parametrize("wait_ms", ["", "0", "-1", "soon", "²", "9" * 20])
async def test_wait_that_is_no_number_is_none(mock: Running, wait_ms: str):
    cursor, _ = await faces(mock, "")

    async with asyncio.timeout(PATIENCE_S):
        assert (await faces(mock, cursor, wait_ms=wait_ms)) == (cursor, [])


@pytest.mark.parametrize("query", [{"encoding": "klingon"}, {"order": "upside-down"}, {"bulk_result": "rar"}])
async def test_form_there_is_not_is_refused(mock: Running, query: dict[str, str]):
    assert_told_in_both_languages(await mock.call("GET", FACES, params=query), 400)


# The mailbox, beneath HTTP


class Box:
    """A mailbox with a reader before it."""

    def __init__(self) -> None:
        self.exchange = Exchange(Settings(require_token=False), NOW)
        self.mailbox = Mailbox(Linkage(self.exchange).face_file, "run")

    def tap(self, clinic: str = CLINIC) -> str:
        """Somebody's result, put into the mailbox; its name."""
        face = lay_down(self.exchange, clinic, NewTap(code="01"), NOW)[1].face
        self.mailbox.post(face)
        return face.name

    async def take(self, cursor: str, clinic: str = "", wait_ms: int = 0) -> Faces:
        """Take what waits."""
        return await self.mailbox.take(cursor, clinic, FileForm(), wait_ms)

    def wait(self, cursor: str, clinic: str = "") -> asyncio.Task[Faces]:
        """Wait for a minute."""
        return asyncio.create_task(self.take(cursor, clinic, 60_000))


async def turns() -> None:
    """Some turns of the loop, in which whoever can go on does."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_mailbox_wakes_all_who_wait():
    box = Box()
    waiting = [box.wait("run:0", clinic) for clinic in ("", CLINIC)]
    await turns()
    assert not any(task.done() for task in waiting)

    name = box.tap()

    for taken in await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE_S):
        assert (taken.cursor, [file.name for file in taken.files]) == ("run:1", [name])


async def test_mailbox_wakes_who_waits_again():
    box, cursor = Box(), "run:0"

    for _ in range(3):
        waiting = box.wait(cursor)
        await turns()
        name = box.tap()
        taken = await asyncio.wait_for(waiting, PATIENCE_S)
        assert [file.name for file in taken.files] == [name]
        cursor = taken.cursor


async def test_mailbox_does_not_let_wait_for_what_is_there():
    box = Box()
    name = box.tap()

    taken = await asyncio.wait_for(box.wait("run:0"), PATIENCE_S)

    assert [file.name for file in taken.files] == [name]


async def test_mailbox_does_not_let_wait_who_only_asks_where_it_begins():
    taken = await asyncio.wait_for(Box().wait(""), PATIENCE_S)

    assert taken == Faces("run:0", [])


async def test_mailbox_gives_nobody_the_taps_of_another_clinic():
    box = Box()
    waiting = box.wait("run:0", OTHER_CLINIC)
    await turns()
    box.tap(CLINIC)
    await turns()
    name = box.tap(OTHER_CLINIC)

    first = await asyncio.wait_for(waiting, PATIENCE_S)
    taken = first if first.files else await box.take(first.cursor, OTHER_CLINIC)

    assert [file.name for file in taken.files] == [name]


async def test_mailbox_that_is_closed_lets_nobody_wait():
    box = Box()
    waiting = box.wait("run:0")
    await turns()

    box.mailbox.close()

    assert await asyncio.wait_for(waiting, PATIENCE_S) == Faces("run:0", [])
    assert await asyncio.wait_for(box.wait("run:0"), PATIENCE_S) == Faces("run:0", [])


# Bad input


def assert_told_in_both_languages(reply: Reply, status: int, *words: str) -> None:
    """A mistake: what was wrong, in Japanese and English, on both sides of the slash."""
    assert reply.status == status, reply.body.decode()
    error = reply.json["error"]
    assert set(error) == {"message_ja", "message_en"}
    assert not error["message_ja"].isascii()
    assert error["message_en"]
    for word in words:
        assert word in reply.problem


KNOWN = {"insurer_number": "01139914", "number": "1000001", "birthdate": "1981-04-12", "symbol": "10010001"}
MISTAKES = {  # body: HTTP status, words
    "nobody": ({}, 400, "pattern", "code", "person", "random"),
    "nobody-at-random": ({"random": False}, 400, "random"),
    "only-how": ({"by": "pin", "pin": "wrong"}, 400, "pattern"),
    "pattern-and-code": ({"pattern": "valid", "code": "01"}, 400, "exactly one"),
    "pattern-and-person": ({"pattern": "valid", "person": 1}, 400, "exactly one"),
    "person-and-random": ({"person": 0, "random": True}, 400, "exactly one"),
    "all-four": ({"pattern": "valid", "code": "01", "person": 1, "random": True}, 400, "exactly one"),
    "misspelt-pattern": ({"pattern": "certificate-expird"}, 404, "certificate-expird", '"certificate-expired"?'),
    "unknown-pattern": ({"pattern": "狸"}, 404, "狸"),
    "no-pattern": ({"pattern": ""}, 404),
    "pattern-is-no-text": ({"pattern": 1}, 400, "pattern"),
    "unknown-code": ({"code": "00"}, 404, "00"),
    "one-digit": ({"code": "1"}, 400, "code"),
    "three-digits": ({"code": "001"}, 400, "code"),
    "wide-digits": ({"code": "０１"}, 400, "code"),
    "code-is-no-text": ({"code": 1}, 400, "code"),
    "seat-below": ({"person": -1}, 404, "person", "-1", "123999999"),
    "seat-above": ({"person": 124_000_000}, 404, "person", "124000000", "123999999"),
    "seat-far-above": ({"person": 10**30}, 404, "person"),
    "seat-beyond-reason": (b'{"person": 1' + b"0" * 5_000 + b"}", 400, "person"),
    "seat-is-text": ({"person": "1"}, 400, "person"),
    "seat-is-a-fraction": ({"person": 1.5}, 400, "person"),
    "seat-is-a-truth": ({"person": True}, 400, "person"),
    "unknown-person": ({"person": {**KNOWN, "number": "1000099"}}, 404),
    "person-without-number": ({"person": {"insurer_number": "1"}}, 400, "person.number"),
    "person-with-more": ({"person": {**KNOWN, "name": "x"}}, 400, "name"),
    "no-such-day": ({"person": {**KNOWN, "birthdate": "1981-02-30"}}, 400, "birthdate"),
    "random-is-text": ({"random": "yes"}, 400, "random"),
    "unknown-proof": ({"code": "01", "by": "nose"}, 400, "by"),
    "real-pin": ({"code": "01", "pin": "1234"}, 400, "pin"),
    "unknown-consent": ({"code": "01", "consents": ["everything"]}, 400, "consents"),
    "consents-are-no-list": ({"code": "01", "consents": "limit"}, 400, "consents"),
    "unknown-care": ({"code": "01", "care": "spa"}, 400, "care"),
    "unknown-prescription": ({"code": "01", "prescription": "oral"}, 400, "prescription"),
    "unknown-member": ({"code": "01", "concents": []}, 400, "concents"),
    "list": ([], 400),
    "text": ("valid", 400),
    "nothing": (b"", 400),
    "half": (b'{"code": "01"', 400),
    "other-encoding": ('{"pattern": "有効"}'.encode("shift_jis"), 400),
}


@pytest.mark.parametrize("case", MISTAKES)
async def test_mistake_is_told_and_leaves_nothing(mock: Running, case: str):
    body, status, *words = MISTAKES[case]

    reply = await mock.admin("POST", "/taps", body)

    assert_told_in_both_languages(reply, status, *words)
    assert await names(mock) == []
    assert len(mock.mock.exchange.clinics) == 0


async def test_unknown_code_is_told_together_with_the_known_ones(mock: Running):
    reply = await tap(mock, code="00")

    assert_told_in_both_languages(reply, 404, "01", "02", "51", "86")


NUMBERED = {
    "pattern": {"pattern": INDIVIDUAL_NUMBER},
    "seat": {"person": int(INDIVIDUAL_NUMBER)},
    "number": {"person": {**KNOWN, "number": INDIVIDUAL_NUMBER}},
    "symbol": {"person": {**KNOWN, "symbol": "1234-5678-9018"}},
    "escaped": b'{"pattern": "12345678901\\u0038"}',
    "member": {INDIVIDUAL_NUMBER: 1},
    "unknown-proof": {"code": "01", "by": INDIVIDUAL_NUMBER},
}


@pytest.mark.parametrize("case", NUMBERED)
async def test_individual_number_is_refused_and_not_told_back(mock: Running, case: str):
    reply = await mock.admin("POST", "/taps", NUMBERED[case])

    assert_told_in_both_languages(reply, 400)
    assert INDIVIDUAL_NUMBER not in reply.body.decode().replace("-", "")
    assert len(mock.mock.exchange.clinics) == 0


@pytest.mark.parametrize("clinic", ["1", "13112345660", "131123456x", "１３１１２３４５６６"])
async def test_clinic_that_is_none_is_told(mock: Running, clinic: str):
    assert_told_in_both_languages(await tap(mock, clinic, code="01"), 400, "10桁", "ten digits")


async def test_seat_is_of_the_country_that_was_set(start_mock: StartMock):
    mock = await start_mock(people=124)

    assert (await tapped(mock, person=123))["outcome"] == "accepted"
    assert_told_in_both_languages(await tap(mock, person=124), 404, "0 to 123")
    assert {(await tapped(mock, random=True))["outcome"] for _ in range(20)} == {"accepted"}


@pytest.mark.parametrize(("method", "path"), [("POST", f"/admin/clinics/{CLINIC}/taps"), ("GET", FACES)])
async def test_taps_are_guarded_where_others_can_reach_them(start_mock: StartMock, method: str, path: str):
    mock = await start_mock(host="0.0.0.0", admin_token="steer-it")
    body = {"code": "01"} if method == "POST" else None

    given = [{}, {"Authorization": mock.token}, {"Authorization": "Bearer steer-it"}]
    replies = [await mock.call(method, path, body, headers=headers) for headers in given]

    assert [reply.status for reply in replies] == [401, 401, 200]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
async def test_tap_that_a_web_page_could_send_is_refused(mock: Running, content_type: str):
    path = f"/admin/clinics/{CLINIC}/taps"

    reply = await mock.call("POST", path, {"code": "01"}, headers={"Content-Type": content_type})

    assert_told_in_both_languages(reply, 415, "Content-Type")

"""Request files in, answer files out: manners, encodings, families, and whatever else may lie in `req`."""

import os
import tempfile
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from tests.terminal.conftest import (
    CLINIC,
    DECLARED,
    INQUIRY,
    NEVER,
    PYTHON_CODEC,
    Client,
    Running,
    StartMock,
    StartTerminal,
    as_xml,
    inquiry,
    message,
    named,
    person,
    seen_whole,
    until,
    watched,
)

MANNERS, ENCODINGS = ("atomic", "create-then-write"), ("utf-8", "shift_jis")
MOST = 4096


@pytest.fixture
async def client(start_mock: StartMock) -> Client:
    """A client of a terminal as it comes."""
    return (await start_mock(max_file_bytes=MOST)).client


# --- manners, encodings, families ---


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delivery", MANNERS)
class TestEveryMannerAndEncoding:
    @pytest.fixture
    async def running(self, start_mock: StartMock, delivery: str, encoding: str) -> Running:
        return await start_mock(delivery=delivery, encoding=encoding, bulk_ms=1_000)

    async def test_single_inquiry_is_answered_in_the_encoding_of_the_terminal(self, running: Running, encoding: str):
        for serial, asked_in in enumerate(ENCODINGS):
            answer = await running.client.ask(named(serial), as_xml(inquiry(), asked_in))
            assert f'encoding="{DECLARED[encoding]}"'.encode() in answer.raw.splitlines()[0]
            assert "<ArbitraryFileIdentifier>受付-1</ArbitraryFileIdentifier>" in answer.raw.decode(
                PYTHON_CODEC[encoding]
            )
            assert answer.text("CharacterCodeIdentifier") == str(ENCODINGS.index(encoding))
            assert answer.is_valid

    async def test_bulk_is_received_then_processing_then_told(self, running: Running, encoding: str):
        people = [person(f"10{serial:05d}01") for serial in range(5)]
        client, request = running.client, as_xml(inquiry(*people), encoding)
        receipt = await client.ask(named(1, "OQSmuquc01"), request)
        number = receipt.text("ReceptionNumber")
        collect = as_xml(message({"ReceptionNumber": number}))
        waits = await client.ask(named(2, "OQSmuquc02"), collect)
        assert (waits.text("SegmentOfResult"), waits.texts("BulkConfirmUnit")) == ("2", [])
        running.moment += timedelta(seconds=1)
        told = await client.ask(named(3, "OQSmuquc02"), collect)
        assert told.text("SegmentOfResult") == "1"
        assert told.text("NumberOfNormalProcessing") == "5"
        assert told.texts("QualificationValidity") == ["1"] * 5
        asked = [
            info.findtext("InsuredIdentificationNumber") for info in told.root.iter("QualificationConfirmSearchInfo")
        ]
        assert asked == [info["InsuredIdentificationNumber"] for info in people]

    async def test_registered_number_comes_back_from_then_on(self, running: Running, encoding: str):
        client, search = running.client, person()
        card = {name: search[name] for name in search if name.startswith("Insur")}
        request = message({"ReferenceNumberRegistrationInfo": {"ReferenceNumber": "患者-42", **card}})
        assert (await client.ask(named(1))).text("ReferenceNumber") is None
        registered = await client.ask(named(2, "OQSsiimm01"), as_xml(request, encoding))
        assert registered.text("ProcessingResultStatus") == "1"
        assert registered.text("ReferenceNumber") == "患者-42"
        assert (await client.ask(named(3))).text("ReferenceNumber") == "患者-42"


async def test_atomic_answer_is_never_seen_empty_or_in_part(start_mock: StartMock):
    client = (await start_mock(delivery="atomic")).client
    for serial in range(20):
        name = named(serial)
        with watched(client.answer_path(name)) as seen:
            client.drop(name)
            await seen_whole(seen)
            answer = await client.answer(name)
        assert seen == [answer.raw]


async def test_answer_created_first_is_seen_empty_and_then_whole(start_mock: StartMock):
    client = (await start_mock(delivery="create-then-write", write_pause_ms=100)).client
    with watched(client.answer_path(named())) as seen:
        client.drop()
        await seen_whole(seen)
        answer = await client.answer()
    assert seen == [b"", answer.raw]


async def test_bulk_result_may_come_packed(start_mock: StartMock):
    client = (await start_mock(bulk_result="zip", bulk_ms=0)).client
    receipt = await client.ask(named(1, "OQSmuquc01"))
    client.drop(named(2, "OQSmuquc02"), as_xml(message({"ReceptionNumber": receipt.text("ReceptionNumber")})))
    packed = client.res / "OQSmuquc02res_202611230002.zip"
    assert (await until(lambda: packed.exists() and packed.read_bytes())).startswith(b"PK")


async def test_answered_request_is_taken_away_and_leaves_nothing_behind(client: Client):
    await client.ask()
    assert [*client.req.iterdir(), *client.res.iterdir(), *client.unfinished()] == []


# --- how a request may be written ---


@pytest.mark.parametrize(
    "request_body",
    [
        pytest.param(INQUIRY.replace(b"\n", b"\r\n"), id="Windows line ends"),
        pytest.param(b"\xef\xbb\xbf" + INQUIRY, id="BOM"),
        pytest.param(b"\xef\xbb\xbf" + INQUIRY.replace(b"\n", b"\r\n") + b"\r\n\r\n", id="both, and empty lines"),
        pytest.param(INQUIRY.replace(b"\n", b""), id="one line"),
        pytest.param(INQUIRY + b"<!-- end -->", id="something after the last element"),
    ],
)
async def test_request_may_be_written_in_other_ways(client: Client, request_body: bytes):
    answer = await client.ask(named(), request_body)
    assert answer.is_valid
    assert answer.text("ArbitraryFileIdentifier") == "受付-1"


SHIFT_JIS = as_xml(inquiry(), "shift_jis")
BROKEN = [
    pytest.param(SHIFT_JIS.replace(b"Shift_JIS", b"UTF-8"), ("1102", "UTF-8", "Shift_JIS"), id="wrong encoding"),
    pytest.param(INQUIRY.replace(b"UTF-8", b"Shift_JIS"), ("1102", "Shift_JIS"), id="wrong encoding, the other way"),
    pytest.param(b"\xef\xbb\xbf" + SHIFT_JIS, ("1102", "BOM"), id="BOM and another encoding"),
    pytest.param(INQUIRY.decode().encode("utf-16"), ("1102", "UTF-16"), id="UTF-16"),
    pytest.param(INQUIRY.replace(b"UTF-8", b"EUC-JP"), ("1102", "EUC-JP"), id="an encoding it does not know"),
    pytest.param(b"", ("1101", "empty"), id="empty"),
    pytest.param(b" \r\n", ("1101", "empty"), id="blank"),
    pytest.param(Random(1).randbytes(1000), ("MOCK-E11",), id="rubbish"),
    pytest.param(b"\0" * 1000, ("MOCK-E11",), id="zeros"),
    pytest.param(INQUIRY[: len(INQUIRY) // 2], ("1101",), id="cut off"),
    pytest.param(INQUIRY + INQUIRY, ("1101",), id="twice in one file"),
    pytest.param(b"<XmlMsg>" * 300, ("1101",), id="never closed"),
    pytest.param(b"<html></html>", ("1101", "XmlMsg"), id="another document"),
    pytest.param(b'<!DOCTYPE a [<!ENTITY b "c">]>' + INQUIRY, ("11",), id="DTD"),
    pytest.param(INQUIRY + b" " * MOST, ("1004", str(MOST)), id="too large"),
]


@pytest.mark.parametrize(("request_body", "words"), BROKEN)
async def test_what_cannot_be_read_comes_back_beside_the_reason(
    client: Client, caplog: pytest.LogCaptureFixture, request_body: bytes, words: tuple[str, ...]
):
    client.drop(named(), request_body)
    told = await client.error(named())
    assert all(word in told for word in words)
    assert await client.returned(named()) == request_body
    assert named() in caplog.text
    assert (await client.ask()).is_valid


async def test_a_file_of_a_terabyte_is_refused_unread(client: Client):
    draft = client.root / "draft"
    with draft.open("wb") as file:
        file.truncate(1 << 40)
    draft.rename(client.req / named())
    assert "1004" in await client.error(named())
    await until((client.res / named()).exists)
    assert (client.res / named()).stat().st_size == 1 << 40


# --- names ---


@pytest.mark.parametrize("digits", ["2026112300001", "1", "202611230001", "0" * 40])
async def test_digits_of_a_name_may_be_more_or_fewer(client: Client, digits: str):
    assert (await client.ask(f"OQSsiquc01req_{digits}.xml")).is_valid


async def test_suffix_in_capitals_is_a_request_too(client: Client):
    client.drop("OQSsiquc01req_202611230001.XML")
    assert (await client.answer("OQSsiquc01req_202611230001.xml")).is_valid


STRANGE_NAMES = [
    "患者 1.xml",
    "a&b+c%41#~;'.xml",
    "-rf.xml",
    "a\nb.xml",
    "req\\OQSsiquc01req_202611230001.xml",
    "OQSsiquc01req_.xml",
    "OQSsiquc01req_1.2.xml",
    "OQSsiquc01req_２０２６.xml",
    "EPSsiPIR01req_202611230001.xml",
    "OQSsihvq01req_202611230001.xml",
    "000000001~x.xml",
    "a" * 251 + ".xml",
    "患" * 83 + ".xml",
]


@pytest.mark.parametrize("name", STRANGE_NAMES)
async def test_request_of_another_name_gets_a_reason(client: Client, caplog: pytest.LogCaptureFixture, name: str):
    client.drop(name)
    assert "MOCK-E110" in await client.error(name)
    assert await client.returned(name) == INQUIRY
    assert all(line.count("\n") == 0 for line in caplog.messages)


async def test_request_under_the_name_of_an_answer_does_not_take_its_place(client: Client):
    client.drop(named())
    await until(lambda: client.answer_path(named()).exists())
    answered = client.answer_path(named()).read_bytes()
    name = client.answer_path(named()).name
    client.drop(name)
    assert "MOCK-E1104" in await client.error(name)
    assert await client.returned(f"{name}.returned") == INQUIRY
    assert client.answer_path(named()).read_bytes() == answered


async def test_family_known_by_name_only_is_said_to_be_so(client: Client, caplog: pytest.LogCaptureFixture):
    name = "OQSsihvq01req_202611230001.xml"
    client.drop(name)
    assert "OQSsihvq is known by name only" in await client.error(name)
    assert any(name in line and "known by name only" in line for line in caplog.messages)


async def drops_a_name_in_shift_jis(client: Client) -> None:
    """As a Windows client with a share mounted without `iocharset` does."""
    name = os.fsdecode("患者.xml".encode("cp932"))
    await client.looked_at_again()
    client.drop(name)
    await until((client.res / name.replace(".xml", ".err")).exists)
    await client.looked_at_again()


async def test_name_in_shift_jis_gets_a_reason(start_mock: StartMock):
    await drops_a_name_in_shift_jis((await start_mock(events=False)).client)


@pytest.mark.parametrize("events", [True, False])
async def test_name_in_shift_jis_gets_a_reason_from_a_mock_elsewhere(
    start_mock: StartMock, start_terminal: StartTerminal, events: bool
):
    mock = await start_mock(folder="")
    await drops_a_name_in_shift_jis(await start_terminal(mock.mock.url, events=events))


async def test_longest_name_there_can_be_does_not_hold_up_others(client: Client):
    client.drop("A" * 251 + ".xml")
    client.drop(named())
    assert (await client.answer()).is_valid


async def test_name_that_may_be_an_individual_number_is_not_in_the_log(
    client: Client, caplog: pytest.LogCaptureFixture
):
    await client.ask("OQSsiquc01req_123456789018.xml")
    client.drop("123456789018.xml")
    await client.error("123456789018.xml")
    assert "123456789018" not in caplog.text


# --- what is no request ---


async def test_what_is_no_request_is_left_alone_and_told_of_once(client: Client, caplog: pytest.LogCaptureFixture):
    strangers = ["OQSsiquc01req_1.xml.tmp", "OQSsiquc01req_1.tmp", ".OQSsiquc01req_1.xml", "memo.txt"]
    for name in strangers:
        (client.req / name).write_bytes(INQUIRY)
    folder = client.req / named(4)
    folder.mkdir()
    (folder / named(5)).write_bytes(INQUIRY)
    for serial in (6, 7, 8):
        await client.looked_at_again(serial)
    assert {path.name for path in client.req.iterdir()} == {*strangers, named(4)}
    assert (folder / named(5)).read_bytes() == INQUIRY
    assert list(client.res.iterdir()) == []
    for name in (*strangers, named(4)):
        assert sum(f'"{name}"' in line for line in caplog.messages) == 1


async def test_file_renamed_to_a_request_is_answered(client: Client):
    draft = client.req / f"{named()}.tmp"
    draft.write_bytes(INQUIRY)
    await client.looked_at_again()
    draft.rename(client.req / named())
    assert (await client.answer()).is_valid


async def test_pipe_holds_nothing_up(client: Client):
    os.mkfifo(client.req / named(1))
    assert (await client.ask(named(2))).is_valid
    assert [path.name for path in client.req.iterdir()] == [named(1)]


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file that is none of the terminal's business."""
    path = tmp_path / "secret.xml"
    path.write_bytes(INQUIRY)
    return path


def is_untouched(path: Path) -> bool:
    return path.read_bytes() == INQUIRY


@pytest.mark.parametrize("target", ["secret.xml", "..", "nowhere", "OQS/req/OQSsiquc01req_202611230001.xml"])
async def test_link_is_refused_and_never_followed(client: Client, outside: Path, target: str):
    """To a file outside, to a folder, to nothing, to itself."""
    (client.req / named()).symlink_to(client.root.parent / target)
    assert "1106" in await client.error(named())
    assert [*client.req.iterdir(), *client.res.iterdir()] == []
    assert is_untouched(outside)


@pytest.mark.parametrize("delivery", MANNERS)
async def test_link_under_the_name_of_the_answer_is_replaced_not_followed(
    start_mock: StartMock, outside: Path, delivery: str
):
    client = (await start_mock(delivery=delivery)).client
    client.answer_path(named()).symlink_to(outside)
    client.drop()
    await until(lambda: not client.answer_path(named()).is_symlink())
    assert (await client.answer()).is_valid
    assert is_untouched(outside)


async def test_link_put_in_place_of_an_empty_answer_is_not_followed(start_mock: StartMock, outside: Path):
    running = await start_mock(delivery="create-then-write", write_pause_ms=NEVER)
    client = running.client
    path = client.answer_path(named())
    client.drop()
    await until(path.exists)
    path.unlink()
    path.symlink_to(outside)
    await running.mock.stop()
    assert is_untouched(outside)
    await start_mock()
    await until(lambda: not path.is_symlink())
    assert (await client.answer()).is_valid
    assert is_untouched(outside)


async def test_clinics_are_told_apart_by_their_code(client: Client):
    asked = inquiry()
    asked["XmlMsg"]["MessageHeader"]["MedicalInstitutionCode"] = "1311111111"
    answers = [await client.ask(), await client.ask(named(2), as_xml(asked))]
    assert [answer.text("MedicalInstitutionCode") for answer in answers] == [CLINIC, "1311111111"]


async def test_pauses_are_those_of_the_settings(start_mock: StartMock):
    client = (await start_mock(answer_pause_ms=NEVER)).client
    client.drop()
    await client.taken()
    assert list(client.res.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second disk")
@pytest.mark.parametrize("delivery", ["atomic", "create-then-write"])
async def test_answers_reach_a_res_on_another_disk(start_mock: StartMock, tmp_path: Path, delivery: str):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        (tmp_path / "OQS").mkdir()
        (tmp_path / "OQS/res").symlink_to(other)
        client = (await start_mock(delivery=delivery)).client
        assert (await client.ask()).is_valid
        client.drop(named(2), b"rubbish")
        await client.error(named(2))
        await client.returned(named(2))

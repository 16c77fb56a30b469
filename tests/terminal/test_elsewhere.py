"""The command, a mock that runs elsewhere, and results of card readers at every terminal."""

import asyncio
import json
import re
import socket
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from mockserver.scenarios.casting import PATTERNS
from mockserver.terminal import watching
from tests.terminal.conftest import (
    CLINIC,
    DECLARED,
    NOW,
    OTHER_CLINIC,
    PATIENCE_S,
    PYTHON_CODEC,
    Answer,
    Client,
    StartMock,
    StartProcess,
    StartTerminal,
    as_xml,
    inquiry,
    lost,
    message,
    named,
    run,
    until,
)

QUICK_FLAGS = ("--settle-ms", "60", "--poll-ms", "20")
FACE_NAME = re.compile(rf"OQSsiquc01res_face_{CLINIC}[0-9a-f]{{20}}_20261123090000\.xml")


@pytest.fixture
def a_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_RETRY_MS", 50)


# --- the command ---


async def test_serve_with_a_folder_is_mock_and_terminal_in_one(start_process: StartProcess, tmp_path: Path):
    client = Client(tmp_path / "新しい" / "OQS")
    words = ("--folder", str(client.root), "--encoding", "shift_jis", *QUICK_FLAGS)
    process = await start_process("serve", "--port", "0", "--json", *words)
    answer = await client.ask()
    assert (answer.is_valid, answer.text("CharacterCodeIdentifier")) == (True, "1")
    async with aiohttp.ClientSession(json.loads(process.first_line)["url"]) as session:
        await session.post(f"/admin/clinics/{CLINIC}/taps", json={"pattern": "valid"})
    assert (await client.result_of_card()).is_valid
    assert await process.end() == 0
    assert "Traceback" not in process.log
    for name in (named(), client.answer_path(named()).name):
        assert f'"{name}"' in process.log


async def test_terminal_command_works_for_a_mock_elsewhere(
    start_mock: StartMock, start_process: StartProcess, tmp_path: Path
):
    mock, client = await start_mock(folder=""), Client(tmp_path / "OQS")
    words = ("--folder", str(client.root), "--url", mock.mock.url, "--delivery", "create-then-write", *QUICK_FLAGS)
    process = await start_process("terminal", *words)
    assert str(client.root) in process.first_line
    assert mock.mock.url in process.first_line
    assert (await client.ask()).is_valid
    await mock.tap()
    assert (await client.result_of_card()).is_valid
    assert await process.end() == 0
    assert f'"{named()}" valid' in process.log
    assert "Traceback" not in process.log


async def test_url_that_is_none_is_refused_in_words(tmp_path: Path):
    status, told = await run("terminal", "--folder", str(tmp_path), "--url", "localhost:8080")
    assert status == 2
    assert "Error: " in told
    assert "Traceback" not in told


# --- a mock elsewhere ---


@pytest.mark.parametrize("delivery", ["atomic", "create-then-write"])
@pytest.mark.parametrize("encoding", ["utf-8", "shift_jis"])
async def test_terminal_elsewhere_answers_as_one_within(
    start_mock: StartMock, start_terminal: StartTerminal, delivery: str, encoding: str
):
    mock = await start_mock(folder="", bulk_ms=0)
    client = await start_terminal(mock.mock.url, delivery=delivery, encoding=encoding, xml_order="shuffled")
    answer = await client.ask(named(1), as_xml(inquiry(), "shift_jis"))
    assert answer.is_valid
    assert f'encoding="{DECLARED[encoding]}"'.encode() in answer.raw.splitlines()[0]
    assert "受付-1" in answer.raw.decode(PYTHON_CODEC[encoding])
    receipt = await client.ask(named(2, "OQSmuquc01"))
    collect = as_xml(message({"ReceptionNumber": receipt.text("ReceptionNumber")}))
    assert (await client.ask(named(3, "OQSmuquc02"), collect)).is_valid
    client.drop(named(4), b"rubbish")
    assert "1101" in await client.error(named(4), encoding=encoding)
    assert await client.returned(named(4)) == b"rubbish"


NAMES = ["患者 1.xml", "a&b=c+%41?#~;'.xml", "a\nb.xml", "OQSsihvq01req_202611230001.xml", "患" * 83 + ".xml"]


@pytest.mark.parametrize("name", NAMES)
async def test_name_reaches_a_mock_elsewhere_unchanged(start_mock: StartMock, start_terminal: StartTerminal, name: str):
    client = await start_terminal((await start_mock(folder="")).mock.url)
    client.drop(name)
    assert "MOCK-E1105" in await client.error(name)
    await client.returned(name)


async def test_name_with_a_backslash_gets_a_reason_and_holds_up_nobody(
    start_mock: StartMock, start_terminal: StartTerminal
):
    """As a client writes that takes a Windows path for a name."""
    client, name = await start_terminal((await start_mock(folder="")).mock.url), "C:\\OQS\\req\\x.xml"
    client.drop(name)
    await client.taken(name)
    client.drop()
    assert (await client.answer()).is_valid
    assert "MOCK-E1105" in await client.error(name)


async def test_hundred_at_once_are_answered_by_a_mock_elsewhere(start_mock: StartMock, start_terminal: StartTerminal):
    client = await start_terminal((await start_mock(folder="")).mock.url)
    for serial in range(100):
        client.drop(named(serial))
    for serial in range(100):
        assert (await client.answer(named(serial))).is_valid


@pytest.mark.usefixtures("_quick_retries")
async def test_requests_wait_for_a_mock_that_is_not_there_yet(
    start_mock: StartMock, start_terminal: StartTerminal, caplog: pytest.LogCaptureFixture, a_port: int
):
    client = await start_terminal(f"http://127.0.0.1:{a_port}")
    for serial in range(3):
        client.drop(named(serial))
    await until(lambda: "no mock, waiting" in caplog.text)
    await client.taken(named(0))
    assert list(client.res.iterdir()) == []
    await start_mock(folder="", port=a_port)
    for serial in range(3):
        assert (await client.answer(named(serial))).is_valid


async def test_mock_that_cannot_be_reached_is_told_of_once_and_tried_on(
    start_terminal: StartTerminal, caplog: pytest.LogCaptureFixture
):
    tries: list[object] = []

    def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tries.append(writer)
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        client = await start_terminal(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        client.drop()
        await until(lambda: len(tries) >= 10)
    assert sum("no mock" in line for line in caplog.messages) == 1


async def test_card_laid_down_as_soon_as_the_mock_is_there_is_not_lost(
    start_mock: StartMock, start_terminal: StartTerminal, caplog: pytest.LogCaptureFixture, a_port: int
):
    client = await start_terminal(f"http://127.0.0.1:{a_port}")
    await until(lambda: "no mock, waiting" in caplog.text)
    mock = await start_mock(folder="", port=a_port)
    told = await mock.tap()
    await until((client.face / told["face_file"]).exists)


@pytest.mark.usefixtures("_quick_retries")
async def test_restart_of_the_mock_loses_neither_request_nor_card(start_mock: StartMock, start_terminal: StartTerminal):
    first = await start_mock(folder="")
    client = await start_terminal(first.mock.url)
    await client.ask()
    await first.tap()
    assert (await client.result_of_card()).is_valid
    async with asyncio.timeout(3):
        await first.mock.stop()
    client.drop()
    await client.taken()
    port = int(first.mock.url.rpartition(":")[2])
    second = await start_mock(folder="", port=port, moment=NOW + timedelta(minutes=1))
    await second.tap()
    assert (await client.answer()).is_valid
    assert (await client.result_of_card()).is_valid


async def test_request_is_kept_while_the_mock_is_away_and_the_terminal_starts_anew(
    start_mock: StartMock, start_process: StartProcess, tmp_path: Path, a_port: int
):
    client = Client(tmp_path / "OQS")
    words = ("terminal", "--folder", str(client.root), "--url", f"http://127.0.0.1:{a_port}", *QUICK_FLAGS)
    first = await start_process(*words)
    client.drop()
    await client.taken()
    assert await first.end() == 0
    await start_mock(folder="", port=a_port)
    await start_process(*words)
    assert (await client.answer()).is_valid


async def test_wrong_admin_token_is_told_in_the_log_and_nothing_is_lost(
    start_mock: StartMock, start_terminal: StartTerminal, caplog: pytest.LogCaptureFixture
):
    mock = await start_mock(folder="", admin_token="secret-1")
    client = await start_terminal(mock.mock.url, admin_token="secret-2")
    client.drop()
    await client.taken()
    await until(lambda: "HTTP 401" in caplog.text)
    assert "管理用のトークンが必要です" in caplog.text
    assert "secret" not in caplog.text
    assert len(client.unfinished()) == 1


async def test_right_admin_token_opens_the_mock(start_mock: StartMock, start_terminal: StartTerminal):
    mock = await start_mock(folder="", admin_token="secret-1")
    client = await start_terminal(mock.mock.url, admin_token="secret-1")
    assert (await client.ask()).is_valid


async def test_terminal_ends_soon_though_the_mock_hangs(start_process: StartProcess, tmp_path: Path):
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    client = Client(tmp_path / "OQS")
    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        process = await start_process("terminal", "--folder", str(client.root), "--url", url, *QUICK_FLAGS)
        client.drop()
        await client.taken()
        try:
            async with asyncio.timeout(1):
                assert await process.end() == 0
        finally:
            if process.process.returncode is None:
                process.process.kill()
    assert len(client.unfinished()) == 1


# --- cards ---


async def test_card_is_seen_at_every_terminal_of_the_clinic_and_nowhere_else(
    start_mock: StartMock, start_terminal: StartTerminal
):
    mock = await start_mock()
    url = mock.mock.url
    same = await start_terminal(url, folder="same", clinic=CLINIC, encoding="shift_jis")
    again = await start_terminal(url, folder="again", clinic=CLINIC, delivery="create-then-write")
    every = await start_terminal(url, folder="every")
    other = await start_terminal(url, folder="other", clinic=OTHER_CLINIC)
    own = mock.client
    for client in (own, same, again, every, other):
        await client.ask()
    for clinic, watchers in ((CLINIC, (own, same, again, every)), (OTHER_CLINIC, (own, every, other))):
        told = await mock.tap(clinic)
        for client in watchers:
            answer = await face(client, told["face_file"])
            assert answer.is_valid
            assert answer.text("MedicalInstitutionCode") == clinic
            encoding = "shift_jis" if client is same else "utf-8"
            assert f'encoding="{DECLARED[encoding]}"'.encode() in answer.raw.splitlines()[0]
    assert [path for client in (own, same, again, every, other) for path in client.face.iterdir()] == []


async def face(client: Client, name: str) -> Answer:
    """The result of the reader that the mock said would be there."""
    await until((client.face / name).exists)
    return await client.result_of_card()


async def test_result_of_a_card_has_the_real_form(start_mock: StartMock):
    mock = await start_mock()
    told = await mock.tap(pattern="valid", consents=["drugs"])
    assert FACE_NAME.fullmatch(told["face_file"])
    answer = await face(mock.client, told["face_file"])
    assert answer.text("ReferenceClassification") == "1"
    assert answer.text("QualificationConfirmSearchInfo") is None
    assert answer.text("PharmacistsInfoConsFlg") == "1"
    assert re.fullmatch(r"[\w-]{8}NjMC[\w-]{3}=", answer.text("ArbitraryFileIdentifier"))
    assert (
        answer.text("Name")
        == told["answer"]["XmlMsg"]["MessageBody"]["ResultList"][0]["ResultOfQualificationConfirmation"]["Name"]
    )


async def test_cards_wait_for_a_lost_folder(start_mock: StartMock, caplog: pytest.LogCaptureFixture):
    mock = await start_mock()
    with lost(mock.client.face, "a file"):
        told = [await mock.tap(code=code) for code in ("01", "51")]
        for tap in told:
            await until(lambda tap=tap: f'"{tap["face_file"]}" を書けません' in caplog.text)
    for tap in told:
        await until((mock.client.face / tap["face_file"]).exists)


@pytest.mark.parametrize("refused_taps", ["nothing", "file"])
async def test_every_card_there_is_leaves_what_was_told(start_mock: StartMock, refused_taps: str):
    mock = await start_mock(refused_taps=refused_taps)
    told = [await mock.tap(pattern=pattern.pattern_id()) for pattern in PATTERNS]
    await mock.mock.stop()  # which delivers what is late at once
    for tap in told:
        assert bool(tap["face_file"]) == (tap["accepted"] or refused_taps == "file")
    assert sorted(path.name for path in mock.client.face.iterdir()) == sorted(
        filter(None, [tap["face_file"] for tap in told])
    )


async def test_terminal_takes_only_cards_laid_down_since_it_is_there(
    start_mock: StartMock, start_terminal: StartTerminal
):
    mock = await start_mock(folder="")
    await mock.tap()
    client = await start_terminal(mock.mock.url)
    await client.ask()
    told = await mock.tap()
    await face(client, told["face_file"])
    assert list(client.face.iterdir()) == []


async def test_tap_says_whether_a_terminal_takes_it(start_mock: StartMock, start_terminal: StartTerminal):
    mock = await start_mock(folder="")
    assert not (await mock.tap())["has_terminal"]
    await start_terminal(mock.mock.url, clinic=OTHER_CLINIC)
    async with asyncio.timeout(PATIENCE_S):
        while not (await mock.tap(clinic=OTHER_CLINIC))["has_terminal"]:  # noqa: ASYNC110 - what is waited for comes over HTTP
            await asyncio.sleep(0.005)
    assert not (await mock.tap())["has_terminal"]

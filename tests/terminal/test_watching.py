"""The terminal over time: requests being written, many at once, restarts, lost folders, a second terminal, old answers."""

import asyncio
import logging
import os
import resource
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import watchfiles

from mockserver.settings import WrongSetting
from tests.terminal.conftest import (
    INQUIRY,
    NEVER,
    OLD,
    Client,
    StartMock,
    StartProcess,
    StartTerminal,
    as_xml,
    inquiry,
    is_whole,
    lost,
    named,
    person,
    run,
    until,
)

MANNERS = ("atomic", "create-then-write")
HALVES = INQUIRY[: len(INQUIRY) // 2], INQUIRY[len(INQUIRY) // 2 :]


@pytest.fixture
async def client(start_mock: StartMock) -> Client:
    """A client of a terminal as it comes."""
    return (await start_mock()).client


def answers_told(caplog: pytest.LogCaptureFixture, name: str = named()) -> int:
    """How often a request was answered."""
    return sum(f'"{name}"' in line and "→" in line for line in caplog.messages)


def of_person(serial: int) -> bytes:
    """A request that can be told from others by its answer."""
    return as_xml(inquiry(person(f"{serial:05d}01"), identifier=f"受付-{serial}"))


# --- requests being written ---


async def test_request_written_in_pieces_is_answered_once_it_is_whole(
    start_mock: StartMock, caplog: pytest.LogCaptureFixture
):
    client = (await start_mock(settle_ms=NEVER)).client
    with (client.req / named()).open("wb") as file:
        for serial, place in enumerate(range(0, len(INQUIRY), len(INQUIRY) // 5 + 1)):
            await client.looked_at_again(9000 + serial)
            assert (client.req / named()).exists()
            file.write(INQUIRY[place : place + len(INQUIRY) // 5 + 1])
            file.flush()
    assert (await client.answer()).is_valid
    await client.looked_at_again()
    assert answers_told(caplog) == 1


@pytest.mark.parametrize("events", [True, False])
async def test_request_that_grows_slowly_is_waited_for_longer_than_it_has_to_settle(
    start_mock: StartMock, caplog: pytest.LogCaptureFixture, events: bool
):
    client = (await start_mock(settle_ms=400, events=events)).client
    loop, is_late = asyncio.get_running_loop(), False
    began, serial = loop.time(), 9000
    with (client.req / named()).open("wb") as file:
        file.write(HALVES[0])
        while not is_late:
            file.write(b" ")
            file.flush()
            await client.looked_at_again(serial := serial + 1)
            is_late = loop.time() - began > 0.6
        assert (client.req / named()).exists()
        file.write(HALVES[1])
    assert (await client.answer()).text("ArbitraryFileIdentifier")
    assert answers_told(caplog) == 1


async def test_request_that_never_gets_its_end_is_refused_when_it_has_settled(client: Client):
    (client.req / named()).write_bytes(HALVES[0])
    assert "1101" in await client.error(named())


async def test_request_whose_size_is_reserved_first_is_not_read_early(start_mock: StartMock):
    client = (await start_mock(settle_ms=NEVER)).client
    with (client.req / named()).open("wb") as file:
        file.truncate(len(INQUIRY))
        for serial, half in enumerate(HALVES):
            await client.looked_at_again(9000 + serial)
            file.write(half)
            file.flush()
    assert (await client.answer()).is_valid


async def test_request_its_client_takes_back_is_not_answered(start_mock: StartMock, caplog: pytest.LogCaptureFixture):
    client = (await start_mock(settle_ms=NEVER)).client
    (client.req / named()).write_bytes(HALVES[0])
    await client.looked_at_again()
    (client.req / named()).unlink()
    await client.looked_at_again()
    assert answers_told(caplog) == 0


# --- the same name, and many ---


@pytest.mark.parametrize("delivery", MANNERS)
async def test_same_name_in_quick_succession_gets_an_answer_each(start_mock: StartMock, delivery: str):
    client = (await start_mock(delivery=delivery)).client
    for serial in range(5):
        answer = await client.ask(named(), of_person(serial))
        assert answer.text("ArbitraryFileIdentifier") == f"受付-{serial}"


@pytest.mark.parametrize("delivery", MANNERS)
async def test_same_name_before_the_first_answer_is_there_ends_in_the_second_answer(
    start_mock: StartMock, caplog: pytest.LogCaptureFixture, delivery: str
):
    client = (await start_mock(delivery=delivery, answer_pause_ms=50, write_pause_ms=100)).client
    for serial in range(2):
        client.drop(named(), of_person(serial))
        await client.taken()
    await until(lambda: not client.unfinished())
    answer = await client.answer()
    assert answer.text("ArbitraryFileIdentifier") == "受付-1"
    assert answers_told(caplog) == 2


@pytest.mark.parametrize("delivery", MANNERS)
async def test_three_hundred_at_once_are_all_answered(start_mock: StartMock, delivery: str):
    client = (await start_mock(delivery=delivery)).client
    for serial in range(300):
        client.drop(named(serial), of_person(serial))
    for serial in range(300):
        answer = await client.answer(named(serial))
        assert answer.text("ArbitraryFileIdentifier") == f"受付-{serial}"
    assert [*client.req.iterdir(), *client.res.iterdir()] == []


async def test_one_bad_request_among_many_hinders_none(client: Client):
    for serial in range(20):
        client.drop(named(serial), b"rubbish" if serial == 5 else INQUIRY)
    assert "1101" in await client.error(named(5))
    for serial in {*range(20)} - {5}:
        assert (await client.answer(named(serial))).is_valid


# --- restarts ---


async def test_files_that_wait_at_start_are_answered(start_mock: StartMock, tmp_path: Path):
    client = Client(tmp_path / "OQS")
    for serial in range(3):
        client.drop(named(serial))
    await start_mock()
    for serial in range(3):
        assert (await client.answer(named(serial))).is_valid


def left_by_a_crash(client: Client, names: dict[str, bytes]) -> None:
    """What lies in the work folder when the mock ended between taking and answering."""
    work = client.root / ".oqs-mock"
    work.mkdir(parents=True)
    for name, body in names.items():
        (work / name).write_bytes(body)


async def test_what_was_taken_before_a_crash_is_answered_after_it(start_mock: StartMock, tmp_path: Path):
    client = Client(tmp_path / "OQS")
    left_by_a_crash(
        client,
        {f"000000007~{named(1)}": INQUIRY, f"000000009~{named(2)}": b"rubbish", "000000010.part": INQUIRY[:100]},
    )
    client.drop(named(3))
    await start_mock()
    assert (await client.answer(named(1))).is_valid
    assert "1101" in await client.error(named(2))
    assert await client.returned(named(2)) == b"rubbish"
    assert (await client.answer(named(3))).is_valid
    await until(lambda: not client.unfinished())
    assert list(client.res.iterdir()) == []


@pytest.mark.parametrize("kind", ["link", "folder"])
async def test_what_cannot_be_read_after_a_crash_holds_up_nobody(start_mock: StartMock, tmp_path: Path, kind: str):
    client = Client(tmp_path / "OQS")
    left_by_a_crash(client, {})
    left = client.root / ".oqs-mock" / f"000000001~{named(1)}"
    left.mkdir() if kind == "folder" else left.symlink_to(tmp_path)
    client.drop(named(2))
    await start_mock()
    assert (await client.answer(named(2))).is_valid


async def test_too_large_is_too_large_after_a_crash_as_well(start_mock: StartMock, tmp_path: Path):
    client = Client(tmp_path / "OQS")
    left_by_a_crash(client, {f"000000001~{named()}": INQUIRY + b" " * 4096})
    await start_mock(max_file_bytes=4096)
    assert "1004" in await client.error(named())


@pytest.mark.parametrize("delivery", MANNERS)
@pytest.mark.parametrize("pause", ["answer_pause_ms", "write_pause_ms"])
async def test_stop_in_a_long_pause_delivers_at_once(start_mock: StartMock, delivery: str, pause: str):
    running = await start_mock(delivery=delivery, **{pause: NEVER})
    client = running.client
    client.drop()
    await client.taken()
    async with asyncio.timeout(5):
        await running.mock.stop()
    assert is_whole(client.answer_path(named()).read_bytes())
    assert not client.unfinished()


async def test_what_could_not_be_delivered_before_a_stop_is_delivered_after_the_next_start(start_mock: StartMock):
    running = await start_mock(answer_pause_ms=NEVER)
    client = running.client
    client.drop()
    await client.taken()
    with lost(client.res, "a file"):
        async with asyncio.timeout(5):
            await running.mock.stop()
    await start_mock()
    assert (await client.answer()).is_valid


async def test_restart_in_the_middle_of_many_loses_and_repeats_none(
    start_mock: StartMock, caplog: pytest.LogCaptureFixture
):
    running = await start_mock()
    client = running.client
    for serial in range(60):
        client.drop(named(serial))
    await client.taken(named(20))
    await running.mock.stop()
    await start_mock()
    for serial in range(60):
        assert (await client.answer(named(serial))).is_valid
        assert answers_told(caplog, named(serial)) == 1


# --- folders that are lost ---


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow beyond 500 bytes for a while."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def told_of(caplog: pytest.LogCaptureFixture, *words: str) -> None:
    """Wait until the log has a line with all these words."""
    await until(lambda: any(all(word in line for word in words) for line in caplog.messages))


async def test_folder_of_answers_that_was_moved_away_is_made_anew(client: Client):
    await client.ask()
    client.res.rename(client.root / "res-away")
    assert (await client.ask()).is_valid


@pytest.mark.parametrize("delivery", MANNERS)
async def test_answer_waits_for_a_folder_that_cannot_be_written_and_the_log_names_it(
    start_mock: StartMock, caplog: pytest.LogCaptureFixture, delivery: str
):
    client = (await start_mock(delivery=delivery, answer_pause_ms=200)).client
    client.drop()
    await client.taken()
    with lost(client.res, "a file"):
        await told_of(caplog, "cannot be written", client.answer_path(named()).name)
        assert client.unfinished()
    assert (await client.answer()).is_valid
    await until(lambda: not client.unfinished())


async def test_request_waits_for_a_folder_that_cannot_be_written(client: Client, caplog: pytest.LogCaptureFixture):
    with lost(client.res, "a file"):
        client.drop()
        await told_of(caplog, "cannot be")
        assert [*client.req.iterdir(), *client.unfinished()]
    assert (await client.answer()).is_valid


@pytest.mark.parametrize("delivery", MANNERS)
async def test_answer_waits_for_a_full_disk_and_is_whole_then(
    start_mock: StartMock, caplog: pytest.LogCaptureFixture, delivery: str
):
    client = (await start_mock(delivery=delivery)).client
    client.drop(named(), of_person(1))
    with full_disk():
        await told_of(caplog, "cannot be written", client.answer_path(named()).name)
        if delivery == "atomic":
            assert list(client.res.iterdir()) == []
    assert (await client.answer()).is_valid
    await until(lambda: not client.unfinished())


async def test_reason_and_request_wait_for_a_folder_too(start_mock: StartMock, caplog: pytest.LogCaptureFixture):
    client = (await start_mock(answer_pause_ms=200)).client
    client.drop(named(), b"rubbish")
    await client.taken()
    with lost(client.res, "a file"):
        await told_of(caplog, "cannot be written", "OQSsiquc01req_202611230001.err")
    assert "1101" in await client.error(named())
    assert await client.returned(named()) == b"rubbish"


@pytest.mark.parametrize("events", [True, False])
async def test_vanished_share_is_told_of_once_and_worked_on_when_it_is_back(
    start_mock: StartMock, caplog: pytest.LogCaptureFixture, events: bool
):
    client = (await start_mock(events=events, answer_pause_ms=300)).client
    client.drop(named(1))
    await client.taken(named(1))
    with lost(client.root):
        await told_of(caplog, "cannot be used", str(client.root))
        await told_of(caplog, "cannot be written", client.answer_path(named(1)).name)
        assert not client.root.exists()
        assert sum("cannot be used" in line for line in caplog.messages) == 1
    assert (await client.answer(named(1))).is_valid
    await told_of(caplog, "the folder is back")
    for serial in (2, 3):
        assert (await client.ask(named(serial))).is_valid


async def test_removed_folder_of_requests_is_made_anew(client: Client):
    await client.ask()
    client.req.rmdir()
    await until(client.req.exists)
    assert (await client.ask()).is_valid


async def test_folder_emptied_by_a_client_goes_on_working(client: Client):
    """As test suites clean up: everything removed, the three folders made again."""
    await client.ask()
    shutil.rmtree(client.root)
    for folder in (client.req, client.res, client.face):
        folder.mkdir(parents=True)
    client.drop()
    assert (await client.answer()).is_valid


async def test_work_folder_may_be_removed(client: Client):
    await client.ask()
    shutil.rmtree(client.root / ".oqs-mock")
    client.drop()
    assert (await client.answer()).is_valid


async def test_waiting_for_mock_and_folder_at_once_loses_nothing(
    start_mock: StartMock, start_terminal: StartTerminal, caplog: pytest.LogCaptureFixture
):
    first = await start_mock(folder="")
    port = int(first.mock.url.rpartition(":")[2])
    client = await start_terminal(first.mock.url)
    await client.ask()
    await first.mock.stop()
    client.drop(named(1))
    await client.taken(named(1))
    client.drop(named(2))
    with lost(client.root):
        await told_of(caplog, "cannot be used", str(client.root))
    await start_mock(folder="", port=port)
    for serial in (1, 2):
        assert (await client.answer(named(serial))).is_valid


# --- without events ---


async def test_polling_alone_answers_as_well(start_mock: StartMock):
    client = (await start_mock(events=False, poll_ms=10)).client
    for serial in range(3):
        assert (await client.ask(named(serial))).is_valid


async def test_events_answer_long_before_the_next_poll(start_mock: StartMock):
    client = (await start_mock(poll_ms=60_000)).client
    for serial in range(3):
        assert (await client.ask(named(serial))).is_valid


@pytest.fixture(params=[OSError(24, "Too many open files"), RuntimeError("inotify")], ids=["OSError", "RuntimeError"])
def no_events(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system has no more watches to give: cannot be brought about without hurting other programs."""

    async def awatch(*_: object, **__: object) -> AsyncIterator[set[object]]:
        raise request.param
        yield set()

    monkeypatch.setattr(watchfiles, "awatch", awatch)


@pytest.mark.usefixtures("no_events")
async def test_where_events_cannot_be_had_it_polls_and_says_so_once(
    start_mock: StartMock, caplog: pytest.LogCaptureFixture
):
    client = (await start_mock(poll_ms=10)).client
    for serial in range(10):
        assert (await client.ask(named(serial))).is_valid
    assert sum(record.levelno >= logging.WARNING for record in caplog.records) == 1


# --- a second terminal on the same folder ---


async def test_second_terminal_on_the_same_folder_is_turned_away_and_does_no_harm(
    start_mock: StartMock, caplog: pytest.LogCaptureFixture
):
    client = (await start_mock(answer_pause_ms=200)).client
    client.drop()
    await client.taken()
    for _ in range(2):
        with pytest.raises(WrongSetting, match="another terminal"):
            await start_mock()
    assert (await client.answer()).is_valid
    assert answers_told(caplog) == 1


async def test_start_that_failed_leaves_the_folder_free(start_mock: StartMock):
    other = await start_mock(folder="")
    with pytest.raises(OSError, match="in use"):
        await start_mock(port=int(other.mock.url.rpartition(":")[2]))
    assert (await (await start_mock()).client.ask()).is_valid


async def test_second_terminal_of_another_process_is_turned_away_in_words(start_mock: StartMock):
    running = await start_mock()
    status, told = await run("terminal", "--folder", str(running.client.root), "--url", running.mock.url)
    assert status == 2
    assert "another terminal watches" in told
    assert "Traceback" not in told


async def test_folder_of_a_killed_terminal_can_be_watched_again(
    start_mock: StartMock, start_process: StartProcess, tmp_path: Path
):
    client = Client(tmp_path / "OQS")
    killed = await start_process("serve", "--port", "0", "--folder", str(client.root), "--answer-pause-ms", "600000")
    client.drop()
    await client.taken()
    killed.process.kill()
    await killed.process.wait()
    await start_mock()
    assert (await client.answer()).is_valid


# --- answers nobody reads ---


def aged(path: Path, body: bytes = b"old") -> Path:
    """A file of two days ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    long_ago = path.stat().st_mtime - OLD
    os.utime(path, (long_ago, long_ago))
    return path


FACE = "OQSsiquc01res_face_13112345660123456789abcdef0123_20261121090000.xml"
OWN = [
    "res/OQSsiquc01res_202611210001.xml",
    "res/OQSmuquc02res_202611210001.zip",
    "res/OQSsiquc01req_202611210002.xml",
    "res/OQSsiquc01req_202611210002.err",
    f"face/{FACE}",
]
OTHERS = [
    "res/受付台帳.xlsx",
    "res/OQSsiquc01res_202611210001.xml.bak",
    "res/XYZsiquc01res_202611210001.xml",
    "face/OQSsiquc01res_face_20261121090000.xml",
    "res/trash/OQSsiquc01res_202611210001.xml",
    "req/OQSsiquc01req_202611210009.tmp",
    "OQSsiquc01res_202611210001.xml",
]


async def test_folder_that_cannot_be_one_is_refused_in_words(start_mock: StartMock, tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(WrongSetting, match="--folder"):
        await start_mock(folder=tmp_path / "file")


async def test_own_answers_nobody_reads_are_removed_and_nothing_else(
    start_mock: StartMock, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    client = Client(tmp_path / "OQS")
    own, others = ([aged(client.root / name) for name in names] for names in (OWN, OTHERS))
    young = client.res / "OQSsiquc01res_202611210003.xml"
    young.write_bytes(b"young")
    link = client.res / "OQSsiquc01res_202611210004.xml"
    link.symlink_to(others[0])
    await start_mock()
    await until(lambda: not any(path.exists() for path in own))
    assert all(path.exists() for path in (*others, young, link))
    for path in own:
        await told_of(caplog, "removed", path.name)


async def test_answers_are_kept_where_no_time_is_set(start_mock: StartMock, tmp_path: Path):
    client = Client(tmp_path / "OQS")
    own = [aged(client.root / name) for name in OWN]
    await start_mock(response_file_stay_min=0)
    await client.ask()
    assert all(path.exists() for path in own)


async def test_answer_to_an_old_request_is_not_old(start_mock: StartMock, tmp_path: Path):
    client = Client(tmp_path / "OQS")
    aged(client.req / named(), INQUIRY)
    await start_mock()
    assert (await client.answer()).is_valid


async def test_old_request_that_comes_back_is_not_removed_at_once(start_mock: StartMock, tmp_path: Path):
    client = Client(tmp_path / "OQS")
    aged(client.req / named(), b"<rubbish></XmlMsg>")
    await start_mock()
    await client.error(named())
    await client.looked_at_again()
    assert (client.res / named()).exists()

"""Folder faults, assigned to somebody with short times: what happens on the way of their answer, and of no one else's."""

import asyncio

import pytest

from tests.terminal.conftest import (
    NEVER,
    Answer,
    StartMock,
    StartTerminal,
    as_xml,
    inquiry,
    is_whole,
    message,
    named,
    seen_whole,
    until,
    watched,
)

MANNERS = ("atomic", "create-then-write")


@pytest.mark.parametrize("delivery", MANNERS)
async def test_late_file_comes_late(start_mock: StartMock, delivery: str):
    mock = await start_mock(delivery=delivery)
    request = await mock.assign("late-file", late_ms=150)
    began = asyncio.get_running_loop().time()
    assert (await mock.client.ask(named(), request)).is_valid
    assert asyncio.get_running_loop().time() - began >= 0.15


async def test_late_file_holds_up_nobody(start_mock: StartMock):
    mock = await start_mock()
    client, request = mock.client, await mock.assign("late-file", late_ms=NEVER)
    client.drop(named(1), request)
    await client.taken(named(1))
    assert (await client.ask(named(2))).is_valid
    assert not client.answer_path(named(1)).exists()


@pytest.mark.parametrize("delivery", MANNERS)
async def test_half_written_file_is_seen_as_a_half_and_then_whole(start_mock: StartMock, delivery: str):
    mock = await start_mock(delivery=delivery, write_pause_ms=50)
    client, request = mock.client, await mock.assign("half-written-file", rest_after_ms=150)
    with watched(client.answer_path(named())) as seen:
        client.drop(named(), request)
        await seen_whole(seen)
        answer = await client.answer()
    assert answer.is_valid
    assert seen[-2:] == [answer.raw[: len(answer.raw) // 2], answer.raw]
    assert seen[:-2] == ([b""] if delivery == "create-then-write" else [])


@pytest.mark.parametrize("delivery", MANNERS)
async def test_half_written_file_is_finished_when_the_mock_stops(start_mock: StartMock, delivery: str):
    mock = await start_mock(delivery=delivery)
    client, request = mock.client, await mock.assign("half-written-file", rest_after_ms=NEVER)
    client.drop(named(), request)
    path = client.answer_path(named())
    await until(lambda: path.exists() and path.stat().st_size)
    assert not is_whole(path.read_bytes())
    async with asyncio.timeout(5):
        await mock.mock.stop()
    assert Answer(path.read_bytes()).is_valid


async def test_half_written_file_asked_for_again_ends_whole(start_mock: StartMock):
    mock = await start_mock()
    client, request = mock.client, await mock.assign("half-written-file", rest_after_ms=100)
    path = client.answer_path(named())
    client.drop(named(), request)
    await until(path.exists)
    client.drop(named(), request)
    await client.taken()
    await until(lambda: not client.unfinished())
    assert Answer(path.read_bytes()).is_valid


async def test_another_patient_under_the_name_of_a_half_written_file_ends_whole(start_mock: StartMock):
    mock = await start_mock()
    client, request = mock.client, await mock.assign("half-written-file", rest_after_ms=NEVER)
    path = client.answer_path(named())
    client.drop(named(), request)
    await until(path.exists)
    client.drop()
    await client.taken()
    await client.looked_at_again()
    await mock.mock.stop()
    assert Answer(path.read_bytes()).is_valid


async def test_half_written_file_that_a_client_threw_away_comes_whole(start_mock: StartMock):
    mock = await start_mock()
    client, request = mock.client, await mock.assign("half-written-file", rest_after_ms=100)
    path = client.answer_path(named())
    client.drop(named(), request)
    await until(path.exists)
    path.unlink()
    await until(lambda: not client.unfinished())
    assert not path.exists() or Answer(path.read_bytes()).is_valid


async def test_error_file_comes_with_the_request_in_place_of_the_answer(start_mock: StartMock):
    mock = await start_mock()
    client, request = mock.client, await mock.assign("error-file")
    client.drop(named(), request)
    assert "error-file" in await client.error(named())
    assert await client.returned(named()) == request
    assert not client.answer_path(named()).exists()


@pytest.mark.parametrize("delivery", MANNERS)
async def test_repeated_file_comes_again_after_it_was_read(start_mock: StartMock, delivery: str):
    mock = await start_mock(delivery=delivery)
    client, request = mock.client, await mock.assign("repeated-file", again_after_ms=100)
    first, second = await client.ask(named(), request), await client.answer()
    assert first.is_valid
    assert first.raw == second.raw
    await until(lambda: not client.unfinished())
    assert list(client.res.iterdir()) == []


async def test_swapped_file_has_the_right_name_and_another_patient(start_mock: StartMock):
    mock = await start_mock()
    client, request = mock.client, await mock.assign("swapped-file")
    asked, answer = Answer(request), await client.ask(named(), request)
    assert answer.is_valid
    for element in ("ArbitraryFileIdentifier", "InsuredIdentificationNumber", "Birthdate"):
        assert answer.text(element) not in (None, asked.text(element))
    assert answer.text("MedicalInstitutionCode") == asked.text("MedicalInstitutionCode")


async def test_still_processing_is_said_so_often_and_then_the_answer(start_mock: StartMock):
    mock = await start_mock()
    client, request = mock.client, await mock.assign("still-processing", inquiries=2)
    answers = [await client.ask(named(serial), request) for serial in range(3)]
    assert [answer.text("SegmentOfResult") for answer in answers] == ["2", "2", "1"]
    assert [answer.texts("Name") == [] for answer in answers] == [True, True, False]


async def test_bulk_with_somebody_still_processing_waits_for_them(start_mock: StartMock):
    mock = await start_mock(bulk_ms=0)
    client, request = mock.client, Answer(await mock.assign("still-processing", inquiries=1))
    info = {child.tag: child.text for child in request.root.find(".//QualificationConfirmSearchInfo")}
    receipt = await client.ask(named(1, "OQSmuquc01"), as_xml(inquiry(info)))
    collect = as_xml(message({"ReceptionNumber": receipt.text("ReceptionNumber")}))
    answers = [await client.ask(named(serial, "OQSmuquc02"), collect) for serial in (2, 3)]
    assert [answer.text("SegmentOfResult") for answer in answers] == ["2", "1"]


async def test_faults_reach_a_terminal_elsewhere(start_mock: StartMock, start_terminal: StartTerminal):
    mock = await start_mock(folder="")
    client = await start_terminal(mock.mock.url)
    request = await mock.assign("half-written-file", rest_after_ms=150)
    with watched(client.answer_path(named())) as seen:
        client.drop(named(), request)
        await seen_whole(seen)
        answer = await client.answer()
    assert seen == [answer.raw[: len(answer.raw) // 2], answer.raw]


async def test_faults_are_those_of_the_clinic_they_were_assigned_in(start_mock: StartMock):
    mock = await start_mock()
    request = await mock.assign("error-file")
    elsewhere = request.replace(b"1311234566", b"1311111111")
    assert (await mock.client.ask(named(), elsewhere)).is_valid

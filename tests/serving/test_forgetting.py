"""The owner of a forgotten clinic is told: in the state, a header, refusals, the log and the metrics."""

import logging
from datetime import timedelta

import pytest

from mockserver.serving.forgetting import ForgettingLog
from mockserver.views import Forgotten
from tests.serving.conftest import CLINIC, NOW, OTHER_CLINIC, Running, StartMock

HEADER = "X-Mock-Forgotten"
FROZEN = {"now": "2026-11-23T09:00:00+09:00"}


async def crowded(start_mock: StartMock) -> Running:
    """A mock with room for one clinic, of which the first had to go when the second came, a minute later."""
    mock = await start_mock(max_clinics=1)
    await mock.admin("PUT", "/clock", FROZEN, CLINIC)
    mock.moment += timedelta(minutes=1)
    await mock.admin("PUT", "/clock", FROZEN, OTHER_CLINIC)
    return mock


async def test_the_state_and_the_header_tell_it(start_mock: StartMock):
    mock = await crowded(start_mock)
    told = await mock.admin("GET", clinic=CLINIC)
    assert told.json["forgotten"] == {
        "at": "2026-11-23T09:01:00+09:00",
        "last_used_at": "2026-11-23T09:00:00+09:00",
        "reason": "room",
    }
    assert told.headers[HEADER] == ("at=2026-11-23T09:01:00+09:00; last_used_at=2026-11-23T09:00:00+09:00; reason=room")


async def test_a_clinic_that_was_not_forgotten_is_told_nothing(start_mock: StartMock):
    mock = await crowded(start_mock)
    told = await mock.admin("GET", clinic=OTHER_CLINIC)
    assert told.json["forgotten"] is None
    assert HEADER not in told.headers
    assert HEADER not in (await mock.search(MedicalInstitutionCode=CLINIC)).headers


@pytest.mark.parametrize("path", ["/assignments/1", "/faults/1"])
async def test_a_refusal_says_why_a_thing_is_missing(start_mock: StartMock, path: str):
    mock = await crowded(start_mock)
    refused = await mock.admin("DELETE", path, clinic=CLINIC)
    assert refused.status == 404
    assert HEADER in refused.headers
    assert "2026-11-23 09:01:00+09:00 に忘れられました" in refused.problem
    assert "was forgotten at 2026-11-23 09:01:00+09:00" in refused.problem
    assert "忘れ" not in (await mock.admin("DELETE", path, clinic=OTHER_CLINIC)).problem


async def test_the_answer_to_a_reset_is_the_last_that_tells_it(start_mock: StartMock):
    mock = await crowded(start_mock)
    assert HEADER in (await mock.admin("DELETE", clinic=CLINIC)).headers
    told = await mock.admin("GET", clinic=CLINIC)
    assert told.json["forgotten"] is None
    assert HEADER not in told.headers


async def test_an_idle_clinic_is_told_so(start_mock: StartMock):
    mock = await start_mock(clinic_idle_s=60)
    await mock.admin("PUT", "/clock", FROZEN, CLINIC)
    mock.moment += timedelta(seconds=61)
    assert (await mock.admin("GET", clinic=CLINIC)).json["forgotten"]["reason"] == "idle"


async def test_nobody_without_the_token_is_told(start_mock: StartMock):
    mock = await start_mock(max_clinics=1, admin_token="told to nobody")
    for clinic in (CLINIC, OTHER_CLINIC):
        mock.mock.exchange.clinics.open(clinic, NOW)
    told = await mock.admin("GET", clinic=CLINIC)
    assert (told.status, HEADER in told.headers) == (401, False)


async def test_a_new_clinic_begins_without_what_its_forerunner_left(start_mock: StartMock):
    mock = await start_mock(max_clinics=1)
    code = (await mock.call("POST", "/admin/clinics", {"name": "a test"})).json["code"]
    await mock.search(MedicalInstitutionCode=code)
    await mock.admin("PUT", "/clock", FROZEN, CLINIC)
    again = (await mock.call("POST", "/admin/clinics", {"name": "a test"})).json
    assert (again["code"], again["forgotten"]) == (code, None)
    assert (await mock.admin("GET", "/journal", clinic=code)).json["entries"] == []


async def test_forgettings_are_counted_for_operators(start_mock: StartMock):
    mock = await crowded(start_mock)
    lines = (await mock.call("GET", "/metrics")).body.decode().splitlines()
    assert 'oqs_sandboxes_forgotten_total{reason="room"} 1' in lines
    assert 'oqs_sandboxes_forgotten_total{reason="idle"} 0' in lines


async def test_a_forgetting_is_logged_and_a_reset_is_not(start_mock: StartMock, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.WARNING)
    mock = await crowded(start_mock)
    await mock.admin("DELETE", clinic=OTHER_CLINIC)
    (line,) = caplog.messages
    assert line.startswith(f"{CLINIC}: この医療機関の設定")
    assert "--max-clinics" in line


def test_a_flood_of_forgettings_is_a_line_a_second_that_counts_the_others(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.WARNING)
    log = ForgettingLog()
    for number in range(25):
        at = NOW + timedelta(milliseconds=100 * number)
        log.tell(CLINIC, Forgotten(at, NOW, "room"))
    first, second, third = caplog.messages
    assert "others" not in first
    assert all("and 9 others before" in line for line in (second, third))

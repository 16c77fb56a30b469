"""Running mocks that share clinics through a real Valkey or Redis, which may also go away."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from mockserver.settings import WrongSetting
from tests.serving.conftest import CLINIC, OTHER_CLINIC, Running, StartMock
from tests.sharing.valkeys import Valkey, needs_valkey

pytestmark = needs_valkey
OUTAGE = {"fault": "outage", "first": 2}
PATIENCE_S = 15


async def pair(start_mock: StartMock, valkey: Valkey, **settings: Any) -> list[Running]:
    """Two servers; the timeout leaves room for a busy machine where a test does not want it short."""
    return [await start_mock(**{"state": valkey.url, "state_timeout_ms": 5_000, **settings}) for _ in range(2)]


async def status(mock: Running, method: str, path: str, body: Any = None) -> tuple[int, str]:
    async with mock.session.request(method, path, json=body) as response:
        return response.status, await response.text()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():  # noqa: ASYNC110 - what is waited for is at other processes
            await asyncio.sleep(0.01)


async def is_ready(mock: Running) -> bool:
    return '"ok"' in (await status(mock, "GET", "/readyz"))[1]


async def is_shared(mock: Running) -> bool:
    assert mock.mock.following
    return await is_ready(mock) and CLINIC in mock.mock.following.shared.touched


async def journal(mock: Running) -> list[Any]:
    entries = (await mock.admin("GET", "/journal")).json["entries"]
    return [{name: member for name, member in entry.items() if name != "took_ms"} for entry in entries]


async def test_a_fault_set_at_one_server_hits_at_the_other_as_often_as_wanted(start_mock: StartMock, valkey: Valkey):
    a, b = await pair(start_mock, valkey)
    await a.admin("POST", "/faults", OUTAGE)
    statuses = []
    for mock in (b, a, b, a):
        async with mock.session.post(
            "/oqs-api-pro/MSA01030/ILI01030SV01/search", json=_question(), headers={"Authorization": a.token}
        ) as response:
            statuses.append(response.status)
    assert statuses == [503, 503, 200, 200]
    assert await journal(a) == await journal(b)
    assert len(await journal(a)) == 4


async def test_what_is_set_up_for_all_holds_at_every_server_at_once(start_mock: StartMock, valkey: Valkey):
    a, b = await pair(start_mock, valkey)
    await a.call("POST", "/admin/faults", {"fault": "slow", "parameters": {"median_ms": 1, "p99_ms": 2}})
    reply = await b.search()
    assert "slow" in reply.headers["X-Mock-Decision"]
    await b.call("DELETE", "/admin/faults")
    assert "X-Mock-Decision" not in (await a.search()).headers


async def test_a_tap_at_one_server_reaches_the_terminal_that_waits_at_the_other(start_mock: StartMock, valkey: Valkey):
    a, b = await pair(start_mock, valkey)
    cursor = (await b.call("GET", "/admin/faces")).json["cursor"]
    waiting = asyncio.create_task(b.call("GET", f"/admin/faces?cursor={cursor}&wait_ms=10000"))
    told = (await a.admin("POST", "/taps", {"pattern": "valid"})).json
    assert [file["name"] for file in (await waiting).json["files"]] == [told["face_file"]]
    again = (await a.call("GET", f"/admin/faces?cursor={cursor}&wait_ms=10000")).json
    assert again == (await waiting).json


async def test_new_clinics_and_tokens_are_those_of_all(start_mock: StartMock, valkey: Valkey):
    a, b = await pair(start_mock, valkey)
    codes = {(await mock.call("POST", "/admin/clinics", {})).json["code"] for mock in (a, b, a, b)}
    assert len(codes) == 4
    assert (await b.search(headers={"Authorization": a.token})).status == 200


async def test_look_ups_go_on_without_valkey_and_admin_calls_say_why_they_cannot(start_mock: StartMock, valkey: Valkey):
    a, b = await pair(start_mock, valkey)
    await a.admin("PUT", "/clock", {"now": "2027-05-01T09:00:00+09:00"})
    assert (await b.search()).header["ProcessExecutionTime"].startswith("20270501")
    for _ in range(3):
        await a.admin("POST", "/taps", {"pattern": "valid"})
    cursor = await _cursor_after(b, 3)
    valkey.kill()
    for mock in (a, b):
        assert (await mock.search()).header["ProcessExecutionTime"].startswith("20270501")
        assert (await mock.search(MedicalInstitutionCode=OTHER_CLINIC)).validity == "1"
        code, told = await status(mock, "POST", f"/admin/clinics/{CLINIC}/faults", OUTAGE)
        assert code == 503
        assert "接続できない" in told
        assert "cannot be reached" in told
        assert "amber" in (await status(mock, "GET", "/readyz"))[1]
    valkey.start()
    for mock in (a, b):
        await until(lambda mock=mock: is_ready(mock))
    await a.admin("PUT", "/clock", {"now": "2028-05-01T09:00:00+09:00"})
    told = (await a.admin("POST", "/taps", {"pattern": "valid"})).json
    files = (await b.call("GET", f"/admin/faces?cursor={cursor}&wait_ms=10000")).json["files"]
    assert [file["name"] for file in files] == [told["face_file"]]
    for mock in (a, b):
        assert (await mock.search()).header["ProcessExecutionTime"].startswith("20280501")


async def test_a_valkey_that_hangs_holds_nobody_for_long(start_mock: StartMock, valkey: Valkey):
    a, b = await pair(start_mock, valkey, state_timeout_ms=200)
    await a.admin("PUT", "/clock", {"now": "2027-05-01T09:00:00+09:00"})
    await b.search()
    assert valkey.process
    os.kill(valkey.process.pid, signal.SIGSTOP)
    try:
        since_s = time.monotonic()
        assert (await b.search(MedicalInstitutionCode=OTHER_CLINIC)).validity == "1"
        for _ in range(20):
            assert (await b.search()).header["ProcessExecutionTime"].startswith("20270501")
        assert time.monotonic() - since_s < 2
    finally:
        os.kill(valkey.process.pid, signal.SIGCONT)
    await until(lambda: is_ready(b))
    await b.admin("PUT", "/clock", {"advance_days": 1})
    await until(lambda: is_ready(a))
    assert (await a.search()).header["ProcessExecutionTime"].startswith("20270502")


@pytest.mark.parametrize(
    ("own", "named"),
    [({"seed": 2}, "--seed"), ({"token_secret": "x"}, "--token-secret"), ({"admin_token": "mine"}, "--admin-token")],
)
async def test_a_server_with_other_settings_does_not_begin(start_mock: StartMock, valkey: Valkey, own, named):
    await start_mock(state=valkey.url, state_timeout_ms=5_000, admin_token="theirs")
    with pytest.raises(WrongSetting, match=named) as told:
        await start_mock(state=valkey.url, state_timeout_ms=5_000, **own)
    assert "mine" not in str(told.value)
    assert "theirs" not in str(told.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "redis://127.0.0.1:1/0", "redis://127.0.0.1:x"])
async def test_a_state_that_cannot_be_is_told_clearly(start_mock: StartMock, url):
    with pytest.raises(WrongSetting, match=r"--state: .+ / --state: "):
        await start_mock(state=url)


async def _cursor_after(mock: Running, count: int) -> str:
    """Where a terminal stands that took so many results."""
    cursor = "none:0"
    while count:
        taken = (await mock.call("GET", f"/admin/faces?cursor={cursor}&wait_ms=10000")).json
        cursor, count = taken["cursor"], count - len(taken["files"])
    return cursor


async def test_who_follows_a_journal_sees_what_other_servers_answered(start_mock: StartMock, valkey: Valkey):
    a, b = await pair(start_mock, valkey)
    await a.admin("PUT", "/clock", {"advance_days": 1})
    path = f"/admin/clinics/{CLINIC}/journal?format=events&limit=1"
    async with asyncio.timeout(PATIENCE_S), b.session.get(path) as response:
        await response.content.readline()
        await a.search()
        assert b'"said":"1"' in await response.read()


def _question() -> Any:
    from tests.serving.conftest import question

    return question()


SCENARIOS = """
clinics:
  - code: "1311234566"
    clock: {now: "2027-05-01T09:00:00+09:00"}
    faults:
      - {fault: slow, first: 3, parameters: {median_ms: 1, p99_ms: 2}}
"""


async def test_clinics_of_scenario_files_are_shared_and_set_up_again_by_a_reset(
    start_mock: StartMock, valkey: Valkey, tmp_path
):
    (tmp_path / "town.yaml").write_text(SCENARIOS, encoding="utf-8")
    a, b = await pair(start_mock, valkey, scenarios=str(tmp_path))
    replies = [await mock.search() for mock in (a, b, a, b)]
    assert {reply.header["ProcessExecutionTime"][:8] for reply in replies} == {"20270501"}
    assert ["X-Mock-Decision" in reply.headers for reply in replies] == [True, True, True, False]
    await a.admin("PUT", "/clock", {"advance_days": 1})
    for mock in (a, b):
        assert (await mock.search()).header["ProcessExecutionTime"].startswith("20270502")
    await b.admin("DELETE")
    for mock in (a, b):
        assert (await mock.search()).header["ProcessExecutionTime"].startswith("20270501")
    valkey.kill()
    await a.search()
    await b.search()
    valkey.start()
    for mock in (a, b):
        await until(lambda mock=mock: is_shared(mock))
    replies = [await mock.search() for mock in (a, b, a, b)]
    assert ["X-Mock-Decision" in reply.headers for reply in replies] == [True, True, True, False]
    (tmp_path / "town.yaml").write_text(SCENARIOS.replace("2027", "2028"), encoding="utf-8")
    with pytest.raises(WrongSetting, match="--scenarios"):
        await start_mock(state=valkey.url, state_timeout_ms=5_000, scenarios=str(tmp_path))

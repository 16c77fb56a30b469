"""A test whose clinic was forgotten under it says so, whatever it does next."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from mockserver.client import Clinic, Forgotten, Mock, aio
from mockserver.faults import Outage


@pytest.fixture(scope="module")
def crowded() -> Iterator[str]:
    """A server with room for one clinic."""
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--json", "--max-clinics", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout
        yield json.loads(process.stdout.readline())["url"]
        process.terminate()


def forgotten_clinic(url: str) -> Clinic:
    """A clinic that had to go for another one."""
    mock = Mock(url)
    clinic = mock.new_clinic()
    Mock(url).new_clinic()
    return clinic


@pytest.mark.parametrize(
    "act",
    [
        lambda clinic: clinic.state(),
        lambda clinic: clinic.clock.advance(days=1),
        lambda clinic: clinic.patient(),
        lambda clinic: clinic.fails(Outage()),
        lambda clinic: clinic.recovers("1"),
        lambda clinic: clinic.journal.entries(),
        lambda clinic: clinic.journal.asked_for(0),
        lambda clinic: clinic.close(),
    ],
    ids=["state", "clock", "patient", "fails", "recovers", "entries", "asked-for", "close"],
)
def test_whatever_is_done_next_says_that_the_clinic_was_forgotten(crowded, act):
    clinic = forgotten_clinic(crowded)
    with pytest.raises(Forgotten) as caught:
        act(clinic)
    assert caught.value.code == clinic.code
    assert "忘れられました" in str(caught.value)
    assert "--max-clinics" in caught.value.message_en


def test_it_is_said_again_until_the_clinic_is_reset(crowded):
    clinic = forgotten_clinic(crowded)
    for act in (clinic.state, clinic.state, clinic.reset):
        with pytest.raises(Forgotten):
            act()
    assert clinic.state().assignments == []


def test_an_assertion_that_failed_for_it_is_told_the_cause(crowded):
    with pytest.raises(Forgotten) as caught, forgotten_clinic(crowded):
        raise AssertionError("expected 1, found 4")
    assert isinstance(caught.value.__context__, AssertionError)


def test_a_forgetting_before_our_time_is_told_but_stops_nobody(crowded):
    code = forgotten_clinic(crowded).code
    clinic = Mock(crowded).clinic(code)
    state = clinic.state()
    assert state.forgotten is not None
    assert state.forgotten.reason == "room"
    assert clinic.clock.advance(days=1).mode == "shifted"


async def test_the_client_for_asyncio_says_it_too(crowded):
    async with aio.Mock(crowded) as mock:
        clinic = await mock.new_clinic()
        await mock.new_clinic()
        with pytest.raises(Forgotten):
            await clinic.clock.advance(days=1)


RED = """
def test_it(oqs_server, oqs_clinic):
    oqs_server.mock.new_clinic()  # as another run on the same server does
    assert "答え" == "別の答え"
"""


def test_a_red_build_shows_the_cause_beside_the_failure(crowded, tmp_path):
    (tmp_path / "test_red.py").write_text(RED)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:locust"]
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "OQS_"))},
        "OQS_MOCK_URL": crowded,
    }
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert "1 failed, 1 error" in done.stdout
    last = done.stdout.splitlines()[-3:]
    assert any("ERROR test_red.py::test_it - mockserver.client.mistakes.Forgotten" in line for line in last)
    assert "the set-up of this clinic (clock, assignments, faults) was forgotten at" in done.stdout

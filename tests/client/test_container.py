"""The mock in a container: what can be known without an engine, and a real one where an engine answers."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from mockserver.client.container import IMAGE

NOBODY = "tcp://127.0.0.1:9"
UNASKED = {"version": "1.44"}  # of the engine's interface: given, the engine is not asked for it
REFUSED = """
import sys
{before}
from mockserver.client.container import MockContainer, NoContainer

try:
    with MockContainer({arguments}) as mock:
        print(mock.url)
except NoContainer as refused:
    print(refused.message_ja)
    print(refused)
"""
CONFIGURED = f"""
import json
from mockserver.client.container import MockContainer

unasked = {UNASKED}
mock = MockContainer(
    admin_token="a-token", environment=dict(MOCKSERVER_SEED="7"), name="desk", command=["serve"], docker_client_kw=unasked
)
made = mock.container
print(json.dumps([made.image, made.ports, made.env, made._name, made._command, mock.admin_token]))
print(json.dumps([MockContainer(docker_client_kw=unasked).admin_token for _ in range(2)]))
"""


def child(text):
    """What a program of its own prints: the library for docker leaves sockets open where no engine answers."""
    known = {**os.environ, "DOCKER_HOST": NOBODY}
    done = subprocess.run([sys.executable, "-c", text], env=known, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def needs_library():
    pytest.importorskip("testcontainers.core", reason="the extra `containers` is not installed")


def test_a_missing_library_is_told_with_what_to_install():
    message_ja, message = child(REFUSED.format(before='sys.modules["testcontainers"] = None', arguments=""))
    assert "がありません" in message_ja
    assert "the library testcontainers is missing: pip install 'oqs-mockserver[containers]'" in message


@pytest.mark.parametrize("arguments", ["", f"docker_client_kw={UNASKED}"], ids=["when made", "when started"])
def test_an_engine_that_does_not_answer_is_told_with_the_image(arguments):
    needs_library()
    message_ja, message = child(REFUSED.format(before="", arguments=arguments))
    assert "コンテナーを起動できません" in message_ja
    assert f"the container of {IMAGE} does not start (is an engine running" in message
    assert "127.0.0.1" in message


def test_the_container_is_configured_as_the_mock_is_started():
    needs_library()
    configured, tokens = map(json.loads, child(CONFIGURED))
    image, ports, environment, name, command, token = configured
    assert (image, ports, name, command) == (IMAGE, {"8080": None}, "desk", ["serve"])
    assert environment == {
        "MOCKSERVER_HOST": "0.0.0.0",
        "MOCKSERVER_PORT": "8080",
        "MOCKSERVER_ADMIN_TOKEN": "a-token",
        "MOCKSERVER_SEED": "7",
    }
    assert token == "a-token"
    assert len(set(tokens)) == 2  # one is made where none is given


def test_nothing_of_the_library_is_imported_until_a_container_is_made():
    loaded = child(
        "import sys, mockserver.client.container; print(sorted({'testcontainers', 'docker'} & set(sys.modules)))"
    )
    assert loaded == ["[]"]


def why_no_container():
    """Why the real one cannot be tried here; nothing where it can."""
    if not shutil.which("docker"):
        return "no container engine: there is no command docker"
    if subprocess.run(["docker", "info"], capture_output=True, timeout=60).returncode:
        return "no container engine answers (docker info)"
    if subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True, timeout=60).returncode:
        return f"the image {IMAGE} is not built (docker compose build)"
    return ""


REAL = """
from mockserver.client.container import MockContainer
from mockserver.faults import Outage

with MockContainer() as mock, mock.client.new_clinic("in a container") as clinic:
    patient = clinic.patient()
    clinic.fails(Outage(), first=1)
    print([clinic.ask(patient)["XmlMsg"]["MessageHeader"]["SegmentOfResult"] for _ in range(2)])
"""


def test_a_mock_in_a_container_is_steered_and_asked():
    needs_library()
    if why := why_no_container():
        pytest.skip(why)
    done = subprocess.run([sys.executable, "-c", REAL], capture_output=True, text=True, timeout=300)
    assert done.stdout.split("\n")[0] == "['9', '1']", done.stdout + done.stderr

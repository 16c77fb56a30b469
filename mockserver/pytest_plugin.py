"""pytest fixtures: `oqs_server`, one mock for a whole run, and `oqs_clinic`, a clinic of its own for each test.

OQS_MOCK_URL (and OQS_MOCK_ADMIN_TOKEN) name a mock that runs already; else one is started, shared by all workers of xdist.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.client.tested import Server, TestedClinic

_KEY = "oqs_folder"
_FOLDER = pytest.StashKey[Path]()
_PROCESS = pytest.StashKey["subprocess.Popen[bytes]"]()
_PATIENCE_S = 30.0
_STEP_S = 0.02
_ADDRESS, _ERRORS, _PID = "address.json", "errors.txt", "pid"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of xdist the folder in which the workers agree on a server."""
    stash = node.config.stash
    node.workerinput[_KEY] = str(stash[_FOLDER] if _FOLDER in stash else _new_folder(stash))


def _new_folder(stash: pytest.Stash) -> Path:
    stash[_FOLDER] = Path(tempfile.mkdtemp(prefix="oqs-server-"))
    return stash[_FOLDER]


def pytest_unconfigure(config: pytest.Config) -> None:
    """The controller ends the server which a worker started."""
    folder = config.stash.get(_FOLDER, None)
    if folder:
        _end(folder)


@pytest.fixture(scope="session")
def oqs_server(request: pytest.FixtureRequest) -> "Iterator[Server]":
    """The mock of this run: `.url`, and `.mock`, its client."""
    from mockserver.client.tested import Server

    url = os.environ.get("OQS_MOCK_URL")
    shared = getattr(request.config, "workerinput", {}).get(_KEY)
    if url:
        yield Server(url, os.environ.get("OQS_MOCK_ADMIN_TOKEN", ""))
    elif shared:
        yield Server(**_address(Path(shared), request.config.stash))
    else:
        yield from _own_server(request.config.stash)


def _own_server(stash: pytest.Stash) -> "Iterator[Server]":
    from mockserver.client.tested import Server

    folder = Path(tempfile.mkdtemp(prefix="oqs-server-"))
    try:
        yield Server(**_address(folder, stash))
    finally:
        _end(folder)
        if _PROCESS in stash:
            stash[_PROCESS].wait(_PATIENCE_S)


@pytest.fixture
def oqs_clinic(oqs_server: "Server", request: pytest.FixtureRequest) -> "Iterator[TestedClinic]":
    """A clinic of this test alone, gone afterwards."""
    from mockserver.client.tested import TestedClinic

    code = oqs_server.mock.new_clinic(request.node.nodeid[-1_000:]).code
    with TestedClinic(oqs_server, code) as clinic:
        yield clinic


def _address(folder: Path, stash: pytest.Stash) -> dict[str, str]:
    """The address of the folder's server; who comes first starts it."""
    with suppress(FileExistsError):
        stash[_PROCESS] = _start(folder)
    end = time.monotonic() + _PATIENCE_S
    while not (line := (folder / _ADDRESS).read_text("utf-8")).endswith("\n"):
        if time.monotonic() > end or (_PROCESS in stash and stash[_PROCESS].poll() is not None):
            why = (folder / _ERRORS).read_text("utf-8")
            raise RuntimeError(f"モックが起動しません / the mock does not start: {why}")
        time.sleep(_STEP_S)
    found: dict[str, str] = json.loads(line)
    return found


def _start(folder: Path) -> "subprocess.Popen[bytes]":
    """Start the server: the file of its address is what it prints. FileExistsError where another did."""
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--json"]
    with (folder / _ADDRESS).open("xb") as address, (folder / _ERRORS).open("wb") as errors:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=address, stderr=errors)  # noqa: S603
    (folder / _PID).write_text(str(process.pid))
    return process


def _end(folder: Path) -> None:
    """End the folder's server, if one was started, by its process id."""
    with suppress(FileNotFoundError, ProcessLookupError, ValueError):
        os.kill(int((folder / _PID).read_text()), signal.SIGTERM)
    shutil.rmtree(folder, ignore_errors=True)

"""pytest fixtures: `oqs_server`, one mock for a whole run, and `oqs_clinic`, a clinic of its own for each test.

`--oqs-coverage=PATH` writes at the end which patterns were met: a page (.html), JSON (.json) or JUnit XML (.xml).
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
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from mockserver.client.tested import Server, TestedClinic

_KEY = "oqs_folder"
_FOLDER = pytest.StashKey[Path]()
_PROCESS = pytest.StashKey["subprocess.Popen[bytes]"]()
_TOLD, _PROBLEM = pytest.StashKey[str](), pytest.StashKey[str]()
_FORMS: dict[str, Literal["html", "json", "junit"]] = {".html": "html", ".json": "json", ".xml": "junit"}
_PATIENCE_S = 30.0
_STEP_S = 0.02
_ADDRESS, _ERRORS, _PID = "address.json", "errors.txt", "pid"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option of the coverage report."""
    parser.getgroup("oqs", "オンライン資格確認モック / mock of online eligibility verification").addoption(
        "--oqs-coverage",
        metavar="PATH",
        help="write which patterns of the mock were met, in all clinics: .html, .json, or .xml for JUnit XML",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a report in a form there is not, before any test runs."""
    path = config.getoption("oqs_coverage")
    if path and Path(path).suffix not in _FORMS:
        raise pytest.UsageError(
            f"--oqs-coverage: {path} の拡張子は .html、.json、.xml のどれかにしてください / "
            f"--oqs-coverage: found {path}, expected a name that ends in .html, .json or .xml"
        )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of xdist the folder in which the workers agree on a server."""
    stash = node.config.stash
    node.workerinput[_KEY] = str(stash[_FOLDER] if _FOLDER in stash else _new_folder(stash))


def _new_folder(stash: pytest.Stash) -> Path:
    stash[_FOLDER] = Path(tempfile.mkdtemp(prefix="oqs-server-"))
    return stash[_FOLDER]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, object, object]:
    """The controller of xdist writes the coverage report; a run without it did so when it let go of the mock."""
    stash, server = session.config.stash, _shared_server(session.config)
    if server:
        _write_coverage(session.config, server)
    outcome = yield
    if _PROBLEM in stash:
        pytest.exit(stash[_PROBLEM], pytest.ExitCode.TESTS_FAILED)
    return outcome


def _write_coverage(config: pytest.Config, server: "Server") -> None:
    """Write the report, if one is wanted: once, not by the workers of xdist."""
    name = config.getoption("oqs_coverage")
    if not name or hasattr(config, "workerinput"):
        return
    from mockserver.client import Refused, Unreachable

    path = config.invocation_params.dir / name
    try:
        report = server.mock.coverage_file(_FORMS[path.suffix])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(report)
    except (OSError, Refused, Unreachable) as error:
        config.stash[_PROBLEM] = f"--oqs-coverage: {path} を書けません / cannot write {path}: {error}"
        return
    config.stash[_TOLD] = str(path)


def _shared_server(config: pytest.Config) -> "Server | None":
    """The mock which the workers of xdist used, where their controller is to tell of it."""
    url, folder = os.environ.get("OQS_MOCK_URL"), config.stash.get(_FOLDER, None)
    if folder is None or not config.getoption("oqs_coverage"):
        return None
    from mockserver.client.tested import Server

    if url:
        return Server(url, os.environ.get("OQS_MOCK_ADMIN_TOKEN", ""))
    try:
        return Server(**json.loads((folder / _ADDRESS).read_text("utf-8")))
    except (OSError, ValueError):  # no test asked for one, or it did not start
        return None


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter", config: pytest.Config) -> None:
    """Where the report is."""
    if config.getoption("oqs_coverage") and _PROBLEM not in config.stash:
        path = config.stash.get(_TOLD, "モックは使われませんでした / no test used the mock")
        terminalreporter.write_sep("-", f"--oqs-coverage: {path}")


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
        server = Server(url, os.environ.get("OQS_MOCK_ADMIN_TOKEN", ""))
        yield server
        _write_coverage(request.config, server)
    elif shared:
        yield Server(**_address(Path(shared), request.config.stash))
    else:
        yield from _own_server(request.config)


def _own_server(config: pytest.Config) -> "Iterator[Server]":
    from mockserver.client.tested import Server

    folder = Path(tempfile.mkdtemp(prefix="oqs-server-"))
    try:
        server = Server(**_address(folder, config.stash))
        yield server
        _write_coverage(config, server)
    finally:
        _end(folder)
        if _PROCESS in config.stash:
            config.stash[_PROCESS].wait(_PATIENCE_S)


@pytest.fixture
def oqs_clinic(oqs_server: "Server", request: pytest.FixtureRequest) -> "Iterator[TestedClinic]":
    """A clinic of this test alone, gone afterwards."""
    from mockserver.client.tested import TestedClinic

    code = oqs_server.mock.new_clinic(_name_of(request.node, request.config)[-1_000:]).code
    with TestedClinic(oqs_server, code) as clinic:
        yield clinic


def _name_of(test: pytest.Item, config: pytest.Config) -> str:
    """What a test is called on every machine: without a file of settings, pytest counts paths from wherever it was started."""
    if config.inipath is not None:
        return test.nodeid
    _, _, name = test.nodeid.partition("::")
    return f"{test.path.name}::{name}"


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

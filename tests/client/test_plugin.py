"""The pytest plugin in a run of its own, with and without xdist."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

WRITTEN = """
import os
from pathlib import Path

import pytest


@pytest.mark.parametrize("number", range(4))
def test_it(oqs_server, oqs_clinic, number):
    Path("seen", f"{os.getpid()}-{number}").write_text(f"{oqs_server.url} {oqs_clinic.code}")
    oqs_clinic.ask(oqs_clinic.patient())
    assert len(oqs_clinic.journal.entries()) >= 1


def test_folder(oqs_clinic):
    assert oqs_clinic.folder.req.is_dir()
    Path("folder").write_text(str(oqs_clinic.folder.path))
"""
PATIENCE_S = 10


def run(path, *words, **environment):
    (path / "test_written.py").write_text(WRITTEN)
    (path / "seen").mkdir()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:locust", *words]
    known = {name: text for name, text in os.environ.items() if not name.startswith(("PYTEST_", "OQS_"))}
    environment = {**known, "TMPDIR": str(path), **environment}
    return subprocess.run(command, cwd=path, env=environment, capture_output=True, text=True, timeout=60)


def is_listening(url):
    parts = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((parts.hostname, parts.port)) == 0


def wait_until_gone(url):
    end = time.monotonic() + PATIENCE_S
    while is_listening(url):
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("words", [("-p", "no:xdist"), ("-n", "2")], ids=["alone", "xdist"])
def test_one_server_for_a_run_and_none_left(tmp_path, words):
    done = run(tmp_path, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    seen = [file.read_text().split() for file in (tmp_path / "seen").iterdir()]
    urls, codes = {url for url, _ in seen}, {code for _, code in seen}
    assert (len(urls), len(codes)) == (1, 4)
    wait_until_gone(urls.pop())
    assert not list(tmp_path.glob("oqs-*"))
    assert not Path((tmp_path / "folder").read_text()).exists()


def test_a_mock_named_by_the_environment_is_used_and_left_alone(tmp_path, url):
    done = run(tmp_path, "-p", "no:xdist", OQS_MOCK_URL=url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {file.read_text().split()[0] for file in (tmp_path / "seen").iterdir()} == {url}
    assert is_listening(url)


def test_nothing_heavy_is_imported_until_used():
    text = "import sys, mockserver.pytest_plugin; print(sorted({'msgspec', 'aiohttp', 'lxml'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"

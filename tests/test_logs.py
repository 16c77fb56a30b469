"""What the mock logs, as a real process: lines for people or JSON, with the request that caused them."""

import asyncio
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from mockserver import logs
from mockserver.serving.app import start
from mockserver.settings import Settings
from tests.serving.conftest import CLINIC, INDIVIDUAL_NUMBER, NOW, SEARCH, as_bytes, http, question

PATIENCE_S = 20
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}


@contextmanager
def served(*flags: str) -> Iterator[tuple[str, subprocess.Popen]]:
    """A mock of its own process, and where it listens."""
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--json", *flags]
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        try:
            yield json.loads(process.stdout.readline())["url"], process
        finally:
            process.terminate()


def denied(url: str, path: str, **headers: str) -> int:
    """The HTTP status of a call that fails."""
    try:
        with urlopen(Request(url + path, headers=headers), timeout=PATIENCE_S) as response:
            return response.status
    except HTTPError as error:
        with error:
            return error.code


def said(process: subprocess.Popen) -> list[str]:
    """All it logged, once it has ended."""
    process.terminate()
    return process.communicate(timeout=PATIENCE_S)[1].splitlines()


def test_a_refusal_at_the_admin_paths_is_a_json_object_with_the_request_id():
    with served("--log-format", "json") as (url, process):
        assert denied(url, "/admin/clinics/12/journal", **{"X-Request-Id": "desk-7"}) == 400
        assert denied(url, f"/admin/patterns/{INDIVIDUAL_NUMBER}") == 404
        assert denied(url, "/healthz") == 200
        first, second = map(json.loads, said(process))
    assert datetime.fromisoformat(first.pop("time")).utcoffset() is not None
    assert "12" in first.pop("message")
    assert first == {"level": "info", "logger": "mockserver.admin", "request_id": "desk-7"}
    assert "request_id" not in second
    assert INDIVIDUAL_NUMBER not in str(second)
    assert "************" in second["message"]


def test_lines_for_people_have_the_request_id_at_their_end():
    with served() as (url, process):
        denied(url, "/nowhere", **{"X-Request-Id": "desk-7"})
        (line,) = said(process)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} INFO .*/nowhere.* \[desk-7\]", line)


def test_what_is_below_the_level_is_not_logged():
    with served("--log-level", "warning", "--log-format", "json") as (url, process):
        denied(url, "/nowhere")
        assert said(process) == []


def test_look_ups_are_not_logged():
    with served("--log-level", "debug", "--no-require-token") as (url, process):
        for headers in ({}, {"X-Other": "1"}):  # the short way, and aiohttp's
            named = {"Content-Type": "application/json", **headers}
            with urlopen(Request(url + SEARCH, as_bytes(question()), named), timeout=PATIENCE_S) as response:
                assert response.status == 200
        assert said(process) == []


def test_a_level_there_is_not_is_refused():
    command = [sys.executable, "-m", "mockserver", "serve", "--log-level", "loud"]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, encoding="utf-8", timeout=PATIENCE_S)
    assert done.returncode == 2
    assert "'loud'" in done.stderr


# Failures of the mock itself


class Broken:
    """An exchange whose look-ups fail, with a number in the message that must not be told."""

    def search(self, *_: object) -> None:
        raise RuntimeError(f"no such thing: {INDIVIDUAL_NUMBER}")


@pytest.fixture
def formatted(monkeypatch) -> Iterator[list[str]]:
    """What is logged, as JSON lines."""
    lines: list[str] = []
    formatter = logs.JsonFormatter()

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(formatter.format(record))

    handler = Keeping()
    logger = logging.getLogger("mockserver")
    monkeypatch.setattr(logger, "propagate", False)
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


@pytest.mark.parametrize("extra", [{}, {"X_Other": "1"}], ids=["short way", "aiohttp's way"])
async def test_a_failure_is_logged_with_its_cause_and_hidden_from_the_client(formatted, monkeypatch, extra):
    mock = await start(Settings(port=0, require_token=False), lambda: NOW)
    monkeypatch.setattr(mock.exchange, "search", Broken().search)
    host, _, port = mock.url.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(http(question(), X_Request_Id="desk-7", **extra))
    answer = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    await mock.stop()
    (line,) = map(json.loads, formatted)
    assert b" 500 " in answer.splitlines()[0]
    assert (line["level"], line["request_id"]) == ("error", "desk-7")
    assert "RuntimeError: no such thing: ************" in line["exception"]
    assert INDIVIDUAL_NUMBER not in str(line)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ('"OQSsiquc01req_202611230001.xml" valid', '"OQSsiquc01req_202611230001.xml" valid'),
        ("OQSsiquc01res_202611230001.xml 1234-5678-9018", "OQSsiquc01res_202611230001.xml ************"),
        ("req_123456789018", "req_************"),
        ("req_202613230001", "req_************"),
    ],
)
async def test_file_names_stay_whole_where_numbers_are_hidden(formatted, message, told):
    logging.getLogger("mockserver.some").warning(message)
    assert json.loads(formatted[0])["message"] == told


async def test_what_is_logged_elsewhere_has_no_request(formatted):
    with logs.caused_by("desk-7"):
        logging.getLogger("mockserver.some").warning("%s", f"clinic {CLINIC}")
    logging.getLogger("mockserver.some").warning("later")
    first, second = map(json.loads, formatted)
    assert (first["message"], first["request_id"]) == (f"clinic {CLINIC}", "desk-7")
    assert "request_id" not in second
    assert "exception" not in first

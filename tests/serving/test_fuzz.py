"""Whatever is thrown at a running mock, it answers: never a 5xx, never a traceback, always the whole header."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mockserver.serving.app import Mock, start
from mockserver.settings import Settings
from tests.serving.conftest import CLINIC, DROP, LOGIN, NOW, REQUIRED_OF_HEADER, SEARCH, question

CLOCK, ASSIGNMENTS = f"/admin/clinics/{CLINIC}/clock", f"/admin/clinics/{CLINIC}/assignments"
PATHS = {SEARCH: "POST", LOGIN: "POST", CLOCK: "PUT", ASSIGNMENTS: "POST"}
FUZZ = settings(
    max_examples=100,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)

TEXTS = st.text(max_size=20) | st.sampled_from(
    ["", " ", "0", "20260230", "19800101", "01139906", "１２", "\x00", "\ud800", "1" * 5000]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
VALUES = st.recursive(
    SCALARS, lambda part: st.lists(part, max_size=4) | st.dictionaries(TEXTS, part, max_size=4), max_leaves=12
)
GOOD = {
    SEARCH: question(InsuredCardSymbol="1", InsuredBranchNumber="01", ArbitraryFileIdentifier="a"),
    LOGIN: {"user": "a", "password": "b"},
    CLOCK: {"now": "2025-12-01T09:00:00+09:00", "running": False},
    ASSIGNMENTS: {
        "pattern": "lost",
        "person": {"insurer_number": "01139914", "number": "1000001", "birthdate": "1980-04-12", "symbol": "10010001"},
        "parameters": {"lost_days_ago": 3, "reason": "01"},
        "start": "2026-11-01",
    },
}


class Talker:
    """One connection to a mock that runs in a thread of its own; opened anew when the mock has closed it."""

    def __init__(self, mock: Mock) -> None:
        self._connection = HTTPConnection(mock.url.removeprefix("http://"), timeout=10)

    def send(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Send a body; HTTP status and body of the answer."""
        self._connection.request(PATHS[path], path, body, {"Content-Type": "application/json"})
        response: HTTPResponse = self._connection.getresponse()
        return response.status, response.read()

    def close(self) -> None:
        self._connection.close()


@pytest.fixture(scope="module")
def talker() -> Iterator[Talker]:
    """A mock in its own thread and loop, which all examples share."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    wanted = Settings(port=0, require_token=False, body_timeout_ms=500)
    mock = asyncio.run_coroutine_threadsafe(start(wanted, lambda: NOW), loop).result(10)
    talker = Talker(mock)
    yield talker
    talker.close()
    asyncio.run_coroutine_threadsafe(mock.stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def assert_no_accident(talker: Talker, path: str, body: bytes) -> None:
    """What holds of every answer."""
    status, answer = talker.send(path, body)
    assert status < 500, answer.decode()
    assert b"Traceback" not in answer
    if path == SEARCH:
        assert set(REQUIRED_OF_HEADER) <= set(json.loads(answer)["XmlMsg"]["MessageHeader"])
        assert json.loads(answer)["XmlMsg"]["MessageBody"]["ProcessingResultStatus"] in ("1", "2")
    elif answer:
        assert isinstance(json.loads(answer), dict)


def places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all members of a JSON document."""
    for name in tree if isinstance(tree, dict) else ():
        yield (*path, name)
        yield from places(tree[name], (*path, name))


def changed(tree: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A document with one member replaced, added or (DROP) left out."""
    name, rest = path[0], path[1:]
    kept = {key: part for key, part in tree.items() if key != name}
    if rest:
        return {**kept, name: changed(tree[name], rest, value)} if isinstance(tree.get(name), dict) else tree
    return kept if value is DROP else {**kept, name: value}


@st.composite
def mutated(draw: st.DrawFn, good: dict[str, Any]) -> Any:
    """A good body with up to three members dropped, replaced or put in anywhere."""
    body = good
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(sorted(places(good))))
        if draw(st.booleans()):
            path = (*path[:-1], draw(TEXTS))
        body = changed(body, path, draw(st.just(DROP) | SCALARS | VALUES))
    return body


def as_json(value: Any) -> bytes:
    """JSON as sloppy clients write it: lone surrogates escaped, NaN as NaN."""
    return json.dumps(value).encode()


def test_good_bodies_are_good(talker: Talker):
    assert [talker.send(path, as_json(GOOD[path]))[0] for path in PATHS] == [200, 200, 200, 201]


@pytest.mark.parametrize("path", PATHS)
@FUZZ
@given(value=VALUES)
@example(value={"XmlMsg": {"MessageHeader": {}, "MessageBody": []}})
def test_any_json_is_answered(talker: Talker, path: str, value: Any):
    assert_no_accident(talker, path, as_json(value))


@pytest.mark.parametrize("path", PATHS)
@FUZZ
@given(data=st.data())
def test_any_change_of_a_good_body_is_answered(talker: Talker, path: str, data: st.DataObject):
    assert_no_accident(talker, path, as_json(data.draw(mutated(GOOD[path]))))


@pytest.mark.parametrize("path", PATHS)
@FUZZ
@given(noise=st.binary(max_size=300), place=st.integers(0, 400), cut=st.integers(0, 20))
def test_any_bytes_are_answered(talker: Talker, path: str, noise: bytes, place: int, cut: int):
    good = as_json(GOOD[path])

    assert_no_accident(talker, path, noise)
    assert_no_accident(talker, path, good[:place] + noise[:20] + good[place + cut :])

"""What operators watch is text that Prometheus can read, and tells nobody's clinic, number or name."""

import re
from typing import Any

import pytest

from mockserver.exchange import Exchange
from mockserver.faults import Outage
from mockserver.faults.rules import Rule
from mockserver.serving.exposition import CONTENT_TYPE, exposition
from mockserver.settings import Settings
from mockserver.tally import BUCKETS_S
from tests.serving.conftest import CLINIC, NOW, OTHER_CLINIC, as_bytes, question

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\n"])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?[0-9.]+(?:e[+-]?[0-9]+)?|[+-]Inf|NaN)")
COMMENT = re.compile(rf"# (?:HELP ({NAME}) .+|TYPE ({NAME}) (?:counter|gauge|histogram))")
PAIR = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')
ESCAPED = {r"\\": "\\", r"\"": '"', r"\n": "\n"}
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def exchange() -> Exchange:
    """An exchange that nobody asked yet."""
    return Exchange(Settings(require_token=False), NOW)


def samples(exchange: Exchange) -> Samples:
    """The samples of the text; each line must be a valid one, and no sample may come twice."""
    text = exposition(exchange).decode()
    assert text.endswith("\n")
    found: Samples = {}
    for line in text.splitlines():
        sample = SAMPLE.fullmatch(line)
        assert sample or COMMENT.fullmatch(line), line
        if sample:
            key = sample[1], frozenset((name, unescaped(value)) for name, value in PAIR.findall(sample[2] or ""))
            assert key not in found
            found[key] = float(sample[3])
    return found


def unescaped(value: str) -> str:
    """A label value as it was before it was escaped."""
    return re.sub(r"\\.", lambda pair: ESCAPED[pair[0]], value)


def value(exchange: Exchange, name: str, **labels: Any) -> float | None:
    """One sample."""
    return samples(exchange).get((name, frozenset(labels.items())))


def ask(exchange: Exchange, **members: Any) -> None:
    """Look up, as HTTP does."""
    reply = exchange.search(as_bytes(question(**members)), None, NOW)
    exchange.keeping.sent(reply, 0.0004)


def test_the_content_type_is_that_of_the_text_format():
    assert CONTENT_TYPE == "text/plain; version=0.0.4; charset=utf-8"


def test_every_family_has_a_help_and_a_type_before_its_samples(exchange):
    ask(exchange)
    exchange.tally.fault("slow")
    told: list[tuple[str, str]] = []
    for line in exposition(exchange).decode().splitlines():
        if line.startswith("#"):
            told.append((line.split()[1], line.split()[2]))
        else:
            assert line.startswith(told[-1][1])
    families = [name for kind, name in told if kind == "TYPE"]
    assert told == [(kind, name) for name in families for kind in ("HELP", "TYPE")]
    assert families == [
        "oqs_answers_total",
        "oqs_faults_total",
        "oqs_answer_seconds",
        "oqs_sandboxes",
        "oqs_journals",
        "oqs_assignments",
        "oqs_sandboxes_forgotten_total",
    ]


def test_a_fresh_mock_tells_only_its_sizes(exchange):
    sizes = {"oqs_sandboxes", "oqs_journals", "oqs_assignments"}
    forgotten = {("oqs_sandboxes_forgotten_total", frozenset({("reason", reason)})): 0 for reason in ("idle", "room")}
    assert samples(exchange) == {(name, frozenset()): 0 for name in sizes} | forgotten


def test_answers_are_counted_by_way_pattern_and_what_was_said(exchange):
    for _ in range(3):
        ask(exchange)
    ask(exchange, Birthdate="broken")
    assert value(exchange, "oqs_answers_total", via="http", pattern="valid", said="1") == 3
    counts = [count for (name, _), count in samples(exchange).items() if name == "oqs_answers_total"]
    assert sorted(counts) == [1, 3]


def test_faults_that_hit_are_counted(exchange):
    exchange.clinics.open(CLINIC, NOW).rules.append(Rule(id="1", fault=Outage(), first=2))
    for _ in range(3):
        ask(exchange)
    assert value(exchange, "oqs_faults_total", fault="outage") == 2


def test_buckets_are_cumulative_and_the_last_is_all(exchange):
    times = [0.0001, 0.0002, 0.3, 0.3, 59.0, 700.0]
    for seconds in times:
        exchange.tally.took("http", seconds)
    for limit in BUCKETS_S:
        expected = sum(seconds <= limit for seconds in times)
        assert value(exchange, "oqs_answer_seconds_bucket", via="http", le=repr(limit)) == expected
    assert value(exchange, "oqs_answer_seconds_bucket", via="http", le="+Inf") == len(times)
    assert value(exchange, "oqs_answer_seconds_count", via="http") == len(times)
    assert value(exchange, "oqs_answer_seconds_sum", via="http") == pytest.approx(sum(times))


def test_buckets_come_in_rising_order(exchange):
    exchange.tally.took("http", 0.01)
    limits = [float(limit) for limit in re.findall(r'le="([^"]+)"', exposition(exchange).decode())]
    assert limits == [*BUCKETS_S, float("inf")]


def test_each_way_has_a_histogram_of_its_own(exchange):
    exchange.tally.took("login", 0.01)
    exchange.tally.took("http", 0.01)
    exchange.tally.took("http", 0.02)
    assert value(exchange, "oqs_answer_seconds_count", via="http") == 2
    assert value(exchange, "oqs_answer_seconds_count", via="login") == 1


def test_the_sizes_are_told(exchange):
    exchange.clinics.open(CLINIC, NOW)
    exchange.clinics.open(OTHER_CLINIC, NOW)
    ask(exchange)
    assert value(exchange, "oqs_sandboxes") == 2
    assert value(exchange, "oqs_journals") == 1
    assert value(exchange, "oqs_assignments") == 0


def test_label_values_are_escaped(exchange):
    odd = 'a "quote", a \\ and a\nnew line'
    exchange.tally.answered("http", odd, "1")
    assert value(exchange, "oqs_answers_total", via="http", pattern=odd, said="1") == 1


def test_nobody_is_told(exchange):
    exchange.clinics.open(CLINIC, NOW).name = "みなと診療所"
    ask(exchange)
    text = exposition(exchange).decode()
    assert text.isascii()
    for secret in (CLINIC, "01139906", "1000001", "19800101"):
        assert secret not in text

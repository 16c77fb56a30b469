"""What operators watch, as Prometheus reads it (text format 0.0.4). Counts only: no clinic, no number, no name."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate

from mockserver.exchange import Exchange
from mockserver.tally import BUCKETS_S, Tally

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_LIMITS = (*map(repr, BUCKETS_S), "+Inf")
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def exposition(exchange: Exchange) -> bytes:
    """Everything that is counted, each family under its help and type, in an order that does not change."""
    lines = (*_answers(exchange.tally), *_faults(exchange.tally), *_seconds(exchange.tally), *_sizes(exchange))
    return "".join(f"{line}\n" for line in lines).encode()


def _answers(tally: Tally) -> Iterator[str]:
    yield from _titled("oqs_answers_total", "counter", "Answers by way, pattern that was met and what was said.")
    for (via, pattern, said), count in sorted(tally.answers.items()):
        yield _sample("oqs_answers_total", count, {"via": via, "pattern": pattern, "said": said})


def _faults(tally: Tally) -> Iterator[str]:
    yield from _titled("oqs_faults_total", "counter", "Faults that hit.")
    for fault, count in sorted(tally.faults.items()):
        yield _sample("oqs_faults_total", count, {"fault": fault})


def _seconds(tally: Tally) -> Iterator[str]:
    yield from _titled("oqs_answer_seconds", "histogram", "Seconds from a request to the whole answer, by way.")
    for via, counts in sorted(tally.times.items()):
        yield from _histogram(via, counts, tally.seconds[via])


def _histogram(via: str, counts: Iterable[int], seconds: float) -> Iterator[str]:
    count = 0
    for limit, count in zip(_LIMITS, accumulate(counts), strict=True):
        yield _sample("oqs_answer_seconds_bucket", count, {"via": via, "le": limit})
    yield _sample("oqs_answer_seconds_sum", seconds, {"via": via})
    yield _sample("oqs_answer_seconds_count", count, {"via": via})


def _sizes(exchange: Exchange) -> Iterator[str]:
    yield from _gauge("oqs_sandboxes", len(exchange.clinics), "Clinics that have something set up.")
    yield from _gauge("oqs_journals", len(exchange.journals), "Clinics that have a journal.")
    yield from _gauge("oqs_assignments", exchange.clinics.assignments(), "People who were given a pattern.")
    name = "oqs_sandboxes_forgotten_total"
    yield from _titled(
        name, "counter", "Clinics whose set-up was forgotten unasked: idle too long, or for want of room."
    )
    for reason, count in exchange.clinics.forgettings.items():
        yield _sample(name, count, {"reason": reason})


def _gauge(name: str, value: int, words: str) -> Iterator[str]:
    yield from _titled(name, "gauge", words)
    yield _sample(name, value, {})


def _titled(name: str, kind: str, words: str) -> tuple[str, str]:
    return f"# HELP {name} {words}", f"# TYPE {name} {kind}"


def _sample(name: str, value: float, labels: Mapping[str, str]) -> str:
    told = ",".join(f'{label}="{text.translate(_ESCAPES)}"' for label, text in labels.items())
    return f"{name}{{{told}}} {value!r}" if told else f"{name} {value!r}"

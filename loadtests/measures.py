"""What was measured: HDR histograms by path, kind of institution and pattern, and slices of the run.

Locust's own statistics round and know nothing of intended times, so the percentiles are computed here. A worker hands its
measures over as plain values and begins anew (`take`); the master adds them up (`absorb`).
"""

from collections import Counter
from typing import Any, Literal, NamedTuple

from hdrh.histogram import HdrHistogram

Outcome = Literal["answered", "wrong", "failed", "planned"]
Dimension = Literal["path", "kind", "pattern"]
MOST_US = 600_000_000
_FINE, _COARSE = 3, 2
PERCENTILES = {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "p99_9": 99.9}


class Sample(NamedTuple):
    """A request: which arrival's second it belongs to, what it was, its times in seconds after the start, what came of it.

    `is_blocked`: it waited for a free connection, so its delay is the target's and not the generator's. `is_arrival`: an
    arrival of the schedule, no login and nothing asked again.
    """

    path: str
    kind: str
    pattern: str
    intended_s: float
    started_s: float
    ended_s: float
    outcome: Outcome
    reason: str = ""
    is_blocked: bool = False
    is_arrival: bool = True


class Tally:
    """Requests of one sort: counts by outcome, latency from the intended start, service time from the real one."""

    def __init__(self, digits: int = _FINE) -> None:
        self.outcomes: Counter[str] = Counter()
        self.latency = HdrHistogram(1, MOST_US, digits)
        self.service = HdrHistogram(1, MOST_US, digits)

    @property
    def requests(self) -> int:
        """All of them."""
        return self.outcomes.total()

    @property
    def errors(self) -> int:
        """Wrong answers and failures; expected refusals and planned faults are none."""
        return self.outcomes["wrong"] + self.outcomes["failed"]

    @property
    def error_percent(self) -> float:
        """Their share."""
        return 100 * self.errors / self.requests if self.requests else 0.0

    def record(self, outcome: str, latency_us: int, service_us: int) -> None:
        """Add a request."""
        self.outcomes[outcome] += 1
        self.latency.record_value(latency_us)
        self.service.record_value(service_us)

    def latency_ms(self, percentile: float) -> float:
        """Latency from the intended start, in milliseconds."""
        return float(self.latency.get_value_at_percentile(percentile)) / 1000

    def service_ms(self, percentile: float) -> float:
        """Time from the real start, in milliseconds."""
        return float(self.service.get_value_at_percentile(percentile)) / 1000

    def plain(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "outcomes": dict(self.outcomes),
            "latency": self.latency.encode().decode(),
            "service": self.service.encode().decode(),
        }

    def absorb(self, plain: dict[str, Any]) -> None:
        """Add what another has counted."""
        self.outcomes.update(plain["outcomes"])
        self.latency.decode_and_add(plain["latency"])
        self.service.decode_and_add(plain["service"])


class Slice:
    """A stretch of the run, by intended time: arrivals told of, and their latency."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.latency = HdrHistogram(1, MOST_US, _COARSE)

    def plain(self) -> dict[str, Any]:
        """As plain values."""
        return {"counts": dict(self.counts), "latency": self.latency.encode().decode()}

    def absorb(self, plain: dict[str, Any]) -> None:
        """Add what another has counted."""
        self.counts.update(plain["counts"])
        self.latency.decode_and_add(plain["latency"])


class Measures:
    """All that is measured of a run."""

    def __init__(self, slice_s: int = 1, late_ms: float = 10.0) -> None:
        self.slice_s = slice_s
        self._late_s = late_ms / 1000
        self._begin()

    def _begin(self) -> None:
        self.tallies: dict[tuple[str, str], Tally] = {}
        self.slices: dict[int, Slice] = {}
        self.delay = HdrHistogram(1, MOST_US, _FINE)
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.cpu_percent: dict[str, list[float]] = {}

    def record(self, sample: Sample) -> None:
        """Add a request."""
        delay_s = sample.started_s - sample.intended_s
        latency_us = _microseconds(sample.ended_s - sample.intended_s)
        service_us = _microseconds(sample.ended_s - sample.started_s)
        self.tally("path", sample.path).record(sample.outcome, latency_us, service_us)
        if sample.reason:
            self.reasons[sample.reason] += 1
        if not sample.is_arrival:
            return
        self.tally("kind", sample.kind).record(sample.outcome, latency_us, service_us)
        self.tally("pattern", sample.pattern).record(sample.outcome, latency_us, service_us)
        piece = self.piece(sample.intended_s)
        piece.counts[sample.outcome] += 1
        piece.latency.record_value(latency_us)
        self.achieved(sample.ended_s)
        if not sample.is_blocked:
            self.delay.record_value(_microseconds(delay_s))
        if delay_s > self._late_s:
            self.counts["late_for_a_connection" if sample.is_blocked else "late_by_generator"] += 1

    def achieved(self, ended_s: float) -> None:
        """Count an answer at the time it came."""
        self.piece(ended_s).counts["ended"] += 1

    def drop(self, intended_s: float) -> None:
        """Count an arrival that found no free connection for as long as a desk waits."""
        self.counts["dropped"] += 1
        self.piece(intended_s).counts["dropped"] += 1

    def piece(self, at_s: float) -> Slice:
        """The slice of a time."""
        return self._slice(int(at_s // self.slice_s))

    def _slice(self, number: int) -> Slice:
        found = self.slices.get(number)
        if found is None:
            found = self.slices[number] = Slice()
        return found

    def tally(self, dimension: Dimension, name: str) -> Tally:
        """The tally of a sort of requests."""
        found = self.tallies.get((dimension, name))
        if found is None:
            found = self.tallies[dimension, name] = Tally()
        return found

    def named(self, dimension: Dimension) -> dict[str, Tally]:
        """The tallies of a dimension by name."""
        return {name: tally for (of, name), tally in sorted(self.tallies.items()) if of == dimension}

    @property
    def told(self) -> int:
        """Arrivals of which it is known what became of them."""
        return sum(piece.counts[one] for piece in self.slices.values() for one in _TOLD)

    def take(self) -> dict[str, Any]:
        """All as plain values, and begin anew."""
        plain = self.plain()
        self._begin()
        return plain

    def plain(self) -> dict[str, Any]:
        """All as plain values."""
        return {
            "tallies": [[*key, tally.plain()] for key, tally in self.tallies.items()],
            "slices": [[number, piece.plain()] for number, piece in sorted(self.slices.items())],
            "delay": self.delay.encode().decode(),
            "counts": dict(self.counts),
            "reasons": dict(self.reasons),
            "cpu_percent": self.cpu_percent,
        }

    def absorb(self, plain: dict[str, Any]) -> None:
        """Add what another has measured."""
        for dimension, name, tally in plain["tallies"]:
            self.tally(dimension, name).absorb(tally)
        for number, piece in plain["slices"]:
            self._slice(number).absorb(piece)
        self.delay.decode_and_add(plain["delay"])
        self.counts.update(plain["counts"])
        self.reasons.update(plain["reasons"])
        for name, percents in plain["cpu_percent"].items():
            self.cpu_percent.setdefault(name, []).extend(percents)


_TOLD = ("answered", "wrong", "failed", "planned", "dropped")


def _microseconds(seconds: float) -> int:
    return min(max(int(seconds * 1e6), 1), MOST_US)

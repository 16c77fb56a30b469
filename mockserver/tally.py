"""What operators watch: how many of what, and how long they took. Never who."""

from bisect import bisect_left

# seconds; a look-up takes microseconds, a fault up to minutes
BUCKETS_S = (
    0.0001,
    0.00025,
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    60.0,
)


class Tally:
    """Counts since the start: answers by way, pattern and outcome; faults; and times as a histogram by way."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str, str], int] = {}
        self.faults: dict[str, int] = {}
        self.times: dict[str, list[int]] = {}
        self.seconds: dict[str, float] = {}

    def answered(self, via: str, pattern: str, said: str) -> None:
        """Count an answer."""
        key = (via, pattern, said)
        self.answers[key] = self.answers.get(key, 0) + 1

    def fault(self, fault: str) -> None:
        """Count a fault that hit."""
        self.faults[fault] = self.faults.get(fault, 0) + 1

    def took(self, via: str, seconds: float, answers: int = 1) -> None:
        """Count how long an answer took, or several together, from the request to the whole answer."""
        times = self.times.get(via)
        if times is None:
            times = self.times[via] = [0] * (len(BUCKETS_S) + 1)
        times[bisect_left(BUCKETS_S, seconds)] += answers
        self.seconds[via] = self.seconds.get(via, 0.0) + seconds * answers

"""What is counted of each pattern and fault, and how counts add up."""

from msgspec import Struct, field


class Afterwards(Struct):
    """How many people were asked for once more, and what the last of those look-ups said of each."""

    people: int = 0
    said: dict[str, int] = {}


class Meetings(Struct):
    """A pattern or fault in numbers: `times` and, of them, those `hidden` behind a fault; the rest of those not hidden."""

    times: int = 0
    hidden: int = 0
    ways: dict[str, int] = {}
    said: dict[str, int] = {}
    people: int = 0
    asked_again: Afterwards = field(default_factory=Afterwards)
    other_number: Afterwards = field(default_factory=Afterwards)
    gave_up: int = 0

    def add(self, other: "Meetings") -> None:
        """Add what others counted."""
        self.times += other.times
        self.hidden += other.hidden
        self.people += other.people
        self.gave_up += other.gave_up
        self.asked_again.people += other.asked_again.people
        self.other_number.people += other.other_number.people
        add(self.ways, other.ways)
        add(self.said, other.said)
        add(self.asked_again.said, other.asked_again.said)
        add(self.other_number.said, other.other_number.said)


class Total(Struct):
    """Counts of one clinic or of many: journals counted, entries that were there and that were not there any more."""

    clinics: int = 0
    entries: int = 0
    dropped: int = 0
    patterns: dict[str, Meetings] = {}
    faults: dict[str, Meetings] = {}

    def add(self, other: "Total") -> None:
        """Add what others counted."""
        self.clinics += other.clinics
        self.entries += other.entries
        self.dropped += other.dropped
        for key, counts in other.patterns.items():
            self.patterns.setdefault(key, Meetings()).add(counts)
        for key, counts in other.faults.items():
            self.faults.setdefault(key, Meetings()).add(counts)


def add(counted: dict[str, int], more: dict[str, int]) -> None:
    """Add counts by key to others."""
    for key, times in more.items():
        counted[key] = counted.get(key, 0) + times

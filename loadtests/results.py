"""What came of a run, as it is written down: the gate and the report read it, and nothing else is needed for them."""

from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from loadtests.measures import Measures
from loadtests.morning import Assumptions
from loadtests.options import Options


class Lost(Struct, frozen=True):
    """Arrivals of which nobody told what became of them: those of generators that were lost."""

    arrivals: int


class Results(Struct, frozen=True, kw_only=True):
    """A run: what was chosen, arrivals offered in each slice, what was measured (as plain values), who took part.

    `members`: from which arrival on which generators. `curve`: arrivals per second of the day, each minute.
    """

    options: Options
    assumptions: Assumptions
    host: str
    began: float
    driven_s: float
    is_early: bool
    can_tap: bool
    slice_s: int
    offered: list[int]
    measures: dict[str, Any]
    members: list[Any]
    lost: Lost
    curve: list[float]
    stretch: tuple[float, float]
    machine: dict[str, str]

    def measured(self) -> Measures:
        """The measures."""
        measures = Measures(self.slice_s, self.options.late_ms)
        measures.absorb(self.measures)
        return measures


def read(path: Path) -> Results | None:
    """The results of a run; None where nothing was written."""
    return msgspec.json.decode(path.read_bytes(), type=Results) if path.exists() else None

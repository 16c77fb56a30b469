"""Which patterns of the catalogue and which faults the product under test has met, and how it went on after them.

- *Met*: the product got an answer of the pattern. Where a fault other than a delay acted on the answer, the look-up counts
  in `times` and in `hidden`, and the product saw nothing of the pattern. A fault is met where it acted.
- *How it went on* is counted in people: for each person, what came in the same clinic after the first answer met.
  `asked_again`: asked for with the same insurer number and number (symbol and branch do not count); `other_number`: with
  another one, of the same person; both may be true. `gave_up`: no later look-up about the person, of whatever pattern.
  Two look-ups are about the same person where they ask alike, or where the register knows so.
- Counted are single look-ups and card taps. A batch is about many people and not in it.

How often a pattern was met outlives the entries of the journal; all else is told by those that are left.
"""

from mockserver.coverage.counting import Coverage
from mockserver.coverage.counts import Afterwards, Meetings, Total
from mockserver.coverage.reporting import CoverageRow, CoverageView, Format, Remark, report

__all__ = [
    "Afterwards",
    "Coverage",
    "CoverageRow",
    "CoverageView",
    "Format",
    "Meetings",
    "Remark",
    "Total",
    "report",
]

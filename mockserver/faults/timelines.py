"""Timelines: what happens one after another on a clinic's clock, each step until the next begins."""

from itertools import pairwise

from msgspec import Struct

from mockserver.faults import AnyFault
from mockserver.faults.spans import Point, Span


class Step(Struct, frozen=True):
    """From `at` on a fault acts, or (none) everything is well again."""

    at: Point
    fault: AnyFault | None


class Backwards(ValueError):
    """A timeline whose steps are not one after the other; `step` is the first that is not (from 0)."""

    def __init__(self, step: int, before: Point, found: Point) -> None:
        super().__init__(
            f"timeline が逆戻りしています（{found} が {before} の後にあります） / "
            f"the timeline runs backwards: {found} after {before}"
        )
        self.step = step


def spans(steps: tuple[Step, ...]) -> list[tuple[AnyFault, Span]]:
    """The faults of a timeline with the spans they act in. Backwards for steps not in order or of two sorts."""
    for number, (before, step) in enumerate(pairwise(steps), start=1):
        if type(before.at) is not type(step.at) or not before.at < step.at:  # type: ignore[operator]
            raise Backwards(number, before.at, step.at)
    ends: list[Point | None] = [*(step.at for step in steps[1:]), None]
    return [(step.fault, Span(step.at, end)) for step, end in zip(steps, ends, strict=True) if step.fault]

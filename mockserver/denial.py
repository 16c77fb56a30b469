"""What a tester asked for and cannot have."""

from mockserver.wire.refusals import Refusal


class Denial(Exception):
    """What was asked cannot be done: HTTP status, and why in both languages."""

    def __init__(self, status: int, japanese: str, english: str) -> None:
        super().__init__(english)
        self.status = status
        self.japanese = japanese
        self.english = english


def refused(refusal: Refusal) -> Denial:
    """A refusal of the wire as a denial."""
    return Denial(refusal.problem.http_status, refusal.japanese, refusal.english)

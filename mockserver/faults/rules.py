"""Whom a fault hits, and the decision: a draw from seed, clinic, rule and number of the match, never from the process."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from hashlib import blake2b
from typing import Literal

from msgspec import Struct

from mockserver.faults import AnyFault
from mockserver.faults.spans import Span

Path = Literal["login", "search", "files"]
EVERYBODY = 100.0


class Target(Struct, frozen=True):
    """A person a rule or an expectation is about: who it is whatever the number (none: nobody), and the number given."""

    person: str | None
    insurer_key: str
    number: str
    birthdate: date

    @property
    def asked(self) -> tuple[str, str, date]:
        """The number as it is asked for."""
        return self.insurer_key, self.number, self.birthdate


class Rule(Struct, frozen=True, kw_only=True):
    """A fault and whom it hits: what is not given does not count.

    A request matches by path, pattern, person and the span of the clinic's clock. Of those that match, the rule hits the
    first `first`, the `nth` (from 1), a share in percent; where several are given, all must hold.
    """

    id: str
    fault: AnyFault
    path: Path | None = None
    pattern: str | None = None
    target: Target | None = None
    span: Span = Span()
    share_percent: float = EVERYBODY
    first: int | None = None
    nth: tuple[int, ...] = ()
    timeline: str | None = None


class Request(Struct, frozen=True):
    """What a rule looks at: path, pattern that was met (none: a login), whether it is about a target, the moment."""

    path: Path
    pattern: str | None
    is_about: Callable[[Target], bool]
    moment: datetime


class Hit(Struct, frozen=True, gc=False):
    """A rule that hit: the fault, how long it holds the answer back, and the number of the match."""

    rule: str
    fault: AnyFault
    match: int
    delay_ms: int

    def __str__(self) -> str:
        delay = f" delay_ms={self.delay_ms}" if self.fault.is_delay else ""
        return f"{self.fault.fault_id()}{delay} rule={self.rule} match={self.match}"


class Decision(Struct, frozen=True, gc=False):
    """What happens to an answer: it comes `delay_ms` later, and then `fault` acts (none: it is answered)."""

    hits: tuple[Hit, ...]

    @property
    def delay_ms(self) -> int:
        """All delays together."""
        return sum(hit.delay_ms for hit in self.hits)

    @property
    def fault(self) -> AnyFault | None:
        """The fault that acts: the first that is more than a delay."""
        return next((hit.fault for hit in self.hits if not hit.fault.is_delay), None)

    def __str__(self) -> str:
        return "; ".join(map(str, self.hits))


def decide(rules: Iterable[Rule], matches: dict[str, int], request: Request, salt: str) -> list[Hit]:
    """The rules that hit a request; counts what matches. `salt`: seed and clinic."""
    hits = []
    for rule in rules:
        if _is_matched(rule, request):
            number = matches[rule.id] = matches.get(rule.id, 0) + 1
            share, latency = _draws(f"{salt} {rule.id} {number}")
            if _is_hit(rule, number, share):
                delay_ms = rule.fault.delay_ms(latency, rule.span.age(request.moment))
                hits.append(Hit(rule.id, rule.fault, number, delay_ms))
    return hits


def _is_matched(rule: Rule, request: Request) -> bool:
    return (
        rule.path in (None, request.path)
        and rule.pattern in (None, request.pattern)
        and (rule.target is None or request.is_about(rule.target))
        and rule.span.holds(request.moment)
    )


def _is_hit(rule: Rule, number: int, share: float) -> bool:
    return (
        (rule.first is None or number <= rule.first)
        and (not rule.nth or number in rule.nth)
        and share * EVERYBODY < rule.share_percent
    )


def _draws(text: str) -> tuple[float, float]:
    """Two draws, both above 0 and below 1."""
    digest = blake2b(text.encode(), digest_size=16).digest()
    low, high = int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")
    return ((low >> 11) + 0.5) / 2.0**53, ((high >> 11) + 0.5) / 2.0**53

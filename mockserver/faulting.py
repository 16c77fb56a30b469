"""A tester says what shall go wrong, and for whom: fault rules and timelines of a clinic or of all, in plain words."""

from datetime import datetime
from inspect import cleandoc
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from mockserver.choosing import converted, pattern_of
from mockserver.control import missing
from mockserver.denial import Denial
from mockserver.exchange import Exchange
from mockserver.faults import FAULT_BY_ID, AnyFault
from mockserver.faults.rules import EVERYBODY, Path, Rule, Target
from mockserver.faults.spans import Point, Span, read_point
from mockserver.faults.timelines import Backwards, Step, spans
from mockserver.register import ORDINARY, UNKNOWN
from mockserver.told import REFUSED
from mockserver.views import Identity
from mockserver.whom import target_of
from mockserver.wire.refusals import quote, suggestion

Share = Annotated[float, Meta(gt=0, le=EVERYBODY)]
Nth = Annotated[int, Meta(ge=1, le=1_000_000)]
_MOST_STEPS = 50
FOR_ALL = "all-"  # begins the ids of the rules for all clinics
_NOT_IN_CATALOGUE = (ORDINARY, UNKNOWN, REFUSED)


class NewFault(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A fault of the catalogue with its parameters, and whom it hits: what is not given does not count.

    `path`: login, search or files; `pattern`: who plays it (also `ordinary`, `unknown`, `refused`); `person`: a seat number
    of the population, an identity, or the id of a person of the scenario files; `share_percent` of the matches, the
    `first` so many, the `nth` of them; from `since` to `until` of the clinic's clock, each `09:00` (every day) or a moment
    with its offset.
    """

    fault: str
    parameters: dict[str, Any] = {}
    path: Path | None = None
    pattern: str | None = None
    person: int | str | Identity | None = None
    share_percent: Share = EVERYBODY
    first: Nth | None = None
    nth: tuple[Nth, ...] = ()
    since: str | None = None
    until: str | None = None

    def __post_init__(self) -> None:
        if self.first is not None and self.nth:
            raise ValueError("first と nth はどちらか一方だけを指定してください / expected first or nth, not both")


class NewStep(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """From `at` (`09:00`, or a moment with its offset) on a fault acts; without one everything is well again."""

    at: str
    fault: str | None = None
    parameters: dict[str, Any] = {}


class NewTimeline(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Faults one after another, each until the next step; `path` as for a fault."""

    steps: Annotated[tuple[NewStep, ...], Meta(min_length=1, max_length=_MOST_STEPS)]
    path: Path | None = None


class FaultView(Struct, frozen=True):
    """A fault rule, and how many requests matched it so far (those of all clinics are counted for each, not told here)."""

    id: str
    fault: str
    parameters: dict[str, Any]
    path: str | None
    pattern: str | None
    is_about_person: bool
    share_percent: float
    first: int | None
    nth: tuple[int, ...]
    since: str | None
    until: str | None
    timeline: str | None
    matches: int | None


class FaultsView(Struct, frozen=True):
    """The fault rules of a clinic or of all, in the order in which they are asked."""

    faults: list[FaultView]


class KindView(Struct, frozen=True):
    """A fault of the catalogue; `parameters` is a JSON Schema of its fields, with defaults."""

    id: str
    title_ja: str
    title_en: str
    description: str
    parameters: dict[str, Any]


class KindsView(Struct, frozen=True):
    """The catalogue of faults."""

    faults: list[KindView]


class Faulting:
    """Puts fault rules into sandboxes. A code of None stands for all clinics; every `now` is the real moment."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def faults(self, code: str | None, now: datetime) -> FaultsView:
        """The rules there are."""
        rules, matches = self._rules(code, now)
        return FaultsView([_view(rule, matches) for rule in rules])

    def add(self, code: str | None, new: NewFault, now: datetime) -> FaultView:
        """Let a fault happen. Denial for one that cannot be."""
        fault, span = fault_of(new.fault, new.parameters), _span(new)
        if new.pattern is not None and new.pattern not in _NOT_IN_CATALOGUE:
            pattern_of(new.pattern)
        rule = Rule(
            id=self._next_id(code, now),
            fault=fault,
            path=new.path,
            pattern=new.pattern,
            target=self._target(code, new.person, now),
            span=span,
            share_percent=new.share_percent,
            first=new.first,
            nth=new.nth,
        )
        self._append(code, [rule], now)
        return _view(rule, {})

    def add_timeline(self, code: str | None, new: NewTimeline, now: datetime) -> FaultsView:
        """Lay down a timeline: a rule for each step that has a fault, all under the id of the first."""
        steps = tuple(_step(number, step) for number, step in enumerate(new.steps))
        try:
            acting = spans(steps)
        except Backwards as error:
            japanese, _, english = str(error).partition(" / ")
            raise Denial(422, f"steps[{error.step}].at: {japanese}", f"steps[{error.step}].at: {english}") from None
        timeline = self._next_id(code, now)
        rules = [
            Rule(id=f"{timeline}.{number}", fault=fault, span=span, path=new.path, timeline=timeline)
            for number, (fault, span) in enumerate(acting, start=1)
        ]
        self._append(code, rules, now)
        return FaultsView([_view(rule, {}) for rule in rules])

    def remove(self, code: str | None, rule_id: str, now: datetime) -> None:
        """Take a rule, or a whole timeline, away. Denial where there is none."""
        rules, matches = self._rules(code, now)
        gone = [rule for rule in rules if rule_id in (rule.id, rule.timeline)]
        if not gone:
            told = f"障害の設定 {quote(rule_id)} はありません", f"there is no fault rule {quote(rule_id)}"
            raise missing(self._exchange, code, *told) if code else Denial(404, *told)
        for rule in gone:
            rules.remove(rule)
            matches.pop(rule.id, None)

    def clear(self, code: str | None, now: datetime) -> None:
        """Take all rules away."""
        rules, matches = self._rules(code, now)
        for rule in rules:
            matches.pop(rule.id, None)
        rules.clear()

    def _rules(self, code: str | None, now: datetime) -> tuple[list[Rule], dict[str, int]]:
        if code is None:
            return self._exchange.fates.rules, {}
        sandbox = self._exchange.clinics.find(code, now)
        return (sandbox.rules, sandbox.matches) if sandbox else ([], {})

    def _append(self, code: str | None, rules: list[Rule], now: datetime) -> None:
        if code is not None:
            self._exchange.clinics.open(code, now)
        held, most = self._rules(code, now)[0], self._exchange.settings.max_faults
        if len(held) + len(rules) > most:
            raise Denial(409, f"障害の設定は{most}件までです", f"at most {most} fault rules")
        held += rules

    def _next_id(self, code: str | None, now: datetime) -> str:
        if code is None:
            return f"{FOR_ALL}{self._exchange.fates.next_number()}"
        return str(self._exchange.clinics.open(code, now).count("fault"))

    def _target(self, code: str | None, person: int | str | Identity | None, now: datetime) -> Target | None:
        return None if person is None else target_of(self._exchange, code, person, now)


def kinds() -> KindsView:
    """The catalogue of faults, in reading order."""
    return KindsView([_kind(fault) for fault in FAULT_BY_ID.values()])


def _kind(fault: Any) -> KindView:
    schema = msgspec.json.schema(fault)["$defs"][fault.__name__]["properties"]
    parameters = {name: entry for name, entry in schema.items() if name != "fault"}
    title = fault.title
    return KindView(fault.fault_id(), title.japanese, title.english, cleandoc(fault.__doc__ or ""), parameters)


def fault_of(name: str, parameters: dict[str, Any]) -> AnyFault:
    """A fault by its id and parameters. Denial where there is none, or where they are those of another."""
    kind = FAULT_BY_ID.get(name)
    if kind is None:
        hint = suggestion(name, FAULT_BY_ID)
        raise Denial(404, f"障害 {quote(name)} はありません{hint}", f"no fault {quote(name)}{hint}")
    return converted(parameters, kind)  # type: ignore[return-value]  # the table holds the members of the union


def _span(new: NewFault) -> Span:
    since = None if new.since is None else _point("since", new.since)
    until = None if new.until is None else _point("until", new.until)
    try:
        return Span(since, until)
    except ValueError as error:
        raise _denied("", error) from None


def _step(number: int, new: NewStep) -> Step:
    at = _point(f"steps[{number}].at", new.at)
    if new.fault is None:
        return Step(at, None)
    try:
        return Step(at, fault_of(new.fault, new.parameters))
    except Denial as denial:
        where = f"steps[{number}]: "
        raise Denial(denial.status, where + denial.japanese, where + denial.english) from None


def _point(member: str, text: str) -> Point:
    try:
        return read_point(text)
    except ValueError as error:
        raise _denied(f"{member}: ", error) from None


def _denied(where: str, error: ValueError) -> Denial:
    japanese, _, english = str(error).partition(" / ")
    return Denial(422, where + japanese, where + english)


def _view(rule: Rule, matches: dict[str, int]) -> FaultView:
    parameters = msgspec.to_builtins(rule.fault)
    return FaultView(
        id=rule.id,
        fault=parameters.pop("fault"),
        parameters={name: value for name, value in parameters.items() if value is not None},
        path=rule.path,
        pattern=rule.pattern,
        is_about_person=rule.target is not None,
        share_percent=rule.share_percent,
        first=rule.first,
        nth=rule.nth,
        since=rule.span.since.isoformat() if rule.span.since else None,
        until=rule.span.until.isoformat() if rule.span.until else None,
        timeline=rule.timeline,
        matches=None if rule.id.startswith(FOR_ALL) else matches.get(rule.id, 0),
    )

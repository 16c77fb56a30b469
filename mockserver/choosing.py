"""Patterns and faults chosen by name and parameters."""

from typing import Any, TypeVar

import msgspec

from mockserver.assigning import Patient
from mockserver.denial import Denial
from mockserver.register import ORDINARY, UNKNOWN
from mockserver.scenarios.casting import BY_ID
from mockserver.scenarios.scenario import FIRST_START, LAST_START, Scenario
from mockserver.told import REFUSED
from mockserver.views import NewAssignment
from mockserver.wire.json_codec import wrong_shape
from mockserver.wire.refusals import quote, suggestion

_NO_PATTERNS = (ORDINARY, UNKNOWN, REFUSED)  # what stands in a journal in place of one
Parameterized = TypeVar("Parameterized", bound=msgspec.Struct)


def pattern_of(name: str) -> type[Scenario]:
    """A pattern by its id. Denial with the nearest one where there is none."""
    pattern = BY_ID.get(name)
    if pattern is None:
        hint = suggestion(name, BY_ID)
        raise Denial(404, f"パターン {quote(name)} はありません{hint}", f"no pattern {quote(name)}{hint}")
    return pattern


def deny_unknown_pattern(name: str | None) -> None:
    """Denial for a name that no entry of a journal can have: an empty list would look like an answer."""
    if name and name not in BY_ID and name not in _NO_PATTERNS:
        hint = suggestion(name, (*BY_ID, *_NO_PATTERNS))
        raise Denial(
            400,
            f"pattern の値 {quote(name)} というパターンはありません{hint}",
            f"pattern: there is no {quote(name)}{hint}",
        )


def scenario_of(new: NewAssignment) -> Scenario:
    """The pattern of an assignment with its parameters. Denial for a pattern, parameters or start that cannot be."""
    if new.start and not FIRST_START <= new.start <= LAST_START:
        raise Denial(
            400,
            f"start の値 {new.start} が正しくありません。{FIRST_START} から {LAST_START} までの日付を指定してください",
            f"start: found {new.start}, expected a day from {FIRST_START} to {LAST_START}",
        )
    return converted(new.parameters, pattern_of(new.pattern))


def deny_misfit(scenario: Scenario, patient: Patient) -> None:
    """Denial where a pattern would not show on a patient."""
    misfit = scenario.misfit(patient.cast)
    if misfit:
        raise Denial(
            422,
            f"この患者ではパターンが現れません（{misfit.japanese}）",
            f"the pattern would not show: {misfit.english}",
        )


def converted(parameters: dict[str, Any], kind: type[Parameterized]) -> Parameterized:
    """A pattern or fault with its parameters. Denial where they are not its own, with the names it knows."""
    try:
        return msgspec.convert(parameters, kind)
    except msgspec.ValidationError as error:
        refusal = wrong_shape(error)
        names = ", ".join(kind.__struct_fields__) or "-"
        raise Denial(
            422,
            f"parameters: {refusal.japanese}（使える項目: {names}）",
            f"parameters: {refusal.english} (known: {names})",
        ) from None

"""The catalogue of patterns as data: what is written about each, its parameters, and whom to ask for."""

from datetime import date
from inspect import cleandoc
from typing import Any

import msgspec
from msgspec import Struct

from mockserver.eligibility.numbering import institution_code
from mockserver.eligibility.records import Card
from mockserver.eligibility.text import Repertoire
from mockserver.scenarios.casting import PATTERNS, cast_ready
from mockserver.scenarios.reserved import RULE_INSURERS
from mockserver.scenarios.scenario import Cast, Ready, Scenario
from mockserver.wire.message import RequestBody, RequestHeader, RequestMessage, SearchInfo, SearchRequest
from mockserver.wire.qualification import digits_of_day

EXAMPLE_CLINIC = institution_code(13, 1, 123456)


class PersonView(Struct, frozen=True):
    """A ready person: name, what is special, the digits of the rule, and the exact request to send."""

    name: str
    variant: str
    code: str
    request: SearchRequest


class PatternView(Struct, frozen=True):
    """A pattern of the catalogue. `parameters` is a JSON Schema of its fields, with defaults."""

    id: str
    kind: str
    title_ja: str
    title_en: str
    survey_row: str | None
    truth: str
    answer: str
    advice: str
    contact: str
    description: str
    parameters: dict[str, Any]
    people: list[PersonView]


class CatalogueView(Struct, frozen=True):
    """All patterns, in reading order."""

    patterns: list[PatternView]


class RuleRow(Struct, frozen=True):
    """A row of the rule's table: the last two digits of the 被保険者番号, and what they choose."""

    code: str
    pattern: str
    title_ja: str
    variant: str


def catalogue(start: date, today: date, clinic_code: str, repertoire: Repertoire) -> CatalogueView:
    """Every pattern, its ready people asked for on `today` in stories that begin on `start`."""
    return CatalogueView([view(pattern, start, today, clinic_code, repertoire) for pattern in PATTERNS])


def view(pattern: type[Scenario], start: date, today: date, clinic_code: str, repertoire: Repertoire) -> PatternView:
    """One pattern."""
    about = pattern.about
    return PatternView(
        id=pattern.pattern_id(),
        kind=about.kind.value,
        title_ja=about.title_ja,
        title_en=about.title_en,
        survey_row=about.survey_row,
        truth=about.truth,
        answer=about.answer,
        advice=about.advice,
        contact=about.contact,
        description=cleandoc(pattern.__doc__ or ""),
        parameters=parameters(pattern),
        people=[_person(ready, start, today, clinic_code, repertoire) for ready in pattern.people],
    )


def parameters(pattern: type[Scenario]) -> dict[str, Any]:
    """The parameters of a pattern by name, as JSON Schema."""
    schema = msgspec.json.schema(pattern)
    properties = schema["$defs"][pattern.__name__]["properties"]
    resolved = {name: _inlined(entry, schema["$defs"]) for name, entry in properties.items()}
    return {name: entry for name, entry in resolved.items() if name != "pattern"}


def _inlined(entry: Any, definitions: dict[str, Any]) -> Any:
    """A schema with its references replaced by what they refer to."""
    if isinstance(entry, list):
        return [_inlined(item, definitions) for item in entry]
    if not isinstance(entry, dict):
        return entry
    reference = entry.get("$ref")
    named = definitions[reference.rsplit("/", 1)[1]] if reference else {}
    members = {**named, **{name: part for name, part in entry.items() if name != "$ref"}}
    return {name: _inlined(part, definitions) for name, part in members.items() if name != "discriminator"}


def rule_table() -> list[RuleRow]:
    """The table of digits, in the order of the digits."""
    rows = [
        RuleRow(ready.code, pattern.pattern_id(), pattern.about.title_ja, ready.variant)
        for pattern in PATTERNS
        for ready in pattern.people
        if not ready.is_worker
    ]
    return sorted(rows, key=lambda row: row.code)


def rule_insurer_numbers() -> dict[str, str]:
    """The insurer numbers of the rule, by kind of insurer."""
    return {kind.value: insurer.number for kind, insurer in RULE_INSURERS.items()}


def request_for(card: Card, birthdate: date, day: date, clinic_code: str, branch: str | None = None) -> SearchRequest:
    """The request that asks for a card: insurer number padded with zeros, 限度額 consented."""
    symbol = {} if card.symbol is None else {"InsuredCardSymbol": card.symbol}
    branches = {} if branch is None else {"InsuredBranchNumber": branch}
    search = SearchInfo(
        InsurerNumber=card.insurer.number.zfill(8),
        InsuredIdentificationNumber=card.number,
        Birthdate=digits_of_day(birthdate),
        LimitApplicationCertificateRelatedConsFlg="1",
        **symbol,
        **branches,
    )
    header = RequestHeader(QualificationConfirmationDate=digits_of_day(day), MedicalInstitutionCode=clinic_code)
    body = RequestBody(QualificationConfirmSearchInfo=search)
    return SearchRequest(XmlMsg=RequestMessage(MessageHeader=header, MessageBody=body))


def ready_request(ready: Ready, cast: Cast, today: date, clinic_code: str) -> SearchRequest:
    """The request that asks for a ready person."""
    if ready.is_worker:
        return request_for(cast.card, cast.worker.birthdate, today, clinic_code, "01")
    card = cast.next_card if ready.is_next else cast.card
    branch = None if card.branch is None else ready.branch
    return request_for(card, cast.person.birthdate, today, clinic_code, branch)


def _person(ready: Ready, start: date, today: date, clinic_code: str, repertoire: Repertoire) -> PersonView:
    cast = cast_ready(ready, start, repertoire)
    real = next((r.person for r in ready.plays.story(cast).reality if r.holder == "patient"), cast.person)
    name = cast.worker.name if ready.is_worker else real.name
    return PersonView(name, ready.variant, ready.code, ready_request(ready, cast, today, clinic_code))

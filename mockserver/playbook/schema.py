"""The JSON Schema of a scenario file, for editors: names of patterns and faults, and the parameters of each."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from mockserver.faults import FAULT_BY_ID
from mockserver.playbook.entries import ScenarioFile
from mockserver.scenarios.casting import BY_ID

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REF = "#/$defs/{name}"


def json_schema() -> dict[str, Any]:
    """The schema: of the structs the files are read with, and of the parameters that go with each name."""
    kinds: list[type[Struct]] = [ScenarioFile, *BY_ID.values(), *FAULT_BY_ID.values()]
    references, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    for entry, member, catalogue, has_own_names in (
        ("PatternEntry", "pattern", BY_ID, False),
        ("NewAssignment", "pattern", BY_ID, True),
        ("NewFault", "fault", FAULT_BY_ID, False),
        ("NewStep", "fault", FAULT_BY_ID, False),
    ):
        _tell_parameters(components[entry], member, catalogue, has_own_names)
    for kind, reference in list(zip(kinds, references, strict=True))[1:]:
        of_kind = components[reference["$ref"].rpartition("/")[2]]
        config = kind.__struct_config__
        components[_parameters_of(str(config.tag_field), str(config.tag))] = _parameters(of_kind, kind)
    return {
        "$schema": _DIALECT,
        **components.pop("ScenarioFile"),
        "title": "OQS mock: scenario file",
        "$defs": components,
    }


def _tell_parameters(entry: dict[str, Any], member: str, catalogue: Iterable[str], has_own_names: bool) -> None:
    """Say which names there are, and that the parameters are those of the name."""
    names = {"enum": list(catalogue)}
    known = {"anyOf": [names, {"type": "string"}]} if has_own_names else names
    if member in entry.get("required", ()):
        entry["properties"][member] = known
    else:
        entry["properties"][member] = {"anyOf": [names, {"type": "null"}], "default": None}
    entry["allOf"] = [
        {
            "if": {"properties": {member: {"const": name}}, "required": [member]},
            "then": {"properties": {"parameters": {"$ref": _REF.format(name=_parameters_of(member, name))}}},
        }
        for name in catalogue
    ]


def _parameters(schema: dict[str, Any], kind: type[Struct]) -> dict[str, Any]:
    """The schema of a pattern or fault without the member that says which it is: the name beside it does."""
    tag = kind.__struct_config__.tag_field
    required = [name for name in schema.get("required", ()) if name != tag]
    properties: Mapping[str, Any] = schema["properties"]
    return {
        **schema,
        "properties": {name: value for name, value in properties.items() if name != tag},
        "required": required,
    }


def _parameters_of(member: str, name: str) -> str:
    """What the parameters are called: a pattern and a fault may have the same id."""
    return f"{member}-{name}-parameters"

"""The JSON Schema that editors get: takes what the files may hold, and refuses what they may not."""

import tomllib
from datetime import date, datetime
from typing import Any

import jsonschema
import pytest
import yaml

from mockserver.faults import FAULT_BY_ID
from mockserver.playbook.schema import json_schema
from mockserver.scenarios.casting import BY_ID
from tests.playbook.support import AS_TOML, EXAMPLES, HANAKO

SCHEMA = json_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


class AsEditorsDo(yaml.SafeLoader):
    """YAML with dates as text, as JSON Schema sees them."""


AsEditorsDo.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def values(text: str, form: str) -> Any:
    """The values of a file as an editor's schema check sees them."""
    if form == "yaml":
        return yaml.load(text, AsEditorsDo)
    return as_text(tomllib.loads(text))


def as_text(value: Any) -> Any:
    """TOML values with dates and moments as text."""
    if isinstance(value, dict):
        return {name: as_text(held) for name, held in value.items()}
    if isinstance(value, list):
        return list(map(as_text, value))
    return value.isoformat() if isinstance(value, date | datetime) else value


def test_the_schema_is_one_of_its_dialect():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["title"] == "OQS mock: scenario file"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/*")), ids=lambda path: path.name)
def test_the_examples_fit_the_schema(path):
    VALIDATOR.validate(values(path.read_text(encoding="utf-8"), path.suffix[1:]))


@pytest.mark.parametrize(("text", "form"), [(HANAKO, "yaml"), (AS_TOML, "toml"), ("{}", "yaml")])
def test_a_good_file_fits_the_schema(text, form):
    VALIDATOR.validate(values(text, form))


@pytest.mark.parametrize(
    "text",
    [
        HANAKO.replace("people:", "peple:"),
        HANAKO.replace("female", "femal"),
        HANAKO.replace("    sex: female\n", ""),
        HANAKO.replace("sex: female", "sexx: female"),
        HANAKO.replace("id: hanako", 'id: "123"'),
        HANAKO.replace("id: hanako", "id: with space"),
        HANAKO.replace("1988-04-12", "1988-13-41"),
        HANAKO.replace("kind: society", "kind: kokuho"),
        HANAKO.replace('"06139992"', '"0613999"'),
        "assignments: [{person: a}]",
        "assignments: [{person: a, pattern: lost, parameters: {old_insurer_days: 3}}]",
        "assignments: [{person: a, pattern: job-change-gap, parameters: {old_insurer_days: many}}]",
        "patterns: [{id: a, pattern: lots}]",
        "patterns: [{id: a, pattern: lost, parameters: {days: 1}}]",
        "faults: [{fault: outag}]",
        "faults: [{fault: outage, share_percent: 101}]",
        "faults: [{fault: outage, parameters: {median_ms: 3}}]",
        "faults: [{fault: outage, path: everywhere}]",
        "timelines: [{steps: []}]",
        "timelines: [{steps: [{fault: outage}]}]",
        "timelines: [{steps: [{at: '09:00', fault: outage, parameters: {median_ms: 3}}]}]",
        "clinics: [{code: '131999999'}]",
        "clinics: [{code: '1319999996', faults: [{fault: outag}]}]",
        "clinics: [{code: '1319999996', clock: {now: 5}}]",
    ],
)
def test_a_bad_file_does_not_fit_the_schema(text):
    assert list(VALIDATOR.iter_errors(values(text, "yaml")))


@pytest.mark.parametrize("name", BY_ID)
def test_every_pattern_may_be_given(name):
    VALIDATOR.validate({"assignments": [{"person": "a", "pattern": name}], "patterns": []})


@pytest.mark.parametrize("name", FAULT_BY_ID)
def test_every_fault_may_happen(name):
    VALIDATOR.validate({"faults": [{"fault": name}], "timelines": [{"steps": [{"at": "09:00", "fault": name}]}]})


def test_an_editor_is_told_the_names_of_patterns_and_faults():
    told = SCHEMA["$defs"]["NewAssignment"]["properties"]["pattern"]["anyOf"][0]["enum"]
    assert told == list(BY_ID)
    assert SCHEMA["$defs"]["NewFault"]["properties"]["fault"]["enum"] == list(FAULT_BY_ID)

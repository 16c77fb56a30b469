"""The OpenAPI document, generated from the written-out operations and their structs."""

import re
from typing import Any

import msgspec

from mockserver import __version__
from mockserver.serving.operations import ADMIN, BACKEND, EVERY, Failure, Operation

_PATH_MEMBER = re.compile(r"{(\w+)}")


def document() -> dict[str, Any]:
    """OpenAPI 3.1 for the real paths and the admin paths."""
    types = [t for o in EVERY for t in (o.request, o.response) if t is not None]
    schemas, components = msgspec.json.schema_components([*types, Failure], ref_template="#/components/schemas/{name}")
    by_type = dict(zip(map(repr, [*types, Failure]), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for operation in EVERY:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, by_type)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mock of オンライン資格確認等システム",
            "version": __version__,
            "description": "The real paths of the Web API, and the admin paths that steer the mock.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "idToken": {"type": "apiKey", "in": "header", "name": "Authorization"},
                "admin": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _operation(operation: Operation, by_type: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": _id_of(operation),
        "summary": operation.summary,
        "security": _security(operation),
        "responses": {str(operation.status): _content("success", operation.response, by_type)},
    }
    if operation in ADMIN:
        described["responses"]["4XX"] = _content("why not", Failure, by_type)
    elif operation in BACKEND:
        described["responses"]["4XX"] = _content("a refusal, in the envelope", operation.response, by_type)
    if operation.request is not None:
        described["requestBody"] = {"required": True, **_content(None, operation.request, by_type)}
    parameters = _parameters(operation)
    return {**described, "parameters": parameters} if parameters else described


def _id_of(operation: Operation) -> str:
    """The name of the handler; where one handler serves a clinic and all clinics, the latter is told apart."""
    is_shared = sum(other.name == operation.name for other in EVERY) > 1
    return f"{operation.name}_for_all" if is_shared and "{code}" not in operation.path else operation.name


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    if operation in ADMIN:
        return [{}, {"admin": []}]
    return [{"idToken": []}] if operation.name == "search" else []


def _content(description: str | None, struct: Any, by_type: dict[str, Any]) -> dict[str, Any]:
    told = {} if description is None else {"description": description}
    if struct is None:
        return told
    if struct is bytes:
        return {**told, "content": {"application/octet-stream": {}}}
    if struct is str:
        return {**told, "content": {"text/plain": {}}}
    return {**told, "content": {"application/json": {"schema": by_type[repr(struct)]}}}


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PATH_MEMBER.findall(operation.path)
    ]
    in_query = [
        {
            "name": query.name,
            "in": "query",
            "required": query.required,
            "description": query.description,
            "schema": {"type": "string"},
        }
        for query in operation.query
    ]
    return in_path + in_query

"""The OpenAPI 3.1 document of the service, made from the definitions of orders and questions."""

from __future__ import annotations

from typing import Any, Final

from pydantic import TypeAdapter

from perilune import __version__
from perilune.commerce.registry import VERBS, VIEWS
from perilune.commerce.verbs import Verb, View

_REF: Final = "#/components/schemas/{model}"
_SHARED: Final = "#/components/responses/refused-{code}"
_PROBLEMS: Final = {
    "400": "The request cannot be read.",
    "401": "No valid key was presented.",
    "403": "The key does not allow this.",
    "404": "Something named does not exist, or is not yours.",
    "409": "A rule of the books forbids it; nothing was recorded.",
    "413": "The body is too large.",
    "422": "What was asked has a fault; nothing was recorded.",
    "429": "Too many requests; try again after the time told.",
    "503": "The store does not answer; nothing was recorded.",
}
_REFUSED: Final = {
    "type": "object",
    "title": "Refused",
    "description": "Why nothing was done: a short name of the rule, and a sentence with the cure.",
    "required": ["rule", "message"],
    "properties": {"rule": {"type": "string"}, "message": {"type": "string"}},
    "additionalProperties": False,
}
_ANSWER: Final = {
    "type": "object",
    "title": "Answer",
    "description": "What came of an order, and the places of its events in the chain.",
    "required": ["answer", "first_seq", "last_seq", "repeated"],
    "properties": {
        "answer": {"type": "object"},
        "first_seq": {"type": "integer", "minimum": 0},
        "last_seq": {"type": "integer", "minimum": 0},
        "repeated": {"type": "boolean"},
    },
    "additionalProperties": False,
}


def document() -> dict[str, Any]:
    """Return the whole document."""
    schemas: dict[str, Any] = {"Refused": _REFUSED, "Answer": _ANSWER}
    paths: dict[str, Any] = {"/v1/health": {"get": _health()}}
    for verb in VERBS.values():
        paths.setdefault(f"/v1/{verb.area}/{verb.name}", {})["post"] = _order(verb, schemas)
    for view in VIEWS.values():
        paths.setdefault(f"/v1/{view.area}/{view.name}", {})["get"] = _question(view, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "perilune",
            "version": __version__,
            "summary": "The books of lunar transport missions.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": _refusals(),
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "bearerFormat": "TENANT:KEY:SECRET"}
            },
        },
        "security": [{"key": []}],
    }


def _health() -> dict[str, Any]:
    held = {"type": "object", "required": ["version"], "properties": {"version": {"type": "string"}}}
    return {
        "summary": "Say that the service is up.",
        "operationId": "health",
        "security": [],
        "responses": {"200": _holding("It is.", held)},
    }


def _holding(told: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": told, "content": {"application/json": {"schema": schema}}}


def _responses(done: str, told: str, schema: dict[str, Any], *, body: bool) -> dict[str, Any]:
    left = [code for code in _PROBLEMS if body or code != "413"]
    return {done: _holding(told, schema)} | {code: {"$ref": _SHARED.format(code=code)} for code in left}


def _refusals() -> dict[str, Any]:
    """Return every refusal once; the routes refer to them, or the document would be twice as long."""
    refused = {"$ref": _REF.format(model="Refused")}
    return {f"refused-{code}": _holding(text, refused) for code, text in _PROBLEMS.items()}


def _order(verb: Verb[Any], schemas: dict[str, Any]) -> dict[str, Any]:
    name = f"{verb.area}-{verb.name}"
    schemas[name] = _gathered(verb.asked.model_json_schema(ref_template=_inner(name)), name, schemas)
    return {
        "summary": verb.summary,
        "operationId": name,
        "tags": [verb.area],
        "x-scope": verb.scope,
        "parameters": [
            _header("Idempotency-Key", "Makes the order safe to send again.", 128),
            _header("X-Reason", "Why; kept with the event.", 400),
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": _REF.format(model=name)}}},
        },
        "responses": _responses("201", "It is recorded.", {"$ref": _REF.format(model="Answer")}, body=True),
    }


def _header(name: str, told: str, longest: int) -> dict[str, Any]:
    schema = {"type": "string", "maxLength": longest, "pattern": "^[ -~]*$"}
    return {"name": name, "in": "header", "required": False, "description": told, "schema": schema}


def _question(view: View[Any, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    name = f"{view.area}-{view.name}"
    asked = _gathered(view.asked.model_json_schema(ref_template=_inner(name)), name, schemas)
    row = f"{name}-row"
    rows = TypeAdapter(view.row).json_schema(ref_template=_inner(row), mode="serialization")
    schemas[row] = _gathered(rows, row, schemas)
    return {
        "summary": view.summary,
        "operationId": f"{name}-rows",
        "tags": [view.area],
        "x-scope": view.scope,
        "parameters": [*_filters(asked), *_paging()],
        "responses": _responses("200", "The rows.", _page(row), body=False),
    }


def _filters(asked: dict[str, Any]) -> list[dict[str, Any]]:
    needed = asked.get("required", [])
    return [
        {
            "name": field,
            "in": "query",
            "required": field in needed,
            "description": schema.get("description", ""),
            "schema": _without_null(schema),
        }
        for field, schema in asked.get("properties", {}).items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a filter: left out, it is null; written, it is never."""
    choices = [choice for choice in schema.get("anyOf", []) if choice.get("type") != "null"]
    return (
        choices[0] if len(choices) == 1 else {key: held for key, held in schema.items() if key != "default"}
    )


def _paging() -> list[dict[str, Any]]:
    return [
        {
            "name": "limit",
            "in": "query",
            "required": False,
            "description": "The most rows to send.",
            "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
        },
        {
            "name": "start",
            "in": "query",
            "required": False,
            "description": "The first row to send: `next` of the page before.",
            "schema": {"type": "integer", "minimum": 0, "maximum": 2**53, "default": 0},
        },
    ]


def _page(row: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["rows", "seq", "total", "next"],
        "properties": {
            "rows": {"type": "array", "items": {"$ref": _REF.format(model=row)}},
            "seq": {"type": "integer", "minimum": 0},
            "total": {"type": "integer", "minimum": 0},
            "next": {"type": ["integer", "null"]},
        },
        "additionalProperties": False,
    }


def _inner(name: str) -> str:
    """Return how a schema refers to its inner definitions: two areas may call different things alike."""
    return f"#/components/schemas/{name}.{{model}}"


def _gathered(schema: dict[str, Any], name: str, schemas: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with its inner definitions moved among the others."""
    for inner, held in schema.pop("$defs", {}).items():
        schemas[f"{name}.{inner}"] = held
    return schema

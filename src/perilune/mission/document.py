"""From frozen dataclasses to JSON and to its schema, by one rule read from the fields themselves.

A field `…_epoch` becomes `…_utc` (ISO 8601), `…_rad` becomes `…_deg`; a field marked `HIDDEN` stays out.
Not a number has no place in JSON: where a field may be absent it becomes null, elsewhere it is our bug.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from perilune.epoch import Epoch

HIDDEN: Final[Mapping[str, bool]] = types.MappingProxyType({"hidden": True})


def key_of(field: str) -> str:
    """Return the key a field has in the document.

    >>> key_of("start_epoch"), key_of("epoch"), key_of("tilt_rad"), key_of("dv_m_s")
    ('start_utc', 'utc', 'tilt_deg', 'dv_m_s')
    """
    if field == "epoch" or field.endswith("_epoch"):
        return field.removesuffix("epoch") + "utc"
    return field.removesuffix("_rad") + "_deg" if field.endswith("_rad") else field


def to_document(value: object) -> Any:
    """Return a dataclass, and all that hangs on it, as JSON-ready dicts, lists, texts and numbers."""
    if isinstance(value, Epoch):
        return value.utc_iso(3)
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value):
        return {key_of(f.name): _member(value, f.name) for f in _shown(type(value))}
    if isinstance(value, Mapping):
        return {str(key): to_document(entry) for key, entry in value.items()}
    if isinstance(value, tuple | list):
        return [to_document(entry) for entry in value]
    if isinstance(value, float | int) and not isinstance(value, bool):
        return value if isinstance(value, int) else float(value)
    return value


def _shown(kind: Any) -> list[dataclasses.Field[Any]]:
    return [f for f in dataclasses.fields(kind) if not f.metadata.get("hidden")]


def _member(owner: object, name: str) -> Any:
    value = getattr(owner, name)
    if isinstance(value, float):
        if not math.isfinite(value):
            if _may_be_absent(typing.get_type_hints(type(owner))[name]):
                return None
            raise ArithmeticError(f"{type(owner).__name__}.{name} is {value}")
        return math.degrees(value) if name.endswith("_rad") else float(value)
    return to_document(value)


def _may_be_absent(hint: Any) -> bool:
    return type(None) in typing.get_args(hint)


def schema_of(kind: type, title: str, identifier: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of what `to_document` makes of a dataclass."""
    definitions: dict[str, Any] = {}
    root = _table_schema(kind, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": identifier,
        "title": title,
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def _table_schema(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    fields = _shown(kind)
    properties = {key_of(field.name): _type_schema(hints[field.name], definitions) for field in fields}
    return {
        "type": "object",
        "description": (kind.__doc__ or "").strip().splitlines()[0],
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_SIMPLE: Final[Mapping[Any, dict[str, Any]]] = {
    float: {"type": "number"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    str: {"type": "string"},
    Epoch: {"type": "string", "format": "date-time"},
}


def _type_schema(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if hint in _SIMPLE:
        return dict(_SIMPLE[hint])
    arguments = [argument for argument in typing.get_args(hint) if argument is not type(None)]
    if _may_be_absent(hint):
        inner = _type_schema(arguments[0], definitions)
        return (
            {"type": [inner.pop("type"), "null"], **inner}
            if "type" in inner
            else {"anyOf": [inner, {"type": "null"}]}
        )
    origin = typing.get_origin(hint)
    if origin is tuple and arguments[-1] is Ellipsis:
        return {"type": "array", "items": _type_schema(arguments[0], definitions)}
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": _type_schema(arguments[1], definitions)}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"type": "string", "enum": [member.value for member in hint]}
    if hint.__name__ not in definitions:
        definitions[hint.__name__] = {}
        definitions[hint.__name__] = _table_schema(hint, definitions)
    return {"$ref": f"#/$defs/{hint.__name__}"}

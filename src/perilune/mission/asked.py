"""What people write for the books, with units (`mass = "6 kg"`), as the fields that hold SI (`mass_kg`).

The unit stands in the field's name; a file or an option leaves it out there and writes it with the value.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from perilune.errors import InputError
from perilune.units import quantity

#: Ends of field names, longest first, and the dimension each is written in.
DIMENSIONS: Final = {
    "_kg_m2": "inertia",
    "_bit_s": "data rate",
    "_m_s": "speed",
    "_m3": "volume",
    "_m2": "area",
    "_rad": "angle",
    "_kg": "mass",
    "_hz": "frequency",
    "_k": "temperature",
    "_w": "power",
    "_j": "energy",
    "_n": "force",
    "_m": "length",
    "_s": "time",
}


def written_name(field: str) -> tuple[str, str]:
    """Return the name a field has where people write, and its dimension ("" where it has none).

    >>> written_name("mass_kg"), written_name("name")
    (('mass', 'mass'), ('name', ''))
    """
    for end, dimension in DIMENSIONS.items():
        if field.endswith(end):
            return field.removesuffix(end), dimension
    return field, ""


def in_si(model: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what people wrote as the fields of a model, quantities in SI; other keys pass as they are.

    Raises `InputError` (`UnitError`) for a bare number where a quantity is asked for.
    """
    written = {written_name(field)[0]: field for field in model.model_fields if written_name(field)[1]}
    found: dict[str, Any] = {}
    for key, value in given.items():
        if key in model.model_fields:
            _refuse_bare(key, value)
            found[key] = _nested(model.model_fields[key].annotation, value)
        elif key in written:
            found[written[key]] = _read(value, written_name(written[key])[1])
        else:
            found[key] = value
    return found


def _refuse_bare(key: str, value: Any) -> None:
    name, dimension = written_name(key)
    if dimension:
        raise InputError(f'{key} = {value!r}: write it as {name} = "…" with its unit.')


def _read(value: Any, dimension: str) -> Any:
    if isinstance(value, list):
        return [quantity(entry, dimension) for entry in value]
    if isinstance(value, dict):
        return {key: quantity(entry, dimension) for key, entry in value.items()}
    return quantity(value, dimension)


def _nested(annotation: Any, value: Any) -> Any:
    model, named = _model_in(annotation)
    if model is None:
        return value
    if named and isinstance(value, Mapping):
        return {
            key: in_si(model, entry) if isinstance(entry, Mapping) else entry for key, entry in value.items()
        }
    if isinstance(value, Mapping):
        return in_si(model, value)
    if isinstance(value, list):
        return [in_si(model, entry) if isinstance(entry, Mapping) else entry for entry in value]
    return value


def _model_in(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """Return the model that a field, a list or an optional one holds, and whether it holds them by name."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    origin = typing.get_origin(annotation)
    if origin is None:
        return None, False
    for argument in typing.get_args(annotation):
        model, named = _model_in(argument)
        if model is not None:
            return model, named or origin is dict
    return None, False

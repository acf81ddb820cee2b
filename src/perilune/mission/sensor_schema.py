"""The tables of a mission file that say what is measured and what breaks: [[sensor]] and [[fault]].

The keys of a sensor are the fields of its dataclass, without the unit that ends their names.
"""

from __future__ import annotations

import dataclasses
import difflib
import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BeforeValidator

from perilune.errors import InputError
from perilune.landing.faults.reading import read_fault
from perilune.landing.faults.rows import Fault
from perilune.landing.sensing import suite
from perilune.units import quantity

#: Sensors by the kind that a file names; the two inertial units differ by their class.
KINDS: Final[Mapping[str, suite.Sensor]] = types.MappingProxyType(
    {
        "laser": suite.Laser(),
        "radar": suite.Radar(),
        "velocimeter": suite.Velocimeter(),
        "star-tracker": suite.StarTracker(),
        "terrain-camera": suite.TerrainCamera(),
        "hazard-camera": suite.HazardCamera(),
        "imu": suite.tactical_imu(),
        "tactical-imu": suite.tactical_imu(),
        "navigation-imu": suite.navigation_imu(),
    }
)
#: What ends a field's name, the longest first: the dimension it is written in.
_DIMENSIONS: Final = (
    ("_m_s2", "acceleration"),
    ("_rad_s", "angular rate"),
    ("_m_s", "speed"),
    ("_rad", "angle"),
    ("_m", "length"),
    ("_s", "time"),
)


def dimension_of(field: str) -> tuple[str, str]:
    """Return the key of a field in the file, and what it measures.

    >>> dimension_of("greatest_range_m"), dimension_of("albedo")
    (('greatest_range', 'length'), ('albedo', 'dimensionless'))
    """
    for ending, dimension in _DIMENSIONS:
        if field.endswith(ending):
            return field.removesuffix(ending), dimension
    return field, "dimensionless"


def keys_of_kind(kind: str) -> dict[str, tuple[str, str]]:
    """Return what a kind of sensor can be given: field and dimension by key, without its name."""
    fields = [field.name for field in dataclasses.fields(KINDS[kind]) if field.name != "name"]
    plain = [dimension_of(field)[0] for field in fields]
    keys = {}
    for field in fields:
        key, dimension = dimension_of(field)
        if plain.count(key) > 1:  # greatest of what? The dimension tells.
            key = f"{key}_{dimension.replace(' ', '_')}"
        keys[key] = (field, dimension)
    return keys


def _sensor(written: object) -> suite.Sensor:
    if isinstance(written, typing.get_args(suite.Sensor)):
        return typing.cast(suite.Sensor, written)
    if not isinstance(written, Mapping):
        raise ValueError(f"expected a table with a kind, given {written!r}.")
    kind = str(written.get("kind"))
    if kind not in KINDS:
        near = difflib.get_close_matches(kind, KINDS, n=1)
        cure = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(KINDS)}."
        raise ValueError(f"no kind of sensor {kind!r}. {cure}")
    faults: list[str] = []
    known = keys_of_kind(kind)
    own: dict[str, Any] = {}
    for key, value in written.items():
        if key == "kind":
            continue
        try:
            own |= _figure(key, value, known, KINDS[kind])
        except (InputError, ValueError) as fault:
            faults.append(f"{key}: {fault}")
    if faults:
        raise ValueError(" ".join(faults))
    return dataclasses.replace(KINDS[kind], **own)


def _figure(
    key: str, value: object, known: Mapping[str, tuple[str, str]], default: suite.Sensor
) -> dict[str, Any]:
    if key == "name":
        if not isinstance(value, str) or not value:
            raise ValueError(f"expected text, given {value!r}.")
        return {"name": value}
    if key not in known:
        near = difflib.get_close_matches(key, known, n=1)
        cure = f"Did you mean {near[0]!r}?" if near else f"Possible are: {', '.join(known)}."
        raise ValueError(f"is no figure of this kind. {cure}")
    field, dimension = known[key]
    return {field: _value(value, dimension, getattr(default, field))}


def _value(value: object, dimension: str, default: object) -> object:
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise ValueError(f"expected true or false, given {value!r}.")
        return value
    if isinstance(default, int):
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ValueError(f"expected a whole number above 0, given {value!r}.")
        return value
    if isinstance(default, tuple):
        if not isinstance(value, list) or len(value) != len(default):
            raise ValueError(f"expected a list of {len(default)}, given {value!r}.")
        return tuple(quantity(part, dimension) for part in value)
    return quantity(value, dimension)


#: A sensor as a file writes it, read into its dataclass.
SensorEntry = Annotated[Any, BeforeValidator(_sensor)]


def _fault(written: object) -> Fault:
    if isinstance(written, Fault):
        return written
    if not isinstance(written, Mapping):
        raise ValueError(f"expected a table with unit and kind, given {written!r}.")
    try:
        return read_fault(written)
    except InputError as fault:
        raise ValueError(str(fault)) from None


#: A fault as a file writes it, read into its dataclass.
FaultEntry = Annotated[Any, BeforeValidator(_fault)]


def checked(sensors: tuple[suite.Sensor, ...]) -> tuple[suite.Sensor, ...]:
    """Return sensors that can be put into a table together; names must differ, figures make sense."""
    try:
        suite.sensor_table(sensors)
    except InputError as fault:
        raise ValueError(str(fault)) from None
    return sensors

"""The tables of a mission file that say how a lander knows where it is, and what differs from run to run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from perilune.errors import InputError, NameNotFoundError
from perilune.landing.loop.inputs import VEHICLE, Dispersion
from perilune.landing.sensing.suite import Sensor, error_inputs
from perilune.mission.quantities import NotNegativeLength, PositiveAngle, PositiveLength, PositiveSpeed, Ratio
from perilune.mission.table import Table, Text
from perilune.units import quantity

#: The dimension in which each unit of a dispersed input is written.
_DIMENSION_OF: Final = {
    "m": "length",
    "m/s": "speed",
    "m/s^2": "acceleration",
    "rad": "angle",
    "rad/s": "angular rate",
    "s": "time",
    "kg": "mass",
    "1": "dimensionless",
}


class NavigationWish(Table):
    """[navigation]: what the flight software does with its altimeters, and how well it knows its start.

    `policy` names what is done with altimeter readings. The sigmas are what the filter starts with; what the
    start is off by is dispersed by them, too. The map on board is the coarse one (`embedded`), or all that
    [terrain] says but the roughness; policies without a map take the ground to lie at the site's elevation.
    The map's height sigma is what the filter grants its ground from place to place. The map's true errors
    (tie and height on the whole) are `map_errors` times what [dispersion] says and the filter believes. At
    `probe_height` the speed of every run is told. `first_readings` are the altimeter's readings that make a
    first acquisition.
    """

    policy: Text = "reacquire"
    position_sigma_m: PositiveLength | None = Field(default=None, alias="position_sigma")
    velocity_sigma_m_s: PositiveSpeed | None = Field(default=None, alias="velocity_sigma")
    attitude_sigma_rad: PositiveAngle | None = Field(default=None, alias="attitude_sigma")
    map: Literal["embedded", "terrain"] = "embedded"
    map_height_sigma_m: NotNegativeLength | None = Field(default=None, alias="map_height_sigma")
    map_error_factor: Ratio = Field(default=1.0, alias="map_errors")
    probe_height_m: PositiveLength = Field(default=200.0, alias="probe_height")
    first_readings: Annotated[int, Field(strict=True, ge=5, le=20)] | None = None


def _flat(written: object) -> dict[str, Any]:
    """Return sizes by the whole name of an input: a table in it stands for a sensor's inputs."""
    if not isinstance(written, Mapping):
        raise ValueError("expected a table of inputs with their sizes.")
    return dict(_entries(written, ""))


def _entries(written: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in written.items():
        if isinstance(value, Mapping) and not set(value) <= {"mean", "size"}:
            yield from _entries(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


#: [dispersion] as written, by the whole names of its inputs.
DispersionSizes = Annotated[dict[str, Any], BeforeValidator(_flat)]


def all_inputs(sensors: Sequence[Sensor]) -> tuple[Dispersion, ...]:
    """Return every dispersed input of a landing: the vehicle's, and those of its sensors."""
    return (*VEHICLE, *error_inputs(sensors))


def dispersed(usual: Sequence[Dispersion], written: Mapping[str, Any]) -> tuple[Dispersion, ...]:
    """Return the inputs with the file's own sizes. Raises `ValueError` with all faults of them."""
    inputs = {one.name: one for one in usual}
    faults = []
    for name, value in written.items():
        try:
            if name not in inputs:
                raise NameNotFoundError("input", name, inputs)
            inputs[name] = _sized(inputs[name], value)
        except (InputError, ValueError) as fault:
            faults.append(f"{name}: {fault}")
    if faults:
        raise ValueError("\n".join(faults))
    return tuple(inputs.values())


def _sized(one: Dispersion, value: object) -> Dispersion:
    """Return an input with its size, a pair of bounds, or a table of mean and size, as written."""
    dimension = _DIMENSION_OF[one.unit]
    if isinstance(value, Mapping):
        parts = {key: quantity(part, dimension) for key, part in value.items()}
        return replace(one, mean=parts.get("mean", one.mean), size=parts.get("size", one.size))
    if isinstance(value, list | tuple):
        if one.kind != "uniform" or len(value) != 2:
            raise ValueError('its spread is normal. Write a sigma, or { mean = "…", size = "…" }.')
        low, high = (quantity(part, dimension) for part in value)
        if not low <= high:
            raise ValueError("the first of the two must not be above the second. Swap them.")
        return replace(one, mean=0.5 * (low + high), size=0.5 * (high - low))
    return replace(one, size=quantity(value, dimension))

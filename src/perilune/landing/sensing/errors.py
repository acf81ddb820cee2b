"""The constant errors of a run: which inputs of a campaign they are, and where they act."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

import numpy as np

from perilune.errors import InputError
from perilune.landing.loop.inputs import Dispersion
from perilune.landing.sensing import layout as at
from perilune.landing.sensing.instruments import (
    HazardCamera,
    Imu,
    Laser,
    Radar,
    Sensor,
    StarTracker,
    TerrainCamera,
    Velocimeter,
)
from perilune.maths.arrays import FloatArray


def error_inputs(sensors: Sequence[Sensor]) -> tuple[Dispersion, ...]:
    """Return the dispersed inputs behind `errors_from`, in its order.

    The tie of the map comes once, with the first terrain camera's size, and with no name but the map's.
    """
    out: list[Dispersion] = []
    for sensor, _, _, dispersion in _places(sensors):
        del sensor
        if dispersion.name not in {one.name for one in out}:
            out.append(dispersion)
    return tuple(out)


def errors_from(sensors: Sequence[Sensor], values: Sequence[float] | FloatArray) -> FloatArray:
    """Return a run's constant errors (n, `layout.ERROR_COLUMNS`) from the values of its `error_inputs`."""
    count, rows, columns, inputs = _laid_out(tuple(sensors))
    if len(values) != count:
        raise InputError(f"{len(values)} values for {count} inputs of the sensors.")
    out = np.zeros((len(sensors), at.ERROR_COLUMNS))
    out[rows, columns] = np.asarray(values, dtype=np.float64)[inputs]
    return out


@functools.lru_cache(maxsize=64)
def _laid_out(sensors: tuple[Sensor, ...]) -> tuple[int, list[int], list[int], list[int]]:
    """Return how many inputs there are, and of each error its row, column and input.

    Kept, for to find them out takes a fiftieth of a landing.
    """
    places = {one.name: place for place, one in enumerate(error_inputs(sensors))}
    found = [(row, column, places[one.name]) for _, row, column, one in _places(sensors)]
    return (
        len(places),
        [row for row, _, _ in found],
        [column for _, column, _ in found],
        [place for _, _, place in found],
    )


def map_tie(sensors: Sequence[Sensor], values: Sequence[float] | FloatArray) -> tuple[float, float]:
    """Return the map's tie error east and north (m) in a run; zero without a terrain camera."""
    named = dict(zip((one.name for one in error_inputs(sensors)), values, strict=True))
    return float(named.get(TIE_EAST, 0.0)), float(named.get(TIE_NORTH, 0.0))


TIE_EAST: Final = "map.tie_east"
TIE_NORTH: Final = "map.tie_north"


def _places(sensors: Sequence[Sensor]) -> Iterator[tuple[Sensor, int, int, Dispersion]]:
    """Yield (sensor, row, column of the errors, its dispersed input)."""
    for row, sensor in enumerate(sensors):
        for column, name, size, unit, what in _errors(sensor):
            whole = name if name.startswith("map.") else f"{sensor.name}.{name}"
            yield sensor, row, column, Dispersion(whole, "normal", size, unit, what)


_Error: TypeAlias = tuple[int, str, float, str, str]


def _errors(sensor: Sensor) -> Iterator[_Error]:
    match sensor:
        case Laser() | Radar():
            yield at.E_BIAS, "bias", sensor.bias_m, "m", "constant error of the range"
            yield at.E_SCALE, "scale", sensor.scale, "1", "relative error of the range"
            yield at.E_TURN_A, "boresight_a", sensor.boresight_rad, "rad", "boresight off its direction"
            yield (
                at.E_TURN_B,
                "boresight_b",
                sensor.boresight_rad,
                "rad",
                "the same, square to a",
            )
            yield at.E_TIME_TAG_S, "time_tag", sensor.time_tag_s, "s", "believed less true age"
            if isinstance(sensor, Laser):
                yield (
                    at.E_ENERGY,
                    "energy",
                    sensor.energy_share,
                    "1",
                    "returned over nominal, less one",
                )
        case Velocimeter():
            for k in range(sensor.beams):
                yield at.E_BEAMS + k, f"bias_{k + 1}", sensor.bias_m_s, "m/s", "constant error of a beam"
            yield at.E_RATE_SCALE, "scale", sensor.scale, "1", "relative error of the rates"
            yield from _axes(at.E_TURN, "misalignment", sensor.misalignment_rad, "rad")
            yield at.E_RATE_TIME_TAG_S, "time_tag", sensor.time_tag_s, "s", "believed less true age"
        case StarTracker():
            yield from _axes(0, "misalignment", sensor.misalignment_rad, "rad")
        case TerrainCamera():
            yield at.E_TIE_EAST, TIE_EAST, sensor.tie_m, "m", "map east of the ground"
            yield (
                at.E_TIE_NORTH,
                TIE_NORTH,
                sensor.tie_m,
                "m",
                "map north of the ground",
            )
            yield at.E_CAMERA_EAST_RAD, "boresight_east", sensor.boresight_rad, "rad", "off to the east"
            yield (
                at.E_CAMERA_NORTH_RAD,
                "boresight_north",
                sensor.boresight_rad,
                "rad",
                "off to the north",
            )
        case HazardCamera():
            return
        case Imu():
            first = at.E_ACCELEROMETER
            yield from _axes(first, "accelerometer_bias", sensor.accelerometer_bias_m_s2, "m/s^2")
            yield from _axes(first + 3, "accelerometer_scale", sensor.accelerometer_scale, "1")
            turn_rad = sensor.accelerometer_misalignment_rad
            yield from _axes(first + 6, "accelerometer_misalignment", turn_rad, "rad")
            yield from _axes(at.E_GYRO, "gyro_bias", sensor.gyro_bias_rad_s, "rad/s")
            yield from _axes(at.E_GYRO + 3, "gyro_scale", sensor.gyro_scale, "1")
            yield from _axes(at.E_GYRO + 6, "gyro_misalignment", sensor.gyro_misalignment_rad, "rad")


def _axes(column: int, name: str, size: float, unit: str) -> Iterator[_Error]:
    for k, axis in enumerate("xyz"):
        yield column + k, f"{name}_{axis}", size, unit, f"about or along body {axis}"

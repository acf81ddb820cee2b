"""Instruments as the rows that kernels read (`layout`)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from perilune.errors import InputError
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


def sensor_table(sensors: Sequence[Sensor]) -> FloatArray:
    """Return (n, `layout.SENSOR_COLUMNS`) figures; raises `InputError` on a figure no instrument can have.

    >>> sensor_table([Laser(), Imu()])[:, at.KIND].tolist()
    [0.0, 6.0]
    """
    names = [sensor.name for sensor in sensors]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"Two sensors have the name {name!r}. Give each its own: faults speak of names.")
    out = np.zeros((len(names), at.SENSOR_COLUMNS))
    for row, sensor in zip(out, sensors, strict=True):
        _ROWS[type(sensor)](sensor, row)
        if not np.isfinite(row).all():
            raise InputError(f"Sensor {sensor.name!r} has a figure that is no finite number.")
        if row[at.KIND] != at.IMU and row[at.PERIOD_S] <= 0.0:
            raise InputError(f"Sensor {sensor.name!r}: period_s must be positive.")
        if row[at.LATENCY_S] < 0.0:
            raise InputError(f"Sensor {sensor.name!r}: latency_s must be at least zero.")
    return out


def sensor_memory(sensors: Sequence[Sensor]) -> FloatArray:
    """Return fresh memory (n, `layout.MEMORY_COLUMNS`): nothing sampled yet, all due at once."""
    out = np.zeros((len(sensors), at.MEMORY_COLUMNS))
    out[:, at.NEXT_S] = -1e9
    return out


def stream_names(sensors: Sequence[Sensor]) -> list[str]:
    """Return the names of the sensors' random streams."""
    return [f"sensor:{sensor.name}" for sensor in sensors]


def _direction(cant_rad: float) -> tuple[float, float, float]:
    """Return the unit vector turned from -z towards +x."""
    return math.sin(cant_rad), 0.0, -math.cos(cant_rad)


def _put_common(sensor: Laser | Radar | Velocimeter, row: FloatArray) -> None:
    row[at.PERIOD_S], row[at.LATENCY_S] = sensor.period_s, sensor.latency_s
    row[at.MOUNT : at.MOUNT + 3] = sensor.mount_m
    row[at.BORE : at.BORE + 3] = _direction(sensor.cant_rad)
    row[at.MIN_M], row[at.MAX_M] = sensor.least_range_m, sensor.greatest_range_m
    row[at.SIGMA_SHARE] = sensor.sigma_share


def _laser_row(sensor: Laser, row: FloatArray) -> None:
    _put_common(sensor, row)
    row[at.KIND], row[at.SIGMA] = at.LASER, sensor.sigma_m
    row[at.ELECTRONS] = reference_electrons(sensor)
    row[at.NOISE_ELECTRONS], row[at.THRESHOLD] = sensor.noise_electrons, sensor.threshold
    row[at.ALBEDO], row[at.DIVERGENCE] = sensor.albedo, sensor.divergence_rad
    row[at.INTEGRATION_S], row[at.BIN_M] = sensor.integration_s, sensor.bin_m


def reference_electrons(sensor: Laser) -> float:
    """Return the signal electrons from 1 km and a white surface for which half the pulses come back from the
    reference range: N / sqrt(N + noise^2) = threshold there.
    """
    t2 = sensor.threshold**2
    at_reference = 0.5 * (t2 + math.sqrt(t2 * t2 + 4.0 * t2 * sensor.noise_electrons**2))
    return at_reference * (sensor.reference_range_m / 1000.0) ** 2 / sensor.albedo


def _radar_row(sensor: Radar, row: FloatArray) -> None:
    _put_common(sensor, row)
    row[at.KIND], row[at.SIGMA] = at.RADAR, sensor.sigma_m
    row[at.HALF_ANGLE] = sensor.half_angle_rad
    row[at.LEAST_COSINE] = math.cos(sensor.greatest_incidence_rad)


def _velocimeter_row(sensor: Velocimeter, row: FloatArray) -> None:
    if not 3 <= sensor.beams <= 4:
        raise InputError(f"Velocimeter {sensor.name!r} has {sensor.beams} beams. Give it 3 or 4.")
    _put_common(sensor, row)
    row[at.KIND], row[at.SIGMA] = at.VELOCIMETER, sensor.sigma_m_s
    row[at.LEAST_COSINE] = math.cos(sensor.greatest_incidence_rad)
    row[at.FASTEST_M_S], row[at.BEAMS] = sensor.fastest_m_s, sensor.beams
    row[at.STAYS_BIAS], row[at.STAYS_SCALE] = sensor.bias_m_s, sensor.scale
    row[at.STAYS_TURN] = sensor.misalignment_rad
    axis = np.array(_direction(sensor.cant_rad))
    side = np.array([math.cos(sensor.cant_rad), 0.0, math.sin(sensor.cant_rad)])
    other = np.cross(axis, side)
    for k in range(sensor.beams):
        angle = 2.0 * math.pi * (k + 0.5) / sensor.beams
        around = math.cos(angle) * side + math.sin(angle) * other
        beam = math.cos(sensor.cone_rad) * axis + math.sin(sensor.cone_rad) * around
        row[at.BEAM + 3 * k : at.BEAM + 3 * k + 3] = beam


def _star_tracker_row(sensor: StarTracker, row: FloatArray) -> None:
    row[at.KIND], row[at.PERIOD_S], row[at.LATENCY_S] = at.STAR_TRACKER, sensor.period_s, sensor.latency_s
    row[at.BORE : at.BORE + 3] = -math.cos(sensor.tilt_rad), 0.0, math.sin(sensor.tilt_rad)
    row[at.ACROSS_RAD], row[at.ABOUT_RAD] = sensor.across_rad, sensor.about_rad
    row[at.STAYS_TURN] = sensor.misalignment_rad
    row[at.FASTEST_RAD_S], row[at.SUN_RAD] = sensor.fastest_rad_s, sensor.sun_exclusion_rad
    row[at.LIMB_RAD], row[at.WHILE_BRAKING] = sensor.limb_exclusion_rad, float(sensor.while_braking)


def _terrain_camera_row(sensor: TerrainCamera, row: FloatArray) -> None:
    row[at.KIND], row[at.PERIOD_S], row[at.LATENCY_S] = at.TERRAIN_CAMERA, sensor.period_s, sensor.latency_s
    row[at.BORE : at.BORE + 3] = _direction(sensor.cant_rad)
    row[at.MIN_M], row[at.MAX_M] = sensor.least_height_m, sensor.greatest_height_m
    row[at.SIGMA], row[at.SIGMA_SHARE], row[at.UP_SHARE] = sensor.sigma_m, sensor.sigma_share, sensor.up_share
    row[at.MATCHES], row[at.LEAST_MATCHES] = sensor.matches, sensor.least_matches
    row[at.STAYS_TURN] = sensor.boresight_rad
    row[at.SUN_ELEVATION : at.SUN_ELEVATION + 4] = sensor.sun_elevation_rad
    row[at.OFF_NADIR_RAD], row[at.CAMERA_RAD_S] = sensor.off_nadir_rad, sensor.fastest_rad_s


def _hazard_camera_row(sensor: HazardCamera, row: FloatArray) -> None:
    row[at.KIND], row[at.PERIOD_S], row[at.LATENCY_S] = at.HAZARD_CAMERA, sensor.period_s, sensor.latency_s
    row[at.MIN_M], row[at.MAX_M] = sensor.least_height_m, sensor.greatest_height_m
    row[at.SLOPE_NOISE], row[at.SEARCH_M] = sensor.slope_sigma_rad, sensor.search_radius_m
    row[at.BASELINE_M], row[at.SLOPE_LIMIT] = sensor.baseline_m, sensor.slope_limit_rad
    row[at.PER_METRE], row[at.LEAST_SUN_RAD] = sensor.slope_per_metre_rad, sensor.least_sun_rad


def _imu_row(sensor: Imu, row: FloatArray) -> None:
    row[at.KIND] = at.IMU
    row[at.VELOCITY_WALK], row[at.ANGLE_WALK] = sensor.velocity_walk, sensor.angle_walk
    row[at.ACCELEROMETER_WALK], row[at.GYRO_WALK] = sensor.accelerometer_walk, sensor.gyro_walk
    row[at.VELOCITY_QUANTUM], row[at.ANGLE_QUANTUM] = sensor.velocity_quantum_m_s, sensor.angle_quantum_rad
    row[at.MOST_M_S2], row[at.MOST_RAD_S] = sensor.greatest_m_s2, sensor.greatest_rad_s


_ROWS: Final[dict[type, Callable[..., None]]] = {
    Laser: _laser_row,
    Radar: _radar_row,
    Velocimeter: _velocimeter_row,
    StarTracker: _star_tracker_row,
    TerrainCamera: _terrain_camera_row,
    HazardCamera: _hazard_camera_row,
    Imu: _imu_row,
}

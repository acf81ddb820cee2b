"""Sensors as figures, and the tables that the kernels read. SI throughout, body axes: +z is up when landed.

What `measure` writes into out (16,), where its status is 1 (valid) or 2 (delivered, not valid):

==============  ====================================================================================
laser, radar    0 slant range m, 1 sigma m as the data sheet has it, 2 believed age s, 3:6 boresight
                (body axes), 6 true range m (for the log alone), 7 half width of the beam rad (a radar
                tells the nearest point in it, a laser has 0), 8 signal-to-noise ratio (laser)
velocimeter     0:4 range rates m/s (positive when the range grows), 4 beams, 5 sigma m/s, 6 age s,
                7 bits of valid beams; their directions stand in the sensor's row at `layout.BEAM`
star tracker    0:4 quaternion body -> inertial, scalar first, 4 sigma rad across the boresight, 5 age s
terrain camera  0:3 position m (mean-Earth axes), 3 sigma m across, 4 sigma m upwards, 5 age s, 6 matches
hazard camera   0 east m, 1 north m of the safest place from the one asked for, 2 slope rad there,
                3 confidence, 4 age s
all             14 the sensor's row, 15 status
==============  ====================================================================================

Where no source is named, a figure is assumed: a plausible one of its class, to be replaced by the
instrument's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from perilune.errors import InputError
from perilune.landing.loop.inputs import Dispersion
from perilune.landing.sensing import layout as at
from perilune.maths.arrays import FloatArray

_DEG: Final = math.pi / 180.0
_ARCSEC: Final = _DEG / 3600.0
_G0_M_S2: Final = 9.80665  # m/s^2, standard gravity (CGPM 1901): accelerometers are sold in its millionths
_HOUR_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Laser:
    """Laser range finder whose returns follow a link budget.

    `reference_range_m` is the range at which half of the pulses come back from ground of `albedo` square to
    the beam, at rest; published comparators: sigma of 1 m + 0.1 % and 5-12 km by albedo and incidence are
    the class of landers' range finders; the lidar of MMX tells +-2 m at 100 m, +-22 m at 100 km, up to 4
    Hz.
    """

    name: str = "laser"
    period_s: float = 0.2
    latency_s: float = 0.05
    mount_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    cant_rad: float = 30.0 * _DEG  # from -z towards +x: between braking's tilt and the upright end
    least_range_m: float = 0.3
    greatest_range_m: float = 15e3
    sigma_m: float = 1.0
    sigma_share: float = 1e-3
    reference_range_m: float = 10e3
    albedo: float = 0.16  # -, about the mean of the Moon's normal albedo in the near infrared
    threshold: float = 6.0  # -, signal over noise; false alarms are then 1e-9 a sample
    noise_electrons: float = 40.0
    divergence_rad: float = 0.7e-3
    integration_s: float = 1e-3
    bin_m: float = 0.75  # m, 5 ns
    bias_m: float = 0.3
    scale: float = 1e-4
    boresight_rad: float = 1e-3
    time_tag_s: float = 2e-3
    energy_share: float = 0.15  # -, one sigma of albedo and laser power together


@dataclass(frozen=True, slots=True)
class Radar:
    """Beam-limited radar altimeter: tells the nearest ground within its beam."""

    name: str = "radar"
    period_s: float = 0.2
    latency_s: float = 0.1
    mount_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    cant_rad: float = 30.0 * _DEG
    least_range_m: float = 1.0
    greatest_range_m: float = 10e3
    sigma_m: float = 0.5
    sigma_share: float = 1e-2
    half_angle_rad: float = 30.0 * _DEG
    greatest_incidence_rad: float = 50.0 * _DEG
    bias_m: float = 0.5
    scale: float = 2e-3
    boresight_rad: float = 5e-3
    time_tag_s: float = 5e-3


@dataclass(frozen=True, slots=True)
class Velocimeter:
    """Doppler velocimeter of three or four beams on a cone about its boresight.

    The navigation Doppler lidar that flew to the Moon is told to measure a few cm/s from beyond 4 km; here
    a plainer one is assumed.
    """

    name: str = "velocimeter"
    period_s: float = 0.1
    latency_s: float = 0.05
    mount_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    cant_rad: float = 0.0
    beams: int = 4
    cone_rad: float = 22.5 * _DEG
    least_range_m: float = 1.0
    greatest_range_m: float = 4e3
    sigma_m_s: float = 0.05
    sigma_share: float = 1e-3
    fastest_m_s: float = 300.0
    greatest_incidence_rad: float = 65.0 * _DEG
    bias_m_s: float = 0.02
    scale: float = 5e-4
    misalignment_rad: float = 1e-3
    time_tag_s: float = 2e-3


@dataclass(frozen=True, slots=True)
class StarTracker:
    """Star tracker that looks away from the ground: along -x, tilted towards +z."""

    name: str = "star-tracker"
    period_s: float = 0.5
    latency_s: float = 0.2
    tilt_rad: float = 45.0 * _DEG  # from -x towards +z
    across_rad: float = 10.0 * _ARCSEC
    about_rad: float = 60.0 * _ARCSEC
    fastest_rad_s: float = 1.0 * _DEG
    sun_exclusion_rad: float = 35.0 * _DEG
    limb_exclusion_rad: float = 10.0 * _DEG
    while_braking: bool = True
    misalignment_rad: float = 20.0 * _ARCSEC


@dataclass(frozen=True, slots=True)
class TerrainCamera:
    """Navigation camera and its matcher against a map, as an error model.

    `sigma_m` and `sigma_share` (per metre of height) hold at the full number of `matches`; fewer ones tell
    less. The tie of the map to the ground (`tie_m`) is an error of the map and common to all cameras.
    """

    name: str = "terrain-camera"
    period_s: float = 2.0
    latency_s: float = 0.5
    cant_rad: float = 30.0 * _DEG
    least_height_m: float = 300.0
    greatest_height_m: float = 40e3
    sigma_m: float = 5.0
    sigma_share: float = 1.5e-3
    up_share: float = 2.0
    matches: float = 40.0
    least_matches: float = 8.0
    sun_elevation_rad: tuple[float, float, float, float] = (2.0 * _DEG, 8.0 * _DEG, 60.0 * _DEG, 85.0 * _DEG)
    off_nadir_rad: float = 75.0 * _DEG
    fastest_rad_s: float = 5.0 * _DEG
    tie_m: float = 20.0
    boresight_rad: float = 3e-4


@dataclass(frozen=True, slots=True)
class HazardCamera:
    """Hazard camera or flash lidar: advises the safest place about the one asked for."""

    name: str = "hazard-camera"
    period_s: float = 2.0
    latency_s: float = 0.5
    least_height_m: float = 20.0
    greatest_height_m: float = 150.0
    slope_sigma_rad: float = 1.5 * _DEG
    search_radius_m: float = 20.0
    baseline_m: float = 3.0
    slope_limit_rad: float = 10.0 * _DEG
    slope_per_metre_rad: float = 0.1 * _DEG
    least_sun_rad: float = -90.0 * _DEG  # a lidar needs no Sun


@dataclass(frozen=True, slots=True)
class Imu:
    """Inertial unit; one sigma of each constant error, walks per root second."""

    name: str = "imu"
    accelerometer_bias_m_s2: float = 100e-6 * _G0_M_S2
    accelerometer_scale: float = 300e-6
    accelerometer_misalignment_rad: float = 200e-6
    velocity_walk: float = 5e-4  # m/s/sqrt(s), 30 mm/s/sqrt(h)
    accelerometer_walk: float = 1e-6  # m/s^2/sqrt(s)
    gyro_bias_rad_s: float = 1.0 * _DEG / _HOUR_S
    gyro_scale: float = 100e-6
    gyro_misalignment_rad: float = 200e-6
    angle_walk: float = 0.07 * _DEG / math.sqrt(_HOUR_S)  # rad/sqrt(s)
    gyro_walk: float = 1e-8  # rad/s/sqrt(s)
    velocity_quantum_m_s: float = 1e-5
    angle_quantum_rad: float = 1e-7
    greatest_m_s2: float = 100.0
    greatest_rad_s: float = 1000.0 * _DEG


Sensor: TypeAlias = Laser | Radar | Velocimeter | StarTracker | TerrainCamera | HazardCamera | Imu


def tactical_imu(name: str = "imu") -> Imu:
    """Return an inertial unit of tactical class: 100 micro-g, 1 deg/h (class values)."""
    return Imu(name)


def navigation_imu(name: str = "imu") -> Imu:
    """Return an inertial unit of navigation class: 30 micro-g, 0.01 deg/h (class values)."""
    return Imu(
        name,
        accelerometer_bias_m_s2=30e-6 * _G0_M_S2,
        accelerometer_scale=100e-6,
        accelerometer_misalignment_rad=50e-6,
        velocity_walk=1e-4,
        accelerometer_walk=3e-7,
        gyro_bias_rad_s=0.01 * _DEG / _HOUR_S,
        gyro_scale=10e-6,
        gyro_misalignment_rad=50e-6,
        angle_walk=0.003 * _DEG / math.sqrt(_HOUR_S),
        gyro_walk=1e-10,
        velocity_quantum_m_s=2e-6,
        angle_quantum_rad=5e-9,
    )


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


def kind_of(sensor: Sensor) -> str:
    """Return a sensor's kind as files write it.

    >>> kind_of(Radar())
    'radar'
    """
    return at.KINDS[_KIND[type(sensor)]]


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
    names = [dispersion.name for dispersion in error_inputs(sensors)]
    if len(values) != len(names):
        raise InputError(f"{len(values)} values for {len(names)} inputs of the sensors.")
    by_name = dict(zip(names, values, strict=True))
    out = np.zeros((len(sensors), at.ERROR_COLUMNS))
    for _, row, column, dispersion in _places(sensors):
        out[row, column] = by_name[dispersion.name]
    return out


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
    row[at.ELECTRONS] = electrons_at_1_km(sensor)
    row[at.NOISE_ELECTRONS], row[at.THRESHOLD] = sensor.noise_electrons, sensor.threshold
    row[at.ALBEDO], row[at.DIVERGENCE] = sensor.albedo, sensor.divergence_rad
    row[at.INTEGRATION_S], row[at.BIN_M] = sensor.integration_s, sensor.bin_m


def electrons_at_1_km(sensor: Laser) -> float:
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
_KIND: Final = {
    Laser: at.LASER,
    Radar: at.RADAR,
    Velocimeter: at.VELOCIMETER,
    StarTracker: at.STAR_TRACKER,
    TerrainCamera: at.TERRAIN_CAMERA,
    HazardCamera: at.HAZARD_CAMERA,
    Imu: at.IMU,
}

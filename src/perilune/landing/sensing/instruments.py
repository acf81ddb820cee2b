"""The instruments of a lander, each a few figures in SI; body axes, +z up when landed.

Where no source is named, a figure is assumed: a plausible one of its class, to be replaced by the
instrument's own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, TypeAlias

from perilune.landing.sensing import layout as at

_DEGREE: Final = math.pi / 180.0
_ARCSEC: Final = _DEGREE / 3600.0
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
    cant_rad: float = 30.0 * _DEGREE  # from -z towards +x: between braking's tilt and the upright end
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
    cant_rad: float = 30.0 * _DEGREE
    least_range_m: float = 1.0
    greatest_range_m: float = 10e3
    sigma_m: float = 0.5
    sigma_share: float = 1e-2
    half_angle_rad: float = 30.0 * _DEGREE
    greatest_incidence_rad: float = 50.0 * _DEGREE
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
    cone_rad: float = 22.5 * _DEGREE
    least_range_m: float = 1.0
    greatest_range_m: float = 4e3
    sigma_m_s: float = 0.05
    sigma_share: float = 1e-3
    fastest_m_s: float = 300.0
    greatest_incidence_rad: float = 65.0 * _DEGREE
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
    tilt_rad: float = 45.0 * _DEGREE  # from -x towards +z
    across_rad: float = 10.0 * _ARCSEC
    about_rad: float = 60.0 * _ARCSEC
    fastest_rad_s: float = 1.0 * _DEGREE
    sun_exclusion_rad: float = 35.0 * _DEGREE
    limb_exclusion_rad: float = 10.0 * _DEGREE
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
    cant_rad: float = 30.0 * _DEGREE
    least_height_m: float = 300.0
    greatest_height_m: float = 40e3
    sigma_m: float = 5.0
    sigma_share: float = 1.5e-3
    up_share: float = 2.0
    matches: float = 40.0
    least_matches: float = 8.0
    sun_elevation_rad: tuple[float, float, float, float] = (
        2.0 * _DEGREE,
        8.0 * _DEGREE,
        60.0 * _DEGREE,
        85.0 * _DEGREE,
    )
    off_nadir_rad: float = 75.0 * _DEGREE
    fastest_rad_s: float = 5.0 * _DEGREE
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
    slope_sigma_rad: float = 1.5 * _DEGREE
    search_radius_m: float = 20.0
    baseline_m: float = 3.0
    slope_limit_rad: float = 10.0 * _DEGREE
    slope_per_metre_rad: float = 0.1 * _DEGREE
    least_sun_rad: float = -90.0 * _DEGREE  # a lidar needs no Sun


@dataclass(frozen=True, slots=True)
class Imu:
    """Inertial unit; one sigma of each constant error, walks per root second."""

    name: str = "imu"
    accelerometer_bias_m_s2: float = 100e-6 * _G0_M_S2
    accelerometer_scale: float = 300e-6
    accelerometer_misalignment_rad: float = 200e-6
    velocity_walk: float = 5e-4  # m/s/sqrt(s), 30 mm/s/sqrt(h)
    accelerometer_walk: float = 1e-6  # m/s^2/sqrt(s)
    gyro_bias_rad_s: float = 1.0 * _DEGREE / _HOUR_S
    gyro_scale: float = 100e-6
    gyro_misalignment_rad: float = 200e-6
    angle_walk: float = 0.07 * _DEGREE / math.sqrt(_HOUR_S)  # rad/sqrt(s)
    gyro_walk: float = 1e-8  # rad/s/sqrt(s)
    velocity_quantum_m_s: float = 1e-5
    angle_quantum_rad: float = 1e-7
    greatest_m_s2: float = 100.0
    greatest_rad_s: float = 1000.0 * _DEGREE


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
        gyro_bias_rad_s=0.01 * _DEGREE / _HOUR_S,
        gyro_scale=10e-6,
        gyro_misalignment_rad=50e-6,
        angle_walk=0.003 * _DEGREE / math.sqrt(_HOUR_S),
        gyro_walk=1e-10,
        velocity_quantum_m_s=2e-6,
        angle_quantum_rad=5e-9,
    )


def kind_of(sensor: Sensor) -> str:
    """Return a sensor's kind as files write it.

    >>> kind_of(Radar())
    'radar'
    """
    return at.KINDS[_KIND[type(sensor)]]


_KIND: Final = {
    Laser: at.LASER,
    Radar: at.RADAR,
    Velocimeter: at.VELOCIMETER,
    StarTracker: at.STAR_TRACKER,
    TerrainCamera: at.TERRAIN_CAMERA,
    HazardCamera: at.HAZARD_CAMERA,
    Imu: at.IMU,
}

"""From a planned descent to a case: the Moon's turn, gravity on the way, the craft, the first state."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, field, replace

import numpy as np

from perilune.constants import MOON_RADIUS_M
from perilune.dynamics.propagate import propagate
from perilune.errors import InputError
from perilune.landing.craft.shape import Geometry, craft_of, rcs_propellant_kg
from perilune.landing.craft.table import IMU_Z
from perilune.landing.faults.places import first_effects, shifted
from perilune.landing.faults.rows import Fault, fault_table
from perilune.landing.ground._kernels import elevation
from perilune.landing.ground.local_gravity import LocalGravity, full_gravity, local_gravity
from perilune.landing.ground.table import Ground
from perilune.landing.loop.case import Case
from perilune.landing.loop.inputs import VEHICLE, Dispersion
from perilune.landing.loop.judge import Limits
from perilune.landing.loop.truth import attitude_towards, first_covariance
from perilune.landing.planned import DescentPlan
from perilune.landing.sensing.suite import TIE_EAST, TIE_NORTH, Imu, Sensor, error_inputs, sensor_table
from perilune.landing.software.policies import FirstEstimate, InertialClass, Policy, software
from perilune.landing.surroundings import Surroundings, direction
from perilune.landing.vehicle import Site
from perilune.landing.wake import first_guidance
from perilune.maths.arrays import FloatArray
from perilune.world import ephemeris

#: The flight software of the descent is awake this long before the planned ignition, s.
LEAD_S = 20.0
_TURN_REACH_S = 1600.0


@dataclass(frozen=True, slots=True)
class Setting:
    """What a case adds to a planned descent; everything has a default but the geometry and the ground.

    The map's true tie and height errors are `map_error_factor` times the dispersed ones, which the filter
    believes.
    """

    mission: str
    geometry: Geometry
    ground: Ground
    onboard: Ground
    sensors: tuple[Sensor, ...]
    policy: str | Policy = "reacquire"
    faults: tuple[Fault, ...] = ()
    dispersions: tuple[Dispersion, ...] = VEHICLE
    limits: Limits = field(default_factory=Limits)
    probe_height_m: float = 0.0
    map_sigma_m: float | None = None
    map_error_factor: float = 1.0
    whole_gravity: bool = False


def case_of(plan: DescentPlan, setting: Setting) -> Case:
    """Return the case of a plan that is ready. Raises `InputError` where there is no descent or no IMU."""
    if plan.pdi is None or plan.gate is None or plan.deorbit is None:
        raise InputError(f"{setting.mission}: there is no descent to fly. {plan.reason}")
    if not any(isinstance(sensor, Imu) for sensor in setting.sensors):
        raise InputError(f'{setting.mission}: no inertial unit among the sensors. Add one of kind "imu".')
    world = plan.world
    wake = propagate(
        plan.deorbit.final, plan.pdi.epoch + -LEAD_S, plan.forces, mass_kg=plan.pdi_mass_kg
    ).final
    start_s = wake.epoch - world.base
    to_axes = world.me_from_icrf(0.0)
    start = np.concatenate([to_axes @ wake.position_m, to_axes @ wake.velocity_m_s])
    site_m = _site(plan.site, setting.ground)
    first = first_effects(setting.faults)
    loaded_m = shifted(site_m, first.site_east_m, first.site_north_m)
    memory, aim = first_guidance(plan, wake.vector, plan.pdi_mass_kg, start_s, loaded_m)
    craft = craft_of(plan.lander, setting.geometry)
    dispersions = _with_sensors(setting)
    sizes = {one.name: one.size for one in dispersions}
    track = _track(start)
    unit = next(sensor for sensor in setting.sensors if isinstance(sensor, Imu))
    flight = software(
        setting.policy,
        loaded_m,
        imu=inertial_class(unit),
        first=FirstEstimate(tie_m=sizes.get("map.tie_east", 0.0)),
        pads_below_m=float(craft.body[IMU_Z]),
        map_sigma_m=setting.map_sigma_m,
        map_height_sigma_m=sizes.get("map_height"),
    )
    whole = full_gravity(world) if setting.whole_gravity else None
    gravity = whole or _gravity(plan, tuple(start[:3].tolist()), tuple(site_m.tolist()))
    return Case(
        mission=setting.mission,
        vehicle=plan.lander.name,
        policy=setting.policy if isinstance(setting.policy, str) else setting.policy.name,
        base=world.base,
        site=plan.site,
        site_me_m=site_m,
        start_s=start_s,
        start=start,
        track=track,
        attitude=_attitude(memory, start_s, track),
        turn=turn_cubics(world),
        gravity=gravity,
        ground=setting.ground,
        onboard=setting.onboard,
        craft=craft,
        lander=plan.lander,
        mass_kg=plan.pdi_mass_kg,
        rcs_kg=rcs_propellant_kg(plan.lander, setting.geometry),
        sensors=setting.sensors,
        sensor_table=sensor_table(setting.sensors),
        software=flight,
        covariance=first_covariance(track, sizes, flight.sigmas),
        faults=fault_table(setting.faults, setting.sensors, craft),
        fault_sentences=tuple(str(fault) for fault in setting.faults),
        dispersions=_with_map_errors(dispersions, setting.map_error_factor),
        aim=aim,
        memory=memory,
        sun=_sun(world),
        limits=setting.limits,
        probe_height_m=setting.probe_height_m,
        first=first,
    )


def _site(site: Site, ground: Ground) -> FloatArray:
    """Return the site (3,) in mean-Earth axes (m) on the case's own ground, without its roughness.

    Surveys know a site far better than the map that the way to it is planned on.
    """
    up = direction(site.latitude_rad, site.longitude_rad)
    return up * float(MOON_RADIUS_M + elevation(*up, ground))


@functools.lru_cache(maxsize=8)
def _gravity(plan: DescentPlan, start_m: tuple[float, ...], site_m: tuple[float, ...]) -> LocalGravity:
    # All cases of a plan share one grid: a table of policies and faults has hundreds of them.
    return local_gravity(plan.world, np.array(start_m), np.array(site_m))


def _with_sensors(setting: Setting) -> tuple[Dispersion, ...]:
    own = {one.name for one in setting.dispersions}
    return (
        *setting.dispersions,
        *(one for one in error_inputs(setting.sensors) if one.name not in own),
    )


def _with_map_errors(dispersions: tuple[Dispersion, ...], factor: float) -> tuple[Dispersion, ...]:
    """Return the inputs with the map's true errors grown by a factor; what the filter grants it stays."""
    of_map = (TIE_EAST, TIE_NORTH, "map_height")
    return tuple(replace(one, size=factor * one.size) if one.name in of_map else one for one in dispersions)


def _track(start: FloatArray) -> FloatArray:
    """Return the unit vectors along, across (left) and up in rows."""
    up = start[:3] / np.linalg.norm(start[:3])
    along = start[3:] - start[3:] @ up * up
    along /= np.linalg.norm(along)
    return np.array([along, np.cross(up, along), up])


def _attitude(memory: FloatArray, start_s: float, track: FloatArray) -> FloatArray:
    """Return the first attitude: thrust along the first steering, body y to the right of the track."""
    since = start_s - memory[8]
    pitch, yaw = memory[2] + memory[4] * since, memory[3] + memory[5] * since
    axis = memory[9:12] + pitch * memory[12:15] + yaw * memory[15:18]
    return attitude_towards(axis / np.linalg.norm(axis), -track[1])


def turn_cubics(world: Surroundings) -> FloatArray:
    """Return (3, 4) coefficients, lowest power first, of the rotation vector that turns the axes of the base
    into those of the moment; good for 1600 s to both sides.
    """
    offsets_s = np.linspace(-_TURN_REACH_S, _TURN_REACH_S, 9)
    first = world.me_from_icrf(0.0)
    vectors = np.array([_vector(world.me_from_icrf(float(t)) @ first.T) for t in offsets_s])
    scaled = np.polynomial.polynomial.polyfit(offsets_s / _TURN_REACH_S, vectors, 3)
    return np.ascontiguousarray((scaled / _TURN_REACH_S ** np.arange(4)[:, None]).T)


def _vector(rotation: FloatArray) -> FloatArray:
    """Return the rotation vector of a small rotation."""
    axis = 0.5 * np.array(
        [rotation[2, 1] - rotation[1, 2], rotation[0, 2] - rotation[2, 0], rotation[1, 0] - rotation[0, 1]]
    )
    sine = float(np.linalg.norm(axis))
    vector: FloatArray = axis if sine == 0.0 else axis * (math.asin(sine) / sine)
    return vector


def _sun(world: Surroundings) -> FloatArray:
    """Return the unit vector towards the Sun in the mean-Earth axes of the base."""
    towards = world.me_from_icrf(0.0) @ ephemeris.position("sun", "moon", world.base)
    unit: FloatArray = towards / np.linalg.norm(towards)
    return unit


def inertial_class(unit: Imu) -> InertialClass:
    """Return what the filter believes of an inertial unit: its sigmas, as told."""
    return InertialClass(
        accelerometer_noise=math.hypot(unit.velocity_walk, 1e-4),
        gyro_noise=unit.angle_walk,
        accelerometer_bias_m_s2=unit.accelerometer_bias_m_s2,
        accelerometer_scale=unit.accelerometer_scale,
        accelerometer_misalignment_rad=unit.accelerometer_misalignment_rad,
        gyro_scale=math.hypot(unit.gyro_scale, unit.gyro_misalignment_rad),
        gyro_bias_rad_s=unit.gyro_bias_rad_s,
        accelerometer_walk=unit.accelerometer_walk,
        gyro_walk=unit.gyro_walk,
    )

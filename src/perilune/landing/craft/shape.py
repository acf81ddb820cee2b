"""From what is known of a lander (thrust sums, height, width) to a craft: every other number is assumed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from perilune.constants import STANDARD_GRAVITY_M_S2
from perilune.errors import InputError
from perilune.landing.craft import table as t
from perilune.landing.craft.table import Craft
from perilune.landing.vehicle import Lander, LanderPropulsion
from perilune.maths.arrays import FloatArray

# Shares of height H, of width W (legs out) or of a mass, assumed for every lander unless a source is given.
_DRY_CENTRE_H = 0.435  # H; 1.0 m for RESILIENCE, as the tip-over figures of its class assume
_BODY_RADIUS_W = 0.35  # W, the body without legs, as a solid cylinder; its gyration radius is then ...
_BODY_HEIGHT_H = 0.80  # H ... 0.70 m for RESILIENCE (k^2 = 0.49 m^2)
_TANKS_H = 0.42  # H, height of the main tanks' centres
_ULLAGE = 0.95  # of a tank's volume, the most that is filled
_FULL_OVER_EMPTY = 1.68  # main propellant at launch over the empty mass: RESILIENCE 630/375, APEX 3360/2035
_OXIDISER_OVER_FUEL = 1.65  # by mass, MON-3 over MMH: equal volumes (published: usual for apogee engines)
_OXIDISER_KG_M3 = 1430.0  # kg/m^3, MON-3 at 20 degrees (published)
_FUEL_KG_M3 = 875.0  # kg/m^3, MMH at 20 degrees (published)
_HYDRAZINE_KG_M3 = 1008.0  # kg/m^3, at 20 degrees (published)
_DAMPING = 0.02  # of critical, assumed: baffles or a vaned device (NASA SP-106: 0.005 bare to 0.05 baffled)
_SETTLING_M_S2 = 0.02  # m/s^2, assumed: what surface tension does in place of thrust
_MAIN_H, _ASSIST_H, _RCS_H, _IMU_H, _BELLY_H = 0.10, 0.15, 0.45, 0.60, 0.15  # H, heights over the pads
_ASSIST_W = 0.30  # W, radius of the ring of assist engines
_RCS_CANT_RAD = math.radians(45.0)  # thrusters push sideways round the axis and up, in equal parts
_MAIN_LAG_S = 0.05  # s, valve and chamber of an apogee engine
_ASSIST_LAG_S = 0.01  # s
_RCS_LAG_S = 0.01  # s
_ASSIST_MIN_ON_S = 0.01  # s
_GIMBAL_RATE_RAD_S = math.radians(20.0)  # rad/s, electric actuator
_STROKE_W = 0.055  # W, honeycomb crush stroke: 0.14 m for RESILIENCE
_CRUSH_SPEED_M_S = 3.0  # m/s, Chandrayaan-3's test limit (published): what the legs take at the empty mass
_MOON_G_M_S2 = 1.62  # m/s^2
_FRICTION = 0.5  # pad on regolith (Surveyor: 0.4 to 0.8)


@dataclass(frozen=True, slots=True)
class Geometry:
    """What a craft needs beyond its thrust sums; None takes the value scaled from height, width or mass.

    Thrusters stand in pairs at corners round the axis; a gimbal range above 0 turns the main engine. The
    attitude thrusters default to the class of hydrazine engines of 0.02 N per kg of empty and full mass.
    """

    height_m: float
    width_m: float
    assist_engines: int = 6
    rcs_thrusters: int = 8
    rcs_thrust_n: float | None = None
    rcs_isp_s: float = 222.0  # s, published: hydrazine thrusters of 20 N
    rcs_min_on_s: float = 0.016  # s, assumed
    rcs_propellant_kg: float | None = None
    main_capacity_kg: float | None = None
    gimbal_rad: float | None = None
    legs: int = 4
    inertia: tuple[float, float, float] | None = None
    dry_centre_m: tuple[float, float, float] | None = None

    def __post_init__(self) -> None:
        if not (self.height_m > 0.0 and self.width_m > 0.0):
            raise InputError(
                f"A craft needs a height and a width above 0 m: {self.height_m} m and {self.width_m} m."
            )
        if self.rcs_thrusters not in (0, 8, 12, 16):
            raise InputError(
                f"{self.rcs_thrusters} attitude thrusters: they stand in pairs at 4, 6 or 8 corners, so 8, "
                "12 or 16 of them are possible, or 0."
            )
        if self.legs < 3:
            raise InputError(f"A lander stands on 3 legs or more, not on {self.legs}.")


#: Heights and widths: published (ispace investor briefing of 2025-05-09). Thrusters: assumed, like all else.
GEOMETRIES: dict[str, Geometry] = {
    "RESILIENCE": Geometry(2.3, 2.6),
    "APEX 1.0": Geometry(3.3, 4.5, rcs_thrusters=12),
    "Series 3": Geometry(3.6, 3.3, rcs_thrusters=12),
}


def craft_of(lander: Lander, geometry: Geometry) -> Craft:
    """Return the craft of a lander; its empty mass is the dry body, all that is not propellant."""
    full_kg = geometry.main_capacity_kg or _FULL_OVER_EMPTY * lander.empty_mass_kg
    return Craft(
        engines=_engines(lander.propulsion, geometry, lander.empty_mass_kg + full_kg),
        tanks=_tanks(geometry, full_kg, rcs_propellant_kg(lander, geometry)),
        body=_body(lander, geometry),
        legs=_legs(lander, geometry),
    )


def engine_kinds(geometry: Geometry, *, assists: bool) -> tuple[int, ...]:
    """Return the kind of each engine of a craft in the order of its table, with assist engines or without."""
    count = geometry.assist_engines if assists else 0
    return (int(t.MAIN), *[int(t.ASSIST)] * count, *[int(t.RCS)] * geometry.rcs_thrusters)


def rcs_propellant_kg(lander: Lander, geometry: Geometry) -> float:
    """Return the attitude thrusters' propellant at the start of a descent (kg): 2 % of the empty mass."""
    if geometry.rcs_propellant_kg is not None:
        return geometry.rcs_propellant_kg
    return 0.02 * lander.empty_mass_kg


def _engines(engine: LanderPropulsion, geometry: Geometry, full_kg: float) -> FloatArray:
    height, width = geometry.height_m, geometry.width_m
    rows = [
        _engine((0.0, 0.0, _MAIN_H * height), (0.0, 0.0, 1.0), engine.main_thrust_n, engine.main_flow_kg_s)
    ]
    rows[0][[t.LEAST, t.LAG_S, t.KIND]] = engine.main_throttle_min, _MAIN_LAG_S, t.MAIN
    count = geometry.assist_engines if engine.assist_thrust_n > 0.0 else 0
    gimbal_rad = (
        geometry.gimbal_rad if geometry.gimbal_rad is not None else 0.0 if count else math.radians(6.0)
    )
    rows[0][[t.GIMBAL_RAD, t.GIMBAL_RATE]] = gimbal_rad, _GIMBAL_RATE_RAD_S
    for i in range(count):
        angle = 2.0 * math.pi * (i + 0.5) / count
        place = (_ASSIST_W * width * math.cos(angle), _ASSIST_W * width * math.sin(angle), _ASSIST_H * height)
        row = _engine(place, (0.0, 0.0, 1.0), engine.assist_thrust_n / count, engine.assist_flow_kg_s / count)
        # A least throttle of nothing is reached by pulsing.
        pulse_s = _ASSIST_MIN_ON_S if engine.assist_throttle_min <= 0.0 else 0.0
        row[[t.LEAST, t.LAG_S, t.KIND, t.MIN_ON_S]] = (
            engine.assist_throttle_min,
            _ASSIST_LAG_S,
            t.ASSIST,
            pulse_s,
        )
        rows.append(row)
    return np.array(rows + _thrusters(geometry, full_kg))


def _thrusters(geometry: Geometry, full_kg: float) -> list[FloatArray]:
    """Return pairs at corners: one of a pair pushes round the axis to the left and up, the other to the right
    and up.
    """
    thrust_n = geometry.rcs_thrust_n or 0.02 * full_kg
    flow = thrust_n / (geometry.rcs_isp_s * STANDARD_GRAVITY_M_S2)
    radius, height = _BODY_RADIUS_W * geometry.width_m, _RCS_H * geometry.height_m
    rows = []
    corners = geometry.rcs_thrusters // 2
    for i in range(corners):
        angle = 2.0 * math.pi * (i + 0.5) / corners
        for way in (1.0, -1.0):
            across = way * math.cos(_RCS_CANT_RAD)
            force = (-across * math.sin(angle), across * math.cos(angle), math.sin(_RCS_CANT_RAD))
            row = _engine((radius * math.cos(angle), radius * math.sin(angle), height), force, thrust_n, flow)
            row[[t.LAG_S, t.KIND, t.MIN_ON_S, t.TANK]] = _RCS_LAG_S, t.RCS, geometry.rcs_min_on_s, 1.0
            rows.append(row)
    return rows


def _engine(
    place_m: tuple[float, float, float], force: tuple[float, float, float], thrust_n: float, flow_kg_s: float
) -> FloatArray:
    row = np.zeros(t.ENGINE_COLUMNS)
    row[t.X : t.DX], row[t.DX : t.THRUST_N] = place_m, force
    row[t.THRUST_N], row[t.FLOW_KG_S] = thrust_n, flow_kg_s
    return row


def _tanks(geometry: Geometry, full_kg: float, rcs_kg: float) -> FloatArray:
    """Return two spheres of oxidiser and two of fuel round the axis, and one with a bladder for hydrazine."""
    oxidiser_kg = full_kg * _OXIDISER_OVER_FUEL / (1.0 + _OXIDISER_OVER_FUEL)
    rows = []
    for liquid_kg, density in ((oxidiser_kg, _OXIDISER_KG_M3), (full_kg - oxidiser_kg, _FUEL_KG_M3)):
        radius = _sphere_radius_m(0.5 * liquid_kg / density / _ULLAGE)
        row = np.zeros(t.TANK_COLUMNS)
        row[t.TANK_Z], row[t.RADIUS_M], row[t.NUMBER] = _TANKS_H * geometry.height_m, radius, 2.0
        row[t.RING_M] = math.sqrt(2.0) * radius  # four spheres that touch
        row[t.CAPACITY_KG], row[t.PART] = liquid_kg / _ULLAGE, liquid_kg / full_kg
        row[t.SWAYS], row[t.DAMPING] = 1.0, _DAMPING
        rows.append(row)
    row = np.zeros(t.TANK_COLUMNS)
    row[t.TANK_Z], row[t.NUMBER] = _RCS_H * geometry.height_m, 1.0
    row[t.RADIUS_M] = _sphere_radius_m(max(rcs_kg, 1.0) / _HYDRAZINE_KG_M3 / 0.7)
    row[t.CAPACITY_KG], row[t.PART], row[t.FEEDS] = max(rcs_kg, 1.0) / 0.7, 1.0, 1.0
    rows.append(row)
    return np.array(rows)


def _sphere_radius_m(volume_m3: float) -> float:
    return float(np.cbrt(3.0 * volume_m3 / (4.0 * math.pi)))


def _body(lander: Lander, geometry: Geometry) -> FloatArray:
    height, width, mass = geometry.height_m, geometry.width_m, lander.empty_mass_kg
    body = np.zeros(t.BODY_SIZE)
    body[t.DRY_KG] = mass
    body[t.DRY_X : t.DRY_Z + 1] = geometry.dry_centre_m or (0.0, 0.0, _DRY_CENTRE_H * height)
    radius2, height2 = (_BODY_RADIUS_W * width) ** 2, (_BODY_HEIGHT_H * height) ** 2
    across = mass * (radius2 / 4.0 + height2 / 12.0)
    body[t.IXX : t.IZZ + 1] = geometry.inertia or (across, across, mass * radius2 / 2.0)
    body[t.IMU_X : t.IMU_Z + 1] = 0.08 * width, 0.05 * width, _IMU_H * height
    body[t.RATE_LIMIT] = lander.propulsion.attitude_rate_rad_s
    body[t.SETTLING] = _SETTLING_M_S2
    return body


def _legs(lander: Lander, geometry: Geometry) -> FloatArray:
    legs = np.zeros(t.LEGS_SIZE)
    stroke = _STROKE_W * geometry.width_m
    energy_j_kg = 0.5 * _CRUSH_SPEED_M_S**2 + _MOON_G_M_S2 * stroke
    crush = lander.empty_mass_kg * energy_j_kg / (geometry.legs * stroke)
    legs[t.LEGS], legs[t.FOOT_M] = geometry.legs, 0.5 * geometry.width_m
    legs[t.FIRST_RAD] = math.pi / geometry.legs
    legs[t.STROKE_M], legs[t.CRUSH_N], legs[t.FRICTION] = stroke, crush, _FRICTION
    legs[t.BELLY_M] = _BELLY_H * geometry.height_m
    # Elastic until the crush load, at a tenth of the stroke; damped to a third of critical over one leg.
    legs[t.STIFFNESS_N_M] = crush / (0.1 * stroke)
    legs[t.LEG_DAMPING] = 0.66 * math.sqrt(legs[t.STIFFNESS_N_M] * lander.empty_mass_kg / geometry.legs)
    return legs


def first_state(
    craft: Craft,
    position_m: FloatArray,
    velocity_m_s: FloatArray,
    attitude: FloatArray,
    rate_rad_s: FloatArray,
    propellant_kg: tuple[float, float],
) -> FloatArray:
    """Return a truth state with the liquid at rest.

    Position and velocity (3,) are those of the body's centre in inertial axes; attitude (4,) turns body into
    inertial axes, rate (3,) is in body axes; propellant is that of the main and the attitude engines.
    """
    y = np.zeros(t.state_size(craft))
    y[t.Y_R : t.Y_V], y[t.Y_V : t.Y_Q] = position_m, velocity_m_s
    y[t.Y_Q : t.Y_W] = attitude / np.linalg.norm(attitude)
    y[t.Y_W : t.Y_MAIN] = rate_rad_s
    y[t.Y_MAIN], y[t.Y_RCS] = propellant_kg
    return y

"""The altimeter policies by name, and the flight software built from them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from perilune.constants import MOON_SPIN_RAD_S
from perilune.errors import InputError, NameNotFoundError
from perilune.landing.software import table
from perilune.landing.software.table import Software
from perilune.maths.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Policy:
    """What becomes of an altimeter reading that is not expected; 0 switches a rule off.

    Figures are assumed unless a source is named; none of them is published by an operator but Apollo's.
    """

    name: str
    what: str
    gate_sigma: float = 5.0
    gate_m: float = 0.0
    gate_share: float = 0.0
    gate_below_m: float = 0.0
    latch_rejects: float = 0.0
    reopen_s: float = 0.0
    early_odds: float = 0.0
    votes: float = 0.0
    checks: float = 0.0
    adapts: float = 0.0
    site_slope: float = 0.0
    terrain_sigma_m: float = 0.0
    terrain_length_m: float = 100e3  # 1 km and 100 km: 32 m in 50 m, 140 m in 1 km, 450 m in 10 km
    site_m: float = 100.0
    plain_m: float = 5e3  # sites are chosen on level ground
    ground_share: float = 0.0
    uses_map: float = 0.0
    fade_high_m: float = 1000.0
    fade_low_m: float = 500.0
    map_sigma_m: float = 35.0
    map_length_m: float = 4000.0
    weight: float = 0.0
    weight_s: float = 2.0
    weight_top_m: float = 15240.0
    first_readings: float = 10.0
    first_s: float = 6.0  # ten of the twelve that the window holds, every other one may be missing
    hard_stop_m_s2: float = 12.0  # about five times what landers of 1 t can brake net of gravity

    def __post_init__(self) -> None:
        for each in fields(self)[2:]:
            value = getattr(self, each.name)
            if not (math.isfinite(value) and value >= 0.0):
                raise InputError(f"policy {self.name}: {each.name} is {value}. Give zero or more.")


_CAREFUL: Final = Policy(
    "careful",
    "",
    site_slope=0.06,
    terrain_sigma_m=1000.0,
    checks=1.0,
    adapts=1.0,
    reopen_s=2.5,
)

#: Log odds that decide: wrong once in a thousand times (Wald's test with equal errors).
_ODDS: Final = math.log(1e3)

_LIST: Final = (
    Policy(
        "latch",
        "A gate against level ground at the site's elevation; ten rejects in a row switch the altimeter off "
        "for ever (as Mission 1's software is described).",
        gate_sigma=4.0,
        latch_rejects=10.0,
        ground_share=0.03,  # assumed: rolling ground of 300 m at 10 km passes, the rim's 3.2 km does not
    ),
    Policy(
        "apollo",
        "Altitude moves by a fixed share of each residual; below high gate a reading beyond 50 ft + h/8 is "
        "skipped; two bad ones of four light a lamp; nothing latches.",
        gate_m=15.24,  # m, 50 ft: Luminary's SERVICER
        gate_share=0.125,
        gate_below_m=2286.0,  # m, high gate, 7,500 ft
        weight=0.35,  # LRWH of the pad load, at the ground, per 2 s
        weight_top_m=15240.0,  # m, LRHMAX, 50,000 ft
        ground_share=0.01,
    ),
    replace(
        _CAREFUL,
        name="reacquire",
        what="A gate with the ground's relief in it; readings that stay rejected but hang together for 2.5 s "
        "are believed: first the terrain is re-opened, then the altitude. A stuck sensor is set aside.",
    ),
    replace(
        _CAREFUL,
        name="map-aided",
        what="Ranges are predicted over the on-board map with its errors counted; the map fades out between "
        "1 km and 500 m; otherwise as reacquire.",
        uses_map=1.0,
    ),
    replace(
        _CAREFUL,
        name="two-hypothesis",
        what="From a surprise on, two filters run side by side: the altimeter is right (height and its rate "
        "are off by so much), or the estimate is (the altimeter errs by a constant or share, stands still, "
        "says anything). Odds of 1000 decide; a constant is taken off, and the ranges go on being used.",
        early_odds=_ODDS,
    ),
    replace(
        _CAREFUL,
        name="voting",
        what="Altimeters and the height carried by inertial unit and velocimeter vote: the odd one is set "
        "aside, two that agree are believed against the estimate; alone, as reacquire.",
        votes=1.0,
    ),
    replace(
        _CAREFUL,
        name="combined",
        what="Map, two hypotheses and voting together.",
        uses_map=1.0,
        early_odds=_ODDS,
        votes=1.0,
    ),
)

#: All policies by name; each says in a sentence what it does (`what`).
POLICIES: Final[Mapping[str, Policy]] = MappingProxyType({policy.name: policy for policy in _LIST})


@dataclass(frozen=True, slots=True)
class InertialClass:
    """What the filter believes of its inertial unit, one sigma each; defaults are a tactical unit's."""

    accelerometer_noise: float = 1e-3  # m/s/sqrt(s), 0.06 m/s/sqrt(h); assumed
    gyro_noise: float = 3e-5  # rad/sqrt(s), 0.1 deg/sqrt(h); assumed
    accelerometer_bias_m_s2: float = 1e-3  # 100 micro-g, class value
    accelerometer_scale: float = 3e-4
    accelerometer_misalignment_rad: float = 2e-4
    gyro_scale: float = 3e-4
    gyro_bias_rad_s: float = 4.8e-6  # 1 deg/h, class value
    accelerometer_walk: float = 1e-6  # m/s^2/sqrt(s); assumed
    gyro_walk: float = 1e-8  # rad/s/sqrt(s); assumed


@dataclass(frozen=True, slots=True)
class FirstEstimate:
    """Sigmas of the estimate at the start (m, m/s, rad), of range bias and map tie (m)."""

    position_m: float = 300.0
    velocity_m_s: float = 0.3
    attitude_rad: float = 1e-3
    range_bias_m: float = 0.5
    tie_m: float = 0.0


def policy_named(name: str) -> Policy:
    """Return a policy; an unknown name is told with the nearest one.

    >>> policy_named("latch").latch_rejects
    10.0
    """
    if name not in POLICIES:
        raise NameNotFoundError("altimeter policy", name, POLICIES)
    return POLICIES[name]


def policy_row(policy: Policy) -> FloatArray:
    """Return the policy's row (32,) for kernels."""
    row = np.zeros(table.POLICY_SIZE)
    row[table.CODE] = list(POLICIES).index(policy.name) if policy.name in POLICIES else len(POLICIES)
    for place, each in enumerate(fields(policy)[2:], start=table.GATE_SIGMA):
        row[place] = getattr(policy, each.name)
    return row


def software(
    policy: str | Policy,
    site_me_m: FloatArray,
    *,
    imu: InertialClass | None = None,
    first: FirstEstimate | None = None,
    pads_below_m: float = 0.0,
    map_sigma_m: float | None = None,
    map_height_sigma_m: float | None = None,
) -> Software:
    """Return the flight software of a policy for a site (3,) in mean-Earth axes (m, on its ground).

    `map_sigma_m` is what the map's ground errs by from place to place, `map_height_sigma_m` what the whole
    map does (the policy's own figure where not given): a camera's fix has its height from there.
    """
    chosen = policy_named(policy) if isinstance(policy, str) else policy
    if map_sigma_m is not None:
        chosen = replace(chosen, map_sigma_m=map_sigma_m)
    imu, first = imu or InertialClass(), first or FirstEstimate()
    site = np.zeros(table.SITE_SIZE)
    site[table.SITE : table.SITE + 3] = site_me_m
    site[table.SITE_RADIUS] = np.linalg.norm(site_me_m)
    site[table.SPIN] = MOON_SPIN_RAD_S
    site[table.PADS_BELOW] = pads_below_m
    considered = np.zeros(table.STATES)
    considered[16:19] = 1.0  # range bias and map tie can not be told from height and place by these sensors
    on_the_whole_m = chosen.map_sigma_m if map_height_sigma_m is None else map_height_sigma_m
    return Software(
        policy_row(chosen),
        _noise(imu),
        site,
        considered,
        _sigmas(imu, first, on_the_whole_m),
        _inertial_limits(imu),
        _gates(),
    )


def _noise(imu: InertialClass) -> FloatArray:
    noise = np.zeros(16)
    noise[:8] = (
        imu.accelerometer_noise,
        imu.gyro_noise,
        imu.accelerometer_bias_m_s2,
        imu.accelerometer_scale,
        imu.accelerometer_misalignment_rad,
        imu.gyro_scale,
        imu.accelerometer_walk,
        imu.gyro_walk,
    )
    noise[8] = 0.2  # Lear's share, flown on the Shuttle (Zanetti, DeMars and Bishop 2010)
    noise[9] = 100.0  # m, assumed: below it a linear update does no harm
    return noise


def _sigmas(imu: InertialClass, first: FirstEstimate, map_height_sigma_m: float) -> FloatArray:
    return np.array(
        [first.position_m] * 3
        + [first.velocity_m_s] * 3
        + [first.attitude_rad] * 3
        + [imu.accelerometer_bias_m_s2] * 3
        + [imu.gyro_bias_rad_s] * 3
        + [0.0, first.range_bias_m, first.tie_m, first.tie_m]
        # What stays in star tracker, velocimeter and camera counts in sigmas, which the measurements bring.
        + [1.0] * (table.STATES - 20)
        + [map_height_sigma_m]
    )


def _inertial_limits(imu: InertialClass) -> FloatArray:
    """Limits of the check of two units: six sigmas of their noise over a second, three of what thrust up to
    4 m/s^2 and turns up to 0.05 rad/s do to scale and alignment.
    """
    limits = np.zeros(table.INERTIAL_SIZE)
    thrust = math.hypot(imu.accelerometer_scale, imu.accelerometer_misalignment_rad) * 4.0
    limits[table.APART_M_S2] = math.sqrt(2.0) * (6.0 * imu.accelerometer_noise + 3.0 * thrust)
    limits[table.APART_RAD_S] = math.sqrt(2.0) * (6.0 * imu.gyro_noise + 3.0 * imu.gyro_scale * 0.05)
    limits[table.EXPECTS_M_S2] = 0.3
    limits[table.SILENT_SHARE] = 0.2
    limits[table.CONFIRM_S] = 0.5
    return limits


def _gates() -> FloatArray:
    return np.array([6.0, 5.0, 5.0, 0.0])


def first_covariance(software: Software) -> FloatArray:
    """Return the covariance (32, 32) of the first estimate."""
    return np.diag(software.sigmas**2)

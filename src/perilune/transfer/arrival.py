"""Arrivals at the Moon whose orbit plane will hold the landing site."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from perilune import constants
from perilune.transfer.request import Array, Setting, unit

MOON_J2: Final = 2.0323e-4  # -, unnormalised, from GRGM1200A: -sqrt(5) * C20
#: The site is crossed going north (0) or going south (1).
NORTHBOUND: Final = 0
SOUTHBOUND: Final = 1
#: So near to a pole (rad) a site is under all polar orbits: shooting turns the plane by the rest.
_POLAR_RAD: Final = math.radians(0.5)


def node_rate(semi_major_m: float, eccentricity: float, inclination_rad: float) -> float:
    """Return the drift of the node by J2 (rad/s), Vallado (2013) eq. 9-37."""
    mean_motion = math.sqrt(constants.GM_MOON_M3_S2 / semi_major_m**3)
    p = semi_major_m * (1.0 - eccentricity**2)
    return -1.5 * mean_motion * MOON_J2 * (constants.MOON_RADIUS_M / p) ** 2 * math.cos(inclination_rad)


def node_drift(setting: Setting, inclination_rad: float) -> float:
    """Return how far (rad) the node moves from insertion to landing, by J2 alone: a first guess."""
    request = setting.request
    low = constants.MOON_RADIUS_M + request.perilune_altitude_m
    high = constants.MOON_RADIUS_M + request.apolune_altitude_m
    kept = constants.MOON_RADIUS_M + request.orbit_altitude_m
    first = node_rate(0.5 * (low + high), (high - low) / (high + low), inclination_rad)
    second = node_rate(kept, 0.0, inclination_rad)
    return first * setting.circular_s + second * (setting.landing_s - setting.circular_s)


def plane_direction(setting: Setting, inclination_rad: float, offset_rad: float = 0.0) -> Array:
    """Return the direction (3,) ICRF that the plane at insertion must hold for the track to cross the site.

    It is the site's direction at landing, turned back about the lunar pole by the node's drift; `offset_rad`
    adds what the full model says beyond J2.
    """
    request = setting.request
    longitude = request.site_longitude_rad - node_drift(setting, inclination_rad) - offset_rad
    out: Array = setting.pole_from_icrf.T @ unit(longitude, request.site_latitude_rad)
    return out


def node_at_insertion(setting: Setting, inclination_rad: float, branch: int) -> float:
    """Return the node (rad, from the mean-Earth x axis at landing) of such a plane through the site."""
    request = setting.request
    ratio = math.tan(request.site_latitude_rad) / math.tan(inclination_rad)
    lead = math.asin(max(-1.0, min(1.0, ratio)))
    at_landing = request.site_longitude_rad + (-lead if branch == NORTHBOUND else lead - math.pi)
    return at_landing - node_drift(setting, inclination_rad)


def arrivals(
    setting: Setting,
    energy_m2_s2: Array,
    inclination_rad: float,
    branch: int,
    argument_rad: Array,
    *,
    node_rad: float | None = None,
) -> Array:
    """Return perilune states (n, 6) at insertion, Earth-centred ICRF, for arrays of energy and argument.

    `energy_m2_s2` is twice the specific energy about the Moon (C3); `node_rad` takes the place of the node
    that inclination and branch stand for.
    """
    radius = setting.perilune_radius_m
    speed = np.sqrt(energy_m2_s2 + 2.0 * constants.GM_MOON_M3_S2 / radius)
    node = node_at_insertion(setting, inclination_rad, branch) if node_rad is None else node_rad
    toward = np.array([math.cos(node), math.sin(node), 0.0])
    up = np.array(
        [
            -math.sin(node) * math.cos(inclination_rad),
            math.cos(node) * math.cos(inclination_rad),
            math.sin(inclination_rad),
        ]
    )
    axes = np.stack([toward, up]) @ setting.pole_from_icrf
    c, s = np.cos(argument_rad)[:, None], np.sin(argument_rad)[:, None]
    place = radius * (c * axes[0] + s * axes[1])
    motion = speed[:, None] * (-s * axes[0] + c * axes[1])
    out: Array = np.concatenate([place, motion], axis=1) + setting.moon(0.0)
    return out


def reachable_inclinations(setting: Setting, count: int) -> Array:
    """Return inclinations (rad) of planes that can hold the site: as asked, or at most 28 deg from polar.

    Of a high site the nearly polar planes are the wide middle; a low site can be reached from any plane, and
    the polar ones are taken there, too, because a later orbit over all latitudes is worth more.
    """
    latitude = abs(setting.request.site_latitude_rad)
    middle, edge = math.pi / 2.0, max(0.0, math.pi / 2.0 - latitude - 1e-3)
    reach = min(math.radians(28.0), edge)
    asked = setting.request.orbit_inclination_rad
    low, high = (middle - reach, middle + reach) if asked is None else asked
    return np.linspace(max(low, middle - edge), min(high, middle + edge), count)


def planes(setting: Setting, count: int) -> list[tuple[int, float, float | None]]:
    """Return the planes to arrive in: branch, inclination (rad), and the node (rad) where it is free.

    A site this near to a pole lies under every polar orbit, whatever its node; elsewhere inclination and
    branch decide the node.
    """
    if math.pi / 2.0 - abs(setting.request.site_latitude_rad) < _POLAR_RAD:
        nodes = np.linspace(0.0, 2.0 * math.pi, 2 * count, endpoint=False)
        return [(NORTHBOUND, math.pi / 2.0, float(node)) for node in nodes]
    inclinations = reachable_inclinations(setting, count)
    return [(branch, float(i), None) for branch in (NORTHBOUND, SOUTHBOUND) for i in inclinations]

"""Faults that are there before the flight begins: in tank, map, loaded site, and in the ground itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perilune.constants import MOON_RADIUS_M
from perilune.landing.faults.rows import Fault, of_ground
from perilune.landing.ground import _kernels as kernels
from perilune.landing.ground.features import Scarp, feature_row
from perilune.landing.ground.table import Ground
from perilune.landing.surroundings import direction
from perilune.landing.vehicle import Site
from perilune.maths.arrays import FloatArray

_STEEP = 3.0  # -, length of a step's slope over its height: 18 deg on average, as at Mission 1's crater rim


@dataclass(frozen=True, slots=True)
class FirstEffects:
    """What faults change before the start, in SI; all zero without one.

    The loaded site lies `site_east_m`, `site_north_m` from the right one. Map errors that begin later are in
    the map's row of `effects`.
    """

    underfill: float = 0.0
    slosh_m: float = 0.0
    map_height_m: float = 0.0
    tie_east_m: float = 0.0
    tie_north_m: float = 0.0
    site_east_m: float = 0.0
    site_north_m: float = 0.0


_FIELDS = {
    ("tank", "under-fill"): "underfill",
    ("tank", "slosh"): "slosh_m",
    ("map", "height"): "map_height_m",
    ("map", "tie-east"): "tie_east_m",
    ("map", "tie-north"): "tie_north_m",
    ("software", "wrong-site-east"): "site_east_m",
    ("software", "wrong-site-north"): "site_north_m",
}


def first_effects(faults: Sequence[Fault]) -> FirstEffects:
    """Return what faults from the start do to tank, map and loaded site; sizes of one kind add.

    >>> first_effects([Fault("tank", "under-fill", size=0.02)]).underfill
    0.02
    """
    sums: dict[str, float] = {}
    for fault in faults:
        name = _FIELDS.get((fault.unit, fault.kind))
        if name is not None and fault.trigger == "start":
            sums[name] = sums.get(name, 0.0) + fault.size
    return FirstEffects(**sums)


def shifted(place_m: FloatArray, east_m: float, north_m: float) -> FloatArray:
    """Return a place (3,) moved to the east and to the north at its own radius."""
    radius_m = float(np.linalg.norm(place_m))
    up = place_m / radius_m
    east = np.array([-up[1], up[0], 0.0])
    east /= max(float(np.linalg.norm(east)), 1e-12)
    moved = place_m + east_m * east + north_m * np.cross(up, east)
    result: FloatArray = moved * (radius_m / np.linalg.norm(moved))
    return result


def with_steps(ground: Ground, faults: Sequence[Fault], site: Site, azimuth_rad: float) -> Ground:
    """Return the ground with the steps of faults, for a track that comes to the site along an azimuth.

    From a plateau at the site's elevation plus the size the ground falls to the site's elevation,
    which it reaches at the given distance before the site; beyond both ends it goes over into the map.
    """
    steps = [_step(ground, fault, site, azimuth_rad) for fault in faults if of_ground(fault)]
    if not steps:
        return ground
    rows = np.vstack([ground.features, [feature_row(step) for step in steps]])
    low = min(ground.limits[0], *(step.reach_m[0] for step in steps))
    high = max(ground.limits[1], *(step.reach_m[1] for step in steps))
    return ground._replace(features=np.ascontiguousarray(rows), limits=np.array([low, high]))


def _step(ground: Ground, fault: Fault, site: Site, azimuth_rad: float) -> Scarp:
    from_site = azimuth_rad + math.pi
    floor = _away(site, from_site, fault.at)
    rim = _away(site, from_site, fault.at + _STEEP * abs(fault.size))
    base_m = _elevation(ground, site)
    return Scarp(str(fault), *rim, base_m + fault.size, *floor, base_m, taper_m=min(0.8 * fault.at, 15e3))


def _away(site: Site, azimuth_rad: float, distance_m: float) -> tuple[float, float]:
    """Return (latitude, longitude) at a distance from a site along an azimuth, on the sphere."""
    arc = distance_m / MOON_RADIUS_M
    sine = math.sin(site.latitude_rad) * math.cos(arc)
    sine += math.cos(site.latitude_rad) * math.sin(arc) * math.cos(azimuth_rad)
    east = math.sin(azimuth_rad) * math.sin(arc) * math.cos(site.latitude_rad)
    north = math.cos(arc) - math.sin(site.latitude_rad) * sine
    return math.asin(sine), site.longitude_rad + math.atan2(east, north)


def _elevation(ground: Ground, site: Site) -> float:
    return float(kernels.elevation(*direction(site.latitude_rad, site.longitude_rad), ground))

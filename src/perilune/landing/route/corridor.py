"""The ground under a track to the site: its elevations and its largest steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from perilune.constants import MOON_RADIUS_M
from perilune.landing.ground.table import Ground
from perilune.landing.route import _kernels as kernels
from perilune.landing.vehicle import Site
from perilune.maths.arrays import FloatArray

#: A change of the ground within this distance is one step, m: what a lander crosses in some tens of seconds.
WINDOW_M: Final = 10e3
#: Places along a track, m; finer than the maps.
SPACING_M: Final = 250.0
#: How far before the site a track is looked at, m: altimeters measure from about there on.
REACH_M: Final = 150e3


@dataclass(frozen=True, slots=True)
class Step:
    """A change of the ground along a track: elevations from where it begins to where it ends.

    `before_m` is the distance from its beginning to the site along the ground, `length_m` what it stretches
    over, `rise_m` positive where the ground rises. `first` and `last` are its places on the track.
    """

    before_m: float
    length_m: float
    rise_m: float
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Sweep:
    """The largest step of tracks from several headings: arrays of one length, m and radians."""

    site: str
    latitude_rad: float
    longitude_rad: float
    heading_rad: FloatArray
    rise_m: FloatArray
    before_m: FloatArray


def track_elevations(
    site: Site,
    heading_rad: float,
    ground: Ground,
    *,
    reach_m: float = REACH_M,
    spacing_m: float = SPACING_M,
) -> tuple[FloatArray, FloatArray]:
    """Return distances before the site (n,), falling, and the elevations there (m), in order of flight."""
    count = round(reach_m / spacing_m) + 1
    backwards = np.empty(count)
    kernels.great_circle(
        site.latitude_rad, site.longitude_rad, heading_rad, spacing_m, MOON_RADIUS_M, ground, backwards
    )
    return spacing_m * np.arange(count - 1.0, -1.0, -1.0), backwards[::-1].copy()


def elevations_under(places_m: FloatArray, ground: Ground) -> FloatArray:
    """Return the ground's elevations (n,) under places (n, 3) in mean-Earth axes (m)."""
    out = np.empty(len(places_m))
    kernels.along(np.ascontiguousarray(places_m), ground, out)
    return out


def steps(
    distance_m: FloatArray,
    elevation_m: FloatArray,
    *,
    least_m: float,
    window_m: float = WINDOW_M,
    most: int = 6,
) -> tuple[Step, ...]:
    """Return the largest steps of a track that do not overlap, largest first, none below `least_m`.

    >>> far = np.linspace(40e3, 0.0, 401)
    >>> cliff = np.where(far > 20e3, 0.0, -3000.0)
    >>> [(round(step.before_m), round(step.rise_m)) for step in steps(far, cliff, least_m=100.0)]
    [(20100, -3000)]
    """
    found: list[Step] = []
    open_ranges = [(0, len(distance_m))]
    while open_ranges and len(found) < most:
        ranked = [_largest(distance_m, elevation_m, window_m, *part) for part in open_ranges]
        number = max(range(len(ranked)), key=lambda k: abs(ranked[k].rise_m))
        step, (first, last) = ranked[number], open_ranges.pop(number)
        if abs(step.rise_m) < least_m:
            break
        found.append(step)
        open_ranges += [part for part in ((first, step.first), (step.last, last)) if part[1] - part[0] > 1]
    return tuple(found)


def _largest(distance_m: FloatArray, elevation_m: FloatArray, window_m: float, first: int, last: int) -> Step:
    place = np.zeros(2, dtype=np.int64)
    kernels.largest_change(distance_m, elevation_m, first, last, window_m, place)
    i, j = int(place[0]), int(place[1])
    return Step(
        before_m=float(distance_m[i]),
        length_m=float(distance_m[i] - distance_m[j]),
        rise_m=float(elevation_m[j] - elevation_m[i]),
        first=i,
        last=j,
    )


def sweep(site: Site, headings_rad: Sequence[float], ground: Ground) -> Sweep:
    """Return the largest step within `WINDOW_M` for tracks of several headings over one site."""
    rises, places = [], []
    for heading_rad in headings_rad:
        distance_m, elevation_m = track_elevations(site, heading_rad, ground)
        step = _largest(distance_m, elevation_m, WINDOW_M, 0, len(distance_m))
        rises.append(step.rise_m)
        places.append(step.before_m)
    return Sweep(
        site.name,
        site.latitude_rad,
        site.longitude_rad,
        np.array(headings_rad, dtype=np.float64),
        np.array(rises),
        np.array(places),
    )


def all_round(count: int = 36) -> tuple[float, ...]:
    """Return headings all round, rad.

    >>> [round(math.degrees(heading)) for heading in all_round(4)]
    [0, 90, 180, 270]
    """
    return tuple(2.0 * math.pi * number / count for number in range(count))

"""Named features given by facts and laid over the map: a scarp, a crater, a plain."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from perilune.constants import MOON_RADIUS_M
from perilune.errors import InputError
from perilune.maths.arrays import FloatArray

#: Kinds of rows; a shift raises all ground by the number in column 5.
SCARP, CRATER, PLAIN, SHIFT = 0.0, 1.0, 2.0, 3.0
#: Columns that all features share: kind, unit vector of the centre (3), cosine of how far it acts, and at
#: `_DETAIL` the size (m) of what it leaves to roughness.
_COLUMNS: Final = 16
_DETAIL: Final = 13
_DETAIL_SHARE: Final = 0.1  # of a feature's size; assumed: facts of a rim or a floor hold on that scale
_RIM_REACH: Final = 3.0  # radii; the rim's height falls with the cube of the distance: 4 % are left there
_CIRCLE_RAD: Final = 0.15  # rad (260 km); a feature that acts further is no local one


@dataclass(frozen=True, slots=True)
class Scarp:
    """A cliff from a point on its rim to a point on its floor, elevations in m above 1737.4 km.

    Along the line rim-floor the ground follows a smooth step; it keeps that shape `width_m` across, and goes
    over into the map within `taper_m` on all sides.
    """

    name: str
    rim_latitude_rad: float
    rim_longitude_rad: float
    rim_elevation_m: float
    floor_latitude_rad: float
    floor_longitude_rad: float
    floor_elevation_m: float
    width_m: float = 40e3
    taper_m: float = 15e3

    @property
    def reach_m(self) -> tuple[float, float]:
        """Lowest and highest elevation it can bring."""
        return min(self.rim_elevation_m, self.floor_elevation_m), max(
            self.rim_elevation_m, self.floor_elevation_m
        )


@dataclass(frozen=True, slots=True)
class Crater:
    """A crater added to the map; depth (rim to floor) and rim height by Pike's laws where not given."""

    name: str
    latitude_rad: float
    longitude_rad: float
    diameter_m: float
    depth_m: float | None = None
    rim_height_m: float | None = None

    @property
    def reach_m(self) -> tuple[float, float]:
        """Lowest and highest change of elevation it can bring."""
        depth, rim = fresh_shape(self.diameter_m)
        rim = rim if self.rim_height_m is None else self.rim_height_m
        return rim - (depth if self.depth_m is None else self.depth_m), rim


@dataclass(frozen=True, slots=True)
class Plain:
    """A level patch at a known elevation (m above 1737.4 km), going over into the map within `taper_m`."""

    name: str
    latitude_rad: float
    longitude_rad: float
    elevation_m: float
    radius_m: float = 5e3
    taper_m: float = 10e3

    @property
    def reach_m(self) -> tuple[float, float]:
        """Lowest and highest elevation it can bring."""
        return self.elevation_m, self.elevation_m


Feature: TypeAlias = Scarp | Crater | Plain


def fresh_shape(diameter_m: float) -> tuple[float, float]:
    """Return (depth, rim height) in m of a fresh lunar crater, by the laws of Pike (1977).

    >>> tuple(round(value) for value in fresh_shape(10e3))
    (2006, 372)
    """
    kilometres = diameter_m / 1e3
    # Pike (1977), Impact and Explosion Cratering, 489-509: simple craters to 15 km, complex ones beyond.
    if kilometres <= 15.0:
        return 196.0 * kilometres**1.010, 36.0 * kilometres**1.014
    return 1044.0 * kilometres**0.301, 236.0 * kilometres**0.399


def feature_row(feature: Feature) -> FloatArray:
    """Return the row (16,) by which kernels know a feature. Raises `InputError` for one without extent."""
    row = np.zeros(_COLUMNS)
    _check(feature)
    if isinstance(feature, Scarp):
        _scarp(feature, row)
    elif isinstance(feature, Crater):
        _crater(feature, row)
    else:
        row[0] = PLAIN
        row[1:4] = _direction(feature.latitude_rad, feature.longitude_rad)
        row[4] = math.cos((feature.radius_m + feature.taper_m) / MOON_RADIUS_M)
        row[5:8] = feature.radius_m, feature.elevation_m, feature.taper_m
        row[_DETAIL] = _DETAIL_SHARE * feature.radius_m
    return row


def _scarp(scarp: Scarp, row: FloatArray) -> None:
    rim = _direction(scarp.rim_latitude_rad, scarp.rim_longitude_rad)
    floor = _direction(scarp.floor_latitude_rad, scarp.floor_longitude_rad)
    along = floor - rim * float(floor @ rim)
    length_m = float(np.linalg.norm(along)) * MOON_RADIUS_M
    if length_m < 1.0:
        raise InputError(f"Rim and floor of the scarp {scarp.name!r} are one point. Give two places.")
    far = math.hypot(length_m + scarp.taper_m, scarp.width_m / 2 + scarp.taper_m)
    row[0] = SCARP
    row[1:4] = rim
    row[4] = math.cos(far / MOON_RADIUS_M)
    row[5:8] = along / np.linalg.norm(along)
    row[8:13] = (
        length_m,
        scarp.rim_elevation_m,
        scarp.floor_elevation_m,
        scarp.width_m / 2,
        scarp.taper_m,
    )
    row[_DETAIL] = _DETAIL_SHARE * length_m


def _crater(crater: Crater, row: FloatArray) -> None:
    depth, rim = fresh_shape(crater.diameter_m)
    depth = depth if crater.depth_m is None else crater.depth_m
    rim = rim if crater.rim_height_m is None else crater.rim_height_m
    radius_m = crater.diameter_m / 2
    # A bowl has depth/diameter 0.2 and sides of a parabola; a shallower crater has a flat floor and the
    # same sides, so the floor's share of the radius follows from its depth.
    sides = min(1.0, depth / (0.2 * crater.diameter_m))
    row[0] = CRATER
    row[1:4] = _direction(crater.latitude_rad, crater.longitude_rad)
    row[4] = math.cos(_RIM_REACH * radius_m / MOON_RADIUS_M)
    row[5:10] = radius_m, rim, depth, math.sqrt(1.0 - sides), _RIM_REACH
    row[_DETAIL] = _DETAIL_SHARE * radius_m


def _check(feature: Feature) -> None:
    sizes = {
        name: getattr(feature, name)
        for name in ("diameter_m", "width_m", "taper_m", "radius_m")
        if hasattr(feature, name)
    }
    for name in (name for name, size in sizes.items() if not size > 0.0):
        raise InputError(f"The feature {feature.name!r} has {name} {sizes[name]:g}. Give one above 0 m.")
    reach = sum(sizes.values()) * (_RIM_REACH if isinstance(feature, Crater) else 1.0)
    if not reach < _CIRCLE_RAD * MOON_RADIUS_M * 2:
        raise InputError(
            f"The feature {feature.name!r} acts over {reach / 1e3:.0f} km. Up to 500 km can be laid over a "
            "map; larger ones belong into a tile."
        )
    for place in (value for value in feature.reach_m if not math.isfinite(value)):
        raise InputError(f"The feature {feature.name!r} has an elevation of {place} m. Give a finite one.")


def _direction(latitude_rad: float, longitude_rad: float) -> FloatArray:
    return np.array(
        [
            math.cos(latitude_rad) * math.cos(longitude_rad),
            math.cos(latitude_rad) * math.sin(longitude_rad),
            math.sin(latitude_rad),
        ]
    )

"""A map that does not lie where the ground is: shifted up, east and north by its errors."""

from __future__ import annotations

import numpy as np

from perilune.constants import MOON_RADIUS_M
from perilune.landing.ground import table
from perilune.landing.ground.features import SHIFT
from perilune.landing.ground.table import Ground
from perilune.maths.arrays import FloatArray


def displaced(
    ground: Ground, about: FloatArray, *, up_m: float = 0.0, east_m: float = 0.0, north_m: float = 0.0
) -> Ground:
    """Return a map shifted by a small error, told at a place `about` (3,), mean-Earth axes of any length.

    The heights are shared with the given ground. Tiles are shifted in longitude by what `east_m` is there;
    that is wrong by its change with latitude, 2 % of the shift in 30 km at 48 deg.
    """
    if up_m == 0.0 and east_m == 0.0 and north_m == 0.0:
        return ground
    up = about / np.linalg.norm(about)
    flat = max(float(np.hypot(up[0], up[1])), 1e-6)
    tiles, features = ground.tiles.copy(), ground.features.copy()
    tiles[:, table.LAT_FIRST] += north_m / MOON_RADIUS_M
    tiles[:, table.LON_FIRST] += east_m / (MOON_RADIUS_M * flat)
    east = np.array([-up[1], up[0], 0.0]) / flat
    turn = np.cross(up, east_m * east + north_m * np.cross(up, east)) / MOON_RADIUS_M
    for first in (1, 5):  # a feature's place, and a scarp's direction
        if first == 1:
            features[:, 1:4] += np.cross(turn, features[:, 1:4])
        else:
            scarps = features[:, 0] == 0.0
            features[scarps, 5:8] += np.cross(turn, features[scarps, 5:8])
    shift = np.zeros((1, ground.features.shape[1]))
    shift[0, 0], shift[0, 5] = SHIFT, up_m
    limits = ground.limits + np.array([min(up_m, 0.0), max(up_m, 0.0)])
    return ground._replace(tiles=tiles, features=np.vstack([features, shift]), limits=limits)

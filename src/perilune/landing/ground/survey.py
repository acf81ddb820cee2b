"""What a survey from orbit keeps of a ground: a map with pixels of a given size."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from perilune.constants import MOON_RADIUS_M
from perilune.errors import InputError
from perilune.landing.ground import _kernels as kernels
from perilune.landing.ground.table import Ground
from perilune.world.tiles import Tile, Window

_MOST_PIXELS: Final = 20_000_000
_ASIDE: Final = (-0.25, 0.25)  # of a pixel, where it is sounded


def surveyed(ground: Ground, window: Window, pixel_m: float, name: str = "survey") -> Tile:
    """Return the map of a window of a ground, each pixel the mean of four soundings.

    A camera or a flight computer that carries this map knows nothing of what is smaller. Raises `InputError`
    for a pixel that makes no map.
    """
    step = pixel_m / MOON_RADIUS_M
    rows = math.ceil((window.north_rad - window.south_rad) / step) if pixel_m > 0.0 else 0
    width = window.east_rad - window.west_rad
    columns = math.ceil(width / step) if pixel_m > 0.0 else 0
    if not (rows >= 2 and columns >= 2 and rows * columns <= _MOST_PIXELS):
        raise InputError(
            f"A survey with pixels of {pixel_m:g} m has {rows} x {columns} of them. Choose one that gives "
            f"from 2 x 2 to {_MOST_PIXELS / 1e6:.0f} million."
        )
    first_latitude, first_longitude = window.north_rad - step / 2, window.west_rad + step / 2
    heights = np.zeros(rows * columns)
    sounded = np.empty(rows * columns)
    for down, along in ((down, along) for down in _ASIDE for along in _ASIDE):
        latitudes = first_latitude - (np.arange(rows) + down)[:, None] * step
        longitudes = first_longitude + (np.arange(columns) + along)[None, :] * step
        flat = np.cos(latitudes)
        up = np.stack(
            np.broadcast_arrays(flat * np.cos(longitudes), flat * np.sin(longitudes), np.sin(latitudes)),
            axis=-1,
        )
        kernels.elevations(np.ascontiguousarray(up.reshape(-1, 3)), 0.0, ground, sounded)
        heights += 0.25 * sounded
    return Tile(
        name, heights.reshape(rows, columns).astype(np.float32), first_latitude, first_longitude, -step, step
    )

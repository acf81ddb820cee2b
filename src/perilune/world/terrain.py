"""The ground of the Moon: elevation above the 1737.4 km sphere, by mean-Earth latitude and longitude.

The embedded map has 1024 x 512 pixels (10.7 km on the equator): right for planning and heights along a track,
too coarse for a cliff or a boulder.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from perilune.errors import InputError
from perilune.maths.arrays import FloatArray
from perilune.world import embedded

FILE: Final = "terrain_usgs_1024x512.npz"
_HALF_METRE: Final = 0.5  # m, the unit of the embedded map's integers


@dataclass(frozen=True, slots=True, eq=False)
class Terrain:
    """A map of elevation: `grid_m[i, j]` (m above 1737.4 km) at the centre of a pixel.

    Row i is at latitude `latitude_first_rad + i * latitude_step_rad`, column j at longitude
    `longitude_first_rad + j * longitude_step_rad`, both mean-Earth, longitude closed around the Moon.
    """

    name: str
    grid_m: FloatArray
    latitude_first_rad: float
    longitude_first_rad: float
    latitude_step_rad: float
    longitude_step_rad: float

    def __post_init__(self) -> None:
        turn = abs(self.longitude_step_rad) * self.grid_m.shape[1]
        if not math.isclose(turn, 2.0 * math.pi, rel_tol=1e-9):
            raise InputError(
                f"The terrain {self.name!r} spans {math.degrees(turn):.6g} degrees of longitude. "
                "Give a map that closes around the Moon."
            )

    @staticmethod
    def embedded() -> Terrain:
        """Return the map inside the package (USGS/LOLA, 1024 x 512).

        >>> round(Terrain.embedded().elevation_m(math.radians(60.5), math.radians(-4.6)), -2)
        -2400.0
        """
        return _embedded()

    def elevation_m(self, latitude_rad: float, longitude_rad: float) -> float:
        """Return the elevation in m above the sphere, bilinear between pixels."""
        return float(self.elevations_m(latitude_rad, longitude_rad))

    def elevations_m(self, latitude_rad: npt.ArrayLike, longitude_rad: npt.ArrayLike) -> FloatArray:
        """Return elevations in m for arrays of latitudes and longitudes (rad) of one shape."""
        rows, columns = self.grid_m.shape
        row = (np.asarray(latitude_rad, dtype=np.float64) - self.latitude_first_rad) / self.latitude_step_rad
        column = (np.asarray(longitude_rad) - self.longitude_first_rad) / self.longitude_step_rad
        # Half a pixel at each pole lies beyond the last row: its value holds.
        row = np.clip(row, 0.0, rows - 1.0)
        i = np.minimum(row.astype(np.int64), rows - 2)
        j = np.floor(column).astype(np.int64)
        down, along = row - i, column - j
        west, east = j % columns, (j + 1) % columns
        upper = self.grid_m[i, west] * (1.0 - along) + self.grid_m[i, east] * along
        lower = self.grid_m[i + 1, west] * (1.0 - along) + self.grid_m[i + 1, east] * along
        result: FloatArray = upper * (1.0 - down) + lower * down
        return result


@functools.cache
def _embedded() -> Terrain:
    half_metres = embedded.arrays(FILE)["elevation_half_m"]
    rows, columns = half_metres.shape
    grid_m = half_metres.astype(np.float64) * _HALF_METRE
    grid_m.flags.writeable = False
    return Terrain(
        "USGS LOLA 1024x512",
        grid_m,
        latitude_first_rad=math.pi / 2 - math.pi / (2 * rows),
        longitude_first_rad=-math.pi + math.pi / columns,
        latitude_step_rad=-math.pi / rows,
        longitude_step_rad=2.0 * math.pi / columns,
    )

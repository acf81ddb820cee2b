"""Finer maps of parts of the Moon, read from files a person has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from perilune.constants import MOON_RADIUS_M


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """A map of a part of the Moon: `heights_m[i, j]` (m above 1737.4 km) at the centre of a pixel.

    Row i is at latitude `latitude_first_rad + i * latitude_step_rad`, column j at longitude
    `longitude_first_rad + j * longitude_step_rad`, both mean-Earth; the longitude's step is positive.
    """

    name: str
    heights_m: npt.NDArray[np.float32]
    latitude_first_rad: float
    longitude_first_rad: float
    latitude_step_rad: float
    longitude_step_rad: float

    @property
    def pixel_m(self) -> float:
        """The size of a pixel along a meridian."""
        return abs(self.latitude_step_rad) * MOON_RADIUS_M

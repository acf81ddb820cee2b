"""Ground stations on the Earth: facts with their sources, and how high something stands over one."""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import erfa
import numpy as np

from perilune.epoch import Epoch
from perilune.errors import NameNotFoundError
from perilune.maths.arrays import FloatArray
from perilune.units import quantities
from perilune.world import embedded
from perilune.world.earth_rotation import itrf_from_icrf

_WGS84 = 1  # -, ERFA's number of the ellipsoid


@dataclass(frozen=True, slots=True)
class GroundStation:
    """An antenna: its place in Earth-fixed axes (ITRF), in m."""

    code: str
    network: str
    description: str
    position_m: tuple[float, float, float]
    source: str

    @property
    def geodetic(self) -> tuple[float, float, float]:
        """Longitude (rad, east positive), latitude (rad) and height (m) over WGS84."""
        longitude, latitude, height = erfa.gc2gd(_WGS84, np.array(self.position_m))
        return float(longitude), float(latitude), float(height)

    def elevation_rad(self, position_m: FloatArray, epoch: Epoch) -> float:
        """Return how high an Earth-centred ICRF position (3,) in m stands over the horizon (geometric)."""
        sight = itrf_from_icrf(epoch) @ position_m - np.array(self.position_m)
        longitude, latitude, _ = self.geodetic
        up = np.array(
            [
                math.cos(latitude) * math.cos(longitude),
                math.cos(latitude) * math.sin(longitude),
                math.sin(latitude),
            ]
        )
        return math.asin(float(up @ sight) / float(np.linalg.norm(sight)))


@functools.cache
def stations() -> Mapping[str, GroundStation]:
    """Return every station by its code, in the table's order."""
    text = (embedded.FOLDER / "ground_stations.toml").read_text(encoding="utf-8")
    return MappingProxyType({row["code"]: _station(row) for row in tomllib.loads(text)["station"]})


def _station(row: Mapping[str, str]) -> GroundStation:
    x, y, z = quantities(row["position"], "length", 3)
    return GroundStation(row["code"], row["network"], row["description"], (x, y, z), row["source"])


def station(code: str) -> GroundStation:
    """Return a station by its code. Raises `NameNotFoundError`, which offers the nearest one.

    >>> round(math.degrees(station("DS63").geodetic[0]), 3)
    -4.248
    """
    try:
        return stations()[code]
    except KeyError:
        raise NameNotFoundError("ground station", code, stations()) from None

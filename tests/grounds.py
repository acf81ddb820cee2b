"""What the tests of the ground share: real tiles where they are at hand, and places as unit vectors."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from perilune.constants import MOON_RADIUS_M
from perilune.landing.ground.features import Plain, Scarp
from perilune.world.tiles import Tile, read_tile

SHARED = Path(__file__).resolve().parents[1] / "../shared/data"
ATLAS = "m1_atlas_gld100_128ppd_43-51N_40-50E.npz"
FRIGORIS = "m2_frigoris_gld100_64ppd_57-64N_12W-3E.npz"

#: The rim south of Mission 1's target as its facts: GLD100 along 44.4 E.
RIM = Scarp(
    "Atlas, southern rim",
    math.radians(45.34),
    math.radians(44.40),
    26.0,
    math.radians(45.73),
    math.radians(44.40),
    -3248.0,
)
TARGET = Plain("Mission 1's target", math.radians(47.5), math.radians(44.4), -3139.0)


def real_tile(name: str) -> Tile:
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"the real tile {name} is not on this machine")
    return read_tile(path)


def place(latitude_deg: float, longitude_deg: float, radius_m: float = MOON_RADIUS_M) -> NDArray[np.float64]:
    lat, lon = math.radians(latitude_deg), math.radians(longitude_deg)
    return radius_m * np.array([math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)])


def away(latitude_deg: float, longitude_deg: float, tilt_deg: float) -> NDArray[np.float64]:
    """Return the direction down at a place, tilted towards north."""
    up = place(latitude_deg, longitude_deg, 1.0)
    north = place(latitude_deg + 90.0, longitude_deg, 1.0)
    tilt = math.radians(tilt_deg)
    return -math.cos(tilt) * up + math.sin(tilt) * north


def sun(
    latitude_deg: float, longitude_deg: float, elevation_deg: float, azimuth_deg: float
) -> NDArray[np.float64]:
    """Return the Sun's direction by its elevation and its azimuth (from north over east) at a place."""
    up, north = place(latitude_deg, longitude_deg, 1.0), place(latitude_deg + 90.0, longitude_deg, 1.0)
    level = math.cos(math.radians(azimuth_deg)) * north
    level = level + math.sin(math.radians(azimuth_deg)) * np.cross(north, up)
    elevation = math.radians(elevation_deg)
    result: NDArray[np.float64] = math.sin(elevation) * up + math.cos(elevation) * level
    return result

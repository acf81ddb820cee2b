"""The terrain: heights against finer maps, and a map closed around the Moon."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.errors import InputError
from perilune.world import sites
from perilune.world.terrain import Terrain

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def test_terrain_at_mission_2s_site() -> None:
    site = sites.site("HAKUTO-R M2 target")
    # -2446 m on a map of 64 pixels a degree; the region's relief is 282 m (one sigma).
    assert Terrain.embedded().elevation_m(site.latitude_rad, site.longitude_rad) == pytest.approx(
        -2446.0, abs=50.0
    )


def test_terrain_against_a_finer_map() -> None:
    path = SHARED / "moon_dem_8ppd_gld100_ldem4.npz"
    if not path.is_file():
        pytest.skip("the 8 pixels a degree map is not on this machine")
    finer = np.cumsum(np.load(path)["dz"].astype(np.float64), axis=1)
    rows, columns = finer.shape
    i, j = np.meshgrid(np.arange(100, rows - 100, 61), np.arange(0, columns, 67), indexing="ij")
    latitude = np.pi / 2 - (i + 0.5) * np.pi / rows
    longitude = (j + 0.5) * 2 * np.pi / columns

    def spread(shift_rows: float, shift_columns: float) -> float:
        terrain = Terrain.embedded()
        moved = terrain.elevations_m(
            latitude + shift_rows * terrain.latitude_step_rad,
            longitude + shift_columns * terrain.longitude_step_rad,
        )
        return float((moved - finer[i, j]).std())

    assert spread(0, 0) < 250.0
    # Half a pixel to any side is worse: the map is registered by pixel centres.
    assert all(spread(*shift) > spread(0, 0) + 50.0 for shift in ((0.5, 0), (-0.5, 0), (0, 0.5), (0, -0.5)))


@given(st.floats(-math.pi / 2, math.pi / 2), st.floats(-10.0, 10.0))
def test_terrain_is_closed_around_the_moon(latitude: float, longitude: float) -> None:
    terrain = Terrain.embedded()
    here = terrain.elevation_m(latitude, longitude)
    assert here == pytest.approx(terrain.elevation_m(latitude, longitude + 2 * math.pi), abs=1e-6)
    assert terrain.grid_m.min() <= here <= terrain.grid_m.max()


def test_terrain_returns_its_pixels() -> None:
    terrain = Terrain.embedded()
    for i, j in ((0, 0), (511, 1023), (100, 1023), (256, 512)):
        latitude = terrain.latitude_first_rad + i * terrain.latitude_step_rad
        longitude = terrain.longitude_first_rad + j * terrain.longitude_step_rad
        assert terrain.elevation_m(latitude, longitude) == pytest.approx(terrain.grid_m[i, j], abs=1e-6)


def test_a_map_with_a_gap_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"spans 4 degrees of longitude\. Give a map that closes around the Moon"
    ):
        Terrain("tile", np.zeros((2, 4)), 0.0, 0.0, math.radians(-1.0), math.radians(1.0))

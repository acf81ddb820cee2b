"""Terrain, landing sites and ground stations, against figures from elsewhere."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.epoch import Epoch
from perilune.errors import InputError, NameNotFoundError
from perilune.world import ephemeris, sites, stations
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


def test_sites_have_sources_and_stand_on_the_moon() -> None:
    for entry in sites.sites().values():
        assert abs(entry.latitude_rad) <= math.pi / 2
        assert abs(entry.longitude_rad) <= math.pi
        assert entry.source
        assert entry.confidence in {"high", "medium", "low"}
        assert entry.kind in {"landing", "impact", "target"}
    with pytest.raises(NameNotFoundError, match=r"No landing site 'Apollo 18'\. Did you mean 'Apollo 1\d'\?"):
        sites.site("Apollo 18")


def test_madrid_lies_west_of_greenwich() -> None:
    """A well-known table has +4.25 deg, 720 km off."""
    for entry in stations.stations().values():
        longitude, latitude, height = entry.geodetic
        assert 0.0 < height < 2000.0, entry.code
        if "Madrid" in entry.description or "Cebreros" in entry.description:
            assert math.degrees(longitude) == pytest.approx(-4.3, abs=0.1)
            assert math.degrees(latitude) == pytest.approx(40.4, abs=0.1)


@pytest.mark.parametrize(
    ("code", "latitude_deg", "longitude_deg"),
    [
        # DSN Telecommunications Link Design Handbook 810-005, module 301 (coordinates of the antennas).
        ("DS14", 35.4259, -116.8895),
        ("DS43", -35.4024, 148.9813),
        ("DS63", 40.4312, -4.2480),
        # ESA, facts on its deep-space antennas.
        ("NN1D", -31.048, 116.191),
        ("CB1D", 40.4527, -4.3676),
        ("MG1D", -35.776, -69.398),
        # JAXA, Usuda Deep Space Center.
        ("USUDA64", 36.1325, 138.3627),
    ],
)
def test_stations_against_second_sources(code: str, latitude_deg: float, longitude_deg: float) -> None:
    longitude, latitude, _ = stations.station(code).geodetic
    assert math.degrees(latitude) == pytest.approx(latitude_deg, abs=1e-3)
    assert math.degrees(longitude) == pytest.approx(longitude_deg, abs=1e-3)


def test_stations_against_a_commercial_list() -> None:
    path = SHARED / "commercial_ground_networks_brahe.csv"
    if not path.is_file():
        pytest.skip("the second list of stations is not on this machine")
    rows = [
        row
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
        if row["network"] == "dsn"
    ]
    codes = {"Goldstone": "DS14", "Canberra": "DS43", "Madrid": "DS63"}
    for row in rows:
        longitude, latitude, _ = stations.station(codes[row["name"]]).geodetic
        assert math.degrees(latitude) == pytest.approx(float(row["lat_deg"]), abs=0.02)
        assert math.degrees(longitude) == pytest.approx(float(row["lon_deg"]), abs=0.02)


def test_the_moon_rises_and_sets() -> None:
    station, start = stations.station("DS63"), Epoch.utc("2025-02-14T00:00:00")
    heights = [
        station.elevation_rad(
            ephemeris.position("moon", "earth", start + hour * 3600.0), start + hour * 3600.0
        )
        for hour in range(48)
    ]
    assert min(heights) < 0.0 < max(heights) < math.pi / 2
    with pytest.raises(NameNotFoundError, match="No ground station 'DS99'"):
        stations.station("DS99")

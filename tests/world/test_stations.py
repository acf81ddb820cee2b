"""Ground stations against second sources, because a lost sign moves one by 720 km."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest

from perilune.epoch import Epoch
from perilune.errors import NameNotFoundError
from perilune.world import ephemeris, stations

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"


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

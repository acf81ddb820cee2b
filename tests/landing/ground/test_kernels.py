"""The ground's compiled answers against the map read another way, closed forms and a blind march."""

from __future__ import annotations

import math

import numpy as np
import pytest
from grounds import ATLAS, FRIGORIS, RIM, TARGET, away, place, real_tile
from hypothesis import given
from hypothesis import strategies as st

from perilune.constants import MOON_RADIUS_M
from perilune.landing.ground import _kernels as kernels
from perilune.landing.ground.features import Crater
from perilune.landing.ground.roughness import highlands
from perilune.landing.ground.table import Ground, ground, with_seed
from perilune.world.terrain import Terrain
from perilune.world.tiles import Tile

PLAIN_MOON = ground(Terrain.embedded())


def sphere(height_m: float = 0.0) -> Ground:
    flat = Terrain(
        "sphere", np.full((4, 8), height_m), math.radians(67.5), 0.0, math.radians(-45.0), math.radians(45.0)
    )
    return ground(flat)


@given(st.floats(-90.0, 90.0), st.floats(-200.0, 400.0))
def test_a_global_map_alone_gives_the_terrains_elevation(latitude: float, longitude: float) -> None:
    found = kernels.elevation(*place(latitude, longitude), PLAIN_MOON)
    wanted = Terrain.embedded().elevation_m(math.radians(latitude), math.radians(longitude))
    # asin loses digits at a pole: 1e-8 rad, over which slopes of a map change nothing.
    assert found == pytest.approx(wanted, abs=1e-3)


def test_only_the_direction_counts_and_height_is_above_the_ground() -> None:
    near, far = place(45.5, 44.4), place(45.5, 44.4, 3e6)
    assert kernels.elevation(*near, PLAIN_MOON) == pytest.approx(
        kernels.elevation(*far, PLAIN_MOON), abs=1e-6
    )
    height = kernels.height_above(*far, PLAIN_MOON)
    assert height == pytest.approx(3e6 - MOON_RADIUS_M - kernels.elevation(*far, PLAIN_MOON), abs=1e-6)


def tilted_tile(pixels: int = 101) -> Tile:
    """Return a tile of 1 degree about 10 N 20 E that rises 1000 m from south to north."""
    step = math.radians(0.01)
    heights = np.repeat(np.linspace(1000.0, 0.0, pixels)[:, None], pixels, axis=1).astype(np.float32)
    return Tile("ramp", heights, math.radians(10.5), math.radians(19.5), -step, step)


def test_a_tile_replaces_the_map_inside_and_its_edges_are_no_cliffs() -> None:
    with_tile = ground(Terrain.embedded(), tiles=[tilted_tile()])
    assert kernels.elevation(*place(10.0, 20.0), with_tile) == pytest.approx(500.0, abs=0.1)
    assert kernels.elevation(*place(10.1, 20.1), with_tile) == pytest.approx(600.0, abs=0.1)
    outside = place(10.6, 20.0)
    assert kernels.elevation(*outside, with_tile) == kernels.elevation(*outside, PLAIN_MOON)
    track = np.array([kernels.elevation(*place(lat, 20.0), with_tile) for lat in np.arange(9.4, 10.6, 0.001)])
    # 1 m steps of 30 m on the ground: nothing like the 1500 m by which tile and map differ here.
    assert np.abs(np.diff(track)).max() < 25.0


def test_the_finest_tile_wins_in_whatever_order_they_come() -> None:
    coarse = tilted_tile()
    fine = Tile(
        "flat", np.zeros((400, 400), np.float32), math.radians(10.2), math.radians(19.8), *([0.0] * 2)
    )
    step = math.radians(0.001)
    fine = Tile("flat", fine.heights_m, fine.latitude_first_rad, fine.longitude_first_rad, -step, step)
    for tiles in ([coarse, fine], [fine, coarse]):
        both = ground(Terrain.embedded(), tiles=tiles)
        assert kernels.elevation(*place(10.0, 20.0), both) == 0.0
        assert kernels.elevation(*place(9.75, 20.0), both) == pytest.approx(250.0, abs=0.1)


def test_the_real_tile_shows_the_cliff_and_the_small_map_does_not() -> None:
    tiled = ground(Terrain.embedded(), tiles=[real_tile(ATLAS)])
    assert drop_within_10_km(tiled) == pytest.approx(3190.0, abs=30.0)  # GLD100 along 44.4 E
    assert drop_within_10_km(PLAIN_MOON) < 1500.0


def test_mission_2s_site_stands_in_its_tile() -> None:
    tiled = ground(Terrain.embedded(), tiles=[real_tile(FRIGORIS)])
    assert kernels.elevation(*place(60.5, -4.6), tiled) == pytest.approx(-2446.0, abs=10.0)


def test_the_scarp_by_facts_makes_the_cliff_on_the_small_map() -> None:
    by_facts = ground(Terrain.embedded(), features=[RIM, TARGET])
    assert drop_within_10_km(by_facts) == pytest.approx(3200.0, rel=0.05)
    assert kernels.elevation(*place(45.34, 44.4), by_facts) == pytest.approx(26.0, abs=0.1)
    assert kernels.elevation(*place(45.73, 44.4), by_facts) == pytest.approx(-3248.0, abs=0.1)
    assert kernels.elevation(*place(47.5, 44.4), by_facts) == pytest.approx(-3139.0, abs=0.1)
    # The scarp alone leaves the map's own target alone.
    alone = ground(Terrain.embedded(), features=[RIM])
    target = place(47.5, 44.4)
    assert kernels.elevation(*target, alone) == kernels.elevation(*target, PLAIN_MOON)
    assert kernels.elevation(*target, alone) == pytest.approx(-3139.0, abs=150.0)


def test_a_scarps_facts_hold_under_roughness() -> None:
    rough = with_seed(
        ground(
            Terrain.embedded(),
            features=[RIM, TARGET],
            roughness=highlands(math.radians(47.5), math.radians(44.4)),
        ),
        7,
    )
    assert drop_within_10_km(rough) == pytest.approx(3200.0, rel=0.12)
    assert kernels.elevation(*place(47.5, 44.4), rough) == pytest.approx(-3139.0, abs=100.0)


def drop_within_10_km(on: Ground) -> float:
    step = 0.002
    track = np.array([kernels.elevation(*place(lat, 44.4), on) for lat in np.arange(44.0, 47.0, step)])
    reach = int(10e3 / (math.radians(step) * MOON_RADIUS_M))
    return float((track[:-reach] - track[reach:]).max())


def test_a_named_crater_has_its_depth_rim_and_edge() -> None:
    crater = Crater("test", math.radians(5.0), math.radians(5.0), 10e3, depth_m=1000.0, rim_height_m=200.0)
    dug = ground(Terrain.embedded(), features=[crater])

    def change(north_m: float) -> float:
        where = place(5.0 + math.degrees(north_m / MOON_RADIUS_M), 5.0)
        return float(kernels.elevation(*where, dug) - kernels.elevation(*where, PLAIN_MOON))

    assert change(0.0) == pytest.approx(-800.0, abs=0.01)
    assert change(5e3) == pytest.approx(200.0, abs=0.1)
    assert change(10e3) == pytest.approx(200.0 * (2.0**-3 - 3.0**-3) / (1 - 3.0**-3), abs=0.1)
    assert change(15.1e3) == 0.0


@given(st.floats(100.0, 50e3), st.floats(0.0, 60.0), st.floats(-80.0, 80.0), st.floats(-180.0, 180.0))
def test_a_ray_to_a_sphere_has_the_range_of_the_law_of_cosines(
    height: float, tilt: float, latitude: float, longitude: float
) -> None:
    ball = sphere(-500.0)
    r, top = MOON_RADIUS_M - 500.0 + height, MOON_RADIUS_M - 500.0
    sine, cosine = math.sin(math.radians(tilt)), math.cos(math.radians(tilt))
    found, facing = kernels.ray_range(
        *place(latitude, longitude, r), *away(latitude, longitude, tilt), ball, 1e9
    )
    if r * sine >= 0.999 * top:
        return
    wanted = r * cosine - math.sqrt(top * top - (r * sine) ** 2)
    assert found == pytest.approx(wanted, abs=0.01)
    assert facing == pytest.approx(math.sqrt(1.0 - (r * sine / top) ** 2), abs=1e-6)


@pytest.mark.parametrize("tilt", [0.0, 20.0, 45.0, 60.0])
@pytest.mark.parametrize("latitude", [45.2, 45.35, 45.5, 45.7, 47.0])
def test_a_ray_over_the_cliff_meets_what_a_blind_march_meets(latitude: float, tilt: float) -> None:
    by_facts = ground(Terrain.embedded(), features=[RIM, TARGET])
    start, towards = place(latitude, 44.4, MOON_RADIUS_M + 4e3), away(latitude, 44.4, tilt)
    found, _ = kernels.ray_range(*start, *towards, by_facts, 1e5)
    reach = np.arange(0.0, 60e3, 5.0)
    heights = [kernels.height_above(*(start + t * towards), by_facts) for t in reach]
    first = int(np.argmax(np.array(heights) <= 0.0))
    assert reach[first - 1] - 0.1 <= found <= reach[first] + 0.1


def test_a_ray_that_meets_nothing_or_too_late_says_so() -> None:
    start = place(10.0, 10.0, MOON_RADIUS_M + 20e3)
    up = place(10.0, 10.0, 1.0)
    assert kernels.ray_range(*start, *up, PLAIN_MOON, 1e6) == (-1.0, 0.0)
    assert kernels.ray_range(*start, *away(10.0, 10.0, 89.0), PLAIN_MOON, 1e6) == (-1.0, 0.0)
    assert kernels.ray_range(*start, *-up, PLAIN_MOON, 1e3) == (-1.0, 0.0)
    below = place(10.0, 10.0, MOON_RADIUS_M - 20e3)
    assert kernels.ray_range(*below, *-up, PLAIN_MOON, 1e3)[0] == 0.0


def test_normals_are_those_of_a_ramp() -> None:
    on_ramp = ground(Terrain.embedded(), tiles=[tilted_tile()])
    out = np.empty(3)
    kernels.surface_normal(*place(10.0, 20.0), on_ramp, 200.0, out)
    up, north = place(10.0, 20.0, 1.0), place(100.0, 20.0, 1.0)
    slope = 10.0 / (math.radians(0.01) * MOON_RADIUS_M)
    wanted = (up - slope * north) / math.hypot(1.0, slope)
    assert out == pytest.approx(wanted, abs=1e-5)
    # A beam straight down sees the slope as incidence.
    _, facing = kernels.ray_range(*place(10.0, 20.0, MOON_RADIUS_M + 5e3), *-up, on_ramp, 1e5)
    assert facing == pytest.approx(1.0 / math.hypot(1.0, slope), abs=1e-5)


def test_normals_at_a_pole_are_finite() -> None:
    out = np.empty(3)
    kernels.surface_normal(0.0, 0.0, -MOON_RADIUS_M, PLAIN_MOON, 1000.0, out)
    assert np.linalg.norm(out) == pytest.approx(1.0)
    assert out[2] < -0.5  # the map fans out there: its last row is half a pixel away

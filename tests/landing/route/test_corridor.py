import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.constants import MOON_RADIUS_M
from perilune.landing.ground.features import Scarp
from perilune.landing.ground.table import ground
from perilune.landing.route.corridor import (
    SPACING_M,
    all_round,
    elevations_under,
    steps,
    sweep,
    track_elevations,
)
from perilune.landing.surroundings import direction
from perilune.landing.vehicle import Target
from perilune.world.terrain import Terrain

ATLAS = Target("Atlas", math.radians(47.5), math.radians(44.4))
MAP = ground(Terrain.embedded())


def test_a_northbound_track_is_the_meridian():
    distance_m, elevation_m = track_elevations(ATLAS, 0.0, MAP)
    latitude = ATLAS.latitude_rad - distance_m / MOON_RADIUS_M
    expected = Terrain.embedded().elevations_m(latitude, np.full(len(latitude), ATLAS.longitude_rad))
    assert distance_m[0] == 150e3
    assert distance_m[-1] == 0.0
    assert np.abs(elevation_m - expected).max() < 0.01


def test_an_eastbound_track_comes_from_the_west_and_all_end_at_the_site():
    site = Target("equator", 0.0, 0.3)
    distance_m, elevation_m = track_elevations(site, 0.5 * math.pi, MAP)
    expected = Terrain.embedded().elevations_m(np.zeros(len(distance_m)), 0.3 - distance_m / MOON_RADIUS_M)
    assert np.abs(elevation_m - expected).max() < 0.01
    ends = [track_elevations(site, heading, MAP)[1][-1] for heading in all_round(8)]
    assert max(ends) - min(ends) < 0.01


def test_elevations_under_places_need_their_direction_alone():
    up = direction(ATLAS.latitude_rad, ATLAS.longitude_rad)
    found = elevations_under(np.array([up, up * MOON_RADIUS_M, up * 2e6]), MAP)
    assert found == pytest.approx([found[0]] * 3)


@given(
    st.lists(st.floats(-3000.0, 3000.0), min_size=20, max_size=80),
    st.floats(10.0, 500.0),
)
def test_the_largest_step_is_the_largest_change_within_the_window(elevations, least_m):
    elevation_m = np.array(elevations)
    distance_m = SPACING_M * np.arange(len(elevation_m) - 1.0, -1.0, -1.0)
    window_m = 10 * SPACING_M
    found = steps(distance_m, elevation_m, least_m=least_m, window_m=window_m)
    best = max(
        abs(elevation_m[j] - elevation_m[i])
        for i in range(len(elevation_m))
        for j in range(i + 1, min(i + 11, len(elevation_m)))
    )
    if best < least_m:
        assert found == ()
        return
    assert abs(found[0].rise_m) == best
    sizes = [abs(step.rise_m) for step in found]
    assert min(sizes) >= least_m
    taken = sorted((step.first, step.last) for step in found)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(taken))


def test_a_named_scarp_is_found_where_its_facts_put_it():
    r = math.radians
    scarp = Scarp("rim", r(45.34), r(44.4), 26.0, r(45.73), r(44.4), -3248.0)
    found = sweep(ATLAS, (0.0, math.pi), ground(Terrain.embedded(), features=[scarp]))
    assert found.rise_m[0] == pytest.approx(-3190.0, abs=60.0)
    assert found.before_m[0] == pytest.approx(65e3, abs=2e3)
    bare = sweep(ATLAS, (0.0,), MAP)
    # The coarse map alone shows less than half of it.
    assert abs(bare.rise_m[0]) < 0.6 * abs(found.rise_m[0])

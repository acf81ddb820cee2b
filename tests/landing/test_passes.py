"""Passes over a site: against the geometry they were made from."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from descents import FORCES, FRIGORIS, PASS, orbit_over

from perilune.constants import MOON_RADIUS_M
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.errors import FrameError
from perilune.landing.passes import cross_track_m, next_overflight, overflights
from perilune.world.frames import EARTH_ICRF


@pytest.mark.parametrize("beside_m", [-40e3, 0.0, 5e3])
@pytest.mark.parametrize("azimuth_rad", [0.05, math.pi - 0.05])
def test_a_pass_made_beside_a_site_is_found_there(beside_m: float, azimuth_rad: float) -> None:
    state = orbit_over(FRIGORIS, beside_m=beside_m, azimuth_rad=azimuth_rad)
    found = next_overflight(state, FRIGORIS, FORCES, after_s=5000.0, within_s=12000.0)
    assert found is not None
    assert found.epoch - PASS == pytest.approx(0.0, abs=1e-3)
    # The orbit was put to the left, so the site lies to the right.
    assert found.cross_track_m == pytest.approx(-beside_m, abs=0.01)
    assert found.northbound is (azimuth_rad < 1.0)


def test_every_revolution_passes_once() -> None:
    arc = propagate(orbit_over(FRIGORIS), 6 * 7060.0, FORCES)
    passes = overflights(arc, FRIGORIS)
    gaps = [b.epoch - a.epoch for a, b in pairwise(passes)]
    assert len(passes) == 6
    assert all(gap == pytest.approx(7060.0, abs=60.0) for gap in gaps)
    # The Moon turns under the orbit: 7060 s x 2.66e-6 rad/s x R cos(60.5 deg) is 16 km.
    drifts = [b.cross_track_m - a.cross_track_m for a, b in pairwise(passes)]
    assert all(abs(drift) == pytest.approx(16.1e3, rel=0.1) for drift in drifts)


def test_no_pass_in_too_short_a_time() -> None:
    assert next_overflight(orbit_over(FRIGORIS), FRIGORIS, FORCES, within_s=600.0) is None


def test_cross_track_follows_the_turning_moon() -> None:
    state = orbit_over(FRIGORIS, before_s=0.0)
    later = cross_track_m(state, FRIGORIS, PASS + 300.0)
    drift = 300.0 * 2.6617e-6 * MOON_RADIUS_M * math.cos(FRIGORIS.latitude_rad)
    # Eastwards, which is to the right of a northbound track.
    assert later == pytest.approx(-drift, rel=0.02)


def test_a_state_about_the_earth_is_refused() -> None:
    state = orbit_over(FRIGORIS)
    wrong = State(state.epoch, EARTH_ICRF, state.position_m, state.velocity_m_s)
    with pytest.raises(
        FrameError, match=r"The state is centred on earth with axes ICRF\. Transform it to MOON_ICRF"
    ):
        cross_track_m(wrong, FRIGORIS)

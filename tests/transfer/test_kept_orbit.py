"""The kept orbit's geometry: where the site is, how far off, and how its eccentricity is laid."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from perilune import constants
from perilune.dynamics.propagate import propagate
from perilune.epoch import Epoch
from perilune.transfer.kept_orbit import overflight, shift_for_band, site_direction, wander
from perilune.world.frames import Axes, rotation
from tests.transfer.arrivals import POINT, placed

EPOCH = Epoch.utc("2025-06-05T19:17:00")
RADIUS_M = constants.MOON_RADIUS_M + 100e3
SPEED_M_S = math.sqrt(constants.GM_MOON_M3_S2 / RADIUS_M)
PERIOD_S = 2.0 * math.pi * RADIUS_M / SPEED_M_S


def test_a_site_turns_back_into_its_coordinates() -> None:
    direction = site_direction(math.radians(60.5), math.radians(-4.6), EPOCH)
    x, y, z = rotation(Axes.ICRF, Axes.MOON_ME, EPOCH) @ direction
    assert math.degrees(math.asin(z)) == pytest.approx(60.5, abs=1e-9)
    assert math.degrees(math.atan2(y, x)) == pytest.approx(-4.6, abs=1e-9)


@given(argument_rad=st.floats(-3.0, 3.0), ahead_rad=st.floats(-3.0, 3.0), aside_rad=st.floats(-0.1, 0.1))
def test_overflight_tells_time_and_side(argument_rad: float, ahead_rad: float, aside_rad: float) -> None:
    state = placed(EPOCH, RADIUS_M, SPEED_M_S, 1.65, 0.4, argument_rad)
    later = placed(EPOCH, RADIUS_M, SPEED_M_S, 1.65, 0.4, argument_rad + ahead_rad)
    normal = np.cross(later.position_m, later.velocity_m_s)
    normal /= np.linalg.norm(normal)
    radial = later.position_m / np.linalg.norm(later.position_m)
    site = math.cos(aside_rad) * radial + math.sin(aside_rad) * normal
    found = overflight(state, site, PERIOD_S)
    assert found.ahead_s == pytest.approx(ahead_rad / (2.0 * math.pi) * PERIOD_S, abs=1e-6)
    assert found.cross_track_m == pytest.approx(aside_rad * constants.MOON_RADIUS_M, abs=1e-5)


@given(track=arrays(np.float64, (12, 2), elements=st.floats(-0.02, 0.02)), room=st.floats(0.001, 0.05))
def test_the_shift_is_the_smallest_that_keeps_the_path_inside(track: np.ndarray, room: float) -> None:
    shift = shift_for_band(track, room)
    before = np.linalg.norm(track, axis=1).max()
    after = np.linalg.norm(track + shift, axis=1).max()
    if before <= room:
        assert not shift.any()
    assert after <= max(room, before) + 1e-12
    # No shift brings it below the half of the path's width.
    width = max(float(np.linalg.norm(a - b)) for a in track for b in track)
    if after > room:
        assert after <= 0.6 * width + 1e-9


def test_a_two_body_orbit_does_not_wander() -> None:
    state = placed(EPOCH, RADIUS_M, 1.002 * SPEED_M_S, 1.65, 0.4, 0.7)
    arc = propagate(state, 20.0 * PERIOD_S, POINT)
    found = wander(arc, state.position_m / np.linalg.norm(state.position_m), PERIOD_S)
    assert np.ptp(found.track, axis=0) == pytest.approx(np.zeros(2), abs=1e-6)
    assert found.track[0] == pytest.approx([1.002**2 - 1.0, 0.0], abs=1e-6)
    assert found.lowest_altitude_m == pytest.approx(100e3, abs=20.0)

"""Phasing loops: guesses lead back to the launch, and stay away from the Moon."""

from __future__ import annotations

import math

import numpy as np
import pytest

from perilune import constants
from perilune.transfer._kernels import LUNAR, TERRESTRIAL, passages
from perilune.transfer.flyby_family import LEAST_MOON_DISTANCE_M, Member, Perigee
from perilune.transfer.phasing import guess_loops
from perilune.transfer.request import DAY_S
from tests.transfer.chains import setting


def member(days_after_launch: float, apogee_m: float, turn_rad: float) -> Member:
    """A perigee of 7,000 km some days after launch; nothing after it is looked at."""
    low = 7e6
    speed = math.sqrt(2.0 * constants.GM_EARTH_M3_S2 * apogee_m / (low * (low + apogee_m)))
    c, s = math.cos(turn_rad), math.sin(turn_rad)
    tilt = math.radians(29.0)
    state = np.array(
        [
            low * c,
            low * s,
            0.0,
            -speed * s * math.cos(tilt),
            speed * c * math.cos(tilt),
            speed * math.sin(tilt),
        ]
    )
    time_s = setting().launch_s + days_after_launch * DAY_S
    return Member(0, np.array([time_s + DAY_S, 0.0]), np.zeros((2, 6)), Perigee(time_s, low, state))


@pytest.mark.parametrize("turn_rad", [0.0, 2.0, 4.0])
def test_a_guess_flown_back_comes_from_the_launch(turn_rad: float) -> None:
    here = setting()
    start = member(7.4, 3.0e8, turn_rad)
    guesses = guess_loops(here, start)
    assert guesses
    along = start.perigee.state[3:] / np.linalg.norm(start.perigee.state[3:])
    for guess in guesses:
        assert guess.moon_distance_m > LEAST_MOON_DISTANCE_M
        state = start.perigee.state.copy()
        state[3:] += guess.impulse_m_s * along
        events, summary = np.zeros((16, 9)), np.zeros(10)
        back_s = start.perigee.time_s
        limits = np.array([0.0, 0.0, 1e12])
        count = passages(
            back_s, here.launch_s - DAY_S, state, 0.0, 1e-11, limits, here.light, events, summary
        )
        rows = [r for r in events[:count] if r[0] == TERRESTRIAL and r[1] < back_s - 60.0]
        first = rows[guess.loops - 1]
        assert first[1] == pytest.approx(0.5 * sum(here.window_s), abs=1800.0)
        assert first[2] == pytest.approx(guess.injection_radius_m, abs=3e5)
        moon = [r[2] for r in events[:count] if r[0] == LUNAR and r[1] >= first[1]]
        assert min(moon, default=math.inf) > LEAST_MOON_DISTANCE_M


def test_a_perigee_that_no_loop_reaches_has_no_guess() -> None:
    assert guess_loops(setting(), member(1.5, 3.0e8, 0.0)) == []

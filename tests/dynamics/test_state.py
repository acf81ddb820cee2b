"""A state is three numbers twice, in a frame, and can be seen from another."""

from __future__ import annotations

import numpy as np
import pytest

from perilune.dynamics.forces import ForceModel
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.errors import FrameError, InputError
from perilune.world import ephemeris
from perilune.world.frames import EARTH_ICRF, MOON_ICRF, MOON_ME

EPOCH = Epoch.utc("2025-05-06T20:41:00")


def test_seen_from_another_centre_and_back() -> None:
    state = State(EPOCH, MOON_ICRF, np.array([1.8e6, 0.0, 1e5]), np.array([0.0, 1.6e3, 0.0]))
    from_earth = state.to(EARTH_ICRF)
    moon_m, moon_m_s = ephemeris.state("moon", "earth", EPOCH)
    np.testing.assert_allclose(from_earth.position_m, state.position_m + moon_m, atol=1e-7)
    np.testing.assert_allclose(from_earth.velocity_m_s, state.velocity_m_s + moon_m_s, atol=1e-12)
    np.testing.assert_allclose(state.to(MOON_ME).to(MOON_ICRF).vector, state.vector, atol=1e-8)


def test_a_state_in_turning_axes_is_not_propagated() -> None:
    state = State(EPOCH, MOON_ICRF, np.array([1.8e6, 0.0, 1e5]), np.array([0.0, 1.6e3, 0.0])).to(MOON_ME)
    with pytest.raises(
        FrameError, match=r"The state's axes are MOON_ME\. Propagate `state\.to\(Frame\('moon'\)\)`"
    ):
        propagate(state, 60.0, ForceModel())


def test_what_is_no_state_says_so() -> None:
    with pytest.raises(InputError, match=r"position_m has shape \(2,\)\. Give three numbers"):
        State(EPOCH, MOON_ICRF, np.zeros(2), np.zeros(3))
    with pytest.raises(InputError, match=r"velocity_m_s is .*nan.*Give three finite numbers"):
        State(EPOCH, MOON_ICRF, np.ones(3), np.array([0.0, np.nan, 0.0]))

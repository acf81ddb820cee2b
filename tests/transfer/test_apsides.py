"""Apsides against the two-body problem."""

from __future__ import annotations

import math

import numpy as np
import pytest

from perilune import constants
from perilune.dynamics.propagate import propagate
from perilune.epoch import Epoch
from perilune.transfer.apsides import apsides, nearest_perilune
from tests.transfer.arrivals import MASS_KG, POINT, placed

EPOCH = Epoch.utc("2025-05-06T20:41:00")
NEAR_M = constants.MOON_RADIUS_M + 70e3
AXIS_M = constants.MOON_RADIUS_M + 0.5 * (70e3 + 5800e3)
PERIOD_S = 2.0 * math.pi * math.sqrt(AXIS_M**3 / constants.GM_MOON_M3_S2)
SPEED_M_S = math.sqrt(constants.GM_MOON_M3_S2 * (2.0 / NEAR_M - 1.0 / AXIS_M))
PERILUNE = placed(EPOCH, NEAR_M, SPEED_M_S, 1.6, 0.4, 0.3)


def test_apsides_are_half_a_period_apart() -> None:
    arc = propagate(PERILUNE, 3.6 * PERIOD_S, POINT)
    found = apsides(arc)
    times_s, heights_m = found.perilunes()
    far_s, far_m = found.apolunes()
    assert times_s == pytest.approx(PERIOD_S * np.array([1.0, 2.0, 3.0]), abs=1e-3)
    assert heights_m == pytest.approx(np.full(3, 70e3), abs=0.01)
    assert far_s == pytest.approx(PERIOD_S * np.array([0.5, 1.5, 2.5, 3.5]), abs=1e-2)
    assert far_m == pytest.approx(np.full(4, 5800e3), abs=0.01)
    alone = apsides(arc, perilunes_only=True)
    assert alone.is_perilune.all()
    assert alone.time_s == pytest.approx(times_s, abs=1e-9)


def test_the_nearest_perilune_is_found_from_either_side() -> None:
    for shift_s in (-4000.0, 1000.0):
        state = propagate(PERILUNE, shift_s, POINT).final
        found = nearest_perilune(state, EPOCH + 60.0, POINT, MASS_KG)
        assert found.epoch - EPOCH == pytest.approx(0.0, abs=1e-3)


def test_far_from_any_perilune_the_state_itself_comes_back() -> None:
    epoch = EPOCH + 0.5 * PERIOD_S
    found = nearest_perilune(PERILUNE, epoch, POINT, MASS_KG, within_s=1000.0)
    assert found.epoch - epoch == pytest.approx(0.0, abs=1e-6)

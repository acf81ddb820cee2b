"""A displaced map shows at a place what the map has where the errors come from."""

from __future__ import annotations

import math

import numpy as np
import pytest
from grounds import RIM, place

from perilune.landing.ground import _kernels as kernels
from perilune.landing.ground.displaced import displaced
from perilune.landing.ground.table import ground
from perilune.world.terrain import Terrain

SITE = place(47.5, 44.4)
UP = SITE / np.linalg.norm(SITE)
EAST = np.array([-UP[1], UP[0], 0.0]) / math.hypot(UP[0], UP[1])
NORTH = np.cross(UP, EAST)


@pytest.mark.parametrize("features", [(), (RIM,)])
def test_a_shift_is_the_same_as_looking_from_elsewhere(features: tuple) -> None:
    whole = ground(Terrain.embedded(), features=features)
    moved = displaced(whole, SITE, up_m=120.0, east_m=300.0, north_m=-200.0)
    for east_m, north_m in ((0.0, 0.0), (2000.0, -3000.0), (-500.0, -60e3)):
        here = SITE + east_m * EAST + north_m * NORTH
        there = here - 300.0 * EAST + 200.0 * NORTH
        assert kernels.elevation(*here, moved) == pytest.approx(
            kernels.elevation(*there, whole) + 120.0, abs=8.0
        )


def test_limits_hold_the_shifted_heights() -> None:
    whole = ground(Terrain.embedded())
    moved = displaced(whole, SITE, up_m=-500.0)
    assert moved.limits[0] == whole.limits[0] - 500.0
    assert moved.limits[1] == whole.limits[1]
    assert moved.heights_m is whole.heights_m


def test_no_error_no_change() -> None:
    whole = ground(Terrain.embedded())
    assert displaced(whole, SITE) is whole

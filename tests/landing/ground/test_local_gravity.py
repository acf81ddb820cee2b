"""Gravity along a corridor against the whole field, and the whole field against the descent's own force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from grounds import place

from perilune.constants import GM_MOON_M3_S2, MOON_RADIUS_M
from perilune.epoch import Epoch
from perilune.errors import InputError
from perilune.landing import _kernels as descent
from perilune.landing.ground import _kernels_gravity as kernels
from perilune.landing.ground.local_gravity import full_gravity, local_gravity
from perilune.landing.surroundings import surroundings
from perilune.world.terrain import Terrain

EPOCH = Epoch.utc("2025-06-05T19:00:00")
SITE, START = place(-75.0, 132.0), place(-48.0, 150.0)


def corridor(count: int, seed: int = 1) -> np.ndarray:
    """Return positions (n, 3) within 30 km of the track, from -4 to 40 km."""
    rng = np.random.default_rng(seed)
    start, site = START / MOON_RADIUS_M, SITE / MOON_RADIUS_M
    pole = np.cross(start, site)
    pole /= np.linalg.norm(pole)
    along = rng.uniform(0.0, math.acos(start @ site), count)[:, None]
    up = np.cos(along) * start + np.sin(along) * np.cross(pole, start)
    up = up + rng.uniform(-30e3, 30e3, count)[:, None] / MOON_RADIUS_M * pole
    up /= np.linalg.norm(up, axis=1)[:, None]
    return up * (MOON_RADIUS_M + rng.uniform(-4e3, 40e3, count)[:, None])


def accelerations(positions: np.ndarray, local: object) -> np.ndarray:
    out = np.empty(positions.shape)
    for row, position in zip(out, positions, strict=True):
        kernels.gravity_at(*position, local, row)
    return out


@pytest.mark.parametrize(("degree", "most"), [(60, 3e-7), (100, 2e-6)])
def test_the_grid_is_the_whole_field(degree: int, most: float) -> None:
    world = surroundings(EPOCH, degree, Terrain.embedded())
    positions = corridor(1500)
    error = accelerations(positions, local_gravity(world, START, SITE))
    error -= accelerations(positions, full_gravity(world))
    size = np.linalg.norm(error, axis=1)
    assert size.max() < most
    # What counts over a descent is the mean: 1e-7 m/s^2 move 3 cm in 800 s.
    assert np.abs(error.mean(axis=0)).max() < 1e-7


def test_the_whole_field_is_that_of_the_perfect_descent() -> None:
    world = surroundings(EPOCH, 60, Terrain.embedded())
    full = full_gravity(world, at_s=300.0)
    turn = world.me_from_icrf(300.0)
    work, wanted, found = np.zeros((7, 64)), np.empty(3), np.empty(3)
    for position in corridor(20):
        inertial = np.array([*(turn.T @ position), 0.0, 0.0, 0.0, 1.0])
        descent._pull(
            300.0,
            inertial,
            world.angles,
            world.gm_m3_s2,
            world.radius_m,
            60,
            world.field,
            world.others,
            work,
            wanted,
        )
        kernels.gravity_at(*position, full, found)
        assert found == pytest.approx(turn @ wanted, abs=1e-12)


def test_the_tide_of_the_earth_is_inside() -> None:
    world = surroundings(EPOCH, 2, Terrain.embedded())
    full = full_gravity(world)
    out, bare = np.empty(3), np.empty(3)
    kernels.gravity_at(*SITE, full, out)
    kernels.gravity_at(*SITE, full._replace(others=np.empty((0, 4))), bare)
    # 2 GM r / d^3 at most, half of that with the other sign at right angles.
    assert 1e-5 < np.linalg.norm(out - bare) < 2.6e-5


def test_beyond_the_grid_the_edge_holds() -> None:
    world = surroundings(EPOCH, 60, Terrain.embedded())
    local = local_gravity(world, START, SITE)
    out = np.empty(3)
    for position in (place(40.0, 10.0), place(-75.0, 132.0, MOON_RADIUS_M + 500e3)):
        kernels.gravity_at(*position, local, out)
        r = np.linalg.norm(position)
        assert np.linalg.norm(out) == pytest.approx(GM_MOON_M3_S2 / r**2, rel=0.01)


def test_a_start_above_the_site_gives_no_corridor() -> None:
    world = surroundings(EPOCH, 2, Terrain.embedded())
    with pytest.raises(InputError, match=r"lies above its site, or opposite to it.*at least 10 m away"):
        local_gravity(world, 1.1 * SITE, SITE)

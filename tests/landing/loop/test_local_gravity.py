"""The gravity grid over a landing: what it is off moves nothing by a metre, in open and in closed loop."""

from __future__ import annotations

import math

import numpy as np
from descents import m2_landing, m2_plan
from scipy.integrate import cumulative_trapezoid

from perilune.constants import MOON_RADIUS_M
from perilune.landing.craft.shape import GEOMETRIES
from perilune.landing.ground import _kernels_gravity as kernels
from perilune.landing.ground.local_gravity import full_gravity, local_gravity
from perilune.landing.ground.table import ground
from perilune.landing.loop.build import Setting, case_of
from perilune.landing.loop.case import Case
from perilune.landing.sensing.suite import Laser, Velocimeter, navigation_imu
from perilune.world.terrain import Terrain


def test_nobody_steering_the_grid_moves_a_descent_by_less_than_a_metre() -> None:
    history = m2_landing().history
    assert history is not None
    world = m2_plan().world
    track = history.position_me_m
    grid, whole = local_gravity(world, track[0], track[-1]), full_gravity(world)
    off = np.empty((len(track), 3))
    one, other = np.empty(3), np.empty(3)
    for row, place in zip(off, track, strict=True):
        kernels.gravity_at(*place, grid, one)
        kernels.gravity_at(*place, whole, other)
        row[:] = one - other
    speed = cumulative_trapezoid(off, history.time_s, axis=0, initial=0.0)
    moved = cumulative_trapezoid(speed, history.time_s, axis=0, initial=0.0)
    assert np.linalg.norm(moved, axis=1).max() < 0.05  # measured 0.3 mm


def case(whole_gravity: bool) -> Case:
    flat = ground(Terrain.embedded())
    return case_of(
        m2_plan(),
        Setting(
            mission="M2",
            geometry=GEOMETRIES["RESILIENCE"],
            ground=flat,
            onboard=flat,
            sensors=(navigation_imu(), Laser(), Velocimeter()),
            whole_gravity=whole_gravity,
        ),
    )


def test_touchdown_on_the_grid_is_that_of_the_whole_field() -> None:
    """Runs whose decisions stay the same land within centimetres.

    A decision that falls the other way (a reading just valid, a step of throttle) parts two runs by metres,
    however little their gravity differs: 8 of 30 runs, and no fewer with a grid twice as fine.
    """
    on_grid, in_field = case(False), case(True)
    names = ("latitude_rad", "longitude_rad", "outcome")
    latitude, longitude, outcome = (on_grid.columns.index(name) for name in names)
    apart = []
    for run in range(15):
        here, there = on_grid.fly(1, run), in_field.fly(1, run)
        assert here[outcome] == there[outcome]
        east = (here[longitude] - there[longitude]) * math.cos(here[latitude])
        apart.append(MOON_RADIUS_M * math.hypot(here[latitude] - there[latitude], east))
    assert float(np.median(apart)) < 0.1
    assert float(np.quantile(apart, 0.6)) < 1.0

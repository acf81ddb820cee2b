"""The compiled parts against the rest of the program, which computes the same in other ways."""

from __future__ import annotations

import math

import numpy as np
import pytest
from descents import FORCES, M2, ONE_ENGINE, PASS, m2_landing, m2_plan
from hypothesis import given
from hypothesis import strategies as st

from perilune.dynamics.propagate import propagate
from perilune.landing import _kernels as kernels
from perilune.landing import _kernels_guidance as software
from perilune.landing._kernels_linear import solve_in_place
from perilune.landing.guidance import aim_table, first_memory
from perilune.landing.reference import ideal_descent
from perilune.landing.surroundings import estimate_at, site_position, surroundings
from perilune.world.orientation import moon_me_from_icrf
from perilune.world.terrain import Terrain


def test_the_truth_coasts_as_the_propagator_does() -> None:
    plan = m2_plan()
    assert plan.pdi is not None
    start = plan.pdi
    world = surroundings(start.epoch, 60, Terrain.embedded())
    y = np.array([*start.vector, 700.0])
    work = np.zeros((7, 64))
    for n in range(1200):
        kernels.step(
            0.5 * n,
            y,
            0.0,
            0.0,
            np.zeros(3),
            0.5,
            world.angles,
            world.gm_m3_s2,
            world.radius_m,
            60,
            world.field,
            world.others,
            work,
        )
    other = propagate(start, 600.0, FORCES).final
    assert np.linalg.norm(y[:3] - other.position_m) < 1e-3
    assert np.linalg.norm(y[3:6] - other.velocity_m_s) < 1e-5


@pytest.mark.parametrize("offset_s", [-2900.0, 0.0, 1234.5, 2900.0])
def test_orientation_by_cubics_is_the_ephemeris(offset_s: float) -> None:
    world = surroundings(PASS, 60, Terrain.embedded())
    assert np.abs(world.me_from_icrf(offset_s) - moon_me_from_icrf(PASS + offset_s)).max() < 1e-11


@given(latitude=st.floats(-1.5, 1.5), longitude=st.floats(-10.0, 10.0))
def test_the_ground_is_that_of_the_map(latitude: float, longitude: float) -> None:
    world = surroundings(PASS, 60, Terrain.embedded())
    place = np.array(
        [
            math.cos(latitude) * math.cos(longitude),
            math.cos(latitude) * math.sin(longitude),
            math.sin(latitude),
        ]
    )
    expected = Terrain.embedded().elevation_m(latitude, longitude)
    assert world.elevation_m(1.7e6 * place) == pytest.approx(expected, abs=0.01)


@given(thrust=st.floats(430.0, 1625.0))
def test_two_kinds_of_engine_give_the_thrust_asked_for(thrust: float) -> None:
    main, assist = software.allocate(thrust, M2.table(), True)
    assert main == 1.0
    assert 425.0 * main + 1200.0 * assist == pytest.approx(thrust, rel=1e-12)


def test_throttles_stop_at_their_limits() -> None:
    assert software.allocate(5000.0, M2.table(), True) == (1.0, 1.0)
    assert software.allocate(300.0, M2.table(), True) == (0.0, 0.25)
    assert software.allocate(600.0, M2.table(), False) == (0.0, 0.5)
    assert software.allocate(100.0, ONE_ENGINE.table(), True) == (0.3, 0.0)


def test_attitude_follows_with_lag_and_limit() -> None:
    lander = M2.table()
    direction, wanted = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
    kernels.turn_towards(direction, wanted, lander, 1.0)
    assert math.atan2(direction[1], direction[0]) == pytest.approx(
        M2.propulsion.attitude_rate_rad_s, rel=1e-12
    )
    for _ in range(300):
        kernels.turn_towards(direction, wanted, lander, 0.1)
    assert direction == pytest.approx(wanted, abs=1e-6)
    assert np.linalg.norm(direction) == pytest.approx(1.0, abs=1e-12)


def test_small_systems_are_solved() -> None:
    generator = np.random.default_rng(5)
    for n in (1, 3, 6):
        a, b = generator.normal(size=(n, n)), generator.normal(size=n)
        expected = np.linalg.solve(a, b)
        assert solve_in_place(a.copy(), b)
        assert b == pytest.approx(expected, rel=1e-9)
    assert not solve_in_place(np.zeros((2, 2)), np.ones(2))


def test_guidance_is_a_function_of_the_estimate_alone() -> None:
    plan, landing = m2_plan(), m2_landing()
    assert landing.history is not None
    assert plan.gate is not None
    assert plan.pdi is not None
    site = site_position(plan.site, plan.world)
    estimate = estimate_at(plan.pdi.vector, plan.pdi_mass_kg, 0.0, plan.world)
    ideal = ideal_descent(plan.lander, plan.pdi, plan.pdi_mass_kg, site, plan.world)
    aim = aim_table(site, plan.gate, plan.settings, 0.0)
    commands = []
    for _ in range(2):
        memory, command = first_memory(estimate, site, ideal, plan.settings), np.zeros(5)
        before = estimate.copy()
        software.guide(memory, estimate, plan.lander.table(), aim, command)
        assert np.array_equal(before, estimate)
        commands.append(command)
    assert np.array_equal(*commands)
    assert np.linalg.norm(commands[0][:3]) == pytest.approx(1.0, abs=1e-12)

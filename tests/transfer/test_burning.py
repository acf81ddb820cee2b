"""Burns: the rocket equation, ellipses, and a burn flown by another integrator."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from perilune import constants
from perilune.dynamics.burns import Direction
from perilune.epoch import Epoch
from perilune.transfer.burning import Engine, FiniteBurn, fly_burn, moved, osculating
from tests.transfer.arrivals import ENGINE, MASS_KG, POINT, arrival, placed

EPOCH = Epoch.utc("2025-05-06T20:41:00")


@given(
    thrust_n=st.floats(1.0, 1e5),
    isp_s=st.floats(50.0, 500.0),
    mass_kg=st.floats(10.0, 1e5),
    dv_m_s=st.floats(0.01, 3000.0),
)
def test_a_burn_follows_the_rocket_equation(
    thrust_n: float, isp_s: float, mass_kg: float, dv_m_s: float
) -> None:
    engine = Engine(thrust_n, isp_s)
    burn = FiniteBurn("test", EPOCH, engine.duration_s(dv_m_s, mass_kg), engine, mass_kg)
    assert burn.dv_m_s == pytest.approx(dv_m_s, rel=1e-9)
    assert burn.propellant_kg == pytest.approx(thrust_n * burn.duration_s / (isp_s * 9.80665), rel=1e-12)
    assert burn.centre - burn.start == pytest.approx(burn.end - burn.centre, abs=1e-6)


@given(
    perilune_m=st.floats(10e3, 3000e3),
    higher_m=st.floats(1e3, 60000e3),
    inclination_rad=st.floats(0.05, 3.0),
    node_rad=st.floats(-3.0, 3.0),
    argument_rad=st.floats(-3.0, 3.0),
)
def test_vis_viva_gives_back_the_ellipse(
    perilune_m: float, higher_m: float, inclination_rad: float, node_rad: float, argument_rad: float
) -> None:
    near_m = constants.MOON_RADIUS_M + perilune_m
    axis_m = near_m + 0.5 * higher_m
    speed_m_s = math.sqrt(constants.GM_MOON_M3_S2 * (2.0 / near_m - 1.0 / axis_m))
    state = placed(EPOCH, near_m, speed_m_s, inclination_rad, node_rad, argument_rad)
    orbit = osculating(state)
    assert orbit.perilune_altitude_m == pytest.approx(perilune_m, abs=0.01)
    assert orbit.apolune_altitude_m == pytest.approx(perilune_m + higher_m, abs=0.1)
    assert orbit.inclination_rad == pytest.approx(inclination_rad, abs=1e-6)
    assert orbit.period_s == pytest.approx(
        2.0 * math.pi * math.sqrt(axis_m**3 / constants.GM_MOON_M3_S2), rel=1e-9
    )


@given(change_m=st.floats(-50e3, 50e3))
def test_moving_an_apsis_keeps_its_energy(change_m: float) -> None:
    state = arrival(EPOCH, 70e3, 1.6, 0.3)
    other = moved(state, change_m)
    energies = [
        0.5 * float(s.velocity_m_s @ s.velocity_m_s)
        - constants.GM_MOON_M3_S2 / float(np.linalg.norm(s.position_m))
        for s in (state, other)
    ]
    assert energies[1] == pytest.approx(energies[0], abs=1e-6)
    assert np.linalg.norm(other.position_m) - np.linalg.norm(state.position_m) == pytest.approx(
        change_m, abs=1e-6
    )


@pytest.mark.parametrize(
    ("sense", "direction"), [(-1.0, Direction.anti_velocity()), (1.0, Direction.velocity())]
)
def test_a_flown_burn_agrees_with_another_integrator(sense: float, direction: Direction) -> None:
    state = arrival(EPOCH, 70e3, 1.6, 0.3)
    burn = FiniteBurn("test", EPOCH, 500.0, ENGINE, MASS_KG, direction)

    def slope(t_s: float, y: np.ndarray) -> np.ndarray:
        mass_kg = MASS_KG - ENGINE.flow_kg_s * t_s
        pull = -constants.GM_MOON_M3_S2 * y[:3] / np.linalg.norm(y[:3]) ** 3
        push = sense * ENGINE.thrust_n / mass_kg * y[3:] / np.linalg.norm(y[3:])
        return np.concatenate([y[3:], pull + push])

    other = solve_ivp(slope, (0.0, 500.0), state.vector, method="DOP853", rtol=1e-13, atol=1e-6).y[:, -1]
    flown = fly_burn(state, burn, POINT)
    assert np.linalg.norm(flown.position_m - other[:3]) < 1e-3
    assert np.linalg.norm(flown.velocity_m_s - other[3:]) < 1e-6


def test_a_burn_may_start_before_the_given_state() -> None:
    state = arrival(EPOCH, 70e3, 1.6, 0.3)
    burn = FiniteBurn("test", EPOCH + -100.0, 200.0, ENGINE, MASS_KG)
    early = fly_burn(state, burn, POINT)
    again = fly_burn(arrival(EPOCH, 70e3, 1.6, 0.3), burn, POINT)
    assert early.epoch - EPOCH == pytest.approx(100.0)
    assert np.array_equal(early.vector, again.vector)


def test_pointing_is_said_in_words() -> None:
    burn = FiniteBurn("test", EPOCH, 1.0, ENGINE, MASS_KG)
    assert burn.pointing == "against the velocity"
    turned = FiniteBurn(
        "test",
        EPOCH,
        1.0,
        ENGINE,
        MASS_KG,
        Direction.turning((1.0, 0.0, 0.0), (0.0, 0.0, 1.0), math.radians(0.02)),
    )
    assert turned.pointing == "turning at 0.0200 deg/s in the plane of the orbit"

"""Burns and impulses: mass, momentum, edges and directions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from dynamics.arcs import CISLUNAR, EPOCH, ellipse, low_orbit
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.constants import STANDARD_GRAVITY_M_S2
from perilune.dynamics.burns import Burn, Direction, Impulse
from perilune.dynamics.forces import ForceModel
from perilune.dynamics.propagate import DEPLETED, propagate
from perilune.dynamics.state import State
from perilune.errors import InputError
from perilune.world.frames import EARTH_ICRF

ALONG_X = Direction.inertial((1.0, 0.0, 0.0))
#: Nearly nothing pulls: 1e-10 m/s^2.
EMPTY = ForceModel(point_masses=("earth",), gm_m3_s2=(("earth", 1.0),))
FAR = State(EPOCH, EARTH_ICRF, [1e5, 0.0, 0.0], [0.0, 1.0, 0.0])


@given(thrust_n=st.floats(1.0, 5000.0), isp_s=st.floats(200.0, 3000.0), part=st.floats(0.01, 0.7))
@settings(max_examples=30)
def test_rocket_equation(thrust_n: float, isp_s: float, part: float) -> None:
    flow = thrust_n / (isp_s * STANDARD_GRAVITY_M_S2)
    burn = Burn(EPOCH, part * 1000.0 / flow, thrust_n, isp_s, ALONG_X)
    flown = propagate(FAR, burn.duration_s, EMPTY, burns=[burn], mass_kg=1000.0)
    assert flown.final_mass_kg == pytest.approx(1000.0 * (1.0 - part), rel=1e-12)
    gained = flown.final.velocity_m_s - FAR.velocity_m_s
    expected = isp_s * STANDARD_GRAVITY_M_S2 * math.log(1.0 / (1.0 - part))
    # The Earth of 1 m^3/s^2 pulls by at most 1e-10 m/s^2.
    assert gained[0] == pytest.approx(expected, rel=1e-10, abs=1e-10 * burn.duration_s)
    assert abs(gained[1]) < 1e-10 * burn.duration_s + 1e-12


def test_without_mass_flow_it_is_a_steady_push() -> None:
    burn = Burn(EPOCH, 100.0, 50.0, 300.0, ALONG_X, mass_flow=False)
    flown = propagate(FAR, 100.0, EMPTY, burns=[burn], mass_kg=500.0)
    assert flown.final.position_m[0] == pytest.approx(1e5 + 0.5 * 0.1 * 100.0**2, abs=1e-6)
    assert flown.final_mass_kg == 500.0


def test_burn_edges_are_met_exactly() -> None:
    burn = Burn(EPOCH + 1000.25, 333.5, 425.0, 320.0, Direction.anti_velocity(), name="insertion")
    flown = propagate(low_orbit(), 5000.0, CISLUNAR, burns=[burn])
    assert [leg.name for leg in flown.legs] == ["coast", "insertion", "coast"]
    assert (flown.legs[1].start_s, flown.legs[1].end_s) == (1000.25, 1333.75)
    coast = propagate(low_orbit(), 1000.25, CISLUNAR).final
    np.testing.assert_allclose(flown.at(EPOCH + 1000.25).position_m, coast.position_m, atol=1e-6)
    half = flown.mass_at_kg(EPOCH + 1000.25 + 0.5 * 333.5)
    assert half == pytest.approx(1000.0 - 0.5 * 333.5 * burn.flow_kg_s, rel=1e-12)
    assert np.linalg.norm(flown.final.velocity_m_s) > 0.0


def test_burn_can_be_flown_backwards() -> None:
    burn = Burn(EPOCH + 600.0, 540.0, 425.0, 320.0, Direction.vnb((0.8, 0.1, -0.3)))
    there = propagate(low_orbit(), 4000.0, CISLUNAR, burns=[burn])
    back = propagate(there.final, -4000.0, CISLUNAR, burns=[burn], mass_kg=there.final_mass_kg)
    np.testing.assert_allclose(back.final.vector, low_orbit().vector, rtol=1e-10, atol=1e-5)
    assert back.final_mass_kg == pytest.approx(1000.0, rel=1e-12)


def test_an_arc_may_end_or_begin_within_a_burn() -> None:
    burn = Burn(EPOCH + -100.0, 300.0, 425.0, 320.0)
    flown = propagate(low_orbit(), 50.0, CISLUNAR, burns=[burn])
    assert [leg.name for leg in flown.legs] == ["burn"]
    assert flown.final_mass_kg == pytest.approx(1000.0 - 50.0 * burn.flow_kg_s, rel=1e-12)


def test_an_empty_tank_is_an_outcome() -> None:
    burn = Burn(EPOCH + 100.0, 4000.0, 425.0, 320.0)
    flown = propagate(low_orbit(), 5000.0, CISLUNAR, burns=[burn], mass_kg=1000.0, propellant_kg=100.0)
    assert flown.final_mass_kg == 900.0
    (event,) = flown.events
    assert event.name == DEPLETED
    assert event.epoch - EPOCH == pytest.approx(100.0 + 100.0 / burn.flow_kg_s, abs=1e-9)
    assert flown.outcome == "arrived"
    dry = propagate(low_orbit(), 200.0, CISLUNAR, burns=[burn], mass_kg=1000.0, propellant_kg=0.0)
    np.testing.assert_allclose(
        dry.final.position_m, propagate(low_orbit(), 200.0, CISLUNAR).final.position_m, atol=1e-6
    )


def test_a_short_burn_tends_to_its_impulse() -> None:
    dv = 20.0
    impulse = Impulse(EPOCH + 1000.0, (dv, 0.0, 0.0))
    by_impulse = propagate(low_orbit(), 4000.0, CISLUNAR, burns=[impulse]).final
    misses = []
    for thrust_n in (1e3, 5e2):
        seconds = dv * 1000.0 / thrust_n
        burn = Burn(EPOCH + (1000.0 - seconds / 2), seconds, thrust_n, 300.0, ALONG_X, mass_flow=False)
        by_burn = propagate(low_orbit(), 4000.0, CISLUNAR, burns=[burn]).final
        misses.append(np.linalg.norm(by_burn.position_m - by_impulse.position_m))
    assert misses[0] < 4.0
    assert misses[1] / misses[0] == pytest.approx(4.0, rel=0.1)


def test_impulse_and_back() -> None:
    impulse = Impulse(EPOCH + 1000.0, (5.0, -3.0, 8.0), body="earth", isp_s=300.0)
    there = propagate(low_orbit(), 2000.0, CISLUNAR, burns=[impulse])
    assert there.final_mass_kg == pytest.approx(1000.0 * math.exp(-math.sqrt(98.0) / (300.0 * 9.80665)))
    back = propagate(there.final, -2000.0, CISLUNAR, burns=[impulse], mass_kg=there.final_mass_kg)
    np.testing.assert_allclose(back.final.vector, low_orbit().vector, rtol=1e-10, atol=1e-5)
    assert back.final_mass_kg == pytest.approx(1000.0)
    before, after = there.at(EPOCH + 999.999), there.at(EPOCH + 1000.0)
    assert np.linalg.norm(after.velocity_m_s - before.velocity_m_s) == pytest.approx(
        math.sqrt(98.0), abs=2e-2
    )


def test_turning_thrust_comes_round() -> None:
    """Over one whole turn the pushes cancel: without mass flow no velocity is gained."""
    rate = 0.01
    burn = Burn(
        EPOCH, 2 * math.pi / rate, 10.0, 300.0,
        Direction.turning((1.0, 0.0, 0.0), (0.0, 0.0, 1.0), rate), mass_flow=False,
    )  # fmt: skip
    flown = propagate(FAR, burn.duration_s, EMPTY, burns=[burn])
    np.testing.assert_allclose(flown.final.velocity_m_s, FAR.velocity_m_s, atol=1e-7)
    # A turn of pushes moves it aside by a / rate * T.
    assert flown.final.position_m[1] == pytest.approx(burn.duration_s * (1.0 + 0.01 / rate), abs=1e-3)


def test_velocity_of_a_moving_body() -> None:
    """VNB about the Moon, flown from the Earth, pushes as when it is flown from the Moon."""
    burn = Burn(EPOCH + 100.0, 500.0, 425.0, 320.0, Direction.anti_velocity("moon"))
    by_moon = propagate(low_orbit(), 3000.0, CISLUNAR, burns=[burn]).final
    by_earth = propagate(low_orbit().to(EARTH_ICRF), 3000.0, CISLUNAR, burns=[burn]).final
    np.testing.assert_allclose(by_earth.to(by_moon.frame).position_m, by_moon.position_m, atol=1e-3)


def test_what_is_no_burn() -> None:
    with pytest.raises(InputError, match=r"burn: thrust_n is -1\.0\. Give a finite number above 0\."):
        Burn(EPOCH, 1.0, -1.0, 300.0)
    with pytest.raises(InputError, match=r"The direction \(0\.0, 0\.0, 0\.0\) has no direction\."):
        Direction.inertial((0.0, 0.0, 0.0))
    first = Burn(EPOCH, 100.0, 1.0, 300.0, name="one")
    second = Burn(EPOCH + 50.0, 100.0, 1.0, 300.0, name="two")
    with pytest.raises(InputError, match=r"'one' and 'two' overlap in time\. Move one of them\."):
        propagate(ellipse(7e6, 9e6), 500.0, CISLUNAR, burns=[second, first])

"""Laws of the six-degree motion: momentum, energy, closed forms, the rocket equation, what sensors feel."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ellipj

from perilune.constants import STANDARD_GRAVITY_M_S2
from perilune.landing.craft import table as t
from perilune.landing.craft._kernels_body import body_point, mass_properties, point_state, resting_properties

from .bodies import Flight, calm, matrix, resilience

SMALL = st.floats(-1.0, 1.0)
THREE = st.tuples(SMALL, SMALL, SMALL)


def still(**body: float) -> Flight:
    """Return a rigid body without propellant, with inertia 100, 150, 220 kg m^2."""
    return Flight(calm(resilience(), ixx=100.0, iyy=150.0, izz=220.0, **body), propellant_kg=(0.0, 0.0))


def test_a_free_body_turns_as_eulers_equations_say() -> None:
    """Jacobi's elliptic functions (Landau and Lifshitz, Mechanics, section 37), 100 s at up to 40 deg/s."""
    flight = still()
    flight.y[t.Y_W : t.Y_MAIN] = 0.3, 0.0, 0.7
    i1, i2, i3 = 100.0, 150.0, 220.0
    twice, square = i1 * 0.09 + i3 * 0.49, i1**2 * 0.09 + i3**2 * 0.49
    assert square > twice * i2
    flight.step(5000)
    rate = math.sqrt((i3 - i2) * (square - twice * i1) / (i1 * i2 * i3))
    modulus = (i2 - i1) * (twice * i3 - square) / ((i3 - i2) * (square - twice * i1))
    sn, cn, dn, _ = ellipj(100.0 * rate, modulus)
    # The signs follow from the start: first and third axis positive, the second sets out downwards ...
    expected = [
        0.3 * cn,
        math.sqrt((twice * i3 - square) / (i2 * (i3 - i2))) * sn * math.copysign(1.0, (i3 - i1) * 0.3 * 0.7),
        0.7 * dn,
    ]
    np.testing.assert_allclose(flight.y[t.Y_W : t.Y_MAIN], expected, atol=1e-6)


@pytest.mark.parametrize(("most_m", "loss"), [(0.08, 1e-7), (0.15, 1e-5)])
@settings(max_examples=15)
@given(rate=THREE, velocity=THREE, liquid=st.lists(SMALL, min_size=8, max_size=8))
def test_momentum_is_kept_whatever_the_liquid_does(
    most_m: float,
    loss: float,
    rate: tuple[float, float, float],
    velocity: tuple[float, float, float],
    liquid: list[float],
) -> None:
    """Of 10 kg m/s. The further one hits the wall of the tank, whose kink costs the integrator its order."""
    flight = Flight(calm(resilience(), damping=0.1, ixy=20.0, iyz=-15.0), velocity_m_s=velocity)
    flight.y[t.Y_W : t.Y_MAIN] = np.array(rate) * 0.2
    flight.y[t.Y_SLOSH : t.Y_SLOSH + 8] = np.array(liquid) * most_m
    before, spin_before = flight.momenta()
    # Steps of 5 ms: those of 20 ms keep it to 1e-6 of its parts, by the integrator's order.
    flight.step(500, dt_s=0.005)
    after, spin_after = flight.momenta()
    np.testing.assert_allclose(after, before, atol=loss)
    np.testing.assert_allclose(spin_after, spin_before, atol=loss)


def test_momentum_is_lost_by_the_integrator_alone() -> None:
    """Half the step, a sixteenth of the loss (or less): the equations themselves keep it."""
    losses = []
    for dt_s in (0.04, 0.02):
        flight = Flight(calm(resilience(), damping=0.05), rate_rad_s=[0.1, -0.05, 0.2])
        flight.y[t.Y_SLOSH : t.Y_SLOSH + 4] = 0.05, -0.02, 0.05, 0.1
        _, before = flight.momenta()
        flight.step(round(4.0 / dt_s), dt_s=dt_s)
        losses.append(float(np.linalg.norm(flight.momenta()[1] - before)))
    assert losses[1] < losses[0] / 12.0


def test_an_undamped_liquid_keeps_the_energy_and_a_damped_one_loses_it() -> None:
    for damping, kept in ((0.0, True), (0.1, False)):
        flight = Flight(calm(resilience(), damping=damping, settling=2.0), rate_rad_s=[0.05, -0.03, 0.02])
        flight.y[t.Y_SLOSH : t.Y_SLOSH + 4] = 0.05, -0.02, 0.1, 0.05
        before = flight.energy()
        flight.step(4000, dt_s=0.005)
        assert (abs(flight.energy() / before - 1.0) < 1e-8) is kept
        assert flight.energy() <= before * (1.0 + 1e-8)


def test_free_liquid_sways_at_the_frequency_of_two_coupled_masses() -> None:
    """Held from turning by a huge inertia, one sphere's liquid sways at w sqrt(1 + m/M) about the body."""
    craft = calm(resilience(), settling=1.7, ixx=1e9, iyy=1e9, izz=1e9)
    craft.tanks[1, t.SWAYS] = 0.0
    flight = Flight(craft)
    flight.y[t.Y_SLOSH] = 0.02
    masses, _, _ = flight.masses()
    flight.step()
    stiffness = 1.7 * flight.work[24 + 17]
    pulse = math.sqrt(stiffness * (1.0 + masses[1] / masses[0]))
    flight.step(499)
    assert flight.y[t.Y_SLOSH] == pytest.approx(0.02 * math.cos(10.0 * pulse), abs=1e-5)
    assert 0.3 < pulse / (2.0 * math.pi) < 0.7


def test_a_burn_to_the_last_drop_is_the_rocket_equation() -> None:
    flight = Flight(resilience(), propellant_kg=(100.0, 5.0))
    flight.levels[0, 0] = 1.0
    flight.step(50 * 800)
    assert flight.y[t.Y_MAIN] == 0.0
    dv_m_s = 320.0 * STANDARD_GRAVITY_M_S2 * math.log(480.0 / 380.0)
    assert flight.y[5] == pytest.approx(dv_m_s, rel=1e-9)
    np.testing.assert_allclose(flight.y[[3, 4]], 0.0, atol=1e-9)
    assert flight.y[t.Y_RCS] == 5.0
    # The engine stands still from then on, and does not turn on again.
    velocity = flight.y[5]
    flight.step(10)
    assert flight.y[5] == velocity


def test_a_straight_burn_under_gravity_is_that_of_a_point() -> None:
    """Against the closed form of a rocket at constant thrust in a uniform field, 200 s."""
    flight = Flight(resilience(), position_m=[1.0e6, 2.0, 3.0], velocity_m_s=[10.0, -4.0, 0.0])
    flight.gravity[:] = 0.3, -0.2, -1.5
    # Valves open: the point knows no lag.
    flight.levels[:7, 0] = flight.valves[:7, 0] = 1.0
    flight.craft.engines[1:7, t.MIN_ON_S] = 0.0
    flight.step(50 * 200)
    thrust_n, time_s = 1625.0, 200.0
    flow = flight.craft.engines[:7, t.FLOW_KG_S].sum()
    mass, exhaust = 782.5, thrust_n / flow
    left = 1.0 - flow * time_s / mass
    dv_m_s = -exhaust * math.log(left)
    run_m = exhaust * mass / flow * (1.0 - left + left * math.log(left))
    drift = np.array([10.0, -4.0, 0.0]) + flight.gravity * time_s
    np.testing.assert_allclose(flight.y[3:6], drift + np.array([0.0, 0.0, dv_m_s]), atol=1e-5)
    # The body's centre of mass has moved within the craft: judge a point of the craft.
    place, start = np.zeros(6), np.zeros(6)
    point_state(flight.y, flight.craft, 0.0, 0.0, 0.0, place)
    fresh = Flight(flight.craft, position_m=[1.0e6, 2.0, 3.0])
    point_state(fresh.y, flight.craft, 0.0, 0.0, 0.0, start)
    way = place[:3] - start[:3]
    expected = np.array([10.0, -4.0, 0.0]) * time_s + 0.5 * flight.gravity * time_s**2
    np.testing.assert_allclose(way, expected + np.array([0.0, 0.0, run_m]), atol=1e-4)


def test_thrust_off_the_centre_turns_by_lever_over_inertia() -> None:
    flight = still(dry_x=0.02)
    flight.craft.engines[0, t.TANK] = 1.0  # fed by a drop of hydrazine
    flight.y[t.Y_RCS] = 1e-3
    flight.levels[0, 0] = flight.valves[0, 0] = 1.0
    flight.step()
    assert flight.y[11] == pytest.approx(0.02 * 425.0 * 0.02 / 150.0 * 1e-3 / (0.13543 * 0.02), rel=1e-3)


def test_a_gimbal_and_a_misalignment_turn_the_force_alike() -> None:
    turned, askew = Flight(resilience()), Flight(resilience())
    for flight in (turned, askew):
        flight.levels[0, 0] = flight.valves[0, 0] = 1.0
    turned.craft.engines[0, [t.GIMBAL_RAD, t.GIMBAL_RATE]] = 0.1, 10.0
    turned.levels[0, 1:], askew.health[0, 1:] = (0.02, -0.03), (0.02, -0.03)
    turned.step(5)
    askew.step(5)
    np.testing.assert_allclose(turned.y, askew.y, atol=1e-15)
    assert turned.y[3] < 0.0
    assert turned.y[4] < 0.0
    turned.levels[0, 1] = 1.0
    turned.step(5)
    assert turned.valves[0, 1] == 0.1


@pytest.mark.parametrize("on_s", [0.016, 0.02, 0.05, 0.073, 0.1])
def test_a_pulse_gives_its_impulse(on_s: float) -> None:
    flight = still(dry_kg=100.0)
    flight.y[t.Y_RCS] = 1.0
    thruster = flight.craft.engines[7]
    flight.levels[7, 0] = on_s / 0.1
    flight.step(5)
    flight.levels[7, 0] = 0.0
    flight.step(10)
    assert flight.valves[7, 0] == 0.0
    burnt = 1.0 - flight.y[t.Y_RCS]
    assert burnt == pytest.approx(thruster[t.FLOW_KG_S] * on_s, rel=2e-4)
    momentum, _ = flight.momenta()
    assert np.linalg.norm(momentum) == pytest.approx(thruster[t.THRUST_N] * on_s, rel=1e-2)


def test_a_pulse_too_short_does_not_come() -> None:
    flight = Flight(resilience())
    flight.levels[7, 0] = 0.9 * flight.craft.engines[7, t.MIN_ON_S] / 0.1
    flight.step(5)
    assert flight.y[t.Y_RCS] == 7.5


def test_mass_properties_are_sums_over_all_parts() -> None:
    flight = Flight(calm(resilience(), dry_x=0.02, dry_y=-0.01))
    flight.y[t.Y_SLOSH : t.Y_SLOSH + 2] = 0.1, -0.05
    out = np.zeros(10)
    mass_properties(flight.y, flight.craft, out)
    masses, places, _ = flight.masses()
    centre = masses @ places / masses.sum()
    origin = np.zeros(6)
    point_state(flight.y, flight.craft, 0.0, 0.0, 0.0, origin)
    assert out[0] == pytest.approx(782.5)
    np.testing.assert_allclose(out[1:4], centre - origin[:3], atol=1e-12)
    inertia = flight.inertia()
    for mass, place in zip(masses, places - centre, strict=True):
        inertia += mass * (place @ place * np.eye(3) - np.outer(place, place))
    np.testing.assert_allclose(out[4:], inertia[[0, 1, 2, 0, 0, 1], [0, 1, 2, 1, 2, 2]], rtol=1e-12)
    flight.y[t.Y_SLOSH : t.Y_SLOSH + 2] = 0.0
    mass_properties(flight.y, flight.craft, out)
    believed = np.zeros(10)
    resting_properties(400.0, 7.5, flight.craft, believed)
    np.testing.assert_array_equal(believed, out)


def test_the_inertial_unit_feels_what_its_place_does() -> None:
    """Rate and force summed by hand give the unit's velocity back, over a turn with all engines alight."""
    flight = Flight(resilience(), rate_rad_s=[0.05, -0.04, 0.1])
    flight.levels[:, 0] = 0.8
    flight.levels[1, 0] = 0.5
    imu = flight.craft.body[t.IMU_X : t.IMU_Z + 1]
    before, after = np.zeros(6), np.zeros(6)
    point_state(flight.y, flight.craft, *imu, before)
    velocity, attitude = before[3:].copy(), matrix(flight.y[t.Y_Q : t.Y_W])
    for _ in range(500):
        flight.step()
        turn = flight.sensed[3:] * 0.02
        half = turned(0.5 * turn)
        velocity += attitude @ half @ flight.sensed[:3] * 0.02
        attitude = attitude @ half @ half
    point_state(flight.y, flight.craft, *imu, after)
    np.testing.assert_allclose(velocity, after[3:], atol=2e-3)
    np.testing.assert_allclose(attitude, matrix(flight.y[t.Y_Q : t.Y_W]), atol=1e-5)
    quick = np.zeros(6)
    body_point(flight.y, flight.work, *imu, quick)
    np.testing.assert_allclose(quick, after, atol=1e-4)


def turned(angle: np.ndarray) -> np.ndarray:
    size = float(np.linalg.norm(angle))
    return matrix(np.array([math.cos(size / 2), *(angle / size * math.sin(size / 2))]))


def test_the_same_steps_give_the_same_bits() -> None:
    ends = []
    for _ in range(2):
        flight = Flight(resilience(), rate_rad_s=[0.05, -0.04, 0.1])
        flight.levels[:, 0] = 0.7
        flight.step(100)
        ends.append(flight.y.tobytes())
    assert ends[0] == ends[1]

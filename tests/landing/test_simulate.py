"""Flown descents: the landing asked for, the physics on the way, and flights that differ from the plan."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from descents import (
    FORCES,
    FRIGORIS,
    M2,
    M2_MASS_KG,
    ONE_ENGINE,
    TWO_KINDS,
    m2_landing,
    m2_plan,
    orbit_over,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from perilune.constants import STANDARD_GRAVITY_M_S2
from perilune.dynamics.state import State
from perilune.landing.plan import plan_descent
from perilune.landing.simulate import Landing, Outcome, Truth, fly_descent
from perilune.landing.vehicle import Lander, Target
from perilune.world.terrain import Terrain


def assert_soft(landing: Landing, miss_m: float = 100.0) -> None:
    assert landing.outcome is Outcome.LANDED, landing.reason
    assert landing.miss_distance_m < miss_m
    assert 0.0 < landing.vertical_speed_m_s <= 2.0
    assert landing.horizontal_speed_m_s <= 0.5
    assert landing.tilt_rad <= math.radians(5.0)


def test_mission_2_lands_where_it_shall() -> None:
    landing = m2_landing()
    assert_soft(landing)
    assert math.degrees(landing.latitude_rad) == pytest.approx(60.5, abs=1e-4)
    assert math.degrees(landing.longitude_rad) == pytest.approx(-4.6, abs=1e-4)
    assert landing.propellant_left_kg > 25.0
    assert landing.lowest_clearance_m > 2000.0


def test_guidance_costs_little_more_than_the_optimum() -> None:
    landing = m2_landing()
    assert landing.dv_ideal_m_s < landing.dv_m_s < 1.06 * landing.dv_ideal_m_s


def test_our_own_landing_is_frozen() -> None:
    landing = m2_landing()
    assert landing.dv_m_s == pytest.approx(1930.358, abs=0.02)
    assert landing.mass_kg == pytest.approx(405.264, abs=0.02)


def test_speed_change_and_propellant_belong_together() -> None:
    landing = m2_landing()
    history = landing.history
    assert history is not None
    # Between the specific impulses of both kinds of engine, phase by phase and altogether.
    for phase in landing.phases:
        first = float(np.interp(phase.epoch - history.base, history.time_s, history.mass_kg))
        exhaust_m_s = phase.dv_m_s / math.log(first / (first - phase.propellant_kg))
        assert 290.0 - 0.2 < exhaust_m_s / STANDARD_GRAVITY_M_S2 < 320.0
    assert sum(phase.dv_m_s for phase in landing.phases) == pytest.approx(landing.dv_m_s, rel=1e-9)
    burned = sum(phase.propellant_kg for phase in landing.phases)
    assert landing.deorbit is not None
    assert M2_MASS_KG - landing.deorbit.propellant_kg - burned == pytest.approx(landing.mass_kg, rel=1e-9)


def test_energy_is_taken_out_by_thrust_alone() -> None:
    # Orbital energy changes by thrust's work alone; the rest of the field is a thousandth of the point mass.
    history = m2_landing().history
    assert history is not None
    rows = [i for i, phase in enumerate(history.phase) if phase == "braking"]
    r = np.linalg.norm(history.position_m, axis=1)
    speed2 = np.einsum("ni,ni->n", history.velocity_m_s, history.velocity_m_s)
    energy = 0.5 * speed2 - 4902.8e9 / r
    axis = np.diff(history.velocity_m_s[rows], axis=0) / np.diff(history.time_s[rows])[:, None]
    pull = -4902.8e9 * history.position_m / r[:, None] ** 3
    middle = 0.5 * (history.velocity_m_s[rows][1:] + history.velocity_m_s[rows][:-1])
    push = axis - 0.5 * (pull[rows][1:] + pull[rows][:-1])
    work = np.einsum("ni,ni->n", push, middle) * np.diff(history.time_s[rows])
    assert work.sum() == pytest.approx(energy[rows[-1]] - energy[rows[0]], rel=1e-3)
    thrust = history.thrust_n[rows][1:] / history.mass_kg[rows][1:]
    assert np.linalg.norm(push, axis=1) == pytest.approx(thrust, rel=0.01)


def test_limits_of_engines_and_attitude_hold() -> None:
    history = m2_landing().history
    assert history is not None
    assert set(np.unique(history.main_throttle)) <= {0.0, 1.0}
    assert history.assist_throttle.min() >= 0.0
    assert history.assist_throttle.max() <= 1.0
    rate = np.abs(np.diff(history.pitch_rad)) / np.maximum(np.diff(history.time_s), 1e-9)
    assert rate.max() < M2.propulsion.attitude_rate_rad_s + 0.01


def test_the_same_flight_gives_the_same_bits() -> None:
    again = fly_descent(m2_plan())
    first = m2_landing()
    assert again.dv_m_s == first.dv_m_s
    assert again.history is not None
    assert first.history is not None
    assert np.array_equal(again.history.position_m, first.history.position_m)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    thrust_factor=st.floats(0.98, 1.02),
    isp_factor=st.floats(0.99, 1.01),
    mass_share=st.floats(-0.02, 0.02),
    offset_m=st.tuples(*[st.floats(-500.0, 500.0)] * 3),
    offset_m_s=st.tuples(*[st.floats(-0.3, 0.3)] * 3),
)
def test_dispersed_flights_land(
    thrust_factor: float,
    isp_factor: float,
    mass_share: float,
    offset_m: tuple[float, float, float],
    offset_m_s: tuple[float, float, float],
) -> None:
    truth = Truth(thrust_factor, isp_factor, mass_share * M2_MASS_KG, offset_m, offset_m_s)
    landing = fly_descent(m2_plan(), truth)
    assert_soft(landing)
    assert landing.dv_m_s < 1.06 * landing.dv_ideal_m_s


@pytest.mark.parametrize("beside_m", [-50e3, -3e3, 3e3, 50e3])
def test_a_site_beside_the_plane_is_steered_to(beside_m: float) -> None:
    plan = plan_descent(orbit_over(FRIGORIS, beside_m=beside_m), M2_MASS_KG, M2, FRIGORIS, FORCES)
    landing = fly_descent(plan)
    assert_soft(landing)
    assert landing.dv_m_s < 1.06 * landing.dv_ideal_m_s


@pytest.mark.parametrize(
    ("lander", "mass_kg"),
    [(M2, 790.0), (ONE_ENGINE, 3600.0), (TWO_KINDS, 2400.0)],
    ids=lambda v: getattr(v, "name", v),
)
@pytest.mark.parametrize(
    ("latitude_deg", "longitude_deg", "azimuth_deg", "perilune_m"),
    [
        (-80.0, 150.0, 178.0, 15e3),
        (0.0, 40.0, 90.0, 20e3),
        (47.5, 44.4, 6.0, 12e3),
        (-45.0, -100.0, -115.0, 30e3),
    ],
)
def test_other_landers_land_elsewhere(
    lander: Lander,
    mass_kg: float,
    latitude_deg: float,
    longitude_deg: float,
    azimuth_deg: float,
    perilune_m: float,
) -> None:
    site = Target("elsewhere", math.radians(latitude_deg), math.radians(longitude_deg))
    state = orbit_over(site, azimuth_rad=math.radians(azimuth_deg))
    plan = plan_descent(state, mass_kg, lander, site, FORCES, perilune_altitude_m=perilune_m)
    landing = fly_descent(plan)
    assert_soft(landing)
    assert landing.dv_m_s < 1.06 * landing.dv_ideal_m_s


def test_weak_engines_land_softly_beyond_the_site() -> None:
    landing = fly_descent(m2_plan(), Truth(thrust_factor=0.95))
    assert_soft(landing, miss_m=10e3)
    assert landing.miss_distance_m > 500.0


def test_too_little_propellant_ends_in_a_fall() -> None:
    thirsty = Lander("thirsty", M2.propulsion, 430.0)
    landing = fly_descent(plan_descent(orbit_over(FRIGORIS), M2_MASS_KG, thirsty, FRIGORIS, FORCES))
    assert landing.outcome is Outcome.PROPELLANT_EXHAUSTED
    assert landing.propellant_left_kg == 0.0
    assert landing.vertical_speed_m_s > 10.0


def test_no_plan_no_descent() -> None:
    plan = plan_descent(orbit_over(FRIGORIS), 2500.0, M2, FRIGORIS, FORCES)
    landing = fly_descent(plan)
    assert landing.outcome is Outcome.NO_DESCENT
    assert landing.reason == "1625 N can not land 2500 kg. Give more thrust or less mass."
    assert math.isnan(landing.dv_m_s)


def test_height_is_that_over_the_map() -> None:
    history = m2_landing().history
    assert history is not None
    place = history.position_me_m[0]
    latitude = math.asin(place[2] / float(np.linalg.norm(place)))
    longitude = math.atan2(place[1], place[0])
    ground = Terrain.embedded().elevation_m(latitude, longitude)
    assert history.height_m[0] == pytest.approx(history.altitude_m[0] - ground, abs=1e-3)


def test_a_wall_in_the_way_is_a_crash() -> None:
    flat = Terrain.embedded()
    rows = flat.latitude_first_rad + flat.latitude_step_rad * np.arange(flat.grid_m.shape[0])
    grid = flat.grid_m.copy()
    grid[(rows > math.radians(58.0)) & (rows < math.radians(59.5))] = 15e3
    wall = replace(flat, name="walled", grid_m=grid)
    plan = plan_descent(orbit_over(FRIGORIS), M2_MASS_KG, M2, FRIGORIS, FORCES, terrain=wall)
    landing = fly_descent(plan)
    assert landing.outcome is Outcome.CRASHED
    assert landing.lowest_clearance_m == 0.0
    assert landing.propellant_left_kg > 30.0


@pytest.mark.slow
@settings(max_examples=150, phases=(Phase.explicit, Phase.generate))
@given(
    kind=st.sampled_from([(M2, 740.0, 830.0), (ONE_ENGINE, 3000.0, 4000.0), (TWO_KINDS, 1900.0, 2600.0)]),
    load=st.floats(0.0, 1.0),
    sine_of_latitude=st.floats(-0.9999, 0.9999),
    longitude_rad=st.floats(-math.pi, math.pi),
    azimuth_rad=st.floats(0.0, 2.0 * math.pi),
    altitude_m=st.floats(75e3, 125e3),
    perilune_m=st.floats(12e3, 25e3),
    beside_m=st.floats(-10e3, 10e3),
    kick_m_s=st.tuples(*[st.floats(-5.0, 5.0)] * 3),
    thrust_factor=st.floats(0.98, 1.02),
    isp_factor=st.floats(0.99, 1.01),
    mass_share=st.floats(-0.02, 0.02),
)
def test_anywhere_from_any_low_orbit(
    kind: tuple[Lander, float, float],
    load: float,
    sine_of_latitude: float,
    longitude_rad: float,
    azimuth_rad: float,
    altitude_m: float,
    perilune_m: float,
    beside_m: float,
    kick_m_s: tuple[float, float, float],
    thrust_factor: float,
    isp_factor: float,
    mass_share: float,
) -> None:
    lander, lightest_kg, heaviest_kg = kind
    mass_kg = lightest_kg + load * (heaviest_kg - lightest_kg)
    site = Target("somewhere", math.asin(sine_of_latitude), longitude_rad)
    orbit = orbit_over(site, azimuth_rad=azimuth_rad, altitude_m=altitude_m, beside_m=beside_m)
    kicked = State(orbit.epoch, orbit.frame, orbit.position_m, orbit.velocity_m_s + np.array(kick_m_s))
    plan = plan_descent(kicked, mass_kg, lander, site, FORCES, perilune_altitude_m=perilune_m)
    landing = fly_descent(plan, Truth(thrust_factor, isp_factor, mass_share * mass_kg))
    assert_soft(landing)
    assert landing.dv_m_s < 1.06 * landing.dv_ideal_m_s

"""Coasts: against closed forms, against themselves backwards, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from dynamics.arcs import CISLUNAR, EARTH_ALONE, EPOCH, LUNAR_20, ellipse, kepler, low_orbit
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.constants import GM_EARTH_M3_S2
from perilune.dynamics.forces import ForceModel, SolarPressure
from perilune.dynamics.propagate import propagate, propagate_many
from perilune.dynamics.state import State
from perilune.dynamics.trajectory import ARRIVED, COLLAPSED
from perilune.errors import EpochError, InputError, NameNotFoundError
from perilune.world.frames import EARTH_ICRF, MOON_ICRF

ellipses = st.builds(
    ellipse,
    st.floats(6.6e6, 5e7),
    st.floats(5.1e7, 8e8),
    st.floats(0.0, math.pi),
    st.floats(-math.pi, math.pi),
)


@given(start=ellipses, days=st.floats(-20.0, 20.0))
@settings(max_examples=40)
def test_two_bodies_follow_kepler(start: State, days: float) -> None:
    flown = propagate(start, days * 86400.0, EARTH_ALONE)
    exact = kepler(start, GM_EARTH_M3_S2, days * 86400.0)
    turns = abs(days) * 86400.0 / period_s(start) + 1.0
    scale = np.linalg.norm(start.position_m)
    # Rounding and tolerance shift the time of flight: that shows along the track, most at the perigee.
    assert np.linalg.norm(flown.final.position_m - exact[:3]) < 3e-9 * turns**2 * scale


def period_s(state: State) -> float:
    a = 1.0 / (
        2.0 / np.linalg.norm(state.position_m) - state.velocity_m_s @ state.velocity_m_s / GM_EARTH_M3_S2
    )
    return 2.0 * math.pi * math.sqrt(a**3 / GM_EARTH_M3_S2)


@given(start=ellipses)
@settings(max_examples=20)
def test_energy_and_momentum_stay(start: State) -> None:
    flown = propagate(start, 10 * 86400.0, EARTH_ALONE)
    nodes = flown.nodes()
    r, v = nodes[:, 1:4], nodes[:, 4:7]
    energy = 0.5 * np.sum(v * v, axis=1) - GM_EARTH_M3_S2 / np.linalg.norm(r, axis=1)
    momentum = np.cross(r, v)
    assert np.ptp(energy) < 2e-11 * np.max(np.sum(v * v, axis=1))
    assert np.abs(momentum - momentum[0]).max() < 2e-11 * np.linalg.norm(momentum[0])


@given(start=ellipses, days=st.floats(0.1, 15.0))
@settings(max_examples=20)
def test_back_where_it_came_from(start: State, days: float) -> None:
    there = propagate(start, days * 86400.0, CISLUNAR)
    if there.outcome == COLLAPSED:
        return
    back = propagate(there.final, -days * 86400.0, CISLUNAR)
    closest = np.linalg.norm(there.nodes()[:, 1:4], axis=1).min()
    assert abs(back.final.epoch - start.epoch) < 1e-6
    growth = 1.0 + (days * 86400.0 / period_s(start)) ** 2
    assert np.linalg.norm(back.final.position_m - start.position_m) < 1e-6 * growth * closest


def test_close_pass_of_the_moon_flown_from_the_earth() -> None:
    """A pass at 100 km, in coordinates 200 times larger: steps and errors follow the nearest body."""
    planets = ("earth", "moon", "sun", "venus", "mars", "jupiter", "saturn")
    forces = ForceModel(point_masses=planets, earth_zonals=4)
    pass_by = State(EPOCH, MOON_ICRF, low_orbit().position_m, [0.0, 500.0, 2450.0])
    start = propagate(pass_by, -2 * 86400.0, forces).final
    flown = propagate(start.to(EARTH_ICRF), 4 * 86400.0, forces).final
    finer = propagate(start.to(EARTH_ICRF), 4 * 86400.0, forces, tolerance=1e-12).final
    assert np.linalg.norm(flown.position_m - finer.position_m) < 1e-4
    # From the Moon it is the same but for what DE440's Moon feels and a spacecraft's model leaves out:
    # relativity and the pull on the figure of the Moon, together 1e-10 m/s^2.
    by_moon = propagate(start, 1.9 * 86400.0, forces).final
    by_earth = propagate(start.to(EARTH_ICRF), 1.9 * 86400.0, forces).final.to(MOON_ICRF)
    assert np.linalg.norm(by_moon.position_m - by_earth.position_m) < 3.0


def test_any_instant_is_as_exact_as_the_end() -> None:
    flown = propagate(low_orbit(), 20000.0, LUNAR_20)
    for seconds in (0.0, 1.0, 7777.7, 20000.0):
        direct = propagate(low_orbit(), seconds, LUNAR_20).final
        np.testing.assert_allclose(flown.at(EPOCH + seconds).position_m, direct.position_m, atol=2e-5)
    back = propagate(low_orbit(), -9000.0, LUNAR_20)
    direct = propagate(low_orbit(), -4321.0, LUNAR_20).final
    np.testing.assert_allclose(back.at(EPOCH + -4321.0).position_m, direct.position_m, atol=2e-5)
    np.testing.assert_array_equal(flown.states([0.0])[0], low_orbit().vector)
    assert flown.final.epoch == EPOCH + 20000.0


def test_outside_the_arc_is_an_error() -> None:
    flown = propagate(low_orbit(), 100.0, LUNAR_20)
    with pytest.raises(EpochError, match=r"lies outside the arc, .* Ask within it or propagate further\."):
        flown.at(EPOCH + 101.0)


def test_nothing_flown_is_the_start() -> None:
    flown = propagate(low_orbit(), 0.0, LUNAR_20, stm=True)
    np.testing.assert_array_equal(flown.final.vector, low_orbit().vector)
    np.testing.assert_array_equal(flown.stm, np.eye(6))
    assert (flown.steps, flown.outcome) == (0, ARRIVED)


def test_falling_into_a_point_is_an_outcome() -> None:
    start = State(EPOCH, EARTH_ICRF, [1e7, 0.0, 0.0], [0.0, 0.0, 0.0])
    assert propagate(start, 86400.0, EARTH_ALONE).outcome == COLLAPSED


def test_a_batch_does_not_depend_on_threads() -> None:
    random = np.random.default_rng(7)
    base = ellipse(7e6, 4e8)
    states = [
        State(EPOCH, EARTH_ICRF, base.position_m + random.normal(0, 100.0, 3), base.velocity_m_s)
        for _ in range(41)
    ]
    forces = ForceModel(solar_pressure=SolarPressure(10.0, 1.5, shadow=True))
    alone = propagate_many(states, 6 * 86400.0, forces, threads=1)
    np.testing.assert_array_equal(alone, propagate_many(states, 6 * 86400.0, forces, threads=2))
    np.testing.assert_array_equal(alone, propagate_many(states, 6 * 86400.0, forces, threads=5))
    single = propagate(states[17], 6 * 86400.0, forces).final.vector
    np.testing.assert_array_equal(alone[17], single)
    assert propagate_many([], 1.0, forces).shape == (0, 6)


def test_degree_that_follows_the_distance_keeps_its_bound() -> None:
    exact = ForceModel(point_masses=("moon",), moon_degree=100)
    loose = ForceModel(point_masses=("moon",), moon_degree=100, moon_bound_m_s2=1e-9)
    start = State(EPOCH, MOON_ICRF, [1.9e6, 0.0, 0.0], [0.0, 300.0, 2000.0])
    seconds = 40000.0
    apart = (
        propagate(start, seconds, exact).final.position_m - propagate(start, seconds, loose).final.position_m
    )
    # A steady push of the bound, grown along the track as in an orbit: 3/2 a t^2, with some room.
    assert 0.0 < np.linalg.norm(apart) < 3.0 * 1.5 * 1e-9 * seconds**2


def test_sunlight_pushes_away_and_shadow_stops_it() -> None:
    start = low_orbit()
    dark = propagate(start, 7000.0, CISLUNAR).final
    lit = propagate(start, 7000.0, ForceModel(solar_pressure=SolarPressure(100.0, 1.5, shadow=False))).final
    shaded = propagate(start, 7000.0, ForceModel(solar_pressure=SolarPressure(100.0, 1.5))).final
    push = np.linalg.norm(lit.position_m - dark.position_m)
    assert 1.0 < push < 100.0
    assert 0.05 * push < np.linalg.norm(shaded.position_m - lit.position_m) < push


def test_shadow_edges_cost_no_accuracy() -> None:
    forces = ForceModel(solar_pressure=SolarPressure(1000.0, 2.0))
    coarse = propagate(low_orbit(), 86400.0, forces, tolerance=1e-10)
    fine = propagate(low_orbit(), 86400.0, forces, tolerance=1e-12)
    assert np.linalg.norm(coarse.final.position_m - fine.final.position_m) < 2e-3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mass_kg": 0.0}, r"mass_kg is 0\.0\. Give a mass above 0 kg\."),
        (
            {"tolerance": 1e-14},
            r"The tolerance 1e-14 is below 1e-12, where the error estimate is noise",
        ),
        ({"tolerance": math.nan}, r"The tolerance nan is below"),
        ({"propellant_kg": 2000.0}, r"propellant_kg is 2000\.0 of a mass of 1000\.0 kg"),
    ],
)
def test_what_can_not_be_asked(change: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        propagate(low_orbit(), 60.0, CISLUNAR, **change)  # type: ignore[arg-type]


def test_more_that_can_not_be_asked() -> None:
    with pytest.raises(
        InputError, match=r"The duration is nan s\. Give a finite number of seconds or an epoch\."
    ):
        propagate(low_orbit(), math.nan, CISLUNAR)
    with pytest.raises(InputError, match=r"leave out the centre 'moon'\. Add it to point_masses: earth\."):
        propagate(low_orbit(), 60.0, EARTH_ALONE)
    with pytest.raises(EpochError, match="2060"):
        propagate(low_orbit(), 40 * 365.25 * 86400.0, CISLUNAR)
    with pytest.raises(NameNotFoundError, match=r"No body 'mooon'\. Did you mean 'moon'\?"):
        ForceModel(point_masses=("mooon",))
    with pytest.raises(InputError, match=r"moon_degree is 201\. Choose 0 \(a point\) to 200\."):
        ForceModel(moon_degree=201)
    with pytest.raises(InputError, match=r"earth_zonals is 5\. Choose 0 \(none\), 2, 3 or 4\."):
        ForceModel(earth_zonals=5)

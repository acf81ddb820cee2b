"""Events stand where their function is zero, none is missed, and terminal ones end the arc."""

from __future__ import annotations

import math

import numpy as np
import pytest
from dynamics.arcs import CISLUNAR, EARTH_ALONE, EPOCH, LUNAR_20, ellipse, low_orbit
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.constants import GM_EARTH_M3_S2, MOON_RADIUS_M, SUN_RADIUS_M
from perilune.dynamics import events
from perilune.dynamics.burns import Burn
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.errors import InputError, NameNotFoundError
from perilune.world import ephemeris
from perilune.world.frames import EARTH_ICRF, MOON_ICRF, MOON_PA

X = np.array([1.0, 0.0, 0.0])


@given(perigee_m=st.floats(7e6, 4e7), apogee_m=st.floats(4.1e7, 3e8))
@settings(max_examples=20)
def test_apsides_of_an_ellipse(perigee_m: float, apogee_m: float) -> None:
    start = ellipse(perigee_m, apogee_m)
    period = 2 * math.pi * math.sqrt(((perigee_m + apogee_m) / 2) ** 3 / GM_EARTH_M3_S2)
    flown = propagate(
        start, 2.25 * period, EARTH_ALONE, events=[events.periapsis("earth"), events.apoapsis("earth")]
    )
    # The start is a periapsis itself; on a nearly round orbit rounding may find it again some seconds later.
    found = [event for event in flown.events if event.epoch - EPOCH > 0.1 * period]
    assert [event.name.split()[1] for event in found] == ["apoapsis", "periapsis", "apoapsis", "periapsis"]
    for event, turns in zip(found, (0.5, 1.0, 1.5, 2.0), strict=True):
        # At an apsis the distance does not change, so the instant is known less well than the place.
        assert event.epoch - EPOCH == pytest.approx(turns * period, abs=1e-9 * period)
    assert np.linalg.norm(found[0].state.position_m) == pytest.approx(apogee_m, rel=1e-9)


def test_backwards_a_periapsis_is_still_one() -> None:
    start = propagate(ellipse(7e6, 4e7), 1000.0, EARTH_ALONE).final
    flown = propagate(start, -2000.0, EARTH_ALONE, events=[events.periapsis("earth")])
    (event,) = flown.events
    assert event.epoch - EPOCH == pytest.approx(0.0, abs=1e-5)
    assert event.direction == 1


def test_altitudes_nodes_and_equator() -> None:
    wanted = [
        events.altitude("moon", 101e3),
        events.equator_crossing(),
        events.node("moon", (0.0, 0.0, 1.0), direction=1),
    ]
    flown = propagate(low_orbit(), 86400.0, LUNAR_20, events=wanted)
    by_name: dict[str, list[events.Event]] = {}
    for event in flown.events:
        by_name.setdefault(event.name, []).append(event)
    for event in by_name["moon altitude"]:
        assert np.linalg.norm(event.state.position_m) - MOON_RADIUS_M == pytest.approx(101e3, abs=1e-5)
    turns = 86400.0 / 7066.0
    assert len(by_name["moon equator"]) in (int(2 * turns), int(2 * turns) + 1)
    for event in by_name["moon equator"]:
        assert abs(event.state.to(MOON_PA).position_m[2]) < 1e-4
    assert {event.direction for event in by_name["moon node"]} == {1}
    for event in by_name["moon node"]:
        assert abs(event.state.position_m[2]) < 1e-5
        assert event.state.velocity_m_s[2] > 0.0
    times = [event.epoch for event in flown.events]
    assert times == sorted(times)


def test_shadow_edges_touch_the_cones() -> None:
    flown = propagate(
        low_orbit(), 20000.0, CISLUNAR, events=[events.shadow("moon"), events.shadow("moon", umbra=True)]
    )
    order = [(event.name.split()[1], event.direction) for event in flown.events]
    cycle = [("penumbra", -1), ("umbra", -1), ("umbra", 1), ("penumbra", 1)]
    assert order[:4] == cycle
    assert order == (cycle * 3)[: len(order)]
    for event in flown.events:
        sun = ephemeris.position("sun", "moon", event.epoch) - event.state.position_m
        moon = -event.state.position_m
        sun_rad = math.asin(SUN_RADIUS_M / np.linalg.norm(sun))
        moon_rad = math.asin(MOON_RADIUS_M / np.linalg.norm(moon))
        apart = math.acos(sun @ moon / (np.linalg.norm(sun) * np.linalg.norm(moon)))
        edge = moon_rad + sun_rad if "penumbra" in event.name else moon_rad - sun_rad
        assert apart == pytest.approx(edge, abs=1e-9)


def test_impact_ends_the_arc_on_the_ground() -> None:
    start = State(EPOCH, MOON_ICRF, [2e6, 0.0, 0.0], [0.0, 500.0, 0.0])
    flown = propagate(start, 86400.0, CISLUNAR, events=[events.impact("moon")], stm=True)
    assert flown.outcome == "stopped"
    assert flown.events[-1].name == "moon impact"
    assert np.linalg.norm(flown.final.position_m) == pytest.approx(MOON_RADIUS_M, abs=1e-5)
    assert flown.final.epoch == flown.events[-1].epoch
    direct = propagate(start, flown.final.epoch, CISLUNAR, stm=True)
    np.testing.assert_allclose(flown.final.vector, direct.final.vector, rtol=1e-10)
    np.testing.assert_allclose(flown.stm, direct.stm, rtol=1e-7)
    with pytest.raises(InputError):
        flown.at(EPOCH + 80000.0)


def test_a_graze_between_two_steps_is_seen() -> None:
    """The arc dips below a height for a part of a step; both ends of the step are above."""
    start = propagate(ellipse(7e6, 4e8), -86400.0, EARTH_ALONE).final
    flown = propagate(start, 2 * 86400.0, EARTH_ALONE, events=[events.distance("earth", 7.001e6)])
    assert [event.direction for event in flown.events] == [-1, 1]
    for event in flown.events:
        assert np.linalg.norm(event.state.position_m) == pytest.approx(7.001e6, abs=1e-4)


def test_event_within_a_burn_knows_the_thrust() -> None:
    burn = Burn(EPOCH, 600.0, 425.0, 320.0)
    flown = propagate(
        low_orbit(), 2000.0, CISLUNAR, burns=[burn], events=[events.altitude("moon", 101e3, terminal=True)]
    )
    assert flown.outcome == "stopped"
    again = propagate(low_orbit(), flown.final.epoch, CISLUNAR, burns=[burn])
    np.testing.assert_allclose(flown.final.vector, again.final.vector, rtol=1e-11)
    assert flown.final_mass_kg == pytest.approx(again.final_mass_kg, rel=1e-12)


def test_sphere_of_influence_and_names() -> None:
    sphere = events.sphere_of_influence("moon")
    assert sphere.value == pytest.approx(66.2e6, rel=2e-3)
    with pytest.raises(
        NameNotFoundError, match=r"No sphere of influence for body 'mars'\. There are: moon, earth\."
    ):
        events.sphere_of_influence("mars")
    with pytest.raises(NameNotFoundError, match=r"No body 'lune'"):
        events.periapsis("lune")
    with pytest.raises(InputError, match=r"The normal \(0\.0, 0\.0, 0\.0\) has no direction\."):
        events.node("moon", (0.0, 0.0, 0.0))
    far = State(EPOCH, EARTH_ICRF, *ephemeris.state("moon", "earth", EPOCH))
    apart = State(EPOCH, EARTH_ICRF, far.position_m + 5e7 * X, far.velocity_m_s + 3e3 * X)
    flown = propagate(apart, 86400.0, CISLUNAR, events=[sphere])
    assert [event.direction for event in flown.events] == [1]

import itertools
import math

import numpy as np
import pytest
from flights import M2

from perilune.constants import MOON_RADIUS_M
from perilune.dynamics.forces import ForceModel
from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.landing.plan import plan_descent
from perilune.landing.simulate import Landing, Outcome, fly_descent
from perilune.mission.delivery import LandingResult
from perilune.mission.descent import (
    coast_leg,
    descent_history,
    descent_legs,
    descent_manoeuvres,
    elevation_rad,
    lander,
    landing_result,
)
from perilune.mission.load import load
from perilune.world import ephemeris
from perilune.world.frames import MOON_ICRF, Axes, rotation

SITE = (math.radians(60.5), math.radians(-4.6))
TOUCHDOWN = Epoch.utc("2025-06-05T19:17:00")


def over_the_site():
    """Return a circular orbit at 100 km whose plane holds the site at the planned touchdown."""
    turned = rotation(Axes.ICRF, Axes.MOON_ME, TOUCHDOWN).T
    up = turned @ [
        math.cos(SITE[0]) * math.cos(SITE[1]),
        math.cos(SITE[0]) * math.sin(SITE[1]),
        math.sin(SITE[0]),
    ]
    normal = np.cross(up, turned @ [0.0, 0.0, 1.0])
    normal /= np.linalg.norm(normal)
    along = np.cross(normal, up)
    radius = MOON_RADIUS_M + 100e3
    speed = math.sqrt(4902.800118e9 / radius)
    angle = -2.0 * math.pi * 0.98  # two hours before, less the way from the orbit's pass to the touchdown
    position = radius * (math.cos(angle) * up + math.sin(angle) * along)
    velocity = speed * (-math.sin(angle) * up + math.cos(angle) * along)
    return State(TOUCHDOWN + 7070.0 * -0.98 + -335.0, MOON_ICRF, position, velocity)


@pytest.fixture(scope="module")
def landed():
    mission = load(M2)
    forces = ForceModel(point_masses=("moon", "earth", "sun"), moon_degree=20)
    plan = plan_descent(over_the_site(), 790.0, lander(mission), mission.landing.site, forces)
    return fly_descent(plan)


def test_the_lander_never_burns_what_it_must_keep():
    built = lander(load(M2))
    assert built.empty_mass_kg == 340.0 + 30.0 + 5.0
    assert built.propulsion.thrust_n == 1625.0


def test_the_delivery_has_the_landings_figures(landed):
    assert landed.outcome is Outcome.LANDED, landed.reason
    result = landing_result(landed)
    assert result.outcome == "landed"
    assert (result.epoch, result.dv_m_s, result.tilt_rad) == (landed.epoch, landed.dv_m_s, landed.tilt_rad)
    assert math.degrees(result.earth_elevation_rad) == pytest.approx(31.4, abs=0.5)


def test_legs_join_in_time_and_place(landed):
    legs = descent_legs(landed)
    assert [leg.name for leg in legs] == ["Deorbit burn", "Coast to braking", "Powered descent"]
    for before, after in itertools.pairwise(legs):
        assert abs(after.start - before.end) < 1e-6
        assert np.abs(after.position_m[0] - before.position_m[-1]).max() < 1.0
    assert legs[-1].end == landed.epoch
    assert all((np.diff(leg.time_s) > 0.0).all() for leg in legs)


def test_manoeuvres_account_for_the_mass(landed):
    burns = descent_manoeuvres(landed, 790.0)
    assert burns[0].name == "Deorbit"
    spent = sum(burn.propellant_kg for burn in burns)
    assert 790.0 - spent == pytest.approx(landed.mass_kg, abs=0.3)
    for before, after in itertools.pairwise(burns):
        assert after.mass_before_kg <= before.mass_before_kg - before.propellant_kg + 1e-9


def test_the_history_is_of_one_length(landed):
    history = descent_history(landed)
    sizes = {len(getattr(history, name)) for name in type(history).__slots__ if name != "base"}
    assert len(sizes) == 1
    assert history.vertical_speed_m_s[-1] == -landed.vertical_speed_m_s
    assert 0.0 <= history.throttle.min() <= history.throttle.max() == 1.0


def test_a_wider_coast_gets_states_between(landed):
    leg = coast_leg("coast", "lunar_orbit", landed.coast, step_s=30.0)
    assert np.diff(leg.time_s).max() <= 30.0 + 1e-6
    assert set(np.round(landed.coast.nodes()[:, 0], 6)) <= set(np.round(leg.time_s, 6))


def test_no_descent_delivers_nothing():
    nothing = Landing(Outcome.NO_DESCENT, "no pass")
    assert landing_result(nothing) == LandingResult("no_descent")
    assert descent_history(nothing) is None
    assert descent_legs(nothing) == ()
    assert descent_manoeuvres(nothing, 790.0) == ()


def test_the_earth_stands_overhead_below_itself():
    towards = rotation(Axes.ICRF, Axes.MOON_ME, TOUCHDOWN) @ ephemeris.position("earth", "moon", TOUCHDOWN)
    latitude = math.asin(towards[2] / np.linalg.norm(towards))
    longitude = math.atan2(towards[1], towards[0])
    assert abs(longitude) < math.radians(8.5)  # the largest libration
    assert elevation_rad("earth", latitude, longitude, TOUCHDOWN) == pytest.approx(math.pi / 2, abs=1e-6)
    assert elevation_rad("earth", -latitude, longitude + math.pi, TOUCHDOWN) == pytest.approx(
        -math.pi / 2, abs=1e-6
    )

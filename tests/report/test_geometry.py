import numpy as np
from flights import legs

from perilune.constants import ASTRONOMICAL_UNIT_M, MOON_RADIUS_M
from perilune.epoch import Epoch
from perilune.mission.delivery import Leg
from perilune.report.geometry import about, ecliptic, moon_passages, orbit_plane, sun_earth_rotating, thinned
from perilune.world import ephemeris
from perilune.world.frames import MOON_ICRF, Axes, rotation

BASE = Epoch.utc("2025-03-01T00:00:00")
TIME_S = np.linspace(0.0, 90.0 * 86400.0, 19)


def test_the_sun_stands_still_on_the_left():
    sun = ephemeris.positions("sun", "earth", BASE, TIME_S)
    seen = sun_earth_rotating(sun, BASE, TIME_S)
    distance = np.linalg.norm(sun, axis=1)
    assert np.abs(seen[:, 0] + distance).max() < 1e-3 * ASTRONOMICAL_UNIT_M
    assert np.abs(seen[:, 1]).max() < 1.0
    # The Sun leaves the ecliptic of J2000 by arc seconds alone.
    assert np.abs(seen[:, 2]).max() < 1e-4 * ASTRONOMICAL_UNIT_M


def test_the_rotating_axes_are_those_of_the_frame_module():
    moon = ephemeris.positions("moon", "earth", BASE, TIME_S)
    seen = sun_earth_rotating(moon, BASE, TIME_S)
    for offset_s, position, ours in zip(TIME_S, moon, seen, strict=True):
        axes = rotation(Axes.ICRF, Axes.SUN_EARTH_ROTATING, BASE + float(offset_s))
        assert np.linalg.norm(axes @ position - ours) < 1e-3 * np.linalg.norm(position)


def test_the_moon_keeps_near_the_ecliptic():
    moon = ecliptic(ephemeris.positions("moon", "earth", BASE, TIME_S))
    assert np.degrees(np.abs(moon[:, 2]) / np.linalg.norm(moon, axis=1)).max() < 5.4


def test_a_leg_about_another_body():
    moon = legs()[2]
    assert about(moon, "moon") is moon.position_m
    back = about(moon, "earth") - ephemeris.positions("moon", "earth", moon.base, moon.time_s)
    assert np.abs(back - moon.position_m).max() < 1e-6


def test_thinning_keeps_the_ends():
    leg = legs()[0]
    few = thinned(leg, 50)
    assert len(few.time_s) <= 50
    assert (few.start, few.end) == (leg.start, leg.end)
    assert thinned(few, 1000) is few


def test_the_orbit_plane_holds_the_orbit():
    leg = legs()[2]
    seen = leg.position_m @ orbit_plane(leg.position_m, leg.velocity_m_s).T
    assert np.abs(seen[:, 2]).max() < 1e-3 * np.abs(seen[:, 0]).max()
    assert np.argmin(np.linalg.norm(seen, axis=1)) == np.argmax(seen[:, 0])


def test_a_straight_passage_of_the_moon_is_found_to_the_metre():
    time_s = np.array([-7000.0, -2500.0, 900.0, 6000.0, 9000.0])
    position = np.array([0.0, MOON_RADIUS_M + 9e6, 0.0]) + np.outer(time_s - 300.0, [1200.0, 0.0, 0.0])
    leg = Leg("pass", "transfer", MOON_ICRF, BASE, time_s, position, np.zeros_like(position))
    ((epoch, altitude_m),) = moon_passages(leg, 66e6)
    assert abs(epoch - BASE - 300.0) < 1e-3
    assert abs(altitude_m - 9e6) < 1.0
    assert moon_passages(leg, 5e6) == []

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.landing.route.deadline import (
    Profile,
    acquisitions,
    at_height,
    needed_heights_m,
    stopping_height_m,
)

G = 1.62  # m/s^2


@given(st.floats(1.0, 200.0), st.floats(1.7, 6.0))
def test_straight_down_it_is_the_square_of_the_speed_over_twice_the_net(speed, thrust):
    expected = speed**2 / (2.0 * (thrust - G))
    assert stopping_height_m(speed, thrust, G, reaction_s=0.0) == pytest.approx(expected, rel=1e-9)


@given(st.floats(1.0, 150.0), st.floats(0.0, 300.0), st.floats(1.7, 6.0))
def test_the_stop_ends_both_speeds_at_once(down, across, thrust):
    height = stopping_height_m(down, thrust, G, horizontal_m_s=across, reaction_s=0.0)
    time_s = 2.0 * height / down
    used = math.hypot(across / time_s, down / time_s + G)
    assert used == pytest.approx(thrust, rel=1e-9)


def test_what_can_not_hover_never_stops_and_what_climbs_needs_nothing():
    assert stopping_height_m(1.0, 1.6, G) == math.inf
    assert stopping_height_m(-1.0, 3.0, G) == 0.0


def test_the_reaction_costs_the_way_flown_in_it():
    with_, without = (stopping_height_m(66.0, 3.47, G, reaction_s=t) for t in (2.0, 0.0))
    assert with_ - without == pytest.approx(132.0)


def descent(slope_s=40.0):
    height = np.linspace(10e3, 0.0, 201)
    ones = np.ones(201)
    return Profile(np.arange(201.0), height, height, height / slope_s, 0.0 * ones, 450.0 * ones)


def test_an_error_may_be_as_large_as_the_height_from_which_the_stop_just_ends_there():
    profile = descent()
    found, late = acquisitions(profile, (2000.0, 1.0), 1625.0, G, reaction_s=0.0)
    net = 1625.0 / 450.0 - G
    assert found.needed_m == pytest.approx((2000.0 / 40.0) ** 2 / (2.0 * net))
    # At speed v the stop takes 2000 m: that is the speed at height 40 v.
    believed_m = 40.0 * math.sqrt(2.0 * net * 2000.0)
    assert found.error_m == pytest.approx(believed_m - 2000.0, abs=50.0)
    assert late.descent_m_s == pytest.approx(1.0 / 40.0)


def test_needed_heights_follow_the_mass():
    heavy = descent()
    light = Profile(
        heavy.time_s,
        heavy.height_m,
        heavy.to_go_m,
        heavy.descent_m_s,
        heavy.horizontal_m_s,
        heavy.mass_kg / 2,
    )
    assert (needed_heights_m(light, 1625.0, G) <= needed_heights_m(heavy, 1625.0, G)).all()


def test_a_figure_is_read_where_the_height_is_passed_last():
    time_s = np.arange(5.0)
    height = np.array([100.0, 50.0, 80.0, 20.0, 0.0])  # climbs in between
    profile = Profile(time_s, height, height, height, height, height)
    assert at_height(profile, time_s, 60.0) == pytest.approx(2.0 + 20.0 / 60.0)
    assert at_height(profile, time_s, 1000.0) == 0.0

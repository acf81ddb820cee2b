import math

import pytest

from perilune.landing.route.gates import Range, gate_m, verdict
from perilune.landing.route.means import divert_reach_m
from perilune.landing.software.policies import POLICIES, policy_row

LASER = Range("laser", 1.0, 1e-3, 10e3, 0.2)


def test_apollos_gate_is_its_published_rule_below_high_gate():
    row = policy_row(POLICIES["apollo"])
    assert gate_m(row, LASER, 1000.0, 50.0) == pytest.approx(15.24 + 125.0)
    assert gate_m(row, LASER, 5000.0, 50.0) == math.inf


def test_a_gate_in_sigmas_holds_what_the_policy_grants():
    latch, careful = policy_row(POLICIES["latch"]), policy_row(POLICIES["reacquire"])
    policy = POLICIES["latch"]
    expected = policy.gate_sigma * math.hypot(1.0 + 7.0, policy.ground_share * 7000.0)
    assert gate_m(latch, LASER, 7000.0, 600.0) == pytest.approx(expected)
    # 120 m of ground between readings: 1 km and 100 km of relief are 49 m there.
    relief = 1000.0 * math.sqrt(1.0 - math.exp(-2.0 * 120.0 / 100e3))
    assert relief == pytest.approx(49.0, abs=0.1)
    sigma = math.hypot(8.0, POLICIES["reacquire"].ground_share * 7000.0, relief)
    assert gate_m(careful, LASER, 7000.0, 600.0) == pytest.approx(POLICIES["reacquire"].gate_sigma * sigma)


def test_a_policy_with_a_map_has_the_maps_errors_above_the_height_where_it_fades():
    row, policy = policy_row(POLICIES["map-aided"]), POLICIES["map-aided"]
    relief = policy.map_sigma_m * math.sqrt(1.0 - math.exp(-2.0 * 120.0 / policy.map_length_m))
    sigma = math.hypot(8.0, policy.ground_share * 7000.0, relief)
    assert gate_m(row, LASER, 7000.0, 600.0) == pytest.approx(policy.gate_sigma * sigma)
    plain = policy_row(POLICIES["reacquire"])
    assert gate_m(row, LASER, 900.0, 60.0) == pytest.approx(gate_m(plain, LASER, 900.0, 60.0))


def test_without_a_terrain_state_the_whole_step_stands_against_the_gate():
    latch, careful = policy_row(POLICIES["latch"]), policy_row(POLICIES["reacquire"])
    assert verdict("latch", latch, 280.0, -3164.0, 50.0).trips
    assert not verdict("reacquire", careful, 247.0, -3164.0, 50.0).trips
    assert verdict("reacquire", careful, 247.0, -3164.0, 400.0).then.startswith("heard again after")
    assert verdict("x", latch, math.inf, -3164.0, 50.0).then == "no gate there"


def test_divert_reach_grows_with_the_square_of_what_is_left():
    near, far = (divert_reach_m(dv, 1.62, math.radians(12.0)) for dv in (50.0, 100.0))
    assert far == pytest.approx(4.0 * near)

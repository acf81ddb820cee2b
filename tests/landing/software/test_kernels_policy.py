"""What each policy does to readings that are not what they should be, on the same path and seeds."""

from __future__ import annotations

import numpy as np
import pytest
from landing import navigation_loop as loop
from landing.navigation_loop import LASER, RADAR, Flown, descend, plain, stepped

from perilune.constants import MOON_RADIUS_M
from perilune.landing.software import policies, table
from perilune.landing.software._kernels_filter import TERRAIN
from perilune.landing.software._kernels_range import PATH_M, age_aside, age_terrain
from perilune.landing.software.policies import POLICIES

ALL = tuple(POLICIES)
CAREFUL = tuple(name for name in POLICIES if name not in ("latch", "apollo"))
ON_MAP = ("map-aided", "combined")


def over(policy: str, true: object, **how: object) -> Flown:
    """Fly over stepped ground; policies with a map have the true one."""
    return descend(policy, true=true, onboard=true if policy in ON_MAP else None, **how)  # type: ignore[arg-type]


def error_at(flown: Flown, height_m: float) -> float:
    """Return the error of the estimated height where the true one falls below a value."""
    return float(flown.error_m[int(np.argmax(flown.log[:, loop.HEIGHT] < height_m))])


@pytest.mark.parametrize("policy", ALL)
def test_without_a_fault_every_policy_finds_the_ground(policy: str) -> None:
    flown = descend(policy, seed=3)
    assert abs(error_at(flown, 1000.0)) < 10.0
    assert abs(error_at(flown, 30.0)) < 2.0
    assert flown.events[table.ISOLATIONS] == 0
    assert flown.events[table.ACQUIRED_S] < 160.0


@pytest.mark.parametrize("policy", CAREFUL)
@pytest.mark.parametrize("drop_m", [2500.0, 1000.0])
def test_a_real_step_is_taken_up(policy: str, drop_m: float) -> None:
    """Mission 1's rim: ground that falls away 65 km before the site."""
    flown = over(policy, stepped(drop_m), seed=5)
    assert abs(error_at(flown, 300.0)) < 5.0
    assert flown.events[table.LONGEST_REJECTION_S] <= 5.0
    assert flown.events[table.ISOLATIONS] == 0


def test_the_latch_stands_kilometres_up_and_believes_itself_down() -> None:
    flown = over("latch", stepped(2500.0), seed=5)
    believed_down = flown.log[flown.log[:, loop.ESTIMATED] < 2.0]
    assert believed_down[0, loop.HEIGHT] > 2000.0
    assert flown.events[table.ISOLATED_NOW] == 1
    assert flown.events[table.LONGEST_REJECTION_S] > 200.0


def test_apollo_takes_a_step_above_high_gate_and_none_below() -> None:
    above = over("apollo", stepped(1000.0), seed=5)
    assert abs(error_at(above, 300.0)) < 5.0
    below = over("apollo", stepped(2500.0), seed=5)
    assert error_at(below, 300.0) < -2000.0
    assert below.events[table.ISOLATIONS] == 0
    assert below.events[table.LAMP] > 100


@pytest.mark.parametrize("policy", CAREFUL)
def test_a_stuck_altimeter_is_set_aside_within_two_seconds_and_comes_back(policy: str) -> None:
    flown = descend(policy, seed=7, faults=((0, loop.STUCK, 3000.0, 500.0),))
    began = flown.at_height(3000.0)[loop.T]
    assert began - 1.0 < flown.events[table.ISOLATED_S] < began + 2.0
    assert flown.events[table.REACQUIRED] == 0
    assert flown.events[table.ISOLATED_NOW] == 0
    assert abs(error_at(flown, 300.0)) < 5.0


@pytest.mark.parametrize("policy", ["latch", "apollo"])
def test_a_stuck_altimeter_deceives_those_who_do_not_look_at_its_rate(policy: str) -> None:
    flown = descend(policy, seed=7, faults=((0, loop.STUCK, 3000.0, -10.0),))
    began = flown.at_height(3000.0)[loop.T]
    assert not flown.events[table.ISOLATED_S] < began + 2.0


@pytest.mark.parametrize("policy", CAREFUL)
@pytest.mark.parametrize("seed", [7, 8, 9])
def test_false_readings_of_next_to_nothing_are_never_believed(policy: str, seed: int) -> None:
    flown = descend(policy, seed=seed, faults=((0, loop.NEAR_ZERO, 300.0, 100.0, 0.3),))
    high = flown.log[flown.log[:, loop.HEIGHT] > 20.0]
    assert (high[:, loop.ESTIMATED] > 0.5 * high[:, loop.HEIGHT]).all()
    assert abs(error_at(flown, 30.0)) < 3.0


@pytest.mark.parametrize("policy", CAREFUL)
def test_spikes_neither_pass_nor_switch_anything_off(policy: str) -> None:
    flown = descend(policy, seed=7, faults=((0, loop.SPIKES, 1e5, 0.0),))
    assert flown.events[table.ISOLATIONS] == 0
    assert flown.events[table.LONGEST_REJECTION_S] < 1.5
    low = flown.log[:, loop.HEIGHT] < 2000.0
    assert np.abs(flown.error_m[low]).max() < 60.0


@pytest.mark.parametrize("policy", CAREFUL)
def test_noise_is_measured_not_believed(policy: str) -> None:
    """Twenty times the claimed noise, 40 to 60 m: the estimate stays calmer than that, and says so."""
    flown = descend(policy, seed=7, faults=((0, loop.NOISE, 5000.0, -10.0, 20.0),))
    quiet = descend(policy, seed=7)
    assert abs(error_at(flown, 100.0)) < 30.0
    assert flown.events[table.ISOLATIONS] == 0
    row, calm = flown.at_height(100.0), quiet.at_height(100.0)
    assert row[loop.SIGMA] > 2.0 * calm[loop.SIGMA]


def test_through_a_dropout_the_uncertainty_grows_and_shrinks_again() -> None:
    flown = descend("reacquire", seed=7, faults=((0, loop.OFF, 4000.0, 500.0),))
    assert flown.at_height(600.0)[loop.SIGMA] > 10.0 * flown.at_height(4100.0)[loop.SIGMA]
    assert abs(error_at(flown, 300.0)) < 5.0


@pytest.mark.parametrize("policy", ["voting", "combined"])
@pytest.mark.parametrize("bias_m", [300.0, -300.0])
def test_the_odd_altimeter_is_voted_out(policy: str, bias_m: float) -> None:
    faults = ((0, loop.BIAS, 2000.0, -10.0, bias_m),)
    flown = descend(policy, seed=7, faults=faults, altimeters=(LASER, RADAR))
    assert flown.events[table.ISOLATED_NOW] == 1
    assert abs(error_at(flown, 300.0)) < 10.0
    assert abs(error_at(flown, 30.0)) < 3.0


def test_two_altimeters_that_agree_are_believed_at_once() -> None:
    """A wall that no relief explains, under both: voting re-opens in half a second, one alone waits."""
    wall = 1000.0
    faults = tuple((i, loop.BIAS, 1500.0, -10.0, wall) for i in (0, 1))
    votes = descend("voting", seed=7, faults=faults, altimeters=(LASER, LASER))
    waits = descend("reacquire", seed=7, faults=faults, altimeters=(LASER, LASER))
    assert votes.events[table.REACQUIRED] >= 1

    def moved(flown: Flown) -> float:
        return float(
            flown.log[
                int(np.argmax((flown.error_m > 0.5 * wall) & (flown.log[:, loop.HEIGHT] < 1500.0))), loop.T
            ]
        )

    assert moved(votes) <= moved(waits) - 1.0


def test_a_map_tells_a_step_before_it_comes() -> None:
    """Over a 2.5 km cliff the map-aided estimate errs by metres, the flat one by the cliff's slope."""
    ground = stepped(2500.0)
    aided, flat = over("map-aided", ground, seed=5), over("reacquire", ground, seed=5)
    cliff = (aided.log[:, loop.DOWNRANGE] > -72e3) & (aided.log[:, loop.DOWNRANGE] < -58e3)
    assert np.abs(aided.error_m[cliff]).max() < 0.2 * np.abs(flat.error_m[cliff]).max()


def test_a_wrong_map_is_found_wrong() -> None:
    """The map says level ground, the ground falls by 1 km: the range wins."""
    flown = descend("map-aided", seed=5, true=stepped(1000.0), onboard=plain())
    assert abs(error_at(flown, 300.0)) < 10.0


def test_a_shared_seed_gives_the_same_bits() -> None:
    first, again = descend("combined", seed=11), descend("combined", seed=11)
    assert first.log.tobytes() == again.log.tobytes()
    assert first.events.tobytes() == again.events.tobytes()


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_a_lone_altimeter_that_jumps_as_no_ground_does_is_used_less_its_jump(seed: int) -> None:
    """The ground that the beam passed between two readings is too little for it: the altimeter errs."""
    faults = ((0, loop.BIAS, 1500.0, -10.0, 800.0),)
    weighed = descend("two-hypothesis", seed=seed, faults=faults)
    assert weighed.events[table.REACQUIRED] == 0
    assert weighed.events[table.ISOLATED_NOW] == 0
    assert abs(error_at(weighed, 300.0)) < 30.0
    waits = descend("reacquire", seed=seed, faults=faults)
    assert abs(error_at(waits, 300.0)) > 600.0


@pytest.mark.parametrize("bias_m", [-600.0, 600.0])
def test_a_jump_that_goes_again_leaves_the_estimate_alone(bias_m: float) -> None:
    """Half a minute of it: without readings the estimate drifts towards the site's elevation, and no more."""
    faults = ((0, loop.BIAS, 1500.0, 1000.0, bias_m),)
    weighed, waits = (descend(name, seed=7, faults=faults) for name in ("two-hypothesis", "reacquire"))
    without = descend("two-hypothesis", seed=7, faults=((0, loop.OFF, 1500.0, 1000.0),))
    low = weighed.log[:, loop.HEIGHT] < 1500.0
    worst, least = np.abs(weighed.error_m[low]).max(), np.abs(without.error_m[low]).max()
    assert worst < least + 20.0
    assert worst < 0.5 * np.abs(waits.error_m[low]).max()
    assert weighed.events[table.ISOLATED_NOW] == 0
    assert abs(error_at(weighed, 30.0)) < 3.0


def test_a_healthy_altimeter_never_counts_as_stuck() -> None:
    """Ranges that hardly change: twelve descents with 10,000 readings, none set aside."""
    for seed in range(20, 32):
        flown = descend("reacquire", seed=seed, altimeters=(LASER, RADAR))
        assert flown.events[table.ISOLATIONS] == 0


def test_a_corrected_place_is_no_ground_flown_over() -> None:
    """The place jumps by 200 m while the craft hovers: the ground below it is as uncertain as before."""
    site_me_m = np.array([MOON_RADIUS_M, 0.0, 0.0])
    soft = policies.software("reacquire", site_me_m)
    ground = plain()
    nav, p = np.zeros(table.NAV_SIZE), policies.first_covariance(soft)
    memory = table.altimetry_memory(1)
    for cycle in range(20):
        nav[:3] = site_me_m + np.array([50.0, 300.0 + 200.0 * (cycle % 2), 0.0])
        age_terrain(nav, p, memory, soft, ground, np.eye(3).ravel(), 0.0, 10.0 + 0.1 * cycle)
        if cycle == 0:
            before = p[TERRAIN, TERRAIN]
    assert p[TERRAIN, TERRAIN] == before > 0.0


def test_an_estimate_below_the_ground_stays_a_number() -> None:
    """Its beam's foot lies behind it: the range bias is carried all the same."""
    soft = policies.software("reacquire", np.array([MOON_RADIUS_M, 0.0, 0.0]))
    nav, p = np.zeros(table.NAV_SIZE), policies.first_covariance(soft)
    memory = table.altimetry_memory(1)
    for offset_m in (20.0, 5.0, -5.0, -14.99, -30.0):
        memory[0, PATH_M] = 100.0
        assert np.isfinite(age_aside(nav, p, memory, soft.policy, offset_m))
    assert np.isfinite(p).all()
    assert np.isfinite(nav).all()

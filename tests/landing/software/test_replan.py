"""Heights that turn out wrong, diverts, noise: what the guidance makes of them, flown in three degrees."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from blind import Blind, fly_blind
from descents import FORCES, FRIGORIS, M2, M2_MASS_KG, m2_plan, orbit_over
from numpy.typing import NDArray

from perilune.landing.guidance import GuidanceSettings, aim_table, first_memory
from perilune.landing.plan import plan_descent
from perilune.landing.planned import DescentPlan
from perilune.landing.reference import ideal_descent
from perilune.landing.software import _kernels_divert as kernels
from perilune.landing.surroundings import estimate_at, site_position

FloatArray = NDArray[np.float64]


@cache
def nominal() -> Blind:
    return fly_blind()


def corrected(too_high_m: float, before_s: float) -> Blind:
    """Fly with a height error that ends some time before the nominal touchdown."""
    return fly_blind(too_high_m=too_high_m, until_s=float(nominal().log[-1, 0]) - before_s)


def at_height(flown: Blind, height_m: float) -> FloatArray:
    return np.asarray(flown.log[np.argmax(flown.log[:, 1] < height_m)])


@pytest.mark.parametrize("before_s", [300.0, 150.0, 100.0, 66.0, 45.0, 25.0, 5.0])
@pytest.mark.parametrize("error_m", [-3200.0, -1000.0, -300.0])
def test_higher_than_thought_it_comes_down_all_the_same(before_s: float, error_m: float) -> None:
    flown = corrected(error_m, before_s)
    assert flown.soft, (flown.vertical_m_s, flown.horizontal_m_s, flown.left_kg)


@pytest.mark.parametrize(
    ("before_s", "error_m"),
    [
        (300.0, 3200.0),
        (200.0, 3200.0),
        (150.0, 3200.0),
        (150.0, 1850.0),
        (100.0, 1000.0),
        (100.0, 300.0),
        (80.0, 300.0),
        (66.0, 300.0),
        (55.0, 300.0),
    ],
)
def test_lower_than_thought_it_stops_in_time(before_s: float, error_m: float) -> None:
    flown = corrected(error_m, before_s)
    assert flown.soft, (flown.vertical_m_s, flown.horizontal_m_s, flown.left_kg)


def test_mission_1_lands_though_3200_m_higher_than_thought_60_km_before_the_site() -> None:
    site = site_position(FRIGORIS, m2_plan().world)
    away = np.linalg.norm(nominal().log[:, 9:12] - site, axis=1)
    flown = corrected(-3200.0, float(nominal().log[-1, 0] - nominal().log[np.argmax(away < 60e3), 0]))
    assert flown.soft
    assert flown.miss_m < 10.0


@cache
def upright() -> DescentPlan:
    """Mission 2's announced profile: nearly vertical from 3 km on."""
    settings = GuidanceSettings(gate_thrust_fraction=0.66, upward_share=0.88, approach_duration_s=98.0)
    return plan_descent(orbit_over(FRIGORIS), M2_MASS_KG, M2, FRIGORIS, FORCES, settings=settings)


@pytest.mark.parametrize("error_m", [1700.0, 1850.0, 2000.0])
def test_mission_2_lands_with_a_range_from_3_km_but_not_from_893_m(error_m: float) -> None:
    late = fly_blind(upright(), too_high_m=error_m, until_height_m=893.0)
    row = at_height(late, 893.0)
    assert 60.0 < math.hypot(row[5], row[6]) < 75.0
    row = at_height(late, 192.0)
    assert 30.0 < math.hypot(row[5], row[6]) < 45.0
    assert late.vertical_m_s > 5.0 or late.horizontal_m_s > 5.0
    early = fly_blind(upright(), too_high_m=error_m, until_height_m=3000.0)
    assert math.hypot(*at_height(early, 3000.0)[5:7]) > 90.0
    assert early.soft


def test_what_can_not_stop_brakes_with_all_it_has() -> None:
    flown = corrected(1000.0, 80.0)
    row = at_height(flown, 300.0)
    assert row[4] > 0.95
    assert not flown.soft


@pytest.mark.parametrize(
    ("height_m", "east_m", "north_m"),
    [
        (290.0, 20.0, 0.0),
        (290.0, -60.0, 80.0),
        (200.0, 20.0, 0.0),
        (120.0, -60.0, 80.0),
        (60.0, 20.0, 0.0),
    ],
)
def test_a_divert_that_is_accepted_is_flown(height_m: float, east_m: float, north_m: float) -> None:
    flown = fly_blind(divert=(height_m, east_m, north_m))
    assert flown.answer == kernels.ACCEPTED
    assert flown.soft
    assert flown.east_north_m == pytest.approx((east_m, north_m), abs=1.0)


@pytest.mark.parametrize(
    ("height_m", "east_m", "law", "answer"),
    [
        (310.0, 20.0, "apollo-quadratic", kernels.NOT_NOW),
        (14.0, 2.0, "apollo-quadratic", kernels.NOT_NOW),
        (290.0, 300.0, "apollo-quadratic", kernels.TOO_WEAK),
        (60.0, 50.0, "dsouza", kernels.TOO_WEAK),
        (290.0, 20.0, "gravity-turn", kernels.UNSTEERED),
    ],
)
def test_a_divert_out_of_reach_changes_nothing(height_m: float, east_m: float, law: str, answer: int) -> None:
    flown = fly_blind(divert=(height_m, east_m, 0.0), law=law)
    assert flown.answer == answer
    assert flown.log[-1, 9:12] == pytest.approx(fly_blind(law=law).log[-1, 9:12], abs=1e-6)


def test_a_divert_needs_propellant() -> None:
    plan = m2_plan()
    assert plan.gate is not None
    assert plan.pdi is not None
    site = site_position(plan.site, plan.world)
    estimate = estimate_at(plan.pdi.vector, plan.pdi_mass_kg, 0.0, plan.world)
    ideal = ideal_descent(plan.lander, plan.pdi, plan.pdi_mass_kg, site, plan.world)
    memory = first_memory(estimate, site, ideal, plan.settings)
    memory[0], memory[30], memory[45], memory[46], memory[49] = 2.0, 25.0, 1.0, 2.0, 290.0
    up = site / np.linalg.norm(site)
    aim = aim_table(site, plan.gate, plan.settings, 0.0)
    low = np.array([*(site + 290.0 * up), *(-21.0 * up), 385.0, 290.0, 0.0, 0.0])
    low[3:5] += aim[4] * np.array([-low[1], low[0]])
    answers = []
    for mass_kg in (400.0, 378.0):
        low[6] = mass_kg
        answers.append(kernels.divert(memory.copy(), low, plan.lander.table(), aim, 5.0, 0.0))
    assert answers == [kernels.ACCEPTED, kernels.TOO_DRY]


def drift(n: int, tau_s: float, sigma: float, generator: np.random.Generator) -> FloatArray:
    """Return a first-order Gauss-Markov series at 10 Hz."""
    keep = math.exp(-0.1 / tau_s)
    x = np.empty(n)
    x[0] = sigma * generator.normal()
    for i in range(1, n):
        x[i] = keep * x[i - 1] + sigma * math.sqrt(1.0 - keep * keep) * generator.normal()
    return x


@pytest.mark.parametrize("seed", range(3))
def test_noise_of_the_navigation_is_flown_calmly(seed: int) -> None:
    # 300 m and 0.3 m/s that fade to a hundredth at the ground, and 0.3 m and 0.02 m/s of white noise.
    generator = np.random.default_rng(seed)
    n = 8500
    fade = np.clip((7300.0 - np.arange(n)) / 6700.0, 0.01, 1.0)
    noise = np.array([drift(n, 60.0, 300.0 if k < 3 else 0.3, generator) * fade for k in range(6)]).T
    noise += generator.normal(size=(n, 6)) * np.array([0.3] * 3 + [0.02] * 3)
    flown = fly_blind(noise=noise)
    assert flown.soft
    assert flown.miss_m < 20.0
    assert flown.left_kg > nominal().left_kg - 2.0
    phase, thrust = flown.log[1:, 3], np.abs(np.diff(flown.log[:, 4]))
    assert thrust[phase == 1][1:].max() < 0.01
    assert thrust[phase >= 2].max() < 0.12
    ignition = np.flatnonzero(np.diff((flown.log[:, 4] > 0.0).astype(int)))
    assert len(ignition) == 1


def test_thrust_comes_down_smoothly_at_the_low_gate() -> None:
    log = nominal().log
    low = log[log[:, 3] >= 2]
    assert np.abs(np.diff(low[5:, 4])).max() < 0.1
    assert low[:, 4].min() > 0.35

"""Planning: where the burns fall, and what is said when there is no descent."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from descents import FORCES, FRIGORIS, M2, M2_MASS_KG, PASS, m2_plan, orbit_over

from perilune.constants import MOON_RADIUS_M
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.errors import InputError
from perilune.landing.plan import plan_descent
from perilune.landing.planned import PlanStatus
from perilune.landing.simulate import Outcome, fly_descent
from perilune.landing.vehicle import Lander, LanderPropulsion


def test_perilune_and_ignition_fall_together_at_the_height_asked_for() -> None:
    plan = m2_plan()
    assert plan.status is PlanStatus.READY
    assert plan.reason == "The descent is ready."
    assert plan.pdi is not None
    altitude_m = float(np.linalg.norm(plan.pdi.position_m)) - MOON_RADIUS_M
    assert altitude_m == pytest.approx(15e3, abs=20.0)
    up = plan.pdi.position_m / np.linalg.norm(plan.pdi.position_m)
    assert float(plan.pdi.velocity_m_s @ up) == pytest.approx(0.0, abs=0.5)
    assert plan.thrust_fraction == pytest.approx(0.96, abs=2e-4)


def test_deorbit_is_nearly_a_hohmann_impulse() -> None:
    plan = m2_plan()
    assert plan.deorbit is not None
    r = float(np.linalg.norm(plan.deorbit.state.position_m))
    low = MOON_RADIUS_M + 15e3
    gm = 4902.8e9  # m^3/s^2
    impulse = math.sqrt(gm / r) - math.sqrt(2.0 * gm * low / (r * (r + low)))
    assert plan.deorbit.dv_m_s == pytest.approx(impulse, rel=0.06)
    assert plan.deorbit.propellant_kg == pytest.approx(
        M2_MASS_KG * (1.0 - math.exp(-plan.deorbit.dv_m_s / (320.0 * 9.80665))), rel=1e-9
    )


def test_touchdown_comes_minutes_after_the_pass() -> None:
    plan = m2_plan()
    assert plan.touchdown_epoch is not None
    assert plan.touchdown_epoch - PASS == pytest.approx(210.0, abs=20.0)


def test_the_nearest_of_several_passes_is_taken() -> None:
    early = propagate(orbit_over(FRIGORIS), -7200.0, FORCES).final
    one = plan_descent(early, M2_MASS_KG, M2, FRIGORIS, FORCES)
    three = plan_descent(early, M2_MASS_KG, M2, FRIGORIS, FORCES, window_s=16000.0)
    assert one.status is three.status is PlanStatus.READY
    assert abs(three.cross_track_m) < 1500.0 < 10e3 < abs(one.cross_track_m)


@pytest.mark.parametrize(
    ("mass_kg", "altitude_m", "beside_m", "status", "words"),
    [
        (2500.0, 100e3, 0.0, PlanStatus.TOO_LITTLE_THRUST, "1625 N can not land 2500 kg. Give more thrust"),
        (
            790.0,
            100e3,
            400e3,
            PlanStatus.NO_STEERING,
            "398 km beside the plane of the descent. Give an orbit",
        ),
        (1500.0, 100e3, 0.0, PlanStatus.OUT_OF_REACH, "would pass through the ground. Give more thrust"),
        (790.0, 600e3, 0.0, PlanStatus.NO_LOW_ORBIT, "apolune is below 500 km."),
        (790.0, 12e3, 0.0, PlanStatus.NO_LOW_ORBIT, "whose perilune lies above that of the descent"),
    ],
)
def test_what_can_not_be_flown_is_an_outcome_with_a_cure(
    mass_kg: float, altitude_m: float, beside_m: float, status: PlanStatus, words: str
) -> None:
    state = orbit_over(FRIGORIS, beside_m=beside_m, altitude_m=altitude_m)
    plan = plan_descent(state, mass_kg, M2, FRIGORIS, FORCES)
    assert plan.status is status
    assert words in plan.reason
    with pytest.raises(InputError, match=r"This plan has no descent\."):
        _ = replace(plan, pdi=None).world


@pytest.mark.parametrize(("low_m", "high_m"), [(16e3, 100e3), (60e3, 140e3), (20e3, 450e3)])
def test_orbits_need_not_be_round(low_m: float, high_m: float) -> None:
    round_one = orbit_over(FRIGORIS)
    r, low, high = 100e3 + MOON_RADIUS_M, low_m + MOON_RADIUS_M, high_m + MOON_RADIUS_M
    factor = math.sqrt(2.0 * high / (low + high))
    state = State(
        round_one.epoch,
        round_one.frame,
        round_one.position_m * (low / r),
        round_one.velocity_m_s * math.sqrt(r / low) * factor,
    )
    plan = plan_descent(state, M2_MASS_KG, M2, FRIGORIS, FORCES, window_s=9000.0)
    assert plan.status is PlanStatus.READY, plan.reason
    assert fly_descent(plan).outcome is Outcome.LANDED


def test_an_orbit_that_never_passes_has_no_descent() -> None:
    plan = plan_descent(orbit_over(FRIGORIS), M2_MASS_KG, M2, FRIGORIS, FORCES, window_s=10.0)
    assert plan.status is PlanStatus.NO_PASS
    assert plan.reason == (
        "The orbit does not pass abeam of Mare Frigoris in time. Give an earlier state or a longer window."
    )


def test_an_empty_lander_is_refused() -> None:
    with pytest.raises(InputError, match=r"mass of 375\.0 kg is not above its empty mass of 375\.0 kg"):
        plan_descent(orbit_over(FRIGORIS), 375.0, M2, FRIGORIS, FORCES)


def test_engines_that_can_not_land_are_refused() -> None:
    with pytest.raises(InputError, match=r"can not be throttled and there are no assist engines"):
        LanderPropulsion(425.0, 320.0)
    with pytest.raises(InputError, match=r"A lander needs a main engine: thrust 0\.0 N"):
        LanderPropulsion(0.0, 320.0)
    with pytest.raises(InputError, match=r"Assist engines of 1200\.0 N need a specific impulse"):
        LanderPropulsion(425.0, 320.0, 1.0, 1200.0)


def test_the_effective_specific_impulse_is_thrust_over_flow() -> None:
    assert Lander(
        "x", LanderPropulsion(425.0, 320.0, 1.0, 1200.0, 290.0), 1.0
    ).propulsion.isp_s == pytest.approx(1625.0 / (425.0 / 320.0 + 1200.0 / 290.0), rel=1e-12)

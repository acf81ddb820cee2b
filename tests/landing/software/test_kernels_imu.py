"""Inertial units that fail, and the spare that takes over."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from perilune.landing.software import table
from perilune.landing.software._kernels_imu import imu_check
from perilune.landing.software.policies import InertialClass, software

LIMITS = software("reacquire", np.array([1737400.0, 0.0, 0.0])).inertial
CYCLE_S = 0.1
Fault = Callable[[np.ndarray, np.ndarray, float], None]


def watch(
    fault: Fault, *, spare: bool = True, seconds: float = 60.0, at_s: float = 30.0, seed: int = 1
) -> tuple[float, int, np.ndarray]:
    """Return (time of the switch, unit in use at the end, speed and angle given back at the switch)."""
    rng = np.random.default_rng(seed)
    unit = InertialClass()
    biases = rng.normal(size=(2, 3)) * unit.accelerometer_bias_m_s2
    drifts = rng.normal(size=(2, 3)) * unit.gyro_bias_rad_s
    memory, out, given = np.zeros(table.INERTIAL_MEMORY), np.zeros(6), np.zeros(6)
    switched = np.nan
    for cycle in range(int(seconds / CYCLE_S)):
        t = cycle * CYCLE_S
        thrust = 0.0 if t < 10.0 else 2.0 + 0.01 * t
        rate = np.array([0.0, 2e-3 + 5e-4 * np.sin(0.3 * t), 0.0])
        dv, turn = np.empty((2, 3)), np.empty((2, 3))
        for k in range(2):
            dv[k] = (np.array([0.0, 0.0, 1.02 * thrust]) + biases[k]) * CYCLE_S
            dv[k] += unit.accelerometer_noise * np.sqrt(CYCLE_S) * rng.normal(size=3)
            turn[k] = (rate + drifts[k]) * CYCLE_S + unit.gyro_noise * np.sqrt(CYCLE_S) * rng.normal(size=3)
        if t >= at_s:
            fault(dv, turn, CYCLE_S)
        unit_used = imu_check(memory, dv[0], turn[0], dv[1], turn[1], spare, thrust, CYCLE_S, LIMITS, out)
        if unit_used != 0 and np.isnan(switched):
            switched, given = t + CYCLE_S, out.copy()
    return switched, int(memory[0]), given


def healthy(dv: np.ndarray, turn: np.ndarray, dt: float) -> None:
    del dv, turn, dt


def accelerometers_off(dv: np.ndarray, turn: np.ndarray, dt: float) -> None:
    del turn, dt
    dv[0] = 0.0


def reset(dv: np.ndarray, turn: np.ndarray, dt: float) -> None:
    del dt
    dv[0], turn[0] = 0.0, 0.0


def biased(dv: np.ndarray, turn: np.ndarray, dt: float) -> None:
    del turn
    dv[0, 0] += 0.03 * dt


def scaled(dv: np.ndarray, turn: np.ndarray, dt: float) -> None:
    del turn, dt
    dv[0] *= 1.01


def drifting(dv: np.ndarray, turn: np.ndarray, dt: float) -> None:
    del dv
    turn[0, 2] += np.radians(200.0 / 3600.0) * dt


@pytest.mark.parametrize("seed", range(20))
def test_two_healthy_units_are_left_alone(seed: int) -> None:
    assert watch(healthy, seed=seed)[1] == 0


@pytest.mark.parametrize("fault", [accelerometers_off, reset, biased, scaled, drifting])
@pytest.mark.parametrize("seed", range(5))
def test_the_spare_takes_over_within_three_seconds(fault: Fault, seed: int) -> None:
    switched, unit, _ = watch(fault, seed=seed)
    assert unit == 1
    assert 30.0 < switched < 33.0


@pytest.mark.parametrize("fault", [accelerometers_off, biased, drifting])
def test_a_spare_that_errs_is_not_taken(fault: Fault) -> None:
    def on_the_spare(dv: np.ndarray, turn: np.ndarray, dt: float) -> None:
        fault(dv[::-1], turn[::-1], dt)

    assert watch(on_the_spare)[1] == 0


def test_what_was_missed_is_given_back() -> None:
    """Half a second without accelerometers at 2.3 m/s^2 of thrust, 2 % stronger than commanded."""
    _, _, given = watch(accelerometers_off)
    assert given[2] == pytest.approx(1.02 * 2.3 * 0.5, abs=0.02)
    assert np.abs(given[:2]).max() < 0.02


def test_without_a_spare_the_thrust_model_stands_in() -> None:
    switched, unit, given = watch(accelerometers_off, spare=False)
    assert unit == 2
    assert switched < 31.0
    assert given[2] == pytest.approx(2.3 * 0.5, abs=0.02)


def test_in_free_fall_a_silent_unit_is_no_dead_one() -> None:
    def quiet(dv: np.ndarray, turn: np.ndarray, dt: float) -> None:
        del turn, dt
        dv[0] *= 1e-3

    assert watch(quiet, at_s=0.0, seconds=9.0)[1] == 0

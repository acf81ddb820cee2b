"""Inertial units: bias, scale, misalignment, walks, quanta and outages against closed forms."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from sensor_bench import Bench

from perilune.landing.sensing import layout as at
from perilune.landing.sensing import suite
from perilune.maths.arrays import FloatArray

DT_S = 0.02
QUIET = suite.Imu(
    velocity_walk=0.0,
    accelerometer_walk=0.0,
    angle_walk=0.0,
    gyro_walk=0.0,
    velocity_quantum_m_s=0.0,
    angle_quantum_rad=0.0,
)
SENSED = np.array([0.3, -0.2, 2.0, 0.01, -0.02, 0.03])


def test_a_quiet_unit_tells_the_truth() -> None:
    assert Bench(QUIET).imu(SENSED, 3)[-1] == pytest.approx(SENSED * DT_S, rel=1e-14)


def test_bias_scale_and_misalignment_are_linear() -> None:
    bench = Bench(QUIET)
    for first in (at.E_ACCELEROMETER, at.E_GYRO):
        bench.errors[0, first : first + 3] = 1e-3, 2e-3, 3e-3
        bench.errors[0, first + 3 : first + 6] = 1e-4, -2e-4, 3e-4
        bench.errors[0, first + 6 : first + 9] = 1e-3, -1e-3, 2e-3
    told = bench.imu(SENSED, 1)[0] / DT_S
    for part in (slice(0, 3), slice(3, 6)):
        seen = SENSED[part] - np.cross([1e-3, -1e-3, 2e-3], SENSED[part])
        expected = seen * (1.0 + np.array([1e-4, -2e-4, 3e-4])) + np.array([1e-3, 2e-3, 3e-3])
        assert told[part] == pytest.approx(expected, rel=1e-12)


def test_walks_grow_with_the_root_of_time() -> None:
    # 400 runs of 40 s: the sigma of a sum is known to 3.5 %.
    unit = replace(QUIET, velocity_walk=1e-3, angle_walk=1e-4)
    sums = np.array([Bench(unit, run=run).imu(SENSED, 400, 0.1).sum(axis=0) for run in range(400)])
    sums -= SENSED * 40.0
    expected = np.array([1e-3] * 3 + [1e-4] * 3) * math.sqrt(40.0)
    assert sums.std(axis=0) == pytest.approx(expected, rel=0.14)
    assert np.abs(sums.mean(axis=0)) == pytest.approx(np.zeros(6), abs=4.0 * expected[0] / 20.0)


def test_biases_wander_as_a_walk_whichever_axis_steps() -> None:
    unit = replace(QUIET, accelerometer_walk=1e-3, gyro_walk=1e-4)
    rates = np.array([Bench(unit, run=run).imu(SENSED, 400, 0.1)[-1] / 0.1 for run in range(400)])
    expected = np.array([1e-3] * 3 + [1e-4] * 3) * math.sqrt(40.0)
    assert (rates - SENSED).std(axis=0) == pytest.approx(expected, rel=0.14)


def test_allan_deviation_of_white_noise_falls_with_the_root() -> None:
    unit = replace(QUIET, angle_walk=1e-4)
    angles = np.cumsum(Bench(unit).imu(np.zeros(6), 100_000)[:, 3])
    for every in (10, 50, 200):
        span_s = every * DT_S
        rates = np.diff(angles[::every]) / span_s
        allan = math.sqrt(0.5 * float(np.mean(np.diff(rates) ** 2)))
        assert allan == pytest.approx(1e-4 / math.sqrt(span_s), rel=0.1)


def test_quanta_are_whole_and_nothing_is_lost() -> None:
    unit = replace(QUIET, velocity_quantum_m_s=1e-3, angle_quantum_rad=1e-4)
    told = Bench(unit).imu(SENSED, 5000)
    quanta = np.array([1e-3] * 3 + [1e-4] * 3)
    assert told / quanta == pytest.approx(np.round(told / quanta), abs=1e-6)
    assert np.abs(told.sum(axis=0) - SENSED * 100.0) == pytest.approx(np.zeros(6), abs=1e-3)


def test_limits_hold() -> None:
    unit = replace(QUIET, greatest_m_s2=1.0, greatest_rad_s=0.02)
    assert Bench(unit).imu(SENSED, 1)[0] / DT_S == pytest.approx([0.3, -0.2, 1.0, 0.01, -0.02, 0.02])


def told(cells: dict[int, float], count: int = 1) -> FloatArray:
    bench = Bench(QUIET)
    for column, value in cells.items():
        bench.effects[0, column] = value
    out: FloatArray = bench.imu(SENSED, count)[-1] / DT_S
    return out


def test_faults_of_an_inertial_unit() -> None:
    assert told({at.OFF: 1.0}) == pytest.approx(np.zeros(6))
    assert told({at.FALSE: 1.0}) == pytest.approx([0.0, 0.0, 0.0, *SENSED[3:]])
    shifted = told({at.BIAS_Z: 0.03, at.RATE_Y: 1e-3})
    assert shifted - SENSED == pytest.approx([0.0, 0.0, 0.03, 0.0, 1e-3, 0.0])
    assert told({at.SCALE: 0.01}) == pytest.approx([*(1.01 * SENSED[:3]), *SENSED[3:]])


def test_an_outage_is_told_by_the_status() -> None:
    from perilune.landing.sensing import _kernels as kernels

    bench, out = Bench(QUIET), np.ones(6)
    arrays = (bench.table, bench.errors, bench.memory, bench.effects, bench.streams)
    assert kernels.sample_imu(0, *arrays, SENSED, DT_S, out) == at.VALID
    bench.effects[0, at.OFF] = 1.0
    assert kernels.sample_imu(0, *arrays, SENSED, DT_S, out) == at.NOTHING


def test_a_stuck_unit_repeats_its_last_step() -> None:
    bench = Bench(QUIET)
    first = bench.imu(SENSED, 1)[0]
    bench.effects[0, at.STUCK] = 1.0
    assert bench.imu(2.0 * SENSED, 1)[0] == pytest.approx(first)


def test_the_classes_are_ordered() -> None:
    tactical, navigation = suite.tactical_imu(), suite.navigation_imu()
    assert navigation.gyro_bias_rad_s < tactical.gyro_bias_rad_s
    assert navigation.accelerometer_bias_m_s2 < tactical.accelerometer_bias_m_s2
    assert math.degrees(tactical.gyro_bias_rad_s) * 3600.0 == pytest.approx(1.0)
    assert tactical.accelerometer_bias_m_s2 == pytest.approx(100e-6 * 9.80665)

"""Laser and radar against closed forms on a sphere; what faults do to them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sensor_bench import Bench, scene

from perilune.constants import MOON_RADIUS_M
from perilune.landing.ground import _kernels as ground_kernels
from perilune.landing.ground.features import Plain, feature_row
from perilune.landing.sensing import _kernels_range as kernels
from perilune.landing.sensing import layout as at
from perilune.landing.sensing import suite

DEG = math.pi / 180.0


def slant_m(height_m: float, off_rad: float) -> float:
    """Range from a height to a sphere, so far off the vertical (law of cosines)."""
    r = MOON_RADIUS_M + height_m
    return r * math.cos(off_rad) - math.sqrt(MOON_RADIUS_M**2 - (r * math.sin(off_rad)) ** 2)


@pytest.mark.parametrize("tilt_deg", [-20.0, 0.0, 15.0, 25.0])
@pytest.mark.parametrize("height_m", [10.0, 900.0, 6000.0])
def test_laser_range_is_the_distance_along_the_boresight(height_m: float, tilt_deg: float) -> None:
    strong = suite.Laser(sigma_m=0.0, sigma_share=0.0, bin_m=1e-6, divergence_rad=0.0, reference_range_m=1e5)
    bench = Bench(strong)
    # The tilt turns +x, the side the boresight is canted to, upwards: further off the vertical.
    rows = bench.series(scene(height_m, tilt_rad=tilt_deg * DEG), 10)
    expected = slant_m(height_m, (30.0 + tilt_deg) * DEG)
    assert rows[0, 0] == pytest.approx(expected, abs=2e-3, rel=1e-6)
    assert rows[0, 6] == pytest.approx(expected, abs=2e-3, rel=1e-6)
    assert rows[0, 3:6] == pytest.approx([0.5, 0.0, -math.sqrt(0.75)])
    assert rows[0, 1] == 0.0


def test_laser_scatter_is_what_its_data_sheet_says() -> None:
    bench = Bench(suite.Laser(cant_rad=0.0))
    rows = bench.series(scene(3000.0), 20_000)
    off = rows[:, 0] - rows[:, 6]
    # At this range the signal is strong: the bin over the signal-to-noise ratio adds 0.02 m.
    sigma = 1.0 + 1e-3 * 3000.0
    assert off.std() == pytest.approx(sigma, rel=0.02)
    assert abs(off.mean()) < 4.0 * sigma / math.sqrt(len(rows))
    assert rows[:, 1] == pytest.approx(1.0 + 1e-3 * rows[:, 0])


def detected(bench: Bench, where: np.ndarray, count: int) -> float:
    rows = bench.series(where, count)
    return float((rows[:, 15] == at.VALID).mean())


def test_half_of_the_pulses_come_back_from_the_reference_range() -> None:
    bench = Bench(suite.Laser(cant_rad=0.0, reference_range_m=6000.0, integration_s=0.0))
    assert detected(bench, scene(6000.0), 4000) == pytest.approx(0.5, abs=0.035)


@pytest.mark.parametrize("range_m", [5000.0, 5700.0, 6000.0, 6300.0, 7000.0])
def test_share_of_returns_follows_the_link_budget(range_m: float) -> None:
    laser = suite.Laser(cant_rad=0.0, reference_range_m=6000.0, integration_s=0.0)
    # Closed form, beside the kernel: signal falls with the square, shot noise adds to the detector's.
    t, noise = laser.threshold, laser.noise_electrons
    at_reference = 0.5 * (t * t + math.sqrt(t**4 + 4.0 * t * t * noise * noise))
    signal = at_reference * (6000.0 / range_m) ** 2
    expected = float(stats.norm.cdf(signal / math.sqrt(signal + noise * noise) - t))
    found = detected(Bench(laser), scene(range_m), 4000)
    assert found == pytest.approx(expected, abs=4.0 * math.sqrt(0.25 / 2000) + 1e-3)


@given(st.floats(100.0, 12e3), st.floats(0.05, 1.0), st.floats(0.0, 100.0), st.floats(0.0, 2000.0))
def test_signal_falls_with_range_incidence_and_speed(
    range_m: float, cosine: float, slow_m_s: float, more_m_s: float
) -> None:
    table = suite.sensor_table([suite.Laser()])
    here = kernels.detection(0, table, 1.0, range_m, cosine, slow_m_s)
    assert kernels.detection(0, table, 1.0, 1.1 * range_m, cosine, slow_m_s) < here
    assert kernels.detection(0, table, 1.0, range_m, 0.9 * cosine, slow_m_s) < here
    assert kernels.detection(0, table, 0.9, range_m, cosine, slow_m_s) < here
    assert kernels.detection(0, table, 1.0, range_m, cosine, slow_m_s + more_m_s) <= here


def test_smear_halves_the_signal_where_the_range_changes_by_the_root_of_three_bins() -> None:
    laser = suite.Laser(integration_s=0.01, bin_m=0.5)
    table = suite.sensor_table([laser])
    rest = kernels.detection(0, table, 1.0, 3000.0, 1.0, 0.0)
    moving = kernels.detection(0, table, 1.0, 3000.0, 1.0, math.sqrt(3.0) * 0.5 / 0.01)
    assert moving == pytest.approx(0.5 * rest)


@pytest.mark.parametrize("tilt_deg", [0.0, 20.0, 50.0])
def test_radar_tells_the_nearest_point_of_its_beam(tilt_deg: float) -> None:
    radar = suite.Radar(sigma_m=0.0, sigma_share=0.0, cant_rad=0.0, half_angle_rad=30.0 * DEG)
    bench = Bench(radar)
    rows = bench.series(scene(2000.0, tilt_rad=tilt_deg * DEG), 10)
    off_deg = max(tilt_deg - 30.0, 0.0)
    assert rows[0, 0] == pytest.approx(slant_m(2000.0, off_deg * DEG), rel=1e-6, abs=2e-3)
    assert rows[0, 7] == pytest.approx(30.0 * DEG)


def test_radar_sees_nothing_at_a_grazing_incidence_or_beyond_its_range() -> None:
    bench = Bench(suite.Radar(cant_rad=0.0))
    assert bench.series(scene(2000.0, tilt_rad=85.0 * DEG), 10)[0, 15] == at.INVALID
    assert Bench(suite.Radar()).series(scene(40e3), 10)[0, 15] == at.INVALID


@pytest.mark.parametrize("sensor", [suite.Laser(), suite.Radar()])
def test_too_near_and_too_far_are_told_as_invalid(sensor: suite.Sensor) -> None:
    for height_m in (0.05, 20e3, 100e3):
        rows = Bench(sensor).series(scene(height_m), 10)
        assert set(rows[:, 15]) == {float(at.INVALID)}


def test_constant_errors_shift_scale_and_turn() -> None:
    bench = Bench(suite.Laser(cant_rad=0.0, sigma_m=0.0, sigma_share=0.0, bin_m=1e-6, divergence_rad=0.0))
    bench.errors[0, at.E_BIAS], bench.errors[0, at.E_SCALE] = 3.0, 1e-3
    bench.errors[0, at.E_TURN_A] = 0.1
    rows = bench.series(scene(1000.0), 10)
    true_m = slant_m(1000.0, math.atan(0.1))
    assert rows[0, 6] == pytest.approx(true_m, rel=1e-6)
    assert rows[0, 0] == pytest.approx(true_m * 1.001 + 3.0, rel=1e-6)


# -- rate and latency ---------------------------------------------------------------------------------------


def test_samples_come_at_their_rate_and_late_by_their_latency() -> None:
    bench = Bench(suite.Laser(period_s=0.2, latency_s=0.3))
    where = scene(1000.0)
    times = []
    for _ in range(50):
        if bench.ask(where):
            times.append(where[at.S_TIME])
            assert bench.out[2] == pytest.approx(0.3)
        where[at.S_TIME] += 0.1
    assert times[0] == pytest.approx(0.3)
    assert np.diff(times) == pytest.approx(np.full(len(times) - 1, 0.2))


def test_extra_latency_is_not_in_the_age_that_is_told() -> None:
    bench = Bench(suite.Laser(period_s=0.2, latency_s=0.1, cant_rad=0.0, sigma_m=0.0, sigma_share=0.0))
    bench.effects[0, at.EXTRA_LATENCY_S] = 1.0
    where = scene(2000.0)
    for _ in range(40):
        if bench.ask(where):
            # Falling at 10 m/s, told 1.1 s late: the value is that of then.
            assert bench.out[2] == pytest.approx(0.1)
            assert bench.out[6] == pytest.approx(where[at.S_HEIGHT] + 11.0, abs=0.01)
        where[at.S_TIME] += 0.1
        where[at.S_HEIGHT] -= 1.0
        where[at.S_POSITION + 2] -= 1.0
    assert where[at.S_TIME] > 3.0


def test_a_time_tag_error_is_in_the_age() -> None:
    bench = Bench(suite.Laser(latency_s=0.1))
    bench.errors[0, at.E_TIME_TAG_S] = 0.02
    assert bench.series(scene(500.0), 10)[0, 2] == pytest.approx(0.12)


def test_what_a_sample_draws_does_not_depend_on_what_was_lost_before() -> None:
    whole, broken = Bench(suite.Laser()), Bench(suite.Laser())
    one = whole.series(scene(3000.0), 100)
    where = scene(3000.0)
    broken.effects[0, at.OFF] = 1.0
    assert len(broken.series(where, 30)) == 0
    broken.effects[0, at.OFF] = 0.0
    other = broken.series(where, 70)
    assert np.array_equal(one[-30:, 0], other[-30:, 0])


# -- faults -------------------------------------------------------------------------------------------------


@pytest.fixture
def exact() -> Bench:
    return Bench(suite.Laser(cant_rad=0.0, sigma_m=0.0, sigma_share=0.0, bin_m=1e-6, divergence_rad=0.0))


def test_bias_and_scale_faults(exact: Bench) -> None:
    exact.effects[0, at.BIAS], exact.effects[0, at.SCALE] = 50.0, 0.02
    assert exact.series(scene(1000.0), 10)[0, 0] == pytest.approx(1070.0, rel=1e-6)


def test_a_stuck_altimeter_repeats_its_last_value(exact: Bench) -> None:
    where = scene(1000.0)
    before = exact.series(where, 10)[-1, 0]
    exact.effects[0, at.STUCK] = 1.0
    where[at.S_HEIGHT] -= 400.0
    where[at.S_POSITION + 2] -= 400.0
    rows = exact.series(where, 20)
    assert set(rows[1:, 0]) == {before}
    assert rows[-1, 6] == pytest.approx(600.0, abs=0.01)


def test_a_stuck_altimeter_tells_its_value_where_nothing_comes_back(exact: Bench) -> None:
    exact.series(scene(1000.0), 10)
    exact.effects[0, at.STUCK] = 1.0
    far = scene(90e3)
    far[at.S_TIME] = 50.0
    rows = exact.series(far, 10)
    assert set(rows[:, 15]) == {float(at.VALID)}
    assert rows[-1, 0] == pytest.approx(1000.0, abs=0.01)


def test_a_false_value_is_told_whatever_the_ground_is(exact: Bench) -> None:
    exact.effects[0, at.FALSE], exact.effects[0, at.FALSE_VALUE] = 1.0, 0.06
    rows = exact.series(scene(93.0), 10)
    assert rows[0, 0] == pytest.approx(0.06)
    assert rows[0, 15] == at.VALID


def test_spikes_hit_their_share_and_stay_in_size(exact: Bench) -> None:
    exact.effects[0, at.SPIKE_SHARE], exact.effects[0, at.SPIKE_SIZE] = 0.25, 300.0
    off = exact.series(scene(1000.0), 20_000)
    off = off[:, 0] - off[:, 6]
    hit = np.abs(off) > 0.01
    assert hit.mean() == pytest.approx(0.25, abs=4.0 * math.sqrt(0.19 / len(off)))
    assert stats.kstest(off[hit] / 300.0, "uniform", args=(-1.0, 2.0)).pvalue > 1e-3


def test_negative_spikes_only_shorten_and_leave_a_range(exact: Bench) -> None:
    exact.effects[0, at.SPIKE_SHARE], exact.effects[0, at.SPIKE_SIZE] = 1.0, -15.0
    rows = exact.series(scene(10.0), 2000)
    assert rows[:, 0].max() <= rows[0, 6]
    assert rows[:, 0].min() == pytest.approx(0.3)


def test_a_late_altimeter_has_no_return_above_its_ceiling(exact: Bench) -> None:
    exact.effects[0, at.CEILING_M] = 893.0
    assert exact.series(scene(900.0), 10)[0, 15] == at.INVALID
    low = scene(880.0)
    low[at.S_TIME] = 5.0
    assert exact.series(low, 10)[-1, 15] == at.VALID


def test_lost_energy_shortens_the_reach_by_the_root() -> None:
    bench = Bench(suite.Laser(cant_rad=0.0, reference_range_m=10e3, integration_s=0.0))
    bench.effects[0, at.ENERGY_LOST] = 0.96
    assert detected(bench, scene(2000.0), 4000) == pytest.approx(0.5, abs=0.035)


def test_noise_fault_is_not_in_the_sigma_but_in_the_signal_to_noise_ratio() -> None:
    bench, healthy = Bench(suite.Laser()), Bench(suite.Laser())
    bench.effects[0, at.NOISE] = 19.0
    rows, calm = bench.series(scene(1000.0), 4000), healthy.series(scene(1000.0), 4000)
    assert (rows[:, 0] - rows[:, 6]).std() == pytest.approx(20.0 * (calm[:, 0] - calm[:, 6]).std(), rel=1e-6)
    assert rows[0, 1] < 5.0
    assert rows[0, 8] == pytest.approx(calm[0, 8] / 20.0)


def test_an_altimeter_that_is_off_tells_nothing_and_starts_afresh() -> None:
    bench = Bench(suite.Laser(latency_s=0.3))
    where = scene(1000.0)
    bench.ask(where)
    bench.effects[0, at.OFF] = 1.0
    where[at.S_TIME] = 0.4
    assert bench.ask(where) == at.NOTHING
    bench.effects[0, at.OFF] = 0.0
    for time_s, expected in ((0.5, at.NOTHING), (0.6, at.NOTHING), (0.8, at.NOTHING), (0.9, at.VALID)):
        where[at.S_TIME] = time_s
        assert bench.ask(where) == expected


def test_radar_finds_a_plateau_at_the_side_of_its_beam() -> None:
    bench = Bench(suite.Radar(cant_rad=0.0, sigma_m=0.0, sigma_share=0.0))
    hill = Plain("plateau", math.pi / 2 - 1500.0 / MOON_RADIUS_M, 0.0, 900.0, radius_m=900.0, taper_m=100.0)
    bench.ground = bench.ground._replace(
        features=np.array([feature_row(hill)]), limits=np.array([0.0, 900.0])
    )
    height_m, edge = 2500.0, math.cos(30.0 * DEG)
    # The nearest ground in the beam, by looking at all of it: 10 m by 10 m.
    east, north = np.meshgrid(np.arange(-2000.0, 2000.0, 10.0), np.arange(-2000.0, 2000.0, 10.0))
    best = math.inf
    for x, y in zip(east.ravel(), north.ravel(), strict=True):
        up = np.array([x, y, MOON_RADIUS_M])
        up /= np.linalg.norm(up)
        point = up * (MOON_RADIUS_M + ground_kernels.elevation(*up, bench.ground))
        away = point - np.array([0.0, 0.0, MOON_RADIUS_M + height_m])
        length = float(np.linalg.norm(away))
        if -away[2] >= edge * length:
            best = min(best, length)
    told = bench.series(scene(height_m), 10)[0, 0]
    assert best < 1900.0
    # Six points for a whole beam: never nearer than the nearest, and not far beyond it.
    assert best - 1.0 < told < 1.1 * best

"""Velocimeter, star tracker, cameras: their laws, and when they see nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from sensor_bench import Bench, scene, turned

from perilune.constants import MOON_RADIUS_M
from perilune.landing import _kernels_guidance as guidance
from perilune.landing.ground.features import Plain, Scarp, feature_row
from perilune.landing.sensing import _kernels_optical as kernels
from perilune.landing.sensing import layout as at
from perilune.landing.sensing import suite
from perilune.maths.arrays import FloatArray

DEG = math.pi / 180.0
ARCSEC = DEG / 3600.0


def test_the_phase_of_braking_is_the_guidance_s() -> None:
    assert at.BRAKING == guidance.BRAKING


# -- velocimeter --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("beams", [3, 4])
@pytest.mark.parametrize("tilt_deg", [0.0, 12.0])
def test_beam_rates_give_the_velocity_back(beams: int, tilt_deg: float) -> None:
    velocity = np.array([4.0, -2.0, -30.0])
    bench = Bench(suite.Velocimeter(beams=beams, sigma_m_s=0.0, sigma_share=0.0))
    rows = bench.series(scene(800.0, velocity_m_s=tuple(velocity), tilt_rad=tilt_deg * DEG), 3)
    directions = bench.table[0, at.BEAM : at.BEAM + 3 * beams].reshape(beams, 3)
    assert np.linalg.norm(directions, axis=1) == pytest.approx(np.ones(beams))
    assert rows[0, 7] == 2**beams - 1
    in_body = np.linalg.lstsq(-directions, rows[0, :beams], rcond=None)[0]
    assert turned(tilt_deg * DEG) @ in_body == pytest.approx(velocity, abs=1e-9)


def test_a_velocimeter_on_an_arm_feels_the_turn() -> None:
    bench = Bench(suite.Velocimeter(mount_m=(2.0, 0.0, 0.0), sigma_m_s=0.0, sigma_share=0.0))
    rows = bench.series(scene(500.0, rate_rad_s=(0.0, 0.1, 0.0)), 3)
    directions = bench.table[0, at.BEAM : at.BEAM + 12].reshape(4, 3)
    # rate x arm = (0, 0.1, 0) x (2, 0, 0) = (0, 0, -0.2)
    assert rows[0, :4] == pytest.approx(-directions @ np.array([0.0, 0.0, -0.2]), abs=1e-12)


def test_rates_scatter_as_told() -> None:
    bench = Bench(suite.Velocimeter(sigma_m_s=0.05, sigma_share=0.0))
    rows = bench.series(scene(500.0), 10_000)
    assert rows[:, :4].std(axis=0) == pytest.approx(np.full(4, 0.05), rel=0.03)
    assert np.abs(np.corrcoef(rows[:, :4].T) - np.eye(4)).max() < 0.05
    assert rows[0, 5] == 0.05


def test_beams_that_graze_or_look_too_far_are_not_valid() -> None:
    bench = Bench(suite.Velocimeter())
    tilted = bench.series(scene(500.0, tilt_rad=55.0 * DEG), 3)
    assert 0 < tilted[0, 7] < 15
    assert Bench(suite.Velocimeter()).series(scene(6000.0), 3)[0, 15] == at.INVALID
    fast = Bench(suite.Velocimeter()).series(scene(500.0, velocity_m_s=(0.0, 0.0, -400.0)), 3)
    assert fast[0, 15] == at.INVALID


def test_velocimeter_faults() -> None:
    bench = Bench(suite.Velocimeter(sigma_m_s=0.0, sigma_share=0.0))
    bench.effects[0, at.BEAMS_LOST] = 2.0
    rows = bench.series(scene(500.0, velocity_m_s=(0.0, 0.0, -10.0)), 3)
    assert rows[0, 7] == 0b1100
    bench.effects[0, at.BEAMS_LOST] = 0.0
    bench.effects[0, at.BIAS], bench.effects[0, at.SCALE] = 1.0, 0.1
    later = scene(500.0, velocity_m_s=(0.0, 0.0, -10.0))
    later[at.S_TIME] = 5.0
    biased = bench.series(later, 3)[-1]
    assert biased[:4] == pytest.approx(1.1 * rows[0, :4] + 1.0)
    bench.effects[0, at.CEILING_M] = 1e-9
    later[at.S_TIME] = 10.0
    assert bench.series(later, 3)[-1, 15] == at.INVALID


def test_velocimeter_misalignment_turns_the_velocity() -> None:
    bench = Bench(suite.Velocimeter(sigma_m_s=0.0, sigma_share=0.0))
    bench.errors[0, at.E_TURN + 1] = 0.01
    velocity = np.array([0.0, 0.0, -50.0])
    rows = bench.series(scene(500.0, velocity_m_s=tuple(velocity)), 3)
    directions = bench.table[0, at.BEAM : at.BEAM + 12].reshape(4, 3)
    seen = np.linalg.lstsq(-directions, rows[0, :4], rcond=None)[0]
    assert seen == pytest.approx(velocity - np.cross([0.0, 0.01, 0.0], velocity), abs=1e-9)


# -- star tracker -------------------------------------------------------------------------------------------


def attitudes(rows: FloatArray) -> FloatArray:
    """Return rotation vectors (n, 3) in body axes, of what is told after the truth."""
    return Rotation.from_quat(rows[:, [1, 2, 3, 0]]).as_rotvec()


def test_star_tracker_scatters_more_about_its_boresight() -> None:
    tracker = suite.StarTracker(tilt_rad=0.0, across_rad=10.0 * ARCSEC, about_rad=60.0 * ARCSEC)
    rows = Bench(tracker).series(scene(5000.0), 50_000)
    sigma = attitudes(rows).std(axis=0) / ARCSEC
    assert sigma == pytest.approx([60.0, 10.0, 10.0], rel=0.03)
    assert rows[0, 4] == pytest.approx(10.0 * ARCSEC)


def test_star_tracker_error_is_a_small_turn_in_body_axes_after_the_truth() -> None:
    bench = Bench(suite.StarTracker(across_rad=0.0, about_rad=0.0))
    bench.errors[0, :3] = 1e-3, -2e-3, 3e-3
    where = scene(5000.0)
    truth = Rotation.from_euler("xyz", [0.3, -1.0, 2.0])
    where[at.S_Q : at.S_Q + 4] = truth.as_quat()[[3, 0, 1, 2]]
    rows = bench.series(where, 10)
    told = Rotation.from_quat(rows[0, [1, 2, 3, 0]])
    assert (truth.inv() * told).as_rotvec() == pytest.approx([1e-3, -2e-3, 3e-3], abs=1e-8)


def status(sensor: suite.Sensor, where: FloatArray) -> float:
    rows = Bench(sensor).series(where, 30)
    return float(rows[-1, 15]) if len(rows) else 0.0


def test_star_tracker_is_blinded_by_the_sun_within_its_exclusion_angle() -> None:
    tracker = suite.StarTracker(tilt_rad=90.0 * DEG, sun_exclusion_rad=35.0 * DEG)
    for angle_deg, expected in ((30.0, at.INVALID), (40.0, at.VALID)):
        sun = (math.sin(angle_deg * DEG), 0.0, math.cos(angle_deg * DEG))
        assert status(tracker, scene(5000.0, sun=sun)) == expected
    # The same Sun behind the Moon blinds nobody.
    level = suite.StarTracker(tilt_rad=0.0, limb_exclusion_rad=0.0)
    below = (-math.cos(20.0 * DEG), 0.0, -math.sin(20.0 * DEG))
    assert status(level, scene(5000.0, sun=below)) == at.VALID


def test_star_tracker_does_not_look_through_the_moon() -> None:
    height_m = 15e3
    horizon_rad = math.acos(MOON_RADIUS_M / (MOON_RADIUS_M + height_m))
    for elevation_rad, expected in ((-horizon_rad + 0.01, at.VALID), (-horizon_rad - 0.01, at.INVALID)):
        tracker = suite.StarTracker(tilt_rad=elevation_rad, limb_exclusion_rad=0.0)
        assert status(tracker, scene(height_m)) == expected


def test_star_tracker_loses_its_stars_in_a_fast_turn_and_may_be_off_while_braking() -> None:
    tracker = suite.StarTracker(fastest_rad_s=1.0 * DEG)
    assert status(tracker, scene(5000.0, rate_rad_s=(0.0, 1.1 * DEG, 0.0))) == at.INVALID
    assert status(tracker, scene(5000.0, rate_rad_s=(0.0, 0.9 * DEG, 0.0))) == at.VALID
    braking = scene(5000.0, phase=float(at.BRAKING))
    assert status(suite.StarTracker(while_braking=False), braking) == at.NOTHING
    assert status(tracker, scene(5000.0, phase=float(at.BRAKING))) == at.VALID


# -- terrain camera -----------------------------------------------------------------------------------------

EXACT = suite.TerrainCamera(sigma_m=0.0, sigma_share=0.0, cant_rad=0.0)


def test_terrain_camera_is_off_by_the_map_s_tie_and_scatters_as_it_says() -> None:
    bench = Bench(suite.TerrainCamera(cant_rad=0.0))
    bench.errors[0, at.E_TIE_EAST], bench.errors[0, at.E_TIE_NORTH] = 30.0, -20.0
    rows = bench.series(scene(5000.0, sun=(math.cos(0.6), 0.0, math.sin(0.6))), 40_000)
    off = rows[:, :3] - np.array([0.0, 0.0, MOON_RADIUS_M + 5000.0])
    # Over the pole, where any direction is north, east is y and north is -x.
    assert off.mean(axis=0) == pytest.approx([20.0, 30.0, 0.0], abs=1.0)
    assert (off[:, 1] - 30.0).std() == pytest.approx(np.sqrt((rows[:, 3] ** 2).mean()), rel=0.03)
    assert off[:, 2].std() == pytest.approx(np.sqrt((rows[:, 4] ** 2).mean()), rel=0.03)


def test_matches_are_as_scattered_as_a_count() -> None:
    rows = Bench(suite.TerrainCamera(cant_rad=0.0)).series(scene(5000.0), 40_000)
    assert rows[:, 6].mean() == pytest.approx(40.0, rel=0.02)
    assert rows[:, 6].var() == pytest.approx(40.0, rel=0.05)


@pytest.mark.parametrize(
    ("height_m", "sun_deg", "off_deg", "expected"),
    [
        (5000.0, 30.0, 0.0, 40.0),
        (5000.0, 5.0, 0.0, 20.0),  # half-way up the ramp of shadows
        (5000.0, 1.0, 0.0, 0.0),
        (5000.0, 72.5, 0.0, 20.0),  # half-way down to no contrast
        (150.0, 30.0, 0.0, 10.0),  # a quarter at half the least height
        (80e3, 30.0, 0.0, 10.0),
        (5000.0, 30.0, 56.25, 20.0),
        (5000.0, 30.0, 80.0, 0.0),
    ],
)
def test_matches_go_with_height_light_and_slant(
    height_m: float, sun_deg: float, off_deg: float, expected: float
) -> None:
    table = suite.sensor_table([suite.TerrainCamera()])
    found = kernels.matches_expected(0, table, height_m, sun_deg * DEG, off_deg * DEG)
    assert found == pytest.approx(expected, abs=1e-9)


def test_terrain_camera_gives_no_fix_at_night_or_while_turning() -> None:
    assert status(suite.TerrainCamera(cant_rad=0.0), scene(5000.0, sun=(1.0, 0.0, -0.1))) == at.INVALID
    turning = scene(5000.0, rate_rad_s=(0.1, 0.0, 0.0))
    assert status(suite.TerrainCamera(cant_rad=0.0), turning) == at.INVALID


def test_faults_of_map_and_matcher_shift_the_fix() -> None:
    bench = Bench(EXACT)
    bench.effects[-2, at.BIAS_Y], bench.effects[-2, at.BIAS_Z], bench.effects[-2, at.BIAS] = 5.0, 7.0, 11.0
    bench.effects[0, at.FALSE], bench.effects[0, at.FALSE_VALUE] = 1.0, 1500.0
    rows = bench.series(scene(5000.0), 10)
    assert rows[0, :3] == pytest.approx([-7.0, 1505.0, MOON_RADIUS_M + 5011.0], abs=1e-6)


# -- hazard camera ------------------------------------------------------------------------------------------


def slope_with_a_level_patch(bench: Bench) -> None:
    """Lay a level patch 15 m to the east (+y) of the point under the vehicle into a steep slope."""
    east = 15.0 / MOON_RADIUS_M
    place = (math.pi / 2 - east, math.pi / 2)
    slope = Scarp("slope", math.pi / 2 - 4e-4, math.pi, 400.0, math.pi / 2 - 4e-4, 0.0, -400.0, taper_m=100.0)
    patch = Plain("patch", *place, 0.0, radius_m=8.0, taper_m=3.0)
    rows = np.array([feature_row(slope), feature_row(patch)])
    bench.ground = bench.ground._replace(features=rows, limits=np.array([-500.0, 500.0]))


def test_hazard_camera_points_to_the_level_place() -> None:
    bench = Bench(suite.HazardCamera(slope_sigma_rad=0.0))
    slope_with_a_level_patch(bench)
    rows = bench.series(scene(100.0), 30)
    assert rows[0, :2] == pytest.approx([15.0, 0.0], abs=6.0)
    assert rows[0, 2] < 0.05
    assert rows[0, 3] == 1.0


def test_hazard_camera_advises_to_stay_on_level_ground() -> None:
    rows = Bench(suite.HazardCamera(slope_sigma_rad=0.0)).series(scene(100.0), 30)
    assert rows[0, :4] == pytest.approx([0.0, 0.0, 0.0, 1.0], abs=1e-9)


def test_hazard_camera_looks_about_the_place_it_is_asked_for() -> None:
    bench = Bench(suite.HazardCamera(slope_sigma_rad=0.0))
    slope_with_a_level_patch(bench)
    where = scene(100.0)
    where[at.S_PLACE : at.S_PLACE + 3] = 0.0, 15.0, MOON_RADIUS_M
    assert bench.series(where, 30)[0, :2] == pytest.approx([0.0, 0.0], abs=1e-9)


@pytest.mark.parametrize(
    ("height_m", "expected"), [(200.0, at.NOTHING), (100.0, at.VALID), (10.0, at.NOTHING)]
)
def test_hazard_camera_works_between_its_heights(height_m: float, expected: int) -> None:
    assert status(suite.HazardCamera(), scene(height_m)) == expected


def test_hazard_camera_without_a_light_of_its_own_needs_the_sun() -> None:
    camera = suite.HazardCamera(least_sun_rad=5.0 * DEG)
    assert status(camera, scene(100.0, sun=(1.0, 0.0, 0.0))) == at.INVALID
    assert status(camera, scene(100.0)) == at.VALID

"""The matcher, which sees pixels and a map only: fixes within their sigmas, and none where none is due.

The ground is the seeded roughness over the embedded map; the map is what a survey of 200 m a pixel kept.
"""

from __future__ import annotations

import functools
import math
from dataclasses import replace

import numpy as np
import pytest
from grounds import ATLAS, place, real_tile, sun
from scipy import ndimage

from perilune.constants import MOON_RADIUS_M
from perilune.landing.ground.roughness import highlands
from perilune.landing.ground.survey import surveyed
from perilune.landing.ground.table import Ground, ground, with_seed
from perilune.landing.terrain_image.camera import Camera, Pose, exposed, looking_down, seen
from perilune.landing.terrain_image.matching import Fix, FixStatus, Matching, best_shift, correlation, locate
from perilune.maths.arrays import FloatArray
from perilune.maths.rotations import about_x, about_y, about_z
from perilune.world.terrain import Terrain
from perilune.world.tiles import Window

LATITUDE, LONGITUDE = -20.0, 30.0
CAMERA = Camera(pixel_count=192)
HEIGHT_M = 15e3
LIGHT = sun(LATITUDE, LONGITUDE, 25.0, 110.0)


@functools.cache
def surface(seed: int) -> Ground:
    law = highlands(math.radians(LATITUDE), math.radians(LONGITUDE))
    return with_seed(ground(Terrain.embedded(), roughness=law), seed)


@functools.cache
def survey(seed: int) -> Ground:
    window = Window.around([math.radians(LATITUDE)], [math.radians(LONGITUDE)], 14e3)
    return ground(Terrain.embedded(), tiles=[surveyed(surface(seed), window, 200.0)])


def pose(tilt_deg: float = 0.0, turn_deg: float = 0.0) -> Pose:
    down = looking_down(place(LATITUDE, LONGITUDE, MOON_RADIUS_M - 200.0 + HEIGHT_M))
    turned = about_z(math.radians(turn_deg)) @ about_x(math.radians(tilt_deg))
    return Pose(down.position_m, down.me_from_camera @ turned)


def displaced(true: Pose, east_m: float, north_m: float, up_m: float) -> Pose:
    right, down, ahead = looking_down(true.position_m).me_from_camera.T
    return replace(true, position_m=true.position_m + east_m * right - north_m * down - up_m * ahead)


@functools.cache
def image(tilt_deg: float = 0.0, turn_deg: float = 0.0, seed: int = 5) -> np.ndarray:
    brightness, _ = seen(surface(seed), CAMERA, pose(tilt_deg, turn_deg), LIGHT)
    return exposed(brightness, CAMERA, seed)


def error_m(fix: Fix, true: Pose) -> FloatArray:
    """Return the error along the axes of a camera that looks down: right, down, ahead."""
    result: FloatArray = looking_down(true.position_m).me_from_camera.T @ (fix.position_m - true.position_m)
    return result


@pytest.mark.parametrize(("tilt", "turn"), [(0.0, 0.0), (0.0, 130.0), (15.0, 40.0)])
@pytest.mark.parametrize("offset", [(0.0, 0.0, 0.0), (1200.0, -900.0, 300.0)])
def test_the_position_is_found_within_a_map_pixel_and_its_sigmas(
    tilt: float, turn: float, offset: tuple[float, float, float]
) -> None:
    true = pose(tilt, turn)
    fix = locate(image(tilt, turn), CAMERA, displaced(true, *offset), survey(5), LIGHT)
    assert fix.is_fixed
    assert fix.matches_count >= 8
    wrong = error_m(fix, true)
    assert np.abs(wrong[:2]).max() < 60.0  # pixels are 77 m on the ground, the map's 200 m
    assert abs(wrong[2]) < 250.0
    normalised = fix.position_m - true.position_m
    # Chi-square of 3 degrees of freedom: 21.1 once in 10,000.
    assert normalised @ np.linalg.solve(fix.covariance_m2, normalised) < 21.1


@pytest.mark.slow
def test_fixes_scatter_as_their_covariance_says() -> None:
    true, squares = pose(), []
    for seed in range(5, 25):
        fix = locate(image(seed=seed), CAMERA, displaced(true, 400.0, 300.0, -100.0), survey(seed), LIGHT)
        if fix.is_fixed:
            wrong = fix.position_m - true.position_m
            squares.append(wrong @ np.linalg.solve(fix.covariance_m2, wrong))
    assert len(squares) >= 15
    # The mean of chi-squares of 3 is 3; what is added for errors that patches share is on the safe side.
    assert 0.5 < float(np.mean(squares)) < 3.5


def test_an_uncertain_attitude_widens_the_sigma_across() -> None:
    sharp = locate(image(), CAMERA, pose(), survey(5), LIGHT)
    wide = locate(image(), CAMERA, pose(), survey(5), LIGHT, attitude_sigma_rad=5e-3)
    across = pose().me_from_camera[:, 0]
    gained = across @ (wide.covariance_m2 - sharp.covariance_m2) @ across
    assert math.sqrt(gained) == pytest.approx(5e-3 * HEIGHT_M, rel=0.15)


def test_an_attitude_that_is_wrong_moves_the_fix_by_height_times_angle() -> None:
    true = pose()
    turned = Pose(true.position_m, true.me_from_camera @ about_y(5e-3))
    fix = locate(image(), CAMERA, turned, survey(5), LIGHT)
    assert fix.is_fixed
    assert abs(error_m(fix, true)[0]) == pytest.approx(5e-3 * HEIGHT_M, abs=30.0)


def test_a_wrong_map_gives_no_fix() -> None:
    for other in (6, 7, 8):
        fix = locate(image(), CAMERA, pose(), survey(other), LIGHT)
        assert fix.status is FixStatus.NO_CLEAR_PEAK
        assert np.isnan(fix.position_m).all()
        assert fix.whole[0] < 0.5
    coarse = locate(image(), CAMERA, pose(), ground(Terrain.embedded()), LIGHT)
    assert not coarse.is_fixed


@pytest.mark.parametrize("azimuth", [200.0, 250.0, 290.0])
def test_light_from_elsewhere_gives_no_fix(azimuth: float) -> None:
    fix = locate(image(), CAMERA, pose(), survey(5), sun(LATITUDE, LONGITUDE, 25.0, azimuth))
    assert fix.status is FixStatus.NO_CLEAR_PEAK


def test_light_a_little_off_still_gives_the_place() -> None:
    fix = locate(image(), CAMERA, pose(), survey(5), sun(LATITUDE, LONGITUDE, 22.0, 120.0))
    assert fix.is_fixed
    assert np.abs(error_m(fix, pose())[:2]).max() < 100.0


def test_night_gives_no_fix() -> None:
    night = sun(LATITUDE, LONGITUDE, -3.0, 110.0)
    brightness, _ = seen(surface(5), CAMERA, pose(), night)
    fix = locate(exposed(brightness, CAMERA, 1), CAMERA, pose(), survey(5), night)
    assert fix.status is FixStatus.TOO_DARK


def test_a_place_believed_beyond_the_search_gives_no_fix() -> None:
    far = displaced(pose(), 6000.0, 0.0, 0.0)
    fix = locate(image(), CAMERA, far, survey(5), LIGHT)
    assert fix.status in {FixStatus.NO_CLEAR_PEAK, FixStatus.TOO_FEW_MATCHES}


def test_noise_alone_gives_no_fix() -> None:
    noise = np.random.default_rng(3).integers(300, 700, (CAMERA.pixel_count,) * 2).astype(np.uint16)
    assert locate(noise, CAMERA, pose(), survey(5), LIGHT).status is FixStatus.NO_CLEAR_PEAK


def test_patches_that_do_not_agree_give_no_fix() -> None:
    # The map's right half is shifted against its left one: each half matches, but not together.
    torn = image().copy()
    torn[:, 96:] = np.roll(torn, 7, axis=0)[:, 96:]
    loose = Matching(whole_correlation_low=0.1, whole_peak_ratio_low=1.0)
    fix = locate(torn, CAMERA, pose(), survey(5), LIGHT, matching=loose)
    assert fix.status is FixStatus.NO_AGREEMENT


def test_over_the_real_crater_the_fix_is_better_than_a_map_pixel() -> None:
    tile = real_tile(ATLAS)
    law = highlands(math.radians(46.0), math.radians(44.4))
    true_ground = with_seed(ground(Terrain.embedded(), tiles=[tile], roughness=law), 9)
    camera = Camera()
    true = looking_down(place(46.0, 44.4, MOON_RADIUS_M + 20e3))
    light = sun(46.0, 44.4, 20.0, 100.0)
    brightness, _ = seen(true_ground, camera, true, light)
    on_map = ground(Terrain.embedded(), tiles=[tile])
    fix = locate(
        exposed(brightness, camera, 1), camera, displaced(true, 1500.0, -900.0, 300.0), on_map, light
    )
    assert fix.is_fixed
    assert np.abs(error_m(fix, true)[:2]).max() < 50.0
    elsewhere = locate(exposed(brightness, camera, 1), camera, true, ground(Terrain.embedded()), light)
    assert not elsewhere.is_fixed


def test_correlation_is_the_textbooks() -> None:
    noise = np.random.default_rng(1)
    window, patch = noise.normal(size=(20, 23)), noise.normal(size=(7, 5))
    found = correlation(patch, window)
    assert found.shape == (14, 19)
    for row, column in ((0, 0), (3, 11), (13, 18)):
        part = window[row : row + 7, column : column + 5]
        assert found[row, column] == pytest.approx(np.corrcoef(part.ravel(), patch.ravel())[0, 1], abs=1e-10)
    assert not correlation(np.ones((4, 4)), window).any()


@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.3, -0.4), (-2.25, 1.6)])
def test_a_shift_is_found_to_a_tenth_of_a_pixel(shift: tuple[float, float]) -> None:
    rough = np.random.default_rng(4).normal(size=(90, 90))
    scene = ndimage.gaussian_filter(rough, 2.0) - ndimage.gaussian_filter(rough, 8.0)
    moved = ndimage.shift(scene, (shift[1], shift[0]))
    column, row, peak = best_shift(correlation(scene[20:70, 20:70], moved[10:80, 10:80]))
    assert (column - 10, row - 10) == pytest.approx(shift, abs=0.1)
    assert peak > 0.95


def test_a_peak_at_the_edge_counts_for_nothing() -> None:
    rising = np.add.outer(np.arange(5.0), np.arange(6.0))
    assert best_shift(rising) == (5.0, 4.0, 0.0)

"""What a camera sees, against closed forms: brightness of a sphere, lengths of shadows, noise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from grounds import place, sun

from perilune.constants import MOON_RADIUS_M
from perilune.errors import InputError
from perilune.landing.ground.features import Crater
from perilune.landing.ground.table import Ground, ground
from perilune.landing.terrain_image.camera import Camera, exposed, looking_down, seen
from perilune.world.terrain import Terrain

SMALL = Camera(pixel_count=64, field_rad=math.radians(40.0))


def smooth(*features: Crater) -> Ground:
    step = math.radians(45.0)
    return ground(
        Terrain("sphere", np.zeros((4, 8)), math.radians(67.5), 0.0, -step, step), features=features
    )


@pytest.mark.parametrize("elevation", [5.0, 30.0, 90.0])
def test_a_level_ground_is_as_bright_as_lommel_and_seeliger_say(elevation: float) -> None:
    pose = looking_down(place(10.0, 20.0, MOON_RADIUS_M + 10e3))
    brightness, ranges = seen(smooth(), SMALL, pose, sun(10.0, 20.0, elevation, 77.0), soil=False)
    lit = math.sin(math.radians(elevation))
    middle = brightness[31:33, 31:33]
    assert middle == pytest.approx(2 * lit / (lit + 1.0), rel=0.02)
    assert ranges[31:33, 31:33] == pytest.approx(10e3, rel=1e-3)


def test_a_picture_has_north_at_its_top_and_east_at_its_right() -> None:
    pole_on = Crater("north-east", math.radians(10.03), math.radians(20.03), 600.0, 100.0, 0.0)
    pose = looking_down(place(10.0, 20.0, MOON_RADIUS_M + 5e3))
    _, ranges = seen(smooth(pole_on), SMALL, pose, sun(10.0, 20.0, 45.0, 0.0))
    _, bare = seen(smooth(), SMALL, pose, sun(10.0, 20.0, 45.0, 0.0))
    row, column = np.unravel_index(int((ranges - bare).argmax()), ranges.shape)
    aside = math.radians(0.03) * MOON_RADIUS_M / 5e3 * SMALL.focal_ratio
    assert 31.5 - row == pytest.approx(aside, abs=2.0)
    assert column - 31.5 == pytest.approx(aside * math.cos(math.radians(10.0)), abs=2.0)


def test_a_craters_shadow_is_as_long_as_its_wall_is_high() -> None:
    # Flat floor 400 m below a level rim, walls 1 km wide; the Sun stands 8 degrees high in the east.
    crater = Crater("pit", math.radians(10.0), math.radians(20.0), 16e3, 400.0, 0.0)
    camera = Camera(pixel_count=400, field_rad=math.radians(50.0))
    pose = looking_down(place(10.0, 20.0, MOON_RADIUS_M + 20e3))
    brightness, _ = seen(smooth(crater), camera, pose, sun(10.0, 20.0, 8.0, 90.0), soil=False)
    row = brightness[200]
    dark = np.flatnonzero(row == 0.0)
    # From the eastern rim inwards: the wall itself turns away from the Sun.
    rim_m = (dark.max() + 0.5 - 199.5) * 20e3 / camera.focal_ratio
    assert rim_m == pytest.approx(8e3, abs=60.0)  # a pixel is 47 m
    tip_m = (dark.min() - 0.5 - 199.5) * 20.4e3 / camera.focal_ratio
    # Over the eastern rim the Sun stands higher by the angle from the pit's middle to there.
    length_m = 400.0 / math.tan(math.radians(8.0) + 8e3 / MOON_RADIUS_M)
    assert 8e3 - tip_m == pytest.approx(length_m, abs=120.0)


def test_beyond_the_limb_is_sky() -> None:
    up = place(0.0, 0.0, 1.0)
    pose = looking_down(place(0.0, 0.0, MOON_RADIUS_M + 4000e3))
    brightness, ranges = seen(smooth(), SMALL, pose, up, soil=False)
    assert ranges[0, 0] < 0.0
    assert brightness[0, 0] == 0.0


def test_at_night_nothing_is_seen() -> None:
    pose = looking_down(place(10.0, 20.0, MOON_RADIUS_M + 10e3))
    brightness, _ = seen(smooth(), SMALL, pose, sun(10.0, 20.0, -5.0, 0.0))
    assert not brightness.any()


def test_the_detector_has_shot_and_read_noise() -> None:
    camera = Camera(bits_count=16)
    counts = exposed(np.full((300, 300), 0.5), camera, 1).astype(np.float64) * 20_000.0 / (2**16 - 1)
    assert counts.mean() == pytest.approx(10_000.0, rel=1e-3)
    assert counts.std() == pytest.approx(math.sqrt(10_000.0 + 30.0**2), rel=0.02)
    dark = exposed(np.zeros((50, 50)), Camera(), 2)
    assert dark.max() <= 8
    assert exposed(np.ones((9, 9)) * 7, Camera(), 3).max() == 1023


def test_a_camera_without_field_is_told() -> None:
    with pytest.raises(InputError, match=r"A camera with 8 pixels over 50 degrees\. Give 16 to 4096 pixels"):
        Camera(pixel_count=8)

"""Frames: round trips, rates that are slopes, and frames that must not be mixed."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.epoch import Epoch
from perilune.errors import FrameError, NameNotFoundError
from perilune.world import ephemeris, frames
from perilune.world.frames import Axes, Frame

EPOCHS = st.floats(0.0, 50 * 365.25 * 86400.0).map(lambda s: Epoch.tdb("2005-01-01") + s)
FRAMES = st.builds(Frame, st.sampled_from(["earth", "moon", "emb"]), st.sampled_from(Axes))
VECTORS = st.lists(st.floats(-1.0, 1.0), min_size=3, max_size=3).map(np.array)


@given(EPOCHS, FRAMES, FRAMES, VECTORS, VECTORS)
def test_there_and_back(
    epoch: Epoch, first: Frame, second: Frame, direction: np.ndarray, drift: np.ndarray
) -> None:
    position, velocity = 4e8 * direction, 1e3 * drift
    there = frames.transform(position, velocity, epoch, first, second)
    again = frames.transform(*there, epoch, second, first)
    np.testing.assert_allclose(again[0], position, atol=1e-6)
    np.testing.assert_allclose(again[1], velocity, atol=1e-9)


@pytest.mark.parametrize("axes", [axes for axes in Axes if axes is not Axes.MOON_OP])
@pytest.mark.parametrize("date", ["2024-06-10T03:00", "2031-11-02T17:30"])
def test_the_rate_is_the_slope_of_the_matrix(axes: Axes, date: str) -> None:
    epoch, h = Epoch.tdb(date), 60.0
    matrix, rate = frames.rotation_rate(Axes.ICRF, axes, epoch)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-15)
    assert np.linalg.det(matrix) == pytest.approx(1.0, abs=1e-14)
    turned = [frames.rotation(Axes.ICRF, axes, epoch + k * h) for k in (-2, -1, 1, 2)]
    slope = (turned[0] - 8.0 * turned[1] + 8.0 * turned[2] - turned[3]) / (12.0 * h)
    # The fourth-order formula's own error for the Earth's turn is w^5 h^4 / 30 = 9e-16.
    np.testing.assert_allclose(rate, slope, atol=2e-14)


def test_the_velocity_carries_the_turning_of_the_axes() -> None:
    epoch = Epoch.utc("2025-02-14T22:43:00")
    on_the_ground = np.array([1737.4e3, 0.0, 0.0])
    _, velocity = frames.transform(on_the_ground, np.zeros(3), epoch, frames.MOON_ME, frames.MOON_ICRF)
    assert np.linalg.norm(velocity) == pytest.approx(4.63, abs=0.03)  # m/s, the Moon's equator


def test_rotating_frames_hold_their_bodies() -> None:
    epoch = Epoch.utc("2025-03-20T00:00:00")
    for axes, primary, secondary in (
        (Axes.EARTH_MOON_ROTATING, "earth", "moon"),
        (Axes.SUN_EARTH_ROTATING, "sun", "earth"),
    ):
        state = ephemeris.state(secondary, primary, epoch)
        position, velocity = frames.transform(*state, epoch, Frame(primary), Frame(primary, axes))
        np.testing.assert_allclose(position[1:], 0.0, atol=1e-4)
        np.testing.assert_allclose(velocity[1:], 0.0, atol=1e-9)
        assert position[0] > 0.0


def test_the_orbit_plane_frame() -> None:
    epoch = Epoch.utc("2025-03-20T00:00:00")
    earth, moving = ephemeris.state("earth", "moon", epoch)
    seen, drift = frames.transform(earth, moving, epoch, frames.MOON_ICRF, Frame("moon", Axes.MOON_OP))
    assert abs(seen[2]) < 1e-6
    assert abs(drift[2]) < 1e-9
    assert np.cross(seen, drift)[2] > 0.0
    pole = frames.rotation(Axes.MOON_PA, Axes.MOON_OP, epoch) @ np.array([0.0, 0.0, 1.0])
    # The lunar equator is inclined to the orbit by 6.69 deg in the mean (Cassini's laws), the orbit's own
    # inclination swings by 0.15 deg about its mean, and x lies on both.
    assert math.degrees(math.acos(pole[2])) == pytest.approx(6.69, abs=0.25)
    assert abs(pole[0]) < 1e-14
    # The Earth, moving on from x, climbs: its height over the lunar equator grows along y.
    assert pole[1] > 0.0


def test_mixing_frames_raises_with_the_cure() -> None:
    with pytest.raises(
        FrameError, match=r"in frame moon/MOON_PA can not be combined with one in frame moon/MOON_ME"
    ):
        frames.require_same(frames.MOON_PA, frames.MOON_ME)
    frames.require_same(frames.MOON_PA, frames.MOON_PA)


def test_an_unknown_centre_is_named() -> None:
    with pytest.raises(NameNotFoundError, match=r"No body 'luna'"):
        Frame("luna")


def test_frames_are_values() -> None:
    assert Frame("moon") == frames.MOON_ICRF
    assert len({Frame(c, a) for c, a in itertools.product(["earth", "moon"], Axes)}) == 2 * len(Axes)

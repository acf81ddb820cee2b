"""Rotations of axes: right-handed, undone by the opposite angle."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.maths import rotations

ABOUT = pytest.mark.parametrize("about", [rotations.about_x, rotations.about_y, rotations.about_z])


@ABOUT
@given(st.floats(-10.0, 10.0))
def test_the_opposite_angle_undoes(about: Callable[[float], np.ndarray], angle_rad: float) -> None:
    np.testing.assert_allclose(about(angle_rad) @ about(-angle_rad), np.eye(3), atol=1e-15)
    assert np.linalg.det(about(angle_rad)) == pytest.approx(1.0)


def test_axes_turn_and_vectors_stay() -> None:
    x, y, z = np.eye(3)
    quarter = math.pi / 2
    np.testing.assert_allclose(rotations.about_z(quarter) @ x, -y, atol=1e-15)
    np.testing.assert_allclose(rotations.about_x(quarter) @ y, -z, atol=1e-15)
    np.testing.assert_allclose(rotations.about_y(quarter) @ z, -x, atol=1e-15)

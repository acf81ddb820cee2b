"""The orientation of the Moon: rotations that stay rotations, and tables that equal them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.constants import MOON_RADIUS_M
from perilune.epoch import Epoch
from perilune.errors import EpochError
from perilune.maths import chebyshev
from perilune.world import orientation
from perilune.world.span import SPAN_END, SPAN_START

SECONDS = st.floats(0.0, SPAN_END - SPAN_START)


@given(SECONDS)
def test_the_matrix_is_a_rotation_and_its_rate_is_skew(second: float) -> None:
    matrix, rate = orientation.moon_pa_rate(SPAN_START + second)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-15)
    spin = -rate @ matrix.T
    np.testing.assert_allclose(spin, -spin.T, atol=1e-20)
    # One turn in a sidereal month of 27.32 d; libration moves the rate by a few parts in a thousand.
    assert math.hypot(spin[2, 1], spin[0, 2], spin[1, 0]) == pytest.approx(
        2.0 * math.pi / (27.321661 * 86400.0), rel=2e-3
    )


@given(SECONDS, st.floats(-100 * 86400.0, 100 * 86400.0))
def test_a_table_equals_the_angles(second: float, span_s: float) -> None:
    base = SPAN_START + second
    end_s = float(np.clip(span_s, SPAN_START - base, SPAN_END - base))
    table = orientation.table(base, 0.0, end_s)
    for offset_s in (0.0, end_s / 2, end_s):
        piece = min(int((offset_s - table.start_s) // table.piece_s), len(table.coefficients) - 1)
        x = (offset_s - table.start_s - piece * table.piece_s) * 2.0 / table.piece_s - 1.0
        angles = table.coefficients[piece] @ chebyshev.basis(np.array([x]), 10)[0]
        # psi reaches 1e4 rad, whose last place is 2e-12.
        np.testing.assert_allclose(angles, orientation.euler_angles(base + offset_s)[0], atol=4e-12)


def test_principal_and_mean_earth_axes_differ_by_875_m_on_the_ground() -> None:
    matrix = orientation.MOON_ME_FROM_PA
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-15)
    angle_rad = math.acos((np.trace(matrix) - 1.0) / 2.0)
    assert angle_rad * MOON_RADIUS_M == pytest.approx(875.0, abs=1.0)


def test_the_earth_stands_near_the_middle_of_the_near_side() -> None:
    from perilune.world import ephemeris

    for day in range(0, 400, 7):
        epoch = Epoch.tdb("2025-01-01") + day * 86400.0
        earth = orientation.moon_me_from_icrf(epoch) @ ephemeris.position("earth", "moon", epoch)
        # Optical libration: at most 8.2 deg in longitude and 6.9 deg in latitude.
        assert abs(math.degrees(math.atan2(earth[1], earth[0]))) < 8.3
        assert abs(math.degrees(math.asin(earth[2] / np.linalg.norm(earth)))) < 7.0


def test_dates_outside_name_the_span() -> None:
    with pytest.raises(EpochError, match="which covers 1999-12-24T00:00:00 to 2060-01-30T00:00:00 TDB"):
        orientation.moon_pa_from_icrf(Epoch.tdb("2070-01-01"))

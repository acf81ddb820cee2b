"""The Earth-fixed frame against ERFA, and the reading of measured Earth orientation."""

from __future__ import annotations

import erfa
import numpy as np
import pytest

from perilune.epoch import Epoch
from perilune.world import earth_rotation, frames
from perilune.world.frames import Axes


def test_the_earth_fixed_frame_against_erfa_without_measurements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(earth_rotation, "measured", lambda: None)
    epoch = Epoch.utc("2025-05-06T20:41:00")
    ours = frames.rotation(Axes.ICRF, Axes.ITRF, epoch)
    jd_utc, tt = erfa.dtf2d("UTC", 2025, 5, 6, 20, 41, 0.0), epoch.jd2("TT")
    np.testing.assert_allclose(ours, erfa.c2t06a(*tt, *jd_utc, 0.0, 0.0), atol=2e-14)


def test_measured_earth_orientation_is_read() -> None:
    table = earth_rotation.measured()
    if table is None:
        pytest.skip("astropy-iers-data is not installed")
    assert table.mjd[0] == 41684.0  # 1973-01-02
    assert table.mjd[-1] > 61000.0
    np.testing.assert_allclose(np.diff(table.mjd), 1.0)
    # UT1 has kept within 0.9 s of UTC, so UT1 - TAI takes no step at a leap second; the pole within 0.6".
    assert np.abs(np.diff(table.values[:, 0])).max() < 0.005
    assert np.degrees(np.abs(table.values[:, 1:3])).max() * 3600.0 < 0.6
    assert np.degrees(np.abs(table.values[:, 3:])).max() * 3600.0 < 0.04


def test_a_row_of_the_official_table() -> None:
    line = (
        "24 1 1 60310.00 I  0.136912 0.000012  0.202190 0.000019  I 0.0087837 0.0000084  0.2375 0.0072"
        "  I     0.295    0.318    -0.095    0.140  0.136894  0.202185  0.0087572     0.283    -0.183  "
    )
    read = earth_rotation.read_finals(line + "\n" + line[:16] + "\n")
    assert read.mjd.tolist() == [60310.0]
    assert read.values[0, 0] == pytest.approx(0.0087837 - 37.0)
    arcsec = np.degrees(read.values[0, 1:]) * 3600.0
    np.testing.assert_allclose(arcsec, [0.136912, 0.202190, 0.295e-3, -0.095e-3], rtol=1e-12)

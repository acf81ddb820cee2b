"""Arcs side by side in SIMD lanes: each must be what it would be alone."""

from __future__ import annotations

import numpy as np
import pytest

from perilune.dynamics import _kernels_coast, _kernels_lanes
from perilune.dynamics.forces import ForceModel, SolarPressure, compile_forces
from perilune.dynamics.propagate import TOLERANCE
from perilune.epoch import Epoch

BASE = Epoch.parse("2025-02-03T04:05:06 TDB")
SPAN_S = 20 * 86400.0
SUNLIT = ForceModel(
    ("earth", "moon", "sun", "jupiter"), solar_pressure=SolarPressure(10.0, 1.5, shadow=False)
)


def starts(count: int) -> np.ndarray:
    """Orbits of many sizes, so that every lane steps in its own way."""
    random = np.random.default_rng(7)
    place = random.normal(size=(count, 3))
    place *= random.uniform(2e7, 5e8, size=(count, 1)) / np.linalg.norm(place, axis=1, keepdims=True)
    across = np.cross(place, random.normal(size=(count, 3)))
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    speed = np.sqrt(3.986e14 / np.linalg.norm(place, axis=1, keepdims=True)) * random.uniform(
        0.8, 1.2, (count, 1)
    )
    return np.hstack([place, across * speed])


def fly(
    rows: np.ndarray, span_s: float = SPAN_S, forces: ForceModel = SUNLIT, centre: str = "earth"
) -> np.ndarray:
    model = compile_forces(forces, centre, BASE, 0.0, span_s, mass_kg=1000.0)
    ends = np.full_like(rows, np.nan)
    _kernels_lanes.coast_lanes(0.0, span_s, rows, TOLERANCE, model, ends)
    return ends


@pytest.mark.parametrize("span_s", [SPAN_S, -SPAN_S])
def test_lanes_end_where_the_scalar_kernel_ends(span_s: float) -> None:
    rows = starts(40)
    model = compile_forces(SUNLIT, "earth", BASE, 0.0, span_s, mass_kg=1000.0)
    alone = np.full_like(rows, np.nan)
    _kernels_coast.coast_many(0.0, span_s, rows, 1e-3, TOLERANCE, model, alone)
    apart_m = np.linalg.norm((fly(rows, span_s) - alone)[:, :3], axis=1)
    assert apart_m.max() < 0.05


def test_an_arc_does_not_depend_on_its_neighbours() -> None:
    rows = starts(40)
    together = fly(rows)
    np.testing.assert_array_equal(together[::-1], fly(rows[::-1].copy()))
    np.testing.assert_array_equal(together[5:6], fly(rows[5:6].copy()))


def test_an_arc_that_falls_into_the_middle_harms_no_other() -> None:
    rows = starts(40)
    whole = fly(rows)
    rows[3] = [1e7, 0.0, 0.0, 0.0, 0.0, 0.0]
    harmed = fly(rows)
    assert np.isnan(harmed[3]).all()
    others = np.arange(40) != 3
    np.testing.assert_array_equal(harmed[others], whole[others])


def test_no_time_leaves_the_states_as_they_are() -> None:
    rows = starts(3)
    np.testing.assert_array_equal(fly(rows, 0.0), rows)


def test_a_centre_without_company() -> None:
    rows = starts(3)
    period_s = 86400.0
    forward = fly(rows, period_s, ForceModel(("earth",)))
    energy = [
        0.5 * np.sum(s[:, 3:] ** 2, 1) - 398600435507022.6 / np.linalg.norm(s[:, :3], axis=1)
        for s in (rows, forward)
    ]
    np.testing.assert_allclose(energy[0], energy[1], rtol=1e-12)

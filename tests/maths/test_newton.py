"""Newton's method: roots with known answers, and honest failure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from perilune.maths.newton import solve


@given(
    matrix=arrays(np.float64, (3, 3), elements=st.floats(-1.0, 1.0)),
    root=arrays(np.float64, 3, elements=st.floats(-5.0, 5.0)),
)
def test_a_linear_system_is_solved(matrix: np.ndarray, root: np.ndarray) -> None:
    regular = matrix + 4.0 * np.eye(3)
    found = solve(
        lambda x: regular @ (x - root), np.zeros(3), steps=np.ones(3), tolerance=1e-9, largest=np.full(3, 1e3)
    )
    assert found.converged
    assert found.x == pytest.approx(root, abs=1e-7)


def test_steps_are_bounded() -> None:
    tried: list[float] = []

    def line(x: np.ndarray) -> np.ndarray:
        tried.append(float(x[0]))
        return x - 10.0

    found = solve(line, np.zeros(1), steps=np.full(1, 1e-3), tolerance=1e-9, largest=np.ones(1))
    assert found.converged
    assert np.diff(sorted(tried)).max() <= 1.0 + 1e-9


def test_a_curved_pair_is_solved_and_the_matrix_can_be_kept() -> None:
    def curve(x: np.ndarray) -> np.ndarray:
        return np.array([x[0] ** 2 + x[1] ** 2 - 4.0, x[0] - x[1]])

    options = {"steps": np.full(2, 1e-6), "tolerance": 1e-10, "largest": np.ones(2)}
    found = solve(curve, np.array([1.0, 2.0]), **options)  # type: ignore[arg-type]
    assert found.x == pytest.approx([np.sqrt(2.0), np.sqrt(2.0)])
    again = solve(curve, found.x + 1e-3, matrix=found.matrix, **options)  # type: ignore[arg-type]
    assert again.converged
    assert again.evaluations < found.evaluations


def test_what_has_no_root_is_said() -> None:
    found = solve(
        lambda x: x**2 + 1.0, np.ones(1), steps=np.full(1, 1e-6), tolerance=1e-9, largest=np.ones(1)
    )
    assert not found.converged
    lost = solve(lambda x: x * np.nan, np.ones(1), steps=np.full(1, 1e-6), tolerance=1e-9, largest=np.ones(1))
    assert not lost.converged

"""Newton's method with differences for a few unknowns; Broyden's update keeps the matrix between steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from perilune.maths.arrays import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Where the search ended: `x` (n,), the residual there (n,), d(residual)/dx (n, n), if it is good."""

    x: FloatArray
    residual: FloatArray
    matrix: FloatArray
    converged: bool
    evaluations: int


def solve(
    function: Callable[[FloatArray], FloatArray],
    start: FloatArray,
    *,
    steps: FloatArray,
    tolerance: float,
    largest: FloatArray,
    matrix: FloatArray | None = None,
    limit: int = 40,
) -> Solution:
    """Find x with all |function(x)| <= tolerance.

    `steps` (n,) are the differences that make the first matrix (unless `matrix` is given), `largest` (n,)
    bounds each unknown's change in one step. A step that does not lessen the residual is halved; one that
    still does not renews the matrix once, then gives up.

    >>> one = np.ones(1)
    >>> root = solve(lambda x: x**2 - 2.0, one, steps=1e-6 * one, tolerance=1e-12, largest=one)
    >>> root.converged, round(float(root.x[0]), 9)
    (True, 1.414213562)
    """
    x = np.array(start, dtype=np.float64)
    residual = function(x)
    count = 1
    fresh = matrix is None
    if matrix is None:
        matrix, count = _differences(function, x, residual, steps), count + len(x)
    matrix = matrix.copy()
    while np.max(np.abs(residual)) > tolerance and count < limit and np.isfinite(residual).all():
        step = _bounded(matrix, residual, largest)
        for _ in range(4):
            trial = function(x + step)
            count += 1
            better = np.isfinite(trial).all() and np.linalg.norm(trial) < np.linalg.norm(residual)
            if better:
                break
            step = 0.4 * step
        if better:
            change = trial - residual
            matrix += np.outer(change - matrix @ step, step) / (step @ step)
            x, residual, fresh = x + step, trial, False
        elif fresh:
            break
        else:
            matrix, count, fresh = _differences(function, x, residual, steps), count + len(x), True
    return Solution(x, residual, matrix, bool(np.max(np.abs(residual)) <= tolerance), count)


def _differences(
    function: Callable[[FloatArray], FloatArray], x: FloatArray, residual: FloatArray, steps: FloatArray
) -> FloatArray:
    columns = [
        (function(x + shift) - residual) / step for shift, step in zip(np.diag(steps), steps, strict=True)
    ]
    return np.column_stack(columns)


def _bounded(matrix: FloatArray, residual: FloatArray, largest: FloatArray) -> FloatArray:
    try:
        step = -np.linalg.solve(matrix, residual)
    except np.linalg.LinAlgError:
        step = -np.linalg.pinv(matrix) @ residual
    return np.asarray(step / max(1.0, float(np.max(np.abs(step) / largest))), dtype=np.float64)

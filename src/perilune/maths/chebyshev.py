"""Chebyshev series: values, slopes, and the same polynomial written over a part of its interval."""

from __future__ import annotations

import functools

import numpy as np
from numpy.polynomial import chebyshev

from perilune.maths.arrays import FloatArray


def basis(x: FloatArray, count: int) -> FloatArray:
    """Return T_0 … T_{count-1} at x in [-1, 1]; shape (len(x), count)."""
    values = np.empty((x.size, count))
    values[:, 0] = 1.0
    if count > 1:
        values[:, 1] = x
    for n in range(2, count):
        values[:, n] = 2.0 * x * values[:, n - 1] - values[:, n - 2]
    return values


def basis_slope(x: FloatArray, count: int) -> FloatArray:
    """Return dT_n/dx for n < count at x in [-1, 1]; shape (len(x), count)."""
    values, slopes = basis(x, count), np.zeros((x.size, count))
    if count > 1:
        slopes[:, 1] = 1.0
    for n in range(2, count):
        slopes[:, n] = 2.0 * values[:, n - 1] + 2.0 * x * slopes[:, n - 1] - slopes[:, n - 2]
    return slopes


def second_derivative(coefficients: FloatArray, x: float) -> FloatArray:
    """Return the second derivative at x of series whose coefficients stand in the last axis."""
    curve = chebyshev.chebder(coefficients, 2, axis=-1)
    result: FloatArray = curve @ basis(np.array([x]), curve.shape[-1])[0]
    return result


@functools.cache
def restriction(count: int, part: int, parts: int) -> FloatArray:
    """Return the matrix (count, count) that rewrites a series for the `part`-th of `parts` equal pieces.

    `coefficients @ restriction(...)` are the coefficients of the very same polynomial over that piece.
    """
    # Powers of x keep their degree under x = (y + shift) / parts, so each T_n is a series of n terms in y.
    line = np.array([(2 * part + 1 - parts) / parts, 1.0 / parts])
    rows = [np.array([1.0]), line]
    while len(rows) < count:
        rows.append(chebyshev.chebsub(2.0 * chebyshev.chebmul(line, rows[-1]), rows[-2]))
    matrix = np.zeros((count, count))
    for n, row in enumerate(rows[:count]):
        matrix[n, : row.size] = row
    matrix.flags.writeable = False
    return matrix

"""Chebyshev series against numpy's own, and pieces that are the very same polynomial."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial import chebyshev as reference

from perilune.maths import chebyshev

SERIES = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=14).map(np.array)
PLACES = st.lists(st.floats(-1.0, 1.0), min_size=1, max_size=5).map(np.array)


@given(SERIES, PLACES)
def test_values_and_slopes(coefficients: np.ndarray, x: np.ndarray) -> None:
    count = coefficients.size
    size = 1e-12 * (1.0 + np.abs(coefficients).sum())
    np.testing.assert_allclose(
        chebyshev.basis(x, count) @ coefficients, reference.chebval(x, coefficients), atol=size
    )
    slope = reference.chebval(x, reference.chebder(coefficients))
    np.testing.assert_allclose(chebyshev.basis_slope(x, count) @ coefficients, slope, atol=size * count**2)
    for place in x:
        curve = reference.chebval(place, reference.chebder(coefficients, 2))
        np.testing.assert_allclose(
            chebyshev.second_derivative(coefficients, float(place)), curve, atol=size * count**4
        )


@given(SERIES, PLACES, st.integers(1, 8), st.data())
def test_a_piece_is_the_same_polynomial(
    coefficients: np.ndarray, x: np.ndarray, parts: int, data: st.DataObject
) -> None:
    part = data.draw(st.integers(0, parts - 1))
    piece = coefficients @ chebyshev.restriction(coefficients.size, part, parts)
    whole = reference.chebval((x + 2 * part + 1 - parts) / parts, coefficients)
    np.testing.assert_allclose(
        reference.chebval(x, piece), whole, atol=1e-12 * (1.0 + np.abs(coefficients).sum())
    )

"""The methods' numbers, proved by the conditions they must fulfil."""

from __future__ import annotations

import numpy as np
import pytest

from perilune.dynamics import _kernels_dop_table as dop
from perilune.dynamics import _kernels_rkn_table as rkn

C, A = rkn.C, rkn.A
WEIGHTS = {
    12: (rkn.B_POSITION, rkn.B_VELOCITY),
    10: (rkn.B_POSITION_LOW, rkn.B_VELOCITY_LOW),
}


@pytest.mark.parametrize("order", WEIGHTS)
def test_quadrature_conditions(order: int) -> None:
    position, velocity = WEIGHTS[order]
    for k in range(order):
        assert velocity @ C**k == pytest.approx(1.0 / (k + 1), abs=2e-15)
    for k in range(order - 1):
        assert position @ C**k == pytest.approx(1.0 / ((k + 1) * (k + 2)), abs=2e-15)


def test_low_order_formula_is_not_of_higher_order() -> None:
    assert abs(rkn.B_VELOCITY_LOW @ C**10 - 1.0 / 11) > 1e-7
    assert abs(rkn.B_POSITION_LOW @ C**9 - 1.0 / 110) > 1e-7


def test_stage_conditions() -> None:
    np.testing.assert_allclose(A.sum(axis=1), C**2 / 2, atol=1e-14)
    assert np.all(np.triu(A) == 0.0)
    # The low-order stages 1-3 carry no weight, so the later stages may be of higher stage order.
    for k in (1, 2, 3, 4):
        expected = C ** (k + 2) / ((k + 1) * (k + 2))
        np.testing.assert_allclose((A @ C**k)[6:], expected[6:], atol=1e-13)


def test_conditions_of_nested_trees() -> None:
    # Trees of order up to 12 in which one or two branches go through A: sum b_i c_i^k (A c^l)_i (A c^m)_i.
    for position, velocity, order in ((*WEIGHTS[12], 12), (*WEIGHTS[10], 10)):
        for inner in range(7):
            branch = A @ C**inner
            grown = 1.0 / ((inner + 1) * (inner + 2))
            for k in range(order - inner - 2):
                assert velocity @ (C**k * branch) == pytest.approx(grown / (k + inner + 3), abs=1e-14)
            for k in range(order - inner - 3):
                expected = grown / ((k + inner + 3) * (k + inner + 4))
                assert position @ (C**k * branch) == pytest.approx(expected, abs=1e-14)
            twice = A @ branch
            nested = grown / ((inner + 3) * (inner + 4))
            for k in range(order - inner - 4):
                assert velocity @ (C**k * twice) == pytest.approx(nested / (k + inner + 5), abs=1e-14)
            for other in range(order - inner - 5 + 1):
                product = branch * (A @ C**other)
                sizes = grown / ((other + 1) * (other + 2))
                if inner + other + 5 <= order:
                    assert velocity @ product == pytest.approx(sizes / (inner + other + 5), abs=1e-14)


def test_position_weights_follow_from_velocity_weights() -> None:
    np.testing.assert_allclose(rkn.B_POSITION, rkn.B_VELOCITY * (1.0 - C), atol=1e-15)


def rkn_step(h: float, x: float, v: float) -> tuple[float, float]:
    """One step of x'' = -x by the table alone."""
    slopes = np.zeros(rkn.STAGES)
    for i in range(rkn.STAGES):
        slopes[i] = -(x + C[i] * h * v + h * h * (A[i] @ slopes))
    return x + h * v + h * h * (rkn.B_POSITION @ slopes), v + h * (rkn.B_VELOCITY @ slopes)


def test_measured_order_of_rkn() -> None:
    errors = []
    for h in (2.4, 1.6):
        x, v = rkn_step(h, 1.0, 0.0)
        errors.append(np.hypot(x - np.cos(h), v + np.sin(h)))
    assert np.log(errors[0] / errors[1]) / np.log(1.5) == pytest.approx(13.0, abs=0.6)


def test_dop853_conditions() -> None:
    c, a, b = dop.DOP_C, dop.DOP_A, dop.DOP_B
    np.testing.assert_allclose(a.sum(axis=1), c, atol=1e-14)
    for k in range(8):
        assert b @ c**k == pytest.approx(1.0 / (k + 1), abs=1e-15)
    for inner in range(1, 7):
        for k in range(8 - inner - 1):
            expected = 1.0 / ((inner + 1) * (k + inner + 2))
            assert b @ (c**k * (a @ c**inner)) == pytest.approx(expected, abs=1e-14)
    # Error weights kill constants up to their order.
    for k in range(5):
        assert dop.DOP_E5 @ c**k == pytest.approx(0.0, abs=1e-14)
    for k in range(3):
        assert dop.DOP_E3 @ c**k == pytest.approx(0.0, abs=1e-14)


def test_measured_order_of_dop853() -> None:
    errors = []
    for h in (1.2, 0.8):
        slopes = np.zeros((dop.DOP_STAGES, 2))
        for s in range(dop.DOP_STAGES):
            x, v = np.array([1.0, 0.0]) + h * (dop.DOP_A[s] @ slopes)
            slopes[s] = v, -x
        x, v = np.array([1.0, 0.0]) + h * (dop.DOP_B @ slopes)
        errors.append(np.hypot(x - np.cos(h), v + np.sin(h)))
    assert np.log(errors[0] / errors[1]) / np.log(1.5) == pytest.approx(9.0, abs=0.6)

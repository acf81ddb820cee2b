"""The compiled coast on tables made by hand: a restricted three-body problem keeps Jacobi's integral."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import chebyshev

from perilune.constants import GM_EARTH_M3_S2, GM_MOON_M3_S2
from perilune.dynamics._kernels_coast import coast
from perilune.dynamics._kernels_rkn import COLLAPSED, DONE, FULL
from perilune.dynamics.forces import Model, _power_series

APART_M = 384400e3  # m, mean distance of the Moon
RATE = np.sqrt((GM_EARTH_M3_S2 + GM_MOON_M3_S2) / APART_M**3)
PIECE_S = 345600.0
DAYS = 20


def moon(t_s: np.ndarray) -> np.ndarray:
    return APART_M * np.array([np.cos(RATE * t_s), np.sin(RATE * t_s), 0.0 * t_s])


def circular_model() -> Model:
    """Earth at the centre, the Moon on a circle, in exactly the arrays the kernels read."""
    nodes = chebyshev.chebpts1(13)
    fit = np.linalg.inv(chebyshev.chebvander(nodes, 12))
    pieces = DAYS // 4 + 1
    coefficients = np.zeros((pieces, 2, 3, 13))
    for i in range(pieces):
        at = PIECE_S * (i + (nodes + 1.0) / 2.0)
        coefficients[i, 0] = moon(at) @ fit.T
    bodies = np.array([[GM_EARTH_M3_S2] * 2, [GM_MOON_M3_S2] * 2, [0.0, 0.0]])
    spans = np.array([0.0, PIECE_S, 0.0, 1.0])
    return (
        bodies,
        _power_series(coefficients),
        spans,
        np.zeros((0, 12)),
        np.zeros((4, 1, 1)),
        np.zeros((0, 10, 3)),
    )


def jacobi(nodes: np.ndarray) -> np.ndarray:
    """Half the square of the speed about the barycentre, less rate times momentum, less both potentials."""
    t, r, v = nodes[:, 0], nodes[:, 1:4], nodes[:, 4:7]
    m = moon(t).T
    m_rate = RATE * np.column_stack([-m[:, 1], m[:, 0], m[:, 2]])
    share = GM_MOON_M3_S2 / (GM_EARTH_M3_S2 + GM_MOON_M3_S2)
    place, motion = r - share * m, v - share * m_rate
    spin = place[:, 0] * motion[:, 1] - place[:, 1] * motion[:, 0]
    pull = GM_EARTH_M3_S2 / np.linalg.norm(r, axis=1) + GM_MOON_M3_S2 / np.linalg.norm(r - m, axis=1)
    return 0.5 * np.sum(motion**2, axis=1) - RATE * spin - pull


MODEL = circular_model()


@given(
    angle=st.floats(-np.pi, np.pi),
    tilt=st.floats(-1.0, 1.0),
    apogee_m=st.floats(1e8, 6e8),
    days=st.floats(1.0, DAYS),
)
@settings(max_examples=40)
def test_jacobi_s_integral_stays(angle: float, tilt: float, apogee_m: float, days: float) -> None:
    perigee_m = 7e6
    speed = np.sqrt(2 * GM_EARTH_M3_S2 * apogee_m / (perigee_m * (perigee_m + apogee_m)))
    c, s = np.cos(angle), np.sin(angle)
    across = np.array([-s * np.cos(tilt), c * np.cos(tilt), np.sin(tilt)])
    y0 = np.concatenate([perigee_m * np.array([c, s, 0.0]), speed * across])
    nodes = np.zeros((4000, 7))
    status, count, _, _ = coast(0.0, days * 86400.0, y0, 0.0, 1.0, 1e-11, MODEL, nodes)
    nodes = nodes[:count]
    if status == COLLAPSED or np.linalg.norm(nodes[:, 1:4], axis=1).min() < 1e6:
        return
    assert status == DONE
    value = jacobi(nodes)
    kinetic = np.max(np.sum(nodes[:, 4:7] ** 2, axis=1))
    assert np.ptp(value) < 1e-10 * kinetic


def test_a_full_table_goes_on_where_it_stopped() -> None:
    y0 = np.array([7e6, 0.0, 0.0, 0.0, 1.03e4, 1e3])
    whole = np.zeros((500, 7))
    assert coast(0.0, 9e5, y0, 0.0, 1.0, 1e-11, MODEL, whole)[0] == DONE
    t, h, rows = 0.0, 0.0, []
    status = FULL
    while status == FULL:
        part = np.zeros((7, 7))
        status, count, _, h = coast(t, 9e5, y0, h, 1.0, 1e-11, MODEL, part)
        rows.append(part[:count])
        t, y0 = part[count - 1, 0], part[count - 1, 1:].copy()
    assert rows[-1][-1, 0] == 9e5
    np.testing.assert_allclose(rows[-1][-1], whole[len(whole[whole[:, 1] != 0.0]) - 1], rtol=1e-12)


def test_steps_fill_the_time_exactly() -> None:
    y0 = np.array([7e6, 0.0, 0.0, 0.0, 1.03e4, 1e3])
    for end in (1e-3, 1.0, 123456.789):
        nodes = np.zeros((500, 7))
        status, count, _, _ = coast(0.0, end, y0, 0.0, 1.0, 1e-11, MODEL, nodes)
        assert status == DONE
        assert nodes[count - 1, 0] == end
        assert np.all(np.diff(nodes[:count, 0]) > 0.0)
    assert nodes[0, 1:].tolist() == pytest.approx(y0.tolist(), abs=0.0)

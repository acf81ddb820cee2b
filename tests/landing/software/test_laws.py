"""The guidance laws against the forms in which they were published, and flown from one gate."""

from __future__ import annotations

import math

import numpy as np
import pytest
from blind import fly_blind
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from perilune.errors import InputError
from perilune.landing.software import _kernels_laws as laws
from perilune.landing.software.laws import APPROACH_LAWS, TERMINAL_LAWS, law_code

FloatArray = NDArray[np.float64]
G = np.array([0.0, 0.0, -1.62])
vectors = st.tuples(*[st.floats(-1000.0, 1000.0)] * 3).map(np.array)
speeds = st.tuples(*[st.floats(-100.0, 100.0)] * 3).map(np.array)


def coefficients(
    to_go: FloatArray,
    speed: FloatArray,
    end_speed: FloatArray,
    end_net: FloatArray,
    g1: float,
    g2: float,
    tgo: float,
) -> tuple[FloatArray, FloatArray]:
    q1, q2 = np.empty(3), np.empty(3)
    laws.polynomial(to_go, speed, end_speed, end_net, g1, g2, tgo, q1, q2)
    return q1, q2


@given(vectors, speeds, speeds, st.floats(5.0, 200.0))
def test_the_quadratic_law_is_klumpps(to_go: FloatArray, v: FloatArray, vf: FloatArray, tgo: float) -> None:
    end = np.array([0.1, -0.2, 0.7])
    q1, q2 = coefficients(to_go, v, vf, end, 1.0, 2.0, tgo)
    klumpp = end + 12.0 * to_go / tgo**2 - 6.0 * (v + vf) / tgo
    assert end + q1 + q2 == pytest.approx(klumpp, rel=1e-9, abs=1e-9)


@given(vectors, speeds, speeds, st.floats(5.0, 200.0), st.floats(0.1, 2.0), st.floats(0.2, 3.0))
def test_the_fractional_law_is_lus(
    to_go: FloatArray, v: FloatArray, vf: FloatArray, tgo: float, g1: float, more: float
) -> None:
    # Lu (2020), in thrust acceleration with the gain kr = (g1 + 2)(g2 + 2).
    g2 = g1 + more
    kr = (g1 + 2.0) * (g2 + 2.0)
    thrust_end = np.array([0.1, -0.2, 2.3])
    published = (
        g1 * (kr / (2.0 * (g1 + 2.0)) - 1.0) * thrust_end
        + (g1 * kr / (2.0 * (g1 + 2.0)) - g1 - 1.0) * G
        + (g1 + 1.0) / tgo * (1.0 - kr / (g1 + 2.0)) * (vf - v)
        + kr / tgo**2 * (to_go - v * tgo)
    )
    end = thrust_end + G
    q1, q2 = coefficients(to_go, v, vf, end, g1, g2, tgo)
    assert end + q1 + q2 - G == pytest.approx(published, rel=1e-6, abs=1e-6)


@given(vectors, speeds, speeds, st.floats(5.0, 200.0), st.sampled_from([(1.0, 2.0), (0.0, 1.0), (0.4, 1.8)]))
def test_polynomials_arrive(
    to_go: FloatArray, v: FloatArray, vf: FloatArray, tgo: float, powers: tuple[float, float]
) -> None:
    end = np.array([0.1, -0.2, 0.7])
    q1, q2 = coefficients(to_go, v, vf, end, *powers, tgo)
    # Gauss-Legendre on tau = tgo u^5, so that these fractional powers are polynomials.
    u, w = np.polynomial.legendre.leggauss(24)
    u, w = 0.5 * (u + 1.0), 0.5 * w
    share = u**5
    net = end + np.outer(share ** powers[0], q1) + np.outer(share ** powers[1], q2)
    weight = 5.0 * tgo * u**4 * w
    tau = tgo * share
    assert v + weight @ net == pytest.approx(vf, rel=1e-6, abs=1e-6)
    assert v * tgo + (weight * tau) @ net == pytest.approx(to_go, rel=1e-6, abs=1e-5)


@given(vectors, speeds, st.floats(0.0, 3.0))
def test_least_effort_solves_dsouzas_quartic(r: FloatArray, v: FloatArray, price: float) -> None:
    # AIAA 97-3709: (price + g^2/2) t^4 - 2 v.v t^2 - 12 v.r t - 18 r.r = 0, r and v counted from the target.
    if np.linalg.norm(r) < 1.0:
        return
    tgo = laws.least_effort_tgo(-r, v, np.zeros(3), 1.62, price)
    roots = np.roots([price + 0.5 * 1.62**2, 0.0, -2.0 * v @ v, -12.0 * v @ r, -18.0 * r @ r])
    real = roots.real[(np.abs(roots.imag) < 1e-6 * np.abs(roots)) & (roots.real > 0.0)]
    assert np.min(np.abs(real - tgo)) < 1e-5 * tgo
    q1, q2 = coefficients(-r, v, np.zeros(3), np.zeros(3), 0.0, 1.0, tgo)
    law = -4.0 * v / tgo - 6.0 * r / tgo**2 - G
    assert q1 + q2 - G == pytest.approx(law, rel=1e-9, abs=1e-9)


def test_no_other_duration_takes_less_effort() -> None:
    r, v = np.array([-800.0, 30.0, 850.0]), np.array([55.0, -2.0, -34.0])

    def cost(tgo: float) -> float:
        q1, q2 = coefficients(-r, v, np.zeros(3), np.zeros(3), 0.0, 1.0, tgo)
        share = np.linspace(0.0, 1.0, 2001)
        thrust = np.outer(np.ones_like(share), q1 - G) + np.outer(share, q2)
        return tgo * float(np.mean(0.5 * np.sum(thrust**2, axis=1))) + 0.3 * tgo

    best = laws.least_effort_tgo(-r, v, np.zeros(3), 1.62, 0.3)
    assert cost(best) < min(cost(0.98 * best), cost(1.02 * best))


@given(st.floats(1.1, 5.0), st.floats(5.0, 500.0), st.floats(0.0, 1.4))
def test_gravity_turns_stop_where_the_closed_form_says(ratio: float, speed: float, angle: float) -> None:
    out = np.empty(3)
    laws.gravity_turn_reach(ratio, speed, angle, 1.62, out)
    assert out.min() >= 0.0
    found = laws.gravity_turn_ratio(out[0], speed, angle, 1.62)
    assert found == pytest.approx(ratio, rel=1e-9)


@pytest.mark.parametrize(("ratio", "speed", "angle_deg"), [(1.3, 400.0, 70.0), (2.0, 65.0, 58.0)])
def test_gravity_turns_are_what_integration_gives(ratio: float, speed: float, angle_deg: float) -> None:
    def rates(_t: float, y: FloatArray) -> list[float]:
        v = math.hypot(y[2], y[3])
        push = -ratio * 1.62 / v
        return [y[2], y[3], push * y[2], push * y[3] - 1.62]

    angle = math.radians(angle_deg)
    out = np.empty(3)
    laws.gravity_turn_reach(ratio, speed, angle, 1.62, out)
    start = [0.0, 0.0, speed * math.sin(angle), -speed * math.cos(angle)]
    flown = solve_ivp(rates, (0.0, 0.9999 * out[2]), start, rtol=1e-10, atol=1e-9)
    assert -flown.y[1, -1] == pytest.approx(out[0], rel=1e-5)
    assert flown.y[0, -1] == pytest.approx(out[1], rel=1e-5)


def test_straight_down_a_gravity_turn_is_a_plain_stop() -> None:
    assert laws.gravity_turn_ratio(1000.0, 60.0, 0.0, 1.62) == pytest.approx(1.0 + 60.0**2 / 2000.0 / 1.62)
    assert laws.gravity_turn_ratio(0.0, 60.0, 0.3, 1.62) == math.inf


@pytest.mark.parametrize(
    ("law", "more"),
    [
        ("apollo-quadratic", {}),
        ("fractional-polynomial", {"exponents": (0.3, 2.0)}),
        ("dsouza", {"time_price_m2_s4": 1.0}),
        ("gravity-turn", {}),
    ],
)
@pytest.mark.parametrize("terminal_law", TERMINAL_LAWS)
def test_each_law_lands_from_the_same_gate(law: str, more: dict[str, object], terminal_law: str) -> None:
    flown = fly_blind(law=law, terminal_law=terminal_law, **more)
    assert flown.soft
    assert flown.left_kg > 25.0
    assert flown.miss_m < (100.0 if law == "gravity-turn" else 10.0)


def test_laws_differ() -> None:
    left = {law: fly_blind(law=law).left_kg for law in APPROACH_LAWS}
    assert left["dsouza"] > left["apollo-quadratic"] + 1.0
    assert left["gravity-turn"] > left["apollo-quadratic"] + 1.0


def test_an_unknown_law_is_told_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"^No guidance law 'dsousa'. Did you mean 'dsouza'\?$"):
        law_code("dsousa")
    with pytest.raises(InputError, match=r"^No guidance law 'x'. There are site-hold, velocity-null.$"):
        law_code("x", TERMINAL_LAWS)

"""The two hypotheses behind a surprise: what kinds of failure and kinds of ground make of their odds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from perilune.landing.software import _kernels_hypotheses as kernels
from perilune.landing.software import table
from perilune.landing.software._kernels_range import RANGE
from perilune.landing.software._kernels_reading import (
    F_COSINE,
    F_HEIGHT,
    F_PATH,
    F_RESIDUAL,
    F_S,
    F_SPEED,
    F_T,
    F_VARIANCE,
)
from perilune.landing.software.policies import POLICIES
from perilune.maths.arrays import FloatArray

POLICY = POLICIES["two-hypothesis"]
STILL_M = 900.0
SIGMA_M, STEP_S, SINK_M_S, SPEED_M_S = 2.5, 0.2, 20.0, 30.0


def weighed(
    said: Callable[[float, int], float], *, readings: int, since_s: float = 0.2, seed: int = 1
) -> tuple[FloatArray, float]:
    """Return an altimeter's memory and the log odds after so many readings that say `said(true m, which)`."""
    random = np.random.default_rng(seed)
    m, shared, fact, reading = np.zeros(80), np.zeros(80), np.zeros(table.STATES), np.zeros(16)
    nav, P = np.zeros(table.NAV_SIZE), np.zeros((table.STATES, table.STATES))
    nav[0] = 1737400.0 + 1500.0
    P[3, 3] = 0.05**2
    m[19], m[kernels.WAY] = 100.0 - since_s, SPEED_M_S * since_s
    for k in range(readings):
        true = 1500.0 - SINK_M_S * STEP_S * k
        reading[RANGE] = said(true, k)
        if reading[RANGE] != STILL_M:
            reading[RANGE] += SIGMA_M * random.normal()
        fact[F_T], fact[F_COSINE], fact[F_HEIGHT] = 100.0 + STEP_S * k, 1.0, true
        fact[F_RESIDUAL], fact[F_VARIANCE], fact[F_S] = reading[RANGE] - true, SIGMA_M**2, 100.0
        fact[F_SPEED], fact[F_PATH] = SPEED_M_S, SPEED_M_S * STEP_S
        kernels.surprised(nav, P, shared, m, reading, fact)
    return m, kernels.log_odds(m)


def decision(m: FloatArray, odds: float) -> int:
    return int(kernels.decides(m, odds, POLICY.early_odds))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("off_m", [-400.0, 400.0])
def test_after_a_gap_readings_that_hang_together_are_believed_at_once(off_m: float, seed: int) -> None:
    """Ten seconds without a reading: the estimate may have gone wrong, five readings say so."""
    assert decision(*weighed(lambda true, _: true + off_m, readings=5, since_s=10.0, seed=seed)) == 1


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("off_m", [-200.0, 200.0])
def test_a_jump_between_two_readings_is_no_ground(off_m: float, seed: int) -> None:
    """200 m over 6 m of ground: the altimeter, by a constant that is then known. Too short a range is not
    used less its constant: the ground may be that near.
    """
    m, odds = weighed(lambda true, _: true + off_m, readings=100, seed=seed)
    assert decision(m, odds) == -1
    assert m[kernels.C_OFF] == pytest.approx(off_m, abs=4.0 * SIGMA_M)
    assert kernels.constant_error(m, odds, POLICY.early_odds) == (off_m > 0.0)


@pytest.mark.parametrize("seed", range(20))
def test_a_side_lobe_is_no_constant(seed: int) -> None:
    m, odds = weighed(lambda true, _: 0.6 * true, readings=50, seed=seed)
    assert decision(m, odds) == -1
    assert not kernels.constant_error(m, odds, POLICY.early_odds)


@pytest.mark.parametrize("seed", range(20))
def test_a_value_that_stands_still_is_known_for_one(seed: int) -> None:
    m, odds = weighed(lambda _true, _: STILL_M, readings=50, seed=seed)
    assert decision(m, odds) == -1
    assert not kernels.constant_error(m, odds, POLICY.early_odds)


@pytest.mark.parametrize("seed", range(20))
def test_what_says_anything_is_never_believed(seed: int) -> None:
    random = np.random.default_rng(1000 + seed)
    told = random.uniform(-500.0, 500.0, 40)
    for readings in range(4, 40, 4):
        assert decision(*weighed(lambda true, k: true + float(told[k]), readings=readings)) != 1


def test_ground_that_steps_as_ground_can_is_believed() -> None:
    """60 m after a second without a fit, over 30 m of ground: a wall of a crater, not a failure."""
    assert decision(*weighed(lambda true, _: true + 60.0, readings=6, since_s=1.0)) == 1

"""One altimeter reading and what can be said of it: odds, stuck or consistent, how it is taken in.

Arrays are those of `_kernels_policy`.
"""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.landing.software._kernels_filter import STATES, TERRAIN, absorb
from perilune.landing.software._kernels_range import RANGE, SIGMA
from perilune.landing.software._kernels_window import COUNT, GAP_S, SCATTER, SLOPE, SPAN
from perilune.landing.software.table import (
    ADAPTS,
    GATE_BELOW_M,
    GATE_M,
    GATE_SHARE,
    GATE_SIGMA,
    GROUND_SHARE,
    HARD_STOP_M_S2,
    NIS_COUNT,
    NIS_SUM,
    TERRAIN_LENGTH_M,
    TERRAIN_SIGMA_M,
    WEIGHT,
    WEIGHT_S,
    WEIGHT_TOP_M,
)

NONE, TAKEN, GATED, ISOLATED, REACQUIRED_BY, UNUSED, INVALID = range(7)
IN_USE, OUT, OUT_FOR_EVER = 0.0, 1.0, 2.0

#: Facts of a reading (work[8]): height under the craft as estimated (m), cosine of incidence, horizontal and
#: upward speed (m/s), residual (m), its expected variance, the reading's own part of it (m^2), time (s),
#: range less what velocity alone makes of it (m), speed in terms of relief (m/s).
F_HEIGHT, F_COSINE, F_SPEED, F_CLIMB, F_RESIDUAL, F_S, F_VARIANCE, F_T, F_MOVED, F_ROUGH = range(10)
#: and the way of the beam's foot since the last reading (m).
F_PATH = 10
#: Ground slopes as rates: what a residual may change per metre flown (20 degrees; steeper is rare beyond
#: craters' walls, LOLA slopes over tens of metres).
_STEEPEST = 0.36


@kernel(bare=True)
def relief(policy, path_m):
    """Return the variance (m^2) by which the ground differs over a short path, as the policy holds it."""
    if policy[TERRAIN_SIGMA_M] <= 0.0:
        return 0.0
    return 2.0 * policy[TERRAIN_SIGMA_M] ** 2 / policy[TERRAIN_LENGTH_M] * path_m


@kernel(bare=True)
def weigh(m, reading, policy, fact):
    """Write the variance of a reading: what it claims, times what its noise is seen to be, and uneven ground.

    The noise is learnt from second differences, which neither a constant error nor an even slope enters;
    ground is smoother over single readings than the random walk it is taken for: a quarter is taken off.
    """
    sigma2 = reading[SIGMA] ** 2
    dt = fact[F_T] - m[4]
    if policy[ADAPTS] > 0.0 and dt < 1.0 and reading[RANGE] != m[5]:
        bend = fact[F_MOVED] - 2.0 * m[20] + m[48]
        share = (bend * bend - 0.5 * relief(policy, fact[F_ROUGH] * dt)) / (6.0 * sigma2)
        # Steps up and down to the median of chi-square: how wild a reading is does not count, so that
        # spikes and steps are no noise.
        m[8] = min(max(m[8] * (1.15 if share > 0.455 * m[8] else 1.0 / 1.15), 0.5), 1e4)
    m[48] = m[20]
    uneven = policy[GROUND_SHARE] * fact[F_HEIGHT] / fact[F_COSINE]
    fact[F_VARIANCE] = sigma2 * (max(m[8], 1.0) if policy[ADAPTS] > 0.0 else 1.0) + uneven * uneven


@kernel(bare=True)
def carried(m, rate, t_s):
    """Return the range (m) that velocity alone makes of the first one, without the estimate's corrections."""
    dt = t_s - m[4]
    m[21] = m[21] + rate * dt if dt <= GAP_S else 0.0
    return m[21]


@kernel(bare=True)
def stuck(m, reading):
    """Return whether the range has stood still for four readings while it should have moved.

    Of a healthy altimeter four values lie within 0.005 sigma of one another 2e-8 times (three within 0.02
    sigma did 1e-4 times: in one of a hundred descents of a thousand readings); and then the craft has moved
    by no more than the noise.
    """
    sigma = reading[SIGMA]
    still = abs(reading[RANGE] - m[22]) <= 0.005 * sigma + 1e-6
    m[22] = reading[RANGE]
    if not still or m[21] == 0.0:
        m[23], m[17] = m[21], 1.0
        return False
    m[17] += 1.0
    if m[17] >= 4.0 and abs(m[21] - m[23]) > 2.0 * sigma + 0.5:
        # Found once, stuck until it moves, whatever the craft does meanwhile.
        m[17] = 1e9
    return m[17] >= 1e9


@kernel(bare=True)
def consistent(P, nav, fit, policy, fact):
    """Return whether the window's residuals hang together: range rate as the velocity says, usual scatter."""
    if fit[COUNT] < 5.0:
        return False
    expected = relief(policy, fact[F_ROUGH] * fit[SPAN]) / 4.0
    if fit[SCATTER] > 3.0 * math.sqrt(fact[F_VARIANCE] + expected):
        return False
    radius2 = nav[0] * nav[0] + nav[1] * nav[1] + nav[2] * nav[2]
    fast = 0.0
    for i in range(3):
        for j in range(3):
            fast += nav[i] * nav[j] / radius2 * P[3 + i, 3 + j]
    tolerance = 4.0 * math.sqrt(12.0 * fact[F_VARIANCE] / fit[COUNT]) / fit[SPAN]
    tolerance += 3.0 * math.sqrt(max(fast, 0.0)) + _STEEPEST * fact[F_SPEED] + 0.5
    return abs(fit[SLOPE]) < tolerance


@kernel(bare=True)
def can_stop(policy, fact):
    """Return whether a reading leaves a stop that engines can fly; else it is no use even if true."""
    height, climb = fact[F_HEIGHT] + fact[F_RESIDUAL] * fact[F_COSINE], fact[F_CLIMB]
    if height <= 0.0:
        return False
    if climb >= 0.0:
        return True
    return climb * climb < 2.0 * policy[HARD_STOP_M_S2] * height and -climb * 2.0 < height


@kernel(bare=True)
def open_altitude(nav, P, error_m):
    """Add a square to the variance of the altitude."""
    radius2 = nav[0] * nav[0] + nav[1] * nav[1] + nav[2] * nav[2]
    for i in range(3):
        for j in range(3):
            P[i, j] += error_m * error_m * nav[i] * nav[j] / radius2


@kernel(bare=True)
def open_both(nav, P, residual):
    """Share a first surprise between altitude and terrain as their variances stand."""
    radius2 = nav[0] * nav[0] + nav[1] * nav[1] + nav[2] * nav[2]
    altitude = 0.0
    for i in range(3):
        for j in range(3):
            altitude += nav[i] * nav[j] / radius2 * P[i, j]
    share = P[TERRAIN, TERRAIN] / (altitude + P[TERRAIN, TERRAIN] + 1e-9)
    P[TERRAIN, TERRAIN] += share * residual * residual
    open_altitude(nav, P, math.sqrt(max(1.0 - share, 0.0)) * residual)


@kernel(bare=True)
def take(nav, P, software, events, work, opened):
    """Take a residual in by the filter's own gain, held back while much is unknown (Lear).

    Not where the variance has just been `opened` for it: what was held back would be left as an error that
    the next readings, all alike, can not be told from a jump.
    """
    y, gain, fact, noise = work[0], work[1], work[8], software.noise
    s, residual = fact[F_S], fact[F_RESIDUAL]
    known = s - fact[F_VARIANCE]
    held = s + (noise[8] * known if known > noise[9] * noise[9] and not opened else 0.0)
    for j in range(STATES):
        gain[j] = y[j] / held * (1.0 - software.considered[j])
    absorb(nav, P, y, s, gain, residual)
    events[NIS_SUM] += residual * residual / s
    events[NIS_COUNT] += 1.0


@kernel(bare=True)
def take_weighted(nav, P, software, events, work, dt_s):
    """Apollo's weighting: the altitude moves by a fixed share of the residual, less the higher; velocity is
    left to the velocimeter.
    """
    policy, y, gain, fact = software.policy, work[0], work[1], work[8]
    s, residual = fact[F_S], fact[F_RESIDUAL]
    weight = policy[WEIGHT] * max(1.0 - fact[F_HEIGHT] / policy[WEIGHT_TOP_M], 0.0)
    share = 1.0 - (1.0 - weight) ** (min(dt_s, policy[WEIGHT_S]) / policy[WEIGHT_S])
    radius = math.sqrt(nav[0] * nav[0] + nav[1] * nav[1] + nav[2] * nav[2])
    for j in range(STATES):
        gain[j] = share * fact[F_COSINE] * nav[j] / radius if j < 3 else 0.0
    events[NIS_SUM] += residual * residual / s
    events[NIS_COUNT] += 1.0
    absorb(nav, P, y, s, gain, residual)


@kernel(bare=True)
def in_gate(policy, fact):
    if policy[GATE_M] > 0.0:
        gate = policy[GATE_M] + policy[GATE_SHARE] * max(fact[F_HEIGHT], 0.0)
        return fact[F_HEIGHT] > policy[GATE_BELOW_M] or abs(fact[F_RESIDUAL]) * fact[F_COSINE] < gate
    return fact[F_RESIDUAL] ** 2 <= policy[GATE_SIGMA] ** 2 * fact[F_S]

"""Two hypotheses behind a surprise, each with a small filter of its own (multiple models).

From the first reading on that does not fit, "the altimeter is right" (the ground has stepped, or the estimate
is wrong) carries an altitude error and its rate; "the estimate is right" carries what the altimeter errs by:
a constant, a share of the range, a value that stands still, or anything. Each predicts the next reading; the
logarithms of the predictive densities add up to the odds (Magill 1965, adaptive estimation by parallel
filters; Wald 1945 for the two thresholds). Readings that nothing explains cost any of them little: ground has
heavy tails, so densities are Student's with three degrees of freedom (slopes over 10-100 m have 99.9 % at
six times their rms, measured on the seeded ground; normal: 3.3).

memory, a sensor's row
    51 readings since the surprise (0: none), 52:57 error, rate and their covariance if the altimeter is
    right, 57:59 the altimeter's constant and its variance, 59:61 the same in proportion to the range, 61:66
    log posteriors, 66 last time, 67 last range, 68 last height, 69:72 last foot of the beam (F, m), 72
    constant that is taken off the readings, 73 its variance, 74 way of the foot since a reading was last
    accepted, 75 the foot's distance aside, 76 half the radius of a wide beam's ground, 77 mean square of what
    the readings are off by, 78 readings in a row that the first hypothesis foresaw, 79 how far the terrain
    state had drifted at the surprise.
"""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.landing.software._kernels_range import DRIFTED, HALF_BEAM, RANGE, REOPENED_S
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

ON, B_OFF, B_RATE, B_00, B_01, B_11, C_OFF, C_VAR, S_OFF, S_VAR = range(51, 61)
RIGHT, CONSTANT, SHARE, STILL, WILD = range(61, 66)
LAST_T, LAST_RANGE, LAST_HEIGHT, FOOT, OFFSET, OFFSET_VAR, WAY, ASIDE, WIDE, SQUARE, FORESEEN, DRIFT = (
    66,
    67,
    68,
    69,
    72,
    73,
    74,
    75,
    76,
    77,
    78,
    79,
)

#: Readings that decide at the least, and how many of them must have been foreseen if they are to be believed:
#: what fails for two or three of them is a spike.
_LEAST, _FORESEEN = 4.0, 2.0
#: How often, per reading, an altimeter says anything (dust, side lobes, glints); how often it fails for good
#: in each of the other ways (once in a thousand descents of 3,000 readings). Assumed; ten times as much moves
#: a decision by a reading.
_WILD, _FAILS = 1e-2, 1e-7
#: Where anything may lie (m).
_ANYWHERE_M = 20e3
#: Slopes of ground over 10-100 m, rms (0.08 to 0.05 on the seeded maria, twice that on highlands); beyond
#: 100 m heights differ with the square root of the way.
_SLOPE, _SLOPE_M = 0.1, 100.0
#: Steeper than ground can be (55 degrees), and what of it is left there.
_WALL, _BEYOND = 1.4, 1e-10
#: Sudden errors of an estimate that readings confirmed a moment ago, per reading; per second unconfirmed; and
#: of one that has just been changed for readings that had been denied.
_LOST, _LOST_PER_S, _LOST_CHANGED = 1e-11, 1e-4, 1e-2
#: For so long after the change.
_CHANGED_S = 10.0
#: Side lobes are off by a tenth of the range and more: a smaller share of it is a hundred times as rare.
_SIDE_LOBE = 0.1
#: Log odds that tell a constant from other ways to fail.
_CLEAR = 3.0
#: How far below the best a log posterior is kept: a hypothesis that is out comes back within seconds.
_FLOOR = -40.0


@kernel(bare=True)
def _student(error, variance):
    """Return the log density of Student's distribution with three degrees of freedom."""
    return -1.0008888 - 0.5 * math.log(variance) - 2.0 * math.log(1.0 + error * error / (3.0 * variance))


@kernel(bare=True)
def follow(m, reading, geometry, fact):
    """Note where the beam meets the ground, and how far its foot has come."""
    dt = fact[F_T] - m[4]
    path = fact[F_SPEED] * min(dt, 1e3)
    if dt < 1.0:
        dx, dy, dz = geometry[8] - m[FOOT], geometry[9] - m[FOOT + 1], geometry[10] - m[FOOT + 2]
        path = max(path, math.sqrt(dx * dx + dy * dy + dz * dz))
    m[FOOT], m[FOOT + 1], m[FOOT + 2] = geometry[8], geometry[9], geometry[10]
    m[WAY] += path
    m[ASIDE] = geometry[6] * math.sqrt(max(1.0 - geometry[7] ** 2, 0.0))
    m[WIDE] = 0.5 * max(fact[F_HEIGHT], 0.0) * math.tan(reading[HALF_BEAM])
    fact[F_PATH] = path


@kernel(bare=True)
def wall(m, fact):
    """Return by how much (m) ground can have changed since a reading was last accepted, with margins."""
    since = min(max(fact[F_T] - m[19], 0.2), 1e3)
    return _WALL * m[WAY] + 6.0 * math.sqrt(fact[F_VARIANCE]) + 0.5 * since * since + 5.0


@kernel(bare=True)
def surprised(nav, P, shared, m, reading, fact):
    """Let both hypotheses predict a reading that does not fit, and move their odds.

    The error is told against the estimate as velocity alone has carried it: that ground tends to what is
    known of it before is no evidence.
    """
    cosine = fact[F_COSINE]
    error, noise = fact[F_RESIDUAL] * cosine, fact[F_VARIANCE] * cosine * cosine
    if m[ON] == 0.0 or fact[F_T] - m[LAST_T] > 2.0:
        changed = shared[REOPENED_S] > 0.0 and fact[F_T] - shared[REOPENED_S] < _CHANGED_S
        m[DRIFT] = shared[DRIFTED]
        _begin(nav, P, m, changed, fact, error, noise)
    else:
        error -= shared[DRIFTED] - m[DRIFT]
        rough = _SLOPE * _SLOPE * fact[F_PATH] * min(fact[F_PATH], _SLOPE_M)
        _go_on(m, reading, fact, error, noise, rough)
    m[ON] += 1.0
    m[LAST_T], m[LAST_RANGE], m[LAST_HEIGHT] = fact[F_T], reading[RANGE], fact[F_HEIGHT]
    best = m[RIGHT]
    for k in range(CONSTANT, WILD + 1):
        best = max(best, m[k])
    for k in range(RIGHT, WILD + 1):
        m[k] = max(m[k] - best, _FLOOR)


@kernel(bare=True)
def _begin(nav, P, m, changed, fact, error, noise):
    radius2 = nav[0] * nav[0] + nav[1] * nav[1] + nav[2] * nav[2]
    fast = 0.0
    for i in range(3):
        for j in range(3):
            fast += nav[i] * nav[j] / radius2 * P[3 + i, 3 + j]
    m[ON] = 0.0
    m[B_OFF], m[B_RATE], m[B_00], m[B_01], m[B_11] = error, 0.0, noise, 0.0, max(fast, 0.0) + 0.01
    m[C_OFF], m[C_VAR] = error, noise
    m[S_OFF], m[S_VAR] = error, noise
    stepped = math.exp(_student(error, max(fact[F_S] * fact[F_COSINE] ** 2, 1e-6)))
    if abs(error) > wall(m, fact):
        stepped *= _BEYOND
    unconfirmed = min(max(fact[F_T] - m[19] - 1.0, 0.0), 100.0)
    lost = (_LOST + _LOST_PER_S * unconfirmed + (_LOST_CHANGED if changed else 0.0)) / _ANYWHERE_M
    m[SQUARE], m[FORESEEN] = error * error, 0.0
    m[RIGHT] = math.log(stepped + lost)
    failed = math.log(_FAILS / _ANYWHERE_M)
    m[CONSTANT], m[STILL], m[WILD] = failed, failed, math.log(_WILD / _ANYWHERE_M)
    m[SHARE] = failed if abs(error) > _SIDE_LOBE * fact[F_HEIGHT] else failed - 4.6


@kernel(bare=True)
def _go_on(m, reading, fact, error, noise, rough):
    dt = fact[F_T] - m[LAST_T]
    m[B_OFF] += dt * m[B_RATE]
    m[B_00] += 2.0 * dt * m[B_01] + dt * dt * m[B_11] + rough
    m[B_01] += dt * m[B_11]
    e, s = error - m[B_OFF], m[B_00] + noise
    m[RIGHT] += _student(e, s)
    m[FORESEEN] = m[FORESEEN] + 1.0 if e * e < 9.0 * s else 0.0
    # A tail is taken for ground that is as rough as it shows here: the filter goes along.
    m[B_00] += e * e - s if e * e > 9.0 * s else 0.0
    s = m[B_00] + noise
    gain, slow = m[B_00] / s, m[B_01] / s
    m[B_OFF] += gain * e
    m[B_RATE] += slow * e
    m[B_11] -= slow * m[B_01]
    m[B_01] *= 1.0 - gain
    m[B_00] *= 1.0 - gain
    _one_number(m, C_OFF, CONSTANT, 1.0, error, noise, rough)
    _one_number(m, S_OFF, SHARE, fact[F_HEIGHT] / max(m[LAST_HEIGHT], 1.0), error, noise, rough)
    tight = 1e-4 * fact[F_VARIANCE] + 1e-6
    m[STILL] += _student(reading[RANGE] - m[LAST_RANGE], tight)
    # What says anything goes on to be off by as much as so far.
    m[WILD] += _student(error, m[SQUARE] + noise)
    m[SQUARE] += (error * error - m[SQUARE]) / (m[ON] + 1.0)


@kernel(bare=True)
def _one_number(m, place, odds, grown, error, noise, rough):
    m[place] *= grown
    m[place + 1] = m[place + 1] * grown * grown + rough
    e, s = error - m[place], m[place + 1] + noise
    m[odds] += _student(e, s)
    m[place + 1] += e * e - s if e * e > 9.0 * s else 0.0
    gain = m[place + 1] / (m[place + 1] + noise)
    m[place] += gain * e
    m[place + 1] *= 1.0 - gain


@kernel(bare=True)
def log_odds(m):
    """Return the log odds of "the altimeter is right" against all ways in which it can be wrong."""
    best = max(max(m[CONSTANT], m[SHARE]), max(m[STILL], m[WILD]))
    total = 0.0
    for k in range(CONSTANT, WILD + 1):
        total += math.exp(m[k] - best)
    return m[RIGHT] - best - math.log(total)


@kernel(bare=True)
def decides(m, odds, threshold):
    """Return 1 where the altimeter is to be believed, -1 where it is not, 0 where it is open."""
    if m[ON] < _LEAST:
        return 0
    if odds > threshold and m[FORESEEN] >= _FORESEEN:
        return 1
    return -1 if odds < -threshold else 0


@kernel(bare=True)
def constant_error(m, odds, threshold):
    """Return whether the altimeter clearly errs by a constant, so that its readings less that are of use.

    Ground that may be nearer than believed is denied only on twice the evidence.
    """
    others = max(m[SHARE], max(m[STILL], m[WILD]))
    return m[CONSTANT] - others > _CLEAR and (m[C_OFF] > 0.0 or odds < -2.0 * threshold)


@kernel(bare=True)
def take_off(m):
    """Take the constant off the readings from now on."""
    m[OFFSET] += m[C_OFF]
    m[OFFSET_VAR] = m[C_VAR]
    m[ON] = 0.0


@kernel(bare=True)
def still_off(shared, m, fact):
    """Return whether a reading, though in a gate that has grown since, is off by what it was off before."""
    error = fact[F_RESIDUAL] * fact[F_COSINE]
    off = m[C_OFF] + shared[DRIFTED] - m[DRIFT]
    return m[ON] >= _LEAST and abs(error - off) < abs(error)


@kernel(bare=True)
def fits_again(m, fact, gate_sigma):
    """Return whether a reading fits better as it is than less the constant taken off it; then put back."""
    if m[OFFSET] == 0.0:
        return False
    raw = fact[F_RESIDUAL] + m[OFFSET] / fact[F_COSINE]
    if raw * raw > gate_sigma * gate_sigma * fact[F_S] or abs(raw) > abs(fact[F_RESIDUAL]):
        return False
    fact[F_RESIDUAL] = raw
    m[OFFSET], m[OFFSET_VAR] = 0.0, 0.0
    return True


@kernel(bare=True)
def open_rate(nav, P, m):
    """Add to the variance of the upward speed where the hypothesis that was chosen clearly has a rate."""
    if m[B_RATE] * m[B_RATE] < 9.0 * m[B_11]:
        return
    radius2 = nav[0] * nav[0] + nav[1] * nav[1] + nav[2] * nav[2]
    for i in range(3):
        for j in range(3):
            P[3 + i, 3 + j] += m[B_RATE] * m[B_RATE] * nav[i] * nav[j] / radius2

"""What becomes of an altimeter reading: the named policies, as one set of rules that `Software.policy`
turns on and off.

Every reading is predicted (`_kernels_range`), noted in a window of the last two seconds, judged, and then
taken in, left out, or believed against the estimate (re-acquisition). The window tells a stepped ground
from a failed sensor: behind a step the range goes on changing as the velocity says, with the usual
scatter; a stuck sensor does not move, a false one asks for a stop that no engine can fly.

memory (sensors + 1, 80)
    row 0 is shared (places in `_kernels_range`), row 1 + i belongs to sensor i: 0 state (0 in use, 1
    isolated, 2 for ever), 1 accepted, 2 rejects in a row, 3 their first time, 4 last time, 5 last range, 6
    last residual in height, 7 last prediction, 8 noise measured over claimed (variance), 9 log odds step :
    failure, 10 isolated since, 11 good ones in a row, 12 its variance in height, 13 odd ones in a row, 14:17
    and 24:48 the window, 17 readings that stood still, 18 whether slopes explain the jump (-1: not), 19 last
    accepted, 20 last range less 21 what velocity makes of it, 22 last range that was tested for standing
    still, 23 what 21 was when it last moved, 48 the one before 20,
    49 mean distance from another altimeter in height, 50 its readings.
work
    the filter's: rows 0..6 are used here, 7 receives the fit of the window, 8 the facts of the reading.
"""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.landing.software._kernels_filter import RANGE_BIAS, STATES, TERRAIN, absorb, innovation_variance
from perilune.landing.software._kernels_range import (
    ACCEPTED_S,
    ACQUIRED,
    AGE,
    FADE,
    INNOVATION_SIGMA,
    LAMPS,
    MAP_VARIANCE,
    PREDICTED,
    RANGE,
    REOPENED_KIND,
    REOPENED_S,
    RESIDUAL,
    SENSOR,
    SIGMA,
    SITE_DISTANCE,
    STATUS,
    age_aside,
    age_terrain,
    map_variance,
    predict_range,
)
from perilune.landing.software._kernels_window import (
    COUNT,
    GAP_S,
    SCATTER,
    SLOPE,
    SPAN,
    fit_window,
    forget,
    note,
)
from perilune.landing.software.table import (
    ACCEPTED,
    ACQUIRED_HEIGHT_M,
    ACQUIRED_S,
    ADAPTS,
    CHECKS,
    EARLY_ODDS,
    FIRST_READINGS,
    FIRST_S,
    GATE_BELOW_M,
    GATE_M,
    GATE_SHARE,
    GATE_SIGMA,
    GROUND_SHARE,
    GUARDS_CUTOFF,
    HARD_STOP_M_S2,
    ISOLATED_NOW,
    ISOLATED_S,
    ISOLATIONS,
    LAMP,
    LATCH_REJECTS,
    LONGEST_REJECTION_S,
    NIS_COUNT,
    NIS_SUM,
    PLAIN_M,
    REACQUIRED,
    REACQUIRED_S,
    REJECTED,
    REJECTION_SINCE_S,
    REOPEN_S,
    SPIN,
    TERRAIN_LENGTH_M,
    TERRAIN_SIGMA_M,
    VOTES,
    WEIGHT,
    WEIGHT_S,
    WEIGHT_TOP_M,
)
from perilune.landing.software.table import ACCEPTED_S as LAST_ACCEPTED_S

NONE, TAKEN, GATED, ISOLATED, REACQUIRED_BY, UNUSED, INVALID = range(7)
IN_USE, OUT, OUT_FOR_EVER = 0.0, 1.0, 2.0

#: Good readings in a row that bring an isolated sensor back.
_BACK = 5
#: Ground slopes as rates: what a residual may change per metre flown (20 degrees; steeper is rare beyond
#: craters' walls, LOLA slopes over tens of metres).
_STEEPEST = 0.36
#: Readings of different instruments are held against each other over this time.
_VOTE_S = 1.0
#: A slope that no ground has (55 degrees): what jumps by more over the ground flown is no ground.
_WALL = 1.4
#: Self-consistent readings behind such a jump are believed after so many times the usual span.
_LONG = 3.0
#: After a re-opening of the terrain, this long for it to prove enough before altitude itself is re-opened.
_PROVE_S = 10.0


#: Facts of a reading (work[8]): height under the craft as estimated (m), cosine of incidence, horizontal and
#: upward speed (m/s), residual (m), its expected variance, the reading's own part of it (m^2), time (s),
#: range less what velocity alone makes of it (m), speed in terms of relief (m/s).
_HEIGHT, _COSINE, _SPEED, _CLIMB, _RESIDUAL, _S, _VARIANCE, _T, _MOVED, _ROUGH = range(10)


@kernel(bare=True)
def altimetry(nav, P, readings, n, memory, policy, software, onboard, turned, t_s, verdicts, events, work):
    """Judge the altimeter readings of a cycle and take in what the policy believes.

    `readings` (k, 16): columns as the sensors deliver, 11:14 lever arm, 14 sensor, 15 status; 8 predicted,
    9 residual, 10 its expected sigma are written. `verdicts` (k,) are written, `events` (16,) counted.
    Call it every cycle, with n = 0 where there is no reading: the ground below goes on changing.
    """
    fact = work[8]
    fact[_T] = t_s
    fact[_SPEED], fact[_CLIMB] = _over_ground(nav, turned, software.site[SPIN])
    age_terrain(nav, P, memory, software, onboard, turned, fact[_SPEED], t_s)
    fact[_ROUGH] = fact[_SPEED] * (0.1 if memory[0, SITE_DISTANCE] < policy[PLAIN_M] else 1.0)
    for i in range(n):
        verdicts[i] = _one(nav, P, readings[i], memory, policy, software, onboard, turned, events, work)
        _count(verdicts[i], t_s, events)


@kernel(bare=True)
def _over_ground(nav, turned, spin):
    """Return (horizontal, upward) speed over the ground (m/s) as estimated."""
    sx, sy, sz = spin * turned[6], spin * turned[7], spin * turned[8]
    vx = nav[3] - (sy * nav[2] - sz * nav[1])
    vy = nav[4] - (sz * nav[0] - sx * nav[2])
    vz = nav[5] - (sx * nav[1] - sy * nav[0])
    radius = math.sqrt(nav[0] * nav[0] + nav[1] * nav[1] + nav[2] * nav[2])
    climb = (vx * nav[0] + vy * nav[1] + vz * nav[2]) / radius
    return math.sqrt(max(vx * vx + vy * vy + vz * vz - climb * climb, 0.0)), climb


@kernel(bare=True)
def _range_rate(nav, turned, spin, h):
    """Return the rate of the predicted range (m/s): its partials times the velocity over the ground."""
    sx, sy, sz = spin * turned[6], spin * turned[7], spin * turned[8]
    vx = nav[3] - (sy * nav[2] - sz * nav[1])
    vy = nav[4] - (sz * nav[0] - sx * nav[2])
    vz = nav[5] - (sx * nav[1] - sy * nav[0])
    return h[0] * vx + h[1] * vy + h[2] * vz


@kernel(bare=True)
def _count(verdict, t_s, events):
    if verdict in (TAKEN, REACQUIRED_BY):
        events[ACCEPTED] += 1.0
        events[LAST_ACCEPTED_S] = t_s
        events[REJECTION_SINCE_S] = math.nan
    elif verdict in (GATED, ISOLATED):
        events[REJECTED] += 1.0
        if math.isnan(events[REJECTION_SINCE_S]):
            events[REJECTION_SINCE_S] = t_s
        events[LONGEST_REJECTION_S] = max(events[LONGEST_REJECTION_S], t_s - events[REJECTION_SINCE_S])


@kernel(bare=True)
def _one(nav, P, reading, memory, policy, software, onboard, turned, events, work):
    if reading[STATUS] == 0.0:
        return NONE
    if reading[STATUS] != 1.0:
        return INVALID
    h, geometry, fact = work[2], work[3], work[8]
    if not predict_range(nav, reading, memory, software, onboard, turned, h, geometry):
        return UNUSED
    sensor = 1 + int(reading[SENSOR])
    m = memory[sensor]
    h[RANGE_BIAS] = age_aside(
        nav, P, memory, policy, geometry[6] * math.sqrt(max(1.0 - geometry[7] ** 2, 0.0))
    )
    # The range at the sample: the estimate's own rate over the reading's age, so that latency costs little.
    rate = _range_rate(nav, turned, software.site[SPIN], h)
    predicted = geometry[6] - rate * reading[AGE]
    fact[_COSINE], fact[_RESIDUAL] = geometry[7], reading[RANGE] - predicted
    fact[_HEIGHT] = geometry[6] * geometry[7]
    fact[_MOVED] = reading[RANGE] - _carried(m, rate, fact[_T])
    _weigh(m, reading, policy, fact)
    if memory[0, FADE] > 0.0:
        memory[0, MAP_VARIANCE] = map_variance(P, turned, geometry[8], geometry[9], geometry[10], onboard)
    fact[_S] = innovation_variance(P, h, fact[_VARIANCE], work[0])
    reading[PREDICTED], reading[RESIDUAL] = predicted, fact[_RESIDUAL]
    reading[INNOVATION_SIGMA] = math.sqrt(fact[_S])
    _odds(m, reading, policy, fact)
    note(m, fact[_T], fact[_MOVED])
    fit_window(m, fact[_T], work[7])
    m[4], m[5], m[6], m[7] = fact[_T], reading[RANGE], fact[_RESIDUAL] * fact[_COSINE], predicted
    m[20] = fact[_MOVED]
    m[12] = fact[_VARIANCE] * fact[_COSINE] ** 2 + (0.01 * fact[_HEIGHT]) ** 2
    if m[0] == OUT_FOR_EVER:
        return ISOLATED
    if policy[CHECKS] > 0.0 and _stuck(m, reading):
        return _isolate(m, sensor, OUT, fact[_T], events)
    if memory[0, ACQUIRED] == 0.0:
        return _first(nav, P, m, memory, policy, software, events, work)
    return _judge(nav, P, memory, sensor, policy, software, events, work)


@kernel(bare=True)
def _relief(policy, path_m):
    """Return the variance (m^2) by which the ground differs over a short path, as the policy holds it."""
    if policy[TERRAIN_SIGMA_M] <= 0.0:
        return 0.0
    return 2.0 * policy[TERRAIN_SIGMA_M] ** 2 / policy[TERRAIN_LENGTH_M] * path_m


@kernel(bare=True)
def _weigh(m, reading, policy, fact):
    """Write the variance of a reading: what it claims, times what its noise is seen to be, and uneven ground.

    The noise is learnt from second differences, which neither a constant error nor an even slope enters;
    ground is smoother over single readings than the random walk it is taken for: a quarter is taken off.
    """
    sigma2 = reading[SIGMA] ** 2
    dt = fact[_T] - m[4]
    if policy[ADAPTS] > 0.0 and dt < 1.0 and reading[RANGE] != m[5]:
        bend = fact[_MOVED] - 2.0 * m[20] + m[48]
        share = (bend * bend - 0.5 * _relief(policy, fact[_ROUGH] * dt)) / (6.0 * sigma2)
        # Steps up and down to the median of chi-square: how wild a reading is does not count, so that
        # spikes and steps are no noise.
        m[8] = min(max(m[8] * (1.15 if share > 0.455 * m[8] else 1.0 / 1.15), 0.5), 1e4)
    m[48] = m[20]
    uneven = policy[GROUND_SHARE] * fact[_HEIGHT] / fact[_COSINE]
    fact[_VARIANCE] = sigma2 * (max(m[8], 1.0) if policy[ADAPTS] > 0.0 else 1.0) + uneven * uneven


@kernel(bare=True)
def _odds(m, reading, policy, fact):
    """Move the log odds of "the ground stepped" against "the sensor failed" by one more reading.

    After a step the residual stays (normal, relief and noise of two readings); a failed sensor is stuck on
    its value, or says anything up to 20 km, each with one half.
    """
    dt = fact[_T] - m[4]
    change = fact[_MOVED] - m[20]
    if dt > 1.0 or policy[EARLY_ODDS] <= 0.0:
        return
    spread = 2.0 * fact[_VARIANCE] + _relief(policy, fact[_ROUGH] * dt) + 0.01
    step = math.exp(-0.5 * min(change * change / spread, 1000.0)) / math.sqrt(2.0 * math.pi * spread)
    moved = reading[RANGE] - m[5]
    tight = 0.01 * fact[_VARIANCE] + 1e-4
    stuck = math.exp(-0.5 * min(moved * moved / tight, 1000.0)) / math.sqrt(2.0 * math.pi * tight)
    failed = 0.5 * stuck + 0.5 / 20000.0
    m[9] = min(max(m[9] + math.log(step + 1e-12) - math.log(failed), -30.0), 30.0)


@kernel(bare=True)
def _carried(m, rate, t_s):
    """Return the range (m) that velocity alone makes of the first one, without the estimate's corrections."""
    dt = t_s - m[4]
    m[21] = m[21] + rate * dt if dt <= GAP_S else 0.0
    return m[21]


@kernel(bare=True)
def _stuck(m, reading):
    """Return whether the range has stood still for three readings while it should have moved.

    The noise of a healthy altimeter gives three values within 0.02 sigma once in 10,000 times, and then the
    craft has moved by no more than the noise.
    """
    sigma = reading[SIGMA]
    still = abs(reading[RANGE] - m[22]) <= 0.02 * sigma + 1e-6
    m[22] = reading[RANGE]
    if not still or m[21] == 0.0:
        m[23], m[17] = m[21], 1.0
        return False
    m[17] += 1.0
    if m[17] >= 3.0 and abs(m[21] - m[23]) > 2.0 * sigma + 0.5:
        # Found once, stuck until it moves, whatever the craft does meanwhile.
        m[17] = 1e9
    return m[17] >= 1e9


@kernel(bare=True)
def _consistent(P, nav, fit, policy, fact):
    """Return whether the window's residuals hang together: range rate as the velocity says, usual scatter."""
    if fit[COUNT] < 5.0:
        return False
    relief = _relief(policy, fact[_ROUGH] * fit[SPAN]) / 4.0
    if fit[SCATTER] > 3.0 * math.sqrt(fact[_VARIANCE] + relief):
        return False
    radius2 = nav[0] * nav[0] + nav[1] * nav[1] + nav[2] * nav[2]
    fast = 0.0
    for i in range(3):
        for j in range(3):
            fast += nav[i] * nav[j] / radius2 * P[3 + i, 3 + j]
    tolerance = 4.0 * math.sqrt(12.0 * fact[_VARIANCE] / fit[COUNT]) / fit[SPAN]
    tolerance += 3.0 * math.sqrt(max(fast, 0.0)) + _STEEPEST * fact[_SPEED] + 0.5
    return abs(fit[SLOPE]) < tolerance


@kernel(bare=True)
def _can_stop(policy, fact):
    """Return whether a reading leaves a stop that engines can fly; else it is no use even if true."""
    height, climb = fact[_HEIGHT] + fact[_RESIDUAL] * fact[_COSINE], fact[_CLIMB]
    if height <= 0.0:
        return False
    if climb >= 0.0:
        return True
    return climb * climb < 2.0 * policy[HARD_STOP_M_S2] * height and -climb * 2.0 < height


@kernel(bare=True)
def _first(nav, P, m, memory, policy, software, events, work):
    """Wait for self-consistent readings; then take the last one in, whatever the estimate was."""
    fit, fact = work[7], work[8]
    if fit[COUNT] < policy[FIRST_READINGS] or fit[SPAN] > policy[FIRST_S]:
        return UNUSED
    if not _consistent(P, nav, fit, policy, fact):
        return UNUSED
    opened = fact[_RESIDUAL] ** 2 > 9.0 * fact[_S]
    if opened:
        _open_both(nav, P, fact[_RESIDUAL])
        fact[_S] = innovation_variance(P, work[2], fact[_VARIANCE], work[0])
    _take(nav, P, software, events, work, opened)
    memory[0, ACQUIRED] = 1.0
    memory[0, ACCEPTED_S] = fact[_T]
    events[ACQUIRED_S] = fact[_T]
    events[ACQUIRED_HEIGHT_M] = fact[_HEIGHT] + fact[_RESIDUAL] * fact[_COSINE]
    m[1], m[19] = 1.0, fact[_T]
    forget(m)
    return REACQUIRED_BY


@kernel(bare=True)
def _open_altitude(nav, P, error_m):
    """Add a square to the variance of the altitude."""
    radius2 = nav[0] * nav[0] + nav[1] * nav[1] + nav[2] * nav[2]
    for i in range(3):
        for j in range(3):
            P[i, j] += error_m * error_m * nav[i] * nav[j] / radius2


@kernel(bare=True)
def _open_both(nav, P, residual):
    """Share a first surprise between altitude and terrain as their variances stand."""
    radius2 = nav[0] * nav[0] + nav[1] * nav[1] + nav[2] * nav[2]
    altitude = 0.0
    for i in range(3):
        for j in range(3):
            altitude += nav[i] * nav[j] / radius2 * P[i, j]
    share = P[TERRAIN, TERRAIN] / (altitude + P[TERRAIN, TERRAIN] + 1e-9)
    P[TERRAIN, TERRAIN] += share * residual * residual
    _open_altitude(nav, P, math.sqrt(max(1.0 - share, 0.0)) * residual)


@kernel(bare=True)
def _take(nav, P, software, events, work, opened):
    """Take a residual in by the filter's own gain, held back while much is unknown (Lear).

    Not where the variance has just been `opened` for it: what was held back would be left as an error that
    the next readings, all alike, can not be told from a jump.
    """
    y, gain, fact, noise = work[0], work[1], work[8], software.noise
    s, residual = fact[_S], fact[_RESIDUAL]
    known = s - fact[_VARIANCE]
    held = s + (noise[8] * known if known > noise[9] * noise[9] and not opened else 0.0)
    for j in range(STATES):
        gain[j] = y[j] / held * (1.0 - software.considered[j])
    absorb(nav, P, y, s, gain, residual)
    events[NIS_SUM] += residual * residual / s
    events[NIS_COUNT] += 1.0


@kernel(bare=True)
def _take_weighted(nav, P, software, events, work, dt_s):
    """Apollo's weighting: the altitude moves by a fixed share of the residual, less the higher; velocity is
    left to the velocimeter.
    """
    policy, y, gain, fact = software.policy, work[0], work[1], work[8]
    s, residual = fact[_S], fact[_RESIDUAL]
    weight = policy[WEIGHT] * max(1.0 - fact[_HEIGHT] / policy[WEIGHT_TOP_M], 0.0)
    share = 1.0 - (1.0 - weight) ** (min(dt_s, policy[WEIGHT_S]) / policy[WEIGHT_S])
    radius = math.sqrt(nav[0] * nav[0] + nav[1] * nav[1] + nav[2] * nav[2])
    for j in range(STATES):
        gain[j] = share * fact[_COSINE] * nav[j] / radius if j < 3 else 0.0
    events[NIS_SUM] += residual * residual / s
    events[NIS_COUNT] += 1.0
    absorb(nav, P, y, s, gain, residual)


@kernel(bare=True)
def _in_gate(policy, fact):
    if policy[GATE_M] > 0.0:
        gate = policy[GATE_M] + policy[GATE_SHARE] * max(fact[_HEIGHT], 0.0)
        return fact[_HEIGHT] > policy[GATE_BELOW_M] or abs(fact[_RESIDUAL]) * fact[_COSINE] < gate
    return fact[_RESIDUAL] ** 2 <= policy[GATE_SIGMA] ** 2 * fact[_S]


@kernel(bare=True)
def _judge(nav, P, memory, sensor, policy, software, events, work):
    m, fact = memory[sensor], work[8]
    good = _in_gate(policy, fact)
    if policy[CHECKS] > 0.0:
        good = good and _plausible(m, policy, fact)
    if policy[VOTES] > 0.0:
        vote = _vote(memory, sensor, good, fact[_HEIGHT], fact[_T])
        if vote == ISOLATED:
            m[13] += 1.0
            return _isolate(m, sensor, OUT, fact[_T], events) if m[13] >= 5.0 else _reject(m, fact[_T])
        m[13] = 0.0
        if vote == REACQUIRED_BY and _can_stop(policy, fact):
            return _reopen(nav, P, memory, sensor, policy, software, events, work)
    if good:
        return _accept(nav, P, memory, sensor, policy, software, events, work)
    _reject(m, fact[_T])
    _light(memory, 1, events)
    if policy[LATCH_REJECTS] > 0.0 and m[2] >= policy[LATCH_REJECTS]:
        return _isolate(m, sensor, OUT_FOR_EVER, fact[_T], events)
    if policy[EARLY_ODDS] > 0.0 and m[2] >= 4.0 and (m[18] < 0.0 or m[9] < -policy[EARLY_ODDS]):
        _isolate(m, sensor, OUT, fact[_T], events)
    if not _other_healthy(memory, sensor, fact[_T]) and _believes(nav, P, m, policy, work):
        return _reopen(nav, P, memory, sensor, policy, software, events, work)
    return ISOLATED if m[0] == OUT else GATED


@kernel(bare=True)
def _believes(nav, P, m, policy, work):
    """Return whether a run of rejects is to be believed against the estimate."""
    fact = work[8]
    if policy[EARLY_ODDS] > 0.0:
        decided = m[2] >= 4.0 and m[9] > policy[EARLY_ODDS]
    else:
        decided = policy[REOPEN_S] > 0.0 and m[2] >= 8.0 and fact[_T] - m[3] >= policy[REOPEN_S]
    if m[18] < 0.0:
        # A jump that no slope explains takes long to be believed, but is: the estimate may be wrong.
        decided = policy[REOPEN_S] > 0.0 and fact[_T] - m[3] >= _LONG * policy[REOPEN_S]
    return decided and _consistent(P, nav, work[7], policy, fact) and _can_stop(policy, fact)


@kernel(bare=True)
def _other_healthy(memory, sensor, t_s):
    """Return whether another altimeter was accepted within a second: the estimate is not alone then."""
    for other in range(1, memory.shape[0]):
        if other != sensor and memory[other, 0] == IN_USE and t_s - memory[other, 19] < 1.0:
            return True
    return False


@kernel(bare=True)
def _accept(nav, P, memory, sensor, policy, software, events, work):
    m, t_s = memory[sensor], work[8][_T]
    m[2], m[9] = 0.0, 0.0
    if m[0] == OUT:
        m[11] += 1.0
        if m[11] < _BACK:
            return ISOLATED
        _bring_back(m, sensor, events)
    if policy[WEIGHT] > 0.0:
        _take_weighted(nav, P, software, events, work, t_s - memory[0, ACCEPTED_S])
    else:
        _take(nav, P, software, events, work, False)
    memory[0, ACCEPTED_S] = t_s
    m[1] += 1.0
    m[19] = t_s
    _light(memory, 0, events)
    return TAKEN


@kernel(bare=True)
def _plausible(m, policy, fact):
    """Return whether ground can have brought a reading, and whether it leaves a way to stop; no gate is wide
    enough for what does not. m[18] notes for a run of rejects whether slopes explain its first jump.
    """
    jump = abs(fact[_RESIDUAL]) * fact[_COSINE]
    noise = 6.0 * math.sqrt(fact[_VARIANCE])
    since = max(fact[_T] - m[19], 0.2)
    explained = m[19] == 0.0 or jump < _WALL * fact[_SPEED] * since + noise + 0.5 * since * since + 5.0
    if m[2] == 0.0:
        m[18] = 1.0 if explained else -1.0
    if fact[_RESIDUAL] < 0.0 and jump > max(0.3 * fact[_HEIGHT], noise) and not _can_stop(policy, fact):
        return False
    return explained


@kernel(bare=True)
def _reject(m, t_s):
    if m[2] == 0.0:
        m[3] = t_s
    m[2] += 1.0
    m[11] = 0.0
    return GATED


@kernel(bare=True)
def _light(memory, bad, events):
    """Apollo's altitude light: on while two of the last four readings were bad."""
    bits = ((int(memory[0, LAMPS]) << 1) | bad) & 15
    memory[0, LAMPS] = float(bits)
    count = (bits & 1) + ((bits >> 1) & 1) + ((bits >> 2) & 1) + ((bits >> 3) & 1)
    if count >= 2:
        events[LAMP] += 1.0


@kernel(bare=True)
def _isolate(m, sensor, state, t_s, events):
    _reject(m, t_s)
    if m[0] == IN_USE:
        m[10] = t_s
        events[ISOLATIONS] += 1.0
        if math.isnan(events[ISOLATED_S]):
            events[ISOLATED_S] = t_s
        events[ISOLATED_NOW] = float(int(events[ISOLATED_NOW]) | (1 << (sensor - 1)))
    m[0] = max(m[0], state)
    return ISOLATED


@kernel(bare=True)
def _bring_back(m, sensor, events):
    m[0], m[11] = IN_USE, 0.0
    events[ISOLATED_NOW] = float(int(events[ISOLATED_NOW]) & ~(1 << (sensor - 1)))


@kernel(bare=True)
def _reopen(nav, P, memory, sensor, policy, software, events, work):
    """Believe the readings: raise the terrain's variance first; the altitude's where the terrain has just
    been raised and did not hold, or where there is no terrain state.
    """
    shared, m, fact = memory[0], memory[sensor], work[8]
    again = shared[REOPENED_S] > 0.0 and fact[_T] - shared[REOPENED_S] < _PROVE_S
    terrain = policy[TERRAIN_SIGMA_M] > 0.0 and not (again and shared[REOPENED_KIND] == 1.0)
    if terrain:
        P[TERRAIN, TERRAIN] += fact[_RESIDUAL] ** 2
    else:
        _open_altitude(nav, P, fact[_RESIDUAL])
    shared[REOPENED_S] = fact[_T]
    shared[REOPENED_KIND] = 1.0 if terrain else 2.0
    fact[_S] = innovation_variance(P, work[2], fact[_VARIANCE], work[0])
    _take(nav, P, software, events, work, True)
    for i in range(1, memory.shape[0]):
        forget(memory[i])
        memory[i, 2], memory[i, 9], memory[i, 13] = 0.0, 0.0, 0.0
    m[1] += 1.0
    if m[0] != IN_USE:
        _bring_back(m, sensor, events)
    shared[ACCEPTED_S], m[19] = fact[_T], fact[_T]
    events[REACQUIRED] += 1.0
    events[REACQUIRED_S] = fact[_T]
    return REACQUIRED_BY


@kernel(bare=True)
def _vote(memory, sensor, good, height, t_s):
    """Return ISOLATED where this instrument is the odd one, REACQUIRED_BY where others agree with it against
    the estimate, NONE where there is nothing to say. The estimate itself, carried by inertial unit and
    velocimeter, is one of the voters, where the difference came suddenly: one that crept in is in it too.
    """
    m = memory[sensor]
    agree, odd, even = 0, 0, 0
    for other in range(1, memory.shape[0]):
        o = memory[other]
        if other == sensor or o[0] != IN_USE or t_s - o[4] > _VOTE_S or o[4] < memory[0, REOPENED_S]:
            continue
        apart, spread = m[6] - o[6], 4.0 * math.sqrt(m[12] + o[12])
        crept = _crept(m, apart, spread, height)
        if crept:
            # Nothing tells which of two has crept away: the nearer ground is the safer one to believe.
            if apart > 0.0:
                odd += 1
            else:
                even += 1
        elif abs(apart) < spread:
            agree += 1
        elif abs(m[6]) / math.sqrt(m[12]) > abs(o[6]) / math.sqrt(o[12]):
            odd += 1
    if agree > odd:
        return NONE if good or m[2] < 2.0 else REACQUIRED_BY
    if odd > 0:
        return ISOLATED
    return NONE if good or even == 0 or m[2] < 2.0 else REACQUIRED_BY


@kernel(bare=True)
def _crept(m, apart, spread, height):
    """Return whether an instrument has been apart from another for seconds: in the mean, beyond what noise
    and two places of the ground (3 % of the height) explain.
    """
    if abs(apart - m[49]) > spread and m[50] >= 5.0 and abs(m[49]) < 0.5 * spread:
        # It jumps: not a matter of means.
        return False
    m[50] += 1.0
    m[49] += (apart - m[49]) / min(m[50], 15.0)
    limit = 0.3 * spread + 0.12 * height + 2.0
    return m[50] >= 10.0 and abs(m[49]) > limit


@kernel(bare=True)
def cut_off_allowed(memory, policy, t_s):
    """Return whether engines may stop for an estimated height: a guarded policy asks that an altimeter has
    been believed within three seconds. Contact is another matter, and not asked here.
    """
    if policy[GUARDS_CUTOFF] <= 0.0:
        return True
    return t_s - memory[0, ACCEPTED_S] < 3.0 and memory[0, ACQUIRED] > 0.0

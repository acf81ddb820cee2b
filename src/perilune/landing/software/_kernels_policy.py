"""What becomes of an altimeter reading: the named policies, as one set of rules that `Software.policy`
turns on and off.

Every reading is predicted (`_kernels_range`), noted in a window of the last two seconds, judged, and then
taken in, left out, or believed against the estimate (re-acquisition). The window tells a stepped ground
from a failed sensor: behind a step the range goes on changing as the velocity says, with the usual
scatter; a stuck sensor does not move, a false one asks for a stop that no engine can fly.

memory (sensors + 1, 80)
    row 0 is shared (places in `_kernels_range`), row 1 + i belongs to sensor i: 0 state (0 in use, 1
    isolated, 2 for ever), 1 accepted, 2 rejects in a row, 3 their first time, 4 last time, 5 last range, 6
    last residual in height, 7 last prediction, 8 noise measured over claimed (variance), 9 log odds of the
    readings against the estimate, 10 isolated since, 11 good ones in a row, 12 its variance in height, 13 odd
    ones in a row, 14:17 and 24:48 the window, 17 readings that stood still, 18 whether slopes explain the
    jump (-1: not), 19 last accepted, 20 last range less 21 what velocity makes of it, 22 last range that was
    tested for standing still, 23 what 21 was when it last moved, 48 the one before 20, 49 mean distance from
    another altimeter in height, 50 its readings, from 51 on: `_kernels_hypotheses`.
work
    the filter's: rows 0..6 are used here, 7 receives the fit of the window, 8 the facts of the reading.
"""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.landing.software._kernels_filter import RANGE_BIAS, innovation_variance
from perilune.landing.software._kernels_hypotheses import OFFSET, OFFSET_VAR, WAY, follow
from perilune.landing.software._kernels_judging import isolate, judge
from perilune.landing.software._kernels_range import (
    ACCEPTED_S,
    ACQUIRED,
    AGE,
    FADE,
    INNOVATION_SIGMA,
    MAP_VARIANCE,
    PREDICTED,
    RANGE,
    RESIDUAL,
    SENSOR,
    SITE_DISTANCE,
    STATUS,
    age_aside,
    age_terrain,
    map_variance,
    predict_range,
)
from perilune.landing.software._kernels_reading import (
    F_CLIMB,
    F_COSINE,
    F_HEIGHT,
    F_MOVED,
    F_RESIDUAL,
    F_ROUGH,
    F_S,
    F_SPEED,
    F_T,
    F_VARIANCE,
    GATED,
    INVALID,
    ISOLATED,
    NONE,
    OUT,
    OUT_FOR_EVER,
    REACQUIRED_BY,
    TAKEN,
    UNUSED,
    carried,
    consistent,
    open_both,
    stuck,
    take,
    weigh,
)
from perilune.landing.software._kernels_window import COUNT, SPAN, fit_window, forget, note
from perilune.landing.software.table import (
    ACCEPTED,
    ACQUIRED_HEIGHT_M,
    ACQUIRED_S,
    CHECKS,
    FIRST_READINGS,
    FIRST_S,
    LONGEST_REJECTION_S,
    PLAIN_M,
    REJECTED,
    REJECTION_SINCE_S,
    SPIN,
)
from perilune.landing.software.table import ACCEPTED_S as LAST_ACCEPTED_S


@kernel(bare=True, inline=True)
def altimetry(nav, P, readings, n, memory, policy, software, onboard, turned, t_s, verdicts, events, work):
    """Judge the altimeter readings of a cycle and take in what the policy believes.

    `readings` (k, 16): columns as the sensors deliver, 11:14 lever arm, 14 sensor, 15 status; 8 predicted,
    9 residual, 10 its expected sigma are written. `verdicts` (k,) are written, `events` (16,) counted.
    Call it every cycle, with n = 0 where there is no reading: the ground below goes on changing.
    """
    fact = work[8]
    fact[F_T] = t_s
    fact[F_SPEED], fact[F_CLIMB] = _over_ground(nav, turned, software.site[SPIN])
    age_terrain(nav, P, memory, software, onboard, turned, fact[F_SPEED], t_s)
    fact[F_ROUGH] = fact[F_SPEED] * (0.1 if memory[0, SITE_DISTANCE] < policy[PLAIN_M] else 1.0)
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
    fact[F_COSINE], fact[F_RESIDUAL] = geometry[7], reading[RANGE] - predicted - m[OFFSET] / geometry[7]
    fact[F_HEIGHT] = geometry[6] * geometry[7]
    fact[F_MOVED] = reading[RANGE] - carried(m, rate, fact[F_T])
    follow(m, reading, geometry, fact)
    weigh(m, reading, policy, fact)
    fact[F_VARIANCE] += m[OFFSET_VAR]
    if memory[0, FADE] > 0.0:
        memory[0, MAP_VARIANCE] = map_variance(P, turned, geometry[8], geometry[9], geometry[10], onboard)
    fact[F_S] = innovation_variance(P, h, fact[F_VARIANCE], work[0])
    reading[PREDICTED], reading[RESIDUAL] = predicted, fact[F_RESIDUAL]
    reading[INNOVATION_SIGMA] = math.sqrt(fact[F_S])
    note(m, fact[F_T], fact[F_MOVED])
    fit_window(m, fact[F_T], work[7])
    m[4], m[5], m[6], m[7] = fact[F_T], reading[RANGE], fact[F_RESIDUAL] * fact[F_COSINE], predicted
    m[20] = fact[F_MOVED]
    m[12] = fact[F_VARIANCE] * fact[F_COSINE] ** 2 + (0.01 * fact[F_HEIGHT]) ** 2
    if m[0] == OUT_FOR_EVER:
        return ISOLATED
    if policy[CHECKS] > 0.0 and stuck(m, reading):
        return isolate(m, sensor, OUT, fact[F_T], events)
    if memory[0, ACQUIRED] == 0.0:
        return _first(nav, P, m, memory, policy, software, events, work)
    return judge(nav, P, reading, memory, sensor, policy, software, events, work)


@kernel(bare=True)
def _first(nav, P, m, memory, policy, software, events, work):
    """Wait for self-consistent readings; then take the last one in, whatever the estimate was."""
    fit, fact = work[7], work[8]
    if fit[COUNT] < policy[FIRST_READINGS] or fit[SPAN] > policy[FIRST_S]:
        return UNUSED
    if not consistent(P, nav, fit, policy, fact):
        return UNUSED
    opened = fact[F_RESIDUAL] ** 2 > 9.0 * fact[F_S]
    if opened:
        open_both(nav, P, fact[F_RESIDUAL])
        fact[F_S] = innovation_variance(P, work[2], fact[F_VARIANCE], work[0])
    take(nav, P, software, events, work, opened)
    memory[0, ACQUIRED] = 1.0
    memory[0, ACCEPTED_S] = fact[F_T]
    events[ACQUIRED_S] = fact[F_T]
    events[ACQUIRED_HEIGHT_M] = fact[F_HEIGHT] + fact[F_RESIDUAL] * fact[F_COSINE]
    m[1], m[19], m[WAY] = 1.0, fact[F_T], 0.0
    forget(m)
    return REACQUIRED_BY

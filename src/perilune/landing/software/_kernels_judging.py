"""What becomes of a reading: accepted, rejected, its instrument isolated, or believed against the estimate.

Arrays are those of `_kernels_policy`.
"""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.landing.software._kernels_filter import (
    CLOCK,
    HEIGHT_FIX_S,
    KEPT,
    TERRAIN,
    innovation_variance,
)
from perilune.landing.software._kernels_hypotheses import (
    ASIDE,
    ON,
    WAY,
    WIDE,
    constant_error,
    decides,
    fits_again,
    log_odds,
    open_rate,
    still_off,
    surprised,
    take_off,
    wall,
)
from perilune.landing.software._kernels_range import ACCEPTED_S, LAMPS, REOPENED_KIND, REOPENED_S
from perilune.landing.software._kernels_reading import (
    F_COSINE,
    F_HEIGHT,
    F_RESIDUAL,
    F_S,
    F_T,
    F_VARIANCE,
    GATED,
    IN_USE,
    ISOLATED,
    NONE,
    OUT,
    OUT_FOR_EVER,
    REACQUIRED_BY,
    TAKEN,
    can_stop,
    consistent,
    in_gate,
    open_altitude,
    take,
    take_weighted,
)
from perilune.landing.software._kernels_window import forget
from perilune.landing.software.table import (
    CHECKS,
    EARLY_ODDS,
    GATE_SIGMA,
    ISOLATED_NOW,
    ISOLATED_S,
    ISOLATIONS,
    LAMP,
    LATCH_REJECTS,
    REACQUIRED,
    REACQUIRED_S,
    REOPEN_S,
    TERRAIN_SIGMA_M,
    VOTES,
    WEIGHT,
)

#: Good readings in a row that bring an isolated sensor back.
_BACK = 5
#: Readings of different instruments are held against each other over this time.
_VOTE_S = 1.0
#: Ground between two places, beyond which it lies once in a thousand times: a slope of 20 degrees, over more
#: than 100 m with the square root of the way (seeded maria: 0.40, 0.35, 0.28, 0.14 of 30, 60, 200, 1000 m).
_STEEP, _STEEP_M = 0.36, 100.0
#: Self-consistent readings behind such a jump are believed after so many times the usual span.
_LONG = 3.0
#: After a re-opening of the terrain, this long for it to prove enough before altitude itself is re-opened.
_PROVE_S = 10.0
#: An altitude that a camera's fix bore out so lately is not re-opened: it is the ground that surprises.
_WITNESSED_S = 5.0


@kernel(bare=True)
def judge(nav, P, reading, memory, sensor, policy, software, events, work):
    m, fact = memory[sensor], work[8]
    good = in_gate(policy, fact) or fits_again(m, fact, policy[GATE_SIGMA])
    if policy[CHECKS] > 0.0:
        good = good and _plausible(m, policy, fact)
    if policy[EARLY_ODDS] > 0.0:
        good = good and not (m[0] == OUT and still_off(memory[0], m, fact))
        if not good:
            surprised(nav, P, memory[0], m, reading, fact)
    if policy[VOTES] > 0.0:
        vote = _vote(memory, sensor, good, fact[F_HEIGHT], fact[F_T])
        if vote == ISOLATED:
            m[13] += 1.0
            return isolate(m, sensor, OUT, fact[F_T], events) if m[13] >= 5.0 else _reject(m, fact[F_T])
        m[13] = 0.0
        if vote == REACQUIRED_BY and can_stop(policy, fact):
            return _reopen(nav, P, memory, sensor, policy, software, events, work)
    if good:
        return _accept(nav, P, memory, sensor, policy, software, events, work)
    _reject(m, fact[F_T])
    _light(memory, 1, events)
    if policy[LATCH_REJECTS] > 0.0 and m[2] >= policy[LATCH_REJECTS]:
        return isolate(m, sensor, OUT_FOR_EVER, fact[F_T], events)
    if policy[EARLY_ODDS] > 0.0:
        return _decide(nav, P, memory, sensor, policy, software, events, work)
    if not _other_healthy(memory, sensor, fact[F_T]) and _believes(nav, P, m, policy, work):
        return _reopen(nav, P, memory, sensor, policy, software, events, work)
    return ISOLATED if m[0] == OUT else GATED


@kernel(bare=True)
def _decide(nav, P, memory, sensor, policy, software, events, work):
    """Choose between the two hypotheses where the odds are clear; where they stay open, as without them."""
    m, fact = memory[sensor], work[8]
    m[9] = log_odds(m)
    decision = decides(m, m[9], policy[EARLY_ODDS])
    if decision < 0:
        if constant_error(m, m[9], policy[EARLY_ODDS]):
            take_off(m)
            forget(m)
            if m[0] == OUT:
                _bring_back(m, sensor, events)
            return GATED
        return isolate(m, sensor, OUT, fact[F_T], events)
    if not _other_healthy(memory, sensor, fact[F_T]):
        believed = decision > 0 and can_stop(policy, fact)
        if believed:
            open_rate(nav, P, m)
        if believed or _believes(nav, P, m, policy, work):
            return _reopen(nav, P, memory, sensor, policy, software, events, work)
    return ISOLATED if m[0] == OUT else GATED


@kernel(bare=True)
def _believes(nav, P, m, policy, work):
    """Return whether a run of rejects is to be believed against the estimate by its length."""
    fact = work[8]
    # A jump that no slope explains takes long to be believed, but is: the estimate may be wrong.
    span = policy[REOPEN_S] if m[18] >= 0.0 else _LONG * policy[REOPEN_S]
    decided = policy[REOPEN_S] > 0.0 and m[2] >= 8.0 and fact[F_T] - m[3] >= span
    return decided and consistent(P, nav, work[7], policy, fact) and can_stop(policy, fact)


@kernel(bare=True)
def _other_healthy(memory, sensor, t_s):
    """Return whether another altimeter was accepted within a second: the estimate is not alone then."""
    for other in range(1, memory.shape[0]):
        if other != sensor and memory[other, 0] == IN_USE and t_s - memory[other, 19] < 1.0:
            return True
    return False


@kernel(bare=True)
def _accept(nav, P, memory, sensor, policy, software, events, work):
    m, t_s = memory[sensor], work[8][F_T]
    m[2], m[9], m[ON] = 0.0, 0.0, 0.0
    m[WAY] = 0.0
    if m[0] == OUT:
        m[11] += 1.0
        if m[11] < _BACK:
            return ISOLATED
        _bring_back(m, sensor, events)
    if policy[WEIGHT] > 0.0:
        take_weighted(nav, P, software, events, work, t_s - memory[0, ACCEPTED_S])
    else:
        take(nav, P, software, events, work, False)
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
    jump = abs(fact[F_RESIDUAL]) * fact[F_COSINE]
    noise = 6.0 * math.sqrt(fact[F_VARIANCE])
    explained = m[19] == 0.0 or jump < wall(m, fact)
    if m[2] == 0.0:
        m[18] = 1.0 if explained else -1.0
    if fact[F_RESIDUAL] < 0.0 and jump > max(0.3 * fact[F_HEIGHT], noise) and not can_stop(policy, fact):
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
def isolate(m, sensor, state, t_s, events):
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
    been raised and did not hold, or where there is no terrain state. Not where a camera's fix bears the
    altitude out: a crater of some hundred metres that only one altimeter sees would move it.
    """
    shared, m, fact = memory[0], memory[sensor], work[8]
    again = shared[REOPENED_S] > 0.0 and fact[F_T] - shared[REOPENED_S] < _PROVE_S
    kept = work[KEPT]
    witnessed = kept[HEIGHT_FIX_S] > 0.0 and kept[CLOCK] - kept[HEIGHT_FIX_S] < _WITNESSED_S
    terrain = policy[TERRAIN_SIGMA_M] > 0.0 and (witnessed or not (again and shared[REOPENED_KIND] == 1.0))
    if terrain:
        P[TERRAIN, TERRAIN] += fact[F_RESIDUAL] ** 2
    else:
        open_altitude(nav, P, fact[F_RESIDUAL])
    shared[REOPENED_S] = fact[F_T]
    shared[REOPENED_KIND] = 1.0 if terrain else 2.0
    fact[F_S] = innovation_variance(P, work[2], fact[F_VARIANCE], work[0])
    take(nav, P, software, events, work, True)
    for i in range(1, memory.shape[0]):
        forget(memory[i])
        memory[i, 2], memory[i, 9], memory[i, 13], memory[i, ON] = 0.0, 0.0, 0.0, 0.0
    m[1] += 1.0
    if m[0] != IN_USE:
        _bring_back(m, sensor, events)
    shared[ACCEPTED_S], m[19], m[WAY] = fact[F_T], fact[F_T], 0.0
    events[REACQUIRED] += 1.0
    events[REACQUIRED_S] = fact[F_T]
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
        between = _between(abs(m[ASIDE] - o[ASIDE]) + m[WIDE] + o[WIDE])
        # Two beams look at two places: what lies between them tells neither for nor against. Not so where one
        # has jumped as no ground does.
        jumped = m[18] < 0.0 and m[2] > 0.0
        if _crept(m, apart, spread, max(0.12 * height, between)):
            # Nothing tells which of two has crept away: the nearer ground is the safer one to believe.
            if apart > 0.0:
                odd += 1
            else:
                even += 1
        elif abs(apart) < spread:
            agree += 1
        elif abs(apart) < spread + between and not jumped:
            continue
        elif abs(m[6]) / math.sqrt(m[12]) > abs(o[6]) / math.sqrt(o[12]):
            odd += 1
    if agree > odd:
        return NONE if good or m[2] < 2.0 else REACQUIRED_BY
    if odd > 0:
        return ISOLATED
    return NONE if good or even == 0 or m[2] < 2.0 else REACQUIRED_BY


@kernel(bare=True)
def _between(way_m):
    """Return by how much (m) ground differs between two places once in a thousand times."""
    return _STEEP * min(way_m, math.sqrt(way_m * _STEEP_M))


@kernel(bare=True)
def _crept(m, apart, spread, ground_m):
    """Return whether an instrument has been apart from another for seconds: in the mean, beyond what noise
    and two places of the ground, which differ by up to `ground_m`, explain.
    """
    if abs(apart - m[49]) > spread and m[50] >= 5.0 and abs(m[49]) < 0.5 * spread:
        # It jumps: not a matter of means.
        return False
    m[50] += 1.0
    m[49] += (apart - m[49]) / min(m[50], 15.0)
    limit = 0.3 * spread + ground_m + 2.0
    return m[50] >= 10.0 and abs(m[49]) > limit

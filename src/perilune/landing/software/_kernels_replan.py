"""What an approach does when it learns that it is not where it thought: a new time to go, a new place, or the
earliest stop.

The layouts of `memory`, `estimate`, `lander` and `aim` are told in `perilune.landing._kernels_guidance`.
"""

from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.landing._kernels_braking import flow_at, place_aimed
from perilune.landing.software._kernels_laws import (
    DSOUZA,
    FRACTIONAL,
    polynomial,
)

KEPT, MOVED, NONE = 0, 1, 2

#: Times to go that are tried, in geometric progression: from 6 s to 416 s.
_SHORTEST_S, _GROWTH, _TRIALS = 6.0, 1.25, 20
#: Falls without thrust that are tried before: from far above, falling and braking late is the cheapest way.
_FALL_S, _FALLS = 5.0, 13
#: Where the horizontal speed is braken away, as shares of speed times time to go: linearly, and two rounder
#: ways that need less thrust at first.
_STOPS = (1.0 / 3.0, 0.375, 0.42)
#: Points of a leg at which its limits are looked at.
SAMPLES = 6
#: The strongest thrust that a new approach plans with; the rest answers to noise.
_SHARE = 0.97
#: A site costs at most so much more than landing where it stops (ratio, m/s).
_WORTH, _WORTH_M_S = 1.5, 20.0
#: Kept for the terminal descent (m/s).
_RESERVE_M_S = 40.0
#: A diverted approach may last so much longer (s).
_LONGER_S = 25.0

_APPROACH = 2

ACCEPTED, TOO_LATE, TOO_WEAK, TOO_DRY = 0, 1, 2, 3


@kernel
def exponents(aim):
    """Return the exponents of the approach law's polynomial."""
    if aim[17] == FRACTIONAL:
        return aim[18], aim[19]
    if aim[17] == DSOUZA:
        return 0.0, 1.0
    return 1.0, 2.0


@kernel
def approach_state(memory, estimate, aim, to_go, speed, end_speed, end_net):
    """Write way (m), speed over the ground (m/s), and the low gate's speed and net acceleration."""
    radius = math.sqrt(aim[0] * aim[0] + aim[1] * aim[1] + aim[2] * aim[2])
    place_aimed(memory, estimate, aim, to_go)
    speed[0] = estimate[3] + aim[4] * estimate[1]
    speed[1] = estimate[4] - aim[4] * estimate[0]
    speed[2] = estimate[5]
    away2, height = 0.0, 0.0
    for i in range(3):
        up = aim[i] / radius
        to_go[i] += aim[10] * up - estimate[i]
        end_speed[i] = -aim[11] * up
        end_net[i] = aim[12] * up
        height -= to_go[i] * up
        away2 += to_go[i] * to_go[i]
    # The ground seen may lie far off the aim's level (the site's elevation or the navigation is wrong): the
    # measured height then counts. Slopes on the way to the site do not.
    height += aim[10]
    off = estimate[7] - height
    if abs(off) > 100.0 + 0.15 * math.sqrt(max(away2 - height * height, 0.0)):
        for i in range(3):
            to_go[i] -= off * aim[i] / radius


@kernel
def _powers(aim, powers):
    """Write the two powers of the share left, and their first two integrals, at the samples of a leg."""
    g1, g2 = exponents(aim)
    for n in range(SAMPLES):
        left = 1.0 - n / (SAMPLES - 1.0)
        f1 = left**g1 if left > 0.0 else 0.0 if g1 > 0.0 else 1.0
        f2 = left**g2 if left > 0.0 else 0.0
        powers[n, 0], powers[n, 1], powers[n, 2] = f1, f2, left
        powers[n, 3], powers[n, 4] = f1 / ((g1 + 1.0) * (g1 + 2.0)), f2 / ((g2 + 1.0) * (g2 + 2.0))


@kernel
def _leg(to_go, speed, end_speed, end_net, up, g, aim, powers, tgo_s, strongest, q1, q2):
    """Return the speed change of a polynomial leg (m/s); infinite if it leaves the limits or the sky."""
    g1, g2 = exponents(aim)
    polynomial(to_go, speed, end_speed, end_net, g1, g2, tgo_s, q1, q2)
    total = 0.0
    for n in range(SAMPLES):
        tau = powers[n, 2] * tgo_s
        upward, size2, height = 0.0, 0.0, 0.0
        for i in range(3):
            a = end_net[i] + q1[i] * powers[n, 0] + q2[i] * powers[n, 1] + g * up[i]
            bent = 0.5 * end_net[i] + q1[i] * powers[n, 3] + q2[i] * powers[n, 4]
            upward += a * up[i]
            size2 += a * a
            height -= (end_speed[i] - bent * tau) * tau * up[i]
        if size2 > strongest * strongest or upward < 0.1 * g or height < -0.5 * aim[10]:
            return math.inf
        size = math.sqrt(size2)
        if upward < size * math.cos(aim[23]):
            return math.inf
        total += size * (0.5 if n == 0 or n == SAMPLES - 1 else 1.0)
    return total * tgo_s / (SAMPLES - 1.0)


@kernel
def dv_left(estimate, lander):
    """Return the speed change that the propellant still gives with all engines (m/s)."""
    full = lander[0] + lander[3]
    if estimate[6] <= lander[9]:
        return 0.0
    return full / flow_at(full, lander) * math.log(estimate[6] / lander[9])


@kernel
def _strongest(memory, estimate, lander):
    return memory[22] * (lander[0] + lander[3]) / estimate[6]


@kernel
def replan(memory, estimate, lander, aim):
    """Choose a new time to go, and a new place where the old one is out of reach; return KEPT, MOVED or NONE.

    Of all falls and times to go whose thrust, tilt and height stay in limits the cheapest is taken. Out of
    reach, the horizontal speed is braken away, and the lander comes down where it then is.
    """
    to_go, speed, end_speed, end_net = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    up, near, way, fast = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    q1, q2, powers = np.empty(3), np.empty(3), np.empty((SAMPLES, 5))
    _powers(aim, powers)
    approach_state(memory, estimate, aim, to_go, speed, end_speed, end_net)
    radius2 = estimate[0] ** 2 + estimate[1] ** 2 + estimate[2] ** 2
    g = aim[3] / radius2
    for i in range(3):
        up[i] = estimate[i] / math.sqrt(radius2)
    strongest = _SHARE * _strongest(memory, estimate, lander)
    kept, kept_s, kept_fall_s = math.inf, 0.0, 0.0
    moved, moved_s, moved_fall_s, moved_share = math.inf, 0.0, 0.0, 0.0
    for fall in range(_FALLS):
        fall_s = fall * _FALL_S
        below, climb = 0.0, 0.0
        for i in range(3):
            way[i] = to_go[i] - speed[i] * fall_s + 0.5 * g * up[i] * fall_s * fall_s
            fast[i] = speed[i] - g * up[i] * fall_s
            below += way[i] * up[i]
            climb += fast[i] * up[i]
        if fall > 0 and -below < 2.0 * climb * climb / strongest:
            break
        tgo_s = _SHORTEST_S
        for _ in range(_TRIALS):
            cost = _leg(way, fast, end_speed, end_net, up, g, aim, powers, tgo_s, strongest, q1, q2)
            if cost < kept:
                kept, kept_s, kept_fall_s = cost, tgo_s, fall_s
            for stop in range(3):
                share = _STOPS[stop]
                for i in range(3):
                    near[i] = below * up[i] + (fast[i] - climb * up[i]) * tgo_s * share
                cost = _leg(near, fast, end_speed, end_net, up, g, aim, powers, tgo_s, strongest, q1, q2)
                if cost < moved:
                    moved, moved_s, moved_fall_s, moved_share = cost, tgo_s, fall_s, share
            tgo_s *= _GROWTH
    memory[32] = estimate[8]
    memory[36] += 1.0
    memory[37] = 0.0
    worth = min(_WORTH * moved + _WORTH_M_S, dv_left(estimate, lander) - _RESERVE_M_S)
    if kept < math.inf and (kept <= worth or moved == math.inf):
        memory[44] = estimate[8] + kept_fall_s
        memory[30] = memory[44] + kept_s
        return KEPT
    if moved == math.inf:
        memory[44] = estimate[8]
        return NONE
    memory[44] = estimate[8] + moved_fall_s
    memory[30] = memory[44] + moved_s
    climb, below = 0.0, 0.0
    for i in range(3):
        climb += speed[i] * up[i]
        below += to_go[i] * up[i]
    reach_s = moved_fall_s + moved_s * moved_share
    for i in range(3):
        memory[27 + i] += (speed[i] - climb * up[i]) * reach_s - (to_go[i] - below * up[i])
    return MOVED


@kernel
def stop_net(estimate, aim, speed, out):
    """Write the net acceleration of the earliest stop: the vertical stop as the height asks for, the rest
    sideways.
    """
    radius = math.sqrt(estimate[0] ** 2 + estimate[1] ** 2 + estimate[2] ** 2)
    climb = (speed[0] * estimate[0] + speed[1] * estimate[1] + speed[2] * estimate[2]) / radius
    room = max(estimate[7] - aim[10], 1.0)
    upward = 0.5 * (climb * climb - aim[11] * aim[11]) / room if climb < -aim[11] else -climb - aim[11]
    for i in range(3):
        up = estimate[i] / radius
        out[i] = upward * up - (speed[i] - climb * up)


@kernel
def divert(memory, estimate, lander, aim, east_m, north_m):
    """Move the aim to a place east and north of the site if it can be reached; return ACCEPTED or why not.

    Asked during the approach, between the heights aim[25] and aim[24]. Thrust, tilt and propellant are those
    of the polynomial to the new place, with up to 25 s more than was left. An accepted place holds until
    another is.
    """
    if estimate[7] < aim[24] or memory[0] != _APPROACH:
        return TOO_LATE
    to_go, speed = np.empty(3), np.empty(3)
    end_speed, end_net = np.empty(3), np.empty(3)
    up, q1, q2, powers = np.empty(3), np.empty(3), np.empty(3), np.empty((SAMPLES, 5))
    _powers(aim, powers)
    approach_state(memory, estimate, aim, to_go, speed, end_speed, end_net)
    radius = math.sqrt(aim[0] * aim[0] + aim[1] * aim[1] + aim[2] * aim[2])
    ring = math.sqrt(aim[0] * aim[0] + aim[1] * aim[1])
    for i in range(3):
        up[i] = aim[i] / radius
    shift = np.empty(3)
    shift[0] = -east_m * aim[1] / ring - north_m * up[2] * aim[0] / ring
    shift[1] = east_m * aim[0] / ring - north_m * up[2] * aim[1] / ring
    shift[2] = north_m * ring / radius
    for i in range(3):
        to_go[i] += shift[i] - memory[27 + i] - memory[24] * memory[18 + i]
    g = aim[3] / (radius * radius)
    strongest = _SHARE * _strongest(memory, estimate, lander)
    least = max(memory[30] - estimate[8], _SHORTEST_S)
    best, best_s, cheapest = math.inf, 0.0, math.inf
    for n in range(11):
        tgo_s = least + 0.1 * n * _LONGER_S
        cost = _leg(to_go, speed, end_speed, end_net, up, g, aim, powers, tgo_s, strongest, q1, q2)
        cheapest = min(cheapest, cost)
        if cost < best and cost < dv_left(estimate, lander) - _RESERVE_M_S:
            best, best_s = cost, tgo_s
    if best == math.inf:
        return TOO_DRY if cheapest < math.inf else TOO_WEAK
    for i in range(3):
        memory[27 + i] = shift[i]
    memory[24] = 0.0
    memory[30] = estimate[8] + best_s
    return ACCEPTED

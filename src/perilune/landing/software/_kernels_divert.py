"""Diverts: a new place to land at, taken where thrust, tilt, turning and propellant reach it.

The layouts of `memory`, `estimate`, `lander` and `aim` are told in `perilune.landing._kernels_guidance`.
"""

from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.landing._kernels_command import APPROACH
from perilune.landing.software._kernels_laws import GRAVITY_TURN
from perilune.landing.software._kernels_replan import (
    RESERVE_M_S,
    SAMPLES,
    SHARE,
    SHORTEST_S,
    approach_state,
    dv_left,
    full_push,
    leg_cost,
    leg_powers,
)

#: A diverted approach may last so much longer (s), and so many durations are tried. It may turn at once by
#: what the attitude reaches in this share of the time to go: the polynomial knows no lag.
_LONGER_S, _LATER, _TURN_SHARE = 25.0, 11, 0.12
#: Terminal descent drifts over this share of its height at most.
_DRIFTS = 0.3
#: A diverted approach ends at least so upright (cosine): the terminal descent begins at once.
_LEVEL = 0.96

ACCEPTED, NOT_NOW, TOO_WEAK, TOO_DRY, UNSTEERED = 0, 1, 2, 3, 4


@kernel(bare=True)
def _shift_to(aim, east_m, north_m, out):
    """Write the way from the site to a place east and north of it (mean-Earth axes, m)."""
    ring = math.sqrt(aim[0] * aim[0] + aim[1] * aim[1])
    radius = math.sqrt(ring * ring + aim[2] * aim[2])
    sine = aim[2] / radius
    out[0] = -(east_m * aim[1] + north_m * sine * aim[0]) / ring
    out[1] = (east_m * aim[0] - north_m * sine * aim[1]) / ring
    out[2] = north_m * ring / radius


@kernel
def divert(memory, estimate, lander, aim, east_m, north_m):
    """Move the aim to a place east and north of the site if it can be reached; return ACCEPTED or why not.

    Asked between the heights aim[24] and aim[25]. In the approach thrust, tilt, turning and propellant are
    those of the polynomial to the new place, with up to 25 s more than was left; in terminal descent the
    place must lie within what the lander drifts on its way down. An accepted place holds until another is.
    """
    shift = np.empty(3)
    _shift_to(aim, east_m, north_m, shift)
    return _divert_to(memory, estimate, lander, aim, shift)


@kernel
def divert_on(memory, estimate, lander, aim, east_m, north_m):
    """Do as `divert` to a place east and north of the one that is aimed at."""
    shift = np.empty(3)
    _shift_to(aim, east_m, north_m, shift)
    for i in range(3):
        shift[i] += memory[27 + i] + memory[24] * memory[18 + i]
    return _divert_to(memory, estimate, lander, aim, shift)


@kernel(bare=True)
def _drifts_to(memory, estimate, aim, shift):
    """Return whether terminal descent reaches a place on its way down."""
    radius = math.sqrt(aim[0] * aim[0] + aim[1] * aim[1] + aim[2] * aim[2])
    off, lifted = 0.0, 0.0
    for i in range(3):
        lifted += (estimate[i] - aim[i] - shift[i]) * aim[i] / radius
    for i in range(3):
        off += (estimate[i] - aim[i] - shift[i] - lifted * aim[i] / radius) ** 2
    return math.sqrt(off) < _DRIFTS * memory[49]


@kernel
def _divert_to(memory, estimate, lander, aim, shift):
    if aim[17] == GRAVITY_TURN:
        return UNSTEERED
    if not aim[24] <= estimate[7] <= aim[25] or memory[0] < APPROACH or memory[31] > 0.0:
        return NOT_NOW
    if memory[0] > APPROACH:
        if not _drifts_to(memory, estimate, aim, shift):
            return TOO_WEAK
        for i in range(3):
            memory[27 + i] = shift[i]
        memory[24] = 0.0
        return ACCEPTED
    to_go, speed = np.empty(3), np.empty(3)
    end_speed, end_net = np.empty(3), np.empty(3)
    up, q1, q2, powers = np.empty(3), np.empty(3), np.empty(3), np.empty((SAMPLES, 5))
    approach_state(memory, estimate, aim, to_go, speed, end_speed, end_net)
    radius = math.sqrt(aim[0] * aim[0] + aim[1] * aim[1] + aim[2] * aim[2])
    for i in range(3):
        up[i] = aim[i] / radius
        to_go[i] += shift[i] - memory[27 + i] - memory[24] * memory[18 + i]
    g = aim[3] / (radius * radius)
    strongest = SHARE * full_push(memory, estimate, lander)
    affordable = dv_left(estimate, lander) - RESERVE_M_S
    least_s = max(memory[30] - estimate[8], SHORTEST_S)
    best, best_s, best_shape, cheapest = math.inf, 0.0, 0, math.inf
    for shape in range(2):
        g1, g2 = (memory[45], memory[46]) if shape == 0 else (0.0, 1.0)
        leg_powers(g1, g2, powers)
        for n in range(_LATER):
            tgo_s = least_s + _LONGER_S * n / (_LATER - 1.0)
            cost = leg_cost(
                to_go, speed, end_speed, end_net, up, g, aim, g1, g2, powers, tgo_s, strongest, _LEVEL, q1, q2
            )
            if cost < math.inf and _turn(memory, end_net, up, g, q1, q2) > _TURN_SHARE * lander[6] * tgo_s:
                continue
            cheapest = min(cheapest, cost)
            if cost < min(best, affordable):
                best, best_s, best_shape = cost, tgo_s, shape
    if best == math.inf:
        return TOO_DRY if cheapest < math.inf else TOO_WEAK
    if best_shape == 1:
        memory[45], memory[46] = 0.0, 1.0
        memory[37] = 0.0
    for i in range(3):
        memory[27 + i] = shift[i]
    memory[24] = 0.0
    memory[30] = estimate[8] + best_s
    memory[47] = best
    memory[48] = 1.0
    return ACCEPTED


@kernel(bare=True)
def _turn(memory, end_net, up, g, q1, q2):
    """Return the angle between the thrust of the plan that is flown and that of another, now (rad)."""
    dot, one, other = 0.0, 0.0, 0.0
    for i in range(3):
        flown = end_net[i] + memory[38 + i] + memory[41 + i] + g * up[i]
        new = end_net[i] + q1[i] + q2[i] + g * up[i]
        dot += flown * new
        one += flown * flown
        other += new * new
    return math.acos(min(max(dot / math.sqrt(one * other), -1.0), 1.0))

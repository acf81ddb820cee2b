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

KEPT, MOVED, STOP, NONE = 0, 1, 2, 3

#: The ground below is the site's where the site is nearer than a part of this (m).
_NEAR_M = 300.0
#: Times to go that are tried, in geometric progression: from 6 s to 416 s.
SHORTEST_S, _GROWTH, _TRIALS = 6.0, 1.25, 20
#: Falls without thrust that are tried before: from far above, falling and braking late is the cheapest way.
_FALL_S, _FALLS = 5.0, 13
#: Where the horizontal speed is braken away, as shares of speed times time to go: linearly, and two rounder
#: ways that need less thrust at first.
_STOPS = (1.0 / 3.0, 0.375, 0.42)
#: E-guidance, which leaves the acceleration at the end open, is tried beside a law of another shape; it
#: counts as this much dearer, and may end with no more tilt than this cosine says.
_FOREIGN, _UPRIGHT = 1.03, 0.93
#: Points of a leg at which its limits are looked at.
SAMPLES = 6
#: The strongest thrust that a new approach plans with; the rest answers to noise.
SHARE = 0.97
#: A site costs at most so much more than landing where it stops (ratio, m/s).
_WORTH, _WORTH_M_S = 1.5, 20.0
#: The earliest stop brakes with this share of the spare thrust upwards, follows its speed with this gain
#: (1/s), and is preferred to a polynomial when it costs less than this share.
_STOP_SHARE, _STOP_GAIN, _STOP_BETTER = 0.6, 0.15, 0.9
#: Until the sideways speed is below this (m/s) it leans over no more than this cosine, at full thrust; for
#: the time that takes it reckons with this square of a vertical thrust over the weight.
_STOP_COSINE, _STOP_SIDEWAYS_M_S, _LEVEL_G2 = 0.35, 10.0, 1.3
#: It sinks at this rate in the time that the sideways speed takes, and upwards uses no more than this over
#: what the height needs, or this share of the spare thrust.
_STOP_ARRIVES, _STOP_NEEDS, _STOP_CALM = 1.6, 1.3, 0.6
#: Sideways it brakes as the thrust allows, and at the end with this gain (1/s), so that it comes upright.
_SIDE_GAIN = 0.5
#: Kept for the terminal descent (m/s).
RESERVE_M_S = 40.0


@kernel(bare=True)
def law_exponents(memory, aim):
    """Put the exponents of the approach law's polynomial into the memory."""
    memory[45], memory[46] = 1.0, 2.0
    if aim[17] == FRACTIONAL:
        memory[45], memory[46] = aim[18], aim[19]
    elif aim[17] == DSOUZA:
        memory[45], memory[46] = 0.0, 1.0


@kernel(bare=True)
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
    # The ground seen may lie off the aim's level: near the site that is the site's, and far off the level the
    # site's elevation or the navigation is wrong, wherever it is. Slopes on the way to the site do not count.
    height += aim[10]
    away = math.sqrt(max(away2 - (height - aim[10]) ** 2, 0.0))
    share = max(1.0 - away / _NEAR_M, 0.0)
    if abs(memory[49] - height) > 100.0 + 0.15 * away:
        share = 1.0
    off = memory[49] - estimate[7] + share * (estimate[7] - height)
    for i in range(3):
        to_go[i] -= off * aim[i] / radius


@kernel(bare=True)
def leg_powers(g1, g2, powers):
    """Write the two powers of the share left, and their second integrals, at the samples of a leg."""
    for n in range(SAMPLES):
        left = 1.0 - n / (SAMPLES - 1.0)
        f1 = left**g1 if left > 0.0 else 0.0 if g1 > 0.0 else 1.0
        f2 = left**g2 if left > 0.0 else 0.0
        powers[n, 0], powers[n, 1], powers[n, 2] = f1, f2, left
        powers[n, 3], powers[n, 4] = f1 / ((g1 + 1.0) * (g1 + 2.0)), f2 / ((g2 + 1.0) * (g2 + 2.0))


@kernel(bare=True)
def leg_cost(to_go, speed, end_speed, end_net, up, g, aim, g1, g2, powers, tgo_s, strongest, upright, q1, q2):
    """Return the speed change of a polynomial leg (m/s); infinite if it leaves the limits or the sky."""
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
        if upward < size * (upright if n == SAMPLES - 1 else math.cos(aim[23])):
            return math.inf
        total += size * (0.5 if n == 0 or n == SAMPLES - 1 else 1.0)
    return total * tgo_s / (SAMPLES - 1.0)


@kernel(bare=True)
def dv_left(estimate, lander):
    """Return the speed change that the propellant still gives with all engines (m/s)."""
    full = lander[0] + lander[3]
    if estimate[6] <= lander[9]:
        return 0.0
    return full / flow_at(full, lander) * math.log(estimate[6] / lander[9])


@kernel(bare=True)
def full_push(memory, estimate, lander):
    """Return the thrust acceleration of all engines as they are measured (m/s^2)."""
    return memory[22] * (lander[0] + lander[3]) / estimate[6]


@kernel
def replan(memory, estimate, lander, aim):
    """Choose a new time to go, and a new place where the old one is out of reach; return KEPT, MOVED, STOP
    or NONE.

    Of all falls, shapes and times to go whose thrust, tilt and height stay in limits the cheapest is taken.
    Out of reach, the horizontal speed is braken away, and the lander comes down where it then is.
    """
    to_go, speed, end_speed, end_net = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    up, kept, moved = np.empty(3), np.full(5, math.inf), np.full(5, math.inf)
    law_exponents(memory, aim)
    approach_state(memory, estimate, aim, to_go, speed, end_speed, end_net)
    radius2 = estimate[0] ** 2 + estimate[1] ** 2 + estimate[2] ** 2
    for i in range(3):
        up[i] = estimate[i] / math.sqrt(radius2)
    strongest = SHARE * full_push(memory, estimate, lander)
    g = aim[3] / radius2
    _scan(to_go, speed, end_speed, end_net, up, g, aim, memory[45], memory[46], strongest, 1.0, kept, moved)
    if memory[45] > 0.0:
        _scan(to_go, speed, end_speed, end_net, up, g, aim, 0.0, 1.0, strongest, _FOREIGN, kept, moved)
    memory[32] = estimate[8]
    memory[36] += 1.0
    memory[37] = 0.0
    memory[48] = 1.0
    climb, below, speed2 = 0.0, 0.0, 0.0
    for i in range(3):
        climb += speed[i] * up[i]
        below += to_go[i] * up[i]
        speed2 += speed[i] * speed[i]
    full = lander[0] + lander[3]
    sideways, height = math.sqrt(max(speed2 - climb * climb, 0.0)), aim[10] - below
    flow = flow_at(full, lander) * memory[22]
    stop = stop_cost(height, climb, sideways, estimate[6], full * memory[22], flow, g, aim)
    best = min(stop, moved[0])
    worth = min(_WORTH * best + _WORTH_M_S, dv_left(estimate, lander) - RESERVE_M_S)
    memory[44] = estimate[8]
    if kept[0] < math.inf and (kept[0] <= worth or best == math.inf):
        _take(memory, estimate[8], kept)
        return KEPT
    memory[47] = best
    if moved[0] == math.inf or stop < _STOP_BETTER * moved[0]:
        return STOP if stop < math.inf else NONE
    _take(memory, estimate[8], moved)
    reach_s = moved[2] + moved[1] * moved[4]
    for i in range(3):
        memory[27 + i] += (speed[i] - climb * up[i]) * reach_s - (to_go[i] - below * up[i])
    return MOVED


@kernel(bare=True)
def _take(memory, t_s, plan):
    """Follow a plan (cost, time to go, fall before, whether in the foreign shape) from now on."""
    if plan[3] > 0.0:
        memory[45], memory[46] = 0.0, 1.0
    memory[47] = plan[0]
    memory[44] = t_s + plan[2]
    memory[30] = memory[44] + plan[1]


@kernel
def _scan(to_go, speed, end_speed, end_net, up, g, aim, g1, g2, strongest, price, kept, moved):
    """Improve `kept` and `moved`: cost times price m/s, time to go s, fall before s, whether the shape is
    foreign, share of speed times time to go in which it stops.
    """
    near, way, fast = np.empty(3), np.empty(3), np.empty(3)
    q1, q2, powers = np.empty(3), np.empty(3), np.empty((SAMPLES, 5))
    leg_powers(g1, g2, powers)
    foreign = 1.0 if price > 1.0 else 0.0
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
        tgo_s = SHORTEST_S
        for _ in range(_TRIALS):
            cost = price * leg_cost(
                way, fast, end_speed, end_net, up, g, aim, g1, g2, powers, tgo_s, strongest, _UPRIGHT, q1, q2
            )
            if cost < kept[0]:
                kept[0], kept[1], kept[2], kept[3] = cost, tgo_s, fall_s, foreign
            for stop in range(3):
                share = _STOPS[stop]
                for i in range(3):
                    near[i] = below * up[i] + (fast[i] - climb * up[i]) * tgo_s * share
                cost = price * leg_cost(
                    near,
                    fast,
                    end_speed,
                    end_net,
                    up,
                    g,
                    aim,
                    g1,
                    g2,
                    powers,
                    tgo_s,
                    strongest,
                    _UPRIGHT,
                    q1,
                    q2,
                )
                if cost < moved[0]:
                    moved[0], moved[1], moved[2], moved[3], moved[4] = cost, tgo_s, fall_s, foreign, share
            tgo_s *= _GROWTH


@kernel(bare=True)
def _stop_upward(height_m, climb_m_s, sideways_m_s, strongest, g, aim):
    """Return the net upward acceleration of the earliest stop (m/s^2).

    Sinks as fast as 60 % of the spare thrust can stop above the ground, but no faster than that the sideways
    speed is gone first; never so idle that the thrust is not full as long as there is sideways speed.
    """
    room_m = max(height_m - 0.8 * aim[10], 1.0)
    fast = math.sqrt(2.0 * _STOP_SHARE * (strongest - g) * room_m) if strongest > g else 0.0
    level = math.sqrt(max(strongest * strongest - _LEVEL_G2 * g * g, 0.01))
    fast = min(fast, _STOP_ARRIVES * room_m / max(sideways_m_s / level, 0.1))
    least = strongest * _STOP_COSINE * min(sideways_m_s / _STOP_SIDEWAYS_M_S, 1.0)
    net = 0.5 * fast * fast / room_m - _STOP_GAIN * (fast + climb_m_s)
    # Sinking too fast is no hurry while there is room: some thrust is left for the sideways speed.
    needed = _STOP_NEEDS * 0.5 * climb_m_s * climb_m_s / room_m if climb_m_s < 0.0 else 0.0
    net = min(net, max(needed, _STOP_CALM * max(strongest - g, 0.0)))
    return max(net, least - g)


@kernel(bare=True)
def stop_cost(height_m, climb_m_s, sideways_m_s, mass_kg, thrust_n, flow, g, aim):
    """Return the speed change that the earliest stop takes (m/s), flown ahead in steps of a second; infinite
    where it hits the ground.
    """
    total = 0.0
    for _ in range(600):
        strongest = thrust_n / mass_kg
        net = _stop_upward(height_m, climb_m_s, sideways_m_s, SHARE * strongest, g, aim)
        upward = min(max(net + g, 0.05 * g), SHARE * strongest)
        left = math.sqrt(max((SHARE * strongest) ** 2 - upward * upward, 0.0))
        side = min(min(left, upward * math.tan(aim[23])), _SIDE_GAIN * sideways_m_s)
        push = math.sqrt(upward * upward + side * side)
        total += push
        mass_kg -= flow * push / strongest
        height_m += climb_m_s + 0.5 * (upward - g)
        climb_m_s += upward - g
        sideways_m_s -= side
        if height_m < 0.5 * aim[10]:
            return total if -climb_m_s < 2.0 * aim[11] and sideways_m_s < 5.0 else math.inf
        if height_m < 2.0 * aim[10] and -climb_m_s < 2.0 * aim[11] and sideways_m_s < 2.0:
            return total
    return math.inf


@kernel(bare=True)
def stop_net(height_m, estimate, aim, speed, strongest, out):
    """Write the net acceleration of the earliest stop: as the height asks for, the rest sideways."""
    radius = math.sqrt(estimate[0] ** 2 + estimate[1] ** 2 + estimate[2] ** 2)
    climb, speed2 = 0.0, 0.0
    for i in range(3):
        climb += speed[i] * estimate[i] / radius
        speed2 += speed[i] * speed[i]
    sideways = math.sqrt(max(speed2 - climb * climb, 0.0))
    upward = _stop_upward(height_m, climb, sideways, strongest, aim[3] / (radius * radius), aim)
    for i in range(3):
        up = estimate[i] / radius
        out[i] = upward * up - _SIDE_GAIN * (speed[i] - climb * up)


@kernel
def land_below(memory, estimate, aim):
    """Move the aim under the lander."""
    place = np.empty(3)
    place_aimed(memory, estimate, aim, place)
    lifted = 0.0
    radius2 = estimate[0] ** 2 + estimate[1] ** 2 + estimate[2] ** 2
    for i in range(3):
        lifted += (estimate[i] - place[i]) * estimate[i]
    for i in range(3):
        memory[27 + i] += estimate[i] - place[i] - lifted * estimate[i] / radius2

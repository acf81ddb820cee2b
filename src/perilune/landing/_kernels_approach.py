"""The approach from the gate to the low gate by the law that is asked for, planned anew where that fails.

The layouts of `memory`, `estimate`, `lander`, `aim` and `command` are told in `_kernels_guidance`.
"""

from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.landing._kernels_command import (
    APPROACH,
    TERMINAL,
    allocate,
    begin,
    climb_and_sideways,
    largest_tilt,
    limited,
    strongest_push,
    thrust_wanted,
)
from perilune.landing.software._kernels_laws import (
    DSOUZA,
    GRAVITY_TURN,
    gravity_turn_ratio,
    least_effort_tgo,
    polynomial,
)
from perilune.landing.software._kernels_replan import (
    STOP,
    approach_state,
    land_below,
    law_exponents,
    replan,
    stop_net,
)

#: Seconds to go below which the approach follows no polynomial any more: its gains would grow without bound.
_APPROACH_HOLD_S = 8.0
#: Then the sideways speed is taken out linearly in the time left, but not faster than this.
_SIDE_S = 5.0
#: Share of a new approach polynomial that is taken up each cycle: its gains on noise grow as 12 over the
#: square of the time to go.
_APPROACH_CALM = 0.25
#: The approach is planned anew when its thrust leaves the limits (share of full, share of gravity), not more
#: often than this.
_OVERLOAD, _UNDERLOAD, _REPLAN_S = 1.02, 0.02, 2.0
#: For so many cycles in a row; and it stops at once where this share of the spare thrust would not do.
_CYCLES, _LAST_SHARE = 4.0, 0.85
#: A gravity turn lights when it needs this share of full thrust, and pauses below the other.
_TURN_LIGHTS, _TURN_PAUSES = 0.85, 0.45


@kernel(bare=True)
def begin_approach(memory, aim, t_s):
    """Begin the approach as planned: its duration, its law, no fall before it."""
    begin(memory, APPROACH, t_s)
    memory[30] = t_s + aim[9]
    memory[31] = 0.0
    memory[32] = t_s - _REPLAN_S
    memory[34] = 0.0
    memory[37] = 0.0
    memory[44] = 0.0
    memory[48] = 0.0
    memory[51] = 0.0
    memory[54] = 0.0
    law_exponents(memory, aim)


@kernel
def plan_anew(memory, estimate, lander, aim):
    """Plan the approach anew, or stop at once."""
    memory[31] = 1.0 if replan(memory, estimate, lander, aim) >= STOP else 0.0


@kernel(bare=True)
def _fall_ahead(estimate, aim, fall_s, to_go, speed):
    """Bring way and speed forward by a fall without thrust: the attitude then waits for the burn."""
    r2 = estimate[0] ** 2 + estimate[1] ** 2 + estimate[2] ** 2
    pull = aim[3] / (r2 * math.sqrt(r2)) * fall_s
    for i in range(3):
        to_go[i] += 0.5 * pull * estimate[i] * fall_s - speed[i] * fall_s
        speed[i] -= pull * estimate[i]


@kernel
def _polynomial_approach(memory, estimate, aim, net):
    """Write the net acceleration of the polynomial laws, held open-loop at the end."""
    to_go, speed = np.empty(3), np.empty(3)
    end_speed, end_net = np.empty(3), np.empty(3)
    q1, q2 = np.empty(3), np.empty(3)
    approach_state(memory, estimate, aim, to_go, speed, end_speed, end_net)
    g1, g2 = memory[45], memory[46]
    left = memory[30] - estimate[8]
    if estimate[8] < memory[44] - 1e-6:
        _fall_ahead(estimate, aim, memory[44] - estimate[8], to_go, speed)
        left = memory[30] - memory[44]
    elif aim[17] == DSOUZA and memory[48] == 0.0 and (left > _APPROACH_HOLD_S or memory[37] == 0.0):
        r2 = estimate[0] ** 2 + estimate[1] ** 2 + estimate[2] ** 2
        left = least_effort_tgo(to_go, speed, end_speed, aim[3] / r2, aim[20])
        memory[30] = estimate[8] + left
    if left < _APPROACH_HOLD_S and memory[37] > 0.0:
        _last_seconds(memory, estimate, aim, left, to_go, speed, net)
        return
    if memory[37] > 0.0:
        # What is held so far, as seen from now; a new solution is mixed in calmly.
        share = min(left / memory[37], 1.0)
        f1, f2 = share**g1, share**g2
        for i in range(3):
            memory[38 + i] *= f1
            memory[41 + i] *= f2
    polynomial(to_go, speed, end_speed, end_net, g1, g2, max(left, 1.0), q1, q2)
    mixed = _APPROACH_CALM if memory[37] > 0.0 else 1.0
    for i in range(3):
        memory[38 + i] += mixed * (q1[i] - memory[38 + i])
        memory[41 + i] += mixed * (q2[i] - memory[41 + i])
        net[i] = end_net[i] + memory[38 + i] + memory[41 + i]
    memory[37] = max(left, 1.0)


@kernel(bare=True)
def _last_seconds(memory, estimate, aim, left, to_go, speed, net):
    """Write the net acceleration of the approach's end: the low gate's speed by a steady deceleration, the
    sideways speed out; the place is left to what follows.
    """
    radius = math.sqrt(estimate[0] ** 2 + estimate[1] ** 2 + estimate[2] ** 2)
    climb, room = 0.0, 0.0
    for i in range(3):
        climb += speed[i] * estimate[i] / radius
        room -= to_go[i] * estimate[i] / radius
    upward = 0.5 * (climb * climb - aim[11] * aim[11]) / max(room, 4.0)
    if climb > -aim[11]:
        upward = -climb - aim[11]
    memory[53] += _APPROACH_CALM * (upward - memory[53]) if memory[54] > 0.0 else upward - memory[53]
    memory[54] = 1.0
    gain = 2.0 / max(left, _SIDE_S)
    for i in range(3):
        up = estimate[i] / radius
        net[i] = memory[53] * up - gain * (speed[i] - climb * up)


@kernel
def _gravity_turn(memory, estimate, lander, aim, net):
    """Write the net acceleration of a gravity turn: thrust against the velocity over the ground, or none."""
    to_go, speed = np.empty(3), np.empty(3)
    end_speed, end_net = np.empty(3), np.empty(3)
    approach_state(memory, estimate, aim, to_go, speed, end_speed, end_net)
    r2 = estimate[0] ** 2 + estimate[1] ** 2 + estimate[2] ** 2
    r, g = math.sqrt(r2), aim[3] / r2
    v2, climb, height = 0.0, 0.0, 0.0
    for i in range(3):
        v2 += speed[i] * speed[i]
        climb += speed[i] * estimate[i] / r
        height -= to_go[i] * estimate[i] / r
    v = math.sqrt(v2)
    strongest = strongest_push(memory, estimate, lander, True)
    # The turn stops where the low gate's speed is left over, not at rest.
    height += 0.5 * aim[11] * aim[11] / max(aim[12], 0.1 * g)
    from_vertical = math.acos(min(max(-climb / max(v, 1e-9), -1.0), 1.0))
    push = g * gravity_turn_ratio(height, v, from_vertical, g)
    if push > _TURN_LIGHTS * strongest:
        memory[34] = 1.0
    elif push < _TURN_PAUSES * strongest:
        memory[34] = 0.0
    push = min(push, strongest) if memory[34] > 0.0 else 0.0
    for i in range(3):
        net[i] = -push * speed[i] / max(v, 1e-9) - g * estimate[i] / r
    return v < 1.2 * aim[11] or -climb < aim[11]


@kernel
def guide_approach(memory, estimate, lander, aim, command):
    """Fly the approach law towards the low gate; plan anew when its thrust leaves the limits."""
    t = estimate[8]
    net, wanted = np.empty(3), np.empty(3)
    strongest = strongest_push(memory, estimate, lander, True)
    climb, sideways = climb_and_sideways(estimate, aim)
    done = False
    if aim[17] == GRAVITY_TURN:
        done = _gravity_turn(memory, estimate, lander, aim, net)
        thrust_wanted(net, estimate, aim, wanted)
    else:
        _polynomial_approach(memory, estimate, aim, net)
        thrust_wanted(net, estimate, aim, wanted)
        if _too_low(memory, estimate, aim, climb, strongest):
            memory[31] = 1.0
        elif _out_of_limits(memory, estimate, aim, wanted, strongest):
            plan_anew(memory, estimate, lander, aim)
            _polynomial_approach(memory, estimate, aim, net)
            thrust_wanted(net, estimate, aim, wanted)
        if memory[31] > 0.0:
            done = _stop(memory, estimate, aim, strongest, net)
            thrust_wanted(net, estimate, aim, wanted)
        else:
            done = memory[30] - t <= 0.0
    tilt_rad = largest_tilt(memory[49], sideways, aim)
    size = limited(wanted, strongest, estimate, aim, tilt_rad, command)
    command[3], command[4] = allocate(size * estimate[6] / memory[22], lander, True)
    falls = memory[34] == 0.0 if aim[17] == GRAVITY_TURN else t < memory[44] - 1e-6
    if falls and memory[31] == 0.0:
        command[3], command[4] = 0.0, 0.0
    if done or memory[49] < (0.7 if memory[31] == 0.0 else 0.2) * aim[10]:
        begin(memory, TERMINAL, t)
        memory[33] = 0.0


@kernel
def _stop(memory, estimate, aim, strongest, net):
    """Write the net acceleration of the earliest stop; return whether it is over."""
    speed = np.empty(3)
    speed[0] = estimate[3] + aim[4] * estimate[1]
    speed[1] = estimate[4] - aim[4] * estimate[0]
    speed[2] = estimate[5]
    stop_net(memory[49], estimate, aim, speed, 0.97 * strongest, net)
    if speed[0] ** 2 + speed[1] ** 2 + speed[2] ** 2 > 4.0 * aim[11] ** 2:
        return False
    land_below(memory, estimate, aim)
    return True


@kernel(bare=True)
def _too_low(memory, estimate, aim, climb, strongest):
    """Return whether only the earliest stop is left."""
    spare = strongest - aim[3] / (estimate[0] ** 2 + estimate[1] ** 2 + estimate[2] ** 2)
    if climb > -2.0 * aim[11] or spare <= 0.0:
        return False
    return 0.5 * climb * climb > _LAST_SHARE * spare * (memory[49] - 3.0)


@kernel(bare=True)
def _out_of_limits(memory, estimate, aim, wanted, strongest):
    """Return whether the approach must be planned anew: too much thrust, or none."""
    t = estimate[8]
    if memory[31] > 0.0 or t - memory[32] < _REPLAN_S - 1e-6 or memory[30] - t < _APPROACH_HOLD_S:
        return False
    r2 = estimate[0] ** 2 + estimate[1] ** 2 + estimate[2] ** 2
    size2, upward = 0.0, 0.0
    for i in range(3):
        size2 += wanted[i] * wanted[i]
        upward += wanted[i] * estimate[i]
    upward /= math.sqrt(r2)
    outside = size2 > (_OVERLOAD * strongest) ** 2 or upward < _UNDERLOAD * aim[3] / r2
    memory[51] = memory[51] + 1.0 if outside else 0.0
    return memory[51] >= _CYCLES

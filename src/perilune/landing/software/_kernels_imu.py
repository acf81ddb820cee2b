"""Whether the inertial unit can be believed: against the thrust that was commanded, and against the spare.

memory (16,), zeros at the start
    0 unit in use (0 prime, 1 spare, 2 thrust model), 1 s for which the unit in use has been doubted, 2:5
    mean difference of accelerations spare - prime (m/s^2), 5:8 of rates (rad/s), 8:11 speed (m/s, B) and
    11:14 angle (rad, B) that the doubted unit has missed since the doubt began, 14 set once the means are
    filled.
"""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.landing.software.table import (
    APART_M_S2,
    APART_RAD_S,
    CONFIRM_S,
    EXPECTS_M_S2,
    MODEL_SHARE,
    SILENT_SHARE,
)

PRIME, SPARE, MODEL = 0, 1, 2
#: Differences of the units are averaged over this time: white noise is gone, a bias is not.
_MEAN_S = 1.0


@kernel(bare=True)
def imu_check(
    memory, dv_prime, turn_prime, dv_spare, turn_spare, has_spare, expected_m_s2, dt_s, limits, out
):
    """Return the unit to use (0 prime, 1 spare, 2 thrust model) after a cycle of `dt_s`.

    `dv_…` (m/s, B) and `turn_…` (rad, B) are sums over the cycle, `expected_m_s2` the thrust acceleration
    along +z that the commanded levels and the believed mass give. At a switch out[0:3] (m/s, B) and out[3:6]
    (rad, B) are what the estimate has missed while the unit was doubted; else zeros. It never goes back.
    """
    for i in range(6):
        out[i] = 0.0
    using = int(memory[0])
    if using == MODEL or (using == SPARE and not has_spare):
        return using
    if has_spare:
        _average(memory, dv_prime, turn_prime, dv_spare, turn_spare, dt_s)
    mine, turn = (dv_prime, turn_prime) if using == PRIME else (dv_spare, turn_spare)
    other, other_turn = (dv_spare, turn_spare) if using == PRIME else (dv_prime, turn_prime)
    silent = _silent(mine, turn, expected_m_s2, dt_s, limits)
    other_silent = not has_spare or _silent(other, other_turn, expected_m_s2, dt_s, limits)
    doubted = silent or (
        using == PRIME
        and has_spare
        and not other_silent
        and _odd(memory, mine, turn, other, other_turn, expected_m_s2, dt_s, limits)
    )
    if not doubted:
        memory[1] = 0.0
        for i in range(8, 14):
            memory[i] = 0.0
        return using
    memory[1] += dt_s
    for i in range(3):
        better = expected_m_s2 * dt_s if i == 2 else 0.0
        memory[8 + i] += (better if other_silent else other[i]) - mine[i]
        memory[11 + i] += 0.0 if other_silent else other_turn[i] - turn[i]
    if memory[1] < limits[CONFIRM_S] - 1e-9:
        return using
    using = MODEL if other_silent else SPARE if using == PRIME else PRIME
    memory[0], memory[1] = float(using), 0.0
    for i in range(6):
        out[i] = memory[8 + i]
        memory[8 + i] = 0.0
    return using


@kernel(bare=True)
def _average(memory, dv_prime, turn_prime, dv_spare, turn_spare, dt_s):
    share = dt_s / _MEAN_S if memory[14] > 0.0 else 1.0
    memory[14] = 1.0
    for i in range(3):
        memory[2 + i] += share * ((dv_spare[i] - dv_prime[i]) / dt_s - memory[2 + i])
        memory[5 + i] += share * ((turn_spare[i] - turn_prime[i]) / dt_s - memory[5 + i])


@kernel(bare=True)
def _silent(dv, turn, expected_m_s2, dt_s, limits):
    """Return whether a unit is dead (all zeros), or feels next to nothing while engines burn."""
    size = math.sqrt(dv[0] * dv[0] + dv[1] * dv[1] + dv[2] * dv[2])
    rates = abs(turn[0]) + abs(turn[1]) + abs(turn[2])
    if size == 0.0 and rates == 0.0:
        return True
    return expected_m_s2 > limits[EXPECTS_M_S2] and size < limits[SILENT_SHARE] * expected_m_s2 * dt_s


@kernel(bare=True)
def _odd(memory, mine, turn, other, other_turn, expected_m_s2, dt_s, limits):
    """Return whether two units differ, and mine is the one farther from the thrust model (for rates: the one
    that turns faster; a false rate adds to a craft that is held still).
    """
    apart = math.sqrt(memory[2] ** 2 + memory[3] ** 2 + memory[4] ** 2)
    if apart > limits[APART_M_S2]:
        e = expected_m_s2 * dt_s
        far = math.sqrt(mine[0] ** 2 + mine[1] ** 2 + (mine[2] - e) ** 2)
        near = math.sqrt(other[0] ** 2 + other[1] ** 2 + (other[2] - e) ** 2)
        # Closer together than thrust is known, the model can not tell which of the two is right.
        return far > near and (far > limits[MODEL_SHARE] * e or apart > 3.0 * limits[APART_M_S2])
    if math.sqrt(memory[5] ** 2 + memory[6] ** 2 + memory[7] ** 2) > limits[APART_RAD_S]:
        fast = math.sqrt(turn[0] ** 2 + turn[1] ** 2 + turn[2] ** 2)
        slow = math.sqrt(other_turn[0] ** 2 + other_turn[1] ** 2 + other_turn[2] ** 2)
        return fast > slow
    return False

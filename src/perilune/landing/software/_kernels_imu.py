"""Whether the inertial unit can be believed: against the thrust that was commanded, and against the spare.

Two units always differ, by their biases; what counts is that their difference changes. Which of the two
has changed is told by what both said before: thrust over commanded thrust for accelerometers, the rate of the
last seconds for gyros.

memory (40,), zeros at the start
    0 unit in use (0 prime, 1 spare, 2 thrust model), 1 s for which the unit in use has been doubted, 2
    seconds compared so far, 3 commanded acceleration of the last second m/s^2, 4:7 speed (m/s, B) and 7:10
    angle (rad, B) that the doubted unit has missed since the doubt began; means of the last second: 10:13
    acceleration of the prime m/s^2, 13:16 its rate rad/s, 16:19 acceleration and 19:22 rate by which the
    spare differs; long means: 22:25 acceleration over the commanded one, 25:28 rate of the prime, 28:31 and
    31:34 the differences, 34 seconds of thrust seen.
"""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.landing.software.table import (
    APART_M_S2,
    APART_RAD_S,
    CONFIRM_S,
    EXPECTS_M_S2,
    SILENT_SHARE,
)

PRIME, SPARE, MODEL = 0, 1, 2
_ACCELERATION, _RATE, _DIFFERENCE, _RATE_DIFFERENCE = 10, 13, 16, 19
_RATIO, _LONG_RATE, _LONG_DIFFERENCE, _LONG_RATE_DIFFERENCE = 22, 25, 28, 31
#: White noise is gone over the short mean, a fault is not; the long one holds what is usual.
_SHORT_S = 1.0
_LONG_S = 20.0
_LONG_RATE_S = 5.0


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
    mine, turn = (dv_prime, turn_prime) if using == PRIME else (dv_spare, turn_spare)
    other, other_turn = (dv_spare, turn_spare) if using == PRIME else (dv_prime, turn_prime)
    doubted = _silent(mine, turn, expected_m_s2, dt_s, limits)
    other_silent = not has_spare or _silent(other, other_turn, expected_m_s2, dt_s, limits)
    if has_spare and not other_silent and not doubted and using == PRIME:
        _average(memory, dv_prime, turn_prime, dv_spare, turn_spare, expected_m_s2, dt_s)
        doubted = _prime_is_odd(memory, dt_s, limits)
    if not doubted:
        memory[1] = 0.0
        for i in range(4, 10):
            memory[i] = 0.0
        return using
    memory[1] += dt_s
    for i in range(3):
        model = expected_m_s2 * dt_s if i == 2 else 0.0
        memory[4 + i] += (model if other_silent else other[i]) - mine[i]
        memory[7 + i] += 0.0 if other_silent else other_turn[i] - turn[i]
    if memory[1] < limits[CONFIRM_S] - 1e-9:
        return using
    using = MODEL if other_silent else SPARE if using == PRIME else PRIME
    memory[0], memory[1] = float(using), 0.0
    for i in range(6):
        out[i] = memory[4 + i]
        memory[4 + i] = 0.0
    return using


@kernel(bare=True)
def _silent(dv, turn, expected_m_s2, dt_s, limits):
    """Return whether a unit is dead (all zeros), or feels next to nothing while engines burn."""
    size = math.sqrt(dv[0] * dv[0] + dv[1] * dv[1] + dv[2] * dv[2])
    rates = abs(turn[0]) + abs(turn[1]) + abs(turn[2])
    if size == 0.0 and rates == 0.0:
        return True
    return expected_m_s2 > limits[EXPECTS_M_S2] and size < limits[SILENT_SHARE] * expected_m_s2 * dt_s


@kernel(bare=True)
def _average(memory, dv_prime, turn_prime, dv_spare, turn_spare, expected_m_s2, dt_s):
    """Bring the short means up to date."""
    memory[2] += dt_s
    share = dt_s / min(memory[2], _SHORT_S)
    memory[3] += share * (expected_m_s2 - memory[3])
    for i in range(3):
        a, w = dv_prime[i] / dt_s, turn_prime[i] / dt_s
        memory[_ACCELERATION + i] += share * (a - memory[_ACCELERATION + i])
        memory[_RATE + i] += share * (w - memory[_RATE + i])
        memory[_DIFFERENCE + i] += share * (dv_spare[i] / dt_s - a - memory[_DIFFERENCE + i])
        memory[_RATE_DIFFERENCE + i] += share * (turn_spare[i] / dt_s - w - memory[_RATE_DIFFERENCE + i])


@kernel(bare=True)
def _prime_is_odd(memory, dt_s, limits):
    """Return whether the units have come apart, and it is the prime that has changed; where they have not,
    bring the long means up to date.
    """
    speed = turn = 0.0
    for i in range(3):
        speed += (memory[_DIFFERENCE + i] - memory[_LONG_DIFFERENCE + i]) ** 2
        turn += (memory[_RATE_DIFFERENCE + i] - memory[_LONG_RATE_DIFFERENCE + i]) ** 2
    known = memory[2] > 2.0 * _SHORT_S
    if known and speed > limits[APART_M_S2] ** 2:
        return _accelerometers_changed(memory)
    if known and turn > limits[APART_RAD_S] ** 2:
        return _gyros_changed(memory)
    _learn(memory, dt_s, limits)
    return False


@kernel(bare=True)
def _accelerometers_changed(memory):
    prime = spare = 0.0
    for i in range(3):
        off = memory[_ACCELERATION + i] - memory[_RATIO + i] * memory[3]
        prime += off * off
        off += memory[_DIFFERENCE + i] - memory[_LONG_DIFFERENCE + i]
        spare += off * off
    return prime > spare


@kernel(bare=True)
def _gyros_changed(memory):
    prime = spare = 0.0
    for i in range(3):
        off = memory[_RATE + i] - memory[_LONG_RATE + i]
        prime += off * off
        off += memory[_RATE_DIFFERENCE + i] - memory[_LONG_RATE_DIFFERENCE + i]
        spare += off * off
    return prime > spare


@kernel(bare=True)
def _learn(memory, dt_s, limits):
    share = dt_s / min(memory[2], _LONG_S)
    rate_share = dt_s / min(memory[2], _LONG_RATE_S)
    thrust_share = 0.0
    if memory[3] > limits[EXPECTS_M_S2]:
        memory[34] += dt_s
        thrust_share = dt_s / min(memory[34], _LONG_S)
    for i in range(3):
        memory[_LONG_DIFFERENCE + i] += share * (memory[_DIFFERENCE + i] - memory[_LONG_DIFFERENCE + i])
        memory[_LONG_RATE_DIFFERENCE + i] += share * (
            memory[_RATE_DIFFERENCE + i] - memory[_LONG_RATE_DIFFERENCE + i]
        )
        memory[_LONG_RATE + i] += rate_share * (memory[_RATE + i] - memory[_LONG_RATE + i])
        if thrust_share > 0.0:
            ratio = memory[_ACCELERATION + i] / memory[3]
            memory[_RATIO + i] += thrust_share * (ratio - memory[_RATIO + i])

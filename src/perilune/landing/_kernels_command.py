"""From a wanted acceleration to a direction and throttles, within what the engines give; and the phases.

The layouts of `memory`, `estimate`, `lander`, `aim` and `command` are told in `_kernels_guidance`.
"""

from __future__ import annotations

import math

from perilune._jit import kernel

COAST, BRAKING, APPROACH, TERMINAL, LANDED = 0, 1, 2, 3, 4

#: A height is news when it lies this far off the expected one (m, share of the height), noise otherwise, of
#: which this share is believed each cycle.
_JUMP_M, _JUMP_SHARE, _HEIGHT_GAIN = 10.0, 0.05, 0.15
#: The largest tilt rises by 0.13 degrees a metre above that of the terminal descent, and falls from it below
#: 20 m to a third of it at the ground. More is allowed where the sideways speed (m/s) is above the usual
#: one, which grows with height (1/s).
_TILT_RISES_RAD_M, _UPRIGHT_BELOW_M, _LOWEST_TILT = 0.0022, 30.0, 0.33
_USUAL_S, _SIDEWAYS_M_S, _HURRIED_TILT_RAD = 0.1, 4.0, 0.8
#: A commanded thrust that changes by less than this share in a cycle stands still.
_STEADY = 0.03
#: Share of a new thrust measurement that is believed, each cycle.
_THRUST_GAIN = 0.05


@kernel(bare=True)
def allocate(thrust_n, lander, main_allowed):
    """Return (main throttle, assist throttle) that come nearest to a thrust; the main engine first, it burns
    less.
    """
    main_n, assist_n = lander[0], lander[3]
    if assist_n <= 0.0:
        return min(max(thrust_n / main_n, lander[2]), 1.0), 0.0
    main = 0.0
    if main_allowed and main_n > 0.0 and thrust_n >= lander[2] * main_n:
        main = min(thrust_n / main_n, 1.0)
    rest = (thrust_n - main * main_n) / assist_n
    if rest < 0.5 * lander[5]:
        return main, 0.0
    return main, min(max(rest, lander[5]), 1.0)


@kernel(bare=True)
def thrust_wanted(net, estimate, aim, out):
    """Write the thrust acceleration of a wanted acceleration over the ground: gravity and spin taken off."""
    x, y, z = estimate[0], estimate[1], estimate[2]
    r2 = x * x + y * y + z * z
    pull = -aim[3] / (r2 * math.sqrt(r2))
    spin = aim[4]
    # Velocity over the ground u = w - spin x r; rotating-frame terms 2 spin x u + spin x (spin x r).
    ux, uy = estimate[3] + spin * y, estimate[4] - spin * x
    out[0] = net[0] - pull * x - 2.0 * spin * uy - spin * spin * x
    out[1] = net[1] - pull * y + 2.0 * spin * ux - spin * spin * y
    out[2] = net[2] - pull * z


@kernel(bare=True)
def limited(wanted, strongest, estimate, aim, largest_tilt_rad, command):
    """Write the direction of a thrust acceleration within limits, return its size in m/s^2.

    Height is kept before place: the vertical part is granted first, the horizontal one within what is left.
    """
    r2 = estimate[0] ** 2 + estimate[1] ** 2 + estimate[2] ** 2
    r = math.sqrt(r2)
    upward = (wanted[0] * estimate[0] + wanted[1] * estimate[1] + wanted[2] * estimate[2]) / r
    horizontal2 = 0.0
    for i in range(3):
        command[i] = wanted[i] - upward * estimate[i] / r
        horizontal2 += command[i] * command[i]
    upward = max(upward, 0.05 * aim[3] / r2)
    room = math.sqrt(max(strongest * strongest - upward * upward, 0.0))
    room = min(room, upward * math.tan(largest_tilt_rad))
    f = room / math.sqrt(horizontal2) if horizontal2 > room * room else 1.0
    size2 = 0.0
    for i in range(3):
        command[i] = command[i] * f + upward * estimate[i] / r
        size2 += command[i] * command[i]
    size = math.sqrt(size2)
    for i in range(3):
        command[i] /= size
    return size


@kernel(bare=True)
def strongest_push(memory, estimate, lander, main_allowed):
    """Return the thrust acceleration that the engines give together, or the assist engines alone (m/s^2)."""
    return memory[22] * (lander[3] + (lander[0] if main_allowed else 0.0)) / estimate[6]


@kernel(bare=True)
def begin(memory, phase, t_s):
    """Begin a phase."""
    memory[0] = phase
    memory[1] = t_s


@kernel(bare=True)
def measure_thrust(memory, estimate):
    """Learn what share of the commanded thrust the engines give, from accelerometers and mass.

    Only from a thrust that has stood still for two cycles: engines lag.
    """
    commanded, before = memory[23], memory[52]
    memory[52] = commanded
    if memory[0] < BRAKING or commanded <= 0.0 or estimate[9] <= 0.0:
        return
    if abs(commanded - before) < _STEADY * commanded:
        share = estimate[9] * estimate[6] / commanded
        memory[22] += _THRUST_GAIN * (min(max(share, 0.5), 1.5) - memory[22])


@kernel(bare=True)
def climb_and_sideways(estimate, aim):
    """Return the speed upwards and the one along the ground (m/s)."""
    x, y, z = estimate[0], estimate[1], estimate[2]
    ux, uy, uz = estimate[3] + aim[4] * y, estimate[4] - aim[4] * x, estimate[5]
    climb = (ux * x + uy * y + uz * z) / math.sqrt(x * x + y * y + z * z)
    return climb, math.sqrt(max(ux * ux + uy * uy + uz * uz - climb * climb, 0.0))


@kernel(bare=True)
def calm_height(memory, estimate, climb_m_s):
    """Return the height above the ground with its noise taken out: carried on by the climb, drawn to the
    estimate; a jump is taken over at once.
    """
    expected = memory[49] + climb_m_s * (estimate[8] - memory[35])
    off = estimate[7] - expected
    if memory[50] == 0.0 or abs(off) > _JUMP_M + _JUMP_SHARE * abs(estimate[7]):
        memory[49] = estimate[7]
    else:
        memory[49] = expected + _HEIGHT_GAIN * off
    memory[50] = 1.0
    return memory[49]


@kernel(bare=True)
def largest_tilt(height_m, sideways_m_s, aim):
    """Return the largest tilt at a height (rad): less near the ground, more with sideways speed left."""
    hurry = min(max((sideways_m_s - _USUAL_S * height_m - 1.5) / _SIDEWAYS_M_S, 0.0), 1.0)
    low = aim[15] * min(1.0, _LOWEST_TILT + height_m / _UPRIGHT_BELOW_M)
    tilt = low + _TILT_RISES_RAD_M * max(height_m, 0.0)
    return min(tilt + hurry * max(_HURRIED_TILT_RAD - tilt, 0.0), aim[23])

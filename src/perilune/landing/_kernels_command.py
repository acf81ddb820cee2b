"""From a wanted acceleration to a direction and throttles, within what the engines give; and the phases.

The layouts of `memory`, `estimate`, `lander`, `aim` and `command` are told in `_kernels_guidance`.
"""

from __future__ import annotations

import math

from perilune._jit import kernel

COAST, BRAKING, APPROACH, TERMINAL, LANDED = 0, 1, 2, 3, 4

#: Share of a new thrust measurement that is believed, each cycle.
_THRUST_GAIN = 0.05


@kernel
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


@kernel
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


@kernel
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


@kernel
def strongest_push(memory, estimate, lander, main_allowed):
    """Return the thrust acceleration that the engines give together, or the assist engines alone (m/s^2)."""
    return memory[22] * (lander[3] + (lander[0] if main_allowed else 0.0)) / estimate[6]


@kernel
def begin(memory, phase, t_s):
    """Begin a phase."""
    memory[0] = phase
    memory[1] = t_s


@kernel
def measure_thrust(memory, estimate):
    """Learn what share of the commanded thrust the engines give, from accelerometers and mass."""
    if memory[0] == BRAKING and memory[23] > 0.0 and estimate[9] > 0.0:
        share = estimate[9] * estimate[6] / memory[23]
        memory[22] += _THRUST_GAIN * (min(max(share, 0.5), 1.5) - memory[22])

"""Flight software of the descent: from an estimate to a command, phase by phase. Nothing here knows the
truth.

All vectors are in mean-Earth axes of the moment (Moon-fixed axes, but velocities inertial where so named).
Arrays, one layout each, filled by `perilune.landing.guidance`:

lander
    0 main thrust N, 1 main flow kg/s at full, 2 main least throttle, 3 assist thrust N, 4 assist flow kg/s at
    full, 5 assist least throttle, 6 attitude rate rad/s, 7 attitude lag s, 8 flow of attitude thrusters kg/s,
    9 empty mass kg.
aim
    0..2 site m, 3 gravitational parameter m^3/s^2, 4 spin rad/s, 5 gate height m, 6 gate distance before the
    site m, 7 gate horizontal speed m/s, 8 gate descent speed m/s, 9 approach duration s, 10 low-gate height
    m, 11 low-gate descent speed m/s, 12 upward net acceleration at the low gate m/s^2, 13 touchdown speed
    m/s, 14 ignition thrust fraction, 15 largest tilt in terminal descent rad, 16 latest ignition s.
memory
    0 phase, 1 time the phase began s, 2..7 steering (pitch tangent, yaw tangent, their rates 1/s, time to go
    s, thrust fraction), 8 time of the steering s, 9..11 reference, 12..14 up-like, 15..17 lateral unit
    vectors, 18..20 downrange unit vector at the site, 21 last miss of the predictor (scaled), 22 measured
    over commanded thrust, 23 commanded thrust N, 24 distance m beyond the site to land at, 25 set when full
    thrust falls short, 26 least radius m that the predictor sees on the way.
estimate
    0..2 position m, 3..5 inertial velocity m/s, 6 mass kg, 7 height above the ground m, 8 time s, 9 sensed
    acceleration m/s^2 (accelerometers, since the last cycle).
command
    0..2 thrust direction, 3 main throttle, 4 assist throttle.
"""

from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.landing._kernels_braking import correct_steering, steering_direction

COAST, BRAKING, APPROACH, TERMINAL, LANDED = 0, 1, 2, 3, 4

#: Seconds to go below which the braking solution is flown out open-loop: the two-point problem becomes
#: singular.
_HOLD_S = 6.0
#: The braking solution is renewed at this period.
_CYCLE_S = 1.0
#: So near the planned thrust fraction the steering is renewed every step: ignition comes on time.
_NEAR_IGNITION = 0.005
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
def _net_to_command(net, memory, estimate, lander, aim, main_allowed, largest_tilt_rad, command):
    """Turn a wanted acceleration over the ground into direction and throttles (gravity and the Moon's spin
    taken off).
    """
    x, y, z = estimate[0], estimate[1], estimate[2]
    r2 = x * x + y * y + z * z
    r = math.sqrt(r2)
    pull = -aim[3] / (r2 * r)
    spin = aim[4]
    # Velocity over the ground u = w - spin x r; rotating-frame terms 2 spin x u + spin x (spin x r).
    ux, uy = estimate[3] + spin * y, estimate[4] - spin * x
    ax = net[0] - pull * x - 2.0 * spin * uy - spin * spin * x
    ay = net[1] - pull * y + 2.0 * spin * ux - spin * spin * y
    az = net[2] - pull * z
    upward = (ax * x + ay * y + az * z) / r
    hx, hy, hz = ax - upward * x / r, ay - upward * y / r, az - upward * z / r
    horizontal = math.sqrt(hx * hx + hy * hy + hz * hz)
    # Height is kept before place: the vertical part is granted first, the horizontal one within what is left.
    least = 0.05 * aim[3] / r2
    upward = max(upward, least)
    strongest = memory[22] * (lander[3] + (lander[0] if main_allowed else 0.0)) / estimate[6]
    room = math.sqrt(max(strongest * strongest - upward * upward, 0.0))
    room = min(room, upward * math.tan(largest_tilt_rad))
    if horizontal > room:
        f = room / horizontal
        hx, hy, hz = hx * f, hy * f, hz * f
    ax, ay, az = hx + upward * x / r, hy + upward * y / r, hz + upward * z / r
    size = math.sqrt(ax * ax + ay * ay + az * az)
    command[0], command[1], command[2] = ax / size, ay / size, az / size
    command[3], command[4] = allocate(size * estimate[6] / memory[22], lander, main_allowed)


@kernel
def _guide_braking(memory, estimate, lander, aim, command):
    t = estimate[8]
    left = memory[6] - (t - memory[8])
    near_ignition = memory[0] == COAST and memory[7] > aim[14] - _NEAR_IGNITION
    if left > _HOLD_S and (near_ignition or t - memory[8] > _CYCLE_S - 1e-6):
        correct_steering(memory, estimate, lander, aim, memory[0] == BRAKING)
    if memory[0] == COAST:
        steering_direction(memory, t - memory[8], command)
        command[3], command[4] = 0.0, 0.0
        if memory[7] >= aim[14] or t >= aim[16]:
            memory[0] = BRAKING
            memory[1] = t
        else:
            return
    since = t - memory[8]
    steering_direction(memory, since, command)
    command[3], command[4] = allocate(memory[7] * (lander[0] + lander[3]), lander, True)
    if memory[6] - since <= 0.0:
        memory[0] = APPROACH
        memory[1] = t
        if memory[25] > 0.0:
            for i in range(3):
                memory[24] += (estimate[i] - aim[i]) * memory[18 + i]
            memory[24] += aim[6]


@kernel
def _guide_approach(memory, estimate, lander, aim, command):
    """Apollo's quadratic law: thrust so that position, velocity and acceleration meet the low gate at a set
    time.
    """
    t = estimate[8]
    left = aim[9] - (t - memory[1])
    tgo = max(left, 2.0)
    radius = math.sqrt(aim[0] * aim[0] + aim[1] * aim[1] + aim[2] * aim[2])
    ground_speed = np.empty(3)
    ground_speed[0] = estimate[3] + aim[4] * estimate[1]
    ground_speed[1] = estimate[4] - aim[4] * estimate[0]
    ground_speed[2] = estimate[5]
    net = np.empty(3)
    for i in range(3):
        up = aim[i] / radius
        to_go = aim[i] + memory[24] * memory[18 + i] + aim[10] * up - estimate[i]
        net[i] = 12.0 * to_go / (tgo * tgo) - 6.0 * (ground_speed[i] - aim[11] * up) / tgo + aim[12] * up
    _net_to_command(net, memory, estimate, lander, aim, True, 1.4, command)
    if left <= 0.0 or estimate[7] < 0.7 * aim[10]:
        memory[0] = TERMINAL
        memory[1] = t


@kernel
def _guide_terminal(memory, estimate, lander, aim, command):
    """Vertical descent at a speed that shrinks with height, over the site, upright."""
    radius = math.sqrt(estimate[0] ** 2 + estimate[1] ** 2 + estimate[2] ** 2)
    ux = estimate[3] + aim[4] * estimate[1]
    uy = estimate[4] - aim[4] * estimate[0]
    uz = estimate[5]
    climb = (ux * estimate[0] + uy * estimate[1] + uz * estimate[2]) / radius
    height = max(estimate[7], 0.0)
    slope = (aim[11] - aim[13]) / aim[10]
    wanted = aim[13] + slope * height
    net_up = 0.8 * (-climb - wanted) - slope * climb
    place = 0.09 if height > 4.0 else 0.0
    net = np.empty(3)
    off = np.empty(3)
    lifted = 0.0
    for i in range(3):
        off[i] = estimate[i] - aim[i] - memory[24] * memory[18 + i]
        lifted += off[i] * estimate[i] / radius
    for i in range(3):
        up = estimate[i] / radius
        u = (ux if i == 0 else uy if i == 1 else uz) - climb * up
        off[i] -= lifted * up
        net[i] = net_up * up - 0.55 * u - place * off[i]
    assist_lifts = lander[3] / estimate[6] > 1.4 * aim[3] / (radius * radius)
    _net_to_command(net, memory, estimate, lander, aim, not assist_lifts, aim[15], command)


@kernel
def _measure_thrust(memory, estimate):
    """Learn what share of the commanded thrust the engines give, from accelerometers and mass."""
    if memory[0] == BRAKING and memory[23] > 0.0 and estimate[9] > 0.0:
        share = estimate[9] * estimate[6] / memory[23]
        memory[22] += _THRUST_GAIN * (min(max(share, 0.5), 1.5) - memory[22])


@kernel
def guide(memory, estimate, lander, aim, command):
    """Update phase and steering in `memory`, write `command`: the whole flight software's guidance, once a
    cycle.
    """
    _measure_thrust(memory, estimate)
    if memory[0] <= BRAKING:
        _guide_braking(memory, estimate, lander, aim, command)
    elif memory[0] == APPROACH:
        _guide_approach(memory, estimate, lander, aim, command)
    else:
        _guide_terminal(memory, estimate, lander, aim, command)
    memory[23] = command[3] * lander[0] + command[4] * lander[3]

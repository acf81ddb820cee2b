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
    m/s, 14 ignition thrust fraction, 15 largest tilt in terminal descent rad, 16 latest ignition s, 17
    approach law, 18 and 19 exponents of the fractional polynomial, 20 price of time m^2/s^4 (D'Souza), 21
    terminal law, 22 its time constant s, 23 largest tilt in the approach rad, 24 and 25 least and greatest
    height of a divert m.
memory
    0 phase, 1 time the phase began s, 2..7 steering (pitch tangent, yaw tangent, their rates 1/s, time to go
    s, thrust fraction), 8 time of the steering s, 9..11 reference, 12..14 up-like, 15..17 lateral unit
    vectors, 18..20 downrange unit vector at the site, 21 last miss of the predictor (scaled), 22 measured
    over commanded thrust, 23 commanded thrust N, 24 distance m beyond the site to land at, 25 set when full
    thrust falls short, 26 least radius m that the predictor sees on the way, 27..29 what the aim is moved by
    m, 30 time the approach ends s, 31 set while it stops at once, 32 time of the last replan s, 33 set while
    the main engine helps in terminal descent, 34 set while a gravity turn burns, 35 time of the last cycle s,
    36 number of replans, 37 time to go s when 38..40 and 41..43, the coefficients of the approach polynomial,
    were found, 44 time the fall before the approach ends s, 45 and 46 its exponents, 47 cost of the last plan
    m/s, 48 set while the time to go is that of a plan, 49 height with its noise taken out m, 50 set once
    there is one, 51 cycles out of limits, 52 thrust commanded before N, 53 upward acceleration of the
    approach's last seconds m/s^2, 54 set once there is one, 63 time to go s when 64..99, the inverse Newton
    matrix of braking, was made.
estimate
    0..2 position m, 3..5 inertial velocity m/s, 6 mass kg, 7 height above the ground m, 8 time s, 9 sensed
    acceleration m/s^2 (accelerometers, since the last cycle); 10, if there, how much higher than the aim says
    the ground at the site is believed to be m.
command
    0..2 thrust direction, 3 main throttle, 4 assist throttle.
"""

from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.landing._kernels_approach import begin_approach, guide_approach, plan_anew
from perilune.landing._kernels_braking import (
    correct_steering,
    flow_at,
    ground_shift,
    place_aimed,
    steering_direction,
)
from perilune.landing._kernels_command import APPROACH as APPROACH
from perilune.landing._kernels_command import BRAKING as BRAKING
from perilune.landing._kernels_command import COAST as COAST
from perilune.landing._kernels_command import LANDED as LANDED
from perilune.landing._kernels_command import TERMINAL as TERMINAL
from perilune.landing._kernels_command import (
    allocate,
    begin,
    calm_height,
    climb_and_sideways,
    largest_tilt,
    limited,
    measure_thrust,
    strongest_push,
    thrust_wanted,
)
from perilune.landing._kernels_linear import put
from perilune.landing.software._kernels_laws import VELOCITY_NULL
from perilune.landing.software._kernels_replan import NONE, STOP, replan

#: Seconds to go below which the braking solution is flown out open-loop: the two-point problem becomes
#: singular.
_HOLD_S = 6.0
#: The braking solution is renewed at this period.
_CYCLE_S = 1.0
#: So near the planned thrust fraction the steering is renewed every step: ignition comes on time.
_NEAR_IGNITION = 0.005
#: A braking solution is no solution when it asks for less than this share of thrust, or leaves this miss.
_IDLE, _UNSOLVED = 0.25, 0.5
#: It is a poor one where full thrust falls short and rises above the horizon at the gate by less than the
#: first sine, and none below the second.
_FLAT, _LYING = 0.3, 0.1
#: All that is judged from so long before the gate (s): an approach is planned over flat ground.
_EARLY_S = 120.0
#: Nor where it pushes down with this sine: a lander with engines to spare may begin with a few degrees.
_DOWNWARDS = -0.2
#: Terminal descent ends and an approach begins again this far above the low gate (times its height).
_FAR_ABOVE = 5.0
#: Sideways speed at which terminal descent waits (m/s).
_SIDEWAYS_M_S = 4.0
#: Gain of the sideways speed (1/s), of the way to the site within it (1/s), and the fastest way there by
#: height (1/s) once so much time has passed (s); below the last height (m) the place is let be. An attitude
#: that lags by 1 s follows these.
_SIDE_GAIN, _TO_SITE_S, _DRIFT_S, _SETTLED_S, _NO_PLACE_M = 0.4, 0.13, 0.06, 4.0, 4.0
#: Thrust in terminal descent falls no faster than from full to nothing in this time (s).
_THRUST_FALLS_S = 1.5


@kernel
def _soundness(memory, estimate, aim):
    """Return the sine of the thrust's elevation at the gate as braking is solved; -1 where it is not: a miss
    left, hardly any thrust, a way through the ground, or a push down to begin with.
    """
    ground = math.sqrt(aim[0] * aim[0] + aim[1] * aim[1] + aim[2] * aim[2]) + ground_shift(estimate)
    if memory[21] > _UNSOLVED or memory[7] < _IDLE or memory[26] < ground:
        return -1.0
    push = np.empty(3)
    steering_direction(memory, 0.0, push)
    r = math.sqrt(estimate[0] ** 2 + estimate[1] ** 2 + estimate[2] ** 2)
    if push[0] * estimate[0] + push[1] * estimate[1] + push[2] * estimate[2] < _DOWNWARDS * r:
        return -1.0
    steering_direction(memory, memory[6], push)
    return (push[0] * aim[0] + push[1] * aim[1] + push[2] * aim[2]) / ground


@kernel
def _guide_braking(memory, estimate, lander, aim, command):
    t = estimate[8]
    left = memory[6] - (t - memory[8])
    near_ignition = memory[0] == COAST and memory[7] > aim[14] - _NEAR_IGNITION
    if left > _HOLD_S and (near_ignition or t - memory[8] > _CYCLE_S - 1e-6):
        correct_steering(memory, estimate, lander, aim, memory[0] == BRAKING)
        if memory[0] == BRAKING and _turns_early(memory, estimate, lander, aim):
            guide_approach(memory, estimate, lander, aim, command)
            return
    if memory[0] == COAST:
        steering_direction(memory, t - memory[8], command)
        command[3], command[4] = 0.0, 0.0
        if memory[7] >= aim[14] or t >= aim[16]:
            begin(memory, BRAKING, t)
        else:
            return
    since = t - memory[8]
    steering_direction(memory, since, command)
    command[3], command[4] = allocate(min(memory[7], 1.0) * (lander[0] + lander[3]), lander, True)
    if memory[6] - since <= 0.0:
        if memory[25] > 0.0:
            off = np.empty(3)
            place_aimed(memory, estimate, aim, off)
            for i in range(3):
                memory[24] += (estimate[i] - off[i]) * memory[18 + i]
            memory[24] += aim[6]
        begin_approach(memory, aim, t)


@kernel
def _turns_early(memory, estimate, lander, aim):
    """Begin the approach before the gate where braking has no solution, or only a flat and dearer one."""
    if memory[6] > _EARLY_S:
        return False
    upright = _soundness(memory, estimate, aim)
    if upright > (_FLAT if memory[25] > 0.0 else _LYING):
        return False
    full = lander[0] + lander[3]
    flow = memory[22] * flow_at(full, lander)
    burned = min(memory[7] * flow * memory[6], 0.9 * estimate[6])
    cost = memory[22] * full / flow * math.log(estimate[6] / (estimate[6] - burned))
    cost += 0.8 * aim[9] * memory[22] * full / (estimate[6] - burned)
    moved = np.empty(3)
    put(memory, 27, moved)
    since = memory[1]
    begin_approach(memory, aim, estimate[8])
    found = replan(memory, estimate, lander, aim)
    if found != NONE and (upright < _LYING or memory[47] < cost):
        memory[31] = 1.0 if found == STOP else 0.0
        return True
    for i in range(3):
        memory[27 + i] = moved[i]
    begin(memory, BRAKING, since)
    return False


@kernel
def _guide_terminal(memory, estimate, lander, aim, command):
    """Vertical descent at a speed that shrinks with height, over the site, upright."""
    height = max(memory[49], 0.0)
    if height > _FAR_ABOVE * aim[10]:
        # It is far higher than it thought: another approach from here.
        begin_approach(memory, aim, estimate[8])
        for i in range(3):
            memory[27 + i] = 0.0
        memory[24] = 0.0
        plan_anew(memory, estimate, lander, aim)
        guide_approach(memory, estimate, lander, aim, command)
        return
    radius = math.sqrt(estimate[0] ** 2 + estimate[1] ** 2 + estimate[2] ** 2)
    ux = estimate[3] + aim[4] * estimate[1]
    uy = estimate[4] - aim[4] * estimate[0]
    uz = estimate[5]
    climb, sideways = climb_and_sideways(estimate, aim)
    null = aim[21] == VELOCITY_NULL
    slope = 0.0 if null else (aim[11] - aim[13]) / aim[10]
    gain = 1.0 / aim[22] if null else 0.8
    # Sideways speed is taken out before the ground comes: slower down, even up again.
    hurry = min(max((sideways - 1.0) / _SIDEWAYS_M_S, 0.0), 1.0)
    down = aim[13] + slope * height
    down -= hurry * (down + max(0.5 * aim[10] - height, 0.0) * 0.1)
    tilt_rad = largest_tilt(height, sideways, aim)
    net_up = gain * (-climb - down) - slope * climb
    net, off, wanted = np.empty(3), np.empty(3), np.empty(3)
    place_aimed(memory, estimate, aim, off)
    lifted, away2 = 0.0, 0.0
    for i in range(3):
        off[i] = estimate[i] - off[i]
        lifted += off[i] * estimate[i] / radius
    for i in range(3):
        off[i] -= lifted * estimate[i] / radius
        away2 += off[i] * off[i]
    # Towards the site as fast as the remaining height allows, and no more in the last metres.
    to_site = 0.0 if null else _TO_SITE_S
    fastest = _DRIFT_S * max(height - _NO_PLACE_M, 0.0)
    fastest *= min((estimate[8] - memory[1]) / _SETTLED_S, 1.0)
    if to_site * to_site * away2 > fastest * fastest:
        to_site = fastest / math.sqrt(away2)
    for i in range(3):
        up = estimate[i] / radius
        u = (ux if i == 0 else uy if i == 1 else uz) - climb * up
        net[i] = net_up * up - _SIDE_GAIN * (u + to_site * off[i])
    thrust_wanted(net, estimate, aim, wanted)
    main = _main_helps(memory, estimate, lander, aim, wanted, radius)
    strongest = strongest_push(memory, estimate, lander, main)
    size = limited(wanted, strongest, estimate, aim, tilt_rad, command)
    falls = (lander[0] + lander[3]) / _THRUST_FALLS_S * max(estimate[8] - memory[35], 0.0)
    thrust_n = max(size * estimate[6] / memory[22], memory[23] - falls)
    command[3], command[4] = allocate(thrust_n, lander, main)


@kernel(bare=True)
def _main_helps(memory, estimate, lander, aim, wanted, radius):
    """Return whether the main engine burns in terminal descent: where the assist engines do not do alone."""
    if lander[3] / estimate[6] <= 1.4 * aim[3] / (radius * radius):
        return True
    upward = (wanted[0] * estimate[0] + wanted[1] * estimate[1] + wanted[2] * estimate[2]) / radius
    need = upward * estimate[6] / (memory[22] * lander[3])
    if need > 1.0:
        memory[33] = 1.0
    elif need < 0.7:
        memory[33] = 0.0
    return memory[33] > 0.0


@kernel
def guide(memory, estimate, lander, aim, command):
    """Update phase and steering in `memory`, write `command`: the whole flight software's guidance, once a
    cycle.
    """
    measure_thrust(memory, estimate)
    climb, _ = climb_and_sideways(estimate, aim)
    calm_height(memory, estimate, climb)
    if memory[0] <= BRAKING:
        _guide_braking(memory, estimate, lander, aim, command)
    elif memory[0] == APPROACH:
        guide_approach(memory, estimate, lander, aim, command)
    else:
        _guide_terminal(memory, estimate, lander, aim, command)
    memory[23] = command[3] * lander[0] + command[4] * lander[3]
    memory[35] = estimate[8]

"""Steering of the braking burn: linear-tangent thrust direction, corrected by a predictor.

Six numbers (pitch tangent, yaw tangent, their rates, time to go, thrust fraction) meet six conditions (place
and velocity at the gate). The predictor flies a point mass over a sphere; the Newton matrix is kept while the
time to go shrinks by a few percent, so that most corrections cost one prediction (about 1 µs). The layouts of
`memory`, `estimate`, `lander` and `aim` are told in `_kernels_guidance`.
"""

from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.landing._kernels_linear import put, solve_in_place

#: The longest step of the predictor, and its fewest and most steps: 42 s are exact to a metre over 650 s.
_PREDICTOR_STEP_S = 42.0
_FEWEST_STEPS = 4
_MOST_STEPS = 16
#: The Newton matrix is made anew when the time to go has shrunk to this share of what it was then.
_MATRIX_LIVES = 0.93
#: A miss (km-scaled) below this is followed calmly; one above it is news, solved at once from fresh matrices.
_NEWS = 0.3
#: While coasting the aim comes nearer by 1.7 km a second: that is no news.
_NEWS_COASTING = 10.0
#: Share of a calm correction that is made: noise of the navigation is halved, a bias still dies in seconds.
_CALM = 0.5
#: Beyond this miss the predictor has no solution.
_UNSOLVED = 0.5
#: Full thrust no longer falls short when it would stop so far before the aim (m).
_REACHED_M = -20.0

#: Slots of the memory for the inverse Newton matrix, and for the time to go when it was made.
_MADE, _MATRIX = 63, 64


@kernel(bare=True)
def flow_at(thrust_n, lander):
    """Return the propellant flow in kg/s of all engines at a total thrust, unlimited (the predictor needs no
    corners).
    """
    if lander[3] <= 0.0:
        return lander[1] * thrust_n / lander[0] + lander[8]
    return lander[1] + lander[4] * (thrust_n - lander[0]) / lander[3] + lander[8]


@kernel(bare=True)
def steering_direction(memory, since_s, out):
    """Write the linear-tangent thrust direction, `since_s` after the steering was solved."""
    pitch = memory[2] + memory[4] * since_s
    yaw = memory[3] + memory[5] * since_s
    norm = 1.0 / math.sqrt(1.0 + pitch * pitch + yaw * yaw)
    for i in range(3):
        out[i] = (memory[9 + i] + pitch * memory[12 + i] + yaw * memory[15 + i]) * norm


@kernel(bare=True)
def ground_shift(estimate):
    """Return how much higher than the aim says the ground at the site is believed to be (m)."""
    return estimate[10] if estimate.shape[0] > 10 else 0.0


@kernel(bare=True)
def place_aimed(memory, estimate, aim, out):
    """Write where the lander shall come down: the site, moved by diversions and by the ground's shift."""
    lift = ground_shift(estimate) / math.sqrt(aim[0] * aim[0] + aim[1] * aim[1] + aim[2] * aim[2])
    for i in range(3):
        out[i] = aim[i] * (1.0 + lift) + memory[24] * memory[18 + i] + memory[27 + i]


@kernel(bare=True)
def _fly_steering(memory, x, estimate, lander, gm, y):
    """Fly the steering x from the estimate into y (position, inertial velocity); return the least radius."""
    commanded = x[5] * (lander[0] + lander[3])
    thrust = commanded * memory[22]
    flow = flow_at(commanded, lander) * memory[22]
    bx, by, bz = memory[9], memory[10], memory[11]
    ux, uy, uz = memory[12], memory[13], memory[14]
    lx, ly, lz = memory[15], memory[16], memory[17]
    mass = estimate[6]
    rx, ry, rz, vx, vy, vz = estimate[0], estimate[1], estimate[2], estimate[3], estimate[4], estimate[5]
    steps = min(max(int(x[4] / _PREDICTOR_STEP_S) + 1, _FEWEST_STEPS), _MOST_STEPS)
    h = x[4] / steps
    least2 = rx * rx + ry * ry + rz * rz
    for n in range(steps):
        px, py, pz, wx, wy, wz = rx, ry, rz, vx, vy, vz
        sx, sy, sz, tx, ty, tz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for s in range(4):
            t = n * h + (0.0 if s == 0 else h if s == 3 else 0.5 * h)
            pitch = x[0] + x[2] * t
            yaw = x[1] + x[3] * t
            r2 = px * px + py * py + pz * pz
            pull = -gm / (r2 * math.sqrt(r2))
            push = thrust / (max(mass - flow * t, 1.0) * math.sqrt(1.0 + pitch * pitch + yaw * yaw))
            ax = pull * px + push * (bx + pitch * ux + yaw * lx)
            ay = pull * py + push * (by + pitch * uy + yaw * ly)
            az = pull * pz + push * (bz + pitch * uz + yaw * lz)
            weight = 1.0 if s == 0 or s == 3 else 2.0
            sx += weight * wx
            sy += weight * wy
            sz += weight * wz
            tx += weight * ax
            ty += weight * ay
            tz += weight * az
            reach = h if s == 2 else 0.5 * h
            px, py, pz = rx + reach * wx, ry + reach * wy, rz + reach * wz
            wx, wy, wz = vx + reach * ax, vy + reach * ay, vz + reach * az
        f = h / 6.0
        rx += f * sx
        ry += f * sy
        rz += f * sz
        vx += f * tx
        vy += f * ty
        vz += f * tz
        least2 = min(least2, rx * rx + ry * ry + rz * rz)
    y[0], y[1], y[2], y[3], y[4], y[5] = rx, ry, rz, vx, vy, vz
    return math.sqrt(least2)


@kernel(bare=True)
def _gate_after(memory, estimate, aim, wait_s, gate):
    """Write the gate (position, inertial velocity) as it will be: the site turns with the Moon about the z
    axis.
    """
    radius = math.sqrt(aim[0] * aim[0] + aim[1] * aim[1] + aim[2] * aim[2])
    lift = aim[5] + ground_shift(estimate)
    for i in range(3):
        up = aim[i] / radius
        gate[i] = aim[i] + lift * up - aim[6] * memory[18 + i] + memory[27 + i]
        gate[3 + i] = aim[7] * memory[18 + i] - aim[8] * up
    gate[3] -= aim[4] * gate[1]
    gate[4] += aim[4] * gate[0]
    c, s = math.cos(aim[4] * wait_s), math.sin(aim[4] * wait_s)
    gate[0], gate[1] = c * gate[0] - s * gate[1], s * gate[0] + c * gate[1]
    gate[3], gate[4] = c * gate[3] - s * gate[4], s * gate[3] + c * gate[4]


@kernel
def _predict(memory, x, estimate, lander, aim, out):
    """Write the miss of the steering x at the gate (m, m/s) into out[0:6], the least radius into out[6], how
    far beyond the gate it ends into out[7].
    """
    y = np.empty(6)
    gate = np.empty(6)
    out[6] = _fly_steering(memory, x, estimate, lander, aim[3], y)
    _gate_after(memory, estimate, aim, x[4], gate)
    for i in range(6):
        out[i] = y[i] - gate[i]
    beyond = out[0] * memory[18] + out[1] * memory[19] + out[2] * memory[20]
    out[7] = beyond
    if memory[25] > 0.0:
        # Full thrust falls short: land where it can stop, and ask for full thrust instead of the distance.
        for i in range(3):
            out[i] += (1e4 * (x[5] - 1.0) - beyond) * memory[18 + i]


@kernel(bare=True)
def _size(miss):
    """Return the miss as one number: metres over a kilometre, metres per second over ten."""
    total = 0.0
    for i in range(3):
        total += (miss[i] / 1000.0) ** 2 + (miss[3 + i] / 10.0) ** 2
    return math.sqrt(total) if math.isfinite(total) else 1e9


@kernel
def _jacobian(memory, x, miss, estimate, lander, aim, trial, trial_miss, jacobian):
    """Fill the matrix of the miss's derivatives by the six numbers of the steering."""
    for j in range(6):
        d = 1e-6 if j < 2 else 1e-9 if j < 4 else 1e-3 if j == 4 else 1e-6
        put(x, 0, trial)
        trial[j] += d
        _predict(memory, trial, estimate, lander, aim, trial_miss)
        for i in range(6):
            jacobian[i, j] = (trial_miss[i] - miss[i]) / d


@kernel(bare=True)
def _step_limit(step, time_to_go_s):
    """Return the share of a Newton step that keeps time to go and thrust in reach of the linearisation."""
    scale = 1.0
    if abs(step[4]) > 0.2 * time_to_go_s:
        scale = 0.2 * time_to_go_s / abs(step[4])
    if abs(step[5]) * scale > 0.2:
        scale = 0.2 / abs(step[5])
    return scale


@kernel
def _newton(memory, estimate, lander, aim, iterations):
    """Correct the steering in `memory` (Newton, halved where it does not help) so that the predictor meets
    the gate.
    """
    x = np.empty(6)
    put(memory, 2, x)
    memory[8] = estimate[8]
    memory[_MADE] = 0.0
    miss = np.empty(8)
    trial_miss = np.empty(8)
    jacobian = np.empty((6, 6))
    trial = np.empty(6)
    step = np.empty(6)
    _predict(memory, x, estimate, lander, aim, miss)
    size = _size(miss)
    for _ in range(iterations):
        if size < 1e-9:
            break
        _jacobian(memory, x, miss, estimate, lander, aim, trial, trial_miss, jacobian)
        put(miss, 0, step)
        if not solve_in_place(jacobian, step):
            break
        scale = _step_limit(step, x[4])
        improved = False
        for _halving in range(6):
            for j in range(6):
                trial[j] = x[j] - scale * step[j]
            _predict(memory, trial, estimate, lander, aim, trial_miss)
            trial_size = _size(trial_miss)
            if trial_size < size:
                improved = True
                break
            scale *= 0.5
        if not improved:
            break
        put(trial, 0, x)
        put(trial_miss, 0, miss)
        size = trial_size
    for i in range(6):
        memory[2 + i] = x[i]
    memory[21] = size
    memory[26] = miss[6]


@kernel
def solve_steering(memory, estimate, lander, aim, iterations, braking):
    """Solve for the gate; where that asks for more than full thrust while braking, for the nearest place that
    full thrust reaches.
    """
    memory[25] = 0.0
    before = np.empty(6)
    put(memory, 2, before)
    _newton(memory, estimate, lander, aim, iterations)
    if braking and (memory[7] > 1.0 or memory[21] > _UNSOLVED):
        for i in range(6):
            memory[2 + i] = before[i]
        memory[7] = 1.0
        memory[25] = 1.0
        _newton(memory, estimate, lander, aim, iterations)


@kernel(bare=True)
def shift_steering(memory, t_s):
    """Carry the steering forward to `t_s` without solving."""
    dt = t_s - memory[8]
    memory[2] += memory[4] * dt
    memory[3] += memory[5] * dt
    memory[6] -= dt
    memory[8] = t_s


@kernel
def _renew_matrix(memory, x, miss, estimate, lander, aim, trial):
    """Keep the inverse of the Newton matrix at x; false where there is none."""
    trial_miss = np.empty(8)
    jacobian = np.empty((6, 6))
    copy = np.empty((6, 6))
    column = np.empty(6)
    memory[_MADE] = 0.0
    _jacobian(memory, x, miss, estimate, lander, aim, trial, trial_miss, jacobian)
    for c in range(6):
        for i in range(6):
            column[i] = 1.0 if i == c else 0.0
            for j in range(6):
                copy[i, j] = jacobian[i, j]
        if not solve_in_place(copy, column):
            return False
        for i in range(6):
            memory[_MATRIX + 6 * i + c] = column[i]
    memory[_MADE] = x[4]
    return True


@kernel
def correct_steering(memory, estimate, lander, aim, braking):
    """Bring the steering up to the estimate: one prediction and one kept matrix, or a whole solution after
    news.
    """
    if braking:
        shift_steering(memory, estimate[8])
    else:
        memory[8] = estimate[8]
    x = np.empty(6)
    put(memory, 2, x)
    miss = np.empty(8)
    trial = np.empty(6)
    _predict(memory, x, estimate, lander, aim, miss)
    size = _size(miss)
    back_in_reach = memory[25] > 0.0 and miss[7] < _REACHED_M
    if size > (_NEWS if braking else _NEWS_COASTING) or back_in_reach:
        solve_steering(memory, estimate, lander, aim, 8, braking)
        return
    worn = memory[_MADE] <= 0.0 or x[4] < _MATRIX_LIVES * memory[_MADE]
    if worn and not _renew_matrix(memory, x, miss, estimate, lander, aim, trial):
        return
    for i in range(6):
        trial[i] = 0.0
        for j in range(6):
            trial[i] += memory[_MATRIX + 6 * i + j] * miss[j]
    scale = (_CALM if braking else 1.0) * _step_limit(trial, x[4])
    for i in range(6):
        memory[2 + i] = x[i] - scale * trial[i]
    memory[21] = size
    memory[26] = miss[6]
    if braking and memory[25] == 0.0 and memory[7] > 1.0:
        solve_steering(memory, estimate, lander, aim, 8, braking)

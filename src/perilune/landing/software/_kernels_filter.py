"""The navigation filter: strapdown integration and a multiplicative error-state Kalman filter.

nav (33,)
    0:3 position (m) and 3:6 velocity (m/s) in the inertial axes I, 6:10 quaternion body B -> I (scalar
    first), 10:13 accelerometer error m/s^2 (B), 13:16 gyro bias rad/s (B), 16 ground above the software's own
    map m, 17 range bias m, 18:20 map tie east, north m; then the constant errors of the other instruments:
    20:23 star tracker's misalignment (B), 23:26 what the velocimeter's biases make of the velocity (B), 26:29
    its misalignment (B), 29 its scale, 30:32 terrain camera's boresight east and north, all in sigmas, which
    each measurement brings along, 32 ground above the map on the whole m.
Error state (32,), truth minus estimate
    0:3 position, 3:6 velocity (I), 6:9 attitude rad (B, q_true = q * (1, d/2)), then as in nav, one place
    before: 9:12 accelerometer error, 12:15 gyro bias, 15 terrain, 16 range bias, 17:19 tie, 19:22 star
    tracker, 22:29 velocimeter, 29:31 camera, 31 map. Its covariance P is (32, 32), kept symmetric. What
    stays in an instrument is a state, because an error of the estimate that came from there is no news when
    it comes again, and shows as soon as the craft has turned, slowed down or come nearer.
noise (16,)
    0 accelerometer white noise (m/s/sqrt(s)), 1 gyro white noise (rad/sqrt(s)), 2 accelerometer bias sigma
    m/s^2, 3 its part that grows with thrust, along it (scale), 4 across it (misalignment), 5 gyro scale and
    misalignment, 6 accelerometer bias walk (m/s^2/sqrt(s)), 7 gyro bias walk (rad/s/sqrt(s)), 8 share of P
    added to an innovation while it underweights (Lear), 9 sigma of position (m) above which it does, 10
    sigma of the map's elevation m.
work (16, 32)
    scratch, but for its last row, which is kept from cycle to cycle and starts as zeros: 0 the specific force
    of the last cycle m/s^2, 1 seconds filtered, 2:9 what `_kernels_aiding` keeps, 11:26 the turns (rad, B)
    sensed in the last five cycles, newest first, 26 how long a cycle is s.

A scalar update with any gain K is P - K y' - y K' + K K' s with y = P h and s = h' y + R: what Joseph's form
comes to for one measurement, symmetric and positive for considered states and underweighted gains too.
"""

from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.constants import GM_MOON_M3_S2
from perilune.landing._kernels_axes import rotation_of

STATES = 32
KEPT = 15
CLOCK, HEIGHT_FIX_S, TURNS, SPAN_S = 1, 8, 11, 26
TURNS_KEPT = 5
TERRAIN, RANGE_BIAS, TIE, STAR_TURN = 15, 16, 17, 19
BEAM_BIAS, BEAM_TURN, BEAM_SCALE, BORESIGHT, MAP = 22, 25, 28, 29, 31


@kernel(inline=True)
def turned_out(q, k, x, y, z):
    """Return component k of the body vector (x, y, z) in inertial axes."""
    w, a, b, c = q[6], q[7], q[8], q[9]
    if k == 0:
        return (1 - 2 * (b * b + c * c)) * x + 2 * (a * b - w * c) * y + 2 * (a * c + w * b) * z
    if k == 1:
        return 2 * (a * b + w * c) * x + (1 - 2 * (a * a + c * c)) * y + 2 * (b * c - w * a) * z
    return 2 * (a * c - w * b) * x + 2 * (b * c + w * a) * y + (1 - 2 * (a * a + b * b)) * z


@kernel(bare=True)
def turn_attitude(nav, x, y, z):
    """Turn the estimated attitude by a rotation vector (rad) in body axes, exactly."""
    angle2 = x * x + y * y + z * z
    if angle2 > 1e-4:
        angle = math.sqrt(angle2)
        c, s = math.cos(0.5 * angle), math.sin(0.5 * angle) / angle
    else:
        # The next terms are angle^6 / 46080 and angle^6 / 645120: below 1e-16 here.
        c = 1.0 - angle2 * (0.125 - angle2 / 384.0)
        s = 0.5 - angle2 * (1.0 / 48.0 - angle2 / 3840.0)
    x, y, z = s * x, s * y, s * z
    a, b, d, e = nav[6], nav[7], nav[8], nav[9]
    w = a * c - b * x - d * y - e * z
    i = a * x + b * c + d * z - e * y
    j = a * y - b * z + d * c + e * x
    k = a * z + b * y - d * x + e * c
    # One Newton step brings back the norm, which is off by rounding alone.
    n = 1.5 - 0.5 * (w * w + i * i + j * j + k * k)
    nav[6], nav[7], nav[8], nav[9] = w * n, i * n, j * n, k * n


@kernel(bare=True, inline=True)
def strapdown(nav, dv, dtheta, g, dt_s):
    """Carry the estimate over one IMU step: increments `dv` (m/s) and `dtheta` (rad) in B, gravity g in I."""
    ax, ay, az = dtheta[0] - nav[13] * dt_s, dtheta[1] - nav[14] * dt_s, dtheta[2] - nav[15] * dt_s
    bx, by, bz = dv[0] - nav[10] * dt_s, dv[1] - nav[11] * dt_s, dv[2] - nav[12] * dt_s
    # Increments are sums over the step, in axes that turn: half the turn belongs to their mean (rotation
    # compensation), then the step's first attitude brings them to I.
    cx = bx + 0.5 * (ay * bz - az * by)
    cy = by + 0.5 * (az * bx - ax * bz)
    cz = bz + 0.5 * (ax * by - ay * bx)
    for k in range(3):
        before = nav[3 + k]
        after = before + turned_out(nav, k, cx, cy, cz) + g[k] * dt_s
        nav[k] += 0.5 * dt_s * (before + after)
        nav[3 + k] = after
    turn_attitude(nav, ax, ay, az)


@kernel(bare=True)
def _carry_accelerometer_error(P, nav, force, noise, kept):
    """Let the accelerometer error follow the thrust: bias^2 + (scale * force)^2 at each time, and the
    covariance between two times that a constant bias and a constant scale give.
    """
    before = kept[0]
    if abs(force - before) < 0.02:
        return
    kept[0] = force
    for i in range(3):
        scale = noise[3] if i == 2 else noise[4]
        first = noise[2] ** 2 + (scale * before) ** 2
        both = noise[2] ** 2 + scale * scale * before * force
        phi = both / first
        row = 9 + i
        for j in range(STATES):
            P[row, j] *= phi
        for j in range(STATES):
            P[j, row] *= phi
        P[row, row] += noise[2] ** 2 + (scale * force) ** 2 - phi * both
        nav[10 + i] *= phi


@kernel(bare=True)
def predict(P, nav, mean_f, mean_w, dt_s, noise, work):
    """Carry the covariance over a cycle with the mean specific force (m/s^2) and rate (rad/s), B, as sensed.

    The transition is exact for what it models: T P T' is formed from its nine changed rows, so that P stays
    positive; velocity changes with gravity's gradient (point mass), attitude and accelerometer error.
    """
    fx, fy, fz = mean_f[0] - nav[10], mean_f[1] - nav[11], mean_f[2] - nav[12]
    wx, wy, wz = mean_w[0] - nav[13], mean_w[1] - nav[14], mean_w[2] - nav[15]
    _carry_accelerometer_error(P, nav, math.sqrt(fx * fx + fy * fy + fz * fz), noise, work[KEPT])
    h = dt_s
    _note_turn(mean_w, dt_s, work[KEPT])
    coefficients = work[14]
    _velocity_rows(nav, fx, fy, fz, h, coefficients)
    # Attitude: rotation by -w h, to second order (w h is below 0.02).
    ax, ay, az = wx * h, wy * h, wz * h
    e00, e11, e22 = (
        1 - 0.5 * (ay * ay + az * az),
        1 - 0.5 * (ax * ax + az * az),
        1 - 0.5 * (ax * ax + ay * ay),
    )
    e01, e02, e12 = az + 0.5 * ax * ay, -ay + 0.5 * ax * az, ax + 0.5 * ay * az
    e10, e20, e21 = -az + 0.5 * ax * ay, ay + 0.5 * ax * az, -ax + 0.5 * ay * az
    for j in range(STATES):
        p0, p1, p2 = P[6, j], P[7, j], P[8, j]
        work[6, j] = e00 * p0 + e01 * p1 + e02 * p2 - h * P[12, j]
        work[7, j] = e10 * p0 + e11 * p1 + e12 * p2 - h * P[13, j]
        work[8, j] = e20 * p0 + e21 * p1 + e22 * p2 - h * P[14, j]
    r = rotation_of(nav, 6)
    g0, g1, g2, g3, g4, g5 = (
        coefficients[0],
        coefficients[1],
        coefficients[2],
        coefficients[3],
        coefficients[4],
        coefficients[5],
    )
    t0, t1, t2, t3, t4, t5, t6, t7, t8 = (
        coefficients[6],
        coefficients[7],
        coefficients[8],
        coefficients[9],
        coefficients[10],
        coefficients[11],
        coefficients[12],
        coefficients[13],
        coefficients[14],
    )
    b0, b1, b2, b3, b4, b5, b6, b7, b8 = r
    b0, b1, b2, b3, b4, b5, b6, b7, b8 = (
        h * b0,
        h * b1,
        h * b2,
        h * b3,
        h * b4,
        h * b5,
        h * b6,
        h * b7,
        h * b8,
    )
    for j in range(STATES):
        x, y, z = P[0, j], P[1, j], P[2, j]
        p0, p1, p2 = P[6, j], P[7, j], P[8, j]
        q0, q1, q2 = P[9, j], P[10, j], P[11, j]
        v0 = P[3, j] + g0 * x + g1 * y + g2 * z + t0 * p0 + t1 * p1 + t2 * p2 - b0 * q0 - b1 * q1 - b2 * q2
        v1 = P[4, j] + g1 * x + g3 * y + g4 * z + t3 * p0 + t4 * p1 + t5 * p2 - b3 * q0 - b4 * q1 - b5 * q2
        v2 = P[5, j] + g2 * x + g4 * y + g5 * z + t6 * p0 + t7 * p1 + t8 * p2 - b6 * q0 - b7 * q1 - b8 * q2
        work[0, j] = x + 0.5 * h * (P[3, j] + v0)
        work[1, j] = y + 0.5 * h * (P[4, j] + v1)
        work[2, j] = z + 0.5 * h * (P[5, j] + v2)
        work[3, j] = v0
        work[4, j] = v1
        work[5, j] = v2
    for i in range(9):
        m = work[i]
        x, y, z, p0, p1, p2 = m[0], m[1], m[2], m[6], m[7], m[8]
        q0, q1, q2 = m[9], m[10], m[11]
        if i < 6:
            v0 = m[3] + g0 * x + g1 * y + g2 * z + t0 * p0 + t1 * p1 + t2 * p2 - b0 * q0 - b1 * q1 - b2 * q2
            v1 = m[4] + g1 * x + g3 * y + g4 * z + t3 * p0 + t4 * p1 + t5 * p2 - b3 * q0 - b4 * q1 - b5 * q2
            v2 = m[5] + g2 * x + g4 * y + g5 * z + t6 * p0 + t7 * p1 + t8 * p2 - b6 * q0 - b7 * q1 - b8 * q2
            P[i, 0] = x + 0.5 * h * (m[3] + v0)
            P[i, 1] = y + 0.5 * h * (m[4] + v1)
            P[i, 2] = z + 0.5 * h * (m[5] + v2)
            P[i, 3] = v0
            P[i, 4] = v1
            P[i, 5] = v2
        P[i, 6] = e00 * p0 + e01 * p1 + e02 * p2 - h * m[12]
        P[i, 7] = e10 * p0 + e11 * p1 + e12 * p2 - h * m[13]
        P[i, 8] = e20 * p0 + e21 * p1 + e22 * p2 - h * m[14]
        for j in range(9, STATES):
            P[i, j] = m[j]
            P[j, i] = m[j]
    _add_noise(P, wx, wy, wz, h, noise)
    # The rest was written on both sides; what rounding leaves unlike there is mended once a second.
    clock_s = work[KEPT, CLOCK]
    for i in range(STATES if math.floor(clock_s) > math.floor(clock_s - h) else 9):
        for j in range(i):
            P[i, j] = P[j, i]


@kernel(bare=True)
def _note_turn(mean_w, dt_s, kept):
    """Keep what was turned in this cycle, for measurements that tell of an earlier one."""
    kept[CLOCK] += dt_s
    kept[SPAN_S] = dt_s
    for k in range(TURNS + 3 * TURNS_KEPT - 1, TURNS + 2, -1):
        kept[k] = kept[k - 3]
    for k in range(3):
        kept[TURNS + k] = mean_w[k] * dt_s


@kernel(bare=True)
def _velocity_rows(nav, fx, fy, fz, h, out):
    """Write gravity's gradient times h (six of a symmetric matrix), then -R [f x] h (nine), into out."""
    x, y, z = nav[0], nav[1], nav[2]
    r2 = x * x + y * y + z * z
    k = h * GM_MOON_M3_S2 / (r2 * math.sqrt(r2))
    out[0], out[1], out[2] = k * (3 * x * x / r2 - 1), k * 3 * x * y / r2, k * 3 * x * z / r2
    out[3], out[4], out[5] = k * (3 * y * y / r2 - 1), k * 3 * y * z / r2, k * (3 * z * z / r2 - 1)
    r = rotation_of(nav, 6)
    for i in range(3):
        a, b, c = h * r[3 * i], h * r[3 * i + 1], h * r[3 * i + 2]
        # Row i of -R [f x], with [f x] = (0 -fz fy, fz 0 -fx, -fy fx 0).
        out[6 + 3 * i] = -(b * fz - c * fy)
        out[7 + 3 * i] = -(c * fx - a * fz)
        out[8 + 3 * i] = -(a * fy - b * fx)


@kernel(bare=True)
def _add_noise(P, wx, wy, wz, h, noise):
    speed = noise[0] * noise[0] * h
    # A turn's error from scale and misalignment is constant in its share of the turn: as a walk per radian
    # turned it comes out right for a slew of one radian.
    turn = noise[1] * noise[1] * h + noise[5] * noise[5] * math.sqrt(wx * wx + wy * wy + wz * wz) * h
    for i in range(3):
        P[i, i] += speed * h * h / 3.0
        P[i, 3 + i] += 0.5 * speed * h
        P[3 + i, 3 + i] += speed
        P[6 + i, 6 + i] += turn
        P[9 + i, 9 + i] += noise[6] * noise[6] * h
        P[12 + i, 12 + i] += noise[7] * noise[7] * h


@kernel(bare=True)
def innovation_variance(P, h, variance, y):
    """Write y = P h (zeros of h cost nothing) and return h' P h + variance."""
    for j in range(STATES):
        y[j] = 0.0
    for i in range(STATES):
        if h[i] != 0.0:
            s = h[i]
            for j in range(STATES):
                y[j] += s * P[i, j]
    total = variance
    for i in range(STATES):
        total += h[i] * y[i]
    return total


@kernel(bare=True)
def absorb(nav, P, y, s, gain, residual):
    """Take in a residual with any gain (32,): P - K y' - y K' + K K' s, and the error into the estimate."""
    for i in range(STATES):
        k, a = gain[i], s * gain[i] - y[i]
        yi = y[i]
        if k == 0.0:
            for j in range(STATES):
                P[i, j] -= yi * gain[j]
        else:
            for j in range(STATES):
                P[i, j] += a * gain[j] - k * y[j]
    for i in range(6):
        nav[i] += gain[i] * residual
    turn_attitude(nav, gain[6] * residual, gain[7] * residual, gain[8] * residual)
    for i in range(9, STATES):
        nav[1 + i] += gain[i] * residual


@kernel(bare=True)
def update(nav, P, h, residual, variance, considered, noise, work):
    """Take in one scalar measurement; return its NIS (residual^2 over its variance).

    `considered` (32,) is 1 for a state whose uncertainty counts but which is not to be estimated (Schmidt).
    Above the sigma noise[9] of what is measured the gain is held back by the share noise[8] of h' P h (Lear).
    """
    y, gain = work[0], work[1]
    s = innovation_variance(P, h, variance, y)
    known = s - variance
    held = s + (noise[8] * known if known > noise[9] * noise[9] else 0.0)
    for i in range(STATES):
        gain[i] = y[i] / held * (1.0 - considered[i])
    absorb(nav, P, y, s, gain, residual)
    return residual * residual / s


@kernel(bare=True)
def nees(nav, P, r, v, q, work):
    """Return the squared error of position, velocity and attitude (9) in units of its covariance."""
    e, low = work[2], work
    for k in range(3):
        e[k], e[3 + k] = r[k] - nav[k], v[k] - nav[3 + k]
    a, b, c, d = nav[6], nav[7], nav[8], nav[9]
    e0 = a * q[0] + b * q[1] + c * q[2] + d * q[3]
    e[6] = 2.0 * (a * q[1] - b * q[0] - c * q[3] + d * q[2]) / e0
    e[7] = 2.0 * (a * q[2] - c * q[0] - d * q[1] + b * q[3]) / e0
    e[8] = 2.0 * (a * q[3] - d * q[0] - b * q[2] + c * q[1]) / e0
    # Cholesky in rows 3..11 of the work array, with forward substitution on the way.
    total = 0.0
    for i in range(9):
        for j in range(i + 1):
            s = P[i, j]
            for k in range(j):
                s -= low[3 + i, k] * low[3 + j, k]
            if i == j:
                if s <= 0.0:
                    return np.nan
                low[3 + i, i] = math.sqrt(s)
            else:
                low[3 + i, j] = s / low[3 + j, j]
        s = e[i]
        for k in range(i):
            s -= low[3 + i, k] * e[k]
        e[i] = s / low[3 + i, i]
        total += e[i] * e[i]
    return total

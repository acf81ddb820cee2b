"""The descent as it happens: real field, turning Moon, terrain, engines with limits, an attitude that lags.

The truth integrates Moon-centred ICRF states; the flight software (`_kernels_guidance.guide`) sees an
estimate only and answers with a command. Navigation is perfect here: the estimate is the truth in mean-Earth
axes.
"""

from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.landing._kernels_guidance import BRAKING, LANDED, guide
from perilune.landing._kernels_linear import put
from perilune.world._kernels import euler_313, field_acceleration

#: Columns of a log row.
T, X, Y, Z, VX, VY, VZ, MASS, HEIGHT, MAIN, ASSIST, DX, DY, DZ, PHASE, FRACTION, DV = range(17)
LOG_COLUMNS = 17

TOUCHED, TIME_OUT, LOG_FULL = 0, 1, 2


@kernel
def pa_from_icrf(t_s, angles, out):
    """Write the rotation ICRF -> principal axes into out[0:9] from cubics in time of the three Euler angles.

    `angles` is float64[3, 4], lowest power first: over the minutes of a descent that is exact to rounding.
    """
    phi = angles[0, 0] + t_s * (angles[0, 1] + t_s * (angles[0, 2] + t_s * angles[0, 3]))
    theta = angles[1, 0] + t_s * (angles[1, 1] + t_s * (angles[1, 2] + t_s * angles[1, 3]))
    psi = angles[2, 0] + t_s * (angles[2, 1] + t_s * (angles[2, 2] + t_s * angles[2, 3]))
    euler_313(phi, theta, psi, out)


@kernel
def me_from_icrf(t_s, angles, me_from_pa, out):
    """Write the rotation ICRF -> mean-Earth axes, row by row, into out[0:9]."""
    pa = np.empty(9)
    pa_from_icrf(t_s, angles, pa)
    for i in range(3):
        for j in range(3):
            out[3 * i + j] = (
                me_from_pa[3 * i] * pa[j]
                + me_from_pa[3 * i + 1] * pa[3 + j]
                + me_from_pa[3 * i + 2] * pa[6 + j]
            )


@kernel
def elevation(x, y, z, grid, layout):
    """Return the map's elevation in m over its sphere under a mean-Earth position; bilinear, closed in
    longitude.
    """
    r = math.sqrt(x * x + y * y + z * z)
    row = (math.asin(z / r) - layout[0]) / layout[2]
    col = (math.atan2(y, x) - layout[1]) / layout[3]
    rows, cols = grid.shape
    row = min(max(row, 0.0), rows - 1.000001)
    i = int(row)
    col -= math.floor(col / cols) * cols
    j = int(col)
    fr, fc = row - i, col - j
    j0, j1 = j % cols, (j + 1) % cols
    return (grid[i, j0] * (1.0 - fc) + grid[i, j1] * fc) * (1.0 - fr) + (
        grid[i + 1, j0] * (1.0 - fc) + grid[i + 1, j1] * fc
    ) * fr


@kernel
def _pull(t_s, y, angles, gm, radius_m, degree, table, others, work, out):
    """Write gravity at an ICRF position: the field in principal axes, other bodies as differences."""
    pa = np.empty(9)
    pa_from_icrf(t_s, angles, pa)
    bx = pa[0] * y[0] + pa[1] * y[1] + pa[2] * y[2]
    by = pa[3] * y[0] + pa[4] * y[1] + pa[5] * y[2]
    bz = pa[6] * y[0] + pa[7] * y[1] + pa[8] * y[2]
    ax, ay, az = field_acceleration(bx, by, bz, gm, radius_m, degree, table, work)
    for i in range(3):
        out[i] = pa[i] * ax + pa[3 + i] * ay + pa[6 + i] * az
    for k in range(others.shape[0]):
        s2, d2 = 0.0, 0.0
        for i in range(3):
            p = others[k, 1 + i] + others[k, 4 + i] * t_s
            s2 += p * p
            d2 += (p - y[i]) ** 2
        near, far = others[k, 0] / (d2 * math.sqrt(d2)), others[k, 0] / (s2 * math.sqrt(s2))
        for i in range(3):
            p = others[k, 1 + i] + others[k, 4 + i] * t_s
            out[i] += near * (p - y[i]) - far * p


@kernel
def turn_towards(direction, wanted, lander, dt_s):
    """Turn a unit vector towards another in place: first-order lag, limited in rate."""
    cx = direction[1] * wanted[2] - direction[2] * wanted[1]
    cy = direction[2] * wanted[0] - direction[0] * wanted[2]
    cz = direction[0] * wanted[1] - direction[1] * wanted[0]
    sine = math.sqrt(cx * cx + cy * cy + cz * cz)
    cosine = direction[0] * wanted[0] + direction[1] * wanted[1] + direction[2] * wanted[2]
    error = math.atan2(sine, cosine)
    turn = error * (1.0 - math.exp(-dt_s / max(lander[7], 1e-9)))
    turn = min(turn, lander[6] * dt_s)
    if sine < 1e-12 or turn == 0.0:
        return
    # Component of `wanted` square to `direction`: the way to turn.
    c, s = math.cos(turn), math.sin(turn)
    for i in range(3):
        square = (wanted[i] - cosine * direction[i]) / sine
        direction[i] = c * direction[i] + s * square


@kernel
def step(t_s, y, thrust_n, flow, direction, dt_s, angles, gm, radius_m, degree, table, others, work):
    """Advance y = (position, velocity, mass) in place by RK4 with thrust fixed in inertial axes."""
    k = np.empty(7)
    total = np.zeros(7)
    stage = np.empty(7)
    put(y, 0, stage)
    g = np.empty(3)
    for s in range(4):
        t = t_s + (0.0 if s == 0 else dt_s if s == 3 else 0.5 * dt_s)
        _pull(t, stage, angles, gm, radius_m, degree, table, others, work, g)
        for i in range(3):
            k[i] = stage[3 + i]
            k[3 + i] = g[i] + thrust_n / stage[6] * direction[i]
        k[6] = -flow
        weight = 1.0 if s == 0 or s == 3 else 2.0
        reach = dt_s if s == 2 else 0.5 * dt_s
        for i in range(7):
            total[i] += weight * k[i]
            stage[i] = y[i] + reach * k[i]
    for i in range(7):
        y[i] += dt_s / 6.0 * total[i]


@kernel
def estimate_of(t_s, y, rotation, height_m, sensed_m_s2, out):
    """Write the flight software's estimate: here the truth, in mean-Earth axes."""
    for i in range(3):
        out[i] = rotation[3 * i] * y[0] + rotation[3 * i + 1] * y[1] + rotation[3 * i + 2] * y[2]
        out[3 + i] = rotation[3 * i] * y[3] + rotation[3 * i + 1] * y[4] + rotation[3 * i + 2] * y[5]
    out[6] = y[6]
    out[7] = height_m
    out[8] = t_s
    out[9] = sensed_m_s2


@kernel
def _log(log, row, t_s, y, height_m, throttles, direction, phase, fraction, dv):
    log[row, T] = t_s
    for i in range(7):
        log[row, X + i] = y[i]
    log[row, HEIGHT] = height_m
    log[row, MAIN], log[row, ASSIST] = throttles[0], throttles[1]
    for i in range(3):
        log[row, DX + i] = direction[i]
    log[row, PHASE] = phase
    log[row, FRACTION] = fraction
    log[row, DV] = dv


@kernel
def descend(
    t_s,
    start,
    believed,
    true,
    aim,
    memory,
    angles,
    me_from_pa,
    gm,
    radius_m,
    degree,
    table,
    others,
    grid,
    layout,
    sphere_m,
    dt_s,
    longest_s,
    log_s,
    log,
):
    """Fly from `start` (position, velocity, mass; ICRF) to the ground; fill `log`; return (status, rows).

    `believed` is the lander the flight software assumes, `true` the one that flies. The last row is the
    touchdown, found between two steps where the height crosses zero.
    """
    y = np.empty(7)
    before = np.empty(7)
    put(start, 0, y)
    work = np.zeros((7, degree + 4))
    rotation = np.empty(9)
    estimate = np.empty(10)
    command = np.zeros(5)
    direction = np.zeros(3)
    wanted = np.empty(3)
    throttles = np.zeros(2)
    rows = 0
    t_begin, next_log, dv = t_s, t_s, 0.0
    height_before, dv_before = 0.0, 0.0
    sensed = 0.0
    first = True
    while True:
        me_from_icrf(t_s, angles, me_from_pa, rotation)
        estimate_of(t_s, y, rotation, 0.0, sensed, estimate)
        r = math.sqrt(y[0] ** 2 + y[1] ** 2 + y[2] ** 2)
        height = r - sphere_m - elevation(estimate[0], estimate[1], estimate[2], grid, layout)
        estimate[7] = height
        if height <= 0.0 and not first:
            f = height_before / (height_before - height)
            for i in range(7):
                y[i] = before[i] + f * (y[i] - before[i])
            t_touch = t_s - dt_s + f * dt_s
            memory[0] = LANDED
            _log(
                log,
                rows,
                t_touch,
                y,
                0.0,
                throttles,
                direction,
                memory[0],
                memory[7],
                dv_before + f * (dv - dv_before),
            )
            return TOUCHED, rows + 1
        phase_before = memory[0]
        guide(memory, estimate, believed, aim, command)
        for i in range(3):
            wanted[i] = rotation[i] * command[0] + rotation[3 + i] * command[1] + rotation[6 + i] * command[2]
        if first:
            put(wanted, 0, direction)
        else:
            turn_towards(direction, wanted, true, dt_s)
        throttles[0], throttles[1] = command[3], command[4]
        if y[6] <= true[9]:
            throttles[0], throttles[1] = 0.0, 0.0
        thrust = throttles[0] * true[0] + throttles[1] * true[3]
        flow = throttles[0] * true[1] + throttles[1] * true[4]
        if memory[0] >= BRAKING and y[6] > true[9]:
            flow += true[8]
        if t_s >= next_log - 1e-6 or memory[0] != phase_before or first:
            _log(log, rows, t_s, y, height, throttles, direction, memory[0], memory[7], dv)
            rows += 1
            next_log = t_s + log_s
            if rows + 1 >= log.shape[0]:
                return LOG_FULL, rows
        if t_s - t_begin > longest_s:
            return TIME_OUT, rows
        put(y, 0, before)
        height_before, dv_before = height, dv
        mass_before = y[6]
        step(t_s, y, thrust, flow, direction, dt_s, angles, gm, radius_m, degree, table, others, work)
        if flow > 0.0:
            dv += thrust / flow * math.log(mass_before / y[6])
        sensed = (dv - dv_before) / dt_s
        t_s += dt_s
        first = False

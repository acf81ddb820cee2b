"""The descent of `perilune.landing._kernels` with an estimate that errs: in height until a moment, and in
noise."""

from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.landing._kernels import elevation, estimate_of, me_from_icrf, step, turn_towards
from perilune.landing._kernels_guidance import BRAKING, guide
from perilune.landing._kernels_linear import put
from perilune.landing.software._kernels_divert import divert


@kernel
def descend_blind(
    t_s,
    start,
    lander,
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
    too_high_m,
    until_s,
    until_height_m,
    noise,
    advice,
    log,
):
    """Fly to the ground; return the rows of `log` (t, true height, estimated height, phase, thrust share,
    descent speed, horizontal speed, mass, tilt cosine, x, y, z). The error ends at a time or a true height.

    noise float64[n, 6]: what is added to place and velocity of the estimate, one row a cycle. advice: height
    below which a divert is asked for (m), east and north of it (m), and its answer, -1 until then.
    """
    y = np.empty(7)
    put(start, 0, y)
    work = np.zeros((7, degree + 4))
    rotation, estimate, command = np.empty(9), np.empty(11), np.zeros(5)
    seen, direction, wanted = np.empty(10), np.zeros(3), np.empty(3)
    sensed, dt, rows = 0.0, 0.1, 0
    error = too_high_m
    while rows < log.shape[0]:
        me_from_icrf(t_s, angles, me_from_pa, rotation)
        estimate_of(t_s, y, rotation, 0.0, sensed, seen)
        put(seen, 0, estimate[:10])
        estimate[10] = 0.0
        r = math.sqrt(y[0] ** 2 + y[1] ** 2 + y[2] ** 2)
        height = r - sphere_m - elevation(seen[0], seen[1], seen[2], grid, layout)
        if height <= 0.0 and rows > 0:
            break
        if t_s >= until_s or height < until_height_m:
            error = 0.0
        for i in range(3):
            estimate[i] += error * seen[i] / r + noise[rows % noise.shape[0], i]
            estimate[3 + i] += noise[rows % noise.shape[0], 3 + i]
        estimate[7] = height + error
        if advice[3] < 0.0 and height < advice[0]:
            advice[3] = divert(memory, estimate, lander, aim, advice[1], advice[2])
        guide(memory, estimate, lander, aim, command)
        for i in range(3):
            wanted[i] = rotation[i] * command[0] + rotation[3 + i] * command[1] + rotation[6 + i] * command[2]
        if rows == 0:
            put(wanted, 0, direction)
        else:
            turn_towards(direction, wanted, lander, dt)
        burning = 1.0 if y[6] > lander[9] else 0.0
        thrust = burning * (command[3] * lander[0] + command[4] * lander[3])
        flow = burning * (command[3] * lander[1] + command[4] * lander[4])
        if memory[0] >= BRAKING:
            flow += burning * lander[8]
        ux, uy = seen[3] + aim[4] * seen[1], seen[4] - aim[4] * seen[0]
        climb = (ux * seen[0] + uy * seen[1] + seen[5] * seen[2]) / r
        log[rows, 0], log[rows, 1], log[rows, 2] = t_s, height, estimate[7]
        log[rows, 3], log[rows, 4], log[rows, 5] = memory[0], thrust / (lander[0] + lander[3]), -climb
        log[rows, 6] = math.sqrt(max(ux * ux + uy * uy + seen[5] ** 2 - climb * climb, 0.0))
        log[rows, 7] = y[6]
        log[rows, 8] = (direction[0] * y[0] + direction[1] * y[1] + direction[2] * y[2]) / r
        log[rows, 9], log[rows, 10], log[rows, 11] = seen[0], seen[1], seen[2]
        rows += 1
        step(t_s, y, thrust, flow, direction, dt, angles, gm, radius_m, degree, table, others, work)
        sensed = thrust / y[6]
        t_s += dt
    return rows

"""RKN12(10) with the state transition matrix: 18 second-order variational components beside the orbit.

`y` (42,) is position, velocity, then the 6x6 matrix by rows. The step is controlled by the orbit alone, so that an arc
with its matrix is the same arc as without it.
"""

from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.dynamics._kernels_forces import HEAD, choose_degree, field_degree, gradient, nearest, prepare
from perilune.dynamics._kernels_rkn import (
    _BR,
    _BV,
    _C,
    _ER,
    _EV,
    _LATER,
    COLLAPSED,
    DONE,
    FULL,
    STAGES,
    TIMES,
    first_step,
    next_step,
    smallest_step,
)


@kernel(fast=True)
def rkn_stm_step(h_s, y, inverse_mass, model, context, stages, matrix, scratch, out):
    """Take one step of orbit and matrix; as `rkn_step`, with `matrix` (19, 18) as more room."""
    bodies, ephemeris, spans, rough, gravity, orientation = model
    h2 = h_s * h_s
    x0, y0, z0 = y[0], y[1], y[2]
    vx, vy, vz = y[3], y[4], y[5]
    for i in range(16):
        stages[0, i] = 0.0
        stages[1, i] = 0.0
        stages[2, i] = 0.0
    for i in range(19):
        for c in range(18):
            matrix[i, c] = 0.0
    x, yy, z = x0, y0, z0
    ch = 0.0
    ex, ey, ez, fx, fy, fz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    rx, ry, rz, wx, wy, wz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for j in range(STAGES):
        ax, ay, az, xx, xy, xz, y2, yz, zz = gradient(
            x, yy, z, inverse_mass, min(j, TIMES - 1), bodies, rough, gravity, context, scratch
        )
        rx += _BR[j] * ax
        ry += _BR[j] * ay
        rz += _BR[j] * az
        wx += _BV[j] * ax
        wy += _BV[j] * ay
        wz += _BV[j] * az
        ex += _ER[j] * ax
        ey += _ER[j] * ay
        ez += _ER[j] * az
        fx += _EV[j] * ax
        fy += _EV[j] * ay
        fz += _EV[j] * az
        # Row j-1 of `matrix` has gathered what stage j needs; rows 17 and 18 gather the step's own sums.
        row = max(j - 1, 0)
        for c in range(6):
            if j == 0:
                px, py, pz = y[6 + c], y[12 + c], y[18 + c]
            else:
                px = y[6 + c] + (ch * y[24 + c] + h2 * matrix[row, c])
                py = y[12 + c] + (ch * y[30 + c] + h2 * matrix[row, 6 + c])
                pz = y[18 + c] + (ch * y[36 + c] + h2 * matrix[row, 12 + c])
            matrix[16, c] = xx * px + xy * py + xz * pz
            matrix[16, 6 + c] = xy * px + y2 * py + yz * pz
            matrix[16, 12 + c] = xz * px + yz * py + zz * pz
        for i in range(j, 16):
            a = _LATER[j, i]
            for c in range(18):
                matrix[i, c] += a * matrix[16, c]
        for c in range(18):
            matrix[17, c] += _BR[j] * matrix[16, c]
            matrix[18, c] += _BV[j] * matrix[16, c]
        if j < STAGES - 1:
            for i in range(16):
                stages[0, i] += _LATER[j, i] * ax
            for i in range(16):
                stages[1, i] += _LATER[j, i] * ay
            for i in range(16):
                stages[2, i] += _LATER[j, i] * az
            ch = _C[j + 1] * h_s
            x = x0 + (ch * vx + h2 * stages[0, j])
            yy = y0 + (ch * vy + h2 * stages[1, j])
            z = z0 + (ch * vz + h2 * stages[2, j])
    out[0] = x0 + (h_s * vx + h2 * rx)
    out[1] = y0 + (h_s * vy + h2 * ry)
    out[2] = z0 + (h_s * vz + h2 * rz)
    out[3] = vx + h_s * wx
    out[4] = vy + h_s * wy
    out[5] = vz + h_s * wz
    for c in range(18):
        out[6 + c] = y[6 + c] + (h_s * y[24 + c] + h2 * matrix[17, c])
        out[24 + c] = y[24 + c] + h_s * matrix[18, c]
    distance, time = nearest(x0, y0, z0, 0, bodies, context)
    er = h2 * math.sqrt(ex * ex + ey * ey + ez * ez)
    ev = abs(h_s) * math.sqrt(fx * fx + fy * fy + fz * fz)
    return max(er, ev * time) / distance


@kernel
def coast_stm(t0_s, t1_s, y0, first_s, inverse_mass, tolerance, model, nodes):
    """As `coast`, with `nodes` (rows, 43): t, position, velocity, matrix; `y0` (42,) holds the matrix to begin with."""
    bodies, ephemeris, spans, rough, gravity, orientation = model
    degree = field_degree(rough)
    context = np.zeros((HEAD + ephemeris.shape[2], STAGES))
    stages = np.zeros((3, 16))
    matrix = np.zeros((19, 18))
    scratch = np.zeros((7, degree + 4))
    y = np.zeros(42)
    out = np.zeros(42)
    nodes[0, 0] = t0_s
    for i in range(42):
        y[i] = y0[i]
        nodes[0, 1 + i] = y0[i]
    sign = 1.0 if t1_s >= t0_s else -1.0
    t = t0_s
    h = first_step(t, y, first_s, model, context)
    count = 1
    rejected = 0
    while sign * (t1_s - t) > 0.0:
        if count == nodes.shape[0]:
            return FULL, count, rejected, h
        left = abs(t1_s - t)
        last = h >= left * (1.0 - 1e-12)
        step = left if last else min(h, 0.5 * left)
        prepare(t, sign * step, TIMES, model, context)
        if degree > 0:
            speed = math.sqrt(y[3] * y[3] + y[4] * y[4] + y[5] * y[5])
            choose_degree(y[0], y[1], y[2], speed * step, rough, gravity, context, scratch)
        error = rkn_stm_step(sign * step, y, inverse_mass, model, context, stages, matrix, scratch, out)
        if error <= tolerance:
            t = t1_s if last else t + sign * step
            for i in range(42):
                y[i] = out[i]
                nodes[count, 1 + i] = out[i]
            nodes[count, 0] = t
            count += 1
            h = max(next_step(step, error, tolerance), h if last else 0.0)
        else:
            rejected += 1
            h = next_step(step, error, tolerance)
            if h < smallest_step(t):
                return COLLAPSED, count, rejected, h
    return DONE, count, rejected, h

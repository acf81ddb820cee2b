"""RKN12(10): one step, and a coast of many, with or without the state transition matrix.

For accelerations that depend on position and time only. `rkn_step` is the piece to build other loops from:

    context = np.zeros((HEAD + 3 * n_body, 17)); stages = np.zeros((3, 16)); scratch = np.zeros((7, degree + 4))
    prepare(t_s, h_s, 16, model, context)
    error = rkn_step(h_s, y, inverse_mass, model, context, stages, scratch, out)

reads y[0:6] (m, m/s), writes out[0:6], and returns the estimated error in units of the local scale: position
error over the distance to the nearest gravitating body, or velocity error over that distance per dynamical time.
A step is good where that is at most the tolerance. `out` may not be `y`.
"""

from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.dynamics import _kernels_rkn_table as table
from perilune.dynamics._kernels_forces import (
    HEAD,
    acceleration,
    choose_degree,
    field_degree,
    nearest,
    prepare,
)

STAGES = 17
#: Stage times that differ: the last two stages stand at the step's end.
TIMES = 16
#: Row j holds what stage j adds to the later ones: _LATER[j, i - 1] = A[i, j].
_LATER = np.ascontiguousarray(table.A[1:, :].T)
_C = table.C
_BR = table.B_POSITION
_BV = table.B_VELOCITY
_ER = table.E_POSITION
_EV = table.E_VELOCITY

DONE = 0
FULL = 1  # the output is full: call again from its last row
COLLAPSED = 2  # the step fell below what the clock can resolve

_SAFETY = 0.9
_SHRINK = 0.2
_GROW = 4.0
_EXPONENT = 1.0 / 11.0  # the order-10 formula's local error grows with h^11


@kernel(fast=True)
def rkn_step(h_s, y, inverse_mass, model, context, stages, scratch, out):
    """Take one step from a prepared context; see the file's head."""
    bodies, ephemeris, spans, rough, gravity, orientation = model
    h2 = h_s * h_s
    x0, y0, z0 = y[0], y[1], y[2]
    vx, vy, vz = y[3], y[4], y[5]
    for i in range(16):
        stages[0, i] = 0.0
        stages[1, i] = 0.0
        stages[2, i] = 0.0
    x, yy, z = x0, y0, z0
    rx, ry, rz, wx, wy, wz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    ex, ey, ez, fx, fy, fz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for j in range(STAGES):
        ax, ay, az = acceleration(
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
    distance, time = nearest(x0, y0, z0, 0, bodies, context)
    er = h2 * math.sqrt(ex * ex + ey * ey + ez * ez)
    ev = abs(h_s) * math.sqrt(fx * fx + fy * fy + fz * fz)
    return max(er, ev * time) / distance


@kernel
def next_step(step_s, error, tolerance):
    """Return the step to take after one of this error; a NaN error (inside a body) shrinks, too."""
    if error != error:
        return step_s * _SHRINK
    factor = _SAFETY * (tolerance / error) ** _EXPONENT if error > 0.0 else _GROW
    return step_s * min(_GROW, max(_SHRINK, factor))


@kernel
def smallest_step(t_s):
    """Return the step (s) below which an arc counts as collapsed: it is inside a body, or the clock can not tell it."""
    return max(1e-6, 4e-16 * abs(t_s))


@kernel
def first_step(t_s, y, asked_s, model, context):
    """Return the step to begin with (s, positive): the asked one, or a part of the smallest dynamical time."""
    if asked_s != 0.0:
        return abs(asked_s)
    prepare(t_s, 0.0, 1, model, context)
    return 0.3 * nearest(y[0], y[1], y[2], 0, model[0], context)[1]


@kernel
def coast(t0_s, t1_s, y0, first_s, inverse_mass, tolerance, model, nodes):
    """Integrate from t0 to t1 (either direction) and write every accepted step.

    `nodes` (rows, 7) receives t, position, velocity; row 0 is the start. `first_s` is the step to try first,
    0 for our own guess. Returns (status, rows filled, rejected steps, step to go on with in s).
    """
    bodies, ephemeris, spans, rough, gravity, orientation = model
    degree = field_degree(rough)
    context = np.zeros((HEAD + ephemeris.shape[2], STAGES))
    stages = np.zeros((3, 16))
    scratch = np.zeros((7, degree + 4))
    y = np.zeros(6)
    out = np.zeros(6)
    nodes[0, 0] = t0_s
    for i in range(6):
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
        # Two even steps rather than a long and a tiny one.
        step = left if last else min(h, 0.5 * left)
        prepare(t, sign * step, TIMES, model, context)
        if degree > 0:
            speed = math.sqrt(y[3] * y[3] + y[4] * y[4] + y[5] * y[5])
            choose_degree(y[0], y[1], y[2], speed * step, rough, gravity, context, scratch)
        error = rkn_step(sign * step, y, inverse_mass, model, context, stages, scratch, out)
        if error <= tolerance:
            t = t1_s if last else t + sign * step
            for i in range(6):
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


@kernel
def coast_many(t0_s, t1_s, starts, inverse_mass, tolerance, model, ends):
    """Fly every row of `starts` (n, 6) and write the last state of those that arrive to `ends` (n, 6)."""
    nodes = np.zeros((64, 7))
    y = np.zeros(6)
    for row in range(starts.shape[0]):
        for i in range(6):
            y[i] = starts[row, i]
        t = t0_s
        h = 0.0
        status = FULL
        while status == FULL:
            status, count, _, h = coast(t, t1_s, y, h, inverse_mass, tolerance, model, nodes)
            t = nodes[count - 1, 0]
            for i in range(6):
                y[i] = nodes[count - 1, 1 + i]
        if status == DONE:
            for i in range(6):
                ends[row, i] = y[i]


@kernel
def between(t_s, nodes, inverse_mass, model, out):
    """Write the states (n, 6) at the times `t_s` (n,) by one shorter step each from the node before.

    The pair has no interpolant of its own; a step shorter than the one that was good is better still. `nodes` is
    what `coast` wrote, in either direction of time.
    """
    bodies, ephemeris, spans, rough, gravity, orientation = model
    degree = field_degree(rough)
    context = np.zeros((HEAD + ephemeris.shape[2], STAGES))
    stages = np.zeros((3, 16))
    scratch = np.zeros((7, degree + 4))
    y = np.zeros(6)
    end = np.zeros(6)
    rows = nodes.shape[0]
    sign = 1.0 if nodes[rows - 1, 0] >= nodes[0, 0] else -1.0
    for q in range(t_s.shape[0]):
        low, high = 0, rows - 1
        while low < high:
            middle = (low + high + 1) // 2
            if sign * nodes[middle, 0] <= sign * t_s[q]:
                low = middle
            else:
                high = middle - 1
        for i in range(6):
            y[i] = nodes[low, 1 + i]
        h = t_s[q] - nodes[low, 0]
        prepare(nodes[low, 0], h, TIMES, model, context)
        if degree > 0:
            speed = math.sqrt(y[3] * y[3] + y[4] * y[4] + y[5] * y[5])
            choose_degree(y[0], y[1], y[2], speed * abs(h), rough, gravity, context, scratch)
        rkn_step(h, y, inverse_mass, model, context, stages, scratch, end)
        for i in range(6):
            out[q, i] = end[i]

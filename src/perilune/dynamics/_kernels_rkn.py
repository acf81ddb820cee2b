"""One step of RKN12(10), the Runge-Kutta-Nystrom pair of order 12 with an error estimate of order 10.

For accelerations that depend on position and time only. `rkn_step` is the piece to build other loops from:

    context = np.zeros((HEAD + 3 * n_body, 17)); stages = np.zeros((3, 16)); scratch = np.zeros((7, deg + 4))
    prepare(t_s, h_s, 16, model, context)
    error = rkn_step(h_s, y, inverse_mass, bodies, rough, gravity, context, stages, scratch, out)

reads y[0:6] (m, m/s), writes out[0:6], and returns the estimated error in units of the local scale: position
error over the distance to the nearest gravitating body, or velocity error over that distance per dynamical
time. A step is good where that is at most the tolerance. `out` may not be `y`.
"""

# mypy: ignore-errors
from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.dynamics._kernels_forces import acceleration, nearest, prepare
from perilune.dynamics._kernels_rkn_table import (
    B_POSITION,
    B_VELOCITY,
    E_POSITION,
    E_VELOCITY,
    STAGES,
    A,
)
from perilune.dynamics._kernels_rkn_table import C as NODES

#: Stage times that differ: the last two stages stand at the step's end.
TIMES = 16
#: Row j holds what stage j adds to the later ones: LATER[j, i - 1] = A[i, j].
LATER = np.ascontiguousarray(A[1:, :].T)

DONE = 0
FULL = 1  # the output is full: call again from its last row
COLLAPSED = 2  # the step fell to nothing: the arc is in the middle of a body

_SAFETY = (
    0.65  # leaves no steps to reject: 130 accepted cost as much as 103 accepted and 27 rejected, and err less
)
_SHRINK = 0.2
_GROW = 2.0
_EXPONENT = 1.0 / 11.0  # the order-10 formula's local error grows with h^11
_FIRST = 0.15  # of the dynamical time; an error made at the first perigee grows most


@kernel
def rkn_step(h_s, y, inverse_mass, bodies, rough, gravity, context, stages, scratch, out):
    """Take one step from a prepared context; see the file's head."""
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
        rx += B_POSITION[j] * ax
        ry += B_POSITION[j] * ay
        rz += B_POSITION[j] * az
        wx += B_VELOCITY[j] * ax
        wy += B_VELOCITY[j] * ay
        wz += B_VELOCITY[j] * az
        ex += E_POSITION[j] * ax
        ey += E_POSITION[j] * ay
        ez += E_POSITION[j] * az
        fx += E_VELOCITY[j] * ax
        fy += E_VELOCITY[j] * ay
        fz += E_VELOCITY[j] * az
        if j < STAGES - 1:
            # The next stage waits for this one's share alone; what came before is in memory already.
            ch = NODES[j + 1] * h_s
            share = h2 * LATER[j, j]
            x = (x0 + (ch * vx + h2 * stages[0, j])) + share * ax
            yy = (y0 + (ch * vy + h2 * stages[1, j])) + share * ay
            z = (z0 + (ch * vz + h2 * stages[2, j])) + share * az
            if j < 7:
                for i in range(16):
                    stages[0, i] += LATER[j, i] * ax
                for i in range(16):
                    stages[1, i] += LATER[j, i] * ay
                for i in range(16):
                    stages[2, i] += LATER[j, i] * az
            else:
                for i in range(8, 16):
                    stages[0, i] += LATER[j, i] * ax
                for i in range(8, 16):
                    stages[1, i] += LATER[j, i] * ay
                for i in range(8, 16):
                    stages[2, i] += LATER[j, i] * az
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
    """Return the step (s) below which an arc counts as collapsed: it is inside a body."""
    return max(1e-6, 4e-16 * abs(t_s))


@kernel
def first_step(t_s, y, asked_s, model, context):
    """Return the first step (s, positive): the asked one, or a part of the smallest dynamical time."""
    if asked_s != 0.0:
        return abs(asked_s)
    prepare(t_s, 0.0, 1, model, context)
    return _FIRST * nearest(y[0], y[1], y[2], 0, model[0], context)[1]

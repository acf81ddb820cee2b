"""One step of RKN12(10) with the state transition matrix: 18 second-order variational components beside the
orbit.

`y` (42,) is position, velocity, then the 6x6 matrix by rows. The step is controlled by the orbit alone, so
that an arc with its matrix is the same arc as without it.
"""

# mypy: ignore-errors
from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.dynamics._kernels_forces import gradient, nearest
from perilune.dynamics._kernels_rkn import (
    B_POSITION,
    B_VELOCITY,
    E_POSITION,
    E_VELOCITY,
    LATER,
    NODES,
    STAGES,
    TIMES,
)


@kernel
def rkn_stm_step(h_s, y, inverse_mass, bodies, rough, gravity, context, stages, matrix, scratch, out):
    """Take one step of orbit and matrix; as `rkn_step`, with `matrix` (19, 18) as more room."""
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
            a = LATER[j, i]
            for c in range(18):
                matrix[i, c] += a * matrix[16, c]
        for c in range(18):
            matrix[17, c] += B_POSITION[j] * matrix[16, c]
            matrix[18, c] += B_VELOCITY[j] * matrix[16, c]
        if j < STAGES - 1:
            for i in range(16):
                stages[0, i] += LATER[j, i] * ax
            for i in range(16):
                stages[1, i] += LATER[j, i] * ay
            for i in range(16):
                stages[2, i] += LATER[j, i] * az
            ch = NODES[j + 1] * h_s
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

"""Compiled gravity near a corridor: the point mass, and a grid of what differs from it."""

# mypy: ignore-errors
from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.constants import MOON_RADIUS_M
from perilune.world._kernels import field_acceleration

_RADIUS_M = MOON_RADIUS_M


@kernel(bare=True)
def gravity_at(x, y, z, local, out):
    """Write the acceleration (m/s^2, mean-Earth axes) at a mean-Earth position (m) into out[0:3]."""
    anomaly_at(x, y, z, local, out)
    r2 = x * x + y * y + z * z
    pull = -local.layout[6] / (r2 * math.sqrt(r2))
    out[0] += pull * x
    out[1] += pull * y
    out[2] += pull * z


@kernel(bare=True)
def anomaly_at(x, y, z, local, out):
    """Write what differs from the point mass (m/s^2) into out[0:3]; it changes little within a second."""
    if local.grid.shape[0] == 0:
        _whole(x, y, z, local, out)
        return
    _laid_down(x, y, z, local.grid, local.axes, local.layout, out)


@kernel(bare=True)
def _laid_down(x, y, z, grid, axes, layout, out):
    """Write the grid's value at a position: cubic along, across and up."""
    r = math.sqrt(x * x + y * y + z * z)
    along = math.atan2(
        x * axes[3] + y * axes[4] + z * axes[5],
        x * axes[0] + y * axes[1] + z * axes[2],
    )
    across = (x * axes[6] + y * axes[7] + z * axes[8]) / r
    i, a0, a1, a2, a3 = _four((along - layout[0]) / layout[1], grid.shape[0])
    j, b0, b1, b2, b3 = _four((across - layout[2]) / layout[3], grid.shape[1])
    k, c0, c1, c2, c3 = _four((r - _RADIUS_M - layout[4]) / layout[5], grid.shape[2])
    sx, sy, sz = 0.0, 0.0, 0.0
    for p in range(4):
        wa = a0 if p == 0 else a1 if p == 1 else a2 if p == 2 else a3
        for q in range(4):
            w = wa * (b0 if q == 0 else b1 if q == 1 else b2 if q == 2 else b3)
            u, v = i + p, j + q
            w0, w1, w2, w3 = w * c0, w * c1, w * c2, w * c3
            sx += w0 * grid[u, v, k, 0] + w1 * grid[u, v, k + 1, 0]
            sx += w2 * grid[u, v, k + 2, 0] + w3 * grid[u, v, k + 3, 0]
            sy += w0 * grid[u, v, k, 1] + w1 * grid[u, v, k + 1, 1]
            sy += w2 * grid[u, v, k + 2, 1] + w3 * grid[u, v, k + 3, 1]
            sz += w0 * grid[u, v, k, 2] + w1 * grid[u, v, k + 1, 2]
            sz += w2 * grid[u, v, k + 2, 2] + w3 * grid[u, v, k + 3, 2]
    out[0], out[1], out[2] = sx, sy, sz


@kernel(inline=True)
def _four(place, count):
    """Return the first of four nodes about a place and their weights (Lagrange, cubic); ends hold beyond."""
    place = min(max(place, 0.0), count - 1.0)
    first = min(max(int(place) - 1, 0), count - 4)
    t = place - first
    t1, t2, t3 = t - 1.0, t - 2.0, t - 3.0
    return (
        first,
        -t1 * t2 * t3 / 6.0,
        0.5 * t * t2 * t3,
        -0.5 * t * t1 * t3,
        t * t1 * t2 / 6.0,
    )


@kernel
def _whole(x, y, z, local, out):
    """Write the whole field's difference from the point mass, evaluated anew."""
    turn = local.me_from_pa
    bx = turn[0] * x + turn[3] * y + turn[6] * z
    by = turn[1] * x + turn[4] * y + turn[7] * z
    bz = turn[2] * x + turn[5] * y + turn[8] * z
    degree = local.field.shape[1] - 1
    work = np.zeros((7, degree + 4))
    ax, ay, az = field_acceleration(bx, by, bz, local.layout[6], local.layout[7], degree, local.field, work)
    r2 = x * x + y * y + z * z
    pull = local.layout[6] / (r2 * math.sqrt(r2))
    out[0] = turn[0] * ax + turn[1] * ay + turn[2] * az + pull * x
    out[1] = turn[3] * ax + turn[4] * ay + turn[5] * az + pull * y
    out[2] = turn[6] * ax + turn[7] * ay + turn[8] * az + pull * z
    for k in range(local.others.shape[0]):
        gm, px, py, pz = local.others[k, 0], local.others[k, 1], local.others[k, 2], local.others[k, 3]
        d2 = (px - x) ** 2 + (py - y) ** 2 + (pz - z) ** 2
        s2 = px * px + py * py + pz * pz
        near, far = gm / (d2 * math.sqrt(d2)), gm / (s2 * math.sqrt(s2))
        out[0] += near * (px - x) - far * px
        out[1] += near * (py - y) - far * py
        out[2] += near * (pz - z) - far * pz


@kernel
def fill_grid(alongs, acrosses, radii, axes, whole, grid):
    """Fill a grid with the whole field's difference from the point mass at its nodes."""
    out = np.empty(3)
    for i in range(alongs.shape[0]):
        ca, sa = math.cos(alongs[i]), math.sin(alongs[i])
        for j in range(acrosses.shape[0]):
            flat = math.sqrt(1.0 - acrosses[j] ** 2)
            ux = flat * (ca * axes[0] + sa * axes[3]) + acrosses[j] * axes[6]
            uy = flat * (ca * axes[1] + sa * axes[4]) + acrosses[j] * axes[7]
            uz = flat * (ca * axes[2] + sa * axes[5]) + acrosses[j] * axes[8]
            for k in range(radii.shape[0]):
                _whole(radii[k] * ux, radii[k] * uy, radii[k] * uz, whole, out)
                for m in range(3):
                    grid[i, j, k, m] = out[m]

"""Where the bodies are at the stages of a step: all that depends on time alone, found at once.

The arrays of `model` and the layout of `context` are described in `_kernels_forces`.
"""

# mypy: ignore-errors
from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.dynamics._kernels_rkn_table import C as NODES
from perilune.world._kernels import euler_313, zonal_acceleration

SOLAR = 0
ZONAL = 1
FIELD = 2
SCHWARZSCHILD = 3

#: First row of the bodies in a context.
HEAD = 12


@kernel(fast=True)
def _bodies(t_s, h_s, count, ephemeris, spans, context):
    """Fill the context's body rows: Horner's rule per column, vectorised over the stages."""
    start_s, piece_s = spans[0], spans[1]
    pieces = ephemeris.shape[0]
    one = int(math.floor((t_s - start_s) / piece_s))
    two = int(math.floor((t_s + h_s - start_s) / piece_s))
    first = min(max(min(one, two), 0), pieces - 1)
    last = min(max(max(one, two), 0), pieces - 1)
    slope = 2.0 * h_s / piece_s
    for p in range(first, last + 1):
        x0 = 2.0 * ((t_s - (start_s + p * piece_s)) / piece_s) - 1.0
        low = -math.inf if p == first else -1.0
        high = math.inf if p == last else 1.0
        for c in range(ephemeris.shape[2]):
            e0 = ephemeris[p, 0, c]
            e1 = ephemeris[p, 1, c]
            e2 = ephemeris[p, 2, c]
            e3 = ephemeris[p, 3, c]
            e4 = ephemeris[p, 4, c]
            e5 = ephemeris[p, 5, c]
            e6 = ephemeris[p, 6, c]
            e7 = ephemeris[p, 7, c]
            e8 = ephemeris[p, 8, c]
            e9 = ephemeris[p, 9, c]
            e10 = ephemeris[p, 10, c]
            e11 = ephemeris[p, 11, c]
            e12 = ephemeris[p, 12, c]
            for i in range(count):
                x = x0 + slope * NODES[i]
                v = e0 * x + e1
                v = v * x + e2
                v = v * x + e3
                v = v * x + e4
                v = v * x + e5
                v = v * x + e6
                v = v * x + e7
                v = v * x + e8
                v = v * x + e9
                v = v * x + e10
                v = v * x + e11
                v = v * x + e12
                if x >= low and x < high:
                    context[HEAD + c, i] = v


@kernel
def _orientation(t_s, h_s, count, orientation, spans, context):
    """Fill the context's rotation rows."""
    out = np.empty(9)
    for i in range(count):
        t = t_s + NODES[i] * h_s
        p = int(math.floor((t - spans[2]) / spans[3]))
        p = min(max(p, 0), orientation.shape[0] - 1)
        x = 2.0 * ((t - (spans[2] + p * spans[3])) / spans[3]) - 1.0
        a, b, c = 0.0, 0.0, 0.0
        for k in range(orientation.shape[1]):
            a = a * x + orientation[p, k, 0]
            b = b * x + orientation[p, k, 1]
            c = c * x + orientation[p, k, 2]
        euler_313(a, b, c, out)
        for k in range(9):
            context[3 + k, i] = out[k]


@kernel(fast=True)
def _indirect(count, bodies, rough, context):
    """Fill the context's rows 0-2: how the centre itself is accelerated."""
    for i in range(count):
        context[0, i] = 0.0
        context[1, i] = 0.0
        context[2, i] = 0.0
    for b in range(1, bodies.shape[0]):
        gm = bodies[b, 1]
        if gm == 0.0:
            continue
        row = HEAD + 3 * (b - 1)
        for i in range(count):
            x, y, z = context[row, i], context[row + 1, i], context[row + 2, i]
            r2 = x * x + y * y + z * z
            g = gm / (r2 * math.sqrt(r2))
            context[0, i] -= g * x
            context[1, i] -= g * y
            context[2, i] -= g * z
    for f in range(rough.shape[0]):
        if int(rough[f, 0]) == ZONAL and rough[f, 3] > 0.0:
            row = HEAD + 3 * (int(rough[f, 3]) - 1)
            for i in range(count):
                ax, ay, az = zonal_acceleration(
                    -context[row, i], -context[row + 1, i], -context[row + 2, i], rough, f
                )
                context[0, i] -= ax
                context[1, i] -= ay
                context[2, i] -= az


@kernel
def prepare(t_s, h_s, count, model, context):
    """Fill stages 0..count-1 of `context` for the times t + c_i h; a single time has h = 0, count = 1."""
    bodies, ephemeris, spans, rough, gravity, orientation = model
    if ephemeris.shape[2] > 0:
        _bodies(t_s, h_s, count, ephemeris, spans, context)
    if orientation.shape[0] > 0:
        _orientation(t_s, h_s, count, orientation, spans, context)
    _indirect(count, bodies, rough, context)


@kernel(inline=True)
def body_at(body, j, context):
    """Return the position of a body at stage j; the centre (0) is the origin."""
    if body <= 0:
        return 0.0, 0.0, 0.0
    i = HEAD + 3 * (body - 1)
    return context[i, j], context[i + 1, j], context[i + 2, j]

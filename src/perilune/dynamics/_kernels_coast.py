"""Coasts: many steps of RKN12(10) under error control, halted exactly at the edges of shadows.

An arc is `nodes`, one row an accepted step: t (s from the base), position, velocity, and where asked the 6x6
matrix by rows. The step is controlled by the orbit alone.

Sunlight has kinks where penumbra and umbra begin. A step that jumps over one loses its order, so each step
looks ahead along a polynomial through its ends, and is taken again up to the first edge.
"""

# mypy: ignore-errors
from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.dynamics._kernels_forces import (
    HEAD,
    SOLAR,
    acceleration,
    body_at,
    choose_degree,
    field_degree,
    prepare,
)
from perilune.dynamics._kernels_rkn import (
    COLLAPSED,
    DONE,
    FULL,
    NODES,
    STAGES,
    TIMES,
    first_step,
    next_step,
    rkn_step,
    smallest_step,
)
from perilune.dynamics._kernels_stm import rkn_stm_step

#: How well the instant of an edge is known.
_EDGE_S = 1e-5
_EDGES = 4  # penumbra and umbra of two occulters
#: Stages whose times serve to look for shadow edges within a step, in order of time.
_LOOK = np.array([3, 7, 9, 10, 12, 13, 15])


@kernel
def shadow_row(rough):
    """Return the row of sunlight that can be shadowed, -1 where there is none."""
    for f in range(rough.shape[0]):
        if int(rough[f, 0]) == SOLAR and rough[f, 4] > 0.0:
            return f
    return -1


@kernel
def outside_cone(x, y, z, sun, sun_radius_m, body, radius_m, umbra, j, context):
    """Return the distance (m) by which a place is outside a body's penumbra (`umbra` 0) or umbra (1).

    The cones touch Sun and body; beyond the umbra's tip everything is outside.
    """
    sx, sy, sz = body_at(sun, j, context)
    bx, by, bz = body_at(body, j, context)
    ux, uy, uz = bx - sx, by - sy, bz - sz
    apart = math.sqrt(ux * ux + uy * uy + uz * uz)
    ux, uy, uz = ux / apart, uy / apart, uz / apart
    dx, dy, dz = x - bx, y - by, z - bz
    behind = dx * ux + dy * uy + dz * uz
    d2 = dx * dx + dy * dy + dz * dz
    if behind <= 0.0:
        return max(math.sqrt(d2) - radius_m, 1.0)
    off = math.sqrt(max(0.0, d2 - behind * behind))
    if umbra == 0:
        sine = (sun_radius_m + radius_m) / apart
        return off * math.sqrt(1.0 - sine * sine) - radius_m - behind * sine
    sine = (sun_radius_m - radius_m) / apart
    return off * math.sqrt(1.0 - sine * sine) - radius_m + behind * sine


@kernel
def outside_edge(x, y, z, f, edge, j, rough, context):
    """Return `outside_cone` for an edge of SOLAR row f: 2 k the penumbra of occulter k, 2 k + 1 its umbra."""
    k = 5 + 2 * (edge // 2)
    return outside_cone(
        x, y, z, int(rough[f, 2]), rough[f, 3], int(rough[f, k]), rough[f, k + 1], edge % 2, j, context
    )


@kernel
def cubic(c, h_s, a, b):
    """Return the position at part c of a step between states a and b, by Hermite's cubic."""
    p = c * c * (3.0 - 2.0 * c)
    q = c * (1.0 - c) * (1.0 - c) * h_s
    r = -c * c * (1.0 - c) * h_s
    return (
        a[0] + p * (b[0] - a[0]) + q * a[3] + r * b[3],
        a[1] + p * (b[1] - a[1]) + q * a[4] + r * b[4],
        a[2] + p * (b[2] - a[2]) + q * a[5] + r * b[5],
    )


@kernel
def _quintic(c, h_s, a, b, slopes):
    """Return the position at part c of a step, by Hermite's quintic; `slopes` are the end accelerations."""
    c2 = c * c
    c3 = c2 * c
    p = c3 * (10.0 + c * (-15.0 + 6.0 * c))
    q = (c + c3 * (-6.0 + c * (8.0 - 3.0 * c))) * h_s
    r = c3 * (-4.0 + c * (7.0 - 3.0 * c)) * h_s
    u = 0.5 * c2 * (1.0 + c * (-3.0 + c * (3.0 - c))) * h_s * h_s
    w = 0.5 * c3 * (1.0 + c * (-2.0 + c)) * h_s * h_s
    return (
        a[0] + p * (b[0] - a[0]) + q * a[3] + r * b[3] + u * slopes[0, 0] + w * slopes[1, 0],
        a[1] + p * (b[1] - a[1]) + q * a[4] + r * b[4] + u * slopes[0, 1] + w * slopes[1, 1],
        a[2] + p * (b[2] - a[2]) + q * a[5] + r * b[5] + u * slopes[0, 2] + w * slopes[1, 2],
    )


@kernel
def _locate(t_s, h_s, low, high, a, b, slopes, f, edge, sign, rough, model, single):
    """Return the part of the step at which an edge is passed, just behind it, by halving on the quintic."""
    while (high - low) * abs(h_s) > _EDGE_S:
        middle = 0.5 * (low + high)
        if middle <= low or middle >= high:
            break
        prepare(t_s + middle * h_s, 0.0, 1, model, single)
        x, y, z = _quintic(middle, h_s, a, b, slopes)
        if outside_edge(x, y, z, f, edge, 0, rough, single) * sign < 0.0:
            high = middle
        else:
            low = middle
    return high


@kernel
def _first_edge(t_s, h_s, a, b, inverse_mass, f, model, context, single, scratch, signs, slopes):
    """Return (part of the step, edge) of the first shadow edge between states a and b, or (1, -1).

    A cubic tells whether there is one, a quintic where.
    """
    bodies, ephemeris, spans, rough, gravity, orientation = model
    before = 0.0
    for look in range(_LOOK.shape[0]):
        j = _LOOK[look]
        x, y, z = cubic(NODES[j], h_s, a, b)
        first, which = 2.0, -1
        for edge in range(2 * int(rough[f, 4])):
            if outside_edge(x, y, z, f, edge, j, rough, context) * signs[edge] < 0.0:
                if which < 0:
                    slopes[0, 0], slopes[0, 1], slopes[0, 2] = acceleration(
                        a[0], a[1], a[2], inverse_mass, 0, bodies, rough, gravity, context, scratch
                    )
                    slopes[1, 0], slopes[1, 1], slopes[1, 2] = acceleration(
                        b[0], b[1], b[2], inverse_mass, TIMES - 1, bodies, rough, gravity, context, scratch
                    )
                part = _locate(
                    t_s,
                    h_s,
                    before,
                    min(1.0, NODES[j] * 1.02),
                    a,
                    b,
                    slopes,
                    f,
                    edge,
                    signs[edge],
                    rough,
                    model,
                    single,
                )
                if part < first:
                    first, which = part, edge
        if which >= 0:
            return first, which
        before = NODES[j] * 0.98
    return 1.0, -1


@kernel
def coast_step(t_s, h_s, y, inverse_mass, model, context, stages, matrix, scratch, out):
    """Prepare and take one step of the orbit, with its matrix where `y` holds one; return the error."""
    bodies, ephemeris, spans, rough, gravity, orientation = model
    prepare(t_s, h_s, TIMES, model, context)
    if scratch.shape[1] > 4:
        reach = math.sqrt(y[3] * y[3] + y[4] * y[4] + y[5] * y[5]) * abs(h_s)
        choose_degree(y[0], y[1], y[2], reach, rough, gravity, context, scratch)
    if y.shape[0] > 6:
        return rkn_stm_step(
            h_s, y, inverse_mass, bodies, rough, gravity, context, stages, matrix, scratch, out
        )
    return rkn_step(h_s, y, inverse_mass, bodies, rough, gravity, context, stages, scratch, out)


@kernel
def coast(t0_s, t1_s, y0, first_s, inverse_mass, tolerance, model, nodes):
    """Integrate from t0 to t1 (either direction) and write every accepted step.

    `y0` is (6,) or, with the matrix to begin with, (42,); `nodes` (rows, 1 + len(y0)), row 0 is the start.
    `first_s` is the step to try first, 0 for our own guess. Returns (status, rows filled, rejected steps,
    step to go on with in s).
    """
    bodies, ephemeris, spans, rough, gravity, orientation = model
    context = np.zeros((HEAD + ephemeris.shape[2], STAGES))
    single = np.zeros((HEAD + ephemeris.shape[2], 1))
    stages = np.zeros((3, 16))
    matrix = np.zeros((19 if y0.shape[0] > 6 else 1, 18))
    scratch = np.zeros((7, field_degree(rough) + 4))
    signs = np.ones(_EDGES)
    slopes = np.zeros((2, 3))
    size = y0.shape[0]
    y = np.zeros(size)
    out = np.zeros(size)
    nodes[0, 0] = t0_s
    for i in range(size):
        y[i] = y0[i]
        nodes[0, 1 + i] = y0[i]
    sign = 1.0 if t1_s >= t0_s else -1.0
    t = t0_s
    h = first_step(t, y, first_s, model, context)
    light = shadow_row(rough)
    if light >= 0:
        prepare(t, 0.0, 1, model, single)
        for edge in range(2 * int(rough[light, 4])):
            if outside_edge(y[0], y[1], y[2], light, edge, 0, rough, single) < 0.0:
                signs[edge] = -1.0
    count = 1
    rejected = 0
    flips = 0
    while sign * (t1_s - t) > 0.0:
        if count == nodes.shape[0]:
            return FULL, count, rejected, h
        left = abs(t1_s - t)
        last = h >= left * (1.0 - 1e-12)
        # Two even steps rather than a long and a tiny one.
        step = left if last else min(h, 0.5 * left)
        error = coast_step(t, sign * step, y, inverse_mass, model, context, stages, matrix, scratch, out)
        edge = -1
        if light >= 0 and error == error and flips < _EDGES:
            part, edge = _first_edge(
                t, sign * step, y, out, inverse_mass, light, model, context, single, scratch, signs, slopes
            )
            if edge >= 0:
                if part * step < 1e-4:
                    # The step began on the edge. Where that happens again and again, light flickers: go on.
                    signs[edge] = -signs[edge]
                    flips += 1
                    continue
                step *= part
                last = False
                error = coast_step(
                    t, sign * step, y, inverse_mass, model, context, stages, matrix, scratch, out
                )
        if error <= tolerance:
            t = t1_s if last else t + sign * step
            for i in range(size):
                y[i] = out[i]
                nodes[count, 1 + i] = out[i]
            nodes[count, 0] = t
            count += 1
            flips = 0
            grown = next_step(step, error, tolerance)
            h = max(grown, h) if last or edge >= 0 else grown
            if edge >= 0:
                signs[edge] = -signs[edge]
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
def row_before(t_s, nodes):
    """Return the last row of `nodes` that is not after `t_s` in the arc's own direction."""
    low, high = 0, nodes.shape[0] - 1
    sign = 1.0 if nodes[high, 0] >= nodes[0, 0] else -1.0
    while low < high:
        middle = (low + high + 1) // 2
        if sign * nodes[middle, 0] <= sign * t_s:
            low = middle
        else:
            high = middle - 1
    return low


@kernel
def between(t_s, nodes, inverse_mass, model, out):
    """Write the states (n, 6) at the times `t_s` (n,) by one shorter step each from the node before.

    The pair has no interpolant of its own; a step shorter than the one that was good is better still.
    `nodes` is what `coast` wrote, in either direction of time.
    """
    bodies, ephemeris, spans, rough, gravity, orientation = model
    context = np.zeros((HEAD + ephemeris.shape[2], STAGES))
    stages = np.zeros((3, 16))
    matrix = np.zeros((1, 1))
    scratch = np.zeros((7, field_degree(rough) + 4))
    y = np.zeros(6)
    end = np.zeros(6)
    for q in range(t_s.shape[0]):
        low = row_before(t_s[q], nodes)
        for i in range(6):
            y[i] = nodes[low, 1 + i]
        h = t_s[q] - nodes[low, 0]
        coast_step(nodes[low, 0], h, y, inverse_mass, model, context, stages, matrix, scratch, end)
        for i in range(6):
            out[q, i] = end[i]

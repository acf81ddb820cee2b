"""Events: the instants at which a function of the state passes zero, found by roots on steps taken again.

An event row is [kind, body, value, direction, terminal, p, q, s]:

DISTANCE    |r - body| - value
RADIAL_RATE (r - body) . (v - body's v): apsides, extremes of distance; rises through zero where it is closest
PLANE       (p, q, s) . (r - body)
EQUATOR     z in the Moon's principal axes
SHADOW      distance outside the cone; value 0 penumbra, 1 umbra; p the Sun's index, q its radius, s the
            body's radius

Direction +1 takes rising roots alone, -1 falling, 0 both. A step is searched at its ends and at seven points
between them along a cubic; each sign change is then refined on the true arc: the step is taken again with a
shorter length until the instant is known to a nanosecond.
"""

# mypy: ignore-errors
from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.dynamics._kernels_coast import coast_step, cubic, outside_cone
from perilune.dynamics._kernels_dop import body_velocity, dop_step
from perilune.dynamics._kernels_dop_table import DOP_STAGES
from perilune.dynamics._kernels_forces import HEAD, body_at, field_degree, prepare
from perilune.dynamics._kernels_rkn import STAGES

DISTANCE = 0
RADIAL_RATE = 1
PLANE = 2
EQUATOR = 3
SHADOW = 4

_POINTS = 8  # parts of a step that are searched
_RESOLUTION_S = 1e-9


@kernel
def event_value(t_s, y, row, rows, model, context):
    """Return the event function of one row at a state; `context` is for one time."""
    prepare(t_s, 0.0, 1, model, context)
    kind = int(rows[row, 0])
    body = int(rows[row, 1])
    bx, by, bz = body_at(body, 0, context)
    dx, dy, dz = y[0] - bx, y[1] - by, y[2] - bz
    if kind == DISTANCE:
        return math.sqrt(dx * dx + dy * dy + dz * dz) - rows[row, 2]
    if kind == RADIAL_RATE:
        ux, uy, uz = body_velocity(t_s, body, model[1], model[2])
        return dx * (y[3] - ux) + dy * (y[4] - uy) + dz * (y[5] - uz)
    if kind == PLANE:
        return rows[row, 5] * dx + rows[row, 6] * dy + rows[row, 7] * dz
    if kind == EQUATOR:
        return context[9, 0] * dx + context[10, 0] * dy + context[11, 0] * dz
    return outside_cone(
        y[0], y[1], y[2], int(rows[row, 5]), rows[row, 6], body, rows[row, 7], int(rows[row, 2]), 0, context
    )


@kernel
def _cubic_velocity(c, h_s, a, b, i):
    """Return component i of the velocity at part c of a step, by Hermite's cubic."""
    return (
        6.0 * c * (1.0 - c) * (b[i] - a[i]) / h_s
        + (1.0 - 4.0 * c + 3.0 * c * c) * a[3 + i]
        + (3.0 * c * c - 2.0 * c) * b[3 + i]
    )


@kernel
def _again(t_s, h_s, y, inverse_mass, burn, model, room, out):
    """Take a step of a leg again: of a coast where `burn` is empty, of a burn otherwise."""
    context, stages, matrix, scratch, axes, partials, slopes, middle, single = room
    if burn.shape[0] == 0:
        coast_step(t_s, h_s, y, inverse_mass, model, context, stages, matrix, scratch, out)
    else:
        dop_step(t_s, h_s, y, burn, model, single, scratch, axes, partials, slopes, middle, out)


@kernel
def _refine(t_s, low_s, high_s, y, row, rows, inverse_mass, burn, model, room, out):
    """Return the offset (s) of the root between two offsets from a node, or NaN; `out` is the state there.

    Regula falsi in the Illinois form, on steps taken again.
    """
    single = room[8]
    _again(t_s, low_s, y, inverse_mass, burn, model, room, out)
    f_low = event_value(t_s + low_s, out, row, rows, model, single)
    _again(t_s, high_s, y, inverse_mass, burn, model, room, out)
    f_high = event_value(t_s + high_s, out, row, rows, model, single)
    if f_high == 0.0:
        return high_s
    if not f_low * f_high < 0.0:
        return math.nan
    side = 0
    guess = high_s
    for _ in range(100):
        guess = (f_low * high_s - f_high * low_s) / (f_low - f_high)
        _again(t_s, guess, y, inverse_mass, burn, model, room, out)
        f = event_value(t_s + guess, out, row, rows, model, single)
        if f == 0.0 or abs(high_s - low_s) < _RESOLUTION_S:
            break
        if f * f_high > 0.0:
            if abs(high_s - guess) < _RESOLUTION_S:
                break
            high_s, f_high = guess, f
            if side == 1:
                f_low *= 0.5
            side = 1
        else:
            if abs(guess - low_s) < _RESOLUTION_S:
                break
            low_s, f_low = guess, f
            if side == 2:
                f_high *= 0.5
            side = 2
    return guess


@kernel
def scan(nodes, rows, inverse_mass, burn, model, found):
    """Write events between the nodes to `found` (n, 3 + columns - 1): row, direction, t, state. Return how
    many.

    A negative number means that `found` was too small (that many were written). Nothing after the first
    terminal event of a step is looked for; events of a step may stand out of order.
    """
    ephemeris, rough = model[1], model[3]
    size = nodes.shape[1] - 1
    room = (
        np.zeros((HEAD + ephemeris.shape[2], STAGES)),
        np.zeros((3, 16)),
        np.zeros((19, 18)),
        np.zeros((7, field_degree(rough) + 4)),
        np.zeros((7, 3)),
        np.zeros((3, 6)),
        np.zeros((DOP_STAGES, size)),
        np.zeros(size),
        np.zeros((HEAD + ephemeris.shape[2], 1)),
    )
    single = room[8]
    room[3][0, 0] = field_degree(rough)
    y = np.zeros(size)
    end = np.zeros(size)
    out = np.zeros(size)
    point = np.zeros(6)
    before = np.zeros(rows.shape[0])
    count = 0
    for i in range(size):
        y[i] = nodes[0, 1 + i]
    for e in range(rows.shape[0]):
        before[e] = event_value(nodes[0, 0], y, e, rows, model, single)
    for n in range(nodes.shape[0] - 1):
        t = nodes[n, 0]
        h = nodes[n + 1, 0] - t
        if h == 0.0:
            continue
        for i in range(size):
            y[i] = nodes[n, 1 + i]
            end[i] = nodes[n + 1, 1 + i]
        stop = False
        for e in range(rows.shape[0]):
            f = before[e]
            for p in range(1, _POINTS + 1):
                c = p / _POINTS
                if p == _POINTS:
                    for i in range(6):
                        point[i] = end[i]
                else:
                    point[0], point[1], point[2] = cubic(c, h, y, end)
                    for i in range(3):
                        point[3 + i] = _cubic_velocity(c, h, y, end, i)
                g = event_value(t + c * h, point, e, rows, model, single)
                if f * g < 0.0 or (g == 0.0 and f != 0.0):
                    # Rising in time, whatever the direction of flight.
                    rising = 1.0 if (g > f) == (h > 0.0) else -1.0
                    if rows[e, 3] == 0.0 or rows[e, 3] == rising:
                        s = _refine(
                            t, (p - 1) * h / _POINTS, c * h, y, e, rows, inverse_mass, burn, model, room, out
                        )
                        # The cubic was off at an end: look wider and wider. On a nearly round orbit, where
                        # the distance hardly changes, it misplaces an apsis by more than a part of a step.
                        wide = 0.25 * h / _POINTS
                        for _ in range(6):
                            if s == s:
                                break
                            s = _refine(
                                t,
                                (p - 1) * h / _POINTS - wide,
                                c * h + wide,
                                y,
                                e,
                                rows,
                                inverse_mass,
                                burn,
                                model,
                                room,
                                out,
                            )
                            wide *= 2.0
                        if s == s:
                            if count == found.shape[0]:
                                return -count
                            found[count, 0] = e
                            found[count, 1] = rising
                            found[count, 2] = t + s
                            for i in range(size):
                                found[count, 3 + i] = out[i]
                            count += 1
                            if rows[e, 4] != 0.0:
                                stop = True
                if g != 0.0:
                    f = g
            before[e] = f
        if stop:
            return count
    return count

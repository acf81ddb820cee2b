"""Arcs with their lunar and terrestrial passages, and the arcs of a shooting problem with their matrices.

`model` is the tuple of `perilune.dynamics._kernels_forces`, Earth-centred, with the Moon as its first body.
"""

from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.dynamics._kernels_coast import coast as coast_stm
from perilune.dynamics._kernels_forces import (
    HEAD,
    acceleration,
    choose_degree,
    field_degree,
    prepare,
)
from perilune.dynamics._kernels_rkn import FULL, TIMES, first_step, next_step, rkn_step, smallest_step
from perilune.dynamics._kernels_rkn_table import STAGES

#: Kinds of passage in an event row: kind, time (s), distance (m), state (6).
LUNAR = 1.0
TERRESTRIAL = 2.0

#: Summary of an arc: largest Earth distance, its time, how it ended, time and state at the end.
ENDED = 0.0
HIT_MOON = 1.0
HIT_EARTH = 2.0
LEFT = 3.0
LOST = 4.0

#: Blocks of 256 steps that an arc may take.
_BLOCKS = 8


@kernel
def body_state(t_s, body, ephemeris, spans, out):
    """Write position (m) and velocity (m/s) of ephemeris body `body` (0 = first) at `t_s` into out[0:6]."""
    piece = int(math.floor((t_s - spans[0]) / spans[1]))
    piece = min(max(piece, 0), ephemeris.shape[0] - 1)
    x = 2.0 * ((t_s - (spans[0] + piece * spans[1])) / spans[1]) - 1.0
    slope = 2.0 / spans[1]
    for c in range(3):
        value, rate = 0.0, 0.0
        for k in range(ephemeris.shape[1]):
            rate = rate * x + value
            value = value * x + ephemeris[piece, k, 3 * body + c]
        out[c] = value
        out[3 + c] = rate * slope


@kernel
def _approach(t_s, y, body, ephemeris, spans, place):
    """Return (distance^2, r.v) relative to a body, or to the centre where body is -1."""
    if body < 0:
        for c in range(6):
            place[c] = 0.0
    else:
        body_state(t_s, body, ephemeris, spans, place)
    d2, rate = 0.0, 0.0
    for c in range(3):
        d2 += (y[c] - place[c]) ** 2
        rate += (y[c] - place[c]) * (y[3 + c] - place[3 + c])
    return d2, rate


@kernel
def passages(t0_s, t1_s, y0, inverse_mass, tolerance, limits, model, events, summary):
    """Integrate from t0 to t1 and note every passage (nearest point) of Moon and Earth; return their number.

    `limits`: radius of the Moon, radius of the Earth, distance from the Earth at which an arc is given up
    (m). `events` (n, 9) and `summary` (10,) are described above.
    """
    bodies, ephemeris, spans, rough, gravity, orientation = model
    degree = field_degree(rough)
    context = np.zeros((HEAD + ephemeris.shape[2], STAGES))
    stages = np.zeros((3, 16))
    scratch = np.zeros((7, degree + 4))
    y = y0.copy()
    out = np.zeros(6)
    mid = np.zeros(6)
    place = np.zeros(6)
    rates = np.zeros(2)
    sign = 1.0 if t1_s >= t0_s else -1.0
    t = t0_s
    h = first_step(t, y, 0.0, model, context)
    for kind in range(2):
        rates[kind] = sign * _approach(t, y, -kind, ephemeris, spans, place)[1]
    count = 0
    summary[0] = 0.0
    summary[1] = t0_s
    summary[2] = ENDED
    while sign * (t1_s - t) > 0.0:
        left = abs(t1_s - t)
        last = h >= left * (1.0 - 1e-12)
        step = left if last else min(h, 0.5 * left)
        prepare(t, sign * step, TIMES, model, context)
        if degree > 0:
            speed = math.sqrt(y[3] * y[3] + y[4] * y[4] + y[5] * y[5])
            choose_degree(y[0], y[1], y[2], speed * step, rough, gravity, context, scratch)
        error = rkn_step(sign * step, y, inverse_mass, bodies, rough, gravity, context, stages, scratch, out)
        if not error <= tolerance:
            h = next_step(step, error, tolerance)
            if h < smallest_step(t):
                summary[2] = LOST
                break
            continue
        t_next = t1_s if last else t + sign * step
        for kind in range(2):
            rate = sign * _approach(t_next, out, -kind, ephemeris, spans, place)[1]
            if rates[kind] < 0.0 <= rate:
                # Regula falsi (Illinois) on r.v, each trial a step of its own from the last node.
                s0, f0, s1, f1 = 0.0, rates[kind], step, rate
                sm, d2 = step, 0.0
                for _ in range(30):
                    sm = (s0 * f1 - s1 * f0) / (f1 - f0)
                    prepare(t, sign * sm, TIMES, model, context)
                    rkn_step(
                        sign * sm, y, inverse_mass, bodies, rough, gravity, context, stages, scratch, mid
                    )
                    d2, fm = _approach(t + sign * sm, mid, -kind, ephemeris, spans, place)
                    fm *= sign
                    if abs(s1 - s0) < 0.1 or abs(fm) < 1e-9 * d2:
                        break
                    if fm * f1 < 0.0:
                        s0, f0 = s1, f1
                    else:
                        f0 *= 0.5
                    s1, f1 = sm, fm
                if count < events.shape[0]:
                    events[count, 0] = LUNAR if kind == 0 else TERRESTRIAL
                    events[count, 1] = t + sign * sm
                    events[count, 2] = math.sqrt(d2)
                    for c in range(6):
                        events[count, 3 + c] = mid[c]
                    count += 1
                if d2 < limits[kind] * limits[kind]:
                    summary[2] = HIT_MOON if kind == 0 else HIT_EARTH
            rates[kind] = rate
        t = t_next
        for c in range(6):
            y[c] = out[c]
        h = max(next_step(step, error, tolerance), h if last else 0.0)
        distance = math.sqrt(y[0] * y[0] + y[1] * y[1] + y[2] * y[2])
        if distance > summary[0]:
            summary[0] = distance
            summary[1] = t
        if distance > limits[2]:
            summary[2] = LEFT
        if summary[2] > ENDED:
            break
    summary[3] = t
    for c in range(6):
        summary[4 + c] = y[c]
    return count


@kernel
def many_passages(t0_s, t1_s, starts, inverse_mass, tolerance, limits, model, events, summaries, counts):
    """Run `passages` for each row of `starts` (n, 6)."""
    for i in range(starts.shape[0]):
        counts[i] = passages(
            t0_s, t1_s, starts[i], inverse_mass, tolerance, limits, model, events[i], summaries[i]
        )


@kernel
def state_rate(t_s, y, inverse_mass, model, out):
    """Write the derivative of a state, velocity and acceleration, into out[0:6]."""
    bodies, ephemeris, spans, rough, gravity, orientation = model
    degree = field_degree(rough)
    context = np.zeros((HEAD + ephemeris.shape[2], STAGES))
    scratch = np.zeros((7, degree + 4))
    prepare(t_s, 0.0, 1, model, context)
    if degree > 0:
        choose_degree(y[0], y[1], y[2], 0.0, rough, gravity, context, scratch)
    ax, ay, az = acceleration(y[0], y[1], y[2], inverse_mass, 0, bodies, rough, gravity, context, scratch)
    out[0], out[1], out[2] = y[3], y[4], y[5]
    out[3], out[4], out[5] = ax, ay, az


@kernel
def shoot(times_s, starts, inverse_mass, tolerance, model, ends, matrices):
    """Integrate arc i from times[i] to times[i + 1] with its matrix; return 0, or 1 + the arc that failed.

    An arc that needs more than some thousand steps is inside a body: a trial that went astray.
    """
    rows = 256
    nodes = np.empty((rows, 43))
    y = np.zeros(42)
    for i in range(starts.shape[0]):
        for c in range(42):
            y[c] = 0.0
        for c in range(6):
            y[c] = starts[i, c]
            y[6 + 7 * c] = 1.0
        t = times_s[i]
        first = 0.0
        status = FULL
        for _ in range(_BLOCKS):
            status, count, _, first = coast_stm(
                t, times_s[i + 1], y, first, inverse_mass[i], tolerance, model, nodes
            )
            t = nodes[count - 1, 0]
            for c in range(42):
                y[c] = nodes[count - 1, 1 + c]
            if status != FULL:
                break
        if status != 0:
            return 1 + i
        for c in range(6):
            ends[i, c] = y[c]
            for d in range(6):
                matrices[i, c, d] = y[6 + 6 * c + d]
    return 0

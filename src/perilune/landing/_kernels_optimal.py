"""Compiled indirect shooting for the planar minimum-fuel descent: states, costates, Newton.

Non-dimensional: the unit of length is the starting radius, of speed the circular speed there, of mass the
starting mass. y = (angle, r, v_r, v_t, m, q_r, q_vr, q_vt, q_m) where q are the negated costates, so that
thrust points along (q_vr, q_vt). The angle is free at the end, hence its costate is zero throughout.
"""

from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.landing._kernels_linear import put, solve_in_place

SIZE = 9


@kernel
def _rates(y, thrust, flow, out):
    r, vr, vt, m = y[1], y[2], y[3], y[4]
    qr, qvr, qvt = y[5], y[6], y[7]
    primer = math.sqrt(qvr * qvr + qvt * qvt)
    a = thrust / m
    out[0] = vt / r
    out[1] = vr
    out[2] = vt * vt / r - 1.0 / (r * r) + a * qvr / primer
    out[3] = -vr * vt / r + a * qvt / primer
    out[4] = -flow
    out[5] = qvr * (vt * vt / (r * r) - 2.0 / (r * r * r)) - qvt * vr * vt / (r * r)
    out[6] = -qr + qvt * vt / r
    out[7] = -2.0 * qvr * vt / r + qvt * vr / r
    out[8] = a * primer / m


@kernel
def advance(y, thrust, flow, duration, steps):
    """Integrate y in place over `duration` with constant thrust (RK4, fixed steps)."""
    k = np.empty(SIZE)
    total = np.empty(SIZE)
    stage = np.empty(SIZE)
    h = duration / steps
    for _ in range(steps):
        for i in range(SIZE):
            total[i] = 0.0
            stage[i] = y[i]
        for s in range(4):
            _rates(stage, thrust, flow, k)
            weight = 1.0 if s == 0 or s == 3 else 2.0
            reach = h if s == 2 else 0.5 * h
            for i in range(SIZE):
                total[i] += weight * k[i]
                stage[i] = y[i] + reach * k[i]
        for i in range(SIZE):
            y[i] += h / 6.0 * total[i]


@kernel
def fly(unknowns, start, thrust, flow, first_burn, coast, steps):
    """Return y at the end; unknowns = (thrust elevation and q_r at the start, total burning time)."""
    y = np.empty(SIZE)
    put(start, 0, y)
    y[5] = unknowns[1]
    y[6] = math.sin(unknowns[0])
    y[7] = -math.cos(unknowns[0])
    y[8] = 0.0
    if coast > 0.0:
        if first_burn > 0.0:
            advance(y, thrust, flow, first_burn, steps)
        advance(y, 0.0, 0.0, coast, steps)
        advance(y, thrust, flow, unknowns[2] - first_burn, steps)
    else:
        advance(y, thrust, flow, unknowns[2], steps)
    return y


@kernel
def _miss(y, target, out):
    worst = 0.0
    for i in range(3):
        out[i] = y[1 + i] - target[i]
        worst = max(worst, abs(out[i]))
    return worst if math.isfinite(worst) else 1e9


@kernel
def shoot(unknowns, start, thrust, flow, first_burn, coast, target, steps):
    """Solve in place for the unknowns so that (r, v_r, v_t) end at `target`; return the largest miss."""
    jacobian = np.empty((3, 3))
    miss = np.empty(3)
    trial_miss = np.empty(3)
    trial = np.empty(3)
    step = np.empty(3)
    limits = (0.2, 0.5, 0.1)
    error = 1e9
    for iteration in range(60):
        y = fly(unknowns, start, thrust, flow, first_burn, coast, steps)
        error = _miss(y, target, miss)
        if error < 1e-12 or error >= 1e9:
            return error
        for j in range(3):
            put(unknowns, 0, trial)
            d = 1e-7 * max(1.0, abs(trial[j]))
            trial[j] += d
            yj = fly(trial, start, thrust, flow, first_burn, coast, steps)
            for i in range(3):
                jacobian[i, j] = (yj[1 + i] - y[1 + i]) / d
        put(miss, 0, step)
        if not solve_in_place(jacobian, step):
            return 1e9
        scale = 1.0
        for j in range(3):
            if abs(step[j]) * scale > limits[j]:
                scale = limits[j] / abs(step[j])
        for halving in range(12):
            for j in range(3):
                trial[j] = unknowns[j] - scale * step[j]
            yt = fly(trial, start, thrust, flow, first_burn, coast, steps)
            better = _miss(yt, target, trial_miss) < error
            if better or (iteration < 3 and halving > 6):
                break
            scale *= 0.5
        put(trial, 0, unknowns)
    return error


@kernel
def switching(unknowns, start, thrust, flow, first_burn, coast, steps, samples, out):
    """Fill out[samples, 3] with time, switching function (full thrust is optimal below zero), radius.

    The scale of the costates follows from the Hamiltonian, zero for a free end time, at the end.
    """
    end = fly(unknowns, start, thrust, flow, first_burn, coast, steps)
    primer = math.hypot(end[6], end[7])
    drift = end[5] * end[2]
    drift += end[6] * (end[3] * end[3] / end[1] - 1.0 / (end[1] * end[1])) - end[7] * end[2] * end[3] / end[1]
    scale = 1.0 / (primer * thrust / end[4] + drift)
    y = np.empty(SIZE)
    put(start, 0, y)
    y[5] = unknowns[1]
    y[6] = math.sin(unknowns[0])
    y[7] = -math.cos(unknowns[0])
    y[8] = 0.0
    total = unknowns[2] + coast
    t = 0.0
    for i in range(samples):
        primer = math.hypot(y[6], y[7])
        out[i, 0] = t
        out[i, 1] = 1.0 - scale * (primer * thrust / y[4] + (end[8] - y[8]) * flow)
        out[i, 2] = y[1]
        goal = total * (i + 1) / (samples - 1.0)
        while i + 1 < samples and t < goal - 1e-15:
            burning = coast <= 0.0 or t < first_burn or t >= first_burn + coast
            stop = goal
            if coast > 0.0:
                for edge in (first_burn, first_burn + coast):
                    if t < edge - 1e-15 and edge < stop:
                        stop = edge
            advance(y, thrust if burning else 0.0, flow if burning else 0.0, stop - t, 8)
            t = stop

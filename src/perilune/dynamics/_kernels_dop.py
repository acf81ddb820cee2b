"""DOP853 arcs: thrust, mass flow and forces that depend on velocity.

`y` is position, velocity, the 6x6 matrix by rows where asked, and last the mass in kg; `nodes` has one
column more, t first. `burn` (16,) says how the engine pushes:

[0 kind, 1 thrust N, 2 mass flow kg/s, 3-5 direction, 6 start s, 7 turn rate rad/s, 8-10 turn axis, 11 body]

NONE no thrust; INERTIAL along the direction in ICRF; TURNING along the direction turned about the axis by
the rate since the start; VNB along the components (velocity, orbit normal, their cross product) relative to
the body (0 the centre, 1 + index otherwise).
"""

# mypy: ignore-errors
from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.dynamics._kernels_coast import row_before
from perilune.dynamics._kernels_dop_table import DOP_A, DOP_B, DOP_C, DOP_E3, DOP_E5, DOP_STAGES
from perilune.dynamics._kernels_forces import (
    HEAD,
    SCHWARZSCHILD,
    acceleration,
    body_at,
    choose_degree,
    field_degree,
    gradient,
    nearest,
    prepare,
)
from perilune.dynamics._kernels_rkn import COLLAPSED, DONE, FULL, first_step, smallest_step

NONE = 0
INERTIAL = 1
TURNING = 2
VNB = 3

_SPEED_OF_LIGHT_M_S = 299792458.0  # m/s, exact (SI)
_SAFETY = 0.8
_SHRINK = 0.2
_GROW = 3.0
_EXPONENT = 1.0 / 8.0


@kernel
def body_velocity(t_s, body, ephemeris, spans):
    """Return the velocity (m/s) of a body relative to the centre, from the slope of its power series."""
    if body <= 0:
        return 0.0, 0.0, 0.0
    p = int(math.floor((t_s - spans[0]) / spans[1]))
    p = min(max(p, 0), ephemeris.shape[0] - 1)
    x = 2.0 * ((t_s - (spans[0] + p * spans[1])) / spans[1]) - 1.0
    c = 3 * (body - 1)
    a, b, d = 0.0, 0.0, 0.0
    for k in range(12):
        a = a * x + (12 - k) * ephemeris[p, k, c]
        b = b * x + (12 - k) * ephemeris[p, k, c + 1]
        d = d * x + (12 - k) * ephemeris[p, k, c + 2]
    scale = 2.0 / spans[1]
    return a * scale, b * scale, d * scale


@kernel
def vnb_axes(x, y, z, vx, vy, vz, out):
    """Write the unit vectors along velocity, orbit normal and their cross product as rows of out (3, 3)."""
    v = math.sqrt(vx * vx + vy * vy + vz * vz)
    out[0, 0], out[0, 1], out[0, 2] = vx / v, vy / v, vz / v
    hx, hy, hz = y * vz - z * vy, z * vx - x * vz, x * vy - y * vx
    h = math.sqrt(hx * hx + hy * hy + hz * hz)
    out[1, 0], out[1, 1], out[1, 2] = hx / h, hy / h, hz / h
    out[2, 0] = out[0, 1] * out[1, 2] - out[0, 2] * out[1, 1]
    out[2, 1] = out[0, 2] * out[1, 0] - out[0, 0] * out[1, 2]
    out[2, 2] = out[0, 0] * out[1, 1] - out[0, 1] * out[1, 0]


@kernel
def thrust_direction(t_s, y, burn, j, ephemeris, spans, context, axes, out):
    """Write the unit vector of thrust in ICRF into out[0:3]; VNB leaves its axes in `axes`."""
    kind = int(burn[0])
    dx, dy, dz = burn[3], burn[4], burn[5]
    if kind == VNB:
        bx, by, bz = body_at(int(burn[11]), j, context)
        ux, uy, uz = body_velocity(t_s, int(burn[11]), ephemeris, spans)
        rx, ry, rz = y[0] - bx, y[1] - by, y[2] - bz
        vx, vy, vz = y[3] - ux, y[4] - uy, y[5] - uz
        vnb_axes(rx, ry, rz, vx, vy, vz, axes)
        axes[3, 0] = math.sqrt(vx * vx + vy * vy + vz * vz)
        axes[3, 1] = math.sqrt(rx * rx + ry * ry + rz * rz)
        axes[4, 0], axes[4, 1], axes[4, 2] = rx, ry, rz
        axes[5, 0], axes[5, 1], axes[5, 2] = vx, vy, vz
        for i in range(3):
            out[i] = dx * axes[0, i] + dy * axes[1, i] + dz * axes[2, i]
        return
    if kind == TURNING:
        angle = burn[7] * (t_s - burn[6])
        c, s = math.cos(angle), math.sin(angle)
        kx, ky, kz = burn[8], burn[9], burn[10]
        along = (kx * dx + ky * dy + kz * dz) * (1.0 - c)
        dx, dy, dz = (
            dx * c + (ky * dz - kz * dy) * s + kx * along,
            dy * c + (kz * dx - kx * dz) * s + ky * along,
            dz * c + (kx * dy - ky * dx) * s + kz * along,
        )
    out[0], out[1], out[2] = dx, dy, dz


@kernel
def _cross(a, b, i):
    j, k = (i + 1) % 3, (i + 2) % 3
    return a[j] * b[k] - a[k] * b[j]


@kernel
def _vnb_partials(burn, axes, push, out):
    """Add to out (3, 6) how an acceleration `push` along VNB components changes with the state."""
    speed = axes[3, 0]
    r, v = axes[4], axes[5]
    h = np.empty(3)
    dh = np.empty(3)
    unit = np.empty(3)
    d_along = np.empty(3)
    d_normal = np.empty(3)
    for i in range(3):
        h[i] = _cross(r, v, i)
    size = math.sqrt(h[0] * h[0] + h[1] * h[1] + h[2] * h[2])
    for column in range(6):
        for i in range(3):
            unit[i] = 1.0 if i == column % 3 else 0.0
        for i in range(3):
            dh[i] = _cross(unit, v, i) if column < 3 else _cross(r, unit, i)
        turn = dh[0] * axes[1, 0] + dh[1] * axes[1, 1] + dh[2] * axes[1, 2]
        for i in range(3):
            d_normal[i] = (dh[i] - turn * axes[1, i]) / size
            d_along[i] = (unit[i] - axes[0, column % 3] * axes[0, i]) / speed if column >= 3 else 0.0
        for i in range(3):
            across = _cross(d_along, axes[1], i) + _cross(axes[0], d_normal, i)
            out[i, column] += push * (burn[3] * d_along[i] + burn[4] * d_normal[i] + burn[5] * across)


@kernel
def _schwarzschild(y, rough, a):
    """Add the Schwarzschild term of the centre (IERS 2010, 10.3; harmonic coordinates) to a[0:3]."""
    for f in range(rough.shape[0]):
        if int(rough[f, 0]) == SCHWARZSCHILD:
            gm = rough[f, 1]
            r2 = y[0] * y[0] + y[1] * y[1] + y[2] * y[2]
            r = math.sqrt(r2)
            v2 = y[3] * y[3] + y[4] * y[4] + y[5] * y[5]
            rv = y[0] * y[3] + y[1] * y[4] + y[2] * y[5]
            scale = gm / (_SPEED_OF_LIGHT_M_S * _SPEED_OF_LIGHT_M_S * r2 * r)
            for i in range(3):
                a[i] += scale * ((4.0 * gm / r - v2) * y[i] + 4.0 * rv * y[3 + i])


@kernel
def _slope(t_s, y, burn, model, context, scratch, axes, partials, out):
    """Write dy/dt into `out`."""
    bodies, ephemeris, spans, rough, gravity, orientation = model
    size = y.shape[0]
    mass = y[size - 1]
    prepare(t_s, 0.0, 1, model, context)
    out[0], out[1], out[2] = y[3], y[4], y[5]
    with_matrix = size > 7
    inverse = 1.0 / mass
    if with_matrix:
        ax, ay, az, xx, xy, xz, yy, yz, zz = gradient(
            y[0], y[1], y[2], inverse, 0, bodies, rough, gravity, context, scratch
        )
        for i in range(3):
            for c in range(6):
                partials[i, c] = 0.0
        partials[0, 0], partials[0, 1], partials[0, 2] = xx, xy, xz
        partials[1, 0], partials[1, 1], partials[1, 2] = xy, yy, yz
        partials[2, 0], partials[2, 1], partials[2, 2] = xz, yz, zz
    else:
        ax, ay, az = acceleration(y[0], y[1], y[2], inverse, 0, bodies, rough, gravity, context, scratch)
    out[3], out[4], out[5] = ax, ay, az
    _schwarzschild(y, rough, out[3:6])
    out[size - 1] = 0.0
    if int(burn[0]) != NONE:
        push = burn[1] * inverse
        thrust_direction(t_s, y, burn, 0, ephemeris, spans, context, axes, axes[6])
        for i in range(3):
            out[3 + i] += push * axes[6, i]
        out[size - 1] = -burn[2]
        if with_matrix and int(burn[0]) == VNB:
            _vnb_partials(burn, axes, push, partials)
    if with_matrix:
        for c in range(6):
            for i in range(3):
                out[6 + 6 * i + c] = y[24 + 6 * i + c]
                total = 0.0
                for k in range(3):
                    total += partials[i, k] * y[6 + 6 * k + c] + partials[i, 3 + k] * y[24 + 6 * k + c]
                out[24 + 6 * i + c] = total


@kernel
def dop_step(t_s, h_s, y, burn, model, context, scratch, axes, partials, slopes, middle, out):
    """Take one step; return the error in the units of `rkn_step`. slopes (12, n); middle and out (n,)."""
    size = y.shape[0]
    for s in range(DOP_STAGES):
        for i in range(size):
            total = 0.0
            for k in range(s):
                total += DOP_A[s, k] * slopes[k, i]
            middle[i] = y[i] + h_s * total
        _slope(t_s + DOP_C[s] * h_s, middle, burn, model, context, scratch, axes, partials, slopes[s])
        if s == 0:
            distance, time = nearest(y[0], y[1], y[2], 0, model[0], context)
    for i in range(size):
        total = 0.0
        for s in range(DOP_STAGES):
            total += DOP_B[s] * slopes[s, i]
        out[i] = y[i] + h_s * total
    five, three = 0.0, 0.0
    for i in range(6):
        a, b = 0.0, 0.0
        for s in range(DOP_STAGES):
            a += DOP_E5[s] * slopes[s, i]
            b += DOP_E3[s] * slopes[s, i]
        scale = abs(h_s) / distance if i < 3 else abs(h_s) * time / distance
        five += (a * scale) ** 2
        three += (b * scale) ** 2
    if five == 0.0 and three == 0.0:
        return 0.0
    return five / math.sqrt(five + 0.01 * three)


@kernel
def burn_arc(t0_s, t1_s, y0, first_s, tolerance, burn, model, nodes):
    """Integrate from t0 to t1 under thrust; as `coast`, with the mass behind the state."""
    bodies, ephemeris, spans, rough, gravity, orientation = model
    size = y0.shape[0]
    context = np.zeros((HEAD + ephemeris.shape[2], 1))
    scratch = np.zeros((7, field_degree(rough) + 4))
    axes = np.zeros((7, 3))
    partials = np.zeros((3, 6))
    slopes = np.zeros((DOP_STAGES, size))
    middle = np.zeros(size)
    y = np.zeros(size)
    out = np.zeros(size)
    nodes[0, 0] = t0_s
    for i in range(size):
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
        if scratch.shape[1] > 4:
            prepare(t, 0.0, 1, model, context)
            reach = math.sqrt(y[3] * y[3] + y[4] * y[4] + y[5] * y[5]) * step
            choose_degree(y[0], y[1], y[2], reach, rough, gravity, context, scratch)
        error = dop_step(
            t, sign * step, y, burn, model, context, scratch, axes, partials, slopes, middle, out
        )
        factor = _SHRINK
        if error == error:
            factor = _SAFETY * (tolerance / error) ** _EXPONENT if error > 0.0 else _GROW
            factor = min(_GROW, max(_SHRINK, factor))
        if error <= tolerance:
            t = t1_s if last else t + sign * step
            for i in range(size):
                y[i] = out[i]
                nodes[count, 1 + i] = out[i]
            nodes[count, 0] = t
            count += 1
            h = max(step * factor, h) if last else step * factor
        else:
            rejected += 1
            h = step * min(factor, 1.0)
            if h < smallest_step(t):
                return COLLAPSED, count, rejected, h
    return DONE, count, rejected, h


@kernel
def burn_between(t_s, nodes, burn, model, out):
    """Write the states with mass (n, size) at the times `t_s` by a shorter step from the node before."""
    bodies, ephemeris, spans, rough, gravity, orientation = model
    size = nodes.shape[1] - 1
    context = np.zeros((HEAD + ephemeris.shape[2], 1))
    scratch = np.zeros((7, field_degree(rough) + 4))
    axes = np.zeros((7, 3))
    partials = np.zeros((3, 6))
    slopes = np.zeros((DOP_STAGES, size))
    middle = np.zeros(size)
    y = np.zeros(size)
    end = np.zeros(size)
    for q in range(t_s.shape[0]):
        low = row_before(t_s[q], nodes)
        for i in range(size):
            y[i] = nodes[low, 1 + i]
        h = t_s[q] - nodes[low, 0]
        if scratch.shape[1] > 4:
            prepare(nodes[low, 0], 0.0, 1, model, context)
            reach = math.sqrt(y[3] * y[3] + y[4] * y[4] + y[5] * y[5]) * abs(h)
            choose_degree(y[0], y[1], y[2], reach, rough, gravity, context, scratch)
        dop_step(nodes[low, 0], h, y, burn, model, context, scratch, axes, partials, slopes, middle, end)
        for i in range(size):
            out[q, i] = end[i]

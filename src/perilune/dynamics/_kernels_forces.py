"""The forces as compiled functions that read tables.

`model` is a tuple of six float64 arrays, built by `perilune.dynamics.forces`:

0 bodies (1 + n_body, 2): gm of the direct and of the indirect term, m^3/s^2; row 0 is the centre. A body that
  only shines, or pulls through a field, has direct gm 0; sunlight without shadow is taken off the Sun's
  direct gm. The number of rows is odd: a last body that is nothing (gm 0, at the centre) makes it so.
1 ephemeris (n_piece, 13, 3 n_body): power series of body positions, m, relative to the centre, ICRF; highest
  power first, of the time scaled to -1..1 in its piece.
2 spans (4,): ephemeris start_s, piece_s, orientation start_s, piece_s (seconds from the arc's base).
3 rough (n, 12): every other force, one row each: kind, then its parameters (below).
4 gravity (4, n, m): lunar field C', S', beta (`world._kernels.field_table`); [3, n, 0] is the distance beyond
  which degree n suffices.
5 orientation (n_piece, 10, 3): power series of the Moon's Euler angles; (0, 10, 3) where no field is used.

Rough rows (body = 0 the centre, 1 + index in the ephemeris otherwise):

SOLAR  [0, pressure * area * reflectivity * au^2 (kg m^3/s^2), Sun, its radius, occulters,
        body, radius, body, radius]
ZONAL  [1, gm, radius, body, pole x, y, z, number of terms, J2, J3, J4]     without the central term
FIELD  [2, gm, radius, body, degree, 1 if the degree follows the distance]  with the central term
SCHWARZSCHILD [3, gm, body]   depends on velocity: DOP853 only

What depends on time alone is found for all stages of a step at once (`prepare`): `context` (12 + 3 n_body,
17) holds in rows 0-2 the acceleration of the centre itself (indirect terms), in 3-11 the matrix ICRF -> Moon
axes, then the bodies. `scratch` is (7, degree + 4): [0, 0] is the field's degree in use, [0, 1] the lit
fraction last met, the rest room for the field's rows. No slices in here: a view costs two atomic operations.
"""

# mypy: ignore-errors
from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.dynamics._kernels_rkn_table import C as NODES
from perilune.world._kernels import (
    euler_313,
    field_acceleration,
    field_gradient,
    lit_fraction,
    shadow_angles,
    zonal_acceleration,
    zonal_gradient,
)

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


@kernel
def light(x, y, z, f, j, rough, context):
    """Return the part of the Sun seen from (x, y, z): the product over the occulters of SOLAR row `f`."""
    sx, sy, sz = body_at(int(rough[f, 2]), j, context)
    fraction = 1.0
    for o in range(int(rough[f, 4])):
        bx, by, bz = body_at(int(rough[f, 5 + 2 * o]), j, context)
        # Only behind the body, seen from the Sun, can there be a shadow.
        if (x - bx) * (sx - bx) + (y - by) * (sy - by) + (z - bz) * (sz - bz) < 0.0:
            sun, body, apart = shadow_angles(
                x, y, z, sx, sy, sz, rough[f, 3], bx, by, bz, rough[f, 6 + 2 * o]
            )
            fraction *= lit_fraction(sun, body, apart)
    return fraction


@kernel
def solar_factor(x, y, z, inverse_mass, f, j, rough, context, scratch):
    """Return g and d, the way from the Sun, of the acceleration g * d; scratch[0, 1] becomes the lit
    fraction."""
    sx, sy, sz = body_at(int(rough[f, 2]), j, context)
    dx, dy, dz = x - sx, y - sy, z - sz
    d2 = dx * dx + dy * dy + dz * dz
    fraction = light(x, y, z, f, j, rough, context)
    scratch[0, 1] = fraction
    return fraction * rough[f, 1] * inverse_mass / (d2 * math.sqrt(d2)), dx, dy, dz


@kernel
def rough_acceleration(x, y, z, inverse_mass, j, rough, gravity, context, scratch):
    """Return the sum of all accelerations that are no point masses (m/s^2), ICRF."""
    ax, ay, az = 0.0, 0.0, 0.0
    for f in range(rough.shape[0]):
        kind = int(rough[f, 0])
        if kind == SOLAR:
            g, dx, dy, dz = solar_factor(x, y, z, inverse_mass, f, j, rough, context, scratch)
            ax += g * dx
            ay += g * dy
            az += g * dz
        elif kind == ZONAL:
            bx, by, bz = body_at(int(rough[f, 3]), j, context)
            gx, gy, gz = zonal_acceleration(x - bx, y - by, z - bz, rough, f)
            ax += gx
            ay += gy
            az += gz
        elif kind == FIELD:
            bx, by, bz = body_at(int(rough[f, 3]), j, context)
            dx, dy, dz = x - bx, y - by, z - bz
            c = context
            fx, fy, fz = field_acceleration(
                c[3, j] * dx + c[4, j] * dy + c[5, j] * dz,
                c[6, j] * dx + c[7, j] * dy + c[8, j] * dz,
                c[9, j] * dx + c[10, j] * dy + c[11, j] * dz,
                rough[f, 1],
                rough[f, 2],
                int(scratch[0, 0]),
                gravity,
                scratch,
            )
            ax += c[3, j] * fx + c[6, j] * fy + c[9, j] * fz
            ay += c[4, j] * fx + c[7, j] * fy + c[10, j] * fz
            az += c[5, j] * fx + c[8, j] * fy + c[11, j] * fz
    return ax, ay, az


@kernel(inline=True)
def acceleration(x, y, z, inverse_mass, j, bodies, rough, gravity, context, scratch):
    """Return the acceleration (m/s^2) at (x, y, z) m from the centre, at stage j of a prepared context.

    Bodies come in pairs: that is twice as fast as a loop over single ones, which is turned into slow gathers.
    """
    r2 = x * x + y * y + z * z
    g = bodies[0, 0] / (r2 * math.sqrt(r2))
    ax = context[0, j] - g * x
    ay = context[1, j] - g * y
    az = context[2, j] - g * z
    for b in range(1, bodies.shape[0], 2):
        i = HEAD - 3 + 3 * b
        dx = x - context[i, j]
        dy = y - context[i + 1, j]
        dz = z - context[i + 2, j]
        ex = x - context[i + 3, j]
        ey = y - context[i + 4, j]
        ez = z - context[i + 5, j]
        d2 = dx * dx + dy * dy + dz * dz
        e2 = ex * ex + ey * ey + ez * ez
        gd = bodies[b, 0] / (d2 * math.sqrt(d2))
        ge = bodies[b + 1, 0] / (e2 * math.sqrt(e2))
        ax -= gd * dx + ge * ex
        ay -= gd * dy + ge * ey
        az -= gd * dz + ge * ez
    if rough.shape[0] > 0:
        rx, ry, rz = rough_acceleration(x, y, z, inverse_mass, j, rough, gravity, context, scratch)
        ax += rx
        ay += ry
        az += rz
    return ax, ay, az


@kernel
def field_gradient_icrf(dx, dy, dz, f, j, rough, gravity, context, scratch):
    """Return acceleration (3) and gradient (6) of FIELD row `f`, turned to ICRF."""
    c = context
    fx, fy, fz, xx, xy, xz, yy, yz, zz = field_gradient(
        c[3, j] * dx + c[4, j] * dy + c[5, j] * dz,
        c[6, j] * dx + c[7, j] * dy + c[8, j] * dz,
        c[9, j] * dx + c[10, j] * dy + c[11, j] * dz,
        rough[f, 1],
        rough[f, 2],
        int(scratch[0, 0]),
        gravity,
        scratch,
    )
    # R^T h R, by the columns of h R.
    ux = xx * c[3, j] + xy * c[6, j] + xz * c[9, j]
    uy = xy * c[3, j] + yy * c[6, j] + yz * c[9, j]
    uz = xz * c[3, j] + yz * c[6, j] + zz * c[9, j]
    vx = xx * c[4, j] + xy * c[7, j] + xz * c[10, j]
    vy = xy * c[4, j] + yy * c[7, j] + yz * c[10, j]
    vz = xz * c[4, j] + yz * c[7, j] + zz * c[10, j]
    wx = xx * c[5, j] + xy * c[8, j] + xz * c[11, j]
    wy = xy * c[5, j] + yy * c[8, j] + yz * c[11, j]
    wz = xz * c[5, j] + yz * c[8, j] + zz * c[11, j]
    return (
        c[3, j] * fx + c[6, j] * fy + c[9, j] * fz,
        c[4, j] * fx + c[7, j] * fy + c[10, j] * fz,
        c[5, j] * fx + c[8, j] * fy + c[11, j] * fz,
        c[3, j] * ux + c[6, j] * uy + c[9, j] * uz,
        c[3, j] * vx + c[6, j] * vy + c[9, j] * vz,
        c[3, j] * wx + c[6, j] * wy + c[9, j] * wz,
        c[4, j] * vx + c[7, j] * vy + c[10, j] * vz,
        c[4, j] * wx + c[7, j] * wy + c[10, j] * wz,
        c[5, j] * wx + c[8, j] * wy + c[11, j] * wz,
    )


@kernel
def rough_gradient(x, y, z, inverse_mass, j, rough, gravity, context, scratch):
    """Return acceleration (3) and gradient (xx, xy, xz, yy, yz, zz) of all that is no point mass."""
    ax, ay, az = 0.0, 0.0, 0.0
    xx, xy, xz, yy, yz, zz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for f in range(rough.shape[0]):
        kind = int(rough[f, 0])
        if kind == SOLAR:
            g, dx, dy, dz = solar_factor(x, y, z, inverse_mass, f, j, rough, context, scratch)
            q = -3.0 * g / (dx * dx + dy * dy + dz * dz)
            gx, gy, gz = g * dx, g * dy, g * dz
            hxx, hxy, hxz = g + q * dx * dx, q * dx * dy, q * dx * dz
            hyy, hyz, hzz = g + q * dy * dy, q * dy * dz, g + q * dz * dz
        elif kind == ZONAL:
            bx, by, bz = body_at(int(rough[f, 3]), j, context)
            gx, gy, gz, hxx, hxy, hxz, hyy, hyz, hzz = zonal_gradient(x - bx, y - by, z - bz, rough, f)
        elif kind == FIELD:
            bx, by, bz = body_at(int(rough[f, 3]), j, context)
            gx, gy, gz, hxx, hxy, hxz, hyy, hyz, hzz = field_gradient_icrf(
                x - bx, y - by, z - bz, f, j, rough, gravity, context, scratch
            )
        else:
            continue
        ax += gx
        ay += gy
        az += gz
        xx += hxx
        xy += hxy
        xz += hxz
        yy += hyy
        yz += hyz
        zz += hzz
    return ax, ay, az, xx, xy, xz, yy, yz, zz


@kernel(inline=True)
def gradient(x, y, z, inverse_mass, j, bodies, rough, gravity, context, scratch):
    """Return acceleration (3) and its gradient (xx, xy, xz, yy, yz, zz); light counts as constant."""
    ax, ay, az = context[0, j], context[1, j], context[2, j]
    xx, xy, xz, yy, yz, zz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for b in range(bodies.shape[0]):
        bx, by, bz = body_at(b, j, context)
        dx, dy, dz = x - bx, y - by, z - bz
        d2 = dx * dx + dy * dy + dz * dz
        g = bodies[b, 0] / (d2 * math.sqrt(d2))
        q = 3.0 * g / d2
        ax -= g * dx
        ay -= g * dy
        az -= g * dz
        xx += q * dx * dx - g
        xy += q * dx * dy
        xz += q * dx * dz
        yy += q * dy * dy - g
        yz += q * dy * dz
        zz += q * dz * dz - g
    if rough.shape[0] > 0:
        rx, ry, rz, hxx, hxy, hxz, hyy, hyz, hzz = rough_gradient(
            x, y, z, inverse_mass, j, rough, gravity, context, scratch
        )
        ax += rx
        ay += ry
        az += rz
        xx += hxx
        xy += hxy
        xz += hxz
        yy += hyy
        yz += hyz
        zz += hzz
    return ax, ay, az, xx, xy, xz, yy, yz, zz


@kernel
def nearest(x, y, z, j, bodies, context):
    """Return (smallest distance to a gravitating body m, smallest dynamical time sqrt(d^3/gm) s)."""
    distance, time2 = math.inf, math.inf
    for b in range(bodies.shape[0]):
        gm = bodies[b, 1]
        if gm > 0.0:
            bx, by, bz = body_at(b, j, context)
            d2 = (x - bx) ** 2 + (y - by) ** 2 + (z - bz) ** 2
            d = math.sqrt(d2)
            distance = min(distance, d)
            time2 = min(time2, d2 * d / gm)
    return distance, math.sqrt(time2)


@kernel
def field_degree(rough):
    """Return the highest degree of lunar field that the rows ask for, 0 for none."""
    top = 0
    for f in range(rough.shape[0]):
        if int(rough[f, 0]) == FIELD:
            top = max(top, int(rough[f, 4]))
    return top


@kernel
def choose_degree(x, y, z, margin_m, rough, gravity, context, scratch):
    """Set scratch[0, 0] to the degree that the distance less `margin_m` asks for, or to the fixed one."""
    for f in range(rough.shape[0]):
        if int(rough[f, 0]) == FIELD:
            top = int(rough[f, 4])
            if rough[f, 5] > 0.0:
                bx, by, bz = body_at(int(rough[f, 3]), 0, context)
                r = math.sqrt((x - bx) ** 2 + (y - by) ** 2 + (z - bz) ** 2) - margin_m
                low, high = 0, top
                while low < high:
                    middle = (low + high) // 2
                    if gravity[3, middle, 0] <= r:
                        high = middle
                    else:
                        low = middle + 1
                top = low
            scratch[0, 0] = top

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

from perilune._jit import kernel
from perilune.dynamics._kernels_context import FIELD, HEAD, SCHWARZSCHILD, SOLAR, ZONAL, body_at, prepare
from perilune.world._kernels import (
    field_acceleration,
    field_gradient,
    lit_fraction,
    shadow_angles,
    zonal_acceleration,
    zonal_gradient,
)

__all__ = [
    "FIELD",
    "HEAD",
    "SCHWARZSCHILD",
    "SOLAR",
    "ZONAL",
    "acceleration",
    "body_at",
    "choose_degree",
    "field_degree",
    "gradient",
    "nearest",
    "prepare",
]


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
    r^-3 is r r^-4, so that the division need not wait for the root: a stage waits for this and little else.
    """
    r2 = x * x + y * y + z * z
    i2 = 1.0 / r2
    g = (bodies[0, 0] * i2) * i2 * math.sqrt(r2)
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
        id2, ie2 = 1.0 / d2, 1.0 / e2
        gd = (bodies[b, 0] * id2) * id2 * math.sqrt(d2)
        ge = (bodies[b + 1, 0] * ie2) * ie2 * math.sqrt(e2)
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


#: Dynamical time counts no further: where nothing pulls, velocity needs no finer care.
LONGEST_S = 1e7


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
    return distance, min(math.sqrt(time2), LONGEST_S)


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

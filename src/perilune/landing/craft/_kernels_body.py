"""Masses and places: what of a lander is rigid, what sways, and where a point of it is."""

from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.landing._kernels_axes import rotation_of
from perilune.landing.craft import table as t
from perilune.landing.craft.slosh import LENGTH, SHARE, STEPS

#: Layout of `work`: numbers before the tanks' rows, and in a row.
HEAD = 24
ROW = 24
# Places in a tank's row: swaying mass, rest place from the body's centre, spring and damper over mass, stage
# (4), sum of rates (4), what neither body nor engines do to the particle (2), kg that stay of the next kg of
# propellant, one over the pendulum's length.
MASS, REST, SPRING, DAMPER, STAGE, SUM, OWN, GROWTH, STIFF = 0, 1, 4, 5, 6, 10, 14, 16, 17
#: The pendulum's shortest length over the radius: a nearly full tank sways fast and moves little mass.
_SHORTEST = 0.05
_LENGTH = np.array(LENGTH)
_SHARE = np.array(SHARE)


@kernel(bare=True)
def body_properties(main_kg, rcs_kg, craft, work):
    """Write mass, centre and inertia of what does not sway into work[0:10], each tank's liquid behind.

    work[10:13] and [13:16] become the way of the centre in m for each kg of main and of attitude propellant.
    """
    body, tanks = craft.body, craft.tanks
    mass = body[t.DRY_KG]
    cx, cy, cz = mass * body[t.DRY_X], mass * body[t.DRY_X + 1], mass * body[t.DRY_X + 2]
    for i in range(10, 16):
        work[i] = 0.0
    for k in range(tanks.shape[0]):
        row = HEAD + ROW * k
        liquid = (main_kg if tanks[k, t.FEEDS] == 0.0 else rcs_kg) * tanks[k, t.PART]
        if liquid < 0.0:
            liquid = 0.0
        root = math.sqrt(min(liquid / tanks[k, t.CAPACITY_KG], 1.0))
        at = min(int(root * STEPS), STEPS - 1)
        over = root * STEPS - at
        slope = _SHARE[at + 1] - _SHARE[at]
        share = tanks[k, t.SWAYS] * (_SHARE[at] + over * slope)
        length = max(_LENGTH[at] + over * (_LENGTH[at + 1] - _LENGTH[at]), _SHORTEST) * tanks[k, t.RADIUS_M]
        still = liquid * (1.0 - share)
        work[row + MASS] = liquid - still
        work[row + REST] = tanks[k, t.TANK_X]
        work[row + REST + 1] = tanks[k, t.TANK_X + 1]
        work[row + REST + 2] = tanks[k, t.TANK_X + 2] - length
        work[row + STIFF] = 1.0 / length
        work[row + SUM] = still
        mass += still
        # What stays, of the next kg of this tank: the derivative of still by liquid.
        growth = (1.0 - share - tanks[k, t.SWAYS] * 0.5 * root * slope * STEPS) * tanks[k, t.PART]
        first = 10 if tanks[k, t.FEEDS] == 0.0 else 13
        for i in range(3):
            work[first + i] += growth * tanks[k, t.TANK_X + i]
        cx += still * tanks[k, t.TANK_X]
        cy += still * tanks[k, t.TANK_X + 1]
        cz += still * tanks[k, t.TANK_X + 2]
        work[row + GROWTH] = growth
    cx, cy, cz = cx / mass, cy / mass, cz / mass
    for k in range(tanks.shape[0]):
        row = HEAD + ROW * k
        growth = work[row + GROWTH]
        first = 10 if tanks[k, t.FEEDS] == 0.0 else 13
        work[first] -= growth * cx
        work[first + 1] -= growth * cy
        work[first + 2] -= growth * cz
    for i in range(10, 16):
        work[i] /= mass
    work[0], work[1], work[2], work[3] = mass, cx, cy, cz
    _body_inertia(craft, work)


@kernel(bare=True, inline=True)
def drain(main_kg, rcs_kg, craft, work):
    """Take propellant out of what `body_properties` wrote, to the first order; the inertia stays."""
    tanks = craft.tanks
    lost = 0.0
    sx = work[10] * main_kg + work[13] * rcs_kg
    sy = work[11] * main_kg + work[14] * rcs_kg
    sz = work[12] * main_kg + work[15] * rcs_kg
    for k in range(tanks.shape[0]):
        row = HEAD + ROW * k
        burnt = main_kg if tanks[k, t.FEEDS] == 0.0 else rcs_kg
        still = work[row + GROWTH] * burnt
        lost += still
        work[row + MASS] = max(work[row + MASS] - tanks[k, t.PART] * burnt + still, 0.0)
        work[row + REST] += sx
        work[row + REST + 1] += sy
        work[row + REST + 2] += sz
    work[0] -= lost
    work[1] -= sx
    work[2] -= sy
    work[3] -= sz


@kernel(bare=True)
def _body_inertia(craft, work):
    """Write the inertia (xx, yy, zz, xy, xz, yz) of what does not sway about its centre into work[4:10]."""
    body, tanks = craft.body, craft.tanks
    for i in range(6):
        work[4 + i] = body[t.IXX + i]
    _add_point(
        body[t.DRY_KG],
        body[t.DRY_X] - work[1],
        body[t.DRY_X + 1] - work[2],
        body[t.DRY_X + 2] - work[3],
        work,
    )
    for k in range(tanks.shape[0]):
        row = HEAD + ROW * k
        still = work[row + SUM]
        _add_point(
            still,
            tanks[k, t.TANK_X] - work[1],
            tanks[k, t.TANK_X + 1] - work[2],
            tanks[k, t.TANK_X + 2] - work[3],
            work,
        )
        # Spheres apart from one another: their liquid does not spin with them (it is nearly frictionless) but
        # goes round with the ring, all of it.
        ring = (still + work[row + MASS]) * tanks[k, t.RING_M] ** 2
        work[4] += 0.5 * ring
        work[5] += 0.5 * ring
        work[6] += ring
        for i in range(3):
            work[row + REST + i] -= work[1 + i]


@kernel(inline=True)
def _add_point(mass, x, y, z, work):
    work[4] += mass * (y * y + z * z)
    work[5] += mass * (x * x + z * z)
    work[6] += mass * (x * x + y * y)
    work[7] -= mass * x * y
    work[8] -= mass * x * z
    work[9] -= mass * y * z


@kernel(bare=True)
def matrix(y, first, out):
    """Write the rotation (body -> other axes) of the quaternion y[first:first + 4], row by row."""
    r = rotation_of(y, first)
    out[0], out[1], out[2] = r[0], r[1], r[2]
    out[3], out[4], out[5] = r[3], r[4], r[5]
    out[6], out[7], out[8] = r[6], r[7], r[8]


@kernel(bare=True)
def body_point(y, work, x, y_, z, out6):
    """Write position (m) and velocity (m/s), inertial axes, of a point given in body axes (m); `work` as the
    last step has left it, so its centre is half a step old (microns).
    """
    q0, q1, q2, q3 = y[6], y[7], y[8], y[9]
    x, y_, z = x - work[1], y_ - work[2], z - work[3]
    ux, uy, uz = y[11] * z - y[12] * y_, y[12] * x - y[10] * z, y[10] * y_ - y[11] * x
    bx, by, bz = q2 * z - q3 * y_, q3 * x - q1 * z, q1 * y_ - q2 * x
    out6[0] = y[0] + x + 2.0 * (q0 * bx + q2 * bz - q3 * by)
    out6[1] = y[1] + y_ + 2.0 * (q0 * by + q3 * bx - q1 * bz)
    out6[2] = y[2] + z + 2.0 * (q0 * bz + q1 * by - q2 * bx)
    bx, by, bz = q2 * uz - q3 * uy, q3 * ux - q1 * uz, q1 * uy - q2 * ux
    out6[3] = y[3] + ux + 2.0 * (q0 * bx + q2 * bz - q3 * by)
    out6[4] = y[4] + uy + 2.0 * (q0 * by + q3 * bx - q1 * bz)
    out6[5] = y[5] + uz + 2.0 * (q0 * bz + q1 * by - q2 * bx)


@kernel
def point_state(y, craft, x, y_, z, out6):
    """Write position (m) and velocity (m/s), inertial axes, of a point given in body axes (m)."""
    work = np.empty(HEAD + ROW * craft.tanks.shape[0])
    body_properties(y[t.Y_MAIN], y[t.Y_RCS], craft, work)
    body_point(y, work, x, y_, z, out6)


@kernel
def mass_properties(y, craft, out):
    """Write total mass (kg), centre of mass (3, m), inertia about it (xx, yy, zz, xy, xz, yz; kg m^2).

    In body axes, with the liquid where it is now.
    """
    work = np.empty(HEAD + ROW * craft.tanks.shape[0])
    body_properties(y[t.Y_MAIN], y[t.Y_RCS], craft, work)
    _whole(y, craft.tanks.shape[0], True, work, out)


@kernel
def resting_properties(main_kg, rcs_kg, craft, out):
    """Write the same as `mass_properties` for liquid at rest: what flight software knows of its craft."""
    work = np.empty(HEAD + ROW * craft.tanks.shape[0])
    body_properties(main_kg, rcs_kg, craft, work)
    _whole(work, craft.tanks.shape[0], False, work, out)


@kernel(bare=True)
def _whole(y, count, moved, work, out):
    """Sum body and liquid (displaced as y says, or at rest) into out[0:10]."""
    mass, sx, sy, sz = work[0], 0.0, 0.0, 0.0
    for k in range(count):
        row, at = HEAD + ROW * k, t.Y_SLOSH + 4 * k
        work[row + STAGE] = work[row + REST] + (y[at] if moved else 0.0)
        work[row + STAGE + 1] = work[row + REST + 1] + (y[at + 1] if moved else 0.0)
        m = work[row + MASS]
        mass += m
        sx += m * work[row + STAGE]
        sy += m * work[row + STAGE + 1]
        sz += m * work[row + REST + 2]
    sx, sy, sz = sx / mass, sy / mass, sz / mass
    _add_point(work[0], sx, sy, sz, work)
    for k in range(count):
        row = HEAD + ROW * k
        _add_point(
            work[row + MASS],
            work[row + STAGE] - sx,
            work[row + STAGE + 1] - sy,
            work[row + REST + 2] - sz,
            work,
        )
    out[0], out[1], out[2], out[3] = mass, work[1] + sx, work[2] + sy, work[3] + sz
    for i in range(6):
        out[4 + i] = work[4 + i]

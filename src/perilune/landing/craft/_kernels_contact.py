"""The meeting of a lander with the ground: how far off the pads are, and what a touchdown does to it.

Tip-over is judged by energy, as if the pads of one edge caught and held: the angular momentum about that
edge turns into rotation, and rotation must not lift the centre of mass over the edge. Vertical speed is taken
up by the legs and is judged by their crush energy.
"""

from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.constants import GM_MOON_M3_S2, MOON_SPIN_RAD_S
from perilune.landing._kernels_axes import body_axes, forwards
from perilune.landing.craft import table as t
from perilune.landing.craft._kernels_body import mass_properties, point_state
from perilune.landing.ground._kernels import height_above, surface_normal

#: Places in what `touchdown` writes: speeds m/s, tilts and slope rad, rate rad/s, ratios, clearance m.
VERTICAL, HORIZONTAL, TILT, TILT_TO_SLOPE, SLOPE, RATE, TIP_RATIO, LEG_RATIO, CLEARANCE = range(9)
TOUCHDOWN_SIZE = 9

#: Stands for "tips whatever its energy": a slope steeper than the stance.
_CERTAIN = 1e9
#: Cosine of the tilt to the slope below which it lies already (70 degrees; assumed).
_UPRIGHT = 0.35


@kernel(bare=True)
def _clearance_at(x, y_, z, place, fixed, ground):
    """Return the height over the ground (m) of a point given in body axes from the point `place` (fixed)."""
    return height_above(
        place[0] + fixed[0] * x + fixed[1] * y_ + fixed[2] * z,
        place[1] + fixed[3] * x + fixed[4] * y_ + fixed[5] * z,
        place[2] + fixed[6] * x + fixed[7] * y_ + fixed[8] * z,
        ground,
    )


@kernel
def _origin(y, craft, turned, fixed, place):
    """Write the attitude, and the place of the body axes' origin in Moon-fixed axes (m)."""
    moved = np.empty(6)
    point_state(y, craft, 0.0, 0.0, 0.0, moved)
    body_axes(y, t.Y_Q, turned, fixed, 0)
    forwards(turned, moved, 0, place, 0)


@kernel
def lowest_pad(y, craft, ground, turned):
    """Return the height over the ground of the lowest pad (m; negative below it).

    `turned` float64[9] turns inertial into Moon-fixed axes.
    """
    fixed, place = np.empty(9), np.empty(3)
    _origin(y, craft, turned, fixed, place)
    return _lowest(place, fixed, craft.legs, ground)


@kernel(bare=True)
def _lowest(place, fixed, legs, ground):
    lowest = math.inf
    for i in range(int(legs[t.LEGS])):
        angle = legs[t.FIRST_RAD] + i * 2.0 * math.pi / legs[t.LEGS]
        x, y_ = legs[t.FOOT_M] * math.cos(angle), legs[t.FOOT_M] * math.sin(angle)
        lowest = min(lowest, _clearance_at(x, y_, 0.0, place, fixed, ground))
    return lowest


@kernel
def touchdown(y, craft, ground, turned, out):
    """Write what a touchdown in this state is: `out` float64[9], places as named at the top.

    Speeds are those of the body's centre over the ground; the tip-over ratio is kinetic over needed energy
    for the worst edge (above 1 it tips), the leg ratio energy to take up over crush energy of the legs that
    share it (above 1 they break), the clearance that of the lowest hard point when it stands.
    """
    fixed, props, place, r, v, normal = (
        np.empty(9), np.empty(10), np.empty(3), np.empty(3), np.empty(3), np.empty(3),
    )  # fmt: skip
    legs = craft.legs
    _origin(y, craft, turned, fixed, place)
    mass_properties(y, craft, props)
    forwards(turned, y, 0, r, 0)
    forwards(turned, y, 3, v, 0)
    v[0] += MOON_SPIN_RAD_S * r[1]
    v[1] -= MOON_SPIN_RAD_S * r[0]
    radius = math.sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2])
    surface_normal(place[0], place[1], place[2], ground, 2.0 * legs[t.FOOT_M], normal)
    climb, upright, level, along, closing = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(3):
        up, axis = r[i] / radius, fixed[3 * i + 2]
        climb += v[i] * up
        upright += axis * up
        level += normal[i] * up
        along += axis * normal[i]
        closing -= v[i] * normal[i]
    speed2 = v[0] * v[0] + v[1] * v[1] + v[2] * v[2]
    out[VERTICAL], out[HORIZONTAL] = -climb, math.sqrt(max(speed2 - climb * climb, 0.0))
    out[TILT], out[SLOPE], out[TILT_TO_SLOPE] = _angle(upright), _angle(level), _angle(along)
    out[RATE] = math.sqrt(y[10] * y[10] + y[11] * y[11] + y[12] * y[12])
    gravity = GM_MOON_M3_S2 / (radius * radius)
    out[TIP_RATIO] = _tip_ratio(y, r, v, normal, fixed, props, legs, gravity)
    out[LEG_RATIO], out[CLEARANCE] = _legs_and_belly(place, fixed, props[0], legs, ground, closing, gravity)


@kernel(bare=True)
def _angle(cosine):
    return math.acos(min(max(cosine, -1.0), 1.0))


@kernel(bare=True)
def _tip_ratio(y, r, v, normal, fixed, props, legs, gravity):
    """Return the largest ratio of kinetic to needed energy over the edges between neighbouring pads, with the
    lander standing square on the slope.
    """
    n = int(legs[t.LEGS])
    if fixed[2] * normal[0] + fixed[5] * normal[1] + fixed[8] * normal[2] < _UPRIGHT:
        return _CERTAIN
    # Axes on the slope: the body's x laid into it, and square to that.
    dot = fixed[0] * normal[0] + fixed[3] * normal[1] + fixed[6] * normal[2]
    ax, ay, az = fixed[0] - dot * normal[0], fixed[3] - dot * normal[1], fixed[6] - dot * normal[2]
    size = 1.0 / math.sqrt(ax * ax + ay * ay + az * az)
    ax, ay, az = ax * size, ay * size, az * size
    bx, by, bz = (
        normal[1] * az - normal[2] * ay,
        normal[2] * ax - normal[0] * az,
        normal[0] * ay - normal[1] * ax,
    )
    vx, vy = v[0] * ax + v[1] * ay + v[2] * az, v[0] * bx + v[1] * by + v[2] * bz
    radius = math.sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2])
    up_x = (r[0] * ax + r[1] * ay + r[2] * az) / radius
    up_y = (r[0] * bx + r[1] * by + r[2] * bz) / radius
    up_z = (r[0] * normal[0] + r[1] * normal[1] + r[2] * normal[2]) / radius
    worst = 0.0
    for i in range(n):
        angle = legs[t.FIRST_RAD] + (i + 0.5) * 2.0 * math.pi / n
        c, s = math.cos(angle), math.sin(angle)
        reach = legs[t.FOOT_M] * math.cos(math.pi / n) - (props[1] * c + props[2] * s)
        height = props[3]
        arm = math.hypot(reach, height)
        stance = math.atan2(reach, height) - math.atan2(-(up_x * c + up_y * s), up_z)
        inertia = props[4] * s * s - 2.0 * props[7] * s * c + props[5] * c * c
        turning = props[0] * height * (vx * c + vy * s) + inertia * (y[11] * c - y[10] * s)
        if stance <= 0.0 or reach <= 0.0:
            worst = _CERTAIN
        elif turning > 0.0:
            kinetic = 0.5 * turning * turning / (inertia + props[0] * arm * arm)
            worst = max(worst, kinetic / (props[0] * gravity * arm * (1.0 - math.cos(stance))))
    return min(worst, _CERTAIN)


@kernel(bare=True)
def _legs_and_belly(place, fixed, mass_kg, legs, ground, closing, gravity):
    """Return (energy over crush energy of the legs that touch within a stroke, belly's clearance in m)."""
    n = int(legs[t.LEGS])
    lowest = _lowest(place, fixed, legs, ground)
    sharing, mean, slope_x, slope_y = 0, 0.0, 0.0, 0.0
    for i in range(n):
        angle = legs[t.FIRST_RAD] + i * 2.0 * math.pi / n
        x, y_ = legs[t.FOOT_M] * math.cos(angle), legs[t.FOOT_M] * math.sin(angle)
        off = _clearance_at(x, y_, 0.0, place, fixed, ground)
        if off - lowest <= legs[t.STROKE_M]:
            sharing += 1
        mean += off / n
        slope_x += 2.0 * off * x / (n * legs[t.FOOT_M] ** 2)
        slope_y += 2.0 * off * y_ / (n * legs[t.FOOT_M] ** 2)
    # The ground's highest point under the body, over the plane through what the pads stand on.
    bump = 0.0
    for i in range(9):
        share = 0.0 if i == 8 else 0.5 * legs[t.FOOT_M]
        x, y_ = share * math.cos(i * 0.25 * math.pi), share * math.sin(i * 0.25 * math.pi)
        off = _clearance_at(x, y_, 0.0, place, fixed, ground)
        bump = max(bump, mean + slope_x * x + slope_y * y_ - off)
    energy = 0.5 * mass_kg * closing * abs(closing) + mass_kg * gravity * legs[t.STROKE_M]
    return max(energy, 0.0) / (sharing * legs[t.CRUSH_N] * legs[t.STROKE_M]), legs[t.BELLY_M] - bump

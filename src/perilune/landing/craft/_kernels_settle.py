"""What follows the first contact: legs that crush, pads that slide, until the lander stands or lies.

A rigid body (liquid at rest where it is, engines off) on as many legs as it has. A leg yields along the
body's z axis: elastic up to its crush load, then at that load, for good; beyond its stroke it is ten times as
stiff. Pads are points with Coulomb friction, each over the plane that the ground makes there. Steps are 1 ms:
the legs' own oscillation takes a hundred of them.
"""

from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.constants import GM_MOON_M3_S2, MOON_SPIN_RAD_S
from perilune.landing.craft import table as t
from perilune.landing.craft._kernels_body import mass_properties, matrix, point_state
from perilune.landing.ground._kernels import height_above, surface_normal

STANDS, TIPPED_OVER, MOVING = 0, 1, 2  # as `loop.rows.SETTLED`
#: Places in what `settle` writes: largest crush of a leg over its stroke, largest tilt to the slope rad, tilt
#: at the end from the vertical rad, way slid m, duration s, least clearance of the lowest hard point m.
CRUSH, WORST_TILT, END_TILT, SLID_M, DURATION_S, LEAST_CLEARANCE = range(6)
SETTLE_SIZE = 6

_DT_S = 1e-3
_LONGEST_S = 8.0
#: Below this speed friction fades, in m/s: what stands creeps by less than a millimetre a second.
_CREEP_M_S = 0.01
_BOTTOMED = 10.0
#: Share of the lander's momentum that friction on one pad may take in a step.
_STICKING = 0.05
#: A lander that leans further than this against the slope (rad) does not come back.
_LOST_RAD = 1.2
_CALM_M_S = 0.02
_CALM_RAD_S = 0.02


@kernel
def settle(y, craft, ground, turned, out):
    """Follow a touchdown from the state y to its end; return STANDS, TIPPED_OVER or MOVING (after 8 s).

    `turned` float64[9] turns inertial into Moon-fixed axes; `out` float64[6], places as named at the top.
    """
    legs, body = craft.legs, np.empty(10)
    n = int(legs[t.LEGS])
    mass_properties(y, craft, body)
    state, planes, pads = np.empty(13), np.empty((n + 1, 4)), np.zeros((n + 1, 4))
    _start(y, craft, turned, body, state)
    _planes(state, body, legs, ground, turned, planes, pads)
    start_x, start_y, start_z = state[0], state[1], state[2]
    radius = math.sqrt(start_x * start_x + start_y * start_y + start_z * start_z)
    ux, uy, uz = start_x / radius, start_y / radius, start_z / radius
    gravity = GM_MOON_M3_S2 / (radius * radius)
    inverse = np.empty(6)
    _invert(body, inverse)
    out[CRUSH], out[WORST_TILT], out[LEAST_CLEARANCE] = 0.0, 0.0, math.inf
    status, steps, calm = MOVING, 0, 0
    axes, load = np.empty(9), np.empty(6)
    while steps * _DT_S < _LONGEST_S and status == MOVING:
        steps += 1
        matrix(state, 6, axes)
        touching = _legs_push(state, axes, body, legs, planes, pads, load, out)
        for i in range(3):
            up = ux if i == 0 else uy if i == 1 else uz
            state[3 + i] += _DT_S * (load[i] / body[0] - gravity * up)
            state[i] += _DT_S * state[3 + i]
        _turn(state, body, inverse, load)
        # Against the mean plane, kept in the last row.
        lean = math.acos(
            min(max(axes[2] * planes[n, 0] + axes[5] * planes[n, 1] + axes[8] * planes[n, 2], -1.0), 1.0)
        )
        out[WORST_TILT] = max(out[WORST_TILT], lean)
        if lean > _LOST_RAD:
            status = TIPPED_OVER
        speed2 = state[3] ** 2 + state[4] ** 2 + state[5] ** 2
        rate2 = state[10] ** 2 + state[11] ** 2 + state[12] ** 2
        calm = calm + 1 if touching >= 3 and speed2 < _CALM_M_S**2 and rate2 < _CALM_RAD_S**2 else 0
        if calm > 200:
            status = STANDS
    away = (state[0] - start_x) ** 2 + (state[1] - start_y) ** 2 + (state[2] - start_z) ** 2
    rise = (state[0] - start_x) * ux + (state[1] - start_y) * uy + (state[2] - start_z) * uz
    out[SLID_M] = math.sqrt(max(away - rise * rise, 0.0))
    out[END_TILT] = math.acos(min(max(axes[2] * ux + axes[5] * uy + axes[8] * uz, -1.0), 1.0))
    out[DURATION_S] = steps * _DT_S
    return status


@kernel
def _start(y, craft, turned, body, state):
    """Write place, speed over the ground, attitude and rate of the whole's centre, in inertial axes."""
    moved = np.empty(6)
    point_state(y, craft, body[1], body[2], body[3], moved)
    for i in range(3):
        state[i], state[10 + i] = moved[i], y[t.Y_W + i]
    for i in range(4):
        state[6 + i] = y[t.Y_Q + i]
    # The ground's own speed; the Moon's axis is the last row of `turned`.
    wx, wy, wz = MOON_SPIN_RAD_S * turned[6], MOON_SPIN_RAD_S * turned[7], MOON_SPIN_RAD_S * turned[8]
    state[3] = moved[3] - (wy * moved[2] - wz * moved[1])
    state[4] = moved[4] - (wz * moved[0] - wx * moved[2])
    state[5] = moved[5] - (wx * moved[1] - wy * moved[0])


@kernel
def _planes(state, body, legs, ground, turned, planes, pads):
    """Write each pad's place from the centre of mass (body axes) into `pads`, the ground's plane under it
    (normal, and its distance from the Moon's centre along it) into `planes`; the belly and mean plane last.
    """
    n = int(legs[t.LEGS])
    axes, normal, spot, place = np.empty(9), np.empty(3), np.empty(3), np.empty(3)
    matrix(state, 6, axes)
    for i in range(n + 1):
        angle = legs[t.FIRST_RAD] + i * 2.0 * math.pi / n
        reach = legs[t.FOOT_M] if i < n else 0.0
        x, y_ = reach * math.cos(angle) - body[1], reach * math.sin(angle) - body[2]
        z = (0.0 if i < n else legs[t.BELLY_M]) - body[3]
        pads[i, 0], pads[i, 1], pads[i, 2], pads[i, 3] = x, y_, z, 0.0
        for j in range(3):
            place[j] = state[j] + axes[3 * j] * x + axes[3 * j + 1] * y_ + axes[3 * j + 2] * z
        for j in range(3):
            spot[j] = turned[3 * j] * place[0] + turned[3 * j + 1] * place[1] + turned[3 * j + 2] * place[2]
        # A pad sees the slope across a third of the footprint, the belly that of the whole.
        across = legs[t.FOOT_M] * (2.0 if i == n else 0.7)
        surface_normal(spot[0], spot[1], spot[2], ground, across, normal)
        above = height_above(spot[0], spot[1], spot[2], ground)
        radius = math.sqrt(spot[0] * spot[0] + spot[1] * spot[1] + spot[2] * spot[2])
        planes[i, 3] = 0.0
        for j in range(3):
            planes[i, j] = turned[j] * normal[0] + turned[3 + j] * normal[1] + turned[6 + j] * normal[2]
            planes[i, 3] += normal[j] * spot[j] * (1.0 - above / radius)


@kernel(bare=True)
def _legs_push(state, axes, body, legs, planes, pads, load, out):
    """Write force and torque (body axes) of all legs into load[0:6]; return how many touch."""
    n = int(legs[t.LEGS])
    for i in range(6):
        load[i] = 0.0
    touching = 0
    for i in range(n + 1):
        px, py, pz = pads[i, 0], pads[i, 1], pads[i, 2]
        nx, ny, nz = planes[i, 0], planes[i, 1], planes[i, 2]
        ax = axes[0] * px + axes[1] * py + axes[2] * pz
        ay = axes[3] * px + axes[4] * py + axes[5] * pz
        az = axes[6] * px + axes[7] * py + axes[8] * pz
        off = nx * (state[0] + ax) + ny * (state[1] + ay) + nz * (state[2] + az) - planes[i, 3]
        if i == n:
            out[LEAST_CLEARANCE] = min(out[LEAST_CLEARANCE], off)
            continue
        along = max(nx * axes[2] + ny * axes[5] + nz * axes[8], 0.1)
        if off >= 0.0:
            continue
        give = -off / along
        push, most = legs[t.STIFFNESS_N_M] * (give - pads[i, 3]), legs[t.CRUSH_N]
        if push <= 0.0:
            continue
        if push > most:
            # The leg gives way for good, as far as it has stroke.
            spring = most / legs[t.STIFFNESS_N_M]
            pads[i, 3] = min(give - spring, legs[t.STROKE_M])
            over = give - spring - legs[t.STROKE_M]
            push = most
            if over > 0.0:
                push += _BOTTOMED * legs[t.STIFFNESS_N_M] * over
                most = math.inf
        out[CRUSH] = max(out[CRUSH], give / legs[t.STROKE_M])
        touching += 1
        # Where the leg has given way, the pad touches: its lever is that much shorter.
        pz += give
        wx, wy, wz = state[10], state[11], state[12]
        bx, by, bz = wy * pz - wz * py, wz * px - wx * pz, wx * py - wy * px
        vx = state[3] + axes[0] * bx + axes[1] * by + axes[2] * bz
        vy = state[4] + axes[3] * bx + axes[4] * by + axes[5] * bz
        vz = state[5] + axes[6] * bx + axes[7] * by + axes[8] * bz
        closing = vx * nx + vy * ny + vz * nz
        push = min(max(push - legs[t.LEG_DAMPING] * closing, 0.0), most)
        vx, vy, vz = vx - closing * nx, vy - closing * ny, vz - closing * nz
        # No stiffer than the step can follow: a fading speed of some cm/s at the hardest push.
        drag = legs[t.FRICTION] * push / max(math.sqrt(vx * vx + vy * vy + vz * vz), _CREEP_M_S)
        drag = -min(drag, _STICKING * body[0] / _DT_S)
        fx, fy, fz = push * nx + drag * vx, push * ny + drag * vy, push * nz + drag * vz
        load[0] += fx
        load[1] += fy
        load[2] += fz
        bx = axes[0] * fx + axes[3] * fy + axes[6] * fz
        by = axes[1] * fx + axes[4] * fy + axes[7] * fz
        bz = axes[2] * fx + axes[5] * fy + axes[8] * fz
        load[3] += py * bz - pz * by
        load[4] += pz * bx - px * bz
        load[5] += px * by - py * bx
    return touching


@kernel(bare=True)
def _turn(state, body, inverse, load):
    """Advance rate and attitude by a step."""
    wx, wy, wz = state[10], state[11], state[12]
    hx = body[4] * wx + body[7] * wy + body[8] * wz
    hy = body[7] * wx + body[5] * wy + body[9] * wz
    hz = body[8] * wx + body[9] * wy + body[6] * wz
    tx, ty, tz = load[3] + hy * wz - hz * wy, load[4] + hz * wx - hx * wz, load[5] + hx * wy - hy * wx
    wx += _DT_S * (inverse[0] * tx + inverse[3] * ty + inverse[4] * tz)
    wy += _DT_S * (inverse[3] * tx + inverse[1] * ty + inverse[5] * tz)
    wz += _DT_S * (inverse[4] * tx + inverse[5] * ty + inverse[2] * tz)
    state[10], state[11], state[12] = wx, wy, wz
    h = 0.5 * _DT_S
    q0, q1, q2, q3 = state[6], state[7], state[8], state[9]
    a = q0 + h * (-q1 * wx - q2 * wy - q3 * wz)
    b = q1 + h * (q0 * wx + q2 * wz - q3 * wy)
    c = q2 + h * (q0 * wy + q3 * wx - q1 * wz)
    d = q3 + h * (q0 * wz + q1 * wy - q2 * wx)
    scale = 1.0 / math.sqrt(a * a + b * b + c * c + d * d)
    state[6], state[7], state[8], state[9] = a * scale, b * scale, c * scale, d * scale


@kernel(bare=True)
def _invert(body, inverse):
    """Write the inverse (xx, yy, zz, xy, xz, yz) of the inertia in body[4:10]."""
    xx, yy, zz, xy, xz, yz = body[4], body[5], body[6], body[7], body[8], body[9]
    inverse[0], inverse[3], inverse[4] = yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - yy * xz
    inverse[1], inverse[5], inverse[2] = xx * zz - xz * xz, xy * xz - xx * yz, xx * yy - xy * xy
    scale = 1.0 / (xx * inverse[0] + xy * inverse[3] + xz * inverse[4])
    for i in range(6):
        inverse[i] *= scale

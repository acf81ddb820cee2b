"""The lander's motion in six degrees of freedom, with liquid that sways and engines one by one.

The body (all that does not sway) is a rigid body; each tank's swaying liquid is a particle held by the body
along z and by spring and damper across. Body and particles are solved together, so that momentum is kept to
rounding. `work` is scratch of `work_size(craft)` numbers, any content. Layouts: `table.py`.

Gravity is taken as uniform over the lander: its gradient turns a lander by less than 1e-6 rad/s^2 (3 g/r over
the Moon's radius), an attitude thruster by 0.1 rad/s^2.
"""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.landing.craft import table as t
from perilune.landing.craft._kernels_body import (
    DAMPER,
    HEAD,
    MASS,
    OWN,
    REST,
    ROW,
    SPRING,
    STAGE,
    STIFF,
    SUM,
    body_properties,
    drain,
)

#: Share of its length that a pendulum may swing sideways before the wall stops it (53 degrees; assumed), and
#: the wall's frequency in rad/s and damping, both growing from nothing: stiff, yet slow enough for 20 ms.
_REACH = 0.8
_WALL_RAD_S = 20.0
_WALL_DAMPING = 2.0
#: Steps in one cycle of the flight software: pulses are timed within it.
_FIFTHS = 5.0


@kernel(bare=True, inline=True)
def _run_engines(y, engines, levels, valves, part, health, dt_s, work):
    """Move valves and gimbals; write force and torque about the origin (body axes) into work[16:22].

    Propellant is taken from y. A tank that runs dry within the step gives the share of thrust that it can.
    """
    # Fed by the main tanks, then by the attitude thrusters' tank: a tank that runs dry scales its own alone.
    ax, ay, az, al, am, an, a_flow = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    bx, by, bz, bl, bm, bn, b_flow = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(engines.shape[0]):
        wanted, level = levels[i, 0], valves[i, 0]
        if wanted <= 0.0 and level == 0.0:
            continue
        wet = y[t.Y_MAIN] if engines[i, t.TANK] == 0.0 else y[t.Y_RCS]
        if engines[i, t.MIN_ON_S] > 0.0:
            # A pulse runs from the start of the cycle; one too short for the valve does not come.
            on = wanted * _FIFTHS
            wanted = min(max(on - part, 0.0), 1.0) if on * dt_s >= 0.999 * engines[i, t.MIN_ON_S] else 0.0
        elif wanted < engines[i, t.LEAST]:
            wanted = engines[i, t.LEAST] if wanted > 0.5 * engines[i, t.LEAST] else 0.0
        level += (min(wanted, 1.0) - level) * dt_s / (engines[i, t.LAG_S] + dt_s)
        if wet <= 0.0 or (wanted <= 0.0 and level < 1e-4):
            level = 0.0
        valves[i, 0] = level
        if level == 0.0:
            continue
        tx, ty = health[i, 1], health[i, 2]
        if engines[i, t.GIMBAL_RAD] > 0.0:
            most, reach = engines[i, t.GIMBAL_RATE] * dt_s, engines[i, t.GIMBAL_RAD]
            for j in range(1, 3):
                aim = min(max(levels[i, j], -reach), reach)
                valves[i, j] += min(max(aim - valves[i, j], -most), most)
            tx += valves[i, 1]
            ty += valves[i, 2]
        dx, dy, dz = engines[i, t.DX], engines[i, t.DY], engines[i, t.DZ]
        if tx != 0.0 or ty != 0.0:
            # A small turn about x and y, exact to the second order.
            shrink = 1.0 - 0.5 * (tx * tx + ty * ty)
            dx, dy, dz = (
                shrink * dx + ty * dz,
                shrink * dy - tx * dz,
                shrink * dz + tx * dy - ty * dx,
            )
        force = engines[i, t.THRUST_N] * level * health[i, 0]
        dx, dy, dz = dx * force, dy * force, dz * force
        px, py, pz = engines[i, t.X], engines[i, t.Y], engines[i, t.Z]
        flow = engines[i, t.FLOW_KG_S] * level * health[i, 0]
        if engines[i, t.TANK] == 0.0:
            ax, ay, az, a_flow = ax + dx, ay + dy, az + dz, a_flow + flow
            al, am, an = al + py * dz - pz * dy, am + pz * dx - px * dz, an + px * dy - py * dx
        else:
            bx, by, bz, b_flow = bx + dx, by + dy, bz + dz, b_flow + flow
            bl, bm, bn = bl + py * dz - pz * dy, bm + pz * dx - px * dz, bn + px * dy - py * dx
    a_burnt, b_burnt = a_flow * dt_s, b_flow * dt_s
    a, b = 1.0, 1.0
    if a_burnt > y[t.Y_MAIN]:
        a, a_burnt = max(y[t.Y_MAIN], 0.0) / a_burnt, max(y[t.Y_MAIN], 0.0)
    if b_burnt > y[t.Y_RCS]:
        b, b_burnt = max(y[t.Y_RCS], 0.0) / b_burnt, max(y[t.Y_RCS], 0.0)
    work[16], work[17], work[18] = a * ax + b * bx, a * ay + b * by, a * az + b * bz
    work[19], work[20], work[21] = a * al + b * bl, a * am + b * bm, a * an + b * bn
    work[22], work[23] = a_burnt, b_burnt


@kernel(bare=True, inline=True)
def advance(y, craft, levels, valves, part, health, g3_I, dt_s, sensed6, work):
    """Advance the truth y by one step (classical Runge-Kutta), engines and gravity held over it.

    `levels` float64[n, 3] are the commanded mean level of this 0.1 s cycle and gimbal angles about x and y
    (rad), `valves` float64[n, 3] the same as they are, `part` 0..4 which fifth of the cycle this is; `health`
    float64[n, 3] factor on thrust and flow and misalignment about x and y (rad). A cycle begins with part 0;
    `work` goes from step to step within it. `sensed6` becomes the mean specific force at the inertial unit
    (m/s^2) and the mean rate (rad/s), both in body axes.
    """
    if part == 0:
        body_properties(y[t.Y_MAIN], y[t.Y_RCS], craft, work)
    advance_from(y, craft, levels, valves, part, health, g3_I, dt_s, sensed6, work)


@kernel(bare=True, inline=True)
def advance_from(y, craft, levels, valves, part, health, g3_I, dt_s, sensed6, work):
    """Advance the truth as `advance` does, where `work` holds the body's properties as a cycle begins."""
    tanks = craft.tanks
    count = tanks.shape[0]
    main_before, rcs_before = (work[22], work[23]) if part > 0 else (0.0, 0.0)
    _run_engines(y, craft.engines, levels, valves, part, health, dt_s, work)
    main_burnt, rcs_burnt = work[22], work[23]
    # From the middle of the last step, or from the cycle's begin, to the middle of this one.
    drain(0.5 * (main_before + main_burnt), 0.5 * (rcs_before + rcs_burnt), craft, work)
    mass, cx, cy, cz = work[0], work[1], work[2], work[3]
    ixx, iyy, izz, ixy, ixz, iyz = work[4], work[5], work[6], work[7], work[8], work[9]
    fx, fy, fz = work[16], work[17], work[18]
    tx, ty, tz = (
        work[19] - (cy * fz - cz * fy),
        work[20] - (cz * fx - cx * fz),
        work[21] - (cx * fy - cy * fx),
    )
    all_kg = mass
    for k in range(count):
        all_kg += work[HEAD + ROW * k + MASS]
    over_body, over_all = 1.0 / mass, 1.0 / all_kg
    settling = max(fz * over_all, craft.body[t.SETTLING])
    for k in range(count):
        row, at = HEAD + ROW * k, t.Y_SLOSH + 4 * k
        spring = settling * work[row + STIFF]
        work[row + SPRING] = spring
        work[row + DAMPER] = 2.0 * tanks[k, t.DAMPING] * math.sqrt(spring)
        for i in range(4):
            work[row + STAGE + i] = y[at + i]
            work[row + SUM + i] = 0.0
    q0, q1, q2, q3 = y[6], y[7], y[8], y[9]
    wx, wy, wz = y[10], y[11], y[12]
    # Sums over the stages, weighted 1, 2, 2, 1; positions also want the plain sum of the first three.
    vx, vy, vz, rx, ry, rz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    s0, s1, s2, s3, sx, sy, sz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    hx, hy, hz, ux, uy, uz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    lx, ly, lz = craft.body[t.IMU_X] - cx, craft.body[t.IMU_X + 1] - cy, craft.body[t.IMU_X + 2] - cz
    for stage in range(4):
        weight = 1.0 if stage == 0 or stage == 3 else 2.0
        reach = dt_s if stage == 2 else 0.5 * dt_s
        # Forces of the liquid on the body, and what the liquid adds to the body's inertia across.
        ex, ey, el, em, en, along = fx, fy, tx, ty, tz, fz
        mx, my, mxx, mxy, myy = 0.0, 0.0, 0.0, 0.0, 0.0
        for k in range(count):
            row = HEAD + ROW * k
            m = work[row + MASS]
            if m <= 0.0:
                continue
            ox, oy = work[row + STAGE], work[row + STAGE + 1]
            ax, ay = work[row + STAGE + 2], work[row + STAGE + 3]
            px, py, pz = work[row + REST] + ox, work[row + REST + 1] + oy, work[row + REST + 2]
            spring, damper = work[row + SPRING], work[row + DAMPER]
            swing = (ox * ox + oy * oy) * work[row + STIFF] ** 2
            if swing > _REACH * _REACH:
                over = 1.0 - _REACH / math.sqrt(swing)
                spring += _WALL_RAD_S * _WALL_RAD_S * over
                damper += 2.0 * _WALL_DAMPING * _WALL_RAD_S * over
            bx, by = -spring * ox - damper * ax, -spring * oy - damper * ay
            # What the particle's turning frame asks for: w x (w x p) + 2 w x u.
            wp, ww = wx * px + wy * py + wz * pz, wx * wx + wy * wy + wz * wz
            work[row + OWN] = bx - (wx * wp - px * ww - 2.0 * wz * ay)
            work[row + OWN + 1] = by - (wy * wp - py * ww + 2.0 * wz * ax)
            turning = m * (wz * wp - pz * ww + 2.0 * (wx * ay - wy * ax))
            bx, by = m * bx, m * by
            ex -= bx
            ey -= by
            along -= turning
            el += pz * by - py * turning
            em -= pz * bx - px * turning
            en -= px * by - py * bx
            mx, my = mx + m * px, my + m * py
            mxx, mxy, myy = mxx + m * px * px, mxy + m * px * py, myy + m * py * py
        # Acceleration along z drops out of the equations of the turn.
        cxx, cyy, cxy = (
            ixx + myy - my * my * over_all,
            iyy + mxx - mx * mx * over_all,
            ixy - mxy + mx * my * over_all,
        )
        gx, gy, gz = (
            ixx * wx + ixy * wy + ixz * wz,
            ixy * wx + iyy * wy + iyz * wz,
            ixz * wx + iyz * wy + izz * wz,
        )
        el += gy * wz - gz * wy - my * along * over_all
        em += gz * wx - gx * wz + mx * along * over_all
        en += gx * wy - gy * wx
        kxx, kxy, kxz = cyy * izz - iyz * iyz, ixz * iyz - cxy * izz, cxy * iyz - cyy * ixz
        kyy, kyz, kzz = cxx * izz - ixz * ixz, cxy * ixz - cxx * iyz, cxx * cyy - cxy * cxy
        scale = 1.0 / (cxx * kxx + cxy * kxy + ixz * kxz)
        dx = (kxx * el + kxy * em + kxz * en) * scale
        dy = (kxy * el + kyy * em + kyz * en) * scale
        dz = (kxz * el + kyz * em + kzz * en) * scale
        ax, ay = ex * over_body, ey * over_body
        az = (along - my * dx + mx * dy) * over_all
        hx, hy, hz = hx + weight * ax, hy + weight * ay, hz + weight * az
        ux, uy, uz = ux + weight * wx, uy + weight * wy, uz + weight * wz
        # Into inertial axes: a + 2 q0 (n x a) + 2 n x (n x a), n the quaternion's vector.
        bx, by, bz = q2 * az - q3 * ay, q3 * ax - q1 * az, q1 * ay - q2 * ax
        bx, by, bz = (
            ax + 2.0 * (q0 * bx + q2 * bz - q3 * by),
            ay + 2.0 * (q0 * by + q3 * bx - q1 * bz),
            az + 2.0 * (q0 * bz + q1 * by - q2 * bx),
        )
        vx, vy, vz = vx + weight * bx, vy + weight * by, vz + weight * bz
        if stage < 3:
            rx, ry, rz = rx + bx, ry + by, rz + bz
        for k in range(count):
            row = HEAD + ROW * k
            if work[row + MASS] <= 0.0:
                continue
            ox, oy = work[row + STAGE + 2], work[row + STAGE + 3]
            px = work[row + REST] + work[row + STAGE]
            py, pz = work[row + REST + 1] + work[row + STAGE + 1], work[row + REST + 2]
            nx = work[row + OWN] - ax - (dy * pz - dz * py)
            ny = work[row + OWN + 1] - ay - (dz * px - dx * pz)
            work[row + SUM] += weight * ox
            work[row + SUM + 1] += weight * oy
            work[row + SUM + 2] += weight * nx
            work[row + SUM + 3] += weight * ny
            at = t.Y_SLOSH + 4 * k
            work[row + STAGE] = y[at] + reach * ox
            work[row + STAGE + 1] = y[at + 1] + reach * oy
            work[row + STAGE + 2] = y[at + 2] + reach * nx
            work[row + STAGE + 3] = y[at + 3] + reach * ny
        e0 = 0.5 * (-q1 * wx - q2 * wy - q3 * wz)
        e1 = 0.5 * (q0 * wx + q2 * wz - q3 * wy)
        e2 = 0.5 * (q0 * wy + q3 * wx - q1 * wz)
        e3 = 0.5 * (q0 * wz + q1 * wy - q2 * wx)
        s0, s1, s2, s3 = s0 + weight * e0, s1 + weight * e1, s2 + weight * e2, s3 + weight * e3
        sx, sy, sz = sx + weight * dx, sy + weight * dy, sz + weight * dz
        q0, q1, q2, q3 = y[6] + reach * e0, y[7] + reach * e1, y[8] + reach * e2, y[9] + reach * e3
        wx, wy, wz = y[10] + reach * dx, y[11] + reach * dy, y[12] + reach * dz
    sixth = dt_s / 6.0
    half = 0.5 * dt_s * dt_s
    y[0] += dt_s * y[3] + dt_s * sixth * rx + half * g3_I[0]
    y[1] += dt_s * y[4] + dt_s * sixth * ry + half * g3_I[1]
    y[2] += dt_s * y[5] + dt_s * sixth * rz + half * g3_I[2]
    y[3] += sixth * vx + dt_s * g3_I[0]
    y[4] += sixth * vy + dt_s * g3_I[1]
    y[5] += sixth * vz + dt_s * g3_I[2]
    q0, q1, q2, q3 = y[6] + sixth * s0, y[7] + sixth * s1, y[8] + sixth * s2, y[9] + sixth * s3
    scale = 1.0 / math.sqrt(q0 * q0 + q1 * q1 + q2 * q2 + q3 * q3)
    y[6], y[7], y[8], y[9] = q0 * scale, q1 * scale, q2 * scale, q3 * scale
    y[10] += sixth * sx
    y[11] += sixth * sy
    y[12] += sixth * sz
    for k in range(count):
        row, at = HEAD + ROW * k, t.Y_SLOSH + 4 * k
        for i in range(4):
            y[at + i] += sixth * work[row + SUM + i]
    # At the inertial unit: what the centre feels, and the lever's turn by the means of rate and acceleration.
    wx, wy, wz = ux / 6.0, uy / 6.0, uz / 6.0
    dx, dy, dz = sx / 6.0, sy / 6.0, sz / 6.0
    wl, ww = wx * lx + wy * ly + wz * lz, wx * wx + wy * wy + wz * wz
    sensed6[0] = hx / 6.0 + dy * lz - dz * ly + wx * wl - lx * ww
    sensed6[1] = hy / 6.0 + dz * lx - dx * lz + wy * wl - ly * ww
    sensed6[2] = hz / 6.0 + dx * ly - dy * lx + wz * wl - lz * ww
    sensed6[3], sensed6[4], sensed6[5] = wx, wy, wz
    y[t.Y_MAIN] -= main_burnt
    y[t.Y_RCS] -= rcs_burnt
    if main_burnt > 0.0 or rcs_burnt > 0.0:
        # The centre moves in the body as propellant leaves: the state goes over to the new material point.
        _shift(
            y,
            -work[10] * main_burnt - work[13] * rcs_burnt,
            -work[11] * main_burnt - work[14] * rcs_burnt,
            -work[12] * main_burnt - work[15] * rcs_burnt,
        )


@kernel(bare=True, inline=True)
def _shift(y, x, y_, z):
    """Move the point that position and velocity speak of by a step in body axes (m)."""
    q0, q1, q2, q3 = y[6], y[7], y[8], y[9]
    bx, by, bz = q2 * z - q3 * y_, q3 * x - q1 * z, q1 * y_ - q2 * x
    y[0] += x + 2.0 * (q0 * bx + q2 * bz - q3 * by)
    y[1] += y_ + 2.0 * (q0 * by + q3 * bx - q1 * bz)
    y[2] += z + 2.0 * (q0 * bz + q1 * by - q2 * bx)
    x, y_, z = y[11] * z - y[12] * y_, y[12] * x - y[10] * z, y[10] * y_ - y[11] * x
    bx, by, bz = q2 * z - q3 * y_, q3 * x - q1 * z, q1 * y_ - q2 * x
    y[3] += x + 2.0 * (q0 * bx + q2 * bz - q3 * by)
    y[4] += y_ + 2.0 * (q0 * by + q3 * bx - q1 * bz)
    y[5] += z + 2.0 * (q0 * bz + q1 * by - q2 * bx)

"""Attitude control and the share of each engine in it, once a cycle of the flight software.

The angle between the thrust axis and the wanted one asks for a rate (limited), the rate's error for an
angular acceleration, the inertia makes it a torque. What turned the craft otherwise than asked (a centre of
mass off the axis, a weak engine) is learnt as a disturbance torque and taken off. Torque goes first to what
thrusts anyway: gimbal, then assist engines throttled apart; attitude thrusters do the rest in pulses. Torque
is kept before thrust where an engine has reached its bounds.

memory: 0 cycles flown, 1..3 rate of the last cycle rad/s, 4..6 torque given since then, then that wanted N m,
7..9 disturbance torque N m, 10 wanted torque that none could give N m, 11 torque at hand from assist engines
at half throttle N m, 12 from gimbals, 13 across and 14 along the axis from attitude thrusters, then from
`FAILED` a mark for each engine, four numbers each (its torque at full level, and that for each radian of
gimbal angle), and a count of cycles in which it looked lost.
"""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.landing.craft import table as t
from perilune.landing.software.control import (
    ALIKE,
    CYCLE_S,
    FAILED,
    FAILED_CYCLES,
    FOLLOW_PER_S,
    LEARN,
    PULL_PER_S,
    QUIET_RAD,
    QUIET_RAD_S,
    ROLL_QUIET_RAD,
    SHARE_OF_TORQUE,
)

_SWEEPS = 8
#: Cycles after which levers are computed anew: the centre of mass moves by less than a millimetre a second.
_RENEW = 10.0


@kernel(bare=True)
def control(memory, q_est4, rate_est3, wanted_I, main_throttle, assist_throttle, craft, props, levels):
    """Write each engine's level and gimbal angles for the next cycle into `levels` float64[n, 3].

    `q_est4` and `rate_est3` (rad/s, body axes, mean of the last cycle) are the estimate. `wanted_I` holds the
    wanted thrust axis and, behind it, the direction wanted for the body's y axis (zeros: any). `props` are
    believed mass properties (`resting_properties`), the throttles wanted means of main and assist engines.
    `levels` must still be what the engines were told in the last cycle.
    """
    engines = craft.engines
    n = engines.shape[0]
    scratch = FAILED + n
    if memory[0] % _RENEW == 0.0:
        _levers(engines, props, memory, scratch)
    _given(memory, engines, scratch, levels)
    _learn(memory, rate_est3, props)
    if _lost_engine(memory, engines, scratch, levels):
        _levers(engines, props, memory, scratch)
    strong_xy = memory[11] * min(2.0 * assist_throttle, 1.0) + memory[12] * main_throttle
    thrusting = strong_xy > memory[13]
    strong_xy = max(strong_xy, memory[13])
    quiet = _want(memory, q_est4, rate_est3, wanted_I, craft.body, props, strong_xy)
    x, y, z = memory[4], memory[5], memory[6]
    for i in range(n):
        levels[i, 0], levels[i, 1], levels[i, 2] = 0.0, 0.0, 0.0
        if engines[i, t.KIND] == t.MAIN and main_throttle > 0.0 and memory[FAILED + i] < 0.5:
            levels[i, 0] = main_throttle
            x, y = _gimbal(engines, i, memory, scratch, x, y, levels)
    if assist_throttle > 0.0:
        x, y = _assist(memory, engines, scratch, assist_throttle, x, y, levels)
    if thrusting:
        # What the engines leave is small change: attitude thrusters come only where it is not.
        if x * x + y * y < (0.1 * strong_xy) ** 2:
            x, y = 0.0, 0.0
    elif quiet:
        x, y = 0.0, 0.0
    memory[10] = 0.0
    if x != 0.0 or y != 0.0 or z != 0.0:
        memory[10] = _pulse(memory, engines, scratch, x, y, z, levels)


@kernel(bare=True)
def _levers(engines, props, memory, scratch):
    """Write each engine's torque about the believed centre of mass, and what all have at hand."""
    for i in range(11, 15):
        memory[i] = 0.0
    for i in range(engines.shape[0]):
        at = scratch + 4 * i
        x, y, z = engines[i, t.X] - props[1], engines[i, t.Y] - props[2], engines[i, t.Z] - props[3]
        force = engines[i, t.THRUST_N]
        fx, fy, fz = force * engines[i, t.DX], force * engines[i, t.DY], force * engines[i, t.DZ]
        px, py, pz = y * fz - z * fy, z * fx - x * fz, x * fy - y * fx
        # A gimbal's turn about x (y) adds z F to the torque about x (y).
        memory[at], memory[at + 1], memory[at + 2], memory[at + 3] = px, py, pz, z * fz
        if memory[FAILED + i] > 0.5:
            continue
        across = math.sqrt(px * px + py * py)
        if engines[i, t.KIND] == t.ASSIST:
            # Half of them up and half down by half their thrust; on average 2/pi of the lever counts.
            memory[11] += 0.32 * across
        elif engines[i, t.KIND] == t.MAIN:
            memory[12] += abs(z) * force * engines[i, t.GIMBAL_RAD]
        else:
            # A quarter of them pushes the same way, by 2/pi of the lever; half of them along the axis.
            memory[13] += 0.16 * across
            memory[14] += 0.5 * abs(pz)


@kernel(bare=True)
def _learn(memory, rate, props):
    """Compare the turn with the torque that was given; keep what is left over as a disturbance."""
    ix, iy, iz = props[4], props[5], props[6]
    if memory[0] > 0.0:
        hx, hy, hz = ix * rate[0], iy * rate[1], iz * rate[2]
        gyro_x, gyro_y = rate[1] * hz - rate[2] * hy, rate[2] * hx - rate[0] * hz
        gyro_z = rate[0] * hy - rate[1] * hx
        left_x = ix * (rate[0] - memory[1]) / CYCLE_S + gyro_x - memory[4]
        left_y = iy * (rate[1] - memory[2]) / CYCLE_S + gyro_y - memory[5]
        left_z = iz * (rate[2] - memory[3]) / CYCLE_S + gyro_z - memory[6]
        memory[7] += LEARN * (left_x - memory[7])
        memory[8] += LEARN * (left_y - memory[8])
        memory[9] += LEARN * (left_z - memory[9])
    memory[0] += 1.0
    memory[1], memory[2], memory[3] = rate[0], rate[1], rate[2]


@kernel(bare=True)
def _lost_engine(memory, engines, scratch, levels):
    """Mark an assist engine as failed once the disturbance has looked like its absence for a while; return
    whether one was marked. `levels` are still those of the last cycle.
    """
    n = engines.shape[0]
    for i in range(n):
        if engines[i, t.KIND] != t.ASSIST or memory[FAILED + i] > 0.5:
            continue
        at, count = scratch + 4 * i, scratch + 4 * n + i
        px, py = levels[i, 0] * memory[at], levels[i, 0] * memory[at + 1]
        off_x, off_y = memory[7] + px, memory[8] + py
        if levels[i, 0] < 0.1 or off_x * off_x + off_y * off_y > ALIKE * ALIKE * (px * px + py * py):
            memory[count] = 0.0
            continue
        memory[count] += 1.0
        if memory[count] >= FAILED_CYCLES:
            memory[FAILED + i] = 1.0
            # The model does without it from here on: its absence is no disturbance any more.
            memory[7], memory[8] = off_x, off_y
            return True
    return False


@kernel(bare=True)
def _want(memory, q, rate, wanted_I, body, props, strong_xy):
    """Write the wanted torque (N m) into memory[4:7]; return whether the attitude is good enough to wait."""
    ax, ay, az = _into_body(q, wanted_I[0], wanted_I[1], wanted_I[2])
    sine = math.sqrt(ax * ax + ay * ay)
    angle = math.atan2(sine, az)
    # The shortest turn of +z to the wanted axis is about (-ay, ax); opposite to it, any axis will do.
    tx, ty = (-ay / sine, ax / sine) if sine > 1e-9 else (1.0, 0.0)
    most = SHARE_OF_TORQUE * strong_xy
    inertia = max(props[4], props[5])
    slow = math.sqrt(max(most, 1e-9) / inertia * angle)
    speed = min(PULL_PER_S * angle, slow, body[t.RATE_LIMIT])
    off_x, off_y = speed * tx - rate[0], speed * ty - rate[1]
    hx, hy, hz = props[4] * rate[0], props[5] * rate[1], props[6] * rate[2]
    x = props[4] * FOLLOW_PER_S * off_x
    y = props[5] * FOLLOW_PER_S * off_y
    size = math.sqrt(x * x + y * y)
    if size > most:
        x, y = x * most / size, y * most / size
    memory[4] = x + rate[1] * hz - rate[2] * hy - memory[7]
    memory[5] = y + rate[2] * hx - rate[0] * hz - memory[8]
    turn, held = 0.0, 0.0
    if wanted_I[3] != 0.0 or wanted_I[4] != 0.0 or wanted_I[5] != 0.0:
        bx, by, _ = _into_body(q, wanted_I[3], wanted_I[4], wanted_I[5])
        # Meant only where the two are far from parallel: the wanted y axis is square to the thrust.
        if bx * bx + by * by > 0.25:
            turn = math.atan2(-bx, by)
    if abs(turn) > ROLL_QUIET_RAD:
        held = 0.5 * PULL_PER_S * (turn - math.copysign(ROLL_QUIET_RAD, turn))
    limit = 0.5 * body[t.RATE_LIMIT]
    off = min(max(held, -limit), limit) - rate[2]
    z = 0.0
    if abs(off) > QUIET_RAD_S:
        most_z = SHARE_OF_TORQUE * memory[14]
        z = min(max(props[6] * FOLLOW_PER_S * off, -most_z), most_z)
    memory[6] = z
    return angle < QUIET_RAD and off_x * off_x + off_y * off_y < QUIET_RAD_S**2


@kernel(bare=True)
def _into_body(q, x, y, z):
    """Return the components in body axes of a vector in inertial axes."""
    q0, q1, q2, q3 = q[0], -q[1], -q[2], -q[3]
    bx, by, bz = q2 * z - q3 * y, q3 * x - q1 * z, q1 * y - q2 * x
    return (
        x + 2.0 * (q0 * bx + q2 * bz - q3 * by),
        y + 2.0 * (q0 * by + q3 * bx - q1 * bz),
        z + 2.0 * (q0 * bz + q1 * by - q2 * bx),
    )


@kernel(bare=True)
def _gimbal(engines, i, memory, scratch, x, y, levels):
    """Turn engine i so that it gives the torque (x, y), its own lever included; return what is left."""
    at = scratch + 4 * i
    level = levels[i, 0]
    x -= level * memory[at]
    y -= level * memory[at + 1]
    reach = engines[i, t.GIMBAL_RAD]
    if reach <= 0.0:
        return x, y
    # A small turn (a, b) about x and y adds z F (a, b) to the torque, z the engine's place over the centre.
    per_rad = memory[at + 3] * level
    if per_rad == 0.0:
        return x, y
    a, b = x / per_rad, y / per_rad
    size = math.sqrt(a * a + b * b)
    if size > reach:
        a, b = a * reach / size, b * reach / size
    levels[i, 1], levels[i, 2] = a, b
    return x - a * per_rad, y - b * per_rad


@kernel(bare=True)
def _assist(memory, engines, scratch, throttle, x, y, levels):
    """Throttle the assist engines apart for the torque (x, y); return what is left of it.

    Level i is (b px + c py) + s n, least in size for the torque, with n the part of "all alike" that turns
    nothing: so thrust s can be lowered (or raised) where bounds are met, without a change of torque.
    """
    xx, xy, yy, sx, sy, wanted = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(engines.shape[0]):
        if engines[i, t.KIND] != t.ASSIST:
            continue
        wanted += throttle * engines[i, t.THRUST_N]
        if memory[FAILED + i] > 0.5:
            continue
        at = scratch + 4 * i
        px, py = memory[at], memory[at + 1]
        xx, xy, yy, sx, sy = xx + px * px, xy + px * py, yy + py * py, sx + px, sy + py
    det = xx * yy - xy * xy
    if det <= 1e-9 * (xx + yy) ** 2:
        return x, y
    bx, cx = (yy * x - xy * y) / det, (xx * y - xy * x) / det
    bs, cs = (yy * sx - xy * sy) / det, (xx * sy - xy * sx) / det
    share = 1.0
    for _ in range(4):
        low, high, thrust, gain = -1e9, 1e9, 0.0, 0.0
        for i in range(engines.shape[0]):
            if engines[i, t.KIND] != t.ASSIST or memory[FAILED + i] > 0.5:
                continue
            at = scratch + 4 * i
            turn = share * (bx * memory[at] + cx * memory[at + 1])
            alike = 1.0 - bs * memory[at] - cs * memory[at + 1]
            least = engines[i, t.LEAST]
            if alike > 1e-6:
                low, high = max(low, (least - turn) / alike), min(high, (1.0 - turn) / alike)
            thrust += turn * engines[i, t.THRUST_N]
            gain += alike * engines[i, t.THRUST_N]
        if low <= high:
            break
        share *= 0.6
    alike_by = min(max((wanted - thrust) / gain, low), high) if gain > 0.0 else 0.0
    for i in range(engines.shape[0]):
        if engines[i, t.KIND] != t.ASSIST or memory[FAILED + i] > 0.5:
            continue
        at = scratch + 4 * i
        level = share * (bx * memory[at] + cx * memory[at + 1])
        level += alike_by * (1.0 - bs * memory[at] - cs * memory[at + 1])
        level = min(max(level, engines[i, t.LEAST]), 1.0)
        levels[i, 0] = level
        x -= level * memory[at]
        y -= level * memory[at + 1]
    return x, y


@kernel(bare=True)
def _pulse(memory, engines, scratch, x, y, z, levels):
    """Fire attitude thrusters for a torque (N m) by least squares within bounds, then in whole pulses; return
    what the least squares leave.
    """
    for _ in range(_SWEEPS):
        for i in range(engines.shape[0]):
            if engines[i, t.KIND] != t.RCS or memory[FAILED + i] > 0.5:
                continue
            at = scratch + 4 * i
            px, py, pz = memory[at], memory[at + 1], memory[at + 2]
            was = levels[i, 0]
            level = was + (px * x + py * y + pz * z) / (px * px + py * py + pz * pz)
            level = min(max(level, 0.0), 1.0)
            levels[i, 0] = level
            x, y, z = x - (level - was) * px, y - (level - was) * py, z - (level - was) * pz
    for i in range(engines.shape[0]):
        if engines[i, t.KIND] == t.RCS and levels[i, 0] > 0.0:
            least = engines[i, t.MIN_ON_S] / CYCLE_S
            if levels[i, 0] < least:
                levels[i, 0] = least if levels[i, 0] > 0.5 * least else 0.0
    return math.sqrt(x * x + y * y + z * z)


@kernel(bare=True)
def _given(memory, engines, scratch, levels):
    """Write the torque that the levels give, by what is believed of the engines, into memory[4:7]."""
    x, y, z = 0.0, 0.0, 0.0
    for i in range(engines.shape[0]):
        level = levels[i, 0]
        if level <= 0.0:
            continue
        at = scratch + 4 * i
        x += level * (memory[at] + memory[at + 3] * levels[i, 1])
        y += level * (memory[at + 1] + memory[at + 3] * levels[i, 2])
        z += level * memory[at + 2]
    memory[4], memory[5], memory[6] = x, y, z

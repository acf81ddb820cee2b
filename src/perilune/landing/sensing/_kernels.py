"""One compiled step of a sensor: sample where due, keep for the latency, deliver. See `layout` for the
columns.

`measure` is asked once in each cycle of the flight software. What a sample draws depends on seed, run,
sensor and the sample's number alone, so that two policies on the same seed meet the same noise.
"""

# mypy: ignore-errors
from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.landing.sensing import layout as at
from perilune.landing.sensing._kernels_optical import hazard_advice, position_fix, star_attitude
from perilune.landing.sensing._kernels_range import beam_rates, laser_range, radar_range
from perilune.maths._kernels_random import at_sample, normal

_EARLY_S = 1e-6  # s, what the sum of time steps may fall short of a sample's time
_SHARE = 1e-3  # of a period, for the same
_ROOT_6 = math.sqrt(6.0)
_PLACES = 1 << 20  # samples before t = 0 that have words of their own


@kernel(bare=True, inline=True)
def measure(i, sensors, errors, memory, effects, streams, scene, ground, out):
    """Sample sensor i where due, and write what it delivers now into out (16,); return the status.

    Status 0: nothing now (out is left as it was), 1: valid, 2: delivered without a valid value. Column 14 of
    out is the sensor, 15 the status; the others are told in `suite`.
    """
    # Most cycles have nothing to do; to find that out costs less than the call (40 ns for all its arrays).
    status = at.NOTHING
    if memory[i, at.NEXT_S] <= scene[at.S_TIME] + _EARLY_S or memory[i, at.READ] < memory[i, at.WRITTEN]:
        status = _measure(i, sensors, errors, memory, effects, streams, scene, ground, out)
    return status


@kernel(bare=True)
def _measure(i, sensors, errors, memory, effects, streams, scene, ground, out):
    """Sample sensor i where due, and deliver what is due."""
    t_s = scene[at.S_TIME]
    if effects[i, at.OFF] != 0.0:
        memory[i, at.READ] = memory[i, at.WRITTEN]
        memory[i, at.NEXT_S] = max(memory[i, at.NEXT_S], _on_grid(t_s, sensors[i, at.PERIOD_S]))
        return at.NOTHING
    if memory[i, at.NEXT_S] <= t_s + _EARLY_S:
        _sample(i, sensors, errors, memory, effects, streams, scene, ground, out)
    return _deliver(i, sensors, errors, memory, t_s, out)


@kernel(bare=True)
def _on_grid(t_s, period_s):
    """Return the next time after t that is a multiple of the period."""
    return (math.floor(t_s / period_s + _SHARE) + 1.0) * period_s


@kernel(bare=True)
def _sample(i, sensors, errors, memory, effects, streams, scene, ground, out):
    """Take a sample and put it into the queue, the oldest one giving way."""
    t_s, period_s = scene[at.S_TIME], sensors[i, at.PERIOD_S]
    at_sample(streams, i, _PLACES + np.int64(math.floor(t_s / period_s + _SHARE)))
    late = memory[i, at.NEXT_S] < t_s - period_s
    memory[i, at.NEXT_S] = _on_grid(t_s, period_s) if late else memory[i, at.NEXT_S] + period_s
    for k in range(at.OUT_COLUMNS):
        out[k] = 0.0
    kind = sensors[i, at.KIND]
    if kind == at.LASER:
        status = laser_range(i, sensors, errors, memory, effects, streams, scene, ground, out)
    elif kind == at.RADAR:
        status = radar_range(i, sensors, errors, memory, effects, streams, scene, ground, out)
    elif kind == at.VELOCIMETER:
        status = beam_rates(i, sensors, errors, memory, effects, streams, scene, out)
    elif kind == at.STAR_TRACKER:
        status = star_attitude(i, sensors, errors, memory, effects, streams, scene, out)
    elif kind == at.TERRAIN_CAMERA:
        status = position_fix(i, sensors, errors, memory, effects, streams, scene, out)
    elif kind == at.HAZARD_CAMERA:
        status = hazard_advice(i, sensors, effects, streams, scene, ground, out)
    else:
        return
    if status == at.NOTHING:
        return
    written = np.int64(memory[i, at.WRITTEN])
    slot = at.QUEUE + at.SLOT * (written % at.SLOTS)
    memory[i, slot] = t_s
    memory[i, slot + 1] = t_s + sensors[i, at.LATENCY_S] + effects[i, at.EXTRA_LATENCY_S]
    memory[i, slot + 2] = status
    memory[i, slot + 3] = effects[i, at.EXTRA_LATENCY_S]
    for k in range(at.SLOT - 4):
        memory[i, slot + 4 + k] = out[k]
    memory[i, at.WRITTEN] = written + 1
    if memory[i, at.WRITTEN] - memory[i, at.READ] > at.SLOTS:
        memory[i, at.READ] = memory[i, at.WRITTEN] - at.SLOTS


@kernel(bare=True)
def _deliver(i, sensors, errors, memory, t_s, out):
    """Write the newest sample whose time has come into out; return its status."""
    read, written = np.int64(memory[i, at.READ]), np.int64(memory[i, at.WRITTEN])
    found = np.int64(-1)
    while read < written:
        slot = at.QUEUE + at.SLOT * (read % at.SLOTS)
        if memory[i, slot + 1] > t_s + _EARLY_S:
            break
        found = slot
        read += 1
    memory[i, at.READ] = read
    if found < 0:
        return at.NOTHING
    for k in range(at.SLOT - 4):
        out[k] = memory[i, found + 4 + k]
    out[12], out[13] = 0.0, 0.0
    status = np.int64(memory[i, found + 2])
    # The software's clock knows when it was told, and takes the latency of the data sheet for granted.
    age_s = t_s - memory[i, found] - memory[i, found + 3]
    kind = sensors[i, at.KIND]
    if kind == at.LASER or kind == at.RADAR:
        out[2] = age_s + errors[i, at.E_TIME_TAG_S]
    elif kind == at.VELOCIMETER:
        out[6] = age_s + errors[i, at.E_RATE_TIME_TAG_S]
    elif kind == at.HAZARD_CAMERA:
        out[4] = age_s
    else:
        out[5] = age_s
    out[14] = i
    out[15] = status
    return status


@kernel(bare=True, inline=True)
def sample_imu(i, sensors, errors, memory, effects, streams, sensed6, dt_s, out6):
    """Write velocity (m/s) and angle (rad) increments, body axes, of one step; return 1, or 0 in an outage.

    `sensed6` is the mean specific force (m/s^2) and turn rate (rad/s) of the step. In an outage the
    increments are zero, as from a unit that is being started again.
    """
    if effects[i, at.OFF] != 0.0:
        for k in range(6):
            out6[k] = 0.0
        return at.NOTHING
    # Noise first, in a loop with one call: it is compiled into place (69 ns a step before, six calls).
    for k in range(6):
        out6[k] = normal(streams, i)
    root_s = math.sqrt(dt_s)
    _wander(i, sensors, memory, streams, root_s)
    _channel(i, 0, at.E_ACCELEROMETER, sensors, errors, memory, effects, sensed6, dt_s, root_s, out6)
    _channel(i, 3, at.E_GYRO, sensors, errors, memory, effects, sensed6, dt_s, root_s, out6)
    if effects[i, at.FALSE] != 0.0:
        # The accelerometers' block is not switched on: it tells a fixed value whatever is felt.
        for k in range(3):
            out6[k] = effects[i, at.FALSE_VALUE] * dt_s
    if effects[i, at.STUCK] != 0.0:
        for k in range(6):
            out6[k] = memory[i, at.LAST + k]
    else:
        for k in range(6):
            memory[i, at.LAST + k] = out6[k]
    return at.VALID


@kernel(bare=True, inline=True)
def _wander(i, sensors, memory, streams, root_s):
    """Let one bias walk, in turns: for all six the law is the same, at a sixth of the draws."""
    turn = np.int64(memory[i, at.TURN])
    memory[i, at.TURN] = (turn + 1) % 6
    walk = sensors[i, at.ACCELEROMETER_WALK + turn // 3]
    memory[i, at.WALK + turn] += walk * root_s * _ROOT_6 * normal(streams, i)


@kernel(bare=True, inline=True)
def _channel(i, first, error, sensors, errors, memory, effects, sensed6, dt_s, root_s, out6):
    """Turn unit noise into three increments of one kind: `first` 0 for accelerometers, 3 for gyros."""
    kind = first // 3
    noise = sensors[i, at.VELOCITY_WALK + kind] * (1.0 + effects[i, at.NOISE]) * root_s
    x, y, z = sensed6[first], sensed6[first + 1], sensed6[first + 2]
    mx, my, mz = errors[i, error + 6], errors[i, error + 7], errors[i, error + 8]
    scale = 1.0
    if first == 0:
        scale += effects[i, at.SCALE]
        fx, fy, fz = effects[i, at.BIAS], effects[i, at.BIAS_Y], effects[i, at.BIAS_Z]
    else:
        fx, fy, fz = effects[i, at.RATE_X], effects[i, at.RATE_Y], effects[i, at.RATE_Z]
    # Seen from axes turned by the small misalignment m: f - m x f.
    x, y, z = x - my * z + mz * y, y - mz * x + mx * z, z - mx * y + my * x
    x = x * (scale + errors[i, error + 3]) + errors[i, error] + memory[i, at.WALK + first] + fx
    y = y * (scale + errors[i, error + 4]) + errors[i, error + 1] + memory[i, at.WALK + first + 1] + fy
    z = z * (scale + errors[i, error + 5]) + errors[i, error + 2] + memory[i, at.WALK + first + 2] + fz
    most = sensors[i, at.MOST_M_S2 + kind]
    out6[first] = min(max(x, -most), most) * dt_s + noise * out6[first]
    out6[first + 1] = min(max(y, -most), most) * dt_s + noise * out6[first + 1]
    out6[first + 2] = min(max(z, -most), most) * dt_s + noise * out6[first + 2]
    quantum = sensors[i, at.VELOCITY_QUANTUM + kind]
    if quantum > 0.0:
        _quantise(i, first, quantum, memory, out6)


@kernel(bare=True, inline=True)
def _quantise(i, first, quantum, memory, out6):
    """Round three increments to whole quanta; what is left over comes with the next ones."""
    per_quantum = 1.0 / quantum
    for k in range(first, first + 3):
        told = out6[k] + memory[i, at.REMAINDER + k]
        out6[k] = math.floor(told * per_quantum + 0.5) * quantum
        memory[i, at.REMAINDER + k] = told - out6[k]

"""What a flight keeps, and small questions of the loop: scene, gravity, rows of the log, the end."""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.constants import MOON_RADIUS_M
from perilune.landing._kernels import MOON_SPIN_RAD_S
from perilune.landing.ground._kernels_gravity import anomaly_at
from perilune.landing.loop import layout as at
from perilune.landing.loop._kernels_axes import backwards, body_axes, forwards
from perilune.landing.sensing.layout import (
    S_HEIGHT,
    S_IGNITION,
    S_PHASE,
    S_POSITION,
    S_Q,
    S_RATE,
    S_SUN,
    S_TIME,
    S_TURNED,
    S_VELOCITY,
)  # fmt: skip

CYCLE_S = 0.1  # s, of the flight software


@kernel(bare=True)
def fill_scene(t, y, spot, turned, sun, memory, ignition, scene):
    """Write what the sensors see: place and velocity of the pads' centre over the ground, attitude, rates."""
    scene[S_TIME] = t
    forwards(turned, spot, 0, scene, S_POSITION)
    forwards(turned, spot, 3, scene, S_VELOCITY)
    scene[S_VELOCITY] += MOON_SPIN_RAD_S * scene[S_POSITION + 1]
    scene[S_VELOCITY + 1] -= MOON_SPIN_RAD_S * scene[S_POSITION]
    body_axes(y, 6, turned, scene, S_TURNED)
    for k in range(3):
        scene[S_RATE + k] = y[10 + k]
        scene[S_SUN + k] = sun[k]
    scene[S_IGNITION] = t - ignition if not math.isnan(ignition) else -1.0
    scene[S_PHASE] = memory[0]
    for k in range(4):
        scene[S_Q + k] = y[6 + k]


@kernel(bare=True)
def up_in_body(nav, out):
    """Write the local vertical in body axes, as estimated, into out[0:3]."""
    norm = 1.0 / math.sqrt(nav[0] ** 2 + nav[1] ** 2 + nav[2] ** 2)
    x, y, z = nav[0] * norm, nav[1] * norm, nav[2] * norm
    w, a, b, c = nav[6], nav[7], nav[8], nav[9]
    out[0] = (1 - 2 * (b * b + c * c)) * x + 2 * (a * b + w * c) * y + 2 * (a * c - w * b) * z
    out[1] = 2 * (a * b - w * c) * x + (1 - 2 * (a * a + c * c)) * y + 2 * (b * c + w * a) * z
    out[2] = 2 * (a * c + w * b) * x + 2 * (b * c - w * a) * y + (1 - 2 * (a * a + b * b)) * z


@kernel(bare=True)
def local_anomaly(y, turned, local, spot, out):
    """Write what gravity differs from the point mass (inertial axes), half a cycle ahead."""
    h = 0.5 * CYCLE_S
    for k in range(3):
        spot[3 + k] = y[k] + h * y[3 + k]
    forwards(turned, spot, 3, spot, 0)
    anomaly_at(spot[0], spot[1], spot[2], local, spot[3:6])
    backwards(turned, spot, 3, out, 0)


@kernel(bare=True)
def pull(x, y, z, anomaly, layout, out):
    """Write gravity (inertial axes): the point mass at a place, and the rest as held over a cycle."""
    r2 = x * x + y * y + z * z
    pull = -layout[6] / (r2 * math.sqrt(r2))
    out[0], out[1], out[2] = pull * x + anomaly[0], pull * y + anomaly[1], pull * z + anomaly[2]


@kernel(bare=True)
def add_turned(nav, sums, span_s, out):
    """Add the mean specific force of a cycle, turned into inertial axes, to out[0:3]."""
    w, a, b, c = nav[6], nav[7], nav[8], nav[9]
    x, y, z = sums[0] / span_s, sums[1] / span_s, sums[2] / span_s
    out[0] += (1 - 2 * (b * b + c * c)) * x + 2 * (a * b - w * c) * y + 2 * (a * c + w * b) * z
    out[1] += 2 * (a * b + w * c) * x + (1 - 2 * (a * a + c * c)) * y + 2 * (b * c - w * a) * z
    out[2] += 2 * (a * c - w * b) * x + 2 * (b * c + w * a) * y + (1 - 2 * (a * a + b * b)) * z


@kernel(bare=True)
def keep_measurement(
    marks, row, t, sensor, status, verdict, value, predicted, residual, sigma, true, age, height, nis
):
    """Keep one measurement and what became of it."""
    marks[row, 0], marks[row, 1], marks[row, 2], marks[row, 3] = t, sensor, status, verdict
    marks[row, 4], marks[row, 5], marks[row, 6], marks[row, 7] = value, predicted, residual, sigma
    marks[row, 8], marks[row, 9], marks[row, 10], marks[row, 11] = true, age, height, nis


@kernel(bare=True)
def keep_row(log, row, t, y, nav, P, estimate, memory, command, mass, nees_now, scene, aim, radius):
    """Keep truth and estimate of one cycle (`rows.LOG_COLUMNS`)."""
    log[row, 0] = t
    for k in range(15):
        log[row, 1 + k] = y[k]
    for k in range(20):
        log[row, 16 + k] = nav[k]
    up2 = nav[0] ** 2 + nav[1] ** 2 + nav[2] ** 2
    s = 0.0
    for i in range(3):
        for j in range(3):
            s += nav[i] * nav[j] * P[i, j] / up2
    log[row, 36] = math.sqrt(max(s, 0.0))
    for k in range(9):
        log[row, 37 + k] = math.sqrt(max(P[k, k], 0.0))
    log[row, 46], log[row, 47], log[row, 48] = scene[S_HEIGHT], estimate[7], memory[0]
    log[row, 49], log[row, 50] = command[3], command[4]
    log[row, 51], log[row, 52], log[row, 53] = command[0], command[1], command[2]
    log[row, 54], log[row, 55], log[row, 56] = mass, estimate[6], nees_now
    x, y_, z = scene[S_POSITION], scene[S_POSITION + 1], scene[S_POSITION + 2]
    log[row, 57], log[row, 58] = math.asin(z / radius), math.atan2(y_, x)
    log[row, 59] = radius - MOON_RADIUS_M - scene[S_HEIGHT]
    log[row, 60], log[row, 61] = climb(scene[S_POSITION : S_POSITION + 6])
    log[row, 62], log[row, 63] = climb_estimated(estimate)
    d2 = (x - aim[0]) ** 2 + (y_ - aim[1]) ** 2 + (z - aim[2]) ** 2
    log[row, 64] = math.sqrt(d2)


@kernel(bare=True)
def climb(s):
    """Return (climb, horizontal speed) of a place and a velocity over the ground, s[0:6]."""
    r = math.sqrt(s[0] ** 2 + s[1] ** 2 + s[2] ** 2)
    climb = (s[0] * s[3] + s[1] * s[4] + s[2] * s[5]) / r
    return climb, math.sqrt(max(s[3] ** 2 + s[4] ** 2 + s[5] ** 2 - climb * climb, 0.0))


@kernel(bare=True)
def climb_estimated(estimate):
    """Return the same of an estimate, whose velocity is inertial."""
    x, y, z = estimate[0], estimate[1], estimate[2]
    u, v, w = estimate[3] + MOON_SPIN_RAD_S * y, estimate[4] - MOON_SPIN_RAD_S * x, estimate[5]
    r = math.sqrt(x * x + y * y + z * z)
    climb = (x * u + y * v + z * w) / r
    return climb, math.sqrt(max(u * u + v * v + w * w - climb * climb, 0.0))


@kernel(bare=True)
def finish(t, ignition, scene, touch, aim, memory, y, dv, figures):
    """Write where and how the flight ended."""
    x, y_, z = scene[S_POSITION], scene[S_POSITION + 1], scene[S_POSITION + 2]
    radius = math.sqrt(x * x + y_ * y_ + z * z)
    figures[at.IGNITION], figures[at.END] = ignition, t
    figures[at.LATITUDE], figures[at.LONGITUDE] = math.asin(z / radius), math.atan2(y_, x)
    figures[at.VERTICAL], figures[at.HORIZONTAL], figures[at.TILT] = touch[0], touch[1], touch[2]
    figures[at.TILT_TO_SLOPE], figures[at.SLOPE_RAD], figures[at.RATE] = touch[3], touch[4], touch[5]
    figures[at.TIP], figures[at.LEG], figures[at.CLEARANCE] = touch[6], touch[7], touch[8]
    figures[at.PROPELLANT], figures[at.RCS_LEFT], figures[at.DV] = y[13], y[14], dv
    # Along and across the track at the site: memory[18:21] is the unit vector downrange.
    site = math.sqrt(aim[0] ** 2 + aim[1] ** 2 + aim[2] ** 2)
    along, across = 0.0, 0.0
    left = (
        (aim[1] * memory[20] - aim[2] * memory[19]) / site,
        (aim[2] * memory[18] - aim[0] * memory[20]) / site,
        (aim[0] * memory[19] - aim[1] * memory[18]) / site,
    )
    off = (x / radius * site - aim[0], y_ / radius * site - aim[1], z / radius * site - aim[2])
    for k in range(3):
        along += off[k] * memory[18 + k]
        across += off[k] * left[k]
    figures[at.DOWNRANGE], figures[at.CROSSRANGE] = along, across


@kernel(bare=True)
def turn_back(vector, first, rate, age_s):
    """Turn a body direction vector[first:first+3] into the body axes of now, `age_s` after it was sampled.

    A craft that turns by 5 deg/s turns a beam by half a degree in 0.1 s: 1.6 m/s of a speed of 200 m/s.
    """
    x, y, z = -rate[0] * age_s, -rate[1] * age_s, -rate[2] * age_s
    a, b, c = vector[first], vector[first + 1], vector[first + 2]
    da, db, dc = y * c - z * b, z * a - x * c, x * b - y * a
    vector[first] = a + da + 0.5 * (y * dc - z * db)
    vector[first + 1] = b + db + 0.5 * (z * da - x * dc)
    vector[first + 2] = c + dc + 0.5 * (x * db - y * da)

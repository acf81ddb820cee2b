"""What a flight keeps: measurements, rows of the log, and where and how it ended."""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.constants import MOON_RADIUS_M, MOON_SPIN_RAD_S
from perilune.landing.craft._kernels_contact import (
    CLEARANCE,
    HORIZONTAL,
    LEG_RATIO,
    RATE,
    SLOPE,
    TILT,
    TILT_TO_SLOPE,
    TIP_RATIO,
    VERTICAL,
    touchdown,
)
from perilune.landing.craft.table import Y_MAIN, Y_RCS
from perilune.landing.loop import layout as at
from perilune.landing.loop._kernels_truth import fill_scene
from perilune.landing.sensing.layout import S_HEIGHT, S_POSITION, S_VELOCITY
from perilune.landing.software.table import ISOLATED_S, ISOLATIONS, REACQUIRED_S


@kernel(bare=True)
def keep_measurement(marks, now, sensor, status, verdict, nis):
    """Keep one measurement and what became of it (`rows.MEASUREMENT_COLUMNS`); values 4:10 are NaN as yet."""
    mark = marks[int(now[at.N_MARKS])]
    mark[0], mark[1], mark[2], mark[3] = now[at.N_T], sensor, status, verdict
    for k in range(4, 10):
        mark[k] = math.nan
    mark[10], mark[11] = now[at.N_HEIGHT], nis
    now[at.N_MARKS] += 1.0


@kernel(bare=True)
def keep_row(given, flight):
    """Keep truth and estimate of one cycle (`rows.LOG_COLUMNS`)."""
    now, scene, estimate, command = flight.now, flight.scene, flight.estimate, flight.command
    row = flight.log[int(now[at.N_ROWS])]
    now[at.N_ROWS] += 1.0
    row[0] = now[at.N_T]
    for k in range(15):
        row[1 + k] = flight.y[k]
    for k in range(20):
        row[16 + k] = flight.nav[k]
    _sigmas(flight.nav, flight.covariance, row)
    row[46], row[47], row[48] = scene[S_HEIGHT], estimate[7], flight.memory[0]
    row[49], row[50] = command[3], command[4]
    row[51], row[52], row[53] = command[0], command[1], command[2]
    epoch = min(int(now[at.N_CYCLE]) // at.SERIES_CYCLES, at.SERIES - 1)
    row[54], row[55], row[56] = now[at.N_MASS], estimate[6], flight.series[epoch]
    x, y, z = scene[S_POSITION], scene[S_POSITION + 1], scene[S_POSITION + 2]
    row[57], row[58] = math.asin(z / now[at.N_RADIUS]), math.atan2(y, x)
    row[59] = now[at.N_RADIUS] - MOON_RADIUS_M - scene[S_HEIGHT]
    row[60], row[61] = _climb(x, y, z, scene[S_VELOCITY], scene[S_VELOCITY + 1], scene[S_VELOCITY + 2])
    # The estimate's velocity is inertial: the ground's own is taken off.
    ex, ey, aim = estimate[0], estimate[1], given.aim
    u, v = estimate[3] + MOON_SPIN_RAD_S * ey, estimate[4] - MOON_SPIN_RAD_S * ex
    row[62], row[63] = _climb(ex, ey, estimate[2], u, v, estimate[5])
    row[64] = math.sqrt((x - aim[0]) ** 2 + (y - aim[1]) ** 2 + (z - aim[2]) ** 2)


@kernel(bare=True)
def _sigmas(nav, covariance, row):
    """Write the sigmas of the altitude and of position, velocity and attitude."""
    up2 = nav[0] ** 2 + nav[1] ** 2 + nav[2] ** 2
    s = 0.0
    for i in range(3):
        for j in range(3):
            s += nav[i] * nav[j] * covariance[i, j] / up2
    row[36] = math.sqrt(max(s, 0.0))
    for k in range(9):
        row[37 + k] = math.sqrt(max(covariance[k, k], 0.0))


@kernel(bare=True)
def _climb(x, y, z, u, v, w):
    """Return (climb, horizontal speed) in m/s at a place (m) with a velocity over the ground (m/s)."""
    r = math.sqrt(x * x + y * y + z * z)
    climb = (x * u + y * v + z * w) / r
    return climb, math.sqrt(max(u * u + v * v + w * w - climb * climb, 0.0))


@kernel(bare=True, inline=True)
def finish(given, flight):
    """Write where and how the flight ended, and what its counters say."""
    now, figures, touch = flight.now, flight.figures, flight.spot
    fill_scene(given, flight)
    touchdown(flight.y, given.craft, given.ground, flight.turned, touch)
    figures[at.IGNITION], figures[at.END], figures[at.DV] = now[at.N_IGNITION], now[at.N_T], now[at.N_DV]
    figures[at.VERTICAL], figures[at.HORIZONTAL] = touch[VERTICAL], touch[HORIZONTAL]
    figures[at.TILT], figures[at.TILT_TO_SLOPE] = touch[TILT], touch[TILT_TO_SLOPE]
    figures[at.SLOPE_RAD], figures[at.RATE] = touch[SLOPE], touch[RATE]
    figures[at.TIP], figures[at.LEG] = touch[TIP_RATIO], touch[LEG_RATIO]
    figures[at.CLEARANCE] = touch[CLEARANCE]
    figures[at.PROPELLANT], figures[at.RCS_LEFT] = flight.y[Y_MAIN], flight.y[Y_RCS]
    miss(flight.scene, given.aim, flight.memory, figures)
    figures[at.HEIGHT_ERROR] = flight.estimate[7] - now[at.N_HEIGHT]
    figures[at.NEES_MEAN] = now[at.N_NEES_SUM] / max(now[at.N_NEES_COUNT], 1.0)
    figures[at.NIS_MEAN] = now[at.N_NIS_SUM] / now[at.N_NIS_COUNT] if now[at.N_NIS_COUNT] > 0.0 else math.nan
    figures[at.REACQUIRED_S], figures[at.ISOLATED_S] = flight.events[REACQUIRED_S], flight.events[ISOLATED_S]
    figures[at.ISOLATED_UNITS] = flight.events[ISOLATIONS]


@kernel(bare=True)
def miss(scene, aim, memory, figures):
    """Write the place of the end, and how far it is from the site along and across the track."""
    x, y, z = scene[S_POSITION], scene[S_POSITION + 1], scene[S_POSITION + 2]
    radius = math.sqrt(x * x + y * y + z * z)
    figures[at.LATITUDE], figures[at.LONGITUDE] = math.asin(z / radius), math.atan2(y, x)
    # memory[18:21] is the unit vector downrange at the site.
    site = math.sqrt(aim[0] ** 2 + aim[1] ** 2 + aim[2] ** 2)
    along, across = 0.0, 0.0
    left = (
        (aim[1] * memory[20] - aim[2] * memory[19]) / site,
        (aim[2] * memory[18] - aim[0] * memory[20]) / site,
        (aim[0] * memory[19] - aim[1] * memory[18]) / site,
    )
    off = (x / radius * site - aim[0], y / radius * site - aim[1], z / radius * site - aim[2])
    for k in range(3):
        along += off[k] * memory[18 + k]
        across += off[k] * left[k]
    figures[at.DOWNRANGE], figures[at.CROSSRANGE] = along, across

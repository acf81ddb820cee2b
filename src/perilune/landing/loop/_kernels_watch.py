"""What is noticed from outside while a flight goes on: where estimate and truth part, first causes."""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.constants import GM_MOON_M3_S2
from perilune.landing.craft._kernels_body import body_point
from perilune.landing.craft.table import IMU_X, Y_Q, Y_W
from perilune.landing.loop import layout as at
from perilune.landing.software._kernels_filter import nees

_FAR_M = 15e3  # m; errors of height count below this
_ZERO_M = 2.0  # m; heights below this count as none
_HIGH_M = 20.0  # m; true heights above this are no touchdown
_TUMBLED = 0.5  # cosine; thrust this far from where it should point is a lost attitude
_TUMBLED_CYCLES = 20
_REACTION_S = 1.0  # s, from a command to full thrust across: attitude and engines


@kernel(bare=True, inline=True)
def watch(given, flight):
    """Note what happens for the first time in this cycle, and how good the estimate is every 10 s."""
    watch_height(given, flight)
    cycle = int(flight.now[at.N_CYCLE])
    if cycle % at.SERIES_CYCLES == 0 and cycle // at.SERIES_CYCLES < at.SERIES:
        judge_estimate(cycle // at.SERIES_CYCLES, given, flight)
    watch_attitude(flight)
    watch_stop(given, flight)


@kernel(bare=True, inline=True)
def watch_height(given, flight):
    """Compare the estimated height with the true one; note the speed at the height that was asked for."""
    now, figures = flight.now, flight.figures
    height, believed = now[at.N_HEIGHT], flight.estimate[7]
    if not math.isnan(figures[at.ACQUIRED_S]) and height < _FAR_M:
        figures[at.WORST] = max(figures[at.WORST], abs(believed - height))
    if believed < _ZERO_M and height > _HIGH_M and math.isnan(figures[at.ZERO_S]):
        figures[at.ZERO_S], figures[at.ZERO_M] = now[at.N_T], height
    if height < given.start[at.PROBE_M] and math.isnan(figures[at.PROBE_SPEED]):
        figures[at.PROBE_SPEED] = -now[at.N_CLIMB]


@kernel(bare=True)
def judge_estimate(epoch, given, flight):
    """Write the estimate's squared error in units of its covariance; the masses are those of this cycle."""
    now, y, spot, unit = flight.now, flight.y, flight.spot, given.believed.body
    body_point(y, flight.craft_work, unit[IMU_X], unit[IMU_X + 1], unit[IMU_X + 2], spot)
    squared = nees(flight.nav, flight.covariance, spot[0:3], spot[3:6], y[Y_Q:Y_W], flight.work)
    flight.series[epoch] = squared
    now[at.N_NEES_SUM] += squared
    now[at.N_NEES_COUNT] += 1.0


@kernel(bare=True, inline=True)
def watch_attitude(flight):
    """Note when thrust has pointed far from where it should for a while."""
    now, y, wanted, figures = flight.now, flight.y, flight.wanted, flight.figures
    w, qx, qy, qz = y[6], y[7], y[8], y[9]
    cosine = (
        wanted[0] * 2 * (qx * qz + w * qy) + wanted[1] * 2 * (qy * qz - w * qx)
        + wanted[2] * (1 - 2 * (qx * qx + qy * qy))
    )  # fmt: skip
    lost = cosine < _TUMBLED and not math.isnan(now[at.N_IGNITION])
    now[at.N_TUMBLED] = now[at.N_TUMBLED] + 1.0 if lost else 0.0
    if now[at.N_TUMBLED] > _TUMBLED_CYCLES and math.isnan(figures[at.TUMBLE_S]):
        figures[at.TUMBLE_S] = now[at.N_T]


@kernel(bare=True, inline=True)
def watch_stop(given, flight):
    """Note when full thrust can no longer stop the descent above the ground."""
    now, figures, lander = flight.now, flight.figures, given.lander
    height, climb = now[at.N_HEIGHT], now[at.N_CLIMB]
    open_yet = math.isnan(figures[at.LATE_S]) and not math.isnan(now[at.N_IGNITION])
    if open_yet and climb < 0.0 and height < _FAR_M:
        radius = now[at.N_RADIUS]
        net = (lander[0] + lander[3]) / now[at.N_MASS] - GM_MOON_M3_S2 / (radius * radius)
        if net <= 0.0 or climb * climb / (2.0 * net) - climb * _REACTION_S > height + 20.0:
            figures[at.LATE_S] = now[at.N_T]

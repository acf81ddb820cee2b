"""A cycle's five steps of truth, inertial units and strapdown, and what the flight software makes of them."""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.landing._kernels_axes import backwards, forwards, rotation_of, turned_at
from perilune.landing.craft._kernels import advance_from
from perilune.landing.craft._kernels_contact import lowest_pad
from perilune.landing.craft.table import FLOW_KG_S, TANK, Y_MAIN
from perilune.landing.ground._kernels_gravity import anomaly_at
from perilune.landing.loop import layout as at
from perilune.landing.loop.layout import CYCLE_S, DT_S, PARTS
from perilune.landing.sensing._kernels import sample_imu
from perilune.landing.software._kernels_filter import strapdown, turn_attitude
from perilune.landing.software._kernels_imu import MODEL, SPARE, imu_check

_NEAR_M = 20.0  # m; below this the pads are looked at each step


@kernel(bare=True, inline=True)
def five_steps(given, flight):
    """Carry truth and estimate over a cycle, or until a pad touches the ground; return whether one does.

    The craft's properties are those that `fill_scene` has left for this cycle.
    """
    now, y, nav, g = flight.now, flight.y, flight.nav, flight.pull
    layout = given.gravity.layout
    for k in range(6):
        flight.sums[k], flight.unit_sums[0, k], flight.unit_sums[1, k] = 0.0, 0.0, 0.0
    hold_anomaly(given, flight)
    touched = False
    for part in range(PARTS):
        pull(y, flight.anomaly, layout, g)
        advance_from(
            y, given.craft, flight.levels, flight.valves, part, flight.health, g, DT_S, flight.sensed,
            flight.craft_work,
        )  # fmt: skip
        felt = flight.sensed
        now[at.N_DV] += math.sqrt(felt[0] ** 2 + felt[1] ** 2 + felt[2] ** 2) * DT_S
        sample_units(given, flight)
        pull(nav, flight.anomaly, layout, g)
        strapdown(nav, flight.sample[0:3], flight.sample[3:6], g, DT_S)
        now[at.N_T] += DT_S
        if now[at.N_HEIGHT] < _NEAR_M:
            turned_at(now[at.N_T], given.turn, flight.later)
            if lowest_pad(y, given.craft, given.ground, flight.later) <= 0.0:
                touched = True
                break
    return touched


@kernel(bare=True, inline=True)
def hold_anomaly(given, flight):
    """Write what gravity differs from the point mass (inertial axes), half a cycle ahead."""
    y, spot = flight.y, flight.spot
    half = 0.5 * CYCLE_S
    turned_at(flight.now[at.N_T] + half, given.turn, flight.later)
    for k in range(3):
        spot[3 + k] = y[k] + half * y[3 + k]
    forwards(flight.later, spot, 3, spot, 0)
    anomaly_at(spot[0], spot[1], spot[2], given.gravity, spot[3:6])
    backwards(flight.later, spot, 3, flight.anomaly, 0)


@kernel(bare=True, inline=True)
def pull(state, anomaly, layout, out):
    """Write gravity (inertial axes) in the middle of a step: the point mass at the place that a state's first
    six numbers will reach, and the rest as held over a cycle.
    """
    half = 0.5 * DT_S
    x, y, z = state[0] + half * state[3], state[1] + half * state[4], state[2] + half * state[5]
    r2 = x * x + y * y + z * z
    per_m = -layout[6] / (r2 * math.sqrt(r2))
    out[0], out[1], out[2] = per_m * x + anomaly[0], per_m * y + anomaly[1], per_m * z + anomaly[2]


@kernel(bare=True, inline=True)
def sample_units(given, flight):
    """Sample the inertial units; `sample` becomes what the software believes: one of them, or the thrust."""
    samples, sample = flight.samples, flight.sample
    for unit in range(2):
        i = given.units[unit]
        if i >= 0:
            sample_imu(
                i, given.sensors, given.errors, flight.sensor_memory, flight.effects, flight.streams,
                flight.sensed, DT_S, samples[unit],
            )  # fmt: skip
            for k in range(6):
                flight.unit_sums[unit, k] += samples[unit, k]
    using = 1 if flight.unit_memory[0] == SPARE and given.units[1] >= 0 else 0
    for k in range(6):
        sample[k] = samples[using, k]
    if flight.unit_memory[0] == MODEL:
        sample[0], sample[1], sample[2] = 0.0, 0.0, flight.now[at.N_EXPECTED] * DT_S
    for k in range(6):
        flight.sums[k] += sample[k]


@kernel(bare=True, inline=True)
def account(given, flight):
    """Let the flight software draw its conclusions from a cycle: propellant, units, mean acceleration."""
    now, figures = flight.now, flight.figures
    if math.isnan(figures[at.DRY_S]) and flight.y[Y_MAIN] <= 0.0:
        figures[at.DRY_S], figures[at.DRY_M] = now[at.N_T], now[at.N_HEIGHT]
    count_propellant(given, flight)
    check_units(given, flight)
    for k in range(3):
        flight.acceleration[k] = flight.pull[k]
    add_turned(flight.nav, flight.sums, CYCLE_S, flight.acceleration)


@kernel(bare=True, inline=True)
def count_propellant(given, flight):
    """Take what the commanded levels burn off the software's own count."""
    now, engines, levels = flight.now, given.believed.engines, flight.levels
    for i in range(engines.shape[0]):
        burnt = levels[i, 0] * engines[i, FLOW_KG_S] * CYCLE_S
        if engines[i, TANK] == 0.0:
            now[at.N_MAIN_KG] = max(now[at.N_MAIN_KG] - burnt, 0.0)
        else:
            now[at.N_RCS_KG] = max(now[at.N_RCS_KG] - burnt, 0.0)


@kernel(bare=True, inline=True)
def check_units(given, flight):
    """Check the inertial units; at a switch give the estimate what it has missed meanwhile."""
    before, prime, spare = flight.unit_memory[0], flight.unit_sums[0], flight.unit_sums[1]
    nav, missed, figures = flight.nav, flight.missed, flight.figures
    imu_check(
        flight.unit_memory, prime[0:3], prime[3:6], spare[0:3], spare[3:6], given.units[1] >= 0,
        flight.now[at.N_EXPECTED], CYCLE_S, given.software.inertial, missed,
    )  # fmt: skip
    if flight.unit_memory[0] != before:
        if math.isnan(figures[at.UNIT_S]):
            figures[at.UNIT_S] = flight.now[at.N_T]
        add_turned(nav, missed, 1.0, nav[3:6])
        turn_attitude(nav, missed[3], missed[4], missed[5])


@kernel(bare=True)
def add_turned(nav, sums, span_s, out):
    """Add the mean specific force of a span, turned into inertial axes, to out[0:3]."""
    r = rotation_of(nav, 6)
    x, y, z = sums[0] / span_s, sums[1] / span_s, sums[2] / span_s
    out[0] += r[0] * x + r[1] * y + r[2] * z
    out[1] += r[3] * x + r[4] * y + r[5] * z
    out[2] += r[6] * x + r[7] * y + r[8] * z

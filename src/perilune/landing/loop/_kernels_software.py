"""The flight software's cycle: what filter, guidance and control are given, and what they command."""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.landing._kernels_axes import backwards, forwards, rotation_of
from perilune.landing._kernels_braking import place_aimed
from perilune.landing._kernels_guidance import APPROACH, guide
from perilune.landing.craft._kernels_body import resting_properties
from perilune.landing.craft.table import IMU_X, TANK, THRUST_N
from perilune.landing.loop import layout as at
from perilune.landing.loop.layout import CYCLE_S
from perilune.landing.sensing.layout import OFF, S_PLACE, S_POSITION, SOFTWARE_ROW
from perilune.landing.software._kernels_control import control
from perilune.landing.software._kernels_filter import predict
from perilune.landing.software._kernels_range import height_estimate

#: Once a second is often enough: the engines take less than a thousandth of the mass in that time (measured:
#: touchdowns 6 cm from those with properties of each cycle, median of 100, with the same scatter).
_MASS_CYCLES = 10


@kernel(bare=True, inline=True)
def predict_covariance(given, flight):
    """Carry the covariance over the last cycle by its mean specific force and rate."""
    force, rate, sums = flight.force, flight.rate, flight.sums
    if flight.now[at.N_CYCLE] > 0.0:
        for k in range(3):
            force[k], rate[k] = sums[k] / CYCLE_S, sums[3 + k] / CYCLE_S
        predict(flight.covariance, flight.nav, force, rate, CYCLE_S, given.software.noise, flight.work)
    flight.now[at.N_SENSED] = math.sqrt(force[0] ** 2 + force[1] ** 2 + force[2] ** 2)


@kernel(bare=True, inline=True)
def estimate_now(given, flight):
    """Write the estimate that guidance sees: of the pads' centre, over the ground as it is believed."""
    now, nav, estimate, up = flight.now, flight.nav, flight.estimate, flight.spot
    forwards(flight.turned, nav, 0, estimate, 0)
    forwards(flight.turned, nav, 3, estimate, 3)
    dry_kg = given.start[at.MASS_KG] - given.start[at.MAIN_KG] - given.start[at.RCS_KG]
    estimate[6] = dry_kg + now[at.N_MAIN_KG] + now[at.N_RCS_KG]
    up_in_body(nav, up)
    unit = given.believed.body
    over_pads = unit[IMU_X] * up[0] + unit[IMU_X + 1] * up[1] + unit[IMU_X + 2] * up[2]
    height = height_estimate(nav, flight.altimetry_memory, given.software, given.onboard, flight.turned)
    estimate[7] = height - over_pads
    estimate[8], estimate[9], estimate[10] = now[at.N_T], now[at.N_SENSED], 0.0


@kernel(bare=True)
def up_in_body(nav, out):
    """Write the local vertical in body axes, as estimated, into out[0:3]."""
    norm = 1.0 / math.sqrt(nav[0] ** 2 + nav[1] ** 2 + nav[2] ** 2)
    x, y, z = nav[0] * norm, nav[1] * norm, nav[2] * norm
    r = rotation_of(nav, 6)
    out[0] = r[0] * x + r[3] * y + r[6] * z
    out[1] = r[1] * x + r[4] * y + r[7] * z
    out[2] = r[2] * x + r[5] * y + r[8] * z


@kernel(bare=True, inline=True)
def steer(given, flight):
    """Ask guidance for an axis and throttles, and control for the engines' levels."""
    now, levels, wanted, command = flight.now, flight.levels, flight.wanted, flight.command
    now[at.N_EXPECTED] = 0.0
    if flight.effects[flight.effects.shape[0] + SOFTWARE_ROW, OFF] != 0.0:
        # A computer that starts again holds no valve open, and knows that none was.
        levels[:] = 0.0
    else:
        guide(flight.memory, flight.estimate, given.lander, given.aim, command)
        if flight.memory[0] >= APPROACH:
            tell_place(given, flight)
        backwards(flight.turned, command, 0, wanted, 0)
        backwards(flight.turned, flight.memory, 15, wanted, 3)
        for k in range(3):
            wanted[3 + k] = -wanted[3 + k]
        if int(now[at.N_CYCLE]) % _MASS_CYCLES == 0 or flight.believed_mass[0] == 0.0:
            resting_properties(now[at.N_MAIN_KG], now[at.N_RCS_KG], given.believed, flight.believed_mass)
        control(
            flight.control_memory, flight.nav[6:10], flight.rate, wanted, command[3], command[4],
            given.believed, flight.believed_mass, levels,
        )  # fmt: skip
        engines = given.believed.engines
        for i in range(engines.shape[0]):
            if engines[i, TANK] == 0.0:
                now[at.N_EXPECTED] += levels[i, 0] * engines[i, THRUST_N] / flight.estimate[6]


@kernel(bare=True, inline=True)
def tell_place(given, flight):
    """Tell the hazard camera which ground to judge: where this aim really leads to."""
    scene, aimed = flight.scene, flight.spot
    place_aimed(flight.memory, flight.estimate, given.aim, aimed)
    for k in range(3):
        scene[S_PLACE + k] = scene[S_POSITION + k] + aimed[k] - flight.estimate[k]

"""The world as it is at the start of a cycle: where the craft is over the ground, what is at fault."""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.constants import MOON_RADIUS_M, MOON_SPIN_RAD_S
from perilune.landing._kernels_axes import body_axes, forwards, turned_at
from perilune.landing._kernels_command import BRAKING
from perilune.landing.craft._kernels_body import HEAD, MASS, ROW, body_point, body_properties
from perilune.landing.craft.table import Y_MAIN, Y_Q, Y_RCS, Y_W
from perilune.landing.faults._kernels import effects_of, engine_health
from perilune.landing.ground._kernels import elevation_from
from perilune.landing.loop import layout as at
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

_LOW_M = 5e3
_NO_DETAIL_M = 1e9


@kernel(bare=True, inline=True)
def look_around(given, flight):
    """Bring scene, faults and the numbers of the moment up to date."""
    now, scene = flight.now, flight.scene
    fill_scene(given, flight)
    x, y, z = scene[S_POSITION], scene[S_POSITION + 1], scene[S_POSITION + 2]
    radius = math.sqrt(x * x + y * y + z * z)
    # Roughness costs most of a landing's ground: details below a hundredth of the height are for later, and
    # high up what it adds to the map is asked for once a second.
    ux, uy, uz = x / radius, y / radius, z / radius
    mapped = elevation_from(ux, uy, uz, _NO_DETAIL_M, given.ground)[0]
    if now[at.N_HEIGHT] < _LOW_M or int(now[at.N_CYCLE]) % 10 == 0:
        finest_m = 1e-2 * max(now[at.N_HEIGHT], 0.0)
        now[at.N_ROUGH_M] = elevation_from(ux, uy, uz, finest_m, given.ground)[0] - mapped
    height = radius - MOON_RADIUS_M - mapped - now[at.N_ROUGH_M]
    scene[S_HEIGHT] = height
    climb = (scene[S_VELOCITY] * x + scene[S_VELOCITY + 1] * y + scene[S_VELOCITY + 2] * z) / radius
    now[at.N_HEIGHT], now[at.N_RADIUS], now[at.N_CLIMB] = height, radius, climb
    if given.faults.shape[0] > 0:
        effects_of(given.faults, flight.started, scene[S_IGNITION], height, flight.memory[0], flight.effects)
        failing = engine_health(flight.effects, given.sensors.shape[0], flight.health)
        if failing > 0 and math.isnan(flight.figures[at.ENGINE_S]):
            flight.figures[at.ENGINE_S] = now[at.N_T]
    if math.isnan(now[at.N_IGNITION]) and flight.memory[0] >= BRAKING:
        now[at.N_IGNITION] = now[at.N_T]


@kernel(bare=True, inline=True)
def fill_scene(given, flight):
    """Write what the sensors see: place and velocity of the pads' centre over the ground, attitude, rates.

    The craft's masses as they are now are left in its scratch.
    """
    now, y, scene, spot = flight.now, flight.y, flight.scene, flight.spot
    turned_at(now[at.N_T], given.turn, flight.turned)
    body_properties(y[Y_MAIN], y[Y_RCS], given.craft, flight.craft_work)
    now[at.N_MASS] = total_mass(given, flight)
    body_point(y, flight.craft_work, 0.0, 0.0, 0.0, spot)
    scene[S_TIME] = now[at.N_T]
    forwards(flight.turned, spot, 0, scene, S_POSITION)
    forwards(flight.turned, spot, 3, scene, S_VELOCITY)
    scene[S_VELOCITY] += MOON_SPIN_RAD_S * scene[S_POSITION + 1]
    scene[S_VELOCITY + 1] -= MOON_SPIN_RAD_S * scene[S_POSITION]
    body_axes(y, Y_Q, flight.turned, scene, S_TURNED)
    for k in range(3):
        scene[S_RATE + k] = y[Y_W + k]
        scene[S_SUN + k] = given.sun[k]
    ignition_s = now[at.N_IGNITION]
    scene[S_IGNITION] = -1.0 if math.isnan(ignition_s) else now[at.N_T] - ignition_s
    scene[S_PHASE] = flight.memory[0]
    for k in range(4):
        scene[S_Q + k] = y[Y_Q + k]


@kernel(bare=True, inline=True)
def total_mass(given, flight):
    """Return the craft's mass (kg): what is rigid, and the swaying liquid of each tank."""
    work = flight.craft_work
    mass = work[0]
    for k in range(given.craft.tanks.shape[0]):
        mass += work[HEAD + ROW * k + MASS]
    return mass

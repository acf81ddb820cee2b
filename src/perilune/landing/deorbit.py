"""The burn that leaves the orbit: main engine, against the motion, until a change of speed is reached."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from perilune.constants import STANDARD_GRAVITY_M_S2
from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.landing import _kernels as kernels
from perilune.landing.surroundings import surroundings
from perilune.landing.vehicle import Lander
from perilune.world.terrain import Terrain

_STEP_S = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Deorbit:
    """A deorbit burn flown: `epoch` and `state` at its start, `final` and `final_mass_kg` at its end."""

    epoch: Epoch
    state: State
    dv_m_s: float
    duration_s: float
    propellant_kg: float
    final: State
    final_mass_kg: float


def fly_deorbit(
    state: State,
    mass_kg: float,
    lander: Lander,
    dv_m_s: float,
    degree: int,
    terrain: Terrain,
    *,
    thrust_factor: float = 1.0,
    isp_factor: float = 1.0,
) -> Deorbit:
    """Fly the deorbit burn from a Moon-centred ICRF state; accelerometers end it at `dv_m_s`."""
    engine = lander.propulsion
    exhaust_m_s = engine.main_isp_s * isp_factor * STANDARD_GRAVITY_M_S2
    thrust_n = engine.main_thrust_n * thrust_factor
    propellant_kg = mass_kg * (1.0 - math.exp(-dv_m_s / exhaust_m_s))
    duration_s = propellant_kg * exhaust_m_s / thrust_n
    world = surroundings(state.epoch, degree, terrain)
    y = np.array([*state.position_m, *state.velocity_m_s, mass_kg])
    steps = max(1, math.ceil(duration_s / _STEP_S))
    kernels.burn_against_motion(
        y,
        thrust_n,
        thrust_n / exhaust_m_s,
        duration_s / steps,
        steps,
        world.angles,
        world.gm_m3_s2,
        world.radius_m,
        world.degree,
        world.field,
        world.others,
    )
    final = State(state.epoch + duration_s, state.frame, y[:3], y[3:6])
    return Deorbit(state.epoch, state, dv_m_s, duration_s, propellant_kg, final, float(y[6]))

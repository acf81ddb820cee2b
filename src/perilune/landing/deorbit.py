"""The burn that leaves the orbit: main engine, against the motion, until a change of speed is reached."""

from __future__ import annotations

import math
from dataclasses import dataclass

from perilune.constants import STANDARD_GRAVITY_M_S2
from perilune.dynamics.burns import Burn, Direction
from perilune.dynamics.forces import ForceModel
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.dynamics.trajectory import Trajectory
from perilune.epoch import Epoch
from perilune.landing.vehicle import Lander


@dataclass(frozen=True, slots=True, eq=False)
class Deorbit:
    """A deorbit burn flown: `epoch` and `state` at its start, `final` and `final_mass_kg` at its end, `arc`
    between.
    """

    epoch: Epoch
    state: State
    dv_m_s: float
    duration_s: float
    propellant_kg: float
    final: State
    final_mass_kg: float
    arc: Trajectory


def fly_deorbit(
    state: State,
    mass_kg: float,
    lander: Lander,
    dv_m_s: float,
    forces: ForceModel,
    *,
    thrust_factor: float = 1.0,
    isp_factor: float = 1.0,
) -> Deorbit:
    """Fly the deorbit burn from a Moon-centred ICRF state; accelerometers end it at `dv_m_s`."""
    isp_s = lander.propulsion.main_isp_s * isp_factor
    exhaust_m_s = isp_s * STANDARD_GRAVITY_M_S2
    thrust_n = lander.propulsion.main_thrust_n * thrust_factor
    propellant_kg = mass_kg * (1.0 - math.exp(-dv_m_s / exhaust_m_s))
    duration_s = propellant_kg * exhaust_m_s / thrust_n
    burn = Burn(state.epoch, duration_s, thrust_n, isp_s, Direction.anti_velocity(), name="deorbit")
    arc = propagate(state, duration_s, forces, burns=(burn,), mass_kg=mass_kg)
    return Deorbit(
        state.epoch, state, dv_m_s, duration_s, propellant_kg, arc.final, mass_kg - propellant_kg, arc
    )

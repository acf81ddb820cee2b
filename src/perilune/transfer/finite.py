"""What an arc of a shooting problem becomes when its impulse is a burn of an engine."""

from __future__ import annotations

import numpy as np

from perilune.dynamics.burns import Burn, Direction
from perilune.dynamics.forces import Array, ForceModel
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.dynamics.trajectory import Trajectory
from perilune.epoch import Epoch
from perilune.transfer.burning import Engine
from perilune.world.frames import EARTH_ICRF


def burn_for(engine: Engine, start: Epoch, dv_m_s: Array, mass_kg: float, name: str) -> Burn:
    """Return the burn, fixed in inertial space, that changes the velocity by `dv_m_s` (3,) in free space."""
    size = float(np.linalg.norm(dv_m_s))
    x, y, z = (float(part) for part in dv_m_s / size)
    return Burn(
        start,
        engine.duration_s(size, mass_kg),
        engine.thrust_n,
        engine.isp_s,
        Direction.inertial((x, y, z)),
        name=name,
    )


def fly_arc(
    forces: ForceModel,
    start: Epoch,
    end: Epoch,
    state: Array,
    mass_kg: float,
    burn: Burn | None,
    *,
    stm: bool = False,
) -> Trajectory:
    """Fly a state (6,) Earth-centred ICRF from one epoch to another, through a burn at its start if any."""
    begin = State(start, EARTH_ICRF, state[:3], state[3:])
    burns = () if burn is None else (burn,)
    return propagate(begin, end, forces, burns=burns, stm=stm, mass_kg=mass_kg)


def burn_arc(
    forces: ForceModel, engine: Engine, start: Epoch, end: Epoch, state: Array, dv_m_s: Array, mass_kg: float
) -> tuple[Array, Array, Array]:
    """Return the end (6,) of an arc with a burn, its derivatives by state (6, 6) and by impulse (6, 3).

    The derivative by the impulse is that of an instant one at the burn's middle: over burns of a minute it is
    right to 1 %, which costs Newton's method an iteration or two and no accuracy.
    """
    burn = burn_for(engine, start, dv_m_s, mass_kg, "burn")
    arc = fly_arc(forces, start, end, state, mass_kg, burn, stm=True)
    assert arc.stm is not None
    by_impulse = arc.stm[:, 3:] - 0.5 * burn.duration_s * arc.stm[:, :3]
    return arc.final.vector, arc.stm, by_impulse

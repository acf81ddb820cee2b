"""The burns of the ladder flown and solved for: raise and lowering together, then the last one by itself."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from perilune import constants
from perilune.dynamics.burns import Direction
from perilune.dynamics.forces import Array, ForceModel
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.dynamics.trajectory import Trajectory
from perilune.epoch import Epoch
from perilune.maths.newton import Solution, solve
from perilune.transfer.apsides import apsides
from perilune.transfer.burning import Engine, FiniteBurn, fly_burn, moved, osculating
from perilune.transfer.kept_orbit import plane_basis
from perilune.transfer.schedule import Outline

#: The last burn's perilune is met to this in height (m) and time (s).
_PERILUNE_TOLERANCE_M: Final = 5.0
_EPOCH_TOLERANCE_S: Final = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """What all steps need: `arc` is the orbit after insertion left alone, `radius_m` the kept one's."""

    arc: Trajectory
    mass_kg: float
    engine: Engine
    forces: ForceModel
    outline: Outline
    raise_epoch: Epoch
    radius_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Approach:
    """The first two burns, the states after them, and the perilune of the last one."""

    burns: tuple[FiniteBurn, FiniteBurn]
    states: tuple[State, State]
    perilune: State
    lowest_perilune_m: float

    @property
    def mass_kg(self) -> float:
        """Mass before the last burn."""
        return self.burns[1].mass_after_kg


def fly_approach(setting: Setting, dv_m_s: Array) -> Approach | None:
    """Fly raise and lowering of these sizes (2,) and coast to the last burn's perilune, if it is met."""
    schedule, between = setting.outline.schedule, setting.outline.perilunes_between
    first = _around("perilune raise", setting.raise_epoch, float(dv_m_s[0]), setting.engine, setting.mass_kg)
    raised = fly_burn(setting.arc.at(first.start), first, setting.forces)
    one = _coast(setting, raised, first.mass_after_kg, between + 1)
    if len(one.time_s) <= between:
        return None
    passage = one.arc.base + float(one.time_s[between])
    second = _around("apolune lowering", passage, -float(dv_m_s[1]), setting.engine, first.mass_after_kg)
    lowered = fly_burn(one.arc.at(second.start), second, setting.forces)
    two = _coast(setting, lowered, second.mass_after_kg, schedule.revolutions)
    if len(two.time_s) < schedule.revolutions:
        return None
    perilune = two.arc.at(two.arc.base + float(two.time_s[schedule.revolutions - 1]))
    before_m = apsides(setting.arc).perilunes()[1][: schedule.lower_perilune - between]
    lowest_m = np.concatenate([before_m, one.altitude_m[: between + 1], two.altitude_m]).min()
    return Approach((first, second), (raised, lowered), perilune, float(lowest_m))


def fit_approach(
    setting: Setting, guess: Array, perilune_radius_m: float, epoch: Epoch, matrix: Array | None
) -> tuple[Solution, Approach | None]:
    """Find raise and lowering (m/s) that lead to a perilune of this radius at this epoch."""
    flown: dict[bytes, Approach] = {}

    def residual(dv_m_s: Array) -> Array:
        approach = fly_approach(setting, dv_m_s)
        if approach is None:
            return np.full(2, np.nan)
        flown[dv_m_s.tobytes()] = approach
        height_m = float(np.linalg.norm(approach.perilune.position_m)) - perilune_radius_m
        late_s = approach.perilune.epoch - epoch
        return np.array([height_m / _PERILUNE_TOLERANCE_M, late_s / _EPOCH_TOLERANCE_S])

    found = solve(
        residual,
        guess,
        steps=np.array([0.02, 0.02]),
        tolerance=1.0,
        largest=np.array([20.0, 5.0]),
        matrix=matrix,
        limit=30,
    )
    return found, flown.get(found.x.tobytes())


def circularise(
    setting: Setting, perilune: State, mass_kg: float, wanted: Array, direction: Array
) -> tuple[FiniteBurn, float] | None:
    """Return the burn into the kept orbit, and how much higher (m) its perilune should be.

    `wanted` (2,) is the eccentricity vector measured from `direction` (3,). The three unknowns are the
    burn's time, its length, and the perilune's height, which a burn of several minutes lowers.
    """
    speed_m_s = float(np.linalg.norm(perilune.velocity_m_s))
    guess_m_s = speed_m_s - math.sqrt(constants.GM_MOON_M3_S2 / setting.radius_m)
    around = _around("circularisation", perilune.epoch, -guess_m_s, setting.engine, mass_kg)

    def trial(unknown: Array) -> FiniteBurn:
        duration_s = around.duration_s * (1.0 + float(unknown[1]))
        return replace(
            around, start=perilune.epoch + (1e3 * float(unknown[0]) - 0.5 * duration_s), duration_s=duration_s
        )

    def residual(unknown: Array) -> Array:
        start = moved(perilune, 1e6 * float(unknown[2]))
        orbit = osculating(fly_burn(start, trial(unknown), setting.forces))
        along, across = plane_basis(orbit.normal, direction)
        got = np.array([orbit.eccentricity_vector @ along, orbit.eccentricity_vector @ across])
        return np.array([orbit.semi_major_axis_m / setting.radius_m - 1.0, *(got - wanted)])

    found = solve(residual, np.zeros(3), steps=np.full(3, 1e-5), tolerance=1e-7, largest=np.full(3, 0.2))
    return (trial(found.x), 1e6 * float(found.x[2])) if found.converged else None


def _around(name: str, centre: Epoch, dv_m_s: float, engine: Engine, mass_kg: float) -> FiniteBurn:
    """Return the burn along (dv > 0) or against the velocity, centred on an epoch."""
    duration_s = engine.duration_s(abs(dv_m_s), mass_kg)
    direction = Direction.velocity() if dv_m_s > 0.0 else Direction.anti_velocity()
    return FiniteBurn(name, centre + -0.5 * duration_s, duration_s, engine, mass_kg, direction)


@dataclass(frozen=True, slots=True, eq=False)
class _Coast:
    arc: Trajectory
    time_s: Array
    altitude_m: Array


def _coast(setting: Setting, state: State, mass_kg: float, revolutions: int) -> _Coast:
    """Coast over this many perilunes and a little more; the one that is being left does not count."""
    period_s = osculating(state).period_s
    arc = propagate(state, (revolutions + 0.3) * period_s, setting.forces, mass_kg=mass_kg)
    times_s, altitudes_m = apsides(arc).perilunes()
    later = times_s > 0.25 * period_s
    return _Coast(arc, times_s[later], altitudes_m[later])

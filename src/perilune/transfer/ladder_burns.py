"""The burns of the ladder, flown and solved for."""

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

#: What the last burn's perilune may lack in height (m), and miss in time (s).
_HEIGHT_TOLERANCE_M: Final = 30.0
_EPOCH_TOLERANCE_S: Final = 0.5
#: A burn of no length is no burn; this one changes the speed by less than 1 mm/s (s).
_SHORTEST_S: Final = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """What all steps need.

    `arc` is the orbit after insertion left alone, `apolune` its state where the perilune is raised,
    `direction` (3,) points to its perilune; `radius_m` is the kept orbit's.
    """

    arc: Trajectory
    mass_kg: float
    engine: Engine
    forces: ForceModel
    outline: Outline
    apolune: State
    direction: Array
    lowest_before_m: float
    radius_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Descent:
    """The three burns, the states after them, and how much too low (m) the last one's perilune was."""

    burns: tuple[FiniteBurn, FiniteBurn, FiniteBurn]
    states: tuple[State, State, State]
    perilune: State
    lowest_perilune_m: float
    lacking_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Aim:
    """What the ladder shall end in: the last perilune's epoch, the kept orbit's first eccentricity (2,).

    `normal_dv_m_s` is the raise's share out of the plane, along r x v.
    """

    epoch: Epoch
    shape: Array
    normal_dv_m_s: float = 0.0


def set_out(
    arc: Trajectory, mass_kg: float, engine: Engine, forces: ForceModel, outline: Outline, radius_m: float
) -> Setting:
    """Return the setting for an outline: where on the arc the raise is, and what lies before it."""
    found = apsides(arc)
    apolune_s = float(found.apolunes()[0][outline.schedule.raise_apolune])
    perilune_s, heights_m = found.perilunes()
    perilune = arc.at(arc.base + float(perilune_s[outline.schedule.lower_perilune])).position_m
    return Setting(
        arc=arc,
        mass_kg=mass_kg,
        engine=engine,
        forces=forces,
        outline=outline,
        apolune=arc.at(arc.base + apolune_s),
        direction=perilune / np.linalg.norm(perilune),
        lowest_before_m=float(heights_m[perilune_s < apolune_s].min(initial=math.inf)),
        radius_m=radius_m,
    )


def fit(setting: Setting, aim: Aim, guess: Array, matrix: Array | None) -> tuple[Solution, Descent | None]:
    """Find raise and lowering (2,) in m/s after which the last burn ends in the wanted orbit in time."""
    flown: dict[bytes, Descent] = {}

    def residual(dv_m_s: Array) -> Array:
        descent = _fly(setting, aim, dv_m_s)
        if descent is None:
            return np.full(2, np.nan)
        flown[dv_m_s.tobytes()] = descent
        late_s = descent.perilune.epoch - aim.epoch
        return np.array([descent.lacking_m / _HEIGHT_TOLERANCE_M, late_s / _EPOCH_TOLERANCE_S])

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


def _fly(setting: Setting, aim: Aim, dv_m_s: Array) -> Descent | None:
    """Fly raise and lowering of these sizes, and the last burn; None where its perilune is not met."""
    between, revolutions = setting.outline.perilunes_between, setting.outline.schedule.revolutions
    first = _raise(setting, float(dv_m_s[0]), aim.normal_dv_m_s)
    raised = fly_burn(setting.arc.at(first.start), first, setting.forces)
    one = _coast(setting, raised, first.mass_after_kg, between + 1)
    if len(one.time_s) <= between:
        return None
    passage = one.arc.base + float(one.time_s[between])
    second = _around("apolune lowering", passage, -float(dv_m_s[1]), setting.engine, first.mass_after_kg)
    lowered = fly_burn(one.arc.at(second.start), second, setting.forces)
    two = _coast(setting, lowered, second.mass_after_kg, revolutions)
    if len(two.time_s) < revolutions:
        return None
    perilune = two.arc.at(two.arc.base + float(two.time_s[revolutions - 1]))
    last = _circularise(setting, perilune, second.mass_after_kg, aim.shape)
    if last is None:
        return None
    third, lacking_m = last
    circle = fly_burn(two.arc.at(third.start), third, setting.forces)
    lowest_m = float(np.concatenate([one.altitude_m[: between + 1], two.altitude_m]).min())
    return Descent(
        (first, second, third),
        (raised, lowered, circle),
        perilune,
        min(lowest_m, setting.lowest_before_m),
        lacking_m,
    )


def _circularise(
    setting: Setting, perilune: State, mass_kg: float, wanted: Array
) -> tuple[FiniteBurn, float] | None:
    """Return the burn into the kept orbit, and how much higher (m) its perilune should be.

    `wanted` (2,) is the eccentricity vector measured from the setting's direction. The three unknowns are
    the burn's time, its length, and the perilune's height, which a burn of several minutes lowers.
    """
    speed_m_s = float(np.linalg.norm(perilune.velocity_m_s))
    guess_m_s = speed_m_s - math.sqrt(constants.GM_MOON_M3_S2 / setting.radius_m)
    around = _around("circularisation", perilune.epoch, -guess_m_s, setting.engine, mass_kg)

    def trial(unknown: Array) -> FiniteBurn:
        duration_s = around.duration_s * (1.0 + float(unknown[1]))
        start = perilune.epoch + (1e3 * float(unknown[0]) - 0.5 * duration_s)
        return replace(around, start=start, duration_s=duration_s)

    def residual(unknown: Array) -> Array:
        start = moved(perilune, 1e6 * float(unknown[2]))
        orbit = osculating(fly_burn(start, trial(unknown), setting.forces))
        along, across = plane_basis(orbit.normal, setting.direction)
        got = np.array([orbit.eccentricity_vector @ along, orbit.eccentricity_vector @ across])
        return np.array([orbit.semi_major_axis_m / setting.radius_m - 1.0, *(got - wanted)])

    found = solve(
        residual, np.zeros(3), steps=np.full(3, 1e-5), tolerance=1e-7, largest=np.array([0.2, 0.2, 0.2])
    )
    return (trial(found.x), 1e6 * float(found.x[2])) if found.converged else None


def _raise(setting: Setting, dv_m_s: float, normal_dv_m_s: float) -> FiniteBurn:
    """Return the burn at the apolune, with a share out of the plane."""
    total_m_s = math.hypot(dv_m_s, normal_dv_m_s)
    burn = _around("perilune raise", setting.apolune.epoch, total_m_s, setting.engine, setting.mass_kg)
    return burn if total_m_s == 0.0 else replace(burn, direction=Direction.vnb((dv_m_s, normal_dv_m_s, 0.0)))


def _around(name: str, centre: Epoch, dv_m_s: float, engine: Engine, mass_kg: float) -> FiniteBurn:
    """Return the burn along (dv > 0) or against the velocity, centred on an epoch."""
    duration_s = max(engine.duration_s(abs(dv_m_s), mass_kg), _SHORTEST_S)
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
    times_s, altitudes_m = apsides(arc, perilunes_only=True).perilunes()
    later = times_s > 0.25 * period_s
    return _Coast(arc, times_s[later], altitudes_m[later])

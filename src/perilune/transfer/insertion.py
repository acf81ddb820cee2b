"""Lunar orbit insertion: one finite burn against the velocity, from the approach into an ellipse."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np

from perilune import constants
from perilune.dynamics.burns import Direction
from perilune.dynamics.forces import Array, ForceModel
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.errors import InputError
from perilune.maths.newton import solve
from perilune.transfer.apsides import nearest_perilune
from perilune.transfer.burning import Ellipse, Engine, FiniteBurn, fly_burn, moved, osculating

#: Perilune and apolune are met to this (m).
_HEIGHT_TOLERANCE_M: Final = 1.0
#: The nose may lead or lag the velocity by this much at either end of the burn (rad): the loss stays near 1
#: %.
_LARGEST_LEAD_RAD: Final = 0.35
#: Arrival height is changed by this to measure what it does (m).
_NUDGE_M: Final = 1000.0


class InsertionStatus(StrEnum):
    """How the solution ended."""

    PLANNED = "planned"
    PERILUNE_MISSED = (
        "perilune_missed"  # the apolune is as asked; the perilune is beyond what steering may move
    )
    NO_SOLUTION = "no_solution"  # the engine can not make this orbit of this approach


@dataclass(frozen=True, slots=True, eq=False)
class InsertionPlan:
    """The burn, the orbit it leaves, and what an arrival at another height would change.

    `impulsive_dv_m_s` is an instant burn at the approach's perilune into the same apolune,
    `gravity_loss_m_s` what the finite burn needs beyond it. An approach that came in at
    `arrival_altitude_for_exact_m` would reach the asked perilune without steering; the perilune after
    follows the arrival height by `perilune_gain`.
    """

    status: InsertionStatus
    burn: FiniteBurn
    state: State
    orbit: Ellipse
    impulsive_dv_m_s: float
    gravity_loss_m_s: float
    arrival_epoch: Epoch
    arrival_altitude_m: float
    arrival_altitude_for_exact_m: float
    perilune_gain: float

    @property
    def mass_kg(self) -> float:
        """Mass after the burn."""
        return self.burn.mass_after_kg


def plan_insertion(
    approach: State,
    mass_kg: float,
    engine: Engine,
    centre_epoch: Epoch,
    perilune_altitude_m: float,
    apolune_altitude_m: float,
    forces: ForceModel,
) -> InsertionPlan:
    """Return the burn centred on `centre_epoch` after which the osculating orbit is as asked.

    `approach` is Moon-centred ICRF, at any epoch before or near the burn. The engine points against the
    velocity, which loses least (0.4 % at nine minutes); such a burn lowers the perilune by some km, so the
    approach should come in that much higher. What is left is met by turning slower or faster than the
    velocity does, at a price: an inertially fixed burn keeps a 70 km perilune for 1.2 m/s.
    """
    if not 0.0 < perilune_altitude_m < apolune_altitude_m:
        raise InputError(
            f"An orbit of {perilune_altitude_m:.0f} x {apolune_altitude_m:.0f} m is asked. "
            "Give a perilune above the ground and an apolune above the perilune."
        )
    arrival = nearest_perilune(approach, centre_epoch, forces, mass_kg)
    impulse_m_s = _impulse(arrival, apolune_altitude_m)
    burn = FiniteBurn(
        "insertion", centre_epoch, engine.duration_s(max(impulse_m_s, 1.0), mass_kg), engine, mass_kg
    )
    burn = _centred(burn, centre_epoch, burn.duration_s)
    start = propagate(arrival, centre_epoch + -0.75 * burn.duration_s, forces, mass_kg=mass_kg).final
    wish = perilune_altitude_m, apolune_altitude_m
    straight = _solve_duration(start, burn, centre_epoch, wish[1], forces)
    if straight is None:
        return _result(
            InsertionStatus.NO_SOLUTION, start, burn, arrival, impulse_m_s, (math.nan, math.nan), forces
        )
    slope = _arrival_slope(arrival, straight, centre_epoch, wish[1], forces)
    got_m = osculating(fly_burn(start, straight, forces)).perilune_altitude_m
    exact_m = _altitude(arrival) + (wish[0] - got_m) / slope
    status, best = _trim(start, straight, centre_epoch, wish, forces)
    return _result(status, start, best, arrival, impulse_m_s, (exact_m, slope), forces)


def _altitude(state: State) -> float:
    return float(np.linalg.norm(state.position_m)) - constants.MOON_RADIUS_M


def _impulse(arrival: State, apolune_altitude_m: float) -> float:
    radius_m = float(np.linalg.norm(arrival.position_m))
    axis_m = 0.5 * (radius_m + constants.MOON_RADIUS_M + apolune_altitude_m)
    speed_m_s = math.sqrt(constants.GM_MOON_M3_S2 * (2.0 / radius_m - 1.0 / axis_m))
    return float(np.linalg.norm(arrival.velocity_m_s)) - speed_m_s


def _centred(burn: FiniteBurn, centre: Epoch, duration_s: float) -> FiniteBurn:
    return replace(burn, start=centre + -0.5 * duration_s, duration_s=duration_s)


def _burnable(burn: FiniteBurn, duration_s: float) -> bool:
    return 1.0 < duration_s < 0.9 * burn.mass_before_kg / burn.engine.flow_kg_s


def _solve_duration(
    start: State, burn: FiniteBurn, centre: Epoch, apolune_altitude_m: float, forces: ForceModel
) -> FiniteBurn | None:
    """Return the burn, steered as given, whose cut-off has the asked apolune.

    The unknown is the duration; the residual is in 1/a, because an open orbit has no apolune.
    """

    def residual(unknown: Array) -> Array:
        trial = _centred(burn, centre, float(unknown[0]) * burn.duration_s)
        orbit = osculating(fly_burn(start, trial, forces))
        perilune_m = orbit.semi_major_axis_m * (1.0 - orbit.eccentricity)
        wanted_m = 0.5 * (perilune_m + constants.MOON_RADIUS_M + apolune_altitude_m)
        return np.array([wanted_m / orbit.semi_major_axis_m - 1.0])

    found = solve(residual, np.array([1.0]), steps=np.array([1e-4]), tolerance=1e-9, largest=np.array([0.2]))
    duration_s = float(found.x[0]) * burn.duration_s
    return _centred(burn, centre, duration_s) if found.converged and _burnable(burn, duration_s) else None


def _trim(
    start: State, straight: FiniteBurn, centre: Epoch, wish: tuple[float, float], forces: ForceModel
) -> tuple[InsertionStatus, FiniteBurn]:
    """Turn slower or faster than the velocity until the perilune is as asked, too; or return `straight`."""
    middle = propagate(start, centre, forces, mass_kg=straight.mass_before_kg).final
    largest_rad_s = _LARGEST_LEAD_RAD / (0.5 * straight.duration_s)
    trials: dict[float, FiniteBurn] = {}

    def residual(unknown: Array) -> Array:
        share = float(unknown[0])
        guess = _turning(straight, middle, share * largest_rad_s)
        trials[share] = _solve_duration(start, guess, centre, wish[1], forces) or straight
        orbit = osculating(fly_burn(start, trials[share], forces))
        return np.array([(orbit.perilune_altitude_m - wish[0]) / _HEIGHT_TOLERANCE_M])

    found = solve(residual, np.zeros(1), steps=np.array([0.05]), tolerance=1.0, largest=np.array([0.5]))
    if not found.converged or abs(found.x[0]) > 1.0:
        return InsertionStatus.PERILUNE_MISSED, straight
    return InsertionStatus.PLANNED, trials[float(found.x[0])]


def _turning(burn: FiniteBurn, middle: State, extra_rad_s: float) -> FiniteBurn:
    """Return the burn that is against the velocity at its middle and turns `extra_rad_s` faster than that.

    Turning slower pushes outwards before the middle and inwards after it, which lifts the perilune.
    """
    speed_m_s = float(np.linalg.norm(middle.velocity_m_s))
    radius_m = float(np.linalg.norm(middle.position_m))
    normal = np.cross(middle.position_m, middle.velocity_m_s)
    normal /= np.linalg.norm(normal)
    rate_rad_s = constants.GM_MOON_M3_S2 / (radius_m**2 * speed_m_s) + extra_rad_s
    back = -middle.velocity_m_s / speed_m_s
    angle_rad = -0.5 * burn.duration_s * rate_rad_s
    first = math.cos(angle_rad) * back + math.sin(angle_rad) * np.cross(normal, back)
    direction = Direction.turning(_three(first), _three(normal), rate_rad_s)
    return replace(burn, direction=direction)


def _three(vector: Array) -> tuple[float, float, float]:
    return float(vector[0]), float(vector[1]), float(vector[2])


def _arrival_slope(
    arrival: State, straight: FiniteBurn, centre: Epoch, apolune_altitude_m: float, forces: ForceModel
) -> float:
    """Return d(perilune after) / d(arrival height) for an approach of the same energy."""
    perilunes = []
    for change_m in (-_NUDGE_M, _NUDGE_M):
        near = moved(arrival, change_m)
        start = propagate(
            near, centre + -0.75 * straight.duration_s, forces, mass_kg=straight.mass_before_kg
        ).final
        burn = _solve_duration(start, straight, centre, apolune_altitude_m, forces)
        perilunes.append(osculating(fly_burn(start, burn or straight, forces)).perilune_altitude_m)
    return (perilunes[1] - perilunes[0]) / (2.0 * _NUDGE_M)


def _result(
    status: InsertionStatus,
    start: State,
    burn: FiniteBurn,
    arrival: State,
    impulse_m_s: float,
    exact: tuple[float, float],
    forces: ForceModel,
) -> InsertionPlan:
    state = fly_burn(start, burn, forces)
    return InsertionPlan(
        status=status,
        burn=burn,
        state=state,
        orbit=osculating(state),
        impulsive_dv_m_s=impulse_m_s,
        gravity_loss_m_s=burn.dv_m_s - impulse_m_s,
        arrival_epoch=arrival.epoch,
        arrival_altitude_m=_altitude(arrival),
        arrival_altitude_for_exact_m=exact[0],
        perilune_gain=exact[1],
    )

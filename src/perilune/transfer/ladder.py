"""The ladder down: from the capture ellipse to the low circular orbit, in time and phase for the landing.

Three burns: the perilune is raised at an apolune, the apolune lowered at a perilune, and the orbit made
circular at a later perilune. The height of the orbit between the last two sets its period, and so the
minute at which the last burn falls; that minute decides where on its circle the spacecraft is when the site
is to be passed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from perilune import constants
from perilune.dynamics.forces import Array, ForceModel
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.dynamics.trajectory import Trajectory
from perilune.epoch import Epoch
from perilune.errors import InputError
from perilune.transfer.apsides import apsides
from perilune.transfer.burning import Ellipse, Engine, FiniteBurn, fly_burn, osculating
from perilune.transfer.kept_orbit import (
    Overflight,
    Wander,
    cross_track,
    overflight,
    shift_for_band,
    site_direction,
    wander,
)
from perilune.transfer.ladder_burns import Approach, Setting, circularise, fit_approach
from perilune.transfer.schedule import Outline, Schedule, ideal_dv_m_s, outlines
from perilune.world.orientation import moon_me_from_icrf

#: The phase over the site is met to this (s): 3 s are 5 km along the track, which any deorbit time takes up.
_PHASE_TOLERANCE_S: Final = 1.0
_ROUNDS: Final = 14
#: The last burn may want its perilune this much elsewhere (m) before the way to it is solved again.
_PERILUNE_SLACK_M: Final = 30.0
#: The kept orbit's first eccentricity is settled when it moves less than this: 200 m of height.
_SHAPE_SLACK: Final = 1e-4
#: The last burn ends at least this long before the date it is bound to (s).
_BEFORE_LIMIT_S: Final = 30.0
#: Kept free at both edges of the band (m) for what revolution means do not show.
_BAND_MARGIN_M: Final = 3000.0
#: The descent planner gets the orbit this long before touchdown (s).
_HANDOVER_S: Final = 2.5 * 3600.0


class LadderStatus(StrEnum):
    """How the solution ended; all but `PLANNED` name what could not be met."""

    PLANNED = "planned"
    NO_SCHEDULE = "no_schedule"  # no set of passages keeps the perilune above the floor in the time given
    NO_SOLUTION = "no_solution"  # the burns could not be solved for
    PHASE_MISSED = "phase_missed"  # the site is not passed at the wanted time
    BAND_LEFT = "band_left"  # the kept orbit leaves its band
    FLOOR_BROKEN = "floor_broken"  # on the way down a perilune was lower than the floor


@dataclass(frozen=True, slots=True)
class LadderWish:
    """What is asked: the orbit, when it shall be circular, and over which site it shall stand when.

    The site is in mean-Earth axes. `descent_delay_s` is how much later than the kept orbit's own overflight
    the lander touches down. `final_burn_s` fixes the length of the last burn roughly; None shares the work
    evenly.
    """

    altitude_m: float
    circular_by: Epoch
    band_m: tuple[float, float]
    site_latitude_rad: float
    site_longitude_rad: float
    landing_epoch: Epoch
    descent_delay_s: float = 300.0
    floor_altitude_m: float = 60e3
    final_burn_s: float | None = 600.0


@dataclass(frozen=True, slots=True, eq=False)
class LadderPlan:
    """The burns, the orbit after each, and how the kept orbit stands to the site.

    `cross_track_m` is how far left of the plane (along r x v) the site lies at touchdown;
    `cross_track_per_node_m_rad` and `cross_track_per_inclination_m_rad` are what turning the whole flight's
    plane about the Moon's pole, or about its node, would change in it. `handover` is the state 2.5 h before
    touchdown.
    """

    status: LadderStatus
    schedule: Schedule | None
    burns: tuple[FiniteBurn, ...]
    states: tuple[State, ...]
    orbits: tuple[Ellipse, ...]
    handover: State | None
    mass_kg: float
    lowest_perilune_m: float
    lowest_altitude_m: float
    highest_altitude_m: float
    overflight_epoch: Epoch | None
    phase_error_s: float
    cross_track_m: float
    cross_track_per_node_m_rad: float
    cross_track_per_inclination_m_rad: float
    ideal_dv_m_s: float

    @property
    def dv_m_s(self) -> float:
        """What all burns together would change the speed by in free space."""
        return sum(burn.dv_m_s for burn in self.burns)

    @property
    def circular_epoch(self) -> Epoch | None:
        """The end of the last burn of the ladder."""
        return self.burns[-1].end if self.burns else None


def plan_ladder(
    state: State,
    mass_kg: float,
    engine: Engine,
    wish: LadderWish,
    forces: ForceModel,
    *,
    schedule: Schedule | None = None,
) -> LadderPlan:
    """Return the burns from the orbit after insertion to the kept one, solved in the full model.

    `state` is Moon-centred ICRF at the insertion's cut-off. A `schedule` from an earlier plan keeps the same
    passages, so that plans of nearby insertions differ smoothly. Raises `InputError` for dates out of order.
    """
    if not state.epoch < wish.circular_by < wish.landing_epoch:
        raise InputError(
            f"The orbit shall be circular by {wish.circular_by}, not between the insertion {state.epoch} "
            f"and the landing {wish.landing_epoch}. Give dates in this order."
        )
    period_s = (
        2.0 * math.pi * math.sqrt((constants.MOON_RADIUS_M + wish.altitude_m) ** 3 / constants.GM_MOON_M3_S2)
    )
    arc = propagate(state, wish.circular_by, forces, mass_kg=mass_kg)
    outline = _outline(arc, mass_kg, engine, wish, arc.duration_s - 0.5 * period_s, schedule)
    if outline is None:
        return _failed(LadderStatus.NO_SCHEDULE, state, mass_kg, wish)
    raise_s = float(apsides(arc).apolunes()[0][outline.schedule.raise_apolune])
    setting = Setting(
        arc, mass_kg, engine, forces, outline, arc.base + raise_s, constants.MOON_RADIUS_M + wish.altitude_m
    )
    best = _iterate(setting, wish, period_s)
    return (
        _failed(LadderStatus.NO_SOLUTION, state, mass_kg, wish)
        if best is None
        else _plan(setting, wish, best)
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Round:
    """One whole try: the way down, the last burn, the kept orbit, and where it stands over the site."""

    approach: Approach
    last: FiniteBurn
    circle: State
    kept: Trajectory
    wander: Wander
    passing: Overflight


def _outline(
    arc: Trajectory,
    mass_kg: float,
    engine: Engine,
    wish: LadderWish,
    last_s: float,
    schedule: Schedule | None,
) -> Outline | None:
    found = outlines(
        apsides(arc),
        osculating(arc.initial),
        last_s,
        mass_kg=mass_kg,
        engine=engine,
        altitude_m=wish.altitude_m,
        floor_altitude_m=wish.floor_altitude_m,
        final_burn_s=wish.final_burn_s,
    )
    if schedule is not None:
        found = [outline for outline in found if outline.schedule == schedule]
    return found[0] if found else None


def _iterate(setting: Setting, wish: LadderWish, period_s: float) -> _Round | None:
    """Close four things at once: the last burn's perilune and epoch, the kept orbit's shape, its phase."""
    guess = np.array([setting.outline.raise_dv_m_s, setting.outline.lower_dv_m_s])
    epoch, radius_m = wish.circular_by + -0.5 * period_s, setting.radius_m
    matrix: Array | None = None
    shape, direction = np.zeros(2), np.zeros(3)
    best: _Round | None = None
    for _ in range(_ROUNDS):
        found, approach = fit_approach(setting, guess, radius_m, epoch, matrix)
        if approach is None or not found.converged:
            return None
        guess, matrix = found.x, found.matrix
        if not direction.any():
            direction = approach.perilune.position_m / np.linalg.norm(approach.perilune.position_m)
        solved = circularise(setting, approach.perilune, approach.mass_kg, shape, direction)
        if solved is None:
            return None
        last, higher_m = solved
        radius_m += higher_m
        if abs(higher_m) > _PERILUNE_SLACK_M:
            continue
        first = best is None
        best = _keep(setting, wish, approach, last, direction, period_s)
        moved = shape + _reshape(best.wander, wish)
        reshaped = bool(np.linalg.norm(moved - shape) > _SHAPE_SLACK)
        if not reshaped and abs(best.passing.ahead_s) < _PHASE_TOLERANCE_S:
            return best
        shape = moved if reshaped else shape
        epoch = approach.perilune.epoch + -best.passing.ahead_s
        if first:
            epoch = epoch + _whole_revolutions(last.end + -best.passing.ahead_s, wish.circular_by, period_s)
    return best


def _keep(
    setting: Setting,
    wish: LadderWish,
    approach: Approach,
    last: FiniteBurn,
    direction: Array,
    period_s: float,
) -> _Round:
    circle = fly_burn(approach.perilune, last, setting.forces)
    kept = propagate(
        circle, wish.landing_epoch + -wish.descent_delay_s, setting.forces, mass_kg=last.mass_after_kg
    )
    site = site_direction(wish.site_latitude_rad, wish.site_longitude_rad, wish.landing_epoch)
    wandered = wander(kept, direction, period_s)
    return _Round(approach, last, circle, kept, wandered, overflight(kept.final, site, period_s))


def _reshape(wandered: Wander, wish: LadderWish) -> Array:
    """Return the move of the first eccentricity vector (2,) that keeps the heights in the band."""
    room_m = min(wish.band_m[1] - wandered.mean_altitude_m, wandered.mean_altitude_m - wish.band_m[0])
    largest = max(room_m - _BAND_MARGIN_M, 0.0) / (constants.MOON_RADIUS_M + wandered.mean_altitude_m)
    return shift_for_band(wandered.track, largest)


def _whole_revolutions(end: Epoch, limit: Epoch, period_s: float) -> float:
    """Return the whole revolutions (s) that bring `end` to within one before the limit."""
    early_s = (limit - end) - _BEFORE_LIMIT_S
    return math.floor(early_s / period_s) * period_s


def _plan(setting: Setting, wish: LadderWish, best: _Round) -> LadderPlan:
    burns = (*best.approach.burns, best.last)
    states = (*best.approach.states, best.circle)
    normal = np.cross(best.kept.final.position_m, best.kept.final.velocity_m_s)
    normal /= np.linalg.norm(normal)
    site = site_direction(wish.site_latitude_rad, wish.site_longitude_rad, wish.landing_epoch)
    pole = moon_me_from_icrf(wish.landing_epoch)[2]
    node = np.cross(pole, normal)
    return LadderPlan(
        status=_status(wish, best),
        schedule=setting.outline.schedule,
        burns=burns,
        states=states,
        orbits=tuple(osculating(state) for state in states),
        handover=best.kept.at(wish.landing_epoch + -_HANDOVER_S),
        mass_kg=best.last.mass_after_kg,
        lowest_perilune_m=best.approach.lowest_perilune_m,
        lowest_altitude_m=best.wander.lowest_altitude_m,
        highest_altitude_m=best.wander.highest_altitude_m,
        overflight_epoch=best.kept.final.epoch + best.passing.ahead_s,
        phase_error_s=best.passing.ahead_s,
        cross_track_m=cross_track(normal, site),
        cross_track_per_node_m_rad=constants.MOON_RADIUS_M * float(node @ site),
        cross_track_per_inclination_m_rad=constants.MOON_RADIUS_M
        * float(np.cross(node / np.linalg.norm(node), normal) @ site),
        ideal_dv_m_s=ideal_dv_m_s(osculating(setting.arc.initial), setting.radius_m),
    )


def _status(wish: LadderWish, best: _Round) -> LadderStatus:
    if abs(best.passing.ahead_s) > _PHASE_TOLERANCE_S or best.last.end > wish.circular_by:
        return LadderStatus.PHASE_MISSED
    if best.wander.lowest_altitude_m < wish.band_m[0] or best.wander.highest_altitude_m > wish.band_m[1]:
        return LadderStatus.BAND_LEFT
    if best.approach.lowest_perilune_m < wish.floor_altitude_m:
        return LadderStatus.FLOOR_BROKEN
    return LadderStatus.PLANNED


def _failed(status: LadderStatus, state: State, mass_kg: float, wish: LadderWish) -> LadderPlan:
    nothing = math.nan
    return LadderPlan(
        status=status,
        schedule=None,
        burns=(),
        states=(),
        orbits=(),
        handover=None,
        mass_kg=mass_kg,
        lowest_perilune_m=nothing,
        lowest_altitude_m=nothing,
        highest_altitude_m=nothing,
        overflight_epoch=None,
        phase_error_s=nothing,
        cross_track_m=nothing,
        cross_track_per_node_m_rad=nothing,
        cross_track_per_inclination_m_rad=nothing,
        ideal_dv_m_s=ideal_dv_m_s(osculating(state), constants.MOON_RADIUS_M + wish.altitude_m),
    )

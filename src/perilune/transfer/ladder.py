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
from perilune.transfer.burning import Ellipse, Engine, FiniteBurn, ellipses, osculating
from perilune.transfer.kept_orbit import (
    Overflight,
    Wander,
    cross_track,
    overflight,
    shift_for_band,
    site_direction,
    wander,
)
from perilune.transfer.ladder_burns import Aim, Descent, Setting, fit, set_out
from perilune.transfer.schedule import Outline, Schedule, Task, ideal_dv_m_s, outline_of, outlines
from perilune.world.orientation import moon_me_from_icrf

#: The phase over the site is met to this (s): 3 s are 5 km along the track, which the deorbit time takes up.
_PHASE_TOLERANCE_S: Final = 3.0
_ROUNDS: Final = 8
#: Schedules tried, the cheapest first, before giving up.
_TRIES: Final = 3
#: The kept orbit's first eccentricity is settled when it moves less than this: 200 m of height.
_SHAPE_SLACK: Final = 1e-4
#: Another schedule is tried for its plane where it should save this much (m/s).
_WORTH_M_S: Final = 0.5
#: The plane is settled when its trim moves less than this (m/s), some 100 m at the site.
_TRIM_SLACK_M_S: Final = 0.03
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
    the lander touches down. `final_burn_s` is about how long the last burn lasts; None takes the cheapest.
    Up to `plane_trim_limit_m_s` out of the plane may be added to the raise, to bring the plane over the site.
    """

    altitude_m: float
    circular_by: Epoch
    band_m: tuple[float, float]
    site_latitude_rad: float
    site_longitude_rad: float
    landing_epoch: Epoch
    descent_delay_s: float = 190.0  # s, measured here on descents from 100 km: 157 to 208
    floor_altitude_m: float = 60e3
    final_burn_s: float | None = 600.0
    plane_trim_limit_m_s: float = 0.0


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
    def node_offset_rad(self) -> float:
        """How far to turn the insertion's plane about the Moon's pole, eastwards, for it to hold the site."""
        return -self.cross_track_m / self.cross_track_per_node_m_rad

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
    task = _task(state, mass_kg, engine, wish)
    arc = propagate(state, wish.circular_by, forces, mass_kg=mass_kg)
    found = _outlines(arc, task, schedule)
    best: tuple[Setting, _Round] | None = None
    for outline in found[:_TRIES]:
        best = _try(arc, task, forces, outline, wish) or best
        if best is not None and _status(wish, best[1]) in (LadderStatus.PLANNED, LadderStatus.BAND_LEFT):
            break
    if best is None:
        status = LadderStatus.NO_SOLUTION if found else LadderStatus.NO_SCHEDULE
        return _failed(status, state, mass_kg, wish)
    other = _nearer_the_site(found, wish, best) if wish.plane_trim_limit_m_s > 0.0 else None
    second = _try(arc, task, forces, other, wish) if other is not None else None
    return min((_plan(*each, wish) for each in (best, second) if each is not None), key=_worth)


def _worth(plan: LadderPlan) -> tuple[bool, float]:
    return plan.status is not LadderStatus.PLANNED, plan.dv_m_s


def _try(
    arc: Trajectory, task: Task, forces: ForceModel, outline: Outline, wish: LadderWish
) -> tuple[Setting, _Round] | None:
    setting = set_out(arc, task.mass_kg, task.engine, forces, outline, task.radius_m)
    found = _iterate(setting, wish)
    return None if found is None else (setting, found)


@dataclass(frozen=True, slots=True, eq=False)
class _Round:
    """One whole try: the burns down, the kept orbit, and where it stands over the site."""

    descent: Descent
    kept: Trajectory
    wander: Wander
    passing: Overflight


def _period_s(radius_m: float) -> float:
    return 2.0 * math.pi * math.sqrt(radius_m**3 / constants.GM_MOON_M3_S2)


def _task(state: State, mass_kg: float, engine: Engine, wish: LadderWish) -> Task:
    half_s = 0.5 * _period_s(constants.MOON_RADIUS_M + wish.altitude_m)
    last_s = (wish.circular_by - state.epoch) - half_s
    return Task(mass_kg, engine, wish.altitude_m, wish.floor_altitude_m, last_s, wish.final_burn_s)


def _outlines(arc: Trajectory, task: Task, schedule: Schedule | None) -> list[Outline]:
    survey, orbit = apsides(arc), osculating(arc.initial)
    if schedule is None:
        return outlines(survey, orbit, task)
    same = outline_of(
        survey, orbit, task, schedule.lower_perilune, schedule.revolutions, schedule.raise_apolune
    )
    return [same] if same is not None else []


def _iterate(setting: Setting, wish: LadderWish) -> _Round | None:
    """Close on the last burn's perilune and epoch, the kept orbit's shape, and its phase over the site."""
    period_s = _period_s(setting.radius_m)
    aim = Aim(wish.circular_by + -0.5 * period_s, np.zeros(2))
    guess = np.array([setting.outline.raise_dv_m_s, setting.outline.lower_dv_m_s])
    matrix: Array | None = None
    best: _Round | None = None
    for number in range(_ROUNDS):
        found, descent = fit(setting, aim, guess, matrix)
        if descent is None or not found.converged:
            return best
        guess, matrix = found.x, found.matrix
        best = _keep(setting, wish, descent)
        shift = _reshape(best.wander, wish)
        reshaped = bool(np.linalg.norm(shift) > _SHAPE_SLACK)
        normal_m_s = _trim(setting, wish, aim, best)
        turned = abs(normal_m_s - aim.normal_dv_m_s) > _TRIM_SLACK_M_S
        if not reshaped and not turned and abs(best.passing.ahead_s) < _PHASE_TOLERANCE_S:
            return best
        late_s = best.passing.ahead_s
        if number == 0:
            late_s -= _whole_revolutions(descent.burns[2].end + -late_s, wish.circular_by, period_s)
        shape = aim.shape + shift if reshaped else aim.shape
        aim = Aim(descent.perilune.epoch + -late_s, shape, normal_m_s if turned else aim.normal_dv_m_s)
    return best


def _keep(setting: Setting, wish: LadderWish, descent: Descent) -> _Round:
    until = wish.landing_epoch + -wish.descent_delay_s
    kept = propagate(descent.states[2], until, setting.forces, mass_kg=descent.burns[2].mass_after_kg)
    site = site_direction(wish.site_latitude_rad, wish.site_longitude_rad, wish.landing_epoch)
    period_s = _period_s(setting.radius_m)
    wandered = wander(kept, setting.direction, period_s)
    return _Round(descent, kept, wandered, overflight(kept.final, site, period_s))


def _trim(setting: Setting, wish: LadderWish, aim: Aim, best: _Round) -> float:
    """Return the raise's share out of the plane (m/s) that brings the plane nearest to the site."""
    wanted_m_s = aim.normal_dv_m_s - best.passing.cross_track_m / _per_speed(setting, wish)
    return min(max(wanted_m_s, -wish.plane_trim_limit_m_s), wish.plane_trim_limit_m_s)


def _per_speed(setting: Setting, wish: LadderWish) -> float:
    """Return what each m/s of the raise out of the plane changes in the cross-track (m).

    A speed along r x v at the apolune turns the plane about the apolune's direction: the normal moves against
    the motion by that speed over the motion's.
    """
    site = site_direction(wish.site_latitude_rad, wish.site_longitude_rad, wish.landing_epoch)
    velocity_m_s = setting.apolune.velocity_m_s
    return -constants.MOON_RADIUS_M * float(velocity_m_s @ site) / float(velocity_m_s @ velocity_m_s)


def _nearer_the_site(found: list[Outline], wish: LadderWish, best: tuple[Setting, _Round]) -> Outline | None:
    """Return a schedule that should need less in all, because the Earth turns its plane nearer to the site.

    The longer the orbit stays high, the more the Earth turns it; below, it turns as its period is shorter.
    """
    setting, done = best
    first, per_speed = setting.outline, _per_speed(setting, wish)
    burn = done.descent.burns[0]
    untrimmed_m = done.passing.cross_track_m - burn.dv_m_s * burn.direction.vector[1] * per_speed
    site = site_direction(wish.site_latitude_rad, wish.site_longitude_rad, wish.landing_epoch)
    times_s, _ = apsides(setting.arc, perilunes_only=True).perilunes()
    left_m = [cross_track(normal, site) for normal in ellipses(setting.arc.states(times_s))[2]]
    period_s = osculating(setting.arc.initial).period_s

    def cost(outline: Outline) -> float:
        schedule = outline.schedule
        lower_s = (times_s[-1] - times_s[schedule.lower_perilune]) / schedule.revolutions
        turned_m = left_m[schedule.lower_perilune] - left_m[first.schedule.lower_perilune]
        trim_m_s = (untrimmed_m + (1.0 - min(lower_s / period_s, 1.0)) * turned_m) / per_speed
        return outline.cost_m_s - abs(outline.raise_dv_m_s) + math.hypot(outline.raise_dv_m_s, trim_m_s)

    cheapest = min(found, key=cost)
    return cheapest if cost(cheapest) < cost(first) - _WORTH_M_S else None


def _reshape(wandered: Wander, wish: LadderWish) -> Array:
    """Return the move of the first eccentricity vector (2,) that keeps the heights in the band."""
    room_m = min(wish.band_m[1] - wandered.mean_altitude_m, wandered.mean_altitude_m - wish.band_m[0])
    largest = max(room_m - _BAND_MARGIN_M, 0.0) / (constants.MOON_RADIUS_M + wandered.mean_altitude_m)
    return shift_for_band(wandered.track, largest)


def _whole_revolutions(end: Epoch, limit: Epoch, period_s: float) -> float:
    """Return the whole revolutions (s) that bring `end` to within one before the limit."""
    early_s = (limit - end) - _BEFORE_LIMIT_S
    return math.floor(early_s / period_s) * period_s


def _plan(setting: Setting, best: _Round, wish: LadderWish) -> LadderPlan:
    burns, states = best.descent.burns, best.descent.states
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
        mass_kg=burns[2].mass_after_kg,
        lowest_perilune_m=best.descent.lowest_perilune_m,
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
    if abs(best.passing.ahead_s) > _PHASE_TOLERANCE_S or best.descent.burns[2].end > wish.circular_by:
        return LadderStatus.PHASE_MISSED
    if best.wander.lowest_altitude_m < wish.band_m[0] or best.wander.highest_altitude_m > wish.band_m[1]:
        return LadderStatus.BAND_LEFT
    if best.descent.lowest_perilune_m < wish.floor_altitude_m:
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

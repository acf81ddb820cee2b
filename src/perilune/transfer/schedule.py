"""When the orbit is changed on the way down: chosen from how the Earth moves the perilune."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from perilune import constants
from perilune.transfer.apsides import Apsides
from perilune.transfer.burning import Ellipse, Engine

#: Time between insertion and the first change, to measure the orbit (s), where the perilune allows it.
_SETTLE_S: Final = 1.5 * 86400.0
#: Least time between two burns (s).
_APART_S: Final = 0.9 * 86400.0
#: Smaller raises come last: the guess is good to 1 m/s or two, and a burn should be one (m/s).
_LEAST_RAISE_M_S: Final = 2.0
#: What a burn against the velocity about a perilune loses, as a share of dv (n T)^2 / 24 with n the mean
#: motion of the circle there and T the length; measured here on insertion burns of nine minutes (0.9 to 1.1
#: m/s of 240).
_LOSS_SHARE: Final = 0.43
#: Shares of the whole braking that the last burn may take, where it is free.
_SHARES: Final = (0.15, 0.25, 0.35, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Which passages the burns are centred on, counted from 0 after insertion.

    The raise is at apolune `raise_apolune`, the lowering at perilune `lower_perilune` (both of the orbit
    after insertion), the last burn `revolutions` after that.
    """

    raise_apolune: int
    lower_perilune: int
    revolutions: int


@dataclass(frozen=True, slots=True)
class Outline:
    """A schedule with first guesses: dv of the raise and of the lowering, and the whole cost.

    `perilunes_between` are passed after the raise before the one of the lowering.
    """

    schedule: Schedule
    raise_dv_m_s: float
    lower_dv_m_s: float
    perilunes_between: int
    cost_m_s: float


@dataclass(frozen=True, slots=True)
class Task:
    """What a schedule is chosen for: vehicle, the kept orbit's height, the floor, the last burn.

    `last_s` counts from the insertion's cut-off. `final_burn_s` None leaves the split of the work free.
    """

    mass_kg: float
    engine: Engine
    altitude_m: float
    floor_altitude_m: float
    last_s: float
    final_burn_s: float | None

    @property
    def radius_m(self) -> float:
        """The kept orbit's radius."""
        return constants.MOON_RADIUS_M + self.altitude_m


def outlines(survey: Apsides, orbit: Ellipse, task: Task) -> list[Outline]:
    """Return possible schedules, the one that costs least first; empty where none keeps above the floor.

    `survey` holds the apsides of the orbit after insertion, left alone. Between the lowering and the last
    burn the Earth moves the perilune less, in proportion to e sqrt(1-e^2) a^(5/2).
    """
    found = [
        outline
        for lower in range(len(survey.perilunes()[0]))
        for revolutions in _revolutions(survey, task, lower)
        if (outline := outline_of(survey, orbit, task, lower, revolutions)) is not None
    ]
    return sorted(found, key=lambda outline: (outline.raise_dv_m_s < _LEAST_RAISE_M_S, outline.cost_m_s))


def outline_of(
    survey: Apsides, orbit: Ellipse, task: Task, lower: int, revolutions: int, raise_at: int | None = None
) -> Outline | None:
    """Return guesses and cost for a lowering at this perilune, so many revolutions before the last burn."""
    (perilune_s, heights_m), (apolune_s, _) = survey.perilunes(), survey.apolunes()
    circular_m_s, total_m_s = _braking(survey, task, lower)
    left_s = task.last_s - perilune_s[lower]
    last_m_s = _speed_with_period(task.radius_m, left_s / revolutions) - circular_m_s
    if not 0.0 < last_m_s < total_m_s:
        return None
    axis_m = axis_of(task.radius_m, circular_m_s + last_m_s)
    weaker = _drift(axis_m, 1.0 - task.radius_m / axis_m) / _drift(
        orbit.semi_major_axis_m, orbit.eccentricity
    )
    still_m = float(np.interp(task.last_s, perilune_s, heights_m)) - heights_m[lower]
    raise_m = task.altitude_m - heights_m[lower] - weaker * still_m
    apolune = (
        _raise_at(survey, perilune_s[lower], raise_m, task.floor_altitude_m) if raise_at is None else raise_at
    )
    if apolune is None:
        return None
    raise_m_s = raise_m * _per_metre(task.radius_m, _apolune(survey, perilune_s[lower]))
    cost_m_s = abs(raise_m_s) + total_m_s + _losses(total_m_s, last_m_s, task)
    between = lower - int(np.count_nonzero(perilune_s < apolune_s[apolune]))
    return Outline(Schedule(apolune, lower, revolutions), raise_m_s, total_m_s - last_m_s, between, cost_m_s)


def _apolune(survey: Apsides, time_s: float) -> float:
    """Return the apolune's radius (m) at about a time."""
    return constants.MOON_RADIUS_M + float(np.interp(time_s, *survey.apolunes()))


def _braking(survey: Apsides, task: Task, lower: int) -> tuple[float, float]:
    """Return the circular speed of the kept orbit, and what is to be braked from this perilune on (m/s)."""
    apolune_m = _apolune(survey, survey.perilunes()[0][lower])
    circular_m_s = _speed(task.radius_m, task.radius_m)
    return circular_m_s, _speed(task.radius_m, apolune_m) - circular_m_s


def _revolutions(survey: Apsides, task: Task, lower: int) -> list[int]:
    """Return the numbers of revolutions that may lie between this perilune and the last burn."""
    left_s = task.last_s - survey.perilunes()[0][lower]
    if left_s < _APART_S or not len(survey.apolunes()[0]):
        return []
    circular_m_s, total_m_s = _braking(survey, task, lower)
    axes_m = [axis_of(task.radius_m, circular_m_s + dv_m_s) for dv_m_s in _last_dv(total_m_s, task)]
    periods_s = [2.0 * math.pi * math.sqrt(axis_m**3 / constants.GM_MOON_M3_S2) for axis_m in axes_m]
    return sorted({max(1, round(left_s / period_s)) for period_s in periods_s})


def _last_dv(total_m_s: float, task: Task) -> list[float]:
    """Return speed changes (m/s) that the last burn may have: as long as asked, or any share of the whole."""
    if task.final_burn_s is None:
        return [share * total_m_s for share in _SHARES]
    exhaust_m_s = task.engine.exhaust_speed_m_s
    after_kg = task.mass_kg * math.exp(-total_m_s / exhaust_m_s)
    wanted_m_s = exhaust_m_s * math.log1p(task.engine.flow_kg_s * task.final_burn_s / after_kg)
    return [min(max(wanted_m_s, 0.1 * total_m_s), 0.9 * total_m_s)]


def _losses(total_m_s: float, last_m_s: float, task: Task) -> float:
    """Return what lowering and last burn lose by their length (m/s), about."""
    motion_rad_s = math.sqrt(constants.GM_MOON_M3_S2 / task.radius_m**3)
    lowered_kg = task.mass_kg * math.exp((last_m_s - total_m_s) / task.engine.exhaust_speed_m_s)
    parts = ((total_m_s - last_m_s, task.mass_kg), (last_m_s, lowered_kg))
    return sum(
        _LOSS_SHARE * dv_m_s * (motion_rad_s * task.engine.duration_s(dv_m_s, mass_kg)) ** 2 / 24.0
        for dv_m_s, mass_kg in parts
    )


def _raise_at(survey: Apsides, lower_s: float, raise_m: float, floor_m: float) -> int | None:
    """Return the apolune to raise at, late enough to know the orbit and early enough for the floor."""
    perilune_s, heights_m = survey.perilunes()
    apolune_s, _ = survey.apolunes()
    best = None
    for k in np.nonzero(apolune_s < lower_s - _APART_S)[0]:
        before = heights_m[perilune_s < apolune_s[k]]
        after = heights_m[(perilune_s > apolune_s[k]) & (perilune_s <= lower_s)] + raise_m
        if (before < floor_m).any():
            break
        if (after >= floor_m).all():
            best = int(k)
            if apolune_s[k] >= _SETTLE_S:
                break
    return best


def _speed(perilune_m: float, apolune_m: float) -> float:
    """Return the speed at the first radius of the ellipse with these apsidal radii."""
    return math.sqrt(2.0 * constants.GM_MOON_M3_S2 * apolune_m / (perilune_m * (perilune_m + apolune_m)))


def axis_of(radius_m: float, speed_m_s: float) -> float:
    """Return the semi-major axis (m) of an orbit with this speed at this distance (vis-viva)."""
    return 1.0 / (2.0 / radius_m - speed_m_s**2 / constants.GM_MOON_M3_S2)


def _drift(axis_m: float, eccentricity: float) -> float:
    """Return how fast the Earth moves the perilune, up to a factor that is the same for all sizes."""
    return float(eccentricity * math.sqrt(1.0 - eccentricity**2) * axis_m**2.5)


def _per_metre(perilune_m: float, apolune_m: float) -> float:
    """Return the dv at apolune per metre of perilune."""
    step_m = 1000.0  # m
    return (_speed(apolune_m, perilune_m + step_m) - _speed(apolune_m, perilune_m)) / step_m


def _speed_with_period(radius_m: float, period_s: float) -> float:
    axis_m = (constants.GM_MOON_M3_S2 * (period_s / (2.0 * math.pi)) ** 2) ** (1.0 / 3.0)
    return math.sqrt(constants.GM_MOON_M3_S2 * (2.0 / radius_m - 1.0 / axis_m))


def ideal_dv_m_s(orbit: Ellipse, radius_m: float) -> float:
    """Return the impulsive speed change from an ellipse to a circle: raise at apolune, brake at perilune."""
    perilune_m = orbit.semi_major_axis_m * (1.0 - orbit.eccentricity)
    apolune_m = orbit.semi_major_axis_m * (1.0 + orbit.eccentricity)
    raised_m_s = abs(_speed(apolune_m, radius_m) - _speed(apolune_m, perilune_m))
    return raised_m_s + _speed(radius_m, apolune_m) - _speed(radius_m, radius_m)

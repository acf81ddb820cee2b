"""When the orbit is changed on the way down: chosen from how the Earth moves the perilune."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from perilune import constants
from perilune.dynamics.forces import Array
from perilune.transfer.apsides import Apsides
from perilune.transfer.burning import Ellipse, Engine

#: Time between insertion and the first change, to measure the orbit (s), where the perilune allows it.
_SETTLE_S: Final = 1.5 * 86400.0
#: Least time between two burns (s).
_APART_S: Final = 0.9 * 86400.0
#: A smaller raise saves nothing worth a burn (m/s).
_LEAST_RAISE_M_S: Final = 1.0


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
    """A schedule with first guesses: dv of the raise and of the lowering (m/s).

    `perilunes_between` are passed after the raise before the one of the lowering.
    """

    schedule: Schedule
    raise_dv_m_s: float
    lower_dv_m_s: float
    perilunes_between: int


def split(
    radius_m: float, apolune_radius_m: float, mass_kg: float, engine: Engine, final_burn_s: float | None
) -> float:
    """Return the last burn's speed change (m/s): as long as asked, or as long as the lowering before it."""
    circular_m_s = _speed(radius_m, radius_m)
    total_m_s = _speed(radius_m, apolune_radius_m) - circular_m_s
    exhaust_m_s = engine.exhaust_speed_m_s
    if final_burn_s is None:
        half_kg = 0.5 * mass_kg * -math.expm1(-total_m_s / exhaust_m_s)
        return -exhaust_m_s * math.log1p(-half_kg / (mass_kg - half_kg))
    after_kg = mass_kg * math.exp(-total_m_s / exhaust_m_s)
    wanted_m_s = exhaust_m_s * math.log1p(engine.flow_kg_s * final_burn_s / after_kg)
    return min(max(wanted_m_s, 0.1 * total_m_s), 0.9 * total_m_s)


def _speed(perilune_m: float, apolune_m: float) -> float:
    """Return the speed at perilune of the ellipse with these radii."""
    return math.sqrt(2.0 * constants.GM_MOON_M3_S2 * apolune_m / (perilune_m * (perilune_m + apolune_m)))


def axis_of(radius_m: float, speed_m_s: float) -> float:
    """Return the semi-major axis (m) of an orbit with this speed at this distance (vis-viva)."""
    return 1.0 / (2.0 / radius_m - speed_m_s**2 / constants.GM_MOON_M3_S2)


def outlines(
    survey: Apsides,
    orbit: Ellipse,
    last_s: float,
    *,
    mass_kg: float,
    engine: Engine,
    altitude_m: float,
    floor_altitude_m: float,
    final_burn_s: float | None,
) -> list[Outline]:
    """Return possible schedules, the one that costs least first; empty where none keeps above the floor.

    `survey` holds the apsides of the orbit after insertion, left alone; `last_s` is when the last burn
    shall be, in the survey's seconds. Between the lowering and the last burn the Earth moves the perilune
    less, in proportion to e sqrt(1-e^2) a^(5/2).
    """
    perilune_s, heights_m = survey.perilunes()
    apolune_s, apolune_heights_m = survey.apolunes()
    radius_m = constants.MOON_RADIUS_M + altitude_m
    apolune_m = constants.MOON_RADIUS_M + float(np.median(apolune_heights_m))
    last_dv_m_s = split(radius_m, apolune_m, mass_kg, engine, final_burn_s)
    axis_m = axis_of(radius_m, _speed(radius_m, radius_m) + last_dv_m_s)
    period_s = 2.0 * math.pi * math.sqrt(axis_m**3 / constants.GM_MOON_M3_S2)
    share = _drift(axis_m, 1.0 - radius_m / axis_m) / _drift(orbit.semi_major_axis_m, orbit.eccentricity)
    final_m = float(np.interp(last_s, perilune_s, heights_m))
    found: list[tuple[float, Outline]] = []
    for k, (t_s, height_m) in enumerate(zip(perilune_s, heights_m, strict=True)):
        raise_m = altitude_m - height_m - share * (final_m - height_m)
        apolune = _raise_at(apolune_s, perilune_s, heights_m, t_s, raise_m, floor_altitude_m)
        revolutions = round((last_s - t_s) / period_s)
        if apolune is None or revolutions < 1 or last_s - t_s < _APART_S:
            continue
        cost_m_s = raise_m * _per_metre(radius_m, apolune_m)
        lower_m_s = _speed(radius_m, apolune_m) - _speed_with_period(radius_m, (last_s - t_s) / revolutions)
        between = k - int(np.count_nonzero(perilune_s < apolune_s[apolune]))
        found.append(
            (
                max(abs(cost_m_s), _LEAST_RAISE_M_S),
                Outline(Schedule(apolune, k, revolutions), cost_m_s, lower_m_s, between),
            )
        )
    return [outline for _, outline in sorted(found, key=lambda item: item[0])]


def _raise_at(
    apolune_s: Array, perilune_s: Array, heights_m: Array, lower_s: float, raise_m: float, floor_m: float
) -> int | None:
    """Return the apolune to raise at, late enough to know the orbit and early enough for the floor."""
    usable = np.nonzero(apolune_s < lower_s - _APART_S)[0]
    best = None
    for k in usable:
        before = heights_m[perilune_s < apolune_s[k]]
        after = heights_m[(perilune_s > apolune_s[k]) & (perilune_s <= lower_s)] + raise_m
        if (before < floor_m).any():
            break
        if (after >= floor_m).all():
            best = int(k)
            if apolune_s[k] >= _SETTLE_S:
                break
    return best


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

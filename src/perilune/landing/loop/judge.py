"""From what a flight left to a row: the outcome, the first cause, the figures by name."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from perilune.landing.craft._kernels_settle import TIPPED_OVER
from perilune.landing.loop import layout as at
from perilune.landing.loop import rows
from perilune.landing.simulate import TouchdownLimits
from perilune.maths.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Limits:
    """What counts as a success: touchdown, the ground's slope, and how far off is still the site."""

    touchdown: TouchdownLimits = field(default_factory=TouchdownLimits)
    rate_rad_s: float = math.radians(2.0)
    slope_rad: float = math.radians(12.0)  # rad, Chandrayaan-3's specification
    miss_m: float = math.inf


#: What can bring a flight down, with the place of its time in the figures: the earliest is the first cause.
_CAUSES: Final = (
    (rows.INERTIAL_UNIT, at.UNIT_S),
    (rows.ENGINE, at.ENGINE_S),
    (rows.ALTIMETER_ISOLATED, at.ISOLATED_S),
    (rows.ALTIMETER_REJECTED, at.REJECTING_S),
    (rows.ATTITUDE_LOST, at.TUMBLE_S),
    (rows.TOO_LATE, at.LATE_S),
    (rows.ZERO_TOO_EARLY, at.ZERO_S),
    (rows.DRY, at.DRY_S),
)


def row_of(
    run: int, status: int, figures: FloatArray, limits: Limits, inputs: FloatArray, series: FloatArray
) -> FloatArray:
    """Return a run's row: `rows.COLUMNS`, the inputs, the squared errors of the estimate over time."""
    outcome = outcome_of(status, figures, limits)
    cause, cause_s = first_cause(outcome, figures, limits)
    dry_s, end_s = figures[at.DRY_S], figures[at.END]
    named = np.array(
        [
            run,
            outcome,
            cause,
            figures[at.IGNITION],
            end_s,
            figures[at.LATITUDE],
            figures[at.LONGITUDE],
            figures[at.DOWNRANGE],
            figures[at.CROSSRANGE],
            math.hypot(figures[at.DOWNRANGE], figures[at.CROSSRANGE]),
            figures[at.VERTICAL],
            figures[at.HORIZONTAL],
            figures[at.TILT],
            figures[at.RATE],
            figures[at.SLOPE_RAD],
            figures[at.TIP],
            figures[at.LEG],
            figures[at.PROPELLANT],
            figures[at.DV],
            figures[at.HEIGHT_ERROR],
            figures[at.WORST],
            dry_s,
            figures[at.DRY_M],
            end_s - dry_s,
            figures[at.ZERO_M],
            figures[at.VALID_M],
            figures[at.VALID_SPEED],
            figures[at.ACQUIRED_M],
            figures[at.ACQUIRED_SPEED],
            figures[at.PROBE_SPEED],
            figures[at.REJECTED],
            figures[at.LONGEST_REJECTION],
            figures[at.ISOLATED_S],
            figures[at.REACQUIRED_S],
            figures[at.FIXES],
            figures[at.NEES_MEAN],
            figures[at.NIS_MEAN],
            figures[at.ISOLATED_UNITS],
            cause_s,
            figures[at.RCS_LEFT],
            figures[at.SETTLED],
            figures[at.SETTLED_TILT],
            figures[at.SLID_M],
            figures[at.LEG_CRUSH],
            figures[at.LEAST_CLEARANCE],
        ]
    )
    return np.concatenate([named, inputs, series])


def outcome_of(status: int, figures: FloatArray, limits: Limits) -> int:
    """Return the code of `rows.OUTCOMES`: by the touchdown's figures, by what became of the lander on the
    ground, and by whether propellant was left.

    Over goes what either verdict lets tip: that by energy, or the legs followed until it lies.
    """
    if status != at.TOUCHED:
        return rows.LOST
    gear = limits.touchdown
    down, across = figures[at.VERTICAL], figures[at.HORIZONTAL]
    tilt, rate = figures[at.TILT], figures[at.RATE]
    soft = (
        down <= gear.soft_vertical_m_s
        and across <= gear.soft_horizontal_m_s
        and tilt <= gear.soft_tilt_rad
        and rate <= limits.rate_rad_s
        and figures[at.SLOPE_RAD] <= limits.slope_rad
    )
    missed = math.hypot(figures[at.DOWNRANGE], figures[at.CROSSRANGE]) > limits.miss_m
    tips = figures[at.TIP] > 1.0 or figures[at.SETTLED] == TIPPED_OVER
    if soft and not tips and not missed:
        return rows.LANDED
    hard = survivable(figures, limits)
    if soft and not missed:
        return rows.TIPPED_OVER
    if not math.isnan(figures[at.DRY_S]) and not hard:
        return rows.PROPELLANT_EXHAUSTED
    if hard:
        return rows.TIPPED_OVER if tips else rows.HARD_LANDING
    return rows.CRASHED


def survivable(figures: FloatArray, limits: Limits) -> bool:
    """Return whether a touchdown is within the hard limits: soft or hard, but no crash."""
    gear = limits.touchdown
    return bool(
        figures[at.VERTICAL] <= gear.hard_vertical_m_s
        and figures[at.HORIZONTAL] <= gear.hard_horizontal_m_s
        and figures[at.TILT] <= gear.hard_tilt_rad
    )


def first_cause(outcome: int, figures: FloatArray, limits: Limits) -> tuple[int, float]:
    """Return the code of `rows.CAUSES` that came first, and its time (s from the base); none for a success.

    Where nothing went wrong before touchdown, the touchdown's worst figure is the cause.
    """
    if outcome == rows.LANDED:
        return rows.NO_CAUSE, math.nan
    times = [(figures[place], cause) for cause, place in _CAUSES if not math.isnan(figures[place])]
    if math.isnan(figures[at.ACQUIRED_S]):
        times.append((figures[at.END], rows.NO_ALTIMETER))
    if times:
        when, cause = min(times)
        return cause, float(when)
    gear = limits.touchdown
    over = {
        rows.TOUCHDOWN_SPEED: figures[at.VERTICAL] / gear.soft_vertical_m_s,
        rows.SIDEWAYS_SPEED: figures[at.HORIZONTAL] / gear.soft_horizontal_m_s,
        rows.TILTED: max(figures[at.TILT] / gear.soft_tilt_rad, figures[at.RATE] / limits.rate_rad_s),
        rows.SLOPE: max(
            figures[at.SLOPE_RAD] / limits.slope_rad,
            figures[at.TIP],
            float(figures[at.SETTLED] == TIPPED_OVER),
        ),
        rows.MISSED: math.hypot(figures[at.DOWNRANGE], figures[at.CROSSRANGE]) / limits.miss_m,
    }
    return max(over, key=lambda cause: over[cause]), float(figures[at.END])

"""Each altimeter policy's gate beside a step of the ground: are readings thrown out, and for how long."""

from __future__ import annotations

import math
from dataclasses import dataclass

from perilune.landing.software import table as at
from perilune.maths.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Range:
    """What the gate must know of an altimeter: how it errs, how far it sees, how often it measures."""

    name: str
    sigma_m: float
    sigma_share: float
    greatest_m: float
    period_s: float

    def sigma_at_m(self, range_m: float) -> float:
        """Return one sigma (m) of a reading at a range (m)."""
        return self.sigma_m + self.sigma_share * range_m


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a policy makes of a step.

    `gate_m` is the largest difference to its estimate that a reading may have, `trips` whether the step makes
    a larger one; `then` says what happens to readings that are thrown out.
    """

    policy: str
    gate_m: float
    trips: bool
    then: str


def gate_m(policy: FloatArray, altimeter: Range, height_m: float, speed_m_s: float) -> float:
    """Return how far (m) a reading may lie from the estimate at a height, the estimate being settled.

    `policy` is the policy's row of numbers. A settled filter's own uncertainty is small beside what comes
    anew with each reading: its sigma, and what the policy grants the ground crossed since the last one.
    """
    if policy[at.GATE_M] > 0.0:
        fixed_m = float(policy[at.GATE_M] + policy[at.GATE_SHARE] * height_m)
        return math.inf if height_m > policy[at.GATE_BELOW_M] > 0.0 else fixed_m
    if policy[at.GATE_SIGMA] <= 0.0:
        return math.inf
    by_map = follows_map(policy, height_m)
    sigma_m = policy[at.MAP_SIGMA_M if by_map else at.TERRAIN_SIGMA_M]
    crossed = speed_m_s * altimeter.period_s / policy[at.MAP_LENGTH_M if by_map else at.TERRAIN_LENGTH_M]
    relief_m = sigma_m * math.sqrt(-math.expm1(-2.0 * crossed))
    uneven_m = policy[at.GROUND_SHARE] * height_m
    return float(policy[at.GATE_SIGMA] * math.hypot(altimeter.sigma_at_m(height_m), uneven_m, relief_m))


def follows_map(policy: FloatArray, height_m: float) -> bool:
    """Return whether a policy predicts the ground by its map at a height (and is surprised by its errors)."""
    return bool(policy[at.USES_MAP] > 0.0 and height_m > policy[at.FADE_HIGH_M])


def verdict(name: str, policy: FloatArray, gate_m: float, rise_m: float, jump_m: float) -> Verdict:
    """Return what a policy makes of a step that rises by `rise_m`, and `jump_m` at most between readings.

    A policy with a terrain state follows the ground from reading to reading; one without holds all of the
    step against its estimate of the height.
    """
    seen_m = jump_m if policy[at.TERRAIN_SIGMA_M] > 0.0 else rise_m
    trips = abs(seen_m) > gate_m
    return Verdict(name, gate_m, trips, "no gate there" if math.isinf(gate_m) else _then(policy))


def _then(policy: FloatArray) -> str:
    if policy[at.LATCH_REJECTS] > 0.0:
        return f"the altimeter is off for good after {policy[at.LATCH_REJECTS]:.0f} rejects"
    if policy[at.REOPEN_S] > 0.0:
        return f"heard again after {policy[at.REOPEN_S]:g} s of readings that agree"
    return "a bad reading is skipped, nothing is switched off"

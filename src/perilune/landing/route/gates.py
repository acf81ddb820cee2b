"""Each altimeter policy's gate beside a step of the ground: would its readings be thrown out, and for how long."""

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

    `gate_m` is the largest difference to its estimate that a reading may have; `trips` is "yes" where the
    ground changes by more within one reading's time, "no" where the whole step is smaller, else "maybe": it
    hangs on how well the estimate follows. `then` says what happens to readings that are thrown out.
    """

    policy: str
    gate_m: float
    trips: str
    then: str


def gate_m(policy: FloatArray, altimeter: Range, height_m: float) -> float:
    """Return how far (m) a reading may lie from the estimate at a height, the estimate being settled.

    `policy` is the policy's row of numbers. A settled filter's own uncertainty is small beside the reading's:
    what is left is the reading's sigma and the unevenness of the ground that the policy grants.
    """
    if policy[at.GATE_SIGMA] > 0.0:
        granted = policy[at.GROUND_SHARE] * height_m
        return float(policy[at.GATE_SIGMA] * math.hypot(altimeter.sigma_at_m(height_m), granted))
    if policy[at.GATE_M] > 0.0 or policy[at.GATE_SHARE] > 0.0:
        below = policy[at.GATE_BELOW_M]
        if below > 0.0 and height_m > below:
            return math.inf
        return float(policy[at.GATE_M] + policy[at.GATE_SHARE] * height_m)
    return math.inf


def verdict(
    name: str, policy: FloatArray, altimeter: Range, height_m: float, rise_m: float, jump_m: float
) -> Verdict:
    """Return what a policy makes of a step that rises by `rise_m`, and `jump_m` at most between readings."""
    gate = gate_m(policy, altimeter, height_m)
    trips = "yes" if abs(jump_m) > gate else "no" if abs(rise_m) <= gate else "maybe"
    return Verdict(name, gate, trips, _then(policy))


def _then(policy: FloatArray) -> str:
    if policy[at.LATCH_REJECTS] > 0.0:
        return f"the altimeter is off for good after {policy[at.LATCH_REJECTS]:.0f} rejects"
    if policy[at.REOPEN_S] > 0.0:
        return f"heard again after {policy[at.REOPEN_S]:g} s of readings that agree"
    if math.isinf(policy[at.GATE_M]):
        return ""
    return "a bad reading is skipped, nothing is switched off"

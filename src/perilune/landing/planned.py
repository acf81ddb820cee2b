"""A descent as planned, or the reason why there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from perilune.constants import GM_MOON_M3_S2, MOON_RADIUS_M
from perilune.dynamics.forces import ForceModel
from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.errors import InputError
from perilune.landing.deorbit import Deorbit
from perilune.landing.guidance import Gate, GuidanceSettings
from perilune.landing.passes import Overflight
from perilune.landing.surroundings import Surroundings, surroundings
from perilune.landing.vehicle import Lander, Site
from perilune.world.terrain import Terrain


class PlanStatus(StrEnum):
    """What came of planning; anything but READY says why there is no descent."""

    READY = "ready"
    NO_LOW_ORBIT = "no_low_orbit"
    NO_PASS = "no_pass"
    TOO_LITTLE_THRUST = "too_little_thrust"
    NO_STEERING = "no_steering"
    OUT_OF_REACH = "out_of_reach"


_REASONS = {
    PlanStatus.READY: "The descent is ready.",
    PlanStatus.NO_LOW_ORBIT: (
        "The orbit's height over the Moon runs from {low} to {high}. Give one whose perilune lies above "
        "that of the descent and whose apolune is below 500 km."
    ),
    PlanStatus.NO_PASS: (
        "The orbit does not pass abeam of {plan.site.name} in time. Give an earlier state or a longer window."
    ),
    PlanStatus.TOO_LITTLE_THRUST: (
        "{thrust_n:.0f} N can not land {plan.start_mass_kg:.0f} kg. Give more thrust or less mass."
    ),
    PlanStatus.NO_STEERING: (
        "No steering leads from perilune to {plan.site.name}, {beside} beside the plane of the descent. "
        "Give an orbit whose plane comes nearer to the site, or more thrust."
    ),
    PlanStatus.OUT_OF_REACH: (
        "The way to {plan.site.name}, {beside} beside the plane of the descent, would pass through the "
        "ground. Give more thrust, a rounder orbit, or one whose plane comes nearer to the site."
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class DescentPlan:
    """A descent as planned; times and states are predictions, the flight decides for itself when to ignite.

    `cross_track_m` is how far the site lies beside the plane of the descent at touchdown: guidance steers it
    out. Where `status` is not READY the predictions are those of the stage that failed, or NaN.
    """

    status: PlanStatus
    lander: Lander
    site: Site
    settings: GuidanceSettings
    forces: ForceModel
    degree: int
    terrain: Terrain
    start: State
    start_mass_kg: float
    overflight: Overflight | None = None
    deorbit: Deorbit | None = None
    gate: Gate | None = None
    pdi: State | None = None
    pdi_mass_kg: float = math.nan
    touchdown_epoch: Epoch | None = None
    perilune_altitude_m: float = math.nan
    cross_track_m: float = math.nan
    thrust_fraction: float = math.nan
    dv_ideal_m_s: float = math.nan

    @property
    def reason(self) -> str:
        """Return a sentence that says what came of planning, and what would help."""
        low_m, high_m = heights_m(self.start)
        return _REASONS[self.status].format(
            plan=self,
            thrust_n=self.lander.propulsion.thrust_n,
            beside=f"{abs(self.cross_track_m) / 1000.0:.0f} km",
            low=f"{low_m / 1000.0:.0f} km",
            high=f"{high_m / 1000.0:.0f} km",
        )

    @property
    def world(self) -> Surroundings:
        """Return the world around the planned ignition."""
        if self.pdi is None:
            raise InputError(f"This plan has no descent. {self.reason}")
        return surroundings(self.pdi.epoch, self.degree, self.terrain)


def semi_major_axis_m(state: State) -> float:
    """Return the osculating semi-major axis (m)."""
    r = float(np.linalg.norm(state.position_m))
    return 1.0 / (2.0 / r - float(state.velocity_m_s @ state.velocity_m_s) / GM_MOON_M3_S2)


def heights_m(state: State) -> tuple[float, float]:
    """Return the osculating perilune and apolune above the 1737.4 km sphere (m); no apolune is infinity."""
    a = semi_major_axis_m(state)
    momentum = np.cross(state.position_m, state.velocity_m_s)
    e = math.sqrt(max(0.0, 1.0 - float(momentum @ momentum) / (GM_MOON_M3_S2 * a)))
    highest_m = a * (1.0 + e) if a > 0.0 else math.inf
    return a * (1.0 - e) - MOON_RADIUS_M, highest_m - MOON_RADIUS_M

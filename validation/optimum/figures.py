"""What guided descents from 15 x 100 km cost over the least that the same engines need; run it to see.

From the repository's root: ``python -m validation.optimum.figures``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from perilune.constants import GM_MOON_M3_S2, MOON_RADIUS_M
from perilune.dynamics.forces import ForceModel
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.landing.optimal import minimum_fuel_descent
from perilune.landing.plan import plan_descent
from perilune.landing.simulate import fly_descent
from perilune.landing.surroundings import site_direction_icrf, site_position
from perilune.landing.vehicle import Lander, LanderPropulsion, Target
from perilune.world.frames import MOON_ICRF
from validation.rows import Row

_FORCES = ForceModel(("earth", "moon", "sun"), moon_degree=60)
_SITE = Target("Mare Frigoris", math.radians(60.5), math.radians(-4.6))
_PASS = Epoch.utc("2025-06-05T19:15:00")
#: Lander and mass before deorbit: thrust over lunar weight at ignition 1.3, 1.4, 1.8.
LANDERS = {
    "RESILIENCE": (Lander("RESILIENCE", LanderPropulsion(425.0, 320.0, 1.0, 1200.0, 290.0), 375.0), 790.0),
    "one throttled engine": (Lander("one engine", LanderPropulsion(8000.0, 320.0, 0.3), 1500.0), 3600.0),
    "strong engines": (Lander("strong", LanderPropulsion(6000.0, 320.0, 0.3, 800.0, 290.0), 800.0), 2400.0),
}


@dataclass(frozen=True)
class Cost:
    """Speed changes in m/s: braking and approach, the least to the same low gate; terminal; all, least."""

    to_low_gate: float
    least_to_low_gate: float
    terminal: float
    whole: float
    least: float

    @property
    def share(self) -> float:
        """Return what braking and approach cost, over the least."""
        return self.to_low_gate / self.least_to_low_gate


def cost(name: str) -> Cost:
    """Fly a lander from a circular orbit of 100 km over perilune at 15 km to the ground."""
    lander, mass_kg = LANDERS[name]
    over = site_direction_icrf(_SITE, _PASS)
    forward = np.array([0.0, 0.0, 1.0]) - over[2] * over
    forward /= np.linalg.norm(forward)
    radius_m = MOON_RADIUS_M + 100e3
    orbit = State(_PASS, MOON_ICRF, radius_m * over, math.sqrt(GM_MOON_M3_S2 / radius_m) * forward)
    plan = plan_descent(propagate(orbit, -9000.0, _FORCES).final, mass_kg, lander, _SITE, _FORCES)
    landing = fly_descent(plan)
    braking, approach, terminal = landing.phases
    history = landing.history
    assert history is not None
    start = int(np.argmax(history.time_s >= braking.epoch - history.base))
    r, v = history.position_m[start], history.velocity_m_s[start]
    radius_m = float(np.linalg.norm(r))
    climb = float(r @ v) / radius_m
    # The low gate turns with the Moon: at this site by 2 m/s, across the track, and no part of the cost.
    site_radius_m = float(np.linalg.norm(site_position(_SITE, plan.world)))
    best = minimum_fuel_descent(
        radius_m,
        climb,
        math.sqrt(float(v @ v) - climb**2),
        float(history.mass_kg[start]),
        thrust_n=lander.propulsion.thrust_n,
        isp_s=lander.propulsion.isp_s,
        final_radius_m=site_radius_m + plan.settings.low_gate_height_m,
        final_radial_speed_m_s=-plan.settings.low_gate_speed_m_s,
    )
    return Cost(
        braking.dv_m_s + approach.dv_m_s, best.dv_m_s, terminal.dv_m_s, landing.dv_m_s, landing.dv_ideal_m_s
    )


def rows() -> list[Row]:
    """Return the rows of the validation page."""
    return [
        Row(
            f"braking and approach from 15 x 100 km, {name}",
            f"{found.to_low_gate:.1f} m/s",
            f"{found.least_to_low_gate:.1f} m/s",
            f"{100.0 * (found.share - 1.0):.1f} % (with {found.terminal:.0f} m/s of terminal descent "
            f"{100.0 * (found.whole / found.least - 1.0):.1f} %)",
            "5 %",
            "Pontryagin's minimum, same thrust and specific impulse",
        )
        for name in LANDERS
        for found in [cost(name)]
    ]


if __name__ == "__main__":
    for one in rows():
        print(" | ".join((one.quantity, one.ours, one.theirs, one.difference, one.tolerance, one.source)))

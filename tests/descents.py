"""Orbits and landers that the descent tests share."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from perilune.constants import GM_MOON_M3_S2, MOON_RADIUS_M
from perilune.dynamics.forces import ForceModel
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.landing.plan import plan_descent
from perilune.landing.planned import DescentPlan
from perilune.landing.simulate import Landing, fly_descent
from perilune.landing.surroundings import site_direction_icrf
from perilune.landing.vehicle import Lander, LanderPropulsion, Site, Target
from perilune.world.frames import MOON_ICRF
from perilune.world.orientation import moon_me_from_icrf

FORCES = ForceModel(("earth", "moon", "sun"), moon_degree=60)
#: RESILIENCE as it is inferred: 340 kg dry, 30 kg of payload, 5 kg of residuals.
M2 = Lander("RESILIENCE", LanderPropulsion(425.0, 320.0, 1.0, 1200.0, 290.0), 375.0)
M2_MASS_KG = 790.0
ONE_ENGINE = Lander("one throttled engine", LanderPropulsion(8000.0, 320.0, 0.3), 1500.0)
TWO_KINDS = Lander("throttled main and assist", LanderPropulsion(6000.0, 320.0, 0.3, 800.0, 290.0), 1000.0)
FRIGORIS = Target("Mare Frigoris", math.radians(60.5), math.radians(-4.6))
PASS = Epoch.utc("2025-06-05T19:15:00")


def orbit_over(
    site: Site,
    *,
    altitude_m: float = 100e3,
    azimuth_rad: float = 0.05,
    beside_m: float = 0.0,
    before_s: float = 9000.0,
    epoch: Epoch = PASS,
) -> State:
    """Return a circular orbit's state some time before it passes `beside_m` to the left of a site."""
    over = site_direction_icrf(site, epoch)
    pole = moon_me_from_icrf(epoch)[2]
    north = pole - pole @ over * over
    north /= np.linalg.norm(north)
    forward = math.cos(azimuth_rad) * north + math.sin(azimuth_rad) * np.cross(north, over)
    left = np.cross(over, forward)
    angle = beside_m / MOON_RADIUS_M
    r = MOON_RADIUS_M + altitude_m
    place = r * (math.cos(angle) * over + math.sin(angle) * left)
    state = State(epoch, MOON_ICRF, place, math.sqrt(GM_MOON_M3_S2 / r) * forward)
    return propagate(state, -before_s, FORCES).final


@cache
def m2_plan() -> DescentPlan:
    return plan_descent(orbit_over(FRIGORIS), M2_MASS_KG, M2, FRIGORIS, FORCES)


@cache
def m2_landing() -> Landing:
    return fly_descent(m2_plan())

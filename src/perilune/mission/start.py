"""Where a mission that starts in lunar orbit begins: the state from which the planned touchdown is flown."""

from __future__ import annotations

import math

import numpy as np

from perilune.constants import GM_MOON_M3_S2, MOON_RADIUS_M
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.landing.plan import plan_descent
from perilune.landing.planned import DescentPlan, PlanStatus
from perilune.landing.surroundings import site_direction_icrf
from perilune.mission.descent import guidance_settings
from perilune.mission.plan import OrbitPlan
from perilune.world.frames import MOON_ICRF
from perilune.world.orientation import moon_me_from_icrf

#: How long before its touchdown a lander's orbit passes over the site, s: a first guess, made better once.
_BEFORE_TOUCHDOWN_S = 300.0


def planned_from_orbit(plan: OrbitPlan) -> DescentPlan:
    """Return the descent of a mission that starts in lunar orbit, at the planned touchdown to some seconds.

    The plane of the orbit is laid through the site as it stands at the planned touchdown. When the orbit
    passes there follows from the braking: from a first plan, by how much that one touches down too late.
    """
    first = _planned(plan, _BEFORE_TOUCHDOWN_S)
    if first.status is not PlanStatus.READY or first.touchdown_epoch is None:
        return first
    late_s = first.touchdown_epoch - plan.mission.landing.epoch
    return _planned(plan, _BEFORE_TOUCHDOWN_S + late_s)


def _planned(plan: OrbitPlan, before_s: float) -> DescentPlan:
    mission = plan.mission
    state = orbit_state(plan, mission.landing.epoch + -before_s)
    return plan_descent(
        state,
        mission.orbit.mass_kg,
        plan.lander,
        plan.site,
        plan.forces,
        window_s=mission.landing.epoch - mission.orbit.epoch,
        perilune_altitude_m=mission.guidance.perilune_altitude_m,
        settings=guidance_settings(mission),
    )


def orbit_state(plan: OrbitPlan, pass_epoch: Epoch) -> State:
    """Return the state (Moon-centred ICRF) at the mission's start of the orbit that passes at an epoch.

    There it is at perilune, above the place where the site will be at the planned touchdown, or `beside` it.
    """
    orbit, touchdown = plan.mission.orbit, plan.mission.landing.epoch
    over = site_direction_icrf(plan.site, touchdown)
    pole = moon_me_from_icrf(touchdown)[2]
    north = pole - pole @ over * over
    north /= np.linalg.norm(north)
    forward = math.cos(orbit.heading_rad) * north + math.sin(orbit.heading_rad) * np.cross(north, over)
    # The site lies `beside` to the right of the track: the track is shifted to the left.
    angle_rad = orbit.beside_m / MOON_RADIUS_M
    up = math.cos(angle_rad) * over + math.sin(angle_rad) * np.cross(over, forward)
    low_m, high_m = MOON_RADIUS_M + orbit.perilune_altitude_m, MOON_RADIUS_M + orbit.apolune_altitude_m
    speed_m_s = math.sqrt(2.0 * GM_MOON_M3_S2 * high_m / (low_m * (low_m + high_m)))
    passing = State(pass_epoch, MOON_ICRF, low_m * up, speed_m_s * forward)
    return propagate(passing, orbit.epoch - pass_epoch, plan.forces).final

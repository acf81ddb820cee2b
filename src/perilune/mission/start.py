"""Where a descent begins: in the orbit that a flown transfer ended in, or in that of the mission file, from
which the planned touchdown is flown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from perilune.constants import GM_MOON_M3_S2, MOON_RADIUS_M, STANDARD_GRAVITY_M_S2
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.dynamics.trajectory import Trajectory
from perilune.epoch import Epoch
from perilune.errors import InputError
from perilune.landing.plan import plan_descent
from perilune.landing.planned import DescentPlan, PlanStatus
from perilune.landing.surroundings import site_direction_icrf
from perilune.mission.checks import least_dv_m_s
from perilune.mission.descent import guidance_settings
from perilune.mission.plan import OrbitPlan, Plan, plan
from perilune.mission.schema import EarthMission, Mission
from perilune.mission.solution import load
from perilune.transfer.low_energy import Design, fly_again
from perilune.world.frames import MOON_ICRF
from perilune.world.orientation import moon_me_from_icrf

#: How long before its touchdown a lander's orbit passes over the site, s: a first guess, made better once.
_BEFORE_TOUCHDOWN_S = 300.0


@dataclass(frozen=True, slots=True)
class PlannedLanding:
    """A planned descent, and the direction of flight over the site, from north by east."""

    descent: DescentPlan
    heading_rad: float


def planned_landing(mission: Mission, source: str = "") -> PlannedLanding:
    """Return the descent of a mission, from its orbit or from where its flown transfer ended.

    Raises `InputError` where there is no descent, or no transfer was flown before.
    """
    ready = plan(mission)
    if isinstance(ready, OrbitPlan):
        planned = planned_from_orbit(ready)
    else:
        planned = _after_transfer(ready, source or mission.about.name)
    if planned.status is not PlanStatus.READY or planned.pdi is None:
        raise InputError(f"{source or mission.about.name}: there is no descent to fly. {planned.reason}")
    return PlannedLanding(planned, _heading_rad(planned))


def _after_transfer(ready: Plan, source: str) -> DescentPlan:
    kept = load(ready)
    again = None if kept is None else fly_again(kept, ready.request, ready.wish, ready.means)
    orbiting = None if again is None else orbit_flown(ready, again)
    if orbiting is None:
        raise InputError(
            f"{source}: its transfer was not flown yet, so nobody knows where the descent begins. "
            f"Fly it first: perilune fly {source}. Or write an [orbit] in place of the launch."
        )
    return planned_after(ready, orbiting)


def orbit_flown(plan: Plan, design: Design) -> Trajectory | None:
    """Return the arc from the approach through every burn to the kept orbit's end; None where a part of the
    transfer was not found.
    """
    flight, insertion, ladder = design.flight, design.insertion, design.ladder
    if flight is None or insertion is None or ladder is None or ladder.handover is None:
        return None
    return propagate(
        flight.approach.to(MOON_ICRF),
        ladder.handover.epoch,
        plan.means.moon_forces,
        burns=[burn.burn for burn in (insertion.burn, *ladder.burns)],
        mass_kg=flight.mass_kg,
        propellant_kg=max(0.0, flight.mass_kg - plan.lander.empty_mass_kg),
    )


def planned_after(plan: Plan, orbiting: Trajectory) -> DescentPlan:
    """Return the descent from where the kept orbit ends."""
    return plan_descent(
        orbiting.final,
        orbiting.final_mass_kg - plan.attitude_propellant_kg,
        plan.lander,
        plan.site,
        plan.means.moon_forces,
        perilune_altitude_m=plan.mission.guidance.perilune_altitude_m,
        settings=guidance_settings(plan.mission),
    )


def _heading_rad(planned: DescentPlan) -> float:
    """Return the direction in which the descent's plane passes the site, from north by east."""
    assert planned.pdi is not None
    over = site_direction_icrf(planned.site, planned.pdi.epoch)
    pole = moon_me_from_icrf(planned.pdi.epoch)[2]
    forward = np.cross(np.cross(planned.pdi.position_m, planned.pdi.velocity_m_s), over)
    east = np.cross(pole, over)
    return math.atan2(float(forward @ east), float(forward @ np.cross(over, east)))


def orbit_mass_kg(mission: EarthMission) -> float:
    """Return a mass in low orbit (kg) before the transfer is known: capture and lowering without any loss."""
    orbit, burn = mission.lunar_orbit, mission.insertion
    down_m_s = least_dv_m_s(burn.perilune_altitude_m, burn.apolune_altitude_m, orbit.altitude_m)
    # The same without capture and lowering: a parabola straight to the circle's height is taken off again.
    low, high = MOON_RADIUS_M, MOON_RADIUS_M + orbit.altitude_m
    slowed = math.sqrt(GM_MOON_M3_S2 / high) - math.sqrt(2.0 * GM_MOON_M3_S2 * low / (high * (low + high)))
    ground = math.sqrt(2.0 * GM_MOON_M3_S2 * high / (low * (low + high)))
    exhaust_m_s = mission.spacecraft.require("main_isp") * STANDARD_GRAVITY_M_S2
    return mission.about.wet_mass_kg * math.exp(-(down_m_s - slowed - ground) / exhaust_m_s)


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
    first = propagate(passing, orbit.epoch - pass_epoch, plan.forces).final
    return State(orbit.epoch, MOON_ICRF, first.position_m, first.velocity_m_s)

"""A mission's way to the ground before flight: the terrain, the altimeter's deadline, what is in hand."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from perilune.landing.faults.checklist import Item
from perilune.landing.faults.rows import Fault
from perilune.landing.ground.table import Ground
from perilune.landing.planned import DescentPlan
from perilune.landing.route.corridor import (
    REACH_M,
    SPACING_M,
    Step,
    Sweep,
    all_round,
    elevations_under,
    steps,
    sweep,
)
from perilune.landing.route.deadline import (
    Acquisition,
    Profile,
    acquisitions,
    at_height,
    needed_heights_m,
    net_between_m_s2,
    stopping_height_m,
)
from perilune.landing.route.gates import Range, Verdict, follows_map, gate_m, verdict
from perilune.landing.route.means import Means, means
from perilune.landing.sensing.suite import Laser, Radar, Sensor, kind_of
from perilune.landing.simulate import DescentHistory, fly_descent
from perilune.landing.software.policies import POLICIES, policy_row
from perilune.landing.surroundings import site_position
from perilune.landing.vehicle import Target
from perilune.maths.arrays import FloatArray
from perilune.mission.go_list import go_list
from perilune.mission.ground import mission_ground, onboard_map
from perilune.mission.landing_case import dispersions_of
from perilune.mission.landing_schema import OrbitStart
from perilune.mission.plan import OrbitPlan, plan
from perilune.mission.schema import EarthMission, Mission, OrbitMission
from perilune.mission.sensors import sensors_of
from perilune.mission.start import orbit_mass_kg, planned_from_orbit

#: Changes of the ground below this are no steps, m.
_LEAST_STEP_M = 100.0
#: First valid ranges that are always looked at, m.
_HEIGHTS_M = (10e3, 5e3, 3e3, 2e3, 1e3, 500.0, 200.0)


@dataclass(frozen=True, slots=True)
class StepSeen:
    """A step of the ground as the lander crosses it: its height over the ground there, its speed over it.

    `jump_m` is the largest change of the ground between two readings; `altimeters` are those in range.
    """

    step: Step
    height_m: float
    speed_m_s: float
    jump_m: float
    altimeters: tuple[str, ...]
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """A height, the descent speed there, and the height that a full stop takes from it."""

    height_m: float
    descent_m_s: float
    needed_m: float

    @property
    def recoverable(self) -> bool:
        """Return whether a full stop takes no more than the height that is left."""
        return self.needed_m <= self.height_m


@dataclass(frozen=True, slots=True)
class Late(Stop):
    """An altimeter's first valid range where the estimate is too high by `error_m`: is there a stop left?"""

    altimeter: str
    error_m: float
    horizontal_m_s: float


@dataclass(frozen=True, slots=True)
class Told(Stop):
    """A height and speed told of a real flight: what a stop takes at the deceleration flown from there on.

    `net_m_s2` is what this and the next one told tell; `needed_m` counts no reaction.
    """

    net_m_s2: float
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """All that is found; arrays of the track in order of flight. `note` says what had to be assumed."""

    mission: str
    vehicle: str
    site: Target
    heading_rad: float
    note: str
    policy: str
    distance_m: FloatArray
    ground_m: FloatArray
    height_m: FloatArray
    steps: tuple[StepSeen, ...]
    sweeps: tuple[Sweep, ...]
    profile: Profile
    needed_m: FloatArray
    acquisitions: tuple[Acquisition, ...]
    late: tuple[Late, ...]
    told: tuple[Told, ...]
    means: Means
    check_list: tuple[Item, ...]


def route_of(mission: Mission, *, headings: int = 36) -> Route | str:
    """Return what a mission's way to the ground holds, or the reason why there is no descent at all."""
    flown, note = _from_orbit(mission)
    planned = planned_from_orbit(flown)
    landing = fly_descent(planned)
    history = landing.history
    if history is None:
        return landing.reason
    ground = mission_ground(mission)
    gravity_m_s2 = _gravity_m_s2(planned)
    profile = _profile(history, ground)
    thrust_n = flown.lander.propulsion.thrust_n
    ranges = tuple(_ranges(sensors_of(mission), mission.faults))
    distance_m, ground_m, height_m, places = _track(profile, history, ground)
    map_m = elevations_under(places, onboard_map(mission))
    seen = tuple(_steps(distance_m, ground_m, map_m, mission.navigation.map_height_sigma_m, profile, ranges))
    needed_m = needed_heights_m(profile, thrust_n, gravity_m_s2)
    return Route(
        mission=mission.about.name,
        vehicle=mission.about.vehicle,
        site=flown.site,
        heading_rad=flown.mission.orbit.heading_rad,
        note=note,
        policy=mission.navigation.policy,
        distance_m=distance_m,
        ground_m=ground_m,
        height_m=height_m,
        steps=seen,
        sweeps=tuple(sweep(site, all_round(headings), ground) for site in (flown.site, *_backups(mission))),
        profile=profile,
        needed_m=needed_m,
        acquisitions=acquisitions(profile, _HEIGHTS_M, thrust_n, gravity_m_s2),
        late=tuple(_late(mission, profile, ranges, thrust_n, gravity_m_s2)),
        told=tuple(_told(mission)),
        means=means(
            flown.lander,
            planned.pdi_mass_kg,
            landing.mass_kg,
            landing.dv_m_s,
            landing.dv_ideal_m_s,
            gravity_m_s2,
            planned.settings.terminal_tilt_rad,
        ),
        check_list=go_list(
            mission,
            flown.lander,
            history,
            profile,
            needed_m,
            _errors_m(mission),
            [(one.step, one.verdicts) for one in seen],
        ),
    )


def _from_orbit(mission: Mission) -> tuple[OrbitPlan, str]:
    """Return a plan from lunar orbit; a mission from the Earth gets a polar orbit until its own is found."""
    if isinstance(mission, OrbitMission):
        return plan(mission), ""
    assert isinstance(mission, EarthMission)
    orbit = OrbitStart.model_construct(
        epoch=mission.landing.epoch + -7200.0,
        perilune_altitude_m=mission.lunar_orbit.altitude_m,
        apolune_altitude_m=mission.lunar_orbit.altitude_m,
        mass_kg=orbit_mass_kg(mission),
    )
    shared = {name: getattr(mission, name) for name in Mission.model_fields}
    note = (
        f"The plane of the orbit is found with the transfer; here it is polar and northbound, the mass "
        f"{orbit.mass_kg:.0f} kg that of burns without loss."
    )
    return plan(OrbitMission.model_construct(**shared, orbit=orbit)), note


def _gravity_m_s2(planned: DescentPlan) -> float:
    world = planned.world
    return float(world.gm_m3_s2 / float(np.linalg.norm(site_position(planned.site, world))) ** 2)


def _profile(history: DescentHistory, ground: Ground) -> Profile:
    """Return the descent over the mission's own ground; guidance aimed at the coarse map's site."""
    elevation_m = elevations_under(history.position_me_m, ground)
    lift_m = float(elevation_m[-1] - (history.altitude_m[-1] - history.height_m[-1]))
    return Profile(
        history.time_s,
        history.altitude_m - elevation_m + lift_m,
        history.downrange_m,
        history.descent_speed_m_s,
        history.horizontal_speed_m_s,
        history.mass_kg,
    )


def _track(
    profile: Profile, history: DescentHistory, ground: Ground
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return distance to the site, ground, height of the lander and places at even steps along the track."""
    far_m = profile.to_go_m
    rising = np.concatenate([[True], far_m[1:] < np.minimum.accumulate(far_m)[:-1]])
    order = far_m[rising][::-1]
    count = int(min(order[-1], REACH_M) / SPACING_M)
    distance_m = SPACING_M * np.arange(count, -1.0, -1.0)
    places = np.stack(
        [np.interp(distance_m, order, axis[rising][::-1]) for axis in history.position_me_m.T], axis=1
    )
    return (
        distance_m,
        elevations_under(places, ground),
        np.interp(distance_m, order, profile.height_m[rising][::-1]),
        places,
    )


def _steps(
    distance_m: FloatArray,
    ground_m: FloatArray,
    map_m: FloatArray,
    map_sigma_m: float | None,
    profile: Profile,
    ranges: Sequence[Range],
) -> Iterator[StepSeen]:
    """Yield the steps under the track; a policy with a map is surprised by what its map has not (`map_m`)."""
    for step in steps(distance_m, ground_m, least_m=_LEAST_STEP_M):
        when = int(np.argmin(np.abs(profile.to_go_m - step.before_m)))
        height_m, speed_m_s = float(profile.height_m[when]), float(profile.horizontal_m_s[when])
        seeing = [one for one in ranges if height_m <= one.greatest_m]
        nearest = min(seeing or ranges, key=lambda one: one.sigma_at_m(height_m))
        apart_m = speed_m_s * nearest.period_s
        jump_m = _jump_m(distance_m, ground_m, step, apart_m)
        verdicts = []
        for name, policy in POLICIES.items():
            row = policy_row(replace(policy, map_sigma_m=map_sigma_m or policy.map_sigma_m))
            unknown_m = ground_m - map_m if follows_map(row, height_m) else ground_m
            rise_m = float(unknown_m[step.last] - unknown_m[step.first])
            gate = gate_m(row, nearest, height_m, speed_m_s)
            verdicts.append(verdict(name, row, gate, rise_m, _jump_m(distance_m, unknown_m, step, apart_m)))
        yield StepSeen(step, height_m, speed_m_s, jump_m, tuple(one.name for one in seeing), tuple(verdicts))


def _jump_m(distance_m: FloatArray, ground_m: FloatArray, step: Step, apart_m: float) -> float:
    """Return the largest change of the ground (m) over the way between two readings, inside a step."""
    inside = slice(step.first, step.last + 1)
    slope = np.abs(np.diff(ground_m[inside]) / np.diff(distance_m[inside]))
    return float(slope.max() * apart_m)


def _ranges(sensors: Sequence[Sensor], faults: Sequence[Fault]) -> Iterator[Range]:
    """Yield the altimeters, one that a fault makes late with the height from which it is heard."""
    for one in sensors:
        if isinstance(one, Laser | Radar):
            heard_m = [fault.size for fault in faults if fault.kind == "late" and _hits(fault, one)]
            # A laser's link budget ends before its electronics: half of the pulses come back from there.
            reach_m = one.reference_range_m if isinstance(one, Laser) else one.greatest_range_m
            greatest_m = min([reach_m, one.greatest_range_m, *heard_m])
            yield Range(one.name, one.sigma_m, one.sigma_share, greatest_m, one.period_s)


def _hits(fault: Fault, sensor: Laser | Radar) -> bool:
    return fault.unit in (sensor.name, kind_of(sensor), "altimeter", "altimeters")


def _late(
    mission: Mission, profile: Profile, ranges: Sequence[Range], thrust_n: float, gravity_m_s2: float
) -> Iterator[Late]:
    """Yield each altimeter's first range with the errors of altitude that the mission declares."""
    for one in ranges:
        for error_m in _errors_m(mission):
            believed_m = one.greatest_m + error_m
            down, aside, mass_kg = (
                at_height(profile, values, believed_m)
                for values in (profile.descent_m_s, profile.horizontal_m_s, profile.mass_kg)
            )
            needed = stopping_height_m(down, thrust_n / mass_kg, gravity_m_s2, horizontal_m_s=aside)
            yield Late(one.greatest_m, down, needed, one.name, error_m, aside)


def _errors_m(mission: Mission) -> tuple[float, float]:
    """Return how far too high the estimate may be: as the mission declares, else up to three sigma."""
    inputs = {one.name: one for one in dispersions_of(mission)}
    declared, known = inputs["altitude_error"], inputs["knowledge_up"]
    errors_m = (declared.mean - declared.size, declared.mean + declared.size)
    return (0.0, 3.0 * known.size) if errors_m == (0.0, 0.0) else errors_m


def _told(mission: Mission) -> Iterator[Told]:
    seen = sorted(mission.telemetry, key=lambda one: -one.height_m)
    for first, second in itertools.pairwise(seen):
        net = net_between_m_s2(
            (first.height_m, first.descent_speed_m_s), (second.height_m, second.descent_speed_m_s)
        )
        needed = stopping_height_m(first.descent_speed_m_s, net, 0.0, reaction_s=0.0) if net > 0 else math.inf
        yield Told(first.height_m, first.descent_speed_m_s, needed, net, first.source)


def _backups(mission: Mission) -> Iterator[Target]:
    for place in mission.landing.backups:
        yield Target(place.name, place.latitude_rad, place.longitude_rad)

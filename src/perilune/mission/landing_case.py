"""From a mission to the case of its landing: everything the closed loop needs, and nothing drawn yet."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from perilune.landing.craft.shape import GEOMETRIES, Geometry
from perilune.landing.faults.places import with_steps
from perilune.landing.faults.rows import Fault
from perilune.landing.loop.build import Setting, case_of
from perilune.landing.loop.case import Case
from perilune.landing.loop.inputs import Dispersion, resized
from perilune.landing.loop.judge import Limits
from perilune.landing.software.policies import Policy, policy_named
from perilune.mission.descent import touchdown_limits
from perilune.mission.ground import mission_ground, onboard_map
from perilune.mission.navigation_schema import all_inputs, dispersed
from perilune.mission.schema import Mission
from perilune.mission.sensors import sensors_of
from perilune.mission.start import PlannedLanding, planned_landing

#: What the sigmas of [navigation] disperse the first estimate by.
_KNOWLEDGE = {
    "position_sigma_m": ("knowledge_along", "knowledge_cross", "knowledge_up"),
    "velocity_sigma_m_s": ("knowledge_speed_along", "knowledge_speed_cross", "knowledge_speed_up"),
    "attitude_sigma_rad": ("knowledge_attitude_x", "knowledge_attitude_y", "knowledge_attitude_z"),
}

#: What a planned descent does not depend on.
_BESIDE = {
    "navigation",
    "sensors",
    "faults",
    "terrain",
    "dispersion",
    "success",
    "telemetry",
    "milestone_entries",
}


def landing_case(
    mission: Mission, *, policy: str | None = None, faults: Sequence[Fault] = (), source: str = ""
) -> Case:
    """Return the case of a mission's landing, with a policy of one's own and more faults if given.

    A mission from the Earth starts where its transfer ended that was flown before. Raises `InputError`
    where there is no descent, an unknown policy, or a fault of a unit that is not aboard. `source` names the
    file in messages.
    """
    planned = _planned(_Way(mission, source, repr(mission.model_dump(exclude=_BESIDE))))
    sensors = sensors_of(mission)
    broken = (*mission.faults, *faults)
    heading_rad = planned.heading_rad
    setting = Setting(
        mission=mission.about.name,
        geometry=geometry_of(mission),
        ground=with_steps(mission_ground(mission), broken, planned.descent.site, heading_rad),
        onboard=onboard_map(mission),
        sensors=sensors,
        policy=policy_of(mission, policy),
        faults=broken,
        dispersions=dispersions_of(mission),
        limits=limits_of(mission),
        probe_height_m=mission.navigation.probe_height_m,
        map_sigma_m=mission.navigation.map_height_sigma_m,
        map_error_factor=mission.navigation.map_error_factor,
    )
    return case_of(planned.descent, setting)


def policy_of(mission: Mission, name: str | None = None) -> Policy:
    """Return the altimeter policy of a mission, or another one by name, with what [navigation] says of it."""
    policy = policy_named(name or mission.navigation.policy)
    readings = mission.navigation.first_readings
    return policy if readings is None else replace(policy, first_readings=float(readings))


@dataclass(frozen=True, slots=True)
class _Way:
    """A mission by what its planned descent depends on."""

    mission: Mission = field(compare=False)
    source: str
    key: str


@functools.lru_cache(maxsize=8)
def _planned(way: _Way) -> PlannedLanding:
    # A table of policies and faults asks for one descent hundreds of times; 0.26 s each from an orbit.
    return planned_landing(way.mission, way.source)


def geometry_of(mission: Mission) -> Geometry:
    """Return the shape of a mission's vehicle: the known one's, else scaled from height and width."""
    vehicle = mission.spacecraft
    if vehicle.name in GEOMETRIES and not {"height", "width"} & set(mission.figures):
        return GEOMETRIES[vehicle.name]
    return Geometry(vehicle.require("height"), vehicle.require("width"))


def dispersions_of(mission: Mission) -> tuple[Dispersion, ...]:
    """Return every dispersed input of a mission with its size: defaults, [navigation], then [dispersion]."""
    sensors = sensors_of(mission)
    sizes = {
        name: float(sigma)
        for key, names in _KNOWLEDGE.items()
        if (sigma := getattr(mission.navigation, key)) is not None
        for name in names
    }
    return dispersed(resized(all_inputs(sensors), sizes), mission.dispersion)


def limits_of(mission: Mission) -> Limits:
    """Return what counts as a success."""
    wish = mission.success
    return Limits(touchdown_limits(mission), wish.rate_rad_s, wish.slope_rad, wish.miss_m)

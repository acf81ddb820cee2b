"""From a mission to a plan: every name resolved, every number in place, and a digest that names it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import overload

from perilune._version import __version__
from perilune.dynamics.forces import ForceModel, SolarPressure
from perilune.landing.vehicle import Lander, Target
from perilune.mission.descent import lander
from perilune.mission.schema import EarthMission, Mission, OrbitMission
from perilune.transfer.burning import Engine
from perilune.transfer.ladder import LadderWish
from perilune.transfer.low_energy import Means
from perilune.transfer.request import FlybyWish, TransferRequest
from perilune.world import embedded

#: Steering, separation and clean-up take this long after lift-off at least: no injection is earlier (s).
_EARLIEST_INJECTION_S = 900.0
#: What the injection may take less than its limit, so that the search's soft bound stays inside it (s).
_INSIDE_S = 300.0
#: What sunlight presses on where a vehicle's catalogue entry has no figure: a sphere's reflectivity (class
#: value).
_REFLECTIVITY = 1.3
#: What the lunar field may leave out where its degree follows the distance, m/s^2: below 3 m over a day of
#: low orbit.
_MOON_BOUND_M_S2 = 1e-8


@dataclass(frozen=True, slots=True)
class Plan:
    """A mission ready to fly; two plans with the same `digest` fly the same."""

    mission: EarthMission
    request: TransferRequest
    wish: LadderWish
    means: Means
    lander: Lander
    site: Target
    attitude_propellant_kg: float
    digest: str


@dataclass(frozen=True, slots=True)
class OrbitPlan:
    """A mission that starts in lunar orbit, ready to fly; of the same `digest`, the same flight."""

    mission: OrbitMission
    lander: Lander
    site: Target
    forces: ForceModel
    digest: str


@overload
def plan(mission: EarthMission) -> Plan: ...
@overload
def plan(mission: OrbitMission) -> OrbitPlan: ...
@overload
def plan(mission: Mission) -> Plan | OrbitPlan: ...
def plan(mission: Mission) -> Plan | OrbitPlan:
    """Return the plan of a mission. Raises `InputError` where its vehicle lacks a figure the flight needs."""
    if isinstance(mission, OrbitMission):
        return _from_orbit(mission)
    assert isinstance(mission, EarthMission)
    return _from_earth(mission)


def _from_orbit(mission: OrbitMission) -> OrbitPlan:
    forces, flown, site = moon_forces(mission), lander(mission), site_of(mission)
    said = (mission.orbit, mission.landing.epoch, forces, flown, site)
    return OrbitPlan(mission, flown, site, forces, _digest(mission, said))


def _from_earth(mission: EarthMission) -> Plan:
    engines = mission.spacecraft.propulsion()
    request = _request(mission, *_pressed(mission))
    wish = _wish(mission)
    means = Means(Engine(engines.main_thrust_n, engines.main_isp_s), moon_forces(mission))
    flown, site = lander(mission), site_of(mission)
    digest = _digest(mission, (request, wish, means, flown, site, engines))
    return Plan(mission, request, wish, means, flown, site, engines.attitude_propellant_kg, digest)


def _digest(mission: Mission, said: tuple[object, ...]) -> str:
    """Return what names a plan; choices of the descent count where they are not the defaults."""
    own = [part for part in (mission.guidance, mission.success) if part != type(part)()]
    said = (*said, *own, sorted(embedded.digests().items()), __version__)
    return hashlib.sha256(repr(said).encode()).hexdigest()


def moon_forces(mission: Mission) -> ForceModel:
    """Return what acts on a mission's vehicle about the Moon."""
    area_m2, reflectivity = _pressed(mission)
    return ForceModel(
        point_masses=("earth", "moon", "sun"),
        moon_degree=mission.forces.moon_gravity_degree,
        moon_bound_m_s2=_MOON_BOUND_M_S2,
        solar_pressure=SolarPressure(area_m2, reflectivity) if area_m2 > 0.0 else None,
    )


def _pressed(mission: Mission) -> tuple[float, float]:
    """Return the area that sunlight presses on (m^2), and its reflectivity."""
    vehicle = mission.spacecraft
    area_m2 = mission.forces.solar_pressure_area_m2 or vehicle.value("solar_pressure_area") or 0.0
    return area_m2, mission.forces.reflectivity or vehicle.value("reflectivity") or _REFLECTIVITY


def site_of(mission: Mission) -> Target:
    """Return the site as the descent takes it."""
    place = mission.landing.site
    return Target(place.name, place.latitude_rad, place.longitude_rad)


def _request(mission: EarthMission, area_m2: float, reflectivity: float) -> TransferRequest:
    launch, flyby = mission.launch, mission.transfer.flyby
    wished = (
        FlybyWish()
        if flyby is None
        else FlybyWish(flyby.epoch, flyby.epoch_tolerance_s, flyby.altitude_m, flyby.altitude_tolerance_m)
    )
    latest = launch.injection_within_s
    return TransferRequest(
        launch_epoch=launch.epoch,
        pad_latitude_rad=launch.site.latitude_rad,
        pad_longitude_rad=launch.site.longitude_rad,
        injection_s=(min(_EARLIEST_INJECTION_S, 0.25 * latest), latest - min(_INSIDE_S, 0.1 * latest)),
        perigee_altitude_m=launch.perigee_altitude_m,
        inclination_rad=launch.inclination_rad,
        flyby=wished,
        insertion_epoch=mission.insertion.epoch,
        perilune_altitude_m=mission.insertion.perilune_altitude_m,
        apolune_altitude_m=mission.insertion.apolune_altitude_m,
        circular_epoch=mission.lunar_orbit.circular_by,
        orbit_altitude_m=mission.lunar_orbit.altitude_m,
        landing_epoch=mission.landing.epoch,
        site_latitude_rad=mission.landing.site.latitude_rad,
        site_longitude_rad=mission.landing.site.longitude_rad,
        deep_space_dv_limit_m_s=mission.transfer.deep_space_dv_limit_m_s,
        orbit_inclination_rad=mission.lunar_orbit.inclination_rad,
        mass_kg=mission.about.wet_mass_kg,
        solar_area_m2=area_m2,
        reflectivity=reflectivity,
        point_masses=mission.forces.point_masses,
        earth_zonals=mission.forces.earth_zonal_degree,
    )


def _wish(mission: EarthMission) -> LadderWish:
    return LadderWish(
        altitude_m=mission.lunar_orbit.altitude_m,
        circular_by=mission.lunar_orbit.circular_by,
        band_m=mission.lunar_orbit.band_m,
        site_latitude_rad=mission.landing.site.latitude_rad,
        site_longitude_rad=mission.landing.site.longitude_rad,
        landing_epoch=mission.landing.epoch,
        plane_trim_limit_m_s=0.0,
    )

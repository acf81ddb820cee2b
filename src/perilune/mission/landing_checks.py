"""What must fit together in the tables of a mission file that say how it lands."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from perilune.constants import MOON_RADIUS_M, STANDARD_GRAVITY_M_S2
from perilune.epoch import Epoch
from perilune.errors import InputError, NameNotFoundError
from perilune.landing.craft.shape import GEOMETRIES, Geometry, engine_kinds
from perilune.landing.faults.rows import Fault, must_be_aboard
from perilune.landing.software.policies import policy_named
from perilune.mission.checking import Kept, degrees, figure_of, keeper, lander_of, speed_m_s
from perilune.mission.navigation_schema import all_inputs, dispersed
from perilune.mission.schema import Payload
from perilune.mission.sensors import default_sensors
from perilune.world.tiles import tile_paths

CHECKS: Final[Kept] = []
needs = keeper(CHECKS)

#: Descents are planned from orbits below this, m.
_HIGHEST_ORBIT_M: Final = 500e3
#: From the deorbit burn to touchdown, s: half a revolution of 100 x 15 km, and 12 minutes of braking.
_WAY_DOWN_S: Final = 4080.0


@needs("sensor", "dispersion", "mission.vehicle")
def _dispersed(sensors: list[Any], written: Mapping[str, Any], name: str) -> Iterator[str]:
    aboard = tuple(sensors) or default_sensors(name)
    if None in aboard:
        return
    try:
        dispersed(all_inputs(aboard), written)
    except ValueError as fault:
        for line in str(fault).splitlines():
            yield f"dispersion.{line}"


@needs("sensor", "fault", "mission.vehicle", "vehicle")
def _faults_of_what_is_aboard(
    sensors: list[Any], faults: list[Fault | None], name: str, figures: Mapping[str, tuple[float, str]]
) -> Iterator[str]:
    known, aboard = lander_of(name), tuple(sensors) or default_sensors(name)
    if known is None or None in aboard:
        return
    assists = (figure_of("assist_thrust", known, figures) or 0.0) > 0.0
    engines = engine_kinds(GEOMETRIES.get(known.name, Geometry(1.0, 1.0)), assists=assists)
    for number, fault in enumerate(faults, 1):
        try:
            if fault is not None:
                must_be_aboard(fault, aboard, engines)
        except InputError as wrong:
            yield f"fault[{number}]: {wrong}"


@needs("orbit.perilune_altitude", "orbit.apolune_altitude", "guidance.perilune_altitude")
def _low_orbit(perilune_m: float, apolune_m: float, braking_m: float) -> Iterator[str]:
    if not perilune_m <= apolune_m:
        yield (
            f"orbit.perilune_altitude: {perilune_m / 1e3:g} km is above orbit.apolune_altitude, "
            f"{apolune_m / 1e3:g} km. Swap them."
        )
    if not braking_m < perilune_m:
        yield (
            f"orbit.perilune_altitude: {perilune_m / 1e3:g} km is not above guidance.perilune_altitude, "
            f"{braking_m / 1e3:g} km, where braking begins. Choose a higher orbit."
        )
    if apolune_m > _HIGHEST_ORBIT_M:
        yield (
            f"orbit.apolune_altitude: {apolune_m / 1e3:g} km is too high to land from. "
            f"Choose at most {_HIGHEST_ORBIT_M / 1e3:g} km."
        )


@needs("orbit.pass", "orbit.azimuth")
def _one_direction(passing: str, azimuth_rad: float) -> Iterator[str]:
    yield (
        f"orbit.azimuth: {degrees(azimuth_rad)} and pass = {passing!r} both say where the orbit goes. "
        f"Take out one of the two."
    )


@needs("orbit.epoch", "landing.epoch")
def _time_to_come_down(start: Epoch, landing: Epoch) -> Iterator[str]:
    if start < landing and landing - start < _WAY_DOWN_S:
        yield (
            f"orbit.epoch: {(landing - start) / 60.0:.0f} min before landing.epoch is too late: half a "
            f"revolution and the braking take {_WAY_DOWN_S / 60.0:.0f} min. Start earlier."
        )


@needs("mission.vehicle", "vehicle", "mission.wet_mass", "payload", "orbit.mass")
def _mass_in_orbit(
    name: str,
    figures: Mapping[str, tuple[float, str]],
    wet_kg: float,
    payloads: list[Payload | None],
    mass_kg: float,
) -> Iterator[str]:
    known = lander_of(name)
    dry_kg, isp_s = figure_of("dry_mass", known, figures), figure_of("main_isp", known, figures)
    if mass_kg > wet_kg:
        yield (
            f"orbit.mass: {mass_kg:g} kg is more than mission.wet_mass, {wet_kg:g} kg at launch. Take less."
        )
    if dry_kg is None or isp_s is None:
        return
    empty_kg = dry_kg + sum(payload.mass_kg for payload in payloads if payload)
    empty_kg += figure_of("residual_propellant", known, figures) or 0.0
    least_m_s = speed_m_s(MOON_RADIUS_M, MOON_RADIUS_M)  # m/s, at rest from an orbit at the ground: a bound
    needed_kg = empty_kg * math.exp(least_m_s / (isp_s * STANDARD_GRAVITY_M_S2))
    if mass_kg < needed_kg:
        yield (
            f"orbit.mass: {mass_kg:g} kg leaves {max(mass_kg - empty_kg, 0.0):.0f} kg of propellant above "
            f"the {empty_kg:g} kg that land. The descent takes at least {least_m_s:.0f} m/s: "
            f"{needed_kg:.0f} kg without any loss. Load more, or carry less."
        )


@needs("navigation.policy")
def _policy_known(name: str) -> Iterator[str]:
    try:
        policy_named(name)
    except NameNotFoundError as fault:
        yield f"navigation.policy: {fault}"


@needs("terrain.tiles")
def _tiles_there(folder: str) -> Iterator[str]:
    if folder and not Path(folder).is_dir():
        yield f"terrain.tiles: there is no folder {folder}. A relative one counts from the mission file."
    elif folder:
        try:
            tile_paths(Path(folder))
        except InputError as fault:
            yield f"terrain.tiles: {fault}"

"""From what was flown to the log that milestones are judged by."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping

from perilune.epoch import Epoch
from perilune.mission.delivery import LandingResult, LunarOrbitResult, Manoeuvre, Transfer
from perilune.mission.schema import Mission, OrbitMission
from perilune.operations.flight_log import Entry, FlightLog


def flight_log(
    mission: Mission,
    transfer: Transfer,
    lunar_orbit: LunarOrbitResult,
    landing: LandingResult,
    planned: Mapping[str, int] | None = None,
) -> FlightLog:
    """Return all entries in order of time.

    `planned` counts the manoeuvres of each phase that the plan held; without it, those flown are taken.
    """
    entries = [*_departure(mission, transfer), *_manoeuvres(transfer), *_passages(transfer)]
    entries += [*_orbits(lunar_orbit), *_arrival(landing)]
    entries += _coasts(transfer, landing)
    flown = Counter(manoeuvre.phase for manoeuvre in transfer.manoeuvres)
    ordered = sorted(entries, key=lambda entry: entry.end)
    return FlightLog(tuple(ordered), dict(flown) if planned is None else planned)


def _departure(mission: Mission, transfer: Transfer) -> Iterator[Entry]:
    launch, injection = transfer.launch_epoch, transfer.injection
    ready = mission.orbit.epoch if isinstance(mission, OrbitMission) else launch
    dry_kg = mission.spacecraft.value("dry_mass")
    if dry_kg is not None and ready is not None:
        masses = {
            "wet_mass_kg": mission.about.wet_mass_kg,
            "payload_kg": mission.payload_mass_kg,
            "propellant_kg": mission.about.wet_mass_kg - dry_kg - mission.payload_mass_kg,
        }
        yield Entry("readiness", "masses balanced, plan complete", ready, ready, values=masses)
    if injection is not None and launch is not None:
        # A launch that reached no injection is not seen as one: the upper stage's flight is its evidence.
        yield Entry("launch", "lift-off", launch, launch)
        values = {
            "perigee_altitude_m": injection.perigee_altitude_m,
            "inclination_rad": injection.inclination_rad,
        }
        yield Entry("injection", "injection and separation", injection.epoch, injection.epoch, values=values)


def _manoeuvres(transfer: Transfer) -> Iterator[Entry]:
    for burn in transfer.manoeuvres:
        values = {"dv_m_s": burn.dv_m_s, "duration_s": burn.duration_s, "propellant_kg": burn.propellant_kg}
        yield Entry("manoeuvre", burn.name, burn.start_epoch, burn.end_epoch, burn.phase, values)


def _passages(transfer: Transfer) -> Iterator[Entry]:
    flyby = transfer.flyby
    if flyby is not None:
        values = {"altitude_m": flyby.altitude_m, "v_infinity_m_s": flyby.v_infinity_m_s}
        yield Entry("flyby", "lunar flyby", flyby.epoch, flyby.epoch, values=values)


def _orbits(lunar_orbit: LunarOrbitResult) -> Iterator[Entry]:
    for orbit in lunar_orbit.orbits:
        values = {
            "perilune_altitude_m": orbit.perilune_altitude_m,
            "apolune_altitude_m": orbit.apolune_altitude_m,
            "inclination_rad": orbit.inclination_rad,
        }
        yield Entry("orbit", orbit.note, orbit.epoch, orbit.epoch, values=values)


def _arrival(landing: LandingResult) -> Iterator[Entry]:
    if landing.powered_start_epoch is not None:
        start = landing.powered_start_epoch
        yield Entry("descent", "powered descent begun", start, start)
    if landing.epoch is None or landing.outcome != "landed":
        return
    touchdown = {
        "vertical_speed_m_s": landing.vertical_speed_m_s,
        "horizontal_speed_m_s": landing.horizontal_speed_m_s,
        "tilt_rad": landing.tilt_rad,
        "miss_distance_m": landing.miss_distance_m,
        "propellant_left_kg": landing.propellant_left_kg,
    }
    yield Entry("touchdown", "touchdown", landing.epoch, landing.epoch, values=_known(touchdown))
    view = {
        "earth_elevation_rad": landing.earth_elevation_rad,
        "sun_elevation_rad": landing.sun_elevation_rad,
    }
    if _known(view):
        yield Entry(
            "surface", "Earth and Sun over the site", landing.epoch, landing.epoch, values=_known(view)
        )


def _known(values: Mapping[str, float | None]) -> dict[str, float]:
    return {key: value for key, value in values.items() if value is not None and math.isfinite(value)}


def _coasts(transfer: Transfer, landing: LandingResult) -> Iterator[Entry]:
    """Yield each stretch of free flight between injection, burns and the descent."""
    if transfer.injection is None:
        return
    burns = sorted(transfer.manoeuvres, key=lambda burn: burn.start_epoch)
    starts = [transfer.injection.epoch, *(burn.end_epoch for burn in burns)]
    ends = [burn.start_epoch for burn in burns] + _last(landing, burns)
    for start, end in zip(starts, ends, strict=False):
        if (length_s := end - start) > 0.0:
            yield Entry("coast", "free flight", start, end, values={"duration_s": length_s})


def _last(landing: LandingResult, burns: list[Manoeuvre]) -> list[Epoch]:
    start = landing.powered_start_epoch
    return [] if start is None or (burns and start < burns[-1].end_epoch) else [start]

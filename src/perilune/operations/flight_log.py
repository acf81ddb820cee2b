"""What happened in a flight, as a list of entries that evidence is sought in.

An entry is made by what was flown (a burn, a passage, a touchdown), never by what was planned or published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from perilune.epoch import Epoch

#: Every kind of entry, with the figures it carries: the name in a mission file → (key here, dimension).
EVENTS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "readiness": {
        "wet_mass": ("wet_mass_kg", "mass"),
        "propellant": ("propellant_kg", "mass"),
        "payload": ("payload_kg", "mass"),
    },
    "launch": {},
    "injection": {
        "perigee_altitude": ("perigee_altitude_m", "length"),
        "inclination": ("inclination_rad", "angle"),
    },
    "coast": {"duration": ("duration_s", "time")},
    "manoeuvre": {
        "dv": ("dv_m_s", "speed"),
        "duration": ("duration_s", "time"),
        "propellant": ("propellant_kg", "mass"),
    },
    "flyby": {
        "altitude": ("altitude_m", "length"),
        "v_infinity": ("v_infinity_m_s", "speed"),
    },
    "orbit": {
        "perilune_altitude": ("perilune_altitude_m", "length"),
        "apolune_altitude": ("apolune_altitude_m", "length"),
        "inclination": ("inclination_rad", "angle"),
    },
    "descent": {},
    "touchdown": {
        "vertical_speed": ("vertical_speed_m_s", "speed"),
        "horizontal_speed": ("horizontal_speed_m_s", "speed"),
        "tilt": ("tilt_rad", "angle"),
        "miss_distance": ("miss_distance_m", "length"),
        "propellant_left": ("propellant_left_kg", "mass"),
    },
    "surface": {
        "earth_elevation": ("earth_elevation_rad", "angle"),
        "sun_elevation": ("sun_elevation_rad", "angle"),
    },
}

PHASES: Final = ("deep_space", "insertion", "lunar_orbit", "upkeep", "descent")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: from `start` to `end` (the same for an instant), with its figures in SI."""

    event: str
    name: str
    start: Epoch
    end: Epoch
    phase: str = ""
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FlightLog:
    """All entries in order of time, and how many manoeuvres of each phase the plan held."""

    entries: tuple[Entry, ...]
    planned: Mapping[str, int] = field(default_factory=dict)

    def find(self, event: str, phase: str = "") -> tuple[Entry, ...]:
        """Return the entries of one kind, of one phase if named."""
        return tuple(e for e in self.entries if e.event == event and (not phase or e.phase == phase))

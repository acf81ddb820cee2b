"""The arcs that are timed, read from `arcs.json`: who flies them starts from the same digits."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

ASTRONOMICAL_UNIT_M = 149597870700.0  # m, exact (IAU 2012 B2)
#: Solar pressure at 1 au: nominal irradiance 1361 W/m^2 (IAU 2015 B3) over the speed of light.
SOLAR_PRESSURE_1AU_PA = 1361.0 / 299792458.0  # Pa
GM_EARTH_M3_S2 = 398600.4355070226e9  # m^3/s^2, DE440
GM_MOON_M3_S2 = 4902.800118457549e9  # m^3/s^2, DE440
GM_SUN_M3_S2 = 132712440041.27942e9  # m^3/s^2, DE440
FILE = Path(__file__).with_name("arcs.json")


@dataclass(frozen=True, slots=True)
class Arc:
    """Earth-centred ICRF; times in TDB s from J2000; a sphere in sunlight, no shadow."""

    name: str
    epoch_tdb_s: float
    duration_s: float
    position_m: tuple[float, float, float]
    velocity_m_s: tuple[float, float, float]
    mass_kg: float = 1000.0
    area_m2: float = 10.0
    reflectivity: float = 1.5

    @property
    def gm_m3_s2(self) -> tuple[float, float, float]:
        """Earth, Moon, Sun."""
        return GM_EARTH_M3_S2, GM_MOON_M3_S2, GM_SUN_M3_S2

    @property
    def light_m3_s2(self) -> float:
        """Sunlight's push as a negative gravitational parameter of the Sun."""
        return (
            SOLAR_PRESSURE_1AU_PA * ASTRONOMICAL_UNIT_M**2 * self.reflectivity * self.area_m2 / self.mass_kg
        )


def load(name: str) -> Arc:
    """Return the arc of that name."""
    return Arc(
        name=name,
        **{k: tuple(v) if isinstance(v, list) else v for k, v in json.loads(FILE.read_text())[name].items()},
    )

"""Physical constants, each with its unit and source on its line; all digits that the source gives."""

from __future__ import annotations

from typing import Final

# Gravitational parameters of DE440 (Park et al. 2021, AJ 161:105): its header, converted from au^3/d^2, TDB.
GM_SUN_M3_S2: Final = 132712440041.27942e9  # m^3/s^2, DE440 header GMS
GM_MERCURY_M3_S2: Final = 22031.868551400003e9  # m^3/s^2, DE440
GM_VENUS_M3_S2: Final = 324858.592e9  # m^3/s^2, DE440
GM_EARTH_M3_S2: Final = 398600.4355070226e9  # m^3/s^2, DE440
GM_MOON_M3_S2: Final = 4902.800118457549e9  # m^3/s^2, DE440
GM_MARS_M3_S2: Final = 42828.375815756102e9  # m^3/s^2, Mars system barycentre, DE440
GM_JUPITER_M3_S2: Final = 126712764.09999998e9  # m^3/s^2, Jupiter system barycentre, DE440
GM_SATURN_M3_S2: Final = 37940584.8418e9  # m^3/s^2, Saturn system barycentre, DE440

EARTH_MOON_MASS_RATIO: Final = 81.3005682214972154  # Earth mass / Moon mass, DE440 EMRAT

SPEED_OF_LIGHT_M_S: Final = 299792458.0  # m/s, exact (SI)
ASTRONOMICAL_UNIT_M: Final = 149597870700.0  # m, exact (IAU 2012 B2)
STANDARD_GRAVITY_M_S2: Final = 9.80665  # m/s^2, exact (CGPM 1901); turns specific impulse in s into m/s

MOON_RADIUS_M: Final = 1737400.0  # m, reference sphere of maps and altitudes (IAU/LOLA)
EARTH_EQUATORIAL_RADIUS_M: Final = 6378136.3  # m, EGM2008/EGM96 reference radius of the gravity field
EARTH_FLATTENING_WGS84: Final = 1.0 / 298.257223563  # WGS84, exact
EARTH_EQUATORIAL_RADIUS_WGS84_M: Final = 6378137.0  # m, WGS84, exact
MOON_SPIN_RAD_S: Final = 2.6616995e-6  # rad/s, one turn per sidereal month of 27.321661 d (IAU)
SUN_RADIUS_M: Final = 695700e3  # m, nominal solar radius (IAU 2015 B3)

SOLAR_PRESSURE_1AU_PA: Final = 1361.0 / 299792458.0  # Pa, solar irradiance 1361 W/m^2 (IAU 2015 B3) over c

# Zonal coefficients of the Earth, unnormalised, tide-free, EGM2008 (Pavlis et al. 2012), radius 6378136.3 m.
EARTH_J2: Final = 1.08262617385222e-3  # -, EGM2008: -sqrt(5) * C20(-4.84165143790815e-4)
EARTH_J3: Final = -2.53241051856772e-6  # -, EGM2008: -sqrt(7) * C30(9.57161207093473e-7)
EARTH_J4: Final = -1.61989759991697e-6  # -, EGM2008: -3 * C40(5.39965866638991e-7)

OBLIQUITY_J2000_RAD: Final = 0.40909280422232897  # rad, 84381.448 arcsec (IAU 1976; NAIF's ECLIPJ2000)

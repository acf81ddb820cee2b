"""How the Earth is turned: IAU 2006/2000A by ERFA, with measured UT1 and polar motion where installed.

The IERS tables come from the optional package `astropy-iers-data`. Without it UT1 = UTC and the pole does not
move: an error of at most 0.9 s of turn, 420 m on the equator. Past the end of the tables their last values
hold.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import erfa
import numpy as np

from perilune.epoch import DAY_S, Epoch
from perilune.maths.arrays import FloatArray

_ARCSEC_RAD: Final = math.pi / (180.0 * 3600.0)  # rad, one arc second
_JD_OF_MJD: Final = 2400000.5  # d, exact
_SLOPE_STEP_S: Final = 3600.0  # s, over which precession and nutation are taken as straight


@dataclass(frozen=True, slots=True, eq=False)
class EarthOrientation:
    """Daily values at 0h UTC: `mjd` (n,), and per day (n, 5): UT1-TAI s, pole x, y rad, dX, dY rad."""

    source: str
    mjd: FloatArray
    values: FloatArray


@functools.cache
def measured() -> EarthOrientation | None:
    """Return the installed IERS table (finals2000A: measured, then predicted), or None."""
    spec = find_spec("astropy_iers_data")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "data" / "finals2000A.all"
    return read_finals(path.read_text(encoding="ascii")) if path.is_file() else None


def read_finals(text: str) -> EarthOrientation:
    """Read the fixed columns of the IERS file finals2000A (its readme.finals2000A)."""
    rows = [row for line in text.splitlines() if (row := _row(line)) is not None]
    table = np.array(rows, dtype=np.float64)
    return EarthOrientation("IERS finals2000A", table[:, 0], table[:, 1:])


def _row(line: str) -> tuple[float, ...] | None:
    if not line[58:68].strip() or not line[18:27].strip():
        return None
    mjd = float(line[7:15])
    ut1_tai_s = float(line[58:68]) - _tai_minus_utc_s(int(mjd))
    pole = (float(line[18:27]) * _ARCSEC_RAD, float(line[37:46]) * _ARCSEC_RAD)
    offsets = (float(line[at : at + 9].strip() or 0.0) * 1e-3 * _ARCSEC_RAD for at in (97, 116))
    return (mjd, ut1_tai_s, *pole, *offsets)


@functools.cache
def _tai_minus_utc_s(mjd: int) -> float:
    # Whole days since 1972 only; erfa.dat would warn about years far ahead, this does not.
    return float(_offsets()[1][np.searchsorted(_offsets()[0], mjd, side="right") - 1])


@functools.cache
def _offsets() -> tuple[FloatArray, FloatArray]:
    table = [row for row in erfa.leap_seconds.get() if int(row[0]) >= 1972]
    days = np.array([erfa.cal2jd(int(year), int(month), 1)[1] for year, month, _ in table])
    return days, np.array([float(offset) for *_, offset in table])


def itrf_from_icrf(epoch: Epoch) -> FloatArray:
    """Return the matrix (3, 3) that turns ICRF components into Earth-fixed ones (ITRF)."""
    celestial, angle_rad, polar = _parts(epoch)
    matrix: FloatArray = erfa.c2tcio(celestial, angle_rad, polar)
    return matrix


def itrf_rate(epoch: Epoch) -> tuple[FloatArray, FloatArray]:
    """Return the matrix ICRF -> ITRF (3, 3) and its time derivative (3, 3) in 1/s."""
    celestial, angle_rad, polar = _parts(epoch)
    before, after = _parts(epoch + -_SLOPE_STEP_S), _parts(epoch + _SLOPE_STEP_S)
    # Precession, nutation and polar motion are slow: their part is a difference at a held angle.
    slow = erfa.c2tcio(after[0], angle_rad, after[2]) - erfa.c2tcio(before[0], angle_rad, before[2])
    turned_rad = (after[1] - before[1]) % (2.0 * math.pi)
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    fast = polar @ np.array([[-s, c, 0.0], [-c, -s, 0.0], [0.0, 0.0, 0.0]]) @ celestial
    matrix: FloatArray = erfa.c2tcio(celestial, angle_rad, polar)
    return matrix, (slow + turned_rad * fast) / (2.0 * _SLOPE_STEP_S)


def _parts(epoch: Epoch) -> tuple[FloatArray, float, FloatArray]:
    """Return celestial-to-intermediate matrix, Earth rotation angle and polar-motion matrix."""
    tt, tai = epoch.jd2("TT"), epoch.jd2("TAI")
    ut1_tai_s, pole_x, pole_y, dx, dy = _orientation(tai)
    x, y, s = erfa.xys06a(*tt)
    celestial = erfa.c2ixys(x + dx, y + dy, s)
    angle_rad = float(erfa.era00(tai[0], tai[1] + ut1_tai_s / DAY_S))
    return celestial, angle_rad, erfa.pom00(pole_x, pole_y, erfa.sp00(*tt))


def _orientation(tai: tuple[float, float]) -> tuple[float, ...]:
    """Return UT1-TAI in s, pole x, y and celestial pole offsets dX, dY in rad."""
    mjd_tai = (tai[0] - _JD_OF_MJD) + tai[1]
    table = measured()
    if table is None:
        return (-_tai_minus_utc_s(int(mjd_tai)), 0.0, 0.0, 0.0, 0.0)
    mjd_utc = mjd_tai - _tai_minus_utc_s(int(mjd_tai)) / DAY_S
    return tuple(float(np.interp(mjd_utc, table.mjd, table.values[:, k])) for k in range(5))

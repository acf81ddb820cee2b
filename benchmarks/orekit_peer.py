"""Orekit on DE440, in a Java machine inside this process.

Orekit reads JPL's own binary files, not SPK: the days around an arc are rewritten here record by record,
exactly (the SPK holds the same coefficients). Sunlight without shadow pulls as a negative mass in the Sun's
place would; it is given to Orekit in that form, because its own solar pressure searches for eclipses.
"""

from __future__ import annotations

import functools
import struct
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import arcs, clock, de440
from benchmarks.arcs import Arc

SPAN_S = 32 * 86400.0  # s, one record of JPL's file
J2000_JD = 2451545.0
AU_KM = arcs.ASTRONOMICAL_UNIT_M / 1000.0
#: (SPK centre, target, coefficients a component, pieces a record) in the file's order.
BODIES = [(0, 1, 14, 4), (0, 2, 10, 2), (0, 3, 13, 2), (0, 4, 11, 1), (0, 5, 8, 1), (0, 6, 7, 1),
          (0, 7, 6, 1), (0, 8, 6, 1), (0, 9, 6, 1), (3, 301, 13, 8), (0, 10, 11, 2)]  # fmt: skip
RECORD_DOUBLES = 1018  # as the original, nutation and libration included (left zero)


def _record(begin_s: float) -> Any:
    jd = J2000_JD + begin_s / 86400.0
    values = [np.array([jd, jd + 32.0])]
    for centre, target, terms, pieces in BODIES:
        for piece in range(pieces):
            at_s = begin_s + piece * SPAN_S / pieces
            coefficients = de440.native_km(centre, target, at_s)
            if target == 301:
                coefficients = coefficients - de440.native_km(3, 399, at_s)
            assert coefficients.shape == (3, terms)
            values.append(coefficients.astype(float).ravel())
    flat = np.concatenate(values)
    return np.concatenate([flat, np.zeros(RECORD_DOUBLES - len(flat))])


def write_jpl_binary(path: Path, first_s: float, last_s: float) -> None:
    """Write a little-endian JPL file over whole 32-day records that hold the span."""
    origin_s = de440.native_begin_s(0, 1)
    begin_s = origin_s + (first_s - origin_s) // SPAN_S * SPAN_S
    count = int((last_s - begin_s) // SPAN_S) + 1
    unit = AU_KM**3 / 86400.0**2  # km^3/s^2 in one au^3/d^2
    gm_earth, gm_moon, gm_sun = (
        gm / 1e9 for gm in (arcs.GM_EARTH_M3_S2, arcs.GM_MOON_M3_S2, arcs.GM_SUN_M3_S2)
    )
    constants = {"DENUM": 440.0, "AU": AU_KM, "EMRAT": gm_earth / gm_moon, "GMS": gm_sun / unit,
                 "GMB": (gm_earth + gm_moon) / unit,
                 "CLIGHT": 299792.458, **{f"GM{i}": 1e-10 for i in (1, 2, 4, 5, 6, 7, 8, 9)}}  # fmt: skip
    ipt, at = [], 3
    for _, _, terms, pieces in BODIES:
        ipt += [at, terms, pieces]
        at += 3 * terms * pieces
    ipt += [819, 10, 4]
    jd = [J2000_JD + begin_s / 86400.0, J2000_JD + (begin_s + count * SPAN_S) / 86400.0, 32.0]
    header = b"JPL Planetary Ephemeris DE440/LE440".ljust(84) + b"Start".ljust(84) + b"Final".ljust(84)
    header += b"".join(name.encode().ljust(6) for name in constants).ljust(2400)
    header += struct.pack(
        "<3di2d36ii3i", *jd, len(constants), AU_KM, constants["EMRAT"], *ipt, 440, 899, 10, 4
    )
    size = RECORD_DOUBLES * 8
    body = b"".join(_record(begin_s + i * SPAN_S).astype("<f8").tobytes() for i in range(count))
    values = np.array(list(constants.values())).astype("<f8").tobytes()
    path.write_bytes(header.ljust(size, b"\0") + values.ljust(size, b"\0") + body)


def has_java() -> bool:
    """Return whether a Java machine can be started."""
    import jpype

    try:
        jpype.getDefaultJVMPath()
    except jpype.JVMNotFoundException:
        return False
    return True


@functools.cache
def _java(first_s: float, last_s: float) -> Any:
    import orekit_jpype

    orekit_jpype.initVM()
    from java.io import File
    from org.orekit.data import DataContext, DirectoryCrawler

    folder = Path(tempfile.mkdtemp(prefix="perilune-orekit-"))
    write_jpl_binary(folder / "lnxp2000.440", first_s, last_s)
    # UTC is not used; the loader only asks that leap seconds exist.
    (folder / "tai-utc.dat").write_text(
        " 1972 JAN  1 =JD 2441317.5  TAI-UTC=  10.0       S + (MJD - 41317.) X 0.0      S\n"
        " 2017 JAN  1 =JD 2457754.5  TAI-UTC=  37.0       S + (MJD - 41317.) X 0.0      S\n"
    )
    DataContext.getDefault().getDataProvidersManager().addProvider(DirectoryCrawler(File(str(folder))))
    return folder


class Propagator:
    """Dormand and Prince 8(5,3) at one tolerance."""

    def __init__(self, arc: Arc, tolerance: float) -> None:
        _java(arc.epoch_tdb_s - 40 * 86400.0, arc.epoch_tdb_s + arc.duration_s + 40 * 86400.0)
        from org.hipparchus.geometry.euclidean.threed import Vector3D
        from org.hipparchus.ode.nonstiff import DormandPrince853Integrator
        from org.orekit.bodies import CelestialBodyFactory
        from org.orekit.forces.gravity import (
            NewtonianAttraction,
            SingleBodyAbsoluteAttraction,
            ThirdBodyAttraction,
        )
        from org.orekit.frames import FramesFactory
        from org.orekit.orbits import CartesianOrbit, OrbitType
        from org.orekit.propagation import SpacecraftState
        from org.orekit.propagation.numerical import NumericalPropagator
        from org.orekit.time import AbsoluteDate
        from org.orekit.utils import PVCoordinates

        gm_earth, gm_moon, gm_sun = arc.gm_m3_s2
        epoch = AbsoluteDate.J2000_EPOCH.shiftedBy(clock.tt_s(arc.epoch_tdb_s))
        self.end = AbsoluteDate.J2000_EPOCH.shiftedBy(clock.tt_s(arc.epoch_tdb_s + arc.duration_s))
        start = PVCoordinates(Vector3D(*arc.position_m), Vector3D(*arc.velocity_m_s))
        orbit = CartesianOrbit(start, FramesFactory.getGCRF(), epoch, gm_earth)
        scale = [1.0e9] * 3 + [1.0e3] * 3  # m, m/s
        steps = [[tolerance * x for x in scale], [0.0] * 6]
        integrator = DormandPrince853Integrator(1e-3, 5 * 86400.0, [*steps[0], 1e-3], [*steps[1], 1e-3])
        self.propagator = NumericalPropagator(integrator)
        self.propagator.setOrbitType(OrbitType.CARTESIAN)
        self.propagator.removeForceModels()
        moon, sun = CelestialBodyFactory.getMoon(), CelestialBodyFactory.getSun()
        light = SingleBodyAbsoluteAttraction(sun)
        for model, gm in (
            (NewtonianAttraction(gm_earth), gm_earth),
            (ThirdBodyAttraction(moon), gm_moon),
            (ThirdBodyAttraction(sun), gm_sun),
            (light, -arc.light_m3_s2),
        ):
            driver = model.getParametersDrivers().get(0)
            driver.setMinValue(-1e30)
            driver.setValue(gm)
            self.propagator.addForceModel(model)
        self.start = SpacecraftState(orbit, arc.mass_kg) if arc.mass_kg else SpacecraftState(orbit)

    def fly(self) -> Any:
        """Return the final (6,) state in m and m/s."""
        self.propagator.resetInitialState(self.start)
        final = self.propagator.propagate(self.end).getPVCoordinates()
        return np.array([*final.getPosition().toArray(), *final.getVelocity().toArray()])

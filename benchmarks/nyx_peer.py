"""nyx on DE440; its planetary constants are written with the gravitational parameters of the arc."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import arcs, de440
from benchmarks.arcs import Arc

IRRADIANCE_W_M2 = 1361.0  # W/m^2 (IAU 2015 B3)
RADII_KM = {399: 6378.1366, 301: 1737.4, 10: 695700.0}


@functools.cache
def almanac() -> Any:
    from nyx_space.anise import Almanac, utils

    folder = Path(tempfile.mkdtemp(prefix="perilune-nyx-"))
    gms = zip((399, 301, 10), (arcs.GM_EARTH_M3_S2, arcs.GM_MOON_M3_S2, arcs.GM_SUN_M3_S2), strict=True)
    lines = [f"BODY{body}_GM = ( {gm / 1e9!r} )" for body, gm in gms]
    (folder / "gm.tpc").write_text("\n".join(["KPL/PCK", r"\begindata", *lines, r"\begintext", ""]))
    lines = []
    for body, radius in RADII_KM.items():
        lines += [f"BODY{body}_RADII = ( {radius} {radius} {radius} )", f"BODY{body}_POLE_RA = ( 0. 0. 0. )"]
        lines += [f"BODY{body}_POLE_DEC = ( 90. 0. 0. )", f"BODY{body}_PM = ( 0. 1. 0. )"]
    (folder / "pck.tpc").write_text("\n".join(["KPL/PCK", r"\begindata", *lines, r"\begintext", ""]))
    utils.convert_tpc(str(folder / "pck.tpc"), str(folder / "gm.tpc"), str(folder / "constants.pca"), True)
    return Almanac(str(de440.kernel_path())).load(str(folder / "constants.pca"))


class Propagator:
    """Dormand and Prince 7(8) at one tolerance."""

    def __init__(self, arc: Arc, tolerance: float) -> None:
        import nyx_space as nyx
        from nyx_space import mission_design as design
        from nyx_space.anise.astro import Orbit
        from nyx_space.anise.constants import Frames
        from nyx_space.time import Epoch, Unit

        self.duration = Unit.Second * arc.duration_s
        frame = almanac().frame_info(Frames.EARTH_J2000)
        start_km = [x / 1000.0 for x in (*arc.position_m, *arc.velocity_m_s)]
        orbit = Orbit.from_cartesian(*start_km, Epoch.from_et_seconds(arc.epoch_tdb_s), frame)
        self.start = nyx.Spacecraft(orbit, nyx.Mass(arc.mass_kg), nyx.SRPData(arc.area_m2, arc.reflectivity))
        light = design.SolarPressure([], almanac(), flux_w_m2=IRRADIANCE_W_M2, estimate=False)
        dynamics = design.Dynamics(
            design.AccelModels(design.PointMasses([301, 10])), design.ForceModels(light)
        )
        options = design.IntegratorOptions(Unit.Second * 0.001, Unit.Day * 2, tolerance)
        self.propagator = design.Propagator(
            dynamics, almanac(), design.IntegratorMethod.DormandPrince78, options
        )

    def fly(self) -> Any:
        """Return the final (6,) state in m and m/s."""
        orbit = self.propagator.for_duration(self.start, self.duration, False).state.orbit
        state_km = [orbit.x_km, orbit.y_km, orbit.z_km, orbit.vx_km_s, orbit.vy_km_s, orbit.vz_km_s]
        return np.array(state_km) * 1000.0

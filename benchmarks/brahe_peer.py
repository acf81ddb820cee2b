"""brahe on DE440, offline: the kernels it would download are laid into its cache beforehand."""

from __future__ import annotations

import functools
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import clock, de440
from benchmarks.arcs import SOLAR_PRESSURE_1AU_PA, Arc

BRAHE_PRESSURE_1AU_PA = (
    4.56e-6  # Pa, the constant built into brahe; reflectivity is scaled so that the push is ours
)


@functools.cache
def module() -> Any:
    """Return brahe, with its cache holding DE440 and its lunar orientation."""
    cache = Path(tempfile.mkdtemp(prefix="perilune-brahe-"))
    os.environ["BRAHE_CACHE"] = str(cache)
    (cache / "naif").mkdir()
    (cache / "naif" / "de440.bsp").symlink_to(de440.kernel_path())
    (cache / "naif" / "moon_pa_de440_200625.bpc").symlink_to(de440.lunar_kernel_path())
    import brahe

    brahe.set_global_eop_provider(brahe.StaticEOPProvider.from_zero())
    brahe.load_spice_kernel("de440")
    return brahe


def configuration(method: str, tolerance: float, max_step_s: float, stm: bool = False) -> Any:
    bh = module()
    settings = bh.NumericalPropagationConfig.with_method(getattr(bh.IntegrationMethod, method))
    settings = settings.with_abs_tol(tolerance).with_rel_tol(tolerance).with_max_step(max_step_s)
    return settings.with_stm() if stm else settings


def cislunar_forces(arc: Arc) -> Any:
    bh = module()
    gm_earth, gm_moon, gm_sun = arc.gm_m3_s2
    source = bh.EphemerisSource.DE440
    bodies = [bh.ThirdBody.Custom("the Moon", 301, gm_moon), bh.ThirdBody.Custom("the Sun", 10, gm_sun)]
    reflectivity = arc.reflectivity * SOLAR_PRESSURE_1AU_PA / BRAHE_PRESSURE_1AU_PA
    return bh.ForceModelConfig.for_body(
        bh.CentralBody.Custom("the Earth", 399, gm_earth, radius=6378136.3),
        bh.GravityConfiguration.point_mass(),
        third_body=[bh.ThirdBodyConfiguration(body, ephemeris_source=source) for body in bodies],
        srp=bh.SolarRadiationPressureConfiguration(
            area=bh.ParameterSource.value(arc.area_m2),
            cr=bh.ParameterSource.value(reflectivity),
            eclipse_model=bh.EclipseModel.NONE,
        ),
        mass=bh.ParameterSource.value(arc.mass_kg),
    )


def epoch(tdb_s: float) -> Any:
    bh = module()
    return bh.Epoch.from_jd(2451545.0, bh.TimeSystem.TT) + clock.tt_s(tdb_s)


class Propagator:
    """A cislunar arc; brahe's propagators fly once, so each flight makes a new one (microseconds)."""

    def __init__(self, arc: Arc, tolerance: float, method: str = "RKN1210", stm: bool = False) -> None:
        self.arc, self.forces = arc, cislunar_forces(arc)
        self.settings = configuration(method, tolerance, 5 * 86400.0, stm)
        self.begin, self.end = epoch(arc.epoch_tdb_s), epoch(arc.epoch_tdb_s + arc.duration_s)
        self.start = np.array([*arc.position_m, *arc.velocity_m_s])

    def make(self, start: Any) -> Any:
        return module().NumericalOrbitPropagator(
            self.begin, start, self.settings, self.forces, params=np.zeros(0)
        )

    def fly(self) -> Any:
        """Return the final (6,) state in m and m/s."""
        propagator = self.make(self.start)
        propagator.propagate_to(self.end)
        return propagator.current_state()

    def fly_many(self, starts: Sequence[Any]) -> Any:
        """Return final states (n, 6), on all cores."""
        propagators = [self.make(start) for start in starts]
        module().par_propagate_to(propagators, self.end)
        return np.array([p.current_state() for p in propagators])

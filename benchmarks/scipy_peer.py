"""What many write by hand: scipy's DOP853 with the Moon and Sun asked of SPICE at every evaluation."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from benchmarks import de440
from benchmarks.arcs import Arc


class Propagator:
    """DOP853 at one tolerance."""

    def __init__(self, arc: Arc, tolerance: float) -> None:
        import spiceypy

        if spiceypy.ktotal("SPK") == 0:
            spiceypy.furnsh(str(de440.kernel_path()))
        self.arc, self.tolerance, self.ask = arc, tolerance, spiceypy.spkgps

    def _rates(self, time_s: float, state: Any) -> Any:
        gm_earth, gm_moon, gm_sun = self.arc.gm_m3_s2
        tdb_s = self.arc.epoch_tdb_s + time_s
        moon, sun = (np.array(self.ask(body, tdb_s, "J2000", 399)[0]) * 1000.0 for body in (301, 10))

        def over_cube(vector: Any) -> Any:
            return vector / np.dot(vector, vector) ** 1.5

        position = state[:3]
        pull = -gm_earth * over_cube(position) + gm_moon * (over_cube(moon - position) - over_cube(moon))
        pull += (gm_sun - self.arc.light_m3_s2) * over_cube(sun - position) - gm_sun * over_cube(sun)
        return np.concatenate([state[3:], pull])

    def fly(self) -> Any:
        """Return the final (6,) state in m and m/s."""
        start = [*self.arc.position_m, *self.arc.velocity_m_s]
        floor = np.array([1e9] * 3 + [1e3] * 3) * self.tolerance * 1e-3
        result = solve_ivp(
            self._rates, (0.0, self.arc.duration_s), start, "DOP853", rtol=self.tolerance, atol=floor
        )
        return result.y[:, -1]

"""Thirty days on a 100 km polar lunar orbit under a field of degree and order 50, Earth and Sun."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import brahe_peer
from benchmarks.arcs import GM_EARTH_M3_S2, GM_SUN_M3_S2

EPOCH_TDB_S = 790639237.25  # TDB s from J2000: 2025-01-20
DURATION_S = 30 * 86400.0
DEGREE = 50
#: Moon-centred ICRF; 100 km above 1738 km, circular, polar.
POSITION_M = (-1739252.457, 556589.183, 208454.722)
VELOCITY_M_S = (-36.925726, -672.617717, 1487.846295)
FIELD = Path(__file__).resolve().parents[1] / "src" / "perilune" / "data" / "gravity_grgm1200a_200.npz"


def write_gfc(path: Path, degree: int = DEGREE) -> None:
    """Write the embedded GRGM1200A field, cut at a degree, in ICGEM's format, which brahe reads."""
    field = np.load(FIELD)
    gm, radius = field["gm_m3_s2"].item(), field["radius_m"].item()
    lines = [
        "product_type gravity_field",
        "modelname GRGM1200A",
        f"earth_gravity_constant {gm!r}",
        f"radius {radius!r}",
    ]
    lines += [
        f"max_degree {degree}",
        "errors no",
        "norm fully_normalized",
        "tide_system tide_free",
        "end_of_head",
    ]
    for n in range(degree + 1):
        for m in range(n + 1):
            i = n * (n + 1) // 2 + m
            lines.append(f"gfc {n} {m} {float(field['c'][i])!r} {float(field['s'][i])!r}")
    path.write_text("\n".join(lines) + "\n")


class BrahePropagator:
    """brahe's RKN1210 on the same field, orientation (DE440) and third bodies.

    brahe counts TT seconds; it flies the same number of its seconds, so that only the ephemeris'
    argument differs (below a millisecond, millimetres here), not the time flown.
    """

    def __init__(self, folder: Path, tolerance: float) -> None:
        bh = brahe_peer.module()
        path = folder / "field.gfc"
        write_gfc(path)
        gravity = bh.GravityConfiguration.spherical_harmonic(
            degree=DEGREE, order=DEGREE, model_type=bh.GravityModelType.from_file(str(path))
        )
        source = bh.EphemerisSource.DE440
        bodies = [
            bh.ThirdBody.Custom("the Earth", 399, GM_EARTH_M3_S2),
            bh.ThirdBody.Custom("the Sun", 10, GM_SUN_M3_S2),
        ]
        self.forces = bh.ForceModelConfig.for_body(
            bh.CentralBody.Moon,
            gravity,
            third_body=[bh.ThirdBodyConfiguration(body, ephemeris_source=source) for body in bodies],
            mass=bh.ParameterSource.value(1000.0),
        )
        self.settings = brahe_peer.configuration("RKN1210", tolerance, 3600.0)
        self.begin = brahe_peer.epoch(EPOCH_TDB_S)
        self.end = self.begin + DURATION_S

    def fly(self) -> Any:
        """Return the final (6,) state in m and m/s."""
        start = np.array([*POSITION_M, *VELOCITY_M_S])
        propagator = brahe_peer.module().NumericalOrbitPropagator(
            self.begin, start, self.settings, self.forces, params=np.zeros(0)
        )
        propagator.propagate_to(self.end)
        return propagator.current_state()

"""Write the reference arcs: heyoka in quadruple precision on DE440, each flown in two formulations.

Run from the repository's root in the benchmarks' environment::

    .venv-bench/bin/python -m validation.heyoka.generate
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import heyoka as hy
import numpy as np

from benchmarks import arcs
from benchmarks.heyoka_peer import LENGTH_M, TIME_S, Propagator

TOLERANCE = 1e-26
#: Step of the central differences in the integrator's units (2^20 m, 2^10 m/s): small against curvature
#: (2^-40 gives the same), large against 34 digits.
STEP = 2.0**-46
FOLDER = Path(__file__).parent


def transition(propagator: Propagator) -> Any:
    """Return the state transition matrix (6, 6) in m and m/s by central differences (34 digits)."""
    columns = []
    for axis in range(6):
        offset = np.zeros(6)
        offset[axis] = STEP
        offset = offset.astype(hy.real128)
        ends = []
        for side in (offset, -offset):
            propagator.fly(offset=side)
            ends.append(np.array(propagator.integrator.state[:6]))
        columns.append((ends[0] - ends[1]).astype(float) / (2 * STEP))
    scale = np.array([LENGTH_M] * 3 + [LENGTH_M / TIME_S] * 3)
    return np.array(columns).T * scale[:, None] / scale[None, :]


def reference(name: str) -> dict[str, Any]:
    arc = arcs.load(name)
    cheb = Propagator(arc, "cheb", TOLERANCE, real=hy.real128)
    final, other = cheb.fly(), Propagator(arc, "chain", TOLERANCE, real=hy.real128).fly()
    matrix = transition(cheb)
    apart_m = float(np.linalg.norm((final - other)[:3]))
    print(f"{name}: the two formulations differ by {apart_m:.1e} m")
    return {
        "epoch_tdb_s": arc.epoch_tdb_s,
        "duration_s": arc.duration_s,
        "centre": "earth",
        "axes": "ICRF",
        "gm_m3_s2": dict(zip(("earth", "moon", "sun"), arc.gm_m3_s2, strict=True)),
        "solar_pressure": {
            "pressure_1au_pa": arcs.SOLAR_PRESSURE_1AU_PA,
            "area_m2": arc.area_m2,
            "reflectivity": arc.reflectivity,
            "mass_kg": arc.mass_kg,
            "shadow": False,
        },
        "initial": {"position_m": arc.position_m, "velocity_m_s": arc.velocity_m_s},
        "final": {
            "position_m": final[:3].astype(float).tolist(),
            "velocity_m_s": final[3:].astype(float).tolist(),
        },
        "stm": matrix.astype(float).tolist(),
        "formulations_differ_by_m": apart_m,
    }


def main() -> None:
    result = {name: reference(name) for name in json.loads(arcs.FILE.read_text())}
    (FOLDER / "cislunar.json").write_text(
        json.dumps({"heyoka": hy.__version__, "arcs": result}, indent=1) + "\n"
    )


if __name__ == "__main__":
    main()

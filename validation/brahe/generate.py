"""Write where brahe ends after 30 days on a low lunar orbit.

Run from the repository's root in the benchmarks' environment::

    .venv-bench/bin/python -m validation.brahe.generate
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import brahe
import numpy as np

from benchmarks import lunar

FILE = Path(__file__).with_name("lunar30.json")
TOLERANCES = (1e-12, 1e-13)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        final, tighter = (lunar.BrahePropagator(Path(folder), tolerance).fly() for tolerance in TOLERANCES)
    apart_m = float(np.linalg.norm((final - tighter)[:3]))
    print(f"its two tightest settings differ by {apart_m:.1e} m")
    result = {
        "brahe": brahe.__version__,
        "epoch_tdb_s": lunar.EPOCH_TDB_S,
        "duration_s": lunar.DURATION_S,
        "centre": "moon",
        "axes": "ICRF",
        "degree": lunar.DEGREE,
        "point_masses": ["earth", "sun"],
        "initial": {"position_m": lunar.POSITION_M, "velocity_m_s": lunar.VELOCITY_M_S},
        "final": {"position_m": tighter[:3].tolist(), "velocity_m_s": tighter[3:].tolist()},
        "tolerances_differ_by_m": apart_m,
    }
    FILE.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()

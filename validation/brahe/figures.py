"""What the comparison with brahe's month on a low lunar orbit gives."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from perilune.dynamics.forces import ForceModel
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.world.frames import MOON_ICRF
from validation.rows import Row, within

REFERENCE = json.loads(Path(__file__).with_name("lunar30.json").read_text(encoding="utf-8"))
TOLERANCE_M = 0.05
#: About twice what was found, in m, at a tolerance of 1e-12.
FROZEN_M = 5e-4


def distance_m() -> float:
    """Return how far apart both ends are."""
    start = REFERENCE["initial"]
    state = State(
        Epoch.from_tdb_s(REFERENCE["epoch_tdb_s"]), MOON_ICRF, start["position_m"], start["velocity_m_s"]
    )
    forces = ForceModel(point_masses=("moon", *REFERENCE["point_masses"]), moon_degree=REFERENCE["degree"])
    flown = propagate(state, REFERENCE["duration_s"], forces, tolerance=1e-12)
    return float(np.linalg.norm(flown.final.position_m - REFERENCE["final"]["position_m"]))


def rows() -> list[Row]:
    """Return the row of the validation page."""
    return [
        Row(
            "end of 30 d on a 100 km polar lunar orbit, field 50x50",
            "-",
            "-",
            within(distance_m(), FROZEN_M, "m"),
            f"{TOLERANCE_M:.0e} m",
            f"brahe {REFERENCE['brahe']}, RKN12(10)",
        )
    ]

"""What the comparison with heyoka's arcs of 34 digits gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from perilune.dynamics.forces import ForceModel, SolarPressure
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.world.frames import Frame
from validation.rows import Row, within

REFERENCE = json.loads(Path(__file__).with_name("cislunar.json").read_text(encoding="utf-8"))
#: Largest distance allowed at the end, and the frozen one (twice what was found or more: a flyby magnifies
#: every error by 1e3), in m, at a tolerance of 1e-12.
LIMITS_M = {"blt120": (0.01, 0.008), "bltfly": (1.0, 0.1), "cis30": (0.01, 1e-4)}


def distance_m(arc: dict[str, Any]) -> float:
    """Return how far from the reference our arc ends."""
    sunlight = arc["solar_pressure"]
    forces = ForceModel(
        point_masses=("earth", "moon", "sun"),
        solar_pressure=SolarPressure(sunlight["area_m2"], sunlight["reflectivity"], shadow=False),
        gm_m3_s2=tuple(arc["gm_m3_s2"].items()),
    )
    start = arc["initial"]
    state = State(
        Epoch.from_tdb_s(arc["epoch_tdb_s"]), Frame(arc["centre"]), start["position_m"], start["velocity_m_s"]
    )
    flown = propagate(state, arc["duration_s"], forces, mass_kg=sunlight["mass_kg"], tolerance=1e-12)
    return float(np.linalg.norm(flown.final.position_m - arc["final"]["position_m"]))


def rows() -> list[Row]:
    """Return the rows of the validation page."""
    return [
        Row(
            f"end of arc {name}, {arc['duration_s'] / 86400.0:.0f} d",
            "-",
            "-",
            within(distance_m(arc), LIMITS_M[name][1], "m"),
            f"{LIMITS_M[name][0]:.0e} m",
            f"heyoka {REFERENCE['heyoka']}, real128",
        )
        for name, arc in REFERENCE["arcs"].items()
    ]

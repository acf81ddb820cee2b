"""What the comparison with SPICE gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from perilune.epoch import Epoch
from perilune.world import ephemeris, frames
from perilune.world.frames import Axes
from validation.rows import Row, within

REFERENCE = json.loads(Path(__file__).with_name("reference.json").read_text(encoding="utf-8"))
#: Kind -> (what is compared, unit, largest difference allowed, and the frozen one: about twice the found).
#: Positions keep to what is allowed: at Saturn the last place of a float is 0.24 mm.
KINDS = {
    "position": ("positions of ten pairs of bodies", "m", 1e-3, 1e-3),
    "velocity": ("velocities of ten pairs of bodies", "m/s", 1e-9, 5e-11),
    "orientation": ("Moon orientation, principal and mean-Earth axes", "", 1e-11, 5e-12),
    "rate": ("Moon orientation, rates", "1/s", 1e-16, 1e-17),
    "frame": ("orbit-plane and rotating frames", "", 1e-13, 5e-15),
    "frame rate": ("rotating frames, rates", "1/s", 1e-15, 2e-16),
}


def differences(instant: dict[str, Any]) -> dict[str, float]:
    """Return the largest difference of each kind at one instant."""
    epoch = Epoch.from_tdb_s(instant["tdb_s"])
    worst = dict.fromkeys(KINDS, 0.0)

    def note(kind: str, ours: Any, theirs: Any) -> None:
        worst[kind] = max(worst[kind], float(np.abs(np.asarray(ours) - np.asarray(theirs)).max()))

    for pair, reference in instant["states"].items():
        position_m, velocity_m_s = ephemeris.state(*pair.split(" from "), epoch)
        note("position", position_m, reference[:3])
        note("velocity", velocity_m_s, reference[3:])
    for name, reference in instant["axes"].items():
        matrix, rate = frames.rotation_rate(Axes.ICRF, Axes[name], epoch)
        fixed = name.startswith("MOON")
        note("orientation" if fixed else "frame", matrix, reference[:3])
        note("rate" if fixed else "frame rate", rate, reference[3:])
    note("frame", frames.rotation(Axes.ICRF, Axes.MOON_OP, epoch), instant["moon_op"])
    return worst


def rows() -> list[Row]:
    """Return the rows of the validation page."""
    found = [differences(instant) for instant in REFERENCE["instants"]]
    where = f"at {len(found)} instants"
    return [
        Row(
            quantity,
            where,
            where,
            within(max(entry[kind] for entry in found), frozen, unit),
            f"{allowed:.0e} {unit}".strip(),
            REFERENCE["authority"],
        )
        for kind, (quantity, unit, allowed, frozen) in KINDS.items()
    ]

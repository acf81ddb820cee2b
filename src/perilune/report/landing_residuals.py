"""What each sensor told beyond what the filter expected of it, with the bounds of that."""

from __future__ import annotations

import numpy as np

from perilune.report.landing_charts import by_verdict
from perilune.report.landing_story import ACCEPTED, INVALID, REACQUIRED
from perilune.report.marks import Area
from perilune.report.replay import Replay
from perilune.report.svg import Chart, Line

#: The unit residuals are drawn in, and the factor to it, by the sensor's kind.
RESIDUAL_UNITS = {
    "laser": (", m", 1.0),
    "radar": (", m", 1.0),
    "velocimeter": (", m/s", 1.0),
    "star-tracker": (", mrad", 1e3),
    "terrain-camera": (", m", 1.0),
}


def residuals(replay: Replay) -> list[Chart]:
    """Return the innovations of each sensor that was used, with three sigmas of what was expected of them.

    A sensor of several numbers a reading (attitude, beams, a fix) is shown by its NIS.
    """
    found = [
        _residual(replay, index) or _squares(replay, index) for index in range(len(replay.facts.sensors))
    ]
    return [chart for chart in found if chart is not None]


def _squares(replay: Replay, index: int) -> Chart | None:
    """Return the normalised squared innovations of a sensor, one a degree of freedom being expected."""
    mine = replay.sensor(index)
    told = np.isfinite(mine["nis"]) & (mine["verdict"] > 0.0)
    if told.sum() < 3:
        return None
    mine = {name: column[told] for name, column in mine.items()}
    t_s = replay.states["t_s"]
    reach = max(4.0, 1.2 * float(np.quantile(mine["nis"], 0.99)))
    ends = np.array([float(t_s[0]), float(t_s[-1])])
    return Chart(
        f"Residuals of {replay.facts.sensors[index][0]}",
        "seconds after the planned ignition",
        "NIS per degree of freedom",
        (Line(ends, np.ones(2), "muted", "expected on the mean"),),
        limits=(float(ends[0]), float(ends[1]), 0.0, reach),
        over=tuple(by_verdict(mine["t_s"], np.minimum(mine["nis"], reach), mine["verdict"])),
        height=300.0,
    )


def _residual(replay: Replay, index: int) -> Chart | None:
    mine = replay.sensor(index)
    told = np.isfinite(mine["residual"]) & (mine["verdict"] > 0.0) & (mine["verdict"] != INVALID)
    if told.sum() < 3:
        return None
    mine = {name: column[told] for name, column in mine.items()}
    name, kind = replay.facts.sensors[index]
    unit, factor = RESIDUAL_UNITS.get(kind, ("", 1.0))
    bound = 3.0 * factor * mine["sigma"]
    # The frame is made for what was accepted: a rejected point far outside is drawn at its edge.
    residual = factor * mine["residual"]
    kept = np.abs(residual[(mine["verdict"] == ACCEPTED) | (mine["verdict"] == REACQUIRED)])
    near = float(np.quantile(np.concatenate([bound, kept]), 0.99)) if kept.size else float(np.median(bound))
    reach = 2.0 * near or 1.0
    clipped = np.clip(residual, -reach, reach)
    return Chart(
        f"Residuals of {name}",
        "seconds after the planned ignition",
        f"measured less predicted{unit}",
        (),
        limits=(float(replay.states["t_s"][0]), float(replay.states["t_s"][-1]), -1.05 * reach, 1.05 * reach),
        under=(Area(mine["t_s"], -bound, bound, "c0", "three sigmas"),),
        over=tuple(by_verdict(mine["t_s"], clipped, mine["verdict"])),
        height=300.0,
    )

"""What was made public of the real flight, beside what was flown here."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perilune.mission.published_schema import PublishedFigure
from perilune.report.campaign_charts import ArmShown
from perilune.report.page import table
from perilune.report.replay import Replay
from perilune.report.words import number

Array = NDArray[np.float64]

#: The way over which a step of the ground is counted, m: that of the public profiles of Mission 1's rim.
_STEP_OVER_M = 10e3
#: Words, unit, and the column of the row that holds it; none where it is read from the track.
FIGURES: Final = {
    "terrain_step": ("largest fall of the ground within 10 km of the track", "m", ""),
    "first_valid_height": ("height of the first valid altimeter reading", "m", "valid_height_m"),
    "first_valid_speed": ("speed then", "m/s", "valid_speed_m_s"),
    "probe_speed": ("speed at the height last told", "m/s", "probe_speed_m_s"),
    "powered_descent": ("from ignition until propellant was gone", "s", "dry_s"),
    "hover_height": ("height when propellant was gone", "m", "dry_height_m"),
    "free_fall": ("free fall", "s", "free_fall_s"),
    "impact_speed": ("speed at the ground, down", "m/s", "vertical_m_s"),
    "miss": ("distance from the target", "m", "miss_m"),
}


def terrain_step_m(replay: Replay) -> float:
    """Return by how much the ground under the track falls at most within 10 km of flight, m."""
    ground_m, to_go_m = replay.states["true_ground_m"], replay.states["to_go_m"]
    step_m, first = 0.0, 0
    for k in range(len(to_go_m)):
        while to_go_m[first] - to_go_m[k] > _STEP_OVER_M:
            first += 1
        step_m = max(step_m, float(ground_m[first : k + 1].max() - ground_m[k]))
    return step_m


def flown_here(replay: Replay, figure: str) -> float:
    """Return what a public figure was in a run, SI; not a number where the thing did not happen."""
    if figure == "terrain_step":
        return terrain_step_m(replay)
    value = replay.row.get(FIGURES[figure][2], math.nan)
    return value - replay.row["ignition_s"] if figure == "powered_descent" else value


def published_of_run(replay: Replay) -> str:
    """Return the table of public figures beside one run's; empty where none are told."""
    rows = [
        (escape(FIGURES[name][0]), number(flown_here(replay, name), _digits(name), FIGURES[name][1]), *told)
        for name, *told in _told(replay.facts.published)
    ]
    return table(("Figure", "Flown here", "Made public", "By"), rows, 9, "published") if rows else ""


def published_of_arm(arm: ArmShown, published: Sequence[PublishedFigure]) -> str:
    """Return the table of public figures beside the spread of an arm's runs; empty where none are told."""
    facts = [(one.figure, one.value, one.written, one.source) for one in published]
    rows = []
    for name, *told in _told(facts):
        words, unit, column = FIGURES[name]
        if column:
            values = arm.column(column)
            values = values - arm.column("ignition_s") if name == "powered_descent" else values
            rows.append((escape(words), *_spread(values, unit, _digits(name)), *told))
    head = ("Figure", "5 %", "Median", "95 %", "Runs", "Made public", "By")
    return table(head, rows, 9, "published") if rows else ""


def _spread(values: Array, unit: str, digits: int) -> Iterator[str]:
    known = values[np.isfinite(values)]
    shares = np.percentile(known, [5.0, 50.0, 95.0]) if known.size else np.full(3, math.nan)
    yield from (number(float(value), digits, unit) for value in shares)
    yield number(float(known.size), 0)


def _digits(name: str) -> int:
    return 0 if FIGURES[name][1] == "m" else 1


def _told(published: Sequence[tuple[str, float, str, str]]) -> Iterator[tuple[str, str, str]]:
    """Yield each figure once, what was made public of it line by line, and by whom."""
    for name in dict.fromkeys(entry[0] for entry in published):
        mine = [entry for entry in published if entry[0] == name]
        yield (
            name,
            "<br>".join(escape(written) for _, _, written, _ in mine),
            "<br>".join(escape(source) for _, _, _, source in mine),
        )

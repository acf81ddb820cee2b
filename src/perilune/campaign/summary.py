"""What an arm's rows say: how often it lands, what brings it down, where it falls and on what that hangs.

`summary` gives a document of plain values (SI and radians), which the command prints as JSON; tables
and the report are made from it:

runs, successes, success_probability, interval_95 (Clopper-Pearson), outcomes {name: runs},
first_causes {name: runs}, failure_tree {outcome: {first cause: runs}},
outcome_runs {name: the first twenty runs that ended so},
settled {stands, tipped_over, moving: runs} of the touchdowns whose legs were followed,
percentiles {figure: {"p1" "p5" "p50" "p95" "p99": value}} over the landed runs, percentiles_all over all,
footprint {cep_m, radius_99_m, all_cep_m, runs, ellipse_99 {...}}, sensitivity [{...}] (`sensitivity`),
drivers {figure: [{...}]}, worst [{run, outcome, first_cause, …, command}],
consistency {nees {...}, nis {...}} (`consistency`), rows_digest, wall_s, runs_per_s, flown_runs, kept_runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from perilune.campaign.case import Rows
from perilune.campaign.consistency import consistency
from perilune.campaign.run import FlownArm
from perilune.campaign.sensitivity import drivers, sensitivity
from perilune.campaign.statistics import clopper_pearson, prediction_ellipse
from perilune.landing.loop.rows import CAUSES, LANDED, OUTCOMES, SETTLED

Document = dict[str, Any]

#: Figures whose percentiles are told, over the runs that landed.
TOLD: Final = (
    "vertical_m_s",
    "horizontal_m_s",
    "tilt_rad",
    "rate_rad_s",
    "miss_m",
    "propellant_kg",
    "dv_m_s",
    "height_error_m",
    "tip_ratio",
    "leg_ratio",
    "settled_tilt_rad",
    "slid_m",
    "leg_crush",
)
#: Figures that tell the story of runs that did not, told over all runs that have them.
STORY: Final = (
    "vertical_m_s",
    "horizontal_m_s",
    "miss_m",
    "zero_height_m",
    "dry_height_m",
    "free_fall_s",
    "valid_height_m",
    "valid_speed_m_s",
    "probe_speed_m_s",
    "worst_height_error_m",
    "longest_rejection_s",
)
_MOST_LISTED: Final = 20
PERCENTS: Final = (1, 5, 50, 95, 99)
#: How bad a failed outcome is, worst first; among equals the faster at the ground is the worse.
_WORST_FIRST: Final = ("lost", "crashed", "propellant_exhausted", "tipped_over", "hard_landing", "landed")


class Columns:
    """Rows (runs, columns) by the names of their columns."""

    def __init__(self, rows: Rows, names: Sequence[str]) -> None:
        self.rows = rows
        self.names = tuple(names)
        self._places = {name: k for k, name in enumerate(names)}

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def __getitem__(self, name: str) -> Rows:
        return self.rows[:, self._places[name]]

    @property
    def landed(self) -> NDArray[np.bool_]:
        """Return which runs (runs,) landed within the limits."""
        return np.asarray(self["outcome"] == LANDED)

    @property
    def inputs(self) -> dict[str, Rows]:
        """Return the dispersed inputs that vary, by name."""
        found = {name.removeprefix("input:"): self[name] for name in self.names if name.startswith("input:")}
        return {name: values for name, values in found.items() if len(values) and np.ptp(values) > 0.0}


def summary(flown: FlownArm, *, command: str = "") -> Document:
    """Return what an arm's rows say; `command` is the call that replays a run, before `--run I`."""
    columns = Columns(flown.rows, flown.arm.case.columns)
    told = figures(columns, command=command)
    return told | {
        "rows_digest": flown.rows_digest,
        "wall_s": flown.wall_s,
        "runs_per_s": flown.flown_count / flown.wall_s if flown.wall_s > 0.0 else None,
        "flown_runs": flown.flown_count,
        "kept_runs": len(flown.rows) - flown.flown_count,
    }


def figures(columns: Columns, *, command: str = "") -> Document:
    """Return the part of the summary that stands in the rows alone."""
    runs, successes = len(columns.rows), int(columns.landed.sum())
    return {
        "runs": runs,
        "successes": successes,
        "success_probability": successes / runs,
        "interval_95": list(clopper_pearson(successes, runs)),
        "outcomes": counted(columns["outcome"], OUTCOMES),
        "first_causes": {
            name: count
            for name, count in counted(columns["first_cause"][~columns.landed], CAUSES).items()
            if count
        },
        "failure_tree": failure_tree(columns),
        "outcome_runs": outcome_runs(columns),
        "settled": counted(_finite(columns["settled"]), SETTLED),
        "percentiles": percentiles(columns, TOLD, columns.landed),
        "percentiles_all": percentiles(columns, STORY, np.ones(runs, dtype=np.bool_)),
        "footprint": footprint(columns),
        "sensitivity": sensitivity(columns.inputs, columns.landed),
        "drivers": drivers(columns.inputs, _driven(columns)),
        "worst": worst(columns, command=command),
        "consistency": consistency(columns.rows, columns.names),
    }


def counted(codes: Rows, names: Sequence[str]) -> dict[str, int]:
    """Return how many runs have each code, by its name.

    >>> counted(np.array([0.0, 2.0, 0.0]), ("landed", "hard", "crashed"))
    {'landed': 2, 'hard': 0, 'crashed': 1}
    """
    counts = np.bincount(codes.astype(np.int64), minlength=len(names))
    return {name: int(count) for name, count in zip(names, counts, strict=True)}


def failure_tree(columns: Columns) -> dict[str, dict[str, int]]:
    """Return, for every outcome but landing, the runs by what came first; the frequent ones first."""
    tree = {}
    for code, outcome in enumerate(OUTCOMES):
        of_it = columns["outcome"] == code
        if code != LANDED and of_it.any():
            causes = counted(columns["first_cause"][of_it], CAUSES)
            ordered = sorted(causes.items(), key=lambda item: -item[1])
            tree[outcome] = {name: count for name, count in ordered if count}
    return dict(sorted(tree.items(), key=lambda item: -sum(item[1].values())))


def outcome_runs(columns: Columns) -> dict[str, list[int]]:
    """Return for every outcome there is the first runs that ended so."""
    found = {}
    for code, name in enumerate(OUTCOMES):
        runs = columns["run"][columns["outcome"] == code]
        if len(runs):
            found[name] = runs[:_MOST_LISTED].astype(int).tolist()
    return found


def percentiles(
    columns: Columns, names: Sequence[str], runs: NDArray[np.bool_]
) -> dict[str, dict[str, float]]:
    """Return percentiles of figures over some runs (linear between order statistics), of errors by size."""
    found = {}
    for name in names:
        values = _finite(columns[name][runs]) if name in columns else np.empty(0)
        if len(values):
            at = np.percentile(np.abs(values) if name.endswith("error_m") else values, PERCENTS)
            found[name] = {f"p{percent}": float(value) for percent, value in zip(PERCENTS, at, strict=True)}
    return found


def footprint(columns: Columns) -> Document:
    """Return where the landed runs came down about the site.

    `cep_m` and `radius_99_m` are the radii about the site that half and 99 % of them fell into, `all_cep_m`
    that of all runs that reached the ground; `ellipse_99` is the prediction ellipse in downrange
    and crossrange.
    """
    along, across = columns["downrange_miss_m"], columns["crossrange_miss_m"]
    placed = np.isfinite(along) & np.isfinite(across)
    here = placed & columns.landed
    told: Document = {"runs": int(here.sum()), "cep_m": None, "radius_99_m": None, "ellipse_99": None}
    told["all_cep_m"] = float(np.median(np.hypot(along, across)[placed])) if placed.any() else None
    if here.any():
        miss = np.hypot(along[here], across[here])
        told["cep_m"], told["radius_99_m"] = (float(x) for x in np.percentile(miss, [50, 99]))
    ellipse = prediction_ellipse(along[here], across[here], 0.99)
    if ellipse is not None:
        told["ellipse_99"] = {
            "downrange_m": ellipse.first_m,
            "crossrange_m": ellipse.second_m,
            "semi_major_m": ellipse.semi_major_m,
            "semi_minor_m": ellipse.semi_minor_m,
            "angle_rad": ellipse.angle_rad,
            "holds": float(ellipse.holds(along[here], across[here]).mean()),
        }
    return told


def worst(columns: Columns, *, command: str = "", count: int = 5) -> list[Document]:
    """Return the runs that ended worst, each with the command that flies it again."""
    badness = np.array([_WORST_FIRST.index(name) for name in OUTCOMES])[columns["outcome"].astype(np.int64)]
    speed = np.nan_to_num(np.hypot(columns["vertical_m_s"], columns["horizontal_m_s"]), nan=np.inf)
    order = np.lexsort((-speed, badness))[:count]
    return [_told(columns, int(k), command) for k in order]


def _told(columns: Columns, k: int, command: str) -> Document:
    row = columns.rows[k]
    run = int(row[0])
    named = ("vertical_m_s", "horizontal_m_s", "tilt_rad", "miss_m", "propellant_kg")
    return {
        "run": run,
        "outcome": OUTCOMES[int(columns["outcome"][k])],
        "first_cause": CAUSES[int(columns["first_cause"][k])],
        **{name: _plain(columns[name][k]) for name in named},
        "command": f"{command} --run {run}" if command else "",
    }


def _driven(columns: Columns) -> Mapping[str, tuple[Rows, NDArray[np.bool_]]]:
    """Return the figures whose dependence on the inputs is told, and the runs it is told over."""
    return {
        name: (columns[name], columns.landed & np.isfinite(columns[name]))
        for name in ("vertical_m_s", "horizontal_m_s", "miss_m", "propellant_kg")
        if name in columns
    }


def _finite(values: Rows) -> Rows:
    return values[np.isfinite(values)]


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None

"""What a flown run shows: its row, log and measurements by name, and the same run without the fault beside
it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from perilune.landing.loop import layout
from perilune.landing.loop.rows import LOG_COLUMNS, MEASUREMENT_COLUMNS
from perilune.landing.sensing.suite import Sensor, kind_of
from perilune.maths.arrays import FloatArray

ALTIMETERS = ("laser", "radar")


class Flown(Protocol):
    """A flown run, as `loop.case.Flown` is one."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the row's values."""

    @property
    def row(self) -> FloatArray:
        """Return the row."""

    @property
    def log(self) -> FloatArray:
        """Return the log by `rows.LOG_COLUMNS`."""

    @property
    def measurements(self) -> FloatArray:
        """Return the measurements by `rows.MEASUREMENT_COLUMNS`."""

    @property
    def figures(self) -> FloatArray:
        """Return the figures by `loop.layout`."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """One run: `row` by column names, `log` by `rows.LOG_COLUMNS`, `measurements` by
    `rows.MEASUREMENT_COLUMNS`; `healthy` is the run of the same seed without the fault; `switched_s` when the
    flight software left its inertial unit, NaN if it did not.
    """

    row: Mapping[str, float]
    log: FloatArray
    measurements: FloatArray
    sensors: tuple[Sensor, ...]
    healthy: Evidence | None = None
    switched_s: float = math.nan

    def logged(self, name: str) -> FloatArray:
        """Return a column of the log (rows,)."""
        column: FloatArray = self.log[:, LOG_COLUMNS.index(name)]
        return column

    def logged3(self, before: str, after: str = "") -> FloatArray:
        """Return three columns of the log (rows, 3) that differ by x, y, z."""
        return np.column_stack([self.logged(f"{before}{axis}{after}") for axis in "xyz"])

    def of(self, *kinds: str) -> Measured:
        """Return the measurements of sensors of some kinds, in the order of time."""
        wanted = [row for row, sensor in enumerate(self.sensors) if kind_of(sensor) in kinds]
        sensor = self.measurements[:, MEASUREMENT_COLUMNS.index("sensor")]
        return Measured(self.measurements[np.isin(sensor, wanted)])

    def below(self, height_m: float) -> NDArray[np.bool_]:
        """Return which rows of the log lie below a true height."""
        low: NDArray[np.bool_] = self.logged("true_height_m") < height_m
        return low

    def at_height(self, name: str, height_m: float) -> float:
        """Return a logged value where the true height is first below a height, NaN if it never is."""
        low = np.flatnonzero(self.below(height_m))
        return float(self.logged(name)[low[0]]) if len(low) else float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Some measurements (m, 12), by `rows.MEASUREMENT_COLUMNS`."""

    rows: FloatArray

    def __getitem__(self, name: str) -> FloatArray:
        column: FloatArray = self.rows[:, MEASUREMENT_COLUMNS.index(name)]
        return column

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, chosen: NDArray[np.bool_]) -> Measured:
        """Return those that are chosen (m,)."""
        return Measured(self.rows[chosen])

    @property
    def valid(self) -> Measured:
        """Those with a valid value."""
        return self.where(self["status"] == 1.0)

    def judged(self, *verdicts: float) -> Measured:
        """Return those with one of the verdicts (`software.table.VERDICTS`, by number)."""
        return self.where(np.isin(self["verdict"], verdicts))

    def between(self, low_m: float, high_m: float) -> Measured:
        """Return those taken between two true heights."""
        return self.where((self["height_m"] >= low_m) & (self["height_m"] < high_m))


def evidence_of(flown: Flown, sensors: Sequence[Sensor], healthy: Evidence | None = None) -> Evidence:
    """Return the evidence of a flown run."""
    named = dict(zip(flown.columns, flown.row.tolist(), strict=True))
    switched_s = float(flown.figures[layout.UNIT_S])
    return Evidence(named, flown.log, flown.measurements, tuple(sensors), healthy, switched_s)

"""Figures of a flown run that signs of faults are made of."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from perilune.constants import MOON_RADIUS_M
from perilune.landing.faults.evidence import ALTIMETERS, Evidence, Measured
from perilune.landing.sensing.suite import TerrainCamera
from perilune.maths.arrays import FloatArray


def first_altimeter(run: Evidence) -> Measured:
    """Return the valid readings of the first altimeter aboard."""
    readings = run.of(*ALTIMETERS).valid
    return readings.where(readings["sensor"] == readings["sensor"].min()) if len(readings) else readings


def burnt_for_command(run: Evidence, chosen: NDArray[np.bool_]) -> float:
    """Return the main propellant (kg/s) burnt in the mean over rows of the log, for throttles of one."""
    rate = -np.gradient(run.logged("main_propellant_kg"), run.logged("t_s"))
    throttles = run.logged("main_throttle") + run.logged("assist_throttle")
    return float(rate[chosen].mean()) / max(float(throttles[chosen].mean()), 1e-3)


def fix_errors(run: Evidence) -> dict[float, float]:
    """Return by time how far each fix is off along the first of the mean-Earth axes (m)."""
    fixes = run.of("terrain-camera").valid
    latency_s = next((one.latency_s for one in run.sensors if isinstance(one, TerrainCamera)), 0.0)
    latitude, longitude = run.logged("true_latitude_rad"), run.logged("true_longitude_rad")
    radius_m = MOON_RADIUS_M + run.logged("true_ground_m") + run.logged("true_height_m")
    x_m = radius_m * np.cos(latitude) * np.cos(longitude)
    off_m = fixes["value"] - np.interp(fixes["t_s"] - latency_s, run.logged("t_s"), x_m)
    return dict(zip(np.round(fixes["t_s"], 2).tolist(), off_m.tolist(), strict=True))


def slant(run: Evidence, readings: Measured) -> tuple[FloatArray, FloatArray]:
    """Return the true height (m) at the time each reading claims, and its true range in shares of that."""
    when = readings["t_s"] - readings["age_s"]
    height_m: FloatArray = np.interp(when, run.logged("t_s"), run.logged("true_height_m"))
    return height_m, readings["true_value"] / height_m


def scatter(readings: Measured) -> float:
    """Return the scatter of ranges about the truth and about a drift, in shares of what is usual there."""
    off = (readings["value"] - readings["true_value"]) / (1.0 + 1e-3 * readings["true_value"])
    return float(np.median(np.abs(np.diff(off, n=2))))


def sigma(run: Evidence, what: str, unit: str) -> float:
    """Return the sigma (root sum of three axes) in the last row of the log."""
    return float(np.linalg.norm(run.logged3(f"sigma_{what}_", unit)[-1]))


def errors(run: Evidence, what: str) -> FloatArray:
    """Return the size of estimated less true position, velocity (m, m/s) or height (m) in each log row."""
    if what == "height":
        out: FloatArray = np.abs(run.logged("height_m") - run.logged("true_height_m"))
        return out
    unit = "_m" if what == "position" else "_m_s"
    # The estimate is of the inertial unit, the truth of the centre of mass: within a metre of each other.
    off: FloatArray = np.linalg.norm(
        run.logged3(f"{what}_", unit) - run.logged3(f"true_{what}_", unit), axis=1
    )
    return off


def largest_error(run: Evidence, what: str, below_m: float) -> float:
    """Return the largest of `errors` below a height."""
    low = run.below(below_m)
    return float(errors(run, what)[low].max()) if low.any() else math.nan


def restless(run: Evidence) -> float:
    """Return the root mean square of the turn rate below 15 km."""
    rates = run.logged3("true_rate_", "_rad_s")[run.below(15e3)]
    return float(np.sqrt((rates**2).sum(axis=1).mean())) if len(rates) else math.nan

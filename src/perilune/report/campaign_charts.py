"""The drawings of a campaign: where the runs came down, how fast, how tilted, with how much left."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perilune.campaign.consistency import AVERAGED_RUNS
from perilune.campaign.statistics import chi_square_mean_bounds, prediction_ellipse
from perilune.landing.loop.rows import LANDED
from perilune.report.marks import Area, Bars, Cloud, Rule
from perilune.report.relief import Elevation, Plane, Relief, north_up, sample
from perilune.report.svg import Chart, Line

Array = NDArray[np.float64]
_LEAST_CELLS, _MOST_CELLS = 8, 40
_CIRCLE = np.linspace(0.0, 2.0 * math.pi, 181)
#: A footprint's map is at least so wide to each side of the site, m.
_LEAST_HALF_M = 50.0
#: Degrees of freedom of the NEES: position, velocity, attitude.
_NEES_FREEDOM = 9.0
#: An average of fewer runs is not drawn.
_LEAST_RUNS = 5


@dataclass(frozen=True, slots=True, eq=False)
class ArmShown:
    """One arm of a campaign: its names, what `campaign.summary` tells of it, and its rows (runs, columns)."""

    policy: str
    told: Mapping[str, Any]
    rows: Array
    columns: tuple[str, ...]
    fault: str = "none"
    point: tuple[tuple[str, float], ...] = ()

    def column(self, name: str) -> Array:
        """Return a figure of all runs (runs,); not a number where the case does not tell it."""
        if name not in self.columns:
            return np.full(len(self.rows), math.nan)
        return np.asarray(self.rows[:, self.columns.index(name)])

    @property
    def landed(self) -> NDArray[np.bool_]:
        """Which runs landed within the limits."""
        return np.asarray(self.column("outcome") == LANDED)


@dataclass(frozen=True, slots=True)
class Figure:
    """A column shown as a histogram: its name in words, its unit, the factor to it."""

    column: str
    words: str
    unit: str
    factor: float = 1.0


FIGURES = (
    Figure("vertical_m_s", "Touchdown speed, down", "m/s"),
    Figure("horizontal_m_s", "Touchdown speed, sideways", "m/s"),
    Figure("tilt_rad", "Tilt", "\u00b0", math.degrees(1.0)),
    Figure("propellant_kg", "Propellant left", "kg"),
    Figure("miss_m", "Miss distance", "m"),
    Figure("worst_height_error_m", "Worst height error", "m"),
)


def histograms(arm: ArmShown, limits: Mapping[str, float]) -> list[Chart]:
    """Return how the landed runs are spread, with median, 99 % and the limit they are judged by.

    Where none landed, all runs are shown instead, and the titles say so.
    """
    return [chart for figure in FIGURES if (chart := _histogram(arm, figure, limits)) is not None]


def _histogram(arm: ArmShown, figure: Figure, limits: Mapping[str, float]) -> Chart | None:
    landed = arm.landed
    which = "" if landed.any() else ", all runs"
    values = figure.factor * arm.column(figure.column)[landed if landed.any() else slice(None)]
    values = values[np.isfinite(values)]
    if values.size < 5 or not np.ptp(values) > 0.0:
        return None
    count, edges = np.histogram(values, bins=_cells(values.size))
    low, middle, high = np.percentile(values, [1.0, 50.0, 99.0])
    edge = high if figure.column != "propellant_kg" else low
    rules = [Rule(float(middle), "median"), Rule(float(edge), "1 %" if edge == low else "99 %", line=1)]
    if figure.column in limits and figure.factor * limits[figure.column] <= 2.0 * edges[-1]:
        rules.append(Rule(figure.factor * limits[figure.column], "limit", "bad", line=2))
    reach = max([float(edges[-1]), *(rule.x for rule in rules)])
    return Chart(
        f"{figure.words} ({arm.policy}{which})",
        figure.unit,
        "runs",
        limits=(float(edges[0]), reach + 0.02 * (reach - float(edges[0])), 0.0, 1.15 * float(count.max())),
        under=(Bars(edges, count.astype(float), "c0"),),
        over=tuple(rules),
        height=260.0,
    )


def _cells(runs: int) -> int:
    """Return how many bars a histogram of so many runs bears.

    >>> _cells(10), _cells(400), _cells(10_000)
    (8, 30, 40)
    """
    return min(_MOST_CELLS, max(_LEAST_CELLS, round(1.5 * math.sqrt(runs))))


def footprint_relief(
    arms: Sequence[ArmShown], latitude_rad: float, longitude_rad: float, elevation: Elevation
) -> Relief:
    """Return the true ground about a site, wide enough for the landed runs of all arms."""
    here = north_up(latitude_rad, longitude_rad)
    reach = [_LEAST_HALF_M]
    for arm in arms:
        x_m, y_m = _places(arm, here)
        miss = np.hypot(x_m, y_m)[arm.landed]
        reach += [float(np.quantile(miss, 0.995))] if miss.size else []
    half_m = 1.4 * max(reach)
    return sample("footprint", here, elevation, x_m=(-half_m, half_m), y_m=(-half_m, half_m))


def _places(arm: ArmShown, plane: Plane) -> tuple[Array, Array]:
    latitude, longitude = arm.column("latitude_rad"), arm.column("longitude_rad")
    c = np.cos(latitude)
    return plane.metres(np.column_stack([c * np.cos(longitude), c * np.sin(longitude), np.sin(latitude)]))


def footprint(arm: ArmShown, relief: Relief) -> Chart | None:
    """Return where the runs came down about the site, north up, on shaded ground."""
    x_m, y_m = _places(arm, relief.plane)
    placed = np.isfinite(x_m) & np.isfinite(y_m)
    if not placed.any():
        return None
    half = -relief.x_low_m
    unit, factor = ("km", 1e-3) if half > 2000.0 else ("m", 1.0)
    inside = placed & (np.abs(x_m) < half) & (np.abs(y_m) < half)
    outside = int((placed & ~inside).sum())
    good, bad = inside & arm.landed, inside & ~arm.landed
    far = f" ({outside} came down outside the map)" if outside else ""
    return Chart(
        f"Footprint ({arm.policy})",
        f"east of the site, {unit}{far}",
        f"north, {unit}",
        tuple(_rings(x_m[good], y_m[good], factor)),
        limits=(-half * factor, half * factor, -half * factor, half * factor),
        under=(relief.picture(factor),),
        over=(
            Cloud(x_m[good] * factor, y_m[good] * factor, "on-map good", "landed", 4.5),
            Cloud(x_m[bad] * factor, y_m[bad] * factor, "on-map bad", "failed", 4.5),
        ),
        width=640.0,
        height=618.0,
        equal=True,
    )


def _rings(x_m: Array, y_m: Array, factor: float) -> list[Line]:
    """Return the circle about the site that holds half the landed runs, and their 99 % ellipse."""
    if x_m.size == 0:
        return []
    cep_m = float(np.median(np.hypot(x_m, y_m)))
    circle = Line(
        factor * cep_m * np.cos(_CIRCLE), factor * cep_m * np.sin(_CIRCLE), "over thin", f"CEP {cep_m:.0f} m"
    )
    found = prediction_ellipse(x_m, y_m, 0.99)
    if found is None:
        return [circle]
    c, s = math.cos(found.angle_rad), math.sin(found.angle_rad)
    a, b = found.semi_major_m * np.cos(_CIRCLE), found.semi_minor_m * np.sin(_CIRCLE)
    ellipse = Line(
        factor * (found.first_m + c * a - s * b),
        factor * (found.second_m + s * a + c * b),
        "over",
        "99 % ellipse",
    )
    return [circle, ellipse]


def consistency(arm: ArmShown) -> list[Chart]:
    """Return how the runs' mean NEES and NIS are spread, beside what a consistent filter has."""
    charts = []
    for name, words, expected in (
        ("nees", "NEES (9 degrees of freedom)", _NEES_FREEDOM),
        ("nis", "NIS per degree of freedom", 1.0),
    ):
        values = arm.column(name)
        values = values[np.isfinite(values)]
        if values.size < 5:
            continue
        shown = np.minimum(values, np.percentile(values, 99.0))
        count, edges = np.histogram(
            shown, bins=_cells(values.size), range=(0.0, max(2.0 * expected, float(shown.max())))
        )
        mean = float(values.mean())
        charts.append(
            Chart(
                f"Mean {words} of a run ({arm.policy})",
                "the last bar holds what lies beyond",
                "runs",
                limits=(0.0, float(edges[-1]), 0.0, 1.15 * float(count.max())),
                under=(Bars(edges, count.astype(float), "c3"),),
                over=(Rule(expected, "consistent"), Rule(mean, f"mean {mean:.2f}", "c3", line=1)),
                height=260.0,
            )
        )
    return charts


def consistency_in_time(arm: ArmShown) -> Chart | None:
    """Return the average NEES of the first hundred runs by epoch, and the bounds it keeps to if all is right.

    Runs that are over count no more: the bounds widen with their number.
    """
    names = [name for name in arm.columns if name.startswith("nees:")]
    if not names:
        return None
    values = np.column_stack([arm.column(name)[:AVERAGED_RUNS] for name in names])
    count = np.isfinite(values).sum(axis=0)
    kept = count >= _LEAST_RUNS
    if kept.sum() < 2:
        return None
    t_s = np.array([float(name[len("nees:") : -1]) for name in names])[kept]
    mean = np.nanmean(values[:, kept], axis=0)
    bounds = np.array([chi_square_mean_bounds(int(_NEES_FREEDOM), int(runs)) for runs in count[kept]])
    reach = 1.15 * max(float(np.quantile(mean, 0.95)), float(bounds.max()))
    inside = float(np.mean((mean >= bounds[:, 0]) & (mean <= bounds[:, 1])))
    return Chart(
        f"Average NEES of {len(values)} runs over time ({arm.policy})",
        f"seconds since the filter began; inside its bounds at {100.0 * inside:.0f} % of {kept.sum()} epochs",
        "NEES of position, velocity, attitude",
        (Line(t_s, mean, "c3", "average"), Line(t_s, np.full_like(t_s, _NEES_FREEDOM), "muted", "expected")),
        limits=(float(t_s[0]), float(t_s[-1]), 0.0, reach),
        under=(Area(t_s, bounds[:, 0], bounds[:, 1], "c3", "95 % of such averages"),),
        width=1180.0,
        height=280.0,
    )

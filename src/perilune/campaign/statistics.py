"""The statistics a campaign is judged by, in closed form: intervals, paired and rank tests, ellipses.

Everything stands on `scipy.special`; `scipy.stats` would take half a second to import.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

FloatArray = NDArray[np.float64]
_HALF: Final = 0.5


def clopper_pearson(successes: int, runs: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact two-sided interval of a probability (Clopper and Pearson, Biometrika 26, 1934).

    >>> low, high = clopper_pearson(230, 230, 0.80)
    >>> round(low, 4), high
    (0.99, 1.0)
    """
    if not 0 <= successes <= runs or runs < 1:
        raise ValueError(f"{successes} successes of {runs} runs")
    tail = (1.0 - confidence) / 2.0
    low = special.betaincinv(successes, runs - successes + 1, tail) if successes else 0.0
    high = special.betaincinv(successes + 1, runs - successes, 1.0 - tail) if successes < runs else 1.0
    return float(low), float(high)


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the exact two-sided p of paired outcomes (McNemar 1947), from the pairs that differ.

    >>> round(mcnemar(1, 9), 6)
    0.021484
    """
    fewer, pairs = min(only_first, only_second), only_first + only_second
    if pairs == 0:
        return 1.0
    return min(1.0, 2.0 * float(special.bdtr(fewer, pairs, _HALF)))


def chi_square_mean_bounds(freedom: int, count: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the bounds within which the mean of `count` chi-square numbers falls.

    >>> [round(x, 4) for x in chi_square_mean_bounds(1, 100)]
    [0.7422, 1.2956]
    """
    tail, total = (1.0 - confidence) / 2.0, freedom * count
    low, high = special.chdtri(total, 1.0 - tail), special.chdtri(total, tail)
    return float(low) / count, float(high) / count


class Ranked(NamedTuple):
    """A rank test: the effect, from -1 to 1, and its two-sided p."""

    effect_ratio: float
    p_value: float


def rank_biserial(values: FloatArray, group: NDArray[np.bool_]) -> Ranked:
    """Return how far values (n,) lie higher inside a group (n,) than outside: Mann-Whitney, ties corrected.

    The effect is the rank-biserial correlation: the share of pairs in which the value inside is the larger,
    less the share in which it is the smaller. p is that of the normal approximation with continuity.
    """
    inside, outside = int(group.sum()), int((~group).sum())
    if inside == 0 or outside == 0:
        return Ranked(0.0, 1.0)
    ranks, ties = ranked(values)
    u = float(ranks[group].sum()) - inside * (inside + 1) / 2.0
    pairs, total = inside * outside, inside + outside
    variance = pairs / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)))
    if variance <= 0.0:
        return Ranked(0.0, 1.0)
    z = max(abs(u - pairs / 2.0) - _HALF, 0.0) / math.sqrt(variance)
    return Ranked(2.0 * u / pairs - 1.0, min(1.0, 2.0 * float(special.ndtr(-z))))


def spearman(first: FloatArray, second: FloatArray) -> Ranked:
    """Return the rank correlation of two series (n,), with p by Student's t."""
    return correlated(ranked(first)[0], ranked(second)[0])


def correlated(first: FloatArray, second: FloatArray) -> Ranked:
    """Return the correlation of two series of ranks (n,), with p by Student's t."""
    count = len(first)
    a, b = first - first.mean(), second - second.mean()
    scale = math.sqrt(float(a @ a) * float(b @ b))
    if count < 3 or scale == 0.0:
        return Ranked(0.0, 1.0)
    rho = max(-1.0, min(1.0, float(a @ b) / scale))
    if abs(rho) == 1.0:
        return Ranked(rho, 0.0)
    t = abs(rho) * math.sqrt((count - 2) / (1.0 - rho * rho))
    return Ranked(rho, 2.0 * float(special.stdtr(count - 2, -t)))


def ranked(values: FloatArray) -> tuple[FloatArray, float]:
    """Return the ranks (n,) from 1, ties sharing their mean, and the sum of t^3 - t over the ties.

    >>> ranked(np.array([3.0, 1.0, 3.0]))
    (array([2.5, 1. , 2.5]), 6.0)
    """
    order = np.argsort(values, kind="stable")
    begins = np.concatenate([[True], np.diff(values[order]) != 0.0]) if len(values) else np.empty(0, bool)
    counts = np.diff(np.append(np.flatnonzero(begins), len(values)))
    ranks = np.empty(len(values))
    ranks[order] = np.repeat(np.cumsum(counts) - (counts - 1) / 2.0, counts)
    return ranks, float((counts.astype(float) ** 3 - counts).sum())


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p values as they are when all tests are taken together (Holm 1979).

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted, largest = [1.0] * len(p_values), 0.0
    for k, place in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - k) * p_values[place]))
        adjusted[place] = largest
    return adjusted


class Ellipse(NamedTuple):
    """An ellipse in a plane: its centre, half axes, and the angle of the larger one from the first axis."""

    first_m: float
    second_m: float
    semi_major_m: float
    semi_minor_m: float
    angle_rad: float

    def holds(self, first: FloatArray, second: FloatArray) -> NDArray[np.bool_]:
        """Return which points (n,) lie inside."""
        x, y = first - self.first_m, second - self.second_m
        c, s = math.cos(self.angle_rad), math.sin(self.angle_rad)
        along, across = c * x + s * y, c * y - s * x
        return np.asarray(
            (along / max(self.semi_major_m, 1e-300)) ** 2 + (across / max(self.semi_minor_m, 1e-300)) ** 2
            <= 1.0
        )


def prediction_ellipse(first: FloatArray, second: FloatArray, probability: float = 0.99) -> Ellipse | None:
    """Return where the next point falls with that probability, were the points (n,) of one normal law.

    The half axes are those of the sample's covariance times 2 (n+1)(n-1)/(n(n-2)) F(2, n-2), Hotelling's T²
    for one more point; None below three points.
    """
    count = len(first)
    if count < 3:
        return None
    spread, turn = np.linalg.eigh(np.cov(first, second))
    f = float(special.fdtri(2, count - 2, probability))
    scale = 2.0 * (count + 1) * (count - 1) / (count * (count - 2)) * f
    half = np.sqrt(np.maximum(spread, 0.0) * scale)
    angle_rad = math.atan2(turn[1, 1], turn[0, 1])
    return Ellipse(
        float(first.mean()),
        float(second.mean()),
        float(half[1]),
        float(half[0]),
        (angle_rad + math.pi / 2.0) % math.pi - math.pi / 2.0,
    )

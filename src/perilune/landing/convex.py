"""Minimum-fuel soft landing by lossless convexification: a benchmark beside the guidance, not a part of it.

Açıkmeşe and Ploen, JGCD 30 (2007) 1353: flat ground, constant gravity, thrust between two limits that are
not convex together. A slack above the thrust's size and the logarithm of the mass make it a second-order cone
problem with the same solution; one problem is solved for each duration, and the duration is searched. The
two-step procedure of US 8,489,260 (least error first, then least fuel) is not here. The solver, Clarabel,
comes with the extra `convex`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize_scalar

from perilune.errors import InputError

FloatArray = NDArray[np.float64]

#: Columns of a node: place (3), velocity (3), thrust over mass (3), its bound, logarithm of the mass.
_R, _V, _U, _S, _Z = 0, 3, 6, 9, 10
_WIDTH = 11


@dataclass(frozen=True, slots=True)
class FlatLanding:
    """A powered landing at rest at the origin; axes: any, with the third upwards.

    `exhaust_m_s` is thrust over mass flow. `lowest_m` keeps the way above a height, `glide_slope_rad` above a
    cone around the landing place (angle from the horizontal); None leaves it free.
    """

    position_m: tuple[float, float, float]
    velocity_m_s: tuple[float, float, float]
    mass_kg: float
    dry_mass_kg: float
    least_thrust_n: float
    most_thrust_n: float
    exhaust_m_s: float
    gravity_m_s2: float
    lowest_m: float | None = None
    glide_slope_rad: float | None = None

    def __post_init__(self) -> None:
        if not 0.0 < self.least_thrust_n <= self.most_thrust_n:
            raise InputError(
                f"Thrust from {self.least_thrust_n} N to {self.most_thrust_n} N is no range. Give positive "
                "limits, the lower one first."
            )
        if not 0.0 < self.dry_mass_kg < self.mass_kg:
            raise InputError(
                f"A mass of {self.mass_kg} kg must be above the dry mass of {self.dry_mass_kg} kg, "
                "and that above 0."
            )


@dataclass(frozen=True, slots=True, eq=False)
class ConvexLanding:
    """What came of it; without a solution `solved` is false and the figures are NaN.

    `thrust_n`, `position_m`, `velocity_m_s` float64[n, 3] at `time_s` float64[n], `mass_kg` float64[n];
    `slack` is the largest share by which the bound lies above the thrust's size: zero where the
    convexification loses nothing.
    """

    solved: bool
    propellant_kg: float
    duration_s: float
    time_s: FloatArray
    position_m: FloatArray
    velocity_m_s: FloatArray
    thrust_n: FloatArray
    mass_kg: FloatArray
    slack: float


def minimum_fuel_landing(
    problem: FlatLanding, *, duration_s: float | None = None, step_s: float = 1.0
) -> ConvexLanding:
    """Return the landing of least propellant, of a given duration or of the best one.

    Thrust over mass is linear between nodes at most `step_s` apart. The best duration is searched between
    those at which full thrust could null the speed and the least thrust would burn all propellant.
    """
    solver = _solver()
    if duration_s is not None:
        return _landing(problem, duration_s, step_s, solver)
    shortest_s = problem.mass_kg * float(np.linalg.norm(problem.velocity_m_s)) / problem.most_thrust_n
    longest_s = (problem.mass_kg - problem.dry_mass_kg) * problem.exhaust_m_s / problem.least_thrust_n

    def propellant(trial_s: float) -> float:
        found = _landing(problem, trial_s, max(step_s, trial_s / 60.0), solver)
        return found.propellant_kg if found.solved else math.inf

    grid_s = np.linspace(max(shortest_s, 0.02 * longest_s), longest_s, 17)
    costs = [propellant(float(t)) for t in grid_s]
    best = int(np.argmin(costs))
    if not math.isfinite(costs[best]):
        return _no_landing()
    low_s, high_s = float(grid_s[max(best - 1, 0)]), float(grid_s[min(best + 1, 16)])
    found = minimize_scalar(
        lambda t: min(propellant(float(t)), 1e6),
        bounds=(low_s, high_s),
        method="bounded",
        options={"xatol": 0.02},
    )
    return _landing(problem, float(found.x), step_s, solver)


def _solver() -> Any:
    try:
        import clarabel
    except ImportError as e:
        raise InputError(
            "The convex landing needs the solver Clarabel, which is not installed. "
            "Install it with: pip install 'perilune[convex]'"
        ) from e
    return clarabel


class _Rows:
    """Rows of a cone problem, gathered as triplets: A x + s = b with s in a cone."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.i: list[int] = []
        self.j: list[int] = []
        self.a: list[float] = []
        self.b: list[float] = []

    def add(self, terms: dict[int, float], value: float) -> None:
        row = len(self.b)
        for column, factor in terms.items():
            self.i.append(row)
            self.j.append(column)
            self.a.append(factor)
        self.b.append(value)

    def matrix(self) -> Any:
        return sparse.csc_matrix((self.a, (self.i, self.j)), shape=(len(self.b), self.columns))


def _landing(problem: FlatLanding, duration_s: float, step_s: float, solver: Any) -> ConvexLanding:
    intervals = max(math.ceil(duration_s / step_s), 4)
    rows = _Rows(_WIDTH * (intervals + 1))
    zeros = _dynamics(rows, problem, intervals, duration_s / intervals)
    cones = [solver.ZeroConeT(zeros)]
    linear = _bounds(rows, problem, intervals, duration_s)
    cones.append(solver.NonnegativeConeT(linear))
    cones += [solver.SecondOrderConeT(size) for size in _cones(rows, problem, intervals, duration_s)]
    cost = np.zeros(rows.columns)
    cost[_WIDTH * intervals + _Z] = -1.0
    settings = solver.DefaultSettings()
    settings.verbose = False
    nothing = sparse.csc_matrix((rows.columns, rows.columns))
    found = solver.DefaultSolver(nothing, cost, rows.matrix(), np.array(rows.b), cones, settings).solve()
    if str(found.status) not in ("Solved", "AlmostSolved"):
        return _no_landing()
    return _read(problem, np.array(found.x).reshape(-1, _WIDTH), duration_s)


def _dynamics(rows: _Rows, problem: FlatLanding, intervals: int, h: float) -> int:
    """Add the ends and the motion between nodes, exact for thrust over mass linear in time."""
    last = _WIDTH * intervals
    for axis in range(3):
        rows.add({_R + axis: 1.0}, problem.position_m[axis])
        rows.add({_V + axis: 1.0}, problem.velocity_m_s[axis])
        rows.add({last + _R + axis: 1.0}, 0.0)
        rows.add({last + _V + axis: 1.0}, 0.0)
    rows.add({_Z: 1.0}, math.log(problem.mass_kg))
    for k in range(intervals):
        a, b = _WIDTH * k, _WIDTH * (k + 1)
        for axis in range(3):
            g = -problem.gravity_m_s2 if axis == 2 else 0.0
            r, v, u = _R + axis, _V + axis, _U + axis
            motion = {b + r: 1.0, a + r: -1.0, a + v: -h, a + u: -h * h / 3.0, b + u: -h * h / 6.0}
            rows.add(motion, 0.5 * h * h * g)
            rows.add({b + v: 1.0, a + v: -1.0, a + u: -0.5 * h, b + u: -0.5 * h}, h * g)
        burn = 0.5 * h / problem.exhaust_m_s
        rows.add({b + _Z: 1.0, a + _Z: -1.0, a + _S: burn, b + _S: burn}, 0.0)
    return len(rows.b)


def _lightest(problem: FlatLanding, t_s: float) -> float:
    """Return the logarithm of the mass after full thrust for a time: the limits are expanded there."""
    burned = problem.most_thrust_n / problem.exhaust_m_s * t_s
    return math.log(max(problem.mass_kg - burned, problem.dry_mass_kg))


def _bounds(rows: _Rows, problem: FlatLanding, intervals: int, duration_s: float) -> int:
    """Add the linear limits: full thrust, mass, lowest height."""
    before = len(rows.b)
    for k in range(intervals + 1):
        a = _WIDTH * k
        z0 = _lightest(problem, duration_s * k / intervals)
        most = problem.most_thrust_n * math.exp(-z0)
        rows.add({a + _S: 1.0, a + _Z: most}, most * (1.0 + z0))
        rows.add({a + _Z: -1.0}, -z0)
        if problem.lowest_m is not None:
            rows.add({a + _R + 2: -1.0}, -problem.lowest_m)
    rows.add({_WIDTH * intervals + _Z: -1.0}, -math.log(problem.dry_mass_kg))
    return len(rows.b) - before


def _cones(rows: _Rows, problem: FlatLanding, intervals: int, duration_s: float) -> list[int]:
    """Add thrust below its bound, the bound above the least thrust, the glide slope; return the sizes."""
    sizes = []
    for k in range(intervals + 1):
        a = _WIDTH * k
        rows.add({a + _S: -1.0}, 0.0)
        for axis in range(3):
            rows.add({a + _U + axis: -1.0}, 0.0)
        sizes.append(4)
        # least (1 - d + d^2/2) <= bound, d = z - z0: d^2 <= 2 w, w = bound/least - 1 + d: a cone of three.
        z0 = _lightest(problem, duration_s * k / intervals)
        least = problem.least_thrust_n * math.exp(-z0)
        rows.add({a + _S: -1.0 / least, a + _Z: -1.0}, -1.0 - z0 + 0.5)
        rows.add({a + _S: -1.0 / least, a + _Z: -1.0}, -1.0 - z0 - 0.5)
        rows.add({a + _Z: -1.0}, -z0)
        sizes.append(3)
        if problem.glide_slope_rad is not None:
            rows.add({a + _R + 2: -1.0 / math.tan(problem.glide_slope_rad)}, 0.0)
            rows.add({a + _R: -1.0}, 0.0)
            rows.add({a + _R + 1: -1.0}, 0.0)
            sizes.append(3)
    return sizes


def _read(problem: FlatLanding, nodes: FloatArray, duration_s: float) -> ConvexLanding:
    mass = np.exp(nodes[:, _Z])
    size = np.linalg.norm(nodes[:, _U : _U + 3], axis=1)
    return ConvexLanding(
        solved=True,
        propellant_kg=float(problem.mass_kg - mass[-1]),
        duration_s=duration_s,
        time_s=np.linspace(0.0, duration_s, len(nodes)),
        position_m=nodes[:, _R : _R + 3].copy(),
        velocity_m_s=nodes[:, _V : _V + 3].copy(),
        thrust_n=nodes[:, _U : _U + 3] * mass[:, None],
        mass_kg=mass,
        slack=float(np.max(nodes[:, _S] / size - 1.0)),
    )


def _no_landing() -> ConvexLanding:
    none = np.empty((0, 3))
    return ConvexLanding(False, math.nan, math.nan, none[:, 0], none, none, none, none[:, 0], math.nan)

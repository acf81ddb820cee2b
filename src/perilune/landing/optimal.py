"""The minimum-fuel soft landing: the figure that every guided descent is judged by.

Pontryagin's conditions for a point mass over a spherical Moon, solved by indirect shooting: downrange and end
time are free, thrust is full (or, if asked, off during one coast), its direction follows the primer vector.
From perilune at one to 1.3 lunar weights full thrust throughout is the optimum to 0.01 %: the switching
function in the result says so for any case.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perilune.constants import GM_MOON_M3_S2, STANDARD_GRAVITY_M_S2
from perilune.landing import _kernels_optimal as kernels

FloatArray = NDArray[np.float64]

_STEPS = 200
#: A solution ends within this of its target, in units of the starting radius and circular speed (here 0.2 mm,
#: 0.2 µm/s).
_TOLERANCE = 1e-10
#: A coast may last a sixth of a revolution at the starting radius: longer ones change the orbit first and
#: land on a later pass.
_LONGEST_COAST = 2.0 * math.pi / 6.0


@dataclass(frozen=True, slots=True)
class MinimumFuelDescent:
    """A minimum-fuel descent; `converged` says whether there is one, the figures are NaN if not.

    Attributes: `dv_m_s`, `propellant_kg`, `final_mass_kg`; `duration_s` from start to touchdown with
    `coast_s` of it unpowered after `first_burn_s`; `downrange_rad`, the inertial angle flown;
    `elevation_start_rad` and `elevation_end_rad` of the thrust above the local horizontal, backwards;
    `switching` float64[n, 2] of (s, -), negative where Pontryagin asks for full thrust.
    """

    converged: bool
    dv_m_s: float
    propellant_kg: float
    final_mass_kg: float
    duration_s: float
    first_burn_s: float
    coast_s: float
    downrange_rad: float
    elevation_start_rad: float
    elevation_end_rad: float
    switching: FloatArray


@dataclass(frozen=True, slots=True)
class _Scaled:
    """The problem in units of starting radius, circular speed and starting mass."""

    start: FloatArray
    target: FloatArray
    thrust: float
    flow: float
    time_s: float


def minimum_fuel_descent(
    radius_m: float,
    radial_speed_m_s: float,
    tangential_speed_m_s: float,
    mass_kg: float,
    *,
    thrust_n: float,
    isp_s: float,
    final_radius_m: float,
    final_radial_speed_m_s: float = 0.0,
    final_tangential_speed_m_s: float = 0.0,
    gm_m3_s2: float = GM_MOON_M3_S2,
    coast: bool = False,
) -> MinimumFuelDescent:
    """Return the least-propellant descent from a state to a soft landing, downrange and duration free.

    Speeds are inertial and in the plane of motion; the surface's own speed in that plane is the final one.
    Thrust is full throughout; `coast` lets it pause once. Where no descent exists (too little thrust),
    `converged` is false.

    >>> best = minimum_fuel_descent(
    ...     1753000.0, 0.0, 1692.29, 298.08721288, thrust_n=440.0, isp_s=310.0, final_radius_m=1738003.0
    ... )
    >>> round(best.final_mass_kg, 1)
    153.5
    """
    speed = math.sqrt(gm_m3_s2 / radius_m)
    time_s = radius_m / speed
    problem = _Scaled(
        np.array([0.0, 1.0, radial_speed_m_s / speed, tangential_speed_m_s / speed, 1.0, 0.0, 0.0, 0.0, 0.0]),
        np.array(
            [final_radius_m / radius_m, final_radial_speed_m_s / speed, final_tangential_speed_m_s / speed]
        ),
        thrust_n / mass_kg * time_s / speed,
        thrust_n / (isp_s * STANDARD_GRAVITY_M_S2) / mass_kg * time_s,
        time_s,
    )
    unknowns = _shoot_from_guesses(problem)
    if unknowns is None:
        return _no_descent()
    first, pause = (0.0, 0.0)
    if coast:
        unknowns, first, pause = _with_coast(problem, unknowns)
    return _result(problem, unknowns, first, pause, mass_kg, isp_s)


def _shoot_from_guesses(problem: _Scaled) -> FloatArray | None:
    exhaust = problem.thrust / problem.flow
    for e0 in np.radians([10.0, 0.0, 20.0, -10.0, 30.0]):
        for e1 in np.radians([45.0, 30.0, 60.0]):
            dv = 1.08 * abs(problem.start[3] - problem.target[2])
            burn = (1.0 - math.exp(-dv / exhaust)) / problem.flow
            tangent_rate = (math.tan(e1) - math.tan(e0)) * math.cos(e0) / burn
            guess = np.array([e0, -math.cos(e0) * problem.start[3] - tangent_rate, burn])
            if _shoot(problem, guess, 0.0, 0.0) < _TOLERANCE:
                return guess
    return None


def _shoot(problem: _Scaled, unknowns: FloatArray, first: float, pause: float) -> float:
    return float(
        kernels.shoot(
            unknowns, problem.start, problem.thrust, problem.flow, first, pause, problem.target, _STEPS
        )
    )


def _with_coast(problem: _Scaled, unknowns: FloatArray) -> tuple[FloatArray, float, float]:
    """Search first burn and coast for the least burning time; the plain solution if none is better."""
    plain = unknowns.copy()

    def burning(x: FloatArray) -> float:
        first, pause = float(x[0]), float(x[1])
        outside = max(0.0, -first, -pause, first - float(plain[2]), pause - _LONGEST_COAST)
        if outside > 0.0:
            return float(plain[2]) * (1.1 + outside)
        trial = plain.copy()
        if _shoot(problem, trial, first, pause) > _TOLERANCE:
            return float(plain[2]) * 1.1
        return float(trial[2])

    # Here alone, and seldom: to load it takes half a second of a landing's start.
    from scipy.optimize import minimize

    best = (float(plain[2]), 0.0, 0.0)
    for first in (0.0, 0.1):
        x0 = np.array([first, 0.05]) * plain[2]
        simplex = x0 + 0.05 * plain[2] * np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        found = minimize(
            burning,
            x0,
            method="Nelder-Mead",
            options={"initial_simplex": simplex, "xatol": 1e-6, "fatol": 1e-10, "maxfev": 120},
        )
        if found.fun < best[0] - 1e-9:
            best = (float(found.fun), float(found.x[0]), float(found.x[1]))
    if best[2] > 0.0:
        _shoot(problem, unknowns, best[1], best[2])
    return unknowns, best[1], best[2]


def _result(
    problem: _Scaled, unknowns: FloatArray, first: float, pause: float, mass_kg: float, isp_s: float
) -> MinimumFuelDescent:
    arguments = (unknowns, problem.start, problem.thrust, problem.flow, first, pause, _STEPS)
    end = kernels.fly(*arguments)
    samples = np.empty((101, 3))
    kernels.switching(*arguments, samples.shape[0], samples)
    samples[:, 0] *= problem.time_s
    if samples[:, 2].min() < problem.target[0] - 1e-6:
        return _no_descent()  # it would pass through the ground on its way
    return MinimumFuelDescent(
        converged=True,
        dv_m_s=isp_s * STANDARD_GRAVITY_M_S2 * math.log(1.0 / end[4]),
        propellant_kg=float(mass_kg * (1.0 - end[4])),
        final_mass_kg=float(mass_kg * end[4]),
        duration_s=float(unknowns[2] + pause) * problem.time_s,
        first_burn_s=float(first if pause > 0.0 else unknowns[2]) * problem.time_s,
        coast_s=pause * problem.time_s,
        downrange_rad=float(end[0]),
        elevation_start_rad=float(unknowns[0]),
        elevation_end_rad=math.atan2(end[6], -end[7]),
        switching=samples[:, :2],
    )


def _no_descent() -> MinimumFuelDescent:
    nan = math.nan
    return MinimumFuelDescent(False, nan, nan, nan, nan, nan, nan, nan, nan, nan, np.empty((0, 2)))

"""The convex landing: the published benchmark, and the equations that it must not have bent."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from functools import cache
from importlib.util import find_spec

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from perilune.errors import InputError
from perilune.landing.convex import ConvexLanding, minimum_fuel_landing
from validation.acikmese import figures
from validation.acikmese.figures import MARS

FloatArray = NDArray[np.float64]


def test_a_missing_solver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "clarabel", None)
    with pytest.raises(InputError) as told:
        minimum_fuel_landing(MARS, duration_s=72.0)
    assert str(told.value) == (
        "The convex landing needs the solver Clarabel, which is not installed. "
        "Install it with: pip install 'perilune[convex]'"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"least_thrust_n": 9000.0, "most_thrust_n": 8000.0},
            "Thrust from 9000.0 N to 8000.0 N is no range.",
        ),
        ({"dry_mass_kg": 2000.0}, "A mass of 1905.0 kg must be above the dry mass of 2000.0 kg"),
    ],
)
def test_bad_problems_are_refused(change: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        replace(MARS, **change)


clarabel = pytest.mark.skipif(
    find_spec("clarabel") is None, reason="the solver of the extra `convex` is not installed"
)


@cache
def landing(name: str) -> ConvexLanding:
    return figures.ours(name)


@clarabel
@pytest.mark.parametrize("name", figures.CASES)
def test_the_published_propellant_is_reproduced(name: str) -> None:
    best = landing(name)
    assert best.solved
    assert best.propellant_kg == pytest.approx(figures.CASES[name][2], abs=figures.FROZEN_KG)


@clarabel
def test_our_own_figure_is_frozen() -> None:
    # The tenths that the paper prints, then ours.
    assert round(landing("free way").propellant_kg, 1) == 387.9
    assert landing("free way").propellant_kg == pytest.approx(387.913, abs=2e-3)


@clarabel
@pytest.mark.parametrize("name", figures.CASES)
def test_nothing_is_lost_by_the_convexification(name: str) -> None:
    best = landing(name)
    size = np.linalg.norm(best.thrust_n, axis=1)
    assert best.slack < 1e-4
    assert size.min() > MARS.least_thrust_n * (1.0 - 1e-4)
    assert size.max() < MARS.most_thrust_n * (1.0 + 1e-4)
    # Full, least, full: only nodes beside a switch lie between.
    between = (size > 1.02 * MARS.least_thrust_n) & (size < 0.98 * MARS.most_thrust_n)
    assert between.mean() < 0.05


@clarabel
def test_the_thrust_found_lands_in_the_true_equations() -> None:
    best = landing("free way")

    def rates(t: float, y: FloatArray) -> FloatArray:
        share = np.array([np.interp(t, best.time_s, best.thrust_n[:, i] / best.mass_kg) for i in range(3)])
        push = share * y[6]
        gravity = np.array([0.0, 0.0, -MARS.gravity_m_s2])
        return np.array([*y[3:6], *(share + gravity), -np.linalg.norm(push) / MARS.exhaust_m_s])

    start = np.array([*MARS.position_m, *MARS.velocity_m_s, MARS.mass_kg])
    y = solve_ivp(rates, (0.0, best.duration_s), start, max_step=0.25, rtol=1e-9, atol=1e-9).y[:, -1]
    assert np.linalg.norm(y[:3]) < 0.01
    assert np.linalg.norm(y[3:6]) < 1e-3
    # Where the direction turns between nodes, a linear thrust is a little below its linear bound.
    assert MARS.mass_kg - y[6] == pytest.approx(best.propellant_kg, abs=0.1)


@clarabel
def test_the_best_duration_is_found() -> None:
    best = minimum_fuel_landing(MARS)
    assert best.propellant_kg == pytest.approx(landing("free way").propellant_kg, abs=0.06)
    assert 70.0 < best.duration_s < 74.0
    above = minimum_fuel_landing(replace(MARS, lowest_m=0.0))
    assert above.position_m[:, 2].min() > -1e-3
    assert above.propellant_kg > best.propellant_kg + 1.0
    assert minimum_fuel_landing(MARS, duration_s=68.0).propellant_kg > best.propellant_kg
    assert minimum_fuel_landing(MARS, duration_s=82.0).propellant_kg > best.propellant_kg


@clarabel
def test_no_landing_is_an_outcome() -> None:
    none = minimum_fuel_landing(MARS, duration_s=20.0)
    assert not none.solved
    assert math.isnan(none.propellant_kg)
    never = minimum_fuel_landing(replace(MARS, dry_mass_kg=1800.0))
    assert not never.solved

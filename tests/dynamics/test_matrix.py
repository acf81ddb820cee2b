"""The state transition matrix against differences of flights, and its symplectic law."""

from __future__ import annotations

import numpy as np
import pytest
from dynamics.arcs import CISLUNAR, EPOCH, LUNAR_20, ellipse, low_orbit

from perilune.dynamics.burns import Burn, Direction, Impulse
from perilune.dynamics.forces import ForceModel, SolarPressure
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State

ZONAL = ForceModel(point_masses=("earth",), earth_zonals=4)
SHADED = ForceModel(solar_pressure=SolarPressure(10.0, 1.5))
J = np.block([[np.zeros((3, 3)), np.eye(3)], [-np.eye(3), np.zeros((3, 3))]])


def differences(start: State, seconds: float, forces: ForceModel, burns: tuple = ()) -> np.ndarray:
    matrix = np.zeros((6, 6))
    steps = [10.0] * 3 + [1e-2] * 3
    for column, step in enumerate(steps):
        ends = []
        for sign in (1.0, -1.0):
            shifted = start.vector
            shifted[column] += sign * step
            state = State(start.epoch, start.frame, shifted[:3], shifted[3:])
            ends.append(propagate(state, seconds, forces, burns=burns, tolerance=1e-12).final.vector)
        matrix[:, column] = (ends[0] - ends[1]) / (2.0 * step)
    return matrix


@pytest.mark.parametrize(
    ("start", "seconds", "forces"),
    [
        (ellipse(7e6, 4e8), 3 * 86400.0, CISLUNAR),
        (ellipse(7e6, 9e6), 20000.0, ZONAL),
        (low_orbit(), 9000.0, LUNAR_20),
        (low_orbit(), -9000.0, SHADED),
    ],
)
def test_matrix_is_the_slope_of_the_flight(start: State, seconds: float, forces: ForceModel) -> None:
    flown = propagate(start, seconds, forces, stm=True)
    assert flown.stm is not None
    numeric = differences(start, seconds, forces)
    np.testing.assert_allclose(flown.stm, numeric, atol=2e-6 * np.abs(numeric).max())
    # The matrix takes no part in the choice of steps.
    alone = propagate(start, seconds, forces)
    assert abs(flown.steps - alone.steps) <= 1
    np.testing.assert_allclose(flown.final.vector, alone.final.vector, rtol=1e-10, atol=1e-5)


@pytest.mark.parametrize("seconds", [86400.0, -5 * 86400.0, 10 * 86400.0])
def test_matrix_is_symplectic(seconds: float) -> None:
    stm = propagate(ellipse(7e6, 4e8), seconds, CISLUNAR, stm=True).stm
    assert stm is not None
    defect = stm.T @ J @ stm - J
    assert np.abs(defect).max() < 1e-14 * np.abs(stm).max() ** 2


def test_matrices_of_two_arcs_multiply() -> None:
    whole = propagate(ellipse(7e6, 4e8), 4e5, CISLUNAR, stm=True)
    first = propagate(ellipse(7e6, 4e8), 1.5e5, CISLUNAR, stm=True)
    second = propagate(first.final, 2.5e5, CISLUNAR, stm=True)
    assert whole.stm is not None and first.stm is not None and second.stm is not None
    np.testing.assert_allclose(second.stm @ first.stm, whole.stm, atol=1e-8 * np.abs(whole.stm).max())


@pytest.mark.parametrize(
    "direction",
    [
        Direction.inertial((1.0, 2.0, 3.0)),
        Direction.anti_velocity(),
        Direction.vnb((0.5, 0.6, -0.2), "moon"),
        Direction.turning((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), 1e-3),
    ],
)
def test_matrix_through_a_burn(direction: Direction) -> None:
    burns = (Burn(EPOCH + 600.0, 540.0, 100.0, 320.0, direction),)
    stm = propagate(low_orbit(), 5000.0, CISLUNAR, burns=burns, stm=True).stm
    numeric = differences(low_orbit(), 5000.0, CISLUNAR, burns)
    np.testing.assert_allclose(stm, numeric, atol=2e-6 * np.abs(numeric).max())


def test_matrix_through_an_impulse() -> None:
    burns = (Impulse(EPOCH + 600.0, (10.0, -5.0, 3.0), body="moon"),)
    stm = propagate(low_orbit(), 5000.0, CISLUNAR, burns=burns, stm=True).stm
    numeric = differences(low_orbit(), 5000.0, CISLUNAR, burns)
    np.testing.assert_allclose(stm, numeric, atol=2e-6 * np.abs(numeric).max())

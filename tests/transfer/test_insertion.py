"""Insertion: the orbit asked for, what a finite burn loses, and what can not be done."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from perilune.dynamics.propagate import propagate
from perilune.epoch import Epoch
from perilune.errors import InputError
from perilune.transfer.burning import Engine, moved
from perilune.transfer.insertion import InsertionStatus, plan_insertion
from tests.transfer.arrivals import ENGINE, FORCES, MASS_KG, arrival

EPOCH = Epoch.utc("2025-05-06T20:41:00")
PERILUNE_M, APOLUNE_M = 70e3, 5800e3


def plan(state, engine=ENGINE, centre=EPOCH):  # type: ignore[no-untyped-def]
    return plan_insertion(state, MASS_KG, engine, centre, PERILUNE_M, APOLUNE_M, FORCES)


PLANES = [
    (EPOCH, 94.2, 10.0, -1.0e4),
    (EPOCH, 95.8, 190.0, 2.0e4),
    (EPOCH, 79.5, 215.0, 1.0e4),
    (Epoch.utc("2031-11-20T03:00:00"), 88.0, 100.0, 5.0e4),
    (Epoch.utc("2044-02-01T12:00:00"), 20.0, 300.0, 2.0e5),
]


@pytest.mark.parametrize(("epoch", "inclination", "node", "c3"), PLANES)
def test_the_orbit_after_cut_off_is_as_asked(
    epoch: Epoch, inclination: float, node: float, c3: float
) -> None:
    state = arrival(epoch, 70e3, math.radians(inclination), math.radians(node), c3_m2_s2=c3)
    early = propagate(state, -4.0 * 3600.0, FORCES, mass_kg=MASS_KG).final
    found = plan_insertion(early, MASS_KG, ENGINE, epoch, PERILUNE_M, APOLUNE_M, FORCES)
    assert found.status is InsertionStatus.PLANNED
    assert found.orbit.perilune_altitude_m == pytest.approx(PERILUNE_M, abs=2.0)
    assert found.orbit.apolune_altitude_m == pytest.approx(APOLUNE_M, abs=10.0)
    assert found.burn.centre - epoch == pytest.approx(0.0, abs=1e-6)
    assert 0.0 < found.gravity_loss_m_s < 0.02 * found.burn.dv_m_s
    assert found.mass_kg == pytest.approx(MASS_KG * math.exp(-found.burn.dv_m_s / ENGINE.exhaust_speed_m_s))
    assert found.arrival_epoch - epoch == pytest.approx(0.0, abs=1.0)


def test_the_burn_flies_through_the_engine_of_the_package() -> None:
    # The same degree everywhere: one that follows the distance depends on where the steps fall, by its bound.
    forces = replace(FORCES, moon_bound_m_s2=0.0)
    state = propagate(arrival(EPOCH, 70e3, 1.65, 0.2), -3600.0, forces, mass_kg=MASS_KG).final
    found = plan_insertion(state, MASS_KG, ENGINE, EPOCH, PERILUNE_M, APOLUNE_M, forces)
    flown = propagate(state, found.burn.end, forces, burns=(found.burn.burn,), mass_kg=MASS_KG)
    assert np.linalg.norm(flown.final.position_m - found.state.position_m) < 0.01
    assert flown.final_mass_kg == pytest.approx(found.mass_kg, abs=1e-9)


def test_an_arrival_at_the_advised_height_needs_no_steering() -> None:
    low = plan(arrival(EPOCH, 70e3, 1.65, 0.2))
    assert 72e3 < low.arrival_altitude_for_exact_m < 76e3
    assert low.perilune_gain == pytest.approx(1.0, abs=0.01)
    better = plan(moved(arrival(EPOCH, 70e3, 1.65, 0.2), low.arrival_altitude_for_exact_m - 70e3))
    assert better.arrival_altitude_for_exact_m == pytest.approx(better.arrival_altitude_m, abs=20.0)
    assert better.gravity_loss_m_s < 1.1
    assert better.gravity_loss_m_s < low.gravity_loss_m_s - 1.0


def test_more_thrust_nears_the_impulse() -> None:
    state = arrival(EPOCH, 70e3, 1.65, 0.2)
    losses_m_s = [plan(state, Engine(thrust_n, 320.0)).gravity_loss_m_s for thrust_n in (425.0, 4250.0)]
    assert losses_m_s[1] < 0.02 * losses_m_s[0]


def test_an_engine_too_weak_is_an_outcome() -> None:
    found = plan(arrival(EPOCH, 70e3, 1.65, 0.2, c3_m2_s2=2e5), Engine(1.0, 320.0))
    assert found.status is InsertionStatus.NO_SOLUTION


def test_a_perilune_out_of_reach_is_said() -> None:
    found = plan(arrival(EPOCH, 300e3, 1.65, 0.2))
    assert found.status is InsertionStatus.PERILUNE_MISSED
    assert found.orbit.apolune_altitude_m == pytest.approx(APOLUNE_M, abs=10.0)
    assert found.arrival_altitude_for_exact_m == pytest.approx(74e3, abs=3e3)


def test_heights_out_of_order_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        plan_insertion(arrival(EPOCH, 70e3, 1.6, 0.2), MASS_KG, ENGINE, EPOCH, 100e3, 90e3, FORCES)
    assert str(caught.value) == (
        "An orbit of 100000 x 90000 m is asked. "
        "Give a perilune above the ground and an apolune above the perilune."
    )

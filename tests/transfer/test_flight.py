"""Flights of chains with burns: an arc with a burn against one with an impulse, and a forward propagation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from perilune.transfer.burning import Engine
from perilune.transfer.chain import STATE_SCALE
from perilune.transfer.finite import burn_arc, burn_for, fly_arc
from perilune.transfer.flight import HANDOVER_S, fly_forward, phased_of, solution_of
from perilune.transfer.phasing import Aim, Phased, Prices
from perilune.transfer.request import DAY_S, transfer_forces
from perilune.transfer.schedule import Schedule
from perilune.transfer.shooting import linearise, restore, unknown_weights
from tests.transfer.chains import arrival_chain, request, setting

ENGINE = Engine(425.0, 320.0)
FORCES = transfer_forces(request())


def phased() -> Phased:
    """A chain of four arcs with burns of some m/s at its first two inner nodes, solved in the full model."""
    chain, states = arrival_chain(impulse_nodes=(1, 2))
    chain = replace(chain, model=setting().full, engine=ENGINE, forces=FORCES)
    z = chain.pack(states, np.array([[6.0, -2.0, 1.0], [-3.0, 3.0, 2.0]]))
    z, here = restore(chain, z, weights=unknown_weights(chain), tolerance=1e-11)
    assert here.defect < 1e-9
    names = ("injection", "one", "two", "three", "insertion")
    return Phased(chain, z, here, names, 2, 0, 0, Prices())


@pytest.mark.parametrize(("dv_m_s", "apart_m"), [(1.0, 30.0), (10.0, 3000.0)])
def test_a_burn_does_what_an_impulse_at_its_middle_does(dv_m_s: float, apart_m: float) -> None:
    """Far from all bodies only the cube of the burn's length is left."""
    _, states = arrival_chain()
    start, end = setting().base + -8.0 * DAY_S, setting().base + -4.0 * DAY_S
    dv = dv_m_s * np.array([0.0, 0.6, 0.8])
    burn = burn_for(ENGINE, start, dv, 1000.0, "test")
    assert burn.duration_s == pytest.approx(ENGINE.duration_s(dv_m_s, 1000.0))
    half = 0.5 * burn.duration_s
    finite, _, _ = burn_arc(FORCES, ENGINE, start, end, states[1], dv, 1000.0)
    middle = fly_arc(FORCES, start, start + half, states[1], 1000.0, None).final.vector
    middle[3:] += dv
    instant = fly_arc(FORCES, start + half, end, middle, 1000.0, None).final.vector
    assert np.linalg.norm(finite[:3] - instant[:3]) < apart_m


def test_a_burn_arcs_derivatives_are_those_of_its_end() -> None:
    _, states = arrival_chain()
    start, end = setting().base + -8.0 * DAY_S, setting().base + -4.0 * DAY_S
    dv = np.array([3.0, -4.0, 2.0])

    def end_of(state: np.ndarray, impulse: np.ndarray) -> np.ndarray:
        return burn_arc(FORCES, ENGINE, start, end, state, impulse, 1000.0)[0]

    _, by_state, by_impulse = burn_arc(FORCES, ENGINE, start, end, states[1], dv, 1000.0)
    for k in range(6):
        step = 1e-6 * STATE_SCALE[k] * np.eye(6)[k]
        column = (end_of(states[1] + step, dv) - end_of(states[1] - step, dv)) / (2.0 * step[k])
        assert np.linalg.norm((by_state[:, k] - column) / STATE_SCALE) < 1e-5 * np.linalg.norm(
            column / STATE_SCALE
        )
    for k in range(3):
        step = 1e-3 * np.eye(3)[k]
        column = (end_of(states[1], dv + step) - end_of(states[1], dv - step)) / 2e-3
        assert np.linalg.norm((by_impulse[:, k] - column) / STATE_SCALE) < 0.02 * np.linalg.norm(
            column / STATE_SCALE
        )


def test_a_flight_comes_by_every_node_of_its_plan() -> None:
    planned = phased()
    flight = fly_forward(setting(), planned, FORCES)
    assert flight.mismatch_m < 1.0
    assert flight.mismatch_m_s < 1e-3
    assert len(flight.arcs) == planned.chain.nodes - 1
    for before, after in zip(flight.arcs, flight.arcs[1:], strict=False):
        assert (before.final.vector == after.initial.vector).all()
        assert before.final.epoch == after.initial.epoch
        assert before.final_mass_kg == after.initial_mass_kg
    assert flight.approach.epoch - setting().base == pytest.approx(-HANDOVER_S, abs=1e-6)
    assert [name for name, _, _ in flight.burns] == ["one", "two"]
    spent = sum(burn.flow_kg_s * burn.duration_s for _, burn, _ in flight.burns)
    assert flight.mass_kg == pytest.approx(1000.0 - spent, abs=1e-9)


def test_a_flight_from_a_place_beside_the_plan_is_brought_back() -> None:
    planned = phased()
    moved = planned.unknowns.copy()
    moved[:3] += 1e3 / 1e8
    flight = fly_forward(setting(), replace(planned, unknowns=moved), FORCES)
    end = planned.chain.unpack(planned.unknowns)[1][-1]
    last = fly_arc(
        FORCES, flight.approach.epoch, setting().base, flight.approach.vector, flight.mass_kg, None
    ).final.vector
    relative = last - setting().moon(0.0)
    assert np.linalg.norm(relative[:3]) == pytest.approx(setting().perilune_radius_m, abs=2.0)
    assert np.linalg.norm(last - end) < 1e6


def test_a_solution_is_the_transfer_in_numbers() -> None:
    planned = phased()
    solution = solution_of(planned, Aim(1.81e6, 0.01), Schedule(1, 2, 3))
    again = phased_of(setting(), solution, ENGINE, FORCES)
    assert (again.unknowns == planned.unknowns).all()
    assert again.names == planned.names
    arcs = 6 * (planned.chain.nodes - 1)
    here = linearise(planned.chain, planned.unknowns).hard[:arcs]
    assert np.abs(again.linearised.hard[:arcs] - here).max() < 1e-6

"""Shooting: the Jacobian against differences, chains made whole, impulses made least."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from perilune.transfer.burning import Engine
from perilune.transfer.chain import LENGTH_M, SPEED_M_S, Condition, Quantity
from perilune.transfer.request import transfer_forces
from perilune.transfer.shooting import cost_m_s, linearise, optimise, restore, unknown_weights
from tests.transfer.chains import all_kinds, arrival_chain, request, setting

IMPULSES = np.array([[4.0, -3.0, 2.0], [-1.0, 5.0, 3.0]])


def differences(chain, z: np.ndarray, part: str, step: float) -> np.ndarray:
    columns = []
    for k in range(chain.size):
        there, back = z.copy(), z.copy()
        there[k] += step
        back[k] -= step
        ahead, behind = getattr(linearise(chain, there), part), getattr(linearise(chain, back), part)
        columns.append((ahead - behind) / (2.0 * step))
    return np.array(columns).T


def agree(ours: np.ndarray, theirs: np.ndarray, share: float) -> None:
    """Compare row by row, since rows differ by orders of magnitude."""
    rows = np.maximum(np.abs(theirs).max(axis=1, keepdims=True), 1e-12)
    assert np.abs((ours - theirs) / rows).max() < share


@pytest.mark.parametrize("weight", [0.0, 2.5], ids=["hard", "soft"])
def test_the_jacobian_is_that_of_the_residuals(weight: float) -> None:
    chain, states = arrival_chain(impulse_nodes=(1, 2), free_times=(0, 2))
    chain = all_kinds(chain, weight=weight)
    z = chain.pack(states, IMPULSES)
    z[-2:] = [0.03, -0.02]
    here = linearise(chain, z)
    assert len(here.hard) == 6 * (chain.nodes - 1) + (0 if weight else 9)
    assert len(here.soft) <= (9 if weight else 0)
    agree(here.hard_jacobian, differences(chain, z, "hard", 1e-7), 2e-5)
    if weight:
        agree(here.soft_jacobian, differences(chain, z, "soft", 1e-7), 2e-5)


def test_the_jacobian_through_finite_burns_is_near_enough_for_newton() -> None:
    """By an impulse it is that of an instant one at the burn's middle: right to a per cent or so."""
    chain, states = arrival_chain(impulse_nodes=(1, 2))
    chain = replace(
        chain, model=setting().full, engine=Engine(425.0, 320.0), forces=transfer_forces(request())
    )
    z = chain.pack(states, IMPULSES)
    agree(linearise(chain, z).hard_jacobian, differences(chain, z, "hard", 1e-6), 0.02)


def test_what_stays_inside_its_bounds_costs_nothing() -> None:
    chain, states = arrival_chain()
    inside = Condition(0, "earth", Quantity.DISTANCE, 1e6, 1e10, 1e6, 1.0)
    chain = chain.with_conditions([*chain.conditions, inside])
    assert linearise(chain, chain.pack(states)).soft.shape == (0,)


def test_unpacking_gives_back_what_was_packed() -> None:
    chain, states = arrival_chain(impulse_nodes=(0, 3), free_times=(1,))
    z = chain.pack(states, IMPULSES)
    z[-1] = 0.5
    times, unpacked, impulses = chain.unpack(z)
    assert times[1] - chain.times_s[1] == pytest.approx(5e3)
    assert np.allclose(unpacked, states, rtol=1e-15)
    assert np.allclose(impulses[[0, 3]], IMPULSES, rtol=1e-15)
    assert not impulses[[1, 2, 4]].any()
    assert chain.impulse_sizes_m_s(z) == pytest.approx(np.linalg.norm(IMPULSES, axis=1))


def test_arcs_back_from_an_arrival_are_a_whole_chain() -> None:
    chain, states = arrival_chain()
    assert linearise(chain, chain.pack(states)).defect < 1e-9


def test_a_disturbed_chain_is_made_whole() -> None:
    chain, states = arrival_chain(free_times=(2,))
    rng = np.random.default_rng(3)
    disturbed = states.copy()
    disturbed[:-1, :3] += rng.normal(0.0, 3e4, (chain.nodes - 1, 3))
    disturbed[:-1, 3:] += rng.normal(0.0, 0.1, (chain.nodes - 1, 3))
    z, here = restore(chain, chain.pack(disturbed), weights=unknown_weights(chain))
    assert here.defect < 1e-9
    times, solved, _ = chain.unpack(z)
    relative = solved[-1] - setting().moon(float(times[-1]))
    assert np.linalg.norm(relative[:3]) == pytest.approx(setting().perilune_radius_m, abs=1e-2)
    assert abs(relative[:3] @ relative[3:]) < 1e-8 * np.linalg.norm(relative[:3]) * np.linalg.norm(
        relative[3:]
    )


def test_a_weight_of_nothing_holds_an_unknown() -> None:
    chain, states = arrival_chain(impulse_nodes=(0, 1))
    moved = states.copy()
    moved[0, :3] += 2e5
    weights = unknown_weights(chain)
    weights[:6] = 0.0
    z, here = restore(chain, chain.pack(moved), weights=weights)
    assert here.defect < 1e-9
    assert (z[:6] == chain.pack(moved)[:6]).all()


def test_an_arc_into_the_ground_is_an_infinite_defect() -> None:
    chain, states = arrival_chain()
    states[1, :3] = 10.0
    states[1, 3:] = 0.0
    here = linearise(chain, chain.pack(states))
    assert here.defect == np.inf


def test_impulses_that_are_not_needed_vanish() -> None:
    """A free beginning can reach the arrival without any; least squares must find that from 15 m/s."""
    chain, states = arrival_chain(impulse_nodes=(1, 2))
    z = chain.pack(states, np.array([[10.0, 0.0, 0.0], [0.0, 5.0, 0.0]]))
    z, before = restore(chain, z, weights=unknown_weights(chain))
    assert before.defect < 1e-9
    assert cost_m_s(chain, z, before) > 1.0
    best, here = optimise(chain, z, weights=unknown_weights(chain))
    assert here.defect < 1e-8
    assert cost_m_s(chain, best, here) < 0.01


def test_a_fixed_beginning_costs_what_it_must() -> None:
    """With the first state off by a known velocity, one impulse there mends it, and none is cheaper."""
    chain, states = arrival_chain(days=(4.0, 2.0), impulse_nodes=(0, 1))
    off = np.array([3.0, -2.0, 1.0])
    states[0, 3:] -= off
    held = [
        Condition(0, "earth", Quantity.DISTANCE, d := float(np.linalg.norm(states[0, :3])), d, 1e6),
    ]
    chain = chain.with_conditions([*chain.conditions, *held])
    weights = unknown_weights(chain)
    weights[:6] = 0.0
    z, here = restore(chain, chain.pack(states, np.array([off, [0.0, 0.0, 0.0]])), weights=weights)
    assert here.defect < 1e-9
    assert chain.impulse_sizes_m_s(z) == pytest.approx([np.linalg.norm(off), 0.0], abs=1e-3)


def test_scales_are_those_of_the_problem() -> None:
    chain, states = arrival_chain()
    z = chain.pack(states)
    assert np.allclose(z[:3] * LENGTH_M, states[0, :3])
    assert np.allclose(z[3:6] * SPEED_M_S, states[0, 3:])

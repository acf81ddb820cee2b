"""The transfer as it is flown: finite burns, one forward propagation, each burn aimed from where it begins.

An error at launch would grow a billionfold until insertion, rounding errors included. So, as in any real
flight, each manoeuvre is solved again just before it is flown, from the state that was reached.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from perilune.dynamics.burns import Burn
from perilune.dynamics.forces import Array, ForceModel
from perilune.dynamics.state import State
from perilune.dynamics.trajectory import Trajectory
from perilune.transfer._kernels import shoot
from perilune.transfer.burning import Engine
from perilune.transfer.chain import STATE_SCALE, Chain, Condition
from perilune.transfer.finite import burn_for, fly_arc
from perilune.transfer.phasing import Aim, Phased, Prices, conditions
from perilune.transfer.request import Setting
from perilune.transfer.schedule import Schedule
from perilune.transfer.shooting import LEAST_BURN_M_S, linearise, restore, unknown_weights
from perilune.world.frames import EARTH_ICRF

#: Impulses below this are not worth a burn: the others take over their work, m/s.
_SMALLEST_MANOEUVRE_M_S: Final = 0.3
_CONVERGED: Final = 1e-8
#: Flights tried for the last digits of the last burn, and the miss (m) that ends them.
_TRIALS: Final = 300
_CLOSE_M: Final = 0.4
#: How far apart trials stand in the directions that do not count (m/s), and the turn from one to the next.
_SPREAD_M_S: Final = 1e-11
_GOLDEN_RAD: Final = math.pi * (3.0 - math.sqrt(5.0))
#: The transfer ends this long before its perilune; insertion takes over, s.
HANDOVER_S: Final = 7200.0


@dataclass(frozen=True, slots=True, eq=False)
class TransferFlight:
    """Arcs from node to node, their burns (name, burn, mass before), and the worst miss of a planned node."""

    names: tuple[str, ...]
    arcs: tuple[Trajectory, ...]
    burns: tuple[tuple[str, Burn, float], ...]
    mismatch_m: float
    mismatch_m_s: float
    approach: State
    mass_kg: float


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """A found transfer in numbers: all that is needed to fly it again in the same setting."""

    times_s: Array
    unknowns: Array
    impulse_nodes: tuple[int, ...]
    free_times: tuple[int, ...]
    names: tuple[str, ...]
    flyby_node: int
    loops: int
    branch: int
    aim: Aim
    schedule: Schedule


def solution_of(phased: Phased, aim: Aim, schedule: Schedule) -> Solution:
    """Return a transfer with burns as numbers."""
    chain = phased.chain
    return Solution(
        chain.times_s,
        phased.unknowns,
        chain.impulse_nodes,
        chain.free_times,
        phased.names,
        phased.flyby_node,
        phased.loops,
        phased.branch,
        aim,
        schedule,
    )


def phased_of(setting: Setting, solution: Solution, engine: Engine, forces: ForceModel) -> Phased:
    """Return a kept transfer with burns, to be solved again in its setting."""
    mass_kg = np.full(len(solution.times_s) - 1, setting.request.mass_kg)
    chain = Chain(
        setting,
        setting.full,
        solution.times_s,
        solution.impulse_nodes,
        solution.free_times,
        (),
        mass_kg,
        engine,
        forces,
    )
    return Phased(
        chain,
        solution.unknowns,
        linearise(chain, solution.unknowns),
        solution.names,
        solution.flyby_node,
        solution.loops,
        solution.branch,
        Prices(),
    )


def with_full_forces(setting: Setting, phased: Phased, mass_kg: float) -> Phased:
    """Return the impulsive transfer under all forces, still to be solved."""
    chain = replace(phased.chain, model=setting.full, mass_kg=np.full(phased.chain.nodes - 1, mass_kg))
    return replace(phased, chain=chain)


def without_small_impulses(setting: Setting, phased: Phased, aim: Aim) -> Phased:
    """Leave out the impulses that are too small to burn, one after the other, and solve again."""
    chain, z = phased.chain, phased.unknowns
    while True:
        sizes = chain.impulse_sizes_m_s(z)
        if len(sizes) <= 1 or sizes.min() >= _SMALLEST_MANOEUVRE_M_S:
            break
        chain, z = _without_impulse(chain, z, int(sizes.argmin()))
        chain, z, defect = _settle(setting, phased, chain, z, aim)
        if not defect < _CONVERGED:
            break
    return replace(phased, chain=chain, unknowns=z, linearised=linearise(chain, z))


def with_finite_burns(
    setting: Setting, phased: Phased, engine: Engine, forces: ForceModel, aim: Aim
) -> Phased:
    """Return the transfer with its impulses as burns about the same instants, solved again."""
    chain, z = phased.chain, phased.unknowns
    if chain.engine is None:
        chain, z = _burns_about_nodes(setting, chain, z, engine, forces)
    for _ in range(2):
        masses = _masses(chain, z, engine, phased.chain.mass_kg[0])
        chain = replace(chain, mass_kg=masses)
        chain, z, defect = _settle(setting, phased, chain, z, aim)
        if not defect < 1e-5:
            break
    return replace(phased, chain=chain, unknowns=z, linearised=linearise(chain, z))


def _settle(setting: Setting, phased: Phased, chain: Chain, z: Array, aim: Aim) -> tuple[Chain, Array, float]:
    """Restore a chain with its free times, and its injection's circumstances, held where they are."""
    defect = math.inf
    for _ in range(2):
        states = chain.unpack(z)[1]
        arrival = states[-1] - setting.moon(float(chain.times_s[-1]))
        radius = float(np.linalg.norm(states[0, :3]))
        chain = chain.with_conditions(
            conditions(
                setting,
                chain,
                phased.flyby_node,
                arrival,
                radius,
                Prices(),
                node_offset_rad=aim.node_offset_rad,
                arrival_radius_m=aim.arrival_radius_m,
            )
        )
        weights = unknown_weights(chain)
        weights[:6] = 1e-4  # injection stays: its plane and height were chosen
        z, here = restore(chain, z, weights=weights, steps=40, tolerance=1e-11)
        defect = here.defect
    return chain, z, defect


def _without_impulse(chain: Chain, z: Array, index: int) -> tuple[Chain, Array]:
    """Drop an impulse; what follows its node starts from the state before it."""
    first = 6 * chain.nodes
    kept = tuple(node for k, node in enumerate(chain.impulse_nodes) if k != index)
    trimmed = np.concatenate([z[: first + 3 * index], z[first + 3 * (index + 1) :]])
    return replace(chain, impulse_nodes=kept), trimmed


def _burns_about_nodes(
    setting: Setting, chain: Chain, z: Array, engine: Engine, forces: ForceModel
) -> tuple[Chain, Array]:
    """Move each impulse's node ahead by half of its burn, along the arc that leads there."""
    times, states, impulses = chain.unpack(z)
    masses = _masses(chain, z, engine, float(chain.mass_kg[0]))
    times, states = times.copy(), states.copy()
    for i in chain.impulse_nodes:
        lead_s = 0.5 * engine.duration_s(float(np.linalg.norm(impulses[i])), float(masses[i]))
        early = setting.base + (float(times[i]) - lead_s)
        arc = fly_arc(forces, setting.base + float(times[i]), early, states[i], float(masses[i]), None)
        states[i] = arc.final.vector
        times[i] -= lead_s
    moved = replace(chain, times_s=times, engine=engine, forces=forces, mass_kg=masses)
    return moved, moved.pack(states, impulses[list(chain.impulse_nodes)])


def _masses(chain: Chain, z: Array, engine: Engine, start_kg: float) -> Array:
    """Return the mass (kg) at the start of each arc, before its burn."""
    impulses = np.linalg.norm(chain.unpack(z)[2], axis=1)
    ratio = np.exp(-impulses[:-1] / engine.exhaust_speed_m_s)
    out: Array = start_kg * np.concatenate([[1.0], np.cumprod(ratio)[:-1]])
    return out


def fly_forward(setting: Setting, phased: Phased, forces: ForceModel) -> TransferFlight:
    """Fly the transfer from injection to shortly before its perilune, in one forward propagation.

    Before each burn the rest of the transfer is solved again with the state reached as its fixed beginning;
    the mismatch is what was found at each node against the plan that held then.
    """
    chain, z = phased.chain, phased.unknowns
    engine = chain.engine
    assert engine is not None
    base, last = setting.base, chain.nodes - 1
    times, states, impulses = chain.unpack(z)
    state, mass_kg = states[0], float(chain.mass_kg[0])
    arcs: list[Trajectory] = []
    burns: list[tuple[str, Burn, float]] = []
    worst = np.zeros(2)
    for i in range(last):
        start = arcs[-1].final.epoch if arcs else base + float(times[0])
        if i in chain.impulse_nodes:
            times, states, impulses = _aim_again(chain, z, i, state, mass_kg, engine)
            chain = replace(chain, times_s=times)
            if i == chain.impulse_nodes[-1]:
                begin = State(start, EARTH_ICRF, state[:3], state[3:])
                impulses[i] = _last_digits(chain, forces, states, impulses[i], i, begin, mass_kg)
            z = chain.pack(states, impulses[list(chain.impulse_nodes)])
        burn = None
        if float(np.linalg.norm(impulses[i])) >= LEAST_BURN_M_S:
            burn = burn_for(engine, start, impulses[i], mass_kg, phased.names[i])
            burns.append((phased.names[i], burn, mass_kg))
        end = base + float(times[i + 1])
        if i == last - 1:
            full = fly_arc(forces, start, end, state, mass_kg, burn)
            worst = _worse(worst, full.final.vector - states[i + 1])
            end = end + -HANDOVER_S
        arc = fly_arc(forces, start, end, state, mass_kg, burn)
        arcs.append(arc)
        state, mass_kg = arc.final.vector, arc.final_mass_kg
        if i < last - 1:
            worst = _worse(worst, state - states[i + 1])
    return TransferFlight(
        phased.names,
        tuple(arcs),
        tuple(burns),
        float(worst[0]),
        float(worst[1]),
        arcs[-1].final,
        mass_kg,
    )


def _last_digits(
    chain: Chain, forces: ForceModel, states: Array, impulse: Array, node: int, begin: State, mass_kg: float
) -> Array:
    """Return the last impulse, moved in its last digits so that its flight ends where the plan does.

    From here on nothing is corrected, and 1e-12 m/s here are metres at insertion: less than rounding over
    the arcs. Each trial is a whole flight whose rounding is its own, so trials are drawn about the mean of
    what they point to, apart in the two directions that do not count, until one ends close by.
    """
    engine = chain.engine
    assert engine is not None
    by_impulse = _end_by_impulse(chain, states, impulse, node, mass_kg, engine)
    aside = np.linalg.svd(by_impulse[:3])[2][1:]
    best, smallest, trial, roots = impulse, math.inf, impulse, np.zeros(3)
    for k in range(1, _TRIALS + 1):
        miss = _end_of(chain, forces, trial, node, begin, mass_kg) - states[-1]
        size = float(np.linalg.norm(miss[:3]))
        if size < smallest:
            best, smallest = trial, size
        if smallest < _CLOSE_M:
            break
        scale = STATE_SCALE[:, None]
        roots += trial - np.linalg.lstsq(by_impulse / scale, miss / STATE_SCALE, rcond=1e-6)[0]
        spread = np.array([math.cos(k * _GOLDEN_RAD), math.sin(k * _GOLDEN_RAD)]) @ aside
        trial = roots / k + _SPREAD_M_S * math.sqrt(k) * spread
    return best


def _end_of(
    chain: Chain, forces: ForceModel, impulse: Array, node: int, begin: State, mass_kg: float
) -> Array:
    """Return where (6,) the flight ends that burns at `node` and then coasts, by the arcs to be flown."""
    assert chain.engine is not None
    burn: Burn | None = burn_for(chain.engine, begin.epoch, impulse, mass_kg, "last")
    start, state, kg = begin.epoch, begin.vector, mass_kg
    for time_s in chain.times_s[node + 1 :]:
        arc = fly_arc(forces, start, chain.setting.base + float(time_s), state, kg, burn)
        start, state, kg, burn = arc.final.epoch, arc.final.vector, arc.final_mass_kg, None
    return state


def _end_by_impulse(
    chain: Chain, states: Array, impulse: Array, node: int, mass_kg: float, engine: Engine
) -> Array:
    """Return the derivative (6, 3) of the last node's state by an impulse at `node`."""
    after_kg = mass_kg * math.exp(-float(np.linalg.norm(impulse)) / engine.exhaust_speed_m_s)
    count = chain.nodes - 1 - node
    starts = states[node:-1].copy()
    starts[0, 3:] += impulse
    ends, matrices = np.empty((count, 6)), np.empty((count, 6, 6))
    shoot(chain.times_s[node:], starts, np.full(count, 1.0 / after_kg), 1e-11, chain.model, ends, matrices)
    out: Array = matrices[0][:, 3:]
    for matrix in matrices[1:]:
        out = matrix @ out
    return out


def _worse(worst: Array, difference: Array) -> Array:
    return np.maximum(worst, [np.linalg.norm(difference[:3]), np.linalg.norm(difference[3:])])


def _aim_again(
    chain: Chain, z: Array, node: int, state: Array, mass_kg: float, engine: Engine
) -> tuple[Array, Array, Array]:
    """Solve the transfer again from `node` on, where the flight is at `state`; return what `unpack` does."""
    times, states, impulses = (a.copy() for a in chain.unpack(z))
    states[node] = state
    rest_nodes = tuple(i - node for i in chain.impulse_nodes if i >= node)
    free = tuple(i - node for i in chain.free_times if i > node)
    rest = replace(
        chain,
        times_s=times[node:],
        impulse_nodes=rest_nodes,
        free_times=free,
        conditions=_later(chain.conditions, node),
        mass_kg=chain.mass_kg[node:],
    )
    unknowns = rest.pack(states[node:], impulses[node:][list(rest_nodes)])
    rest = replace(rest, mass_kg=_masses(rest, unknowns, engine, mass_kg))
    weights = unknown_weights(rest)
    weights[:6] = 0.0
    # To the last digit: what is left here grows a millionfold until insertion.
    solved, _ = restore(rest, unknowns, weights=weights, steps=25, tolerance=1e-15)
    rest_times, rest_states, rest_impulses = rest.unpack(solved)
    times[node:], states[node:], impulses[node:] = rest_times, rest_states, rest_impulses
    return times, states, impulses


def _later(all_conditions: Sequence[Condition], node: int) -> tuple[Condition, ...]:
    return tuple(
        replace(c, node=c.node - node) for c in all_conditions if c.hard and c.node >= node and c.node > 0
    )

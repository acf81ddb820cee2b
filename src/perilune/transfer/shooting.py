"""Multiple shooting: a chain of arcs between nodes, conditions at nodes, and impulses between them.

Single shooting over such a transfer stalls: 1 m at insertion is 1,800 km at the flyby 82 days before. With
nodes between, every arc's sensitivity stays moderate and Newton's method with state transition matrices
converges quadratically.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from perilune.transfer._kernels import shoot, state_rate
from perilune.transfer.chain import LENGTH_M, SPEED_M_S, STATE_SCALE, TIME_S, Chain, Condition, Quantity
from perilune.transfer.finite import burn_arc
from perilune.transfer.request import Array

_TOLERANCE: Final = 1e-11
#: What is smaller is not burnt, m/s.
LEAST_BURN_M_S: Final = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Linearised:
    """Residuals and Jacobians at a point: what must vanish, and what is priced."""

    hard: Array
    hard_jacobian: Array
    soft: Array
    soft_jacobian: Array

    @property
    def defect(self) -> float:
        """Return the norm of what must vanish; NaN where an arc failed."""
        return float(np.linalg.norm(self.hard))


def linearise(chain: Chain, z: Array) -> Linearised:
    """Evaluate all arcs and conditions. An arc that collapses makes the defect infinite."""
    times, states, impulses = chain.unpack(z)
    arcs = _fly(chain, times, states, impulses)
    hard = [c for c in chain.conditions if c.hard]
    rows = 6 * (chain.nodes - 1)
    residual, jacobian = np.zeros(rows + len(hard)), np.zeros((rows + len(hard), chain.size))
    if arcs is None:
        return Linearised(np.full_like(residual, np.inf), jacobian, np.zeros(0), np.zeros((0, chain.size)))
    residual[:rows] = ((arcs.ends - states[1:]) / STATE_SCALE).ravel()
    _by_states(chain, arcs, jacobian)
    _by_times(chain, times, arcs, jacobian)
    for k, condition in enumerate(hard, start=rows):
        value, row = _condition(chain, condition, times, states)
        residual[k] = (value - condition.low) / condition.scale
        jacobian[k] = row / condition.scale
    return Linearised(residual, jacobian, *_priced(chain, times, states))


@dataclass(frozen=True, slots=True, eq=False)
class _Arcs:
    """All arcs of a chain: starts and ends (n, 6), matrices (n, 6, 6), ends by impulses (6, 3)."""

    starts: Array
    ends: Array
    matrices: Array
    by_impulse: dict[int, Array]


def _fly(chain: Chain, times: Array, states: Array, impulses: Array) -> _Arcs | None:
    """Return the arcs, None where one of them collapses."""
    last = chain.nodes - 1
    starts = states[:-1].copy()
    starts[:, 3:] += impulses[:-1]
    ends, matrices = np.empty((last, 6)), np.empty((last, 6, 6))
    if shoot(times, starts, 1.0 / chain.mass_kg, _TOLERANCE, chain.model, ends, matrices):
        return None
    by_impulse = {i: matrices[i][:, 3:] for i in chain.impulse_nodes if i < last}
    if chain.engine is not None:
        _burn(chain, times, states, impulses, ends, matrices, by_impulse)
    return _Arcs(starts, ends, matrices, by_impulse) if np.isfinite(ends).all() else None


def _by_states(chain: Chain, arcs: _Arcs, jacobian: Array) -> None:
    """Fill in how the arcs' ends move with the states and impulses at their beginnings."""
    for i in range(chain.nodes - 1):
        block = slice(6 * i, 6 * i + 6)
        jacobian[block, block] = arcs.matrices[i] * STATE_SCALE[None, :] / STATE_SCALE[:, None]
        jacobian[block, 6 * i + 6 : 6 * i + 12] = -np.eye(6)
        if i in chain.impulse_nodes:
            column = 6 * chain.nodes + 3 * chain.impulse_nodes.index(i)
            jacobian[block, column : column + 3] = arcs.by_impulse[i] / STATE_SCALE[:, None] * SPEED_M_S


def _by_times(chain: Chain, times: Array, arcs: _Arcs, jacobian: Array) -> None:
    """Fill in how the arcs' ends move with the free times of the nodes at their beginnings and ends."""
    first = 6 * chain.nodes + 3 * len(chain.impulse_nodes)
    for column, node in enumerate(chain.free_times, start=first):
        if node < chain.nodes - 1:
            rate = _rate(chain, times[node], arcs.starts[node])
            moved = -(arcs.matrices[node] @ rate) / STATE_SCALE * TIME_S
            jacobian[6 * node : 6 * node + 6, column] = moved
        if node > 0:
            rate = _rate(chain, times[node], arcs.ends[node - 1])
            jacobian[6 * node - 6 : 6 * node, column] = rate / STATE_SCALE * TIME_S


def _priced(chain: Chain, times: Array, states: Array) -> tuple[Array, Array]:
    """Return what the soft conditions are exceeded by, weighted, and its derivatives."""
    excesses, rows = [], []
    for condition in chain.conditions:
        if condition.hard:
            continue
        value, row = _condition(chain, condition, times, states)
        excess = value - condition.high if value > condition.high else min(0.0, value - condition.low)
        if excess != 0.0:
            root = math.sqrt(condition.weight)
            excesses.append(root * excess / condition.scale)
            rows.append(root * row / condition.scale)
    return np.array(excesses), np.array(rows).reshape(-1, chain.size)


def _burn(
    chain: Chain,
    times: Array,
    states: Array,
    impulses: Array,
    ends: Array,
    matrices: Array,
    by_impulse: dict[int, Array],
) -> None:
    """Put the arcs with burns in the place of those with impulses."""
    assert chain.engine is not None
    assert chain.forces is not None
    base = chain.setting.base
    for i in by_impulse:
        if float(np.linalg.norm(impulses[i])) < LEAST_BURN_M_S:
            continue
        ends[i], matrices[i], by_impulse[i] = burn_arc(
            chain.forces,
            chain.engine,
            base + float(times[i]),
            base + float(times[i + 1]),
            states[i],
            impulses[i],
            float(chain.mass_kg[i]),
        )


def _rate(chain: Chain, time_s: float, state: Array) -> Array:
    """Return the state's derivative (6,)."""
    out = np.empty(6)
    state_rate(time_s, state, 1.0 / float(chain.mass_kg[0]), chain.model, out)
    return out


def _condition(chain: Chain, condition: Condition, times: Array, states: Array) -> tuple[float, Array]:
    """Return the value of a condition's quantity and its derivative by the scaled unknowns."""
    row = np.zeros(chain.size)
    node, time = condition.node, float(times[condition.node])
    column = None
    if node in chain.free_times:
        column = 6 * chain.nodes + 3 * len(chain.impulse_nodes) + chain.free_times.index(node)
    if condition.quantity is Quantity.TIME:
        if column is not None:
            row[column] = TIME_S
        return time, row
    at_moon = condition.body == "moon"
    body = chain.setting.moon(time) if at_moon else np.zeros(6)
    r, v = states[node, :3] - body[:3], states[node, 3:] - body[3:]
    value, by_r, by_v = _geometry(condition, r, v)
    row[6 * node : 6 * node + 3] = by_r * LENGTH_M
    row[6 * node + 3 : 6 * node + 6] = by_v * SPEED_M_S
    if column is not None and at_moon:
        turning = chain.setting.moon(time + 1.0)[3:] - body[3:]
        row[column] = -(by_r @ body[3:] + by_v @ turning) * TIME_S
    return value, row


def _geometry(condition: Condition, r: Array, v: Array) -> tuple[float, Array, Array]:
    """Return a quantity of relative position and velocity, and its derivatives by both."""
    distance, speed = float(np.linalg.norm(r)), float(np.linalg.norm(v))
    if condition.quantity is Quantity.DISTANCE:
        return distance, r / distance, np.zeros(3)
    if condition.quantity is Quantity.RADIAL:
        # The derivative of the norms is left out: it is multiplied by the value, which goes to zero.
        return float(r @ v) / (distance * speed), v / (distance * speed), r / (distance * speed)
    pole = np.array([0.0, 0.0, 1.0]) if condition.quantity is Quantity.INCLINATION else condition.direction
    assert pole is not None
    h = np.cross(r, v)
    size = float(np.linalg.norm(h))
    value = float(h @ pole) / size
    by_h = pole / size - value * h / size**2
    by_r, by_v = np.cross(v, by_h), np.cross(by_h, r)
    if condition.quantity is Quantity.INCLINATION:
        slope = -1.0 / math.sqrt(max(1e-12, 1.0 - value * value))
        return math.acos(max(-1.0, min(1.0, value))), by_r * slope, by_v * slope
    return value, by_r, by_v


def restore(
    chain: Chain,
    z: Array,
    *,
    weights: Array,
    steps: int = 40,
    tolerance: float = 1e-9,
    step_scale: float = 0.3,
) -> tuple[Array, Linearised]:
    """Make the hard conditions hold by weighted least-norm Newton steps with a line search.

    `weights` say how readily each unknown moves; `step_scale` bounds a step (in scaled unknowns). Returns the
    last point, good or not: look at its `defect`.
    """
    here = linearise(chain, z)
    for _ in range(steps):
        if here.defect < tolerance or not np.isfinite(here.defect):
            break
        step = -weights * _least_norm(here.hard_jacobian * weights, here.hard)
        length = min(1.0, step_scale / max(float(np.abs(step).max()), 1e-300))
        for _ in range(7):
            there = linearise(chain, z + length * step)
            if there.defect < here.defect:
                break
            length *= 0.3
        else:
            break
        z, here = z + length * step, there
    return z, here


def _least_norm(matrix: Array, right: Array) -> Array:
    """Return the smallest solution of an underdetermined system, by singular values."""
    return np.asarray(np.linalg.lstsq(matrix, right, rcond=1e-14)[0], dtype=np.float64)


def unknown_weights(chain: Chain, *, arrival: bool = True) -> Array:
    """Return how readily each unknown moves in `restore`: the arrival state and impulses are held back."""
    w = np.ones(chain.size)
    n = chain.nodes
    if arrival:
        w[6 * n - 6 : 6 * n - 3] = 0.02
        w[6 * n - 3 : 6 * n] = 0.05
    first_time = 6 * n + 3 * len(chain.impulse_nodes)
    w[6 * n : first_time] = 0.02
    w[first_time:] = 0.05
    return w


def cost_m_s(chain: Chain, z: Array, here: Linearised) -> float:
    """Return what is minimised: the sum of impulses (m/s) and the price of soft conditions."""
    return float(chain.impulse_sizes_m_s(z).sum() + 0.5 * here.soft @ here.soft)


def optimise(chain: Chain, z: Array, *, weights: Array, steps: int = 80) -> tuple[Array, Linearised]:
    """Minimise the sum of impulses on the manifold where the hard conditions hold.

    Each step solves the equality-constrained quadratic programme whose Hessian is that of iteratively
    reweighted least squares (|dv| as |dv|^2 / |dv_before|), restores feasibility, and is kept if the cost
    falls.
    """
    z, here = restore(chain, z, weights=weights, steps=60)
    if not here.defect < 1e-7:
        return z, here
    damping, value, quiet = 1e-1, cost_m_s(chain, z, here), 0
    for _ in range(steps):
        step = _reweighted_step(chain, z, here, damping)
        length, accepted = 1.0, False
        for _ in range(4):
            trial, there = restore(chain, z + length * step, weights=weights, steps=8)
            trial_value = cost_m_s(chain, trial, there)
            if there.defect < 1e-8 and trial_value < value:
                accepted = True
                break
            length *= 0.3
        if not accepted:
            damping *= 10.0
            if damping > 1e6:
                break
            continue
        damping = max(damping / 4.0, 1e-4) if length == 1.0 else damping * 2.0
        quiet = quiet + 1 if value - trial_value < 1e-3 else 0
        z, here, value = trial, there, trial_value
        if quiet >= 3:
            break
    return z, here


def _reweighted_step(chain: Chain, z: Array, here: Linearised, damping: float) -> Array:
    n, m = chain.size, len(here.hard)
    first = 6 * chain.nodes
    last = first + 3 * len(chain.impulse_nodes)
    impulses = z[first:last]
    sizes = np.maximum(np.linalg.norm(impulses.reshape(-1, 3), axis=1), 1e-4).repeat(3)
    hessian = np.diag(np.full(n, damping))
    hessian[range(first, last), range(first, last)] += SPEED_M_S / sizes
    slope = np.zeros(n)
    slope[first:last] = SPEED_M_S * impulses / sizes
    if len(here.soft):
        hessian += here.soft_jacobian.T @ here.soft_jacobian
        slope += here.soft_jacobian.T @ here.soft
    jacobian = here.hard_jacobian
    system = np.zeros((n + m, n + m))
    system[:n, :n] = hessian
    system[:n, n:] = jacobian.T
    system[n:, :n] = jacobian
    by_unknown = 1.0 / np.sqrt(np.diag(hessian))
    by_row = 1.0 / np.sqrt(((jacobian * by_unknown) ** 2).sum(axis=1))
    scale = np.concatenate([by_unknown, by_row])
    right = np.concatenate([-slope, -here.hard]) * scale
    out: Array = (np.linalg.solve(system * scale[:, None] * scale[None, :], right) * scale)[:n]
    return out

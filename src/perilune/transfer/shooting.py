"""Multiple shooting: a chain of arcs between nodes, conditions at nodes, and impulses between them.

Single shooting over such a transfer stalls: 1 m at insertion is 1,800 km at the flyby 82 days before. With nodes
between, every arc's sensitivity stays moderate and Newton's method with state transition matrices converges
quadratically. All unknowns are scaled: positions by 1e8 m, velocities and impulses by 1e3 m/s, node times by 1e4 s.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

import numpy as np

from perilune.dynamics.forces import ForceModel, Model
from perilune.transfer._kernels import shoot, state_rate
from perilune.transfer.burning import Engine
from perilune.transfer.finite import burn_arc
from perilune.transfer.request import Array, Setting

LENGTH_M: Final = 1e8
SPEED_M_S: Final = 1e3
TIME_S: Final = 1e4
STATE_SCALE: Final = np.array([LENGTH_M] * 3 + [SPEED_M_S] * 3)
_TOLERANCE: Final = 1e-11
#: What is smaller is not burnt, m/s.
LEAST_BURN_M_S: Final = 1e-6


class Quantity(Enum):
    """What a condition speaks of."""

    DISTANCE = "distance from the body, m"
    RADIAL = "sine of the flight-path angle at the body"
    PLANE = "sine of the angle between a direction and the orbit plane"
    INCLINATION = "inclination to the Earth's mean equator of J2000, rad"
    TIME = "time of the node, s"


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A quantity at a node, to equal `low` = `high`, or to stay between them (then `weight` prices the excess).

    `scale` is the unit that residuals are counted in; `direction` (3,) belongs to PLANE.
    """

    node: int
    body: str
    quantity: Quantity
    low: float
    high: float
    scale: float
    weight: float = 0.0
    direction: Array | None = None

    @property
    def hard(self) -> bool:
        """Whether it must hold exactly."""
        return self.weight == 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Nodes in time order, which of them carry an impulse, which of their times are free, and all conditions.

    `mass_kg` is the mass on each arc. With an `engine` the impulses are finite burns that begin at their nodes.
    """

    setting: Setting
    model: Model
    times_s: Array
    impulse_nodes: tuple[int, ...]
    free_times: tuple[int, ...]
    conditions: tuple[Condition, ...]
    mass_kg: Array
    engine: Engine | None = None
    forces: ForceModel | None = None

    @property
    def nodes(self) -> int:
        """Return the number of nodes."""
        return len(self.times_s)

    @property
    def size(self) -> int:
        """Return the number of unknowns."""
        return 6 * self.nodes + 3 * len(self.impulse_nodes) + len(self.free_times)

    def pack(self, states: Array, impulses_m_s: Array | None = None) -> Array:
        """Return the unknowns of states (n, 6) and impulses (k, 3) with no shift of times."""
        z = np.zeros(self.size)
        z[: 6 * self.nodes] = (states / STATE_SCALE).ravel()
        if impulses_m_s is not None:
            z[6 * self.nodes : 6 * self.nodes + 3 * len(self.impulse_nodes)] = (
                impulses_m_s.ravel() / SPEED_M_S
            )
        return z

    def unpack(self, z: Array) -> tuple[Array, Array, Array]:
        """Return times (n,), states before the impulses (n, 6) and impulses (n, 3), zero where there is none."""
        states = z[: 6 * self.nodes].reshape(-1, 6) * STATE_SCALE
        impulses = np.zeros((self.nodes, 3))
        stop = 6 * self.nodes + 3 * len(self.impulse_nodes)
        impulses[list(self.impulse_nodes)] = z[6 * self.nodes : stop].reshape(-1, 3) * SPEED_M_S
        times = self.times_s.copy()
        times[list(self.free_times)] += z[stop:] * TIME_S
        return times, states, impulses

    def impulse_sizes_m_s(self, z: Array) -> Array:
        """Return the magnitude of each impulse."""
        stop = 6 * self.nodes + 3 * len(self.impulse_nodes)
        out: Array = np.linalg.norm(z[6 * self.nodes : stop].reshape(-1, 3), axis=1) * SPEED_M_S
        return out

    def with_conditions(self, conditions: Sequence[Condition]) -> Chain:
        """Return the chain under other conditions."""
        return replace(self, conditions=tuple(conditions))


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
    n, size = chain.nodes, chain.size
    starts = states[:-1].copy()
    starts[:, 3:] += impulses[:-1]
    ends, matrices = np.empty((n - 1, 6)), np.empty((n - 1, 6, 6))
    failed = shoot(times, starts, 1.0 / chain.mass_kg, _TOLERANCE, chain.model, ends, matrices)
    by_impulse = {i: matrices[i][:, 3:] for i in chain.impulse_nodes if i < n - 1}
    if chain.engine is not None and not failed:
        _burn(chain, times, states, impulses, ends, matrices, by_impulse)
    hard = [c for c in chain.conditions if c.hard]
    soft = [c for c in chain.conditions if not c.hard]
    rows = 6 * (n - 1)
    residual, jacobian = np.zeros(rows + len(hard)), np.zeros((rows + len(hard), size))
    if failed or not np.isfinite(ends).all():
        return Linearised(np.full_like(residual, np.inf), jacobian, np.zeros(0), np.zeros((0, size)))
    residual[:rows] = ((ends - states[1:]) / STATE_SCALE).ravel()
    first_impulse, first_time = 6 * n, 6 * n + 3 * len(chain.impulse_nodes)
    for i in range(n - 1):
        block = slice(6 * i, 6 * i + 6)
        matrix = matrices[i] * STATE_SCALE[None, :] / STATE_SCALE[:, None]
        jacobian[block, block] = matrix
        jacobian[block, 6 * i + 6 : 6 * i + 12] = -np.eye(6)
        if i in chain.impulse_nodes:
            column = first_impulse + 3 * chain.impulse_nodes.index(i)
            jacobian[block, column : column + 3] = by_impulse[i] / STATE_SCALE[:, None] * SPEED_M_S
    for k, node in enumerate(chain.free_times):
        column = first_time + k
        if node < n - 1:
            rate = _rate(chain, times[node], starts[node])
            jacobian[6 * node : 6 * node + 6, column] = -(matrices[node] @ rate) / STATE_SCALE * TIME_S
        if node > 0:
            rate = _rate(chain, times[node], ends[node - 1])
            jacobian[6 * node - 6 : 6 * node, column] = rate / STATE_SCALE * TIME_S
    for k, condition in enumerate(hard):
        value, row = _condition(chain, condition, times, states)
        residual[rows + k] = (value - condition.low) / condition.scale
        jacobian[rows + k] = row / condition.scale
    priced, priced_rows = [], []
    for condition in soft:
        value, row = _condition(chain, condition, times, states)
        excess = value - condition.high if value > condition.high else min(0.0, value - condition.low)
        if excess != 0.0:
            root = math.sqrt(condition.weight)
            priced.append(root * excess / condition.scale)
            priced_rows.append(root * row / condition.scale)
    return Linearised(residual, jacobian, np.array(priced), np.array(priced_rows).reshape(-1, size))


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
    chain: Chain, z: Array, *, weights: Array, steps: int = 40, tolerance: float = 1e-9, stride: float = 0.3
) -> tuple[Array, Linearised]:
    """Make the hard conditions hold by weighted least-norm Newton steps with a line search.

    `weights` say how readily each unknown moves; `stride` bounds a step. Returns the last point, good or not:
    look at its `defect`.
    """
    here = linearise(chain, z)
    for _ in range(steps):
        if here.defect < tolerance or not np.isfinite(here.defect):
            break
        step = -weights * _least_norm(here.hard_jacobian * weights, here.hard)
        length = min(1.0, stride / max(float(np.abs(step).max()), 1e-300))
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
    """Return the smallest solution of an underdetermined system; ill-conditioned ones go by singular values."""
    out: Array = np.linalg.lstsq(matrix, right, rcond=1e-14)[0]
    return out


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

    Each step solves the equality-constrained quadratic programme whose Hessian is that of iteratively reweighted
    least squares (|dv| as |dv|^2 / |dv_before|), restores feasibility, and is kept if the cost falls.
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

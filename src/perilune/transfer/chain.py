"""A chain of arcs between nodes: the unknowns of a shooting problem, and the conditions asked of them.

All unknowns are scaled: positions by 1e8 m, velocities and impulses by 1e3 m/s, node times by 1e4 s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

import numpy as np

from perilune.dynamics.forces import ForceModel, Model
from perilune.transfer.burning import Engine
from perilune.transfer.request import Array, Setting

LENGTH_M: Final = 1e8
SPEED_M_S: Final = 1e3
TIME_S: Final = 1e4
STATE_SCALE: Final = np.array([LENGTH_M] * 3 + [SPEED_M_S] * 3)


class Quantity(Enum):
    """What a condition speaks of."""

    DISTANCE = "distance from the body, m"
    RADIAL = "sine of the flight-path angle at the body"
    PLANE = "sine of the angle between a direction and the orbit plane"
    INCLINATION = "inclination to the Earth's mean equator of J2000, rad"
    TIME = "time of the node, s"


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A quantity at a node, to equal `low` = `high`, or to stay between them (`weight` prices the excess).

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

    `mass_kg` is the mass on each arc. With an `engine` the impulses are finite burns that begin at their
    nodes.
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
        """Return times (n,), states before the impulses (n, 6) and impulses (n, 3), zero without one."""
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

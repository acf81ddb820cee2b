"""Perilunes and apolunes along an arc."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from perilune import constants
from perilune.dynamics.forces import Array, ForceModel
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.dynamics.trajectory import Trajectory
from perilune.epoch import Epoch

_ROUNDS: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Apsides:
    """Apsides in order of time: seconds from the arc's base, height above 1737.4 km, which are perilunes."""

    time_s: Array
    altitude_m: Array
    is_perilune: npt.NDArray[np.bool_]

    def perilunes(self) -> tuple[Array, Array]:
        """Return times (s) and altitudes (m) of the perilunes alone."""
        return self.time_s[self.is_perilune], self.altitude_m[self.is_perilune]

    def apolunes(self) -> tuple[Array, Array]:
        """Return times (s) and altitudes (m) of the apolunes alone."""
        return self.time_s[~self.is_perilune], self.altitude_m[~self.is_perilune]


def apsides(trajectory: Trajectory, *, perilunes_only: bool = False) -> Apsides:
    """Return all apsides, or perilunes alone, strictly inside a Moon-centred arc, forwards in time.

    A step's ends bracket each; Newton's method on r.v, whose slope is about v^2 - gm/r, finds it far below
    1 ms where the orbit is no circle.
    """
    nodes = trajectory.nodes()
    radial = np.einsum("ij,ij->i", nodes[:, 1:4], nodes[:, 4:7])
    turns = radial[:-1] * radial[1:] < 0.0
    first = np.nonzero(turns & (radial[:-1] < 0.0) if perilunes_only else turns)[0]
    low, high = nodes[first, 0], nodes[first + 1, 0]
    time_s = low - radial[first] * (high - low) / (radial[first + 1] - radial[first])
    position = nodes[first, 1:4]
    for _ in range(_ROUNDS):
        states = trajectory.states(time_s)
        position, velocity = states[:, :3], states[:, 3:]
        distance = np.linalg.norm(position, axis=1)
        slope = np.einsum("ij,ij->i", velocity, velocity) - constants.GM_MOON_M3_S2 / distance
        change = np.einsum("ij,ij->i", position, velocity) / slope
        time_s = np.clip(time_s - change, low, high)
    altitude_m = np.linalg.norm(position, axis=1) - constants.MOON_RADIUS_M
    return Apsides(time_s, altitude_m, radial[first] < 0.0)


def nearest_perilune(
    state: State, epoch: Epoch, forces: ForceModel, mass_kg: float, within_s: float = 7200.0
) -> State:
    """Return the state at the perilune nearest to `epoch`, or at `epoch` where none is within `within_s`."""
    early = propagate(state, epoch + -within_s, forces, mass_kg=mass_kg).final
    arc = propagate(early, epoch + within_s, forces, mass_kg=mass_kg)
    times_s, _ = apsides(arc, perilunes_only=True).perilunes()
    if not len(times_s):
        return arc.at(epoch)
    offsets_s = np.abs(times_s - (epoch - arc.base))
    return arc.at(arc.base + float(times_s[int(np.argmin(offsets_s))]))

"""What a propagation gives back: an arc that can be asked for its state at any instant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from perilune.dynamics import _kernels_coast, _kernels_dop
from perilune.dynamics.events import Event
from perilune.dynamics.forces import Array, Model
from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.errors import EpochError
from perilune.world.frames import Frame

#: Outcomes of an arc.
ARRIVED: Final = "arrived"  # the asked end was reached
STOPPED: Final = "stopped"  # a terminal event ended it: the last of `events`
COLLAPSED: Final = "collapsed"  # the step fell to nothing: the arc runs into the middle of a body
#: A time this little beyond an end still counts as the end (s).
_TOUCH_S: Final = 1e-6
_NO_BURN: Final = np.zeros(0)


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """A stretch flown with one set of forces.

    `nodes` has every accepted step as a row: t (s from the base), position, velocity, the 6x6 matrix by rows
    where it was asked for. `masses_kg` belongs to the rows; `burn` is the kernel's row of a burn, empty for
    a coast.
    """

    nodes: Array
    masses_kg: Array
    model: Model
    burn: Array = field(default_factory=lambda: _NO_BURN)
    name: str = "coast"

    @property
    def start_s(self) -> float:
        """Seconds from the trajectory's base."""
        return float(self.nodes[0, 0])

    @property
    def end_s(self) -> float:
        """Seconds from the trajectory's base."""
        return float(self.nodes[-1, 0])

    def states(self, t_s: Array) -> tuple[Array, Array]:
        """Return states (n, 6) and masses (n,) at seconds from the base, by a step from the node before."""
        if self.burn.size:
            out = np.zeros((len(t_s), 7))
            rows = np.column_stack([self.nodes[:, :7], self.masses_kg])
            _kernels_dop.burn_between(t_s, rows, self.burn, self.model, out)
            return out[:, :6], out[:, 6]
        out = np.zeros((len(t_s), 6))
        mass_kg = float(self.masses_kg[0])
        rows = np.ascontiguousarray(self.nodes[:, :7])
        _kernels_coast.between(t_s, rows, 1.0 / mass_kg, self.model, out)
        return out, np.full(len(t_s), mass_kg)


@dataclass(frozen=True, slots=True, eq=False)
class Trajectory:
    """An arc: `at(epoch)`, `final`, `steps`, `events`, `outcome`, and `stm`, d(final)/d(initial), (6, 6).

    `legs` are in order of flight; `base` is the first epoch.
    """

    base: Epoch
    frame: Frame
    legs: tuple[Leg, ...]
    outcome: str
    rejected: int = 0
    events: tuple[Event, ...] = ()
    stm: Array | None = None

    @property
    def steps(self) -> int:
        """Accepted steps."""
        return sum(len(leg.nodes) - 1 for leg in self.legs)

    @property
    def duration_s(self) -> float:
        """Seconds from the first to the last epoch; negative backwards."""
        return self.legs[-1].end_s

    @property
    def initial(self) -> State:
        """The first state."""
        return self._state(self.legs[0].nodes[0])

    @property
    def final(self) -> State:
        """The last state."""
        return self._state(self.legs[-1].nodes[-1])

    @property
    def initial_mass_kg(self) -> float:
        """Mass at the first epoch."""
        return float(self.legs[0].masses_kg[0])

    @property
    def final_mass_kg(self) -> float:
        """Mass at the last epoch."""
        return float(self.legs[-1].masses_kg[-1])

    def _state(self, row: Array) -> State:
        return State(self.base + float(row[0]), self.frame, row[1:4], row[4:7])

    def at(self, epoch: Epoch) -> State:
        """Return the state at an epoch within the arc; `EpochError` outside it."""
        row = self.states([epoch - self.base])[0]
        return State(epoch, self.frame, row[:3], row[3:])

    def mass_at_kg(self, epoch: Epoch) -> float:
        """Return the mass at an epoch within the arc."""
        return float(self._sample([epoch - self.base])[1][0])

    def states(self, t_s: npt.ArrayLike) -> Array:
        """Return positions and velocities (n, 6) at seconds from the base, as exact as the arc itself.

        Where two legs meet the later one answers, so that an impulse counts from its instant on.
        """
        return self._sample(t_s)[0]

    def _sample(self, t_s: npt.ArrayLike) -> tuple[Array, Array]:
        times = np.atleast_1d(np.array(t_s, dtype=np.float64))
        self._check(times)
        sign = 1.0 if self.duration_s >= 0.0 else -1.0
        states, masses = np.zeros((len(times), 6)), np.zeros(len(times))
        ends = np.array([sign * leg.end_s for leg in self.legs[:-1]])
        owner = np.searchsorted(ends, sign * times, side="right")
        for i, leg in enumerate(self.legs):
            mine = owner == i
            if mine.any():
                states[mine], masses[mine] = leg.states(np.ascontiguousarray(times[mine]))
        return states, masses

    def _check(self, times: Array) -> None:
        low, high = sorted((0.0, self.duration_s))
        if times.size and not (times.min() >= low - _TOUCH_S and times.max() <= high + _TOUCH_S):
            worst = times.min() if times.min() < low else times.max()
            raise EpochError(
                f"{self.base + float(worst)} lies outside the arc, "
                f"{self.base + low} to {self.base + high}. Ask within it or propagate further."
            )

    def nodes(self) -> Array:
        """Return all accepted steps (n, 7): seconds from the base, position, velocity."""
        return np.concatenate([leg.nodes[:, :7] for leg in self.legs])

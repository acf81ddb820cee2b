"""What a propagation gives back: an arc that can be asked for its state at any instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from perilune.dynamics import _kernels_coast
from perilune.dynamics.forces import Array, Model
from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.errors import EpochError
from perilune.world.frames import Frame

#: Outcomes of an arc.
ARRIVED: Final = "arrived"  # the asked end was reached
COLLAPSED: Final = "collapsed"  # the step fell to nothing: the arc runs into the middle of a body
#: A time this little beyond an end still counts as the end (s).
_TOUCH_S: Final = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """A stretch flown with one set of forces: every accepted step as a row t (s from the base), position, velocity."""

    nodes: Array
    model: Model
    inverse_mass: float

    @property
    def start_s(self) -> float:
        """Seconds from the trajectory's base."""
        return float(self.nodes[0, 0])

    @property
    def end_s(self) -> float:
        """Seconds from the trajectory's base."""
        return float(self.nodes[-1, 0])

    def states(self, t_s: Array) -> Array:
        """Return (n, 6) at seconds from the base, each by one short step from the node before."""
        out = np.zeros((len(t_s), 6))
        _kernels_coast.between(
            t_s, np.ascontiguousarray(self.nodes[:, :7]), self.inverse_mass, self.model, out
        )
        return out


@dataclass(frozen=True, slots=True, eq=False)
class Trajectory:
    """An arc: `at(epoch)`, `final`, `steps`, `outcome`, and with `stm=True` the 6x6 matrix d(final)/d(initial).

    `legs` are in order of flight; `base` is the first epoch.
    """

    base: Epoch
    frame: Frame
    legs: tuple[Leg, ...]
    outcome: str
    rejected: int = 0
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
    def final(self) -> State:
        """The last state."""
        row = self.legs[-1].nodes[-1]
        return State(self.base + float(row[0]), self.frame, row[1:4], row[4:7])

    @property
    def initial(self) -> State:
        """The first state."""
        row = self.legs[0].nodes[0]
        return State(self.base + float(row[0]), self.frame, row[1:4], row[4:7])

    def at(self, epoch: Epoch) -> State:
        """Return the state at an epoch within the arc; `EpochError` outside it."""
        row = self.states(np.array([epoch - self.base]))[0]
        return State(epoch, self.frame, row[:3], row[3:])

    def states(self, t_s: npt.ArrayLike) -> Array:
        """Return positions and velocities (n, 6) at seconds from the base, as exact as the arc itself."""
        times = np.atleast_1d(np.array(t_s, dtype=np.float64))
        sign = 1.0 if self.duration_s >= 0.0 else -1.0
        self._check(times)
        out = np.zeros((len(times), 6))
        ends = np.array([sign * leg.end_s for leg in self.legs[:-1]])
        owner = np.searchsorted(ends, sign * times, side="right")
        for i, leg in enumerate(self.legs):
            mine = owner == i
            if mine.any():
                out[mine] = leg.states(np.ascontiguousarray(times[mine]))
        return out

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


def epochs(base: Epoch, offsets_s: Sequence[float]) -> list[Epoch]:
    """Return the epochs `offsets_s` after `base`."""
    return [base + float(offset) for offset in offsets_s]

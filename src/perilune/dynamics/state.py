"""Where something is and how it moves, at an instant, in a frame."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from perilune.epoch import Epoch
from perilune.errors import InputError
from perilune.world.frames import Frame, transform

Vector = npt.NDArray[np.float64]


def _three(name: str, values: npt.ArrayLike) -> Vector:
    vector = np.array(values, dtype=np.float64)
    if vector.shape != (3,):
        raise InputError(f"{name} has shape {vector.shape}. Give three numbers.")
    if not all(map(math.isfinite, vector.tolist())):
        raise InputError(f"{name} is {vector.tolist()}. Give three finite numbers.")
    vector.flags.writeable = False
    return vector


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Position (m) and velocity (m/s) relative to the frame's centre, in its axes, at an epoch.

    The arrays are copied and can not be written. `State.vector` gives all six numbers.
    """

    epoch: Epoch
    frame: Frame
    position_m: Vector
    velocity_m_s: Vector

    def __post_init__(self) -> None:
        object.__setattr__(self, "position_m", _three("position_m", self.position_m))
        object.__setattr__(self, "velocity_m_s", _three("velocity_m_s", self.velocity_m_s))

    @property
    def vector(self) -> Vector:
        """Position then velocity, (6,), a new array."""
        return np.concatenate([self.position_m, self.velocity_m_s])

    def to(self, frame: Frame) -> State:
        """Return the same state as seen from another frame, the turning of its axes in the velocity."""
        seen = transform(self.position_m, self.velocity_m_s, self.epoch, self.frame, frame)
        return State(self.epoch, frame, *seen)

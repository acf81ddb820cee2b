"""Manoeuvres: finite burns that lose mass, and impulses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from perilune.constants import STANDARD_GRAVITY_M_S2
from perilune.dynamics import _kernels_dop as kernels
from perilune.dynamics.forces import Array
from perilune.epoch import Epoch
from perilune.errors import InputError

Three = tuple[float, float, float]

INERTIAL: Final = "inertial"
VNB: Final = "vnb"
TURNING: Final = "turning"


@dataclass(frozen=True, slots=True)
class Direction:
    """Where an engine pushes to; build it by `inertial`, `vnb`, `velocity` or `turning`.

    The vector is made a unit vector. `body` is whose relative velocity and orbit normal VNB means; the empty
    name is the centre of the arc.
    """

    kind: str
    vector: Three
    body: str = ""
    axis: Three = (0.0, 0.0, 1.0)
    rate_rad_s: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "vector", _unit("direction", self.vector))
        object.__setattr__(self, "axis", _unit("turn axis", self.axis))

    @staticmethod
    def inertial(vector: Three) -> Direction:
        """Return a direction fixed in ICRF."""
        return Direction(INERTIAL, vector)

    @staticmethod
    def vnb(vector: Three, body: str = "") -> Direction:
        """Return components along the velocity, the orbit normal r x v, and their cross product V x N."""
        return Direction(VNB, vector, body)

    @staticmethod
    def velocity(body: str = "") -> Direction:
        """Return the direction of the velocity relative to a body."""
        return Direction(VNB, (1.0, 0.0, 0.0), body)

    @staticmethod
    def anti_velocity(body: str = "") -> Direction:
        """Return the direction against the velocity relative to a body."""
        return Direction(VNB, (-1.0, 0.0, 0.0), body)

    @staticmethod
    def turning(vector: Three, axis: Three, rate_rad_s: float) -> Direction:
        """Return a direction that starts as `vector` and turns steadily about an inertial axis."""
        return Direction(TURNING, vector, axis=axis, rate_rad_s=rate_rad_s)


def _unit(name: str, vector: Three) -> Three:
    length = math.sqrt(sum(part * part for part in vector))
    if not (length > 0.0 and math.isfinite(length)):
        raise InputError(f"The {name} {vector} has no direction. Give three finite numbers, not all zero.")
    x, y, z = vector
    return x / length, y / length, z / length


@dataclass(frozen=True, slots=True)
class Burn:
    """A finite burn: start, duration (s), thrust (N), specific impulse (s), direction.

    Without `mass_flow` the mass stays, as in studies of a force alone.
    """

    start: Epoch
    duration_s: float
    thrust_n: float
    isp_s: float
    direction: Direction = field(default_factory=Direction.velocity)
    mass_flow: bool = True
    name: str = "burn"

    def __post_init__(self) -> None:
        for what, value in (
            ("duration_s", self.duration_s),
            ("thrust_n", self.thrust_n),
            ("isp_s", self.isp_s),
        ):
            if not (value > 0.0 and math.isfinite(value)):
                raise InputError(f"{self.name}: {what} is {value!r}. Give a finite number above 0.")

    @property
    def flow_kg_s(self) -> float:
        """Propellant used each second."""
        return self.thrust_n / (self.isp_s * STANDARD_GRAVITY_M_S2) if self.mass_flow else 0.0

    def row(self, base: Epoch, centre: str, index: Mapping[str, int]) -> Array:
        """Return the kernel's row: see `_kernels_dop`."""
        kind = {INERTIAL: kernels.INERTIAL, VNB: kernels.VNB, TURNING: kernels.TURNING}[self.direction.kind]
        row = np.zeros(16)
        row[:3] = kind, self.thrust_n, self.flow_kg_s
        row[3:6] = self.direction.vector
        row[6:8] = self.start - base, self.direction.rate_rad_s
        row[8:11] = self.direction.axis
        row[11] = index[self.direction.body or centre]
        return row


@dataclass(frozen=True, slots=True)
class Impulse:
    """A change of velocity at an instant; with `isp_s` the mass falls by the rocket equation.

    `dv_m_s` is in ICRF, or with `body` given along V, N, B relative to it ("" is ICRF).
    """

    epoch: Epoch
    dv_m_s: Three
    body: str = ""
    isp_s: float | None = None
    name: str = "impulse"

    def mass_ratio(self) -> float:
        """Return mass after over mass before."""
        if self.isp_s is None:
            return 1.0
        return math.exp(-math.dist(self.dv_m_s, (0.0, 0.0, 0.0)) / (self.isp_s * STANDARD_GRAVITY_M_S2))

    def dv_icrf(self, relative: Array) -> Array:
        """Return the change in ICRF for a position and velocity (6,) relative to the body."""
        dv = np.array(self.dv_m_s, dtype=np.float64)
        if not self.body:
            return dv
        axes = np.zeros((3, 3))
        kernels.vnb_axes(*(float(part) for part in relative), axes)
        return dv @ axes

    def matrix(self, relative: Array) -> Array:
        """Return d(state after)/d(state before), (6, 6), by differences where the axes follow the orbit."""
        matrix = np.eye(6)
        if not self.body:
            return matrix
        steps = 1e-5 * np.repeat([np.linalg.norm(relative[:3]), np.linalg.norm(relative[3:])], 3)
        for column, step in enumerate(steps):
            shift = np.zeros(6)
            shift[column] = step
            change = self.dv_icrf(relative + shift) - self.dv_icrf(relative - shift)
            matrix[3:, column] += change / (2.0 * step)
        return matrix

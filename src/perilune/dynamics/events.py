"""Events to look for along an arc, and what is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from perilune import constants
from perilune.dynamics import _kernels_events as kernels
from perilune.dynamics.forces import GM_M3_S2, Array
from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.errors import InputError, NameNotFoundError

#: Spheres for altitude and impact (m).
RADIUS_M: Final[Mapping[str, float]] = {
    "earth": constants.EARTH_EQUATORIAL_RADIUS_M,
    "moon": constants.MOON_RADIUS_M,
    "sun": constants.SUN_RADIUS_M,
}
#: Mean distance to the body that is circled, for the sphere of influence a (m/M)^(2/5).
_ORBIT_M: Final[Mapping[str, tuple[float, str]]] = {
    "moon": (384400e3, "earth"),  # m, mean distance of the Moon
    "earth": (constants.ASTRONOMICAL_UNIT_M, "sun"),
}


@dataclass(frozen=True, slots=True)
class Detector:
    """One kind of event; build it by the functions of this module.

    `direction` +1 takes only passes where the function rises, -1 where it falls, 0 both; `terminal` ends the
    arc there.
    """

    name: str
    kind: int
    body: str
    value: float = 0.0
    direction: int = 0
    terminal: bool = False
    normal: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def row(self, index: Mapping[str, int]) -> Array:
        """Return the kernel's row: see `_kernels_events`."""
        row = np.array(
            [self.kind, index[self.body], self.value, self.direction, float(self.terminal), *self.normal]
        )
        if self.kind == kernels.SHADOW:
            row[5:] = index["sun"], constants.SUN_RADIUS_M, RADIUS_M[self.body]
        return row

    @property
    def needs(self) -> frozenset[str]:
        """Bodies whose places the search must know."""
        return frozenset({self.body, "sun"} if self.kind == kernels.SHADOW else {self.body})

    @property
    def needs_orientation(self) -> bool:
        """Whether the search must know how the Moon is turned."""
        return self.kind == kernels.EQUATOR


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """An event found: its name, the state there, and whether the function rose (+1) or fell (-1) in time."""

    name: str
    state: State
    direction: int

    @property
    def epoch(self) -> Epoch:
        """When it happened."""
        return self.state.epoch


def _radius_m(body: str) -> float:
    if body not in RADIUS_M:
        raise NameNotFoundError("sphere for body", body, RADIUS_M)
    return RADIUS_M[body]


def _known(body: str) -> str:
    if body not in GM_M3_S2:
        raise NameNotFoundError("body", body, GM_M3_S2)
    return body


def periapsis(body: str, *, terminal: bool = False) -> Detector:
    """Closest passes of a body: the distance stops falling."""
    return Detector(f"{body} periapsis", kernels.RADIAL_RATE, _known(body), direction=1, terminal=terminal)


def apoapsis(body: str, *, terminal: bool = False) -> Detector:
    """Farthest points from a body: the distance stops rising."""
    return Detector(f"{body} apoapsis", kernels.RADIAL_RATE, _known(body), direction=-1, terminal=terminal)


def distance(body: str, value_m: float, *, direction: int = 0, terminal: bool = False) -> Detector:
    """Passes through a sphere about a body's centre."""
    return Detector(f"{body} distance", kernels.DISTANCE, _known(body), value_m, direction, terminal)


def altitude(body: str, value_m: float, *, direction: int = 0, terminal: bool = False) -> Detector:
    """Passes through a height above the body's sphere (Earth: equatorial radius; Moon: 1,737.4 km)."""
    return Detector(
        f"{body} altitude", kernels.DISTANCE, body, _radius_m(body) + value_m, direction, terminal
    )


def impact(body: str) -> Detector:
    """The arc meets the body's sphere and ends there."""
    return Detector(f"{body} impact", kernels.DISTANCE, body, _radius_m(body), 0, terminal=True)


def sphere_of_influence(body: str, *, direction: int = 0, terminal: bool = False) -> Detector:
    """Passes through Laplace's sphere of influence a (m/M)^(2/5) of the Moon or the Earth."""
    if body not in _ORBIT_M:
        raise NameNotFoundError("sphere of influence for body", body, _ORBIT_M)
    orbit_m, primary = _ORBIT_M[body]
    radius_m = orbit_m * (GM_M3_S2[body] / GM_M3_S2[primary]) ** 0.4
    return Detector(f"{body} sphere of influence", kernels.DISTANCE, body, radius_m, direction, terminal)


def node(body: str, normal: tuple[float, float, float] = (0.0, 0.0, 1.0), *, direction: int = 0) -> Detector:
    """Crossings of the plane through a body with a normal fixed in ICRF; rising ones are ascending nodes."""
    if not any(normal):
        raise InputError(f"The normal {normal} has no direction. Give three numbers, not all zero.")
    return Detector(f"{body} node", kernels.PLANE, _known(body), 0.0, direction, normal=normal)


def equator_crossing(*, direction: int = 0) -> Detector:
    """Crossings of the Moon's equator (principal axes); rising ones are ascending nodes."""
    return Detector("moon equator", kernels.EQUATOR, "moon", 0.0, direction)


def shadow(body: str, *, umbra: bool = False, direction: int = 0) -> Detector:
    """Entries (falling) into and exits (rising) from a body's penumbra or umbra."""
    _radius_m(body)
    kind = "umbra" if umbra else "penumbra"
    return Detector(f"{body} {kind}", kernels.SHADOW, body, float(umbra), direction)

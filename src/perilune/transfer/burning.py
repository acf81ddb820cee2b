"""Burns about the Moon: what an engine does to an orbit in a finite time, and the ellipses between burns."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from perilune import constants
from perilune.dynamics.burns import TURNING, Burn, Direction
from perilune.dynamics.forces import Array, ForceModel
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.world.orientation import moon_me_from_icrf


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine that does the orbit's burns: thrust (N) and specific impulse (s).

    >>> round(Engine(thrust_n=425.0, isp_s=320.0).flow_kg_s, 4)
    0.1354
    """

    thrust_n: float
    isp_s: float

    @property
    def exhaust_speed_m_s(self) -> float:
        """Effective exhaust speed."""
        return self.isp_s * constants.STANDARD_GRAVITY_M_S2

    @property
    def flow_kg_s(self) -> float:
        """Propellant used a second."""
        return self.thrust_n / self.exhaust_speed_m_s

    def duration_s(self, dv_m_s: float, mass_kg: float) -> float:
        """Return how long a burn lasts that changes the speed by `dv_m_s` in free space (Tsiolkovsky)."""
        return -math.expm1(-dv_m_s / self.exhaust_speed_m_s) * mass_kg / self.flow_kg_s


@dataclass(frozen=True, slots=True)
class FiniteBurn:
    """A burn of the orbit engine, with the mass it starts from; by default against the velocity."""

    name: str
    start: Epoch
    duration_s: float
    engine: Engine
    mass_before_kg: float
    direction: Direction = field(default_factory=Direction.anti_velocity)

    @property
    def end(self) -> Epoch:
        """The epoch of cut-off."""
        return self.start + self.duration_s

    @property
    def centre(self) -> Epoch:
        """The epoch of the burn's middle."""
        return self.start + 0.5 * self.duration_s

    @property
    def propellant_kg(self) -> float:
        """Propellant used."""
        return self.engine.flow_kg_s * self.duration_s

    @property
    def mass_after_kg(self) -> float:
        """Mass at cut-off."""
        return self.mass_before_kg - self.propellant_kg

    @property
    def dv_m_s(self) -> float:
        """What the burn would change the speed by in free space."""
        return self.engine.exhaust_speed_m_s * math.log(self.mass_before_kg / self.mass_after_kg)

    @property
    def burn(self) -> Burn:
        """The burn as `perilune.dynamics.propagate` takes it."""
        return Burn(
            self.start,
            self.duration_s,
            self.engine.thrust_n,
            self.engine.isp_s,
            self.direction,
            name=self.name,
        )

    @property
    def pointing(self) -> str:
        """How the engine is pointed, in words."""
        if self.direction.kind == TURNING:
            return f"turning at {math.degrees(self.direction.rate_rad_s):.4f} deg/s in the plane of the orbit"
        return "along the velocity" if self.direction.vector[0] > 0.0 else "against the velocity"


@dataclass(frozen=True, slots=True, eq=False)
class Ellipse:
    """The osculating orbit about the Moon: heights above 1737.4 km, inclination to the lunar equator."""

    semi_major_axis_m: float
    eccentricity_vector: Array
    normal: Array
    inclination_rad: float

    @property
    def eccentricity(self) -> float:
        """How far from a circle."""
        return float(np.linalg.norm(self.eccentricity_vector))

    @property
    def perilune_altitude_m(self) -> float:
        """Lowest height above the reference sphere."""
        return self.semi_major_axis_m * (1.0 - self.eccentricity) - constants.MOON_RADIUS_M

    @property
    def apolune_altitude_m(self) -> float:
        """Greatest height above the reference sphere."""
        return self.semi_major_axis_m * (1.0 + self.eccentricity) - constants.MOON_RADIUS_M

    @property
    def period_s(self) -> float:
        """Time of one revolution."""
        return 2.0 * math.pi * math.sqrt(self.semi_major_axis_m**3 / constants.GM_MOON_M3_S2)


def osculating(state: State) -> Ellipse:
    """Return the osculating orbit of a Moon-centred ICRF state."""
    row = ellipses(state.vector[np.newaxis])
    pole = moon_me_from_icrf(state.epoch)[2]
    inclination_rad = math.acos(float(np.clip(pole @ row[2][0], -1.0, 1.0)))
    return Ellipse(float(row[0][0]), row[1][0], row[2][0], inclination_rad)


def ellipses(vectors: Array) -> tuple[Array, Array, Array]:
    """Return semi-major axes (n,) in m, eccentricity vectors and unit normals (n, 3) of states (n, 6)."""
    r, v = vectors[:, :3], vectors[:, 3:]
    distance = np.linalg.norm(r, axis=1)
    momentum = np.cross(r, v)
    gm = constants.GM_MOON_M3_S2
    eccentricity = np.cross(v, momentum) / gm - r / distance[:, None]
    axis = 1.0 / (2.0 / distance - np.einsum("ij,ij->i", v, v) / gm)
    return axis, eccentricity, momentum / np.linalg.norm(momentum, axis=1)[:, None]


def moved(arrival: State, change_m: float) -> State:
    """Return a state at an apsis moved to another height, of the same energy and direction of motion."""
    radius_m = float(np.linalg.norm(arrival.position_m))
    speed_m_s = float(np.linalg.norm(arrival.velocity_m_s))
    gained = 2.0 * constants.GM_MOON_M3_S2 * (1.0 / (radius_m + change_m) - 1.0 / radius_m)
    factor = math.sqrt(1.0 + gained / speed_m_s**2)
    return State(
        arrival.epoch,
        arrival.frame,
        arrival.position_m * (1.0 + change_m / radius_m),
        arrival.velocity_m_s * factor,
    )


def fly_burn(state: State, burn: FiniteBurn, forces: ForceModel) -> State:
    """Coast to the burn's start (forwards or backwards), burn, and return the state at cut-off."""
    mass_kg = burn.mass_before_kg
    if burn.start < state.epoch:
        state = propagate(state, burn.start, forces, mass_kg=mass_kg).final
    return propagate(state, burn.end, forces, burns=(burn.burn,), mass_kg=mass_kg).final

"""What the descent must know of a lander, and of the place it shall land."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from perilune.constants import STANDARD_GRAVITY_M_S2
from perilune.errors import InputError


class Site(Protocol):
    """A place on the Moon, in mean-Earth coordinates."""

    @property
    def name(self) -> str:
        """Return the name."""

    @property
    def latitude_rad(self) -> float:
        """Return the latitude."""

    @property
    def longitude_rad(self) -> float:
        """Return the longitude, east positive."""


@dataclass(frozen=True, slots=True)
class Target:
    """A site given by coordinates alone; its elevation comes from the terrain."""

    name: str
    latitude_rad: float
    longitude_rad: float


@dataclass(frozen=True, slots=True)
class LanderPropulsion:
    """Engines and attitude control of a lander as the descent needs them.

    Main and assist engines push along the same axis. A throttle runs from its least value to 1, or is 0;
    pulsed engines have a least throttle of 0, an engine that can only be on or off one of 1. Without assist
    engines the main engine must be throttleable.
    """

    main_thrust_n: float
    main_isp_s: float
    main_throttle_min: float = 1.0
    assist_thrust_n: float = 0.0
    assist_isp_s: float = 0.0
    assist_throttle_min: float = 0.0
    attitude_rate_rad_s: float = math.radians(5.0)  # rad/s, assumed: a slow lander turns this fast
    attitude_lag_s: float = 0.5  # s, assumed: closed attitude loop
    rcs_flow_kg_s: float = 0.0  # kg/s, mean flow of the attitude thrusters while the engines burn

    def __post_init__(self) -> None:
        if not (self.main_thrust_n > 0.0 and self.main_isp_s > 0.0):
            raise InputError(
                f"A lander needs a main engine: thrust {self.main_thrust_n} N and specific impulse "
                f"{self.main_isp_s} s must be positive."
            )
        if self.assist_thrust_n > 0.0 and not self.assist_isp_s > 0.0:
            raise InputError(f"Assist engines of {self.assist_thrust_n} N need a specific impulse above 0 s.")
        if self.assist_thrust_n <= 0.0 and self.main_throttle_min >= 1.0:
            raise InputError(
                "The main engine can not be throttled and there are no assist engines: nothing can land "
                "this. Give assist engines or a main_throttle_min below 1."
            )

    @property
    def thrust_n(self) -> float:
        """Return the thrust of all engines at full, in N."""
        return self.main_thrust_n + self.assist_thrust_n

    @property
    def main_flow_kg_s(self) -> float:
        """Return the main engine's propellant flow at full throttle, in kg/s."""
        return self.main_thrust_n / (self.main_isp_s * STANDARD_GRAVITY_M_S2)

    @property
    def assist_flow_kg_s(self) -> float:
        """Return the assist engines' propellant flow at full throttle, in kg/s."""
        if self.assist_thrust_n <= 0.0:
            return 0.0
        return self.assist_thrust_n / (self.assist_isp_s * STANDARD_GRAVITY_M_S2)

    @property
    def isp_s(self) -> float:
        """Return the specific impulse of all engines together at full throttle, in s."""
        return self.thrust_n / ((self.main_flow_kg_s + self.assist_flow_kg_s) * STANDARD_GRAVITY_M_S2)


@dataclass(frozen=True, slots=True)
class Lander:
    """A lander; below `empty_mass_kg` (dry, payload, unusable rest) its engines stop."""

    name: str
    propulsion: LanderPropulsion
    empty_mass_kg: float

    def table(self, thrust_factor: float = 1.0, isp_factor: float = 1.0) -> NDArray[np.float64]:
        """Return the numeric row that the kernels read (`_kernels_guidance` gives the layout)."""
        p = self.propulsion
        flow = thrust_factor / isp_factor
        return np.array(
            [
                p.main_thrust_n * thrust_factor,
                p.main_flow_kg_s * flow,
                p.main_throttle_min,
                p.assist_thrust_n * thrust_factor,
                p.assist_flow_kg_s * flow,
                p.assist_throttle_min,
                p.attitude_rate_rad_s,
                p.attitude_lag_s,
                p.rcs_flow_kg_s,
                self.empty_mass_kg,
            ]
        )

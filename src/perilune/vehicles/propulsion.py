"""The propulsion of a vehicle as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass

from perilune.constants import STANDARD_GRAVITY_M_S2


@dataclass(frozen=True, slots=True)
class Propulsion:
    """A main engine, assist engines and how fast the vehicle turns.

    A throttle runs from its least value to 1, or is 0: a least value of 1 is an engine that is on or off,
    one of 0 an engine that is pulsed. `attitude_flow_kg_s` is what attitude control takes during the descent,
    `attitude_propellant_kg` what it takes from launch to descent, `residual_kg` what can not be used.
    """

    main_thrust_n: float
    main_isp_s: float
    main_min_throttle: float
    assist_thrust_n: float
    assist_isp_s: float
    assist_min_throttle: float
    attitude_rate_rad_s: float
    attitude_lag_s: float
    attitude_flow_kg_s: float
    attitude_propellant_kg: float
    residual_kg: float

    @property
    def thrust_n(self) -> float:
        """Return the full thrust of main and assist engines together."""
        return self.main_thrust_n + self.assist_thrust_n

    @property
    def mass_flow_kg_s(self) -> float:
        """Return the mass flow at full thrust."""
        exhaust = self.main_thrust_n / self.main_isp_s + self.assist_thrust_n / self.assist_isp_s
        return exhaust / STANDARD_GRAVITY_M_S2

    @property
    def isp_s(self) -> float:
        """Return the specific impulse of all engines at full thrust.

        >>> p = Propulsion(425.0, 320.0, 1.0, 1200.0, 290.0, 0.0, 0.1, 1.0, 0.0, 0.0, 5.0)
        >>> round(p.isp_s, 2)
        297.29
        """
        return self.thrust_n / (self.mass_flow_kg_s * STANDARD_GRAVITY_M_S2)

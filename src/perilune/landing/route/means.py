"""What a lander has in hand: thrust over weight, propellant over need, how far it can divert."""

from __future__ import annotations

import math
from dataclasses import dataclass

from perilune.constants import STANDARD_GRAVITY_M_S2
from perilune.landing.vehicle import Lander


@dataclass(frozen=True, slots=True)
class Means:
    """Thrust, propellant and divert reach of one descent; weights are lunar, at the site's gravity.

    `divert_m` is how far the lander can fly sideways at constant height near the end and spend all the
    propellant that would be left, tilted by `tilt_rad` to speed up and to slow down.
    """

    thrust_n: float
    ignition_mass_kg: float
    landed_mass_kg: float
    weights_at_ignition_ratio: float
    weights_landed_ratio: float
    dv_m_s: float
    dv_ideal_m_s: float
    propellant_left_kg: float
    dv_left_m_s: float
    hover_s: float
    tilt_rad: float
    divert_m: float


def means(
    lander: Lander,
    ignition_mass_kg: float,
    landed_mass_kg: float,
    dv_m_s: float,
    dv_ideal_m_s: float,
    gravity_m_s2: float,
    tilt_rad: float,
) -> Means:
    """Return what is in hand after a descent that went as planned."""
    exhaust_m_s = lander.propulsion.isp_s * STANDARD_GRAVITY_M_S2
    left_kg = max(0.0, landed_mass_kg - lander.empty_mass_kg)
    left_m_s = exhaust_m_s * math.log(landed_mass_kg / (landed_mass_kg - left_kg))
    thrust_n = lander.propulsion.thrust_n
    return Means(
        thrust_n,
        ignition_mass_kg,
        landed_mass_kg,
        thrust_n / (ignition_mass_kg * gravity_m_s2),
        thrust_n / (landed_mass_kg * gravity_m_s2),
        dv_m_s,
        dv_ideal_m_s,
        left_kg,
        left_m_s,
        left_m_s / gravity_m_s2,
        tilt_rad,
        divert_reach_m(left_m_s, gravity_m_s2, tilt_rad),
    )


def divert_reach_m(dv_m_s: float, gravity_m_s2: float, tilt_rad: float) -> float:
    """Return how far (m) a lander flies sideways at constant height for a speed change.

    Tilted it accelerates by g tan(tilt) half of the time and slows down the other half; it carries its weight
    all the time, so g / cos(tilt) a second is spent.

    >>> round(divert_reach_m(100.0, 1.62, math.radians(12.0)))
    314
    """
    time_s = dv_m_s * math.cos(tilt_rad) / gravity_m_s2
    return 0.25 * gravity_m_s2 * math.tan(tilt_rad) * time_s**2

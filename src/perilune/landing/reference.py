"""What a descent is judged by: the minimum-fuel descent from the very state in which it ignited."""

from __future__ import annotations

import numpy as np

from perilune.constants import MOON_SPIN_RAD_S
from perilune.dynamics.state import State
from perilune.landing.optimal import MinimumFuelDescent, minimum_fuel_descent
from perilune.landing.surroundings import FloatArray, Surroundings
from perilune.landing.vehicle import Lander


def ideal_descent(
    lander: Lander, state: State, mass_kg: float, site_m: FloatArray, world: Surroundings
) -> MinimumFuelDescent:
    """Return the minimum-fuel descent with the same engines from the same state to the site's radius.

    The ground's own speed in the plane of motion counts; the thrust is all engines at full.
    """
    up = state.position_m / np.linalg.norm(state.position_m)
    radial = float(state.velocity_m_s @ up)
    forward = state.velocity_m_s - radial * up
    tangential = float(np.linalg.norm(forward))
    # The ground under the landing moves with the Moon's spin; its part along the track helps or hinders.
    rotation = world.me_from_icrf(state.epoch - world.base)
    normal = np.cross(up, forward / tangential)
    site_icrf = rotation.T @ site_m
    spin = rotation[2] * MOON_SPIN_RAD_S
    ground = np.cross(spin, site_icrf)
    along = np.cross(normal, site_icrf / np.linalg.norm(site_icrf))
    return minimum_fuel_descent(
        float(np.linalg.norm(state.position_m)),
        radial,
        tangential,
        mass_kg,
        thrust_n=lander.propulsion.thrust_n,
        isp_s=lander.propulsion.isp_s,
        final_radius_m=float(np.linalg.norm(site_m)),
        final_tangential_speed_m_s=float(ground @ along),
        gm_m3_s2=world.gm_m3_s2,
    )

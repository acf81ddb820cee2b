"""Arrivals at the Moon for tests: nearly parabolic, planes given to the lunar equator; none is searched."""

from __future__ import annotations

import math

import numpy as np

from perilune import constants
from perilune.dynamics.forces import ForceModel, SolarPressure
from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.transfer.burning import Engine
from perilune.world.frames import MOON_ICRF
from perilune.world.orientation import moon_me_from_icrf

ENGINE = Engine(thrust_n=425.0, isp_s=320.0)
MASS_KG = 985.0
FORCES = ForceModel(
    ("earth", "moon", "sun"),
    moon_degree=30,
    moon_bound_m_s2=1e-7,
    solar_pressure=SolarPressure(10.0, 1.5, shadow=False),
)
POINT = ForceModel(("moon",))


def arrival(
    epoch: Epoch,
    altitude_m: float,
    inclination_rad: float,
    node_rad: float,
    *,
    perilune_rad: float = 0.0,
    c3_m2_s2: float = 1.0e4,
) -> State:
    """The perilune of an arrival; node and argument are measured in the axes of maps at that instant."""
    radius_m = constants.MOON_RADIUS_M + altitude_m
    speed_m_s = math.sqrt(c3_m2_s2 + 2.0 * constants.GM_MOON_M3_S2 / radius_m)
    return placed(epoch, radius_m, speed_m_s, inclination_rad, node_rad, perilune_rad)


def placed(
    epoch: Epoch,
    radius_m: float,
    speed_m_s: float,
    inclination_rad: float,
    node_rad: float,
    argument_rad: float,
) -> State:
    """A state that moves at right angles to its radius."""
    node = np.array([math.cos(node_rad), math.sin(node_rad), 0.0])
    normal = np.array(
        [
            math.sin(inclination_rad) * math.sin(node_rad),
            -math.sin(inclination_rad) * math.cos(node_rad),
            math.cos(inclination_rad),
        ]
    )
    across = np.cross(normal, node)
    radial = math.cos(argument_rad) * node + math.sin(argument_rad) * across
    to_icrf = moon_me_from_icrf(epoch).T
    ahead = np.cross(normal, radial)
    return State(epoch, MOON_ICRF, to_icrf @ (radius_m * radial), to_icrf @ (speed_m_s * ahead))

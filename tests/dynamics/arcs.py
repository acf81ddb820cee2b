"""Arcs that several tests fly."""

from __future__ import annotations

import math

import numpy as np

from perilune.constants import GM_EARTH_M3_S2, GM_MOON_M3_S2
from perilune.dynamics.forces import ForceModel
from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.world.frames import EARTH_ICRF, MOON_ICRF

EPOCH = Epoch.parse("2025-05-06T20:41:00 UTC")
EARTH_ALONE = ForceModel(point_masses=("earth",))
CISLUNAR = ForceModel(point_masses=("earth", "moon", "sun"))
LUNAR_20 = ForceModel(point_masses=("earth", "moon", "sun"), moon_degree=20)


def ellipse(perigee_m: float, apogee_m: float, inclination_rad: float = 0.5, node_rad: float = 0.3) -> State:
    """Return the perigee of an Earth orbit."""
    speed = math.sqrt(2.0 * GM_EARTH_M3_S2 * apogee_m / (perigee_m * (perigee_m + apogee_m)))
    c, s = math.cos(node_rad), math.sin(node_rad)
    across = np.array(
        [-s * math.cos(inclination_rad), c * math.cos(inclination_rad), math.sin(inclination_rad)]
    )
    return State(EPOCH, EARTH_ICRF, perigee_m * np.array([c, s, 0.0]), speed * across)


def low_orbit(altitude_m: float = 100e3) -> State:
    """Return a circular polar orbit of the Moon."""
    radius_m = 1737.4e3 + altitude_m
    speed = math.sqrt(GM_MOON_M3_S2 / radius_m)
    return State(EPOCH, MOON_ICRF, [radius_m, 0.0, 0.0], [0.0, 0.05 * speed, speed * math.sqrt(1 - 0.0025)])


def kepler(state: State, gm_m3_s2: float, time_s: float) -> np.ndarray:
    """Return position and velocity (6,) on an unperturbed ellipse, by Kepler's equation."""
    r0, v0 = state.position_m, state.velocity_m_s
    r = float(np.linalg.norm(r0))
    a = 1.0 / (2.0 / r - v0 @ v0 / gm_m3_s2)
    n = math.sqrt(gm_m3_s2 / a**3)
    c, s = 1.0 - r / a, r0 @ v0 / math.sqrt(gm_m3_s2 * a)
    x = n * time_s
    for _ in range(100):
        f = x - c * math.sin(x) + s * (1.0 - math.cos(x)) - n * time_s
        step = f / (1.0 - c * math.cos(x) + s * math.sin(x))
        x -= step
        if abs(step) < 1e-15:
            break
    cx, sx = math.cos(x), math.sin(x)
    now = a * (1.0 - c * cx + s * sx)
    f = 1.0 - a / r * (1.0 - cx)
    g = time_s - (x - sx) / n
    fd = -math.sqrt(gm_m3_s2 * a) / (now * r) * sx
    gd = 1.0 - a / now * (1.0 - cx)
    return np.concatenate([f * r0 + g * v0, fd * r0 + gd * v0])

"""The flown legs seen in the frames that a report draws: Earth-centred, Sun-Earth rotating, Moon-centred."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from perilune.constants import MOON_RADIUS_M, OBLIQUITY_J2000_RAD
from perilune.epoch import Epoch
from perilune.mission.delivery import Leg
from perilune.world import ephemeris

Array = NDArray[np.float64]


def about(leg: Leg, centre: str) -> Array:
    """Return a leg's positions (n, 3) in m, ICRF, about another body."""
    if leg.frame.centre == centre:
        return leg.position_m
    return leg.position_m + ephemeris.positions(leg.frame.centre, centre, leg.base, leg.time_s)


def ecliptic(position_m: Array) -> Array:
    """Return ICRF vectors (n, 3) in axes of the ecliptic of J2000.

    >>> ecliptic(np.array([[1.0, 0.0, 0.0]]))
    array([[1., 0., 0.]])
    """
    c, s = np.cos(OBLIQUITY_J2000_RAD), np.sin(OBLIQUITY_J2000_RAD)
    axes = np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])
    return np.asarray(position_m @ axes, dtype=np.float64)


def sun_earth_rotating(position_m: Array, base: Epoch, time_s: Array) -> Array:
    """Return Earth-centred ICRF positions (n, 3) in axes that turn with the Sun.

    x points from the Sun through the Earth, z to the ecliptic's north, y completes them.
    """
    sun = ecliptic(ephemeris.positions("sun", "earth", base, time_s))
    x = -sun / np.linalg.norm(sun, axis=1, keepdims=True)
    z = np.broadcast_to([0.0, 0.0, 1.0], x.shape)
    y = np.cross(z, x)
    y /= np.linalg.norm(y, axis=1, keepdims=True)
    seen = ecliptic(position_m)
    axes = np.stack([x, y, np.cross(x, y)], axis=1)
    turned: Array = np.einsum("nij,nj->ni", axes, seen)
    return turned


def thinned(leg: Leg, most: int) -> Leg:
    """Return the leg with at most about `most` states, the first and the last kept."""
    count = len(leg.time_s)
    if count <= most:
        return leg
    keep = np.unique(np.linspace(0, count - 1, most).round().astype(int))
    return Leg(
        leg.name,
        leg.phase,
        leg.frame,
        leg.base,
        leg.time_s[keep],
        leg.position_m[keep],
        leg.velocity_m_s[keep],
    )


def orbit_plane(position_m: Array, velocity_m_s: Array) -> Array:
    """Return axes (3, 3), rows: towards the lowest state, along its motion, normal to the orbit."""
    lowest = int(np.argmin(np.linalg.norm(position_m, axis=1)))
    x = position_m[lowest] / np.linalg.norm(position_m[lowest])
    normal = np.cross(position_m[lowest], velocity_m_s[lowest])
    normal /= np.linalg.norm(normal)
    return np.stack([x, np.cross(normal, x), normal])


def moon_passages(leg: Leg, within_m: float) -> list[tuple[Epoch, float]]:
    """Return the passages of the Moon inside a distance: epoch, and altitude over the mean sphere, m.

    From the square of the distance, which is a parabola where the motion is straight.
    """
    squared = np.sum(about(leg, "moon") ** 2, axis=1)
    inside = (squared[1:-1] < squared[:-2]) & (squared[1:-1] <= squared[2:]) & (squared[1:-1] < within_m**2)
    met = []
    for k in np.flatnonzero(inside) + 1:
        offset_s = leg.time_s[k - 1 : k + 2] - leg.time_s[k]
        a, b, c = np.polyfit(offset_s, squared[k - 1 : k + 2], 2)
        top_s = float(-0.5 * b / a)
        least_m = float(np.sqrt(c - 0.25 * b * b / a))
        met.append((leg.base + float(leg.time_s[k]) + top_s, least_m - MOON_RADIUS_M))
    return met


def of_phase(legs: Sequence[Leg], *phases: str) -> list[Leg]:
    """Return the legs of some phases."""
    return [leg for leg in legs if leg.phase in phases]

"""The low circular orbit that is kept until descent: how it wanders, where it stands over the site."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from perilune import constants
from perilune.dynamics.forces import Array
from perilune.dynamics.state import State
from perilune.dynamics.trajectory import Trajectory
from perilune.epoch import Epoch
from perilune.transfer.burning import ellipses
from perilune.world.orientation import moon_me_from_icrf

#: The centre of the smallest circle is found in this many steps (each moves 1/(k+1) towards the farthest
#: point).
_CIRCLE_STEPS: Final = 500


@dataclass(frozen=True, slots=True, eq=False)
class Wander:
    """How an orbit changes while it is kept: revolution means, and the heights met.

    `track` (n, 2) is the eccentricity vector's path, in an orbit-plane basis carried along with the plane.
    Its shape hardly depends on where it starts, so moving the start moves all of it.
    """

    track: Array
    mean_altitude_m: float
    lowest_altitude_m: float
    highest_altitude_m: float


@dataclass(frozen=True, slots=True)
class Overflight:
    """Where the site is seen from the orbit at the wanted time of overflight.

    `ahead_s`: how long after the wanted time the spacecraft comes abreast of the site (negative: it was
    there before), for the site where it will be at touchdown. `cross_track_m`: how far the site then lies
    to the left of the orbit's plane (along r x v).
    """

    ahead_s: float
    cross_track_m: float


def site_direction(latitude_rad: float, longitude_rad: float, epoch: Epoch) -> Array:
    """Return the unit vector (3,) in ICRF from the Moon's centre to a site in mean-Earth axes."""
    local = np.array(
        [
            math.cos(latitude_rad) * math.cos(longitude_rad),
            math.cos(latitude_rad) * math.sin(longitude_rad),
            math.sin(latitude_rad),
        ]
    )
    return np.asarray(moon_me_from_icrf(epoch).T @ local, dtype=np.float64)


def overflight(state: State, direction: Array, period_s: float) -> Overflight:
    """Return when and how far off the spacecraft passes the unit vector `direction` (ICRF)."""
    radial = state.position_m / np.linalg.norm(state.position_m)
    normal = np.cross(state.position_m, state.velocity_m_s)
    normal /= np.linalg.norm(normal)
    angle_rad = math.atan2(float(np.cross(normal, radial) @ direction), float(radial @ direction))
    return Overflight(angle_rad / (2.0 * math.pi) * period_s, cross_track(normal, direction))


def cross_track(normal: Array, direction: Array) -> float:
    """Return how far (m on the reference sphere) a direction lies left of the plane of a unit normal."""
    return constants.MOON_RADIUS_M * math.asin(float(np.clip(normal @ direction, -1.0, 1.0)))


def plane_basis(normal: Array, first: Array) -> tuple[Array, Array]:
    """Return two unit vectors of the plane: `first` laid into it, and the one a quarter turn ahead."""
    along = first - (first @ normal) * normal
    along /= np.linalg.norm(along)
    return along, np.cross(normal, along)


def wander(trajectory: Trajectory, first: Array, period_s: float) -> Wander:
    """Return how the orbit wanders; eccentricities are measured from the direction `first` (3,)."""
    nodes = trajectory.nodes()
    axis_m, eccentricity, normals = ellipses(nodes[:, 1:])
    along = first - (normals @ first)[:, None] * normals
    along /= np.linalg.norm(along, axis=1)[:, None]
    across = np.cross(normals, along)
    parts = np.column_stack(
        [np.einsum("ij,ij->i", eccentricity, along), np.einsum("ij,ij->i", eccentricity, across)]
    )
    means = _revolution_means(nodes[:, 0], np.column_stack([parts, axis_m]), period_s)
    altitude_m = np.linalg.norm(nodes[:, 1:4], axis=1) - constants.MOON_RADIUS_M
    return Wander(
        track=means[:, :2],
        mean_altitude_m=float(np.mean(means[:, 2])) - constants.MOON_RADIUS_M,
        lowest_altitude_m=float(altitude_m.min()),
        highest_altitude_m=float(altitude_m.max()),
    )


def _revolution_means(time_s: Array, values: Array, period_s: float) -> Array:
    """Return means over one revolution, four a revolution; steps need not be even."""
    area = np.zeros_like(values)
    area[1:] = np.cumsum(0.5 * (values[1:] + values[:-1]) * np.diff(time_s)[:, None], axis=0)
    starts = np.arange(time_s[0], time_s[-1] - period_s, 0.25 * period_s)
    columns = [np.interp(starts + period_s, time_s, a) - np.interp(starts, time_s, a) for a in area.T]
    return np.column_stack(columns) / period_s


def shift_for_band(track: Array, largest_eccentricity: float) -> Array:
    """Return the smallest move (2,) of the eccentricity's path that brings all of it within the largest one.

    Where none does it, the one that comes nearest: minus the centre of the smallest circle about the path.
    """
    centre = _circle_centre(track)
    shares = np.linspace(0.0, 1.0, 101)
    worst = np.array([np.linalg.norm(track - share * centre, axis=1).max() for share in shares])
    good = np.nonzero(worst <= largest_eccentricity)[0]
    share = shares[good[0]] if len(good) else shares[int(np.argmin(worst))]
    return np.asarray(-share * centre, dtype=np.float64)


def _circle_centre(points: Array) -> Array:
    """Return the centre of the smallest circle about points (n, 2).

    >>> _circle_centre(np.array([[0.0, 0.0], [2.0, 0.0], [1.0, 0.5]])).round(2)
    array([1., 0.])
    """
    centre: Array = points.mean(axis=0)
    for step in range(_CIRCLE_STEPS):
        far = points[int(np.argmax(((points - centre) ** 2).sum(axis=1)))]
        centre = centre + (far - centre) / (step + 2.0)
    return centre

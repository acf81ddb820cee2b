"""The world around one descent, as the numbers its kernels read."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perilune.constants import GM_EARTH_M3_S2, GM_SUN_M3_S2, MOON_RADIUS_M
from perilune.epoch import Epoch
from perilune.landing import _kernels as kernels
from perilune.landing.vehicle import Site
from perilune.world import ephemeris
from perilune.world._kernels import field_table
from perilune.world.gravity import grgm1200a
from perilune.world.orientation import MOON_ME_FROM_PA, euler_angles, moon_me_from_icrf
from perilune.world.terrain import Terrain

FloatArray = NDArray[np.float64]

#: The Moon's Euler angles are fitted by cubics this far around the base; they hold to 1e-12 rad.
REACH_S = 3000.0
_THIRD_BODIES = (("earth", GM_EARTH_M3_S2), ("sun", GM_SUN_M3_S2))


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """Gravity, orientation, Earth, Sun and terrain around `base`; kernels count seconds from there."""

    base: Epoch
    angles: FloatArray
    others: FloatArray
    degree: int
    gm_m3_s2: float
    radius_m: float
    field: FloatArray
    grid: FloatArray
    layout: FloatArray

    @property
    def arguments(self) -> tuple[object, ...]:
        """Return what the kernels of a descent take of the world, in their order: `angles` to `sphere_m`."""
        return (
            self.angles,
            MOON_ME_FROM_PA.flatten(),
            self.gm_m3_s2,
            self.radius_m,
            self.degree,
            self.field,
            self.others,
            self.grid,
            self.layout,
            MOON_RADIUS_M,
        )

    def me_from_icrf(self, t_s: float) -> FloatArray:
        """Return the rotation (3, 3) from ICRF to mean-Earth axes, `t_s` after the base."""
        out = np.empty(9)
        kernels.me_from_icrf(t_s, self.angles, MOON_ME_FROM_PA.flatten(), out)
        return out.reshape(3, 3)

    def elevation_m(self, position_me_m: FloatArray) -> float:
        """Return the ground's elevation (m above the 1737.4 km sphere) under a mean-Earth position."""
        return float(kernels.elevation(*position_me_m, self.grid, self.layout))


@functools.lru_cache(maxsize=8)
def surroundings(base: Epoch, degree: int, terrain: Terrain) -> Surroundings:
    """Return the world around an epoch; good for `REACH_S` to both sides."""
    field = grgm1200a(degree)
    table = np.zeros((4, degree + 1, degree + 3))
    c, s = np.array(field.c), np.array(field.s)
    c[0] = 1.0  # the central term; the file holds the rest
    field_table(c, s, degree, table)
    others = np.zeros((len(_THIRD_BODIES), 7))
    for row, (name, gm) in zip(others, _THIRD_BODIES, strict=True):
        position, velocity = ephemeris.state(name, "moon", base)
        row[:] = gm, *position, *velocity
    return Surroundings(
        base, _angle_cubics(base), others, degree, field.gm_m3_s2, field.radius_m, table, *_map(terrain)
    )


def _angle_cubics(base: Epoch) -> FloatArray:
    """Return (3, 4) coefficients in powers of seconds, lowest first."""
    offsets_s = np.linspace(-REACH_S, REACH_S, 13)
    angles = np.array([euler_angles(base + float(offset))[0] for offset in offsets_s])
    angles = np.unwrap(angles, axis=0)
    scaled = np.polynomial.polynomial.polyfit(offsets_s / REACH_S, angles, 3)
    return np.ascontiguousarray((scaled / REACH_S ** np.arange(4)[:, None]).T)


def _map(terrain: Terrain) -> tuple[FloatArray, FloatArray]:
    layout = np.array(
        [
            terrain.latitude_first_rad,
            terrain.longitude_first_rad,
            terrain.latitude_step_rad,
            terrain.longitude_step_rad,
        ]
    )
    return np.array(terrain.grid_m, dtype=np.float64), layout


def site_position(site: Site, world: Surroundings) -> FloatArray:
    """Return the site (3,) in mean-Earth axes (m), on the ground of the map."""
    up = direction(site.latitude_rad, site.longitude_rad)
    return up * (MOON_RADIUS_M + world.elevation_m(up))


def direction(latitude_rad: float, longitude_rad: float) -> FloatArray:
    """Return the unit vector (3,) of a latitude and longitude."""
    return np.array(
        [
            np.cos(latitude_rad) * np.cos(longitude_rad),
            np.cos(latitude_rad) * np.sin(longitude_rad),
            np.sin(latitude_rad),
        ]
    )


def site_direction_icrf(site: Site, epoch: Epoch) -> FloatArray:
    """Return the unit vector (3,) from the Moon's centre to the site in ICRF at an epoch."""
    return moon_me_from_icrf(epoch).T @ direction(site.latitude_rad, site.longitude_rad)


def estimate_at(y: FloatArray, mass_kg: float, t_s: float, world: Surroundings) -> FloatArray:
    """Return the flight software's estimate (10,) of an ICRF state `t_s` after the world's base."""
    estimate = np.empty(10)
    whole = np.array([*y, mass_kg])
    kernels.estimate_of(t_s, whole, world.me_from_icrf(t_s).ravel(), 0.0, 0.0, estimate)
    return estimate

"""The ground beneath a landing as a small grid and as a shaded picture.

A grid lies on the sphere about an origin: x is the angle along a great circle, y the angle to its left, both
times the Moon's radius. So a strip of 700 km under a descent is as true to shape as the last kilometre.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perilune.constants import MOON_RADIUS_M
from perilune.report.marks import Picture
from perilune.report.png import png

Array = NDArray[np.float64]
#: Elevations (n,) in m above the 1737.4 km sphere, under unit vectors (n, 3) in mean-Earth axes.
Elevation = Callable[[Array], Array]

#: Light falls from the upper left at 45 degrees, as on maps: relief lit from below is seen upside down.
_LIGHT = np.array([-1.0, 1.0, math.sqrt(2.0)]) / 2.0
#: Slopes are drawn at least so steep that the standard deviation of the shade is this.
_CONTRAST = 0.16


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """Where a map lies: unit vectors in mean-Earth axes to its origin and, at the origin, along its x."""

    origin: Array
    along: Array

    @property
    def left(self) -> Array:
        """The unit vector along y at the origin."""
        return np.cross(self.origin, self.along)

    def metres(self, directions: Array) -> tuple[Array, Array]:
        """Return x and y in m of directions (n, 3), which need not be of unit length."""
        unit = directions / np.linalg.norm(directions, axis=-1, keepdims=True)
        x = np.arctan2(unit @ self.along, unit @ self.origin)
        y = np.arcsin(np.clip(unit @ self.left, -1.0, 1.0))
        return MOON_RADIUS_M * x, MOON_RADIUS_M * y

    def directions(self, x_m: Array, y_m: Array) -> Array:
        """Return unit vectors (..., 3) of places on the map.

        >>> here = north_up(math.radians(60.0), 0.0)
        >>> [round(float(v), 1) for v in here.metres(here.directions(np.array(3.0), np.array(4.0)))]
        [3.0, 4.0]
        """
        a, b = x_m / MOON_RADIUS_M, y_m / MOON_RADIUS_M
        flat = np.cos(a)[..., None] * self.origin + np.sin(a)[..., None] * self.along
        return np.asarray(np.cos(b)[..., None] * flat + np.sin(b)[..., None] * self.left)


def north_up(latitude_rad: float, longitude_rad: float) -> Plane:
    """Return the map about a place with x to the east and y to the north."""
    return Plane(direction(latitude_rad, longitude_rad), _east(longitude_rad))


def towards(origin: Array, course: Array) -> Plane:
    """Return the map about a direction whose x runs along a course (3,), level at the origin."""
    unit = origin / np.linalg.norm(origin)
    level = course - (course @ unit) * unit
    return Plane(unit, level / np.linalg.norm(level))


def direction(latitude_rad: float, longitude_rad: float) -> Array:
    """Return the unit vector to a place, mean-Earth axes."""
    c = math.cos(latitude_rad)
    return np.array([c * math.cos(longitude_rad), c * math.sin(longitude_rad), math.sin(latitude_rad)])


def _east(longitude_rad: float) -> Array:
    return np.array([-math.sin(longitude_rad), math.cos(longitude_rad), 0.0])


@dataclass(frozen=True, slots=True, eq=False)
class Relief:
    """Elevations `height_m[i, j]` (float32) at x = `x_low_m + j * step_m`, y = `y_low_m + i * step_m`."""

    name: str
    plane: Plane
    x_low_m: float
    y_low_m: float
    step_m: float
    height_m: NDArray[np.float32]

    def picture(self, factor: float = 1e-3) -> Picture:
        """Return the shaded ground for a chart whose axes are in `1 / factor` m (km)."""
        rows, columns = self.height_m.shape
        half = 0.5 * self.step_m
        high, low = float(self.height_m.max()), float(self.height_m.min())
        return Picture(
            png(shaded(self.height_m.astype(np.float64), self.step_m)),
            (self.x_low_m - half) * factor,
            (self.x_low_m + (columns - 1) * self.step_m + half) * factor,
            (self.y_low_m - half) * factor,
            (self.y_low_m + (rows - 1) * self.step_m + half) * factor,
            f"ground from {low:,.0f} m (dark) to {high:,.0f} m (light), lit from the upper left",
        )


def sample(
    name: str,
    plane: Plane,
    elevation: Elevation,
    *,
    x_m: tuple[float, float],
    y_m: tuple[float, float],
    most: int = 60_000,
) -> Relief:
    """Return the ground over a range of x and y, in square cells of at most about `most` in number."""
    wide_m, tall_m = x_m[1] - x_m[0], y_m[1] - y_m[0]
    step_m = math.sqrt(wide_m * tall_m / most)
    x = x_m[0] + step_m * np.arange(max(2, math.ceil(wide_m / step_m)) + 1)
    y = y_m[0] + step_m * np.arange(max(2, math.ceil(tall_m / step_m)) + 1)
    points = plane.directions(*np.meshgrid(x, y))
    height_m = elevation(points.reshape(-1, 3)).reshape(points.shape[:2])
    return Relief(name, plane, x_m[0], y_m[0], step_m, height_m.astype(np.float32))


def shaded(height_m: Array, step_m: float) -> NDArray[np.uint8]:
    """Return a grey picture, first row at the highest y: shade by slope, tint by height.

    Slopes are stretched where the ground is flat, so that a mare shows its swells; the mean slope is taken
    off, which would only make a small map bright or dark as a whole; no shadow is cast.
    """
    dy, dx = np.gradient(height_m, step_m)
    dy, dx = dy - dy.mean(), dx - dx.mean()
    flat = np.hypot(float(dx.std()), float(dy.std()))
    stretch = max(1.0, _CONTRAST / flat) if flat > 0.0 else 1.0
    normal_length = np.sqrt(1.0 + (stretch * dx) ** 2 + (stretch * dy) ** 2)
    lit = (_LIGHT[2] - stretch * (_LIGHT[0] * dx + _LIGHT[1] * dy)) / normal_length
    low, high = float(height_m.min()), float(height_m.max())
    tint = (height_m - low) / (high - low) if high > low else np.full_like(height_m, 0.5)
    # Dark on the whole: what is drawn on it, track and points, must stand out.
    grey = 25.0 + 105.0 * np.clip(lit, 0.0, 1.0) + 35.0 * tint
    return np.asarray(grey[::-1].astype(np.uint8))

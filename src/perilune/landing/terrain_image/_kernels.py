"""Compiled pictures: what each pixel of a pinhole camera sees of the ground, lit by the Sun, shadows cast."""

# mypy: ignore-errors
from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.landing.ground._kernels import ray_range, surface_normal
from perilune.landing.ground._kernels_rough import lattice

_FARTHEST_M = 400e3  # m, beyond any horizon of a descent orbit
_SHADOW_REACH_M = 80e3  # m; at 10 km/80 km, 7 degrees, the highest rim's shadow ends there
_CLEARANCE = 0.3  # of a pixel on the ground, from which a shadow's ray starts
_ALBEDO_CELL_M = 900.0  # m, size of the patches of brighter and darker soil; assumed


@kernel(bare=True)
def picture(position, turn, focal, centre, sun, albedo_spread, ground, brightness, ranges, normal):
    """Fill `brightness` and `ranges` (m, negative where the sky is seen), both float64[rows, columns].

    `position` (m) and `turn` (row-major, camera -> mean-Earth axes: right, down, forward) say where it is,
    `focal` its focal length and `centre` the place of its axis, in pixels; `sun` is a unit vector. The
    brightness is a share of that of a sunlit wall seen face on (Lommel-Seeliger). `normal` is work.
    """
    key = np.uint64(np.int64(ground.rough[0])) + np.uint64(77)
    for i in range(brightness.shape[0]):
        for j in range(brightness.shape[1]):
            cx, cy = (j - centre) / focal, (i - centre) / focal
            inv = 1.0 / math.sqrt(1.0 + cx * cx + cy * cy)
            dx = (turn[0] * cx + turn[1] * cy + turn[2]) * inv
            dy = (turn[3] * cx + turn[4] * cy + turn[5]) * inv
            dz = (turn[6] * cx + turn[7] * cy + turn[8]) * inv
            brightness[i, j] = 0.0
            ranges[i, j], _ = ray_range(
                position[0], position[1], position[2], dx, dy, dz, ground, _FARTHEST_M
            )
            t = ranges[i, j]
            if t <= 0.0:
                continue
            pixel_m = t / focal
            x, y, z = position[0] + t * dx, position[1] + t * dy, position[2] + t * dz
            surface_normal(x, y, z, ground, pixel_m, normal)
            lit = normal[0] * sun[0] + normal[1] * sun[1] + normal[2] * sun[2]
            seen = -(normal[0] * dx + normal[1] * dy + normal[2] * dz)
            if lit <= 0.0 or seen <= 0.0:
                continue
            lift = _CLEARANCE * pixel_m
            shade, _ = ray_range(
                x + lift * normal[0],
                y + lift * normal[1],
                z + lift * normal[2],
                sun[0],
                sun[1],
                sun[2],
                ground,
                _SHADOW_REACH_M,
            )
            if shade >= 0.0:
                continue
            soil = 1.0 + albedo_spread * lattice(
                (x + 0.37 * z) / _ALBEDO_CELL_M, (y - 0.61 * z) / _ALBEDO_CELL_M, key
            )
            brightness[i, j] = soil * 2.0 * lit / (lit + seen)

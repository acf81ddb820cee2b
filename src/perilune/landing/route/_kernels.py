"""Compiled searches along a track: elevations under it, and the largest changes of the ground."""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.landing.ground._kernels import elevation


@kernel(bare=True)
def great_circle(latitude_rad, longitude_rad, heading_rad, spacing_m, radius_m, ground, out):
    """Fill the elevations (m) along a track that ends at a place: out[0] there, out[i] i spacings before it.

    `heading_rad` is the direction of flight over the place, from north by east.
    """
    cl, sl = math.cos(latitude_rad), math.sin(latitude_rad)
    co, so = math.cos(longitude_rad), math.sin(longitude_rad)
    ch, sh = math.cos(heading_rad), math.sin(heading_rad)
    # Forward: north and east parts of the heading.
    fx = ch * -sl * co + sh * -so
    fy = ch * -sl * so + sh * co
    fz = ch * cl
    for i in range(out.shape[0]):
        c, s = math.cos(i * spacing_m / radius_m), math.sin(i * spacing_m / radius_m)
        out[i] = elevation(c * cl * co - s * fx, c * cl * so - s * fy, c * sl - s * fz, ground)


@kernel(bare=True)
def along(places, ground, out):
    """Fill the elevations (m) under places (n, 3), mean-Earth axes; only their directions count."""
    for i in range(places.shape[0]):
        out[i] = elevation(places[i, 0], places[i, 1], places[i, 2], ground)


@kernel(bare=True)
def largest_change(distance_m, elevation_m, first, last, window_m, out):
    """Find the largest change of the ground between two places within a window, the shortest of equals.

    Places are `first` to `last` (without) of a track in order of flight, `distance_m` falling towards the
    site. `out` is filled with the places' indices; a change of nothing gives (first, first).
    """
    best = 0.0
    out[0], out[1] = first, first
    for i in range(first, last):
        for j in range(i + 1, last):
            if distance_m[i] - distance_m[j] > window_m:
                break
            change = abs(elevation_m[j] - elevation_m[i])
            shorter = distance_m[i] - distance_m[j] < distance_m[out[0]] - distance_m[out[1]]
            if change > best or (change == best and best > 0.0 and shorter):
                best = change
                out[0], out[1] = i, j
    return best

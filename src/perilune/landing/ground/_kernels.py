"""Compiled questions to the ground: elevation, height above it, its normal, the range along a beam.

Positions are in mean-Earth axes (m). Work stays in registers; nothing is allocated.
"""

# mypy: ignore-errors
from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.constants import MOON_RADIUS_M
from perilune.landing.ground._kernels_rough import roughness

_RADIUS_M = MOON_RADIUS_M
_TURN = 2.0 * math.pi
_STEEPEST = 1.0  # -, slope (45 degrees) up to which a beam's steps are sure not to pass the ground
_MOST_STEPS = 400


@kernel(inline=True)
def _smooth(x):
    """Return 0..1 for x in 0..1 with level ends."""
    x = min(max(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


@kernel(bare=True, inline=True)
def map_elevation(latitude_rad, longitude_rad, tiles, heights_m):
    """Return (elevation in m, pixel size in m) of the tiles at a place, finest first, edges blended."""
    total, pixel, left = 0.0, 0.0, 1.0
    last = tiles.shape[0] - 1
    for k in range(last + 1):
        rows, columns = tiles[k, 4], tiles[k, 5]
        row = (latitude_rad - tiles[k, 0]) / tiles[k, 2]
        dlon = longitude_rad - tiles[k, 1]
        dlon -= _TURN * math.floor(dlon / _TURN)
        col = dlon / tiles[k, 3]
        weight = 1.0
        if k < last:
            if row < 0.0 or row > rows - 1.0 or col > columns - 1.0:
                continue
            inside = min(
                min(row, rows - 1.0 - row) / tiles[k, 7], min(col, columns - 1.0 - col) / tiles[k, 8]
            )
            weight = _smooth(inside)
        row = min(max(row, 0.0), rows - 1.0)
        i = min(int(row), int(rows) - 2)
        j = min(int(col), int(columns) - 1)
        fr, fc = row - i, col - j
        east = j + 1 if j + 1 < columns else 0
        if k < last and east == 0:
            east = j
        base = int(tiles[k, 6]) + i * int(columns)
        below = base + int(columns)
        upper = heights_m[base + j] * (1.0 - fc) + heights_m[base + east] * fc
        lower = heights_m[below + j] * (1.0 - fc) + heights_m[below + east] * fc
        total += left * weight * (upper * (1.0 - fr) + lower * fr)
        pixel += left * weight * tiles[k, 9]
        left *= 1.0 - weight
        if left <= 0.0:
            break
    return total, pixel


@kernel(bare=True)
def with_features(ux, uy, uz, elevation_m, pixel_m, features):
    """Return (elevation in m, pixel size in m) in a direction (unit vector) after all named features acted.

    Where a feature says what the ground is like, it does so down to its own detail: so far the pixel shrinks.
    """
    for k in range(features.shape[0]):
        if features[k, 0] == 3.0:
            elevation_m += features[k, 5]
            continue
        ax, ay, az = features[k, 1], features[k, 2], features[k, 3]
        if ux * ax + uy * ay + uz * az < features[k, 4]:
            continue
        dx, dy, dz = (ux - ax) * _RADIUS_M, (uy - ay) * _RADIUS_M, (uz - az) * _RADIUS_M
        if features[k, 0] == 0.0:
            tx, ty, tz = features[k, 5], features[k, 6], features[k, 7]
            length, half, taper = features[k, 8], features[k, 11], features[k, 12]
            s = dx * tx + dy * ty + dz * tz
            c = dx * (ay * tz - az * ty) + dy * (az * tx - ax * tz) + dz * (ax * ty - ay * tx)
            weight = _smooth(1.0 - max(-s, s - length) / taper) * _smooth(1.0 - (abs(c) - half) / taper)
            shape = features[k, 9] + (features[k, 10] - features[k, 9]) * _smooth(s / length)
            elevation_m += weight * (shape - elevation_m)
            pixel_m += weight * min(features[k, 13] - pixel_m, 0.0)
        elif features[k, 0] == 1.0:
            share = math.sqrt(dx * dx + dy * dy + dz * dz) / features[k, 5]
            elevation_m += _crater(share, features[k, 6], features[k, 7], features[k, 8], features[k, 9])
            weight = _smooth((features[k, 9] - share) / (features[k, 9] - 1.0))
            pixel_m += weight * min(features[k, 13] - pixel_m, 0.0)
        else:
            away = math.sqrt(dx * dx + dy * dy + dz * dz) - features[k, 5]
            weight = _smooth(1.0 - away / features[k, 7])
            elevation_m += weight * (features[k, 6] - elevation_m)
            pixel_m += weight * min(features[k, 13] - pixel_m, 0.0)
    return elevation_m, pixel_m


@kernel(bare=True)
def _crater(share, rim, depth, floor, reach):
    """Return the height (m) of a named crater at a share of its radius: flat floor, parabolic sides, rim."""
    if share < floor:
        return rim - depth
    if share < 1.0:
        return rim - depth * (1.0 - share * share) / (1.0 - floor * floor)
    # Ejecta thin out with the cube of the distance (McGetchin et al. 1973), brought to 0 at the reach.
    end = reach**-3
    return rim * max(share**-3 - end, 0.0) / (1.0 - end)


@kernel(bare=True)
def elevation_from(ux, uy, uz, finest_m, ground):
    """Return (elevation in m, pixel size of the map there in m) in a direction (unit vector), without details
    below `finest_m`.
    """
    latitude = math.asin(min(max(uz, -1.0), 1.0))
    value, pixel = map_elevation(latitude, math.atan2(uy, ux), ground.tiles, ground.heights_m)
    if ground.features.shape[0] > 0:
        value, pixel = with_features(ux, uy, uz, value, pixel, ground.features)
    if ground.rough[0] != 0.0:
        value += roughness(ux, uy, uz, pixel, finest_m, ground.rough)
    return value, pixel


@kernel
def elevations(directions, finest_m, ground, out):
    """Fill out[n] with elevations (m) in directions (n, 3), without details below `finest_m`."""
    for i in range(directions.shape[0]):
        out[i] = elevation_from(directions[i, 0], directions[i, 1], directions[i, 2], finest_m, ground)[0]


@kernel(bare=True)
def elevation(x, y, z, ground):
    """Return the ground's elevation (m above the 1737.4 km sphere) in a direction of any length."""
    inv = 1.0 / math.sqrt(x * x + y * y + z * z)
    return elevation_from(x * inv, y * inv, z * inv, 0.0, ground)[0]


@kernel(bare=True)
def height_above(x, y, z, ground):
    """Return the height (m) of a position above the ground below it."""
    r = math.sqrt(x * x + y * y + z * z)
    return r - _RADIUS_M - elevation_from(x / r, y / r, z / r, 0.0, ground)[0]


@kernel(bare=True, inline=True)
def _rough_height(x, y, z, finest_m, ground):
    r = math.sqrt(x * x + y * y + z * z)
    return r - _RADIUS_M - elevation_from(x / r, y / r, z / r, finest_m, ground)[0]


@kernel(bare=True)
def surface_normal(x, y, z, ground, baseline_m, out):
    """Write the outward unit normal of the ground below a position, by differences over `baseline_m`."""
    r = math.sqrt(x * x + y * y + z * z)
    ux, uy, uz = x / r, y / r, z / r
    # East and north; at a pole any pair does.
    flat = math.sqrt(ux * ux + uy * uy)
    ex, ey = (-uy / flat, ux / flat) if flat > 1e-12 else (0.0, 1.0)
    nx, ny, nz = -uz * ey, uz * ex, ux * ey - uy * ex
    half = 0.5 * baseline_m / _RADIUS_M
    finest = 0.5 * baseline_m
    east = elevation_from(*_shifted(ux, uy, uz, ex, ey, 0.0, half), finest, ground)[0]
    east -= elevation_from(*_shifted(ux, uy, uz, ex, ey, 0.0, -half), finest, ground)[0]
    north = elevation_from(*_shifted(ux, uy, uz, nx, ny, nz, half), finest, ground)[0]
    north -= elevation_from(*_shifted(ux, uy, uz, nx, ny, nz, -half), finest, ground)[0]
    east, north = east / baseline_m, north / baseline_m
    inv = 1.0 / math.sqrt(1.0 + east * east + north * north)
    out[0] = (ux - east * ex - north * nx) * inv
    out[1] = (uy - east * ey - north * ny) * inv
    out[2] = (uz - north * nz) * inv


@kernel(inline=True)
def _shifted(ux, uy, uz, dx, dy, dz, angle):
    inv = 1.0 / math.sqrt(1.0 + angle * angle)
    return (ux + angle * dx) * inv, (uy + angle * dy) * inv, (uz + angle * dz) * inv


@kernel(bare=True)
def ray_range(x, y, z, dx, dy, dz, ground, max_range_m):
    """Return (range in m along a unit direction to the ground, cosine of incidence); (-1, 0) if none is met.

    The range is that of `ray_length`.
    """
    t = ray_length(x, y, z, dx, dy, dz, ground, max_range_m)
    if t < 0.0:
        return -1.0, 0.0
    return t, _incidence(x + t * dx, y + t * dy, z + t * dz, dx, dy, dz, t, ground)


@kernel(bare=True)
def ray_length(x, y, z, dx, dy, dz, ground, max_range_m):
    """Return the range (m) along a unit direction to the ground; -1 if none is met.

    Details finer than 1/1000 of the range (a beam's footprint) are left out, and on the way those finer than
    1/20 of the height left: they are no higher than a fiftieth of it. A position below the ground has range
    0. No ground of slopes up to 45 degrees is passed over; steeper spots are found where a step of 0.2 % of
    the range does not leap over them.
    """
    t = _entry(x, y, z, dx, dy, dz, ground.limits[1])
    if t < 0.0 or t > max_range_m:
        return -1.0
    before, height_before = t, 0.0
    for step in range(_MOST_STEPS):
        px, py, pz = x + t * dx, y + t * dy, z + t * dz
        height = _rough_height(px, py, pz, max(1e-3 * t, 0.05 * height_before), ground)
        if height <= 0.0:
            if step > 0:
                t = _crossing(x, y, z, dx, dy, dz, before, height_before, t, height, ground)
            return t if t <= max_range_m else -1.0
        if t > max_range_m:
            return -1.0
        r = math.sqrt(px * px + py * py + pz * pz)
        down = -(px * dx + py * dy + pz * dz) / r
        if down < 0.0 and height > ground.limits[1] - ground.limits[0]:
            return -1.0
        closing = down + _STEEPEST * math.sqrt(max(1.0 - down * down, 0.0))
        before, height_before = t, height
        t += max(height / max(closing, 0.05), 0.25 + 2e-3 * t)
    return -1.0


@kernel(bare=True)
def _entry(x, y, z, dx, dy, dz, highest_m):
    """Return where a ray comes into the sphere of the highest elevation, 0 if inside, -1 if it never does."""
    b = x * dx + y * dy + z * dz
    # r^2 - R^2 as a product: no digit is lost.
    r = math.sqrt(x * x + y * y + z * z)
    top = _RADIUS_M + highest_m
    c = (r - top) * (r + top)
    if c <= 0.0:
        return 0.0
    disc = b * b - c
    if b >= 0.0 or disc < 0.0:
        return -1.0
    return c / (-b + math.sqrt(disc))


@kernel(bare=True)
def _crossing(x, y, z, dx, dy, dz, low, f_low, high, f_high, ground):
    """Return the range where the height changes sign between two ranges (Illinois), to 1 mm or 3e-6 of it."""
    side = 0
    t = high
    for _ in range(60):
        t = (low * f_high - high * f_low) / (f_high - f_low)
        f = _rough_height(x + t * dx, y + t * dy, z + t * dz, 1e-3 * t, ground)
        if abs(f) < 1e-3 + 2e-6 * t or high - low < 1e-3 + 1e-7 * t:
            break
        if f > 0.0:
            low, f_low = t, f
            if side == 1:
                f_high *= 0.5
            side = 1
        else:
            high, f_high = t, f
            if side == -1:
                f_low *= 0.5
            side = -1
    return t


@kernel(bare=True)
def _incidence(px, py, pz, dx, dy, dz, range_m, ground):
    """Return the cosine between a beam and the ground's normal where it meets, at the footprint's size."""
    r = math.sqrt(px * px + py * py + pz * pz)
    ux, uy, uz = px / r, py / r, pz / r
    baseline = max(1.0, 5e-3 * range_m)
    step = baseline / _RADIUS_M
    finest = 0.5 * baseline
    flat = math.sqrt(ux * ux + uy * uy)
    ex, ey = (-uy / flat, ux / flat) if flat > 1e-12 else (0.0, 1.0)
    nx, ny, nz = -uz * ey, uz * ex, ux * ey - uy * ex
    here = elevation_from(ux, uy, uz, finest, ground)[0]
    east = (elevation_from(*_shifted(ux, uy, uz, ex, ey, 0.0, step), finest, ground)[0] - here) / baseline
    north = (elevation_from(*_shifted(ux, uy, uz, nx, ny, nz, step), finest, ground)[0] - here) / baseline
    facing = -(
        dx * (ux - east * ex - north * nx) + dy * (uy - east * ey - north * ny) + dz * (uz - north * nz)
    )
    return max(0.0, facing / math.sqrt(1.0 + east * east + north * north))

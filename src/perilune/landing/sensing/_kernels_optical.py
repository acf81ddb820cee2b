"""Samples of what only looks: star tracker, terrain camera (an error model), hazard camera."""

# mypy: ignore-errors
from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.constants import MOON_RADIUS_M
from perilune.landing.ground._kernels import elevation
from perilune.landing.sensing import layout as at
from perilune.landing.sensing._kernels_range import in_fixed
from perilune.maths._kernels_random import normal

_RINGS, _AROUND = 4, 8  # rings of candidate places and places on each


@kernel(bare=True)
def star_attitude(i, sensors, errors, memory, effects, streams, scene, out):
    """Sample a star tracker: 0:4 attitude quaternion (body to inertial), 4 sigma across the boresight."""
    if scene[at.S_PHASE] == at.BRAKING and sensors[i, at.WHILE_BRAKING] == 0.0:
        return at.NOTHING
    n = normal(streams, i), normal(streams, i), normal(streams, i)
    b = sensors[i, at.BORE], sensors[i, at.BORE + 1], sensors[i, at.BORE + 2]
    out[4], out[6], out[7] = sensors[i, at.ACROSS_RAD], sensors[i, at.STAYS_TURN], sensors[i, at.ABOUT_RAD]
    for k in range(3):
        out[8 + k] = sensors[i, at.BORE + k]
    q0, q1, q2, q3 = scene[at.S_Q], scene[at.S_Q + 1], scene[at.S_Q + 2], scene[at.S_Q + 3]
    # The share of the noise along the boresight has a sigma of its own.
    along = n[0] * b[0] + n[1] * b[1] + n[2] * b[2]
    across_rad = sensors[i, at.ACROSS_RAD] * (1.0 + effects[i, at.NOISE])
    more = (sensors[i, at.ABOUT_RAD] * (1.0 + effects[i, at.NOISE]) - across_rad) * along
    x = 0.5 * (across_rad * n[0] + more * b[0] + errors[i, 0] + effects[i, at.BIAS])
    y = 0.5 * (across_rad * n[1] + more * b[1] + errors[i, 1] + effects[i, at.BIAS_Y])
    z = 0.5 * (across_rad * n[2] + more * b[2] + errors[i, 2] + effects[i, at.BIAS_Z])
    w = math.sqrt(max(1.0 - x * x - y * y - z * z, 0.0))
    out[0] = q0 * w - q1 * x - q2 * y - q3 * z
    out[1] = q0 * x + q1 * w + q2 * z - q3 * y
    out[2] = q0 * y - q1 * z + q2 * w + q3 * x
    out[3] = q0 * z + q1 * y - q2 * x + q3 * w
    for k in range(4):
        if effects[i, at.STUCK] != 0.0 and memory[i, at.WRITTEN] > 0.0:
            out[k] = memory[i, at.LAST + k]
        memory[i, at.LAST + k] = out[k]
    return at.VALID if _sees_stars(i, sensors, scene, b) else at.INVALID


@kernel(bare=True)
def _sees_stars(i, sensors, scene, b):
    """Return whether turn, Sun and the Moon's limb leave a star tracker its stars."""
    rx, ry, rz = scene[at.S_RATE], scene[at.S_RATE + 1], scene[at.S_RATE + 2]
    if rx * rx + ry * ry + rz * rz > sensors[i, at.FASTEST_RAD_S] ** 2:
        return False
    dx, dy, dz = in_fixed(scene, b[0], b[1], b[2])
    sun = dx * scene[at.S_SUN] + dy * scene[at.S_SUN + 1] + dz * scene[at.S_SUN + 2]
    if sun > math.cos(sensors[i, at.SUN_RAD]) and not _sun_is_down(scene):
        return False
    x, y, z = scene[at.S_POSITION], scene[at.S_POSITION + 1], scene[at.S_POSITION + 2]
    r = math.sqrt(x * x + y * y + z * z)
    down = -(dx * x + dy * y + dz * z) / r
    limb_rad = math.asin(min(MOON_RADIUS_M / r, 1.0)) + sensors[i, at.LIMB_RAD]
    return math.acos(min(max(down, -1.0), 1.0)) > limb_rad


@kernel(bare=True)
def _sun_is_down(scene):
    """Return whether the Moon hides the Sun."""
    x, y, z = scene[at.S_POSITION], scene[at.S_POSITION + 1], scene[at.S_POSITION + 2]
    r = math.sqrt(x * x + y * y + z * z)
    up = (x * scene[at.S_SUN] + y * scene[at.S_SUN + 1] + z * scene[at.S_SUN + 2]) / r
    return up < -math.sqrt(max(1.0 - (MOON_RADIUS_M / r) ** 2, 0.0))


@kernel(bare=True)
def ramp(x, none_below, all_above):
    """Return 0..1 for x between two values."""
    return min(max((x - none_below) / max(all_above - none_below, 1e-12), 0.0), 1.0)


@kernel(bare=True)
def matches_expected(i, sensors, height_m, sun_rad, off_rad):
    """Return how many landmarks a terrain camera matches on average.

    Shadows at a low Sun and missing contrast at a high one take matches away, so do heights at which the
    map's pixels are too large or too small in the picture, and a look off the vertical.
    """
    light = ramp(sun_rad, sensors[i, at.SUN_ELEVATION], sensors[i, at.SUN_ELEVATION + 1]) * ramp(
        -sun_rad, -sensors[i, at.SUN_ELEVATION + 3], -sensors[i, at.SUN_ELEVATION + 2]
    )
    near = min(height_m / sensors[i, at.MIN_M], 1.0)
    far = min(sensors[i, at.MAX_M] / height_m, 1.0)
    slant = ramp(-off_rad, -sensors[i, at.OFF_NADIR_RAD], -0.5 * sensors[i, at.OFF_NADIR_RAD])
    return sensors[i, at.MATCHES] * light * near * near * far * far * slant


@kernel(bare=True)
def position_fix(i, sensors, errors, memory, effects, streams, scene, out):
    """Sample a terrain camera: 0:3 position (mean-Earth axes), 3 sigma across, 4 sigma up, 6 matches."""
    n = normal(streams, i), normal(streams, i), normal(streams, i)
    luck = normal(streams, i)
    x, y, z = scene[at.S_POSITION], scene[at.S_POSITION + 1], scene[at.S_POSITION + 2]
    r = math.sqrt(x * x + y * y + z * z)
    ux, uy, uz = x / r, y / r, z / r
    height_m = max(scene[at.S_HEIGHT], 1.0)
    sun = ux * scene[at.S_SUN] + uy * scene[at.S_SUN + 1] + uz * scene[at.S_SUN + 2]
    dx, dy, dz = in_fixed(scene, sensors[i, at.BORE], sensors[i, at.BORE + 1], sensors[i, at.BORE + 2])
    off_rad = math.acos(min(max(-(dx * ux + dy * uy + dz * uz), -1.0), 1.0))
    mean = matches_expected(i, sensors, height_m, math.asin(min(max(sun, -1.0), 1.0)), off_rad)
    # A count: as scattered as its mean (Poisson), in the normal approximation.
    matches = max(math.floor(mean + math.sqrt(mean) * luck + 0.5), 0.0)
    out[6] = matches
    rx, ry, rz = scene[at.S_RATE], scene[at.S_RATE + 1], scene[at.S_RATE + 2]
    blurred = rx * rx + ry * ry + rz * rz > sensors[i, at.CAMERA_RAD_S] ** 2
    if blurred or matches < sensors[i, at.LEAST_MATCHES] or _above(i, effects, scene):
        return at.INVALID
    sigma = sensors[i, at.SIGMA] + sensors[i, at.SIGMA_SHARE] * height_m
    sigma *= math.sqrt(sensors[i, at.MATCHES] / matches)
    out[3], out[4] = sigma, sigma * sensors[i, at.UP_SHARE]
    out[7] = sensors[i, at.STAYS_TURN] * height_m
    across = sigma * (1.0 + effects[i, at.NOISE])
    # The map row: its tie may be shifted by a fault too; it lies two rows from the end.
    rows = effects.shape[0]
    tie_east = errors[i, at.E_TIE_EAST] + effects[rows - 2, at.BIAS_Y]
    tie_north = errors[i, at.E_TIE_NORTH] + effects[rows - 2, at.BIAS_Z]
    east = tie_east + across * n[0] + errors[i, at.E_CAMERA_EAST_RAD] * height_m + effects[i, at.BIAS]
    north = tie_north + across * n[1] + errors[i, at.E_CAMERA_NORTH_RAD] * height_m + effects[i, at.BIAS_Y]
    if effects[i, at.FALSE] != 0.0:
        east += effects[i, at.FALSE_VALUE]
    up = across * sensors[i, at.UP_SHARE] * n[2] + errors[i, at.E_MAP_UP]
    up += effects[i, at.BIAS_Z] + effects[rows - 2, at.BIAS]
    _shift(x, y, z, ux, uy, uz, east, north, up, out)
    for k in range(3):
        if effects[i, at.STUCK] != 0.0 and memory[i, at.WRITTEN] > 0.0:
            out[k] = memory[i, at.LAST + k]
        memory[i, at.LAST + k] = out[k]
    return at.VALID


@kernel(bare=True)
def _above(i, effects, scene):
    return effects[i, at.CEILING_M] > 0.0 and scene[at.S_HEIGHT] > effects[i, at.CEILING_M]


@kernel(bare=True)
def _shift(x, y, z, ux, uy, uz, east, north, up, out):
    """Write a position shifted along east, north and up of its own place."""
    flat = math.sqrt(ux * ux + uy * uy)
    ex, ey = (-uy / flat, ux / flat) if flat > 1e-12 else (0.0, 1.0)
    out[0] = x + east * ex - north * uz * ey + up * ux
    out[1] = y + east * ey + north * uz * ex + up * uy
    out[2] = z + north * (ux * ey - uy * ex) + up * uz


@kernel(bare=True)
def hazard_advice(i, sensors, effects, streams, scene, ground, out):
    """Sample a hazard camera: 0 east, 1 north (m) of the safest place from the one asked for, 2 slope there,
    3 confidence 0..1.

    Places on rings around the one asked for are judged by their slope over a vehicle's width, as seen with
    noise, and by their distance.
    """
    height_m = scene[at.S_HEIGHT]
    x, y, z = scene[at.S_PLACE], scene[at.S_PLACE + 1], scene[at.S_PLACE + 2]
    if x == 0.0 and y == 0.0 and z == 0.0:
        x, y, z = scene[at.S_POSITION], scene[at.S_POSITION + 1], scene[at.S_POSITION + 2]
    r = math.sqrt(x * x + y * y + z * z)
    ux, uy, uz = x / r, y / r, z / r
    sun = ux * scene[at.S_SUN] + uy * scene[at.S_SUN + 1] + uz * scene[at.S_SUN + 2]
    if height_m > sensors[i, at.MAX_M] or height_m < sensors[i, at.MIN_M]:
        return at.NOTHING
    if sun < math.sin(sensors[i, at.LEAST_SUN_RAD]):
        return at.INVALID
    flat = math.sqrt(ux * ux + uy * uy)
    ex, ey = (-uy / flat, ux / flat) if flat > 1e-12 else (0.0, 1.0)
    nx, ny, nz = -uz * ey, uz * ex, ux * ey - uy * ex
    noise = sensors[i, at.SLOPE_NOISE] * (1.0 + effects[i, at.NOISE])
    best = math.inf
    for ring in range(_RINGS + 1):
        away = sensors[i, at.SEARCH_M] * ring / _RINGS
        for k in range(_AROUND if ring > 0 else 1):
            angle = 2.0 * math.pi * (k + 0.5 * (ring % 2)) / _AROUND
            east, north = away * math.cos(angle), away * math.sin(angle)
            slope = _slope(x, y, z, ex, ey, nx, ny, nz, east, north, 0.5 * sensors[i, at.BASELINE_M], ground)
            slope = abs(slope + noise * normal(streams, i))
            cost = slope + sensors[i, at.PER_METRE] * away
            if slope > sensors[i, at.SLOPE_LIMIT]:
                cost += 1.0
            if cost < best:
                best = cost
                out[0], out[1], out[2] = east, north, slope
    out[0] += effects[i, at.BIAS]
    out[1] += effects[i, at.BIAS_Y]
    out[3] = min(sensors[i, at.SLOPE_LIMIT] / max(out[2], 1e-6), 1.0)
    return at.VALID


@kernel(bare=True)
def _slope(x, y, z, ex, ey, nx, ny, nz, east, north, half, ground):
    """Return the steepest slope (rad) at a place given east and north (m), over 2 * half m."""
    px, py, pz = x + east * ex + north * nx, y + east * ey + north * ny, z + north * nz
    across = elevation(px + half * ex, py + half * ey, pz, ground)
    across -= elevation(px - half * ex, py - half * ey, pz, ground)
    along = elevation(px + half * nx, py + half * ny, pz + half * nz, ground)
    along -= elevation(px - half * nx, py - half * ny, pz - half * nz, ground)
    return math.atan(math.sqrt(across * across + along * along) / (2.0 * half))

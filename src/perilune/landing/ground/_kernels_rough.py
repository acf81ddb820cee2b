"""Compiled roughness: noise on lattices of powers of two, craters one to a cell, both by hash of the seed.

Positions are in Lambert's azimuthal equal-area projection about the anchor, so that densities are true
everywhere and shapes near the anchor.
"""

# mypy: ignore-errors
from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.constants import MOON_RADIUS_M

_RADIUS_M = MOON_RADIUS_M
# Odd 64-bit constants of SplitMix64 (Steele, Lea, Flood 2014) and of xxHash.
_A, _B, _C = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0xBF58476D1CE4E5B9)
_D = np.uint64(0x94D049BB133111EB)
_32, _29 = np.uint64(32), np.uint64(29)
_S56, _S48, _S32, _S16 = np.uint64(56), np.uint64(48), np.uint64(32), np.uint64(16)
_M16, _M8 = np.uint64(0xFFFF), np.uint64(0xFF)
_UNIT53, _S11 = 1.0 / 9007199254740992.0, np.uint64(11)
_UNIT16, _UNIT8 = 1.0 / 65536.0, 1.0 / 256.0


@kernel(inline=True)
def _mixed(h):
    """Return 64 bits in which every bit of the argument counts."""
    h = (h ^ (h >> _32)) * _C
    return h ^ (h >> _29)


@kernel(inline=True)
def _signed(h):
    """Return a number in [-1, 1) of 64 bits."""
    return np.float64(np.int64(h >> _S11)) * (2.0 * _UNIT53) - 1.0


@kernel(bare=True)
def lattice(x, y, key):
    """Return smooth noise in (-1, 1) at a place given in cells: cubic between hashed corners."""
    i, j = math.floor(x), math.floor(y)
    fx, fy = x - i, y - j
    ux, uy = fx * fx * (3.0 - 2.0 * fx), fy * fy * (3.0 - 2.0 * fy)
    i, j = int(i), int(j)
    h = key + np.uint64(np.int64(i)) * _A + np.uint64(np.int64(j)) * _B
    a, b = _signed(_mixed(h)), _signed(_mixed(h + _A))
    c, d = _signed(_mixed(h + _B)), _signed(_mixed(h + _A + _B))
    lower, upper = a + ux * (b - a), c + ux * (d - c)
    return lower + uy * (upper - lower)


@kernel(bare=True)
def bowl(share, depth, rim):
    """Return the height (m) of a small crater at a share of its radius: parabola, and rim to 1.5."""
    if share < 1.0:
        return rim + depth * (share * share - 1.0)
    out = 3.0 - 2.0 * share
    return rim * out * out * out if out > 0.0 else 0.0


@kernel(bare=True)
def craters(x, y, least_m, occupancy, deepest, fading, rim_share, key):
    """Return the height (m) that craters with diameters of `least_m` to twice that give to a place (m).

    Depths are spread evenly in their logarithm, as craters that fade exponentially with age have them:
    `deepest * exp(-fading)` of the diameter is the shallowest.
    """
    per_m = 1.0 / (3.0 * least_m)
    px, py = x * per_m, y * per_m
    # With its rim a crater reaches half a cell at most: the four cells about the nearest corner are all.
    i0, j0 = int(math.floor(px - 0.5)), int(math.floor(py - 0.5))
    fx, fy = px - i0, py - j0
    height = 0.0
    limit = np.int64(occupancy * 65536.0)
    first = key + np.uint64(np.int64(i0)) * _A + np.uint64(np.int64(j0)) * _B
    for k in range(4):
        i, j = k & 1, k >> 1
        h = _mixed(first + np.uint64(i) * _A + np.uint64(j) * _B)
        dx = fx - i - np.float64(np.int64((h >> _S16) & _M16)) * _UNIT16
        dy = fy - j - np.float64(np.int64((h >> _S32) & _M16)) * _UNIT16
        # Within an octave the cumulative number falls with D^-2: (least / diameter)^2 is spread evenly.
        inverse2 = 1.0 - 0.75 * np.float64(np.int64((h >> _S48) & _M8)) * _UNIT8
        share2 = 36.0 * (dx * dx + dy * dy) * inverse2
        # One condition, seldom true: a wrong guess of the processor costs as much as a hash.
        if (np.int64(h & _M16) < limit) & (share2 < 2.25):
            age = np.float64(np.int64(h >> _S56)) * _UNIT8
            depth = least_m * deepest * math.exp(-fading * age) / math.sqrt(inverse2)
            height += bowl(math.sqrt(share2), depth, rim_share * depth)
    return height


@kernel(bare=True)
def roughness(ux, uy, uz, pixel_m, finest_m, rough):
    """Return the height (m) that roughness adds in a direction (unit vector) over a map with pixels of
    `pixel_m`; octaves finer than `finest_m` are left out.
    """
    c = ux * rough[2] + uy * rough[3] + uz * rough[4]
    scale = _RADIUS_M * math.sqrt(2.0 / max(1.0 + c, 1e-9))
    east = scale * (ux * rough[5] + uy * rough[6] + uz * rough[7])
    north = scale * (ux * rough[8] + uy * rough[9] + uz * rough[10])
    return noise_at(east, north, pixel_m, finest_m, rough) + craters_at(east, north, pixel_m, finest_m, rough)


@kernel(bare=True)
def noise_at(east, north, pixel_m, finest_m, rough):
    """Return the noise (m) at a place (m); its lattices are at most as coarse as a pixel."""
    cell, amplitude = rough[19], rough[11]
    seed = np.uint64(np.int64(rough[0])) * _D
    height = 0.0
    octave = 1
    while cell < 2.0 * pixel_m:
        if 2.0 * cell > finest_m:
            weight = min(1.0, 2.0 - cell / pixel_m)
            height += weight * amplitude * lattice(east / cell, north / cell, seed + np.uint64(octave) * _A)
        # Turned by atan(3/4) from octave to octave, so that no direction is preferred.
        east, north = 0.8 * east - 0.6 * north, 0.6 * east + 0.8 * north
        amplitude *= rough[12] if cell < rough[14] else rough[13]
        cell *= 2.0
        octave += 1
    return height


@kernel(bare=True)
def craters_at(east, north, pixel_m, finest_m, rough):
    """Return the height (m) of all craters smaller than about a pixel at a place (m)."""
    least = rough[19]
    seed = np.uint64(np.int64(rough[0])) * _C
    height = 0.0
    octave = 1
    while least < 2.0 * pixel_m:
        if 2.0 * least > finest_m:
            weight = min(1.0, 2.0 - least / pixel_m)
            occupancy = rough[15] * min(1.0, rough[16] / least)
            height += weight * craters(
                east, north, least, occupancy, rough[17], rough[18], rough[20], seed + np.uint64(octave) * _B
            )
        least *= 2.0
        octave += 1
    return height


@kernel(bare=True)
def crater_increments(rough, baseline_m, pixel_m, out):
    """Fill out[n] with the craters' differences of height (m) over a baseline at scattered places."""
    for k in range(out.shape[0]):
        x, y, x1, y1 = _scattered(k, baseline_m)
        out[k] = craters_at(x1, y1, pixel_m, 0.0, rough) - craters_at(x, y, pixel_m, 0.0, rough)


@kernel(bare=True)
def noise_increments(rough, baseline_m, out):
    """Fill out[octave, n] with each octave's difference over a baseline, for an amplitude of 1."""
    seed = np.uint64(np.int64(rough[0])) * _D
    for k in range(out.shape[1]):
        x, y, x1, y1 = _scattered(k, baseline_m)
        cell = rough[19]
        for octave in range(out.shape[0]):
            key = seed + np.uint64(octave + 1) * _A
            out[octave, k] = lattice(x1 / cell, y1 / cell, key) - lattice(x / cell, y / cell, key)
            x, y = 0.8 * x - 0.6 * y, 0.6 * x + 0.8 * y
            x1, y1 = 0.8 * x1 - 0.6 * y1, 0.6 * x1 + 0.8 * y1
            cell *= 2.0


@kernel(inline=True)
def _scattered(k, baseline_m):
    """Return two places (m) a baseline apart, spread evenly (plastic number) over 100 km x 100 km."""
    x = 1e5 * ((k * 0.7548776662466927) % 1.0)
    y = 1e5 * ((k * 0.5698402909980532) % 1.0)
    angle = 2.399963229728653 * k
    return x, y, x + baseline_m * math.cos(angle), y + baseline_m * math.sin(angle)

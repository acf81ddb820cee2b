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
_30, _27, _31 = np.uint64(30), np.uint64(27), np.uint64(31)
_S48, _S32, _S16, _S40 = np.uint64(48), np.uint64(32), np.uint64(16), np.uint64(40)
_M16, _M8 = np.uint64(0xFFFF), np.uint64(0xFF)
_UNIT53, _S11 = 1.0 / 9007199254740992.0, np.uint64(11)
_UNIT16, _UNIT8 = 1.0 / 65536.0, 1.0 / 256.0


@kernel(inline=True)
def _hash(i, j, key):
    """Return 64 mixed bits of a cell of a lattice."""
    h = key ^ (np.uint64(np.int64(i)) * _A) ^ (np.uint64(np.int64(j)) * _B)
    h = (h ^ (h >> _30)) * _C
    h = (h ^ (h >> _27)) * _D
    return h ^ (h >> _31)


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
    a, b = _signed(_hash(i, j, key)), _signed(_hash(i + 1, j, key))
    c, d = _signed(_hash(i, j + 1, key)), _signed(_hash(i + 1, j + 1, key))
    lower, upper = a + ux * (b - a), c + ux * (d - c)
    return lower + uy * (upper - lower)


@kernel(bare=True)
def bowl(share, depth, rim):
    """Return the height (m) of a small crater at a share of its radius: a parabola, a rim that ends at 2."""
    if share < 1.0:
        return rim + depth * (share * share - 1.0)
    out = 2.0 - share
    return rim * out * out * out if out > 0.0 else 0.0


@kernel(bare=True)
def craters(x, y, least_m, occupancy, deepest, shallowest, rim_share, key):
    """Return the height (m) that craters with diameters of `least_m` to twice that give to a place (m)."""
    cell = 3.0 * least_m
    px, py = x / cell, y / cell
    # Nothing reaches further than half a cell... so the four cells about the nearest corner are all.
    i0, j0 = int(math.floor(px - 0.5)), int(math.floor(py - 0.5))
    height = 0.0
    limit = occupancy * 65536.0
    for k in range(4):
        i, j = i0 + (k & 1), j0 + (k >> 1)
        h = _hash(i, j, key)
        if np.float64(np.int64(h & _M16)) >= limit:
            continue
        dx = px - (i + np.float64(np.int64((h >> _S16) & _M16)) * _UNIT16)
        dy = py - (j + np.float64(np.int64((h >> _S32) & _M16)) * _UNIT16)
        away2 = (dx * dx + dy * dy) * 9.0  # in squares of the least diameter
        if away2 >= 4.0:
            continue
        # Within an octave the cumulative number falls with D^-2.
        size = 1.0 / math.sqrt(1.0 - 0.75 * np.float64(np.int64((h >> _S48) & _M8)) * _UNIT8)
        share = 2.0 * math.sqrt(away2) / size
        if share >= 2.0:
            continue
        # Depths fade exponentially with age, so that they are spread evenly in their logarithm.
        part = shallowest / deepest
        age = np.float64(np.int64(h >> np.uint64(56))) * _UNIT8
        depth = least_m * size * deepest * math.exp(age * math.log(part))
        height += bowl(share, depth, rim_share * depth)
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
def increments(rough, baseline_m, pixel_m, noise, crater):
    """Fill `noise` and `crater` with differences of height (m) over a baseline at scattered places."""
    for k in range(noise.shape[0]):
        # Steps by the plastic number's powers: spread evenly over 100 km x 100 km.
        x = 1e5 * ((k * 0.7548776662466927) % 1.0)
        y = 1e5 * ((k * 0.5698402909980532) % 1.0)
        angle = 2.399963229728653 * k
        x1, y1 = x + baseline_m * math.cos(angle), y + baseline_m * math.sin(angle)
        noise[k] = noise_at(x1, y1, pixel_m, 0.0, rough) - noise_at(x, y, pixel_m, 0.0, rough)
        crater[k] = craters_at(x1, y1, pixel_m, 0.0, rough) - craters_at(x, y, pixel_m, 0.0, rough)

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
#: Octaves in two blocks of eight: the coarsest cell, 32,768 of the finest, is wider than the embedded map's
#: pixels.
_LANES, _BLOCKS = 8, 2
OCTAVES = _LANES * _BLOCKS
_CELLS = 2.0 ** np.arange(OCTAVES)
_TURNS = [1.0 + 0.0j]
for _ in range(1, OCTAVES):
    _TURNS.append(_TURNS[-1] * (0.8 + 0.6j) / 2.0)
_COS, _SIN = np.array(_TURNS).real.copy(), np.array(_TURNS).imag.copy()
_PER_QUANTUM, _QUANTUM_M = 2.0**36, 2.0**-36
# The place of the only bit of 32, by the top five bits of a product (de Bruijn).
_SEQUENCE, _27, _M32 = np.uint64(0x077CB531), np.uint64(27), np.uint64(0xFFFFFFFF)
_PLACE = np.zeros(32, dtype=np.int64)
for _bit in range(32):
    _PLACE[(0x077CB531 << _bit & 0xFFFFFFFF) >> 27] = _bit


@kernel(inline=True)
def _mixed(h):
    """Return 64 bits in which every bit of the argument counts."""
    h = (h ^ (h >> _32)) * _C
    return h ^ (h >> _29)


@kernel(inline=True)
def _signed(h):
    """Return a number in [-1, 1) of 64 bits."""
    return np.float64(np.int64(h >> _S11)) * (2.0 * _UNIT53) - 1.0


@kernel(inline=True)
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


@kernel(bare=True, inline=True)
def roughness(ux, uy, uz, pixel_m, finest_m, rough):
    """Return the height (m) that roughness adds in a direction (unit vector) over a map with pixels of
    `pixel_m`; octaves finer than `finest_m` are left out.
    """
    if finest_m >= 4.0 * pixel_m:
        return 0.0
    c = ux * rough[2] + uy * rough[3] + uz * rough[4]
    scale = _RADIUS_M * math.sqrt(2.0 / max(1.0 + c, 1e-9))
    east = scale * (ux * rough[5] + uy * rough[6] + uz * rough[7])
    north = scale * (ux * rough[8] + uy * rough[9] + uz * rough[10])
    return noise_at(east, north, pixel_m, finest_m, rough) + craters_at(east, north, pixel_m, finest_m, rough)


@kernel(inline=True)
def _weight(cell_m, pixel_m, finest_m):
    """Return how much of an octave is wanted: none of finer ones than asked for, none that the map shows."""
    weight = min(max(2.0 - cell_m / pixel_m, 0.0), 1.0)
    return weight if 2.0 * cell_m > finest_m else 0.0


@kernel(inline=True)
def _first_block(finest_m, rough):
    """Return the first block of octaves of which any is wanted."""
    return 0 if 2.0 * rough[19] * _CELLS[_LANES - 1] > finest_m else 1


@kernel(bare=True)
def noise_at(east, north, pixel_m, finest_m, rough):
    """Return the noise (m) at a place (m); its lattices are at most as coarse as a pixel.

    Octaves are taken eight at a time, each on its own, so that the machine takes the eight side by side
    (24 ns in place of 108).
    """
    per_m = 1.0 / rough[19]
    u, v = east * per_m, north * per_m
    seed = np.uint64(np.int64(rough[0])) * _D
    # Whole numbers, of which the sum is the same in any order.
    total = np.int64(0)
    for block in range(_first_block(finest_m, rough), _BLOCKS):
        for lane in range(_LANES):
            k = _LANES * block + lane
            amplitude = rough[24 + k] * _weight(rough[19] * _CELLS[k], pixel_m, finest_m)
            # Turned by atan(3/4) from octave to octave, so that no direction is preferred.
            x, y = u * _COS[k] - v * _SIN[k], u * _SIN[k] + v * _COS[k]
            value = lattice(x, y, seed + np.uint64(k + 1) * _A)
            total += np.int64(amplitude * value * _PER_QUANTUM)
    return np.float64(total) * _QUANTUM_M


@kernel(inline=True)
def _diameter(h):
    """Return (least / diameter)^2 of a cell's crater."""
    # Within an octave the cumulative number falls with D^-2: (least / diameter)^2 is spread evenly.
    return 1.0 - 0.75 * np.float64(np.int64((h >> _S48) & _M8)) * _UNIT8


@kernel(inline=True)
def _share2(h, dx, dy):
    """Return the square of the distance (cells) from a cell's crater, in radii."""
    dx -= np.float64(np.int64((h >> _S16) & _M16)) * _UNIT16
    dy -= np.float64(np.int64((h >> _S32) & _M16)) * _UNIT16
    return 36.0 * (dx * dx + dy * dy) * _diameter(h)


@kernel(inline=True)
def _hit(h, dx, dy, limit):
    """Return 1 where a cell has a crater and it or its rim reaches a place, else 0."""
    return np.int64((np.int64(h & _M16) < limit) & (_share2(h, dx, dy) < 2.25))


@kernel(bare=True)
def craters_at(east, north, pixel_m, finest_m, rough):
    """Return the height (m) of all craters smaller than about a pixel at a place (m).

    Depths are spread evenly in their logarithm, as craters that fade exponentially with age have them:
    `deepest * exp(-fading)` of the diameter is the shallowest. Few cells asked have a crater that reaches the
    place: first they are found, eight octaves side by side, then those are taken one by one.
    """
    height = 0.0
    seed = np.uint64(np.int64(rough[0])) * _C
    for block in range(_first_block(finest_m, rough), _BLOCKS):
        hits = np.int64(0)
        for lane in range(_LANES):
            k = _LANES * block + lane
            least = rough[19] * _CELLS[k]
            wanted = _weight(least, pixel_m, finest_m) > 0.0
            limit = np.int64(rough[15] * min(1.0, rough[16] / least) * 65536.0) if wanted else np.int64(0)
            per_m = 1.0 / (3.0 * least)
            # With its rim a crater reaches half a cell at most: the four cells about the nearest corner do.
            x, y = east * per_m, north * per_m
            i, j = math.floor(x - 0.5), math.floor(y - 0.5)
            fx, fy = x - i, y - j
            first = seed + np.uint64(k + 1) * _B
            first += np.uint64(np.int64(i)) * _A + np.uint64(np.int64(j)) * _B
            found = _hit(_mixed(first), fx, fy, limit)
            found |= _hit(_mixed(first + _A), fx - 1.0, fy, limit) << 1
            found |= _hit(_mixed(first + _B), fx, fy - 1.0, limit) << 2
            found |= _hit(_mixed(first + _A + _B), fx - 1.0, fy - 1.0, limit) << 3
            hits |= found << (4 * lane)
        while hits != 0:
            lowest = hits & -hits
            hits ^= lowest
            place = _PLACE[(np.uint64(lowest) * _SEQUENCE & _M32) >> _27]
            k = _LANES * block + (place >> 2)
            height += _crater(east, north, k, place & 3, pixel_m, seed + np.uint64(k + 1) * _B, rough)
    return height


@kernel(bare=True)
def _crater(east, north, k, corner, pixel_m, key, rough):
    """Return the height (m) that the crater of a cell of octave k adds."""
    least = rough[19] * _CELLS[k]
    per_m = 1.0 / (3.0 * least)
    x, y = east * per_m, north * per_m
    i, j = math.floor(x - 0.5) + (corner & 1), math.floor(y - 0.5) + (corner >> 1)
    h = _mixed(key + np.uint64(np.int64(i)) * _A + np.uint64(np.int64(j)) * _B)
    age = np.float64(np.int64(h >> _S56)) * _UNIT8
    depth = least * rough[17] * math.exp(-rough[18] * age) / math.sqrt(_diameter(h))
    share = math.sqrt(_share2(h, x - i, y - j))
    return min(1.0, 2.0 - least / pixel_m) * bowl(share, depth, rough[20] * depth)


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

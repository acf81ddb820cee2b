"""Seeded roughness below the map's pixels: slopes as the altimeter in lunar orbit found them, and craters.

Nothing is stored: each point's height follows from the seed by hashing the cells it lies in.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from perilune.constants import MOON_RADIUS_M
from perilune.errors import InputError
from perilune.landing.ground import _kernels_rough as kernels
from perilune.maths.arrays import FloatArray

#: Columns of `Ground.rough`: seed, a bound of the height (m), then up, east, north at the anchor (3 each),
#: amplitude of the octave of 1 m, growth per octave below and above the break, the break (m), occupancy of a
#: crater cell, largest diameter in equilibrium (m), deepest depth/diameter and how it fades, finest cell (m),
#: rim height as a share of the depth; from 24 on each octave's amplitude (m).
ROUGH_COLUMNS: Final = 24 + kernels.OCTAVES
_BASELINE_M: Final = 17.0  # m, shortest baseline of Rosenburg et al. (2011)
_BREAK_M: Final = 1000.0  # m, where the Hurst exponent changes; Rosenburg et al. (2011)
_HURST_BEYOND: Final = (
    0.4  # -, assumed: relief beyond the break grows slowly (Yokota et al. 2014: peak 3-30 km)
)
_FINEST_M: Final = 1.0  # m, lattice of the finest octave: about a footpad
_COARSEST_M: Final = 16384.0  # m, coarser than the embedded map's pixels
_CELL_DIAMETERS: Final = 3.0  # a crater with its rim reaches half a cell: four cells are all that matter
_RIM_SHARE: Final = 0.036 / 0.196  # rim height over depth of a simple crater, Pike (1977)
_SAMPLES: Final = 16_000
_OCTAVES: Final = round(math.log2(_COARSEST_M / _FINEST_M))
_SPAN: Final = 16.0  # 17 to 272 m: baselines over which the Hurst exponent is met, well below the break
_GROWTH_MOST: Final = 2.5


@dataclass(frozen=True, slots=True)
class Roughness:
    """The law of a ground's roughness, anchored at a place (rad) where cells are not distorted.

    `median_slope_rad` is the median of the unsigned slope along a line at 17 m baseline, `hurst_exponent` the
    one by which heights grow with the baseline up to 1 km (Rosenburg et al. 2011, JGR 116, E02001: highlands
    7.5 degrees and 0.95, maria 2.0 degrees and 0.76, medians). Craters: cumulative number per m^2 above a
    diameter D is `density_coefficient / D^2` up to `equilibrium_m` (Trask 1966: 10^10.9 D^-2 per 10^6 km^2;
    about 5 % of geometric saturation) and falls with D^-3 beyond.
    """

    latitude_rad: float
    longitude_rad: float
    median_slope_rad: float = math.radians(2.0)
    hurst_exponent: float = 0.76
    density_coefficient: float = 0.0794
    equilibrium_m: float = 150.0  # m, maria of about 3.5 Gyr; inferred from published counts (100-300 m)
    deepest_ratio: float = 0.12  # depth/diameter; fresh sub-kilometre craters have 0.1-0.2 (Sun et al. 2018)
    shallowest_ratio: float = 0.01  # depth/diameter, assumed: no longer counted as a crater below


def maria(latitude_rad: float, longitude_rad: float) -> Roughness:
    """Return the roughness of a typical mare, anchored at a place."""
    return Roughness(latitude_rad, longitude_rad)


def highlands(latitude_rad: float, longitude_rad: float) -> Roughness:
    """Return the roughness of typical highlands: steeper, and in equilibrium up to larger craters."""
    # 300 m: inferred, older surfaces reach equilibrium at larger diameters.
    return Roughness(latitude_rad, longitude_rad, math.radians(7.5), 0.95, equilibrium_m=300.0)


def rough_row(roughness: Roughness) -> FloatArray:
    """Return the row (40,) of a law, seed 0. Raises `InputError` for a law that no ground can follow."""
    _check(roughness)
    row = _crater_row(roughness)
    row[11], growth = _noise(replace(roughness, latitude_rad=0.0, longitude_rad=0.0))
    row[12:15] = 2.0**growth, 2.0**_HURST_BEYOND, _BREAK_M
    row[24:] = row[11] * _grown(growth, kernels.OCTAVES)
    row[2:11] = _anchor(roughness.latitude_rad, roughness.longitude_rad)
    row[1] = float(row[11] * _grown(growth).sum()) + roughness.deepest_ratio * _COARSEST_M
    return row


def _crater_row(roughness: Roughness) -> FloatArray:
    row = np.zeros(ROUGH_COLUMNS)
    # Craters of an octave [D, 2 D) per cell of 3 D: density (1 - 1/4) D^-2 (3 D)^2.
    row[15] = roughness.density_coefficient * 0.75 * _CELL_DIAMETERS**2
    fading = math.log(roughness.deepest_ratio / roughness.shallowest_ratio)
    row[16:21] = roughness.equilibrium_m, roughness.deepest_ratio, fading, _FINEST_M, _RIM_SHARE
    return row


def _grown(growth: float, octaves: int = _OCTAVES) -> FloatArray:
    """Return the amplitudes (octaves,) for 1 at the finest, as the kernel takes them."""
    cells = _FINEST_M * 2.0 ** np.arange(octaves)
    steps = np.where(cells[:-1] < _BREAK_M, 2.0**growth, 2.0**_HURST_BEYOND)
    return np.concatenate([[1.0], np.cumprod(steps)])


@functools.lru_cache(maxsize=32)
def _noise(law: Roughness) -> tuple[float, float]:
    """Return amplitude (m) and growth per octave of the noise that, with the craters, follows a law.

    Noise has a finest and a coarsest octave and craters have their own growth, so that the exponent that
    gives a measured one has to be sought: both are found on a sample of 16,000 places.
    """
    row = _crater_row(law)
    row[0] = 1.0
    sampled = [_sampled(row, baseline) for baseline in (_BASELINE_M, _BASELINE_M * _SPAN)]
    wanted = math.tan(law.median_slope_rad) * _BASELINE_M
    (noise, craters), (far_noise, far_craters) = sampled
    if float(np.median(np.abs(craters))) > wanted:
        found = math.degrees(math.atan(float(np.median(np.abs(craters))) / _BASELINE_M))
        raise InputError(
            f"Craters alone give a median slope of {found:.2f} degrees at 17 m, more than the "
            f"{math.degrees(law.median_slope_rad):.2f} asked for. Ask for fewer or shallower craters, or a "
            "steeper ground."
        )

    def amplitude(growth: float) -> float:
        unit = _grown(growth) @ noise
        return _bisected(lambda size: float(np.median(np.abs(size * unit + craters))) - wanted, 0.0, wanted)

    def surplus(growth: float) -> float:
        far = amplitude(growth) * (_grown(growth) @ far_noise) + far_craters
        return math.log(float(np.median(np.abs(far))) / wanted) / math.log(_SPAN) - law.hurst_exponent

    growth = _bisected(surplus, 0.0, _GROWTH_MOST)
    return amplitude(growth), growth


def _sampled(row: FloatArray, baseline_m: float) -> tuple[FloatArray, FloatArray]:
    noise, craters = np.empty((_OCTAVES, _SAMPLES)), np.empty(_SAMPLES)
    kernels.noise_increments(row, baseline_m, noise)
    kernels.crater_increments(row, baseline_m, _COARSEST_M / 2, craters)
    return noise, craters


def _bisected(rising: Callable[[float], float], low: float, high: float) -> float:
    """Return where a rising function passes 0, the nearer end if it does not; to 1e-6 of the span."""
    for _ in range(20):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if rising(middle) < 0.0 else (low, middle)
    return 0.5 * (low + high)


def _anchor(latitude_rad: float, longitude_rad: float) -> FloatArray:
    """Return up, east and north (9,) at a place."""
    cl, sl = math.cos(latitude_rad), math.sin(latitude_rad)
    co, so = math.cos(longitude_rad), math.sin(longitude_rad)
    return np.array([cl * co, cl * so, sl, -so, co, 0.0, -sl * co, -sl * so, cl])


def _check(roughness: Roughness) -> None:
    limits = {
        "median_slope_rad": (0.0, 0.6),
        "hurst_exponent": (0.05, 1.0),
        "density_coefficient": (0.0, 1.0 / (0.75 * _CELL_DIAMETERS**2)),
        "equilibrium_m": (1.0, MOON_RADIUS_M),
        "deepest_ratio": (roughness.shallowest_ratio, 0.25),
        "shallowest_ratio": (1e-4, 0.25),
    }
    for name, (low, high) in limits.items():
        value = getattr(roughness, name)
        if not low <= value <= high:
            raise InputError(f"Roughness with {name} {value:g}. Give one from {low:g} to {high:.3g}.")

"""The seeded roughness against the laws it names: slopes, growth with the baseline, crater counts."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from grounds import place

from perilune.errors import InputError
from perilune.landing.ground import _kernels as ground_kernels
from perilune.landing.ground import _kernels_rough as kernels
from perilune.landing.ground.roughness import Roughness, highlands, maria, rough_row
from perilune.landing.ground.table import ground, with_seed
from perilune.world.terrain import Terrain

COUNT = 20_000
PIXEL_M = 4096.0


def slopes(law: Roughness, baseline_m: float, seed: int) -> np.ndarray:
    row = rough_row(law)
    row[0] = seed
    craters, noise = np.empty(COUNT), np.empty((13, COUNT))
    kernels.crater_increments(row, baseline_m, PIXEL_M, craters)
    kernels.noise_increments(row, baseline_m, noise)
    sizes = row[11] * np.cumprod([1.0] + [row[12] if 2**k < row[14] else row[13] for k in range(12)])
    return (sizes @ noise + craters) / baseline_m


@pytest.mark.parametrize(("law", "degrees"), [(maria(0.8, 0.7), 2.0), (highlands(0.8, 0.7), 7.5)])
@pytest.mark.parametrize("seed", [2, 77, 123456789])
def test_median_slopes_are_those_of_the_altimeter(law: Roughness, degrees: float, seed: int) -> None:
    # Rosenburg et al. (2011): median slopes at 17 m.
    found = math.degrees(math.atan(float(np.median(np.abs(slopes(law, 17.0, seed))))))
    assert found == pytest.approx(degrees, rel=0.05)


@pytest.mark.parametrize(("law", "hurst"), [(maria(0.8, 0.7), 0.76), (highlands(0.8, 0.7), 0.95)])
def test_heights_grow_with_the_baseline_by_the_hurst_exponent(law: Roughness, hurst: float) -> None:
    baselines = np.array([17.0, 34.0, 68.0, 136.0, 272.0])
    deviation = [float(np.median(np.abs(slopes(law, b, 5)))) * b for b in baselines]
    found = np.polyfit(np.log(baselines), np.log(deviation), 1)[0]
    assert found == pytest.approx(hurst, abs=0.08)


def test_craters_are_as_many_as_trask_counted() -> None:
    # Cumulative number above D: 0.0794 / D^2 per m^2; an octave holds 3/4 of that.
    law = rough_row(maria(0.8, 0.7))
    least, side = 8.0, 24.0
    # Deep, rimless and alone: a cell's crater shows as its lowest point. One octave: with a pixel of its
    # smallest diameter coarser ones are the map's, finer ones are not asked for.
    law[0], law[17], law[18], law[20] = 9.0, 0.1, 0.0, 0.0
    cells = 60
    grid = np.arange(0.0, cells * side, 2.0)
    image = np.array([[kernels.craters_at(x, y, least, least, law) for x in grid] for y in grid])
    area = len(grid) ** 2 * 4.0
    # A crater covers pi D^2/4, and n(D) dD = 2 c D^-3 dD: over an octave pi/2 c ln 2 of the area.
    covered = float((image < 0.0).mean())
    expected = 1.0 - math.exp(-math.pi / 2 * 0.0794 * math.log(2.0))
    assert covered == pytest.approx(expected, rel=0.1)
    assert area > 1e6


def test_octaves_side_by_side_are_those_one_by_one() -> None:
    law = rough_row(highlands(0.8, 0.7))
    law[0] = 5.0
    sampled = np.random.default_rng(1).uniform(-3e4, 3e4, (50, 2))
    for east, north in sampled:
        whole = kernels.noise_at(east, north, PIXEL_M, 0.0, law)
        parts = [_octave(kernels.noise_at, east, north, cell, law) for cell in 2.0 ** np.arange(13)]
        assert whole == pytest.approx(sum(parts), abs=1e-8)
        whole = kernels.craters_at(east, north, PIXEL_M, 0.0, law)
        parts = [_octave(kernels.craters_at, east, north, cell, law) for cell in 2.0 ** np.arange(13)]
        assert whole == pytest.approx(sum(parts), abs=1e-8)


def _octave(
    kernel: Callable[[float, float, float, float, np.ndarray], float],
    east: float,
    north: float,
    cell_m: float,
    law: np.ndarray,
) -> float:
    """Return what the octave of a cell alone adds: the next coarser and finer ones are left out."""
    return kernel(east, north, PIXEL_M, cell_m, law) - kernel(east, north, PIXEL_M, 2.0 * cell_m, law)


def test_a_seed_is_a_ground_and_none_is_smooth() -> None:
    law = maria(math.radians(60.5), math.radians(-4.6))
    bare = ground(Terrain.embedded(), roughness=law)
    where = [place(60.5 + 1e-4 * k, -4.6) for k in range(200)]

    def heights(seed: int) -> np.ndarray:
        on = with_seed(bare, seed)
        return np.array([ground_kernels.elevation(*p, on) for p in where])

    latitudes = [math.asin(p[2] / 1737400.0) for p in where]
    smooth = Terrain.embedded().elevations_m(latitudes, [math.radians(-4.6)] * len(where))
    assert heights(0) == pytest.approx(smooth, abs=1e-3)
    assert np.array_equal(heights(3), heights(3))
    assert not np.array_equal(heights(3), heights(4))
    assert np.corrcoef(heights(3) - smooth, heights(2**60 + 1) - smooth)[0, 1] < 0.99


def test_the_ground_is_continuous_down_to_a_centimetre() -> None:
    rough = with_seed(ground(Terrain.embedded(), roughness=highlands(0.8, 0.7)), 11)
    for latitude, longitude in ((45.8, 40.1), (30.0, 60.0), (-60.0, 200.0)):
        track = [
            ground_kernels.elevation(*place(latitude + math.degrees(k * 0.01 / 1737400.0), longitude), rough)
            for k in range(2000)
        ]
        assert np.abs(np.diff(track)).max() < 0.05


def test_height_stays_within_the_limits_by_which_rays_start() -> None:
    rough = with_seed(ground(Terrain.embedded(), roughness=highlands(0.8, 0.7)), 11)
    heights = [
        ground_kernels.elevation(*place(45.0 + 0.003 * k, 40.0 + 0.01 * k), rough) for k in range(3000)
    ]
    assert rough.limits[0] < min(heights)
    assert max(heights) < rough.limits[1]


def test_laws_no_ground_can_follow_are_refused() -> None:
    with pytest.raises(InputError, match=r"Roughness with hurst_exponent 1\.5\. Give one from 0\.05 to 1\."):
        rough_row(replace(maria(0.0, 0.0), hurst_exponent=1.5))
    with pytest.raises(InputError, match=r"Roughness with median_slope_rad nan"):
        rough_row(replace(maria(0.0, 0.0), median_slope_rad=math.nan))
    with pytest.raises(InputError, match=r"Craters alone give a median slope of .* Ask for fewer or"):
        rough_row(
            replace(
                maria(0.0, 0.0), median_slope_rad=math.radians(0.05), deepest_ratio=0.25, shallowest_ratio=0.1
            )
        )

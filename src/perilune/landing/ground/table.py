"""The ground as numbers that kernels read: tiles of elevation, named features, seeded roughness."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from perilune.constants import MOON_RADIUS_M
from perilune.errors import InputError
from perilune.landing.ground.features import Feature, feature_row
from perilune.landing.ground.roughness import ROUGH_COLUMNS, Roughness, rough_row
from perilune.maths.arrays import FloatArray
from perilune.world.terrain import Terrain
from perilune.world.tiles import Tile

#: Columns of `Ground.tiles`: first latitude and longitude, steps (rad, the longitude's positive), rows,
#: columns, place of the first height, width of the blended edge in rows and in columns, pixel size in m.
LAT_FIRST, LON_FIRST, LAT_STEP, LON_STEP, ROWS, COLUMNS, OFFSET, EDGE_ROWS, EDGE_COLUMNS, PIXEL_M = range(10)
_TILE_COLUMNS: Final = 10
_EDGE_MOST: Final = 0.2  # of a tile's height or width; assumed: a blended edge leaves most of a tile as it is
_FEATURE_COLUMNS: Final = 16


class Ground(NamedTuple):
    """Elevation above the 1737.4 km sphere, by direction in mean-Earth axes.

    `tiles` float64[n, 10] (finest first, the last one is closed around the Moon), `heights_m` float32[total],
    `features` float64[m, 16], `rough` float64[40] with the seed first (0: no roughness), `limits` float64[2]:
    a lowest and a highest elevation that are never passed.
    """

    tiles: FloatArray
    heights_m: npt.NDArray[np.float32]
    features: FloatArray
    rough: FloatArray
    limits: FloatArray


def ground(
    terrain: Terrain,
    *,
    tiles: Sequence[Tile] = (),
    features: Sequence[Feature] = (),
    roughness: Roughness | None = None,
) -> Ground:
    """Return the ground of a global map, with finer tiles, named features and roughness laid over it.

    Tiles are blended into what lies below over a pixel of the coarser map: their edges are no cliffs.
    Features act in the order given. The roughness has no seed yet: `with_seed` gives it one.
    """
    ordered = sorted(tiles, key=lambda tile: tile.pixel_m)
    grids = [tile.heights_m for tile in ordered] + [terrain.grid_m.astype(np.float32)]
    layouts = [
        (tile.latitude_first_rad, tile.longitude_first_rad, tile.latitude_step_rad, tile.longitude_step_rad)
        for tile in ordered
    ]
    layouts.append(
        (
            terrain.latitude_first_rad,
            terrain.longitude_first_rad,
            terrain.latitude_step_rad,
            terrain.longitude_step_rad,
        )
    )
    rows = np.array([feature_row(feature) for feature in features]).reshape(-1, _FEATURE_COLUMNS)
    rough = rough_row(roughness) if roughness else np.zeros(ROUGH_COLUMNS)
    heights = np.concatenate([grid.ravel() for grid in grids])
    if not np.isfinite(heights).all():
        raise InputError("The ground's maps have gaps (NaN). Fill them, or leave the tile out.")
    return Ground(_tile_rows(grids, layouts), heights, rows, rough, _limits(heights, features, rough))


def with_seed(ground: Ground, seed: int) -> Ground:
    """Return a ground whose roughness has a seed; 0 leaves it smooth. Costs microseconds."""
    rough = ground.rough.copy()
    rough[0] = float(seed % 2**53)  # what a float holds exactly
    return ground._replace(rough=rough)


def _tile_rows(
    grids: Sequence[npt.NDArray[np.float32]], layouts: Sequence[tuple[float, float, float, float]]
) -> FloatArray:
    rows = np.zeros((len(grids), _TILE_COLUMNS))
    offset = 0
    for row, grid, layout in zip(rows, grids, layouts, strict=True):
        row[: LON_STEP + 1] = layout
        row[ROWS], row[COLUMNS], row[OFFSET] = *grid.shape, offset
        row[PIXEL_M] = abs(layout[2]) * MOON_RADIUS_M
        offset += grid.size
    for finer, coarser in itertools.pairwise(rows):
        wanted = coarser[PIXEL_M] / finer[PIXEL_M]
        middle = finer[LAT_FIRST] + finer[LAT_STEP] * finer[ROWS] / 2
        along = wanted * finer[LAT_STEP] / (finer[LON_STEP] * max(math.cos(middle), 1e-3))
        finer[EDGE_ROWS] = min(wanted, _EDGE_MOST * finer[ROWS])
        finer[EDGE_COLUMNS] = min(abs(along), _EDGE_MOST * finer[COLUMNS])
    return rows


def _limits(heights_m: npt.NDArray[np.float32], features: Sequence[Feature], rough: FloatArray) -> FloatArray:
    lowest, highest = float(heights_m.min()), float(heights_m.max())
    for feature in features:
        low, high = feature.reach_m
        lowest, highest = min(lowest, low, lowest + low), max(highest, high, highest + high)
    return np.array([lowest - rough[1], highest + rough[1]])

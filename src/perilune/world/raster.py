"""A file's pixels before they are heights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """Pixels of a map in simple cylindrical projection; heights are `values * scale_m + offset_m` in m.

    `values` may be a memory map; pixels equal to one of `gaps` have no data. Row i is at latitude
    `latitude_first_rad + i * latitude_step_rad`, column j at longitude `longitude_first_rad +
    j * longitude_step_rad`, centres of pixels, both mean-Earth.
    """

    name: str
    values: npt.NDArray[np.generic]
    scale_m: float
    offset_m: float
    gaps: tuple[float, ...]
    latitude_first_rad: float
    longitude_first_rad: float
    latitude_step_rad: float
    longitude_step_rad: float


def memory_map(path: Any, dtype: str, shape: tuple[int, int], offset: int) -> npt.NDArray[np.generic]:
    """Return a file's pixels without reading them yet. Raises `ValueError` when the file is too short."""
    needed = offset + shape[0] * shape[1] * np.dtype(dtype).itemsize
    had = path.stat().st_size
    if had < needed:
        raise ValueError(f"it has {had} bytes where {needed} are needed")
    return np.memmap(path, dtype=dtype, mode="r", offset=offset, shape=shape)

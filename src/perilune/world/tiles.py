"""Finer maps of parts of the Moon, read from files a person has: .npz, PDS3 images, simple GeoTIFF.

Only what a window needs is read and checked: a global map of 128 pixels a degree takes megabytes, not two
gigabytes.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from perilune.constants import MOON_RADIUS_M
from perilune.errors import DataError, InputError
from perilune.world.geotiff import read_geotiff
from perilune.world.pds_image import read_image
from perilune.world.raster import Raster

_MOST_PIXELS: Final = 60_000_000  # 240 MB of float32
#: Nothing on the Moon is higher or lower above its 1737.4 km sphere (LOLA: -9.13 km to 10.79 km).
_LOWEST_M: Final = -11e3
_HIGHEST_M: Final = 13e3


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """A map of a part of the Moon: `heights_m[i, j]` (m above 1737.4 km) at the centre of a pixel.

    Row i is at latitude `latitude_first_rad + i * latitude_step_rad`, column j at longitude
    `longitude_first_rad + j * longitude_step_rad`, both mean-Earth; the longitude's step is positive.
    """

    name: str
    heights_m: npt.NDArray[np.float32]
    latitude_first_rad: float
    longitude_first_rad: float
    latitude_step_rad: float
    longitude_step_rad: float

    @property
    def pixel_m(self) -> float:
        """The size of a pixel along a meridian."""
        return abs(self.latitude_step_rad) * MOON_RADIUS_M


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the Moon by latitudes and longitudes (rad); it runs eastwards from `west_rad`."""

    south_rad: float
    north_rad: float
    west_rad: float
    east_rad: float

    @staticmethod
    def around(latitudes_rad: npt.ArrayLike, longitudes_rad: npt.ArrayLike, margin_m: float) -> Window:
        """Return the window that holds places and a margin around them, whichever way they go round."""
        latitudes = np.asarray(latitudes_rad, dtype=np.float64)
        longitudes = np.asarray(longitudes_rad, dtype=np.float64)
        margin = margin_m / MOON_RADIUS_M
        south = max(float(latitudes.min()) - margin, -math.pi / 2)
        north = min(float(latitudes.max()) + margin, math.pi / 2)
        widest = math.cos(min(max(abs(south), abs(north)), math.pi / 2))
        if widest < 1e-3:  # a pole lies inside: all longitudes
            return Window(south, north, -math.pi, math.pi)
        middle = float(longitudes.flat[0])
        aside = (longitudes - middle + math.pi) % (2 * math.pi) - math.pi
        west = middle + float(aside.min()) - margin / widest
        east = middle + float(aside.max()) + margin / widest
        if east - west >= 2 * math.pi:
            return Window(south, north, -math.pi, math.pi)
        return Window(south, north, west, east)


def read_tile(path: Path, window: Window | None = None) -> Tile:
    """Return the tile in a file, or that part of it that a window needs.

    Raises `DataError` for a file that can not be read or has gaps there, `InputError` for a window that the
    tile does not meet.
    """
    tile = _cut(_raster(path), window)
    if tile is None:
        raise InputError(
            f"The elevation tile {path.name} does not lie in the window asked for. Leave it out, or choose "
            "another."
        )
    return tile


def read_folder(folder: Path, window: Window | None = None) -> tuple[Tile, ...]:
    """Return all tiles of a folder that a window meets, finest first.

    Raises `InputError` for a folder that is not there or holds no tile, `DataError` as `read_tile`.
    """
    tiles = [tile for path in tile_paths(folder) if (tile := _cut(_raster(path), window)) is not None]
    return tuple(sorted(tiles, key=lambda tile: tile.pixel_m))


def tile_paths(folder: Path) -> list[Path]:
    """Return the files of a folder's tiles, unread; raises `InputError` where there is none of either."""
    kinds = ", ".join(f"*{kind}" for kind in _READERS)
    if not folder.is_dir():
        raise InputError(
            f"The folder of elevation tiles {folder} does not exist. Name one that holds {kinds}."
        )
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in _READERS)
    # A label and its image are one tile: the label is read.
    labelled = {path.stem.lower() for path in paths if path.suffix.lower() == ".lbl"}
    paths = [p for p in paths if p.suffix.lower() != ".img" or p.stem.lower() not in labelled]
    if not paths:
        raise InputError(f"The folder {folder} holds no elevation tile. It can hold {kinds}.")
    return paths


def _raster(path: Path) -> Raster:
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            f"{path.name} is no elevation tile that can be read. There are: "
            f"{', '.join(f'*{kind}' for kind in _READERS)}."
        )
    if not path.is_file():
        raise InputError(f"The elevation tile {path} does not exist.")
    raster = reader(path)
    if raster.values.ndim != 2 or min(raster.values.shape) < 2:
        raise DataError(
            f"The elevation tile {path.name} has the shape {raster.values.shape}. A tile has at least "
            "2 x 2 pixels."
        )
    return raster


def _cut(raster: Raster, window: Window | None) -> Tile | None:
    """Return the part of a raster that a window meets, checked; None if it meets nothing."""
    rows, columns = raster.values.shape
    first, last = (0, rows - 1) if window is None else _rows(raster, window)
    west, count = (0, columns) if window is None else _columns(raster, window)
    if last - first < 1 or count < 2:
        return None
    pixels = (last - first + 1) * count
    if pixels > _MOST_PIXELS:
        raise InputError(
            f"The part of {raster.name} that is needed has {pixels / 1e6:.0f} million pixels, more than the "
            f"{_MOST_PIXELS / 1e6:.0f} million that are read. Take a coarser map, or one cut around the "
            "corridor."
        )
    part = raster.values[first : last + 1]
    chosen = (
        part[:, west : west + count] if west + count <= columns else part[:, _wrapped(west, count, columns)]
    )
    latitude_first = raster.latitude_first_rad + first * raster.latitude_step_rad
    longitude_first = raster.longitude_first_rad + west * raster.longitude_step_rad
    _no_gaps(raster, chosen, latitude_first, longitude_first)
    heights = np.asarray(chosen, dtype=np.float32) * np.float32(raster.scale_m) + np.float32(raster.offset_m)
    _plausible(raster, heights)
    return Tile(
        raster.name,
        np.ascontiguousarray(heights),
        latitude_first,
        longitude_first,
        raster.latitude_step_rad,
        raster.longitude_step_rad,
    )


def _rows(raster: Raster, window: Window) -> tuple[int, int]:
    ends = [
        (latitude - raster.latitude_first_rad) / raster.latitude_step_rad
        for latitude in (window.south_rad, window.north_rad)
    ]
    # One row more on each side, so that all of the window lies between centres of pixels.
    return max(0, math.floor(min(ends))), min(raster.values.shape[0] - 1, math.ceil(max(ends)))


def _columns(raster: Raster, window: Window) -> tuple[int, int]:
    columns = raster.values.shape[1]
    step = raster.longitude_step_rad
    width = min(window.east_rad - window.west_rad, 2 * math.pi)
    closed = math.isclose(columns * step, 2 * math.pi, rel_tol=1e-6)
    start = (window.west_rad - raster.longitude_first_rad) % (2 * math.pi) / step
    if closed:
        first = math.floor(start)
        return first, min(math.ceil(start + width / step) - first + 1, columns)
    if start >= columns:  # the window begins outside: what of it is in the tile begins with the tile
        start -= 2 * math.pi / step
    first, last = max(0, math.floor(start)), min(columns - 1, math.ceil(start + width / step))
    return first, last - first + 1


def _wrapped(west: int, count: int, columns: int) -> npt.NDArray[np.int64]:
    return np.arange(west, west + count, dtype=np.int64) % columns


def _no_gaps(raster: Raster, chosen: npt.NDArray[Any], latitude_first: float, longitude_first: float) -> None:
    gaps = np.isin(chosen, np.array(raster.gaps, dtype=chosen.dtype)) if raster.gaps else None
    if chosen.dtype.kind == "f":
        bare = ~np.isfinite(chosen)
        gaps = bare if gaps is None else gaps | bare
    if gaps is None or not gaps.any():
        return
    i, j = np.argwhere(gaps)[0]
    latitude = math.degrees(latitude_first + float(i) * raster.latitude_step_rad)
    longitude = math.degrees(longitude_first + float(j) * raster.longitude_step_rad)
    raise DataError(
        f"The elevation tile {raster.name} has {int(gaps.sum())} pixels without data in the part that is "
        f"needed, the first at {latitude:.3f} N {longitude:.3f} E. Fill them, take another map, or leave the "
        "tile out."
    )


def _plausible(raster: Raster, heights_m: npt.NDArray[np.float32]) -> None:
    low, high = float(heights_m.min()), float(heights_m.max())
    if not (low >= _LOWEST_M and high <= _HIGHEST_M):
        raise DataError(
            f"The elevation tile {raster.name} has heights from {low:.0f} m to {high:.0f} m above 1737.4 km; "
            "the Moon's are from -9100 m to 10800 m. Check its unit, scale and reference radius."
        )


def _npz(path: Path) -> Raster:
    """Read our own form: `height_m`, or `dz` whose running sum along rows is the height in m; its edges."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
            read = {key: archive[key] for key in archive.files}
        return _from_arrays(path.name, read)
    except KeyError as cause:
        raise DataError(
            f"The elevation tile {path.name} lacks {cause.args[0]!r}. It needs lat_top and lon_left (deg, "
            "edges of the first pixel), ppd (pixels a degree), height_m or dz (their steps)."
        ) from cause
    except (OSError, ValueError, EOFError, TypeError, zipfile.BadZipFile) as cause:
        raise DataError(f"The elevation tile {path.name} can not be read: {cause}. Make it anew.") from cause


def _from_arrays(name: str, read: Mapping[str, npt.NDArray[Any]]) -> Raster:
    step = math.radians(1.0 / float(read["ppd"]))
    top, left = math.radians(float(read["lat_top"])), math.radians(float(read["lon_left"]))
    values = read["height_m"] if "height_m" in read else np.cumsum(read["dz"].astype(np.int32), axis=1)
    if not (step > 0.0 and math.isfinite(step + top + left)):
        raise ValueError(f"ppd {float(read['ppd'])}, lat_top {float(read['lat_top'])} are no tile's")
    return Raster(name, values, 1.0, 0.0, (), top - step / 2, left + step / 2, -step, step)


_READERS: Final[dict[str, Callable[[Path], Raster]]] = {
    ".npz": _npz,
    ".lbl": read_image,
    ".img": read_image,
    ".tif": read_geotiff,
    ".tiff": read_geotiff,
}

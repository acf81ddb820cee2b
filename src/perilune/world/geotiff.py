"""The simple part of GeoTIFF: one band in strips, plain or deflated, in degrees or metres of a cylinder.

Files above 4 GB (BigTIFF) as well. Refused with a sentence: inner tiles, other compressions, predictors,
several bands, rotated maps, other projections; `gdal_translate -co COMPRESS=NONE -co TILED=NO` turns most
files into what is read.
"""

from __future__ import annotations

import math
import re
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from perilune.constants import MOON_RADIUS_M
from perilune.errors import DataError
from perilune.world.raster import Raster, memory_map

_CURE: Final = "convert it: gdal_translate -co COMPRESS=NONE -co TILED=NO"
_SIZES: Final = {1: "B", 2: "s", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 16: "Q"}
#: By magic number, TIFF and BigTIFF: where the first directory's place stands, the kinds of a place, of a
#: directory's count and of its entries.
_LAYOUTS: Final = {42: (4, "I", "H", "HHI4s"), 43: (8, "Q", "Q", "HHQ8s")}
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _STRIPS, _BANDS = 256, 257, 258, 259, 273, 277
_ROWS_A_STRIP, _COUNTS, _PREDICTOR, _TILE, _FORMAT = 278, 279, 317, 322, 339
_PIXEL_SCALE, _TIEPOINT, _KEYS, _KEY_NUMBERS, _GDAL, _NODATA = 33550, 33922, 34735, 34736, 42112, 42113
_MODEL_KEY, _RASTER_KEY, _PROJECTION_KEY, _PARALLEL_KEY, _ORIGIN_KEY = 1024, 1025, 3075, 3078, 3088
_PROJECTED, _GEOGRAPHIC, _PIXEL_IS_POINT, _EQUIRECTANGULAR = 1, 2, 2, 17
_PLAIN, _DEFLATE, _OLD_DEFLATE = 1, 8, 32946


def read_geotiff(path: Path) -> Raster:
    """Return the raster of a GeoTIFF. Raises `DataError` with the cure."""
    try:
        order, tags = _tags(path)
        values = _pixels(path, order, tags)
        return _placed(path.name, tags, values)
    except KeyError as cause:
        raise DataError(
            f"The elevation tile {path.name} lacks the TIFF tag {cause.args[0]}, so that its place is not "
            "known. Take a GeoTIFF with pixel scale and tie point."
        ) from cause
    except (OSError, ValueError, struct.error, zlib.error) as cause:
        raise DataError(f"The elevation tile {path.name} can not be read: {cause}.") from cause


def _tags(path: Path) -> tuple[str, dict[int, Any]]:
    """Return byte order and tags of the first image."""
    with path.open("rb") as stream:
        head = stream.read(16)
        order = {b"II": "<", b"MM": ">"}.get(head[:2])
        if order is None or len(head) < 16:
            raise ValueError("it is no TIFF")
        (magic,) = struct.unpack(order + "H", head[2:4])
        if magic not in _LAYOUTS:
            raise ValueError("it is no TIFF")
        place, word, count_code, entry = _LAYOUTS[magic]
        (first,) = struct.unpack(order + word, head[place : place + struct.calcsize(word)])
        stream.seek(first)
        (count,) = struct.unpack(order + count_code, stream.read(struct.calcsize(count_code)))
        size = struct.calcsize("<" + entry)
        entries = [struct.unpack(order + entry, stream.read(size)) for _ in range(count)]
        return order, {tag: _value(stream, order + word, kind, n, raw) for tag, kind, n, raw in entries}


def _value(stream: Any, word: str, kind: int, count: int, raw: bytes) -> Any:
    """Return a tag's numbers or text; `word` is the byte order and the kind of places in the file."""
    code = _SIZES.get(kind)
    if code is None:
        return None
    order = word[0]
    size = struct.calcsize(order + code) * count
    if size > len(raw):
        stream.seek(struct.unpack(word, raw)[0])
        raw = stream.read(size)
    if code == "s":
        return raw[:size].rstrip(b"\0").decode("latin-1")
    return struct.unpack(f"{order}{count}{code}", raw[:size])


def _pixels(path: Path, order: str, tags: Mapping[int, Any]) -> npt.NDArray[np.generic]:
    if _TILE in tags or _STRIPS not in tags:
        raise ValueError(f"its pixels are stored in inner tiles; {_CURE}")
    if tags.get(_BANDS, (1,))[0] != 1:
        raise ValueError(f"it has {tags[_BANDS][0]} bands; a map of elevation has one")
    if tags.get(_PREDICTOR, (1,))[0] != 1:
        raise ValueError(f"its pixels are stored as differences (predictor); {_CURE}")
    letter = {1: "u", 2: "i", 3: "f"}.get(tags.get(_FORMAT, (1,))[0])
    bits = tags[_BITS][0]
    if letter is None or bits not in (16, 32, 64) or (letter == "f" and bits == 16):
        raise ValueError(f"its samples have {bits} bits of a kind that is not read; {_CURE} -ot Float32")
    dtype = np.dtype(f"{order}{letter}{bits // 8}").str
    shape = (tags[_HEIGHT][0], tags[_WIDTH][0])
    compression = tags.get(_COMPRESSION, (_PLAIN,))[0]
    if compression == _PLAIN and _contiguous(tags):
        return memory_map(path, dtype, shape, tags[_STRIPS][0])
    if compression not in (_PLAIN, _DEFLATE, _OLD_DEFLATE):
        raise ValueError(f"it is compressed by method {compression}; {_CURE}")
    return _strips(path, dtype, shape, tags, compression != _PLAIN)


def _contiguous(tags: Mapping[int, Any]) -> bool:
    ends = [start + count for start, count in zip(tags[_STRIPS], tags[_COUNTS], strict=True)]
    return list(tags[_STRIPS][1:]) == ends[:-1]


def _strips(
    path: Path, dtype: str, shape: tuple[int, int], tags: Mapping[int, Any], deflated: bool
) -> npt.NDArray[np.generic]:
    with path.open("rb") as stream:
        content = bytearray()
        for start, count in zip(tags[_STRIPS], tags[_COUNTS], strict=True):
            stream.seek(start)
            piece = stream.read(count)
            content += zlib.decompress(piece) if deflated else piece
    needed = shape[0] * shape[1] * np.dtype(dtype).itemsize
    if len(content) < needed:
        raise ValueError(f"it has {len(content)} bytes of pixels where {needed} are needed")
    return np.frombuffer(content, dtype=dtype, count=shape[0] * shape[1]).reshape(shape)


def _placed(name: str, tags: Mapping[int, Any], values: npt.NDArray[np.generic]) -> Raster:
    keys = _keys(tags)
    scale_x, scale_y = tags[_PIXEL_SCALE][:2]
    column, row, _, x, y = tags[_TIEPOINT][:5]
    unit_rad = _unit_rad(keys)
    # A tie point names a pixel's corner, unless the file says that pixels are points.
    half = 0.0 if keys.get(_RASTER_KEY) == _PIXEL_IS_POINT else 0.5
    longitude = (x + (half - column) * scale_x) * unit_rad
    latitude = (y - (half - row) * scale_y) * unit_rad
    scale, offset = _gdal_scale(tags)
    gaps = () if not tags.get(_NODATA) else (float(tags[_NODATA]),)
    return Raster(
        name,
        values,
        scale,
        offset,
        tuple(gap for gap in gaps if math.isfinite(gap)),
        latitude,
        longitude + float(keys.get(_ORIGIN_KEY, 0.0)) * math.pi / 180.0,
        -scale_y * unit_rad,
        scale_x * unit_rad,
    )


def _unit_rad(keys: Mapping[int, float]) -> float:
    """Return how much of an angle one unit of the map is; 1 degree, or 1 m on the Moon's sphere."""
    model = keys.get(_MODEL_KEY)
    if model == _GEOGRAPHIC:
        return math.pi / 180.0
    if model == _PROJECTED and keys.get(_PROJECTION_KEY) == _EQUIRECTANGULAR:
        if keys.get(_PARALLEL_KEY, 0.0) != 0.0:
            raise ValueError(
                "its cylinder is true at a latitude other than 0; warp it to degrees with gdalwarp"
            )
        return 1.0 / MOON_RADIUS_M
    raise ValueError("its map is neither in degrees nor equirectangular; warp it to degrees with gdalwarp")


def _keys(tags: Mapping[int, Any]) -> dict[int, float]:
    """Return the GeoKeys that are numbers."""
    directory = tags[_KEYS]
    numbers = tags.get(_KEY_NUMBERS) or ()
    found: dict[int, float] = {}
    for k in range(4, len(directory) - 3, 4):
        key, place, _, value = directory[k : k + 4]
        if place == 0:
            found[key] = float(value)
        elif place == _KEY_NUMBERS and value < len(numbers):
            found[key] = float(numbers[value])
    return found


def _gdal_scale(tags: Mapping[int, Any]) -> tuple[float, float]:
    """Return scale and offset from GDAL's own remark, 1 and 0 without one."""
    remark = tags.get(_GDAL) or ""
    found = {
        role: float(value)
        for role, value in re.findall(r'role="(scale|offset)"[^>]*>\s*([-+.\deE]+)\s*<', remark)
    }
    return found.get("scale", 1.0), found.get("offset", 0.0)

"""Elevation images of the Planetary Data System (PDS3): LOLA LDEM, SLDEM2015, GLD100.

A label says size, kind and place of the pixels; it lies beside the image (`.lbl`) or at its beginning.
Read are integer and float images in simple cylindrical projection; polar stereographic ones are refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from perilune.errors import DataError
from perilune.world.raster import Raster, memory_map

_MOON_IN_LABELS: Final = 1737.4  # km, what both LOLA's and GLD100's labels name as radius
_LONGEST_LABEL: Final = 1 << 20  # bytes
_TYPES: Final = {
    ("LSB_INTEGER", 16): "<i2",
    ("MSB_INTEGER", 16): ">i2",
    ("LSB_INTEGER", 32): "<i4",
    ("MSB_INTEGER", 32): ">i4",
    ("PC_REAL", 32): "<f4",
    ("IEEE_REAL", 32): ">f4",
}
_UNITS_M: Final = {"METER": 1.0, "METERS": 1.0, "M": 1.0, "KILOMETER": 1e3, "KILOMETERS": 1e3, "KM": 1e3}
_LINE: Final = re.compile(r"^\s*(\^?\w+)\s*=\s*(.+?)\s*$", re.MULTILINE)
_REMARK: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_GAPS: Final = ("CORE_NULL", "MISSING_CONSTANT", "INVALID_CONSTANT", "NULL_CONSTANT")
_SATURATIONS: Final = (
    "CORE_LOW_REPR_SATURATION",
    "CORE_LOW_INSTR_SATURATION",
    "CORE_HIGH_REPR_SATURATION",
    "CORE_HIGH_INSTR_SATURATION",
)


def read_image(path: Path) -> Raster:
    """Return the raster of a label or an image (whichever is named). Raises `DataError` with the cure."""
    label = _label_beside(path)
    try:
        words = _words(label)
        values = _pixels(label, words)
        return _placed(path.name, words, values)
    except KeyError as cause:
        raise DataError(
            f"The label of the elevation tile {label.name} lacks {cause.args[0]}. Fetch the label that "
            "belongs to the image once more."
        ) from cause
    except (OSError, ValueError) as cause:
        raise DataError(f"The elevation tile {path.name} can not be read: {cause}.") from cause


def _label_beside(path: Path) -> Path:
    if path.suffix.lower() == ".lbl":
        return path
    for suffix in (".lbl", ".LBL"):
        if path.with_suffix(suffix).is_file():
            return path.with_suffix(suffix)
    return path  # the label may stand at the image's beginning


def _words(label: Path) -> dict[str, str]:
    """Return a label's keywords; of one that stands twice the first, units in <> and quotes taken off."""
    with label.open("rb") as stream:
        text = stream.read(_LONGEST_LABEL).decode("latin-1")
    if not text.startswith("PDS_VERSION_ID"):
        raise ValueError(
            "it begins with no PDS3 label, and none (.lbl) lies beside it; put the label beside the image"
        )
    end = re.search(r"^\s*END\s*$", text, re.MULTILINE)
    found: dict[str, str] = {}
    for name, value in _LINE.findall(_REMARK.sub("", text[: end.start()] if end else text)):
        found.setdefault(name, re.sub(r"<[^>]*>", "", value).strip().strip("\"'").strip())
    return found


def _pixels(label: Path, words: Mapping[str, str]) -> npt.NDArray[np.generic]:
    kind = (words["SAMPLE_TYPE"], int(words["SAMPLE_BITS"]))
    if kind not in _TYPES:
        known = ", ".join(f"{name} {bits}" for name, bits in _TYPES)
        raise ValueError(f"its samples are {kind[0]} of {kind[1]} bits; there are: {known}")
    if int(words.get("BANDS", "1")) != 1:
        raise ValueError(f"it has {words['BANDS']} bands; a map of elevation has one")
    image, offset = _image(label, words)
    return memory_map(image, _TYPES[kind], (int(words["LINES"]), int(words["LINE_SAMPLES"])), offset)


def _image(label: Path, words: Mapping[str, str]) -> tuple[Path, int]:
    """Return the image's file and the place of its first byte, from `^IMAGE`."""
    pointer = words["^IMAGE"].strip("() ")
    parts = [part.strip().strip("\"'") for part in pointer.split(",")]
    name = None if re.fullmatch(r"\d+(\s*<?\w*>?)?", parts[0]) else parts[0]
    number = parts[-1] if name is None or len(parts) > 1 else "1"
    record = int(re.match(r"\d+", number).group())  # type: ignore[union-attr]  # a number by the pattern
    offset = (record - 1) * int(words["RECORD_BYTES"]) if record > 1 else 0
    if name is None:
        return label, offset
    return _found(label.parent, name), offset


def _found(folder: Path, name: str) -> Path:
    """Return a file by its name in any case: archives write capitals, servers small letters."""
    for path in folder.iterdir():
        if path.name.casefold() == name.casefold():
            return path
    raise ValueError(f"its image {name} does not lie beside its label; put it there")


def _placed(name: str, words: Mapping[str, str], values: npt.NDArray[np.generic]) -> Raster:
    _check_projection(words)
    ppd = float(words["MAP_RESOLUTION"])
    step = math.radians(1.0 / ppd)
    # The offsets count pixels from the first one's centre to the projection's origin (PDS, LROC: 2011).
    latitude = float(words["CENTER_LATITUDE"]) + float(words["LINE_PROJECTION_OFFSET"]) / ppd
    longitude = float(words["CENTER_LONGITUDE"]) - float(words["SAMPLE_PROJECTION_OFFSET"]) / ppd
    corner = float(words["MAXIMUM_LATITUDE"]) - 0.5 / ppd
    if abs(latitude - corner) > 1.0 / ppd:
        raise ValueError(
            f"its label puts the first row at {latitude:.5f} degrees by its offset and at {corner:.5f} by "
            "its largest latitude; fetch the label again"
        )
    unit_m = _UNITS_M.get(words.get("UNIT", "METER").upper())
    if unit_m is None:
        raise ValueError(f"its heights are in {words['UNIT']}; metres and kilometres are known")
    gaps = tuple(
        float(words[word])
        for word in (*_GAPS, *_SATURATIONS)
        if word in words and re.fullmatch(r"[-+.\deE]+", words[word])
    )
    scale = float(words.get("SCALING_FACTOR", "1")) * unit_m
    return Raster(
        name, values, scale, 0.0, gaps, math.radians(latitude), math.radians(longitude), -step, step
    )


def _check_projection(words: Mapping[str, str]) -> None:
    projection = words["MAP_PROJECTION_TYPE"].upper().replace("_", " ")
    flat = projection == "SIMPLE CYLINDRICAL" or (
        projection == "EQUIRECTANGULAR" and float(words["CENTER_LATITUDE"]) == 0.0
    )
    if not flat:
        raise ValueError(
            f"its projection is {projection.title()} about latitude {words.get('CENTER_LATITUDE', '?')}; "
            "convert it to simple cylindrical, for example with gdalwarp"
        )
    if abs(float(words["A_AXIS_RADIUS"]) - _MOON_IN_LABELS) > 1e-6:
        raise ValueError(
            f"its heights refer to a radius of {words['A_AXIS_RADIUS']} km; the Moon's maps refer to "
            f"{_MOON_IN_LABELS} km"
        )

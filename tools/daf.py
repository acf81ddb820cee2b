"""Chebyshev records (type 2) out of a DAF file: an SPK of positions or a binary PCK of Euler angles.

Layout: NAIF's required readings for DAF, SPK and PCK. Only little-endian files are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

WORD = 8  # bytes of a double
RECORD = 1024  # bytes of a DAF record
TYPE_2 = 2


@dataclass(frozen=True, slots=True)
class Segment:
    """One type-2 segment: `coefficients` is (record, component, degree + 1), times are TDB s since J2000."""

    target: int
    centre: int
    start_s: float
    interval_s: float
    coefficients: npt.NDArray[np.float64]

    def between(self, first_s: float, last_s: float) -> npt.NDArray[np.float64]:
        """Return the records that cover the span, whose ends must be record boundaries."""
        first, last = ((edge - self.start_s) / self.interval_s for edge in (first_s, last_s))
        if first != round(first) or last != round(last):
            raise ValueError(f"{first_s} to {last_s} s does not end at record boundaries of {self.target}")
        return self.coefficients[round(first) : round(last)]


def segments(path: Path) -> list[Segment]:
    """Return every type-2 segment of an SPK (two integers after the type's) or a binary PCK."""
    words = np.memmap(path, dtype="<f8", mode="r")
    raw = words.view(np.uint8)
    if bytes(raw[88:96]) != b"LTL-IEEE":
        raise ValueError(f"{path} is not a little-endian DAF")
    doubles, integers, forward = (int(raw[at : at + 4].view("<i4")[0]) for at in (8, 12, 76))
    return [
        segment
        for summary in _summaries(words, doubles, integers, forward)
        if (segment := _segment(words, summary, is_position=integers == 6)) is not None
    ]


def _summaries(
    words: npt.NDArray[np.float64], doubles: int, integers: int, forward: int
) -> list[tuple[npt.NDArray[np.float64], npt.NDArray[np.int32]]]:
    size = doubles + (integers + 1) // 2
    found = []
    while forward:
        record = words[(forward - 1) * RECORD // WORD : forward * RECORD // WORD]
        for index in range(int(record[2])):
            words_of_one = np.array(record[3 + index * size : 3 + (index + 1) * size])
            found.append((words_of_one[:doubles], words_of_one[doubles:].view("<i4")[:integers]))
        forward = int(record[0])
    return found


def _segment(
    words: npt.NDArray[np.float64],
    summary: tuple[npt.NDArray[np.float64], npt.NDArray[np.int32]],
    *,
    is_position: bool,
) -> Segment | None:
    _, integers = summary
    target, centre = int(integers[0]), int(integers[1])
    kind = int(integers[3 if is_position else 2])
    first, last = int(integers[-2]), int(integers[-1])
    if kind != TYPE_2:
        return None
    start_s, interval_s, size, count = (float(value) for value in words[last - 4 : last])
    records = np.asarray(words[first - 1 : first - 1 + int(size) * int(count)]).reshape(int(count), int(size))
    return Segment(target, centre, start_s, interval_s, records[:, 2:].reshape(int(count), 3, -1))

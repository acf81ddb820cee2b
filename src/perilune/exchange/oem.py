"""CCSDS Orbit Ephemeris Message 2.0 (502.0-B-3), key-value notation: states that other tools read.

One segment a stretch of trajectory, each about its own centre, in TDB, km and km/s, as the standard asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perilune.epoch import Epoch
from perilune.errors import FrameError
from perilune.world.frames import Axes, Frame

#: Positions to 0.1 mm and velocities to 0.1 um/s: finer than any state's own error.
_ROW: Final = "{} {: .7f} {: .7f} {: .7f} {: .10f} {: .10f} {: .10f}"
#: Four states with their velocities; fewer where a segment has fewer.
_HERMITE_DEGREE: Final = 7
_J2000_TDB: Final = np.datetime64("2000-01-01T12:00:00", "ns")


@dataclass(frozen=True, slots=True)
class Segment:
    """States (n, 3) about a frame's centre at `base` + `time_s` (n,), in m and m/s."""

    name: str
    frame: Frame
    base: Epoch
    time_s: NDArray[np.float64]
    position_m: NDArray[np.float64]
    velocity_m_s: NDArray[np.float64]


def render(
    segments: Sequence[Segment], *, object_name: str, created_utc: str, comments: Iterable[str] = ()
) -> str:
    """Return the message as text; `created_utc` is ISO 8601 without a zone."""
    lines = ["CCSDS_OEM_VERS = 2.0"]
    lines += [f"COMMENT {comment}" for comment in comments]
    lines += [f"CREATION_DATE = {created_utc}", "ORIGINATOR = PERILUNE"]
    for segment in segments:
        lines += ["", *_segment(segment, object_name)]
    return "\n".join(lines) + "\n"


def tdb_texts(base: Epoch, time_s: NDArray[np.float64]) -> list[str]:
    """Return epochs as TDB calendar texts to the microsecond, rounded.

    >>> tdb_texts(Epoch.tdb("2025-01-15T00:00:00"), np.array([0.0, 1.5]))
    ['2025-01-15T00:00:00.000000', '2025-01-15T00:00:01.500000']
    """
    nanoseconds = np.rint((time_s + base.fraction_s) * 1e6).astype(np.int64) * 1000
    stamps = _J2000_TDB + np.int64(base.seconds) * np.int64(10**9) + nanoseconds
    return [str(text) for text in np.datetime_as_string(stamps, unit="us")]


def _segment(segment: Segment, object_name: str) -> Iterator[str]:
    if segment.frame.axes is not Axes.ICRF:
        raise FrameError(
            f"{segment.name}: an OEM segment is written in ICRF axes, given {segment.frame.axes}."
        )
    stamps = tdb_texts(segment.base, segment.time_s)
    yield "META_START"
    yield f"COMMENT {segment.name}"
    yield f"OBJECT_NAME = {object_name}"
    yield f"OBJECT_ID = {_identifier(object_name)}"
    yield f"CENTER_NAME = {segment.frame.centre.upper()}"
    yield "REF_FRAME = ICRF"
    yield "TIME_SYSTEM = TDB"
    yield f"START_TIME = {stamps[0]}"
    yield f"STOP_TIME = {stamps[-1]}"
    yield "INTERPOLATION = HERMITE"
    yield f"INTERPOLATION_DEGREE = {min(_HERMITE_DEGREE, 2 * len(stamps) - 1)}"
    yield "META_STOP"
    states = np.hstack([segment.position_m, segment.velocity_m_s]) / 1e3
    for stamp, state in zip(stamps, states.tolist(), strict=True):
        yield _ROW.format(stamp, *state)


def _identifier(name: str) -> str:
    """Return a name as an identifier.

    >>> _identifier("HAKUTO-R Mission 2")
    'HAKUTO-R-MISSION-2'
    """
    return re.sub(r"[^A-Z0-9]+", "-", name.upper()).strip("-")

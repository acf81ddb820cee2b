"""Where the Sun, the Moon and the planets are: DE440 as published, cut to 2000-2060.

Positions are geometric (no light time), in metres along ICRF axes, as functions of TDB. The records are the
native Chebyshev series, so the only difference from the full kernel is rounding. `table` rewrites them,
exactly, as 4-day pieces of 13 coefficients relative to one centre: what compiled kernels read.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final

import numpy as np

from perilune.constants import EARTH_MOON_MASS_RATIO
from perilune.epoch import DAY_S, Epoch
from perilune.errors import EpochError, NameNotFoundError
from perilune.maths import chebyshev
from perilune.maths.arrays import FloatArray
from perilune.world import embedded
from perilune.world.span import SPAN_END, SPAN_START, record_of, require_inside

FILE: Final = "ephemeris_de440_2000_2060.npz"
PIECE_S: Final = 4 * DAY_S  # s, the Moon's record in DE440; all others are longer
COEFFICIENTS: Final = 13  # -, those of the Moon and the Earth-Moon barycentre; others have fewer

#: Length of DE440's records in s, by series.
_RECORD_S: Final = {
    "sun": 16 * DAY_S,
    "venus": 16 * DAY_S,
    "emb": 16 * DAY_S,
    "mars": 32 * DAY_S,
    "jupiter": 32 * DAY_S,
    "saturn": 32 * DAY_S,
    "moon_emb": 4 * DAY_S,
}
#: Body -> (series from the solar system's barycentre, multiple of the Moon from the Earth-Moon barycentre).
_BODIES: Final = {
    "sun": ("sun", 0.0),
    "venus": ("venus", 0.0),
    "earth": ("emb", -1.0 / EARTH_MOON_MASS_RATIO),
    "moon": ("emb", 1.0),
    "emb": ("emb", 0.0),
    "mars": ("mars", 0.0),
    "jupiter": ("jupiter", 0.0),
    "saturn": ("saturn", 0.0),
    "ssb": (None, 0.0),
}
#: Bodies that can be asked for; mars, jupiter and saturn are the barycentres of their systems.
BODIES: Final = tuple(_BODIES)


@dataclass(frozen=True, slots=True, eq=False)
class EphemerisTable:
    """Positions relative to `centre`, for kernels: seconds are counted from `base`.

    `coefficients[i, k, axis]` are 13 Chebyshev coefficients in m of `bodies[k]`, over the `piece_s` seconds
    from `start_s + i * piece_s`.
    """

    base: Epoch
    start_s: float
    piece_s: float
    coefficients: FloatArray
    bodies: tuple[str, ...]
    centre: str


def position(target: str, centre: str, epoch: Epoch) -> FloatArray:
    """Return the position (3,) in m of `target` from `centre`, ICRF axes.

    >>> from perilune.epoch import Epoch
    >>> distance_m = float(np.linalg.norm(position("moon", "earth", Epoch.tdb("2025-02-14T22:43"))))
    >>> 3.6e8 < distance_m < 4.1e8
    True
    """
    at_once: FloatArray = positions(target, centre, epoch, np.zeros(1))[0]
    return at_once


def state(target: str, centre: str, epoch: Epoch) -> tuple[FloatArray, FloatArray]:
    """Return position (3,) in m and velocity (3,) in m/s of `target` from `centre`, ICRF axes."""
    position_m, velocity_m_s = states(target, centre, epoch, np.zeros(1))
    return position_m[0], velocity_m_s[0]


def motion(target: str, centre: str, epoch: Epoch) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return position (m), velocity (m/s) and acceleration (m/s^2), each (3,), of `target` from `centre`."""
    position_m, velocity_m_s = state(target, centre, epoch)
    acceleration_m_s2 = np.zeros(3)
    for series, weight in _relative(target, centre):
        native = embedded.arrays(FILE)[series]
        record_s = _RECORD_S[series]
        record, x = _place(epoch, np.zeros(1), record_s, len(native))
        curve = chebyshev.second_derivative(native[record[0]] * (1000.0 * weight), x[0])  # km to m
        acceleration_m_s2 += curve * (2.0 / record_s) ** 2
    return position_m, velocity_m_s, acceleration_m_s2


def positions(target: str, centre: str, base: Epoch, offset_s: FloatArray) -> FloatArray:
    """Return positions (n, 3) in m at `base + offset_s` (n,)."""
    return _evaluate(target, centre, base, offset_s, slopes=False)[0]


def states(target: str, centre: str, base: Epoch, offset_s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return positions (n, 3) in m and velocities (n, 3) in m/s at `base + offset_s` (n,)."""
    return _evaluate(target, centre, base, offset_s, slopes=True)


@functools.lru_cache(maxsize=64)
def table(centre: str, bodies: tuple[str, ...], base: Epoch, start_s: float, end_s: float) -> EphemerisTable:
    """Return the table of `bodies` from `centre` that covers `base + start_s` to `base + end_s`.

    Raises `EpochError` outside the span, `NameNotFoundError` for an unknown body.
    """
    first_s, last_s = min(start_s, end_s), max(start_s, end_s)
    require_inside(base, first_s, last_s)
    first = record_of(base, first_s, PIECE_S)
    # An end that falls on a boundary is held by the piece before it; one piece is always given.
    last = max(first, -(-(base.seconds - SPAN_START.seconds + base.fraction_s + last_s) // PIECE_S) - 1)
    pieces = np.arange(first, min(int(last), _count("moon_emb") - 1) + 1)
    coefficients = np.zeros((pieces.size, len(bodies), 3, COEFFICIENTS))
    for k, body in enumerate(bodies):
        for series, weight in _relative(body, centre):
            coefficients[:, k] += 1000.0 * weight * _pieces(series, pieces)  # km to m
    coefficients.flags.writeable = False
    whole_s = SPAN_START.seconds + first * PIECE_S - base.seconds
    return EphemerisTable(base, whole_s - base.fraction_s, float(PIECE_S), coefficients, bodies, centre)


def _relative(target: str, centre: str) -> list[tuple[str, float]]:
    """Return the series and weights whose sum is `target` from `centre`; what both share is left out."""
    (series, moon), (from_series, from_moon) = (_body(name) for name in (target, centre))
    terms = [] if series == from_series else [(series, 1.0), (from_series, -1.0)]
    return [(name, weight) for name, weight in [*terms, ("moon_emb", moon - from_moon)] if name and weight]


def _body(name: str) -> tuple[str | None, float]:
    try:
        return _BODIES[name]
    except KeyError:
        raise NameNotFoundError("body", name, BODIES) from None


def _count(series: str) -> int:
    return (SPAN_END.seconds - SPAN_START.seconds) // _RECORD_S[series]


def _pieces(series: str, pieces: np.ndarray[tuple[int], np.dtype[np.int64]]) -> FloatArray:
    """Return a series rewritten over the given 4-day pieces; shape (n, 3, 13), km."""
    native = embedded.arrays(FILE)[series]
    parts, degree = _RECORD_S[series] // PIECE_S, native.shape[2]
    matrices = np.array([chebyshev.restriction(degree, part, parts) for part in range(parts)])
    rewritten = native[pieces // parts] @ matrices[pieces % parts]
    return np.pad(rewritten, ((0, 0), (0, 0), (0, COEFFICIENTS - degree)))


def _evaluate(
    target: str, centre: str, base: Epoch, offset_s: FloatArray, *, slopes: bool
) -> tuple[FloatArray, FloatArray]:
    offset_s = np.atleast_1d(np.asarray(offset_s, dtype=np.float64))
    if not np.isfinite(offset_s).all():
        raise EpochError("An offset from the epoch is not a finite number of seconds.")
    position_m, velocity_m_s = np.zeros((offset_s.size, 3)), np.zeros((offset_s.size, 3))
    if offset_s.size:
        require_inside(base, float(offset_s.min()), float(offset_s.max()))
    for series, weight in _relative(target, centre):
        native = embedded.arrays(FILE)[series]
        record_s = _RECORD_S[series]
        record, x = _place(base, offset_s, record_s, len(native))
        coefficients = native[record] * (1000.0 * weight)  # km to m
        position_m += np.einsum("nac,nc->na", coefficients, chebyshev.basis(x, native.shape[2]))
        if slopes:
            slope = chebyshev.basis_slope(x, native.shape[2]) * (2.0 / record_s)
            velocity_m_s += np.einsum("nac,nc->na", coefficients, slope)
    return position_m, velocity_m_s


def _place(
    base: Epoch, offset_s: FloatArray, record_s: int, count: int
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], FloatArray]:
    """Return the record of each instant and its place in it, -1 to 1."""
    before, rest_s = divmod(base.seconds - SPAN_START.seconds, record_s)
    inside_s = rest_s + (base.fraction_s + offset_s)
    record = np.clip(before + np.floor(inside_s / record_s).astype(np.int64), 0, count - 1)
    return record, (inside_s - (record - before) * float(record_s)) * (2.0 / record_s) - 1.0

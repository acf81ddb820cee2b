"""Random streams with names: each a pure function of (seed, run, name), whoever else draws what.

A campaign's run can so be had again alone, in any order, on any machine; a new noise source leaves the values
of all others as they were.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from perilune.maths import _kernels_random as kernels

UintArray = NDArray[np.uint64]

_BITS = (1 << 64) - 1


@functools.lru_cache(maxsize=4096)
def stream_key(name: str) -> int:
    """Return the 64-bit key of a name: the first 8 bytes of its SHA-256, lowest first.

    >>> hex(stream_key("laser"))
    '0xb216beff2cfed894'
    """
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")


def streams(seed: int, run: int, names: Sequence[str]) -> UintArray:
    """Return fresh streams, uint64 (n, 2) rows of (key, counter), one for each name.

    >>> first, again = streams(1, 7, ["laser", "imu"]), streams(1, 7, ["imu"])
    >>> bool(first[1, 0] == again[0, 0])
    True
    """
    out = np.zeros((len(names), 2), dtype=np.uint64)
    for row, name in zip(out, names, strict=True):
        row[0] = kernels.combined(_word(seed), _word(run), _word(stream_key(name)))
    return out


def _word(value: int) -> np.uint64:
    """Return an integer of any size as a word; negative ones count back from 2^64."""
    return np.uint64(value & _BITS)

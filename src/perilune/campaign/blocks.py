"""Blocks: some runs of one arm that are flown, sent and kept together."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from threading import Event
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from perilune.campaign.case import Case, Rows

#: Runs a block: one second of work at 20 ms a run, so that sending one costs less than a hundredth.
BLOCK_RUNS: Final = 50


class Block(NamedTuple):
    """Runs `first` to `first + runs` of the arm with this number."""

    arm: int
    first: int
    runs: int


class FlownBlock(NamedTuple):
    """A block's rows (runs, columns), and the seconds of one worker they took."""

    block: Block
    rows: Rows
    busy_s: float


class RunFailedError(RuntimeError):
    """A run raised instead of giving its row: a bug, told with what flies that run again."""


def block_size(runs: int, workers: int, most: int = BLOCK_RUNS) -> int:
    """Return how many runs a block holds, so that every worker gets some four blocks.

    >>> block_size(10_000, 2), block_size(100, 2), block_size(3, 8)
    (50, 13, 1)
    """
    return max(1, min(most, -(-runs // (4 * workers))))


def missing(arm: int, have: NDArray[np.bool_], size: int) -> Iterator[Block]:
    """Yield blocks of at most `size` runs that cover what an arm does not have yet.

    >>> list(missing(0, np.array([False, False, True, False, False, False]), 2))
    [Block(arm=0, first=0, runs=2), Block(arm=0, first=3, runs=2), Block(arm=0, first=5, runs=1)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[True], have, [True]]).astype(np.int8)))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        for first in range(start, end, size):
            yield Block(arm, first, min(size, end - first))


def fly_block(cases: Sequence[Case], seed: int, block: Block, stop: Event | None = None) -> FlownBlock | None:
    """Fly a block's runs one after the other; return None when `stop` was set before the last of them."""
    case = cases[block.arm]
    begun = time.perf_counter()
    rows = np.empty((block.runs, len(case.columns)))
    for k in range(block.runs):
        if stop is not None and stop.is_set():
            return None
        run = block.first + k
        try:
            rows[k] = case.fly(seed, run)
        except Exception as bug:
            raise RunFailedError(f"run {run} of seed {seed} raised {type(bug).__name__}: {bug}") from bug
    # Many bit patterns are NaN, and which one comes out may depend on the machine; keep one.
    rows[np.isnan(rows)] = np.nan
    return FlownBlock(block, rows, time.perf_counter() - begun)

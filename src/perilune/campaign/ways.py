"""Ways to fly blocks on this machine, and the seam they share with the others: the same rows by any way."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from threading import Event
from typing import Protocol

from perilune.campaign.blocks import Block, FlownBlock, fly_block
from perilune.campaign.case import Case


class Way(Protocol):
    """A way of flying blocks."""

    @property
    def workers(self) -> int:
        """Return how many blocks fly at a time."""
        ...

    def fly(self, cases: Sequence[Case], seed: int, blocks: Sequence[Block]) -> Generator[FlownBlock]:
        """Yield every block, flown, in any order; closing the iterator stops the workers."""
        ...


def usable_cpus() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Serial:
    """One run after the other, in this thread."""

    workers: int = 1

    def fly(self, cases: Sequence[Case], seed: int, blocks: Sequence[Block]) -> Generator[FlownBlock]:
        """Yield the blocks in their order."""
        for block in blocks:
            flown = fly_block(cases, seed, block)
            assert flown is not None
            yield flown


@dataclass(frozen=True, slots=True)
class Threads:
    """Threads of this process: compiled runs let go of the interpreter lock."""

    workers: int = field(default_factory=usable_cpus)

    def fly(self, cases: Sequence[Case], seed: int, blocks: Sequence[Block]) -> Generator[FlownBlock]:
        """Yield the blocks as they are done."""
        stop = Event()
        waiting: set[Future[FlownBlock | None]] = set()
        rest = iter(blocks)
        pool = ThreadPoolExecutor(self.workers, thread_name_prefix="campaign")
        try:
            while True:
                room = 2 * self.workers - len(waiting)
                waiting |= {pool.submit(fly_block, cases, seed, block, stop) for block in islice(rest, room)}
                if not waiting:
                    return
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    flown = future.result()
                    assert flown is not None
                    yield flown
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)

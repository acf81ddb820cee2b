"""Fly a campaign: every arm's runs, whatever is kept already taken over, in any of the ways."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perilune.campaign.blocks import BLOCK_RUNS, FlownBlock, block_size, missing
from perilune.campaign.case import Arm, Rows
from perilune.campaign.store import Store
from perilune.campaign.tables import rows_digest
from perilune.campaign.ways import Way
from perilune.landing.loop.rows import LANDED

#: Told after every block: runs there, runs asked for, and how many of the runs did not land.
Progress = Callable[[int, int, int], None]


@dataclass(frozen=True, slots=True)
class FlownArm:
    """An arm's rows (runs, columns) in run order, and what they took.

    `flown_count` runs were flown now, the others were kept from before; `wall_s` is the share of the
    campaign's time that went into them.
    """

    arm: Arm
    rows: Rows
    flown_count: int
    wall_s: float
    rows_digest: str


@dataclass(frozen=True, slots=True)
class Campaign:
    """What was flown: the arms in the order they were given."""

    seed: int
    runs: int
    arms: tuple[FlownArm, ...]
    wall_s: float


class Interrupted(KeyboardInterrupt):
    """Stopped by hand: `done` of `asked` runs are there, and kept where the campaign has a folder."""

    def __init__(self, done: int, asked: int) -> None:
        self.done = done
        self.asked = asked
        super().__init__(f"interrupted after {done} of {asked} runs")


def fly_campaign(
    arms: Sequence[Arm],
    *,
    seed: int,
    runs: int,
    way: Way,
    store: Store | None = None,
    progress: Progress | None = None,
    block_runs: int = BLOCK_RUNS,
) -> Campaign:
    """Fly runs 0 to `runs` of every arm; the rows are the same to the bit by any way and in any pieces.

    With a `store`, what it keeps is taken over and every block is kept as it comes. Raises `Interrupted` on
    Ctrl-C.
    """
    begun = time.perf_counter()
    flight = _Flight(arms, runs, store, progress)
    size = block_size(flight.absent, way.workers, block_runs)
    blocks = [block for k, have in enumerate(flight.have) for block in missing(k, have, size)]
    try:
        coming = way.fly([arm.case for arm in arms], seed, blocks)
        try:
            for flown in coming:
                flight.take(flown)
        finally:
            coming.close()
    except KeyboardInterrupt:
        raise Interrupted(flight.done, flight.asked) from None
    wall_s = time.perf_counter() - begun
    return Campaign(seed, runs, flight.arms(wall_s), wall_s)


class _Flight:
    """A campaign's rows while they come."""

    def __init__(
        self, arms: Sequence[Arm], runs: int, store: Store | None, progress: Progress | None
    ) -> None:
        self._arms, self._store, self._progress = tuple(arms), store, progress
        held = [_kept(store, k, arm, runs) for k, arm in enumerate(arms)]
        self.rows = [rows for rows, _ in held]
        self.have = [have for _, have in held]
        self._busy_s = np.zeros(len(held))
        self._flown = np.zeros(len(held), dtype=np.int64)
        self.asked = runs * len(held)
        self.absent = self.asked - sum(int(have.sum()) for have in self.have)
        self._failures = sum(
            _failures(arm, rows[have]) for arm, rows, have in zip(arms, self.rows, self.have, strict=True)
        )
        self._tell()

    @property
    def done(self) -> int:
        return self.asked - self.absent

    def take(self, flown: FlownBlock) -> None:
        """Take a block in: keep it, count it, tell of it; and make one file of an arm that is complete."""
        arm, first, count = flown.block
        if self._store is not None:
            self._store.keep(flown)
        self.rows[arm][first : first + count] = flown.rows
        self.have[arm][first : first + count] = True
        self._busy_s[arm] += flown.busy_s
        self._flown[arm] += count
        self.absent -= count
        self._failures += _failures(self._arms[arm], flown.rows)
        self._tell()

    def arms(self, wall_s: float) -> tuple[FlownArm, ...]:
        """Return the flown arms, the time shared out by the work they were."""
        share = self._busy_s / max(float(self._busy_s.sum()), 1e-300)
        if self._store is not None:
            for k, rows in enumerate(self.rows):
                self._store.finish(k, rows)
        return tuple(
            FlownArm(arm, rows, int(self._flown[k]), float(share[k]) * wall_s, rows_digest(rows))
            for k, (arm, rows) in enumerate(zip(self._arms, self.rows, strict=True))
        )

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self.done, self.asked, self._failures)


def _kept(store: Store | None, number: int, arm: Arm, runs: int) -> tuple[Rows, NDArray[np.bool_]]:
    if store is not None:
        return store.kept(number, runs)
    return np.full((runs, len(arm.case.columns)), np.nan), np.zeros(runs, dtype=np.bool_)


def _failures(arm: Arm, rows: Rows) -> int:
    return int((rows[:, arm.case.columns.index("outcome")] != LANDED).sum())

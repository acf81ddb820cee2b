"""Group commit: what waits together is committed together, each told its own result, faults to all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import pytest

from perilune.errors import StoreError
from perilune.server.commits import Commits
from perilune.server.limits import Limits


def test_what_waits_is_committed_together() -> None:
    batches: list[int] = []

    def commit(batch: Sequence[int]) -> list[int]:
        batches.append(len(batch))
        time.sleep(0.01)
        return [entry * 2 for entry in batch]

    async def many() -> list[int]:
        commits: Commits[int, int] = Commits(commit)
        try:
            return list(await asyncio.gather(*(commits.add(number) for number in range(50))))
        finally:
            commits.close()

    assert asyncio.run(many()) == [number * 2 for number in range(50)]
    assert batches == [1, 49]


def test_a_fault_reaches_all_of_its_batch_and_the_next_goes_on() -> None:
    calls = 0

    def commit(batch: Sequence[int]) -> list[int]:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise StoreError("The disk is full.")
        return list(batch)

    async def twice() -> int:
        commits: Commits[int, int] = Commits(commit)
        try:
            with pytest.raises(StoreError, match="disk is full"):
                await commits.add(1)
            return await commits.add(2)
        finally:
            commits.close()

    assert asyncio.run(twice()) == 2


def test_who_gives_up_waiting_does_not_stop_the_others() -> None:
    def commit(batch: Sequence[int]) -> list[int]:
        time.sleep(0.02)
        return list(batch)

    async def left() -> int:
        commits: Commits[int, int] = Commits(commit)
        try:
            impatient = asyncio.ensure_future(commits.add(1))
            await asyncio.sleep(0.005)
            patient = asyncio.ensure_future(commits.add(2))
            impatient.cancel()
            return await patient
        finally:
            commits.close()

    assert asyncio.run(left()) == 2


def test_tokens_come_back_steadily() -> None:
    limits = Limits(rate_hz=2.0, burst=2)
    assert [limits.wait_s("a", 0.0) for _ in range(3)] == [0.0, 0.0, 0.5]
    assert limits.wait_s("b", 0.0) == 0.0
    assert limits.wait_s("a", 0.5) == 0.0
    assert limits.wait_s("a", 0.75) == pytest.approx(0.25)

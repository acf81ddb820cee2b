from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from stores import made, party

from perilune.archive.company import Answer, Order
from perilune.archive.queue import Queue
from perilune.archive.store import Store
from perilune.archive.verify import verify
from perilune.errors import InputError, RefusedError, StoreError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with made(str(tmp_path / "s"), tmp_path) as opened:
        yield opened


def test_orders_of_many_threads_go_together(store: Store) -> None:
    batches: list[int] = []
    company = store.company("house")

    def commit(orders: Sequence[Order]) -> list[Answer | InputError]:
        batches.append(len(orders))
        return company.execute_all(orders)

    with Queue(commit) as queue, ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(queue.execute, [party(number) for number in range(160)]))
    assert sorted(answer.first_seq for answer in answers) == list(range(1, 161))
    assert sum(batches) == 160
    assert len(batches) < 80
    assert [chain.entries for chain in verify(store.log)] == [160]


def test_a_refusal_comes_to_whoever_asked(store: Store) -> None:
    with Queue(store.company("house").execute_all) as queue:
        told: list[Future[Answer | InputError]] = [queue.add(party(number)) for number in (1, 1, 2)]
        with pytest.raises(RefusedError, match="There is a party 'party-1' already"):
            told[1].result()
        assert [told[0].result().last_seq, told[2].result().last_seq] == [1, 2]  # type: ignore[union-attr]


def test_a_fault_of_the_store_comes_to_all_of_the_batch() -> None:
    def full(orders: Sequence[int]) -> Sequence[int]:
        raise StoreError("the disk is full")

    with Queue(full) as queue:
        for told in [queue.add(number) for number in range(3)]:
            with pytest.raises(StoreError, match="the disk is full"):
                told.result()


def test_one_bad_order_harms_no_other() -> None:
    def commit(orders: Sequence[int]) -> Sequence[int]:
        return [100 // order for order in orders]

    with Queue(commit) as queue:
        told = [queue.add(order) for order in (1, 0, 4)]
        assert [told[0].result(), told[2].result()] == [100, 25]
        with pytest.raises(ZeroDivisionError):
            told[1].result()


def test_a_cancelled_order_is_not_carried_out() -> None:
    going, seen = threading.Event(), []

    def commit(orders: Sequence[int]) -> Sequence[int]:
        going.wait(10)
        seen.extend(orders)
        return orders

    with Queue(commit) as queue:
        first = queue.add(1)
        time.sleep(0.05)
        second = queue.add(2)
        assert second.cancel()
        going.set()
        assert first.result() == 1
    assert seen == [1]


def test_what_was_queued_is_finished_at_the_end_and_no_more_taken() -> None:
    queue = Queue(lambda orders: orders, gathering_s=0.0)
    told = [queue.add(number) for number in range(1000)]
    queue.close()
    queue.close()
    assert [future.result() for future in told] == list(range(1000))
    with pytest.raises(StoreError, match="is being closed"):
        queue.add(1)

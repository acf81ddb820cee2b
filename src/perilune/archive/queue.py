"""Group commit for threads: orders that come while the disk is busy are committed together.

A thread waits for its own order only, and gets its answer once the batch it went with is durable.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Final, Generic, Self, TypeVar, final

from perilune.errors import StoreError

W = TypeVar("W")
T = TypeVar("T")

#: How long the first of a batch waits for company: short beside a disk's commit.
_GATHERING_S: Final = 0.002
_MOST: Final = 500

_Waiting = tuple[W, "Future[T]"]


@final
class Queue(Generic[W, T]):
    """Hands batches to `commit` on a thread of its own: `Queue(company.execute_all)`.

    `commit` returns one result an order, in order; one that is an exception is raised where it is waited
    for. A fault of the whole batch that is not the store's is looked for order by order, so that one bad
    order harms no other.
    """

    def __init__(
        self, commit: Callable[[Sequence[W]], Sequence[T | Exception]], gathering_s: float = _GATHERING_S
    ) -> None:
        self._commit, self._gathering_s = commit, gathering_s
        self._waiting: queue.SimpleQueue[_Waiting[W, T] | None] = queue.SimpleQueue()
        self._closed = False
        self._closing = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="perilune-commit", daemon=True)
        self._thread.start()

    def add(self, order: W) -> Future[T]:
        """Queue an order; the future has its answer once it is durable."""
        told: Future[T] = Future()
        with self._closing:
            if self._closed:
                raise StoreError("The store is being closed. Open it again, then repeat this.")
            self._waiting.put((order, told))
        return told

    def execute(self, order: W) -> T:
        """Have an order carried out durably; raises what it is refused with."""
        return self.add(order).result()

    def close(self) -> None:
        """Finish what was queued, and end the thread."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._waiting.put(None)
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _work(self) -> None:
        ended = False
        while not ended:
            first = self._waiting.get()
            if first is None:
                return
            batch, ended = self._gathered(first)
            self._carry_out(batch)

    def _gathered(self, first: _Waiting[W, T]) -> tuple[list[_Waiting[W, T]], bool]:
        """Return the batch that begins with an order, and whether the queue has ended."""
        batch, until = [first], time.monotonic() + self._gathering_s
        while len(batch) < _MOST:
            try:
                following = self._waiting.get(timeout=max(until - time.monotonic(), 0.0))
            except queue.Empty:
                break
            if following is None:
                return batch, True
            batch.append(following)
        return batch, False

    def _carry_out(self, batch: Sequence[_Waiting[W, T]]) -> None:
        batch = [entry for entry in batch if entry[1].set_running_or_notify_cancel()]
        try:
            results: Sequence[T | Exception] = self._commit([order for order, _ in batch]) if batch else []
        except StoreError as fault:
            results = [fault] * len(batch)
        except Exception as fault:
            results = [fault] if len(batch) == 1 else [self._alone(order) for order, _ in batch]
        for (_, told), result in zip(batch, results, strict=True):
            if isinstance(result, Exception):
                told.set_exception(result)
            else:
                told.set_result(result)

    def _alone(self, order: W) -> T | Exception:
        try:
            return self._commit([order])[0]
        except Exception as fault:
            return fault

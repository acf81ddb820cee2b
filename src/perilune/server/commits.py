"""Group commit: what many requests record is gathered while the disk is busy, and committed together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar, final

W = TypeVar("W")
T = TypeVar("T")


@final
class Commits(Generic[W, T]):
    """Hands what was gathered to `commit` on one thread, a batch at a time; each waits for its own result.

    `commit` takes a batch and returns one result an entry, in order; an exception instead of a result is
    raised where it was waited for. Nothing is acknowledged before its batch is durable.
    """

    def __init__(self, commit: Callable[[Sequence[W]], Sequence[T | Exception]], most: int = 500) -> None:
        self._commit, self._most = commit, most
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="perilune-commit")
        self._waiting: list[tuple[W, asyncio.Future[T]]] = []
        self._busy = False

    async def add(self, entry: W) -> T:
        """Have an entry committed; returns its result once it is durable."""
        result: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, result))
        if not self._busy:
            self._next()
        return await result

    def close(self) -> None:
        """Finish the batch in hand and end the thread."""
        self._thread.shutdown(wait=True)

    def _next(self) -> None:
        batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        self._busy = bool(batch)
        if batch:
            task = asyncio.get_running_loop().run_in_executor(
                self._thread, self._commit, [entry for entry, _ in batch]
            )
            task.add_done_callback(lambda done: self._told(batch, done))

    def _told(self, batch: Sequence[tuple[W, asyncio.Future[T]]], done: asyncio.Future[Any]) -> None:
        fault = done.exception()
        results: Sequence[Any] = [fault] * len(batch) if fault is not None else done.result()
        for (_, waiting), result in zip(batch, results, strict=True):
            if waiting.cancelled():
                continue
            if isinstance(result, Exception):
                waiting.set_exception(result)
            else:
                waiting.set_result(result)
        self._next()

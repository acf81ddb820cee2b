"""A lock between processes: a file held by one of them, let go by the system when its holder dies.

SQLite's own waiting sleeps longer and longer, so that many writers leave the disk idle; here a waiter looks
often, at random moments, so that none is favoured for long.
"""

from __future__ import annotations

import fcntl
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, final

from perilune.errors import StoreError

_SHORTEST_WAIT_S: Final = 1e-4
_LONGEST_WAIT_S: Final = 2e-3


@final
class FileLock:
    """A lock on a file beside the store; one thread of a process at a time may ask for it."""

    def __init__(self, path: Path, patience_s: float) -> None:
        self._path, self._patience_s = path, patience_s
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as cause:
            raise StoreError(
                f"{path}: cannot be opened for writing ({cause.strerror}). Give yourself the right to write"
                " the store's folder."
            ) from cause

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock; raises `StoreError` if its holder does not let go for too long."""
        self._take()
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _take(self) -> None:
        until = time.monotonic() + self._patience_s
        while not self._taken():
            if time.monotonic() > until:
                raise StoreError(
                    f"{self._path}: another process has held the store for {self._patience_s:g} s."
                    " End that process, then try again. Nothing of this was recorded."
                )
            time.sleep(random.uniform(_SHORTEST_WAIT_S, _LONGEST_WAIT_S))

    def _taken(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

"""A lock between processes: a file held by one of them, let go by the system when its holder dies.

SQLite's own waiting sleeps longer and longer, so that many writers leave the disk idle. Here the system wakes
who waits. There are two locks: whoever wants the store goes through a gate first, and lets the next one in
once it has the store, so that who has just had it cannot take it again before those who wait.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import final

from perilune.errors import StoreError


@final
class FileLock:
    """A lock on a file beside the store; one thread of a process at a time may ask for it."""

    def __init__(self, path: Path, patience_s: float) -> None:
        self._path, self._patience_s = path, patience_s
        self._file, self._gate = _opened(path), _opened(path.with_suffix(".gate"))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock; raises `StoreError` if its holder does not let go for too long."""
        if self._taken():
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
            return
        waiter = _Waiter(self._path)
        if not waiter.has_it(self._patience_s):
            raise StoreError(
                f"{self._path}: another process has held the store for {self._patience_s:g} s."
                " End that process, then try again. Nothing of this was recorded."
            )
        try:
            yield
        finally:
            waiter.leave()

    def close(self) -> None:
        """Close the files."""
        os.close(self._file)
        os.close(self._gate)

    def _taken(self) -> bool:
        """Tell whether nobody had or wanted the store, so that it could be taken at once."""
        if not _tried(self._gate):
            return False
        try:
            return _tried(self._file)
        finally:
            fcntl.flock(self._gate, fcntl.LOCK_UN)


@final
class _Waiter:
    """A thread that waits in the system for the lock, with files of its own, and can be left waiting."""

    def __init__(self, path: Path) -> None:
        self._file, self._gate = _opened(path), _opened(path.with_suffix(".gate"))
        self._turn, self._has_it, self._left = threading.Lock(), threading.Event(), False
        threading.Thread(target=self._wait, name="perilune-lock", daemon=True).start()

    def has_it(self, patience_s: float) -> bool:
        """Wait for the lock; returns False, and leaves, if it takes too long."""
        try:
            got_it = self._has_it.wait(patience_s)
        except BaseException:
            self.leave()
            raise
        if not got_it:
            self.leave()
        return got_it

    def leave(self) -> None:
        """Let go of the lock, now or as soon as the thread gets it."""
        with self._turn:
            self._left = True
            if self._has_it.is_set():
                _let_go(self._file)

    def _wait(self) -> None:
        fcntl.flock(self._gate, fcntl.LOCK_EX)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        os.close(self._gate)
        with self._turn:
            if self._left:
                _let_go(self._file)
            else:
                self._has_it.set()


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as cause:
        raise StoreError(
            f"{path}: cannot be opened for writing ({cause.strerror}). Give yourself the right to write the"
            " store's folder."
        ) from cause


def _let_go(file: int) -> None:
    # A process forked meanwhile has the file open too: closing it here would not be enough.
    fcntl.flock(file, fcntl.LOCK_UN)
    os.close(file)


def _tried(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

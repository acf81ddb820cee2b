"""The embedded store: one SQLite file in write-ahead mode, each commit on the disk before it is acknowledged.

One connection writes, others read what was committed; threads may share a log, and so may processes.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, final

from perilune.archive.entry import Entry, Head
from perilune.archive.faults import sqlite_told
from perilune.archive.lock import FileLock
from perilune.archive.log import Snapshot, Writing, check_next
from perilune.archive.migrations import check_version
from perilune.archive.sqlite_file import carry_over, connect, is_empty, version_of
from perilune.errors import StoreError

#: Entries fetched at once: between two pages no statement is open, so that a long read holds nothing up.
_PAGE: Final = 200


@final
class SqliteLog:
    """Chains in one SQLite file, made if missing; `patience_s` is how long a writer waits for another."""

    def __init__(self, path: Path, patience_s: float = 60.0) -> None:
        self._path, self._patience_s = Path(path), patience_s
        self._begin()
        try:
            if not self._is_made():
                self._make()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        self._process = os.getpid()
        self._turn = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._open: sqlite3.Connection | None = None
        there = self._path.exists()
        self._writable = os.access(self._path.parent, os.W_OK) and (
            not there or os.access(self._path, os.W_OK)
        )
        self._lock: FileLock | None = None

    def __reduce__(self) -> tuple[type[SqliteLog], tuple[Path, float]]:
        """Say how another process opens the same file."""
        return SqliteLog, (self._path, self._patience_s)

    def close(self) -> None:
        """Let go of the file."""
        with self._turn:
            for db in [*self._idle, *([self._open] if self._open else [])]:
                db.close()
            self._idle, self._open = [], None
            if self._lock is not None:
                self._lock.close()
            self._lock = None

    def chains(self) -> Sequence[tuple[str, str, Head]]:
        """Return (tenant, chain, head) of every chain."""
        with self._reading() as db:
            rows = db.execute("SELECT tenant, chain, seq, hash FROM heads").fetchall()
            heads = {place: Head() for place in _places(db)}
        heads |= {(tenant, chain): self._head(seq, digest) for tenant, chain, seq, digest in rows}
        if not all(isinstance(name, str) for place in heads for name in place):
            raise StoreError(f"{self._path} is damaged: the name of a chain is no text. Restore a backup.")
        return [(*place, heads[place]) for place in sorted(heads)]

    def _head(self, seq: object, digest: object) -> Head:
        """Return a head as the table has it: SQLite keeps whatever somebody put into a column."""
        if type(seq) is not int or seq < 1 or type(digest) is not bytes:
            raise StoreError(f"{self._path} is damaged: the head of a chain is none. Restore a backup.")
        return Head(seq, digest)

    def read(self, tenant: str, chain: str, after: int = 0) -> Iterator[Entry]:
        """Yield the entries after a place."""
        return self._paged(self._reading, tenant, chain, after)

    @contextmanager
    def write(self, tenant: str, chain: str) -> Iterator[Writing]:
        """Hold the store for writing to a chain."""
        with self.write_many() as on:
            yield on(tenant, chain)

    @contextmanager
    def write_many(self) -> Iterator[Callable[[str, str], Writing]]:
        """Hold the store for writing to any chain."""
        with self._transaction() as db:
            yield lambda tenant, chain: _Writing(self, db, tenant, chain)

    def tenants(self) -> tuple[str, ...]:
        """Return the tenants, in order."""
        with self._reading() as db:
            return tuple(name for (name,) in db.execute("SELECT name FROM tenants ORDER BY name").fetchall())

    def add_tenant(self, name: str) -> None:
        """Give a tenant a place in the store."""
        with self._transaction() as db, sqlite_told(self._path):
            db.execute("INSERT OR IGNORE INTO tenants VALUES (?)", (name,))

    def setting(self, name: str) -> str:
        """Return a setting, "" if there is none."""
        with self._reading() as db:
            found = db.execute("SELECT value FROM settings WHERE name=?", (name,)).fetchone()
        return "" if found is None else str(found[0])

    def snapshot(self, tenant: str, chain: str) -> Snapshot | None:
        """Return the snapshot of a chain, or None."""
        with self._reading() as db:
            found = db.execute(
                "SELECT seq, hash, version, body FROM snapshots WHERE tenant=? AND chain=?", (tenant, chain)
            ).fetchone()
        return None if found is None else Snapshot(Head(found[0], found[1]), found[2], found[3])

    def keep_snapshot(self, tenant: str, chain: str, snapshot: Snapshot) -> None:
        """Keep a snapshot in place of the one before."""
        row = (tenant, chain, snapshot.head.seq, snapshot.head.hash, snapshot.version, snapshot.body)
        with self._transaction() as db, sqlite_told(self._path):
            db.execute("INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?, ?, ?)", row)

    def copy_to(self, target: Path) -> None:
        """Copy the file as it stands at one moment, while others write on (SQLite's online backup)."""
        with self._reading() as db, sqlite_told(target):
            copy = sqlite3.connect(target, isolation_level=None)
            try:
                db.backup(copy, pages=-1)
                copy.execute("PRAGMA journal_mode=DELETE")
            finally:
                copy.close()

    def _paged(self, connection: Any, tenant: str, chain: str, after: int) -> Iterator[Entry]:
        while True:
            with connection() as db, sqlite_told(self._path):
                rows = db.execute(
                    "SELECT seq, body, hash FROM entries WHERE tenant=? AND chain=? AND seq>?"
                    " ORDER BY seq LIMIT ?",
                    (tenant, chain, after, _PAGE),
                ).fetchall()
            yield from [Entry(tenant, chain, seq, body, digest) for seq, body, digest in rows]
            if len(rows) < _PAGE:
                return
            after = rows[-1][0]

    def _is_made(self) -> bool:
        """Tell whether there are tables, without waiting for a writer; raises `StoreError` if not today's."""
        if self._writable and not (self._path.exists() and self._path.stat().st_size):
            return False
        with self._reading() as db:
            if is_empty(db) and self._writable:
                return False
            check_version(str(self._path), version_of(db, self._path))
        return True

    def _make(self) -> None:
        with self._sole() as db, sqlite_told(self._path):
            if is_empty(db):  # nobody else was faster
                carry_over(db, 0)
            check_version(str(self._path), version_of(db, self._path))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._sole() as db:
            with sqlite_told(self._path):
                db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                with sqlite_told(self._path):
                    db.execute("COMMIT")
            finally:
                # After an error of the disk SQLite has rolled back by itself.
                if db.in_transaction:
                    db.execute("ROLLBACK")

    @contextmanager
    def _sole(self) -> Iterator[sqlite3.Connection]:
        """Hold the one writing connection, against this process's threads and against other processes."""
        self._reborn()
        if not self._writable:
            raise StoreError(
                f"{self._path} may not be written. Give yourself the right to write it and its folder."
                " Nothing of this was recorded."
            )
        if not self._turn.acquire(timeout=self._patience_s):
            raise StoreError(f"{self._path}: another thread has held the store for {self._patience_s:g} s.")
        try:
            if self._lock is None:
                self._lock = FileLock(self._path.with_name(self._path.name + ".lock"), self._patience_s)
            with self._lock.held():
                if self._open is None:
                    self._open = connect(self._path, self._patience_s)
                yield self._open
        finally:
            self._turn.release()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        self._reborn()
        try:
            db = self._idle.pop()
        except IndexError:
            db = connect(self._path, self._patience_s, reading=True)
        try:
            with sqlite_told(self._path):
                yield db
        finally:
            self._idle.append(db)

    def _reborn(self) -> None:
        """Begin anew in a forked process: a connection to SQLite must not be carried over a fork."""
        if self._process != os.getpid():
            _LEFT_BEHIND.append((self._idle, self._open))
            if self._lock is not None:
                self._lock.close()  # the parent keeps what it holds; a child must not hold it on
            self._begin()


#: Connections of a parent process: never used and never closed, which would disturb the parent's locks.
_LEFT_BEHIND: Final[list[Any]] = []


@final
class _Writing:
    def __init__(self, log: SqliteLog, db: sqlite3.Connection, tenant: str, chain: str) -> None:
        self._log, self._db, self._tenant, self._chain = log, db, tenant, chain
        self._end: Head | None = None

    def head(self) -> Head:
        if self._end is None:
            with sqlite_told(self._log._path):
                found = self._db.execute(
                    "SELECT seq, hash FROM heads WHERE tenant=? AND chain=?", (self._tenant, self._chain)
                ).fetchone()
            self._end = Head() if found is None else self._log._head(*found)
        return self._end

    def read(self, after: int) -> Iterator[Entry]:
        return self._log._paged(self._connection, self._tenant, self._chain, after)

    def append(self, entries: Sequence[Entry]) -> None:
        before = self.head()
        head = check_next(before, entries, self._tenant, self._chain)
        if head == before:
            return
        with sqlite_told(self._log._path):
            self._db.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", entries)
            if before.seq:
                self._db.execute(
                    "UPDATE heads SET seq=?, hash=? WHERE tenant=? AND chain=?",
                    (*_pair(head), self._tenant, self._chain),
                )
            else:
                self._db.execute("INSERT OR IGNORE INTO tenants VALUES (?)", (self._tenant,))
                self._db.execute(
                    "INSERT INTO heads VALUES (?, ?, ?, ?)", (self._tenant, self._chain, *_pair(head))
                )
        self._end = head

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        yield self._db


def _places(db: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Yield the chains that have entries, found in them: a chain whose head was taken away is one too."""
    place = ("", "")
    after = "SELECT tenant, chain FROM entries WHERE (tenant, chain) > (?, ?) ORDER BY tenant, chain LIMIT 1"
    while (found := db.execute(after, place).fetchone()) is not None:
        place = found
        yield place


def _pair(head: Head) -> tuple[int, bytes]:
    return head.seq, head.hash

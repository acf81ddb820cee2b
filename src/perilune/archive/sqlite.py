"""The embedded store: one SQLite file in write-ahead mode, each commit on the disk before it is acknowledged."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import final

from perilune.archive.entry import Entry, Head
from perilune.errors import StoreError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    tenant TEXT NOT NULL, chain TEXT NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL, hash BLOB NOT NULL,
    PRIMARY KEY (tenant, chain, seq)
) WITHOUT ROWID;
"""


@final
class SqliteLog:
    """Chains in one SQLite file."""

    def __init__(self, path: Path) -> None:
        try:
            self._db = sqlite3.connect(path, isolation_level=None, timeout=60.0, check_same_thread=False)
            self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + _SCHEMA)
        except sqlite3.Error as cause:
            raise StoreError(f"{path}: {cause}.") from cause

    def chains(self) -> Sequence[tuple[str, str, Head]]:
        """Return (tenant, chain, head) of every chain."""
        rows = self._db.execute("SELECT tenant, chain, max(seq) FROM entries GROUP BY tenant, chain")
        return [(tenant, chain, self._head(tenant, chain)) for tenant, chain, _ in rows.fetchall()]

    def read(self, tenant: str, chain: str, after: int = 0) -> Iterator[Entry]:
        """Yield the entries after a place."""
        rows = self._db.execute(
            "SELECT seq, body, hash FROM entries WHERE tenant=? AND chain=? AND seq>? ORDER BY seq",
            (tenant, chain, after),
        )
        for seq, body, digest in rows:
            yield Entry(tenant, chain, seq, body, digest)

    @contextmanager
    def write(self, tenant: str, chain: str) -> Iterator[_Writing]:
        """Hold the file for writing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield _Writing(self, tenant, chain)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _head(self, tenant: str, chain: str) -> Head:
        row = self._db.execute(
            "SELECT seq, hash FROM entries WHERE tenant=? AND chain=? ORDER BY seq DESC LIMIT 1", (tenant, chain)
        ).fetchone()
        return Head() if row is None else Head(*row)


@final
class _Writing:
    def __init__(self, log: SqliteLog, tenant: str, chain: str) -> None:
        self._log, self._tenant, self._chain = log, tenant, chain

    def head(self) -> Head:
        return self._log._head(self._tenant, self._chain)

    def read(self, after: int) -> Iterator[Entry]:
        return self._log.read(self._tenant, self._chain, after)

    def append(self, entries: Sequence[Entry]) -> None:
        self._log._db.executemany(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?)",
            [(entry.tenant, entry.chain, entry.seq, entry.body, entry.hash) for entry in entries],
        )

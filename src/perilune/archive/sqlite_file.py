"""A store's SQLite file: opened so that commits are durable, known by its mark, carried to newer tables."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

from perilune.archive.faults import sqlite_told
from perilune.archive.lock import FileLock
from perilune.archive.migrations import ahead
from perilune.errors import StoreError

#: "peri": tells a store's file from any other SQLite file.
APPLICATION: Final = 0x70657269


def connect(path: Path, patience_s: float, *, reading: bool = False) -> sqlite3.Connection:
    """Return a connection to a store's file; it commits only what is durable. Raises `StoreError`."""
    with sqlite_told(path):
        if reading:
            return _readable(path, patience_s)
        db = sqlite3.connect(path, isolation_level=None, timeout=patience_s, check_same_thread=False)
        try:
            if not is_empty(db):
                version_of(db, path)  # before anything is changed in a file that may be a stranger's
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
        except BaseException:
            db.close()
            raise
        return db


def _readable(path: Path, patience_s: float) -> sqlite3.Connection:
    address = path.absolute().as_uri()
    faults: list[sqlite3.Error] = []
    # Where the folder may not be written and nobody writes, SQLite must be told that nobody will.
    for mode in ("mode=ro", "mode=ro&immutable=1") if _alone(path) else ("mode=ro",):
        db = sqlite3.connect(
            f"{address}?{mode}", uri=True, isolation_level=None, timeout=patience_s, check_same_thread=False
        )
        try:
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error as cause:
            faults.append(cause)
            db.close()
        else:
            return db
    raise faults[0]


def _alone(path: Path) -> bool:
    ahead_log = path.with_name(path.name + "-wal")
    return not os.access(path.parent, os.W_OK) and (not ahead_log.exists() or ahead_log.stat().st_size == 0)


def is_empty(db: sqlite3.Connection) -> bool:
    """Tell whether a file holds no table at all."""
    return bool(db.execute("SELECT count(*) = 0 FROM sqlite_master").fetchone()[0])


def version_of(db: sqlite3.Connection, path: Path) -> int:
    """Return the version of a file's tables; raises `StoreError` if it is no store's file."""
    marked = db.execute("PRAGMA application_id").fetchone()[0]
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if marked == APPLICATION:
        return version
    # The first stores carried no mark: they are known by their one table.
    columns = [name for _, name, *_ in db.execute("PRAGMA table_info(entries)").fetchall()]
    if marked == 0 and version == 0 and columns == ["tenant", "chain", "seq", "body", "hash"]:
        return 1
    raise StoreError(f"{path} is an SQLite file, but no store of perilune. Give the store's own path.")


def carry_over(db: sqlite3.Connection, version: int) -> int:
    """Bring tables to the newest version in one transaction; returns how many steps there were."""
    steps = ahead(version)
    db.execute("BEGIN IMMEDIATE")
    try:
        for migration in steps:
            for statement in migration.statements("sqlite"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version={migration.number}")
        db.execute(f"PRAGMA application_id={APPLICATION}")
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")
    return len(steps)


def migrate(path: Path, patience_s: float = 60.0) -> int:
    """Carry an older store's file to the tables of today; returns how many steps it took."""
    with FileLock(path.with_name(path.name + ".lock"), patience_s).held():
        db = connect(path, patience_s)
        try:
            with sqlite_told(path):
                return carry_over(db, version_of(db, path))
        finally:
            db.close()

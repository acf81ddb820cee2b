"""Snapshots of the books: what a start need not read again. A cache and no more.

A snapshot counts only for the code that wrote it and for a chain that still holds the entry it was made at;
anything else is passed over in silence, and the books are made from their events.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

import perilune.commerce
from perilune.archive.entry import Head
from perilune.archive.log import EventLog, Snapshot, Snapshots
from perilune.commerce.books import Books
from perilune.errors import StoreError

#: In the place of a snapshot that was put aside: no code is of this version.
NONE: Final = Snapshot(Head(), "", b"")


@cache
def _books() -> TypeAdapter[Books]:
    return TypeAdapter(Books)


@cache
def version() -> str:
    """Return a digest of all code that decides what follows from events."""
    root = Path(next(iter(perilune.commerce.__path__)))
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(f"{path.relative_to(root)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def written(books: Books) -> bytes:
    """Return books as JSON."""
    return _books().dump_json(books)


def read(body: bytes) -> Books:
    """Return the books that were written so; raises `pydantic.ValidationError`."""
    return _books().validate_json(body)


def latest(snapshots: Snapshots, log: EventLog, tenant: str, chain: str) -> tuple[Books, Head] | None:
    """Return the books of a chain's snapshot and where they stand, or None if it is not to be used."""
    snapshot = snapshots.snapshot(tenant, chain)
    if snapshot is None or snapshot.version != version():
        return None
    at = next(iter(log.read(tenant, chain, snapshot.head.seq - 1)), None)
    if at is None or at.head != snapshot.head:
        return None
    try:
        return read(snapshot.body), snapshot.head
    except ValidationError:
        return None


def keep(snapshots: Snapshots, tenant: str, chain: str, head: Head, books: Books) -> None:
    """Keep the books as a snapshot, if the store has room for one."""
    with suppress(StoreError):
        snapshots.keep_snapshot(tenant, chain, Snapshot(head, version(), written(books)))

"""Snapshots of the books: what a start need not read again. A cache and no more.

A snapshot counts only for the code that wrote it and for a chain that still holds the entry it was made at;
anything else is passed over in silence, and the books are made from their events.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

import perilune
from perilune.archive.entry import Head
from perilune.archive.log import EventLog, Snapshot, Snapshots
from perilune.commerce.books import Books
from perilune.errors import StoreError

#: What decides what follows from events, below the package's folder.
_DECIDING: Final = ("archive", "commerce", "vehicles", "data/commerce", "data/vehicles", "units.py")
#: In the place of a snapshot that was put aside: no code is of this version.
NONE: Final = Snapshot(Head(), "", b"")


@cache
def _books() -> TypeAdapter[Books]:
    return TypeAdapter(Books)


@cache
def version() -> str:
    """Return a digest of all code and data that decides what follows from events."""
    return digest(Path(perilune.__file__).parent, _DECIDING)


def digest(root: Path, places: Iterable[str]) -> str:
    """Return a digest of the files at places below a folder."""
    found = hashlib.sha256()
    for place in places:
        whole = root / place
        for path in sorted(whole.rglob("*")) if whole.is_dir() else (whole,):
            if path.is_file() and path.suffix != ".pyc":
                found.update(f"{path.relative_to(root)}\n".encode() + path.read_bytes())
    return found.hexdigest()


def written(books: Books) -> bytes:
    """Return books as JSON, compressed: with a million events it is hundreds of megabytes."""
    return zlib.compress(_books().dump_json(books), level=1)


def read(body: bytes) -> Books:
    """Return the books that were written so; raises `zlib.error` or `pydantic.ValidationError`."""
    return _books().validate_json(zlib.decompress(body))


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
    except (zlib.error, ValidationError):
        return None


def keep(snapshots: Snapshots, tenant: str, chain: str, head: Head, books: Books) -> None:
    """Keep the books as a snapshot, if the store has room for one."""
    with suppress(StoreError):
        snapshots.keep_snapshot(tenant, chain, Snapshot(head, version(), written(books)))

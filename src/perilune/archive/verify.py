"""Whether a log is what was written: sealed, without gap, in its time, understood, with its files.

What is checked stands in the entries themselves: an honest chain passes on any store, and the first place
that was changed, cut, put in or moved is told in one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import takewhile
from typing import Any, Final

from pydantic_core import from_json

from perilune.archive.audit import AUDIT
from perilune.archive.entry import GENESIS, Entry, Head
from perilune.archive.files import FileStore
from perilune.archive.log import StoreLog
from perilune.archive.projection import take
from perilune.archive.snapshots import NONE, latest
from perilune.commerce import registry
from perilune.commerce.books import Books
from perilune.commerce.fields import LARGEST
from perilune.errors import StoreError

_AT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_PARTS: Final = 11  # what a body holds (`entry.seal`)
_RECEIPT: Final = {"request", "digest", "answer"}
_LONG: Final = re.compile(rb"\d{19}")  # an integer beyond 64 bits is written with 19 digits or more
_AUDITED: Final = "audit."  # begins the kinds of the audit chain
#: What to do about a store that does not hold.
CURE: Final = "Restore a backup."


@dataclass(frozen=True, slots=True)
class Checked:
    """A chain that was checked: how far it holds, its last hash there, and what is wrong ("" if nothing)."""

    tenant: str
    chain: str
    entries: int
    hash: str
    files: int
    fault: str


def verify(log: StoreLog, files: FileStore | None = None, *, books: bool = False) -> tuple[Checked, ...]:
    """Check every chain of a log, with `files` every file its events name, with `books` its snapshots."""
    return tuple(_checked(log, files, books, *chain) for chain in log.chains())


def _checked(
    log: StoreLog, files: FileStore | None, books: bool, tenant: str, chain: str, head: Head
) -> Checked:
    at, named, fault = Head(), set[str](), ""
    try:
        for entry, digests in passed(log.read(tenant, chain), tenant, chain):
            at = entry.head
            named.update(digests)
            if at.seq == head.seq:
                break  # what was added since is the next verification's
        check_head(tenant, chain, at, head)
        if files is not None:
            for digest in sorted(named):
                files.check(digest)
        if books:
            check_snapshot(log, tenant, chain)
    except StoreError as told:
        fault = str(told)
    return Checked(tenant, chain, at.seq, at.hash.hex(), len(named), fault)


def check_head(tenant: str, chain: str, found: Head, head: Head, cure: str = CURE) -> None:
    """Raise `StoreError` unless a chain ends where its head says."""
    if found != head:
        raise StoreError(
            f"Chain {chain!r} of {tenant!r} ends at entry {found.seq}, but its head is entry {head.seq}:"
            f" its end was cut or changed. {cure}"
        )


def passed(
    entries: Iterable[Entry], tenant: str, chain: str, cure: str = CURE
) -> Iterator[tuple[Entry, tuple[str, ...]]]:
    """Yield the entries of a whole chain, each with the digests of files it names, as long as they hold.

    Raises `StoreError` at the first that does not.
    """
    before, at = GENESIS, ""
    known, named = _known(chain), registry.FILES
    for count, entry in enumerate(entries, 1):
        _, _, seq, body, digest = entry
        if seq != count or type(body) is not bytes or sha256(before + body).digest() != digest:
            raise _wrong(entry, cure, _unsealed(seq, count))
        parts = _parts(entry, cure)
        if parts[0] != seq or parts[1] != tenant or parts[2] != chain:
            said = f"entry {parts[0]} of chain {parts[2]!r} of {parts[1]!r}"
            raise _wrong(entry, cure, f"says itself that it is {said}")
        if not at <= parts[3]:
            raise _wrong(entry, cure, f"was recorded at {parts[3]}, before the one before it ({at})")
        kind = parts[8]
        if not known(kind):
            raise _wrong(entry, cure, f"is of the kind {kind!r}, which this version does not know")
        before, at = digest, parts[3]
        yield entry, _files(entry, cure, parts[9], named[kind]) if kind in named else ()


def _known(chain: str) -> Callable[[str], bool]:
    if chain == AUDIT:
        return lambda kind: kind.startswith(_AUDITED)
    return registry.KINDS.__contains__


def _unsealed(seq: int, count: int) -> str:
    if seq != count:
        return f"stands where entry {count} is due: entries are missing or moved"
    return "was changed: its hash is not that of its body and the entry before"


def _parts(entry: Entry, cure: str) -> list[Any]:
    try:
        parts = from_json(entry.body, allow_inf_nan=False)
    except ValueError as cause:
        raise _wrong(entry, cure, f"is not JSON ({cause})") from cause
    if type(parts) is not list or len(parts) != _PARTS or not _shaped(parts):
        raise _wrong(entry, cure, "has not the shape of an entry")
    if _LONG.search(entry.body) and _is_beyond(parts):
        raise _wrong(entry, cure, "holds an integer beyond 64 bits")
    return parts


def _shaped(parts: list[Any]) -> bool:
    at, kind, data, receipt = parts[3], parts[8], parts[9], parts[10]
    return (
        type(at) is str
        and _AT.fullmatch(at) is not None
        and type(kind) is str
        and type(data) is dict
        and (receipt is None or (type(receipt) is dict and receipt.keys() == _RECEIPT))
    )


def _is_beyond(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_is_beyond(part) for part in value.values())
    if isinstance(value, list):
        return any(_is_beyond(part) for part in value)
    return isinstance(value, int) and abs(value) > LARGEST


def _files(entry: Entry, cure: str, data: Any, named: Callable[[Any], Iterable[str]]) -> tuple[str, ...]:
    try:
        return tuple(named(data))
    except (LookupError, TypeError, AttributeError) as cause:
        raise _wrong(entry, cure, f"does not say which files it names ({cause!r})") from cause


def _wrong(entry: Entry, cure: str, what: str) -> StoreError:
    return StoreError(f"Entry {entry.seq} of chain {entry.chain!r} of {entry.tenant!r} {what}. {cure}")


def check_snapshot(log: StoreLog, tenant: str, chain: str) -> int:
    """Return the place of a chain's snapshot (0 if none counts) when it is what follows from the events.

    Raises `StoreError` if it is not; it is only a cache, and is made anew when the books are next opened.
    """
    restored = latest(log, log, tenant, chain)
    if restored is None:
        return 0
    kept, head = restored
    books = Books()
    take(books, Head(), takewhile(lambda entry: entry.seq <= head.seq, log.read(tenant, chain)))
    if books != kept:
        log.keep_snapshot(tenant, chain, NONE)
        raise StoreError(
            f"The snapshot of chain {chain!r} of {tenant!r} at entry {head.seq} is not what follows from the"
            " events, and was put aside. Open the store again: the books are made from their events."
        )
    return head.seq

"""Verification of a whole store: every chain from its first seal to its head, its files, its snapshots."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice, pairwise, takewhile
from typing import Final

from perilune.archive.entry import Entry, Head
from perilune.archive.files import FileStore
from perilune.archive.log import StoreLog
from perilune.archive.projection import take
from perilune.archive.seals import CURE, check_head, passed
from perilune.archive.snapshots import NONE, latest
from perilune.commerce.books import Books
from perilune.errors import StoreError

#: Entries for which it is worth starting a process.
_WORTH: Final = 100_000


@dataclass(frozen=True, slots=True)
class Checked:
    """A chain that was checked: how far it holds, its last hash there, and what is wrong ("" if nothing)."""

    tenant: str
    chain: str
    entries: int
    hash: str
    files: int
    fault: str


def _check_end(log: StoreLog, tenant: str, chain: str, head: Head) -> None:
    """Raise `StoreError` where entries stand beyond the chain's head, unless somebody wrote them just now."""
    beyond = next(iter(log.read(tenant, chain, head.seq)), None)
    if beyond is None:
        return
    now = {(one, other): end for one, other, end in log.chains()}.get((tenant, chain), Head())
    if now.seq < beyond.seq:
        raise StoreError(
            f"Chain {chain!r} of {tenant!r} has an entry {beyond.seq} beyond its head, entry {now.seq}: it"
            f" was put in. {CURE}"
        )


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What a stretch of a chain gave: where it holds to, the files it names, what is wrong after that."""

    head: Head
    named: frozenset[str]
    fault: str


def verify(
    log: StoreLog, files: FileStore | None = None, *, books: bool = False, processes: int = 1
) -> tuple[Checked, ...]:
    """Check every chain of a log, with `files` every file its events name, with `books` its snapshots.

    With several `processes` a long chain is checked in stretches at the same time: each begins at the seal
    of the entry before it, which the stretch before checks. Asked for by a process with threads they are
    started afresh, for which a script needs its `if __name__ == "__main__":`.
    """
    return tuple(_checked(log, files, books, processes, *chain) for chain in log.chains())


def _checked(
    log: StoreLog, files: FileStore | None, books: bool, processes: int, tenant: str, chain: str, head: Head
) -> Checked:
    at, named, fault = Head(), set[str](), ""
    for stretch in _stretches(log, tenant, chain, head, processes):
        at = stretch.head if stretch.head.seq else at
        named |= stretch.named
        fault = stretch.fault
        if fault:
            break
    try:
        if not fault:
            check_head(tenant, chain, at, head)
            _check_end(log, tenant, chain, head)
            if files is not None:
                for digest in sorted(named):
                    files.check(digest)
            if books:
                check_snapshot(log, tenant, chain)
    except StoreError as told:
        fault = str(told)
    return Checked(tenant, chain, at.seq, at.hash.hex(), len(named), fault)


def _stretches(log: StoreLog, tenant: str, chain: str, head: Head, processes: int) -> Iterator[_Stretch]:
    """Yield what the stretches of a chain give, in order, as far as the chain goes now."""
    count = min(processes, head.seq // _WORTH)
    if count < 2:
        yield _stretch(log, tenant, chain, 0, head.seq)
        return
    ends = [head.seq * part // count for part in range(count + 1)]
    spans = list(pairwise(ends))
    with ProcessPoolExecutor(count - 1, mp_context=_context()) as pool:
        others = [pool.submit(_stretch, log, tenant, chain, *span) for span in spans[1:]]
        yield _stretch(log, tenant, chain, *spans[0])
        yield from (other.result() for other in others)


def _context() -> multiprocessing.context.BaseContext:
    """Return how processes are started: copies of this one are there at once, but allow no threads."""
    alone = threading.active_count() == 1 and "fork" in multiprocessing.get_all_start_methods()
    return multiprocessing.get_context("fork" if alone else "spawn")


def _stretch(log: StoreLog, tenant: str, chain: str, after: int, last: int) -> _Stretch:
    """Check the entries after a place up to another; 0 as the last is a chain without a head: to its end."""
    head, named = Head(), set[str]()
    try:
        before = _entry(log, tenant, chain, after)
        entries = islice(log.read(tenant, chain, after), last - after or None)
        for page, digests in passed(entries, tenant, chain, after=before):
            head = page[-1].head
            named |= digests
    except StoreError as told:
        return _Stretch(head, frozenset(named), str(told))
    return _Stretch(head, frozenset(named), "")


def _entry(log: StoreLog, tenant: str, chain: str, seq: int) -> Entry | None:
    return next(log.read(tenant, chain, seq - 1), None) if seq else None


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

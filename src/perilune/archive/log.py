"""The seams to the stores: an append-only log of entries, in chains, by tenant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from perilune.archive.entry import Entry, Head, hash_of
from perilune.errors import StoreError


class Writing(Protocol):
    """A chain held for writing: nobody else appends to it until the transaction ends."""

    def head(self) -> Head:
        """Return the end of the chain as it stands now."""
        ...

    def read(self, after: int) -> Iterator[Entry]:
        """Yield the entries after a place, in order."""
        ...

    def append(self, entries: Sequence[Entry]) -> None:
        """Add entries that follow the head; they are durable once the transaction has ended."""
        ...


class EventLog(Protocol):
    """A store of chains. All methods raise `StoreError` with the cure where the store does not answer."""

    def chains(self) -> Sequence[tuple[str, str, Head]]:
        """Return (tenant, chain, head) of every chain this log may show, in order."""
        ...

    def read(self, tenant: str, chain: str, after: int = 0) -> Iterator[Entry]:
        """Yield the entries of a chain after a place, in order; reading never waits for a writer."""
        ...

    def write(self, tenant: str, chain: str) -> AbstractContextManager[Writing]:
        """Hold a chain for writing; leaving the block commits durably, an exception leaves nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The books as they stood at a place of a chain, as JSON; `version` is that of the code that wrote it."""

    head: Head
    version: str
    body: bytes


class Snapshots(Protocol):
    """Where a store keeps the latest snapshot of a chain: a cache, thrown away without loss."""

    def snapshot(self, tenant: str, chain: str) -> Snapshot | None:
        """Return the snapshot of a chain, or None."""
        ...

    def keep_snapshot(self, tenant: str, chain: str, snapshot: Snapshot) -> None:
        """Keep a snapshot in place of the one before."""
        ...


class StoreLog(EventLog, Snapshots, Protocol):
    """What a store's engine does besides the log: tenants, settings, many chains in one transaction."""

    def write_many(self) -> AbstractContextManager[Callable[[str, str], Writing]]:
        """Hold chains for writing, each when (tenant, chain) is asked for, all in one transaction."""
        ...

    def tenants(self) -> tuple[str, ...]:
        """Return the tenants of the store, in order."""
        ...

    def add_tenant(self, name: str) -> None:
        """Give a tenant a place in the store."""
        ...

    def setting(self, name: str) -> str:
        """Return a setting of the store; "" if it has none."""
        ...

    def close(self) -> None:
        """Let go of the store; what was committed is kept."""
        ...


def check_next(head: Head, entries: Sequence[Entry], tenant: str, chain: str) -> Head:
    """Return the head after entries, or raise `StoreError` if they do not follow the one before them."""
    for entry in entries:
        fits = (entry.tenant, entry.chain, entry.seq) == (tenant, chain, head.seq + 1)
        if not fits or entry.hash != hash_of(head.hash, entry.body):
            raise StoreError(
                f"Entry {entry.seq} does not follow entry {head.seq} of chain {chain!r} of {tenant!r}."
                " Nothing was recorded; read the chain again and seal to its head."
            )
        head = entry.head
    return head

"""The seam to the stores: an append-only log of entries, in chains, by tenant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from perilune.archive.entry import Entry, Head


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
    """A store of chains. All three methods raise `StoreError` with the cure where the store does not answer."""

    def chains(self) -> Sequence[tuple[str, str, Head]]:
        """Return (tenant, chain, head) of every chain this log may show, in order."""
        ...

    def read(self, tenant: str, chain: str, after: int = 0) -> Iterator[Entry]:
        """Yield the entries of a chain after a place, in order; reading never waits for a writer."""
        ...

    def write(self, tenant: str, chain: str) -> AbstractContextManager[Writing]:
        """Hold a chain for writing; leaving the block commits durably, an exception leaves nothing."""
        ...

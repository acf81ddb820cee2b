"""The audit chain: who read what, sealed like the books, beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from perilune.archive.entry import Entry, Head, Sealing, opened, seal
from perilune.archive.log import EventLog, Writing
from perilune.commerce.event import Draft, Moment

#: The chain that holds the reads.
AUDIT: Final = "audit"


def note(log: EventLog, tenant: str, reads: Sequence[tuple[Draft, Moment]]) -> list[int]:
    """Record reads in one durable commit; return their places in the chain."""
    sealing = Sealing(tenant, AUDIT)
    with log.write(tenant, AUDIT) as writing:
        head = writing.head()
        entries: list[Entry] = []
        at = _last_at(writing, head)
        for draft, moment in reads:
            # Several threads and processes note: what stands later in the chain was not recorded earlier.
            at = max(at, moment.at)
            entries.append(seal(head, draft, replace(moment, at=at), sealing))
            head = entries[-1].head
        writing.append(entries)
    return [entry.seq for entry in entries]


def _last_at(writing: Writing, head: Head) -> str:
    last = next(writing.read(head.seq - 1), None) if head.seq else None
    return "" if last is None else opened(last)[0].moment.at

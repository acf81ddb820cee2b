"""From entries to books: every event takes its effect, every receipt is remembered."""

from __future__ import annotations

from collections.abc import Iterable

from perilune.archive.entry import Entry, Head, opened
from perilune.commerce import registry
from perilune.commerce.books import Books, Receipt
from perilune.commerce.event import canonical


def take(books: Books, head: Head, entries: Iterable[Entry]) -> Head:
    """Let the entries after `head` take their effect on books; returns where the books then stand.

    After an exception the books are neither what they were nor what they should be: throw them away.
    """
    for entry in entries:
        event, receipt = opened(entry)
        registry.apply(books, event)
        if receipt is not None:
            answer = canonical(receipt["answer"])
            books.requests[receipt["request"]] = Receipt(receipt["digest"], answer)
        head = entry.head
    return head

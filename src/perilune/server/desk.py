"""One tenant's books in the service: a reading side on the event loop, a writing side on a thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final, final

from perilune.archive.audit import note
from perilune.archive.company import Answer, Company, Order, now
from perilune.archive.log import StoreLog
from perilune.commerce.books import Books
from perilune.commerce.event import Draft, Moment
from perilune.errors import InputError
from perilune.server.commits import Commits

#: How old what other processes recorded may be; our own writes are seen at once.
_STALE_S: Final = 0.02
#: The most answers kept ready as bytes.
_KEPT: Final = 256


@final
class Desk:
    """Reads, orders and audit of one tenant; `open_log` opens a connection of its own for either side."""

    def __init__(self, open_log: Callable[[], StoreLog], tenant: str) -> None:
        self._logs = [open_log() for _ in range(3)]
        reading, writing, self._audited = self._logs
        self._reading = Company(reading, tenant, snapshots=reading)
        self._writing, self._tenant = Company(writing, tenant, snapshots=writing), tenant
        self._orders: Commits[Order, Answer | InputError] = Commits(self._writing.execute_all)
        self._notes: Commits[tuple[Draft, Moment], int] = Commits(self._note)
        self._books, self._looked_s = self._reading.books(), time.monotonic()
        self._ready: dict[Any, tuple[int, bytes]] = {}

    def books(self) -> Books:
        """Return the books, at most `_STALE_S` behind other processes, never behind our own orders."""
        if time.monotonic() - self._looked_s > _STALE_S:
            self.catch_up()
        return self._books

    def catch_up(self) -> None:
        """Take in everything recorded until now."""
        self._books, self._looked_s = self._reading.books(), time.monotonic()

    async def execute(self, order: Order) -> Answer:
        """Carry out an order; returns once it is durable, raises `InputError` if it is refused."""
        answer = await self._orders.add(order)
        if isinstance(answer, InputError):
            raise answer
        self.catch_up()
        return answer

    async def note(self, draft: Draft, actor: str, party: str) -> None:
        """Write a read to the audit chain; returns once it is durable."""
        await self._notes.add((draft, Moment(now(), actor, "", party)))

    def ready(self, question: Any, make: Callable[[], bytes]) -> bytes:
        """Return an answer's bytes, made anew only where the books have changed since."""
        kept = self._ready.get(question)
        if kept is not None and kept[0] == self._books.seq:
            return kept[1]
        if len(self._ready) >= _KEPT:
            self._ready.clear()
        made = make()
        self._ready[question] = (self._books.seq, made)
        return made

    def close(self) -> None:
        """Finish what is in hand, and let go of the store."""
        self._orders.close()
        self._notes.close()
        for log in self._logs:
            log.close()

    def _note(self, batch: Sequence[tuple[Draft, Moment]]) -> Sequence[int]:
        return note(self._audited, self._tenant, batch)

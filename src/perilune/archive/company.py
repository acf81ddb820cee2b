"""A company's books on a log: orders go in, events are recorded, questions are answered.

Orders are decided one after another while the chain is held for writing, on books that are caught up: what
two processes ask at once is decided in one order, and capacity cannot be given twice. An order's events
become durable together, or none does.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Annotated, Any, Final, Literal, final

from pydantic import StringConstraints, ValidationError

from perilune.archive.entry import Entry, Head, Sealing, seal
from perilune.archive.log import EventLog, Snapshots, Writing
from perilune.archive.projection import take
from perilune.archive.snapshots import keep, latest
from perilune.commerce import registry
from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Moment, canonical
from perilune.commerce.fields import FIRST_DAY, LAST_DAY, Asked, Id, Name, Text
from perilune.commerce.verbs import visible
from perilune.errors import InputError, RefusedError

#: The chain that holds the books' events.
CHAIN: Final = "books"
#: Fewer entries than this are not worth a snapshot.
_SOME: Final = 5000


@dataclass(frozen=True, slots=True)
class Order:
    """Something to be done: the verb's name, what is asked, by whom and why.

    `request` makes an order safe to send again: the second one is answered as the first and does nothing.
    `at` (UTC, ISO 8601) is only given where history is replayed; otherwise the clock tells.
    """

    verb: str
    asked: Mapping[str, Any]
    actor: str
    reason: str = ""
    party: str = ""
    request: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an order: its answer, and the places of its events in the chain."""

    answer: Mapping[str, Any]
    first_seq: int
    last_seq: int
    repeated: bool = False


def now() -> str:
    """Return the time of the machine's clock, UTC with microseconds."""
    return f"{datetime.datetime.now(datetime.UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


@final
class Company:
    """The books of one tenant on a log; several processes may hold the same log.

    With `snapshots` a start reads only what was recorded since the last snapshot. The books that `books`
    returns are the living ones: threads that read beside a writer take a company of their own.
    """

    def __init__(
        self,
        log: EventLog,
        tenant: str,
        clock: Callable[[], str] = now,
        snapshots: Snapshots | None = None,
    ) -> None:
        self._log, self._tenant, self._clock, self._snapshots = log, tenant, clock, snapshots
        self._turn = threading.RLock()
        self._books, self._head, self._kept = Books(), Head(), 0

    def books(self) -> Books:
        """Return the books, caught up with everything recorded until now."""
        with self._turn:
            self._catch_up()
            self._keep_snapshot()
            return self._books

    def rows(self, name: str, asked: Mapping[str, Any] | None = None, party: str = "") -> list[Any]:
        """Return the rows that answer a question, those only that the party may see."""
        view = registry.view(name)
        said = _read(view.asked, name, asked or {})
        with self._turn:
            return visible(view, self.books(), said, party)

    def execute(self, order: Order) -> Answer:
        """Carry out one order durably; raises `InputError` if it is refused, with nothing recorded."""
        (answer,) = self.execute_all([order])
        if isinstance(answer, InputError):
            raise answer
        return answer

    def execute_all(self, orders: Sequence[Order]) -> list[Answer | InputError]:
        """Carry out orders in one durable commit; each is answered or refused by itself."""
        with self._turn:
            if not self._head.seq:
                self._catch_up()  # a long way, gone without keeping others from writing
            try:
                answers = self._committed(orders)
            except BaseException:
                # What was applied to the books may not be durable: they are made again from the log.
                self._forget()
                raise
            self._keep_snapshot()
            return answers

    def _committed(self, orders: Sequence[Order]) -> list[Answer | InputError]:
        with self._log.write(self._tenant, CHAIN) as writing:
            if writing.head() != self._head:
                self._follow(writing)
            answers: list[Answer | InputError] = []
            entries: list[Entry] = []
            for order in orders:
                try:
                    answers.append(self._carry_out(order, writing, entries))
                except InputError as refusal:
                    answers.append(refusal)
            writing.append(entries)
        return answers

    def _carry_out(self, order: Order, writing: Writing, entries: list[Entry]) -> Answer:
        """Decide an order on the books as they are, and add its entries to those of the commit."""
        verb = registry.verb(order.verb)
        asked = _read(verb.asked, order.verb, order.asked)
        moment = self._moment(order)
        digest = _digest(order.verb, asked) if order.request else ""
        if digest and order.request in self._books.requests:
            return self._again(order.request, digest)
        decision = verb.decide(self._books, asked, moment)
        receipt = {"request": order.request, "digest": digest, "answer": decision.answer} if digest else None
        sealed = self._sealed(decision, moment, receipt)
        first = self._head.seq + 1
        try:
            self._take(sealed)
        except InputError:
            # Something in it does not fit the books (a sum beyond 64 bits): they are made again without it.
            self._take(chain(writing.read(0), entries))
            raise
        entries += sealed
        return Answer(decision.answer, first, self._head.seq)

    def _moment(self, order: Order) -> Moment:
        _check(order)
        return Moment(max(order.at or self._clock(), self._books.at), order.actor, order.reason, order.party)

    def _sealed(self, decision: Decision, moment: Moment, receipt: dict[str, Any] | None) -> list[Entry]:
        entries: list[Entry] = []
        head, last = self._head, len(decision.events) - 1
        for place, draft in enumerate(decision.events):
            closing = receipt if place == last else None
            entries.append(seal(head, draft, moment, Sealing(self._tenant, CHAIN, closing)))
            head = entries[-1].head
        return entries

    def _again(self, request: str, digest: str) -> Answer:
        receipt = self._books.requests[request]
        if receipt.digest != digest:
            raise RefusedError(
                "request", f"Request {request!r} was used before for another order. Use a new request id."
            )
        return Answer(json.loads(receipt.answer), 0, 0, repeated=True)

    def _catch_up(self) -> None:
        if not self._head.seq and self._snapshots is not None:
            restored = latest(self._snapshots, self._log, self._tenant, CHAIN)
            if restored is not None:
                self._books, self._head = restored
                self._kept = self._head.seq
        self._take(self._log.read(self._tenant, CHAIN, self._head.seq))

    def _follow(self, writing: Writing) -> None:
        """Take in what others recorded; a chain that no longer holds our last entry is read anew."""
        before = self._head
        entries = writing.read(max(before.seq - 1, 0))
        if before.seq and getattr(next(entries, None), "hash", None) != before.hash:
            self._forget()
            entries = writing.read(0)
        self._take(entries)

    def _take(self, entries: Iterable[Entry]) -> None:
        try:
            self._head = take(self._books, self._head, entries)
        except BaseException:
            self._forget()
            raise

    def _forget(self) -> None:
        self._books, self._head = Books(), Head()

    def _keep_snapshot(self) -> None:
        """Keep a snapshot once a quarter has been added to the last: the cost stays in proportion."""
        if self._snapshots is None or self._head.seq - self._kept < max(_SOME, self._kept // 4):
            return
        self._kept = self._head.seq
        keep(self._snapshots, self._tenant, CHAIN, self._head, self._books)


def _digest(verb: str, asked: Asked) -> str:
    """Return the SHA-256 of what is asked, by which a request that is sent again is known."""
    return hashlib.sha256(canonical([verb, asked.model_dump(mode="json")]).encode()).hexdigest()


def _read(kind: type[Asked], name: str, asked: Mapping[str, Any]) -> Asked:
    try:
        return kind.model_validate(dict(asked))
    except ValidationError as cause:
        raise InputError(f"{name}: {faults_in(cause)}") from None


class _Said(Asked):
    """Who gives an order, why, and for whom."""

    actor: Name
    reason: Text
    party: Id | Literal[""]


class _Marked(Asked):
    """By what an order is known, and when it was given."""

    request: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]*$", max_length=200)]
    at: Annotated[str, StringConstraints(pattern=r"^$|^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")]


def _check(order: Order) -> None:
    """Raise `InputError` unless what comes with an order is bounded text and a time there is."""
    _check_said(order.actor, order.reason, order.party)
    if order.request or order.at:
        _read(_Marked, order.verb, {"request": order.request, "at": order.at})
    if order.at:
        try:
            day = datetime.datetime.fromisoformat(order.at).date()
        except ValueError as cause:
            raise InputError(f"{order.verb}: at: {order.at} is no time ({cause}).") from None
        if not FIRST_DAY <= day <= LAST_DAY:
            raise InputError(f"{order.verb}: at: {order.at} lies outside {FIRST_DAY} to {LAST_DAY}.")


@lru_cache(maxsize=256)
def _check_said(actor: str, reason: str, party: str) -> None:
    """Check it once for the many orders that the same person gives."""
    _read(_Said, "order", {"actor": actor, "reason": reason, "party": party})


def faults_in(cause: ValidationError) -> str:
    """Return what is wrong with what was asked, as one sentence."""
    return "; ".join(_fault(fault) for fault in cause.errors(include_url=False)) + "."


def _fault(fault: Any) -> str:
    place = ".".join(str(part) for part in fault["loc"])
    return f"{place}: {fault['msg']}" if place else str(fault["msg"])

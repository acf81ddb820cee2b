"""A company's books on a log: orders go in, events are recorded, questions are answered.

Orders are decided one after another while the chain is held for writing, on books that are caught up: what
two processes ask at once is decided in one order, and capacity cannot be given twice. An order's events
become durable together, or none does.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, final

from pydantic import ValidationError

from perilune.archive.entry import Entry, Head, Sealing, opened, seal
from perilune.archive.log import EventLog, Writing
from perilune.commerce import registry
from perilune.commerce.books import Books, Receipt
from perilune.commerce.event import Moment, canonical
from perilune.commerce.fields import Asked
from perilune.errors import InputError, RefusedError

#: The chain that holds the books' events.
CHAIN: Final = "books"


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
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@final
class Company:
    """The books of one tenant on a log; several processes may hold the same log."""

    def __init__(self, log: EventLog, tenant: str, clock: Callable[[], str] = now) -> None:
        self._log, self._tenant, self._clock = log, tenant, clock
        self._books, self._head = Books(), Head()

    def books(self) -> Books:
        """Return the books, caught up with everything recorded until now."""
        self._take(self._log.read(self._tenant, CHAIN, self._head.seq))
        return self._books

    def rows(self, name: str, asked: Mapping[str, Any] | None = None, party: str = "") -> list[Any]:
        """Return the rows that answer a question, those only that the party may see."""
        from perilune.commerce.verbs import visible

        view = registry.view(name)
        return visible(view, self.books(), _read(view.asked, name, asked or {}), party)

    def execute(self, order: Order) -> Answer:
        """Carry out one order durably; raises `InputError` if it is refused, with nothing recorded."""
        (answer,) = self.execute_all([order])
        if isinstance(answer, InputError):
            raise answer
        return answer

    def execute_all(self, orders: Sequence[Order]) -> list[Answer | InputError]:
        """Carry out orders in one durable commit; each is answered or refused by itself."""
        try:
            with self._log.write(self._tenant, CHAIN) as writing:
                self._take(writing.read(self._head.seq))
                answers: list[Answer | InputError] = []
                for order in orders:
                    try:
                        answers.append(self._carry_out(order, writing))
                    except InputError as refusal:
                        answers.append(refusal)
                return answers
        except BaseException:
            # What was applied to the books may not have become durable: they are made again from the log.
            self._books, self._head = Books(), Head()
            raise

    def _carry_out(self, order: Order, writing: Writing) -> Answer:
        verb = registry.verb(order.verb)
        asked = _read(verb.asked, order.verb, order.asked)
        digest = hashlib.sha256(canonical([order.verb, asked.model_dump(mode="json")]).encode()).hexdigest()
        if order.request and order.request in self._books.requests:
            return self._again(order.request, digest)
        moment = Moment(max(order.at or self._clock(), self._books.at), order.actor, order.reason, order.party)
        decision = verb.decide(self._books, asked, moment)
        entries: list[Entry] = []
        head, last = self._head, len(decision.events) - 1
        for place, draft in enumerate(decision.events):
            closing = place == last and order.request
            receipt = {"request": order.request, "digest": digest, "answer": decision.answer} if closing else None
            entry = seal(head, draft, moment, Sealing(self._tenant, CHAIN, receipt))
            entries.append(entry)
            head = entry.head
        first = self._head.seq + 1
        writing.append(entries)
        self._take(iter(entries))
        return Answer(decision.answer, first, self._head.seq)

    def _again(self, request: str, digest: str) -> Answer:
        import json

        receipt = self._books.requests[request]
        if receipt.digest != digest:
            raise RefusedError(
                "request", f"Request {request!r} was used before for another order. Use a new request id."
            )
        return Answer(json.loads(receipt.answer), 0, 0, repeated=True)

    def _take(self, entries: Any) -> None:
        for entry in entries:
            event, receipt = opened(entry)
            registry.apply(self._books, event)
            if receipt is not None:
                self._books.requests[receipt["request"]] = Receipt(receipt["digest"], canonical(receipt["answer"]))
            self._head = entry.head


def _read(kind: type[Asked], name: str, asked: Mapping[str, Any]) -> Asked:
    try:
        return kind.model_validate(dict(asked))
    except ValidationError as cause:
        faults = "; ".join(_fault(fault) for fault in cause.errors(include_url=False))
        raise InputError(f"{name}: {faults}.") from None


def _fault(fault: Any) -> str:
    place = ".".join(str(part) for part in fault["loc"])
    return f"{place}: {fault['msg']}" if place else str(fault["msg"])

"""Money that comes in for a regolith contract, by the step it was due on."""

from __future__ import annotations

from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Moment
from perilune.commerce.ledger import invoices
from perilune.commerce.resources import asked as wanted
from perilune.commerce.resources.agreements import agreement
from perilune.errors import NameNotFoundError, RefusedError


def pay(books: Books, asked: wanted.Pay, moment: Moment) -> Decision:
    """Book money that came in for what was due on a step."""
    found = agreement(books, asked.id)
    if moment.party not in ("", found.seller):
        raise RefusedError("authority", f"Payments are booked by the seller, not by {moment.party!r}.")
    due = {one.due_on: one.invoice for one in found.payments}
    if asked.due_on not in due:
        raise NameNotFoundError(f"payment of contract {found.id!r}", asked.due_on, due)
    if not due[asked.due_on]:
        raise RefusedError("state", f"{asked.due_on!r} of contract {found.id!r} is not invoiced yet.")
    one = invoices.found(books, due[asked.due_on])
    day = asked.on.isoformat() if asked.on else moment.day
    if day > moment.day:
        raise RefusedError("time", f"{day} is still to come.")
    drafts = invoices.pay(
        books,
        invoice=one.id,
        amount=invoices.open_of(one) if asked.amount is None else asked.amount,
        key=f"regolith/{found.id}/paid/{asked.due_on}/{len(one.moves)}",
        effective=day,
    )
    return Decision(drafts, {"id": found.id, "invoice": one.id, "paid": drafts[0].data["amount"]})

"""Orders about invoices."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Draft, Moment
from perilune.commerce.fields import Asked, Day, Id, Text
from perilune.commerce.ledger import invoices
from perilune.commerce.ledger.fields import WRITE, AccountOrNone, KeyOrNone, day_of
from perilune.commerce.money import PositiveAmount
from perilune.commerce.verbs import Verb


class Issued(Asked):
    """An invoice to issue."""

    entity: Id = Field(description="The own legal entity that issues it.")
    party: Id = Field(description="Who is to pay.")
    contract: Id = Field(description="The contract, booking or quote it is for.")
    amount: PositiveAmount = Field(description="How much.")
    due: Day = Field(description="Day until which it is to be paid.")
    memo: Text = Field("", description="What it is for.")
    effective: Day | None = Field(None, description="Its day; the day of recording if left out.")
    key: KeyOrNone = Field("", description="What its transfer is known by; chosen if left out.")


def issue(books: Books, asked: Issued, moment: Moment) -> Decision:
    """Issue an invoice."""
    day = day_of(asked.effective, moment)
    number = len(books.ledger.invoices) + 1
    drafts = invoices.issue(
        books, entity=asked.entity, party=asked.party, contract=asked.contract, amount=asked.amount,
        memo=asked.memo, due=asked.due.isoformat(), effective=day,
        key=asked.key or f"INV-{number:06d}/issued",
    )  # fmt: skip
    return Decision(drafts, {"id": drafts[0].data["id"], "amount": str(asked.amount)})


class Paid(Asked):
    """A payment that came in."""

    invoice: Id = Field(description="The invoice it pays.")
    amount: PositiveAmount = Field(description="How much of the invoice it pays, in the invoice's currency.")
    received: PositiveAmount | None = Field(
        None,
        description="What came in, where that was in the entity's currency and the invoice is in another.",
    )
    into: AccountOrNone = Field("", description="Account it came into; the entity's cash if left out.")
    memo: Text = Field("", description="What the payer wrote.")
    effective: Day | None = Field(None, description="Day it came in; the day of recording if left out.")
    key: KeyOrNone = Field(
        "", description="What its transfer is known by (the bank's reference); chosen if left out."
    )


def pay(books: Books, asked: Paid, moment: Moment) -> Decision:
    """Book a payment of an invoice, in full or in part."""
    drafts = invoices.pay(
        books, invoice=asked.invoice, amount=asked.amount, received=asked.received, into=asked.into,
        memo=asked.memo, effective=day_of(asked.effective, moment),
        key=asked.key or _next_key(books, asked.invoice),
    )  # fmt: skip
    return _answer(books, asked.invoice, drafts)


class Credited(Asked):
    """A credit note."""

    invoice: Id = Field(description="The invoice of which less is to be paid.")
    amount: PositiveAmount = Field(description="How much less.")
    memo: Text = Field("", description="Why.")
    effective: Day | None = Field(None, description="Its day; the day of recording if left out.")
    key: KeyOrNone = Field("", description="What its transfer is known by; chosen if left out.")


def credit(books: Books, asked: Credited, moment: Moment) -> Decision:
    """Issue a credit note on an invoice."""
    drafts = invoices.credit(
        books, invoice=asked.invoice, amount=asked.amount,
        memo=asked.memo or f"Credit note on {asked.invoice}",
        key=asked.key or _next_key(books, asked.invoice), effective=day_of(asked.effective, moment),
    )  # fmt: skip
    return _answer(books, asked.invoice, drafts)


class Refunded(Asked):
    """Money paid back."""

    invoice: Id = Field(description="The invoice that was paid and then credited.")
    amount: PositiveAmount = Field(description="How much is paid back, in the invoice's currency.")
    out_of: AccountOrNone = Field("", description="Account it is paid from; the entity's cash if left out.")
    memo: Text = Field("", description="What for.")
    effective: Day | None = Field(None, description="Day it was paid; the day of recording if left out.")
    key: KeyOrNone = Field("", description="What its transfer is known by; chosen if left out.")


def refund(books: Books, asked: Refunded, moment: Moment) -> Decision:
    """Book money paid back on an invoice."""
    drafts = invoices.refund(
        books, invoice=asked.invoice, amount=asked.amount, out_of=asked.out_of, memo=asked.memo,
        key=asked.key or _next_key(books, asked.invoice), effective=day_of(asked.effective, moment),
    )  # fmt: skip
    return _answer(books, asked.invoice, drafts)


class WrittenOff(Asked):
    """What will not be paid."""

    invoice: Id = Field(description="The invoice that will not be paid.")
    amount: PositiveAmount = Field(description="How much of it, in the invoice's currency.")
    memo: Text = Field("", description="Why.")
    effective: Day | None = Field(None, description="Its day; the day of recording if left out.")
    key: KeyOrNone = Field("", description="What its transfer is known by; chosen if left out.")


def write_off(books: Books, asked: WrittenOff, moment: Moment) -> Decision:
    """Give up what will not be paid of an invoice."""
    drafts = invoices.write_off(
        books, invoice=asked.invoice, amount=asked.amount, effective=day_of(asked.effective, moment),
        memo=asked.memo or f"Write-off of {asked.invoice}", key=asked.key or _next_key(books, asked.invoice),
    )  # fmt: skip
    return _answer(books, asked.invoice, drafts)


def _answer(books: Books, invoice: str, drafts: tuple[Draft, ...]) -> Decision:
    left = invoices.open_of(invoices.found(books, invoice, drafts))
    return Decision(drafts, {"id": invoice, "open": str(left)})


def _next_key(books: Books, invoice: str) -> str:
    return f"{invoice}/{len(invoices.found(books, invoice).moves):04d}"


VERBS: Final = (
    Verb("ledger", "invoice-issue", Issued, issue, WRITE, "Issue an invoice."),
    Verb("ledger", "invoice-pay", Paid, pay, WRITE, "Book a payment of an invoice, in full or in part."),
    Verb("ledger", "invoice-credit", Credited, credit, WRITE, "Issue a credit note on an invoice."),
    Verb("ledger", "invoice-write-off", WrittenOff, write_off, WRITE, "Give up what will not be paid."),
    Verb("ledger", "invoice-refund", Refunded, refund, WRITE, "Book money paid back on an invoice."),
)

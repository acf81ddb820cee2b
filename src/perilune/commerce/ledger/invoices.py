"""Invoices: issued, paid in one or more parts, credited, refunded, written off; each step with its transfer.

An invoice over a contract turns what is earned and not billed into a receivable, and makes the rest a
contract liability; revenue comes from `revenue`, not from billing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from perilune.commerce.books import Books
from perilune.commerce.event import Draft
from perilune.commerce.fields import LARGEST
from perilune.commerce.ledger import position as positions
from perilune.commerce.ledger.chart import account, checked
from perilune.commerce.ledger.postings import Posting, transfer
from perilune.commerce.ledger.rates import booked, difference, exchanged
from perilune.commerce.ledger.state import Invoice, InvoiceMove, Position
from perilune.commerce.money import Money
from perilune.commerce.parties.lookup import entity as own_entity
from perilune.commerce.parties.lookup import party_to
from perilune.errors import NameNotFoundError, RefusedError

_KINDS: Final = {
    "invoice.paid": "paid",
    "invoice.credited": "credited",
    "invoice.refunded": "refunded",
    "invoice.written-off": "written off",
}


def issue(
    books: Books,
    *,
    entity: str,
    party: str,
    contract: str,
    amount: Money,
    memo: str,
    due: str,
    key: str,
    effective: str,
    before: Sequence[Draft] = (),
) -> tuple[Draft, ...]:
    """Return the drafts of an invoice and its transfer; `due` and `effective` are ISO days.

    `before` are drafts decided earlier in the same order. Raises `RefusedError` if the amount is not
    positive, the day is in a closed period, a rate is missing, or the contract is another entity's.
    """
    _positive(amount, "An invoice")
    if due < effective:
        raise RefusedError(
            "time", f"The invoice would be due on {due}, before its day {effective}. Give a later one."
        )
    party_to(books, contract, party)
    value = booked(books, entity, amount, effective)
    position = position_of(
        books, entity=entity, party=party, contract=contract, currency=amount.currency, before=before
    )
    step = positions.billing(position, amount, value)
    number = len(books.ledger.invoices) + 1 + sum(draft.kind == "invoice.issued" for draft in before)
    id_ = f"INV-{number:06d}"
    issued = Draft(
        "invoice.issued",
        {
            "id": id_, "entity": entity, "party": party, "contract": contract, "amount": amount.data(),
            "booked": value.data(), "due": due, "memo": memo, "key": key,
            "asset": step.asset.minor, "liability": step.liability.minor,
        },
        effective,
    )  # fmt: skip
    positions.ahead(position, (issued,))  # Refuses what the position cannot hold.
    postings = [
        Posting(account(entity, "receivable", party), amount),
        *exchanged(entity, amount, value),
        *contract_postings(position, step),
        *difference(entity, step.gain, "realised"),
    ]
    return issued, transfer(books, key, postings, memo=memo, effective=effective, source=id_, before=before)


def pay(
    books: Books,
    *,
    invoice: str,
    amount: Money,
    key: str,
    effective: str,
    received: Money | None = None,
    into: str = "",
    memo: str = "",
    before: Sequence[Draft] = (),
) -> tuple[Draft, ...]:
    """Return the drafts of a payment of an invoice, in full or in part.

    `amount` is what it pays of the invoice; `received` what came in, where that was the entity's currency and
    the invoice is in another; `into` the account ("" for the entity's cash). The difference between the rate
    of the invoice and the payment's is a realised gain or loss. Raises `RefusedError`.
    """
    one = found(books, invoice, before)
    _positive(amount, "A payment")
    _same_currency(one, amount)
    if amount > open_of(one):
        raise RefusedError(
            "balance",
            f"{one.id} is open with {open_of(one)}; {amount} is more. Book the rest as a deposit.",
        )
    _not_before(one, effective, "paid")
    carried = carried_part(one, amount, {"paid"})
    came, value = _worth(books, one, amount, received, effective)
    cash = checked(books, into or account(one.entity, "cash"))
    _own(one, cash)
    postings = [Posting(cash, came), Posting(account(one.entity, "receivable", one.party), -amount)]
    if came.currency != amount.currency:
        postings += exchanged(one.entity, -amount, -value)
    postings += _realised(one, value - carried)
    paid = {
        "id": one.id,
        "amount": amount.data(),
        "booked": carried.data(),
        "received": came.data(),
        "key": key,
    }
    told = memo or f"Payment of {one.id}"
    return _moved(books, "invoice.paid", paid, postings, memo=told, effective=effective, before=before)


def credit(
    books: Books,
    *,
    invoice: str,
    amount: Money,
    key: str,
    effective: str,
    memo: str,
    before: Sequence[Draft] = (),
) -> tuple[Draft, ...]:
    """Return the drafts of a credit note: less is owed, or, if it was paid, more is to be refunded.

    It takes back what was billed, at the invoice's rate; revenue that was recognised stays until it is taken
    back itself. Raises `RefusedError` if more would be credited than was invoiced.
    """
    one = found(books, invoice, before)
    _positive(amount, "A credit note")
    _same_currency(one, amount)
    left = one.amount - sum_of(one, "credited")
    if amount > left:
        raise RefusedError("balance", f"{one.id} can be credited with {left} more; {amount} is too much.")
    _not_before(one, effective, "credited")
    value = carried_part(one, amount, {"credited"})
    position = position_of(
        books,
        entity=one.entity,
        party=one.party,
        contract=one.contract,
        currency=amount.currency,
        before=before,
    )
    step = positions.crediting(position, amount, value)
    credited = {
        "id": one.id, "contract": one.contract, "amount": amount.data(), "booked": value.data(), "key": key,
        "asset": step.asset.minor, "liability": step.liability.minor, "memo": memo,
    }  # fmt: skip
    positions.moved(position, "invoice.credited", credited)
    postings = [
        Posting(account(one.entity, "receivable", one.party), -amount),
        *exchanged(one.entity, -amount, -value),
        *contract_postings(position, step),
        *difference(one.entity, step.gain, "realised"),
    ]
    return _moved(
        books, "invoice.credited", credited, postings, memo=memo, effective=effective, before=before
    )


def refund(
    books: Books,
    *,
    invoice: str,
    amount: Money,
    key: str,
    effective: str,
    out_of: str = "",
    memo: str = "",
    before: Sequence[Draft] = (),
) -> tuple[Draft, ...]:
    """Return the drafts of money paid back on an invoice, paid and then credited; raises `RefusedError`."""
    one = found(books, invoice, before)
    _positive(amount, "A refund")
    _same_currency(one, amount)
    owed = -open_of(one)
    if amount > owed:
        shown = owed if owed.minor > 0 else Money(0, owed.currency)
        raise RefusedError(
            "balance", f"{shown} of {one.id} is to be refunded; credit it first to refund {amount}."
        )
    _not_before(one, effective, "refunded")
    carried = carried_part(one, amount, {"refunded"})
    value = booked(books, one.entity, amount, effective)
    cash = checked(books, out_of or account(one.entity, "cash"))
    _own(one, cash)
    postings = [Posting(account(one.entity, "receivable", one.party), amount), Posting(cash, -amount)]
    postings += _realised(one, carried - value)
    refunded = {"id": one.id, "amount": amount.data(), "booked": carried.data(), "key": key}
    told = memo or f"Refund of {one.id}"
    return _moved(
        books, "invoice.refunded", refunded, postings, memo=told, effective=effective, before=before
    )


def write_off(
    books: Books,
    *,
    invoice: str,
    amount: Money,
    key: str,
    effective: str,
    memo: str,
    before: Sequence[Draft] = (),
) -> tuple[Draft, ...]:
    """Return the drafts that give up what will not be paid: a loss, at the rate of the invoice.

    What was earned stays earned; the claim is worth nothing. Raises `RefusedError`.
    """
    one = found(books, invoice, before)
    _positive(amount, "A write-off")
    _same_currency(one, amount)
    if amount > open_of(one):
        raise RefusedError(
            "balance", f"{one.id} is open with {open_of(one)}; {amount} cannot be written off."
        )
    _not_before(one, effective, "written off")
    carried = carried_part(one, amount, {"written off"})
    data = {"id": one.id, "amount": amount.data(), "booked": carried.data(), "key": key, "memo": memo}
    postings = [
        Posting(account(one.entity, "receivable", one.party), -amount),
        *exchanged(one.entity, -amount, -carried),
    ]
    if carried:
        postings.append(Posting(account(one.entity, "bad-debt", one.party), carried))
    return _moved(books, "invoice.written-off", data, postings, memo=memo, effective=effective, before=before)


def _moved(
    books: Books,
    kind: str,
    data: dict[str, Any],
    postings: Sequence[Posting],
    *,
    memo: str,
    effective: str,
    before: Sequence[Draft],
) -> tuple[Draft, Draft]:
    """Return the event of a move on an invoice and the transfer that goes with it, under the same key."""
    moved = transfer(
        books, data["key"], postings, memo=memo, effective=effective, source=data["id"], before=before
    )
    return Draft(kind, data, effective), moved


def found(books: Books, invoice: str, before: Sequence[Draft] = ()) -> Invoice:
    """Return an invoice, after drafts decided earlier in the same order; raises `NameNotFoundError`."""
    one = books.ledger.invoices.get(invoice)
    for draft in before:
        if draft.data.get("id") == invoice:
            if draft.kind == "invoice.issued":
                one = issued_invoice(draft.data, draft.effective, "")
            elif one is not None and draft.kind in _KINDS:
                one = after(one, draft.kind, draft.data, draft.effective, "")
    if one is None:
        raise NameNotFoundError("invoice", invoice, ())
    return one


def issued_invoice(data: Any, effective: str, at: str) -> Invoice:
    """Return the invoice that an event issued."""
    amount = Money.of(data["amount"])
    return Invoice(
        data["id"], data["entity"], data["party"], data["contract"], amount, Money.of(data["booked"]),
        data["due"], data["memo"], (InvoiceMove("issued", amount, effective, at, data["key"]),),
    )  # fmt: skip


def after(invoice: Invoice, kind: str, data: Any, effective: str, at: str) -> Invoice:
    """Return an invoice after a payment, credit note, refund or write-off."""
    move = InvoiceMove(_KINDS[kind], Money.of(data["amount"]), effective, at, data["key"])
    return replace(invoice, moves=(*invoice.moves, move))


def of_contract(books: Books, contract: str) -> tuple[Invoice, ...]:
    """Return the invoices for a contract in the order of issue."""
    return tuple(books.ledger.invoices[id_] for id_ in books.ledger.invoices_of.get(contract, ()))


def sum_of(invoice: Invoice, kind: str) -> Money:
    """Return what was paid, credited, refunded or written off of an invoice."""
    return sum(
        (move.amount for move in invoice.moves if move.kind == kind), Money(0, invoice.amount.currency)
    )


def open_of(invoice: Invoice) -> Money:
    """Return what is still to be paid; negative where the party is owed a refund."""
    ended = sum_of(invoice, "paid") + sum_of(invoice, "credited") + sum_of(invoice, "written off")
    return invoice.amount - ended + sum_of(invoice, "refunded")


def carried_part(invoice: Invoice, amount: Money, kinds: set[str]) -> Money:
    """Return the booked value of the next `amount` of one kind of move.

    Shares are taken of the sum so far, so that all parts together are exactly what was booked.
    """
    done = sum((move.amount for move in invoice.moves if move.kind in kinds), Money(0, amount.currency))
    upto = positions.share(invoice.booked, done + amount, invoice.amount)
    return upto - positions.share(invoice.booked, done, invoice.amount)


def position_of(
    books: Books, *, entity: str, party: str, contract: str, currency: str, before: Sequence[Draft] = ()
) -> Position:
    """Return a contract's position, new if there is none; raises `RefusedError` for another's contract."""
    own = own_entity(books, entity)
    one = books.ledger.positions.get(contract) or positions.begun(
        contract, entity, party, currency, own.currency
    )
    if (one.entity, one.party, one.price.currency) != (entity, party, currency):
        raise RefusedError(
            "state",
            f"Contract {contract!r} is of {one.entity} with {one.party} in {one.price.currency}, "
            f"not of {entity} with {party} in {currency}.",
        )
    return positions.ahead(one, before)


def contract_postings(position: Position, step: positions.Step) -> list[Posting]:
    """Return the postings of a step on the contract's asset and liability."""
    names = {"contract-asset": step.asset, "contract-liability": -step.liability}
    return [
        Posting(account(position.entity, name, position.contract), amount)
        for name, amount in names.items()
        if amount
    ]


def _worth(
    books: Books, one: Invoice, amount: Money, received: Money | None, effective: str
) -> tuple[Money, Money]:
    """Return what came in, and what it is worth in the entity's currency."""
    if received is None or received.currency == amount.currency:
        if received is not None and received != amount:
            raise RefusedError("balance", f"{received} came in for {amount}; pay what came in.")
        return amount, booked(books, one.entity, amount, effective)
    if received.currency != one.booked.currency:
        raise RefusedError(
            "rate",
            f"{one.id} is paid in {amount.currency} or {one.booked.currency}, not in {received.currency}.",
        )
    _positive(received, "A payment")
    return received, received


def _realised(one: Invoice, gain: Money) -> list[Posting]:
    """Return the postings of a realised difference: the exchange account gives it, gain or loss takes it."""
    if not gain:
        return []
    return [
        Posting(account(one.entity, "exchange", one.amount.currency), gain),
        *difference(one.entity, gain, "realised"),
    ]


def _own(one: Invoice, name: str) -> None:
    if not name.startswith(one.entity + ":"):
        raise RefusedError("balance", f"{one.id} is of {one.entity}; {name} is another entity's account.")


def _positive(amount: Money, what: str) -> None:
    if not 0 < amount.minor <= LARGEST:
        raise RefusedError("balance", f"{what} of {amount} is not possible. Give an amount above zero.")


def _same_currency(one: Invoice, amount: Money) -> None:
    if amount.currency != one.amount.currency:
        raise RefusedError("balance", f"{one.id} is in {one.amount.currency}; say {amount} in that currency.")


def _not_before(one: Invoice, effective: str, doing: str) -> None:
    issued = one.moves[0].effective
    if effective < issued:
        raise RefusedError(
            "time", f"{one.id} is of {issued}; it cannot be {doing} on {effective}, before that."
        )

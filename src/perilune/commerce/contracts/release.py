"""What contracts move in the ledger: the only place where they speak to it."""

from __future__ import annotations

import datetime

from perilune.commerce.books import Books
from perilune.commerce.contracts.asked import Pay
from perilune.commerce.contracts.state import Contract
from perilune.commerce.event import Draft
from perilune.commerce.ledger import invoices, revenue
from perilune.commerce.ledger.state import Invoice
from perilune.commerce.money import Money

Drafts = tuple[Draft, ...]


def key_of(contract: Contract, part: str) -> str:
    """Return the key under which the invoice of a part of the contract is issued, once.

    >>> from types import SimpleNamespace
    >>> key_of(SimpleNamespace(id="C-000001"), "launch")
    'contract/C-000001/launch'
    """
    return f"contract/{contract.id}/{part}"


def invoice(
    books: Books, contract: Contract, part: str, amount: Money, memo: str, on: str
) -> tuple[Draft, ...]:
    """Return what bills an amount of the contract from a day on; nothing for no amount."""
    if not amount:
        return ()
    due = datetime.date.fromisoformat(on) + datetime.timedelta(days=contract.due_day_count)
    return invoices.issue(
        books,
        entity=contract.entity,
        party=contract.party,
        contract=contract.id,
        amount=amount,
        memo=memo,
        due=due.isoformat(),
        key=key_of(contract, part),
        effective=on,
    )


def plan(books: Books, contract: Contract, on: str) -> tuple[Draft, ...]:
    """Return what plans the revenue of a contract earned over time, when it is signed by both."""
    if contract.revenue != revenue.COST_TO_COST:
        return ()
    planned = revenue.plan(
        books,
        entity=contract.entity,
        party=contract.party,
        contract=contract.id,
        line=contract.kind,
        method=revenue.COST_TO_COST,
        price=contract.price,
        estimate=contract.cost_estimate,
        effective=on,
    )
    return (planned,)


def replan(books: Books, contract: Contract, price: Money, number: int, on: str) -> tuple[Draft, ...]:
    """Return what an amendment of the price does to revenue that is earned over time."""
    position = books.ledger.positions.get(contract.id)
    if contract.revenue != revenue.COST_TO_COST or position is None or price == contract.price:
        return ()
    return revenue.estimate(
        books,
        contract=contract.id,
        estimate=position.estimate,
        price=price,
        memo=f"Amendment {number} of {contract.id}",
        key=f"contract/{contract.id}/amendment/{number}",
        effective=on,
    )


def earn(books: Books, contract: Contract, earned: Money, part: str, on: str, before: Drafts = ()) -> Drafts:
    """Return what recognises all that a contract has earned and not yet shown, at a point in time.

    Nothing for contracts earned over time: their cost moves their revenue.
    """
    if contract.revenue != revenue.POINT_IN_TIME:
        return ()
    position = books.ledger.positions.get(contract.id)
    shown = Money(0, earned.currency) if position is None else position.recognised
    if not earned - shown:
        return ()
    return revenue.recognise(
        books,
        entity=contract.entity,
        party=contract.party,
        contract=contract.id,
        amount=earned - shown,
        line=contract.kind,
        memo=f"Revenue of {contract.id}: {part}",
        key=f"contract/{contract.id}/revenue/{part}",
        effective=on,
        before=before,
    )


def invoices_of(books: Books, contract: Contract) -> tuple[Invoice, ...]:
    """Return the contract's invoices in the order of issue."""
    return invoices.of_contract(books, contract.id)


def pay(books: Books, contract: Contract, invoice_id: str, asked: Pay, on: str) -> Drafts:
    """Return what books money that came in for one of the contract's invoices."""
    one = invoices.found(books, invoice_id)
    return invoices.pay(
        books,
        invoice=one.id,
        amount=invoices.open_of(one) if asked.amount is None else asked.amount,
        received=asked.received,
        key=f"contract/{contract.id}/paid/{asked.part}/{len(one.moves)}",
        effective=on,
    )


def paid(books: Books, contract: Contract) -> Money:
    """Return what has been paid on the contract, less what was refunded."""
    nothing = Money(0, contract.price.currency)
    return sum(
        (
            invoices.sum_of(one, "paid") - invoices.sum_of(one, "refunded")
            for one in invoices_of(books, contract)
        ),
        nothing,
    )


def owed_of(books: Books, contract: Contract) -> Money:
    """Return what is still to be paid on the contract's invoices."""
    return sum(
        (invoices.open_of(one) for one in invoices_of(books, contract)), Money(0, contract.price.currency)
    )


def refund(books: Books, contract: Contract, amount: Money, on: str) -> tuple[Draft, ...]:
    """Return what pays an amount back, from the newest invoice on; each is credited first."""
    drafts: list[Draft] = []
    left = amount
    for one in reversed(invoices_of(books, contract)):
        part = min(left, invoices.sum_of(one, "paid") - invoices.sum_of(one, "refunded"))
        if part.minor <= 0:
            continue
        number = len(one.moves)
        memo = f"Refund on the termination of {contract.id}"
        credit = f"contract/{contract.id}/credit/{one.id}/{number}"
        drafts += invoices.credit(
            books, invoice=one.id, amount=part, key=credit, effective=on, memo=memo, before=drafts
        )
        drafts += invoices.refund(
            books, invoice=one.id, amount=part, key=f"contract/{contract.id}/refund/{one.id}/{number}",
            effective=on, memo=memo, before=drafts,
        )  # fmt: skip
        left = left - part
    return tuple(drafts)

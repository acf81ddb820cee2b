"""What every order on a contract begins and ends with."""

from __future__ import annotations

import datetime
from typing import Any

from perilune.commerce.books import Books
from perilune.commerce.contracts import asked as ask
from perilune.commerce.contracts.guards import GUARDS, Case
from perilune.commerce.contracts.machine import Machine, advance
from perilune.commerce.contracts.state import Contract, ContractMilestone
from perilune.commerce.event import Decision, Draft, Moment
from perilune.commerce.money import Money
from perilune.errors import NameNotFoundError, RefusedError


def contract(books: Books, name: str) -> Contract:
    """Return a contract; raises `NameNotFoundError`."""
    if name not in books.contracts.by_id:
        raise NameNotFoundError("contract", name, books.contracts.by_id)
    return books.contracts.by_id[name]


def part(of: Contract, name: str) -> ContractMilestone:
    """Return a milestone of a contract; raises `NameNotFoundError`."""
    found = {one.id: one for one in of.milestones}
    if name not in found:
        raise NameNotFoundError(f"milestone of contract {of.id!r}", name, found)
    return found[name]


def case_of(
    books: Books, asked: ask.OfContract, moment: Moment, *, evidence: str = "", amount: Money | None = None
) -> Case:
    """Return an order's case: its contract, who gives it, and the day it counts from, which is "
    "not to come."""
    found = contract(books, asked.id)
    on = asked.on or datetime.date.fromisoformat(moment.day)
    if on.isoformat() > moment.day:
        raise RefusedError("time", f"{on} is still to come. Give the day on which it happened.")
    if amount is not None and amount.currency != found.price.currency:
        raise RefusedError("balance", f"Contract {found.id!r} is in {found.price.currency}; {amount} is not.")
    return Case(books, found, moment, on.isoformat(), evidence=evidence, amount=amount)


def stepped(machine: Machine, state: str, order: str, case: Case, subject: str = "") -> str:
    """Return the state that an order leads to; raises `RefusedError`."""
    return advance(machine, state, order, GUARDS, case, subject or case.contract.id)


def draft(kind: str, case: Case, data: dict[str, Any]) -> Draft:
    """Return the draft of an event on the case's contract."""
    return Draft(kind, {"contract": case.contract.id, **data}, case.on)


def decided(kind: str, case: Case, data: dict[str, Any], answer: dict[str, Any], *more: Draft) -> Decision:
    """Return the decision of one event on the contract, and of what it moves in the ledger."""
    return Decision((draft(kind, case, data), *more), {"contract": case.contract.id, **answer})

"""How far a contract is billed and earned, and what a step does to it: arithmetic alone.

What is billed before it is earned is a contract liability, kept at the rates of its invoices; what is earned
before it is billed is a contract asset (IFRS 15, ASC 606; for prepayments in foreign currency IFRIC 22).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

from perilune.commerce.event import Draft
from perilune.commerce.ledger.state import Position, PositionMove
from perilune.commerce.money import Money, half_even

#: Kinds of events that move a position, and the name of their move.
MOVES: Final = {
    "invoice.issued": "billed",
    "invoice.credited": "credited",
    "revenue.planned": "planned",
    "revenue.recognised": "recognised",
    "revenue.cost-added": "cost",
    "revenue.estimated": "estimated",
    "revenue.provided": "provided",
}


@dataclass(frozen=True, slots=True)
class Step:
    """What a step changes in the entity's currency: contract asset and liability, revenue, exchange gain."""

    asset: Money
    liability: Money
    earned: Money
    gain: Money


def share(amount: Money, part: Money, whole: Money) -> Money:
    """Return the part of an amount that `part` is of `whole`, rounded half to even; all of it at the end."""
    if part == whole:
        return amount
    return Money(half_even(amount.minor * part.minor, whole.minor), amount.currency)


def begun(contract: str, entity: str, party: str, currency: str, own_currency: str) -> Position:
    """Return the position of a contract with nothing done."""
    foreign, own = Money(0, currency), Money(0, own_currency)
    return Position(
        contract,
        entity,
        party,
        "service",
        "point-in-time",
        foreign,
        foreign,
        foreign,
        own,
        own,
        own,
        own,
        own,
        own,
    )


def billing(position: Position, amount: Money, value: Money) -> Step:
    """Return what an invoice does: it ends the contract asset first, the rest becomes contract liability."""
    unbilled = max(position.recognised - position.billed, Money(0, amount.currency))
    covered = min(unbilled, amount)
    ended = share(position.asset, covered, unbilled) if unbilled else Money(0, value.currency)
    covered_value = share(value, covered, amount)
    return Step(-ended, value - covered_value, Money(0, value.currency), covered_value - ended)


def crediting(position: Position, amount: Money, value: Money) -> Step:
    """Return what a credit note does: it ends contract liability first, then adds to the contract asset."""
    unearned = max(position.billed - position.recognised, Money(0, amount.currency))
    covered = min(unearned, amount)
    ended = share(position.liability, covered, unearned) if unearned else Money(0, value.currency)
    covered_value = share(value, covered, amount)
    return Step(value - covered_value, -ended, Money(0, value.currency), ended - covered_value)


def earning(position: Position, amount: Money, rate: Fraction | None) -> Step:
    """Return what recognising more revenue (less, if negative) does.

    What was billed before is earned at the rates of its invoices; beyond it, at `rate` (the entity's minor
    units per minor unit of the contract), which `beyond_billing` says is needed. Revenue is taken back at
    what it was earned at; where the asset that falls with it stands at another rate, that is a gain or loss.
    """
    none = Money(0, position.asset.currency)
    if amount.minor >= 0:
        unearned = max(position.billed - position.recognised, Money(0, amount.currency))
        covered = min(unearned, amount)
        ended = share(position.liability, covered, unearned) if unearned else none
        beyond = amount - covered
        value = _at(beyond, rate, none.currency)
        return Step(value, -ended, ended + value, none)
    unbilled = max(position.recognised - position.billed, Money(0, amount.currency))
    covered = min(unbilled, -amount)
    ended = share(position.asset, covered, unbilled) if unbilled else none
    back = share(position.earned, -amount, position.recognised)
    covered_value = share(back, covered, -amount)
    return Step(-ended, back - covered_value, -back, covered_value - ended)


def beyond_billing(position: Position, amount: Money) -> bool:
    """Return whether recognising an amount earns more than is billed, so that a rate is needed."""
    return position.recognised + amount > max(position.billed, position.recognised)


def _at(amount: Money, rate: Fraction | None, currency: str) -> Money:
    if not amount or rate is None:
        return Money(amount.minor, currency)
    exact = amount.minor * rate
    return Money(half_even(exact.numerator, exact.denominator), currency)


def move(kind: str, data: Mapping[str, Any], effective: str, at: str) -> PositionMove:
    """Return what an event (see `MOVES`) moved of its contract."""
    return PositionMove(MOVES[kind], Money.of(data["amount"]), Money.of(data["booked"]), effective, at)


def moved(position: Position, kind: str, data: Mapping[str, Any]) -> Position:
    """Return a position after an event (see `MOVES`) on its contract."""
    name = MOVES[kind]
    amount, value = Money.of(data["amount"]), Money.of(data["booked"])
    if name == "cost":
        return replace(position, cost=position.cost + value)
    if name == "provided":
        return replace(position, provision=position.provision + value)
    if name == "estimated":
        return replace(position, price=amount, estimate=value)
    if name == "planned":
        return replace(position, price=amount, estimate=value, line=data["line"], method=data["method"])
    after = replace(
        position,
        asset=position.asset + Money(data["asset"], value.currency),
        liability=position.liability + Money(data["liability"], value.currency),
    )
    if name == "recognised":
        return replace(
            after, recognised=after.recognised + amount, earned=after.earned + value, line=data["line"]
        )
    return replace(after, billed=after.billed + (amount if name == "billed" else -amount))


def ahead(position: Position, before: Sequence[Draft]) -> Position:
    """Return a position after drafts that were decided earlier in the same order."""
    for draft in before:
        if draft.kind in MOVES and draft.data["contract"] == position.contract:
            position = moved(position, draft.kind, draft.data)
    return position

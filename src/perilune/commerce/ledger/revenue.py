"""Revenue: recognised when something is delivered, or over time in proportion to cost.

Cost-to-cost: progress is cost so far over the estimate at completion; a new estimate catches up at once
(cumulative catch-up, ASC 606-10-25, IFRS 15.41). Where the estimate exceeds the price, the loss that is left
is provided for at once (ASC 605-35-25, IAS 37.66).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

from perilune.commerce.books import Books
from perilune.commerce.event import Draft
from perilune.commerce.ledger import position as positions
from perilune.commerce.ledger.chart import account, checked
from perilune.commerce.ledger.invoices import contract_postings, position_of
from perilune.commerce.ledger.postings import Posting, in_open_period, transfer
from perilune.commerce.ledger.rates import booked, converted, difference, exchanged, rate_on
from perilune.commerce.ledger.state import Position
from perilune.commerce.money import CURRENCIES, Money
from perilune.commerce.parties.lookup import entity as own_entity
from perilune.commerce.parties.lookup import party_to
from perilune.errors import NameNotFoundError, RefusedError

POINT_IN_TIME: Final = "point-in-time"
COST_TO_COST: Final = "cost-to-cost"
#: The line whose income is a grant, not revenue from customers.
SUBSIDY: Final = "subsidy"


def plan(
    books: Books,
    *,
    entity: str,
    party: str,
    contract: str,
    line: str,
    method: str,
    price: Money,
    estimate: Money | None,
    effective: str,
    before: Sequence[Draft] = (),
) -> Draft:
    """Return the draft of how a contract's revenue is recognised: by `POINT_IN_TIME` or `COST_TO_COST`.

    `estimate` of the cost at completion is in the entity's currency (cost-to-cost needs one). Raises
    `RefusedError` if the contract has a plan already.
    """
    party_to(books, contract, party)
    own = own_entity(books, entity)
    in_open_period(books, entity, effective)
    position = position_of(
        books, entity=entity, party=party, contract=contract, currency=price.currency, before=before
    )
    if position.price:
        raise RefusedError(
            "state", f"Revenue of {contract!r} is planned already. Give a new estimate instead."
        )
    if price.minor <= 0:
        raise RefusedError("balance", f"A price of {price} earns nothing. Give one above zero.")
    if price < position.recognised:
        raise RefusedError(
            "balance", f"{position.recognised} of {contract!r} is recognised, more than a price of {price}."
        )
    if method == COST_TO_COST:
        _estimable(own.currency, estimate)
    data = {
        "contract": contract, "entity": entity, "party": party, "line": line, "method": method,
        "amount": price.data(), "booked": (estimate or Money(0, own.currency)).data(),
    }  # fmt: skip
    return Draft("revenue.planned", data, effective)


def recognise(
    books: Books,
    *,
    entity: str,
    party: str,
    contract: str,
    amount: Money,
    line: str,
    memo: str,
    key: str,
    effective: str,
    before: Sequence[Draft] = (),
) -> tuple[Draft, ...]:
    """Return the drafts that earn an amount of a contract (or, if negative, take back what was earned).

    `amount` is in the contract's currency, `line` the line of business ("payload-service"). What was billed
    is earned at the rates of its invoices, more than that at the rate of the day. Raises `RefusedError`.
    """
    position = position_of(
        books, entity=entity, party=party, contract=contract, currency=amount.currency, before=before
    )
    if not amount:
        raise RefusedError("balance", "Nothing would be recognised. Give an amount.")
    if position.recognised + amount < Money(0, amount.currency):
        raise RefusedError(
            "balance", f"{position.recognised} of {contract!r} is recognised; {-amount} cannot be taken back."
        )
    if position.price and position.recognised + amount > position.price:
        raise RefusedError(
            "balance",
            f"{contract!r} has a price of {position.price}, of which {position.recognised} is recognised; "
            f"{amount} is too much. Record a new price first: perilune ledger estimate.",
        )
    in_open_period(books, entity, effective)
    step = positions.earning(position, amount, _rate(books, position, amount, effective))
    recognised = {
        "contract": contract, "entity": entity, "party": party, "line": line, "amount": amount.data(),
        "booked": step.earned.data(), "asset": step.asset.minor, "liability": step.liability.minor,
        "key": key,
    }  # fmt: skip
    drafts = [Draft("revenue.recognised", recognised, effective)]
    positions.ahead(position, drafts)
    postings = [*contract_postings(position, step), *difference(entity, step.gain, "realised")]
    if step.earned:
        name = "grant" if line == SUBSIDY else "revenue"
        postings.append(Posting(account(entity, name, line), -step.earned))
    if postings:
        drafts.append(
            transfer(books, key, postings, memo=memo, effective=effective, source=contract, before=before)
        )
    return tuple(drafts)


def cost(
    books: Books,
    *,
    contract: str,
    amount: Money,
    paid_from: str,
    memo: str,
    key: str,
    effective: str,
    before: Sequence[Draft] = (),
) -> tuple[Draft, ...]:
    """Return the drafts of a cost of a contract, with the revenue and provision that follow from it.

    `paid_from` is the account credited (cash, or what is payable to whom). Raises `RefusedError` if the
    contract has no plan, or its estimate would be exceeded.
    """
    position = _planned(books, contract, before)
    if amount.minor <= 0:
        raise RefusedError("balance", f"A cost of {amount} is not possible. Give an amount above zero.")
    value = booked(books, position.entity, amount, effective)
    if position.method == COST_TO_COST and position.cost + value > position.estimate:
        raise RefusedError(
            "balance",
            f"Cost of {contract!r} would be {position.cost + value}, above its estimate at completion of "
            f"{position.estimate}. Give a new one first: perilune ledger estimate.",
        )
    added = _data(position, {"amount": amount.data(), "booked": value.data(), "key": key})
    drafts = [Draft("revenue.cost-added", added, effective)]
    positions.ahead(position, drafts)
    credit = checked(books, paid_from)
    if not credit.startswith(position.entity + ":"):
        raise RefusedError(
            "balance", f"{contract!r} is of {position.entity}; {credit} is another entity's account."
        )
    postings = [
        Posting(account(position.entity, "cost-of-revenue", contract), value),
        Posting(credit, -amount),
        *exchanged(position.entity, -amount, -value),
    ]
    drafts.append(
        transfer(
            books, key, postings, memo=memo, effective=effective, source=contract, before=[*before, *drafts]
        )
    )
    return (*drafts, *_caught_up(books, contract, key, effective, [*before, *drafts]))


def estimate(
    books: Books,
    *,
    contract: str,
    estimate: Money,
    price: Money | None,
    memo: str,
    key: str,
    effective: str,
    before: Sequence[Draft] = (),
) -> tuple[Draft, ...]:
    """Return the drafts of a new estimate at completion (and price), with what is caught up for it."""
    position = _planned(books, contract, before)
    in_open_period(books, position.entity, effective)
    _estimable(position.cost.currency, estimate)
    if estimate < position.cost:
        raise RefusedError(
            "balance", f"{position.cost} of cost is spent; an estimate of {estimate} is below it."
        )
    new = price or position.price
    if new.currency != position.price.currency or new.minor <= 0:
        raise RefusedError(
            "balance", f"The price of {contract!r} is in {position.price.currency} and above zero."
        )
    if position.method == POINT_IN_TIME and new < position.recognised:
        raise RefusedError(
            "balance",
            f"{position.recognised} of {contract!r} is recognised. Take revenue back before the price.",
        )
    data = _data(
        position,
        {"amount": new.data(), "booked": estimate.data(), "memo": memo, "key": key},
    )
    draft = Draft("revenue.estimated", data, effective)
    return (draft, *_caught_up(books, contract, key, effective, [*before, draft]))


def earned_by_cost(position: Position) -> Money:
    """Return what a contract has earned in all: its price in proportion to cost, rounded half to even."""
    return positions.share(position.price, position.cost, position.estimate)


def loss_left(position: Position, price_booked: Money) -> Money:
    """Return the loss to provide for: of the whole loss, the share of the cost that is still to come."""
    loss = position.estimate - price_booked
    if loss.minor <= 0:
        return Money(0, loss.currency)
    return positions.share(loss, position.estimate - position.cost, position.estimate)


def _caught_up(
    books: Books, contract: str, key: str, effective: str, before: Sequence[Draft]
) -> tuple[Draft, ...]:
    position = positions.ahead(_begun(books, contract), before)
    if position.method != COST_TO_COST:
        return ()
    drafts: tuple[Draft, ...] = ()
    due = earned_by_cost(position) - position.recognised
    if due:
        drafts = recognise(
            books, entity=position.entity, party=position.party, contract=contract, amount=due,
            line=position.line, memo=f"Revenue of {contract} by cost", key=f"{key}/revenue",
            effective=effective, before=before,
        )  # fmt: skip
        position = positions.ahead(position, drafts)
    change = loss_left(position, _price_booked(books, position, effective)) - position.provision
    if not change:
        return drafts
    provided = Draft(
        "revenue.provided",
        _data(position, {"amount": change.data(), "booked": change.data(), "key": f"{key}/loss"}),
        effective,
    )
    postings = [
        Posting(account(position.entity, "onerous-loss", contract), change),
        Posting(account(position.entity, "provision", contract), -change),
    ]
    moved = transfer(
        books, f"{key}/loss", postings, memo=f"Loss to come of {contract}", effective=effective,
        source=contract, before=[*before, *drafts],
    )  # fmt: skip
    return (*drafts, provided, moved)


def _price_booked(books: Books, position: Position, effective: str) -> Money:
    """Return the price in the entity's currency: earned and billed as booked, the rest at the day's rate."""
    rest = position.price - max(position.billed, position.recognised)
    if rest.minor <= 0:
        return position.earned + position.liability
    return position.earned + position.liability + converted(books, rest, position.earned.currency, effective)


def _rate(books: Books, position: Position, amount: Money, effective: str) -> Fraction | None:
    own = position.asset.currency
    if own == amount.currency or not positions.beyond_billing(position, amount):
        return None
    places = Fraction(10 ** CURRENCIES[own], 10 ** CURRENCIES[amount.currency])
    return rate_on(books, amount.currency, own, effective) * places


def _begun(books: Books, contract: str) -> Position:
    return books.ledger.positions[contract]


def _planned(books: Books, contract: str, before: Sequence[Draft]) -> Position:
    one = books.ledger.positions.get(contract)
    if one is None:
        raise NameNotFoundError("contract with revenue", contract, books.ledger.positions)
    one = positions.ahead(one, before)
    if not one.price:
        raise RefusedError(
            "state", f"Revenue of {contract!r} has no plan. Give one: perilune ledger plan-revenue."
        )
    return one


def _estimable(currency: str, estimate: Money | None) -> None:
    if estimate is None or estimate.minor <= 0 or estimate.currency != currency:
        raise RefusedError("balance", f"Give the estimated cost at completion, above zero and in {currency}.")


def _data(position: Position, data: dict[str, Any]) -> dict[str, Any]:
    return {"contract": position.contract, "entity": position.entity, "party": position.party, **data}

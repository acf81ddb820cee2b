"""What orders on amendments lead to: "
"one side proposes, the other agrees, and the contract has a new version."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pydantic import TypeAdapter

from perilune.commerce.books import Books
from perilune.commerce.contracts import asked as ask
from perilune.commerce.contracts import drafting, release
from perilune.commerce.contracts.common import case_of, decided, stepped
from perilune.commerce.contracts.state import Contract, ContractMilestone
from perilune.commerce.contracts.tables import AMENDMENT, CONTRACT
from perilune.commerce.event import Decision, Moment
from perilune.commerce.money import Money
from perilune.errors import NameNotFoundError, RefusedError

_TERMS: Final = TypeAdapter(tuple[ContractMilestone, ...])


def amend(books: Books, asked: ask.Amend, moment: Moment) -> Decision:
    """Propose a change of price or milestones; it holds once the other side agrees."""
    case = case_of(books, asked, moment, amount=asked.price)
    found = case.contract
    stepped(CONTRACT, found.state, "amend", case)
    price = found.price if asked.price is None else asked.price
    if price.minor <= 0:
        raise RefusedError("balance", f"A contract over {price} is none. Terminate it instead.")
    terms = _terms(books, found, price, asked)
    _whole(found, price, terms)
    number = len(found.amendments) + 1
    data = {"number": number, "by": case.side, "why": asked.why, "price": price.data()}
    data["milestones"] = _TERMS.dump_python(terms, mode="json")
    return decided("contract.amendment-proposed", case, data, {"number": number})


def _terms(books: Books, found: Contract, price: Money, asked: ask.Amend) -> tuple[ContractMilestone, ...]:
    if asked.milestones is None:
        return found.milestones
    settled = tuple(one for one in found.milestones if one.state != "open")
    if not asked.milestones:
        return settled
    rest = price - sum((one.amount for one in settled), Money(0, price.currency))
    if rest.minor < 0:
        raise RefusedError(
            "balance", f"{price - rest} of milestones is settled; {price} is below it. Raise the price."
        )
    return (*settled, *drafting.milestones(books, found.mission, rest, asked.milestones, found.kind))


def _whole(found: Contract, price: Money, terms: tuple[ContractMilestone, ...]) -> None:
    names = [one.id for one in terms]
    double = {name for name in names if names.count(name) > 1}
    if double:
        raise RefusedError("state", f"Milestone {min(double)!r} is settled already. Give the open ones only.")
    total = sum((one.amount for one in terms), Money(0, price.currency))
    if total != price and not drafting.RULES[found.kind].pays_claims:
        raise RefusedError(
            "balance", f"The milestones would add up to {total}, the price is {price}. Make them agree."
        )


def agree(books: Books, asked: ask.OfAmendment, moment: Moment) -> Decision:
    """Agree to the other side's amendment: from its day on the contract says what it says."""
    return _answered(books, asked, moment, "agree", "contract.amended")


def decline(books: Books, asked: ask.OfAmendment, moment: Moment) -> Decision:
    """Decline the other side's amendment."""
    return _answered(books, asked, moment, "decline", "contract.amendment-declined")


def retract(books: Books, asked: ask.OfAmendment, moment: Moment) -> Decision:
    """Take back one's own amendment."""
    return _answered(books, asked, moment, "withdraw", "contract.amendment-withdrawn")


def _answered(books: Books, asked: ask.OfAmendment, moment: Moment, order: str, kind: str) -> Decision:
    case = case_of(books, asked, moment)
    found = case.contract
    proposed = {one.number: one for one in found.amendments}
    if asked.number not in proposed:
        raise NameNotFoundError(f"amendment of {found.id!r}", str(asked.number), map(str, proposed))
    one = proposed[asked.number]
    case = replace(case, amendment=one)
    stepped(CONTRACT, found.state, "amend", case)
    state = stepped(AMENDMENT, one.state, order, case, f"{one.number} of {found.id}")
    more = release.replan(books, found, one.price, one.number, case.on) if state == "agreed" else ()
    data = {"number": one.number, "amendment_state": state}
    return decided(kind, case, data, {"amendment": one.number, "state": state}, *more)

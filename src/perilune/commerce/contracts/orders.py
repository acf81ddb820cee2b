"""What orders on whole contracts lead to: drafted, signed, suspended, ended."""

from __future__ import annotations

import itertools
from typing import Any, Final

from pydantic import TypeAdapter

from perilune.commerce.books import Books
from perilune.commerce.contracts import asked as ask
from perilune.commerce.contracts import drafting, release
from perilune.commerce.contracts.common import case_of, decided, stepped
from perilune.commerce.contracts.guards import Case, side
from perilune.commerce.contracts.state import Contract, RefundRule
from perilune.commerce.contracts.tables import CONTRACT
from perilune.commerce.event import Decision, Draft, Moment
from perilune.commerce.parties.lookup import entity, party
from perilune.commerce.plans.verbs import mission
from perilune.errors import RefusedError

_CONTRACT: Final = TypeAdapter(Contract)
#: What is taken over from the terms as it is written.
_AS_WRITTEN: Final = (
    "kind", "entity", "party", "mission", "title", "price", "revenue", "cost_estimate", "due_day_count",
    "confidence",
)  # fmt: skip


def draft(books: Books, asked: ask.Draft, moment: Moment) -> Decision:
    """Draft a contract; nothing binds until both sides have signed."""
    if moment.party:
        raise RefusedError("authority", f"Contracts are drafted by the house, not by {moment.party!r}.")
    id_ = asked.id or _numbered(books)
    if id_ in books.contracts.by_id:
        raise RefusedError("state", f"There is a contract {id_!r} already. Choose another id, or amend it.")
    _free(books, id_, asked.party)
    _known(books, asked)
    drafting.checked(asked)
    milestones = drafting.milestones(books, asked.mission, asked.price, asked.milestones, asked.kind)
    found = Contract(
        id=id_,
        milestones=milestones,
        deliverables=drafting.deliverables(asked.deliverables, asked.title),
        refunds=drafting.refunds(asked.refunds, milestones),
        valid_until=asked.valid_until.isoformat() if asked.valid_until else "",
        under=asked.under or "",
        source=asked.source or "",
        **{name: getattr(asked, name) for name in _AS_WRITTEN},
    )
    data = _CONTRACT.dump_python(found, mode="json") | {"numbered": asked.id is None}
    return Decision((Draft("contract.drafted", data),), {"id": id_, "price": found.price.data()})


def _numbered(books: Books) -> str:
    """Return the next number that nobody chose for an id."""
    numbers = (f"C-{number:06d}" for number in itertools.count(books.contracts.count + 1))
    taken = (books.contracts.by_id, books.resources.agreements, books.ledger.positions)
    return next(name for name in numbers if not any(name in held for held in taken))


def _free(books: Books, id_: str, party: str) -> None:
    """Refuse an id under which the ledger keeps somebody else's money."""
    sold, position = books.resources.agreements.get(id_), books.ledger.positions.get(id_)
    if sold is not None or (position is not None and position.party != party):
        raise RefusedError("state", f"{id_!r} names another contract already. Choose another id.")


def _known(books: Books, asked: ask.Draft) -> None:
    mission(books, asked.mission)
    entity(books, asked.entity)
    if party(books, asked.party).kind == "entity":
        raise RefusedError(
            "authority", f"{asked.party!r} is an entity of the house. Contract with another party."
        )


def sign(books: Books, asked: ask.OfContract, moment: Moment) -> Decision:
    """Sign for the house, or for the party the actor acts for; with both the contract is in force."""
    case = case_of(books, asked, moment)
    found = case.contract
    who = side(found, moment.party)
    if not who:
        raise RefusedError(
            "authority",
            f"Contract {found.id!r} is between {found.entity!r} and {found.party!r}, not {moment.party!r}.",
        )
    state = stepped(CONTRACT, found.state, f"sign-{who}", case)
    plan = release.plan(books, found, case.on) if state == "active" else ()
    return decided("contract.signed", case, {"state": state, "side": who}, {"state": state}, *plan)


def withdraw(books: Books, asked: ask.ForCause, moment: Moment) -> Decision:
    """Take back a contract that is not in force yet."""
    return _moved(case_of(books, asked, moment), "withdraw", "contract.withdrawn", {"cause": asked.cause})


def suspend(books: Books, asked: ask.ForCause, moment: Moment) -> Decision:
    """Let a contract rest: nothing is met, accepted or paid for until it is resumed."""
    case = case_of(books, asked, moment)
    return _moved(case, "suspend", "contract.suspended", {"cause": asked.cause, "by": case.side})


def resume(books: Books, asked: ask.OfContract, moment: Moment) -> Decision:
    """Let a suspended contract go on; who suspended it resumes it."""
    return _moved(case_of(books, asked, moment), "resume", "contract.resumed", {})


def close(books: Books, asked: ask.OfContract, moment: Moment) -> Decision:
    """Close a contract on which everything is decided and every invoice paid."""
    case = case_of(books, asked, moment)
    decision = _moved(case, "close", "contract.closed", {})
    earned = release.earn(books, case.contract, case.contract.earned, "closed", case.on)
    return Decision((*decision.events, *earned), decision.answer)


def terminate(books: Books, asked: ask.ForCause, moment: Moment) -> Decision:
    """End a contract for good; what is to be refunded follows from who ends it and at which stage."""
    case = case_of(books, asked, moment)
    found = case.contract
    state = stepped(CONTRACT, found.state, "terminate", case)
    rule = refund_rule(found, case.side)
    due = drafting.share(release.paid(books, found), 0 if rule is None else rule.refund_bp)
    data = {"state": state, "by": case.side, "cause": asked.cause, "refund_due": due.data()}
    earned = release.earn(books, found, found.earned - due, "terminated", case.on)
    return decided("contract.terminated", case, data, {"state": state, "refund_due": due.data()}, *earned)


def refund_rule(found: Contract, who: str) -> RefundRule | None:
    """Return the first refund rule that fits who ends the contract and what is accepted so far."""
    accepted = {one.id for one in found.milestones if one.state == "accepted"}
    fitting = (one for one in found.refunds if one.by in (who, "either") and one.until not in accepted)
    return next(fitting, None)


def refund(books: Books, asked: ask.Refund, moment: Moment) -> Decision:
    """Pay back what is due after a termination."""
    case = case_of(books, asked, moment, amount=asked.amount)
    stepped(CONTRACT, case.contract.state, "refund", case)
    data = {"amount": asked.amount.data()}
    paid_back = release.refund(books, case.contract, asked.amount, case.on)
    return decided("contract.refunded", case, data, {"refunded": asked.amount.data()}, *paid_back)


def _moved(case: Case, order: str, kind: str, data: dict[str, Any]) -> Decision:
    state = stepped(CONTRACT, case.contract.state, order, case)
    return decided(kind, case, {"state": state, **data}, {"state": state})

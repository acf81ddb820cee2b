"""What orders on contracts lead to."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any, Final

from pydantic import TypeAdapter

from perilune.commerce.books import Books
from perilune.commerce.contracts import asked as ask
from perilune.commerce.contracts import drafting, release
from perilune.commerce.contracts.guards import GUARDS, Case, side
from perilune.commerce.contracts.machine import Machine, advance
from perilune.commerce.contracts.needs import chosen, happened_at
from perilune.commerce.contracts.state import (
    Amendment,
    Claim,
    Contract,
    ContractMilestone,
    Deliverable,
    RefundRule,
)
from perilune.commerce.contracts.tables import AMENDMENT, CLAIM, CONTRACT, MILESTONE
from perilune.commerce.event import Decision, Draft, Moment
from perilune.commerce.money import Money
from perilune.commerce.parties.lookup import entity, party
from perilune.commerce.plans.verbs import mission
from perilune.errors import NameNotFoundError, RefusedError

_TERMS: Final = TypeAdapter(tuple[ContractMilestone, ...])
_CONTRACT: Final = TypeAdapter(Contract)


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


def draft(books: Books, asked: ask.Draft, moment: Moment) -> Decision:
    """Draft a contract; nothing binds until both sides have signed."""
    if moment.party:
        raise RefusedError("authority", f"Contracts are drafted by the house, not by {moment.party!r}.")
    id_ = asked.id or f"C-{books.contracts.count + 1:06d}"
    if id_ in books.contracts.by_id:
        raise RefusedError("state", f"There is a contract {id_!r} already. Choose another id, or amend it.")
    mission(books, asked.mission)
    entity(books, asked.entity)
    if party(books, asked.party).kind == "entity":
        raise RefusedError(
            "authority", f"{asked.party!r} is an entity of the house. Contract with another party."
        )
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
        price=asked.price,
        **{name: getattr(asked, name) for name in _PLAIN},
    )
    data = _CONTRACT.dump_python(found, mode="json") | {"numbered": asked.id is None}
    return Decision((Draft("contract.drafted", data),), {"id": id_, "price": found.price.data()})


_PLAIN: Final = ("kind", "entity", "party", "mission", "title", "revenue", "due_day_count", "confidence")


def sign(books: Books, asked: ask.OfContract, moment: Moment) -> Decision:
    """Sign for the house, or for the party the actor acts for; with both the contract is in force."""
    found, case = _case(books, asked, moment)
    who = side(found, moment.party)
    if not who:
        raise RefusedError(
            "authority",
            f"Contract {found.id!r} is between {found.entity!r} and {found.party!r}, not {moment.party!r}.",
        )
    state = _stepped(CONTRACT, found.state, f"sign-{who}", case, found.id)
    return _one("contract.signed", found, case, {"state": state, "side": who})


def withdraw(books: Books, asked: ask.ForCause, moment: Moment) -> Decision:
    """Take back a contract that is not in force yet."""
    return _moved(books, asked, moment, "withdraw", "contract.withdrawn", {"cause": asked.cause})


def suspend(books: Books, asked: ask.ForCause, moment: Moment) -> Decision:
    """Let a contract rest: nothing is met, accepted or paid for until it is resumed."""
    who = side(contract(books, asked.id), moment.party)
    return _moved(books, asked, moment, "suspend", "contract.suspended", {"cause": asked.cause, "by": who})


def resume(books: Books, asked: ask.OfContract, moment: Moment) -> Decision:
    """Let a suspended contract go on; who suspended it resumes it."""
    return _moved(books, asked, moment, "resume", "contract.resumed", {})


def close(books: Books, asked: ask.OfContract, moment: Moment) -> Decision:
    """Close a contract on which everything is decided and every invoice paid."""
    return _moved(books, asked, moment, "close", "contract.closed", {})


def terminate(books: Books, asked: ask.ForCause, moment: Moment) -> Decision:
    """End a contract for good; what is to be refunded follows from who ends it and at which stage."""
    found, case = _case(books, asked, moment)
    state = _stepped(CONTRACT, found.state, "terminate", case, found.id)
    rule = refund_rule(found, case.side)
    due = drafting.share(release.paid(books, found), 0 if rule is None else rule.refund_bp)
    data = {"state": state, "by": case.side, "cause": asked.cause, "refund_due": due.data()}
    return _one("contract.terminated", found, case, data, {"refund_due": due.data()})


def refund_rule(found: Contract, who: str) -> RefundRule | None:
    """Return the first refund rule that fits who ends the contract and what is accepted so far."""
    accepted = {one.id for one in found.milestones if one.state == "accepted"}
    fitting = (one for one in found.refunds if one.by in (who, "either") and one.until not in accepted)
    return next(fitting, None)


def refund(books: Books, asked: ask.Refund, moment: Moment) -> Decision:
    """Pay back what is due after a termination."""
    found, case = _case(books, asked, moment, amount=asked.amount)
    _same_currency(found, asked.amount)
    _stepped(CONTRACT, found.state, "refund", case, found.id)
    told = _told(found, case, {"amount": asked.amount.data()})
    return Decision(
        (Draft("contract.refunded", told, case.on), *release.refund(books, found, asked.amount, case.on)),
        {"contract": found.id, "refunded": asked.amount.data()},
    )


def meet(books: Books, asked: ask.WithEvidence, moment: Moment) -> Decision:
    """Say that a milestone is met, on evidence."""
    return _milestone(books, asked, moment, "meet", asked.evidence or "")


def accept(books: Books, asked: ask.OfMilestone, moment: Moment) -> Decision:
    """Accept a met milestone for the customer; its amount is invoiced."""
    return _milestone(books, asked, moment, "accept")


def reject(books: Books, asked: ask.OfMilestone, moment: Moment) -> Decision:
    """Send a met milestone back for the customer."""
    return _milestone(books, asked, moment, "reject")


def partly(books: Books, asked: ask.WithEvidence, moment: Moment) -> Decision:
    """Accept a milestone that was reached in part; what the contract says for that is invoiced."""
    return _milestone(books, asked, moment, "partial", asked.evidence or "")


def waive(books: Books, asked: ask.OfMilestone, moment: Moment) -> Decision:
    """Do without a milestone, for the customer; nothing is paid for it."""
    return _milestone(books, asked, moment, "waive")


def fail(books: Books, asked: ask.WithEvidence, moment: Moment) -> Decision:
    """Say that a milestone failed, on evidence or after its day; nothing is paid for it."""
    return _milestone(books, asked, moment, "fail", asked.evidence or "")


def _milestone(
    books: Books, asked: ask.OfMilestone, moment: Moment, order: str, evidence: str = ""
) -> Decision:
    found, case = _case(books, asked, moment)
    one = part(found, asked.milestone)
    if order in ("meet", "partial") and not evidence:
        evidence = chosen(books, found, one.need, "")
    case = replace(case, milestone=one, evidence=evidence)
    _stepped(CONTRACT, found.state, "perform", case, found.id)
    state = _stepped(MILESTONE, one.state, order, case, f"{one.id!r} of {found.id}")
    return _recorded(books, case, one, state, order)


def _recorded(books: Books, case: Case, one: ContractMilestone, state: str, order: str) -> Decision:
    found = case.contract
    earned = one.amount if state == "accepted" else drafting.share(one.amount, one.partial_bp)
    earned = earned if state in ("accepted", "partial") else Money(0, found.price.currency)
    bills = release.invoice(books, found, one.id, earned, f"{found.id}: {one.name}", case.on)
    evidence = case.evidence or ("" if state == "open" else one.evidence)
    happened = ""
    if state in ("met", "partial"):
        happened = happened_at(books, found, one.need, case.evidence)
    elif state == "accepted":
        happened = one.happened_at
    told: dict[str, Any] = {
        "milestone": one.id,
        "state": state,
        "evidence": evidence,
        "happened_at": happened,
    }
    told |= {"earned": earned.data(), "invoice": bills[0].data["id"] if bills else ""}
    drafts = (Draft(f"contract.milestone-{_PAST[order]}", _told(found, case, told), case.on), *bills)
    answer = {"contract": found.id, "milestone": one.id, "state": state, "invoiced": earned.data()}
    return Decision(drafts, answer | {"invoice": told["invoice"]})


_PAST: Final = {
    "meet": "met",
    "accept": "accepted",
    "reject": "rejected",
    "partial": "partly-accepted",
    "waive": "waived",
    "fail": "failed",
}


def amend(books: Books, asked: ask.Amend, moment: Moment) -> Decision:
    """Propose a change of price or milestones; it holds once the other side agrees."""
    found, case = _case(books, asked, moment)
    _stepped(CONTRACT, found.state, "amend", case, found.id)
    price = asked.price or found.price
    _same_currency(found, price)
    settled = tuple(one for one in found.milestones if one.state != "open")
    terms = found.milestones
    if asked.milestones is not None:
        rest = price - sum((one.amount for one in settled), Money(0, price.currency))
        anew = (
            drafting.milestones(books, found.mission, rest, asked.milestones, found.kind)
            if asked.milestones
            else ()
        )
        terms = (*settled, *anew)
    _whole(found, price, terms)
    number = len(found.amendments) + 1
    told = {"number": number, "by": case.side, "why": asked.why, "price": price.data()}
    told["milestones"] = _TERMS.dump_python(terms, mode="json")
    return _one("contract.amendment-proposed", found, case, told, {"number": number})


def _whole(found: Contract, price: Money, terms: tuple[ContractMilestone, ...]) -> None:
    double = {one.id for one in terms if [other.id for other in terms].count(one.id) > 1}
    if double:
        raise RefusedError("state", f"Milestone {min(double)!r} is settled already. Give the open ones only.")
    total = sum((one.amount for one in terms), Money(0, price.currency))
    if total != price and not drafting.RULES[found.kind].pays_claims:
        raise RefusedError(
            "balance", f"The milestones would add up to {total}, the price is {price}. Make them agree."
        )


def agree(books: Books, asked: ask.OfAmendment, moment: Moment) -> Decision:
    """Agree to the other side's amendment: from its day on the contract says what it says."""
    return _amendment(books, asked, moment, "agree", "contract.amended")


def decline(books: Books, asked: ask.OfAmendment, moment: Moment) -> Decision:
    """Decline the other side's amendment."""
    return _amendment(books, asked, moment, "decline", "contract.amendment-declined")


def retract(books: Books, asked: ask.OfAmendment, moment: Moment) -> Decision:
    """Take back one's own amendment."""
    return _amendment(books, asked, moment, "withdraw", "contract.amendment-withdrawn")


def _amendment(books: Books, asked: ask.OfAmendment, moment: Moment, order: str, kind: str) -> Decision:
    found, case = _case(books, asked, moment)
    proposed = {one.number: one for one in found.amendments}
    if asked.number not in proposed:
        raise NameNotFoundError(f"amendment of {found.id!r}", str(asked.number), map(str, proposed))
    one: Amendment = proposed[asked.number]
    case = replace(case, amendment=one)
    _stepped(CONTRACT, found.state, "amend", case, found.id)
    state = _stepped(AMENDMENT, one.state, order, case, f"{one.number} of {found.id}")
    return _one(kind, found, case, {"number": one.number, "amendment_state": state}, {"state": state})


def deliver(books: Books, asked: ask.Deliver, moment: Moment) -> Decision:
    """Say that the customer got a deliverable, on evidence."""
    found, case = _case(books, asked, moment, evidence=asked.evidence)
    _stepped(CONTRACT, found.state, "perform", case, found.id)
    if case.side != "house":
        raise RefusedError("authority", f"Deliveries are told by the house, not by {moment.party!r}.")
    one = _deliverable(found, asked.deliverable)
    if one.delivered_at:
        raise RefusedError(
            "state", f"{one.id!r} of contract {found.id!r} was delivered on {one.delivered_at}."
        )
    if lacking := GUARDS["evidence.given"](case):
        raise RefusedError("evidence", lacking)
    told = {"deliverable": one.id, "evidence": asked.evidence}
    return _one("contract.delivered", found, case, told, {"deliverable": one.id})


def _deliverable(found: Contract, name: str) -> Deliverable:
    known = {one.id: one for one in found.deliverables}
    if name not in known:
        raise NameNotFoundError(f"deliverable of {found.id!r}", name, known)
    return known[name]


def claim(books: Books, asked: ask.MakeClaim, moment: Moment) -> Decision:
    """Claim development spending from a subsidy."""
    found, case = _case(books, asked, moment)
    _stepped(CONTRACT, found.state, "perform", case, found.id)
    if not drafting.RULES[found.kind].pays_claims or case.side != "house":
        raise RefusedError(
            "authority", f"Contract {found.id!r} pays no claims of that side. Use its milestones."
        )
    _same_currency(found, asked.spent)
    if asked.spent.minor <= 0:
        raise RefusedError("balance", f"A claim of {asked.spent} is none. Give an amount above zero.")
    until = asked.until.isoformat()
    last = found.claims[-1].until if found.claims else found.signed_at
    if not last <= until <= moment.day:
        raise RefusedError("time", f"A claim on {found.id!r} covers days from {last} to today, not {until}.")
    id_ = f"claim-{len(found.claims) + 1}"
    told = {"claim": id_, "spent": asked.spent.data(), "until": until}
    return _one("contract.claimed", found, case, told, {"claim": id_})


def approve(books: Books, asked: ask.ApproveClaim, moment: Moment) -> Decision:
    """Approve a claim for the payer after its inspection; what is approved is invoiced."""
    found, case = _case(books, asked, moment, evidence=asked.evidence, amount=asked.amount)
    _same_currency(found, asked.amount)
    one = _claim(found, asked.claim)
    case = replace(case, claim=one)
    _stepped(CONTRACT, found.state, "perform", case, found.id)
    state = _stepped(CLAIM, one.state, "approve", case, f"{one.id!r} of {found.id}")
    bills = release.invoice(books, found, one.id, asked.amount, f"{found.id}: {one.id}", case.on)
    told = {"claim": one.id, "state": state, "approved": asked.amount.data(), "evidence": asked.evidence}
    told["invoice"] = bills[0].data["id"] if bills else ""
    return Decision(
        (Draft("contract.claim-approved", _told(found, case, told), case.on), *bills),
        {"contract": found.id, "claim": one.id, "invoice": told["invoice"]},
    )


def refuse(books: Books, asked: ask.OfClaim, moment: Moment) -> Decision:
    """Reject a claim for the payer."""
    found, case = _case(books, asked, moment)
    one = _claim(found, asked.claim)
    case = replace(case, claim=one)
    _stepped(CONTRACT, found.state, "perform", case, found.id)
    state = _stepped(CLAIM, one.state, "reject", case, f"{one.id!r} of {found.id}")
    return _one("contract.claim-rejected", found, case, {"claim": one.id, "state": state}, {"claim": one.id})


def _claim(found: Contract, name: str) -> Claim:
    known = {one.id: one for one in found.claims}
    if name not in known:
        raise NameNotFoundError(f"claim on {found.id!r}", name, known)
    return known[name]


def _case(
    books: Books, asked: ask.OfContract, moment: Moment, *, evidence: str = "", amount: Money | None = None
) -> tuple[Contract, Case]:
    found = contract(books, asked.id)
    on = asked.on or datetime.date.fromisoformat(moment.day)
    if on.isoformat() > moment.day:
        raise RefusedError("time", f"{on} is still to come. Give the day on which it happened.")
    return found, Case(books, found, moment, on.isoformat(), evidence=evidence, amount=amount)


def _stepped(machine: Machine, state: str, order: str, case: Case, subject: str) -> str:
    return advance(machine, state, order, GUARDS, case, subject)


def _moved(
    books: Books, asked: ask.OfContract, moment: Moment, order: str, kind: str, data: dict[str, Any]
) -> Decision:
    found, case = _case(books, asked, moment)
    state = _stepped(CONTRACT, found.state, order, case, found.id)
    return _one(kind, found, case, {"state": state, **data})


def _one(
    kind: str, found: Contract, case: Case, data: dict[str, Any], answer: dict[str, Any] | None = None
) -> Decision:
    told = {"state": data["state"]} if answer is None else answer
    return Decision((Draft(kind, _told(found, case, data), case.on),), {"contract": found.id, **told})


def _told(found: Contract, case: Case, data: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    return {"contract": found.id, **data}


def _same_currency(found: Contract, amount: Money) -> None:
    if amount.currency != found.price.currency:
        raise RefusedError("balance", f"Contract {found.id!r} is in {found.price.currency}; {amount} is not.")

"""What orders on the parts of a contract in force lead to: milestones, deliveries, claims."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from perilune.commerce.books import Books
from perilune.commerce.contracts import asked as ask
from perilune.commerce.contracts import drafting, release
from perilune.commerce.contracts.common import case_of, decided, part, stepped
from perilune.commerce.contracts.guards import GUARDS, Case
from perilune.commerce.contracts.needs import chosen, happened_at
from perilune.commerce.contracts.state import Claim, Contract, ContractMilestone, Deliverable
from perilune.commerce.contracts.tables import CLAIM, CONTRACT, MILESTONE
from perilune.commerce.event import Decision, Moment
from perilune.commerce.money import Money
from perilune.errors import NameNotFoundError, RefusedError

#: Order -> the end of the kind of its event.
_PAST: Final = {
    "meet": "met",
    "accept": "accepted",
    "reject": "rejected",
    "partial": "partly-accepted",
    "waive": "waived",
    "fail": "failed",
}


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
    case = case_of(books, asked, moment)
    one = part(case.contract, asked.milestone)
    if order in ("meet", "partial"):
        evidence = chosen(books, case.contract, one.need, evidence)
    case = replace(case, milestone=one, evidence=evidence)
    stepped(CONTRACT, case.contract.state, "perform", case)
    state = stepped(MILESTONE, one.state, order, case, f"{one.id!r} of {case.contract.id}")
    return _settled(books, case, one, state, order)


def _settled(books: Books, case: Case, one: ContractMilestone, state: str, order: str) -> Decision:
    found = case.contract
    earned = _earned(one, state)
    bills = release.invoice(books, found, one.id, earned, f"{found.id}: {one.name}", case.on)
    shown = (
        release.earn(books, found, found.earned + earned, one.id, case.on, bills) if found.delivered else ()
    )
    data = {
        "milestone": one.id,
        "state": state,
        "evidence": case.evidence or ("" if state == "open" else one.evidence),
        "happened_at": _happened(books, case, one, state),
        "earned": earned.data(),
        "invoice": bills[0].data["id"] if bills else "",
    }
    answer = {key: data[key] for key in ("milestone", "state", "earned", "invoice")}
    return decided(f"contract.milestone-{_PAST[order]}", case, data, answer, *bills, *shown)


def _earned(one: ContractMilestone, state: str) -> Money:
    if state == "accepted":
        return one.amount
    return drafting.share(one.amount, one.partial_bp if state == "partial" else 0)


def _happened(books: Books, case: Case, one: ContractMilestone, state: str) -> str:
    if state in ("met", "partial"):
        return happened_at(books, case.contract, one.need, case.evidence)
    return one.happened_at if state == "accepted" else ""


def deliver(books: Books, asked: ask.Deliver, moment: Moment) -> Decision:
    """Say that the customer got a deliverable, on evidence; with the last one, what is earned is revenue."""
    case = case_of(books, asked, moment, evidence=asked.evidence)
    found = case.contract
    stepped(CONTRACT, found.state, "perform", case)
    if case.side != "house":
        raise RefusedError("authority", f"Deliveries are told by the house, not by {moment.party!r}.")
    one = _deliverable(found, asked.deliverable)
    if one.delivered_at:
        raise RefusedError(
            "state", f"{one.id!r} of contract {found.id!r} was delivered on {one.delivered_at}."
        )
    if lacking := GUARDS["evidence.given"](case):
        raise RefusedError("evidence", lacking)
    last = all(other.delivered_at for other in found.deliverables if other.id != one.id)
    earned = release.earn(books, found, found.earned, f"delivered/{one.id}", case.on) if last else ()
    data = {"deliverable": one.id, "evidence": asked.evidence}
    return decided("contract.delivered", case, data, {"deliverable": one.id}, *earned)


def _deliverable(found: Contract, name: str) -> Deliverable:
    known = {one.id: one for one in found.deliverables}
    if name not in known:
        raise NameNotFoundError(f"deliverable of {found.id!r}", name, known)
    return known[name]


def claim(books: Books, asked: ask.MakeClaim, moment: Moment) -> Decision:
    """Claim development spending from a subsidy."""
    case = case_of(books, asked, moment, amount=asked.spent)
    found = case.contract
    stepped(CONTRACT, found.state, "perform", case)
    if not drafting.RULES[found.kind].pays_claims or case.side != "house":
        raise RefusedError(
            "authority", f"Contract {found.id!r} pays no claims of that side. Use its milestones."
        )
    if asked.spent.minor <= 0:
        raise RefusedError("balance", f"A claim of {asked.spent} is none. Give an amount above zero.")
    until = asked.until.isoformat()
    last = found.claims[-1].until if found.claims else found.signed_at
    if not last <= until <= moment.day:
        raise RefusedError(
            "time", f"A claim on {found.id!r} covers days from {last} to {moment.day}, not {until}."
        )
    id_ = f"claim-{len(found.claims) + 1}"
    data = {"claim": id_, "spent": asked.spent.data(), "until": until}
    return decided("contract.claimed", case, data, {"claim": id_})


def approve(books: Books, asked: ask.ApproveClaim, moment: Moment) -> Decision:
    """Approve a claim for the payer after its inspection; what is approved is invoiced, and earned."""
    case = _claim_case(books, asked, moment, evidence=asked.evidence, amount=asked.amount)
    found, one = case.contract, case.claim
    assert one is not None
    state = stepped(CLAIM, one.state, "approve", case, f"{one.id!r} of {found.id}")
    bills = release.invoice(books, found, one.id, asked.amount, f"{found.id}: {one.id}", case.on)
    shown = release.earn(books, found, found.earned + asked.amount, one.id, case.on, bills)
    data = {
        "claim": one.id,
        "state": state,
        "approved": asked.amount.data(),
        "evidence": asked.evidence,
        "invoice": bills[0].data["id"],
    }
    answer = {"claim": one.id, "invoice": data["invoice"]}
    return decided("contract.claim-approved", case, data, answer, *bills, *shown)


def refuse(books: Books, asked: ask.OfClaim, moment: Moment) -> Decision:
    """Reject a claim for the payer."""
    case = _claim_case(books, asked, moment)
    one = case.claim
    assert one is not None
    state = stepped(CLAIM, one.state, "reject", case, f"{one.id!r} of {case.contract.id}")
    return decided("contract.claim-rejected", case, {"claim": one.id, "state": state}, {"claim": one.id})


def pay(books: Books, asked: ask.Pay, moment: Moment) -> Decision:
    """Book money that came in for an accepted milestone or an approved claim."""
    case = case_of(books, asked, moment, amount=asked.amount)
    found = case.contract
    if case.side != "house":
        raise RefusedError("authority", f"Payments are booked by the house, not by {moment.party!r}.")
    parts = {one.id: one.invoice for one in found.milestones}
    parts |= {one.id: one.invoice for one in found.claims}
    if asked.part not in parts:
        raise NameNotFoundError(f"part of contract {found.id!r}", asked.part, parts)
    if not parts[asked.part]:
        raise RefusedError(
            "state", f"{asked.part!r} of contract {found.id!r} is not invoiced. Have it accepted first."
        )
    drafts = release.pay(books, found, parts[asked.part], asked, case.on)
    paid = drafts[0].data["amount"]
    return Decision(drafts, {"contract": found.id, "invoice": parts[asked.part], "paid": paid})


def _claim_case(
    books: Books, asked: ask.OfClaim, moment: Moment, *, evidence: str = "", amount: Money | None = None
) -> Case:
    case = case_of(books, asked, moment, evidence=evidence, amount=amount)
    stepped(CONTRACT, case.contract.state, "perform", case)
    return replace(case, claim=_claim(case.contract, asked.claim))


def _claim(found: Contract, name: str) -> Claim:
    known = {one.id: one for one in found.claims}
    if name not in known:
        raise NameNotFoundError(f"claim on {found.id!r}", name, known)
    return known[name]

"""Whether the guards of the tables hold: each answers "" or the sentence why not, with the cure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from perilune.commerce.books import Books
from perilune.commerce.contracts.needs import failure, happened_at, proof, unmet, unmet_part
from perilune.commerce.contracts.release import owed_of, paid
from perilune.commerce.contracts.state import Amendment, Claim, Contract, ContractMilestone
from perilune.commerce.event import Moment
from perilune.commerce.money import Money
from perilune.commerce.when import surely_after


@dataclass(frozen=True, slots=True)
class Case:
    """An order on a contract: who gives it, on which part, with which evidence, for which amount and day."""

    books: Books
    contract: Contract
    moment: Moment
    on: str
    milestone: ContractMilestone | None = None
    claim: Claim | None = None
    amendment: Amendment | None = None
    evidence: str = ""
    amount: Money | None = None

    @property
    def side(self) -> str:
        """Return whose side the actor is on: "house", "party", or "" for a stranger."""
        return side(self.contract, self.moment.party)


def side(contract: Contract, party: str) -> str:
    """Return the side of the contract that a party is on: "house", "party", or "" for neither."""
    return "house" if party in ("", contract.entity) else "party" if party == contract.party else ""


def other(side_: str) -> str:
    """Return the other side."""
    return "party" if side_ == "house" else "house"


def _named(case: Case, side_: str) -> str:
    return "the house" if side_ == "house" else repr(case.contract.party)


def _belongs_to(*sides: str) -> Callable[[Case], str]:
    def guard(case: Case) -> str:
        if case.side in sides:
            return ""
        who = repr(case.moment.party) if case.moment.party else "the house"
        may = " or ".join(_named(case, one) for one in sides)
        return f"Contract {case.contract.id!r}: this is for {may} to do, not for {who}."

    return guard


def _suspender(case: Case) -> str:
    return _belongs_to(case.contract.suspended_by)(case)


def _proposer(case: Case) -> str:
    assert case.amendment is not None
    return _belongs_to(case.amendment.proposed_by)(case)


def _other(case: Case) -> str:
    assert case.amendment is not None
    return _belongs_to(other(case.amendment.proposed_by))(case)


def _valid(case: Case) -> str:
    until = case.contract.valid_until
    if until and case.on > until:
        return f"Contract {case.contract.id!r} could be signed until {until}. Draft it anew."
    return ""


def _after_signing(case: Case) -> str:
    if case.on < case.contract.signed_at:
        return (
            f"{case.on} is before contract {case.contract.id!r} was signed, {case.contract.signed_at}. "
            "Give a later day."
        )
    return ""


def _reached(case: Case) -> str:
    assert case.milestone is not None
    when = happened_at(case.books, case.contract, case.milestone.need, case.evidence)
    if surely_after(case.contract.signed_at, when):
        return (
            f"What evidence {case.evidence!r} shows happened {when}, before contract "
            f"{case.contract.id!r} was signed "
            f"({case.contract.signed_at}). Give evidence of later work."
        )
    by = case.milestone.need.by
    if by and surely_after(when, by):
        return (
            f"{case.milestone.id!r} was to be reached by {by}, and was {when}. "
            "Amend the contract, or fail the milestone."
        )
    return ""


def _given(case: Case) -> str:
    need = case.milestone.need if case.milestone else None
    return proof(case.books, case.contract, need, case.evidence)


def _shows(case: Case) -> str:
    assert case.milestone is not None
    return unmet(case.books, case.contract, case.milestone.need, case.evidence)


def _shows_part(case: Case) -> str:
    assert case.milestone is not None
    return unmet_part(case.books, case.contract, case.milestone.need, case.evidence)


def _stands(case: Case) -> str:
    """Tell whether the evidence that the milestone was met on still shows it."""
    assert case.milestone is not None
    stands = proof(case.books, case.contract, case.milestone.need, case.milestone.evidence)
    return stands or unmet(case.books, case.contract, case.milestone.need, case.milestone.evidence)


def _shows_failure(case: Case) -> str:
    assert case.milestone is not None
    return failure(case.books, case.contract, case.milestone, case.evidence, case.on)


def _inspects(case: Case) -> str:
    found = case.books.evidence.by_id[case.evidence]
    if found.kind != "inspection":
        return f"Evidence {found.id!r} is of kind {found.kind!r}. A claim is approved on an inspection."
    return ""


def _partial_terms(case: Case) -> str:
    assert case.milestone is not None
    if not case.milestone.partial_bp:
        return (
            f"The contract pays nothing for a part of {case.milestone.id!r}. "
            "Fail it, or amend the contract first."
        )
    return ""


def _within_price(case: Case) -> str:
    contract, amount = case.contract, case.amount
    assert amount is not None and case.claim is not None
    left = contract.price - contract.earned
    if amount.minor <= 0 or amount > case.claim.spent or amount > left:
        return (
            f"Of claim {case.claim.id!r} at most {min(case.claim.spent, left)} can be approved, "
            f"not {amount}: "
            f"{case.claim.spent} is claimed and {left} of {contract.price} is left."
        )
    return ""


def _nothing_open(case: Case) -> str:
    left = [one.id for one in case.contract.milestones if one.state in ("open", "met")]
    left += [one.id for one in case.contract.claims if one.state == "claimed"]
    left += [f"amendment {one.number}" for one in case.contract.amendments if one.state == "proposed"]
    return (
        f"Contract {case.contract.id!r} has {', '.join(left)} undecided. Decide them first." if left else ""
    )


def _settled(case: Case) -> str:
    owed = owed_of(case.books, case.contract)
    if owed:
        return (
            f"Contract {case.contract.id!r} has {owed} of its invoices open. "
            "Have them paid or credited first."
        )
    return ""


def _refund_due(case: Case) -> str:
    contract, amount = case.contract, case.amount
    assert amount is not None and contract.refund_due is not None and contract.refunded is not None
    left = min(contract.refund_due - contract.refunded, paid(case.books, contract))
    if not 0 < amount.minor <= left.minor:
        return f"Of contract {contract.id!r} {left} is still to be refunded, not {amount}."
    return ""


def _settled_kept(case: Case) -> str:
    """Tell whether an amendment leaves what was met or settled as it is now."""
    assert case.amendment is not None
    kept = {one.id: one for one in case.amendment.milestones}
    for one in case.contract.milestones:
        if one.state != "open" and kept.get(one.id) != one:
            return (
                f"Milestone {one.id!r} of contract {case.contract.id!r} is {one.state!r} and stays as it is. "
                "Propose an amendment that keeps it."
            )
    if case.contract.earned > case.amendment.price:
        return (
            f"{case.contract.earned} is earned already; "
            f"the price cannot become {case.amendment.price}. Raise it."
        )
    return ""


GUARDS: Final[Mapping[str, Callable[[Case], str]]] = {
    "authority.house": _belongs_to("house"),
    "authority.party": _belongs_to("party"),
    "authority.either": _belongs_to("house", "party"),
    "authority.suspender": _suspender,
    "authority.proposer": _proposer,
    "authority.other": _other,
    "time.valid": _valid,
    "time.after-signing": _after_signing,
    "time.reached": _reached,
    "evidence.given": _given,
    "evidence.shows": _shows,
    "evidence.shows-part": _shows_part,
    "evidence.stands": _stands,
    "evidence.shows-failure": _shows_failure,
    "evidence.inspects": _inspects,
    "balance.partial-terms": _partial_terms,
    "balance.within-price": _within_price,
    "balance.settled": _settled,
    "balance.refund-due": _refund_due,
    "state.nothing-open": _nothing_open,
    "state.settled-kept": _settled_kept,
}

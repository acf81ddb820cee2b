"""From what people write to the terms of a contract: amounts to the last unit, each kind's own rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from perilune.commerce.books import Books
from perilune.commerce.contracts.asked import DeliverableTerms, Draft, MilestoneTerms, RefundTerms
from perilune.commerce.contracts.state import ContractMilestone, Deliverable, Need, RefundRule
from perilune.commerce.milestones.verbs import milestone
from perilune.commerce.money import WHOLE_BP, Money, split
from perilune.errors import InputError, NameNotFoundError, RefusedError

#: The only deliverable of a contract that names none.
SERVICE: Final = "service"


@dataclass(frozen=True, slots=True)
class KindRules:
    """What a kind of contract must have beside what all have."""

    pays_claims: bool = False
    placed: bool = False
    named_deliverables: bool = False
    under: bool = False


RULES: Final = {
    "payload-service": KindRules(),
    "data-service": KindRules(named_deliverables=True),
    "partnership": KindRules(named_deliverables=True, placed=True),
    "task-order": KindRules(under=True),
    "subsidy": KindRules(pays_claims=True),
}


def checked(asked: Draft) -> None:
    """Refuse terms that their kind does not allow; raises `InputError`."""
    rules = RULES[asked.kind]
    if asked.price.minor <= 0:
        raise RefusedError("balance", f"A contract over {asked.price} is none. Give a price above zero.")
    if (asked.revenue == "cost-to-cost") != (asked.cost_estimate is not None):
        raise InputError("contract draft: give cost_estimate for cost-to-cost revenue, and only then.")
    if rules.pays_claims and asked.revenue == "cost-to-cost":
        raise InputError("contract draft: a subsidy is earned as its claims are approved. Leave revenue out.")
    if rules.under and not asked.under:
        raise InputError("contract draft: a task order stands under a framework. Give under.")
    if rules.named_deliverables and not asked.deliverables:
        raise InputError(f"contract draft: a {asked.kind} says what is delivered. Give deliverables.")
    if rules.placed and not all(one.place for one in asked.deliverables):
        raise InputError("contract draft: a logo has a place. Give place for each deliverable.")


def milestones(
    books: Books, mission: str, price: Money, terms: Sequence[MilestoneTerms], kind: str
) -> tuple[ContractMilestone, ...]:
    """Return milestones with their amounts, which add up to the price (to nothing where claims are paid)."""
    _named_once("milestone", [one.id for one in terms])
    amounts = _amounts(price, terms, pays_claims=RULES[kind].pays_claims)
    return tuple(
        ContractMilestone(one.id, one.name, amount, _need(books, mission, one), one.partial_bp)
        for one, amount in zip(terms, amounts, strict=True)
    )


def deliverables(terms: Sequence[DeliverableTerms], title: str) -> tuple[Deliverable, ...]:
    """Return what is delivered; the service itself if nothing is named."""
    _named_once("deliverable", [one.id for one in terms])
    return tuple(Deliverable(one.id, one.what, one.place or "") for one in terms) or (
        Deliverable(SERVICE, title),
    )


def refunds(terms: Sequence[RefundTerms], known: Sequence[ContractMilestone]) -> tuple[RefundRule, ...]:
    """Return the refund rules; each `until` is one of the contract's milestones."""
    names = [one.id for one in known]
    for one in terms:
        if one.until is not None and one.until not in names:
            raise NameNotFoundError("milestone of the contract", one.until, names)
    return tuple(RefundRule(one.by, one.until or "", one.refund_bp) for one in terms)


def share(amount: Money, basis_points: int) -> Money:
    """Return that many ten-thousandths of an amount, to the last minor unit.

    >>> str(share(Money.parse("0.01 USD"), 5_000)), str(share(Money.parse("14.50 USD"), 2_000))
    ('0.01 USD', '2.90 USD')
    """
    return split(amount, (basis_points, WHOLE_BP - basis_points))[0]


def _amounts(price: Money, terms: Sequence[MilestoneTerms], *, pays_claims: bool) -> tuple[Money, ...]:
    if pays_claims:
        return _conditions(price, terms)
    shares = [one.share_bp for one in terms]
    if shares and all(one is not None for one in shares) and all(one.amount is None for one in terms):
        whole = [one for one in shares if one is not None]
        if sum(whole) != WHOLE_BP:
            raise RefusedError(
                "balance", f"The shares add up to {sum(whole) / 100:g} %, not 100 %. Correct them."
            )
        return split(price, whole)
    amounts = tuple(one.amount for one in terms if one.amount is not None)
    if len(amounts) < len(terms) or not terms or any(one is not None for one in shares):
        raise InputError("contract draft: give each milestone its share_bp, or each its amount.")
    if any(one.minor < 0 for one in amounts):
        raise RefusedError("balance", "A milestone pays an amount, or nothing. Give none below zero.")
    total = sum(amounts, Money(0, price.currency))
    if total != price:
        raise RefusedError(
            "balance", f"The milestones add up to {total}, the price is {price}. Make them agree."
        )
    return amounts


def _conditions(price: Money, terms: Sequence[MilestoneTerms]) -> tuple[Money, ...]:
    if not terms:
        raise InputError("contract draft: a subsidy has conditions. Give at least one milestone.")
    if any(one.share_bp or one.amount for one in terms):
        raise RefusedError(
            "balance",
            "A subsidy pays claims; its milestones are conditions and pay nothing. Leave their amounts out.",
        )
    return tuple(Money(0, price.currency) for _ in terms)


def _need(books: Books, mission: str, one: MilestoneTerms) -> Need:
    if not (one.needs_milestone or one.needs_kind or one.needs_outcome or one.at_least):
        raise RefusedError(
            "evidence",
            f"Milestone {one.id!r} says not what shows it. Give needs_milestone, needs_kind or at_least.",
        )
    if one.needs_milestone:
        milestone(books, mission, one.needs_milestone)
    if one.needs_kind == "signature" and (one.needs_milestone or one.needs_outcome or one.at_least):
        raise InputError(f"contract draft: milestone {one.id!r} is due on signature; it needs nothing else.")
    by = "" if one.by is None else one.by.isoformat()
    return Need(
        one.needs_milestone or "", one.needs_kind or "", one.needs_outcome or "", dict(one.at_least), by
    )


def _named_once(what: str, names: Sequence[str]) -> None:
    double = sorted({name for name in names if names.count(name) > 1})
    if double:
        raise InputError(f"contract draft: {what} {double[0]!r} stands twice. Name each once.")

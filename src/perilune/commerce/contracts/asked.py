"""What orders on contracts say."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from perilune.commerce.evidence.verbs import Figure, FigureName, Kind
from perilune.commerce.fields import Asked, BasisPoints, Day, Id, Name
from perilune.commerce.money import Amount

ContractKind = Literal["payload-service", "data-service", "partnership", "task-order", "subsidy"]
Outcome = Annotated[str, Field(pattern=r"^[a-z_ -]{0,40}$")]


class MilestoneTerms(Asked):
    """What is paid for what: `share_bp` of the price or an `amount`; what is needed before it is met."""

    id: Id
    name: Name
    share_bp: BasisPoints | None = Field(None, description="Ten-thousandths of the price (1,000 = 10 %).")
    amount: Amount | None = Field(None, description="Amount, where the contract names amounts.")
    partial_bp: BasisPoints = Field(0, description="Ten-thousandths of the amount if reached in part.")
    needs_milestone: Id | None = Field(None, description="Milestone of the mission that must be achieved.")
    needs_kind: Kind | Literal["signature"] | None = Field(None, description="Kind of evidence.")
    needs_outcome: Outcome | None = Field(None, description='How the landing must end ("landed").')
    at_least: dict[FigureName, Figure] = Field(
        default_factory=dict, max_length=50, description="Figures that evidence must reach."
    )
    by: Day | None = Field(None, description="Last day.")


class DeliverableTerms(Asked):
    """What the customer gets; a logo has a place."""

    id: Id
    what: Name
    place: Name | None = Field(None, description="Where a logo is placed (lander, rover, control room).")


class RefundTerms(Asked):
    """What is given back if `by` ends the contract before milestone `until` is accepted."""

    by: Literal["house", "party", "either"]
    until: Id | None = None
    refund_bp: BasisPoints


class Draft(Asked):
    """The terms of a contract, not signed yet."""

    kind: ContractKind = Field(description="What sort of contract it is.")
    entity: Id = Field(description="The own legal entity that contracts.")
    party: Id = Field(description="The other side.")
    mission: Id = Field(description="Stable id of the mission.")
    title: Name = Field(description="What it is about.")
    price: Amount = Field(description="The whole price; the most a subsidy pays.")
    milestones: tuple[MilestoneTerms, ...] = Field(max_length=100, description="What is paid for what.")
    deliverables: tuple[DeliverableTerms, ...] = Field(
        (), max_length=100, description="What the customer gets [default: the service]."
    )
    refunds: tuple[RefundTerms, ...] = Field(
        (), max_length=50, description="Refund rules, the first that fits."
    )
    revenue: Literal["point-in-time", "cost-to-cost"] = Field(
        "point-in-time", description="How it is earned."
    )
    cost_estimate: Amount | None = Field(
        None, description="Cost at completion, in the entity's currency; needed for cost-to-cost."
    )
    due_day_count: int = Field(30, ge=0, le=3650, description="Days until an invoice is due.")
    valid_until: Day | None = Field(None, description="Last day on which it can be signed.")
    under: Name | None = Field(None, description="Framework of a task order (CLPS).")
    source: Name | None = Field(None, description="Document it stands in.")
    confidence: Literal["published", "inferred", "assumed"] = "published"
    id: Id | None = Field(None, description="Id of the contract [default: numbered].")


class OfContract(Asked):
    """An order on one contract; `on` is the day it counts from."""

    id: Id = Field(description="Id of the contract.")
    on: Day | None = Field(None, description="The day it counts from [default: today].")


class OfMilestone(OfContract):
    """An order on one milestone of a contract."""

    milestone: Id = Field(description="Id of the milestone.")


class WithEvidence(OfMilestone):
    """An order on a milestone that rests on evidence."""

    evidence: Id | None = Field(
        None, description="Id of the evidence [default: what the mission's milestone was declared on]."
    )


class ForCause(OfContract):
    """An order that says why."""

    cause: Name = Field(description="Why.")


class Amend(OfContract):
    """What is to hold instead; what is not said stays."""

    why: Name = Field(description="Why.")
    price: Amount | None = Field(None, description="The new price.")
    milestones: tuple[MilestoneTerms, ...] | None = Field(
        None, max_length=100, description="Open milestones, all anew; settled ones stay as they are."
    )


class OfAmendment(OfContract):
    """An answer to an amendment."""

    number: int = Field(ge=1, le=10_000, description="Number of the amendment.")


class Deliver(OfContract):
    """That the customer got a deliverable."""

    deliverable: Id = Field("service", description="Id of the deliverable.")
    evidence: Id = Field(description="Id of the evidence.")


class MakeClaim(OfContract):
    """Development spent until a day, to be paid by a subsidy."""

    spent: Amount = Field(description="What was spent since the last claim.")
    until: Day = Field(description="The last day of that spending.")


class OfClaim(OfContract):
    """A decision on a claim."""

    claim: Id = Field(description="Id of the claim.")


class ApproveClaim(OfClaim):
    """How much of a claim an inspection lets through."""

    amount: Amount = Field(description="What is approved.")
    evidence: Id = Field(description="Id of the inspection's evidence.")


class Refund(OfContract):
    """Money paid back after a termination."""

    amount: Amount = Field(description="What is paid back.")


class Pay(OfContract):
    """Money that came in for a milestone or a claim."""

    part: Id = Field(description="Id of the milestone or claim that it pays.")
    amount: Amount | None = Field(None, description="How much of it [default: all that is open].")
    received: Amount | None = Field(
        None, description="What came in, where that was in the entity's own currency instead."
    )


class Listed(Asked):
    """Which contracts."""

    mission: Id | None = Field(None, description="Only those of this mission.")
    party: Id | None = Field(None, description="Only those with this party.")
    state: (
        Literal["drafted", "offered", "ordered", "active", "suspended", "terminated", "closed", "withdrawn"]
        | None
    ) = Field(None, description="Only those in this state.")
    kind: ContractKind | None = Field(None, description="Only those of this kind.")


class Shown(Asked):
    """One contract."""

    id: Id = Field(description="Id of the contract.")


class ListedProofs(Asked):
    """Of which contracts."""

    id: Id | None = Field(None, description="Only those of this contract.")


class ListedMilestones(Asked):
    """Which contract milestones."""

    id: Id | None = Field(None, description="Only those of this contract.")
    mission: Id | None = Field(None, description="Only those of this mission.")
    state: Literal["open", "met", "accepted", "partial", "waived", "failed"] | None = Field(
        None, description="Only those in this state."
    )
    ready: bool = Field(False, description="Only open ones whose need is shown.")

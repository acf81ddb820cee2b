"""Contracts as recorded."""

from __future__ import annotations

from dataclasses import dataclass, field

from perilune.commerce.money import Money


@dataclass(frozen=True, slots=True)
class Need:
    """What has to be shown before a milestone is met; what is "" or empty is not asked for.

    `milestone` is one of the mission's own, which must be achieved; `kind` the kind of evidence ("signature"
    is the contract's own); `outcome` how the landing ended; `at_least` figures in the unit of their names;
    `by` the last day.
    """

    milestone: str = ""
    kind: str = ""
    outcome: str = ""
    at_least: dict[str, float] = field(default_factory=dict)
    by: str = ""


@dataclass(frozen=True, slots=True)
class ContractMilestone:
    """What is paid for what: `amount` once accepted, `partial_bp` ten-thousandths of it if reached in part.

    One of no amount is a condition. `earned` is what it has brought, `invoice` the key of that invoice.
    """

    id: str
    name: str
    amount: Money
    need: Need
    partial_bp: int = 0
    state: str = "open"
    evidence: str = ""
    happened_at: str = ""
    settled_at: str = ""
    earned: Money | None = None
    invoice: str = ""


@dataclass(frozen=True, slots=True)
class Deliverable:
    """What the customer gets: the service, a data product, a logo at its `place`."""

    id: str
    what: str
    place: str = ""
    delivered_at: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """Development spent that a subsidy is asked to pay; `approved` what an inspection let through."""

    id: str
    spent: Money
    until: str
    state: str = "claimed"
    approved: Money | None = None
    evidence: str = ""
    invoice: str = ""


@dataclass(frozen=True, slots=True)
class RefundRule:
    """Who ends the contract ("house", "party" or "either") before `until` is accepted gives back this share.

    `until` is a milestone of the contract, "" for any time; `refund_bp` are ten-thousandths of what was paid.
    """

    by: str
    until: str
    refund_bp: int


@dataclass(frozen=True, slots=True)
class Version:
    """What the contract said from a day on, and why it changed."""

    number: int
    effective: str
    price: Money
    amounts: dict[str, int]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change that one side proposed: `price` and `milestones` are what is to hold, whole."""

    number: int
    proposed_by: str
    why: str
    price: Money
    milestones: tuple[ContractMilestone, ...]
    state: str = "proposed"


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract of one of the house's entities with a party.

    `revenue` is how it is earned ("point-in-time" or "cost-to-cost"), `cost_estimate` what the latter is
    expected to cost in the entity's currency, `due_day_count` how long its invoices may be open, `under` a
    framework it stands in, `refund_due` what a termination gives back.
    """

    id: str
    kind: str
    entity: str
    party: str
    mission: str
    title: str
    price: Money
    milestones: tuple[ContractMilestone, ...]
    deliverables: tuple[Deliverable, ...]
    refunds: tuple[RefundRule, ...] = ()
    revenue: str = "point-in-time"
    cost_estimate: Money | None = None
    due_day_count: int = 30
    valid_until: str = ""
    under: str = ""
    source: str = ""
    confidence: str = "published"
    state: str = "drafted"
    signed_at: str = ""
    claims: tuple[Claim, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    versions: tuple[Version, ...] = ()
    suspended_by: str = ""
    terminated_by: str = ""
    ended_at: str = ""
    refund_due: Money | None = None
    refunded: Money | None = None

    @property
    def earned(self) -> Money:
        """Return what accepted milestones and approved claims have brought so far."""
        parts = [one.earned for one in self.milestones] + [one.approved for one in self.claims]
        return sum((part for part in parts if part is not None), Money(0, self.price.currency))

    @property
    def delivered(self) -> bool:
        """Tell whether the customer has got everything."""
        return all(one.delivered_at for one in self.deliverables)


@dataclass(slots=True)
class Contracts:
    """Contracts by id; `count` is how many got a number for an id."""

    by_id: dict[str, Contract] = field(default_factory=dict)
    count: int = 0

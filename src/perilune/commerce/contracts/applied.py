"""What the events of contracts do to the books."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from pydantic import TypeAdapter

from perilune.commerce.books import Books
from perilune.commerce.contracts.state import Amendment, Claim, Contract, ContractMilestone, Version
from perilune.commerce.event import Event
from perilune.commerce.money import Money

_CONTRACT: Final = TypeAdapter(Contract)
_TERMS: Final = TypeAdapter(tuple[ContractMilestone, ...])

Change = Callable[[Contract, Mapping[str, Any], Event], Contract]


def _drafted(books: Books, event: Event) -> None:
    data = dict(event.data)
    books.contracts.count += data.pop("numbered")
    books.contracts.by_id[data["id"]] = _CONTRACT.validate_python(data)


def _on(change: Change) -> Callable[[Books, Event], None]:
    def apply(books: Books, event: Event) -> None:
        id_ = event.data["contract"]
        books.contracts.by_id[id_] = change(books.contracts.by_id[id_], event.data, event)

    return apply


def _signed(found: Contract, data: Mapping[str, Any], event: Event) -> Contract:
    if data["state"] != "active":
        return replace(found, state=data["state"])
    amounts = {one.id: one.amount.minor for one in found.milestones}
    first = Version(1, event.effective, found.price, amounts, "as signed")
    return replace(found, state="active", signed_at=event.effective, versions=(first,))


def _ended(found: Contract, data: Mapping[str, Any], event: Event) -> Contract:
    return replace(found, state=data["state"], ended_at=event.effective)


def _suspended(found: Contract, data: Mapping[str, Any], event: Event) -> Contract:  # noqa: ARG001
    return replace(found, state=data["state"], suspended_by=data["by"])


def _resumed(found: Contract, data: Mapping[str, Any], event: Event) -> Contract:  # noqa: ARG001
    return replace(found, state=data["state"], suspended_by="")


def _terminated(found: Contract, data: Mapping[str, Any], event: Event) -> Contract:
    due = Money.of(data["refund_due"])
    return replace(
        _ended(found, data, event), terminated_by=data["by"], refund_due=due, refunded=Money(0, due.currency)
    )


def _refunded(found: Contract, data: Mapping[str, Any], event: Event) -> Contract:  # noqa: ARG001
    before = found.refunded or Money(0, found.price.currency)
    return replace(found, refunded=before + Money.of(data["amount"]))


def _milestone(found: Contract, data: Mapping[str, Any], event: Event) -> Contract:
    settled = data["state"] not in ("open", "met")

    def changed(one: ContractMilestone) -> ContractMilestone:
        return replace(
            one,
            state=data["state"],
            evidence=data["evidence"],
            happened_at=data["happened_at"],
            settled_at=event.effective if settled else "",
            earned=Money.of(data["earned"]) if settled else None,
            invoice=data["invoice"],
        )

    milestones = tuple(changed(one) if one.id == data["milestone"] else one for one in found.milestones)
    return replace(found, milestones=milestones)


def _proposed(found: Contract, data: Mapping[str, Any], event: Event) -> Contract:  # noqa: ARG001
    terms = _TERMS.validate_python(data["milestones"])
    new = Amendment(data["number"], data["by"], data["why"], Money.of(data["price"]), terms)
    return replace(found, amendments=(*found.amendments, new))


def _answered(found: Contract, data: Mapping[str, Any], event: Event) -> Contract:
    def changed(one: Amendment) -> Amendment:
        return replace(one, state=data["amendment_state"]) if one.number == data["number"] else one

    answered = replace(found, amendments=tuple(changed(one) for one in found.amendments))
    if data["amendment_state"] != "agreed":
        return answered
    agreed = next(one for one in found.amendments if one.number == data["number"])
    amounts = {one.id: one.amount.minor for one in agreed.milestones}
    version = Version(len(found.versions) + 1, event.effective, agreed.price, amounts, agreed.why)
    return replace(
        answered, price=agreed.price, milestones=agreed.milestones, versions=(*found.versions, version)
    )


def _delivered(found: Contract, data: Mapping[str, Any], event: Event) -> Contract:
    deliverables = tuple(
        replace(one, delivered_at=event.effective, evidence=data["evidence"])
        if one.id == data["deliverable"]
        else one
        for one in found.deliverables
    )
    return replace(found, deliverables=deliverables)


def _claimed(found: Contract, data: Mapping[str, Any], event: Event) -> Contract:  # noqa: ARG001
    return replace(
        found, claims=(*found.claims, Claim(data["claim"], Money.of(data["spent"]), data["until"]))
    )


def _claim_decided(found: Contract, data: Mapping[str, Any], event: Event) -> Contract:  # noqa: ARG001
    approved = Money.of(data["approved"]) if "approved" in data else None

    def changed(one: Claim) -> Claim:
        return replace(
            one, state=data["state"], approved=approved, evidence=data.get("evidence", ""),
            invoice=data.get("invoice", ""),
        )  # fmt: skip

    return replace(
        found, claims=tuple(changed(one) if one.id == data["claim"] else one for one in found.claims)
    )


_CHANGES: Final[Mapping[str, Change]] = {
    "contract.signed": _signed,
    "contract.withdrawn": _ended,
    "contract.suspended": _suspended,
    "contract.resumed": _resumed,
    "contract.closed": _ended,
    "contract.terminated": _terminated,
    "contract.refunded": _refunded,
    "contract.milestone-met": _milestone,
    "contract.milestone-accepted": _milestone,
    "contract.milestone-rejected": _milestone,
    "contract.milestone-partly-accepted": _milestone,
    "contract.milestone-waived": _milestone,
    "contract.milestone-failed": _milestone,
    "contract.amendment-proposed": _proposed,
    "contract.amended": _answered,
    "contract.amendment-declined": _answered,
    "contract.amendment-withdrawn": _answered,
    "contract.delivered": _delivered,
    "contract.claimed": _claimed,
    "contract.claim-approved": _claim_decided,
    "contract.claim-rejected": _claim_decided,
}
APPLIED: Final = {"contract.drafted": _drafted, **{kind: _on(change) for kind, change in _CHANGES.items()}}

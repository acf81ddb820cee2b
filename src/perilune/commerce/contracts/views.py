"""Questions about contracts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from perilune.commerce.books import Books
from perilune.commerce.contracts import asked as ask
from perilune.commerce.contracts import release
from perilune.commerce.contracts.common import contract
from perilune.commerce.contracts.drafting import SERVICE
from perilune.commerce.contracts.needs import SIGNATURE, chosen, proof, unmet
from perilune.commerce.contracts.state import Contract, ContractMilestone, Deliverable, Version
from perilune.commerce.money import Money
from perilune.commerce.verbs import View


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A contract in a list: its price, what milestones have brought, what was paid and is owed."""

    id: str
    kind: str
    title: str
    entity: str
    party: str
    mission: str
    state: str
    price: Money
    earned: Money
    paid: Money
    owed: Money
    signed_at: str
    open_count: int
    confidence: str
    source: str


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """A milestone of a contract: what it pays, what it needs, how it stands; `ready` if its need is shown."""

    contract: str
    party: str
    mission: str
    id: str
    name: str
    amount: Money
    needs: str
    state: str
    ready: bool
    happened_at: str
    settled_at: str
    earned: Money
    invoice: str
    evidence: str


@dataclass(frozen=True, slots=True)
class ProofRow:
    """What a part of a contract rests on: the evidence, the digest of its file, and what it shows."""

    contract: str
    party: str
    part: str
    evidence: str
    kind: str
    what: str
    seen_at: str
    milestones: tuple[str, ...]
    outcome: str
    figures: dict[str, float]
    digest: str
    source: str
    superseded_by: str


@dataclass(frozen=True, slots=True)
class ContractShown:
    """A contract with all its parts."""

    contract: ContractRow
    milestones: tuple[MilestoneRow, ...]
    deliverables: tuple[Deliverable, ...]
    versions: tuple[Version, ...]
    amendments: tuple[str, ...]
    claims: tuple[str, ...]
    refund_due: Money | None
    refunded: Money | None


def _row(books: Books, one: Contract) -> ContractRow:
    return ContractRow(
        one.id, one.kind, one.title, one.entity, one.party, one.mission, one.state, one.price, one.earned,
        release.paid(books, one), release.owed_of(books, one), one.signed_at,
        sum(part.state in ("open", "met") for part in one.milestones), one.confidence, one.source,
    )  # fmt: skip


def needs(part: ContractMilestone) -> str:
    """Return what a milestone needs, in words."""
    need = part.need
    words = [need.milestone, need.kind, need.outcome]
    words += [f"{name} >= {least:g}" for name, least in need.at_least.items()]
    words += [f"by {need.by}"] if need.by else []
    return ", ".join(word for word in words if word)


def ready(books: Books, one: Contract, part: ContractMilestone) -> bool:
    """Tell whether an open milestone could be met now with the evidence there is."""
    if (
        one.state != "active"
        or part.state != "open"
        or not (part.need.milestone or part.need.kind == SIGNATURE)
    ):
        return False
    given = chosen(books, one, part.need, "")
    return not (proof(books, one, part.need, given) or unmet(books, one, part.need, given))


def served_by(books: Books, one: Contract) -> str:
    """Return the evidence on which the service itself is delivered; "" where it is not, or not by this alone.

    It is once every milestone is accepted, or could be now, and the last rests on evidence. What a contract
    names as deliverables has its own evidence.
    """
    if one.state != "active" or [part.id for part in one.deliverables] != [SERVICE] or one.delivered:
        return ""
    done = all(part.state == "accepted" or ready(books, one, part) for part in one.milestones)
    if not done or not one.milestones:
        return ""
    last = one.milestones[-1]
    return chosen(books, one, last.need, last.evidence)


def _part(books: Books, one: Contract, part: ContractMilestone) -> MilestoneRow:
    return MilestoneRow(
        contract=one.id,
        party=one.party,
        mission=one.mission,
        id=part.id,
        name=part.name,
        amount=part.amount,
        needs=needs(part),
        state=part.state,
        ready=ready(books, one, part),
        happened_at=part.happened_at,
        settled_at=part.settled_at,
        earned=part.earned or Money(0, one.price.currency),
        invoice=part.invoice,
        evidence=part.evidence,
    )


def _listed(books: Books, asked: ask.Listed) -> Iterable[ContractRow]:
    for one in books.contracts.by_id.values():
        if (
            asked.mission in (None, one.mission)
            and asked.party in (None, one.party)
            and asked.state in (None, one.state)
            and asked.kind in (None, one.kind)
        ):
            yield _row(books, one)


def _shown(books: Books, asked: ask.Shown) -> Iterable[ContractShown]:
    one = contract(books, asked.id)
    amendments = (
        f"{change.number} {change.state}: {change.why} ({change.price})" for change in one.amendments
    )
    claims = (f"{claim.id} {claim.state}: {claim.spent} until {claim.until}" for claim in one.claims)
    yield ContractShown(
        contract=_row(books, one),
        milestones=tuple(_part(books, one, part) for part in one.milestones),
        deliverables=one.deliverables,
        versions=one.versions,
        amendments=tuple(amendments),
        claims=tuple(claims),
        refund_due=one.refund_due,
        refunded=one.refunded,
    )


def _parts(books: Books, asked: ask.ListedMilestones) -> Iterable[MilestoneRow]:
    chosen_ = [contract(books, asked.id)] if asked.id else books.contracts.by_id.values()
    for one in chosen_:
        for part in one.milestones:
            row = _part(books, one, part)
            wanted = asked.mission in (None, one.mission) and asked.state in (None, part.state)
            if wanted and (row.ready or not asked.ready):
                yield row


def _proofs(books: Books, asked: ask.ListedProofs) -> Iterable[ProofRow]:
    chosen_ = [contract(books, asked.id)] if asked.id else books.contracts.by_id.values()
    for one in chosen_:
        parts = [(part.id, part.evidence) for part in one.milestones]
        parts += [(claim.id, claim.evidence) for claim in one.claims]
        parts += [(deliverable.id, deliverable.evidence) for deliverable in one.deliverables]
        yield from (_proof(books, one, name, given) for name, given in parts if given)


def _proof(books: Books, one: Contract, part: str, given: str) -> ProofRow:
    found = books.evidence.by_id[given]
    return ProofRow(
        contract=one.id,
        party=one.party,
        part=part,
        evidence=found.id,
        kind=found.kind,
        what=found.what,
        seen_at=found.seen_at,
        milestones=tuple(f"{shown.id} {shown.status} {shown.at}".strip() for shown in found.found.milestones),
        outcome=found.found.outcome,
        figures=found.found.figures,
        digest=found.digest,
        source=found.source,
        superseded_by=found.superseded_by,
    )


def _of_proof(row: ProofRow) -> tuple[str, ...]:
    return (row.party,)


def _of_row(row: ContractRow) -> tuple[str, ...]:
    return (row.party,)


def _of_part(row: MilestoneRow) -> tuple[str, ...]:
    return (row.party,)


def _of_shown(row: ContractShown) -> tuple[str, ...]:
    return (row.contract.party,)


def _view(name: str, asked: Any, rows: Any, row: Any, summary: str, seen_by: Any) -> View[Any, Any]:
    return View("contract", name, asked, rows, row, "contract:read", summary, seen_by, licensed=True)


VIEWS: Final = (
    _view("list", ask.Listed, _listed, ContractRow, "List the contracts.", _of_row),
    _view("show", ask.Shown, _shown, ContractShown, "Show a contract.", _of_shown),
    _view("evidence", ask.ListedProofs, _proofs, ProofRow, "List what contracts rest on.", _of_proof),
    _view("milestones", ask.ListedMilestones, _parts, MilestoneRow, "List what pays for what.", _of_part),
)

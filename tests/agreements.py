"""Contracts in books in memory, with the parties, the mission and the evidence they stand on."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from regolith import Desk, digest

from perilune.commerce.contracts.state import Contract
from perilune.commerce.money import Money
from perilune.errors import RefusedError

MILESTONES = (
    {"id": "award", "name": "Signature", "share_bp": 1000, "needs_kind": "signature"},
    {"id": "launch", "name": "Launch", "share_bp": 1000, "needs_milestone": "success-2"},
    {
        "id": "landing",
        "name": "Landing",
        "share_bp": 8000,
        "needs_milestone": "success-9",
        "partial_bp": 2500,
    },
)
TERMS: dict[str, Any] = {
    "id": "C1",
    "kind": "payload-service",
    "entity": "us",
    "party": "nasa",
    "mission": "m9",
    "title": "A seismometer to the far side",
    "price": "1000.01 USD",
    "milestones": MILESTONES,
    "refunds": (
        {"by": "house", "until": "launch", "refund_bp": 10_000},
        {"by": "house", "refund_bp": 5_000},
        {"by": "party", "until": "launch", "refund_bp": 2_000},
    ),
}


def usd(text: str) -> Money:
    return Money.parse(f"{text} USD")


def standing() -> Desk:
    """Parties, two missions, and the milestones of one of them."""
    desk = Desk()
    for id_, kind in (("nasa", "agency"), ("meti", "authority"), ("sponsor", "partner")):
        desk.order("party add", day="2026-01-01", id=id_, name=id_, country="US", kind=kind)
    desk.order("party add", day="2026-01-01", id="us", name="us", country="US", kind="entity", currency="USD")
    for id_ in ("m9", "m8"):
        plan = {"name": id_, "launch": "2026-03", "vehicle": "APEX 1.0", "as_of": "2026-01-01"}
        desk.order("plan announce", day="2026-01-01", id=id_, source="a briefing", **plan)
    defined = (
        {"id": "success-1", "name": "Ready"},
        {"id": "success-2", "name": "Launch", "after": ("success-1",)},
        {"id": "success-9", "name": "Landing", "after": ("success-2",)},
    )
    desk.order("milestone define", day="2026-01-01", mission="m9", milestones=defined)
    return desk


def drafted(desk: Desk, **change: Any) -> Desk:
    desk.order("contract draft", day="2026-01-02", **(TERMS | change))
    return desk


def signed(desk: Desk | None = None, **change: Any) -> Desk:
    """A contract in force since 2026-01-10."""
    found = drafted(standing() if desk is None else desk, **change)
    id_ = change.get("id", "C1")
    found.order("contract sign", day="2026-01-09", id=id_)
    found.order("contract sign", change.get("party", "nasa"), day="2026-01-10", id=id_)
    return found


def shown(desk: Desk, id_: str, day: str = "2026-03-01", /, **found: str) -> Desk:
    """Evidence of statuses of milestones (success_2="achieved"), all on one day."""
    number = len(desk.books.evidence.by_id) + 1
    milestones = [
        {"id": name.replace("_", "-"), "status": status} | ({"at": day} if status == "achieved" else {})
        for name, status in found.items()
    ]
    desk.order(
        "evidence record", day=max(day, "2026-06-01"), id=id_, mission="m9", digest=digest(number),
        kind="statement", what="as told", seen_at=day, milestones=milestones,
    )  # fmt: skip
    return desk


def flown(desk: Desk, landing: str = "achieved", day: str = "2026-03-01") -> Desk:
    """Milestones declared on evidence: launched, and landed or not."""
    shown(desk, "flight", day, success_1="achieved", success_2="achieved", success_9=landing)
    desk.order("milestone assess", mission="m9", evidence="flight")
    return desk


def paid_for(desk: Desk, name: str, id_: str = "C1") -> dict[str, Any]:
    """Meet, accept and pay a milestone."""
    party = contract(desk, id_).party
    desk.order("contract milestone-meet", id=id_, milestone=name)
    answer = desk.order("contract milestone-accept", party, id=id_, milestone=name)
    desk.order("contract pay", id=id_, part=name)
    return answer


def contract(desk: Desk, id_: str = "C1") -> Contract:
    return desk.books.contracts.by_id[id_]


def refused(desk: Desk, rule: str, text: str, name: str, party: str = "", /, **asked: Any) -> None:
    """Check that an order is refused by that rule, with that in its sentence, and changes nothing."""
    before = copy.deepcopy(desk.books)
    with pytest.raises(RefusedError) as told:
        desk.order(name, party, **asked)
    assert (told.value.rule, text in str(told.value)) == (rule, True), str(told.value)
    assert desk.books == before

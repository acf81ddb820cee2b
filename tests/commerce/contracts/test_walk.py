"""A random walk over contracts: whatever is ordered, by whomever, no illegal state is reached.

What is legal is written down here once more, apart from the tables of the code.
"""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from agreements import standing, usd
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from regolith import Desk, digest

from perilune.commerce.contracts.state import Contract, ContractMilestone
from perilune.commerce.event import canonical
from perilune.commerce.ledger.audit import balanced
from perilune.commerce.ledger.invoices import sum_of
from perilune.commerce.money import Money
from perilune.errors import InputError

#: From a state of a contract to those that may follow; a state may stay.
CONTRACT_MAY = {
    "drafted": {"offered", "ordered", "withdrawn"},
    "offered": {"active", "withdrawn"},
    "ordered": {"active", "withdrawn"},
    "active": {"suspended", "terminated", "closed"},
    "suspended": {"active", "terminated"},
    "terminated": set(),
    "closed": set(),
    "withdrawn": set(),
}
MILESTONE_MAY = {
    "open": {"met", "partial", "waived", "failed"},
    "met": {"open", "accepted", "partial"},
    "accepted": set(),
    "partial": set(),
    "waived": set(),
    "failed": set(),
}
CLAIM_MAY: dict[str, set[str]] = {"claimed": {"approved", "rejected"}, "approved": set(), "rejected": set()}
AMENDMENT_MAY: dict[str, set[str]] = {
    "proposed": {"agreed", "declined", "withdrawn"},
    "agreed": set(),
    "declined": set(),
    "withdrawn": set(),
}

#: Orders that are the customer's alone, and those that are the house's.
FOR_PARTY = {
    *(f"contract milestone-{name}" for name in ("accept", "reject", "partial", "waive")),
    *("contract claim-approve", "contract claim-reject"),
}
FOR_HOUSE = {
    *("contract draft", "contract milestone-meet", "contract pay", "contract refund", "contract close"),
    *("contract deliver", "contract claim"),
}

PARTIES = ("", "nasa", "us", "meti")
MILESTONES = ("award", "launch", "landing", "review", "extra")
SIMPLE = ("sign", "resume", "close")
FOR_CAUSE = ("withdraw", "suspend", "terminate")
ON_MILESTONE = ("meet", "accept", "reject", "partial", "waive", "fail")
TERMS = st.fixed_dictionaries(
    {
        "share_bp": st.integers(0, 10_000),
        "partial_bp": st.sampled_from((0, 1, 5_000, 10_000)),
        "needs": st.sampled_from(
            ({"needs_kind": "signature"}, {"needs_kind": "signature"}, {"needs_milestone": "success-2"},
             {"needs_milestone": "success-9"},
             {"needs_kind": "review"}, {"needs_outcome": "landed", "by": "2026-03-15"})
        ),
    }
)  # fmt: skip

KINDS = ("statement", "review", "inspection", "delivery")
#: What there is from the first day: E1 to E6.
EVIDENCE = (
    ("review", ""),
    ("inspection", ""),
    ("delivery", "landed"),
    ("delivery", "crashed"),
    ("statement", ""),
    ("inspection", ""),
)
REFUNDS = st.lists(
    st.tuples(st.sampled_from(("house", "party", "either")), st.integers(0, 10_000)), max_size=2
)


def written(ids: list[str], terms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Milestones as a person writes them; the last one takes what is left of the whole."""
    left, found = 10_000, []
    for number, (name, one) in enumerate(zip(ids, terms, strict=True)):
        part = left if number == len(ids) - 1 else min(one["share_bp"], left)
        left -= part
        found.append(
            {"id": name, "name": name, "share_bp": part, "partial_bp": one["partial_bp"], **one["needs"]}
        )
    return found


class Walk(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.desk: Desk = standing()
        self.day = 10
        self.done = 0

    def give(self, name: str, party: str = "", /, **asked: Any) -> None:
        """Give an order; a refused one changes nothing, an accepted one leads on as it may."""
        before = pickle.dumps(self.desk.books)
        found = self.contract if self.drafted else None
        try:
            self.desk.order(name, party, day=f"2026-03-{self.day:02d}", **asked)
        except InputError as refusal:
            assert len(str(refusal)) > 20
            assert str(refusal).endswith((".", "?"))
            assert pickle.dumps(self.desk.books) == before
            return
        self.done += 1
        assert name not in FOR_PARTY or party == "nasa"
        assert name not in FOR_HOUSE or party in ("", "us")
        assert party in ("", "us", "nasa")
        if found is not None:
            follows(found, self.contract)

    @property
    def contract(self) -> Contract:
        return self.desk.books.contracts.by_id["C1"]

    def named(self, place: int) -> str:
        """Return one of the contract's milestones, or, beyond them, one that there is not."""
        names = [one.id for one in self.contract.milestones]
        return names[place % len(names)] if place < 6 else "nowhere"

    @property
    def drafted(self) -> bool:
        return "C1" in self.desk.books.contracts.by_id

    @initialize(
        minor=st.integers(1, 10**6),
        terms=st.lists(TERMS, min_size=1, max_size=3),
        subsidy=st.integers(0, 2).map(lambda one: one == 0),
        refunds=REFUNDS,
        signs=st.integers(0, 3),
        flight=st.sampled_from(("", "achieved", "partial", "failed")),
    )
    def begin(
        self,
        minor: int,
        terms: list[Any],
        subsidy: bool,
        refunds: list[tuple[str, int]],
        signs: int,
        flight: str,
    ) -> None:
        """Draft a contract, most often sign it, with evidence of all kinds at hand."""
        for number, (kind, outcome) in enumerate(EVIDENCE, 1):
            self.recorded(number, kind, outcome, "m9", {})
        self.draft(minor, terms, subsidy, refunds)
        if signs:
            self.both_sign()
        if flight:
            self.fly(flight)

    def draft(self, minor: int, terms: list[Any], subsidy: bool, refunds: list[tuple[str, int]]) -> None:
        milestones = written(list(MILESTONES[: len(terms)]), terms)
        kind = {"kind": "payload-service", "party": "nasa"}
        if subsidy:
            kind = {"kind": "subsidy", "party": "nasa"}
            milestones = [
                {key: value for key, value in one.items() if key != "share_bp"} for one in milestones
            ]
        rules = [{"by": by, "refund_bp": refund_bp} for by, refund_bp in refunds]
        self.give(
            "contract draft", id="C1", entity="us", mission="m9", title="A walk", refunds=rules,
            price={"minor": minor, "currency": "USD"}, milestones=milestones, **kind,
        )  # fmt: skip

    @precondition(lambda self: self.drafted)
    @rule(name=st.sampled_from(SIMPLE), party=st.sampled_from(PARTIES))
    def simple(self, name: str, party: str) -> None:
        self.give(f"contract {name}", party, id="C1")

    @precondition(lambda self: self.drafted)
    @rule(name=st.sampled_from(FOR_CAUSE), party=st.sampled_from(PARTIES), chance=st.integers(0, 5))
    def for_cause(self, name: str, party: str, chance: int) -> None:
        if chance == 0:
            self.give(f"contract {name}", party, id="C1", cause="a cause")

    @precondition(lambda self: self.drafted)
    @rule(
        name=st.sampled_from(ON_MILESTONE), place=st.integers(0, 6),
        party=st.sampled_from(PARTIES), evidence=st.integers(0, 6), own=st.booleans(),
    )  # fmt: skip
    def on_milestone(self, name: str, place: int, party: str, evidence: int, own: bool) -> None:
        party = ("nasa" if name in ("accept", "reject", "partial", "waive") else "") if own else party
        asked = {"evidence": f"E{evidence}"} if evidence and name in ("meet", "partial", "fail") else {}
        self.give(f"contract milestone-{name}", party, id="C1", milestone=self.named(place), **asked)

    @precondition(lambda self: self.drafted)
    @rule(part=st.sampled_from((*MILESTONES, "claim-1", "claim-2")), minor=st.integers(0, 10**6))
    def pay(self, part: str, minor: int) -> None:
        asked = {"amount": {"minor": minor, "currency": "USD"}} if minor % 2 else {}
        self.give("contract pay", id="C1", part=part, **asked)

    @precondition(lambda self: self.drafted)
    @rule(minor=st.integers(-1, 10**6))
    def refund(self, minor: int) -> None:
        self.give("contract refund", id="C1", amount={"minor": minor, "currency": "USD"})

    def refund_all(self) -> None:
        due, refunded = self.contract.refund_due, self.contract.refunded
        assert due is not None
        assert refunded is not None
        self.give("contract refund", id="C1", amount=(due - refunded).data())

    @precondition(lambda self: self.drafted)
    @rule(party=st.sampled_from(PARTIES), minor=st.integers(0, 10**6), terms=st.lists(TERMS, max_size=2))
    def amend(self, party: str, minor: int, terms: list[Any]) -> None:
        asked: dict[str, Any] = {"price": {"minor": minor, "currency": "USD"}} if minor % 3 else {}
        if terms:
            asked["milestones"] = written(["review", "extra"][: len(terms)], terms)
        self.give("contract amend", party, id="C1", why="a change", **asked)

    @precondition(lambda self: self.drafted)
    @rule(
        name=st.sampled_from(("agree", "decline", "withdraw")), party=st.sampled_from(PARTIES),
        number=st.integers(1, 3),
    )  # fmt: skip
    def answer(self, name: str, party: str, number: int) -> None:
        self.give(f"contract amend-{name}", party, id="C1", number=number)

    @precondition(lambda self: self.drafted)
    @rule(minor=st.integers(-5, 10**6), party=st.sampled_from(("", "", "nasa")))
    def claim(self, minor: int, party: str) -> None:
        asked = {"spent": {"minor": minor, "currency": "USD"}, "until": f"2026-03-{self.day:02d}"}
        self.give("contract claim", party, id="C1", **asked)

    @precondition(lambda self: self.drafted)
    @rule(
        claim=st.sampled_from(("claim-1", "claim-2")), minor=st.integers(-5, 10**6),
        party=st.sampled_from(("nasa", "nasa", "")), evidence=st.integers(1, 6), rejects=st.integers(0, 4),
    )  # fmt: skip
    def decide_claim(self, claim: str, minor: int, party: str, evidence: int, rejects: int) -> None:
        if rejects == 0:
            self.give("contract claim-reject", party, id="C1", claim=claim)
            return
        asked = {"amount": {"minor": minor, "currency": "USD"}, "evidence": f"E{evidence}"}
        self.give("contract claim-approve", party, id="C1", claim=claim, **asked)

    @precondition(lambda self: self.drafted)
    @rule(evidence=st.integers(1, 6), party=st.sampled_from(("", "", "nasa")))
    def deliver(self, evidence: int, party: str) -> None:
        self.give("contract deliver", party, id="C1", evidence=f"E{evidence}")

    @precondition(lambda self: len(self.desk.books.evidence.by_id) < 12)
    @rule(
        kind=st.sampled_from(KINDS),
        outcome=st.sampled_from(("", "landed", "crashed")),
        mission=st.sampled_from(("m9", "m9", "m9", "m8")),
        statuses=st.dictionaries(
            st.sampled_from(("success-1", "success-2", "success-9")),
            st.sampled_from(("achieved", "achieved", "partial", "failed")),
        ),
        supersedes=st.integers(0, 20),
    )
    def evidence(
        self, kind: str, outcome: str, mission: str, statuses: dict[str, str], supersedes: int
    ) -> None:
        number = len(self.desk.books.evidence.by_id) + 1
        old = {"supersedes": f"E{supersedes}"} if 0 < supersedes < number else {}
        self.recorded(number, kind, outcome, mission, statuses, **old)
        if statuses:
            self.give("milestone assess", mission="m9", evidence=f"E{number}")

    @rule(landing=st.sampled_from(("achieved", "partial", "failed")))
    def fly(self, landing: str) -> None:
        """Show a whole flight, and have its milestones declared."""
        number = len(self.desk.books.evidence.by_id) + 1
        if number < 14:
            statuses = {"success-1": "achieved", "success-2": "achieved", "success-9": landing}
            outcome = {"achieved": "landed"}.get(landing, "crashed")
            self.recorded(number, "delivery", outcome, "m9", statuses)
            self.give("milestone assess", mission="m9", evidence=f"E{number}")

    def recorded(
        self, number: int, kind: str, outcome: str, mission: str, statuses: dict[str, str], **old: str
    ) -> None:
        day = f"2026-03-{self.day:02d}"
        shown = [{"id": name, "status": status, "at": day} for name, status in statuses.items()]
        told = {"kind": kind, "outcome": outcome, "what": "as seen", "seen_at": day, "milestones": shown}
        self.give("evidence record", id=f"E{number}", mission=mission, digest=digest(number), **told, **old)

    @rule()
    def a_day_passes(self) -> None:
        self.day = min(self.day + 3, 28)

    @precondition(lambda self: self.drafted)
    @rule()
    def both_sign(self) -> None:
        """Bring a walk that would tarry in drafts on its way."""
        self.give("contract sign", id="C1")
        self.give("contract sign", "nasa", id="C1")

    @precondition(lambda self: self.drafted and self.contract.state == "active")
    @rule(
        place=st.integers(0, 2),
        pays=st.booleans(),
        ends=st.sampled_from(("accept", "accept", "reject", "partial")),
    )
    def perform(self, place: int, pays: bool, ends: str) -> None:
        """Bring a milestone as far as it goes, with whatever evidence fits."""
        name = self.named(place)
        for asked in ({}, {"evidence": "E1"}, {"evidence": "E3"}):
            self.give("contract milestone-meet", id="C1", milestone=name, **asked)
        self.give(f"contract milestone-{ends}", "nasa", id="C1", milestone=name)
        if pays:
            self.give("contract pay", id="C1", part=name)

    @precondition(lambda self: self.drafted and self.contract.state == "active")
    @rule()
    def pay_all(self) -> None:
        for name in [one.id for one in self.contract.milestones] + [one.id for one in self.contract.claims]:
            self.give("contract pay", id="C1", part=name)

    @precondition(lambda self: self.drafted and self.contract.state == "active")
    @rule(ends=st.sampled_from(("close", "terminate")), works=st.booleans(), by=st.sampled_from(("", "nasa")))
    def finish(self, ends: str, works: bool, by: str) -> None:
        """Decide what is open, have everything paid, and end the contract one way or the other."""
        for place, one in enumerate(self.contract.milestones):
            if works:
                self.perform(place, True, "accept")
                self.give("contract milestone-partial", "nasa", id="C1", milestone=one.id)
            else:
                for evidence in ("E4", "E8", "E9"):
                    asked = {"milestone": one.id, "evidence": evidence}
                    self.give("contract milestone-fail", id="C1", **asked)
            if ends == "close":
                self.give("contract milestone-waive", "nasa", id="C1", milestone=one.id)
        for claim in self.contract.claims:
            self.give("contract claim-reject", "nasa", id="C1", claim=claim.id)
        for change in self.contract.amendments:
            self.give("contract amend-decline", "", id="C1", number=change.number)
            self.give("contract amend-withdraw", "", id="C1", number=change.number)
        self.pay_all()
        if ends == "close":
            self.give("contract close", id="C1")
        else:
            self.give("contract terminate", by, id="C1", cause="a cause")
            self.refund_all()

    @precondition(lambda self: self.drafted and self.contract.kind == "subsidy")
    @rule(minor=st.integers(1, 10**6), evidence=st.sampled_from(("E2", "E6")))
    def spend(self, minor: int, evidence: str) -> None:
        """Claim an amount and have all of it approved."""
        amount = Money(minor, "USD").data()
        self.give("contract claim", id="C1", spent=amount, until=f"2026-03-{self.day:02d}")
        for claim in self.contract.claims:
            asked = {"claim": claim.id, "amount": amount, "evidence": evidence}
            self.give("contract claim-approve", "nasa", id="C1", **asked)

    @precondition(lambda self: self.drafted and "proposed" in [one.state for one in self.contract.amendments])
    @rule()
    def agree(self) -> None:
        change = next(one for one in self.contract.amendments if one.state == "proposed")
        other = "nasa" if change.proposed_by == "house" else ""
        self.give("contract amend-agree", other, id="C1", number=change.number)

    @invariant()
    def money_is_right(self) -> None:
        assert balanced(self.desk.books) == []
        if not self.drafted:
            return
        found = self.contract
        bills = list(self.desk.books.ledger.invoices.values())
        nothing = usd("0.00")
        brought = [one.earned for one in found.milestones if one.state in ("accepted", "partial")]
        brought += [one.approved for one in found.claims if one.state == "approved"]
        assert sorted(one.amount.minor for one in bills) == sorted(one.minor for one in brought if one)
        invoiced = sum((one.amount for one in bills), nothing)
        paid = sum((sum_of(one, "paid") for one in bills), nothing)
        refunded = sum((sum_of(one, "refunded") for one in bills), nothing)
        assert found.earned == invoiced
        assert nothing <= refunded <= paid <= invoiced <= found.price
        if found.kind != "subsidy":
            assert sum((one.amount for one in found.milestones), nothing) == found.price
        revenue_is_right(self.desk, found)

    @invariant()
    def no_invoice_without_acceptance(self) -> None:
        if self.drafted:
            for one in self.contract.milestones:
                assert bool(one.invoice) == (one.state in ("accepted", "partial") and bool(one.earned))
                assert one.state not in ("met", "accepted") or one.evidence or one.need.kind == "signature"

    @invariant()
    def what_is_due_back_is_bounded(self) -> None:
        if self.drafted and self.contract.state == "terminated":
            due, refunded = self.contract.refund_due, self.contract.refunded
            assert due is not None
            assert refunded is not None
            assert usd("0.00") <= refunded <= due <= self.contract.earned

    def teardown(self) -> None:
        for event in self.desk.events:
            assert canonical(event.data)


def revenue_is_right(desk: Desk, found: Contract) -> None:
    position = desk.books.ledger.positions.get(found.id)
    recognised = usd("0.00") if position is None else position.recognised
    assert usd("0.00") <= recognised <= found.earned
    if found.state == "closed" or (found.delivered and found.state == "active"):
        assert recognised == found.earned
    if found.state == "terminated":
        assert found.refund_due is not None
        assert recognised == found.earned - found.refund_due


def follows(before: Contract, after: Contract) -> None:
    """Check that one state of a contract may follow another."""
    assert after.state == before.state or after.state in CONTRACT_MAY[before.state]
    old = {one.id: one for one in before.milestones}
    for one in after.milestones:
        if one.id in old:
            settled_stays(old[one.id], one)
    for was, now in zip(before.claims, after.claims, strict=False):
        assert now == was or now.state in CLAIM_MAY[was.state]
    for proposed, answered in zip(before.amendments, after.amendments, strict=False):
        assert answered == proposed or answered.state in AMENDMENT_MAY[proposed.state]
    assert {one.id for one in before.milestones if one.state != "open"} <= {
        one.id for one in after.milestones
    }
    if before.state not in ("active", "suspended"):
        assert (after.milestones, after.claims, after.price) == (
            before.milestones,
            before.claims,
            before.price,
        )
    if before.state == "suspended":
        assert [one.state for one in after.milestones if one.id in old] == [
            old[one.id].state for one in after.milestones if one.id in old
        ]
    assert len(after.versions) - len(before.versions) in (0, 1)
    assert after.versions[: len(before.versions)] == before.versions


def settled_stays(was: ContractMilestone, now: ContractMilestone) -> None:
    if not MILESTONE_MAY[was.state]:
        assert now == was
    assert now.state == was.state or now.state in MILESTONE_MAY[was.state]


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=30, stateful_step_count=40)


@pytest.mark.slow
class TestLongWalk(Walk.TestCase):  # type: ignore[name-defined,misc]
    settings = settings(max_examples=500, stateful_step_count=60)


def test_the_walk_gets_somewhere() -> None:
    """A walk that is refused everything would prove nothing: this one goes all the way by its own rules."""
    walk = Walk()
    needs = {"needs_kind": "signature"}
    walk.draft(1_000_00, [{"share_bp": 10_000, "partial_bp": 0, "needs": needs}], False, [("either", 5_000)])
    walk.both_sign()
    walk.perform(0, True, "accept")
    walk.give("contract terminate", id="C1", cause="a cause")
    walk.refund_all()
    walk.money_is_right()
    assert walk.contract.state == "terminated"
    assert walk.contract.refunded == Money(500_00, "USD")
    assert walk.done == 8
    part = Walk()
    needs = {"needs_milestone": "success-9"}
    part.draft(1_000_01, [{"share_bp": 10_000, "partial_bp": 5_000, "needs": needs}], False, [])
    part.both_sign()
    part.fly("partial")
    part.finish("close", True, "")
    part.money_is_right()
    assert (part.contract.state, part.contract.earned) == ("closed", Money(500_01, "USD"))

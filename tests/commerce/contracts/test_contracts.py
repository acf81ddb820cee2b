"""Contracts from draft to end: what pays when, and everything that is refused on the way."""

from __future__ import annotations

from typing import Any

import pytest
from agreements import TERMS, contract, drafted, flown, paid_for, refused, shown, signed, standing, usd
from regolith import Desk, digest

from perilune.commerce import registry
from perilune.commerce.ledger.audit import balanced
from perilune.commerce.money import Money
from perilune.commerce.verbs import visible
from perilune.errors import InputError, NameNotFoundError


def invoiced(desk: Desk) -> list[tuple[str, Money]]:
    return [(one.memo, one.amount) for one in desk.books.ledger.invoices.values()]


def test_a_landed_mission_pays_every_part_to_the_last_cent() -> None:
    desk = flown(signed())
    for name in ("award", "launch", "landing"):
        paid_for(desk, name)
    assert [amount for _, amount in invoiced(desk)] == [usd("100.00"), usd("100.00"), usd("800.01")]
    desk.order("contract close", id="C1")
    (row,) = desk.rows("contract list")
    assert (row.state, row.earned, row.paid, row.owed) == (
        "closed",
        usd("1000.01"),
        usd("1000.01"),
        usd("0.00"),
    )
    assert balanced(desk.books) == []


def test_a_failed_landing_leaves_the_final_payment_unpaid() -> None:
    desk = flown(signed(), "failed")
    paid_for(desk, "award")
    paid_for(desk, "launch")
    refused(
        desk, "evidence", "'success-9' of 'm9' is 'failed', not 'achieved'", "contract milestone-meet",
        id="C1", milestone="landing",
    )  # fmt: skip
    desk.order("contract milestone-fail", "nasa", id="C1", milestone="landing")
    desk.order("contract close", id="C1")
    assert (contract(desk).earned, contract(desk).state) == (usd("200.00"), "closed")
    assert len(desk.books.ledger.invoices) == 2
    assert balanced(desk.books) == []


def test_a_landing_in_part_pays_what_the_contract_says_for_that() -> None:
    desk = flown(signed(), "partial")
    answer = desk.order("contract milestone-partial", "nasa", id="C1", milestone="landing")
    assert Money.of(answer["earned"]) == usd("200.00")
    assert contract(desk).milestones[2].state == "partial"


def test_money_comes_in_parts_and_never_more_than_is_open() -> None:
    desk = signed()
    desk.order("contract milestone-meet", id="C1", milestone="award")
    refused(desk, "state", "'award' of contract 'C1' is not invoiced", "contract pay", id="C1", part="award")
    desk.order("contract milestone-accept", "nasa", id="C1", milestone="award")
    desk.order("contract pay", id="C1", part="award", amount="40.00 USD")
    refused(desk, "balance", "60.00 USD", "contract pay", id="C1", part="award", amount="60.01 USD")
    refused(desk, "authority", "booked by the house", "contract pay", "nasa", id="C1", part="award")
    desk.order("contract pay", id="C1", part="award")
    assert desk.rows("contract list")[0].paid == usd("100.00")


def test_what_is_earned_becomes_revenue_when_all_is_delivered() -> None:
    desk = flown(signed())
    paid_for(desk, "award")
    paid_for(desk, "launch")
    assert "us:revenue:payload-service" not in desk.books.ledger.totals
    desk.order("contract deliver", id="C1", evidence="flight")
    assert desk.books.ledger.totals["us:revenue:payload-service"]["USD"] == -20_000
    desk.order("contract milestone-meet", id="C1", milestone="landing")
    desk.order("contract milestone-accept", "nasa", id="C1", milestone="landing")
    assert desk.books.ledger.totals["us:revenue:payload-service"]["USD"] == -100_001
    refused(
        desk,
        "state",
        "'service' of contract 'C1' was delivered",
        "contract deliver",
        id="C1",
        evidence="flight",
    )
    assert balanced(desk.books) == []


def test_revenue_over_time_follows_cost_and_a_new_price() -> None:
    desk = signed(revenue="cost-to-cost", cost_estimate="800.00 USD")
    desk.order(
        "ledger cost", contract="C1", amount="400.00 USD", memo="work", key="work/1", paid_from="us:cash"
    )
    assert desk.books.ledger.totals["us:revenue:payload-service"]["USD"] == -50_000
    open_terms = [{**one, "share_bp": None, "amount": "500.00 USD"} for one in TERMS["milestones"][1:]]
    award = {**TERMS["milestones"][0], "share_bp": None, "amount": "1000.00 USD"}
    desk.order(
        "contract amend", id="C1", why="more work", price="2000.00 USD", milestones=[award, *open_terms]
    )
    desk.order("contract amend-agree", "nasa", id="C1", number=1)
    assert desk.books.ledger.totals["us:revenue:payload-service"]["USD"] == -100_000
    assert balanced(desk.books) == []


@pytest.mark.parametrize(
    ("by", "stage", "due"),
    [
        ("", "award", "100.00"),
        ("", "launch", "100.00"),
        ("nasa", "award", "20.00"),
        ("nasa", "launch", "0.00"),
    ],
)
def test_a_termination_refunds_by_who_ends_it_and_when(by: str, stage: str, due: str) -> None:
    desk = flown(signed())
    paid_for(desk, "award")
    if stage == "launch":
        paid_for(desk, "launch")
    answer = desk.order("contract terminate", by, id="C1", cause="plans changed")
    assert Money.of(answer["refund_due"]) == usd(due)
    refused(
        desk,
        "state",
        "'terminated': it cannot 'perform'",
        "contract milestone-meet",
        id="C1",
        milestone="landing",
    )
    if due == "0.00":
        refused(
            desk, "balance", "0.00 USD is still to be refunded", "contract refund", id="C1", amount="0.01 USD"
        )
    else:
        refused(
            desk,
            "balance",
            f"{due} USD is still to be refunded",
            "contract refund",
            id="C1",
            amount="1000.00 USD",
        )
        desk.order("contract refund", id="C1", amount=f"{due} USD")
        refused(desk, "balance", "0.00 USD is still", "contract refund", id="C1", amount="0.01 USD")
    (row,) = desk.rows("contract list")
    kept = contract(desk).earned - usd(due)
    assert (row.paid, row.owed) == (kept, usd("0.00"))
    assert desk.books.ledger.positions["C1"].recognised == kept
    assert balanced(desk.books) == []


def test_an_amendment_holds_once_the_other_side_agrees_and_makes_a_version() -> None:
    desk = signed()
    paid_for(desk, "award")
    rest = [
        {"id": "launch", "name": "Launch", "share_bp": 5000, "needs_milestone": "success-2"},
        {"id": "landing", "name": "Landing", "share_bp": 5000, "needs_milestone": "success-9"},
    ]
    desk.order("contract amend", "nasa", id="C1", why="heavier", price="1200.00 USD", milestones=rest)
    assert contract(desk).price == usd("1000.01")
    refused(desk, "authority", "for the house to do", "contract amend-agree", "nasa", id="C1", number=1)
    desk.order("contract amend-agree", id="C1", number=1)
    found = contract(desk)
    assert found.price == usd("1200.00")
    assert [one.amount for one in found.milestones] == [usd("100.00"), usd("550.00"), usd("550.00")]
    assert [(one.number, one.price) for one in found.versions] == [(1, usd("1000.01")), (2, usd("1200.00"))]
    refused(desk, "state", "is 'agreed'", "contract amend-agree", id="C1", number=1)


def test_an_amendment_cannot_touch_what_was_settled_meanwhile() -> None:
    desk = flown(signed())
    desk.order("contract amend", id="C1", why="later", milestones=list(TERMS["milestones"]))
    paid_for(desk, "launch")
    refused(
        desk,
        "state",
        "'launch' of contract 'C1' is 'accepted'",
        "contract amend-agree",
        "nasa",
        id="C1",
        number=1,
    )
    desk.order("contract amend-withdraw", id="C1", number=1)
    desk.order("contract amend", "nasa", id="C1", why="another")
    desk.order("contract amend-decline", id="C1", number=2)
    assert [one.state for one in contract(desk).amendments] == ["withdrawn", "declined"]
    refused(
        desk, "state", "'launch' is settled already", "contract amend", id="C1", why="x",
        milestones=[{**one, "share_bp": 5000} for one in TERMS["milestones"][1:]],
    )  # fmt: skip
    refused(
        desk, "balance", "below it", "contract amend", id="C1", why="x", price="50.00 USD", milestones=[MILE]
    )


MILE = {"id": "more", "name": "More", "share_bp": 10_000, "needs_kind": "review"}


def test_a_suspended_contract_rests_until_who_suspended_it_resumes_it() -> None:
    desk = signed()
    desk.order("contract suspend", "nasa", id="C1", cause="budget")
    refused(
        desk,
        "state",
        "'suspended': it cannot 'perform'",
        "contract milestone-meet",
        id="C1",
        milestone="award",
    )
    refused(desk, "authority", "for 'nasa' to do, not for the house", "contract resume", id="C1")
    desk.order("contract resume", "nasa", id="C1")
    paid_for(desk, "award")


def test_a_rejected_milestone_is_open_again() -> None:
    desk = signed()
    desk.order("contract milestone-meet", id="C1", milestone="award")
    desk.order("contract milestone-reject", "nasa", id="C1", milestone="award")
    assert contract(desk).milestones[0].state == "open"
    paid_for(desk, "award")


def test_a_waived_milestone_pays_nothing() -> None:
    desk = signed()
    answer = desk.order("contract milestone-waive", "nasa", id="C1", milestone="launch")
    assert Money.of(answer["earned"]) == usd("0.00")
    assert desk.books.ledger.invoices == {}


def test_evidence_that_was_superseded_after_the_milestone_was_met_is_not_accepted() -> None:
    desk = flown(signed())
    desk.order("contract milestone-meet", id="C1", milestone="launch")
    shown_of = {"mission": "m9", "digest": digest(77), "kind": "statement", "what": "correction"}
    desk.order("evidence record", id="newer", seen_at="2026-03-02", supersedes="flight", **shown_of)
    refused(
        desk, "evidence", "'flight' is superseded. Use 'newer'", "contract milestone-accept", "nasa",
        id="C1", milestone="launch",
    )  # fmt: skip


def test_a_withdrawn_contract_is_over_before_it_began() -> None:
    desk = drafted(standing())
    desk.order("contract sign", "nasa", id="C1")
    desk.order("contract withdraw", "nasa", id="C1", cause="another carrier")
    refused(desk, "state", "'withdrawn': it cannot 'sign-house'. That is final", "contract sign", id="C1")


@pytest.mark.parametrize(
    ("rule", "text", "order", "party", "asked"),
    [
        ("authority", "for 'nasa' to do, not for the house", "milestone-accept", "", {"milestone": "award"}),
        ("authority", "not for 'meti'", "milestone-accept", "meti", {"milestone": "award"}),
        ("authority", "not for 'nasa'", "milestone-meet", "nasa", {"milestone": "landing"}),
        ("authority", "not for 'nasa'", "close", "nasa", {}),
        ("authority", "is between 'us' and 'nasa', not 'meti'", "sign", "meti", {}),
        (
            "evidence",
            "'success-9' of 'm9' is not declared achieved",
            "milestone-meet",
            "",
            {"milestone": "landing"},
        ),
        (
            "evidence",
            "There is no evidence 'none'",
            "milestone-meet",
            "",
            {"milestone": "landing", "evidence": "none"},
        ),
        (
            "evidence",
            "is of mission 'm8'",
            "milestone-meet",
            "",
            {"milestone": "landing", "evidence": "other"},
        ),
        ("evidence", "this needs evidence", "milestone-fail", "", {"milestone": "landing"}),
        (
            "evidence",
            "does not show that 'landing' failed",
            "milestone-fail",
            "",
            {"milestone": "landing", "evidence": "mute"},
        ),
        (
            "balance",
            "pays nothing for a part of 'launch'",
            "milestone-partial",
            "nasa",
            {"milestone": "launch"},
        ),
        ("evidence", "is not declared achieved", "milestone-partial", "nasa", {"milestone": "landing"}),
        ("state", "has launch, landing, award undecided", "close", "", {}),
        ("state", "'active': it cannot 'resume'", "resume", "", {}),
        ("state", "'active': it cannot 'refund'", "refund", "", {"amount": "1.00 USD"}),
        ("state", "is 'met': it cannot 'meet'", "milestone-meet", "", {"milestone": "award"}),
        (
            "time",
            "before contract 'C1' was signed",
            "milestone-meet",
            "",
            {"milestone": "award", "on": "2026-01-09"},
        ),
        (
            "time",
            "2026-06-02 is still to come",
            "milestone-meet",
            "",
            {"milestone": "award", "on": "2026-06-02"},
        ),
        ("authority", "Deliveries are told by the house", "deliver", "nasa", {"evidence": "mute"}),
        ("authority", "pays no claims", "claim", "", {"spent": "1.00 USD", "until": "2026-05-01"}),
        ("balance", "is in USD; 1.00 EUR is not", "amend", "", {"why": "x", "price": "1.00 EUR"}),
        ("balance", "A contract over 0.00 USD is none", "amend", "", {"why": "x", "price": "0.00 USD"}),
        (
            "balance",
            "would add up to 1,000.01 USD, the price is 9.00 USD",
            "amend",
            "",
            {"why": "x", "price": "9.00 USD"},
        ),
    ],
)
def test_orders_are_refused_with_their_cure(
    rule: str, text: str, order: str, party: str, asked: dict[str, Any]
) -> None:
    desk = shown(signed(), "mute")
    seen = {"digest": digest(8), "kind": "statement", "what": "other mission", "seen_at": "2026-03-01"}
    desk.order("evidence record", id="other", mission="m8", **seen)
    desk.order("contract milestone-meet", id="C1", milestone="award")
    if "undecided" in text:
        text = "has award, launch, landing undecided"
    refused(desk, rule, text, f"contract {order}", party, id="C1", **asked)


@pytest.mark.parametrize(
    ("error", "text", "change"),
    [
        (
            InputError,
            "The shares add up to 100.01 %, not 100 %",
            {"milestones": [TERMS["milestones"][0], {**TERMS["milestones"][1], "share_bp": 9001}]},
        ),
        (InputError, "give each milestone its share_bp, or each its amount", {"milestones": []}),
        (
            InputError,
            "give each milestone its share_bp, or each its amount",
            {"milestones": [{**TERMS["milestones"][0], "amount": "1.00 USD"}]},
        ),
        (
            InputError,
            "The milestones add up to 1.00 USD, the price is 1,000.01 USD",
            {"milestones": [{**MILE, "share_bp": None, "amount": "1.00 USD"}]},
        ),
        (InputError, "of two currencies", {"milestones": [{**MILE, "share_bp": None, "amount": "1.00 EUR"}]}),
        (
            InputError,
            "Give none below zero",
            {"milestones": [{**MILE, "share_bp": None, "amount": "-1.00 USD"}]},
        ),
        (InputError, "says not what shows it", {"milestones": [{**MILE, "needs_kind": None}]}),
        (InputError, "'more' stands twice", {"milestones": [{**MILE, "share_bp": 5000}] * 2}),
        (
            InputError,
            "due on signature; it needs nothing else",
            {"milestones": [{**MILE, "needs_kind": "signature", "needs_outcome": "landed"}]},
        ),
        (
            NameNotFoundError,
            "No milestone of 'm9' 'success-7'",
            {"milestones": [{**MILE, "needs_milestone": "success-7"}]},
        ),
        (
            NameNotFoundError,
            "No milestone of the contract 'orbit'",
            {"refunds": [{"by": "house", "until": "orbit", "refund_bp": 1}]},
        ),
        (InputError, "Give a price above zero", {"price": "0.00 USD"}),
        (NameNotFoundError, "No party 'nobody'", {"party": "nobody"}),
        (NameNotFoundError, "No legal entity 'nobody'", {"entity": "nobody"}),
        (InputError, "'us' is an entity of the house", {"party": "us"}),
        (NameNotFoundError, "No mission 'm7'", {"mission": "m7"}),
        (InputError, "There is a contract 'C1' already", {}),
        (InputError, "a task order stands under a framework", {"id": "C2", "kind": "task-order"}),
        (InputError, "says what is delivered", {"id": "C2", "kind": "data-service"}),
        (
            InputError,
            "a logo has a place",
            {"id": "C2", "kind": "partnership", "deliverables": [{"id": "logo", "what": "Logo"}]},
        ),
        (InputError, "give cost_estimate for cost-to-cost revenue", {"revenue": "cost-to-cost"}),
        (InputError, "give cost_estimate for cost-to-cost revenue", {"cost_estimate": "1.00 USD"}),
    ],
)
def test_terms_that_do_not_hold_together_are_not_drafted(
    error: type[InputError], text: str, change: dict[str, Any]
) -> None:
    desk = drafted(standing()) if not change else standing()
    with pytest.raises(error) as told:
        drafted(desk, **change)
    assert text in str(told.value)
    assert len(desk.books.contracts.by_id) == (0 if change else 1)


def test_an_offer_that_is_out_of_date_cannot_be_signed() -> None:
    desk = drafted(standing(), valid_until="2026-01-31")
    refused(desk, "time", "could be signed until 2026-01-31. Draft it anew", "contract sign", id="C1")
    desk.order("contract sign", id="C1", on="2026-01-31")


def test_contracts_are_drafted_by_the_house_and_numbered() -> None:
    desk = standing()
    refused(desk, "authority", "drafted by the house", "contract draft", "nasa", **TERMS)
    for number in (1, 2):
        answer = desk.order("contract draft", **{**TERMS, "id": None})
        assert answer["id"] == f"C-00000{number}"


def test_a_party_sees_its_own_contracts_only_and_each_reading_is_licensed() -> None:
    desk = signed(signed(), id="C2", party="meti")
    for name in ("contract list", "contract show", "contract milestones"):
        view = registry.view(name)
        assert view.licensed
        asked = view.asked.model_validate({"id": "C1"} if name.endswith("show") else {})
        parties = {view.seen_by(row)[0] for row in visible(view, desk.books, asked, "nasa")}
        assert parties == {"nasa"}
        assert visible(view, desk.books, asked, "stranger") == []


def test_a_party_sees_what_its_own_contract_rests_on() -> None:
    desk = flown(signed(signed(), id="C2", party="meti"))
    for id_ in ("C1", "C2"):
        paid_for(desk, "launch", id_)
    view = registry.view("contract evidence")
    (row,) = visible(view, desk.books, view.asked.model_validate({}), "nasa")
    assert (row.contract, row.part, row.evidence, row.digest) == ("C1", "launch", "flight", digest(1))
    assert visible(view, desk.books, view.asked.model_validate({}), "stranger") == []


def test_what_could_be_met_now_is_listed_as_ready() -> None:
    desk = signed()
    assert [one.id for one in desk.rows("contract milestones", ready=True)] == ["award"]
    flown(desk)
    assert [one.id for one in desk.rows("contract milestones", ready=True)] == ["award", "launch", "landing"]
    (whole,) = desk.rows("contract show", id="C1")
    assert [one.needs for one in whole.milestones] == ["signature", "success-2", "success-9"]


def test_only_the_customer_answers_for_the_customer() -> None:
    """A key bound to a party may give those orders alone that have that party for an owner."""
    desk = signed()
    owned = {verb.name for verb in registry.VERBS.values() if verb.area == "contract" and verb.owner}
    assert {"sign", "milestone-accept", "milestone-waive", "terminate", "amend-agree"} <= owned
    assert not {"draft", "milestone-meet", "pay", "refund", "close", "deliver"} & owned
    accept = registry.verb("contract milestone-accept")
    assert accept.owner is not None
    asked = accept.asked.model_validate({"id": "C1", "milestone": "award"})
    assert accept.owner(desk.books, asked) == "nasa"

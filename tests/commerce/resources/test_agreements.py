"""Regolith contracts: the one that succeeds, those that fail, and everything that is refused on the way."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from regolith import Desk, digest, drafted, licensed, ready, sample, standing, until

from perilune.commerce.ledger.audit import balanced
from perilune.commerce.money import Money
from perilune.errors import InputError, RefusedError


def usd(text: str) -> Money:
    return Money.parse(f"{text} USD")


def refused(desk: Desk, rule: str, text: str, name: str, party: str = "", /, **asked: Any) -> None:
    before = copy.deepcopy(desk.books)
    with pytest.raises(RefusedError) as told:
        desk.order(f"resource {name}", party, **asked)
    assert told.value.rule == rule
    assert text in str(told.value)
    assert desk.books == before


def test_a_contract_that_succeeds_pays_as_published_and_passes_the_title_in_place() -> None:
    desk = until(ready(), "transferred")
    payments = desk.rows("resource payments", id="R1")
    assert [(one.due_on, one.amount) for one in payments] == [
        ("award", usd("500.00")),
        ("launch", usd("500.00")),
        ("transfer", usd("4000.00")),
    ]
    (lot,) = desk.rows("resource lots")
    assert (lot.owner, lot.mass_mg) == ("nasa", 120_000)
    assert [title.owner for title in desk.rows("resource titles", id=lot.id)] == ["ispace-eu", "nasa"]
    refused(desk, "balance", "Invoice INV-000001 is not paid in full", "settle", id="R1")
    refused(desk, "authority", "booked by the seller", "pay", "nasa", id="R1", due_on="award")
    for one in payments:
        desk.order("resource pay", id="R1", due_on=one.due_on)
    assert desk.order("resource settle", id="R1")["state"] == "settled"
    assert balanced(desk.books) == []


def test_a_landing_that_fails_leaves_the_last_payment_unpaid() -> None:
    desk = until(ready(), "launched")
    desk.order("resource fail", id="R1", evidence="lost", why="The landing was not achieved.")
    (row,) = desk.rows("resource list")
    assert (row.state, row.invoiced) == ("failed", usd("1000.00"))
    assert desk.rows("resource lots") == []
    refused(desk, "state", "That is final", "collect", **sample())


def test_a_development_review_releases_a_payment_of_its_own() -> None:
    desk = standing()
    licensed(desk)
    shares = (("award", 1000), ("review", 2000), ("launch", 1000), ("transfer", 6000))
    drafted(desk, payments=[{"due_on": step, "share": share} for step, share in shares])
    desk.order("resource award", "nasa", id="R1")
    refused(desk, "authority", "Only the buyer 'nasa'", "review", id="R1", evidence="reviewed")
    answer = desk.order("resource review", "nasa", id="R1", evidence="reviewed")
    assert answer["state"] == "reviewed"
    assert answer["due"] == "1,000.00 USD"


@pytest.mark.parametrize(
    ("rule", "text", "order", "party", "asked"),
    [
        ("authority", "Only the buyer 'nasa' may do that", "award", "", {}),
        (
            "state",
            "it cannot 'launch'. Possible now: authorise, award",
            "launch",
            "",
            {"evidence": "launched"},
        ),
        ("time", "2027-01-01 is still to come", "award", "nasa", {"on": "2027-01-01"}),
        ("time", "2025-12-31 lies before the draft of 2026-01-02", "award", "nasa", {"on": "2025-12-31"}),
        ("time", "The contract runs until 2027-12-31", "expire", "", {}),
    ],
)
def test_a_draft_goes_on_by_its_rules_only(
    rule: str, text: str, order: str, party: str, asked: dict[str, Any]
) -> None:
    refused(ready(), rule, text, order, party, **{"id": "R1", **asked})


def test_nothing_is_dated_before_the_award() -> None:
    desk = until(ready(), "licensed")
    refused(
        desk, "time", "2026-01-09 lies before the award on 2026-01-10", "launch",
        id="R1", evidence="launched", on="2026-01-09",
    )  # fmt: skip


def test_a_licence_is_personal_and_for_its_mission() -> None:
    desk = ready()
    licensed(desk, "other", holder="ispace-jp")
    licensed(desk, "elsewhere", mission="m8")
    refused(desk, "authority", "cannot be assigned to 'museum'", "licence-assign", id="licence", to="museum")
    refused(
        desk,
        "authority",
        "personal to 'ispace-jp'; 'ispace-eu' needs its own",
        "authorise",
        id="R1",
        licence="other",
    )
    refused(desk, "authority", "is for mission 'm8', not 'm9'", "authorise", id="R1", licence="elsewhere")
    refused(desk, "authority", "Only 'lu' decides", "licence-revoke", "nasa", id="licence")


def test_nothing_is_launched_without_a_licence_or_collected_under_a_revoked_one() -> None:
    desk = until(ready(), "awarded")
    refused(desk, "authority", "No licence is attached", "launch", id="R1", evidence="launched")
    desk = until(ready(), "landed")
    desk.order("resource licence-revoke", "lu", id="licence")
    refused(desk, "authority", "is revoked; nothing may be collected", "collect", **sample())


@pytest.mark.parametrize(
    ("rule", "text", "said"),
    [
        ("authority", "three of that must stay within its 500 m", {"place": {"latitude_rad": 1.001}}),
        ("authority", "three of that must stay within its 500 m", {"place": {"north_variance_m2": 1e6}}),
        ("authority", "The plan allows scoop; not 'drill'", {"method": "drill"}),
        ("evidence", "900 g were collected; the contract is for 50 to 500 g", {"mass_kg": 0.9}),
        ("evidence", "its determinant must be above zero", {"place": {"covariance_m2": 20.0}}),
        ("evidence", "One image is named twice", {"imagery": [digest(10), digest(10)]}),
        ("time", "before the award on 2026-01-10", {"collected_at": "2026-01-09"}),
        ("time", "is still to come", {"collected_at": "2026-06-02"}),
    ],
)
def test_a_sample_must_be_where_and_what_the_plan_allows(rule: str, text: str, said: dict[str, Any]) -> None:
    desk = until(ready(), "landed")
    asked = sample(**{**said, "place": {**sample()["place"], **said.get("place", {})}})
    refused(desk, rule, text, "collect", **asked)


def test_the_same_images_show_one_sample_only() -> None:
    desk = until(ready(), "collected")
    drafted(desk, id="R2")
    for order, party, asked in (
        ("award", "nasa", {}),
        ("authorise", "", {"licence": "licence"}),
        ("launch", "", {"evidence": "launched"}),
        ("land", "", {"evidence": "landed"}),
    ):
        desk.order(f"resource {order}", party, id="R2", **asked)
    refused(desk, "evidence", "no material is sold twice", "collect", **sample(id="R2"))


def test_evidence_of_a_loss_is_no_landing() -> None:
    desk = until(ready(), "launched")
    refused(
        desk,
        "evidence",
        "success-9 is failed; the landing must be achieved",
        "land",
        id="R1",
        evidence="lost",
    )
    refused(
        desk, "evidence", "does not show that anything failed", "fail", id="R1", evidence="launched", why="x"
    )


def test_shares_add_up_and_stand_once() -> None:
    desk = standing()
    for shares, text in (
        ([("award", 1000)], "add up to 10 %, not 100 %"),
        ([("award", 5000), ("award", 5000)], "Two payments are due on the same step"),
    ):
        with pytest.raises(RefusedError, match=text):
            drafted(desk, payments=[{"due_on": step, "share": share} for step, share in shares])
    with pytest.raises(RefusedError, match="above zero"):
        drafted(desk, price="0.00 USD")
    with pytest.raises(InputError, match="most mass is below the least"):
        drafted(desk, least_mass_kg=0.5, most_mass_kg=0.05)


def test_a_price_of_one_cent_is_not_lost() -> None:
    desk = standing()
    licensed(desk)
    drafted(desk, price="0.01 USD")
    assert [one.amount.minor for one in desk.rows("resource payments", id="R1")] == [0, 0, 1]


def test_what_the_buyer_rejects_is_submitted_again_and_a_dispute_needs_both_to_end() -> None:
    desk = until(ready(), "submitted")
    assert desk.order("resource reject", "nasa", id="R1", why="Too dark.")["state"] == "collected"
    desk.order("resource submit", id="R1")
    assert desk.order("resource dispute", "nasa", id="R1", why="Another place.")["state"] == "disputed"
    refused(
        desk,
        "authority",
        "must agree: name the other side",
        "resolve",
        "nasa",
        id="R1",
        agreed_by="nasa",
        why="x",
    )
    assert (
        desk.order("resource resolve", "nasa", id="R1", agreed_by="ispace-eu", why="Agreed.")["state"]
        == "submitted"
    )


def test_what_is_not_due_yet_cannot_be_paid() -> None:
    desk = until(ready(), "launched")
    refused(
        desk, "state", "'transfer' of contract 'R1' is not invoiced yet", "pay", id="R1", due_on="transfer"
    )
    refused(desk, "time", "is still to come", "pay", id="R1", due_on="award", on="2026-06-02")
    with pytest.raises(InputError, match="No payment of contract 'R1' 'landing'"):
        desk.order("resource pay", id="R1", due_on="landing")
    desk.order("resource pay", id="R1", due_on="award", amount="100.00 USD")
    refused(desk, "balance", "400.00 USD", "pay", id="R1", due_on="award", amount="400.01 USD")


def test_no_sample_is_of_a_time_before_the_landing() -> None:
    desk = until(ready(), "landed")
    refused(
        desk,
        "time",
        "before the landing on 2026-05-01",
        "collect",
        **sample(collected_at="2026-02-20T05:00Z"),
    )


def test_one_id_names_one_contract_so_that_no_money_is_taken_for_anothers() -> None:
    desk = until(ready(), "awarded")
    terms = {
        "kind": "payload-service", "entity": "ispace-eu", "party": "museum", "mission": "m9",
        "title": "A lamp", "price": "100.00 USD",
        "milestones": [{"id": "signing", "name": "Signing", "share_bp": 10_000, "needs_kind": "signature"}],
    }  # fmt: skip
    with pytest.raises(RefusedError, match="'R1' names another contract already"):
        desk.order("contract draft", id="R1", **terms)
    invoice = {"entity": "ispace-eu", "amount": "7.00 USD", "due": "2026-12-01"}
    with pytest.raises(RefusedError, match="Contract 'R1' is with 'nasa', not with 'museum'"):
        desk.order("ledger invoice-issue", contract="R1", party="museum", **invoice)
    desk.order("ledger invoice-issue", contract="C-000001", party="nasa", **invoice)
    with pytest.raises(RefusedError, match="'C-000001' names another contract already"):
        desk.order("contract draft", id="C-000001", **terms)
    desk.order("contract draft", **terms)
    (drawn,) = desk.rows("contract list")
    assert (drawn.id, drawn.owed) == ("C-000002", usd("0.00"))
    with pytest.raises(RefusedError, match="is with 'museum', not with 'nasa'"):
        desk.order("ledger invoice-issue", contract=drawn.id, party="nasa", **invoice)
    refused(
        desk, "state", "There is a contract 'C-000002' already", "draft", id="C-000002", buyer="nasa",
        seller="ispace-eu", mission="m9", price="5.00 USD", term="2027-12-31",
    )  # fmt: skip

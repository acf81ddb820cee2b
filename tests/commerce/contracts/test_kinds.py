"""The kinds of contracts: subsidies with conditions, task orders, partnerships, data."""

from __future__ import annotations

from typing import Any

import pytest
from agreements import contract, paid_for, refused, signed, standing, usd
from regolith import Desk, digest

from perilune.commerce.ledger.audit import balanced
from perilune.commerce.money import Money
from perilune.errors import InputError

SUBSIDY: dict[str, Any] = {
    "kind": "subsidy",
    "party": "meti",
    "price": "120.00 USD",
    "refunds": (),
    "milestones": [
        {
            "id": "hundred-kg",
            "name": "At least 100 kg to the surface",
            "needs_outcome": "landed",
            "at_least": {"payload_mass_kg": 100.0},
            "by": "2026-04-30",
        }
    ],
}


def recorded(desk: Desk, id_: str, kind: str, seen_at: str = "2026-03-01", **found: Any) -> Desk:
    number = len(desk.books.evidence.by_id) + 100
    asked = {"mission": "m9", "digest": digest(number), "kind": kind, "what": "as seen", "seen_at": seen_at}
    desk.order("evidence record", id=id_, **asked, **found)
    return desk


def landed(desk: Desk, mass_kg: float, outcome: str = "landed", seen_at: str = "2026-03-01") -> Desk:
    return recorded(
        desk, "flight", "delivery", seen_at, outcome=outcome, figures={"payload_mass_kg": mass_kg}
    )


def test_a_subsidy_pays_what_was_spent_after_its_inspection_and_no_more_than_its_whole() -> None:
    desk = recorded(signed(**SUBSIDY), "look", "inspection")
    assert desk.order("contract claim", id="C1", spent="100.00 USD", until="2026-03-31")["claim"] == "claim-1"
    approve = {"id": "C1", "claim": "claim-1", "evidence": "look"}
    refused(
        desk, "balance", "at most 100.00 USD can be approved", "contract claim-approve", "meti",
        **approve, amount="100.01 USD",
    )  # fmt: skip
    refused(desk, "authority", "for 'meti' to do", "contract claim-approve", **approve, amount="90.00 USD")
    desk.order("contract claim-approve", "meti", **approve, amount="90.00 USD")
    desk.order("contract claim", id="C1", spent="100.00 USD", until="2026-05-31")
    second = approve | {"claim": "claim-2"}
    refused(
        desk, "balance", "30.00 USD of 120.00 USD is left", "contract claim-approve", "meti",
        **second, amount="30.01 USD",
    )  # fmt: skip
    desk.order("contract claim-approve", "meti", **second, amount="30.00 USD")
    desk.order("contract pay", id="C1", part="claim-1")
    (row,) = desk.rows("contract list")
    assert (row.earned, row.paid, row.owed) == (usd("120.00"), usd("90.00"), usd("30.00"))
    assert desk.books.ledger.positions["C1"].recognised == usd("120.00")
    assert desk.books.ledger.totals["us:grant:subsidy"]["USD"] == -12_000
    assert balanced(desk.books) == []


def test_a_claim_needs_an_inspection_and_its_time() -> None:
    desk = recorded(signed(**SUBSIDY), "told", "statement")
    refused(
        desk, "time", "covers days from 2026-01-10 to 2026-06-01", "contract claim",
        id="C1", spent="1.00 USD", until="2026-01-09",
    )  # fmt: skip
    refused(
        desk,
        "balance",
        "Give an amount above zero",
        "contract claim",
        id="C1",
        spent="0.00 USD",
        until="2026-05-01",
    )
    desk.order("contract claim", id="C1", spent="1.00 USD", until="2026-05-01")
    refused(
        desk, "evidence", "A claim is approved on an inspection", "contract claim-approve", "meti",
        id="C1", claim="claim-1", evidence="told", amount="1.00 USD",
    )  # fmt: skip
    desk.order("contract claim-reject", "meti", id="C1", claim="claim-1")
    assert contract(desk).claims[0].state == "rejected"


@pytest.mark.parametrize(
    ("mass_kg", "outcome", "text"),
    [
        (99.9, "landed", "shows payload_mass_kg 99.9; at least 100 is needed"),
        (150.0, "crashed", "shows 'crashed'; 'landed' is needed"),
    ],
)
def test_a_condition_is_met_by_the_figures_of_a_flight_alone(mass_kg: float, outcome: str, text: str) -> None:
    desk = landed(signed(**SUBSIDY), mass_kg, outcome)
    meet = {"id": "C1", "milestone": "hundred-kg", "evidence": "flight"}
    refused(desk, "evidence", text, "contract milestone-meet", **meet)
    desk.order("contract milestone-fail", "meti", **meet)
    assert contract(desk).milestones[0].state == "failed"


def test_a_condition_that_is_met_in_time_is_accepted_and_pays_nothing_itself() -> None:
    desk = landed(signed(**SUBSIDY), 100.0)
    desk.order("contract milestone-meet", id="C1", milestone="hundred-kg", evidence="flight")
    answer = desk.order("contract milestone-accept", "meti", id="C1", milestone="hundred-kg")
    assert (answer["invoice"], Money.of(answer["earned"])) == ("", usd("0.00"))


def test_a_later_date_holds_only_once_the_minister_approves_it() -> None:
    desk = landed(signed(**SUBSIDY), 120.0, seen_at="2026-05-15")
    meet = {"id": "C1", "milestone": "hundred-kg", "evidence": "flight"}
    refused(
        desk, "time", "was to be reached by 2026-04-30, and was 2026-05-15", "contract milestone-meet", **meet
    )
    later = [{**SUBSIDY["milestones"][0], "by": "2026-12-31"}]
    desk.order("contract amend", id="C1", why="the launch slipped", milestones=later)
    refused(desk, "time", "was to be reached by 2026-04-30", "contract milestone-meet", **meet)
    desk.order("contract amend-agree", "meti", id="C1", number=1)
    desk.order("contract milestone-meet", **meet)
    assert contract(desk).milestones[0].state == "met"


def test_a_milestone_whose_day_is_past_may_be_failed_without_evidence() -> None:
    desk = signed(**SUBSIDY)
    refused(
        desk, "evidence", "this needs evidence", "contract milestone-fail", id="C1", milestone="hundred-kg",
        on="2026-04-30",
    )  # fmt: skip
    desk.order("contract milestone-fail", id="C1", milestone="hundred-kg", on="2026-05-01")


@pytest.mark.parametrize(
    ("text", "milestones"),
    [
        ("a subsidy has conditions", []),
        ("its milestones are conditions and pay nothing", [{**SUBSIDY["milestones"][0], "share_bp": 1}]),
    ],
)
def test_a_subsidy_without_conditions_is_none(text: str, milestones: list[Any]) -> None:
    with pytest.raises(InputError, match=text):
        signed(**{**SUBSIDY, "milestones": milestones})


def test_a_partnership_delivers_each_logo_at_its_place() -> None:
    logos = [
        {"id": "lander", "what": "Logo", "place": "lander, panel 2"},
        {"id": "rover", "what": "Logo", "place": "rover, left side"},
    ]
    terms = [{"id": "fee", "name": "Fee", "share_bp": 10_000, "needs_kind": "signature"}]
    desk = signed(
        kind="partnership",
        party="sponsor",
        deliverables=logos,
        milestones=terms,
        refunds=(),
        price="50.00 USD",
    )
    paid_for(desk, "fee")
    recorded(desk, "photo", "imagery")
    desk.order("contract deliver", id="C1", deliverable="lander", evidence="photo")
    assert "us:revenue:partnership" not in desk.books.ledger.totals
    desk.order("contract deliver", id="C1", deliverable="rover", evidence="photo")
    assert desk.books.ledger.totals["us:revenue:partnership"]["USD"] == -5_000
    with pytest.raises(InputError, match="No deliverable of 'C1' 'hangar'"):
        desk.order("contract deliver", id="C1", deliverable="hangar", evidence="photo")


def test_a_task_order_pays_on_reviews() -> None:
    terms = [
        {"id": "pdr", "name": "Interface PDR", "share_bp": 10_000, "needs_kind": "review"},
    ]
    desk = recorded(
        signed(kind="task-order", under="CLPS", milestones=terms, refunds=()), "minutes", "review"
    )
    recorded(desk, "press", "statement")
    meet = {"id": "C1", "milestone": "pdr"}
    refused(desk, "evidence", "is of kind 'statement'; 'review' is needed", "contract milestone-meet",
            **meet, evidence="press")  # fmt: skip
    desk.order("contract milestone-meet", **meet, evidence="minutes")
    assert Money.of(desk.order("contract milestone-accept", "nasa", **meet)["earned"]) == usd("1000.01")


def test_a_data_service_names_its_products() -> None:
    products = [{"id": "images", "what": "Images of the landing site"}]
    terms = [{"id": "data", "name": "Data", "share_bp": 10_000, "needs_kind": "telemetry"}]
    desk = signed(kind="data-service", deliverables=products, milestones=terms, refunds=())
    recorded(desk, "files", "telemetry")
    desk.order("contract deliver", id="C1", deliverable="images", evidence="files")
    desk.order("contract milestone-meet", id="C1", milestone="data", evidence="files")
    desk.order("contract milestone-accept", "nasa", id="C1", milestone="data")
    assert desk.books.ledger.totals["us:revenue:data-service"]["USD"] == -100_001


def test_work_before_the_signature_releases_nothing() -> None:
    terms = [{"id": "pdr", "name": "PDR", "share_bp": 10_000, "needs_kind": "review"}]
    desk = recorded(standing(), "minutes", "review", seen_at="2026-01-09")
    signed(desk, milestones=terms, refunds=())
    refused(
        desk, "time", "happened 2026-01-09, before contract 'C1' was signed (2026-01-10)",
        "contract milestone-meet", id="C1", milestone="pdr", evidence="minutes",
    )  # fmt: skip

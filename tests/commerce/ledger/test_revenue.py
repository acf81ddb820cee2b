"""Revenue: on delivery, or by cost with catch-up and a provision for a loss; assets, liabilities between."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledgers import Clerk, clerk

from perilune.commerce.ledger.audit import balanced
from perilune.commerce.money import Money
from perilune.errors import InputError, RefusedError

PLAN = {
    "entity": "us", "party": "nasa", "contract": "C-1", "line": "task-order", "method": "cost-to-cost",
    "price": "1,000.00 USD", "estimate": "800.00 USD",
}  # fmt: skip
DELIVERY = {"entity": "us", "party": "nasa", "contract": "C-1", "line": "payload-service"}


def planned(**change: Any) -> Clerk:
    one = clerk()
    one.do("ledger plan-revenue", **{**PLAN, **change})
    return one


def bill(one: Clerk, amount: str, **change: Any) -> None:
    asked = {
        "entity": "us",
        "party": "nasa",
        "contract": "C-1",
        "amount": amount,
        "due": "2030-01-01",
        **change,
    }
    one.do("ledger invoice-issue", **asked)


def spend(one: Clerk, amount: str, key: str, account: str = "us:payable:maker") -> Any:
    return one.do("ledger cost", contract="C-1", amount=amount, paid_from=account, key=key)


def balances(one: Clerk) -> Any:
    (row,) = one.rows("ledger contract-balances")
    return row


def test_billed_before_it_is_earned_is_a_liability_and_earned_on_delivery() -> None:
    one = clerk()
    bill(one, "200.00 USD")
    assert (str(balances(one).contract_liability), str(balances(one).revenue)) == ("200.00 USD", "0.00 USD")
    one.do("ledger recognise", **DELIVERY, amount="150.00 USD", key="landing")
    row = balances(one)
    assert (row.contract_liability.minor, row.contract_asset.minor, row.revenue.minor) == (5_000, 0, 15_000)
    assert one.balance("us:revenue:payload-service", "USD") == -15_000
    assert balanced(one.books) == []


def test_earned_before_it_is_billed_is_an_asset_that_billing_ends() -> None:
    one = clerk()
    one.do("ledger recognise", **DELIVERY, amount="150.00 USD", key="landing")
    assert (balances(one).contract_asset.minor, balances(one).contract_liability.minor) == (15_000, 0)
    bill(one, "200.00 USD")
    assert (balances(one).contract_asset.minor, balances(one).contract_liability.minor) == (0, 5_000)
    assert balanced(one.books) == []


def test_revenue_taken_back_ends_the_asset_and_then_stands_as_liability() -> None:
    one = clerk()
    bill(one, "100.00 USD")
    one.do("ledger recognise", **DELIVERY, amount="150.00 USD", key="landing")
    one.do("ledger recognise", **DELIVERY, amount="-120.00 USD", key="back", memo="The payload did not work")
    row = balances(one)
    assert (row.contract_asset.minor, row.contract_liability.minor, row.revenue.minor) == (0, 7_000, 3_000)
    with pytest.raises(RefusedError) as refusal:
        one.do("ledger recognise", **DELIVERY, amount="-30.01 USD", key="more")
    assert str(refusal.value) == "30.00 USD of 'C-1' is recognised; 30.01 USD cannot be taken back."
    with pytest.raises(RefusedError, match="Nothing would be recognised"):
        one.do("ledger recognise", **DELIVERY, amount="0.00 USD", key="none")
    assert balanced(one.books) == []


def test_cost_earns_its_share_of_the_price() -> None:
    one = planned()
    answer = spend(one, "200.00 USD", "wages")
    assert answer["earned"] == {"minor": 25_000, "currency": "USD"}
    row = balances(one)
    assert (row.progress_bp, row.revenue.minor, row.contract_asset.minor) == (2_500, 25_000, 25_000)
    spend(one, "600.00 USD", "engine")
    row = balances(one)
    assert (row.progress_bp, row.revenue.minor, row.provision.minor) == (10_000, 100_000, 0)
    assert one.balance("us:cost-of-revenue:C-1", "USD") == 80_000
    assert balanced(one.books) == []


def test_a_new_estimate_catches_up_at_once_and_a_loss_is_provided_for() -> None:
    one = planned()
    spend(one, "400.00 USD", "wages")
    assert balances(one).revenue.minor == 50_000
    one.do(
        "ledger estimate", contract="C-1", estimate="1,600.00 USD", key="review", memo="The engine is late"
    )
    row = balances(one)
    # A quarter is done: revenue falls to 250; of the loss of 600, 150 is in cost already, 450 is to come.
    assert (row.progress_bp, row.revenue.minor, row.provision.minor) == (2_500, 25_000, 45_000)
    assert one.balance("us:onerous-loss:C-1", "USD") == 45_000
    spend(one, "1,200.00 USD", "engine")
    row = balances(one)
    assert (row.revenue.minor, row.provision.minor) == (100_000, 0)
    lines = {line.line: line.amount.minor for line in one.rows("ledger income", entity="us")}
    assert lines["result"] == 100_000 - 160_000
    assert balanced(one.books) == []


def test_an_amendment_raises_the_price_and_ends_the_loss() -> None:
    one = planned()
    spend(one, "400.00 USD", "wages")
    one.do("ledger estimate", contract="C-1", estimate="1600.00 USD", key="review")
    one.do("ledger estimate", contract="C-1", estimate="1600.00 USD", price="2000.00 USD", key="amendment")
    row = balances(one)
    assert (str(row.price), row.revenue.minor, row.provision.minor) == ("2,000.00 USD", 50_000, 0)
    assert balanced(one.books) == []


def test_cost_above_the_estimate_asks_for_a_new_one() -> None:
    one = planned()
    with pytest.raises(RefusedError) as refusal:
        spend(one, "800.01 USD", "wages")
    assert str(refusal.value) == (
        "Cost of 'C-1' would be 800.01 USD, above its estimate at completion of 800.00 USD. "
        "Give a new one first: perilune ledger estimate."
    )
    assert not one.books.ledger.transfers


@pytest.mark.parametrize(
    ("order", "asked", "sentence"),
    [
        ("plan-revenue", PLAN, "Revenue of 'C-1' is planned already. Give a new estimate instead."),
        (
            "recognise",
            {**DELIVERY, "amount": "1.00 USD", "key": "k"},
            "'C-1' earns by cost. Book its cost: perilune ledger cost.",
        ),
        (
            "estimate",
            {"contract": "C-1", "estimate": "1.00 EUR", "key": "k"},
            "Give the estimated cost at completion, above zero and in USD.",
        ),
        (
            "estimate",
            {"contract": "C-1", "estimate": "900.00 USD", "price": "1.00 EUR", "key": "k"},
            "The price of 'C-1' is in USD and above zero.",
        ),
        (
            "cost",
            {"contract": "C-1", "amount": "1.00 USD", "paid_from": "eu:cash", "key": "k"},
            "'C-1' is of us; eu:cash is another entity's account.",
        ),
        (
            "cost",
            {"contract": "C-2", "amount": "1.00 USD", "paid_from": "us:cash", "key": "k"},
            "No contract with revenue 'C-2'. Did you mean 'C-1'?",
        ),
    ],
)
def test_what_cannot_be_earned_or_spent_is_refused(order: str, asked: dict[str, Any], sentence: str) -> None:
    one = planned()
    before = one.books.seq
    with pytest.raises(InputError) as refusal:
        one.do(f"ledger {order}", **asked)
    assert str(refusal.value) == sentence
    assert one.books.seq == before


def test_no_more_is_earned_than_the_price() -> None:
    one = planned(method="point-in-time", estimate=None)
    with pytest.raises(RefusedError) as refusal:
        one.do("ledger recognise", **DELIVERY, amount="1000.01 USD", key="k")
    assert str(refusal.value) == (
        "'C-1' has a price of 1,000.00 USD, of which 0.00 USD is recognised; 1,000.01 USD is too much. "
        "Record a new price first: perilune ledger estimate."
    )
    other = clerk()
    other.do("ledger recognise", **DELIVERY, amount="2.00 USD", key="k")
    with pytest.raises(RefusedError, match=r"2.00 USD of 'C-1' is recognised, more than a price of 1.00 USD"):
        other.do("ledger plan-revenue", **{**PLAN, "price": "1.00 USD"})


def test_an_estimate_is_not_below_what_is_spent() -> None:
    one = planned()
    spend(one, "400.00 USD", "wages")
    with pytest.raises(
        RefusedError, match=r"400.00 USD of cost is spent; an estimate of 399.00 USD is below it"
    ):
        one.do("ledger estimate", contract="C-1", estimate="399.00 USD", key="e")


def test_cost_to_cost_needs_an_estimate() -> None:
    with pytest.raises(RefusedError, match="Give the estimated cost at completion, above zero and in USD"):
        planned(estimate=None)
    one = clerk()
    bill(one, "1.00 USD")
    with pytest.raises(
        RefusedError, match=r"Revenue of 'C-1' has no plan\. Give one: perilune ledger plan-revenue"
    ):
        spend(one, "1.00 USD", "k")


def test_a_prepayment_in_foreign_currency_is_earned_at_the_rate_it_was_billed_at() -> None:
    one = clerk()
    for day, rate in (("2025-01-01", "0.90"), ("2025-06-01", "0.80")):
        one.do("ledger rate", base="USD", quote="EUR", rate=rate, day=day, source="a bank")
    bill(one, "100.00 USD", entity="eu", effective="2025-01-01")
    asked = {**DELIVERY, "entity": "eu", "amount": "150.00 USD", "key": "landing", "effective": "2025-06-01"}
    one.do("ledger recognise", **asked)
    # 100 dollars at 0.90, the 50 beyond billing at 0.80.
    assert one.balance("eu:revenue:payload-service", "EUR") == -(9_000 + 4_000)
    assert balances(one).contract_asset.minor == 4_000
    one.do("ledger rate", base="USD", quote="EUR", rate="0.70", day="2025-09-01", source="a bank")
    bill(one, "50.00 USD", entity="eu", effective="2025-09-01")
    assert (balances(one).contract_asset.minor, balances(one).contract_liability.minor) == (0, 0)
    assert one.balance("eu:fx-loss:realised", "EUR") == 500
    assert balanced(one.books) == []


def test_revenue_taken_back_is_never_more_than_was_earned() -> None:
    """Billed at a high rate and credited, the asset stands at that rate; revenue at its own."""
    one = clerk()
    for day, rate in (("2025-01-01", "0.50"), ("2025-06-01", "2.00")):
        one.do("ledger rate", base="USD", quote="EUR", rate=rate, day=day, source="a bank")
    earn = {**DELIVERY, "entity": "eu"}
    one.do("ledger recognise", **earn, amount="100.00 USD", key="landing", effective="2025-01-01")
    bill(one, "100.00 USD", entity="eu", effective="2025-06-01")
    one.do("ledger invoice-credit", invoice="INV-000001", amount="100.00 USD", effective="2025-06-02")
    assert balances(one).contract_asset.minor == 20_000
    one.do("ledger recognise", **earn, amount="-100.00 USD", key="back", effective="2025-06-03")
    row = balances(one)
    assert (row.contract_asset.minor, row.contract_liability.minor, row.revenue.minor) == (0, 0, 0)
    assert one.balance("eu:fx-gain:realised", "EUR") == -15_000
    assert one.balance("eu:fx-loss:realised", "EUR") == 15_000
    assert balanced(one.books) == []


STEPS = st.lists(
    st.tuples(st.sampled_from(["bill", "earn", "back", "credit"]), st.integers(1, 10**7)),
    min_size=1,
    max_size=12,
)


@given(STEPS, st.sampled_from(["us", "eu"]))
def test_nothing_of_a_contract_is_left_at_its_end(steps: list[tuple[str, int]], entity: str) -> None:
    """Whatever the way there: nothing stays behind, asset and liability never stand together."""
    one = clerk()
    for number in range(4):
        rate = f"0.{9 - number}7"
        one.do(
            "ledger rate", base="USD", quote="EUR", rate=rate, day=f"2025-0{number + 1}-01", source="a bank"
        )
    for number, (step, minor) in enumerate(steps):
        asked = {"effective": f"2025-0{number % 4 + 1}-{number + 1:02d}", "key": f"k{number}"}
        amount = str(Money(minor if step != "back" else -minor, "USD"))
        try:
            if step == "bill":
                bill(one, amount, entity=entity, **asked)
            elif step == "credit":
                one.do("ledger invoice-credit", invoice="INV-000001", amount=amount, memo="", **asked)
            else:
                one.do("ledger recognise", **{**DELIVERY, "entity": entity}, amount=amount, **asked)
        except InputError:
            continue
        assert balanced(one.books) == []
    position = one.books.ledger.positions.get("C-1")
    if position is None:
        return
    rest = position.billed - position.recognised
    end = {"effective": "2025-12-01", "key": "end"}
    if rest.minor > 0:
        one.do("ledger recognise", **{**DELIVERY, "entity": entity}, amount=str(rest), **end)
    elif rest.minor < 0:
        bill(one, str(-rest), entity=entity, **end)
    position = one.books.ledger.positions["C-1"]
    assert (position.asset.minor, position.liability.minor) == (0, 0)
    assert position.billed == position.recognised
    assert balanced(one.books) == []

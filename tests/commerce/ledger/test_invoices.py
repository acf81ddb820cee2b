"""Invoices: issued, paid in parts, credited, refunded; at the rates of their days."""

from __future__ import annotations

from typing import Any

import pytest
from ledgers import Clerk, clerk

from perilune.commerce import registry
from perilune.commerce.ledger import invoices
from perilune.commerce.ledger.audit import balanced
from perilune.commerce.money import Money
from perilune.commerce.verbs import visible
from perilune.errors import NameNotFoundError, RefusedError

BILL = {
    "entity": "us", "party": "nasa", "contract": "C-1", "amount": "1,000.00 USD", "due": "2026-01-31",
    "memo": "Award",
}  # fmt: skip


def billed(**change: Any) -> Clerk:
    one = clerk()
    one.do("ledger invoice-issue", "2026-01-01", **{**BILL, **change})
    return one


def rated() -> Clerk:
    one = clerk()
    for day, rate in (("2026-01-01", "0.90"), ("2026-02-01", "0.95"), ("2026-03-01", "0.80")):
        one.do("ledger rate", day, base="USD", quote="EUR", rate=rate, day=day, source="a bank")
    return one


def line(one: Clerk, **asked: Any) -> Any:
    (row,) = one.rows("ledger invoices", **asked)
    return row


def test_an_invoice_is_receivable_and_not_yet_earned() -> None:
    one = billed()
    assert one.balance("us:receivable:nasa", "USD") == 100_000
    assert one.balance("us:contract-liability:C-1", "USD") == -100_000
    assert (line(one).id, line(one).state, str(line(one).open)) == ("INV-000001", "open", "1,000.00 USD")
    assert balanced(one.books) == []


def test_it_is_paid_in_parts_and_no_more() -> None:
    one = billed()
    paid = one.do("ledger invoice-pay", "2026-01-10", invoice="INV-000001", amount="400.00 USD")
    assert paid == {"id": "INV-000001", "open": "600.00 USD"}
    assert line(one).state == "partly paid"
    with pytest.raises(RefusedError) as refusal:
        one.do("ledger invoice-pay", "2026-01-11", invoice="INV-000001", amount="600.01 USD")
    assert (
        str(refusal.value)
        == "INV-000001 is open with 600.00 USD; 600.01 USD is more. Book the rest as a deposit."
    )
    one.do(
        "ledger invoice-pay",
        "2026-01-11",
        invoice="INV-000001",
        amount="600.00 USD",
        into="us:cash:house-bank",
    )
    assert line(one).state == "settled"
    assert one.balance("us:cash:house-bank", "USD") == 60_000
    assert balanced(one.books) == []


def test_a_credit_note_owes_less_and_a_refund_pays_back() -> None:
    one = billed()
    one.do("ledger invoice-pay", "2026-01-10", invoice="INV-000001", amount="1000.00 USD")
    with pytest.raises(RefusedError) as refusal:
        one.do("ledger invoice-refund", "2026-01-12", invoice="INV-000001", amount="1.00 USD")
    assert (
        str(refusal.value) == "0.00 USD of INV-000001 is to be refunded; credit it first to refund 1.00 USD."
    )
    one.do("ledger invoice-credit", "2026-01-12", invoice="INV-000001", amount="250.00 USD", memo="Late")
    assert (line(one).state, str(line(one).open)) == ("to be refunded", "-250.00 USD")
    assert one.balance("us:contract-liability:C-1", "USD") == -75_000
    one.do("ledger invoice-refund", "2026-01-13", invoice="INV-000001", amount="250.00 USD")
    assert line(one).state == "settled"
    assert one.balance("us:cash", "USD") == 75_000
    with pytest.raises(
        RefusedError, match=r"INV-000001 can be credited with 750.00 USD more; 751.00 USD is too much"
    ):
        one.do("ledger invoice-credit", "2026-01-14", invoice="INV-000001", amount="751.00 USD")
    assert balanced(one.books) == []


def test_what_will_not_be_paid_is_written_off_as_a_loss() -> None:
    one = rated()
    one.do("ledger invoice-issue", effective="2026-01-01", **{**BILL, "entity": "eu"})
    one.do(
        "ledger recognise", entity="eu", party="nasa", contract="C-1", amount="1000.00 USD", line="x", key="r"
    )
    one.do("ledger invoice-pay", invoice="INV-000001", amount="400.00 USD", effective="2026-01-02")
    with pytest.raises(RefusedError) as refusal:
        one.do("ledger invoice-write-off", invoice="INV-000001", amount="600.01 USD")
    assert str(refusal.value) == "INV-000001 is open with 600.00 USD; 600.01 USD cannot be written off."
    one.do("ledger invoice-write-off", invoice="INV-000001", amount="600.00 USD", memo="Insolvent")
    assert (line(one).state, str(line(one).written_off), str(line(one).open)) == (
        "settled",
        "600.00 USD",
        "0.00 USD",
    )
    assert one.balance("eu:bad-debt:nasa", "EUR") == 54_000
    assert one.balance("eu:revenue:x", "EUR") == -90_000
    assert balanced(one.books) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"due": "2025-12-31"}, "The invoice would be due on 2025-12-31, before its day 2026-01-01. "
         "Give a later one."),
        ({"party": "nsaa"}, "No party 'nsaa'. Did you mean 'nasa'?"),
        ({"entity": "nasa"}, "'nasa' is of the kind 'agency', not an own legal entity. "
         "There are: jp, eu, us."),
        ({"entity": "eu"}, "There is no exchange rate from USD to EUR on or before 2026-01-01. "
         "Record one: perilune ledger rate --base USD --quote EUR --day 2026-01-01 --rate … --source …."),
    ],
)  # fmt: skip
def test_an_invoice_that_cannot_be_is_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Exception) as refusal:
        billed(**change)
    assert str(refusal.value) == sentence


def test_a_contract_stays_with_its_entity_and_currency() -> None:
    one = billed()
    with pytest.raises(RefusedError) as refusal:
        one.do("ledger invoice-issue", "2026-01-02", **{**BILL, "entity": "jp", "amount": "5 JPY"})
    assert str(refusal.value) == "Contract 'C-1' is of us with nasa in USD, not of jp with nasa in JPY."


def test_an_invoice_is_of_its_currency_entity_and_time() -> None:
    one = billed()
    with pytest.raises(RefusedError, match=r"INV-000001 is in USD; say 1.00 EUR in that currency"):
        one.do("ledger invoice-pay", "2026-01-10", invoice="INV-000001", amount="1.00 EUR")
    with pytest.raises(RefusedError, match="INV-000001 is of us; eu:cash is another entity's account"):
        one.do("ledger invoice-pay", "2026-01-10", invoice="INV-000001", amount="1.00 USD", into="eu:cash")
    with pytest.raises(RefusedError, match="is of 2026-01-01; it cannot be paid on 2025-12-31, before that"):
        one.do(
            "ledger invoice-pay",
            "2026-01-10",
            invoice="INV-000001",
            amount="1.00 USD",
            effective="2025-12-31",
        )
    with pytest.raises(RefusedError, match="INV-000001 is paid in USD or USD, not in EUR"):
        one.do(
            "ledger invoice-pay", "2026-01-10", invoice="INV-000001", amount="1.00 USD", received="1.00 EUR"
        )
    with pytest.raises(NameNotFoundError, match="No invoice 'INV-9'"):
        one.do("ledger invoice-pay", "2026-01-10", invoice="INV-9", amount="1.00 USD")


def test_its_transfers_are_taken_back_by_a_credit_note_alone() -> None:
    one = billed()
    with pytest.raises(RefusedError) as refusal:
        one.do("ledger reverse", "2026-01-10", of="INV-000001/issued", key="r")
    assert str(refusal.value) == (
        "Transfer 'INV-000001/issued' belongs to INV-000001. Take it back by what made it: a credit note, "
        "revenue taken back, a new estimate, an exchange back."
    )


def test_age_is_counted_from_the_due_day() -> None:
    one = billed()
    ages = {
        day: line(one, as_of=day).age
        for day in ("2026-01-31", "2026-02-01", "2026-03-02", "2026-03-03", "2026-05-02")
    }
    assert list(ages.values()) == ["not due", "1-30", "1-30", "31-60", "over 90"]
    one.do("ledger invoice-pay", "2026-06-01", invoice="INV-000001", amount="1000.00 USD")
    assert one.rows("ledger invoices", open=True) == []
    assert line(one, open=True, as_of="2026-05-31").age == "over 90"
    assert one.rows("ledger invoices", as_of="2025-12-31") == []
    assert one.rows("ledger invoices", party="acme") == []


def test_a_customer_sees_its_own_invoices_alone() -> None:
    one = billed()
    one.do("ledger invoice-issue", "2026-01-02", **{**BILL, "party": "acme", "contract": "C-2"})
    view = registry.view("ledger invoices")
    assert view.licensed
    assert [row.id for row in visible(view, one.books, view.asked(), "acme")] == ["INV-000002"]


def test_payment_at_another_rate_realises_the_difference() -> None:
    one = rated()
    one.do("ledger invoice-issue", effective="2026-01-01", **{**BILL, "entity": "eu"})
    assert one.balance("eu:contract-liability:C-1", "EUR") == -90_000
    one.do("ledger invoice-pay", effective="2026-02-01", invoice="INV-000001", amount="600.00 USD")
    assert one.balance("eu:fx-gain:realised", "EUR") == -(57_000 - 54_000)
    one.do(
        "ledger invoice-pay", "2026-03-01", invoice="INV-000001", amount="400.00 USD", received="318.00 EUR"
    )
    assert one.balance("eu:fx-loss:realised", "EUR") == 36_000 - 31_800
    assert one.balance("eu:receivable:nasa", "USD") == 0
    # 600 dollars are held, and stand at what they were worth when they came.
    assert one.books.ledger.totals["eu:exchange:USD"] == {"USD": -60_000, "EUR": 57_000}
    assert balanced(one.books) == []


def test_parts_of_a_foreign_invoice_carry_exactly_what_it_was_booked_at() -> None:
    one = rated()
    one.do(
        "ledger rate", "2026-03-02", base="USD", quote="EUR", rate="1/3", day="2026-03-02", source="a bank"
    )
    one.do(
        "ledger invoice-issue",
        "2026-03-02",
        **{**BILL, "entity": "eu", "amount": "0.50 USD", "due": "2026-03-31"},
    )
    for _ in range(50):
        one.do(
            "ledger invoice-pay", "2026-03-03", invoice="INV-000001", amount="0.01 USD", received="0.01 EUR"
        )
    assert one.balance("eu:exchange:USD", "EUR") == 0
    assert one.balance("eu:exchange:USD", "USD") == 0
    assert -one.balance("eu:fx-gain:realised", "EUR") - one.balance("eu:fx-loss:realised", "EUR") == 50 - 17


def test_invoices_decided_in_one_order_know_of_each_other() -> None:
    one = clerk()
    asked = {
        "entity": "us", "party": "nasa", "contract": "C-1", "amount": Money(100, "USD"), "memo": "m",
        "due": "2026-01-31", "effective": "2026-01-01",
    }  # fmt: skip
    first = invoices.issue(one.books, key="a", **asked)
    second = invoices.issue(one.books, key="b", before=first, **asked)
    assert [drafts[0].data["id"] for drafts in (first, second)] == ["INV-000001", "INV-000002"]
    with pytest.raises(RefusedError, match="another transfer of the key 'a'"):
        invoices.issue(one.books, key="a", before=first, **asked)
    paid = invoices.pay(
        one.books,
        invoice="INV-000001",
        amount=Money(100, "USD"),
        key="c",
        effective="2026-01-01",
        before=first,
    )
    with pytest.raises(RefusedError, match=r"is open with 0.00 USD"):
        invoices.pay(
            one.books, invoice="INV-000001", amount=Money(1, "USD"), key="d", effective="2026-01-01",
            before=[*first, *paid],
        )  # fmt: skip


def test_an_amount_too_small_for_the_entitys_currency_is_booked_at_nothing() -> None:
    one = clerk()
    one.do("ledger rate", base="JPY", quote="EUR", rate="0.001", day="2026-01-01", source="a bank")
    one.do("ledger invoice-issue", **{**BILL, "entity": "eu", "amount": "1 JPY"})
    one.do("ledger invoice-pay", invoice="INV-000001", amount="1 JPY")
    assert one.books.ledger.totals["eu:cash"] == {"JPY": 1}
    assert one.books.ledger.totals["eu:exchange:JPY"] == {"JPY": -1}
    assert balanced(one.books) == []

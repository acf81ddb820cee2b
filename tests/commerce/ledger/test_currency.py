"""Rates, exchange and revaluation: what is refused, and what is worth nothing."""

from __future__ import annotations

from typing import Any

import pytest
from ledgers import clerk

from perilune.commerce.ledger.audit import balanced
from perilune.commerce.ledger.postings import Posting, transfer
from perilune.commerce.money import Money
from perilune.errors import InputError, RefusedError

RATE = {"base": "USD", "quote": "EUR", "rate": "0.9", "day": "2026-01-01", "source": "a bank"}
SWAP = {"entity": "eu", "given": "9.00 EUR", "got": "10.00 USD", "key": "x"}


@pytest.mark.parametrize(
    ("order", "asked", "sentence"),
    [
        ("rate", {**RATE, "quote": "USD"}, "USD against itself is always 1. Name two currencies."),
        (
            "rate",
            {**RATE, "day": "2026-01-02"},
            "2026-01-02 has not come on 2026-01-01; its rate is not known.",
        ),
        ("rate", {**RATE, "rate": "0"}, "An exchange rate of 0 is impossible. Give a positive one."),
        (
            "rate",
            {**RATE, "rate": "about 1"},
            "'about 1' is not an exchange rate. Write it as \"149.35\" or \"20/2987\".",
        ),
        ("exchange", {**SWAP, "account": "us:cash"}, "us:cash is another entity's account than eu's."),
        (
            "exchange",
            {**SWAP, "got": "9.00 EUR"},
            "One of 9.00 EUR and 9.00 EUR must be in EUR, the other in another currency.",
        ),
        ("revalue", {"entity": "eu", "day": "2199-12-31"}, "2199-12-31 has not passed on 2026-01-01. "
         "Revalue a period when it is over."),
        ("revalue", {"entity": "ue", "day": "2025-12-31"}, "No legal entity 'ue'. There are: jp, eu, us."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(order: str, asked: dict[str, Any], sentence: str) -> None:
    one = clerk()
    before = one.books.seq
    with pytest.raises(InputError) as refusal:
        one.do(f"ledger {order}", **asked)
    assert str(refusal.value) == sentence
    assert one.books.seq == before


def test_dollars_sold_that_were_never_held_gain_nothing() -> None:
    one = clerk()
    assert (
        one.do("ledger exchange", **{**SWAP, "given": "10.00 USD", "got": "9.00 EUR"})["gain"] == "0.00 EUR"
    )
    assert one.books.ledger.totals["eu:exchange:USD"] == {"USD": 1_000, "EUR": -900}
    assert balanced(one.books) == []


def test_dollars_sold_beyond_what_was_held_gain_on_those_held() -> None:
    one = clerk()
    one.do("ledger exchange", **SWAP)
    sold = one.do("ledger exchange", **{**SWAP, "given": "20.00 USD", "got": "22.00 EUR", "key": "y"})
    assert sold["gain"] == "2.00 EUR"
    assert one.books.ledger.totals["eu:exchange:USD"] == {"USD": 1_000, "EUR": -1_100}


def test_debts_in_foreign_currency_are_revalued_too() -> None:
    one = clerk()
    one.do("ledger rate", **RATE)
    plan = {"entity": "eu", "party": "acme", "contract": "C", "line": "x", "method": "cost-to-cost"}
    one.do("ledger plan-revenue", **plan, price="100.00 EUR", estimate="50.00 EUR")
    one.do("ledger cost", contract="C", amount="10.00 USD", paid_from="eu:payable:maker", key="c")
    assert one.balance("eu:cost-of-revenue:C", "EUR") == 900
    one.do("ledger rate", "2026-01-31", **{**RATE, "rate": "1.1", "day": "2026-01-31"})
    gains = one.do("ledger revalue", "2026-02-01", entity="eu", day="2026-01-31")["gains"]
    assert gains == {"USD": "-2.00 EUR"}
    lines = {row.line: str(row.amount) for row in one.rows("ledger income", entity="eu", as_of="2026-01-31")}
    assert lines["fx-loss:unrealised"] == "2.00 EUR"


def test_what_is_worth_nothing_needs_no_rate() -> None:
    one = clerk()
    one.do("ledger exchange", **SWAP)
    one.do("ledger exchange", **{**SWAP, "given": "10.00 USD", "got": "9.00 EUR", "key": "y"})
    assert one.do("ledger revalue", "2026-02-01", entity="eu", day="2026-01-31")["gains"] == {}


@pytest.mark.parametrize(
    ("key", "count", "effective", "sentence"),
    [
        ("", 2, "2026-01-01", "A transfer needs a key of 1 to 200 characters, by which it is known."),
        ("k" * 201, 2, "2026-01-01", "A transfer needs a key of 1 to 200 characters, by which it is known."),
        ("k", 1, "2026-01-01", "A transfer has 2 to 1000 postings; this one has 1."),
        ("k", 1002, "2026-01-01", "A transfer has 2 to 1000 postings; this one has 1002."),
        ("k", 2, "soon", "'soon' is not a day. Write it as \"2025-03-31\"."),
        ("k", 2, "20260101", "'20260101' is not a day. Write it as \"2025-03-31\"."),
        ("k", 2, "2026-1-1", "'2026-1-1' is not a day. Write it as \"2025-03-31\"."),
        ("k", 2, "2026-02-30", "There is no day 2026-02-30. Give one of the calendar."),
        ("k", 2, "1900-01-01", "1900-01-01 lies outside 1957-10-04 to 2199-12-31."),
    ],
)
def test_a_part_that_posts_nonsense_is_refused(key: str, count: int, effective: str, sentence: str) -> None:
    postings = [Posting("eu:cash", Money(-1 if place % 2 else 1, "EUR")) for place in range(count)]
    with pytest.raises(InputError) as refusal:
        transfer(clerk().books, key, postings, memo="", effective=effective)
    assert str(refusal.value) == sentence


def test_what_came_in_is_what_is_paid() -> None:
    one = clerk()
    one.do(
        "ledger invoice-issue", entity="us", party="acme", contract="C", amount="5.00 USD", due="2026-02-01"
    )
    with pytest.raises(RefusedError, match=r"4.00 USD came in for 5.00 USD; pay what came in"):
        one.do("ledger invoice-pay", invoice="INV-000001", amount="5.00 USD", received="4.00 USD")

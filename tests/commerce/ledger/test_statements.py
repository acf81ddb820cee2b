"""Statements: of any day, as known at any moment; of an entity in its currency, of the group in one."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import Clerk, clerk
from pydantic import ValidationError

from perilune.commerce.ledger.balances import balances
from perilune.errors import InputError, RefusedError


def post(one: Clerk, key: str, on: str, effective: str, *pairs: tuple[str, str]) -> None:
    postings = [{"account": account, "amount": amount} for account, amount in pairs]
    one.do("ledger transfer", on, transfers=[{"key": key, "postings": postings, "effective": effective}])


def sheet(one: Clerk, **asked: Any) -> dict[str, str]:
    return {row.line: str(row.amount) for row in one.rows("ledger balance-sheet", **asked)}


def rates(one: Clerk, *quoted: tuple[str, str, str, str]) -> None:
    for base, quote, rate, day in quoted:
        one.do(
            "ledger rate", max(day, "2026-01-01"), base=base, quote=quote, rate=rate, day=day, source="a bank"
        )


def founded() -> Clerk:
    """Equity of 1,000 euros, a sale of 200 recorded a month late, and a cost of 50."""
    one = clerk()
    post(
        one,
        "equity",
        "2026-01-01",
        "2026-01-01",
        ("eu:cash", "1000.00 EUR"),
        ("eu:share-capital", "-1000.00 EUR"),
    )
    post(one, "cost", "2026-02-10", "2026-02-10", ("eu:expense", "50.00 EUR"), ("eu:cash", "-50.00 EUR"))
    post(
        one, "sale", "2026-02-20", "2026-01-20", ("eu:cash", "200.00 EUR"), ("eu:other-income", "-200.00 EUR")
    )
    return one


def test_the_trial_balance_has_equal_sides() -> None:
    lines = founded().rows("ledger trial-balance")
    assert [(line.account, str(line.debit), str(line.credit)) for line in lines] == [
        ("eu:cash", "1,150.00 EUR", "0.00 EUR"),
        ("eu:expense", "50.00 EUR", "0.00 EUR"),
        ("eu:other-income", "0.00 EUR", "200.00 EUR"),
        ("eu:share-capital", "0.00 EUR", "1,000.00 EUR"),
        ("total", "1,200.00 EUR", "1,200.00 EUR"),
    ]


@pytest.mark.parametrize(
    ("asked", "cash"),
    [
        ({}, "1,150.00 EUR"),
        ({"as_of": "2026-01-31"}, "1,200.00 EUR"),
        ({"as_of": "2026-01-31", "known_at": "2026-01-31"}, "1,000.00 EUR"),
        ({"as_of": "2026-01-31", "known_at": "2026-02-20"}, "1,200.00 EUR"),
        ({"as_of": "2026-01-31", "known_at": "2026-02-20T11:59:00Z"}, "1,000.00 EUR"),
        ({"as_of": "2026-01-19"}, "1,000.00 EUR"),
        ({"known_at": "2026-02-19"}, "950.00 EUR"),
    ],
)
def test_a_statement_is_of_a_day_as_known_at_a_moment(asked: dict[str, str], cash: str) -> None:
    one = founded()
    assert {line.account: str(line.debit) for line in one.rows("ledger trial-balance", **asked)}[
        "eu:cash"
    ] == cash
    found = sheet(one, entity="eu", **asked)
    assert found["cash"] == found["assets"] == found["liabilities and equity"] == cash


def test_income_is_of_a_period() -> None:
    one = founded()
    for asked, result in (
        ({}, "150.00 EUR"),
        ({"since": "2026-02-01"}, "-50.00 EUR"),
        ({"as_of": "2026-01-31"}, "200.00 EUR"),
        ({"since": "2026-01-21", "as_of": "2026-02-09"}, "0.00 EUR"),
    ):
        lines = one.rows("ledger income", entity="eu", **asked)
        assert (lines[-1].line, str(lines[-1].amount)) == ("result", result)


def test_foreign_money_is_worth_what_the_day_says() -> None:
    one = clerk()
    rates(one, ("USD", "EUR", "0.90", "2026-01-01"), ("USD", "EUR", "0.95", "2026-01-31"))
    one.do(
        "ledger invoice-issue", effective="2026-01-01", entity="eu", party="nasa", contract="C",
        amount="100.00 USD", due="2026-02-28",
    )  # fmt: skip
    first = sheet(one, entity="eu", as_of="2026-01-01")
    assert (first["receivable"], first["contract-liability"]) == ("90.00 EUR", "90.00 EUR")
    assert "exchange-difference" not in first
    later = sheet(one, entity="eu", as_of="2026-01-31")
    assert (later["receivable"], later["contract-liability"]) == ("95.00 EUR", "90.00 EUR")
    assert (later["exchange-difference"], later["assets"]) == ("5.00 EUR", "95.00 EUR")
    assert later["assets"] == later["liabilities and equity"]


def test_revaluation_posts_the_open_difference_and_takes_it_back() -> None:
    one = clerk()
    rates(one, ("USD", "EUR", "0.90", "2026-01-01"), ("USD", "EUR", "0.95", "2026-01-31"))
    one.do(
        "ledger invoice-issue", effective="2026-01-01", entity="eu", party="nasa", contract="C",
        amount="100.00 USD", due="2026-02-28",
    )  # fmt: skip
    assert one.do("ledger revalue", "2026-02-01", entity="eu", day="2026-01-31")["gains"] == {
        "USD": "5.00 EUR"
    }
    month = sheet(one, entity="eu", as_of="2026-01-31")
    assert "exchange-difference" not in month
    assert month["result"] == "5.00 EUR"
    assert one.rows("ledger income", entity="eu", as_of="2026-01-31")[0].line == "fx-gain:unrealised"
    next_day = sheet(one, entity="eu", as_of="2026-02-01")
    assert next_day["exchange-difference"] == "5.00 EUR"
    assert "result" not in next_day
    # Valued again at a rate that was corrected: only the change is posted.
    rates(one, ("USD", "EUR", "0.96", "2026-01-31"))
    assert one.do("ledger revalue", "2026-02-02", entity="eu", day="2026-01-31")["gains"] == {
        "USD": "1.00 EUR"
    }
    assert one.do("ledger revalue", "2026-02-03", entity="eu", day="2026-01-31")["gains"] == {}
    with pytest.raises(RefusedError, match="2026-03-01 has not passed on 2026-02-03"):
        one.do("ledger revalue", "2026-02-03", entity="eu", day="2026-03-01")
    with pytest.raises(RefusedError, match="belongs to revaluation"):
        one.do("ledger reverse", "2026-02-03", of="revaluation/eu:exchange:USD/2026-01-31/1", key="r")


def test_money_exchanged_realises_what_it_gained_while_it_was_held() -> None:
    one = clerk()
    post(
        one,
        "equity",
        "2026-01-01",
        "2026-01-01",
        ("eu:cash", "1000.00 EUR"),
        ("eu:share-capital", "-1000.00 EUR"),
    )
    one.do("ledger exchange", "2026-01-02", entity="eu", given="90.00 EUR", got="100.00 USD", key="x1")
    sold = one.do("ledger exchange", "2026-01-03", entity="eu", given="60.00 USD", got="57.00 EUR", key="x2")
    assert sold["gain"] == "3.00 EUR"
    assert one.books.ledger.totals["eu:exchange:USD"] == {"USD": -4_000, "EUR": 3_600}
    assert one.books.ledger.totals["eu:cash"] == {"EUR": 96_700, "USD": 4_000}
    with pytest.raises(InputError) as refusal:
        one.do("ledger exchange", "2026-01-03", entity="eu", given="1.00 USD", got="1 JPY", key="x3")
    assert str(refusal.value) == "One of 1.00 USD and 1 JPY must be in EUR, the other in another currency."


def test_the_group_is_one_balance_sheet_in_one_currency() -> None:
    one = clerk()
    rates(
        one, ("EUR", "JPY", "160", "2026-01-01"), ("USD", "JPY", "150", "2026-01-01"),
        ("EUR", "JPY", "170", "2026-01-31"),
    )  # fmt: skip
    post(
        one, "a", "2026-01-31", "2026-01-01", ("jp:cash", "1000000 JPY"), ("jp:share-capital", "-1000000 JPY")
    )
    post(
        one, "b", "2026-01-31", "2026-01-02", ("jp:due-from:eu", "160000 JPY"), ("jp:cash", "-160000 JPY"),
        ("eu:cash", "160000 JPY"), ("eu:due-to:jp", "-160000 JPY"),
    )  # fmt: skip
    post(one, "c", "2026-01-31", "2026-01-03", ("eu:cash", "500.00 EUR"), ("eu:revenue:data", "-500.00 EUR"))
    with pytest.raises(RefusedError, match=r"keep books in EUR, JPY, USD\. Say --currency for the group"):
        one.rows("ledger balance-sheet")
    group = sheet(one, currency="JPY", as_of="2026-01-31")
    assert group == {
        "cash": "1,085,000 JPY",
        "share-capital": "1,000,000 JPY",
        "result": "80,000 JPY",
        "translation": "5,000 JPY",
        "assets": "1,085,000 JPY",
        "liabilities and equity": "1,085,000 JPY",
    }
    assert sheet(one, entity="eu", as_of="2026-01-31")["due-to"] == "941.18 EUR"


def test_what_entities_do_not_agree_on_is_shown() -> None:
    one = clerk()
    post(
        one,
        "a",
        "2026-01-31",
        "2026-01-01",
        ("jp:due-from:eu", "5 JPY"),
        ("jp:intercompany-revenue:eu", "-5 JPY"),
    )
    rates(one, ("EUR", "JPY", "160", "2026-01-01"), ("USD", "JPY", "150", "2026-01-01"))
    agreed = sheet(one, currency="JPY")
    assert "unmatched between entities" not in agreed
    post(one, "b", "2026-02-01", "2026-02-01", ("jp:due-from:us", "7 JPY"), ("jp:cash", "-7 JPY"))
    assert sheet(one, currency="JPY")["unmatched between entities"] == "-7 JPY"


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["jp", "eu", "us"]),
        st.sampled_from(["cash", "payable", "inventory", "share-capital", "other-income", "expense"]),
        st.sampled_from(["cash", "loan", "fixed-asset", "retained-earnings", "interest"]),
        st.sampled_from(["JPY", "EUR", "USD"]),
        st.integers(-(10**9), 10**9).filter(bool),
        st.integers(1, 28),
        st.integers(1, 28),
    ),
    max_size=15,
)


@settings(max_examples=60)
@given(MOVES, st.integers(1, 28), st.integers(1, 28))
def test_every_balance_sheet_balances_and_the_past_is_the_scan(
    moves: list[tuple[str, str, str, str, int, int, int]], as_of: int, known: int
) -> None:
    one = clerk()
    rates(
        one, ("EUR", "JPY", "160.5", "2026-01-01"), ("USD", "JPY", "149.77", "2026-01-01"),
        ("USD", "JPY", "155.123", "2026-01-15"),
    )  # fmt: skip
    for number, (entity, debit, credit, currency, minor, effective, recorded) in enumerate(
        sorted(moves, key=lambda move: move[-1])
    ):
        amount = {"minor": minor, "currency": currency}
        opposite = {"minor": -minor, "currency": currency}
        postings = [
            {"account": f"{entity}:{debit}:a", "amount": amount},
            {"account": f"{entity}:{credit}", "amount": opposite},
        ]
        transfer = {"key": f"t{number}", "postings": postings, "effective": f"2026-01-{effective:02d}"}
        one.do("ledger transfer", f"2026-02-{recorded:02d}", transfers=[transfer])
    day, moment = f"2026-01-{as_of:02d}", f"2026-02-{known:02d}"
    assert balances(one.books) == balances(one.books, "2199-12-31")
    for asked in ({"entity": "jp"}, {"entity": "eu"}, {"currency": "JPY"}, {"currency": "USD"}):
        rows = one.rows("ledger balance-sheet", **asked, as_of=day, known_at=moment)
        assert rows[-2].amount == rows[-1].amount
        assert sum(row.amount.minor for row in rows if row.section == "asset") == rows[-2].amount.minor
        if "entity" in asked:
            rounding = sum(row.amount.minor for row in rows if row.line == "translation")
            assert abs(rounding) <= len(rows)
    for row in one.rows("ledger trial-balance", as_of=day, known_at=moment):
        assert row.type != "total" or row.debit == row.credit
    want: dict[tuple[str, str], Fraction] = {}
    for transfer_ in one.books.ledger.transfers:
        if transfer_.effective <= day and transfer_.at[:10] <= moment:
            for name, minor, currency in transfer_.legs:
                want[name, currency] = want.get((name, currency), Fraction(0)) + minor
    got = {(n, c): m for n, of in balances(one.books, day, moment).items() for c, m in of.items()}
    assert got == {key: value for key, value in want.items() if value}


@pytest.mark.parametrize("known_at", ["2026-13-01", "yesterday", "2026-01-01T25:00"])
def test_what_is_no_moment_is_refused(known_at: str) -> None:
    with pytest.raises(ValidationError):
        founded().rows("ledger trial-balance", known_at=known_at)


def test_an_account_is_listed_by_day_with_its_balance() -> None:
    one = founded()
    lines = one.rows("ledger account", account="eu:cash")
    assert [(line.key, str(line.balance)) for line in lines] == [
        ("equity", "1,000.00 EUR"),
        ("sale", "1,200.00 EUR"),
        ("cost", "1,150.00 EUR"),
    ]
    assert [line.key for line in one.rows("ledger account", account="eu:cash", known_at="2026-02-10")] == [
        "equity",
        "cost",
    ]
    assert one.rows("ledger account", account="eu:loan") == []
    with pytest.raises(InputError, match=r"No account 'lone'\. Did you mean 'loan'"):
        one.rows("ledger account", account="eu:lone")


def test_without_entities_there_is_no_group() -> None:
    with pytest.raises(RefusedError, match=r"There is no own legal entity\. Take one up"):
        Clerk().rows("ledger income")

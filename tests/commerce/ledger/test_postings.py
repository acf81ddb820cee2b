"""Transfers balance, happen once, are never changed, and are linked: all or none."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ledgers import Clerk, clerk

from perilune.commerce.fields import LARGEST
from perilune.commerce.ledger.audit import balanced
from perilune.errors import InputError, NameNotFoundError, RefusedError


def legs(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"account": account, "amount": amount} for account, amount in pairs]


SALE = legs(("eu:cash", "100.00 EUR"), ("eu:other-income", "-100.00 EUR"))


def moved(key: str = "t1", postings: list[dict[str, str]] = SALE, **more: Any) -> dict[str, Any]:
    return {"key": key, "postings": postings, **more}


def post(one: Clerk, *transfers: dict[str, Any], on: str = "2026-01-01") -> Any:
    return one.do("ledger transfer", on, transfers=list(transfers))


def test_a_transfer_moves_money_between_accounts() -> None:
    one = clerk()
    assert post(one, moved()) == {"keys": ["t1"], "posted": 1}
    assert one.balance("eu:cash", "EUR") == 10_000
    assert one.balance("eu:other-income", "EUR") == -10_000
    assert balanced(one.books) == []


def test_the_same_transfer_again_moves_nothing_and_is_no_error() -> None:
    one = clerk()
    post(one, moved())
    assert post(one, moved()) == {"keys": ["t1"], "posted": 0}
    assert one.balance("eu:cash", "EUR") == 10_000


def test_another_transfer_under_the_same_key_is_refused() -> None:
    one = clerk()
    post(one, moved())
    other = legs(("eu:cash", "1.00 EUR"), ("eu:other-income", "-1.00 EUR"))
    with pytest.raises(RefusedError) as refusal:
        post(one, moved("t1", other))
    assert refusal.value.rule == "request"
    assert str(refusal.value) == "There is another transfer of the key 't1'. Use a new key."
    with pytest.raises(RefusedError, match="another transfer of the key 't2'"):
        post(one, moved("t2"), moved("t2"))


@pytest.mark.parametrize(
    ("postings", "rule", "sentence"),
    [
        (
            legs(("eu:cash", "1.00 EUR"), ("eu:other-income", "-0.99 EUR")),
            "balance",
            "The postings of eu in EUR leave 0.01 EUR; they must sum to zero for each entity and currency "
            "(between entities: due-to and due-from).",
        ),
        (
            legs(("eu:cash", "1.00 EUR"), ("us:cash", "-1.00 EUR")),
            "balance",
            "The postings of eu in EUR leave 1.00 EUR; they must sum to zero for each entity and currency "
            "(between entities: due-to and due-from).",
        ),
        (
            legs(("eu:cash", "1.00 EUR"), ("eu:other-income", "-1.00 USD")),
            "balance",
            "The postings of eu in EUR leave 1.00 EUR; they must sum to zero for each entity and currency "
            "(between entities: due-to and due-from).",
        ),
        (
            legs(("eu:cash", "0.00 EUR"), ("eu:other-income", "0.00 EUR")),
            "balance",
            "Nothing is posted on eu:cash. Leave the posting out.",
        ),
        (
            legs(("eu:receivable:nasa", "1.00 EUR"), ("eu:other-income", "-1.00 EUR")),
            "authority",
            "eu:receivable:nasa follows from invoices, revenue and exchange. "
            "Use their orders: invoice-issue, recognise, exchange, revalue.",
        ),
    ],
)
def test_what_does_not_balance_is_refused(postings: list[dict[str, str]], rule: str, sentence: str) -> None:
    one = clerk()
    with pytest.raises(RefusedError) as refusal:
        post(one, moved("t", postings))
    assert (refusal.value.rule, str(refusal.value)) == (rule, sentence)
    assert not one.books.ledger.transfers


@pytest.mark.parametrize(
    ("account", "sentence"),
    [
        ("cash", "'cash' is not an account. Write ENTITY:NAME or ENTITY:NAME:DETAIL, as"),
        ("eu:cash:", "'eu:cash:' is not an account. Write"),
        ("eu:CASH", "'eu:CASH' is not an account. Write"),
        ("eu:cahs", "No account 'cahs'. Did you mean 'cash'?"),
        ("ue:cash", "No legal entity 'ue'. There are: jp, eu, us."),
        ("nasa:cash", "'nasa' is of the kind 'agency', not an own legal entity."),
    ],
)
def test_an_account_that_cannot_be_is_refused(account: str, sentence: str) -> None:
    with pytest.raises(InputError) as refusal:
        post(clerk(), moved("t", legs((account, "1.00 EUR"), ("eu:other-income", "-1.00 EUR"))))
    assert str(refusal.value).startswith(sentence)


def test_linked_transfers_are_posted_all_or_none() -> None:
    one = clerk()
    wrong = legs(("us:cash", "1.00 USD"), ("us:other-income", "-2.00 USD"))
    with pytest.raises(RefusedError):
        post(one, moved("a"), moved("b", wrong))
    assert not one.books.ledger.transfers
    between = legs(
        ("eu:due-from:us", "5.00 EUR"),
        ("eu:cash", "-5.00 EUR"),
        ("us:cash", "5.00 EUR"),
        ("us:due-to:eu", "-5.00 EUR"),
    )
    assert post(one, moved("a"), moved("b", between))["posted"] == 2
    assert balanced(one.books) == []


def test_an_account_never_holds_more_than_64_bits_even_by_linked_transfers() -> None:
    half = f"{LARGEST // 2 + 1}"
    lines = legs(("jp:cash", f"{half} JPY"), ("jp:other-income", f"-{half} JPY"))
    one = clerk()
    post(one, moved("a", lines))
    with pytest.raises(RefusedError, match="jp:cash would hold more JPY than a 64-bit ledger can"):
        post(one, moved("b", lines))
    with pytest.raises(RefusedError, match="jp:cash would hold more JPY than a 64-bit ledger can"):
        post(clerk(), moved("a", lines), moved("b", lines))


def test_pending_money_is_held_until_it_is_settled() -> None:
    one = clerk()
    post(one, moved(pending=True, until="2026-03-31"))
    assert one.balance("eu:cash", "EUR") == 0
    assert one.books.ledger.held["eu:cash"] == {"EUR": 10_000}
    assert [row.account for row in one.rows("ledger pending")] == ["eu:cash", "eu:other-income"]
    one.do("ledger settle", "2026-02-01", key="t1")
    assert one.balance("eu:cash", "EUR") == 10_000
    assert one.books.ledger.held["eu:cash"] == {"EUR": 0}
    assert one.rows("ledger pending") == []
    assert [row.effective for row in one.rows("ledger account", account="eu:cash")] == ["2026-02-01"]
    for order in ("settle", "void"):
        with pytest.raises(RefusedError, match="Transfer 't1' was settled before; it cannot be"):
            one.do(f"ledger {order}", "2026-02-02", key="t1")
    assert balanced(one.books) == []


def test_a_voided_transfer_never_counts_and_its_key_stays_used() -> None:
    one = clerk()
    post(one, moved(pending=True))
    one.do("ledger void", key="t1")
    assert one.balance("eu:cash", "EUR") == 0
    with pytest.raises(RefusedError, match="Transfer 't1' was voided before; it cannot be settled"):
        one.do("ledger settle", key="t1")
    with pytest.raises(RefusedError, match="another transfer of the key 't1'"):
        post(one, moved())
    with pytest.raises(NameNotFoundError, match="No posted transfer 't1'"):
        one.do("ledger reverse", of="t1", key="r1")
    assert balanced(one.books) == []


def test_a_pending_transfer_is_settled_within_its_days() -> None:
    one = clerk()
    post(one, moved(pending=True, effective="2026-01-10", until="2026-01-31"), on="2026-01-10")
    with pytest.raises(RefusedError) as late:
        one.do("ledger settle", "2026-02-01", key="t1")
    assert str(late.value) == "Transfer 't1' could be settled until 2026-01-31. Void it."
    with pytest.raises(RefusedError, match="Transfer 't1' is pending from 2026-01-10"):
        one.do("ledger settle", "2026-02-01", key="t1", effective="2026-01-09")
    with pytest.raises(InputError, match="has a last day, which only a pending one may have"):
        post(one, moved("t2", until="2026-02-01"))
    with pytest.raises(RefusedError, match="cannot end on 2025-12-01, before it begins"):
        post(one, moved("t2", pending=True, until="2025-12-01"))


def test_a_reversal_is_the_opposite_once() -> None:
    one = clerk()
    post(one, moved())
    with pytest.raises(
        RefusedError, match="Transfer 't1' counts from 2026-01-01; reverse it on that day or later"
    ):
        one.do("ledger reverse", "2026-02-01", of="t1", key="r", effective="2025-12-31")
    one.do("ledger reverse", "2026-02-01", of="t1", key="r1", memo="Booked twice")
    assert one.balance("eu:cash", "EUR") == 0
    assert len(one.books.ledger.transfers) == 2
    with pytest.raises(RefusedError, match="Transfer 't1' was reversed by 'r1' before"):
        one.do("ledger reverse", "2026-02-01", of="t1", key="r2")
    with pytest.raises(RefusedError, match=r"'r1' is a reversal itself\. Post the transfer anew instead"):
        one.do("ledger reverse", "2026-02-01", of="r1", key="r2")
    assert balanced(one.books) == []


def test_nothing_is_posted_into_a_closed_period() -> None:
    one = clerk()
    post(one, moved(effective="2026-01-05"), on="2026-01-05")
    one.do("ledger close", "2026-02-01", entity="eu", through="2026-01-31")
    sentence = (
        "The books of eu are closed until 2026-01-31; nothing effective on 2026-01-31 can be posted. "
        "Correct it in the open period."
    )
    with pytest.raises(RefusedError) as refusal:
        post(one, moved("t2", effective="2026-01-31"), on="2026-02-01")
    assert str(refusal.value) == sentence
    with pytest.raises(RefusedError, match="closed until 2026-01-31"):
        one.do("ledger reverse", "2026-02-02", of="t1", key="r", effective="2026-01-20")
    one.do("ledger reverse", "2026-02-02", of="t1", key="r")
    yen = legs(("jp:cash", "1 JPY"), ("jp:other-income", "-1 JPY"))
    post(one, moved("t3", yen, effective="2026-01-31"), on="2026-02-03")
    for through, text in (
        ("2026-01-31", "closed until 2026-01-31 already"),
        ("2027-01-01", "has not passed"),
    ):
        with pytest.raises(RefusedError, match=text):
            one.do("ledger close", "2026-02-03", entity="eu", through=through)


def test_a_period_with_pending_transfers_is_not_closed() -> None:
    one = clerk()
    post(one, moved(pending=True))
    with pytest.raises(RefusedError) as refusal:
        one.do("ledger close", "2026-02-01", entity="eu", through="2026-01-31")
    assert str(refusal.value) == "1 transfers of the period are pending ('t1'). Settle or void them."
    one.do("ledger close", "2026-02-01", entity="jp", through="2026-01-31")


def test_accounts_are_taken_into_the_chart() -> None:
    one = clerk()
    one.do("ledger add-account", name="sponsorship", type="revenue")
    post(one, moved("t", legs(("eu:cash", "1.00 EUR"), ("eu:sponsorship:acme", "-1.00 EUR"))))
    assert ("sponsorship", "revenue") in [(row.name, row.type) for row in one.rows("ledger accounts")]
    for name in ("sponsorship", "cash"):
        with pytest.raises(RefusedError, match=f"There is an account '{name}' already"):
            one.do("ledger add-account", name=name, type="asset")


def test_the_audit_finds_what_was_changed() -> None:
    one = clerk()
    post(one, moved(), moved("p", pending=True))
    broken = copy.deepcopy(one.books)
    broken.ledger.totals["eu:cash"]["EUR"] += 1
    assert balanced(broken) == ["Account eu:cash is 10001 minor units of EUR; its postings sum to 10000."]
    broken = copy.deepcopy(one.books)
    broken.ledger.held["eu:cash"]["EUR"] = 0
    assert balanced(broken) == ["What is held on eu:cash is 0 minor units of EUR; its postings sum to 10000."]
    broken = copy.deepcopy(one.books)
    name, minor, currency = broken.ledger.transfers[0].legs[0]
    object.__setattr__(broken.ledger.transfers[0], "legs", ((name, minor + 5, currency),))
    assert "Transfer 't1' leaves 10005 minor units of EUR with eu." in balanced(broken)
    broken = copy.deepcopy(one.books)
    broken.ledger.reversed_by["t1"] = "x"
    assert balanced(broken) == ["The list of reversals is not that of the transfers."]

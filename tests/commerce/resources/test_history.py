"""The regolith contracts of Missions 1 and 2, replayed from files to what the documents report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from perilune.archive.company import Company
from perilune.archive.replay import replay
from perilune.archive.store import create_store
from perilune.archive.verify import verify
from perilune.commerce.ledger.audit import balanced
from perilune.commerce.money import Money

HISTORY = Path(__file__).resolve().parents[3] / "missions" / "histories" / "regolith.toml"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with create_store(tmp_path_factory.mktemp("history") / "books") as store:
        company = store.company("house")
        replay(company, HISTORY, store.files.keep_file)
        assert [one.fault for one in verify(store.log, store.files)] == [""]
        yield company


def usd(text: str) -> Money:
    return Money.parse(f"{text} USD")


def test_both_contracts_failed_with_the_last_payment_unpaid(company: Company) -> None:
    """Neither landed (briefings of 2025-05-09 and 2025-10-06); the published split is 10, 10, 80 %."""
    rows = {row.id: row for row in company.rows("resource list")}
    assert {name: row.state for name, row in rows.items()} == {
        "regolith-m1": "failed",
        "regolith-m2": "failed",
    }
    assert (rows["regolith-m1"].seller, rows["regolith-m1"].buyer) == ("ispace-jp", "nasa")
    assert (rows["regolith-m2"].seller, rows["regolith-m2"].mission) == ("ispace-eu", "m2")
    due = {
        name: {
            one.due_on: (one.amount, bool(one.invoice))
            for one in company.rows("resource payments", {"id": name})
        }
        for name in rows
    }
    assert due["regolith-m1"] == {
        "award": (usd("500.00"), True),
        "launch": (usd("500.00"), True),
        "transfer": (usd("4000.00"), False),
    }
    assert due["regolith-m2"]["transfer"] == (usd("3500.00"), False)


def test_the_european_development_payment_was_paid(company: Company) -> None:
    """Press release of September 2022: the milestone passed NASA's review, a payment followed."""
    (review,) = [
        one for one in company.rows("resource payments", {"id": "regolith-m2"}) if one.due_on == "review"
    ]
    assert review.paid
    evidence = {one.id: one for one in company.rows("evidence list")}
    assert evidence["regolith-m2-review"].kind == "review"


def test_nothing_was_collected_so_there_is_no_lot_and_no_title(company: Company) -> None:
    assert company.rows("resource lots") == []
    assert company.rows("resource register") == []
    licences = {row.id: (row.authority, row.state) for row in company.rows("resource licences")}
    assert licences == {
        "jp-m1": ("japan-cabinet-office", "granted"),
        "lu-m2": ("luxembourg-economy", "granted"),
    }


def test_the_books_balance(company: Company) -> None:
    assert balanced(company.books()) == []

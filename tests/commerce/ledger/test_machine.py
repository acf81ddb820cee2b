"""Whatever orders come in whatever order: the books balance, the past stays, a refusal changes nothing."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from ledgers import Clerk, clerk
from pydantic import TypeAdapter

from perilune.commerce import registry
from perilune.commerce.books import Books
from perilune.commerce.ledger.audit import balanced
from perilune.commerce.ledger.balances import balances
from perilune.commerce.ledger.invoices import open_of
from perilune.commerce.ledger.state import Ledger
from perilune.errors import InputError

ENTITY = st.sampled_from(["jp", "eu", "us"])
CURRENCY = st.sampled_from(["JPY", "EUR", "USD"])
PARTY = st.sampled_from(["nasa", "acme"])
#: Contract, entity and currency; the last is another entity's contract.
DEAL = st.sampled_from(
    [
        ("C-1", "us", "USD"),
        ("C-2", "eu", "USD"),
        ("C-3", "jp", "EUR"),
        ("C-4", "eu", "EUR"),
        ("C-2", "jp", "USD"),
    ]
)
METHOD = st.sampled_from(["cost-to-cost", "point-in-time"])
OWN = {"jp": "JPY", "eu": "EUR", "us": "USD"}
PICK = st.integers(0, 20)
MINOR = st.integers(1, 10**6) | st.sampled_from([1, 2, 3, 10**12, 2**62])
AMOUNT = st.builds(lambda minor, currency: {"minor": minor, "currency": currency}, MINOR, CURRENCY)
DAY = st.integers(1, 28).map(lambda day: f"2026-01-{day:02d}") | st.just("2026-02-01")
KEY = st.integers(1, 60).map(lambda number: f"k{number}")
PLAIN = st.sampled_from(["cash", "payable", "expense", "other-income", "share-capital", "due-to:jp"])
HOLDING = ("cash", "payable:maker", "loan")


def picked(names: Iterable[str], pick: int) -> str:
    """Return one of the names there are."""
    all_names = list(names)
    return all_names[pick % len(all_names)]


def opposite(amount: dict[str, Any]) -> dict[str, Any]:
    return {**amount, "minor": -amount["minor"]}


class Keeping(RuleBasedStateMachine):
    """Every order of the ledger, with arguments that fit and that do not."""

    def __init__(self) -> None:
        super().__init__()
        self.clerk: Clerk = clerk()
        for base, rate, day in (("EUR", "163.07", "2026-01-01"), ("USD", "149.35", "2026-01-01")):
            self.clerk.do("ledger rate", base=base, quote="JPY", rate=rate, day=day, source="a bank")
        self.done = 0
        self.known: dict[str, Any] = {}

    @property
    def books(self) -> Books:
        return self.clerk.books

    def give(self, order: str, **asked: Any) -> None:
        """Give an order; if it is refused, nothing may have changed and the refusal is a sentence."""
        before = copy.deepcopy(self.books.ledger)
        count = len(self.books.ledger.transfers)
        try:
            self.clerk.do(f"ledger {order}", "2026-03-01", **asked)
        except InputError as refusal:
            assert self.books.ledger == before
            assert str(refusal)[-1] in ".?"
            return
        self.done += 1
        assert self.books.ledger.transfers[:count] == before.transfers

    @rule(entity=ENTITY, debit=PLAIN, credit=PLAIN, amount=AMOUNT, key=KEY, day=DAY, hold=st.booleans())
    def transfer(
        self, entity: str, debit: str, credit: str, amount: Any, key: str, day: str, hold: bool
    ) -> None:
        lines = [
            {"account": f"{entity}:{debit}", "amount": amount},
            {"account": f"{entity}:{credit}", "amount": opposite(amount)},
        ]
        self.give("transfer", transfers=[{"key": key, "postings": lines, "effective": day, "pending": hold}])

    @rule(
        pair=st.tuples(ENTITY, ENTITY),
        amount=AMOUNT,
        keys=st.tuples(KEY, KEY),
        day=DAY,
        slip=st.integers(0, 1),
    )
    def linked(self, pair: tuple[str, str], amount: Any, keys: tuple[str, str], day: str, slip: int) -> None:
        """Move money between entities by two linked transfers, of which the second may not balance."""
        giver, taker = pair
        off = {**amount, "minor": slip - amount["minor"]}
        given = [(f"{giver}:due-from:{taker}", amount), (f"{giver}:cash", opposite(amount))]
        taken = [(f"{taker}:cash", amount), (f"{taker}:due-to:{giver}", off)]
        transfers = [
            {"key": key, "postings": [{"account": a, "amount": m} for a, m in lines], "effective": day}
            for key, lines in zip(keys, (given, taken), strict=True)
        ]
        count = len(self.books.ledger.transfers)
        self.give("transfer", transfers=transfers)
        assert len(self.books.ledger.transfers) - count in (0, 1, 2)
        if slip:
            assert len(self.books.ledger.transfers) == count

    @precondition(lambda self: self.books.ledger.pendings)
    @rule(order=st.sampled_from(["settle", "void"]), pick=PICK, day=DAY)
    def end(self, order: str, pick: int, day: str) -> None:
        self.give(order, key=picked(self.books.ledger.pendings, pick), effective=day)

    @precondition(lambda self: self.books.ledger.transfers)
    @rule(pick=PICK, key=KEY, day=DAY)
    def reverse(self, pick: int, key: str, day: str) -> None:
        self.give("reverse", of=picked(self.books.ledger.keys, pick), key=key, effective=day)

    @rule(party=PARTY, deal=DEAL, minor=MINOR, day=DAY)
    def invoice(self, party: str, deal: Any, minor: int, day: str) -> None:
        contract, entity, currency = deal
        self.give(
            "invoice-issue", entity=entity, party=party, contract=contract, due="2026-02-15", effective=day,
            amount={"minor": minor, "currency": currency},
        )  # fmt: skip

    def step(self, order: str, pick: int, minor: int, whole: bool, day: str) -> None:
        """Take all that can be of an invoice, or some amount."""
        one = self.books.ledger.invoices[picked(self.books.ledger.invoices, pick)]
        left = {"credit": one.amount, "refund": -open_of(one)}.get(order, open_of(one))
        amount = {"minor": max(left.minor, 1) if whole else minor, "currency": one.amount.currency}
        self.give(f"invoice-{order}", invoice=one.id, amount=amount, effective=day)

    @precondition(lambda self: self.books.ledger.invoices)
    @rule(pick=PICK, minor=MINOR, whole=st.booleans(), day=DAY)
    def pay(self, pick: int, minor: int, whole: bool, day: str) -> None:
        self.step("pay", pick, minor, whole, day)

    @precondition(lambda self: self.books.ledger.invoices)
    @rule(pick=PICK, paid=MINOR, received=AMOUNT, day=DAY)
    def pay_in_another_currency(self, pick: int, paid: int, received: Any, day: str) -> None:
        one = self.books.ledger.invoices[picked(self.books.ledger.invoices, pick)]
        amount = {"minor": min(paid, max(open_of(one).minor, 1)), "currency": one.amount.currency}
        self.give("invoice-pay", invoice=one.id, amount=amount, received=received, effective=day)

    @precondition(lambda self: self.books.ledger.invoices)
    @rule(pick=PICK, minor=MINOR, whole=st.booleans(), day=DAY, paid=st.booleans())
    def credit(self, pick: int, minor: int, whole: bool, day: str, paid: bool) -> None:
        if paid:
            self.step("pay", pick, minor, True, day)
        self.step("credit", pick, minor, whole, day)

    @precondition(lambda self: any(open_of(one).minor < 0 for one in self.books.ledger.invoices.values()))
    @rule(pick=PICK, minor=MINOR, whole=st.booleans(), day=DAY)
    def refund(self, pick: int, minor: int, whole: bool, day: str) -> None:
        self.step("refund", pick, minor, whole, day)

    @precondition(lambda self: self.books.ledger.invoices)
    @rule(pick=PICK, minor=MINOR, whole=st.booleans(), day=DAY)
    def write_off(self, pick: int, minor: int, whole: bool, day: str) -> None:
        self.step("write-off", pick, minor, whole, day)

    @rule(party=PARTY, deal=DEAL, price=MINOR, cost=MINOR, method=METHOD, day=DAY)
    def plan(self, party: str, deal: Any, price: int, cost: int, method: str, day: str) -> None:
        contract, entity, currency = deal
        self.give(
            "plan-revenue", entity=entity, party=party, contract=contract, line="x", method=method,
            price={"minor": price, "currency": currency}, estimate={"minor": cost, "currency": OWN[entity]},
            effective=day,
        )  # fmt: skip

    @rule(party=PARTY, deal=DEAL, minor=MINOR, back=st.booleans(), key=KEY, day=DAY)
    def earn(self, party: str, deal: Any, minor: int, back: bool, key: str, day: str) -> None:
        contract, entity, currency = deal
        self.give(
            "recognise", entity=entity, party=party, contract=contract, line="x", key=key, effective=day,
            amount={"minor": -minor if back else minor, "currency": currency},
        )  # fmt: skip

    @precondition(lambda self: self.books.ledger.positions)
    @rule(pick=PICK, amount=AMOUNT, whole=st.booleans(), account=st.sampled_from(HOLDING), key=KEY, day=DAY)
    def spend(self, pick: int, amount: Any, whole: bool, account: str, key: str, day: str) -> None:
        """Spend some amount, or all that is left to spend."""
        one = self.books.ledger.positions[picked(self.books.ledger.positions, pick)]
        left = (one.estimate - one.cost).data() if one.estimate > one.cost else amount
        self.give(
            "cost", contract=one.contract, amount=left if whole else amount, key=key, effective=day,
            paid_from=f"{one.entity}:{account}",
        )  # fmt: skip

    @precondition(lambda self: self.books.ledger.positions)
    @rule(pick=PICK, minor=MINOR, price=st.none() | MINOR, key=KEY, day=DAY)
    def estimate(self, pick: int, minor: int, price: int | None, key: str, day: str) -> None:
        one = self.books.ledger.positions[picked(self.books.ledger.positions, pick)]
        asked: dict[str, Any] = {"estimate": {"minor": minor, "currency": one.cost.currency}}
        if price is not None:
            asked["price"] = {"minor": price, "currency": one.price.currency}
        self.give("estimate", contract=one.contract, key=key, effective=day, **asked)

    @rule(base=CURRENCY, quote=CURRENCY, rate=st.sampled_from(["0.95", "163.2", "1/3", "0"]), day=DAY)
    def rate(self, base: str, quote: str, rate: str, day: str) -> None:
        self.give("rate", base=base, quote=quote, rate=rate, day=day, source="a bank")

    @rule(entity=ENTITY, given=AMOUNT, got=AMOUNT, key=KEY, day=DAY)
    def exchange(self, entity: str, given: Any, got: Any, key: str, day: str) -> None:
        self.give("exchange", entity=entity, given=given, got=got, key=key, effective=day)

    @rule(entity=ENTITY, day=DAY)
    def revalue(self, entity: str, day: str) -> None:
        self.give("revalue", entity=entity, day=day)

    @rule(entity=ENTITY, through=st.integers(1, 5).map(lambda day: f"2026-01-{day:02d}"))
    def close(self, entity: str, through: str) -> None:
        """Close a period; what its balances were then, they are for ever."""
        before = self.books.ledger.closed.get(entity)
        self.give("close", entity=entity, through=through)
        if self.books.ledger.closed.get(entity) != before:
            self.known[entity] = (through, self.closed_balances(entity, through))

    def closed_balances(self, entity: str, through: str) -> Any:
        return {
            name: of for name, of in balances(self.books, through).items() if name.startswith(f"{entity}:")
        }

    @invariant()
    def the_books_balance(self) -> None:
        assert balanced(self.books) == []

    @invariant()
    def closed_periods_stay(self) -> None:
        for entity, (through, kept) in self.known.items():
            assert self.closed_balances(entity, through) == kept

    @invariant()
    def nothing_is_paid_twice_or_over(self) -> None:
        for row in self.clerk.rows("ledger invoices"):
            assert row.paid <= row.amount
            assert row.credited <= row.amount
            assert row.refunded <= row.credited
        for one in self.books.ledger.positions.values():
            assert min(one.asset, one.liability, one.provision, one.earned, one.cost).minor >= 0
            assert min(one.billed, one.recognised).minor >= 0
            assert not one.price or one.recognised <= one.price

    def teardown(self) -> None:
        """Make the books again, from their events and from their own JSON: they are the same."""
        kept = TypeAdapter(Ledger)
        assert kept.validate_json(kept.dump_json(self.books.ledger)) == self.books.ledger
        again = Books()
        for event in self.clerk.events:
            registry.apply(again, event)
        assert again == self.books


class TestKeeping(Keeping.TestCase):  # type: ignore[misc]
    settings = settings(max_examples=25, stateful_step_count=40, deadline=None)


@pytest.mark.slow
class TestKeepingLong(Keeping.TestCase):  # type: ignore[misc]
    settings = settings(max_examples=400, stateful_step_count=60, deadline=None)

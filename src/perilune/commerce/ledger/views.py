"""Questions to the ledger: statements, accounts, invoices, contracts; of any day, as known at any moment."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic import Field

from perilune.commerce.books import Books
from perilune.commerce.exchange import Rate
from perilune.commerce.fields import Asked, Day, Id
from perilune.commerce.ledger import statements
from perilune.commerce.ledger.chart import CHART, account, checked
from perilune.commerce.ledger.fields import READ, AccountName, AsOf, Currency, KnownAt
from perilune.commerce.ledger.position import share
from perilune.commerce.ledger.state import ChartEntry, Invoice, Pending, Position
from perilune.commerce.ledger.statements import StatementLine, TrialLine
from perilune.commerce.money import WHOLE_BP, Money
from perilune.commerce.parties.lookup import entity as own_entity
from perilune.commerce.verbs import View

A = TypeVar("A", bound=Asked)
R = TypeVar("R")


class TrialAsked(Asked):
    """Of whom and when."""

    entity: Id | None = Field(None, description="One own legal entity; all if left out.")
    as_of: AsOf = None
    known_at: KnownAt = ""


def trial_balance(books: Books, asked: TrialAsked) -> Iterable[TrialLine]:
    """Return the trial balance."""
    if asked.entity:
        own_entity(books, asked.entity)
    return statements.trial_balance(books, asked.entity or "", _iso(asked.as_of), asked.known_at)


class StatementAsked(Asked):
    """Of whom, in which currency and when."""

    entity: Id | None = Field(None, description="One own legal entity; the group of all if left out.")
    currency: Currency | None = Field(
        None, description="Currency of the statement; the entity's if left out."
    )
    as_of: AsOf = None
    known_at: KnownAt = ""


class IncomeAsked(StatementAsked):
    """Of whom, in which currency and of which period."""

    since: Day | None = Field(None, description="First day of the period; from the beginning if left out.")


def income(books: Books, asked: IncomeAsked) -> Iterable[StatementLine]:
    """Return the income statement."""
    of = statements.scope(
        books, asked.entity or "", asked.currency or "", _iso(asked.as_of), asked.known_at, _iso(asked.since)
    )
    return statements.income(books, of)


def balance_sheet(books: Books, asked: StatementAsked) -> Iterable[StatementLine]:
    """Return the balance sheet."""
    of = statements.scope(books, asked.entity or "", asked.currency or "", _iso(asked.as_of), asked.known_at)
    return statements.balance_sheet(books, of)


class AccountAsked(Asked):
    """Which account and when."""

    account: AccountName = Field(description='The account, as "ispace-jp:cash".')
    as_of: AsOf = None
    known_at: KnownAt = ""


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A posting on an account, and the account's balance in its currency after it."""

    effective: str
    recorded: str
    key: str
    memo: str
    amount: Money
    balance: Money
    source: str


def account_lines(books: Books, asked: AccountAsked) -> Iterator[AccountLine]:
    """Return the postings on an account in the order of their days."""
    name = checked(books, asked.account)
    until, known = _iso(asked.as_of) or "9999", asked.known_at
    found = [books.ledger.transfers[place] for place in books.ledger.places.get(name, ())]
    running: dict[str, int] = {}
    for one in sorted(found, key=lambda transfer: transfer.effective):
        if one.effective > until or (known and one.at[: len(known)] > known):
            continue
        for leg, minor, currency in one.legs:
            if leg == name:
                running[currency] = running.get(currency, 0) + minor
                yield AccountLine(
                    one.effective, one.at, one.key, one.memo, Money(minor, currency),
                    Money(running[currency], currency), one.source,
                )  # fmt: skip


class InvoicesAsked(Asked):
    """Which invoices and when."""

    entity: Id | None = Field(None, description="Those of one own legal entity.")
    party: Id | None = Field(None, description="Those of one party.")
    contract: Id | None = Field(None, description="Those for one contract.")
    open: bool = Field(False, description="Only those on which something is open.")
    as_of: AsOf = None
    known_at: KnownAt = ""


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """An invoice on a day: what is open and since when; `age` is a bracket of days after it was due."""

    id: str
    entity: str
    party: str
    contract: str
    issued: str
    due: str
    amount: Money
    paid: Money
    credited: Money
    refunded: Money
    written_off: Money
    open: Money
    state: str
    age: str
    memo: str


#: Last day of a bracket after the due day, and its name.
_AGES: Final = ((0, "not due"), (30, "1-30"), (60, "31-60"), (90, "61-90"))


def invoice_lines(books: Books, asked: InvoicesAsked) -> Iterator[InvoiceLine]:
    """Return the invoices as they stood."""
    day = _iso(asked.as_of)
    for one in books.ledger.invoices.values():
        if (
            asked.entity in (None, one.entity)
            and asked.party in (None, one.party)
            and asked.contract in (None, one.contract)
        ):
            line = _invoice_line(one, day, asked.known_at, day or statements.last_day(books))
            if line and (line.open or not asked.open):
                yield line


def _invoice_line(one: Invoice, until: str, known: str, day: str) -> InvoiceLine | None:
    sums = dict.fromkeys(("issued", "paid", "credited", "refunded", "written off"), 0)
    for move in one.moves:
        if _counts(move.effective, move.at, until, known):
            sums[move.kind] += move.amount.minor
    if not sums["issued"]:
        return None
    amount, paid, credited, refunded, lost = (Money(minor, one.amount.currency) for minor in sums.values())
    rest = amount - paid - credited - lost + refunded
    late = (datetime.date.fromisoformat(day) - datetime.date.fromisoformat(one.due)).days
    age = next((name for last, name in _AGES if late <= last), "over 90") if rest.minor > 0 else ""
    return InvoiceLine(
        one.id, one.entity, one.party, one.contract, one.moves[0].effective, one.due, amount, paid, credited,
        refunded, lost, rest, _invoice_state(amount, paid, credited + lost, rest), age, one.memo,
    )  # fmt: skip


def _invoice_state(amount: Money, paid: Money, given_up: Money, rest: Money) -> str:
    if rest.minor < 0:
        return "to be refunded"
    if not rest:
        return "given up" if given_up == amount else "settled"
    return "partly paid" if paid else "open"


class ContractsAsked(Asked):
    """Which contracts and when."""

    entity: Id | None = Field(None, description="Those of one own legal entity.")
    contract: Id | None = Field(None, description="One contract.")
    as_of: AsOf = None
    known_at: KnownAt = ""


@dataclass(frozen=True, slots=True)
class ContractLine:
    """A contract's balances on a day: price, billed and recognised in its currency, the rest in the entity's.

    `progress_bp` is cost over the estimate at completion in ten-thousandths; there is no `price` where the
    revenue of a contract was not planned.
    """

    contract: str
    entity: str
    party: str
    line: str
    method: str
    price: Money | None
    billed: Money
    recognised: Money
    contract_asset: Money
    contract_liability: Money
    revenue: Money
    cost: Money
    estimate: Money
    progress_bp: int
    provision: Money


def contract_lines(books: Books, asked: ContractsAsked) -> Iterator[ContractLine]:
    """Return the balances of contracts as they stood."""
    for one in books.ledger.positions.values():
        if asked.entity in (None, one.entity) and asked.contract in (None, one.contract):
            line = _contract_line(books, one, _iso(asked.as_of), asked.known_at)
            if line:
                yield line


def _contract_line(books: Books, one: Position, until: str, known: str) -> ContractLine | None:
    moves = [
        move for move in books.ledger.moves[one.contract] if _counts(move.effective, move.at, until, known)
    ]
    if not moves:
        return None
    foreign, own = one.price.currency, one.asset.currency
    sums = {kind: sum(move.amount.minor for move in moves if move.kind == kind) for kind in _FOREIGN}
    value = {kind: sum(move.booked.minor for move in moves if move.kind == kind) for kind in _OWN}
    plans = [move for move in moves if move.kind in ("planned", "estimated")]
    price, estimate = (plans[-1].amount, plans[-1].booked) if plans else (None, Money(0, own))
    asset, liability = (
        sum(_on(books, account(one.entity, name, one.contract), own, until, known))
        for name in ("contract-asset", "contract-liability")
    )
    cost = Money(value["cost"], own)
    progress = share(Money(WHOLE_BP, own), cost, estimate).minor if estimate else 0
    return ContractLine(
        one.contract, one.entity, one.party, one.line, one.method, price,
        Money(sums["billed"] - sums["credited"], foreign), Money(sums["recognised"], foreign),
        Money(asset, own), Money(-liability, own), Money(value["recognised"], own), cost, estimate, progress,
        Money(value["provided"], own),
    )  # fmt: skip


_FOREIGN: Final = ("billed", "credited", "recognised")
_OWN: Final = ("recognised", "cost", "provided")


def _on(books: Books, name: str, currency: str, until: str, known: str) -> Iterator[int]:
    for place in books.ledger.places.get(name, ()):
        one = books.ledger.transfers[place]
        if _counts(one.effective, one.at, until, known):
            yield from (minor for leg, minor, unit in one.legs if leg == name and unit == currency)


class ListAsked(Asked):
    """Nothing more is asked."""


def chart_lines(books: Books, asked: ListAsked) -> Iterator[ChartEntry]:
    """Return the chart of accounts."""
    del asked
    yield from (ChartEntry(name, sort) for name, sort in CHART.items())
    yield from books.ledger.chart.values()


def rate_lines(books: Books, asked: ListAsked) -> Iterator[Rate]:
    """Return the exchange rates, by pair and day."""
    del asked
    for pair in sorted(books.ledger.rates):
        yield from books.ledger.rates[pair]


@dataclass(frozen=True, slots=True)
class PendingLine:
    """A posting of a pending transfer."""

    key: str
    effective: str
    until: str
    account: str
    amount: Money
    memo: str


def pending_lines(books: Books, asked: ListAsked) -> Iterator[PendingLine]:
    """Return what is reserved and neither settled nor voided."""
    del asked
    for one in books.ledger.pendings.values():
        if not one.fate:
            yield from _pending_lines(one)


def _pending_lines(one: Pending) -> Iterator[PendingLine]:
    move = one.transfer
    for name, minor, currency in move.legs:
        yield PendingLine(move.key, move.effective, one.until, name, Money(minor, currency), move.memo)


def _counts(effective: str, at: str, until: str, known: str) -> bool:
    return (not until or effective <= until) and (not known or at[: len(known)] <= known)


def _iso(day: datetime.date | None) -> str:
    return day.isoformat() if day else ""


def _house(row: object) -> tuple[str, ...]:
    """Return nobody: the house's own figures are for no party."""
    del row
    return ()


def _of_house(
    name: str, asked: type[A], rows: Callable[[Books, A], Iterable[R]], row: type[R], summary: str
) -> View[A, R]:
    return View("ledger", name, asked, rows, row, READ, summary, seen_by=_house)


VIEWS: Final = (
    _of_house("trial-balance", TrialAsked, trial_balance, TrialLine, "Draw the trial balance."),
    _of_house("income", IncomeAsked, income, StatementLine, "Draw the income statement."),
    _of_house("balance-sheet", StatementAsked, balance_sheet, StatementLine, "Draw the balance sheet."),
    _of_house("account", AccountAsked, account_lines, AccountLine, "List an account's postings."),
    _of_house(
        "contract-balances", ContractsAsked, contract_lines, ContractLine, "List what contracts have earned."
    ),
    View(
        "ledger", "invoices", InvoicesAsked, invoice_lines, InvoiceLine, READ, "List the invoices.",
        seen_by=lambda row: (row.party,), licensed=True,
    ),
    _of_house("pending", ListAsked, pending_lines, PendingLine, "List pending transfers."),
    _of_house("accounts", ListAsked, chart_lines, ChartEntry, "List the chart of accounts."),
    _of_house("rates", ListAsked, rate_lines, Rate, "List the exchange rates."),
)  # fmt: skip

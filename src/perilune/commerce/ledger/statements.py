"""Statements: trial balance, income, balance sheet; of one legal entity, or of all as one group.

An entity's statement is in the currency of its books: money and what is owed in money at the rate of the day,
everything else at the rates of the days it was posted; what that leaves is the difference by exchange. The
group's is in one currency: assets and liabilities at the closing rate, income and equity at the rates of
their days, the difference in equity as translation (IAS 21, ASC 830); what entities owe and sell to each
other falls out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from perilune.commerce.books import Books
from perilune.commerce.ledger.balances import Daily, Days, Valuing, balances, daily
from perilune.commerce.ledger.chart import (
    ASSET,
    DEBIT_TYPES,
    EQUITY,
    EXPENSE,
    LIABILITY,
    MONETARY,
    REVENUE,
    parted,
    type_of,
)
from perilune.commerce.money import Money, half_even
from perilune.commerce.parties.lookup import entity as own_entity
from perilune.errors import RefusedError

#: Accounts between entities of the house; within a group they cancel.
BETWEEN: Final = frozenset({"due-from", "due-to", "intercompany-revenue", "intercompany-cost"})
GROUP: Final = "group"


@dataclass(frozen=True, slots=True)
class TrialLine:
    """An account's balance in one currency, as debit or credit; the last lines of a currency are totals."""

    entity: str
    account: str
    type: str
    debit: Money
    credit: Money


@dataclass(frozen=True, slots=True)
class Scope:
    """Of whom a statement is, in which currency, as of which day, known at which moment, since when.

    `last` is the day of the rates where no `as_of` limits the statement.
    """

    entities: tuple[str, ...]
    currency: str
    as_of: str
    last: str
    known_at: str = ""
    since: str = ""

    @property
    def closing(self) -> str:
        """Return the day at whose rates assets and liabilities are valued."""
        return self.as_of or self.last

    @property
    def name(self) -> str:
        """Return the entity's id, or that it is the group."""
        return self.entities[0] if len(self.entities) == 1 else GROUP


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A line of a statement; `amount` is positive as its section normally is."""

    entity: str
    section: str
    line: str
    amount: Money


def trial_balance(books: Books, entity: str = "", as_of: str = "", known_at: str = "") -> list[TrialLine]:
    """Return every account's balance, and per entity and currency the equal sums of debits and credits."""
    lines: list[TrialLine] = []
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for name, of in balances(books, as_of, known_at).items():
        owner = parted(name)[0]
        if entity and owner != entity:
            continue
        for currency, minor in sorted(of.items()):
            debit, credit = max(minor, 0), max(-minor, 0)
            sums[owner, currency][0] += debit
            sums[owner, currency][1] += credit
            lines.append(_trial_line(owner, name, type_of(books, name), currency, debit, credit))
    lines.sort(key=lambda line: (line.entity, line.account))
    for (owner, currency), (debit, credit) in sorted(sums.items()):
        lines.append(_trial_line(owner, "total", "total", currency, debit, credit))
    return lines


def _trial_line(owner: str, name: str, sort: str, currency: str, debit: int, credit: int) -> TrialLine:
    return TrialLine(owner, name, sort, Money(debit, currency), Money(credit, currency))


def scope(books: Books, entity: str, currency: str, as_of: str, known_at: str = "", since: str = "") -> Scope:
    """Return of whom a statement is: one entity, or ("") all; a group needs a currency to be drawn in."""
    last = last_day(books)
    if entity:
        own = own_entity(books, entity)
        return Scope((entity,), currency or own.currency, as_of, last, known_at, since)
    own_all = sorted(one.id for one in books.parties.by_id.values() if one.kind == "entity")
    if not own_all:
        raise RefusedError(
            "state", "There is no own legal entity. Take one up: perilune party add --kind entity …."
        )
    units = {books.parties.by_id[one].currency for one in own_all}
    if not currency and len(units) > 1:
        raise RefusedError(
            "rate", f"The entities keep books in {', '.join(sorted(units))}. Say --currency for the group."
        )
    return Scope(tuple(own_all), currency or units.pop(), as_of, last, known_at, since)


def last_day(books: Books) -> str:
    """Return the day on which the books were last written."""
    return books.at[:10] or "1957-10-04"


@dataclass(frozen=True, slots=True)
class _Owner:
    """An entity, its currency, and what values its accounts."""

    books: Books
    currency: str
    valuing: Valuing

    def value(self, line: str, of: Days, day: str) -> Fraction:
        """Return an account's value in the entity's currency: money at the day's rate, the rest as posted."""
        if line in MONETARY:
            return self.valuing.closing(of, self.currency, day)
        return self.posted(of, self.currency)

    def posted(self, of: Days, currency: str) -> Fraction:
        """Return what was posted, in a currency over the entity's own, at the rates of the days."""
        return self.valuing.posted(of, self.currency, currency)


@dataclass(slots=True)
class _Sheet:
    """Exact minor units of a balance sheet, debit positive."""

    lines: dict[tuple[str, str], Fraction]
    exchange: Fraction = Fraction(0)
    between: Fraction = Fraction(0)


def income(books: Books, of: Scope) -> list[StatementLine]:
    """Return revenue and expense lines and the result, from `since` until `as_of`."""
    sums = daily(books, of.as_of, of.known_at, of.since)
    return _income(books, of, sums, Valuing(books, of.known_at))


def balance_sheet(books: Books, of: Scope) -> list[StatementLine]:
    """Return assets, liabilities and equity as of a day, and the two equal totals."""
    sums, valuing = daily(books, of.as_of, of.known_at), Valuing(books, of.known_at)
    sheet = _Sheet(defaultdict(Fraction))
    for id_ in of.entities:
        owner = _Owner(books, books.parties.by_id[id_].currency, valuing)
        _add_entity(of, owner, {name: by for name, by in sums.items() if parted(name)[0] == id_}, sheet)
    lines = [
        StatementLine(of.name, sort, line, Money(_sign(sort) * _rounded(value), of.currency))
        for (sort, line), value in sorted(sheet.lines.items())
        if _rounded(value)
    ]
    return _closed_up(of, lines, _result(_income(books, of, sums, valuing), of.currency), sheet)


def _income(books: Books, of: Scope, sums: Daily, valuing: Valuing) -> list[StatementLine]:
    exact: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for name, by in sums.items():
        id_, line, detail = parted(name)
        sort = type_of(books, name)
        if id_ in of.entities and sort in (REVENUE, EXPENSE) and not _within_group(of, line, detail):
            own = books.parties.by_id[id_].currency
            exact[sort, _line_of(line, detail)] += valuing.posted(by, own, of.currency)
    lines = [
        StatementLine(of.name, sort, line, Money(_sign(sort) * _rounded(value), of.currency))
        for (sort, line), value in sorted(exact.items(), key=_income_order)
        if _rounded(value)
    ]
    return [*lines, StatementLine(of.name, "result", "result", _result(lines, of.currency))]


def _add_entity(of: Scope, owner: _Owner, sums: Daily, sheet: _Sheet) -> None:
    """Add an entity's assets, liabilities and equity, and the difference by exchange that they leave."""
    rest = Fraction(0)
    to_group = owner.valuing.rate(owner.currency, of.currency, of.closing) if sums else Fraction(1)
    for name, by in sums.items():
        _, line, detail = parted(name)
        sort = type_of(owner.books, name)
        if line == "exchange":
            continue
        value = owner.value(line, by, of.closing)
        rest -= value
        if _within_group(of, line, detail):
            result = sort in (REVENUE, EXPENSE)
            sheet.between += owner.posted(by, of.currency) if result else value * to_group
        elif sort == EQUITY:
            sheet.lines[sort, line] += owner.posted(by, of.currency)
        elif sort in (ASSET, LIABILITY):
            sheet.lines[sort, line] += value * to_group
    sheet.exchange += rest * to_group


def _closed_up(
    of: Scope, lines: Sequence[StatementLine], result: Money, sheet: _Sheet
) -> list[StatementLine]:
    """Return the lines with result, differences and totals.

    What the exact differences leave between the sides is the group's translation (of one entity in its own
    currency: the rounding of lines, less than one minor unit a line).
    """
    none = Money(0, of.currency)
    assets = sum((one.amount for one in lines if one.section == ASSET), none)
    others = sum((one.amount for one in lines if one.section != ASSET), none)
    exchange, between = (Money(-_rounded(exact), of.currency) for exact in (sheet.exchange, sheet.between))
    translation = assets - others - result - exchange - between
    tail = {
        "result": result,
        "exchange-difference": exchange,
        "unmatched between entities": between,
        "translation": translation,
    }
    equity = [StatementLine(of.name, EQUITY, line, amount) for line, amount in tail.items() if amount]
    owed = sum((one.amount for one in equity), others)
    return [
        *lines,
        *equity,
        StatementLine(of.name, "total", "assets", assets),
        StatementLine(of.name, "total", "liabilities and equity", owed),
    ]


def _within_group(of: Scope, line: str, detail: str) -> bool:
    return len(of.entities) > 1 and line in BETWEEN and detail in of.entities


def _line_of(line: str, detail: str) -> str:
    """Return the line of an income statement: revenue by line of business, the rest by account."""
    return f"{line}:{detail}" if detail and line in {"revenue", "grant", "fx-gain", "fx-loss"} else line


def _sign(sort: str) -> int:
    return 1 if sort in DEBIT_TYPES else -1


def _rounded(value: Fraction) -> int:
    return half_even(value.numerator, value.denominator)


def _result(lines: Sequence[StatementLine], currency: str) -> Money:
    signs = {REVENUE: 1, EXPENSE: -1}
    return sum(
        (Money(signs[one.section] * one.amount.minor, currency) for one in lines if one.section in signs),
        Money(0, currency),
    )


def _income_order(item: tuple[tuple[str, str], Fraction]) -> tuple[bool, str]:
    (sort, line), _ = item
    return sort == EXPENSE, line

"""Orders and questions about prices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from perilune.commerce.books import Books
from perilune.commerce.money import Money
from perilune.commerce.pricing import orders
from perilune.commerce.pricing.asked import (
    Accept,
    CostAsked,
    Listed,
    Make,
    Named,
    Nothing,
    OfMission,
    Revise,
    TariffAsked,
    Why,
)
from perilune.commerce.pricing.break_even import BreakEven, break_even
from perilune.commerce.pricing.published import Sale, realised
from perilune.commerce.pricing.state import Cost
from perilune.commerce.verbs import EVERYONE, Verb, View

_WRITE: Final = "quote:write"
_READ: Final = "quote:read"


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """A quote in a list."""

    id: str
    version: int
    party: str
    payload: str
    mission: str
    total: Money
    made_on: str
    valid_until: str
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of a quote."""

    quote: str
    version: int
    party: str
    what: str
    quantity: str
    unit_price: str
    amount: Money
    source: str


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A price of a tariff: for `per` whole units (grams, milliwatts, bit/s, millilitres, seconds)."""

    tariff: str
    since: str
    item: str
    price: Money
    per: int
    confidence: str
    source: str
    note: str


def _quotes(books: Books, asked: Listed) -> Iterable[QuoteRow]:
    for versions in books.pricing.quotes.values():
        for one in versions if asked.versions else versions[-1:]:
            if asked.party in (None, one.party) and asked.mission in (None, one.mission):
                yield QuoteRow(
                    one.id, one.version, one.party, one.payload, one.mission, one.total, one.made_on,
                    one.valid_until, one.state, one.why,
                )  # fmt: skip


def _lines(books: Books, asked: Named) -> Iterable[LineRow]:
    one = orders.quote(books, asked.id)
    for line in one.lines:
        yield LineRow(
            one.id,
            one.version,
            one.party,
            line.what,
            line.quantity,
            line.unit_price,
            line.amount,
            line.source,
        )


def _prices(books: Books, asked: Nothing) -> Iterable[PriceRow]:  # noqa: ARG001
    for tariff in books.pricing.tariffs:
        for rate in tariff.rates:
            yield PriceRow(
                tariff.id,
                tariff.since,
                rate.item,
                rate.price,
                rate.per,
                rate.confidence,
                rate.source,
                rate.note,
            )


def _realised(books: Books, asked: Nothing) -> Iterable[Sale]:  # noqa: ARG001
    return realised()


def _costs(books: Books, asked: OfMission) -> Iterable[Cost]:
    return (one for one in books.pricing.costs.values() if one.mission == asked.mission)


def _break_even(books: Books, asked: OfMission) -> Iterable[BreakEven]:
    return [break_even(books, asked.mission, books.at[:10])]


def _party(row: Any) -> Sequence[str]:
    return (row.party,)


def _everyone(row: Any) -> Sequence[str]:  # noqa: ARG001
    return (EVERYONE,)


def _house(row: Any) -> Sequence[str]:  # noqa: ARG001
    return ()


VERBS: Final = (
    Verb("quote", "tariff", TariffAsked, orders.tariff, "quote:write", "Take in list prices."),
    Verb("quote", "make", Make, orders.make, _WRITE, "Offer the carriage of a payload."),
    Verb("quote", "revise", Revise, orders.revise, _WRITE, "Make a quote anew."),
    Verb(
        "quote", "accept", Accept, orders.accept, _WRITE, "Accept a quote, as its customer.", orders.party_of
    ),
    Verb(
        "quote", "decline", Why, orders.decline, _WRITE, "Decline a quote, as its customer.", orders.party_of
    ),
    Verb("quote", "withdraw", Why, orders.withdraw, _WRITE, "Withdraw an open quote."),
    Verb("quote", "cost", CostAsked, orders.cost, _WRITE, "Record something a mission costs."),
)
VIEWS: Final = (
    View("quote", "list", Listed, _quotes, QuoteRow, _READ, "List the quotes.", _party, licensed=True),
    View("quote", "show", Named, _lines, LineRow, _READ, "Show a quote line by line.", _party, licensed=True),
    View("quote", "prices", Nothing, _prices, PriceRow, _READ, "List prices with their sources.", _everyone),
    View("quote", "realised", Nothing, _realised, Sale, _READ, "What carriage really brought.", _everyone),
    View("quote", "costs", OfMission, _costs, Cost, _READ, "What a mission costs.", _house),
    View(
        "quote",
        "break-even",
        OfMission,
        _break_even,
        BreakEven,
        _READ,
        "Where a mission breaks even.",
        _house,
    ),
)
APPLIED: Final = orders.APPLIED

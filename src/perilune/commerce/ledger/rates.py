"""Amounts in an entity's currency, at the dated rates the books hold."""

from __future__ import annotations

from fractions import Fraction

from perilune.commerce import exchange
from perilune.commerce.books import Books
from perilune.commerce.ledger.chart import account
from perilune.commerce.ledger.postings import Posting
from perilune.commerce.money import Money
from perilune.commerce.parties.lookup import entity


def rate_on(books: Books, base: str, quote: str, day: str, known_at: str = "") -> Fraction:
    """Return the rate of a day as the books know it; raises `RefusedError` if none is recorded."""
    return exchange.rate_on(books.ledger.rates, base, quote, day, known_at)


def converted(books: Books, amount: Money, currency: str, day: str, known_at: str = "") -> Money:
    """Return an amount in another currency at the rate of a day; raises `RefusedError` if there is none."""
    if amount.currency == currency:
        return amount
    if not amount:
        return Money(0, currency)
    return exchange.convert(amount, rate_on(books, amount.currency, currency, day, known_at), currency)


def booked(books: Books, entity_id: str, amount: Money, day: str) -> Money:
    """Return an amount in the currency an entity keeps its books in, at the rate of a day."""
    return converted(books, amount, entity(books, entity_id).currency, day)


def exchanged(entity_id: str, amount: Money, value: Money) -> list[Posting]:
    """Return the postings that turn an amount on credit into its value in the entity's currency on debit.

    They go over the entity's account `exchange:CURRENCY`, so that a transfer balances in both currencies;
    none are needed within one currency.
    """
    if amount.currency == value.currency:
        return []
    name = account(entity_id, "exchange", amount.currency)
    return [Posting(name, one) for one in (-amount, value) if one]


def difference(entity_id: str, gain: Money, sort: str) -> list[Posting]:
    """Return the posting of a gain by exchange (negative: a loss); `sort` is "realised" or "unrealised"."""
    if not gain:
        return []
    name = "fx-gain" if gain.minor > 0 else "fx-loss"
    return [Posting(account(entity_id, name, sort), -gain)]

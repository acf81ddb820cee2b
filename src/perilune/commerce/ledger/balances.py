"""Balances of accounts as of a day, as known at a moment.

What counts now stands in running totals; for the past the transfers are read again: those effective on or
before the day and recorded at or before the moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction

from perilune.commerce.books import Books
from perilune.commerce.exchange import rate_on
from perilune.commerce.ledger.state import Transfer
from perilune.commerce.money import CURRENCIES

#: Account -> currency -> minor units.
Balances = dict[str, dict[str, int]]
#: Account -> (currency, day) -> minor units.
Daily = Mapping[str, Mapping[tuple[str, str], int]]


def transfers(books: Books, as_of: str = "", known_at: str = "", since: str = "") -> Iterator[Transfer]:
    """Yield what counts from `since` until `as_of` and was recorded until `known_at` ("" for no limit)."""
    until, moment, length = as_of or "9999-12-31", known_at or "9999", len(known_at) or 4
    for one in books.ledger.transfers:
        if since <= one.effective <= until and one.at[:length] <= moment:
            yield one


def balances(books: Books, as_of: str = "", known_at: str = "") -> Balances:
    """Return the balance of every account, debit positive; accounts at zero are left out."""
    if not as_of and not known_at:
        totals: Balances = books.ledger.totals
    else:
        totals = {}
        for one in transfers(books, as_of, known_at):
            for name, minor, currency in one.legs:
                of_account = totals.get(name)
                if of_account is None:
                    of_account = totals[name] = {}
                of_account[currency] = of_account.get(currency, 0) + minor
    held = {name: {unit: minor for unit, minor in of.items() if minor} for name, of in totals.items()}
    return {name: held[name] for name in sorted(held) if held[name]}


def daily(books: Books, as_of: str = "", known_at: str = "", since: str = "") -> Daily:
    """Return what was posted on every account, by currency and day."""
    sums: dict[str, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    for one in transfers(books, as_of, known_at, since):
        for name, minor, currency in one.legs:
            sums[name][currency, one.effective] += minor
    return sums


class Valuing:
    """Minor units in one currency, exact, at the rates of days as known at a moment; each is found once."""

    __slots__ = ("_books", "_currency", "_known_at", "_rates")

    def __init__(self, books: Books, currency: str, known_at: str = "") -> None:
        self._books, self._currency, self._known_at = books, currency, known_at
        self._rates: dict[tuple[str, str], Fraction] = {}

    def at(self, minor: int, currency: str, day: str) -> Fraction:
        """Return minor units of a currency in this one's at the rate of a day; raises `RefusedError`."""
        if currency == self._currency or not minor:
            return Fraction(minor)
        rate = self._rates.get((currency, day))
        if rate is None:
            rate = rate_on(self._books.ledger.rates, currency, self._currency, day, self._known_at)
            rate *= Fraction(10 ** CURRENCIES[self._currency], 10 ** CURRENCIES[currency])
            self._rates[currency, day] = rate
        return minor * rate

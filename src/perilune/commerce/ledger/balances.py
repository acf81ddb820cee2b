"""Balances of accounts as of a day, as known at a moment.

As known now, sums of every day are kept; as known before, the transfers are read again: those effective on or
before the day and recorded at or before the moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from typing import Final, final

from perilune.commerce.books import Books
from perilune.commerce.exchange import rate_on
from perilune.commerce.money import CURRENCIES

#: Account -> currency -> minor units.
Balances = dict[str, dict[str, int]]
#: Currency -> day -> minor units, of an account.
Days = Mapping[str, Mapping[str, int]]
#: Account -> currency -> day -> minor units.
Daily = Mapping[str, Days]

_LAST: Final = "9999-12-31"


def balances(books: Books, as_of: str = "", known_at: str = "") -> Balances:
    """Return the balance of every account, debit positive; accounts at zero are left out."""
    if not as_of and not known_at:
        totals: Balances = books.ledger.totals
    else:
        totals = {
            name: {currency: sum(days.values()) for currency, days in of.items()}
            for name, of in daily(books, as_of, known_at).items()
        }
    held = {name: {unit: minor for unit, minor in of.items() if minor} for name, of in totals.items()}
    return {name: held[name] for name in sorted(held) if held[name]}


def daily(books: Books, as_of: str = "", known_at: str = "", since: str = "") -> Daily:
    """Return what was posted on every account by currency and day, from `since` until `as_of`.

    As known now it is kept; as known at a moment before, the transfers are read again ("" for no limit).
    """
    if known_at and known_at < books.at[: len(known_at)]:
        return _read_again(books, as_of or _LAST, known_at, since)
    if not as_of and not since:
        return books.ledger.days
    until = as_of or _LAST
    return {
        name: {
            currency: {day: minor for day, minor in days.items() if since <= day <= until}
            for currency, days in of.items()
        }
        for name, of in books.ledger.days.items()
    }


def _read_again(books: Books, until: str, known_at: str, since: str) -> Daily:
    sums: dict[str, dict[str, dict[str, int]]] = {}
    length = len(known_at)
    for one in books.ledger.transfers:
        day = one.effective
        if since <= day <= until and one.at[:length] <= known_at:
            for name, minor, currency in one.legs:
                days = sums.setdefault(name, {}).setdefault(currency, {})
                days[day] = days.get(day, 0) + minor
    return sums


@final
class Valuing:
    """Amounts in other currencies, exact, at the rates of days as known at a moment; each found once."""

    __slots__ = ("_books", "_known_at", "_rates")

    def __init__(self, books: Books, known_at: str = "") -> None:
        self._books, self._known_at = books, known_at
        self._rates: dict[tuple[str, str, str], Fraction] = {}

    def rate(self, base: str, quote: str, day: str) -> Fraction:
        """Return minor units of `quote` for a minor unit of `base` on a day; raises `RefusedError`."""
        rate = self._rates.get((base, quote, day))
        if rate is None:
            rate = rate_on(self._books.ledger.rates, base, quote, day, self._known_at)
            rate *= Fraction(10 ** CURRENCIES[quote], 10 ** CURRENCIES[base])
            self._rates[base, quote, day] = rate
        return rate

    def closing(self, of: Days, currency: str, day: str) -> Fraction:
        """Return the sum of what was posted on an account, in a currency at the rates of one day."""
        held = {unit: sum(days.values()) for unit, days in of.items()}
        parts = (minor * self.rate(unit, currency, day) for unit, minor in held.items() if minor)
        return sum(parts, Fraction(0))

    def posted(self, of: Days, over: str, currency: str) -> Fraction:
        """Return the sum of what was posted, in a currency over the entity's own, each at its day's rates."""
        value = Fraction(0)
        for unit, days in of.items():
            if unit == over == currency:
                value += sum(days.values())
                continue
            # Days of one rate are added up first: exact fractions are slow, integers are not.
            at_rate: dict[tuple[Fraction, Fraction], int] = defaultdict(int)
            for day, minor in days.items():
                if minor:
                    at_rate[self.rate(unit, over, day), self.rate(over, currency, day)] += minor
            value += sum((minor * one * two for (one, two), minor in at_rate.items()), Fraction(0))
        return value

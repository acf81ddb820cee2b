"""Exchange of one currency into another at dated rates, exact: a rate is a ratio of two integers.

A rate is an input with a day and a source, never looked up. The rate of a day is the latest one on or before
it; the inverse of a pair and a cross through one third currency are exact ratios too.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from perilune.commerce.money import CURRENCIES, Money, half_even, split
from perilune.errors import InputError, NameNotFoundError, RefusedError

_DECIMAL: Final = re.compile(r"\d{1,12}(?:\.\d{1,12})?", re.ASCII)
_RATIO: Final = re.compile(r"(\d{1,18})/(\d{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rate:
    """On `day`, one unit of `base` was worth `numerator`/`denominator` units of `quote`, says `source`.

    `at` is when the books learned it (UTC, ISO 8601).
    """

    base: str
    quote: str
    numerator: int
    denominator: int
    day: str
    source: str
    at: str = ""

    @property
    def ratio(self) -> Fraction:
        """Return how many units of `quote` one unit of `base` is worth."""
        return Fraction(self.numerator, self.denominator)


def ratio(text: str) -> tuple[int, int]:
    """Read a rate as written: decimal text or a ratio of integers; return it in lowest terms.

    >>> ratio("149.35"), ratio("1/3")
    ((2987, 20), (1, 3))
    """
    written = text.strip()
    pair = _RATIO.fullmatch(written)
    if not (pair or _DECIMAL.fullmatch(written)):
        raise InputError(f'{text[:40]!r} is not an exchange rate. Write it as "149.35" or "20/2987".')
    try:
        value = Fraction(int(pair[1]), int(pair[2])) if pair else Fraction(written)
    except ZeroDivisionError:
        value = Fraction(0)
    if value <= 0:
        raise InputError(f"An exchange rate of {text[:40]} is impossible. Give a positive one.")
    return value.numerator, value.denominator


def convert(amount: Money, rate: Fraction, currency: str) -> Money:
    """Return an amount in another currency at `rate` units of it per unit; rounded half to even.

    >>> str(convert(Money.parse("100.00 USD"), Fraction("149.355"), "JPY"))
    '14,936 JPY'
    """
    if currency not in CURRENCIES:
        raise NameNotFoundError("currency", currency, CURRENCIES)
    exact = amount.minor * rate * Fraction(10 ** CURRENCIES[currency], 10 ** CURRENCIES[amount.currency])
    return Money(half_even(exact.numerator, exact.denominator), currency)


def convert_parts(parts: Sequence[Money], rate: Fraction, currency: str) -> tuple[Money, ...]:
    """Return parts in another currency so that they add up to the conversion of their sum.

    All parts must be of one currency and one sign. Each is within one minor unit of its own exact value.

    >>> third = Money.parse("33.33 USD")
    >>> [str(part) for part in convert_parts([third, third, Money.parse("33.34 USD")], Fraction(1, 2), "EUR")]
    ['16.67 EUR', '16.66 EUR', '16.67 EUR']
    """
    if not parts:
        return ()
    whole = sum(parts[1:], start=parts[0])
    converted = convert(whole, rate, currency)
    if not whole:
        return tuple(Money(0, currency) for _ in parts)
    sign = 1 if whole.minor > 0 else -1
    return split(converted, [sign * part.minor for part in parts])


#: Rates of each pair "USD/JPY", in the order of their days (of one day, in the order they were learned).
Rates = Mapping[str, Sequence[Rate]]


def rate_on(rates: Rates, base: str, quote: str, day: str, known_at: str = "") -> Fraction:
    """Return the exact rate of a day: the latest on or before it, of the pair, its inverse or one cross.

    Where the pair and its inverse are both recorded, the later one counts. `known_at` leaves out what was
    learned after that moment. Raises `RefusedError` with the order that records a missing rate.
    """
    for currency in (base, quote):
        if currency not in CURRENCIES:
            raise NameNotFoundError("currency", currency, CURRENCIES)
    if base == quote:
        return Fraction(1)
    direct = _either_way(rates, base, quote, day, known_at)
    if direct is not None:
        return direct[1]
    crosses = []
    for middle in sorted({currency for pair in rates for currency in pair.split("/")} - {base, quote}):
        first = _either_way(rates, base, middle, day, known_at)
        second = _either_way(rates, middle, quote, day, known_at) if first else None
        if first and second:
            crosses.append((min(first[0], second[0]), first[1] * second[1]))
    if crosses:
        return max(crosses, key=lambda cross: cross[0])[1]
    raise RefusedError(
        "rate",
        f"There is no exchange rate from {base} to {quote} on or before {day}"
        f"{f', as known at {known_at}' if known_at else ''}. "
        f"Record one: perilune ledger rate --base {base} --quote {quote} --day {day} --rate … --source ….",
    )


def _either_way(rates: Rates, base: str, quote: str, day: str, known_at: str) -> tuple[str, Fraction] | None:
    straight = _latest(rates.get(f"{base}/{quote}", ()), day, known_at)
    inverse = _latest(rates.get(f"{quote}/{base}", ()), day, known_at)
    found = [(rate.day, rate.at, rate.ratio) for rate in (straight,) if rate]
    found += [(rate.day, rate.at, 1 / rate.ratio) for rate in (inverse,) if rate]
    if not found:
        return None
    best = max(found, key=lambda one: one[:2])
    return best[0], best[2]


def _latest(rates: Sequence[Rate], day: str, known_at: str) -> Rate | None:
    until = bisect_right(rates, day, key=lambda rate: rate.day)
    for place in range(until - 1, -1, -1):
        if not known_at or rates[place].at[: len(known_at)] <= known_at:
            return rates[place]
    return None

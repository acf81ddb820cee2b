"""Money: whole minor units of a currency, exact, never a float.

What divides an amount (`split`, `portion`, a conversion) says what becomes of the part of a minor unit that
is left: shares add up to the whole, and a rounding hands its rest on. Rounding is half to even.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field

from perilune.commerce.fields import LARGEST
from perilune.errors import InputError, NameNotFoundError

#: Currency -> decimals of its minor unit (ISO 4217, the list of current currencies).
CURRENCIES: Final = {
    "USD": 2, "EUR": 2, "JPY": 0, "GBP": 2, "CAD": 2, "CHF": 2,
    "AED": 2, "AUD": 2, "BHD": 3, "BRL": 2, "CLP": 0, "CNY": 2, "CZK": 2, "DKK": 2, "HKD": 2, "HUF": 2,
    "IDR": 2, "ILS": 2, "INR": 2, "ISK": 0, "KRW": 0, "KWD": 3, "MXN": 2, "MYR": 2, "NOK": 2, "NZD": 2,
    "PHP": 2, "PLN": 2, "QAR": 2, "RON": 2, "SAR": 2, "SEK": 2, "SGD": 2, "THB": 2, "TRY": 2, "TWD": 2,
    "UAH": 2, "VND": 0, "ZAR": 2,
}  # fmt: skip

#: Basis points in the whole.
WHOLE_BP: Final = 10_000

_WRITTEN: Final = re.compile(
    r"([+-]?)(\d{1,3}(?:,\d{3}){1,8}|\d{1,3}(?:_\d{3}){1,8}|\d{1,25})(?:\.(\d{1,25}))? ?([A-Z]{3})", re.ASCII
)
_LONGEST_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: `minor` units (cents, yen) of `currency`.

    >>> str(Money.parse("1,500,000.00 USD"))
    '1,500,000.00 USD'
    >>> Money.parse("5000 JPY") + Money(1, "JPY")
    Money(minor=5001, currency='JPY')
    >>> Money.parse("0.10 USD") < Money.parse("0.20 USD")
    True
    """

    minor: Annotated[int, Field(ge=-LARGEST, le=LARGEST, strict=True)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]

    def __post_init__(self) -> None:
        if self.currency not in CURRENCIES:
            raise NameNotFoundError("currency", self.currency, CURRENCIES)
        if not -LARGEST <= self.minor <= LARGEST:
            raise InputError(f"{self.minor} {self.currency} is beyond what a 64-bit ledger holds.")

    @staticmethod
    def parse(text: str) -> Money:
        """Read an amount as people write it; more decimals than the currency has are refused."""
        found = _WRITTEN.fullmatch(text.strip())
        if found is None:
            shown = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
            raise InputError(f'{shown!r} is not an amount of money. Write it as "1500000.00 USD".')
        sign, whole, decimals, currency = found.groups()
        if currency not in CURRENCIES:
            raise NameNotFoundError("currency", currency, CURRENCIES)
        places = CURRENCIES[currency]
        decimals = decimals or ""
        if len(decimals) > places:
            raise InputError(f"{text!r} has {len(decimals)} decimals; {currency} has {places}.")
        minor = int(whole.replace(",", "").replace("_", "") + decimals.ljust(places, "0"))
        return Money(-minor if sign == "-" else minor, currency)

    @staticmethod
    def of(data: Mapping[str, Any]) -> Money:
        """Return the amount that `data` wrote into an event."""
        return Money(data["minor"], data["currency"])

    def data(self) -> dict[str, Any]:
        """Return the amount as plain JSON data, for an event."""
        return {"minor": self.minor, "currency": self.currency}

    def __str__(self) -> str:
        places = CURRENCIES[self.currency]
        whole, rest = divmod(abs(self.minor), 10**places)
        sign = "-" if self.minor < 0 else ""
        tail = f".{rest:0{places}d}" if places else ""
        return f"{sign}{whole:,}{tail} {self.currency}"

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.minor), self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other).minor

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other).minor

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other).minor

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise InputError(
                f"{self} and {other} are of two currencies. Convert one with a dated exchange rate first."
            )
        return other


def half_even(numerator: int, denominator: int) -> int:
    """Return the quotient rounded to the nearest integer, ties to the even one; the denominator is positive.

    >>> [half_even(n, 2) for n in (-3, -1, 1, 3)]
    [-2, 0, 0, 2]
    """
    whole, rest = divmod(numerator, denominator)
    twice = 2 * rest
    return whole + (twice > denominator or (twice == denominator and whole % 2 == 1))


def portion(amount: Money, basis_points: int, carry: int = 0) -> tuple[Money, int]:
    """Return that many ten-thousandths of an amount, and what rounding left over for the next portion.

    `carry` is in ten-thousandths of a minor unit and at most half a unit either way: handed from portion to
    portion, the portions never drift from the exact sum by more than half a minor unit.

    >>> portion(Money.parse("0.05 USD"), 1_000)
    (Money(minor=0, currency='USD'), 5000)
    >>> portion(Money.parse("0.05 USD"), 1_000, 5_000)
    (Money(minor=1, currency='USD'), 0)
    """
    exact = amount.minor * basis_points + carry
    minor = half_even(exact, WHOLE_BP)
    return Money(minor, amount.currency), exact - minor * WHOLE_BP


def split(amount: Money, weights: Sequence[int]) -> tuple[Money, ...]:
    """Divide an amount in the ratio of the weights, to the last minor unit (largest remainder).

    The shares add up to the amount; each is within one minor unit of its exact share. Ties go to the earlier.

    >>> [str(part) for part in split(Money.parse("0.01 USD"), [10, 10, 80])]
    ['0.00 USD', '0.00 USD', '0.01 USD']
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        shown = f"{list(weights)[:8]}"
        raise InputError(
            f"Weights {shown} cannot divide an amount: none may be negative, one must be positive."
        )
    size = abs(amount.minor)
    shares = [size * weight // total for weight in weights]
    left = size - sum(shares)
    order = sorted(range(len(weights)), key=lambda k: (-(size * weights[k] % total), k))
    for k in order[:left]:
        shares[k] += 1
    sign = -1 if amount.minor < 0 else 1
    return tuple(Money(sign * share, amount.currency) for share in shares)


def total(amounts: Sequence[Money], currency: str) -> Money:
    """Return the sum of amounts of one currency; of none, nothing of that currency.

    >>> str(total([], "JPY"))
    '0 JPY'
    """
    return sum(amounts, start=Money(0, currency))


def _read(value: Any) -> Any:
    return Money.parse(value) if isinstance(value, str) else value


#: An amount in what people type: "1500000.00 USD", or {"minor": 150000000, "currency": "USD"}.
Amount = Annotated[Money, BeforeValidator(_read, json_schema_input_type=Money | str)]


def _positive(value: Money) -> Money:
    if value.minor <= 0:
        raise InputError(f"{value} is not positive. Give an amount above zero")
    return value


#: An amount above zero.
PositiveAmount = Annotated[Amount, AfterValidator(_positive)]

"""Money: whole minor units of a currency, exact, never a float."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from perilune.commerce.fields import LARGEST
from perilune.errors import InputError, NameNotFoundError

#: Currency -> decimals of its minor unit (ISO 4217).
CURRENCIES: Final = {"USD": 2, "EUR": 2, "JPY": 0, "GBP": 2, "CAD": 2, "CHF": 2}

_WRITTEN: Final = re.compile(r"([+-]?)(\d[\d,_]*)(?:\.(\d+))? ?([A-Z]{3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: `minor` units (cents, yen) of `currency`.

    >>> str(Money.parse("1,500,000.00 USD"))
    '1,500,000.00 USD'
    >>> Money.parse("5000 JPY") + Money(1, "JPY")
    Money(minor=5001, currency='JPY')
    """

    minor: Annotated[int, Field(ge=-LARGEST, le=LARGEST)]
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
            raise InputError(f'{text!r} is not an amount of money. Write it as "1500000.00 USD".')
        sign, whole, decimals, currency = found.groups()
        if currency not in CURRENCIES:
            raise NameNotFoundError("currency", currency, CURRENCIES)
        places = CURRENCIES[currency]
        decimals = decimals or ""
        if len(decimals) > places:
            raise InputError(f"{text!r} has {len(decimals)} decimals; {currency} has {places}.")
        minor = int(whole.replace(",", "").replace("_", "") + decimals.ljust(places, "0"))
        return Money(-minor if sign == "-" else minor, currency)

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

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise InputError(
                f"{self} and {other} are of two currencies. Convert one with a dated exchange rate first."
            )
        return other


def split(amount: Money, weights: Sequence[int]) -> tuple[Money, ...]:
    """Divide an amount in the ratio of the weights, to the last minor unit (largest remainder).

    The shares add up to the amount; each is within one minor unit of its exact share. Ties go to the earlier.

    >>> [str(part) for part in split(Money.parse("0.01 USD"), [10, 10, 80])]
    ['0.00 USD', '0.00 USD', '0.01 USD']
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise InputError(f"Weights {list(weights)} cannot divide an amount: none may be negative, one must be positive.")
    size = abs(amount.minor)
    shares = [size * weight // total for weight in weights]
    left = size - sum(shares)
    order = sorted(range(len(weights)), key=lambda k: (-(size * weights[k] % total), k))
    for k in order[:left]:
        shares[k] += 1
    sign = -1 if amount.minor < 0 else 1
    return tuple(Money(sign * share, amount.currency) for share in shares)


def _read(value: Any) -> Any:
    return Money.parse(value) if isinstance(value, str) else value


#: An amount in what people type: "1500000.00 USD", or {"minor": 150000000, "currency": "USD"}.
Amount = Annotated[Money, BeforeValidator(_read, json_schema_input_type=Money | str)]

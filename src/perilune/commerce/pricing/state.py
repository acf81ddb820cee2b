"""Tariffs, quotes and costs as recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from perilune.commerce.money import Money

OFFERED = "offered"
ACCEPTED = "accepted"
DECLINED = "declined"
WITHDRAWN = "withdrawn"
REVISED = "revised"


@dataclass(frozen=True, slots=True)
class Rate:
    """A price for so many whole units of an item: 1,500,000.00 USD for 1,000 g; each with its source."""

    item: str
    price: Money
    per: int
    source: str
    confidence: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tariff:
    """The list prices from a day on, and what each kilogram has included."""

    id: str
    since: str
    rates: tuple[Rate, ...]
    included_mw_per_kg: int
    included_bit_s_per_kg: int
    included_ml_per_kg: int
    priority_bp: int
    source: str

    def rate(self, item: str) -> Rate | None:
        """Return the price of an item, None if it is not on the list."""
        return next((rate for rate in self.rates if rate.item == item), None)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a quote: so many units at a price each."""

    what: str
    quantity: str
    unit_price: str
    amount: Money
    source: str


@dataclass(frozen=True, slots=True)
class Quote:
    """An offer to a party for a payload on a mission; a new version takes the place of the one before."""

    id: str
    version: int
    party: str
    payload: str
    mission: str
    destination: str
    tariff: str
    lines: tuple[Line, ...]
    total: Money
    made_on: str
    valid_until: str
    state: str = OFFERED
    terms: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a mission costs: an item, once or for each kilogram of payload carried."""

    id: str
    mission: str
    item: str
    amount: Money
    per_kg: bool
    source: str
    confidence: str


@dataclass(slots=True)
class Pricing:
    """Tariffs in the order of their days, quotes by id (all versions) and their wishes, costs."""

    tariffs: list[Tariff] = field(default_factory=list)
    quotes: dict[str, tuple[Quote, ...]] = field(default_factory=dict)
    wishes: dict[str, dict[str, Any]] = field(default_factory=dict)
    costs: dict[str, Cost] = field(default_factory=dict)

    def sold_by(self, payload: str) -> str:
        """Return the accepted quote that a payload flies by; "" if none."""
        newest = (versions[-1] for versions in self.quotes.values())
        return next((one.id for one in newest if one.payload == payload and one.state == ACCEPTED), "")

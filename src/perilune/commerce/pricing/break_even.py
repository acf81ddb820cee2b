"""Where a mission breaks even: what it costs against what is sold and what could be."""

from __future__ import annotations

from dataclasses import dataclass

from perilune.commerce.booking.amounts import MASS
from perilune.commerce.books import Books
from perilune.commerce.money import Money, half_even
from perilune.commerce.pricing.orders import tariff_on
from perilune.commerce.pricing.state import ACCEPTED, Cost
from perilune.errors import RefusedError

_G_PER_KG = 1000


@dataclass(frozen=True, slots=True)
class BreakEven:
    """A mission's sums: fixed costs and those for each kilogram, what is sold, what is still needed.

    `price_per_kg` is what each kilogram of the flight must bring if all of it is sold; `mass_kg` is how much
    has to be sold at the list price (None if the list price does not cover a kilogram's own cost).
    """

    mission: str
    fixed: Money
    per_kg: Money
    sold: Money
    sold_kg: float
    capacity_kg: float
    list_per_kg: Money
    price_per_kg: Money
    mass_kg: float | None
    result: Money


def break_even(books: Books, mission: str, day: str) -> BreakEven:
    """Return where a mission breaks even. Raises `RefusedError` if costs or a tariff are missing."""
    costs = [one for one in books.pricing.costs.values() if one.mission == mission]
    if not costs:
        raise RefusedError("state", f"No costs of {mission!r} are recorded: `perilune quote cost` first.")
    currency = costs[0].amount.currency
    fixed, per_kg = _sum(costs, currency, per_kg=False), _sum(costs, currency, per_kg=True)
    rate = tariff_on(books, day).rate("kg.surface")
    if rate is None or rate.price.currency != currency:
        raise RefusedError(
            "balance", f"The tariff has no price of a kilogram in {currency}, as the costs are."
        )
    listed = Money(half_even(rate.price.minor * _G_PER_KG, rate.per), currency)
    sold, sold_g = _sold(books, mission, currency)
    flight = books.manifest.by_mission.get(mission)
    capacity_g = flight.limits[MASS] if flight else 0
    if not capacity_g:
        raise RefusedError("state", f"The flight {mission!r} is not open: `perilune manifest open` first.")
    whole = fixed.minor * _G_PER_KG + per_kg.minor * capacity_g
    margin = listed.minor - per_kg.minor
    return BreakEven(
        mission, fixed, per_kg, sold, sold_g / _G_PER_KG, capacity_g / _G_PER_KG, listed,
        Money(half_even(whole, capacity_g), currency),
        fixed.minor / margin if margin > 0 else None,
        Money(sold.minor - fixed.minor - half_even(per_kg.minor * sold_g, _G_PER_KG), currency),
    )  # fmt: skip


def _sum(costs: list[Cost], currency: str, *, per_kg: bool) -> Money:
    return sum((one.amount for one in costs if one.per_kg == per_kg), Money(0, currency))


def _sold(books: Books, mission: str, currency: str) -> tuple[Money, int]:
    """Return what accepted quotes bring and how many grams they carry."""
    total, mass_g = Money(0, currency), 0
    for versions in books.pricing.quotes.values():
        one = versions[-1]
        if one.mission == mission and one.state == ACCEPTED and one.total.currency == currency:
            total += one.total
            mass_g += round(books.payloads.by_id[one.payload].mass_kg * _G_PER_KG)
    return total, mass_g

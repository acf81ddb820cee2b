"""Prices as published: the standard tariff and what was realised, read from `data/commerce`."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from perilune.commerce.money import Money, half_even
from perilune.errors import DataError
from perilune.units import quantity

#: Item -> dimension, and how many whole units an SI unit has (g, mW, bit/s, ml, s).
WHOLE: Final = {
    "kg.surface": ("mass", 1000),
    "kg.orbit": ("mass", 1000),
    "kg.rover": ("mass", 1000),
    "power": ("power", 1000),
    "data": ("data rate", 1),
    "volume": ("volume", 1_000_000),
    "hosted": ("time", 1),
}


def _data(name: str) -> dict[str, Any]:
    text = (resources.files("perilune") / "data" / "commerce" / name).read_text(encoding="utf-8")
    return tomllib.loads(text)


def whole(written: str, item: str) -> int:
    """Return a written quantity of an item in its whole units.

    >>> whole("1 kg", "kg.surface"), whole("1 kbit/s", "data")
    (1000, 1000)
    """
    dimension, parts = WHOLE[item]
    return round(quantity(written, dimension) * parts)


@functools.cache
def standard() -> dict[str, Any]:
    """Return the standard tariff as the data of its event; a fault in the file is a `DataError`."""
    try:
        told = _data("tariff.toml")
        sources = told["sources"]
        rates = [
            {
                "item": rate["item"],
                "price": Money.parse(rate["price"]).data(),
                "per": whole(rate["per"], rate["item"]),
                "source": sources[rate["source"]],
                "confidence": rate["confidence"],
                "note": rate["note"],
            }
            for rate in told["rate"]
        ]
        return {
            "id": told["id"],
            "since": told["since"],
            "rates": rates,
            "included_mw_per_kg": whole(told["included_power"], "power"),
            "included_bit_s_per_kg": whole(told["included_rate"], "data"),
            "included_ml_per_kg": whole(told["included_volume"], "volume"),
            "priority_bp": round(quantity(told["priority"], "dimensionless") * 10_000),
            "source": sources[told["source"]],
        }
    except (KeyError, tomllib.TOMLDecodeError) as cause:
        raise DataError(f"tariff.toml: is damaged: {cause}. Install perilune again.") from cause


@dataclass(frozen=True, slots=True)
class Sale:
    """What carriage brought; `per_kg` follows from price and mass, with `bound` before it where it is one."""

    mission: str
    price: Money
    mass_kg: float
    per_kg: Money
    bound: str
    confidence: str
    source: str
    note: str


@functools.cache
def realised() -> tuple[Sale, ...]:
    """Return what was realised, as far as it is public; a fault in the file is a `DataError`."""
    try:
        told = _data("realised.toml")
        return tuple(_sale(sale, told["sources"]) for sale in told["sale"])
    except (KeyError, tomllib.TOMLDecodeError) as cause:
        raise DataError(f"realised.toml: is damaged: {cause}. Install perilune again.") from cause


def _sale(sale: dict[str, Any], sources: dict[str, str]) -> Sale:
    price, mass_g = Money.parse(sale["price"]), whole(sale["mass"], "kg.surface")
    per_kg = Money(half_even(price.minor * 1000, mass_g), price.currency)
    return Sale(
        sale["mission"], price, mass_g / 1000, per_kg, sale["bound"], sale["confidence"],
        sources[sale["source"]], sale["note"],
    )  # fmt: skip

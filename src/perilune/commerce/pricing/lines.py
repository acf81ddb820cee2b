"""What a payload costs by a tariff, line by line, in whole units and minor units only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from perilune.commerce.booking.amounts import MASS, POWER, RATE, VOLUME, of_payload
from perilune.commerce.money import Money, half_even, portion
from perilune.commerce.payloads.state import PHASES, Payload
from perilune.commerce.pricing.state import Line, Rate, Tariff
from perilune.errors import NameNotFoundError

_SURFACE: Final = PHASES.index("surface")
_ORBIT: Final = PHASES.index("lunar_orbit")
_UNITS: Final = {"kg": ("kg", 1000), "power": ("W", 1000), "data": ("kbit/s", 1000), "volume": ("l", 1000),
                 "hosted": ("h", 3600)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked for beyond carriage: hosted time, a kept place, a discount (basis points)."""

    hosted_s: int = 0
    priority: bool = False
    discount_bp: int = 0


def lines_of(tariff: Tariff, payload: Payload, destination: str, wishes: Wishes) -> tuple[Line, ...]:
    """Return the lines of a quote. Raises `NameNotFoundError` for what the tariff does not sell."""
    amounts = of_payload(payload)
    mass_g = amounts[MASS]
    phase = _ORBIT if destination == "orbit" else _SURFACE
    carriage = _line(tariff, f"kg.{destination}", f"Carriage to the {_PLACES[destination]}", mass_g)
    beyond = (
        ("power", "Power beyond what is included", amounts[POWER][phase], tariff.included_mw_per_kg),
        ("data", "Data rate beyond what is included", amounts[RATE][phase], tariff.included_bit_s_per_kg),
        ("volume", "Volume beyond what is included", amounts[VOLUME], tariff.included_ml_per_kg),
    )
    held = [carriage]
    for item, what, needed, per_kg in beyond:
        extra = needed - mass_g * per_kg // 1000
        if extra > 0:
            held.append(_line(tariff, item, what, extra))
    if wishes.hosted_s:
        held.append(_line(tariff, "hosted", "Hosted operation", wishes.hosted_s))
    if wishes.priority:
        kept, _ = portion(carriage.amount, tariff.priority_bp)
        share = f"{Decimal(tariff.priority_bp) / 100} %"
        held.append(
            Line("Kept place: first choice, carried on when a mission slips", share, "", kept, tariff.source)
        )
    if wishes.discount_bp:
        less, _ = portion(total_of(held), wishes.discount_bp)
        held.append(Line("Discount", f"{Decimal(wishes.discount_bp) / 100} %", "", -less, ""))
    return tuple(held)


_PLACES: Final = {"surface": "lunar surface", "orbit": "lunar orbit", "rover": "lunar surface, on a rover"}


def total_of(lines: list[Line] | tuple[Line, ...]) -> Money:
    """Return the sum of lines."""
    return sum((line.amount for line in lines[1:]), lines[0].amount)


def _line(tariff: Tariff, item: str, what: str, units: int) -> Line:
    rate = tariff.rate(item)
    if rate is None:
        raise NameNotFoundError("item of the tariff", item, [one.item for one in tariff.rates])
    amount = Money(half_even(units * rate.price.minor, rate.per), rate.price.currency)
    return Line(what, _told(item, units), _per(rate), amount, f"{rate.confidence}: {rate.source}")


def _told(item: str, units: int) -> str:
    name, parts = _UNITS[item.partition(".")[0]]
    return f"{(Decimal(units) / parts).normalize():f} {name}"


def _per(rate: Rate) -> str:
    name, parts = _UNITS[rate.item.partition(".")[0]]
    count = Decimal(rate.per) / parts
    return f"{rate.price} / {name}" if count == 1 else f"{rate.price} / {count.normalize():f} {name}"

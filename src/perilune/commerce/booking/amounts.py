"""Amounts of what a flight gives, as whole numbers, so that sums are exact.

An amount is a tuple in the order of `DIMENSIONS`: grams, millilitres, milliwatts by phase, bit/s by phase,
and places on deck. What is needed is rounded up, what there is is rounded down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from operator import add, sub
from typing import Any, Final

from perilune.commerce.fields import LARGEST
from perilune.commerce.payloads.state import PHASES, Payload
from perilune.errors import InputError

Amounts = tuple[int, ...]

DIMENSIONS: Final = (
    "mass_g",
    "volume_ml",
    *(f"power_{phase}_mw" for phase in PHASES),
    *(f"rate_{phase}_bit_s" for phase in PHASES),
    "places",
)
NOTHING: Final[Amounts] = (0,) * len(DIMENSIONS)
MASS: Final = 0
VOLUME: Final = 1
POWER: Final = slice(2, 2 + len(PHASES))
RATE: Final = slice(2 + len(PHASES), 2 + 2 * len(PHASES))
PLACES: Final = len(DIMENSIONS) - 1

_MILLI: Final = Decimal(1000)
_MICRO: Final = Decimal(1_000_000)
_WHOLE: Final = Decimal(1)


def _whole(value: float, parts: Decimal, rounding: str) -> int:
    # By its shortest spelling: 4.35 kg are 4,350 g, although the float lies a little beside.
    number = int((Decimal(repr(value)) * parts).to_integral_value(rounding))
    if not 0 <= number <= LARGEST:
        raise InputError(f"{value!r} is beyond what a 64-bit book holds.")
    return number


def grams(mass_kg: float) -> int:
    """Return a mass in whole grams, rounded up.

    >>> grams(4.35)
    4350
    """
    return _whole(mass_kg, _MILLI, ROUND_CEILING)


def capacity_grams(mass_kg: float) -> int:
    """Return a mass that there is in whole grams, rounded down."""
    return _whole(mass_kg, _MILLI, ROUND_FLOOR)


def needed(
    mass_kg: float,
    volume_m3: float,
    power_w: Sequence[float],
    rate_bit_s: Sequence[float],
    places: int,
) -> Amounts:
    """Return a need as an amount, rounded up; power and rate by phase.

    >>> needed(4.35, 0.0, [0.9] * 4, [10.0] * 4, 1)
    (4350, 0, 900, 900, 900, 900, 10, 10, 10, 10, 1)
    """
    return (
        _whole(mass_kg, _MILLI, ROUND_CEILING),
        _whole(volume_m3, _MICRO, ROUND_CEILING),
        *(_whole(power, _MILLI, ROUND_CEILING) for power in power_w),
        *(_whole(rate, _WHOLE, ROUND_CEILING) for rate in rate_bit_s),
        places,
    )


def available(
    mass_kg: float,
    volume_m3: float,
    power_w: Sequence[float],
    rate_bit_s: Sequence[float],
    places: int,
) -> Amounts:
    """Return what there is as an amount, rounded down."""
    return (
        _whole(mass_kg, _MILLI, ROUND_FLOOR),
        _whole(volume_m3, _MICRO, ROUND_FLOOR),
        *(_whole(power, _MILLI, ROUND_FLOOR) for power in power_w),
        *(_whole(rate, _WHOLE, ROUND_FLOOR) for rate in rate_bit_s),
        places,
    )


def of_payload(payload: Payload) -> Amounts:
    """Return what a payload needs; one that rides on another takes no place on deck."""
    needs = [payload.need(phase) for phase in PHASES]
    return needed(
        payload.mass_kg,
        payload.volume_m3,
        [need.power_w for need in needs],
        [need.rate_bit_s for need in needs],
        0 if payload.carrier else 1,
    )


def plus(one: Sequence[int], other: Sequence[int]) -> Amounts:
    """Return the sum."""
    return tuple(map(add, one, other))


def minus(one: Sequence[int], other: Sequence[int]) -> Amounts:
    """Return the difference."""
    return tuple(map(sub, one, other))


def total(amounts: Iterable[Sequence[int]]) -> Amounts:
    """Return the sum of many."""
    return tuple(map(sum, zip(NOTHING, *amounts, strict=True)))


def beyond(wanted: Sequence[int], left: Sequence[int]) -> tuple[int, int, int] | None:
    """Return the first dimension of which more is wanted than left: (its index, wanted, left), or None."""
    for k, (want, have) in enumerate(zip(wanted, left, strict=True)):
        if want > have and want > 0:
            return k, want, have
    return None


def told(index: int, whole: int) -> str:
    """Return one figure of an amount as people read it.

    >>> told(MASS, 4350), told(PLACES, 2)
    ('4.35 kg', '2 places on deck')
    """
    if index == MASS:
        return f"{_shortly(whole, 1000)} kg"
    if index == VOLUME:
        return f"{_shortly(whole, 1000)} l"
    if index == PLACES:
        return f"{whole} places on deck" if whole != 1 else "1 place on deck"
    phase = PHASES[(index - 2) % len(PHASES)].replace("_", " ")
    if index < RATE.start:
        return f"{_shortly(whole, 1000)} W ({phase})"
    return f"{whole} bit/s ({phase})"


def _shortly(whole: int, parts: int) -> str:
    sign = "-" if whole < 0 else ""
    units, rest = divmod(abs(whole), parts)
    return f"{sign}{units}" + (f".{rest:03d}".rstrip("0") if rest else "")


def written(amounts: Sequence[int]) -> dict[str, Any]:
    """Return an amount as an event holds it."""
    return {
        "mass_g": amounts[MASS],
        "volume_ml": amounts[VOLUME],
        "power_mw": list(amounts[POWER]),
        "rate_bit_s": list(amounts[RATE]),
        "places": amounts[PLACES],
    }


def read(data: Mapping[str, Any]) -> Amounts:
    """Return the amount in an event."""
    return (data["mass_g"], data["volume_ml"], *data["power_mw"], *data["rate_bit_s"], data["places"])

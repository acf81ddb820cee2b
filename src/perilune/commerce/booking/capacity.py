"""What is left of a flight, in SI, as other parts ask for it."""

from __future__ import annotations

from dataclasses import dataclass

from perilune.commerce.booking.amounts import MASS, PLACES, POWER, RATE, VOLUME
from perilune.commerce.booking.desk import flight_of, left_of
from perilune.commerce.books import Books
from perilune.commerce.payloads.state import PHASES


@dataclass(frozen=True, slots=True)
class Capacity:
    """Room: mass (kg), volume (m^3), average power (W) and data rate (bit/s) by phase, places, free slots.

    `power_w` and `rate_bit_s` are the least of all phases: what something may use that is always on.
    """

    mission: str
    mass_kg: float
    volume_m3: float
    power_w: float
    rate_bit_s: float
    power_by_phase_w: dict[str, float]
    rate_by_phase_bit_s: dict[str, float]
    places: int
    slots: tuple[str, ...]


def of_amounts(mission: str, amounts: tuple[int, ...], slots: tuple[str, ...]) -> Capacity:
    """Return an amount in SI."""
    power = {phase: whole / 1e3 for phase, whole in zip(PHASES, amounts[POWER], strict=True)}
    rate = {phase: float(whole) for phase, whole in zip(PHASES, amounts[RATE], strict=True)}
    return Capacity(
        mission,
        amounts[MASS] / 1e3,
        amounts[VOLUME] / 1e6,
        min(power.values()),
        min(rate.values()),
        power,
        rate,
        amounts[PLACES],
        slots,
    )


def left(books: Books, mission: str) -> Capacity:
    """Return what nobody holds of a mission's flight. Raises `NameNotFoundError` where there is none."""
    flight = flight_of(books, mission)
    held = books.booking.slots.get(mission, {})
    free = tuple(slot.id for slot in flight.deck.slots if slot.id not in held)
    return of_amounts(mission, left_of(books, flight), free)

"""The centre of mass with payloads aboard, stage by stage, and how far it may still move."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from perilune.commerce.manifest.aboard import Item
from perilune.commerce.manifest.finding import BREAKS, HOLDS, Finding, unknown
from perilune.commerce.manifest.state import Balance, Flight, Vector

_AXES = ("x", "y", "z")


@dataclass(frozen=True, slots=True)
class Load:
    """A stage of a flight: the mass of everything (kg), its centre (m), the payloads' moments (kg m)."""

    stage: str
    mass_kg: float
    centre_m: Vector
    moments_kg_m: Vector


def load_of(stage: str, balance: Balance, items: Sequence[Item]) -> Load:
    """Return the load of a vehicle with the items that have a place."""
    placed = [(item.mass_kg, item.place_m) for item in items if item.slot is not None]
    mass_kg = balance.mass_kg + sum(kg for kg, _ in placed)
    moments = [sum(kg * place[axis] for kg, place in placed) for axis in range(3)]
    x, y, z = ((balance.mass_kg * balance.centre_m[k] + moments[k]) / mass_kg for k in range(3))
    return Load(stage, mass_kg, (x, y, z), (moments[0], moments[1], moments[2]))


def loads(flight: Flight, items: Sequence[Item]) -> Iterator[Load]:
    """Yield the loads: with everything aboard, after each release in lunar orbit, and for the descent."""
    rest = list(items)
    yield load_of("with everything aboard", flight.deck.balance, rest)
    for item in released_in_orbit(items):
        rest.remove(item)
        yield load_of(f"after the release of {item.name}", flight.deck.balance, rest)


def released_in_orbit(items: Sequence[Item]) -> list[Item]:
    """Return what is released in lunar orbit, in an order that its `release_after` allows."""
    left = [item for item in items if item.payload is not None and item.payload.deployment == "orbit"]
    order: list[Item] = []
    while left:
        waiting = {item.name for item in left}
        free = [item for item in left if item.payload and not waiting & set(item.payload.release_after)]
        following = free[0] if free else left[0]  # a circle is told by the check of the order
        order.append(following)
        left.remove(following)
    return order


def check_balance(flight: Flight, items: Sequence[Item]) -> Iterator[Finding]:
    """Yield the centre of mass against its limits, by stage and axis."""
    for load in loads(flight, items):
        yield from _within(flight, load)
    homeless = [item.name for item in items if item.slot is None]
    if homeless:
        yield unknown(
            "centre of mass",
            ", ".join(homeless),
            f"{_all_of(homeless)} no slot yet, so the centre of mass is not known. Give one: book move.",
        )


def _all_of(names: Sequence[str]) -> str:
    return f"{names[0]} has" if len(names) == 1 else f"{', '.join(names)} have"


def _within(flight: Flight, load: Load) -> Iterator[Finding]:
    balance = flight.deck.balance
    for axis in range(3):
        at, low, high = load.centre_m[axis], balance.low_m[axis], balance.high_m[axis]
        margin = min(high - at, at - low)
        limit = high if high - at <= at - low else low
        held = margin >= 0.0
        yield Finding(
            "centre of mass",
            f"{_AXES[axis]}, {load.stage}",
            HOLDS if held else BREAKS,
            at,
            limit,
            margin,
            "m",
            ""
            if held
            else (
                f"{load.stage[:1].upper()}{load.stage[1:]} the centre of mass of {flight.mission!r} lies at "
                f"{_AXES[axis]} = {1e3 * at:.1f} mm, {-1e3 * margin:.1f} mm outside {1e3 * low:.0f} to "
                f"{1e3 * high:.0f} mm. Shift {-margin * load.mass_kg:.2f} kg m to the other side: book move."
            ),
        )

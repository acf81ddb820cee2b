"""What is summed over a flight (mass, volume, power, data, places, heat), and whether payloads fit slots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perilune.commerce.booking.amounts import DIMENSIONS, MASS, PLACES, POWER, VOLUME, told, total
from perilune.commerce.manifest.aboard import Item
from perilune.commerce.manifest.finding import BREAKS, HOLDS, Finding, at_most
from perilune.commerce.manifest.state import Flight, Slot
from perilune.commerce.payloads.state import PHASES, Payload


def check_budgets(flight: Flight, items: Sequence[Item]) -> Iterator[Finding]:
    """Yield the sums against the limits, the peaks, the heat of each zone, and the fit of each slot."""
    yield from _sums(flight, items)
    yield from _peaks(flight, items)
    yield from _heat(flight, items)
    for item in items:
        if item.payload is not None and item.slot is not None and item.booking.slot:
            yield from fit(item.payload, item.slot)


def _sums(flight: Flight, items: Sequence[Item]) -> Iterator[Finding]:
    held = total(item.booking.amounts for item in items)
    for k, dimension in enumerate(DIMENSIONS):
        parts, unit = _unit(k)
        yield at_most(
            "budget", dimension, held[k] / parts, flight.limits[k] / parts, unit,
            f"{told(k, held[k])} are booked on {flight.mission!r}, which has {told(k, flight.limits[k])}. "
            "Rebook a payload: book rebook.",
        )  # fmt: skip


def _unit(index: int) -> tuple[float, str]:
    if index == MASS:
        return 1e3, "kg"
    if index == VOLUME:
        return 1e6, "m^3"
    if index == PLACES:
        return 1.0, ""
    return (1e3, "W") if index < POWER.stop else (1.0, "bit/s")


def _peaks(flight: Flight, items: Sequence[Item]) -> Iterator[Finding]:
    """Yield, by phase, the power with the one at its peak that adds most; the bus serves peaks one by one."""
    known = [item.payload for item in items if item.payload is not None]
    for k, phase in enumerate(PHASES):
        average_w = sum(item.booking.amounts[POWER][k] for item in items) / 1e3
        most = max(known, key=lambda each: _rise(each, phase), default=None)
        peak_w = average_w + (0.0 if most is None else _rise(most, phase))
        limit_w = flight.deck.peak_power_w[phase]
        name = "" if most is None else most.id
        yield at_most(
            "peak power", phase, peak_w, limit_w, "W",
            f"With {name} at its peak, {peak_w:g} W are drawn ({phase.replace('_', ' ')}), and the bus gives "
            f"{limit_w:g} W. Lower its peak, or switch others off: payload revise.",
        )  # fmt: skip


def _rise(payload: Payload, phase: str) -> float:
    need = payload.need(phase)
    return max(0.0, need.peak_power_w - need.power_w)


def _heat(flight: Flight, items: Sequence[Item]) -> Iterator[Finding]:
    for zone in flight.deck.zones:
        inside = [item for item in items if item.slot is not None and item.slot.zone == zone.id]
        heat_w = max(sum(item.booking.amounts[POWER][k] for item in inside) / 1e3 for k in range(len(PHASES)))
        yield at_most(
            "heat", zone.id, heat_w, zone.heat_w, "W",
            f"Payloads in the thermal zone {zone.id!r} give off {heat_w:g} W, and it takes "
            f"{zone.heat_w:g} W. Move one to another zone: book move.",
        )  # fmt: skip


def fit(payload: Payload, slot: Slot) -> Iterator[Finding]:
    """Yield whether a payload fits a slot: its mass, its envelope, its wishes of slot and zone."""
    cure = "Give it another slot: book move."
    yield at_most(
        "slot", f"{payload.id} on {slot.id}: mass", payload.mass_kg, slot.mass_kg, "kg",
        f"{payload.id} weighs {payload.mass_kg:g} kg; slot {slot.id} carries {slot.mass_kg:g} kg. {cure}",
    )  # fmt: skip
    yield at_most(
        "slot", f"{payload.id} on {slot.id}: room", _tightness(payload, slot), 1.0, "",
        f"{payload.id} does not fit into the box of slot {slot.id}. {cure}",
    )  # fmt: skip
    yield _wish(payload, slot, "thermal zone", payload.zones, slot.zone)
    yield _wish(payload, slot, "slot", payload.slots, slot.id)


def _tightness(payload: Payload, slot: Slot) -> float:
    """Return the largest ratio of the envelope to the slot's box, turned about the vertical as suits."""
    across, along, up = slot.box_m
    if payload.envelope_m is None:
        return payload.volume_m3 / (across * along * up)
    a, b, height = payload.envelope_m
    return max(min(max(a / across, b / along), max(b / across, a / along)), height / up)


def _wish(payload: Payload, slot: Slot, what: str, wished: tuple[str, ...], given: str) -> Finding:
    held = not wished or given in wished
    return Finding(
        what,
        f"{payload.id} on {slot.id}",
        HOLDS if held else BREAKS,
        None,
        None,
        None,
        "",
        ""
        if held
        else f"{payload.id} may stand in {what} {' or '.join(wished)}, and slot {slot.id} is {given}. "
        "Give it another slot: book move.",
    )


def fits(payload: Payload, slot: Slot) -> bool:
    """Tell whether a payload fits a slot in every respect: the same as no broken finding of `fit`."""
    return (
        payload.mass_kg <= slot.mass_kg
        and (not payload.zones or slot.zone in payload.zones)
        and (not payload.slots or slot.id in payload.slots)
        and _tightness(payload, slot) <= 1.0
    )

"""Vehicles' capacities as data: read from `data/commerce/capacities.toml`, each figure with its source."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any

from perilune.commerce.manifest.state import Balance, Deck, Keepout, Slot, Vector, Zone
from perilune.commerce.payloads.state import PHASES, Cone
from perilune.errors import DataError, NameNotFoundError
from perilune.units import quantities, quantity
from perilune.vehicles.figures import Figure, read_figure


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a vehicle has room for: its figures by name ("mass", "power.surface", …), in SI, and its deck."""

    vehicle: str
    figures: Mapping[str, Figure]
    deck: Deck

    def value(self, figure: str) -> float:
        """Return a figure; of one that only has bounds, the one that surely holds."""
        entry = self.figures[figure]
        known = entry.value if entry.value is not None else entry.low
        assert known is not None
        return known

    def by_phase(self, figure: str) -> list[float]:
        """Return "power" (W) or "rate" (bit/s) by phase."""
        return [self.value(f"{figure}.{phase}") for phase in PHASES]


@functools.cache
def _all() -> Mapping[str, Capacity]:
    file = resources.files("perilune") / "data" / "commerce" / "capacities.toml"
    return MappingProxyType(read_capacities("capacities.toml", file.read_text(encoding="utf-8")))


def names() -> tuple[str, ...]:
    """Return the vehicles whose capacities are known.

    >>> "RESILIENCE" in names()
    True
    """
    return tuple(sorted(_all()))


def capacity(vehicle: str) -> Capacity:
    """Return the capacities of a vehicle, whatever the case of its name.

    >>> capacity("resilience").value("mass")
    30.0
    """
    folded = {known.casefold(): known for known in _all()}
    if vehicle.casefold() not in folded:
        raise NameNotFoundError("vehicle with known capacities", vehicle, names())
    return _all()[folded[vehicle.casefold()]]


def read_capacities(source: str, text: str) -> dict[str, Capacity]:
    """Read a file of capacities; a fault in it is a `DataError` that names the place."""
    try:
        data = tomllib.loads(text)
        return {name: _read(f"{source}: {name}", name, entry, data["sources"]) for name, entry in
                data["vehicle"].items()}  # fmt: skip
    except (tomllib.TOMLDecodeError, KeyError, AttributeError, TypeError, ValueError) as cause:
        said = f"{cause} is missing" if isinstance(cause, KeyError) else cause
        raise DataError(f"{source}: is damaged: {said}. Install perilune again.") from cause


def _read(where: str, name: str, entry: Mapping[str, Any], sources: Mapping[str, str]) -> Capacity:
    def figure(key: str, table: Mapping[str, object], dimension: str, unit: str) -> Figure:
        return read_figure(f"{where}: {key}", table, dimension, unit, sources)

    figures = {
        "mass": figure("mass", entry["mass"], "mass", "kg"),
        "volume": figure("volume", entry["volume"], "volume", "m^3"),
        "peak_factor": figure("peak_factor", entry["peak_factor"], "dimensionless", ""),
        "emc_distance": figure("emc_distance", entry["emc_distance"], "length", "m"),
    }
    if "satellite_mass" in entry:
        figures["satellite_mass"] = figure("satellite_mass", entry["satellite_mass"], "mass", "kg")
    for phase in PHASES:
        figures[f"power.{phase}"] = figure(f"power.{phase}", entry["power"][phase], "power", "W")
        figures[f"rate.{phase}"] = figure(f"rate.{phase}", entry["rate"][phase], "data rate", "bit/s")
    for table in (entry["slots"], entry["balance"], *entry["zones"], *entry["keep_outs"]):
        _sourced(where, table, sources)
    return Capacity(name, MappingProxyType(figures), _deck(entry, figures))


def _sourced(where: str, table: Mapping[str, Any], sources: Mapping[str, str]) -> None:
    read_figure(where, {**table, "value": "0"}, "dimensionless", "", sources)


def _deck(entry: Mapping[str, Any], figures: Mapping[str, Figure]) -> Deck:
    factor, distance = figures["peak_factor"].value, figures["emc_distance"].value
    assert factor is not None
    assert distance is not None
    power = {phase: figures[f"power.{phase}"].value or 0.0 for phase in PHASES}
    slots = tuple(
        Slot(
            slot["id"],
            slot["zone"],
            slot["face"],
            _vector(slot["position"]),
            _vector(slot["box"]),
            quantity(slot["mass"], "mass"),
        )
        for slot in entry["slots"]["each"]
    )
    zones = tuple(Zone(zone["id"], quantity(zone["heat"], "power")) for zone in entry["zones"])
    if strange := {slot.zone for slot in slots} - {zone.id for zone in zones}:
        raise ValueError(f"no zone {min(strange)!r}")
    keep_outs = tuple(
        Keepout(out["name"], Cone(_axis(out["direction"]), quantity(out["half_angle"], "angle")))
        for out in entry["keep_outs"]
    )
    peaks = {phase: factor * power_w for phase, power_w in power.items()}
    return Deck(slots, zones, keep_outs, _balance(entry["balance"]), peaks, distance, tuple(entry["reaches"]))


def _balance(table: Mapping[str, Any]) -> Balance:
    return Balance(
        quantity(table["mass"], "mass"),
        _vector(table["centre"]),
        _vector(table["low"]),
        _vector(table["high"]),
    )


def _vector(written: object) -> Vector:
    x, y, z = quantities(written, "length", 3)
    return (x, y, z)


def _axis(written: Any) -> Vector:
    x, y, z = (float(part) for part in written)
    length = (x * x + y * y + z * z) ** 0.5
    return (x / length, y / length, z / length)

"""The catalogue: vehicles by name, read from `data/vehicles/*.toml`."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any

from perilune.errors import DataError, NameNotFoundError
from perilune.vehicles.figures import BODY_FIGURES, PROPULSION_FIGURES, Figure, read_figure
from perilune.vehicles.spacecraft import Vehicle

_KEYS = {"name", "kind", "summary", "sources", "figures", "facts"}


@functools.cache
def _all() -> dict[str, Vehicle]:
    folder = resources.files("perilune") / "data" / "vehicles"
    files = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    found = [read_vehicle(name, (folder / name).read_text(encoding="utf-8")) for name in files]
    return {vehicle.name: vehicle for vehicle in found}


def names() -> tuple[str, ...]:
    """Return the names of the catalogue's vehicles, landers first.

    >>> "RESILIENCE" in names()
    True
    """
    kinds = ("lander", "rover", "transfer vehicle", "satellite")
    return tuple(sorted(_all(), key=lambda name: (kinds.index(_all()[name].kind), name)))


def vehicle(name: str) -> Vehicle:
    """Return the vehicle of that name, whatever its case.

    >>> vehicle("resilience").value("dry_mass")
    340.0
    """
    folded = {known.casefold(): known for known in _all()}
    if name.casefold() not in folded:
        raise NameNotFoundError("vehicle", name, names())
    return _all()[folded[name.casefold()]]


def read_vehicle(source: str, text: str) -> Vehicle:
    """Read one vehicle file; a fault in it is a `DataError` that names the place."""
    try:
        return _read(source, tomllib.loads(text))
    except (tomllib.TOMLDecodeError, KeyError, AttributeError, TypeError) as cause:
        said = f"{cause} is missing" if isinstance(cause, KeyError) else cause
        raise DataError(f"{source}: is damaged: {said}. Install perilune again.") from cause


def _read(source: str, data: dict[str, Any]) -> Vehicle:
    if strange := set(data) - _KEYS:
        raise DataError(f"{source}: unknown key {min(strange)!r}. There are: {', '.join(sorted(_KEYS))}.")
    sources: Mapping[str, str] = data["sources"]
    known = BODY_FIGURES | PROPULSION_FIGURES
    figures: dict[str, Figure] = {}
    for key, entry in data.get("figures", {}).items():
        if key not in known:
            raise DataError(f"{source}: unknown figure {key!r}. There are: {', '.join(known)}.")
        figures[key] = read_figure(f"{source}: {key}", entry, *known[key], sources)
    facts = tuple((fact["text"], sources[fact["source"]]) for fact in data.get("facts", []))
    return Vehicle(data["name"], data["kind"], data["summary"], MappingProxyType(figures), facts)

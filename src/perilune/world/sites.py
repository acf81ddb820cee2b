"""Places on the Moon where something landed, fell, or shall land: a table of facts with their sources."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from perilune.errors import NameNotFoundError
from perilune.units import quantity
from perilune.world import embedded


@dataclass(frozen=True, slots=True)
class LandingSite:
    """A place in mean-Earth coordinates, longitude positive to the east.

    `kind` is landing, impact or target; `confidence` is high, medium or low.
    """

    name: str
    agency: str
    date: date
    latitude_rad: float
    longitude_rad: float
    kind: str
    source: str
    confidence: str


@functools.cache
def sites() -> Mapping[str, LandingSite]:
    """Return every site by its name, in the table's order."""
    rows = tomllib.loads((embedded.FOLDER / "landing_sites.toml").read_text(encoding="utf-8"))["site"]
    return MappingProxyType(
        {
            row["name"]: LandingSite(
                row["name"],
                row["agency"],
                row["date"],
                quantity(row["latitude"], "angle"),
                quantity(row["longitude"], "angle"),
                row["kind"],
                row["source"],
                row["confidence"],
            )
            for row in rows
        }
    )


def site(name: str) -> LandingSite:
    """Return a site by its name. Raises `NameNotFoundError`, which offers the nearest one.

    >>> site("HAKUTO-R M2 target").kind
    'target'
    """
    try:
        return sites()[name]
    except KeyError:
        raise NameNotFoundError("landing site", name, sites()) from None

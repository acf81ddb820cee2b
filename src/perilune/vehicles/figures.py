"""One figure of a vehicle: a value or a range, where it comes from, and how far it can be trusted.

What nobody has published stays unknown: a figure is absent, never guessed silently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, cast

from perilune.errors import DataError
from perilune.units import quantity

Confidence = Literal["published", "inferred", "assumed"]
CONFIDENCES: Final = ("published", "inferred", "assumed")

#: What each figure measures: the dimension it is read in and the SI unit it is kept in.
BODY_FIGURES: Final[dict[str, tuple[str, str]]] = {
    "height": ("length", "m"),
    "width": ("length", "m"),
    "wet_mass": ("mass", "kg"),
    "dry_mass": ("mass", "kg"),
    "payload_mass": ("mass", "kg"),
    "residual_propellant": ("mass", "kg"),
    "attitude_propellant": ("mass", "kg"),
    "solar_pressure_area": ("area", "m^2"),
    "reflectivity": ("dimensionless", ""),
}
PROPULSION_FIGURES: Final[dict[str, tuple[str, str]]] = {
    "main_thrust": ("force", "N"),
    "main_isp": ("time", "s"),
    "main_min_throttle": ("dimensionless", ""),
    "assist_thrust": ("force", "N"),
    "assist_isp": ("time", "s"),
    "assist_min_throttle": ("dimensionless", ""),
    "attitude_rate": ("angular rate", "rad/s"),
    "attitude_lag": ("time", "s"),
    "attitude_flow": ("mass flow", "kg/s"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in SI: `value`, or only bounds (`low`, `high`) where no single value is known."""

    value: float | None
    low: float | None
    high: float | None
    unit: str
    written: str
    source: str
    confidence: Confidence


def read_figure(
    where: str, entry: Mapping[str, object], dimension: str, unit: str, sources: Mapping[str, str]
) -> Figure:
    """Read one figure table: `value`, `range` or `at_least`, with `source` and `confidence`."""
    confidence = entry.get("confidence")
    source = sources.get(str(entry.get("source")))
    if confidence not in CONFIDENCES or source is None:
        raise DataError(
            f"{where}: a figure needs a source and a confidence, one of {', '.join(CONFIDENCES)}."
        )
    note = f" ({entry['note']})" if "note" in entry else ""
    value, low, high, written = _bounds(where, entry, dimension)
    return Figure(value, low, high, unit, written, source + note, confidence)


def _bounds(
    where: str, entry: Mapping[str, object], dimension: str
) -> tuple[float | None, float | None, float | None, str]:
    if "value" in entry:
        text = str(entry["value"])
        value = quantity(text, dimension)
        return value, value, value, text
    if "range" in entry:
        low, high = (str(bound) for bound in cast("list[object]", entry["range"]))
        return None, quantity(low, dimension), quantity(high, dimension), f"{low} to {high}"
    if "at_least" in entry:
        text = str(entry["at_least"])
        return None, quantity(text, dimension), None, f"at least {text}"
    raise DataError(f"{where}: a figure needs `value`, `range` or `at_least`.")

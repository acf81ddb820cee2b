"""What a payload gets with each kilogram it books: the interface baseline, read from `interfaces.toml`."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

from perilune.commerce.payloads.state import Need
from perilune.errors import DataError
from perilune.vehicles.figures import Figure, read_figure

#: Figure -> dimension and SI unit.
_FIGURES: Final = {
    "power": ("power", "W"),
    "peak_power": ("power", "W"),
    "rate_surface": ("data rate", "bit/s"),
    "rate_cruise": ("data rate", "bit/s"),
    "acceptance_before_launch": ("time", "s"),
    "integration_ends_before_launch": ("time", "s"),
    "small_payload_power": ("power", "W"),
    "small_payload_port": ("data rate", "bit/s"),
    "release_power": ("power", "W"),
    "separation_speed": ("speed", "m/s"),
    "peer_mass": ("mass", "kg"),
    "peer_power": ("power", "W"),
    "peer_rate": ("data rate", "bit/s"),
}


@dataclass(frozen=True, slots=True)
class Baseline:
    """A figure of the baseline; `per` is "kg" where it counts for each kilogram booked."""

    figure: Figure
    per: str = ""

    @property
    def value(self) -> float:
        """Return the figure in SI."""
        assert self.figure.value is not None
        return self.figure.value


@functools.cache
def baseline() -> Mapping[str, Baseline]:
    """Return the baseline's figures by name.

    >>> baseline()["power"].value, baseline()["power"].per
    (1.0, 'kg')
    """
    file = resources.files("perilune") / "data" / "commerce" / "interfaces.toml"
    return MappingProxyType(read_baseline("interfaces.toml", file.read_text(encoding="utf-8")))


def read_baseline(source: str, text: str) -> dict[str, Baseline]:
    """Read a file of figures; a fault in it is a `DataError` that names the place."""
    try:
        data: dict[str, Any] = tomllib.loads(text)
        sources: Mapping[str, str] = data["sources"]
        return {
            key: Baseline(
                read_figure(f"{source}: {key}", entry, *_FIGURES[key], sources), entry.get("per", "")
            )
            for key, entry in data["figures"].items()
        }
    except (tomllib.TOMLDecodeError, KeyError, AttributeError, TypeError) as cause:
        said = f"{cause} is missing" if isinstance(cause, KeyError) else cause
        raise DataError(f"{source}: is damaged: {said}. Install perilune again.") from cause


def included(mass_kg: float, phase: str = "surface") -> Need:
    """Return the power and data rate that come with a mass in a phase.

    >>> included(5.0)
    Need(power_w=5.0, peak_power_w=12.5, rate_bit_s=50000.0)
    """
    known = baseline()
    rate = known["rate_surface" if phase == "surface" else "rate_cruise"]
    return Need(known["power"].value * mass_kg, known["peak_power"].value * mass_kg, rate.value * mass_kg)

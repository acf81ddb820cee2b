"""What flies, as data: a vehicle with its figures, each of which may be unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from perilune.errors import InputError
from perilune.vehicles.figures import BODY_FIGURES, PROPULSION_FIGURES, Figure
from perilune.vehicles.propulsion import Propulsion


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle of the catalogue.

    `figures` holds, in SI, what is known of `BODY_FIGURES` and `PROPULSION_FIGURES`; the rest is unknown.
    `facts` are sentences that are no figures, each with its source.
    """

    name: str
    kind: str
    summary: str
    figures: Mapping[str, Figure]
    facts: tuple[tuple[str, str], ...]

    def value(self, figure: str) -> float | None:
        """Return a figure in SI, or None where no single value is known."""
        entry = self.figures.get(figure)
        return None if entry is None else entry.value

    def with_figures(self, figures: Mapping[str, tuple[float, str]], source: str) -> Vehicle:
        """Return the vehicle with figures (SI, as written) of one's own, marked as assumed."""
        units = BODY_FIGURES | PROPULSION_FIGURES
        own = {
            name: Figure(value, value, value, units[name][1], written, source, "assumed")
            for name, (value, written) in figures.items()
        }
        return replace(self, figures=MappingProxyType({**self.figures, **own}))

    def unknown(self) -> tuple[str, ...]:
        """Return the names of the figures that nobody has published or inferred."""
        return tuple(name for name in (*BODY_FIGURES, *PROPULSION_FIGURES) if name not in self.figures)

    def require(self, figure: str) -> float:
        """Return a figure in SI; where it is unknown, say so in a sentence."""
        value = self.value(figure)
        if value is None:
            raise InputError(
                f"{self.name}: {figure.replace('_', ' ')} is not known. "
                f'Give it in the mission file under [vehicle] as {figure} = "…".'
            )
        return value

    def propulsion(self) -> Propulsion:
        """Return the propulsion figures, all needed ones known."""
        return Propulsion(
            main_thrust_n=self.require("main_thrust"),
            main_isp_s=self.require("main_isp"),
            main_min_throttle=_or(self.value("main_min_throttle"), 1.0),
            assist_thrust_n=_or(self.value("assist_thrust"), 0.0),
            assist_isp_s=_or(self.value("assist_isp"), self.require("main_isp")),
            assist_min_throttle=_or(self.value("assist_min_throttle"), 0.0),
            attitude_rate_rad_s=self.require("attitude_rate"),
            attitude_lag_s=self.require("attitude_lag"),
            attitude_flow_kg_s=_or(self.value("attitude_flow"), 0.0),
            attitude_propellant_kg=_or(self.value("attitude_propellant"), 0.0),
            residual_kg=_or(self.value("residual_propellant"), 0.0),
        )


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value

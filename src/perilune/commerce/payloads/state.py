"""The catalogue of payloads as recorded: what each needs on board, phase by phase."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Final

#: The phases of a flight in which a payload needs something of its carrier, in order.
PHASES: Final = ("cruise", "lunar_orbit", "descent", "surface")
#: What becomes of a payload: it stays aboard, or is let go in lunar orbit or on the surface.
DEPLOYMENTS: Final = ("stays", "orbit", "surface")
#: Where it is carried to: into lunar orbit, to the surface, or on a rover that is itself a payload.
DESTINATIONS: Final = ("orbit", "surface", "rover")
#: Highest class of disturbance or dirt; 0 is none at all.
HIGHEST_CLASS: Final = 3


@dataclass(frozen=True, slots=True)
class Need:
    """What is needed in one phase: power on average and at its peak (W), data rate (bit/s)."""

    power_w: float = 0.0
    peak_power_w: float = 0.0
    rate_bit_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Cone:
    """A cone about a direction in the vehicle's axes (x, y across, z up), with its half angle (rad)."""

    direction: tuple[float, float, float]
    half_angle_rad: float


@dataclass(frozen=True, slots=True)
class Payload:
    """A payload in the catalogue.

    `fields_of_view` must be free of other things aboard; nobody may stand in `keep_outs` (a lamp, a beam, a
    way out). It disturbs others of a lower `emc_tolerance` than its `emc_emission`, and dirties
    those of a lower `dirt_tolerance` than its `shedding` (classes 0 to 3). `zones` are the thermal
    zones it may stand in and `slots` the deck slots it may take; none named means any. `carrier` is the
    payload that it rides on. It can be integrated from `ready_on`, and has to be launched by `late_on`.
    """

    id: str
    name: str
    party: str
    mass_kg: float
    kind: str = "instrument"
    volume_m3: float = 0.0
    envelope_m: tuple[float, float, float] | None = None
    needs: dict[str, Need] = field(default_factory=dict)
    slots: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    fields_of_view: tuple[Cone, ...] = ()
    keep_outs: tuple[Cone, ...] = ()
    deployment: str = "stays"
    release_after: tuple[str, ...] = ()
    destination: str = "surface"
    carrier: str = ""
    emc_emission: int = 0
    emc_tolerance: int = HIGHEST_CLASS
    shedding: int = 0
    dirt_tolerance: int = HIGHEST_CLASS
    apart_from: tuple[str, ...] = ()
    ready_on: datetime.date | None = None
    late_on: datetime.date | None = None
    confidence: str = "assumed"
    source: str = ""
    revision: int = 1
    withdrawn: bool = False

    def need(self, phase: str) -> Need:
        """Return what it needs in a phase; nothing where nothing is said."""
        return self.needs.get(phase, Need())


@dataclass(slots=True)
class Payloads:
    """Payloads by id."""

    by_id: dict[str, Payload] = field(default_factory=dict)

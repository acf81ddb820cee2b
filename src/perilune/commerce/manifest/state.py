"""Flights and what each has room for, as recorded."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from perilune.commerce.payloads.state import Cone

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Slot:
    """A place on deck: its centre and the box free about it (m, vehicle's axes), what it carries (kg)."""

    id: str
    zone: str
    face: str
    position_m: Vector
    box_m: Vector
    mass_kg: float


@dataclass(frozen=True, slots=True)
class Zone:
    """A thermal zone and the heat that it takes from payloads on average (W)."""

    id: str
    heat_w: float


@dataclass(frozen=True, slots=True)
class Keepout:
    """A direction into which no field of view may look: a plume, an antenna's beam, the Sun's side."""

    name: str
    cone: Cone


@dataclass(frozen=True, slots=True)
class Balance:
    """Where the common centre of mass may lie (m, vehicle's axes), and the vehicle's own without payloads."""

    mass_kg: float
    centre_m: Vector
    low_m: Vector
    high_m: Vector


@dataclass(frozen=True, slots=True)
class Deck:
    """How a vehicle takes payloads: slots, zones, what nothing may look into, its balance.

    `peak_power_w` is what the bus gives at most, by phase. Things of EMC classes that do not suit each other
    need `emc_distance_m` for each class between them. `reaches` says where the vehicle itself gets to.
    """

    slots: tuple[Slot, ...]
    zones: tuple[Zone, ...]
    keep_outs: tuple[Keepout, ...]
    balance: Balance
    peak_power_w: dict[str, float]
    emc_distance_m: float
    reaches: tuple[str, ...] = ("orbit", "surface")


@dataclass(frozen=True, slots=True)
class Flown:
    """What flying the mission again with its payloads gave: digests, masses and the end of the flight."""

    digest: str
    plan: str
    outcome: str
    payload_mass_g: int
    bookings: tuple[str, ...]
    propellant_left_kg: float | None
    vertical_speed_m_s: float | None
    figure: str


@dataclass(frozen=True, slots=True)
class Flight:
    """A mission's flight as far as payloads are concerned.

    `limits` is what it has of each dimension of an amount (`booking.amounts`). Payloads are needed by
    `needed_by` for integration; `refunds` says, by days left until then, which share of what was paid is
    given back (parts of ten thousand), in falling order of days.
    """

    mission: str
    vehicle: str
    limits: tuple[int, ...]
    deck: Deck
    launch_on: datetime.date
    needed_by: datetime.date
    refunds: tuple[tuple[int, int], ...] = ()
    flown: tuple[Flown, ...] = ()


@dataclass(frozen=True, slots=True)
class Assigned:
    """An assignment as found: worth of what flies, the bound proven for it, who was left over and why."""

    at: str
    missions: tuple[str, ...]
    payload_count: int
    placed_count: int
    worth: int
    bound: int
    left_over: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Flights:
    """Flights by mission, and assignments in their order."""

    by_mission: dict[str, Flight] = field(default_factory=dict)
    assigned: list[Assigned] = field(default_factory=list)

"""What people ask of flights and their manifests."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from perilune.commerce.booking.asked import BookingId
from perilune.commerce.fields import Asked, BasisPoints, Day, Digest, Id, Name, Text
from perilune.commerce.payloads.asked import MassKg


class Refund(Asked):
    """A step of the refund rule."""

    days: int = Field(ge=-10_000, le=10_000, description="At least so many days until payloads are needed.")
    share_bp: BasisPoints = Field(description="Share of what was paid, in parts of ten thousand.")


class Open(Asked):
    """A flight that payloads can be booked on."""

    mission: Id = Field(description="Stable id of the mission, as m2.")
    vehicle: Name = Field(description="What carries them: a vehicle with known capacities.")
    launch_on: Day = Field(description="Day of launch.")
    needed_by: Day | None = Field(
        default=None, description="Day by which payloads are needed for integration; 150 d before launch."
    )
    mass_kg: MassKg | None = Field(
        default=None, description="Mass for payloads, if less than the vehicle's, kg."
    )
    places: int | None = Field(
        default=None, ge=0, le=100_000, description="Places on deck, if not the slots'."
    )
    refunds: tuple[Refund, ...] | None = Field(default=None, max_length=20, description="The refund rule.")


class Revise(Asked):
    """What a flight has room for from now on; what is not given stays."""

    mission: Id = Field(description="Which mission.")
    mass_kg: MassKg | None = Field(default=None, description="Mass for payloads, kg.")
    places: int | None = Field(default=None, ge=0, le=100_000, description="Places on deck.")


class Flown(Asked):
    """What flying a mission again with its payloads gave."""

    mission: Id = Field(description="Which mission.")
    digest: Digest = Field(description="SHA-256 of the delivery.")
    plan: Digest = Field(description="Digest of the plan that was flown.")
    outcome: Name = Field(description="How the flight ended, as the delivery says.")
    payload_mass_kg: Annotated[float, Field(ge=0.0, le=100_000.0)] = Field(
        description="Mass of the payloads that were flown, kg."
    )
    bookings: tuple[BookingId, ...] = Field(default=(), max_length=10_000, description="What was aboard.")
    propellant_left_kg: Annotated[float, Field(ge=0.0, le=1e6)] | None = Field(
        default=None, description="Propellant left at touchdown, kg."
    )
    vertical_speed_m_s: Annotated[float, Field(ge=-1e5, le=1e5)] | None = Field(
        default=None, description="Vertical speed at touchdown, m/s."
    )
    figure: Text = Field(default="", description="What it came to, in a sentence.")


class Assign(Asked):
    """Many payloads to many missions, so that what flies is worth most."""

    payloads: Annotated[tuple[Id, ...], Field(max_length=2_000)] = Field(
        default=(), description="Which payloads; all that are not booked if none is named."
    )
    missions: Annotated[tuple[Id, ...], Field(max_length=100)] = Field(
        default=(), description="Which missions; all whose payloads are not needed yet if none is named."
    )
    worth: dict[Id, Annotated[int, Field(ge=0, le=10**15)]] = Field(
        default_factory=dict,
        description="What flying a payload is worth, a whole number; its grams if not said.",
    )
    wait: bool = Field(default=True, description="Let those left over wait, on the first flight that suits.")


class OfMission(Asked):
    """Which flight's manifest."""

    mission: Id = Field(description="Which mission.")


class Check(OfMission):
    """Which flight's manifest, and which findings."""

    state: Literal["", "holds", "breaks", "unknown"] = Field(default="", description="Only what is so.")


class Shown(Asked):
    """Which flights to show."""

    mission: Id | Literal[""] = Field(default="", description="This mission only.")


class OfVehicle(Asked):
    """Which vehicle's capacities."""

    vehicle: Name | Literal[""] = Field(default="", description="This vehicle only.")


class Nothing(Asked):
    """Nothing is asked."""

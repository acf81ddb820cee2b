"""What people ask of flights and their manifests."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from perilune.commerce.fields import Asked, BasisPoints, Day, Id, Name
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


class Shown(Asked):
    """Which flights to show."""

    mission: Id | Literal[""] = Field(default="", description="This mission only.")

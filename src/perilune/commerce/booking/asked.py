"""What people ask of bookings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from perilune.commerce.fields import Asked, Day, Id, Text
from perilune.commerce.money import Amount
from perilune.commerce.payloads.asked import MassKg, PowerW, RateBitS, VolumeM3

BookingId = Annotated[str, Field(pattern=r"^BK-[0-9]{6,19}$", description="Id of the booking, as BK-000001.")]
Places = Annotated[int, Field(ge=0, le=10_000)]


class Part(Asked):
    """A part of a flight; figures that are not given are the payload's."""

    mission: Id = Field(description="Which flight.")
    party: Id | Literal[""] = Field(default="", description="For whom; the payload's party if not given.")
    payload: Id | Literal[""] = Field(default="", description="Payload of the catalogue.")
    mass_kg: MassKg | None = Field(default=None, description="Mass, kg.")
    volume_m3: VolumeM3 | None = Field(default=None, description="Volume, m^3.")
    power_w: PowerW | None = Field(default=None, description="Average power in every phase, W.")
    rate_bit_s: RateBitS | None = Field(default=None, description="Data rate in every phase, bit/s.")
    places: Places | None = Field(default=None, description="Places on deck; 1 if not given.")
    slot: Id | Literal[""] = Field(default="", description="A slot on deck by its name.")


class Reserve(Part):
    """Hold a part of a flight until it is confirmed or cancelled."""

    deposit: Amount | None = Field(default=None, description="What has to be paid before it is confirmed.")


class Option(Part):
    """Hold a part of a flight until a day."""

    until: Day = Field(description="The last day on which it can be exercised.")
    deposit: Amount | None = Field(default=None, description="What has to be paid to exercise it.")


class Wait(Part):
    """Wait for a part of a flight that is full."""

    deposit: Amount | None = Field(default=None, description="What has to be paid before it is confirmed.")


class Confirm(Asked):
    """A booking made firm."""

    id: BookingId
    paid: Amount | None = Field(default=None, description="The deposit that was paid.")


class Cancel(Asked):
    """A booking given back."""

    id: BookingId


class Listed(Asked):
    """Which bookings to list."""

    id: BookingId | Literal[""] = Field(default="", description="This one only.")
    mission: Id | Literal[""] = Field(default="", description="Of this mission only.")
    party: Id | Literal[""] = Field(default="", description="Of this party only.")
    state: Literal["", "reserved", "option", "confirmed", "waiting", "cancelled", "expired"] = Field(
        default="", description="In this state only."
    )


class Rebook(Asked):
    """A booking moved to another mission."""

    id: BookingId
    mission: Id = Field(description="To which flight.")
    slot: Id | Literal[""] = Field(default="", description="A slot on deck there.")
    consent: Text = Field(default="", description="How the party consented, if it does not ask itself.")


class Resize(Asked):
    """What a booking is to hold from now on; what is not given stays."""

    id: BookingId
    mass_kg: MassKg | None = Field(default=None, description="Mass, kg.")
    volume_m3: VolumeM3 | None = Field(default=None, description="Volume, m^3.")
    power_w: PowerW | None = Field(default=None, description="Average power in every phase, W.")
    rate_bit_s: RateBitS | None = Field(default=None, description="Data rate in every phase, bit/s.")
    places: Places | None = Field(default=None, description="Places on deck.")


class Move(Asked):
    """Another slot for a booking."""

    id: BookingId
    slot: Id | Literal[""] = Field(description="The slot; an empty text gives it up.")


class Slip(Asked):
    """A flight that flies on another day."""

    mission: Id = Field(description="Which flight.")
    launch_on: Day | None = Field(
        default=None, description="The new day of launch; the first that its newest plan allows if not given."
    )
    needed_by: Day | None = Field(
        default=None, description="The new day by which payloads are needed; moves with the launch."
    )


class Expire(Asked):
    """Options that have lapsed, given back now."""

    mission: Id = Field(description="Of which flight.")


class Shown(Asked):
    """Which flight's room to show."""

    mission: Id = Field(description="Which flight.")


class Slips(Asked):
    """Which flights' plans to compare with what is booked."""

    mission: Id | Literal[""] = Field(default="", description="This mission only.")

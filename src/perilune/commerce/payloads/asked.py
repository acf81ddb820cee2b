"""What people say of a payload: every text and number bounded."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from perilune.commerce.fields import Asked, Day, Id, Name, Text

Phase = Literal["cruise", "lunar_orbit", "descent", "surface"]
Deployment = Literal["stays", "orbit", "surface"]
Destination = Literal["orbit", "surface", "rover"]
Kind = Literal["instrument", "demonstration", "rover", "satellite", "plate", "art", "retroreflector", "other"]
Confidence = Literal["published", "inferred", "assumed"]
MassKg = Annotated[float, Field(gt=0.0, le=100_000.0)]
VolumeM3 = Annotated[float, Field(ge=0.0, le=1_000.0)]
LengthM = Annotated[float, Field(gt=0.0, le=100.0)]
PowerW = Annotated[float, Field(ge=0.0, le=1_000_000.0)]
RateBitS = Annotated[float, Field(ge=0.0, le=1e12)]
Class = Annotated[int, Field(ge=0, le=3, strict=True)]
Ids = Annotated[tuple[Id, ...], Field(max_length=100)]


def _directed(direction: tuple[float, float, float]) -> tuple[float, float, float]:
    length = math.sqrt(sum(part * part for part in direction))
    if not 1e-6 < length < 1e6:
        raise ValueError("is no direction; give three numbers that are not all zero, as [0, 0, 1] for up")
    x, y, z = (part / length for part in direction)
    return (x, y, z)


Direction = Annotated[tuple[float, float, float], AfterValidator(_directed)]


class NeedAsked(Asked):
    """What is needed in one phase."""

    power_w: PowerW = Field(default=0.0, description="Power on average, W.")
    peak_power_w: PowerW = Field(default=0.0, description="Power at its peak, W.")
    rate_bit_s: RateBitS = Field(default=0.0, description="Data rate, bit/s.")


class ConeAsked(Asked):
    """A cone in the vehicle's axes."""

    direction: Direction = Field(description="Its axis: x, y across, z up.")
    half_angle_rad: Annotated[float, Field(gt=0.0, lt=math.pi)] = Field(description="Half angle, rad.")


Cones = Annotated[tuple[ConeAsked, ...], Field(max_length=20)]


class Said(Asked):
    """What an order may say of a payload besides id, name, party and mass."""

    kind: Kind = Field(default="instrument", description="What sort of thing it is.")
    volume_m3: VolumeM3 = Field(default=0.0, description="Volume of its envelope, m^3.")
    envelope_m: tuple[LengthM, LengthM, LengthM] | None = Field(
        default=None, description="Sides of its envelope across, across and up, m."
    )
    power_w: PowerW = Field(default=0.0, description="Average power in every phase, W.")
    peak_power_w: PowerW = Field(default=0.0, description="Peak power in every phase, W.")
    rate_bit_s: RateBitS = Field(default=0.0, description="Data rate in every phase, bit/s.")
    needs: dict[Phase, NeedAsked] = Field(
        default_factory=dict, description="Power and data rate by phase, where phases differ."
    )
    slots: Ids = Field(default=(), description="Deck slots it may take; none named: any.")
    zones: Ids = Field(default=(), description="Thermal zones it may stand in; none named: any.")
    fields_of_view: Cones = Field(default=(), description="What it must see freely.")
    keep_outs: Cones = Field(default=(), description="Where nobody else may stand.")
    deployment: Deployment = Field(default="stays", description="Whether and where it is released.")
    release_after: Ids = Field(default=(), description="Payloads that must be released before it.")
    destination: Destination = Field(default="surface", description="Where it is carried to.")
    carrier: Id | Literal[""] = Field(default="", description="The payload that it rides on.")
    emc_emission: Class = Field(default=0, description="How much it disturbs radio-electrically, 0 to 3.")
    emc_tolerance: Class = Field(default=3, description="How much disturbance it bears, 0 to 3.")
    shedding: Class = Field(default=0, description="How much it outgasses or sheds, 0 to 3.")
    dirt_tolerance: Class = Field(default=3, description="How much of that it bears, 0 to 3.")
    apart_from: Ids = Field(default=(), description="Payloads that may not fly with it.")
    ready_on: Day | None = Field(default=None, description="Day on which it is ready for integration.")
    late_on: Day | None = Field(default=None, description="Latest day of launch that is of use.")
    confidence: Confidence = Field(default="assumed", description="How far the figures can be trusted.")
    source: Text = Field(default="", description="Where the figures come from.")


class Add(Said):
    """A payload for the catalogue."""

    id: Id = Field(description="Stable id of the payload.")
    name: Name = Field(description="What it is.")
    party: Id = Field(description="Whose it is.")
    mass_kg: MassKg = Field(description="Mass with everything that stays aboard, kg.")


class Revise(Said):
    """What changes of a payload; what is not said stays."""

    id: Id = Field(description="Which payload.")
    name: Name | None = Field(default=None, description="What it is.")
    mass_kg: MassKg | None = Field(default=None, description="Mass, kg.")


class Withdraw(Asked):
    """A payload that is no longer offered."""

    id: Id = Field(description="Which payload.")


class Listed(Asked):
    """Which payloads to list."""

    id: Id | Literal[""] = Field(default="", description="This one only.")
    party: Id | Literal[""] = Field(default="", description="Of this party only.")
    withdrawn: bool = Field(default=False, description="Those withdrawn too.")

"""What is asked about prices."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from perilune.commerce.fields import Asked, BasisPoints, Day, Id, Name, Text
from perilune.commerce.money import Amount

Confidence = Literal["published", "inferred", "assumed"]
Item = Literal["kg.surface", "kg.orbit", "kg.rover", "power", "data", "volume", "hosted"]
Whole = Annotated[int, Field(gt=0, le=10**12)]


class RateAsked(Asked):
    """A price for so many whole units (grams, milliwatts, bit/s, millilitres, seconds)."""

    item: Item
    price: Amount
    per: Whole
    source: Name
    confidence: Confidence
    note: Text = ""


class TariffAsked(Asked):
    """New list prices; with `standard` the published ones."""

    standard: bool = Field(False, description="Take the standard tariff; nothing else is needed.")
    id: Id | None = Field(None, description="Stable id of the tariff.")
    since: Day | None = Field(None, description="The day from which it holds.")
    rates: tuple[RateAsked, ...] = Field((), max_length=50, description="The prices.")
    included_mw_per_kg: int = Field(0, ge=0, le=10**9, description="Milliwatts included for each kilogram.")
    included_bit_s_per_kg: int = Field(0, ge=0, le=10**12, description="Bit/s included for each kilogram.")
    included_ml_per_kg: int = Field(0, ge=0, le=10**9, description="Millilitres included for each kilogram.")
    priority_bp: BasisPoints = Field(0, description="A kept place, in ten-thousandths of the carriage.")
    source: Name | None = Field(None, description="Who says so.")


class Make(Asked):
    """A quote for a payload on a mission."""

    payload: Id = Field(description="The payload.")
    mission: Id = Field(description="Stable id of the mission.")
    valid_until: Day = Field(description="The last day on which it can be accepted.")
    hosted_s: float = Field(0.0, ge=0.0, le=3.2e7, description="Hosted operation on the surface.")
    priority: bool = Field(False, description="A kept place.")
    discount_bp: BasisPoints = Field(0, description="Discount in ten-thousandths.")
    terms: Text = Field("", description="Further terms, in words.")


class Revise(Asked):
    """A quote made anew; what is not said stays."""

    id: Id = Field(description="The quote.")
    mission: Id | None = Field(None, description="Another mission.")
    valid_until: Day | None = Field(None, description="The last day on which it can be accepted.")
    hosted_s: float | None = Field(None, ge=0.0, le=3.2e7, description="Hosted operation on the surface.")
    priority: bool | None = Field(None, description="A kept place.")
    discount_bp: BasisPoints | None = Field(None, description="Discount in ten-thousandths.")
    terms: Text | None = Field(None, description="Further terms, in words.")


class Named(Asked):
    """A quote."""

    id: Id = Field(description="The quote.")


class Accept(Asked):
    """A quote in the version its customer read."""

    id: Id = Field(description="The quote.")
    version: int = Field(ge=1, le=10**6, description="The version that is accepted.")


class Why(Asked):
    """A quote and a reason."""

    id: Id = Field(description="The quote.")
    why: Name = Field(description="The reason.")


class Listed(Asked):
    """Which quotes."""

    party: Id | None = Field(None, description="Only this customer's.")
    mission: Id | None = Field(None, description="Only this mission's.")
    versions: bool = Field(False, description="With the versions before.")


class CostAsked(Asked):
    """Something a mission costs."""

    id: Id = Field(description="Stable id of the cost.")
    mission: Id = Field(description="Stable id of the mission.")
    item: Name = Field(description="What it is.")
    amount: Amount = Field(description="How much.")
    per_kg: bool = Field(False, description="For each kilogram of payload, not once.")
    source: Name = Field(description="Who says so.")
    confidence: Confidence = Field(description="How sure it is.")


class OfMission(Asked):
    """A mission."""

    mission: Id = Field(description="Stable id of the mission.")


class Nothing(Asked):
    """Nothing more."""
